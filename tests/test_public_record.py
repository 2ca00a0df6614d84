"""Is each zone's names' public record asked where the settings say, and no more at once than a server allows?"""

import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import ConfigurationError, LookupSettings
from registrar.sync.vocabulary import Source
from tasks.lookups import Lookups

OVERRIDE = {"url": "https://rdap.example.net/", "authoritative": True}
LISTED = {"version": "1.0", "services": [[["com"], ["https://rdap.registry.example/com/v1/"]]]}


def lookups(rdap: dict[str, Any] | None = None, whois: dict[str, Any] | None = None) -> Lookups:
    return Lookups(LookupSettings(rdap=rdap or {}, whois=whois or {}))


def test_rdap_comes_before_whois(tmp_path: Path) -> None:
    """A zone that IANA's list or staff name a server for is asked there by RDAP, and all others by WHOIS (D4)."""
    listed = tmp_path / "dns.json"
    listed.write_text(json.dumps(LISTED))
    found = lookups({"bootstrap_file": str(listed), "overrides": {"org": OVERRIDE}})
    assert {zone: found.public_source(zone) for zone in ("com", "org", "ir", "co.ir", "example")} == {
        "com": Source.RDAP,
        "org": Source.RDAP,
        "ir": Source.WHOIS,
        "co.ir": Source.WHOIS,
        "example": Source.WHOIS,
    }


def test_without_a_server_nobody_is_asked() -> None:
    """Where neither RDAP nor WHOIS has a server, a name has no public record here."""
    found = lookups({"overrides": {"example": {}}}, {"directory": None})
    assert found.public_source("example") is None


def test_a_server_is_asked_for_so_many_at_once_as_its_budget_says() -> None:
    """Each server's own budget counts, else the one for all others."""
    found = lookups(
        {
            "overrides": {"com": OVERRIDE, "net": {"url": "https://other.example.net/"}},
            "budget": {"in_flight": 8},
            "budgets": {"rdap.example.net": {"in_flight": 30}},
        },
        {"budgets": {"whois.nic.ir": {"in_flight": 2}}, "budget": {"in_flight": 600}},
    )
    assert [found.in_flight(Source.RDAP, zone) for zone in ("com", "net")] == [30, 8]
    assert [found.in_flight(Source.WHOIS, zone) for zone in ("ir", "co.ir", "de", "example")] == [
        2,
        2,
        512,
        512,
    ]


@pytest.mark.parametrize(
    ("rdap", "whois", "said"),
    [
        ({"bootstrap_file": "/nowhere/dns.json"}, {}, "lookups.rdap: "),
        ({"overrides": {"com": {"url": "http://rdap.example.net/"}}}, {}, "must be asked by https"),
        ({"budget": {"in_flight": 0}}, {}, "lookups.rdap.budget"),
        ({}, {"ports": 43}, "lookups.whois.ports"),
    ],
)
def test_what_cannot_be_used_is_named(rdap: dict[str, Any], whois: dict[str, Any], said: str) -> None:
    """A section that cannot be used says which key it is, and nobody is asked by the rest of it."""
    with pytest.raises(ConfigurationError) as told:
        lookups(rdap, whois).insist_usable()
    assert said in str(told.value)
