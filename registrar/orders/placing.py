"""How does an order enter the books? Once per key, with its money, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from registrar import events, ledger
from registrar.agreement.changing_holder import needs_approval
from registrar.agreement.rules import Bucket, RuleBook, Rules
from registrar.commands import Kind
from registrar.database import Database, try_write
from registrar.models import Domain, Order, Rejection, UsedKey
from registrar.orders import ending, lines, pricing, promising
from registrar.orders.gates import APPROVAL_NEEDED
from registrar.orders.requests import (
    Catalogue,
    FromBalance,
    OrderRequest,
    Outside,
    RequestRefusedError,
    ZoneOffer,
    parse_key,
    parse_request,
)
from registrar.orders.states import State
from registrar.secrets import Keyring

REGISTRATION_LANE = "registration"
"""Registering, renewing and transferring a name exclude each other; the state it should be in is a lane of its own."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The order that a key stands for; `repeated` says it was there already, unchanged by this request."""

    order_id: int
    registrar: str
    repeated: bool


class KeyReusedError(Exception):
    """The key stands for an order with other contents; that order, `order_id`, is in the books all the same."""

    def __init__(self, order_id: int) -> None:
        super().__init__(
            f"this key stands for order {order_id}, which has other contents: "
            "read that order, and give every order a key of its own"
        )
        self.order_id = order_id


def read_request(
    database: Database, body: object, *, key: object, channel: str, catalogue: Catalogue
) -> OrderRequest:
    """Read an order by what is sold; one that is sent again, by what was sold when it was placed.

    Somebody who did not hear that his order was taken must not be told later that it is refused because a price list
    changed meanwhile: it may be done by then. Raises `RequestRefusedError` only if the key stands for no order, else
    `KeyReusedError`.
    """
    key = parse_key(key)
    try:
        return parse_request(body, key=key, channel=channel, catalogue=catalogue)
    except RequestRefusedError:
        standing = _standing(database, key)
        if standing is None:
            raise
        order_id, sold_then = standing
    try:
        return parse_request(body, key=key, channel=channel, catalogue=sold_then)
    except RequestRefusedError as refused:
        raise KeyReusedError(order_id) from refused


def place(
    connection: Connection, request: OrderRequest, *, keyring: Keyring, rules: RuleBook, now: datetime
) -> Placement:
    """Store the order and take its money into it (phase 1); the same key and contents give the same order back.

    Raises `KeyReusedError`, `RequestRefusedError` when the key stands for a rejection (`key_rejected`), the channel is
    none of the rules' (`channel_unknown`) or the price does not stand (see `pricing`), and `InsufficientBalanceError` when the customer's balance does not cover it; then nothing is stored.
    """
    if not try_write(connection, insert(UsedKey).values(key=request.key)):
        return _known(connection, request, keyring)
    in_force = rules.rules(request.domain.zone, at=now)
    insist_on_known_channel(request.requested_via, in_force, field="requested_via")
    pricing.insist_on_price(connection, request, rules=in_force, now=now)
    route = _route(connection, request)
    promise = promising.promised(
        connection,
        kind=request.kind,
        domain=request.domain,
        paid_at=_paid_at(request, now),
        rules=in_force,
        now=now,
    )
    order_id = connection.execute(
        insert(Order).values(_row(request, route, promise, keyring, now)).returning(Order.id)
    ).scalar_one()
    spend = rules.rules(request.domain.zone, at=now).money.spend
    _take(connection, order_id, request, spend=spend, now=now)
    events.record(
        connection,
        "order.placed",
        at=now,
        order_id=order_id,
        actor=f"portal ({request.channel})",
        evidence={
            "key": request.key,
            "price": str(request.price),
            "expected_expiry": request.expected_expiry,
            "requested_via": request.requested_via,
            "promise": dict(promise.terms),
        },
    )
    if needs_approval(request.kind):
        ending.ask_for_approval(connection, order_id, request.kind, request.domain.ascii, now=now)
    return Placement(order_id, route[0], repeated=False)


def insist_on_known_channel(channel: str | None, rules: Rules, *, field: str) -> None:
    """Raise `RequestRefusedError` for a channel that the rules do not list: whether it binds could not be told (C2)."""
    if channel is not None and channel not in rules.conduct.channels:
        known = ", ".join(sorted(rules.conduct.channels))
        raise RequestRefusedError(
            "channel_unknown", f"{field} is one of {known}, not {channel!r}", field=field
        )


def _take(
    connection: Connection, order_id: int, request: OrderRequest, *, spend: Sequence[Bucket], now: datetime
) -> None:
    """Phase 1 of all its lines, from where the request says; the balance is spent in the order of the rules (F1)."""
    lines.store(connection, order_id, request.lines)
    costs, paid = lines.costs(request.price, request.lines), request.payment
    if isinstance(paid, FromBalance):
        ledger.take_from_balance(connection, order_id, request.customer, costs, spend=spend, now=now)
    else:
        ledger.take_from_outside(connection, order_id, request.customer, costs, gift=paid.gift, now=now)


def reject(
    connection: Connection, *, key: str | None, code: str, field: str | None, text: str, now: datetime
) -> None:
    """Keep why an order that came by message was not taken, for the portal to read under its key.

    It is final: a portal that reads it may give the money back, so no order comes under this key later. The first
    reason stands. Under a key that stands for an order it says that another one was refused there.
    """
    new = key is None or try_write(connection, insert(UsedKey).values(key=key))
    if not new and connection.execute(select(Order.id).where(Order.key == key)).first() is None:
        return
    connection.execute(insert(Rejection).values(key=key, received_at=now, code=code, field=field, text=text))


def _standing(database: Database, key: str) -> tuple[int, Catalogue] | None:
    """Return the order that a key stands for, and a catalogue of just what that order bought."""
    query = select(
        Order.id, Order.zone, Order.kind, Order.months, Order.price_currency, Order.registrar
    ).where(Order.key == key)
    with database.reading() as connection:
        order = connection.execute(query).first()
    if order is None:
        return None
    kind = Kind(order.kind)
    offer = ZoneOffer(
        zone=order.zone,
        currency=order.price_currency,
        routes={kind: (order.registrar,)},
        months={kind: frozenset({order.months})},
    )
    return order.id, {order.zone: offer}


def _wishes(request: OrderRequest) -> dict[str, Any]:
    """Return what only some orders ask for."""
    ceiling = request.ceiling
    wishes = {
        "price_ceiling": {"amount": ceiling.amount, "currency": ceiling.currency} if ceiling else None,
        "privacy": request.privacy,
        "rights_declared": request.rights_declared,
        "idn_table": request.idn_table,
    }
    return {name: value for name, value in wishes.items() if value}


def _known(connection: Connection, request: OrderRequest, keyring: Keyring) -> Placement:
    """Return what a used key stands for, if it is this order."""
    row = connection.execute(
        select(Order.id, Order.registrar, Order.key_digest).where(Order.key == request.key)
    ).first()
    if row is None:
        raise RequestRefusedError(
            "key_rejected",
            "an order under this key was rejected before: give the corrected order a key of its own",
            field="key",
        )
    if not keyring.same_digest(row.key_digest, request.content()):
        raise KeyReusedError(row.id)
    return Placement(row.id, row.registrar, repeated=True)


def _route(connection: Connection, request: OrderRequest) -> tuple[str, ...]:
    """Return where the order goes first, and where it may go instead while nothing was sent.

    Whatever is done to a name that we look after is done where it is. Of a name that we do not know, a look tells.
    """
    if request.kind not in (Kind.REGISTER, Kind.TRANSFER):
        at = connection.execute(select(Domain.registrar).where(Domain.name == request.domain.ascii)).scalar()
        return (at,) if at in request.route else request.route
    return request.route if request.goes_anywhere else request.route[:1]


def _paid_at(request: OrderRequest, now: datetime) -> datetime:
    """Return when the customer paid: an outage of the portal costs him no class (D2)."""
    return request.payment.paid_at if isinstance(request.payment, Outside) else now


def _row(
    request: OrderRequest,
    route: tuple[str, ...],
    promise: promising.Promise,
    keyring: Keyring,
    now: datetime,
) -> Mapping[str, Any]:
    paid = request.payment
    return {
        "key": request.key,
        "key_digest": keyring.digest(request.content()),
        "channel": request.channel,
        "customer": request.customer,
        "kind": request.kind,
        "domain": request.domain.ascii,
        "zone": request.domain.zone,
        "lane": REGISTRATION_LANE,
        "registrar": route[0],
        "route": list(route[1:]),
        "months": request.months,
        "expected_expiry": request.expected_expiry,
        "details": {
            "handles": dict(request.handles),
            "nameservers": [
                {"host": host.host, "addresses": list(host.addresses)} for host in request.nameservers
            ],
            **_wishes(request),
        },
        "sealed": keyring.seal(request.secrets.reveal()) if request.secrets else None,
        "price_amount": request.price.amount,
        "price_currency": request.price.currency,
        "payment": "outside" if isinstance(paid, Outside) else "balance",
        "payment_reference": paid.reference if isinstance(paid, Outside) else None,
        "paid_at": _paid_at(request, now),
        "placed_at": now,
        "state": State.PLACED,
        "state_since": now,
        "quote_id": request.quote,
        "requested_via": request.requested_via,
        "approval": APPROVAL_NEEDED if needs_approval(request.kind) else None,
        "promise": dict(promise.terms),
        "due_by": promise.due_by,
        "cancellable_from": promise.cancellable_from,
        "promise_by": promise.promise_by,
        "due_at": now,
    }
