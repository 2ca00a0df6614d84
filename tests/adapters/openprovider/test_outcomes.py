"""What does each of Openprovider's codes come to? The rows of the facts' table, each sent over the wire."""

import pytest

from registrar.commands import AnswerTransfer, Command, Delete, Errand, Kind, TransferAnswer, Update
from registrar.gateway import Gateway
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
)
from registrar.statuses import Status
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import ScriptedApi, answers, refuses

COMMANDS: dict[str, tuple[Command | Errand, str]] = {
    "register": (house.register(), "POST /domains"),
    "renew": (house.renew(), "POST /domains/#/renew"),
    "transfer": (house.transfer(), "POST /domains/transfer"),
    "restore": (house.restore(), "POST /domains/#/restore"),
    "update": (
        Update(house.NAME, add_statuses=frozenset({Status.CLIENT_TRANSFER_PROHIBITED})),
        "PUT /domains/#",
    ),
    "delete": (Delete(house.NAME), "DELETE /domains/#"),
    "approve": (AnswerTransfer(house.NAME, TransferAnswer.APPROVE), "POST /domains/#/transfer/approve"),
}
SPENDING = tuple(str(kind) for kind in (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE))


def codes(text: str) -> list[int]:
    """Return the codes of a row, ranges included."""
    found: list[int] = []
    for part in text.split():
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


ROWS = """
everything                 308 309 900-902 4002 4003         blocked credentials
everything                 310 920                           blocked deposit
everything                 10 15 17 340 4005                 unknown
everything                 11 199 299 341 502 999 4004       unknown
everything                 1 303 7777 424242                 unknown
everything                 100 142 195                       correctable contacts
everything                 200 250 298 872                   correctable nameservers
everything                 307 315 316                       blocked request
everything                 379 19000 19002                   blocked price
everything                 16 512 513                        refused policy
register                   311 365 326 346 362               confirm already_registered
register                   327 339 504 514 20001             pending
register                   366 367 369                       confirm status_prohibits
register                   320 324 325 328 376 317           unknown
renew                      313                               confirm not_registered
renew                      320                               confirm not_ours
renew                      324 19307 19004                   confirm not_renewable
renew                      325                               confirm expiry_conflict
renew                      328 366 367 369                   confirm status_prohibits
renew                      327 339 504 514 20001             unknown
transfer                   312                               confirm not_registered
transfer                   317 318 358                       correctable auth_info
transfer                   326 346 362                       confirm already_ours
transfer                   327 339 504 514 20001             pending
transfer                   328                               correctable unlock
transfer                   365 366 367 369 19004             confirm not_transferable
restore                    376                               confirm not_restorable
restore                    320                               confirm not_ours
restore                    339 504 514 20001                 unknown
update                     320                               confirm not_ours
update                     328 366                           confirm status_prohibits
update                     339                               unknown
delete                     320                               confirm not_ours
delete                     328 19004                         confirm status_prohibits
approve                    320                               confirm not_ours
approve                    317                               blocked request
"""


def cases() -> list[tuple[str, int, str]]:
    """Return command, code and expectation for every cell of the table."""
    found = []
    for row in ROWS.strip().splitlines():
        subject, numbers, expected = row[:27].strip(), row[27:61].strip(), row[61:].strip()
        commands = tuple(COMMANDS) if subject == "everything" else (subject,)
        found += [(command, code, expected) for command in commands for code in codes(numbers)]
    return found


def spoken(outcome: Outcome) -> str:  # noqa: PLR0911 - one for each outcome
    """Return an outcome in the table's words."""
    match outcome:
        case Refused(confirm=confirm, reason=reason):
            return f"{'confirm' if confirm else 'refused'} {reason}"
        case Correctable(needs=needs):
            return f"correctable {needs}"
        case Blocked(cause=cause):
            return f"blocked {cause}"
        case Pending():
            return "pending"
        case NotSent():
            return "not sent"
        case Unknown():
            return "unknown"
        case _:
            return "done"


@pytest.fixture
def ready(api: ScriptedApi) -> ScriptedApi:
    """A platform where the name is ours, for commands that are addressed to one of our names."""
    house.has(api, house.details())
    return api


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case[0]}-{case[1]}")
def test_each_code_means_what_the_table_says(
    gateway: Gateway, ready: ScriptedApi, call: Calls, case: tuple[str, int, str]
) -> None:
    """Whatever Openprovider refuses with, the order takes the way that costs nobody money wrongly."""
    command, code, expected = case
    sent, route = COMMANDS[command]
    ready.on(route, refuses(code, "no"))
    outcome = gateway.execute(sent, call())
    assert spoken(outcome) == expected
    assert len(ready.asked(route)) == 1


@pytest.mark.parametrize(
    "status", ["200 OK", "400 Bad Request", "404 Not Found", "500 Internal Server Error"]
)
def test_the_code_decides_and_the_http_status_does_not(
    gateway: Gateway, api: ScriptedApi, call: Calls, status: str
) -> None:
    """A refusal under HTTP 200 is a refusal, and an acceptance under HTTP 500 an acceptance."""
    api.on(
        "POST /domains",
        refuses(311, "not free", status=status),
        answers({"id": 1, "status": "REQ"}, status=status),
    )
    assert spoken(gateway.execute(house.register(), call())) == "confirm already_registered"
    assert spoken(gateway.execute(house.register(), call())) == "pending"


@pytest.mark.parametrize("command", SPENDING)
def test_maintenance_is_waited_for(gateway: Gateway, ready: ScriptedApi, call: Calls, command: str) -> None:
    """While Openprovider says that it is under maintenance, an order waits and nothing is lost."""
    sent, route = COMMANDS[command]
    ready.on(route, refuses(4005, "maintenance", maintenance=True))
    outcome = gateway.execute(sent, call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 60
    assert not outcome.unreachable


def test_maintenance_does_not_make_an_unclear_failure_clear(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A failure that does not say how far it got is looked into, maintenance or not."""
    api.on("POST /domains", refuses(999, "failed", maintenance=True))
    assert spoken(gateway.execute(house.register(), call())) == "unknown"


def test_an_acceptance_under_maintenance_is_looked_into(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """An answer that says both yes and maintenance is not taken for a yes."""
    api.on("POST /domains", answers({"id": 1, "status": "ACT"}, maintenance=True))
    assert spoken(gateway.execute(house.register(), call())) == "unknown"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ACT", "done"),
        ("REQ", "pending"),
        ("PEN", "pending"),
        ("SCH", "pending"),
        ("FAI", "confirm rejected"),
        ("XXX", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_accepted_registration_is_what_its_status_says(
    gateway: Gateway, api: ScriptedApi, call: Calls, status: str | None, expected: str
) -> None:
    """An accepted order is done only when Openprovider calls the name active."""
    api.on("POST /domains", answers({"id": 4711, "status": status}))
    assert spoken(gateway.execute(house.register(), call())) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [("RRQ", "pending"), ("ACT", "done"), ("REQ", "pending"), ("FAI", "unknown"), ("DEL", "unknown")],
)
def test_an_accepted_restore_is_what_its_status_says(
    gateway: Gateway, api: ScriptedApi, call: Calls, status: str, expected: str
) -> None:
    """A restore that was asked for is under way until the name is active again."""
    house.has(api, house.details("DEL"))
    api.on("POST /domains/#/restore", answers({"status": status}))
    assert spoken(gateway.execute(house.restore(), call())) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [("REQ", "pending"), ("SCH", "pending"), ("ACT", "done"), ("FAI", "confirm transfer_rejected")],
)
def test_an_accepted_transfer_is_what_its_status_says(
    gateway: Gateway, api: ScriptedApi, call: Calls, status: str, expected: str
) -> None:
    """A transfer that was asked for is under way until the name is active with us."""
    api.on("POST /domains/transfer", answers({"id": 4711, "status": status}))
    assert spoken(gateway.execute(house.transfer(), call())) == expected


def test_the_reply_keeps_code_and_words(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """Staff see what Openprovider answered, in its own words."""
    api.on("POST /domains", refuses(311, "The domain is not free"))
    outcome = gateway.execute(house.register(), call())
    assert isinstance(outcome, Refused)
    assert (outcome.reply.result_code, outcome.reply.text) == ("311", "The domain is not free")
    assert outcome.reason is RefusalReason.ALREADY_REGISTERED
    assert outcome.reply.transcript.startswith("> POST /domains ")


def test_blocked_for_the_deposit_stops_the_registrar(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """An empty deposit is our matter: the order keeps its money and waits."""
    api.on("POST /domains", refuses(310, "balance insufficient"))
    outcome = gateway.execute(house.register(), call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.DEPOSIT
    assert outcome.cause.stops_registrar


def test_the_correction_asked_for_is_the_auth_code(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A customer whose code is wrong is asked for another one."""
    api.on("POST /domains/transfer", refuses(318, "wrong code"))
    outcome = gateway.execute(house.transfer(), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.AUTH_INFO
