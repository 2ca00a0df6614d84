"""How is what was ordered decided? By verdicts that fall due; money that was taken for what failed is given back.

    pay       our deposit was topped up since: charge, and go on to what else is to come
    approve   charge, if that was not done or was given back, and put the order into effect
    reject    give the charge back; an order that never was goes away
    document  passed over: the platform asks nobody but the registrant for papers

A verdict on what is finished changes nothing, but for an approval of what failed: the platform executes it after all.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from adapters.sandbox.logicboxes import people, terms
from adapters.sandbox.page import DepositEmptyError, Page
from adapters.sandbox.records import Domain, Operation, as_text, domain_from

NEW_STATUSES = (terms.ACTIVE, "transferlock", "sixtydaylock")
"""A name that has just come is locked, by theft protection and for sixty days."""

_FINISHED = frozenset({"Success", "Cancelled"})


def decide_what_is_due(page: Page) -> None:
    """Carry out every verdict that has fallen due, and those that fall due by it; what cannot be paid stays."""
    while any(_decide(page, operation) for operation in page.due_operations()):
        pass


def reject(page: Page, operation: Operation, state: str) -> None:
    """Undo an order that does not come about, give its charge back, and write down what it came to."""
    if operation.charge_id is not None:
        page.refund(operation.charge_id)
    row = page.domain(operation.name)
    if row is not None and operation.command == "register" and row.roid == operation.detail["roid"]:
        page.remove(operation.name)
    if row is not None and operation.command == "transfer":
        page.save(replace(row, detail=_without(row, "incoming")))
    page.decide(operation, state)


def _decide(page: Page, operation: Operation) -> bool:
    """Carry out one verdict; False if it must wait."""
    verdict = operation.verdicts[0]
    if operation.state in _FINISHED or (operation.state == "Failed" and verdict != "approve"):
        page.decide(operation, operation.state)
    elif verdict == "pay":
        return _pay(page, operation)
    elif verdict == "approve":
        return _approve(page, operation)
    elif verdict == "reject":
        reject(page, operation, "Failed")
    else:
        page.decide(operation, operation.state)
    return True


def _pay(page: Page, operation: Operation) -> bool:
    """Charge what was locked, once there is more in the deposit than when it was locked."""
    if page.balance <= operation.detail["balance"]:
        return False
    charge_id = _charge(page, operation)
    if charge_id is None:
        return False
    page.decide(operation, "pending", charge_id=charge_id)
    return True


def _approve(page: Page, operation: Operation) -> bool:
    row = page.domain(operation.name)
    if row is None and operation.command == "register":
        # It is executed at once, or after all: the name is not in the books yet, or no more.
        row = domain_from(operation.detail["entry"])
    if row is None or not _is_still_ordered(operation, row):
        page.decide(operation, operation.state)
        return True
    if operation.command == "transfer" and not row.detail["incoming"]["authorised"]:
        reject(page, operation, "Failed")
        return True
    charge_id = None
    if operation.detail["amount"] and (operation.charge_id is None or operation.state == "Failed"):
        charge_id = _charge(page, operation)
        if charge_id is None:
            return False
    page.save(_EFFECTS[operation.command](page, operation, row))
    page.decide(operation, "Success", charge_id=charge_id)
    return True


def _is_still_ordered(operation: Operation, row: Domain) -> bool:
    """Tell whether the name is still the one that the order is about."""
    roid = row.detail.get("incoming", {}).get("roid") if operation.command == "transfer" else row.roid
    return bool(roid == operation.detail["roid"])


def _charge(page: Page, operation: Operation) -> int | None:
    try:
        return page.charge(
            operation.command,
            operation.name,
            months=operation.months,
            amount=operation.detail["amount"],
            client_transaction_id=operation.client_transaction_id,
        )
    except DepositEmptyError:
        return None


def _registered(page: Page, operation: Operation, row: Domain) -> Domain:
    return replace(
        row,
        created_at=page.now,
        expires_at=terms.extended(page.now, operation.months // 12),
        statuses=NEW_STATUSES,
    )


def _renewed(page: Page, operation: Operation, row: Domain) -> Domain:
    return replace(
        row,
        expires_at=terms.extended(row.expires_at, operation.months // 12),
        updated_at=page.now,
        detail={**row.detail, "recurring": operation.detail["recurring"]},
    )


def _transferred(page: Page, operation: Operation, row: Domain) -> Domain:
    incoming = row.detail["incoming"]
    return replace(
        row,
        roid=incoming["roid"],
        sponsor=operation.client_id,
        expires_at=terms.extended(row.expires_at, 1),
        transferred_at=page.now,
        statuses=NEW_STATUSES,
        contacts=tuple((role, contact_id) for role, contact_id in incoming["contacts"]),
        nameservers=tuple((host, ()) for host in incoming["nameservers"]) or row.nameservers,
        auth_info=people.new_auth_code(),
        detail={key: incoming[key] for key in ("customer_id", "recurring")},
    )


def _restored(page: Page, _: Operation, row: Domain) -> Domain:
    detail = {**_without(row, "deleted_at"), "restored_at": as_text(page.now)}
    return replace(row, detail=detail, updated_at=page.now)


def _deleted(page: Page, _: Operation, row: Domain) -> Domain:
    return replace(row, detail={**row.detail, "deleted_at": as_text(page.now)}, updated_at=page.now)


def _without(row: Domain, key: str) -> dict[str, object]:
    return {name: value for name, value in row.detail.items() if name != key}


_EFFECTS: Mapping[str, Callable[[Page, Operation, Domain], Domain]] = {
    "register": _registered,
    "renew": _renewed,
    "transfer": _transferred,
    "restore": _restored,
    "delete": _deleted,
}
