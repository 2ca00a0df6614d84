"""Does a WHOIS text say no more than it says? Registered by a record of this very name, free by the registry's own words."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.lookups.whois.parsing import Parser
from adapters.lookups.whois.reading import read_text
from adapters.lookups.whois.settings import SERVERS
from registrar.commands import ContactRole, Expiry
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from tests.adapters.whois.texts import (
    COM,
    COM_FREE,
    COM_RECORD,
    COM_TERMS,
    IR,
    IR_DATELESS,
    IR_FREE,
    IR_HEAD,
    IR_PERSIAN,
    IR_RECORD,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
IR_NAME = DomainName("example.ir", "ir")
IRNIC = "whois.nic.ir"
COM_NAME = DomainName("example.com", "com")
VERISIGN = "whois.verisign-grs.com"


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    """Children that the whole module shares."""
    with Parser() as running:
        yield running


def read_ir(text: bytes | str, name: DomainName = IR_NAME) -> Sighting:
    """Read a text of whois.nic.ir; no child process is ever needed for one."""
    raw = text.encode() if isinstance(text, str) else text
    return read_text(raw, domain=name, server=IRNIC, seen_at=NOW)


def test_a_record_of_irnic_is_read_whole() -> None:
    """A registered .ir name shows its last second in Tehran, its name servers and its handles, and nobody's person."""
    sighting = read_ir(IR)
    assert sighting == Sighting(
        IR_NAME,
        NOW,
        "whois:whois.nic.ir",
        Standing.REGISTERED,
        expiry=Expiry(datetime(2027, 3, 20, 20, 29, 59, tzinfo=UTC), "2027-03-20"),
        nameservers=("ns1.example.ir", "ns2.example.net"),
        contacts={
            ContactRole.REGISTRANT: "in123-irnic",
            ContactRole.ADMIN: "in124-irnic",
            ContactRole.TECH: "in125-irnic",
            ContactRole.BILLING: "in126-irnic",
        },
    )


def test_a_record_without_a_date_is_registered_all_the_same() -> None:
    """A name whose end the registry does not tell is taken, and its end is not known."""
    sighting = read_ir(IR_DATELESS)
    assert (sighting.standing, sighting.expiry, sighting.reason) == (Standing.REGISTERED, None, "")
    assert sighting.nameservers == ("ns1.example.net",)


def test_a_persian_name_is_known_in_either_script() -> None:
    """A name under .ایران is the same name, written in Persian or as an A-label."""
    name = DomainName("xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgba3a4f16a")
    assert read_ir(IR_PERSIAN, name).standing is Standing.REGISTERED
    assert read_ir(IR_FREE.replace(b"example.ir", "مثال.ایران".encode()), name).standing is Standing.FREE


def test_only_irnics_own_words_say_that_a_name_is_free() -> None:
    """A name is free when the registry says that it has no entry, and says nothing else."""
    sighting = read_ir(IR_FREE)
    assert (sighting.standing, sighting.reason) == (Standing.FREE, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the answer is empty"),
        ("\r\n \r\n", "the answer is empty"),
        (IR_HEAD, "no record"),
        ("%ERROR:201: access denied for 192.0.2.7\n", "limit"),
        (f"{IR_HEAD}%ERROR:201: access denied\n%ERROR:101: no entries found\n", "limit"),
        (f"{IR_HEAD}%ERROR:302: no answer from the database\n", "no answer from the database"),
        (f"{IR_HEAD}%ERROR:102: no entries found\n", "ERROR:102"),
        ("% No entries found in the selected source(s).\n", "no record"),
        ('No match for "example.ir".\n', "no record"),
        ("<html><body>502 Bad Gateway</body></html>\n", "no record"),
        ("%ERROR:101: no entries found\nWelcome to the other server\n", "ERROR:101"),
        ("%ERROR:101: no entries", "no record"),
        ("%ERROR:101: no entries found", "no record"),
        ("%ERROR:201: access denied for 192.0.2.7", "limit"),
        (f"{IR_HEAD}%ERROR:201: access denied for 192.0.2.7", "limit"),
        ("ERROR: rate limit exceeded", "limit"),
        (f"{IR_RECORD}%ERROR:101: no entries found\n", "ERROR:101"),
        (IR_FREE.decode().replace("example.ir", "another.ir"), "another name"),
        (IR.decode().replace("domain:\t\texample.ir", "domain:\t\tanother.ir"), "another name"),
        (IR_RECORD.replace("to 'example.ir'", "to 'another.ir'"), "another name"),
        ("refer: whois.elsewhere.test\n", "no record"),
        ("Query rate limit exceeded, try again later\n", "limit"),
        (b"\xff\xfe\x00\x9f" * 500, "no record"),
    ],
)
def test_any_other_answer_of_irnic_is_unknown(text: bytes | str, reason: str) -> None:
    """Silence, a limit, a fault or a stranger's page never make anybody's name free."""
    sighting = read_ir(text)
    assert sighting.standing is Standing.UNKNOWN
    assert reason in sighting.reason
    assert sighting.expiry is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1405-12-29", "can be no expiry"),
        ("0000-00-00", "can be no expiry"),
        ("2027-02-30", "can be no expiry"),
        ("2027-03-20\nexpire-date:\t2028-03-19", "several expiry dates that differ"),
    ],
)
def test_an_absurd_date_is_no_date(written: str, reason: str) -> None:
    """A date that cannot be true leaves the name registered, with no end known, and the reason kept."""
    sighting = read_ir(IR_RECORD.replace("2027-03-20", written))
    assert (sighting.standing, sighting.expiry) == (Standing.REGISTERED, None)
    assert reason in sighting.reason
    assert sighting.unread_expiry is not None
    assert written[:10] in sighting.unread_expiry


@pytest.mark.parametrize(
    "names",
    [
        "Domain Name: example.ir",
        "  domain: example.ir",
        "domain : example.ir",
        "[domain] example.ir",
        "* ascii: x",
    ],
)
def test_a_record_in_another_form_breaks_nothing(names: str) -> None:
    """However a text names the name, it is read or it is unknown: a batch never ends because of what a server writes."""
    sighting = read_ir(f"{names}\nexpire-date: 2027-03-20\n")
    if sighting.standing is Standing.REGISTERED:
        assert sighting.expiry == Expiry(datetime(2027, 3, 20, 20, 29, 59, tzinfo=UTC), "2027-03-20")
    else:
        assert (sighting.standing, sighting.reason) == (Standing.UNKNOWN, "the answer is about another name")


def test_an_empty_date_is_no_date_and_not_the_next_line() -> None:
    """A key with nothing behind it says nothing: the pair below it is another one."""
    sighting = read_ir(IR_RECORD.replace("expire-date:\t2027-03-20", "expire-date:\t"))
    assert (sighting.standing, sighting.expiry) == (Standing.REGISTERED, None)
    assert (sighting.unread_expiry, sighting.reason) == (None, "")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(ending: str) -> None:
    """The same text means the same, whatever its lines end with."""
    assert read_ir(IR.decode().replace("\n", ending)) == read_ir(IR)


def test_a_text_cut_short_never_says_something_else() -> None:
    """Wherever a connection ends, the name is not called free, and no other day is read."""
    whole = read_ir(IR)
    for length in range(len(IR)):
        part = read_ir(IR[:length])
        assert part.standing is not Standing.FREE
        assert part.expiry in {None, whole.expiry}


@given(text=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_break_the_reading_of_irnic(text: bytes) -> None:
    """Whatever comes, there is an answer to the question, and it is never that the name is free."""
    assert read_ir(text).standing is not Standing.FREE


def test_a_thin_record_is_read_whole(parser: Parser) -> None:
    """A .com name shows the registry's own end of its term, its registrar, its states in EPP's words and its name servers."""
    sighting = read_text(COM, domain=COM_NAME, server=VERISIGN, seen_at=NOW, parser=parser)
    assert sighting == Sighting(
        COM_NAME,
        NOW,
        "whois:whois.verisign-grs.com",
        Standing.REGISTERED,
        sponsor="Invented Registrar, Inc.",
        created_at=datetime(1995, 8, 14, 4, tzinfo=UTC),
        expiry=Expiry(datetime(2027, 8, 13, 4, tzinfo=UTC), "2027-08-13T04:00:00Z"),
        statuses=frozenset({"clientTransferProhibited", "clientDeleteProhibited"}),
        nameservers=("ns1.example.net", "ns2.example.net"),
    )


def test_one_text_can_be_read_with_nothing_prepared() -> None:
    """A recorded text is read as it is, with no setting, no server and no database, however the server is written."""
    assert read_text(COM, domain=COM_NAME, server=VERISIGN, seen_at=NOW).standing is Standing.REGISTERED
    sighting = read_text(IR_FREE, domain=IR_NAME, server="WHOIS.nic.ir.", seen_at=NOW)
    assert (sighting.standing, sighting.source) == (Standing.FREE, "whois:whois.nic.ir")


def test_a_registrys_own_renewal_and_redemption_are_seen(parser: Parser) -> None:
    """A year that the registry added by itself is told apart, and so is a name that can still be restored."""
    text = COM_RECORD.replace("client delete prohibited", "autoRenewPeriod")
    text += "   Domain Status: redemptionPeriod https://icann.org/epp#redemptionPeriod\r\n"
    sighting = read_text(text.encode(), domain=COM_NAME, server=VERISIGN, seen_at=NOW, parser=parser)
    assert sighting.renewed_by_registry
    assert sighting.restorable


def test_the_registrars_own_date_is_not_the_registrys(parser: Parser) -> None:
    """What the registrar calls the end of its own sponsorship is not taken for the end of the registration."""
    own = COM_RECORD.replace("Registry Expiry Date", "Registrar Registration Expiration Date")
    sighting = read_text(own.encode(), domain=COM_NAME, server=VERISIGN, seen_at=NOW, parser=parser)
    assert (sighting.standing, sighting.expiry) == (Standing.REGISTERED, None)
    assert sighting.renew_by == Expiry(datetime(2027, 8, 13, 4, tzinfo=UTC), "2027-08-13T04:00:00Z")


def test_the_registrars_own_date_stands_beside_the_registrys(parser: Parser) -> None:
    """A text that gives both dates is read for both; one without a value, or two that differ, tell nothing."""

    def with_own(*dates: str) -> Sighting:
        lines = (f"   Registrar Registration Expiration Date: {date}\r\n" for date in dates)
        text = "".join([COM_RECORD, *lines]).encode()
        return read_text(text, domain=COM_NAME, server=VERISIGN, seen_at=NOW, parser=parser)

    registrys = Expiry(datetime(2027, 8, 13, 4, tzinfo=UTC), "2027-08-13T04:00:00Z")
    both = with_own("2026-08-13T04:00:00.000+0000")
    own = Expiry(datetime(2026, 8, 13, 4, tzinfo=UTC), "2026-08-13T04:00:00.000+0000")
    assert (both.expiry, both.renew_by) == (registrys, own)
    for dates in ([], [""], ["soon"], ["2026-08-13", "2025-08-13"]):
        sighting = with_own(*dates)
        assert (sighting.expiry, sighting.renew_by, sighting.reason) == (registrys, None, "")


def test_two_ends_that_differ_are_none(parser: Parser) -> None:
    """Where a text gives two ends, no one of them is believed; the same end twice is one."""
    again = COM_RECORD + "   Expiry Date: 2027-08-13T04:00:00.000+0000\r\n"
    other = COM_RECORD + "   Expiry Date: 2099-08-13T04:00:00Z\r\n"
    agreed = read_text(again.encode(), domain=COM_NAME, server=VERISIGN, seen_at=NOW, parser=parser)
    torn = read_text(other.encode(), domain=COM_NAME, server=VERISIGN, seen_at=NOW, parser=parser)
    assert agreed.expiry is not None
    assert (torn.standing, torn.expiry) == (Standing.REGISTERED, None)
    assert torn.reason == "several expiry dates that differ"


FREE = [
    ("example.com", VERISIGN, COM_FREE.decode()),
    ("example.net", VERISIGN, 'No match for domain "EXAMPLE.NET".\r\n'),
    ("example.org", "whois.publicinterestregistry.org", f"Domain not found.\r\n{COM_TERMS}"),
    ("example.info", "whois.nic.info", f"NOT FOUND\r\n{COM_TERMS}"),
    ("example.biz", "whois.nic.biz", f"No Data Found\r\n{COM_TERMS}"),
    ("example.xyz", "whois.nic.xyz", "The queried object does not exist: DOMAIN NOT FOUND\r\n\r\n>>> Last update <<<\r\n"),
    ("example.de", "whois.denic.de", "Domain: example.de\r\nStatus: free\r\n"),
    ("example.eu", "whois.eu", "% The WHOIS service\r\nDomain: example.eu\r\nScript: LATIN\r\nStatus: AVAILABLE\r\n"),
    ("example.nl", "whois.domain-registry.nl", "example.nl is free\r\n"),
    ("example.uk", "whois.nic.uk", '\r\n    No match for "example.uk".\r\n\r\n    This name has not been registered.\r\n'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "server", "text"), FREE)
def test_each_registry_says_free_in_its_own_words(name: str, server: str, text: str) -> None:
    """A name is free when its own registry says so, and the same words from any other server say nothing."""
    domain = DomainName(name, name.rpartition(".")[2])
    assert read_text(text.encode(), domain=domain, server=server, seen_at=NOW).standing is Standing.FREE
    elsewhere = read_text(text.encode(), domain=domain, server="whois.other.test", seen_at=NOW)
    assert elsewhere.standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("No match", "no record"),
        ('No match for "EXAMPLE.COMM".\n', "no record"),
        ('You asked: No match for "EXAMPLE.COM".\n', "no record"),
        ("Domain not found.\n", "no record"),
        ("Your connection limit exceeded. Please slow down and try again later.\n", "limit"),
        ("WHOIS LIMIT EXCEEDED - SEE WWW.EXAMPLE.TEST/WHOIS FOR DETAILS\n", "limit"),
        ("Too many requests\n", "limit"),
        ("ERROR: quota exceeded", "limit"),
        ("Number of allowed queries exceeded.\n", "limit"),
        ("<html><h1>It works!</h1></html>", "no record"),
        ("   Domain Name: ANOTHER.COM\n   Registrar: Invented\n", "another name"),
        (f"{COM_RECORD}   Domain Name: ANOTHER.COM\n", "another name"),
        (f'No match for "EXAMPLE.COM".\r\n{COM_RECORD}', "holds a record"),
        ("Domain Name: EXAMPLE.COM\n", "records nothing"),
        ("Domain Name: EXAMPLE.COM\nStatus: reserved\n", "records nothing"),
        ("\n".join(f"Domain Name: x{number}.com" for number in range(5000)) + "\n", "another name"),
    ],
)
def test_any_other_answer_is_unknown(parser: Parser, text: str, reason: str) -> None:
    """Nothing is made of an answer that is not plain: the name is neither free nor registered, and staff see why."""
    sighting = read_text(text.encode(), domain=COM_NAME, server=VERISIGN, seen_at=NOW, parser=parser)
    assert sighting.standing is Standing.UNKNOWN
    assert reason in sighting.reason


def test_words_about_a_free_name_must_be_the_first() -> None:
    """`Not found` somewhere in a text is not an answer to the question."""
    text = b"Welcome to the server\r\nNOT FOUND\r\n"
    domain = DomainName("example.info", "info")
    sighting = read_text(text, domain=domain, server="whois.nic.info", seen_at=NOW)
    assert sighting.standing is Standing.UNKNOWN


UNIFORM = """Domain Name: {name}
Creation Date: 2001-01-13T00:12:14Z
Registry Expiry Date: 2027-01-13T00:12:14Z
Registrar: Invented Inc.
Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited
Registrant Organization: No match for "{name}". Domain not found. NOT FOUND
Name Server: ns1.example.net
Name Server: ns2.example.net
>>> Last update of WHOIS database: 2026-11-20T10:00:00Z <<<
Domain not found: that is what is said of a free name.
"""


@pytest.mark.parametrize("zone", ["biz", "com", "info", "io", "me", "net", "org", "us", "xyz"])
def test_icanns_form_is_read_at_every_registry(parser: Parser, zone: str) -> None:
    """All that stands in the uniform form is seen, also where a registrant or the terms speak of what is not found."""
    domain = DomainName(f"example.{zone}", zone)
    text = UNIFORM.format(name=domain.ascii).encode()
    sighting = read_text(text, domain=domain, server=SERVERS[zone], seen_at=NOW, parser=parser)
    assert sighting.standing is Standing.REGISTERED
    ends = datetime(2027, 1, 13, 0, 12, 14, tzinfo=UTC)
    assert sighting.expiry == Expiry(ends, "2027-01-13T00:12:14Z")
    assert sighting.sponsor == "Invented Inc."
    assert sighting.statuses == {"clientTransferProhibited"}
    assert sighting.nameservers == ("ns1.example.net", "ns2.example.net")


@pytest.mark.parametrize(
    ("zone", "block"),
    [
        ("it", "Registrant\n  Organization: Not Found\n  Address: Via 1\n"),
        ("eu", "On-site(s):\n"),
    ],
)
def test_what_a_stranger_wrote_is_no_registrys_date(parser: Parser, zone: str, block: str) -> None:
    """A line of somebody's address that looks like the registry's date is no date of the name's (D4)."""
    domain = DomainName(f"example.{zone}", zone)
    address = "           Registry Expiry Date: 2099-01-01\n"
    text = f"Domain: {domain.ascii}\n\n{block}{address}\nRegistrar:\n  Name: Invented\nStatus: ok\n"
    sighting = read_text(text.encode(), domain=domain, server=f"whois.nic.{zone}", seen_at=NOW, parser=parser)
    assert (sighting.expiry, sighting.unread_expiry) == (None, None)


EU = """% The WHOIS service offered by EURid
Domain: example.eu
Script: LATIN

Registrar:
        Name: Invented NV
        Website: https://www.example.test

Name servers:
        ns2.example.eu (192.0.2.1)
        ns1.example.net

Please visit www.example.test for more info.
"""


def test_a_list_of_name_servers_is_read_to_its_end(parser: Parser) -> None:
    """.eu lists its name servers line by line: all are seen, and nothing of what comes behind them."""
    domain = DomainName("example.eu", "eu")
    sighting = read_text(EU.encode(), domain=domain, server="whois.eu", seen_at=NOW, parser=parser)
    assert sighting.standing is Standing.REGISTERED
    assert sighting.nameservers == ("ns1.example.net", "ns2.example.eu")


UK = """
    Domain name:
        example.uk

    Registrar:
        Invented Ltd [Tag = INVENTED]

    Relevant dates:
        Registered on: 01-Jul-2001
        Expiry date:  01-Jul-2027

"""
JP = """[ JPRS database provides information on network administration. ]
[Domain Name]                   EXAMPLE.JP
[Name Server]                   ns1.example.jp
[Created on]                    2001/02/28
[Expires on]                    2027/02/28
[Last Updated]                  2026/03/01 01:05:06 (JST)
"""
FR = """%% This is the AFNIC Whois server.
domain:       example.fr
registrar:    INVENTED
Expiry Date:  2027-05-21T16:46:25Z
created:      2003-05-21T16:46:25Z
"""
IM = """Domain Name: example.im
Expiry Date: 03/04/2027 00:59:13
Name Server: ns1.example.im.
"""
RECORDS = [
    ("example.de", "Domain: example.de\nNserver: ns1.example.net\nStatus: connect\n", None),
    ("example.uk", UK, "2027-07-01T22:59:59Z"),
    ("example.jp", JP, "2027-02-28T23:59:59Z"),
    ("example.fr", FR, "2027-05-21T16:46:25Z"),
    ("example.im", IM, "2027-04-03T00:59:13Z"),
]


@pytest.mark.parametrize(("name", "text", "ends"), RECORDS)
def test_other_registries_forms_are_read(parser: Parser, name: str, text: str, ends: str | None) -> None:
    """Whatever form a registry writes in, its name is seen as registered, and ends when it says."""
    domain = DomainName(name, name.rpartition(".")[2])
    server = SERVERS.get(domain.zone, "whois.other.test")
    sighting = read_text(text.encode(), domain=domain, server=server, seen_at=NOW, parser=parser)
    assert sighting.standing is Standing.REGISTERED
    assert (sighting.expiry and sighting.expiry.at) == (ends and datetime.fromisoformat(ends))
