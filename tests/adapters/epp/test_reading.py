"""What we understand: dates, documents of every spelling, recorded answers of a real registry, and what is refused."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.registrars.epp.dates import expiry, moment
from adapters.registrars.epp.messages import head_of_queue
from adapters.registrars.epp.outcomes import outcome_of
from adapters.registrars.epp.reading import NotEppError, Response, parse, read_greeting, read_response
from adapters.registrars.epp.session import Exchange
from adapters.registrars.epp.sightings import Looker
from registrar.commands import Command, Expiry, Kind, Register, Renew, Transfer
from registrar.gateway import GatewayUnavailableError, Progress, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Done, Outcome, Pending, RefusalReason, Refused, Reply
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME
from tests.adapters.epp.scripted import DOMAIN, EPP, response

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OURS = "reseller-1"
REPLY = Reply(result_code="1000")

DATES = {
    "2028-11-21T22:57:30Z": datetime(2028, 11, 21, 22, 57, 30, tzinfo=UTC),
    "2028-11-21T22:57:30.973Z": datetime(2028, 11, 21, 22, 57, 30, 973000, tzinfo=UTC),
    "2028-11-21T22:57:30.0Z": datetime(2028, 11, 21, 22, 57, 30, tzinfo=UTC),
    "2028-11-21T22:57:30+0000": datetime(2028, 11, 21, 22, 57, 30, tzinfo=UTC),
    "2028-11-21T22:57:30+03:30": datetime(2028, 11, 21, 19, 27, 30, tzinfo=UTC),
    "2028-11-21T22:57:30": datetime(2028, 11, 21, 22, 57, 30, tzinfo=UTC),
    "2028-11-21 22:57:30": datetime(2028, 11, 21, 22, 57, 30, tzinfo=UTC),
    "2028-11-21": datetime(2028, 11, 21, 23, 59, 59, tzinfo=UTC),
    "2028-11-21Z": datetime(2028, 11, 21, 23, 59, 59, tzinfo=UTC),
    " 2028-02-29T00:00:00Z\n": datetime(2028, 2, 29, tzinfo=UTC),
    "": None,
    "soon": None,
    "2027-02-29": None,
    "0001-01-01T00:00:00+14:00": None,
}


@pytest.mark.parametrize(("text", "expected"), DATES.items())
def test_a_date_is_read_in_every_spelling(text: str, expected: datetime | None) -> None:
    """Registries write dates in many ways, and all of them mean one moment, or none."""
    assert moment(text) == expected


def test_an_expiry_keeps_the_registrys_own_text() -> None:
    """What the registry wrote is kept beside what we made of it."""
    assert expiry(" 2028-11-21 ") == Expiry(datetime(2028, 11, 21, 23, 59, 59, tzinfo=UTC), "2028-11-21")


def said(text: str) -> Response:
    return read_response(parse(text.encode()))


def exchange(text: str) -> Exchange:
    answer = said(text)
    return Exchange(answer, Reply(result_code=answer.codes, text=answer.text))


@pytest.mark.parametrize(
    "document",
    [
        b"\xef\xbb\xbf" + response(1000, transaction_id="T-1").encode(),
        response(1000, transaction_id="T-1")
        .replace("xmlns=", "xmlns:e=")
        .replace("<", "<e:")
        .replace("<e:/", "</e:")
        .encode(),
        response(1000, transaction_id="T-1").replace("<result", "<!-- a comment --><result").encode(),
        response(1000, transaction_id="T-1").replace("<msg>", "<?pi here?><msg>").encode(),
        b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        + response(1000, transaction_id="T-1").encode(),
    ],
    ids=["byte order mark", "other prefix", "comment", "instruction", "declaration"],
)
def test_an_answer_is_read_in_every_spelling(document: bytes) -> None:
    """The same answer is understood however a registry writes its XML."""
    answer = read_response(parse(document))
    assert (answer.codes, answer.client_transaction_id, answer.server_transaction_id) == (
        "1000",
        "T-1",
        "SV-1",
    )


SECRET_FILE = "file:///etc/hostname"
REFUSED = {
    "entity from a file": f'<!DOCTYPE epp [<!ENTITY x SYSTEM "{SECRET_FILE}">]><epp xmlns="{EPP}">&x;</epp>',
    "entities that grow": f'<!DOCTYPE epp [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><epp xmlns="{EPP}">&b;</epp>',
    "bare doctype": f'<!DOCTYPE epp><epp xmlns="{EPP}"/>',
    "outside doctype": f'<!DOCTYPE epp SYSTEM "{SECRET_FILE}"><epp xmlns="{EPP}"/>',
    "page": "<html><body>502 Bad Gateway</body></html>",
    "page with a doctype": "<!DOCTYPE html><html><body>502</body></html>",
    "other namespace": '<epp xmlns="urn:example:other"/>',
    "no namespace": "<epp/>",
    "cut": response(1000, transaction_id="T-1")[:-20],
    "nothing": "",
    "words": "502 Bad Gateway",
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_epp_is_refused(document: str) -> None:
    """A document that is cut, foreign or dangerous is never read as an answer."""
    with pytest.raises(NotEppError):
        parse(document.encode())


@pytest.mark.parametrize("code", ["", "10", "ok", "10000", "-100", "\u0661\u0660\u0660\u0660"])
def test_a_result_without_a_proper_code_is_refused(code: str) -> None:
    """An answer whose number cannot be a result is no answer."""
    with pytest.raises(NotEppError):
        said(response(code, transaction_id="T-1"))


@pytest.mark.parametrize("inside", ["", "<greeting/>", "<response/>", "<response><trID/></response>"])
def test_an_answer_without_a_result_is_refused(inside: str) -> None:
    """An answer that does not say how it went is no answer."""
    with pytest.raises(NotEppError):
        said(f'<epp xmlns="{EPP}">{inside}</epp>')


# What a look tells.

INFO = "<domain:infData><domain:name>{name}</domain:name><domain:roid>D1-TEST</domain:roid>{more}</domain:infData>"


def look(more: str = "", *, code: int = 1000, name: str = "example.test", grace: str = "") -> Sighting:
    data = INFO.format(name=name, more=more) if code == 1000 else ""
    extension = f'<rgp:infData><rgp:rgpStatus s="{grace}"/></rgp:infData>' if grace else ""
    looker = Looker(NAME, own_id=OURS, source="epp:example", seen_at=NOW)
    return looker.info(exchange(response(code, transaction_id="T-1", data=data, extension=extension)))


@pytest.mark.parametrize(
    ("code", "cause"), [(2005, BlockCause.REQUEST), (2306, BlockCause.REQUEST), (2400, None)]
)
def test_a_name_that_the_registry_will_not_hear_of_is_for_staff(code: int, cause: BlockCause | None) -> None:
    """When a registry calls the name itself invalid, asking again is no use; a failure of its own is another matter."""
    seen = look(code=code)
    assert (seen.standing, seen.blocked) == (Standing.UNKNOWN, cause)


@pytest.mark.parametrize(
    ("code", "avail", "reason", "told"),
    [
        (1000, "1", "", ""),
        (1000, "true", "In use", ""),
        (1000, "0", "Reserved", "not registered, but not available: Reserved"),
        (1000, "false", "", "not registered, but not available"),
        (2400, "0", "Reserved", ""),
    ],
)
def test_a_check_tells_why_a_free_name_is_not_available(
    code: int, avail: str, reason: str, told: str
) -> None:
    """A name that is free and yet not for sale is noted for staff; a check that fails says nothing."""
    why = f"<domain:reason>{reason}</domain:reason>" if reason else ""
    data = f'<domain:chkData><domain:cd><domain:name avail="{avail}">example.test</domain:name>{why}</domain:cd></domain:chkData>'
    looker = Looker(NAME, own_id=OURS, source="epp:example", seen_at=NOW)
    assert looker.availability(said(response(code, transaction_id="T-1", data=data))) == told


def test_a_look_tells_all_that_the_registry_shows() -> None:
    """A look reads who holds a name, since when and until when, and what state it is in."""
    seen = look(
        '<domain:status s="clientHold"/><domain:status s="inactive"/>'
        "<domain:ns><domain:hostObj>NS1.example.net</domain:hostObj><domain:hostAttr><domain:hostName>ns2.example.net"
        "</domain:hostName></domain:hostAttr></domain:ns><domain:host>ns9.example.test</domain:host>"
        f"<domain:clID>{OURS}</domain:clID><domain:crDate>2020-01-01T00:00:00Z</domain:crDate>"
        "<domain:exDate>2027-01-01T00:00:00.0Z</domain:exDate>"
    )
    assert (seen.standing, seen.ours, seen.sponsor, seen.registry_id) == (
        Standing.REGISTERED,
        True,
        OURS,
        "D1-TEST",
    )
    assert seen.created_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert seen.expiry == Expiry(datetime(2027, 1, 1, tzinfo=UTC), "2027-01-01T00:00:00.0Z")
    assert seen.statuses == {"clientHold", "inactive"}
    assert seen.nameservers == ("ns1.example.net", "ns2.example.net")
    assert (seen.progress, seen.renewed_by_registry, seen.source) == ({}, False, "epp:example")


@pytest.mark.parametrize(
    ("sponsor", "ours"),
    [(f"<domain:clID>{OURS}</domain:clID>", True), ("<domain:clID>other</domain:clID>", False), ("", None)],
)
def test_a_look_says_whose_the_name_is_or_that_it_is_hidden(sponsor: str, ours: bool | None) -> None:
    """A registry that shows little of a foreign name still tells that it is registered."""
    seen = look(sponsor)
    assert (seen.standing, seen.ours, seen.expiry) == (Standing.REGISTERED, ours, None)


@pytest.mark.parametrize("grace", ["addPeriod", "renewPeriod", "redemptionPeriod", "autoRenewPeriod"])
def test_a_look_tells_a_renewal_that_nobody_ordered(grace: str) -> None:
    """A name that the registry renewed by itself is marked: nobody paid for it."""
    seen = look(grace=grace)
    assert (seen.renewed_by_registry, seen.statuses) == (grace == "autoRenewPeriod", frozenset({grace}))


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        ("pendingCreate", {Kind.REGISTER: Progress.UNDER_WAY}),
        ("pendingRenew", {Kind.RENEW: Progress.UNDER_WAY}),
        ("pendingTransfer", {}),
        ("ok", {}),
    ],
)
def test_a_look_tells_what_is_under_way(status: str, progress: Mapping[Kind, Progress]) -> None:
    """What the registry has not decided yet is seen to be under way."""
    assert look(f'<domain:status s="{status}"/><domain:clID>{OURS}</domain:clID>').progress == progress


def test_what_is_under_way_for_another_registrar_is_not_ours() -> None:
    """Another registrar's registration in progress is not taken for our own."""
    assert look('<domain:status s="pendingCreate"/><domain:clID>other</domain:clID>').progress == {}


def test_a_name_that_does_not_exist_is_free() -> None:
    """Only the registry's own word that a name does not exist counts as free."""
    assert look(code=2303).standing is Standing.FREE


def test_a_name_that_is_not_shown_to_us_is_registered_and_no_more() -> None:
    """A registry that refuses to show a name does not say whose it is."""
    seen = look(code=2201)
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, None)


@pytest.mark.parametrize("code", [2400, 2500, 2200, 2101, 1001, 1300])
def test_a_look_that_failed_knows_nothing(code: int) -> None:
    """A registry in trouble does not make a name free."""
    seen = look(code=code)
    assert seen.standing is Standing.UNKNOWN
    assert str(code) in seen.reason


def test_a_look_that_shows_another_name_knows_nothing() -> None:
    """An answer about another name is no answer about this one."""
    assert look(name="other.test").standing is Standing.UNKNOWN


def test_an_expiry_that_cannot_be_read_is_told() -> None:
    """A date that we cannot read is reported, not guessed."""
    seen = look("<domain:exDate>soon</domain:exDate>")
    assert (seen.standing, seen.expiry) == (Standing.REGISTERED, None)
    assert "soon" in seen.reason


def transfer(status: str, requester: str = OURS) -> str:
    return (
        "<domain:trnData><domain:name>example.test</domain:name>"
        f"<domain:trStatus>{status}</domain:trStatus><domain:reID>{requester}</domain:reID></domain:trnData>"
    )


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        ("pending", Progress.UNDER_WAY),
        ("clientApproved", Progress.APPROVED),
        ("serverApproved", Progress.APPROVED),
        ("clientRejected", Progress.REJECTED),
        ("clientCancelled", Progress.REJECTED),
        ("serverCancelled", Progress.REJECTED),
    ],
)
def test_a_transfer_that_we_asked_for_is_followed(status: str, progress: Progress) -> None:
    """A transfer's state is read from the registry, and only our own transfer's."""
    looker = Looker(NAME, own_id=OURS, source="epp:example", seen_at=NOW)
    ours = said(response(1000, transaction_id="T-1", data=transfer(status)))
    theirs = said(response(1000, transaction_id="T-1", data=transfer(status, "other")))
    assert (looker.transfer_progress(ours), looker.transfer_progress(theirs)) == (
        {Kind.TRANSFER: progress},
        {},
    )


@pytest.mark.parametrize(
    ("code", "progress"), [(2301, {}), (2002, {}), (2201, {}), (2303, {}), (2400, None), (1000, None)]
)
def test_a_transfer_query_is_silent_only_in_known_ways(
    code: int, progress: Mapping[Kind, Progress] | None
) -> None:
    """A registry in trouble does not prove that no transfer was asked for."""
    looker = Looker(NAME, own_id=OURS, source="epp:example", seen_at=NOW)
    assert looker.transfer_progress(said(response(code, transaction_id="T-1"))) == progress


# What a message decides.

QUEUE = '<msgQ count="2" id="77"><qDate>2026-03-01T00:00:00Z</qDate><msg>words <b xmlns="urn:x">inside</b></msg></msgQ>'
PENDING = (
    '<domain:panData><domain:name paResult="{result}">Example.test</domain:name><domain:paTRID>'
    "<{prefix}clTRID>order-7-a1</{prefix}clTRID><{prefix}svTRID>SV-0</{prefix}svTRID></domain:paTRID>"
    "<domain:paDate>2026-03-01T00:00:00Z</domain:paDate></domain:panData>"
)


@pytest.mark.parametrize("prefix", ["", "domain:"])
@pytest.mark.parametrize(
    ("result", "progress"),
    [
        ("1", Progress.APPROVED),
        ("true", Progress.APPROVED),
        ("0", Progress.REJECTED),
        ("false", Progress.REJECTED),
    ],
)
def test_a_message_decides_the_command_that_it_names(prefix: str, result: str, progress: Progress) -> None:
    """A registry's late decision is told by the transaction that it answers, not by the poll's own."""
    text = response(
        1301, transaction_id="T-1", queue=QUEUE, data=PENDING.format(result=result, prefix=prefix)
    )
    message = head_of_queue(exchange(text), OURS)
    assert message
    assert (message.message_id, message.queued_at_text, message.text) == (
        "77",
        "2026-03-01T00:00:00Z",
        "words inside",
    )
    assert (message.domain, message.client_transaction_id) == ("example.test", "order-7-a1")
    assert (message.kind, message.progress) == (None, progress)


@pytest.mark.parametrize(
    ("data", "kind", "progress"),
    [
        (transfer("clientRejected"), Kind.TRANSFER, Progress.REJECTED),
        (transfer("serverApproved"), Kind.TRANSFER, Progress.APPROVED),
        (transfer("serverApproved", "other"), None, None),
        (
            f'<domain:other xmlns:domain="{DOMAIN}"><domain:name>example.test</domain:name></domain:other>',
            None,
            None,
        ),
    ],
)
def test_a_message_about_another_registrars_transfer_decides_nothing(
    data: str, kind: Kind | None, progress: Progress | None
) -> None:
    """A name that leaves us is no decision about a name that comes to us."""
    message = head_of_queue(exchange(response(1301, transaction_id="T-1", queue=QUEUE, data=data)), OURS)
    assert message
    assert (message.domain, message.kind, message.progress) == ("example.test", kind, progress)


def test_an_empty_queue_has_no_message() -> None:
    """An empty queue is no error."""
    assert head_of_queue(exchange(response(1300, transaction_id="T-1")), OURS) is None


@pytest.mark.parametrize(
    ("code", "queue"), [(2400, ""), (2400, QUEUE), (1000, QUEUE), (1301, ""), (1301, QUEUE.replace("77", ""))]
)
def test_a_queue_in_trouble_is_neither_empty_nor_a_message(code: int, queue: str) -> None:
    """A queue that cannot be read is never taken for an empty one, and what any answer may carry is no message."""
    with pytest.raises(GatewayUnavailableError):
        head_of_queue(exchange(response(code, transaction_id="T-1", queue=queue)), OURS)


# Recorded answers of a real registry.

FILLED = {
    "DOMAIN": "example.test", "CRDATE": "2026-03-01T10:00:00Z", "EXDATE": "2027-03-01T10:00:00Z", "CODE": "2306",
    "REDATE": "2026-03-01T10:00:00Z", "ACDATE": "2026-03-06T10:00:00Z", "ID": "1-2-3", "QDATE": "2026-03-01T00:00:00Z",
}  # fmt: skip


def recorded(frames: Path, name: str) -> bytes:
    """Read a recorded frame with its placeholders filled in."""
    text = (frames / name).read_text()
    return re.sub(r"%(\w+)%", lambda match: FILLED.get(match[1], "text"), text).encode()


def test_every_recorded_answer_is_understood(frames: Path) -> None:
    """Nothing that a real registry was recorded to answer is foreign to us."""
    answers = [path.name for path in sorted(frames.iterdir()) if "response" in path.name]
    assert len(answers) > 60
    for name in answers:
        assert read_response(parse(recorded(frames, name))).code >= 1000, name


def test_a_recorded_greeting_is_understood(frames: Path) -> None:
    """A real registry's greeting tells what it offers."""
    greeting = read_greeting(parse(recorded(frames, "greeting.xml")))
    assert greeting.server_id == "Nomulus Registry"
    assert "urn:ietf:params:xml:ns:rgp-1.0" in greeting.services
    assert len(greeting.services) == 9


RECORDED_OUTCOMES: list[tuple[str, Command, type[Outcome]]] = [
    ("domain_create_response.xml", Register(NAME, 12), Done),
    ("domain_renew_response.xml", Renew(NAME, 12, Expiry(NOW, "")), Done),
    (
        "domain_transfer_response.xml",
        Transfer(DomainName("fakesite.example", "example"), 12, Secret("x")),
        Pending,
    ),
    ("domain_renew_response_exceeds_max_years.xml", Renew(NAME, 12, Expiry(NOW, "")), Refused),
    ("generic_success_action_pending_response.xml", Register(NAME, 12), Pending),
]


@pytest.mark.parametrize(("name", "command", "expected"), RECORDED_OUTCOMES)
def test_a_recorded_answer_has_its_outcome(
    frames: Path, name: str, command: Command, expected: type[Outcome]
) -> None:
    """A real registry's answers come to what they meant."""
    outcome = outcome_of(command, read_response(parse(recorded(frames, name))), REPLY)
    assert type(outcome) is expected
    if isinstance(outcome, Done):
        assert outcome.expiry == Expiry(datetime(2027, 3, 1, 10, tzinfo=UTC), "2027-03-01T10:00:00Z")
    if isinstance(outcome, Refused):
        assert outcome == Refused(REPLY, RefusalReason.EXPIRY_CONFLICT, confirm=True)


def test_a_recorded_look_in_the_registrys_own_renewal(frames: Path) -> None:
    """A name that waits for its transfer while the registry has renewed it by itself is read right."""
    name = DomainName("fakesite.example", "example")
    looker = Looker(name, own_id="NewRegistrar", source="epp:example", seen_at=NOW)
    answer = read_response(
        parse(recorded(frames, "domain_info_response_fakesite_pending_transfer_autorenew.xml"))
    )
    seen = looker.info(Exchange(answer, REPLY))
    assert (seen.standing, seen.ours, seen.renewed_by_registry) == (Standing.REGISTERED, True, True)
    assert seen.statuses == {"pendingTransfer", "autoRenewPeriod"}
    assert seen.expiry
    assert seen.expiry.at - NOW < timedelta(0)


@pytest.mark.parametrize(
    ("name", "kind", "progress", "answered"),
    [
        (
            "poll_response_domain_transfer_server_approve_winner.xml",
            Kind.TRANSFER,
            Progress.APPROVED,
            "ABC-12345",
        ),
        ("poll_response_domain_transfer_server_approve_loser.xml", Kind.TRANSFER, Progress.APPROVED, None),
        ("poll_response_domain_transfer_request.xml", Kind.TRANSFER, Progress.UNDER_WAY, None),
        ("poll_response_autorenew.xml", None, None, None),
        ("poll_response_unrenew.xml", None, None, None),
        ("poll_response_contact_transfer.xml", None, None, None),
    ],
)
def test_a_recorded_message_decides_what_it_says(
    frames: Path, name: str, kind: Kind | None, progress: Progress | None, answered: str | None
) -> None:
    """A real registry's messages decide transfers of ours, and nothing else."""
    answer = read_response(parse(recorded(frames, name)))
    message = head_of_queue(Exchange(answer, REPLY), "TheRegistrar")
    assert message
    assert (message.kind, message.progress, message.client_transaction_id) == (kind, progress, answered)
