"""Do staff see what is going on at a registrar, and may they stop it, start it, and hold its books against ours?"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.terminal.statement_file import read_statement
from registrar import deposits, holds, statements
from registrar.commands import ContactRole, CreateContact, Delete, Kind
from registrar.costs import Costs
from registrar.findings import open_finding
from registrar.gateway import Capabilities, Changeable, Deposit, StatementLine
from registrar.models import Charge, Event
from registrar.orders.working import claim
from registrar.outcomes import BlockCause
from tests.agreement.rulebook import standard
from tests.databases import ON_ONE_DATABASE
from tests.desks import CAN, MINUTE, START, TERMS, an_order
from tests.terminal.conftest import Terminal, unboxed

COSTS: Costs = {"com": {Kind.RENEW: {12: Decimal("9.15")}}}


def able(terminal: Terminal, can: Capabilities) -> Terminal:
    """Give the registrar epp these capabilities."""
    terms = {**terminal.shop.desk.terms, "epp": replace(TERMS, capabilities=can)}
    desk = replace(terminal.shop.desk, terms=terms)
    return Terminal(replace(terminal.shop, desk=desk), terminal.started)


def with_books(terminal: Terminal, *, balance: str | None = None, costs: Costs = COSTS) -> Terminal:
    """Let a balance and the lines of a file be compared with our orders for good, as the product does."""
    desk = terminal.shop.desk

    def read_deposit(registrar: str) -> deposits.Forecast | None:
        if balance is None:
            return None
        with desk.database.transaction() as connection:
            deposits.record(connection, registrar, Deposit(balance, "USD"), now=desk.now())
            return deposits.forecast(connection, registrar, costs, days=14, now=desk.now())

    def reconcile(
        registrar: str, since: date, until: date, lines: tuple[StatementLine, ...] | None
    ) -> statements.Reconciliation | None:
        if lines is None:
            return None
        now = desk.now()
        with desk.database.transaction() as connection:
            return statements.reconcile(
                connection, registrar, lines, costs, since=now - timedelta(days=40), until=now, now=now
            )

    working = replace(desk, read_deposit=read_deposit, reconcile=reconcile)
    return Terminal(replace(terminal.shop, desk=working), terminal.started)


def place(terminal: Terminal, **changes: object) -> None:
    """Place an order."""
    line = json.dumps({"key": f"k-{changes}", **an_order(**changes)}).encode()
    assert terminal.call("orders", "place", "-", stdin=line).exit_code == 0


def events(terminal: Terminal, kind: str) -> list[tuple[str | None, str, str | None]]:
    """Tell the subject, the actor and the ticket of each event of a kind."""
    with terminal.shop.desk.database.reading() as connection:
        query = select(Event.subject, Event.actor, Event.ticket).where(Event.kind == kind).order_by(Event.id)
        return [(row.subject, row.actor, row.ticket) for row in connection.execute(query)]


def test_what_a_registrar_can_do_is_told_in_words(terminal: Terminal) -> None:
    """Staff read what a registrar can do before they promise it: terms, errands, auth codes, privacy, tables."""
    can = replace(
        CAN,
        updates=frozenset({Changeable.NAMESERVERS, Changeable.AUTH_INFO}),
        errands=frozenset({Delete, CreateContact}),
        months={Kind.RENEW: frozenset({60, 12})},
        transfer_contact_roles=frozenset({ContactRole.REGISTRANT}),
        idn_tables=frozenset({"fa", "de"}),
        privacy=True,
    )
    told = able(terminal, can).json("registrars", "show", "epp")
    assert told["commands"].startswith("register (guard: name), renew (guard: current expiry)")
    assert (told["updates"], told["errands"]) == ("nameservers, auth_info", "delete a name, create a contact")
    assert told["terms in months"] == "renew: 12, 60"
    assert told["transfer contact roles"] == "registrant"
    assert (told["auth codes"], told["privacy"], told["IDN tables"]) == (
        "not shown, can be set",
        "yes",
        "de, fa",
    )
    plain = terminal.json("registrars", "show", "epp")
    assert (plain["terms in months"], plain["errands"]) == ("not limited here", "none")
    assert (plain["auth codes"], plain["privacy"], plain["IDN tables"]) == (
        "not shown, cannot be set",
        "no",
        "none",
    )


def test_what_is_ours_at_a_registrar_is_shown(terminal: Terminal) -> None:
    """Its open orders by state, its last known deposit, its holds and its findings: nothing is asked of it for that."""
    place(terminal, domain="a.com")
    place(terminal, domain="b.com")
    place(terminal, domain="c.com")
    place(terminal, domain="d.ir", price={"amount": 450000, "currency": "IRR"})
    with terminal.shop.desk.database.transaction() as connection:
        assert claim(connection, 1, terms=TERMS, rules=standard(), now=START) is not None
        deposits.record(connection, "epp", Deposit("1000.50", "USD"), now=START)
        holds.put(connection, "epp", BlockCause.DEPOSIT, reason="no funds", now=START, probe_after=MINUTE)
        for subject in ("epp", "epp: 88123", "epp2: 88123", "order:1", "irnic"):
            open_finding(connection, "tried", subject, text="look", next_step="look", now=START)
    told = terminal.json("registrars", "show", "epp")
    assert {one["state"]: one["orders"] for one in told["orders"]} == {"placed": 2, "looking": 1}
    assert told["last_deposit"] == [{"read_at": "2026-11-22T10:00:00Z", "balance": "1000.50", "unit": "USD"}]
    assert [(one["cause"], one["reason"], one["probe_at"]) for one in told["holds"]] == [
        ("deposit", "no funds", "2026-11-22T10:01:00Z")
    ]
    assert [one["subject"] for one in told["findings"]] == ["epp: deposit", "epp", "epp: 88123"]
    assert terminal.shop.registrars.looks == []
    shown = terminal.call("registrars", "show", "epp").stdout
    assert ("1000.50" in shown, "no funds" in shown, "top up the deposit" in shown) == (True, True, True)
    elsewhere = terminal.json("registrars", "show", "irnic")
    assert (elsewhere["last_deposit"], elsewhere["holds"]) == ([], [])
    unknown = terminal.call("registrars", "show", "none")
    assert (unknown.exit_code, "epp, irnic" in unknown.stderr) == (2, True)


def test_a_registrar_is_put_on_hold_by_hand(terminal: Terminal) -> None:
    """Staff stop a registrar with a reason and a ticket; both are found again, and only staff start it again."""
    words = ("registrars", "hold", "epp", "--reason", "it charges twice")
    assert terminal.call(*words).exit_code == 2
    assert "ticket_missing" in terminal.call(*words, "--ticket", " ").stderr
    for reason in (" ", "x" * 1001):
        assert terminal.call("registrars", "hold", "epp", "--ticket", "T", "--reason", reason).exit_code == 2
    assert terminal.call("registrars", "hold", "none", "--ticket", "T", "--reason", "x").exit_code == 2
    assert [one["on_hold"] for one in terminal.lines("registrars", "list")] == [False, False]
    held = terminal.json(*words, "--ticket", "T-7")
    assert held == {"registrar": "epp", "on_hold": True, "reason": "it charges twice"}
    [_, on] = terminal.lines("registrars", "list")
    assert (on["registrar"], on["cause"], on["reason"]) == ("epp", "by_hand", "it charges twice")
    assert on["probe_at"] is None
    assert "it charges twice" in terminal.call("registrars", "list").stdout
    [(subject, actor, ticket)] = events(terminal, "registrar.held_by_hand")
    assert (subject, actor.startswith("terminal ("), ticket) == ("epp", True, "T-7")
    assert terminal.json("registrars", "release", "epp", "--ticket", "T-8", "--yes")["released"] == 1


def test_a_deposit_is_read_and_compared_with_what_comes(terminal: Terminal) -> None:
    """A deposit is told to the last cent, with what the waiting orders need and what is missing."""
    shop = with_books(terminal, balance="10.10")
    place(shop, domain="a.com")
    place(shop, domain="b.com")
    place(shop, domain="c.com", months=24)
    told = shop.json("registrars", "deposit", "epp")
    assert (told["balance"], told["waiting_cost"], told["needed"]) == ("10.10", "18.30", "18.30")
    assert (told["missing"], told["waiting_orders"], told["uncosted"]) == ("8.20", 3, 1)
    assert told["unit"] == "USD"
    assert "8.20" in shop.call("registrars", "deposit", "epp").stdout
    tiny = with_books(terminal, balance="0.00000001").json("registrars", "deposit", "epp")
    assert tiny["balance"] == "0.00000001"


def test_a_deposit_that_is_not_reported_is_told_so(terminal: Terminal) -> None:
    """Where a registrar reports no deposit, staff are told where to look instead."""
    refused = terminal.call("registrars", "deposit", "irnic", "--json")
    assert refused.exit_code == 1
    error = json.loads(refused.stderr)["error"]
    assert (error["code"], "own site" in error["text"]) == ("deposit_not_reported", True)
    assert terminal.call("registrars", "deposit", "none").exit_code == 2


STATEMENT = """\
id,at,amount,unit,kind,domain,months,refund,text
1,2026-11-20,9.15,USD,renew,mina.com,12,,Renewal
2,2026-11-21T10:00:00+03:30,100,USD,,,,,"Top-up,
by bank"

3,2026-11-21,-9.15,USD,renew,مینا.com,12,yes,
"""


def test_a_statement_comes_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    """A charge in a file that no order of ours explains is a difference with a next step; the exit code is 1."""
    file = tmp_path / "november.csv"
    file.write_text(STATEMENT, encoding="utf-8-sig")
    words = ("registrars", "reconcile", "epp", "--csv", file)
    compared = with_books(terminal).call(*words, "--json")
    assert compared.exit_code == 1
    told = json.loads(compared.stdout)
    assert (told["since"], told["until"]) == ("2026-10-23", "2026-11-22")
    assert (told["lines"], told["new"], told["explained"]) == (3, 3, 0)
    assert [(one["kind"], one["subject"]) for one in told["differences"]] == [
        ("charge_not_ordered", "epp: 1"),
        ("charge_not_ordered", "epp: 3"),
    ]
    assert all(one["next_step"] for one in told["differences"])
    again = with_books(terminal).call(*words)
    assert (again.exit_code, "mina.com" in again.stdout) == (1, True)
    with terminal.shop.desk.database.reading() as connection:
        query = select(Charge.domain, Charge.amount, Charge.is_refund).order_by(Charge.line_id)
        assert [tuple(row) for row in connection.execute(query)] == [
            ("mina.com", "9.15", False),
            (None, "100", False),
            ("xn--mgb3dd94c.com", "-9.15", True),
        ]


def test_only_the_days_that_were_asked_for_are_compared(terminal: Terminal, tmp_path: Path) -> None:
    """Lines of other days are left out, and staff are told how many; a statement without charges has no differences."""
    file = tmp_path / "november.csv"
    file.write_text(STATEMENT, encoding="utf-8")
    words = ("registrars", "reconcile", "epp", "--csv", file)
    early = with_books(terminal).call(*words, "--since", "2026-11-01", "--until", "2026-11-02", "--json")
    assert early.exit_code == 0
    assert json.loads(early.stdout)["lines"] == 0
    assert "3 of 3 lines are not of 2026-11-01 to 2026-11-02" in early.stderr
    backwards = terminal.call(*words, "--since", "2026-11-03", "--until", "2026-11-02")
    assert backwards.exit_code == 2


def test_a_statement_is_asked_for_over_the_wire(terminal: Terminal) -> None:
    """Without a file the registrar is asked for its own statement; one that reports none is told how to go on."""
    terminal.shop.registrars.reconciliations["epp"] = statements.Reconciliation("epp", lines=4, explained=4)
    told = terminal.json("registrars", "reconcile", "epp", "--since", "2026-11-01")
    assert (told["lines"], told["differences"]) == (4, [])
    assert terminal.shop.registrars.statements == [("epp", date(2026, 11, 1), date(2026, 11, 22), None)]
    none = terminal.call("registrars", "reconcile", "irnic", "--json")
    assert none.exit_code == 1
    error = json.loads(none.stderr)["error"]
    assert (error["code"], "--csv" in error["text"]) == ("statement_not_reported", True)


FAULTS = {
    "1,2026-11-20,9.15,USD,renew,mina.com,12,,": "line 3: the id '1' stands in the file already",
    ",2026-11-20,9.15,USD,,,,,": "line 3: id is empty",
    "x,2026-11-20,,USD,,,,,": "line 3: amount is no number",
    "x,2026-11-20,NaN,USD,,,,,": "line 3: amount is no number",
    'x,2026-11-20,"1,200.00",USD,,,,,': "line 3: amount is no number",
    "x,2026-11-20,1E3,USD,,,,,": "line 3: amount is no number",
    "x,2026-11-20,1,,,,,,": "line 3: unit is empty",
    "x,yesterday,1,USD,,,,,": "line 3: at is a day",
    "x,2026-11-20T10:00:00,1,USD,,,,,": "line 3: at is a day",
    "x,,1,USD,,,,,": "line 3: at is empty",
    "x,2026-11-20,1,USD,renewal,mina.com,,,": "line 3: kind is empty or one of register, renew",
    "x,2026-11-20,1,USD,renew,,,,": "line 3: it has a kind and no domain",
    "x,2026-11-20,1,USD,renew,https://mina.com,,,": "line 3: 'https://mina.com' is an address",
    "x,2026-11-20,1,USD,renew,mina.com,a year,,": "line 3: months is empty or a whole number",
    "x,2026-11-20,1,USD,renew,mina.com,12,perhaps,": "line 3: refund is empty, yes or no",
    "x,2026-11-20,1,USD,renew,mina.com,12,yes,": "line 3: the amount of a refund is negative",
    "x,2026-11-20,1,USD,renew,mina.com,12": "line 3: it has not as many fields as the header",
    "x,2026-11-20,1,USD,renew,mina.com,12,,,more": "line 3: it has not as many fields as the header",
    "x" * 129 + ",2026-11-20,1,USD,,,,,": "line 3: id has more than 128 characters",
    '"x"y,2026-11-20,1,USD,,,,,': "it is not CSV",
}


@ON_ONE_DATABASE
@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_in_a_statement_is_named_with_its_line(terminal: Terminal, tmp_path: Path, line: str) -> None:
    """A file with a faulty line is not read at all; the line and what is wrong with it are told."""
    file = tmp_path / "november.csv"
    file.write_text("\n".join([*STATEMENT.splitlines()[:2], line]), encoding="utf-8")
    refused = terminal.call("registrars", "reconcile", "epp", "--csv", file)
    assert refused.exit_code == 2
    assert FAULTS[line] in unboxed(refused.stderr)
    assert terminal.shop.registrars.statements == []


def test_every_fault_of_a_statement_is_told_at_once(terminal: Terminal, tmp_path: Path) -> None:
    """Staff mend a file in one go: each faulty line is named, and of very many the first ones."""
    file = tmp_path / "november.csv"
    file.write_text(STATEMENT + "4,,1,USD,,,,,\n" + "5,2026-11-20,?,USD,,,,,\n" * 30, encoding="utf-8")
    told = unboxed(terminal.call("registrars", "reconcile", "epp", "--csv", file).stderr)
    assert "line 7: at is empty" in told
    assert "line 8: amount is no number" in told
    assert "and 11 more" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the column 'amount' is missing"),
        (b"id,at,amount,unit,colour\n", "line 1: nobody reads the column 'colour' known columns: amount, at"),
        (b"id,at,amount,unit,unit\n", "line 1: a column stands there twice"),
        (b"id,at,amount,unit\n1,2026-11-20,1,\xff\n", "it is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_statement_is_told_so(
    terminal: Terminal, tmp_path: Path, content: bytes, said: str
) -> None:
    """A file with other columns, or that is no text, says what a statement must have."""
    file = tmp_path / "november.csv"
    file.write_bytes(content)
    refused = terminal.call("registrars", "reconcile", "epp", "--csv", file)
    assert (refused.exit_code, said in unboxed(refused.stderr)) == (2, True)
    assert terminal.call("registrars", "reconcile", "epp", "--csv", tmp_path / "none.csv").exit_code == 2


def test_a_day_in_a_statement_is_no_instant(tmp_path: Path) -> None:
    """A bare day is taken at its noon, with the text kept as the registrar wrote it; a time keeps its instant."""
    file = tmp_path / "november.csv"
    file.write_text(STATEMENT, encoding="utf-8")
    lines: Mapping[str, StatementLine] = {line.line_id: line for line in read_statement(file)}
    assert lines["1"].at.isoformat() == "2026-11-20T12:00:00+00:00"
    assert (lines["2"].at.isoformat(), lines["2"].at_text) == (
        "2026-11-21T06:30:00+00:00",
        "2026-11-21T10:00:00+03:30",
    )


def test_a_finding_that_was_seen_to_is_closed_with_a_ticket(terminal: Terminal) -> None:
    """A finding that only a person can judge is closed once, by name and ticket; what is not open is told so."""
    with terminal.shop.desk.database.transaction() as connection:
        open_finding(connection, "tried", "epp: 1", text="a charge", next_step="ask them", now=START)
    [found] = terminal.lines("findings")
    assert (found["text"], found["next_step"]) == ("a charge", "ask them")
    words = ("findings", "close", found["id"])
    assert terminal.call(*words).exit_code == 2
    assert "ticket_missing" in terminal.call(*words, "--ticket", " ").stderr
    assert len(terminal.lines("findings")) == 1
    assert terminal.json(*words, "--ticket", "T-7") == {"finding": found["id"], "closed": True}
    assert terminal.lines("findings") == []
    [(subject, _, ticket)] = events(terminal, "finding.closed")
    assert (subject, ticket) == (f"finding:{found['id']}", "T-7")
    again = terminal.call(*words, "--ticket", "T-7", "--json")
    assert (again.exit_code, json.loads(again.stderr)["error"]["code"]) == (1, "finding_not_open")


def test_a_finding_that_says_how_something_stands_is_not_closed(terminal: Terminal) -> None:
    """A held order stays among what staff should look at for as long as it is held, whoever closes it."""
    with terminal.shop.desk.database.transaction() as connection:
        open_finding(
            connection,
            "order_held",
            "order:1",
            text="order 1 is held",
            next_step="retry it, or refuse it",
            now=terminal.shop.desk.now(),
        )
    [found] = terminal.lines("findings")
    refused = terminal.call("findings", "close", found["id"], "--ticket", "T-7")
    assert refused.exit_code == 1
    assert "retry it, or refuse it" in refused.stderr
    assert len(terminal.lines("findings")) == 1
