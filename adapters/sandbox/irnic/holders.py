"""How does a name move to another holder? By a PIN that is mailed to the present one, and by the present one's consent.

    pin op="req" ──▶ a PIN is mailed (`mailed_pin` reads the mail) ──▶ update with the PIN and four contacts: charged, pending
    pending ──approve──▶ the new contacts stand ; ──reject──▶ nothing has changed, and the charge is given back

The verdict is the present holder's and the registry's in one: `Books.approve`, `Books.reject`, or the clock.
"""

import secrets
from dataclasses import replace

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import contacts, lifecycle
from adapters.sandbox.irnic.answers import Answer, RefusedError
from adapters.sandbox.irnic.decisions import with_progress
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.irnic.requests import ROLES
from adapters.sandbox.irnic.spending import accepted, charge, leave_pending
from adapters.sandbox.records import Domain

PRICE = 100
"""Hundredths of a unit."""


def mailed_pin(books: Books, name: str) -> str:
    """Read the mail to a name's holder: the PIN in it; empty where none was sent."""
    domain = books.domain(name)
    return "" if domain is None else domain.auth_info


def request_pin(errand: Errand) -> Answer:
    """Answer `pin op="req"`: another PIN is mailed. It is never in an answer. `op="lock"` makes the last one worthless."""
    entry = _ours(errand)
    pin = "" if errand.request.pin("op") == "lock" else f"{secrets.randbelow(900_000_000) + 100_000_000}"
    errand.page.save(replace(entry, auth_info=pin))
    return Answer(1000)


def move(errand: Errand) -> Answer:
    """Answer an update with a PIN: charge, and leave it to the present holder."""
    entry = _ours(errand)
    handles = errand.request.contacts()
    if missing := [role for role in ROLES if role not in handles]:
        raise RefusedError(2003, f"The {missing[0]} contact is missing.", "domain:contact")
    if not entry.auth_info or errand.request.pin("pinCode") != entry.auth_info:
        raise RefusedError(2202, "The pin code is not valid.", "pin")
    if dict(entry.contacts).get("holder") == handles["holder"]:
        raise RefusedError(2306, "The new holder is the present one.", "domain:contact")
    contacts.require(errand.page, handles)
    charge_id = charge(errand, "transfer", entry.name, months=0, amount=PRICE)
    waiting = replace(
        entry,
        auth_info="",
        statuses=with_progress("transfer", "PendingHolderCheck"),
        updated_at=errand.page.now,
    )
    errand.page.save(waiting)
    leave_pending(errand, "transfer", entry, charge_id=charge_id, contacts=handles)
    return accepted(errand, 1000)


def _ours(errand: Errand) -> Domain:
    entry = errand.domain(errand.name())
    if entry.sponsor != errand.page.client_id:
        raise RefusedError(2306, "You are not the reseller of this domain.", "domain:name")
    shown = lifecycle.statuses(entry, errand.page.now)
    if not lifecycle.is_changeable(entry, errand.page.now) or "inactive" in shown or "pendingDelete" in shown:
        raise RefusedError(2304, "The status of this domain does not allow its transfer.", "domain:name")
    return entry
