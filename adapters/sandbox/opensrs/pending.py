"""What may be done with a saved order? Taken up again (PROCESS_PENDING), or cancelled, one by one or all of an age."""

from dataclasses import replace

from adapters.sandbox.opensrs import orders, terms
from adapters.sandbox.opensrs.answers import RefusedError, Reply
from adapters.sandbox.opensrs.errand import Errand
from adapters.sandbox.records import Operation

_CANCELLED_BY_AGE = frozenset({"pending", "declined"})


def complete(errand: Errand) -> Reply:
    """Answer PROCESS_PENDING: do a saved order now, under its own number, or cancel it (`command` is `cancel`).

    It is held to the rules again, and saved still where the money still lacks. What is no longer saved is refused, so
    that a repeat of a request that worked does nothing.
    """
    order = _saved(errand)
    number = order.client_transaction_id
    if errand.request.text("command") == "cancel":
        errand.page.decide(order, "cancelled")
        return Reply(200, "Order cancelled", {"order_id": number, "id": number})
    reply = orders.carry_out(errand, orders.as_wanted(order), number, saved=order)
    return replace(reply, attributes={**reply.attributes, "order_id": number, "id": number})


def cancel_all(errand: Errand) -> Reply:
    """Answer CANCEL_PENDING_ORDERS: cancel what was saved (or declined, as `status` says) up to a date."""
    until = terms.moment(errand.request.required("to_date"))
    states = _CANCELLED_BY_AGE & {str(state) for state in errand.request.array("status") or ["pending"]}
    chosen = [
        order
        for order in errand.archive.everything()
        if order.state in states and orders.ordered_at(order) <= until
    ]
    for order in chosen:
        errand.page.decide(order, "cancelled")
    numbers = [order.client_transaction_id for order in chosen]
    return Reply(200, "Command Successful", {"total": str(len(numbers)), "cancelled": numbers})


def _saved(errand: Errand) -> Operation:
    number = errand.request.required("order_id")
    order = errand.archive.order(number)
    if order is None:
        raise RefusedError(480, f"Order {number} not found")
    if order.state != "pending":
        raise RefusedError(465, f"Order {number} is not pending: its status is {order.state}")
    return order
