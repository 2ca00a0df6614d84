"""What does OpenSRS tell about orders and transfers? Each by its number, those of a name, and how a transfer goes."""

from typing import Any

from adapters.sandbox.opensrs import looks, orders, prices, rules, terms
from adapters.sandbox.opensrs.answers import RefusedError, Reply
from adapters.sandbox.opensrs.errand import IN_PROGRESS, Errand
from adapters.sandbox.records import Operation

TYPES = {"register": "new", "renew": "renewal", "transfer": "transfer", "restore": "redemption"}
"""The statement's word for an order, and OpenSRS's."""
LOSING_REGISTRAR = "Registrar of Example"

_TRANSFER_STATES = {"completed": "completed", "cancelled": "cancelled", "declined": "cancelled"}


def order(errand: Errand) -> Reply:
    """Answer GET_ORDER_INFO."""
    number = errand.request.required("order_id")
    found = errand.archive.order(number)
    if found is None:
        raise RefusedError(480, f"Order {number} not found")
    told = {
        "id": number,
        "domain": found.name,
        "reg_type": TYPES[found.command],
        "status": found.state,
        "period": str(found.months // 12),
        "cost": prices.written(orders.as_wanted(found).amount),
        "order_date": terms.stamp(orders.ordered_at(found)),
        "processed_date": "" if found.decided_at is None else terms.stamp(found.decided_at),
        "completed_date": _completed(found),
        "notes": orders.note(found),
    }
    return Reply(200, "Command Successful", {"field_hash": told})


def orders_of_a_name(errand: Errand) -> Reply:
    """Answer GET_ORDERS_BY_DOMAIN, the newest first, of one type, status or stretch of days where that is asked."""
    request = errand.request
    found = [
        order for order in reversed(errand.archive.orders(request.domain())) if _is_asked_for(errand, order)
    ]
    shown, told = looks.paged(errand, found)
    lines = [
        {
            "id": order.client_transaction_id,
            "type": TYPES[order.command],
            "status": order.state,
            "order_date": terms.stamp(orders.ordered_at(order)),
        }
        for order in shown
    ]
    return Reply(200, "Command successful", {**told, "orders": lines})


def check_transfer(errand: Errand) -> Reply:
    """Answer CHECK_TRANSFER: whether a name can be transferred in, and with `check_status` how its last transfer goes."""
    name = errand.request.domain()
    orders_of_it = reversed(errand.archive.orders(name))
    last = next((order for order in orders_of_it if order.command == "transfer"), None)
    if last is not None and last.state in IN_PROGRESS:
        reason = "Transfer in progress"
    else:
        reason = rules.why_not_transferable(errand, name)
    told = {"transferrable": "0" if reason else "1", **({"reason": reason} if reason else {})}
    if errand.request.text("check_status") == "1":
        told["status"] = "undef" if last is None else _transfer_state(last)
        if last is not None:
            told["timestamp"] = terms.stamp(last.decided_at or last.opened_at)
    return Reply(200, "Query successful", told)


def transfers(errand: Errand) -> Reply:
    """Answer GET_TRANSFERS_IN, the newest first, of one name or order where that is asked."""
    request = errand.request
    found = [
        order
        for order in reversed(errand.archive.transfers())
        if order.state != "pending"
        and request.name in {"", order.name}
        and request.text("order_id") in {"", order.client_transaction_id}
    ]
    shown, told = looks.paged(errand, found)
    return Reply(200, "Command successful", {**told, "transfers": [_line(order) for order in shown]})


def cancel_transfer(errand: Errand) -> Reply:
    """Answer CANCEL_TRANSFER, by name or order number: what waits is given up, and its price given back."""
    request = errand.request
    number = request.text("order_id")
    found = errand.archive.order(number) if number else errand.in_progress(request.domain())
    if found is None or found.command != "transfer" or found.state not in IN_PROGRESS:
        raise RefusedError(480, "No transfer is in progress")
    if found.charge_id is not None:
        errand.page.refund(found.charge_id)
    errand.page.decide(found, "cancelled")
    return Reply(200, "Transfer has been cancelled", {"order_id": found.client_transaction_id})


def _is_asked_for(errand: Errand, order: Operation) -> bool:
    request = errand.request
    day = orders.ordered_at(order).date()
    first, last = request.text("order_from"), request.text("order_to")
    return (
        request.text("type") in {"", TYPES[order.command]}
        and request.text("status") in {"", order.state}
        and (not first or terms.day(first) <= day)
        and (not last or day <= terms.day(last))
    )


def _line(order: Operation) -> dict[str, Any]:
    return {
        "domain": order.name,
        "order_id": order.client_transaction_id,
        "transfer_id": str(order.id),
        "status": _transfer_state(order),
        "order_date": terms.stamp(orders.ordered_at(order)),
        "completed_date": _completed(order),
        "losing_registrar": LOSING_REGISTRAR,
        "gaining_registrar": "OpenSRS",
    }


def _transfer_state(order: Operation) -> str:
    """Return OpenSRS's word for how a transfer goes; what is saved has not begun."""
    return "undef" if order.state == "pending" else _TRANSFER_STATES.get(order.state, "pending_registry")


def _completed(order: Operation) -> str:
    done = order.state == "completed" and order.decided_at is not None
    return terms.stamp(order.decided_at) if done and order.decided_at else ""
