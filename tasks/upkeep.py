"""What else is due? Claimed names to be watched, departures to be followed, notices to be sent, limits to be watched."""

from datetime import timedelta

from sqlalchemy import Connection, select

from registrar import bookings, claims, departures
from registrar.customers import holds as customer_holds
from registrar.models import Claim, Departure
from registrar.orders import deadlines
from tasks import clock, notices
from tasks.wiring import House

QUEUE = "upkeep"
RUNG_AT_ONCE = 20
LAPSED_AT_ONCE = 500

_ROWS = (
    ("watch_claim", Claim, claims.take_due),
    ("follow_departure", Departure, departures.take_due),
)
"""The actors that look after rows of their own, their tables, and what takes the due ones."""


def ring_due(house: House) -> None:
    """Ring for every due row that is no order; where nothing is due nothing is written."""
    now, rung_for = clock.now(), timedelta(seconds=house.settings.flow.rung_seconds)
    for actor, table, take_due in _ROWS:
        with house.database.reading() as connection:
            if connection.execute(select(table.id).where(table.due_at <= now).limit(1)).first() is None:
                continue
        with house.database.transaction() as connection:
            due = take_due(connection, limit=RUNG_AT_ONCE, now=now, rung_for=rung_for)
        for row_id in due:
            house.doorbell.ring(QUEUE, actor, row_id)
    notices.ring_due(house)


def look_over(house: House) -> None:
    """Look over what is open for limits that come near: in the worker that claimed the turn, for it asks nobody outside.

    Each part is a transaction of its own, so that a fault in one leaves the others done.
    """
    within = timedelta(days=house.settings.flow.window_warning_days)

    def watch_windows(connection: Connection) -> object:
        return deadlines.watch_windows(connection, house.rules, now=clock.now(), within=within)

    def watch_unmoved(connection: Connection) -> object:
        return deadlines.watch_unmoved(connection, house.rules, now=clock.now())

    def watch_documents(connection: Connection) -> object:
        return customer_holds.tell_of_late_documents(connection, now=clock.now())

    def lapse_gifts(connection: Connection) -> object:
        return bookings.lapse_gifts(connection, now=clock.now(), limit=LAPSED_AT_ONCE)

    for part in (watch_windows, watch_unmoved, watch_documents, lapse_gifts):
        with house.database.transaction() as connection:
            part(connection)
