"""What becomes of each line of an order, and of its money? Phase 2 of every share, in the transaction that ends the order.

The name itself is a line; fees and dependent services are rows beside it (`order_lines`). A row for the name is written
only when its end is not the order's own: while it is undecided, and by whom it was decided then.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from registrar import debts, events, ledger
from registrar.agreement.failure import (
    Became,
    Ending,
    Fate,
    LineKind,
    Modes,
    fate_of_line,
    fate_of_name,
    gift_back,
)
from registrar.commands import Kind, OwnKind
from registrar.findings import close_finding, open_finding
from registrar.ledger import MAIN_LINE, REPURCHASE, Share
from registrar.models import OrderLine
from registrar.money import Money
from registrar.orders.requests import Line
from registrar.outcomes import RefusalReason

UNDECIDED = "line_undecided"
"""The finding that a line waits for somebody's decision."""


class LineRefusedError(Exception):
    """Nothing is to be decided about this line now; `code` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def store(connection: Connection, order_id: int, lines: Sequence[Line]) -> None:
    """Write an order's lines beside the name, at its placement."""
    rows = [
        {
            "order_id": order_id,
            "line": line.line,
            "kind": line.kind,
            "text": line.text,
            "amount": line.amount.amount,
            "refundable": line.refundable,
            "delivered": line.delivered,
        }
        for line in lines
    ]
    if rows:
        connection.execute(insert(OrderLine), rows)


def earn(connection: Connection, order: Row[Any], *, now: datetime) -> None:
    """Earn the whole order: it was delivered."""
    shares = ledger.standing_shares(connection, order.id)
    for share in shares:
        ledger.earn(connection, order.id, share, now=now)
    if any(share.line != MAIN_LINE for share in shares):
        mine = update(OrderLine).where(OrderLine.order_id == order.id)
        connection.execute(mine.values(ended=Became.EARNED, ended_why="its order was carried out"))


def end_undelivered(connection: Connection, order: Row[Any], ending: Ending, *, now: datetime) -> None:
    """Give back, keep or leave undecided each line of an order that came to nothing, one entry for each share (D5, D6)."""
    if order.kind in set(OwnKind):
        return  # it cost nothing, and nothing depends on it
    modes = Modes.of(order.promise)
    shares = ledger.standing_shares(connection, order.id)
    ledger.lock_purses(connection, order.customer, order.price_currency)
    name = fate_of_name(Kind(order.kind), ending, modes)
    _end_share_by_share(connection, order, MAIN_LINE, name, shares, ending=ending, now=now)
    if name.became is Became.UNDECIDED:
        _write_name(connection, order, name)
        _ask(connection, order, MAIN_LINE, name, now=now)
    if all(share.line == MAIN_LINE for share in shares):
        return
    for line in _rows(connection, order.id):
        if line.line == MAIN_LINE:
            continue
        fate = fate_of_line(
            LineKind(line.kind),
            refundable=line.refundable,
            delivered=line.delivered,
            ending=ending,
            modes=modes,
        )
        _end_share_by_share(connection, order, line.line, fate, shares, ending=ending, now=now)
        _write_fate(connection, order, line, fate, now=now)


def decide(
    connection: Connection,
    order: Row[Any],
    name: str,
    choice: Literal["credit", "keep"],
    *,
    by_customer: bool,
    actor: str,
    ticket: str | None,
    now: datetime,
) -> None:
    """Decide about one undecided line: phase 2 of just that one (D6). Raises `LineRefusedError`.

    The customer decides about services that he was asked about; what waits for staff is theirs.
    """
    line = _row(connection, order.id, name)
    if line is None or line.ended != Became.UNDECIDED:
        raise LineRefusedError("line_not_undecided", f"nothing is to be decided about line {name!r}")
    if by_customer and not _asks_customer(order, line):
        raise LineRefusedError("not_customers_turn", f"line {name!r} waits for staff's decision")
    who = "the customer" if by_customer else "staff"
    fate = (
        Fate(Became.CREDITED, f"{who} decided to have it credited")
        if choice == "credit"
        else Fate(Became.KEPT, f"{who} decided that it goes on")
    )
    owed = debts.locked_of_payment(connection, order)
    shares = ledger.standing_shares(connection, order.id)
    ledger.lock_purses(connection, order.customer, order.price_currency)
    ending = Ending.CANCELLED if order.state == "cancelled" else Ending.FAILED
    _end_share_by_share(connection, order, name, fate, shares, ending=ending, now=now)
    debts.settle_from_credit(connection, order, owed, now=now)
    evidence = {"line": name, "became": fate.became, "why": fate.why}
    events.record(
        connection,
        "line.decided",
        at=now,
        order_id=order.id,
        actor=actor,
        ticket=ticket,
        evidence=evidence,
    )
    _write_fate(connection, order, line, fate, now=now)
    close_finding(connection, UNDECIDED, _subject(order, name), now=now)


def deliver(connection: Connection, order: Row[Any], name: str, *, actor: str, now: datetime) -> None:
    """Record that a dependent service was delivered: from then on it is kept when its order fails (D6)."""
    told = connection.execute(
        update(OrderLine)
        .where(
            OrderLine.order_id == order.id,
            OrderLine.line == name,
            OrderLine.kind == LineKind.SERVICE,
            OrderLine.ended.is_(None),
        )
        .values(delivered=True)
    )
    if told.rowcount == 0:
        raise LineRefusedError(
            "line_ended", f"there is no open service line {name!r}: it ended with its order"
        )
    events.record(
        connection, "line.delivered", at=now, order_id=order.id, actor=actor, evidence={"line": name}
    )


def view(connection: Connection, order: Row[Any]) -> list[dict[str, Any]]:
    """Return the order's lines, the name first, with what became of each and why."""
    rows = _rows(connection, order.id)
    own = next((row for row in rows if row.line == MAIN_LINE), None)
    became = own.ended if own is not None else _became_of_name(order)
    why = own.ended_why if own is not None else None
    first = {
        "line": MAIN_LINE,
        "kind": str(LineKind.DOMAIN),
        "text": order.domain,
        "amount": order.price_amount,
        "currency": order.price_currency,
        "refundable": True,
        "delivered": order.state == "completed",
        "became": became,
        "why": why,
    }
    return [first, *(_told(order, row) for row in rows if row.line != MAIN_LINE)]


def _end_share_by_share(
    connection: Connection,
    order: Row[Any],
    line: str,
    fate: Fate,
    shares: Sequence[Share],
    *,
    ending: Ending,
    now: datetime,
) -> None:
    for share in (share for share in shares if share.line == line):
        match fate.became:
            case Became.CREDITED:
                _credit(connection, order, share, ending=ending, now=now)
            case Became.FORFEITED:
                ledger.forfeit(connection, order.id, share, now=now)
            case Became.KEPT:
                ledger.keep(connection, order.id, share, now=now)
            case Became.UNDECIDED | Became.EARNED:
                pass


def _credit(connection: Connection, order: Row[Any], share: Share, *, ending: Ending, now: datetime) -> None:
    """Give a share back to where it came from; what was paid for a service is for buying again (D6)."""
    bucket = share.bucket
    if ledger.is_gift(bucket):
        back = gift_back(ledger.gift_end(bucket), now=now, ending=ending, modes=Modes.of(order.promise))
        if back.lapses:
            ledger.let_lapse(connection, order.id, share, now=now)
            return
        bucket = ledger.gift_bucket(back.end)
    elif share.line != MAIN_LINE and _is_service(connection, order.id, share.line):
        bucket = REPURCHASE
    ledger.credit(connection, order.id, order.customer, share, bucket=bucket, now=now)


def _is_service(connection: Connection, order_id: int, line: str) -> bool:
    row = _row(connection, order_id, line)
    return row is not None and row.kind == LineKind.SERVICE


def _write_fate(
    connection: Connection, order: Row[Any], line: Row[Any], fate: Fate, *, now: datetime
) -> None:
    """Write what became of a line; the portal is told to stop a service whose money went back, else it would be free."""
    mine = update(OrderLine).where(OrderLine.order_id == order.id, OrderLine.line == line.line)
    connection.execute(mine.values(ended=fate.became, ended_why=fate.why))
    if fate.became is Became.UNDECIDED:
        _ask(connection, order, line.line, fate, now=now)
    if line.kind == LineKind.SERVICE and fate.became is Became.CREDITED:
        evidence = {"line": line.line, "why": fate.why}
        events.record(connection, "line.stopped", at=now, order_id=order.id, evidence=evidence)


def _write_name(connection: Connection, order: Row[Any], fate: Fate) -> None:
    connection.execute(
        insert(OrderLine).values(
            order_id=order.id,
            line=MAIN_LINE,
            kind=LineKind.DOMAIN,
            text=order.domain,
            amount=order.price_amount,
            refundable=True,
            delivered=False,
            ended=fate.became,
            ended_why=fate.why,
        )
    )


def _ask(connection: Connection, order: Row[Any], line: str, fate: Fate, *, now: datetime) -> None:
    open_finding(
        connection,
        UNDECIDED,
        _subject(order, line),
        text=f"order {order.id} ({order.kind} {order.domain}) failed, and its line {line!r} is undecided: {fate.why}",
        next_step=f"`registrar ledger decide {order.id} {line} --credit` or `--keep`, with a ticket",
        now=now,
    )


def _subject(order: Row[Any], line: str) -> str:
    return f"order:{order.id}:{line}"


def _asks_customer(order: Row[Any], line: Row[Any]) -> bool:
    return line.kind == LineKind.SERVICE and Modes.of(order.promise).dependent_lines == "ask_customer"


def _became_of_name(order: Row[Any]) -> str | None:
    if order.ended_reason == RefusalReason.FOR_BREACH:
        return str(Became.FORFEITED)
    ends: Mapping[str, str] = {
        "completed": Became.EARNED,
        "refused": Became.CREDITED,
        "cancelled": Became.CREDITED,
    }
    became = ends.get(order.state)
    return None if became is None else str(became)


def _told(order: Row[Any], row: Row[Any]) -> dict[str, Any]:
    return {
        "line": row.line,
        "kind": row.kind,
        "text": row.text,
        "amount": row.amount,
        "currency": order.price_currency,
        "refundable": row.refundable,
        "delivered": row.delivered,
        "became": row.ended,
        "why": row.ended_why,
    }


def costs(price: Money, lines: Sequence[Line]) -> dict[str, Money]:
    """Return what an order costs, line by line, the name first."""
    return {MAIN_LINE: price, **{line.line: line.amount for line in lines}}


def _rows(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    query = select(OrderLine.__table__).where(OrderLine.order_id == order_id)
    return connection.execute(query.order_by(OrderLine.line)).all()


def _row(connection: Connection, order_id: int, line: str) -> Row[Any] | None:
    query = select(OrderLine.__table__).where(OrderLine.order_id == order_id, OrderLine.line == line)
    return connection.execute(query).first()
