"""Is the list of servers read as RFC 9224 has it, and is a damaged one not used at all?"""

import json
from pathlib import Path

import pytest

from adapters.lookups.rdap import Rdap, RdapSettings
from adapters.lookups.rdap.bootstrap import BootstrapError, Directory, NoServerError, Server
from registrar.names import DomainName

COM = DomainName("example.com", "com")


def a_list(tmp_path: Path, content: object) -> Path:
    """Write a list down."""
    file = tmp_path / "dns.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return file


def services(*entries: object) -> dict[str, object]:
    """Return a list of these services."""
    return {"version": "1.0", "publication": "2026-11-01T00:00:00Z", "services": list(entries)}


def test_https_is_preferred_and_a_slash_is_put_where_it_is_missing(tmp_path: Path) -> None:
    """Of a zone's servers the first that speaks HTTPS is asked; the others by HTTPS may be redirected to."""
    urls = ["http://rdap.example/", "https://rdap.example/v1", "https://two.example:8443/"]
    directory = Directory.read(a_list(tmp_path, services([["COM", "net"], urls])), {})
    expected = Server(
        "https://rdap.example/v1/", ("rdap.example:443", "two.example:8443"), authoritative=True
    )
    assert directory.server_for(COM) == expected
    assert directory.server_for(DomainName("example.net", "net")) == expected


def test_nothing_is_known_without_a_list() -> None:
    """Without a list and without an override nobody is asked for any name."""
    with pytest.raises(NoServerError, match="no RDAP server for com"):
        Directory.read(None, {}).server_for(COM)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[" * 100_000,
        [],
        {"version": "1.0"},
        {"version": "2.0", "services": [[["com"], ["https://rdap.example/"]]]},
        services(),
        services(["com"]),
        services([["com"], []]),
        services([["com"], "https://rdap.example/"]),
        services([["com"], [None]]),
        services([[["com"]], ["https://rdap.example/"]]),
        services([["com"], ["https://rdap.example/?name="]]),
        services([["com"], ["https:///rdap/"]]),
        services([["com"], ["https://rdap.example:port/"]]),
        services([["com"], ["https://someone@rdap.example/"]]),
        services([["net"], ["https://rdap.example/"]], [["com"], ["https://rdap .example/"]]),
    ],
)
def test_a_damaged_list_is_not_used(tmp_path: Path, content: object) -> None:
    """A list that is damaged anywhere is refused as a whole: what is missing from it would pass for a zone without a server."""
    with pytest.raises(BootstrapError):
        Directory.read(a_list(tmp_path, content), {})


def test_an_overrides_zone_is_written_in_any_script() -> None:
    """Staff may name a zone as they read it."""
    settings = RdapSettings.model_validate({"overrides": {"ایران": {"url": "https://rdap.example/ir"}}})
    server = Directory.read(None, settings.overrides).server_for(
        DomainName("xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgba3a4f16a")
    )
    assert server == Server("https://rdap.example/ir/", ("rdap.example:443",), authoritative=False)


@pytest.mark.parametrize(
    "url", ["", "rdap.example", "ftp://rdap.example/", "http://127.0.0.1/", "https://a/#b"]
)
def test_an_override_must_be_a_servers_address(url: str) -> None:
    """An override that is no address of a server is refused before anybody is asked."""
    settings = RdapSettings.model_validate({"overrides": {"com": {"url": url}}})
    with pytest.raises(BootstrapError):
        Directory.read(None, settings.overrides)


@pytest.mark.parametrize(
    "section",
    [
        {"overrides": {"com": {"host": "x"}}},
        {"overrides": {"a b": {}}},
        {"budget": {"in_flight": 0}},
        {"servers": []},
    ],
)
def test_a_setting_that_nobody_reads_is_refused(section: dict[str, object]) -> None:
    """A mistyped setting is told at once, and not found out at night."""
    with pytest.raises(ValueError, match="validation error"):
        RdapSettings.model_validate(section)


@pytest.mark.parametrize("host", ["", "https://rdap.example/", "rdap.example/v1", "rdap.example:port", "a b"])
@pytest.mark.parametrize("section", ["redirect_hosts", "budgets"])
def test_a_host_is_written_as_a_host(section: str, host: str) -> None:
    """A host written as an address would never be met: it is refused at once."""
    setting = [host] if section == "redirect_hosts" else {host: {"in_flight": 1}}
    with pytest.raises(BootstrapError):
        Rdap(RdapSettings.model_validate({section: setting}))
