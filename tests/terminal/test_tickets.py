"""Does every act by hand carry the ticket that binds (C1)? Each command either demands one, or is listed here with the reason."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import typer

from adapters.portal.app import create_app
from adapters.terminal.app import make_app
from tests.desks import opened
from tests.portal.conftest import MAX_BODY_BYTES
from tests.terminal.conftest import Started, Terminal

READS = frozenset(
    {
        "check-registrar",
        "look",
        "claims list",
        "claims show",
        "customers list",
        "customers show",
        "departures list",
        "departures show",
        "domains export",
        "export verify",
        "findings",
        "keys list",
        "keys new-secret",
        "ledger debts list",
        "ledger show",
        "ledger slips list",
        "ledger verify",
        "notices list",
        "notices preview",
        "notices show",
        "orders closing",
        "orders list",
        "orders overdue",
        "orders show",
        "quote",
        "registrars holds",
        "registrars list",
        "registrars show",
        "rules check",
        "rules show",
        "rules simulate",
        "sync diff",
        "sync pins",
        "sync status",
    }
)
"""They show something, and change nothing that was agreed with anybody."""

WITHOUT_A_TICKET = {
    "orders place": "each line is a customer's own order, under the key of the portal",
    "orders retry": "asks for one itself: only --dry-run, which changes nothing, goes without",
    "claims watch": "has the watchdog look now, as it does by itself",
    "ledger top-up": "carries the payment's own reference, and is booked once for it",
    "notices bounce": "reads what a mail server says, as the mail system hands it in",
    "registrars deposit": "reads a registrar's balance and keeps the reading",
    "registrars reconcile": "reads a registrar's statement and keeps its lines",
    "sync run": "looks at every name now, as the night does by itself",
    "keys issue": "lets a program in, and touches no customer's order or money",
    "keys revoke": "the same, the other way, and at once",
    "db upgrade": "sets up the house",
    "up": "starts a part of the house",
    "worker": "starts a part of the house",
    "api": "starts a part of the house",
    "sandbox": "plays registrars; nothing real is behind it",
    "demo": "the same",
}
"""What changes something, and why no support ticket stands behind it."""

ASKED_FOR_BY_CUSTOMERS = {
    ("post", "/v1/orders"): "the order itself, under its key",
    ("post", "/v1/orders/{order_id}/correction"): "the customer's own words about his order",
    ("post", "/v1/orders/{order_id}/cancellation"): "the customer's own wish",
    ("post", "/v1/quotes"): "a question",
    ("put", "/v1/customers/{customer}/contact"): "the customer's own address",
    ("post", "/v1/customers/{customer}/slips"): "the customer's own slip, by its number",
    ("post", "/v1/customers/{customer}/orders/{order_id}/lines/{line}/decision"): "the customer's own choice",
    (
        "post",
        "/v1/customers/{customer}/orders/{order_id}/lines/{line}/delivery",
    ): "the portal's word of its service",
    ("post", "/v1/departures/{departure_id}/code"): "belongs to a departure, which has its ticket",
}
"""What a portal changes on a customer's wish without a ticket in it, and why."""


def test_every_command_that_acts_by_hand_demands_a_ticket() -> None:
    """No command changes something by hand without a ticket, unless it is listed with its reason (C1)."""
    without = {name for name, command in commands() if not demands_ticket(command) and name not in READS}
    assert without - WITHOUT_A_TICKET.keys() == set()
    known = {name for name, _ in commands()}
    assert (READS | WITHOUT_A_TICKET.keys()) - known == set(), "listed, and gone"
    assert all(len(reason.split()) >= 2 for reason in WITHOUT_A_TICKET.values())


def test_what_only_shows_writes_nothing() -> None:
    """A command that is listed as reading opens no transaction that writes."""
    writing = [
        name
        for name, command in commands()
        if name in READS and ".transaction(" in inspect.getsource(inspect.unwrap(command.callback))
    ]
    assert writing == []


def test_a_blank_ticket_is_none(terminal: Terminal) -> None:
    """A ticket of blanks is refused before anything is done (C1)."""
    before = terminal.shop.rows()
    for words in (
        ("registrars", "hold", "epp", "--reason", "r", "--ticket", " "),
        ("registrars", "release", "epp", "--yes", "--ticket", " "),
        ("customers", "hold", "c-1", "--cause", "identity", "--reason", "r", "--yes", "--ticket", " "),
        ("customers", "release", "c-1", "--cause", "identity", "--reason", "r", "--yes", "--ticket", " "),
        ("domains", "suspend", "mina.com", "--cause", "rules", "--reason", "r", "--yes", "--ticket", " "),
        ("domains", "unsuspend", "mina.com", "--reason", "r", "--yes", "--ticket", " "),
        ("orders", "report", 1, "--kind", "differs", "--channel", "support", "--text", "t", "--ticket", " "),
        ("orders", "export", 1, "--to", "/nowhere/file", "--ticket", " "),
        ("claims", "export", 1, "--to", "/nowhere/file", "--ticket", " "),
        ("findings", "close", 1, "--ticket", " "),
        ("sync", "approve", "--all", "--yes", "--ticket", " "),
        ("sync", "reject", "--all", "--yes", "--ticket", " "),
        (
            "sync",
            "pin",
            "mina.com",
            "--expires",
            "2030-01-01",
            "--until",
            "2029-01-01",
            "--reason",
            "r",
            "--ticket",
            " ",
        ),
        ("sync", "unpin", "mina.com", "--ticket", " "),
    ):
        refused = terminal.call(*words, "--json")
        assert refused.exit_code == 1, words
        assert json.loads(refused.stderr)["error"]["code"] == "ticket_missing", words
    assert terminal.shop.rows() == before


def test_what_a_portal_changes_by_hand_has_a_ticket_in_it(sqlite_url: str) -> None:
    """Whatever is not plainly a customer's own wish about his own order asks for its ticket over HTTP too (C1)."""
    with opened(sqlite_url) as shop:
        described = create_app(shop.desk, max_body_bytes=MAX_BODY_BYTES).openapi()
    without = {
        (method, path)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method != "get" and "ticket" not in required(described, operation)
    }
    assert without == ASKED_FOR_BY_CUSTOMERS.keys()


def required(described: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """Return what the document must have that an operation takes."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    found: list[str] = described["components"]["schemas"].get(name, {}).get("required", [])
    return found


def demands_ticket(command: Any) -> bool:
    """Tell whether a command cannot be called without a ticket."""
    return any(option.name == "ticket" and option.required for option in command.params)


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command by the words that call it, a group that does something by itself too."""
    app = make_app(lambda _config: None, Started([]).starters())  # type: ignore[arg-type,return-value]  # never opened
    yield from _walk(typer.main.get_command(app), ())


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", {})
    if words and (not below or command.invoke_without_command):
        yield " ".join(words), command
    for name, inner in below.items():
        yield from _walk(inner, (*words, name))
