"""What becomes of a bank slip that a customer hands in for a top-up (F6)? Once per number.

    handed in ──┬─ in its first days ──▶ booked, by itself
                ├─ later ──────────────▶ waits_for_original ──staff──▶ booked | refused
                └─ too old ────────────▶ refused

A number whose slip was refused may be handed in again: it may have been somebody's slip of the pen.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from registrar import events, ledger
from registrar.agreement.accepting import SlipStanding, slip_standing
from registrar.agreement.business_days import last_second
from registrar.agreement.rules import Rules
from registrar.findings import close_finding, open_finding
from registrar.models import Slip
from registrar.money import Money

WAITS = "slip_waits"
"""The finding that a slip waits for its original."""
_FIRST_YEAR = 1990
"""No slip is older; a Persian year, read as another calendar's, would be, and the slip refused as too old."""


class SlipState(StrEnum):
    """What became of a slip."""

    BOOKED = "booked"
    WAITS_FOR_ORIGINAL = "waits_for_original"
    REFUSED = "refused"


class SlipRefusedError(Exception):
    """A slip that cannot be taken, or decided about; `code` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def hand_in(
    connection: Connection,
    customer: str,
    amount: Money,
    *,
    number: str,
    paid_on: date,
    rules: Rules,
    actor: str,
    now: datetime,
    ticket: str | None = None,
) -> dict[str, Any]:
    """Take a slip, and book it if it is young enough; return it as it stands. Staff take it on a ticket (C1).

    `paid_on` is the date written on it, which counts to its end where it was written. Raises `SlipRefusedError` for a
    number that stands for a slip, and for a date that has not begun or is of the Persian calendar.
    """
    if paid_on.year < _FIRST_YEAR:
        raise SlipRefusedError(
            "slip_calendar", f"the slip's date {paid_on} is of another calendar: write it like 2026-11-22"
        )
    paid_at = last_second(paid_on, rules.calendar.time_zone)
    if paid_on > now.astimezone(ZoneInfo(rules.calendar.time_zone)).date():
        raise SlipRefusedError("slip_from_future", f"the slip's date {paid_on} has not come yet")
    state, reason = _FIRST[slip_standing(paid_at, now, rules.money)]
    row = _write(
        connection,
        number=number,
        customer=customer,
        amount=amount.amount,
        currency=amount.currency,
        paid_on=paid_at,
        handed_in_at=now,
        state=state,
        reason=reason,
        decided_at=None if state is SlipState.WAITS_FOR_ORIGINAL else now,
    )
    if state is SlipState.BOOKED:
        _book(connection, row, now=now)
    if state is SlipState.WAITS_FOR_ORIGINAL:
        _ask(connection, row, now=now)
    _record(connection, "slip.handed_in", row, actor=actor, ticket=ticket, now=now, state=state)
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public attribute


def accept(
    connection: Connection, slip_id: int, *, rules: Rules, actor: str, ticket: str, now: datetime
) -> None:
    """Book a slip whose original staff hold; refused when it grew too old meanwhile."""
    row = _waiting(connection, slip_id)
    if slip_standing(row.paid_on, now, rules.money) is SlipStanding.TOO_OLD:
        raise SlipRefusedError(
            "slip_too_old", f"slip {row.number} is too old, also with its original: refuse it"
        )
    _book(connection, row, now=now)
    _decide(connection, row, SlipState.BOOKED, None, actor=actor, ticket=ticket, now=now)


def refuse(
    connection: Connection, slip_id: int, *, reason: str, actor: str, ticket: str, now: datetime
) -> None:
    """Refuse a slip that waits; nothing was booked for it."""
    row = _waiting(connection, slip_id)
    _decide(connection, row, SlipState.REFUSED, reason, actor=actor, ticket=ticket, now=now)


def list_slips(
    connection: Connection, customer: str | None = None, *, after: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """Return slips with an id above `after`, oldest first."""
    query = select(Slip.__table__).where(Slip.id > after)
    if customer is not None:
        query = query.where(Slip.customer == customer)
    return [dict(row) for row in connection.execute(query.order_by(Slip.id).limit(limit)).mappings()]


_FIRST = {
    SlipStanding.BY_ITSELF: (SlipState.BOOKED, None),
    SlipStanding.WITH_ORIGINAL: (SlipState.WAITS_FOR_ORIGINAL, "it is good with its original only"),
    SlipStanding.TOO_OLD: (SlipState.REFUSED, "it is too old"),
}


def _write(connection: Connection, **values: object) -> Row[Any]:
    new = insert(Slip).values(**values)
    try:
        with connection.begin_nested():
            slip_id = connection.execute(new.returning(Slip.id)).scalar_one()
    except IntegrityError as error:
        raise SlipRefusedError(
            "slip_used", f"a slip with the number {values['number']!r} was handed in before"
        ) from error
    return connection.execute(select(Slip.__table__).where(Slip.id == slip_id)).one()


def _waiting(connection: Connection, slip_id: int) -> Row[Any]:
    row = connection.execute(select(Slip.__table__).where(Slip.id == slip_id).with_for_update()).first()
    if row is None:
        raise SlipRefusedError("slip_unknown", f"there is no slip {slip_id}")
    if row.state != SlipState.WAITS_FOR_ORIGINAL:
        raise SlipRefusedError("slip_decided", f"slip {row.number} is {row.state}")
    return row


def _book(connection: Connection, row: Row[Any], *, now: datetime) -> None:
    amount = Money(row.amount, row.currency)
    ledger.top_up(connection, row.customer, amount, reference=f"slip:{row.number}", now=now)


def _ask(connection: Connection, row: Row[Any], *, now: datetime) -> None:
    open_finding(
        connection,
        WAITS,
        f"slip:{row.id}",
        text=f"slip {row.number} of customer {row.customer} waits for its original",
        next_step=f"`registrar ledger slips accept {row.id}` with the original in hand, or `slips refuse`, with a ticket",
        now=now,
    )


def _decide(
    connection: Connection,
    row: Row[Any],
    state: SlipState,
    reason: str | None,
    *,
    actor: str,
    ticket: str,
    now: datetime,
) -> None:
    decided = {"state": state, "reason": reason, "decided_at": now}
    connection.execute(update(Slip).where(Slip.id == row.id).values(decided))
    close_finding(connection, WAITS, f"slip:{row.id}", now=now)
    _record(connection, "slip.decided", row, actor=actor, ticket=ticket, now=now, state=state)


def _record(
    connection: Connection,
    kind: str,
    row: Row[Any],
    *,
    actor: str,
    ticket: str | None,
    now: datetime,
    state: SlipState,
) -> None:
    events.record(
        connection,
        kind,
        at=now,
        subject=row.customer,
        actor=actor,
        ticket=ticket,
        evidence={"slip": row.number, "amount": str(Money(row.amount, row.currency)), "state": state},
    )
