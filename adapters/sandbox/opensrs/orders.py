"""What becomes of an order? It is charged and done, charged and left waiting, or saved and not charged.

                    ┌─▶ completed                                     a registration, renewal or redemption
    order ──charge──┼─▶ waiting ───verdict──▶ completed | declined    the registry answers later (250)
       │            └─▶ processed ─verdict──▶ completed | declined    a transfer; also ▶ cancelled, by CANCEL_TRANSFER
       └─▶ pending ──PROCESS_PENDING──▶ as above; or ▶ cancelled      saved: by `handle`, or for want of money

An order that was saved for want of money is answered as a success, with its number in `forced_pending`. So is one for a
name that is taken, beside 485 (facts §3.2): what was asked cannot be had, and yet an order is saved.

A new registration or transfer cancels what was saved for the name before; a renewal or redemption is refused (437) while
one is saved: that draft must be cancelled first. What waits is paid; a decline gives the money back.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.sandbox.opensrs import contacts, effects, rules, terms
from adapters.sandbox.opensrs.answers import RefusedError, Reply
from adapters.sandbox.opensrs.errand import Errand
from adapters.sandbox.opensrs.rules import Wanted
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain, Operation

FIRST_NUMBER = 3_500_000
WANT_OF_MONEY = "Insufficient funds: the order is saved"
SAVED_BY_REQUEST = "Saved on request"

_REPLACING = frozenset({"register", "transfer"})
"""Kinds whose new order cancels the saved ones of the same name."""
_DONE = {
    "register": "Registration successful",
    "renew": "Command completed successfully",
    "transfer": "Transfer request has been successfully sent",
    "restore": "Domain successfully redeemed",
}


def place(errand: Errand, wanted: Wanted) -> Reply:
    """Take a new order, and say what it came to."""
    cancelled = _clear_the_way(errand, wanted)
    number = _new_number(errand.page)
    if errand.request.text("handle", "process") == "save":
        rules.check(errand, wanted)
        _save(errand, wanted, number, SAVED_BY_REQUEST)
        reply = Reply(200, "Order saved", _attributes(errand.page, wanted, number))
    else:
        reply = carry_out(errand, wanted, number)
    if not cancelled:
        return reply
    return replace(reply, attributes={**reply.attributes, "cancelled_orders": cancelled})


def carry_out(errand: Errand, wanted: Wanted, number: str, saved: Operation | None = None) -> Reply:
    """Charge an order and do it, or leave it to be decided, or save it; `saved` is the order that is taken up again."""
    lacking = errand.lacks(wanted.amount, errand.request.command, wanted.name)
    try:
        rules.check(errand, wanted)
    except RefusedError as refused:
        if refused.reply.code != 485 or not lacking:
            raise
        return _forced_pending(errand, wanted, number, saved, refused.reply)
    if lacking:
        done = Reply(200, _DONE[wanted.command])
        return _forced_pending(errand, wanted, number, saved, done)
    if saved is not None:
        # The archive goes by the newest row of a number: this one is history from here.
        errand.page.decide(saved, "superseded")
    asynchronous = errand.is_asynchronous(errand.request.command, wanted.name)
    if asynchronous or wanted.command == "transfer":
        return _leave_waiting(errand, wanted, number, asynchronous=asynchronous)
    return _do(errand, wanted, number)


def as_wanted(order: Operation) -> Wanted:
    """Return what an order in the books asks for."""
    return Wanted(order.command, order.name, order.months, order.detail)


def ordered_at(order: Operation) -> datetime:
    """Tell when an order was placed: one that is taken up again keeps its first date."""
    first = order.detail.get("ordered_at")
    return order.opened_at if first is None else datetime.fromisoformat(first)


def note(order: Operation) -> str:
    """Say in OpenSRS's manner how an order stands, for the notes that staff read."""
    if order.state == "pending":
        return str(order.detail["note"])
    return f"Order {order.state}"


def _do(errand: Errand, wanted: Wanted, number: str) -> Reply:
    page = errand.page
    order = _open(page, wanted, number, charge_id=_charge(page, wanted, number))
    entry = effects.put(page, order)
    page.decide(order, "completed")
    return Reply(200, _DONE[wanted.command], _attributes(page, wanted, number, entry))


def _leave_waiting(errand: Errand, wanted: Wanted, number: str, *, asynchronous: bool) -> Reply:
    page = errand.page
    verdicts, seconds = errand.verdict(errand.request.command, wanted.name)
    order = _open(
        page,
        wanted,
        number,
        charge_id=_charge(page, wanted, number),
        # The first is for now: `decide` uses it up, and the true one falls after these seconds.
        verdicts=("accept", *verdicts),
        seconds=seconds,
    )
    page.decide(order, "waiting" if asynchronous else "processed")
    attributes = _attributes(page, wanted, number)
    if asynchronous:
        text = "Request submitted: the registry will complete it later"
        return Reply(250, text, {**attributes, "async_reason": "general"})
    return Reply(200, _DONE["transfer"], {**attributes, "transfer_id": str(order.id)})


def _forced_pending(
    errand: Errand, wanted: Wanted, number: str, saved: Operation | None, reply: Reply
) -> Reply:
    if saved is None:
        _save(errand, wanted, number, WANT_OF_MONEY)
    attributes = {**_attributes(errand.page, wanted, number), "forced_pending": number}
    return replace(reply, attributes=attributes)


def _save(errand: Errand, wanted: Wanted, number: str, why: str) -> None:
    since = {"note": why, "ordered_at": errand.page.now.isoformat()}
    kept = replace(wanted, detail={**wanted.detail, **since})
    _open(errand.page, kept, number, verdicts=("lapse",), seconds=terms.SAVED_FOR.total_seconds())


def _clear_the_way(errand: Errand, wanted: Wanted) -> list[str]:
    """Cancel what was saved for the name before and return the numbers, or refuse the request where a draft stands."""
    saved = [order for order in errand.archive.orders(wanted.name) if order.state == "pending"]
    if wanted.command in _REPLACING:
        for order in saved:
            errand.page.decide(order, "cancelled")
        return [order.client_transaction_id for order in saved]
    drafts = [order.client_transaction_id for order in saved if order.command == wanted.command]
    if drafts:
        raise RefusedError(437, f"Another request for this domain is pending: cancel order {drafts[0]} first")
    return []


def _new_number(page: Page) -> str:
    return str(FIRST_NUMBER + int(page.new_roid("").partition("-")[0]))


def _charge(page: Page, wanted: Wanted, number: str) -> int:
    return page.charge(
        wanted.command,
        wanted.name,
        months=wanted.months,
        amount=wanted.amount,
        client_transaction_id=number,
    )


def _open(
    page: Page,
    wanted: Wanted,
    number: str,
    *,
    charge_id: int | None = None,
    verdicts: tuple[str, ...] = (),
    seconds: float = 0.0,
) -> Operation:
    return page.open_operation(
        wanted.command,
        wanted.name,
        months=wanted.months,
        client_id=page.client_id,
        client_transaction_id=number,
        server_transaction_id=number,
        charge_id=charge_id,
        verdicts=verdicts,
        every_seconds=seconds,
        detail=wanted.detail,
    )


def _attributes(page: Page, wanted: Wanted, number: str, entry: Domain | None = None) -> Mapping[str, Any]:
    """Return what an order's answer tells about it; a new expiry only where the renewal is done."""
    if wanted.command in _REPLACING:
        return {
            "id": number,
            "registration_code": "200",
            "registration_text": _DONE[wanted.command],
            "admin_email": contacts.admin_email(page, wanted.detail["contacts"]),
        }
    told = {"order_id": number}
    if wanted.command == "renew" and entry is not None:
        told["registration expiration date"] = terms.stamp(entry.expires_at)
        told["auto_renew"] = "1" if wanted.detail["auto_renew"] else "0"
        told["admin_email"] = contacts.admin_email(page, entry.contacts)
    return told
