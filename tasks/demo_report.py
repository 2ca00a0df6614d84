"""What does the demo show at its end? How the orders ended, the life of one of them, and the proof, order by order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Row, select

from registrar.database import Database
from registrar.models import Event, Order
from registrar.money import Money
from registrar.orders import reading
from registrar.orders.states import State
from tasks.proof import OrderRow, Proof

_SHOWN_ROWS = 12
"""Orders of each sort in the proof's table; the figures count all of them."""


def show(console: Console, database: Database, proof: Proof, *, seconds: float) -> None:
    """Print three tables and the verdict."""
    with database.reading() as connection:
        ends = connection.execute(select(Order.kind, Order.state, Order.ended_reason)).all()
        told = _eventful(connection)
        timeline = reading.staff_view(connection, told)["timeline"] if told else ()
    console.print(_table_of_ends(ends))
    if told:
        console.print(_table_of_life(told, timeline))
    console.print(_table_of_proof(proof.rows))
    console.print(_figures(proof))
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


def _table_of_proof(rows: Sequence[OrderRow]) -> Table:
    table = Table(
        "order",
        "kind",
        "name",
        "state",
        "charges standing",
        "credited",
        title="the registrars' books against the ledger",
    )
    shown: Counter[tuple[str, str]] = Counter()
    for row in rows:
        shown[row.kind, row.state] += 1
        if shown[row.kind, row.state] <= _SHOWN_ROWS:
            credited = str(Money(row.credited, row.currency)) if row.credited else ""
            table.add_row(str(row.order_id), row.kind, row.domain, row.state, str(row.charges), credited)
    left = len(rows) - len(table.rows)
    table.caption = f"and {left} more like these, all of them counted" if left else None
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
        ("ledger balanced", proof.ledger_balanced),
    ):
        table.add_row(name, str(value))
    return table
