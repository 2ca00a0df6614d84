"""How is what was accepted decided? By verdicts that fall due; what each comes to was written down when it was accepted.

    waiting (REQ, SCH, RRQ) ──document──▶ PEN
                            ──approve───▶ `done`
                            ──reject────▶ `failed`, and the charge given back

A rejection that another verdict follows is only shown: the charge stays, and the approval comes later.
"""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.sandbox.openprovider import lifecycle
from adapters.sandbox.page import DepositEmptyError, Page
from adapters.sandbox.records import Domain, Operation, domain_from, to_row


def outlook(*, waiting: Domain, done: Domain, failed: Domain) -> Mapping[str, Any]:
    """Write down what a name comes to, for an operation's detail."""
    return {"waiting": to_row(waiting), "done": to_row(done), "failed": to_row(failed)}


def decide_what_is_due(page: Page) -> None:
    """Carry out every verdict that has fallen due, the oldest first."""
    for operation in page.due_operations():
        _CARRY_OUT[operation.verdicts[0]](page, operation)


def _approve(page: Page, operation: Operation) -> None:
    charge_id = None
    if operation.state == "rejected":
        charge_id = _charged_again(page, operation)
        if charge_id is None:
            page.decide(operation, "rejected")
            return
    page.save(_coming(operation, "done"))
    page.decide(operation, "approved", charge_id=charge_id)


def _reject(page: Page, operation: Operation) -> None:
    only_shown = len(operation.verdicts) > 1
    if not only_shown and operation.state == "pending" and operation.charge_id is not None:
        page.refund(operation.charge_id)
    page.save(_coming(operation, "failed"))
    page.decide(operation, "pending" if only_shown else "rejected")


def _document(page: Page, operation: Operation) -> None:
    page.save(lifecycle.with_word(_coming(operation, "waiting"), "PEN"))
    page.decide(operation, operation.state)


def _coming(operation: Operation, what: str) -> Domain:
    return domain_from(operation.detail[what])


def _charged_again(page: Page, operation: Operation) -> int | None:
    """Charge again for what was rejected and given back; None where the credit does not suffice."""
    charge = next(line for line in page.charges(operation.name) if line.id == operation.charge_id)
    try:
        return page.charge(
            charge.command,
            charge.name,
            months=charge.months,
            amount=charge.amount,
            client_transaction_id=lifecycle.next_reference(page),
        )
    except DepositEmptyError:
        return None


_CARRY_OUT: Mapping[str, Callable[[Page, Operation], None]] = {
    "approve": _approve,
    "reject": _reject,
    "document": _document,
}
