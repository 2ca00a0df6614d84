"""How is decided what was left waiting? By verdicts that fall due; a decline gives the charge back.

A saved order knows two verdicts as well: it lapses after some weeks, and `Books.approve` takes it up as staff at OpenSRS
could, if the deposit covers it.
"""

from adapters.sandbox.opensrs import effects, orders, terms
from adapters.sandbox.opensrs.errand import IN_PROGRESS
from adapters.sandbox.page import Page
from adapters.sandbox.records import Operation


def decide_what_is_due(page: Page) -> None:
    """Carry out every verdict that has fallen due, the oldest first."""
    for order in page.due_operations():
        if order.verdicts[0] == "approve":
            _approve(page, order)
        elif order.verdicts[0] == "reject":
            _reject(page, order)
        else:
            page.decide(order, "cancelled")


def release_if_lapsed(page: Page, name: str) -> None:
    """Free a revoked name whose redemption is over."""
    entry = page.domain(name)
    until = None if entry is None else terms.redeemable_until(entry)
    if until is not None and until <= page.now:
        page.remove(name)


def _approve(page: Page, order: Operation) -> None:
    if order.state in IN_PROGRESS and not effects.is_possible(page, order):
        _reject(page, order)
    elif order.state in IN_PROGRESS:
        effects.put(page, order)
        page.decide(order, "completed")
    elif order.state == "pending" and effects.is_possible(page, order):
        _take_up(page, order)
    else:
        page.decide(order, order.state)


def _take_up(page: Page, order: Operation) -> None:
    wanted = orders.as_wanted(order)
    if page.balance < wanted.amount:
        page.decide(order, order.state)
        return
    charge_id = page.charge(
        order.command,
        order.name,
        months=order.months,
        amount=wanted.amount,
        client_transaction_id=order.client_transaction_id,
    )
    effects.put(page, order)
    page.decide(order, "completed", charge_id=charge_id)


def _reject(page: Page, order: Operation) -> None:
    if order.state in IN_PROGRESS and order.charge_id is not None:
        page.refund(order.charge_id)
    undecided = order.state in IN_PROGRESS or order.state == "pending"
    page.decide(order, "declined" if undecided else order.state)
