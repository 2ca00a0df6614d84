"""What each result code of IRNIC's means for the customer's money, over the wire."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from registrar.commands import (
    Command,
    Contact,
    ContactRole,
    CreateContact,
    Delete,
    Expiry,
    Handle,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
    UpdateContact,
)
from registrar.gateway import Changeable, Gateway, Guard
from registrar.names import DomainName
from registrar.outcomes import (
    Blocked,
    Correctable,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
)
from registrar.secrets import Secret
from tests.adapters.irnic.conftest import OURS, Calls, WallClock
from tests.adapters.irnic.scripted import (
    Script,
    ScriptedRegistry,
    answers,
    freezes,
    http,
    refuses,
    says,
    wire,
)

NAME = DomainName("example.ir", "ir")
EXPIRY = Expiry(datetime(2027, 3, 1, 20, 50, tzinfo=UTC), "2027-03-02T00:20:00")
RENEW = Renew(NAME, 12, EXPIRY)
CREATE = Register(
    NAME,
    12,
    contacts={ContactRole.REGISTRANT: Handle("AB123-irnic")},
    nameservers=(Nameserver("ns1.example.net"), Nameserver("ns2.example.net")),
)
ALL_ROLES = "".join(
    f'<contact:position type="{role}" allowed="1"/>' for role in ("holder", "admin", "tech", "bill")
)
ALLOWED = answers(
    "contacts.xml",
    checked=f'<contact:cd><contact:id avail="1">ab123-irnic</contact:id>{ALL_ROLES}</contact:cd>',
)

NO_CREDIT = "Not enough credit for your request."
CURRENCY = "Currency type of your contract is different with currency type of the holder."
NOT_ALLOWED = "You are not allowed to use this contact. this contact should authorize you for this relation."
TOO_LONG = (
    "This domain cannot be renewed for selected durtion. Maximum renewal request for this domain is exceeded."
)
CUR_EXP = '<domain:curExpDate xmlns:domain="http://epp.nic.ir/ns/domain-1.0">2027-03-02</domain:curExpDate>'
A_CONTACT = '<domain:contact xmlns:domain="http://epp.nic.ir/ns/domain-1.0" type="holder">ab123-irnic</domain:contact>'
A_HOST = '<domain:hostName xmlns:domain="http://epp.nic.ir/ns/domain-1.0">ns1</domain:hostName>'
A_NAME = '<domain:name xmlns:domain="http://epp.nic.ir/ns/domain-1.0">example.ir</domain:name>'


def brief(outcome: Outcome) -> str:
    """Return an outcome and what it is about in a few words."""
    match outcome:
        case Refused(reason=reason, confirm=confirm):
            return f"refused {reason.value}{' confirm' if confirm else ''}"
        case Correctable(needs=needs):
            return f"correctable {needs.value}"
        case Blocked(cause=cause):
            return f"blocked {cause.value}"
        case _:
            return type(outcome).__name__.lower()


TABLE = """
create  1000  -             pending
create  1001  -             pending
create  1300  -             unknown
create  1500  -             unknown
create  2000  -             blocked request
create  2001  -             blocked request
create  2002  -             blocked request
create  2003  -             blocked request
create  2004  -             blocked request
create  2004  A_HOST        correctable nameservers
create  2005  -             blocked request
create  2005  A_CONTACT     correctable contacts
create  2005  A_NAME        refused policy
create  2100  -             blocked request
create  2101  -             blocked request
create  2102  -             blocked request
create  2103  -             blocked request
create  2104  NO_CREDIT     blocked deposit
create  2104  CURRENCY      refused policy
create  2104  -             blocked deposit
create  2104  SOMETHING     blocked request
create  2105  -             unknown
create  2106  -             unknown
create  2200  -             blocked credentials
create  2201  -             blocked request
create  2202  -             blocked credentials
create  2302  -             refused already_registered confirm
create  2303  -             blocked request
create  2303  A_CONTACT     correctable contacts
create  2304  -             refused status_prohibits confirm
create  2305  -             refused policy
create  2306  NOT_ALLOWED   correctable contacts
create  2306  SOMETHING     refused policy
create  2306  -             refused policy
create  2307  -             unknown
create  2308  -             unknown
create  2400  -             unknown
create  2500  -             unknown
create  2501  -             blocked credentials
create  2502  -             unknown
create  2999  -             unknown
renew   1000  -             pending
renew   1001  -             pending
renew   1301  -             unknown
renew   2001  -             blocked request
renew   2004  -             blocked request
renew   2005  CUR_EXP       blocked request
renew   2104  NO_CREDIT     blocked deposit
renew   2104  CURRENCY      refused policy
renew   2104  -             blocked deposit
renew   2104  SOMETHING     blocked request
renew   2105  TOO_LONG      refused not_renewable
renew   2106  -             unknown
renew   2200  -             blocked credentials
renew   2202  -             blocked credentials
renew   2302  -             unknown
renew   2303  -             refused not_registered confirm
renew   2305  -             refused status_prohibits confirm
renew   2306  NOT_ALLOWED   correctable contacts
renew   2306  CUR_EXP       refused expiry_conflict confirm
renew   2306  EXPIRED       refused expiry_conflict confirm
renew   2306  SOMETHING     refused policy confirm
renew   2307  -             unknown
renew   2308  -             unknown
renew   2400  -             unknown
renew   2500  -             unknown
renew   2501  -             blocked credentials
renew   2502  -             unknown
"""
REASONS = {
    "NO_CREDIT": NO_CREDIT,
    "CURRENCY": CURRENCY,
    "NOT_ALLOWED": NOT_ALLOWED,
    "TOO_LONG": TOO_LONG,
    "EXPIRED": "The current expiration date does not match.",
    "SOMETHING": "A text that nobody has seen yet.",
}
VALUES = {"CUR_EXP": CUR_EXP, "A_CONTACT": A_CONTACT, "A_HOST": A_HOST, "A_NAME": A_NAME}
ROWS = [line.split(maxsplit=3) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(
    ("command", "code", "detail", "expected"), ROWS, ids=[" ".join(row[:3]) for row in ROWS]
)
def test_what_a_code_means(
    command: str,
    *,
    code: str,
    detail: str,
    expected: str,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """Each answer of IRNIC's ends an attempt in exactly one way, and a new code ends it in doubt."""
    script = refuses(int(code), REASONS.get(detail, ""), VALUES.get(detail, ""))
    registry.scripts.extend([ALLOWED, script] if command == "create" else [script])
    outcome = gateway.execute(CREATE if command == "create" else RENEW, call())
    assert brief(outcome) == expected
    assert not registry.scripts


def test_an_accepted_registration_is_not_yet_approved(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A create answered with 1000 is charged, but a person at IRNIC still decides."""
    registry.scripts.extend([ALLOWED, answers("create.xml")])
    outcome = gateway.execute(CREATE, call())
    assert isinstance(outcome, Pending)
    assert outcome.reply.server_transaction_id == "IRNIC_2026-11-22T12:00:00+03:30_abc"


@pytest.mark.parametrize(
    "script", [answers("renew.xml"), answers("bare.xml", code="1001")], ids=["whole", "bare"]
)
def test_a_renewal_is_pending_with_or_without_its_data(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A renewal answered with 1001 alone is accepted all the same."""
    registry.scripts.append(script)
    assert isinstance(gateway.execute(RENEW, call()), Pending)


def test_the_expiry_is_cut_from_irnics_own_text(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Twenty past midnight in Tehran is the day before in UTC; the guard names Tehran's day."""
    registry.scripts.append(answers("renew.xml"))
    gateway.execute(RENEW, call())
    assert b"<domain:curExpDate>2027-03-02</domain:curExpDate>" in registry.requests[0].body
    assert EXPIRY.at.date().isoformat() == "2027-03-01"


def test_contacts_are_asked_about_and_filled_in(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Who is not named is filled in: the registrant, and us for the billing; our own handle is not asked about."""
    registry.scripts.extend([ALLOWED, answers("create.xml")])
    gateway.execute(CREATE, call())
    check, create = registry.requests
    assert check.body.count(b"<contact:id>") == 1
    assert check.transaction_id == "ORDER-1-1-contacts"
    assert create.transaction_id == "ORDER-1-1"
    for role, handle in [
        ("holder", "ab123-irnic"),
        ("admin", "ab123-irnic"),
        ("tech", "ab123-irnic"),
        ("bill", OURS),
    ]:
        assert f'<domain:contact type="{role}">{handle}</domain:contact>'.encode() in create.body


def _checked(avail: str, *positions: tuple[str, str]) -> Script:
    roles = "".join(f'<contact:position type="{role}" allowed="{allowed}"/>' for role, allowed in positions)
    return answers(
        "contacts.xml",
        checked=f'<contact:cd><contact:id avail="{avail}">AB123-irnic</contact:id>{roles}</contact:cd>',
    )


BAD_HANDLES = {
    "unknown": _checked("0"),
    "without positions": _checked("1"),
    "not as holder": _checked("1", ("holder", "0"), ("admin", "1"), ("tech", "1"), ("bill", "1")),
    "not as admin": _checked("true", ("holder", "true"), ("admin", "false"), ("tech", "true")),
    "not as tech": _checked("1", ("holder", "1"), ("admin", "1"), ("tech", "0")),
}


@pytest.mark.parametrize("script", BAD_HANDLES.values(), ids=BAD_HANDLES.keys())
def test_a_handle_that_may_not_be_used_costs_nothing(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A handle that does not exist or does not let us use it is found before anything is ordered."""
    registry.scripts.append(script)
    assert brief(gateway.execute(CREATE, call())) == "correctable contacts"
    assert len(registry.requests) == 1


FAILED_STEPS: dict[str, tuple[Script, str]] = {
    "frozen": (freezes, "notsent"),
    "a page": (says(http(wire("night_page.html"))), "notsent"),
    "HTTP 502": (says(http(b"", status="502 Bad Gateway")), "notsent"),
    "HTTP 401": (says(http(b"", status="401 Unauthorized")), "blocked credentials"),
    "2202": (refuses(2202), "blocked credentials"),
    "2001": (refuses(2001), "blocked request"),
    "2005": (refuses(2005), "correctable contacts"),
    "2400": (refuses(2400), "notsent"),
    "2502": (refuses(2502), "notsent"),
    "about another handle": (
        answers(
            "contacts.xml", checked='<contact:cd><contact:id avail="1">zz999-irnic</contact:id></contact:cd>'
        ),
        "notsent",
    ),
    "neither true nor false": (_checked("yes"), "notsent"),
}


@pytest.mark.parametrize(("script", "expected"), FAILED_STEPS.values(), ids=FAILED_STEPS.keys())
def test_a_failed_step_before_the_create_sends_no_create(
    script: Script, expected: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When the handles cannot be asked about, the registration was not sent, and is never in doubt."""
    registry.scripts.append(script)
    assert brief(gateway.execute(CREATE, call(seconds=1.0))) == expected
    assert len(registry.requests) == 1


PERSON = Contact("customer-1", "Invented Person", "invented@example.net", ("1 Example St",), "Tehran", "IR")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (Register(NAME, 12), "correctable contacts"),
        (Register(NAME, 12, contacts={ContactRole.REGISTRANT: PERSON}), "correctable contacts"),
        (
            Register(NAME, 12, contacts={ContactRole.REGISTRANT: Handle("a@example.net")}),
            "correctable contacts",
        ),
        (
            Register(NAME, 12, contacts={ContactRole.REGISTRANT: Handle("toolonghandle-irnic")}),
            "correctable contacts",
        ),
        (
            Register(NAME, 12, CREATE.contacts, tuple(Nameserver(f"ns{n}.example.net") for n in range(5))),
            "correctable nameservers",
        ),
        (
            Register(
                NAME, 12, CREATE.contacts, (Nameserver("ns1.example.ir", ("192.0.2.1", "2001:db8::1")),)
            ),
            "correctable nameservers",
        ),
        (Register(NAME, 24, CREATE.contacts), "blocked request"),
        (Renew(NAME, 1, EXPIRY), "blocked request"),
        (Renew(NAME, 12, Expiry(EXPIRY.at, "02/03/2027")), "blocked request"),
        (Renew(NAME, 12, Expiry(EXPIRY.at, "2027-02-30T00:00:00")), "blocked request"),
        (Transfer(NAME, 0, Secret("an auth code")), "blocked request"),
        (Restore(NAME, 0), "blocked request"),
        (Register(NAME, 12, CREATE.contacts, privacy=True), "blocked request"),
    ],
)
def test_what_irnic_cannot_take_is_not_sent(
    command: Command, expected: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """What IRNIC would refuse as a bare syntax error is said in words, and nothing leaves."""
    assert brief(gateway.execute(command, call())) == expected
    assert registry.requests == []


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (answers("info_stranger.xml"), "correctable contacts"),
        (answers("info_ours.xml"), "blocked request"),
        (refuses(2400), "blocked request"),
    ],
    ids=["a stranger's name", "our name", "no answer"],
)
def test_a_renewal_that_we_may_not_make(
    look: Script, expected: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When IRNIC says that we may not, the holder is asked to make us billing contact, unless we are it already."""
    registry.scripts.extend([refuses(2201), look])
    assert brief(gateway.execute(RENEW, call())) == expected


def test_reason_texts_are_kept_for_staff(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Staff read IRNIC's code, its own words and its transaction id."""
    registry.scripts.append(refuses(2105, TOO_LONG))
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, Refused)
    assert outcome.reason is RefusalReason.NOT_RENEWABLE
    assert (outcome.reply.result_code, outcome.reply.text) == ("2105", f"Command failed: {TOO_LONG}")
    assert "curExpDate" in outcome.reply.transcript


CLOSED_AT_2310 = datetime(2026, 11, 22, 19, 40, tzinfo=UTC)


@pytest.mark.parametrize("command", [CREATE, RENEW], ids=["create", "renew"])
def test_nothing_is_sent_while_irnic_is_closed(
    command: Command, gateway: Gateway, registry: ScriptedRegistry, call: Calls, clock: WallClock
) -> None:
    """At ten past eleven at night in Tehran an order waits for half past midnight, and says so."""
    clock.at = CLOSED_AT_2310
    outcome = gateway.execute(command, call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == timedelta(hours=1, minutes=20).total_seconds()
    assert registry.requests == []


def test_nothing_is_begun_shortly_before_closing(
    connect: Callable[..., Gateway], registry: ScriptedRegistry, call: Calls, clock: WallClock
) -> None:
    """Within the margin before the closure an order waits, while a look is still made."""
    gateway = connect(registry.url, closing_margin_seconds=600)
    clock.at = CLOSED_AT_2310 - timedelta(minutes=20)
    assert isinstance(gateway.execute(RENEW, call()), NotSent)
    registry.scripts.append(answers("info_ours.xml"))
    assert gateway.look(NAME, Kind.RENEW, call()).ours


@pytest.mark.parametrize(
    ("minutes_after_opening", "phrase", "expected"),
    [
        (1, "بامداد بسته است", "notsent"),
        (1, "", "unknown"),
        (1, "another text", "unknown"),
        (20, "بسته", "unknown"),
    ],
)
def test_the_night_page_is_believed_only_where_irnic_opens_late(
    minutes_after_opening: int,
    *,
    phrase: str,
    expected: str,
    connect: Callable[..., Gateway],
    registry: ScriptedRegistry,
    call: Calls,
    clock: WallClock,
) -> None:
    """The page of the closed gateway proves that nothing was done only right after the night, and only if known."""
    clock.at = CLOSED_AT_2310 + timedelta(hours=1, minutes=20 + minutes_after_opening)
    registry.scripts.append(says(http(wire("night_page.html"))))
    gateway = connect(registry.url, night_page_phrase=phrase, closing_margin_seconds=600)
    assert brief(gateway.execute(RENEW, call())) == expected


def test_the_night_page_before_closing_is_in_doubt(
    connect: Callable[..., Gateway], registry: ScriptedRegistry, call: Calls, clock: WallClock
) -> None:
    """A page that comes while IRNIC closes may stand where the answer to a finished command was to stand."""
    clock.at = CLOSED_AT_2310 - timedelta(minutes=20, seconds=1)
    registry.scripts.append(says(http(wire("night_page.html"))))
    gateway = connect(registry.url, night_page_phrase="بسته", closing_margin_seconds=600)
    assert brief(gateway.execute(RENEW, call())) == "unknown"


def test_the_declarations(gateway: Gateway) -> None:
    """What the core reads before it takes an order for IRNIC."""
    declared = gateway.capabilities
    assert {kind.value for kind in declared.kinds} == {
        *("register", "renew", "renew_elsewhere", "change_holder")
    }
    assert declared.guards[Kind.RENEW_ELSEWHERE] is Guard.CURRENT_EXPIRY
    assert declared.guards[Kind.CHANGE_HOLDER] is Guard.PENDING_TRANSFER
    assert declared.months[Kind.RENEW_ELSEWHERE] == {12, 60}
    assert declared.errands == {Delete, CreateContact, UpdateContact}
    assert declared.reports_statement
    assert declared.max_nameservers == 4
    assert not declared.monotone
    assert declared.reports_deposit
    assert declared.contact_roles == {ContactRole.REGISTRANT}
    assert declared.updates == {Changeable.NAMESERVERS, Changeable.CONTACTS}
    assert isinstance(gateway, Gateway)
