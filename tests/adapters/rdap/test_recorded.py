"""Answers that real registries gave, recorded by others, are read right. Without the recordings this says so in skips."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.lookups.rdap import Override, RdapSettings, read_answer
from adapters.lookups.rdap.bootstrap import Directory, NoServerError
from registrar.gateway import Standing
from registrar.names import DomainName

REFERENCE = Path(os.environ.get("REGISTRAR_REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "data"))
LOCKED = {"clientUpdateProhibited", "clientTransferProhibited", "clientDeleteProhibited"}
LOCKED_ABOVE = {"serverUpdateProhibited", "serverTransferProhibited", "serverDeleteProhibited"}


def recording(path: str) -> Path:
    """Return where a recording lies, or skip."""
    file = REFERENCE / path
    if not file.is_file():
        pytest.skip(f"the recorded answers are not here ({file}); set REGISTRAR_REFERENCE_DATA")
    return file


@pytest.mark.parametrize(
    ("name", "dates", "sponsor", "statuses", "nameservers"),
    [
        ("abc.xyz", ("2025-03-20 07:00:00", "2014-03-20 12:59:17"), "MarkMonitor Inc.", LOCKED, 4),
        ("amazon.cyou", ("2021-05-14 00:00:00", "2020-05-14 00:00:00"), "NOM-IQ Ltd dba Com Laude",
         LOCKED - {"clientTransferProhibited"}, 3),
        ("amazon.ooo", ("2021-10-23 00:00:00", "2014-10-23 00:00:00"), "NOM-IQ Ltd dba Com Laude", LOCKED, 3),
        ("bitcoin.org", ("2029-08-18 13:19:55", "2008-08-18 13:19:55"), "NAMECHEAP INC",
         {"clientTransferProhibited"}, 2),
        ("bitcoin.top", ("2021-11-17 16:00:29", "2014-11-17 16:00:29"), "成都西维数码科技有限公司", {"ok"}, 2),
        ("deep.surf", ("2021-07-01 14:05:58", "2020-07-01 14:05:58"), "NAMECHEAP INC",
         {"clientTransferProhibited"}, 4),
        ("google.com", ("2028-09-13 07:00:00", "1997-09-15 07:00:00"), "MarkMonitor Inc.", LOCKED | LOCKED_ABOVE, 4),
        ("google.pw", ("2022-02-10 08:00:00", "2012-10-12 10:19:46"), "MarkMonitor Inc.", LOCKED, 0),
        ("you.tube", ("2022-04-16 23:59:59", "2016-04-17 11:31:13"), "MarkMonitor, Inc.", LOCKED, 4),
    ],
)  # fmt: skip
def test_a_recorded_answer_is_read_right(
    name: str, dates: tuple[str, str], sponsor: str, statuses: set[str], nameservers: int
) -> None:
    """What a registry told of a real name is what we read of it."""
    body = recording(f"rdap/whodap/{name}.json").read_bytes()
    seen = read_answer(200, body, domain=a_name(name), server="rdap.example", seen_at=datetime.now(UTC))
    assert (seen.standing, seen.reason) == (Standing.REGISTERED, "")
    assert seen.expiry is not None
    assert (f"{seen.expiry.at:%Y-%m-%d %H:%M:%S}", f"{seen.created_at:%Y-%m-%d %H:%M:%S}") == dates
    assert seen.renew_by is None, "the end of a registrar's contract was taken for the name's"
    assert seen.sponsor == sponsor
    assert seen.statuses == statuses
    assert len(seen.nameservers) == nameservers
    assert all(host == host.lower().rstrip(".") for host in seen.nameservers)


@pytest.mark.parametrize("file", ["bad_response_01.json", "bad_response_02.json"])
def test_a_broken_answer_tells_what_is_whole_in_it(file: str) -> None:
    """Broken contacts and a misspelt list hide neither that the name is registered nor until when."""
    body = recording(f"rdap/whodap/{file}").read_bytes()
    name = a_name("something-not-real.com")
    seen = read_answer(200, body, domain=name, server="rdap.example", seen_at=datetime.now(UTC))
    assert (seen.standing, seen.sponsor, seen.nameservers) == (Standing.REGISTERED, None, ())
    assert seen.expiry is not None
    assert seen.expiry.at == datetime(2024, 7, 5, tzinfo=UTC)
    assert seen.expiry.text == "2024-07-05T00:00:00"


def test_a_recorded_answer_is_not_taken_for_another_names() -> None:
    """The answer about one name says nothing of another."""
    body = recording("rdap/whodap/google.com.json").read_bytes()
    seen = read_answer(
        200, body, domain=a_name("google.org"), server="rdap.example", seen_at=datetime.now(UTC)
    )
    assert seen.standing is Standing.UNKNOWN


def test_the_published_list_is_read() -> None:
    """IANA's list names the registries' servers, and none for .ir: nobody is asked for those names."""
    directory = Directory.read(recording("rdap_bootstrap/dns-2024-07-25.json"), {})
    verisign = directory.server_for(a_name("example.com"))
    assert (verisign.base, verisign.authoritative) == ("https://rdap.verisign.com/com/v1/", True)
    assert directory.server_for(a_name("example.samsung")).origins == ("nic.samsung:8443",)
    with pytest.raises(NoServerError, match="no RDAP server for ir"):
        directory.server_for(a_name("example.ir"))
    with pytest.raises(NoServerError, match="no HTTPS"):
        directory.server_for(a_name("example.kg"))


def test_an_override_stands_before_the_published_list() -> None:
    """Where staff name a server, or none, IANA's list is not asked."""
    settings = RdapSettings.model_validate(
        {"overrides": {"com": {"url": "https://rdap.example/com"}, "org": {"url": None}}}
    )
    assert settings.overrides["com"] == Override(url="https://rdap.example/com")
    directory = Directory.read(recording("rdap_bootstrap/dns-2024-07-25.json"), settings.overrides)
    ours = directory.server_for(a_name("example.com"))
    assert (ours.base, ours.authoritative) == ("https://rdap.example/com/", False)
    with pytest.raises(NoServerError, match="switched off"):
        directory.server_for(a_name("example.org"))


def a_name(text: str) -> DomainName:
    """Return a name in a zone of one label."""
    return DomainName(text, text.rpartition(".")[2])
