"""The table from command and result code to outcome, cell by cell."""

from datetime import UTC, datetime

import pytest

from adapters.registrars.epp.outcomes import outcome_of, outcome_of_update
from adapters.registrars.epp.reading import NotEppError, Response, parse, read_response
from registrar.commands import Command, Expiry, Register, Renew, Transfer
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME
from tests.adapters.epp.scripted import renewed, response

REGISTER = Register(NAME, 12)
RENEW = Renew(NAME, 12, Expiry(datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00Z"))
TRANSFER = Transfer(NAME, 12, Secret("code"))
REPLY = Reply(result_code="…")

REQUEST = Blocked(REPLY, BlockCause.REQUEST)
DEPOSIT = Blocked(REPLY, BlockCause.DEPOSIT)
CREDENTIALS = Blocked(REPLY, BlockCause.CREDENTIALS)
UNKNOWN = "unknown"


def refused(reason: RefusalReason, *, confirm: bool = False) -> Refused:
    return Refused(REPLY, reason, confirm=confirm)


def to_every(code: int, outcome: Outcome | str) -> list[tuple[Command, int, Outcome | str]]:
    return [(command, code, outcome) for command in (REGISTER, RENEW, TRANSFER)]


TABLE: list[tuple[Command, int, Outcome | str]] = [
    *[
        cell
        for code in (2000, 2001, 2003, 2005, 2100, 2101, 2102, 2103, 2307)
        for cell in to_every(code, REQUEST)
    ],
    *to_every(2104, DEPOSIT),
    *to_every(2200, CREDENTIALS),
    *to_every(2501, CREDENTIALS),
    *[
        cell
        for code in (2400, 2500, 2502, 2999, 2301, 2305, 1300, 1301, 1500)
        for cell in to_every(code, UNKNOWN)
    ],
    (REGISTER, 2002, REQUEST),
    (REGISTER, 2004, refused(RefusalReason.POLICY)),
    (REGISTER, 2105, UNKNOWN),
    (REGISTER, 2106, UNKNOWN),
    (REGISTER, 2201, REQUEST),
    (REGISTER, 2202, UNKNOWN),
    (REGISTER, 2300, UNKNOWN),
    (REGISTER, 2302, refused(RefusalReason.ALREADY_REGISTERED, confirm=True)),
    (REGISTER, 2303, REQUEST),
    (REGISTER, 2304, refused(RefusalReason.POLICY)),
    (REGISTER, 2306, refused(RefusalReason.POLICY)),
    (REGISTER, 2308, refused(RefusalReason.POLICY)),
    (RENEW, 2002, REQUEST),
    (RENEW, 2004, refused(RefusalReason.EXPIRY_CONFLICT, confirm=True)),
    (RENEW, 2105, refused(RefusalReason.NOT_RENEWABLE, confirm=True)),
    (RENEW, 2106, UNKNOWN),
    (RENEW, 2201, refused(RefusalReason.NOT_OURS, confirm=True)),
    (RENEW, 2202, UNKNOWN),
    (RENEW, 2300, UNKNOWN),
    (RENEW, 2302, UNKNOWN),
    (RENEW, 2303, refused(RefusalReason.NOT_REGISTERED, confirm=True)),
    (RENEW, 2304, refused(RefusalReason.STATUS_PROHIBITS, confirm=True)),
    (RENEW, 2306, refused(RefusalReason.EXPIRY_CONFLICT, confirm=True)),
    (RENEW, 2308, refused(RefusalReason.POLICY, confirm=True)),
    (TRANSFER, 2002, refused(RefusalReason.ALREADY_OURS, confirm=True)),
    (TRANSFER, 2004, REQUEST),
    (TRANSFER, 2105, UNKNOWN),
    (TRANSFER, 2106, refused(RefusalReason.NOT_TRANSFERABLE, confirm=True)),
    (TRANSFER, 2201, REQUEST),
    (TRANSFER, 2202, Correctable(REPLY, Correction.AUTH_INFO)),
    (TRANSFER, 2300, refused(RefusalReason.NOT_TRANSFERABLE, confirm=True)),
    (TRANSFER, 2302, UNKNOWN),
    (TRANSFER, 2303, refused(RefusalReason.NOT_REGISTERED)),
    (TRANSFER, 2304, Correctable(REPLY, Correction.UNLOCK)),
    (TRANSFER, 2306, REQUEST),
    (TRANSFER, 2308, refused(RefusalReason.POLICY)),
]


def answer(*codes: int, data: str = "", inside: str = "") -> Response:
    """Read an answer with these results."""
    text = response(codes[0], transaction_id="T-1", data=data, inside=inside)
    more = "".join(f'<result code="{code}"><msg>more</msg></result>' for code in codes[1:])
    return read_response(parse(text.replace("</result>", f"</result>{more}", 1).encode()))


@pytest.mark.parametrize(
    ("command", "code", "expected"), TABLE, ids=[f"{command.kind}-{code}" for command, code, _ in TABLE]
)
def test_every_code_has_one_meaning(command: Command, code: int, expected: Outcome | str) -> None:
    """Each refusal of a registry is told apart: the customer's, ours, or not clear at all."""
    outcome = outcome_of(command, answer(code), REPLY)
    assert outcome == expected if expected != UNKNOWN else isinstance(outcome, Unknown)


CREATED = "<domain:creData><domain:name>{}</domain:name><domain:crDate>2026-03-01T10:00:00Z</domain:crDate>{}</domain:creData>"
ENDS = "<domain:exDate>2027-03-01T10:00:00.5Z</domain:exDate>"
MOVED = (
    "<domain:trnData><domain:name>{}</domain:name><domain:trStatus>{}</domain:trStatus>"
    + ENDS
    + "</domain:trnData>"
)


def test_a_registration_is_done_with_its_dates() -> None:
    """A registration counts when the registry says for which name, since when and until when."""
    outcome = outcome_of(REGISTER, answer(1000, data=CREATED.format("EXAMPLE.test", ENDS)), REPLY)
    ends = Expiry(datetime(2027, 3, 1, 10, 0, 0, 500000, tzinfo=UTC), "2027-03-01T10:00:00.5Z")
    assert outcome == Done(REPLY, expiry=ends, created_at=datetime(2026, 3, 1, 10, tzinfo=UTC))


def test_a_renewal_is_done_with_the_new_expiry() -> None:
    """A renewal counts when the registry says until when the name runs now."""
    outcome = outcome_of(RENEW, answer(1000, data=renewed("example.test", "2027-03-01")), REPLY)
    assert outcome == Done(REPLY, expiry=Expiry(datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC), "2027-03-01"))


@pytest.mark.parametrize(
    ("command", "data"),
    [
        (REGISTER, ""),
        (REGISTER, CREATED.format("other.test", ENDS)),
        (REGISTER, renewed("example.test", "2027-03-01")),
        (RENEW, ""),
        (RENEW, renewed("other.test", "2027-03-01")),
        (RENEW, renewed("example.test", "soon")),
        (RENEW, "<domain:renData><domain:name>example.test</domain:name></domain:renData>"),
    ],
)
def test_success_without_evidence_is_not_success(command: Command, data: str) -> None:
    """A registry that says *done* without saying what is asked again by a look, not believed."""
    assert isinstance(outcome_of(command, answer(1000, data=data), REPLY), Unknown)


@pytest.mark.parametrize("command", [REGISTER, RENEW])
def test_an_accepted_command_is_pending(command: Command) -> None:
    """What the registry decides later is followed, not counted as done."""
    assert outcome_of(command, answer(1001), REPLY) == Pending(REPLY)


@pytest.mark.parametrize("code", [1000, 1001])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", Pending),
        (MOVED.format("example.test", "pending"), Pending),
        (MOVED.format("example.test", "clientApproved"), Done),
        (MOVED.format("example.test", "serverApproved"), Done),
        (MOVED.format("example.test", "clientRejected"), Unknown),
        (MOVED.format("other.test", "serverApproved"), Unknown),
    ],
)
def test_a_transfer_is_done_only_when_it_was_approved(code: int, data: str, expected: type[Outcome]) -> None:
    """A transfer that was asked for is not a transfer that happened, whatever the number says."""
    assert type(outcome_of(TRANSFER, answer(code, data=data), REPLY)) is expected


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<domain:registrant>C-1</domain:registrant>", Correctable(REPLY, Correction.CONTACTS)),
        ('<domain:contact type="admin">C-1</domain:contact>', Correctable(REPLY, Correction.CONTACTS)),
        ("<domain:hostObj>ns1.example.net</domain:hostObj>", Correctable(REPLY, Correction.NAMESERVERS)),
        ("<domain:name>example.test</domain:name>", REQUEST),
    ],
)
def test_a_missing_part_of_a_registration_names_what_to_correct(element: str, expected: Outcome) -> None:
    """When a contact or a name server is missing at the registry, the customer hears which of the two."""
    assert outcome_of(REGISTER, answer(2303, inside=f"<value>{element}</value>"), REPLY) == expected


@pytest.mark.parametrize("code", [2004, 2306])
def test_a_term_too_long_is_no_conflict_of_expiries(code: int) -> None:
    """A renewal beyond the registry's longest term is told apart from one that is no longer current."""
    inside = '<extValue><value><domain:period unit="y">10</domain:period></value><reason>too long</reason></extValue>'
    assert outcome_of(RENEW, answer(code, inside=inside), REPLY) == refused(
        RefusalReason.NOT_RENEWABLE, confirm=True
    )


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((2302, 2104), DEPOSIT),
        ((2302, 2400), UNKNOWN),
        ((2304, 2302), refused(RefusalReason.POLICY)),
        ((2302, 2001), REQUEST),
    ],
)
def test_of_several_results_the_most_cautious_decides(
    codes: tuple[int, int], expected: Outcome | str
) -> None:
    """When a registry gives several reasons, no money moves back unless every one of them allows it."""
    outcome = outcome_of(REGISTER, answer(*codes), REPLY)
    assert outcome == expected if expected != UNKNOWN else isinstance(outcome, Unknown)


@pytest.mark.parametrize("codes", [(1000, 2302), (2302, 1000)])
def test_success_and_failure_in_one_answer_are_no_answer(codes: tuple[int, int]) -> None:
    """An answer that says both yes and no is not trusted."""
    with pytest.raises(NotEppError):
        answer(*codes)


def test_data_that_nobody_asked_for_are_no_error() -> None:
    """A success that carries data of unannounced extensions is still a success (RFC 9038)."""
    inside = "<extValue><value><domain:period>1</domain:period></value><reason>not in login services</reason></extValue>"
    outcome = outcome_of(
        RENEW, answer(1000, inside=inside, data=renewed("example.test", "2027-03-01")), REPLY
    )
    assert isinstance(outcome, Done)


UPDATES: list[tuple[int, str, Outcome | str]] = [
    (1000, "", Done(REPLY)),
    (1001, "", Pending(REPLY)),
    *[(code, "", UNKNOWN) for code in (1300, 1500, 2105, 2302, 2303, 2400, 2500, 2502, 2999)],
    *[(code, "", REQUEST) for code in (2000, 2001, 2002, 2003, 2004, 2005, 2100, 2101, 2102, 2103, 2307)],
    *[(code, "hostObj", Correctable(REPLY, Correction.NAMESERVERS)) for code in (2004, 2005, 2306)],
    (2303, "contact", Correctable(REPLY, Correction.CONTACTS)),
    *[(code, "pw", Correctable(REPLY, Correction.AUTH_INFO)) for code in (2004, 2005, 2306)],
    (2104, "", DEPOSIT),
    (2202, "", Correctable(REPLY, Correction.AUTH_INFO)),
    (2200, "", CREDENTIALS),
    (2501, "", CREDENTIALS),
    (2201, "", refused(RefusalReason.NOT_OURS, confirm=True)),
    (2304, "", refused(RefusalReason.STATUS_PROHIBITS, confirm=True)),
    (2305, "", refused(RefusalReason.POLICY)),
    (2306, "", refused(RefusalReason.POLICY)),
    (2308, "", refused(RefusalReason.POLICY)),
]


@pytest.mark.parametrize(
    ("code", "blamed", "expected"), UPDATES, ids=[f"{code}-{blamed}" for code, blamed, _ in UPDATES]
)
def test_every_code_has_one_meaning_for_an_update(code: int, blamed: str, expected: Outcome | str) -> None:
    """A change of a name ends in exactly one way, and a code that fits several ends it in doubt."""
    inside = f"<value><domain:{blamed}>x</domain:{blamed}></value>" if blamed else ""
    outcome = outcome_of_update(answer(code, inside=inside), REPLY)
    assert outcome == expected if expected != UNKNOWN else isinstance(outcome, Unknown)


def test_of_several_results_of_an_update_the_doubtful_one_counts() -> None:
    """If one of several results leaves it open, so does the whole."""
    assert isinstance(outcome_of_update(answer(2304, 2400), REPLY), Unknown)
