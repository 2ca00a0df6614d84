"""How does a person act on an order that waits for one? After a fresh look, with a ticket, and on the core's terms."""

import getpass
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from adapters.desk import Desk
from adapters.terminal.exits import MisconfiguredError
from registrar.commands import kind_of, look_kind
from registrar.gateway import Sighting
from registrar.money import Money
from registrar.orders import approving, by_hand, reading
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.requests import parse_corrections
from registrar.orders.states import State
from registrar.orders.terms import Terms
from registrar.orders.working import domain_of
from registrar.strict_json import read_json


class Deed(Protocol):
    """What staff may do to a held order after a fresh look: `by_hand.retry`, `complete`, `refuse`."""

    def __call__(
        self, connection: Connection, order_id: int, sighting: Sighting, *, terms: Terms, act: ByHand
    ) -> object:
        """Do it, or raise `ActRefusedError`."""
        ...


def actor() -> str:
    """Name who sits at the terminal, for the events."""
    return f"terminal ({getpass.getuser()})"


def find(desk: Desk, order_id: int) -> Row[Any]:
    """Return the order, or say that there is none."""
    with desk.database.reading() as connection:
        order = reading.read(connection, order_id)
    if order is None:
        raise ActRefusedError("order_unknown", f"there is no order {order_id}")
    return order


def describe(order: Row[Any]) -> str:
    """Return the order in one line, for a question."""
    price = Money(order.price_amount, order.price_currency)
    return (
        f"order {order.id} ({order.kind} {domain_of(order).unicode}, {order.months} months, {price}, "
        f"customer {order.customer}, {order.state})"
    )


def look(desk: Desk, order: Row[Any]) -> Sighting:
    """Look at the order's name where the order goes."""
    terms_of(desk, order)
    return desk.look(order.registrar, domain_of(order), look_kind(kind_of(order.kind)))


def terms_of(desk: Desk, order: Row[Any]) -> Terms:
    """Return the terms of the order's registrar."""
    terms = desk.terms.get(order.registrar)
    if terms is None:
        raise MisconfiguredError(f"registrar {order.registrar!r} of order {order.id} is not enabled")
    return terms


def foresee(desk: Desk, order: Row[Any]) -> dict[str, Any]:
    """Look, and say what a retry would do and spend."""
    sighting = look(desk, order)
    with desk.database.reading() as connection:
        return by_hand.foresee(connection, order.id, sighting, now=desk.now())


def perform(desk: Desk, order: Row[Any], deed: Deed, *, ticket: str) -> dict[str, Any]:
    """Look afresh, act, and return the order as it is then; one that goes on is rung for."""
    ByHand(actor(), ticket, desk.now())  # an act without a ticket is refused before anybody looks
    sighting = look(desk, order)
    with desk.database.transaction() as connection:
        act = ByHand(actor(), ticket, desk.now())
        deed(connection, order.id, sighting, terms=terms_of(desk, order), act=act)
    return _after(desk, order)


def cancel(desk: Desk, order: Row[Any], *, ticket: str) -> dict[str, Any]:
    """Cancel the order; one that was never sent needs no look."""
    act = ByHand(actor(), ticket, desk.now())
    sighting = look(desk, order) if order.state == State.HELD else None
    with desk.database.transaction() as connection:
        by_hand.cancel(connection, order.id, sighting, act=act)
    return _after(desk, order)


def approve(desk: Desk, order: Row[Any], *, via: str, ticket: str) -> dict[str, Any]:
    """Let an order go that waits for approval (O5)."""
    act = ByHand(actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        approving.approve(connection, order.id, via=via, rules=desk.rules, act=act)
    return _after(desk, order)


def decline(desk: Desk, order: Row[Any], *, ticket: str) -> dict[str, Any]:
    """Refuse an order that waits for approval (O5)."""
    act = ByHand(actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        approving.decline(connection, order.id, act=act)
    return _after(desk, order)


def correct(desk: Desk, order: Row[Any], corrections: object, *, ticket: str) -> dict[str, Any]:
    """Correct the order for the customer."""
    parsed = parse_corrections(corrections, kind=look_kind(kind_of(order.kind)))
    act = ByHand(actor(), ticket, desk.now())
    with desk.database.transaction() as connection:
        by_hand.correct(
            connection,
            order.id,
            parsed,
            keyring=desk.keyring,
            actor=act.actor,
            ticket=act.ticket,
            now=act.now,
        )
    return _after(desk, order)


def read_corrections(*, auth_code: bytes | None, document: bytes | None) -> object:
    """Read what a correction says: a file with nothing but the auth code, or a JSON document."""
    if auth_code is not None:
        try:
            return {"auth_info": auth_code.decode().rstrip("\r\n")}
        except UnicodeDecodeError as error:
            raise ActRefusedError("field_invalid", "the auth code's file is not UTF-8 text") from error
    return read_json(document or b"")


def _after(desk: Desk, order: Row[Any]) -> dict[str, Any]:
    with desk.database.reading() as connection:
        now = reading.read(connection, order.id)
        assert now is not None
        told = reading.summary(now)
    if now.state == State.PLACED:
        desk.ring(now.registrar, now.id)
    return told
