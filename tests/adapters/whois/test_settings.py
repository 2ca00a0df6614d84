"""Are the settings of look-ups by WHOIS checked before anybody is asked?"""

import asyncio
from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from adapters.lookups.whois.settings import WhoisSettings
from adapters.lookups.whois.transport import NoAnswerError, insist_public, resolve


@pytest.mark.parametrize(
    ("zone", "server"),
    [
        ("ir", "whois.nic.ir"),
        ("co.ir", "whois.nic.ir"),
        ("xn--mgba3a4f16a", "whois.nic.ir"),
        ("com", "whois.verisign-grs.com"),
        ("net", "whois.verisign-grs.com"),
        ("co.uk", "whois.nic.uk"),
        ("test", None),
    ],
)
def test_each_zone_has_its_registrys_server(zone: str, server: str | None) -> None:
    """With nothing set, the zones that are sold most are asked for where their registries answer."""
    assert WhoisSettings().server_of(zone) == server


def test_staff_may_name_another_server() -> None:
    """A server that staff name for a zone goes before the one that is known, and for its part of the zone only."""
    settings = WhoisSettings.model_validate(
        {"servers": {"co.ir": "Whois.Example.Test.", "ایران": "whois.b.test"}}
    )
    assert settings.server_of("co.ir") == "whois.example.test"
    assert settings.server_of("ir") == "whois.nic.ir"
    assert settings.server_of("xn--mgba3a4f16a") == "whois.b.test"


@pytest.mark.parametrize(
    "section",
    [
        {"servers": {"ir": "127.0.0.1"}},
        {"servers": {"i r": "whois.nic.ir"}},
        {"addresses": {"whois.nic.ir": "127.0.0.1"}},
        {"addresses": {"whois.nic.ir": ":43"}},
        {"addresses": {"whois.nic.ir": "127.0.0.1:0"}},
        {"addresses": {"whois.nic.ir": "127.0.0.1:99999"}},
        {"directory": "localhost"},
        {"port": 0},
        {"call_timeout_seconds": 0},
        {"call_timeout_seconds": "inf"},
        {"parser_processes": 0},
        {"budget": {"in_flight": 0}},
        {"unheard": 1},
    ],
    ids=str,
)
def test_a_section_that_cannot_be_meant_is_refused(section: Mapping[str, object]) -> None:
    """A fault in the configuration is told before the first name is asked for."""
    with pytest.raises(ValidationError):
        WhoisSettings.model_validate(section)


@pytest.mark.parametrize("addresses", [["8.8.8.8"], ["2001:4860:4860::8888", "1.1.1.1"]])
def test_public_addresses_may_be_asked(addresses: list[str]) -> None:
    """A stranger's server in public is asked like any other."""
    insist_public(addresses)


def test_one_private_address_is_enough_to_ask_none() -> None:
    """A name that leads both outside and beside us is not followed at all."""
    with pytest.raises(NoAnswerError):
        insist_public(["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_address_is_its_own(address: str) -> None:
    """A server that is set by its address is not looked for anywhere."""
    assert asyncio.run(_found(address)) == [address]


async def _found(host: str) -> list[str]:
    return list(await resolve(host))
