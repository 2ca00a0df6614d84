"""Moving a name to another holder, and giving it up, over the wire."""

from collections.abc import Callable

import pytest

from registrar.commands import ChangeHolder, Contact, ContactRole, Delete, Handle, Kind
from registrar.gateway import Gateway, Progress
from registrar.names import DomainName
from registrar.outcomes import Correctable, Done, Pending, Unknown
from registrar.secrets import Secret
from tests.adapters.irnic.conftest import OURS, Calls
from tests.adapters.irnic.scripted import Script, ScriptedRegistry, answers, refuses, says
from tests.adapters.irnic.test_outcomes import (
    A_CONTACT,
    A_NAME,
    ALL_ROLES,
    ALLOWED,
    CURRENCY,
    NO_CREDIT,
    NOT_ALLOWED,
    PERSON,
    brief,
)
from tests.adapters.irnic.test_renewing import shows

NAME = DomainName("example.ir", "ir")
TO_SARA = {ContactRole.REGISTRANT: Handle("AB123-irnic")}
ASK = ChangeHolder(NAME, TO_SARA)
PIN = Secret("۱۲۳ ۴۵۶ ۷۸۹")
MOVE = ChangeHolder(NAME, TO_SARA, pin=PIN)
DONE = answers("bare.xml", code="1000")
AUTH = '<domain:authInfo xmlns:domain="http://epp.nic.ir/ns/domain-1.0"/>'


def test_the_pin_is_asked_for_first(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Without a PIN IRNIC is asked to mail one to the present holder, and the customer is told so, not a code."""
    registry.scripts.extend([ALLOWED, DONE])
    outcome = gateway.execute(ASK, call())
    assert isinstance(outcome, Correctable)
    assert brief(outcome) == "correctable pin"
    assert "mailed a PIN to the present holder" in outcome.reply.text
    assert b'<extension><pin op="req"/></extension>' in registry.requests[1].body
    assert registry.requests[1].transaction_id == "ORDER-1-1"


def test_with_the_pin_the_name_moves(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """The PIN is sent as IRNIC writes it, with all four contacts; then the present holder has the word."""
    registry.scripts.extend([ALLOWED, DONE])
    outcome = gateway.execute(MOVE, call())
    assert isinstance(outcome, Pending)
    body = registry.requests[1].body.decode()
    assert '<extension><pin pinCode="123456789"/></extension>' in body
    for role, handle in (
        ("holder", "ab123-irnic"),
        ("admin", "ab123-irnic"),
        ("tech", "ab123-irnic"),
        ("bill", OURS),
    ):
        assert f'<domain:contact type="{role}">{handle}</domain:contact>' in body
    assert "123456789" not in repr(outcome)


def test_the_pin_is_in_nothing_that_is_handed_back(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Even if IRNIC repeats the PIN to us, no outcome shows it."""
    registry.scripts.extend([ALLOWED, refuses(2306, "pin 123456789", "123456789")])
    outcome = gateway.execute(MOVE, call())
    assert brief(outcome) == "correctable pin"
    assert "123456789" not in repr(outcome)


@pytest.mark.parametrize("pin", ["012345678", "12345678", "1234567890", "abcdefghi", "", "0" * 9])
def test_what_is_no_pin_is_not_sent(
    pin: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Nine digits, the first not 0: anything else is asked for again, and nothing leaves."""
    assert brief(gateway.execute(ChangeHolder(NAME, TO_SARA, pin=Secret(pin)), call())) == "correctable pin"
    assert registry.requests == []


@pytest.mark.parametrize(
    "contacts",
    [
        {},
        {ContactRole.ADMIN: Handle("ab123-irnic")},
        {ContactRole.REGISTRANT: Handle("a@example.net")},
        {ContactRole.REGISTRANT: PERSON},
    ],
    ids=["nobody", "an admin", "an address", "a person"],
)
def test_the_new_holder_is_named_by_a_handle(
    contacts: dict[ContactRole, Handle | Contact], gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Without the new holder's handle nobody is mailed a PIN."""
    assert brief(gateway.execute(ChangeHolder(NAME, contacts), call())) == "correctable contacts"
    assert registry.requests == []


@pytest.mark.parametrize("command", [ASK, MOVE], ids=["the PIN", "the move"])
@pytest.mark.parametrize("role", ["holder", "admin", "tech"])
def test_a_handle_that_may_not_be_used_moves_nothing(
    command: ChangeHolder, role: str, *, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A new holder who does not let us use the handle is told so before anything is asked or spent."""
    roles = ALL_ROLES.replace(f'type="{role}" allowed="1"', f'type="{role}" allowed="0"')
    checked = f'<contact:cd><contact:id avail="1">ab123-irnic</contact:id>{roles}</contact:cd>'
    registry.scripts.append(answers("contacts.xml", checked=checked))
    outcome = gateway.execute(command, call())
    assert isinstance(outcome, Correctable)
    assert outcome.reply.text == f"ab123-irnic does not let us use it as {role}"
    assert len(registry.requests) == 1


TABLE = {
    ("ask", 1001, "", ""): "correctable pin",
    ("ask", 2001, "", ""): "blocked request",
    ("ask", 2106, "", ""): "refused not_transferable",
    ("ask", 2200, "", ""): "blocked credentials",
    ("ask", 2201, "", ""): "correctable contacts",
    ("ask", 2202, "", ""): "blocked credentials",
    ("ask", 2303, "", ""): "refused not_registered confirm",
    ("ask", 2304, "", ""): "refused status_prohibits confirm",
    ("ask", 2306, "You cannot unlock this domain.", ""): "correctable contacts",
    ("ask", 2400, "", ""): "unknown",
    ("move", 1001, "", ""): "pending",
    ("move", 2001, "", ""): "blocked request",
    ("move", 2004, "", ""): "correctable pin",
    ("move", 2005, "", A_CONTACT): "correctable contacts",
    ("move", 2005, "", A_NAME): "blocked request",
    ("move", 2104, NO_CREDIT, ""): "blocked deposit",
    ("move", 2104, CURRENCY, ""): "refused policy",
    ("move", 2106, "", ""): "refused not_transferable",
    ("move", 2200, "", ""): "blocked credentials",
    ("move", 2201, "", ""): "correctable contacts",
    ("move", 2202, "", ""): "correctable pin",
    ("move", 2202, "", AUTH): "blocked credentials",
    ("move", 2300, "", ""): "refused status_prohibits confirm",
    ("move", 2303, "", ""): "refused not_registered confirm",
    ("move", 2303, "", A_CONTACT): "correctable contacts",
    ("move", 2304, "", ""): "refused status_prohibits confirm",
    ("move", 2306, NOT_ALLOWED, ""): "correctable contacts",
    ("move", 2306, "", ""): "correctable contacts",
    ("move", 2308, "", ""): "unknown",
    ("move", 2400, "", ""): "unknown",
    ("move", 2502, "", ""): "unknown",
}


@pytest.mark.parametrize(
    ("answer", "expected"), TABLE.items(), ids=[f"{number} {key[:3]}" for number, key in enumerate(TABLE)]
)
def test_what_a_code_means(
    answer: tuple[str, int, str, str],
    expected: str,
    *,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """Each answer to either half ends the attempt in exactly one way."""
    half, code, reason, value = answer
    registry.scripts.extend([ALLOWED, refuses(code, reason, value)])
    assert brief(gateway.execute(ASK if half == "ask" else MOVE, call())) == expected


def test_a_lost_move_is_in_doubt(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A move whose answer was lost may have been charged: only looking can tell."""
    registry.scripts.extend([ALLOWED, says(b"")])
    assert isinstance(gateway.execute(MOVE, call()), Unknown)


def test_a_look_tells_who_holds_a_name(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """The handles are told by role, as they are written everywhere here, and so is a move under way."""
    registry.scripts.append(shows("irnicRegistered pendingUpdate irnicHolderChangePendingHolderCheck"))
    seen = gateway.look(NAME, Kind.CHANGE_HOLDER, call())
    assert seen.contacts[ContactRole.REGISTRANT] == "ab123-irnic"
    assert seen.contacts[ContactRole.BILLING] == OURS
    assert seen.progress == {Kind.CHANGE_HOLDER: Progress.UNDER_WAY}


DELETIONS: dict[str, tuple[list[Script], str]] = {
    "ours": ([answers("info_ours.xml"), DONE], "pending"),
    "ours, 1001": ([answers("info_ours.xml"), answers("bare.xml", code="1001")], "pending"),
    "on its way": ([shows("pendingDelete irnicDeletionPendingHolderCheck")], "pending"),
    "refused by its holder before": ([shows("ok irnicDeletionRejected"), DONE], "pending"),
    "gone": ([refuses(2303)], "done"),
    "gone meanwhile": ([answers("info_ours.xml"), refuses(2303)], "done"),
    "a stranger's": ([answers("info_stranger.xml")], "refused not_ours"),
    "prohibited": ([answers("info_ours.xml"), refuses(2304)], "refused status_prohibits confirm"),
    "not ours after all": ([answers("info_ours.xml"), refuses(2201)], "refused not_ours"),
    "no look": ([refuses(2502)], "notsent"),
    "not clear": ([answers("info_ours.xml"), refuses(2400)], "unknown"),
}


@pytest.mark.parametrize(("scripts", "expected"), DELETIONS.values(), ids=DELETIONS.keys())
def test_a_name_is_given_up(
    scripts: list[Script], expected: str, *, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A deletion is accepted until the holder confirms; a name that is gone, or on its way, is left alone."""
    registry.scripts.extend(scripts)
    outcome = gateway.execute(Delete(NAME), call())
    assert brief(outcome) == expected
    assert not registry.scripts
    assert not isinstance(outcome, Done) or "2303" in outcome.reply.transcript


@pytest.mark.parametrize("command", [ASK, MOVE, Delete(NAME)], ids=["ask", "move", "delete"])
def test_nothing_is_begun_at_night(
    command: ChangeHolder | Delete,
    connect: Callable[..., Gateway],
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """At night these wait like everything else."""
    closed_at_noon = connect(registry.url, closed_from="11:00", closed_until="13:00")
    assert brief(closed_at_noon.execute(command, call())) == "notsent"
    assert registry.requests == []
