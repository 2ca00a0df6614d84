"""How does IRNIC decide what it accepted? By verdicts that fall due, each with a message for the reseller.

    register   under check ──approve──▶ registered, with its true expiry
                    │  └──document──▶ documents required ──▶ …
                    └──reject──▶ free again, and the charge given back
    renew      the same; an approval moves the expiry to the Persian calendar's anniversary
    transfer   the same; an approval puts the new contacts in their roles
    delete     the same, without a charge; an approval frees the name

A rejection that another verdict follows is only said: name and charge stay as they are, and an approval comes later.
That is how IRNIC's own queue was seen to behave. A message names the whole set of statuses, never a change.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from adapters.sandbox.irnic import lifecycle
from adapters.sandbox.page import DepositEmptyError, Page
from adapters.sandbox.records import Domain, Operation, domain_from

DOCUMENTS_WANTED = "مدارک مالک دامنه را ظرف ده روز در سامانه بارگذاری نمایید."
"""The note of a message that asks for documents."""

_SUBJECTS = {
    "register": "irnicRegistration",
    "renew": "irnicRenewal",
    "transfer": "irnicHolderChange",
    "delete": "irnicDeletion",
}
_WAITING = {
    "register": lifecycle.UNDER_CHECK,
    "renew": ("pendingRenew",),
    "transfer": ("pendingUpdate",),
    "delete": ("pendingDelete",),
}


def with_progress(command: str, progress: str) -> tuple[str, ...]:
    """Return the statuses of a name while `command` waits, with how far it is: `irnicRenewalPendingDomainCheck`."""
    return (*_WAITING[command], f"{_SUBJECTS[command]}{progress}")


def decide_what_is_due(page: Page) -> None:
    """Carry out every verdict that has fallen due, the oldest first."""
    for operation in page.due_operations():
        _CARRY_OUT[operation.verdicts[0]](page, operation)


def _approve(page: Page, operation: Operation) -> None:
    entry, charge_id = page.domain(operation.name), None
    if operation.state == "rejected":
        entry, charge_id = _taken_up_again(page, operation)
    if entry is None:
        page.decide(operation, operation.state)
        return
    if "activate" in operation.verdicts:
        page.save(replace(entry, statuses=with_progress(operation.command, "Approved")))
    else:
        _put_into_effect(page, operation, entry)
    _tell(page, operation, "Approved")
    page.decide(operation, "approved", charge_id=charge_id)


def _activate(page: Page, operation: Operation) -> None:
    entry = page.domain(operation.name)
    if entry is not None:
        _put_into_effect(page, operation, entry)
    page.decide(operation, "approved")


def _document(page: Page, operation: Operation) -> None:
    entry = page.domain(operation.name)
    if entry is not None:
        page.save(replace(entry, statuses=with_progress(operation.command, "DocRequired")))
        _tell(page, operation, "DocRequired", note=DOCUMENTS_WANTED)
    page.decide(operation, operation.state)


def _reject(page: Page, operation: Operation) -> None:
    only_said = len(operation.verdicts) > 1
    if not only_said and operation.state != "rejected":
        _undo(page, operation)
    _tell(page, operation, "Rejected")
    page.decide(operation, operation.state if only_said else "rejected")


def _undo(page: Page, operation: Operation) -> None:
    """Give the charge back, and free the name or put back what it was."""
    if operation.charge_id is not None:
        page.refund(operation.charge_id)
    if operation.command == "register":
        page.remove(operation.name)
        return
    entry = page.domain(operation.name)
    if entry is not None:
        before = _entry_at_the_start(operation)
        page.save(replace(entry, statuses=before.statuses, expires_at=before.expires_at))


def _put_into_effect(page: Page, operation: Operation, entry: Domain) -> None:
    if operation.command == "delete":
        page.remove(entry.name)
        return
    active = replace(entry, statuses=("ok", "irnicRegistered"))
    if operation.command == "transfer":
        page.save(replace(active, contacts=tuple(operation.detail["contacts"].items())))
        return
    start = _entry_at_the_start(operation)
    begins = start.created_at if operation.command == "register" else start.expires_at
    expires_at = lifecycle.extended(begins, operation.months)
    page.save(replace(active, expires_at=expires_at))


def _taken_up_again(page: Page, operation: Operation) -> tuple[Domain | None, int | None]:
    """Charge again for what was rejected and given back.

    Returns no entry where that cannot be: the name went to somebody else, or the deposit is empty.
    """
    entry = page.domain(operation.name)
    if operation.command == "register":
        entry = _entry_at_the_start(operation) if entry is None else None
    if operation.charge_id is None:
        return entry, None
    amount = next(
        (charge.amount for charge in page.charges(operation.name) if charge.id == operation.charge_id), None
    )
    if entry is None or amount is None:
        return None, None
    try:
        charge_id = page.charge(
            operation.command,
            operation.name,
            months=operation.months,
            amount=amount,
            client_transaction_id=operation.client_transaction_id,
        )
    except DepositEmptyError:
        return None, None
    return entry, charge_id


def _entry_at_the_start(operation: Operation) -> Domain:
    return domain_from(operation.detail["entry"])


def _tell(page: Page, operation: Operation, progress: str, *, note: str = "") -> None:
    """Queue the message of a verdict; its statuses are the whole set that the name has now."""
    entry = page.domain(operation.name) or _entry_at_the_start(operation)
    page.queue_message(
        "domain",
        note,
        name=operation.name,
        body={
            "index": "DomainUpdateStatus DomainNotice" if note else "DomainUpdateStatus",
            "roid": lifecycle.roid(entry),
            "statuses": _told_statuses(page, operation, entry, progress),
        },
    )


def _told_statuses(page: Page, operation: Operation, entry: Domain, progress: str) -> list[str]:
    """Return a message's statuses; one about a registration, approved or not, still has the name under check."""
    goes_on = progress == "DocRequired" or len(operation.verdicts) > 1
    if operation.command == "register" or goes_on:
        return list(with_progress(operation.command, progress))
    return [*lifecycle.statuses(entry, page.now), f"{_SUBJECTS[operation.command]}{progress}"]


_CARRY_OUT: Mapping[str, Callable[[Page, Operation], None]] = {
    "approve": _approve,
    "reject": _reject,
    "document": _document,
    "activate": _activate,
}
