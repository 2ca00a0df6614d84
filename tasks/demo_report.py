"""What does the demo show at its end? How the orders ended, where, the life of one of them, and the proof, order by order."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Row, select

from registrar.database import Database
from registrar.models import Event, Order
from registrar.money import Money
from registrar.orders import reading
from registrar.orders.states import State
from tasks.demo_night import Night
from tasks.proof import OrderRow, Proof


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a demo came to. The stories' `titles` and the states in which each may end are by the order's key."""

    proof: Proof
    titles: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, Collection[str]] = field(default_factory=dict)
    night: Night | None = None
    """None where an earlier demo's books are compared again."""

    @property
    def ok(self) -> bool:
        """Tell whether the books and the ledger agree, and the night has believed no lie."""
        return self.proof.ok and (self.night is None or self.night.ok)

    def surprises(self) -> tuple[str, ...]:
        """Say which orders ended otherwise than their stories do."""
        return tuple(
            f"{row.key} ({self.titles.get(row.key, row.kind)}) ended {row.state} at {row.registrar}"
            for row in self.proof.rows
            if row.state not in self.expected.get(row.key, row.state)
        )

    def by_registrar(self) -> dict[str, dict[str, int]]:
        """Count the orders that ended at each registrar, the charges that stand there, and the credits to customers."""
        counted: dict[str, dict[str, int]] = {}
        for row in sorted(self.proof.rows, key=lambda row: row.registrar):
            figures = counted.setdefault(row.registrar, {"orders": 0, "charges": 0, "credits": 0})
            figures["orders"] += 1
            figures["charges"] += row.charges
            figures["credits"] += bool(row.credited)
        return counted

    def as_json(self) -> dict[str, Any]:
        """Return the figures that a machine reads."""
        told = {"registrars": self.by_registrar(), "surprises": self.surprises()}
        night = {"night": self.night.as_json()} if self.night else {}
        return {**self.proof.as_json(), **told, **night}


def show(console: Console, database: Database, outcome: Outcome, *, seconds: float) -> None:
    """Print the tables and the verdict."""
    proof = outcome.proof
    with database.reading() as connection:
        ends = connection.execute(select(Order.kind, Order.state, Order.ended_reason)).all()
        told = _eventful(connection)
        timeline = reading.staff_view(connection, told)["timeline"] if told else ()
    console.print(_table_of_ends(ends))
    if told:
        console.print(_table_of_life(told, timeline))
    console.print(_table_of_proof(proof.rows, outcome.titles))
    console.print(_table_of_registrars(outcome))
    if outcome.night is not None:
        console.print(_table_of_night(outcome.night))
    console.print(_figures(proof))
    for surprise in outcome.surprises():
        console.print(f"  [red]{surprise}[/red]")
    for fault in proof.faults:
        console.print(f"  [red]{fault}[/red]")
    verdict = (
        "[green]the books and the ledger agree[/green]"
        if proof.ok
        else "[red]the books and the ledger DISAGREE[/red]"
    )
    console.print(f"{verdict}, after {seconds:.0f} s")


def _eventful(connection: Connection) -> Row[Any] | None:
    """Find an order whose reply was lost and which was found to have happened: the life worth telling."""
    query = (
        select(Order.__table__)
        .join(Event, Event.order_id == Order.id)
        .where(Event.kind == f"order.{State.UNRESOLVED}", Order.state == State.COMPLETED)
        .order_by(Order.id)
    )
    return connection.execute(query.limit(1)).first()


def _table_of_ends(ends: Sequence[Row[str, str, str | None]]) -> Table:
    table = Table("kind", "ended", "because", "orders", title="how the orders ended")
    counts = Counter((str(row.kind), str(row.state), str(row.ended_reason or "")) for row in ends)
    for (kind, state, reason), count in sorted(counts.items()):
        table.add_row(kind, state, reason, str(count))
    return table


def _table_of_life(order: Row[Any], timeline: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(
        "at", "event", "evidence", title=f"the life of order {order.id}: {order.kind} {order.domain}"
    )
    for line in timeline:
        evidence = {
            name: value
            for name, value in line.items()
            if name not in ("at", "event", "actor", "ticket") and value
        }
        table.add_row(
            line["at"][11:23], line["event"], ", ".join(f"{name} {value}" for name, value in evidence.items())
        )
    return table


def _table_of_proof(rows: Sequence[OrderRow], titles: Mapping[str, str]) -> Table:
    """One line for each story: every order was compared, and those that came out alike are counted together."""
    table = Table(title="the registrars' books against the ledger, for each order", box=SIMPLE)
    table.add_column("what happened", max_width=39)
    for name in ("orders", "ended", "charges", "credits"):
        table.add_column(name, no_wrap=True)
    sorts = Counter(
        (titles.get(row.key, row.kind), row.state, row.charges, bool(row.credited)) for row in rows
    )
    for (title, state, charges, credited), count in sorted(sorts.items()):
        table.add_row(title, str(count), state, str(charges), "1" if credited else "")
    return table


def _table_of_registrars(outcome: Outcome) -> Table:
    table = Table("registrar", "orders", "charges", "credits", title="the same, by registrar")
    for registrar, figures in outcome.by_registrar().items():
        table.add_row(registrar, *map(str, figures.values()))
    return table


def _table_of_night(night: Night) -> Table:
    table = Table(
        "figure", "value", title="the night: is it true what our books say of the names?", show_header=False
    )
    for name, value in (
        ("the run", str(night.state)),
        ("looks, at registrars and in the public record", f"{night.asked} ({night.unknown} told nothing)"),
        ("names confirmed", f"{night.confirmed} of {night.names}"),
        ("changes, by kind", ", ".join(f"{count} {kind}" for kind, count in night.changes.items()) or "none"),
        ("lies of the public record that were believed", str(len(night.believed))),
    ):
        table.add_row(name, value)
    for text in night.findings:
        table.add_row("for staff", text)
    return table


def _figures(proof: Proof) -> Table:
    table = Table("figure", "value", title="the proof", show_header=False)
    credited = ", ".join(str(Money(amount, currency)) for currency, amount in proof.credited.items())
    for name, value in (
        ("orders placed", proof.orders["placed"]),
        ("lines of charges in the registrars' books", proof.charges),
        ("of them given back by the registrar", proof.refunds),
        ("credits to customers", f"{proof.credits} ({credited})"),
        ("spent twice", proof.double_spent),
        ("credited twice", proof.double_credited),
        ("lost", proof.lost),
        ("forfeited for breach", len(proof.forfeits)),
        ("ledger balanced", proof.ledger_balanced),
    ):
        table.add_row(name, str(value))
    return table
