"""What becomes of what was left pending? When a verdict falls due, the books change and a message tells it.

A rejection gives the charge back; an approval that comes after a rejection charges again. A verdict that says what is so
already changes nothing.
"""

from dataclasses import replace

from adapters.sandbox.epp import restores, transfers
from adapters.sandbox.epp.call import tell_decision
from adapters.sandbox.epp.dialect import Dialect, Terms
from adapters.sandbox.epp.fees import price
from adapters.sandbox.page import DepositEmptyError, Page
from adapters.sandbox.records import Domain, Operation, domain_from

APPROVED = frozenset({"approved", "clientApproved", "serverApproved"})
REJECTED = frozenset({"rejected", "clientRejected", "clientCancelled", "serverCancelled"})


def settle(page: Page, dialect: Dialect, terms: Terms) -> None:
    """Carry out every verdict that is due."""
    for operation in page.due_operations():
        try:
            _settle(page, operation, dialect, terms)
        except DepositEmptyError:
            # Approved after all, and the deposit that was given back is spent: it stays rejected.
            page.decide(operation, operation.state)


def _settle(page: Page, operation: Operation, dialect: Dialect, terms: Terms) -> None:
    verdict = operation.verdicts[0]
    if operation.command == "delete":
        restores.settle_deletion(page, operation, terms)
    elif operation.state in APPROVED or (verdict == "reject" and operation.state in REJECTED):
        page.decide(operation, operation.state)
    elif verdict == "document":
        page.queue_message(
            "notice", "Documents are awaited.", name=operation.name, client_id=operation.client_id
        )
        page.decide(operation, operation.state)
    elif operation.command == "transfer":
        state = "serverApproved" if verdict == "approve" else "clientRejected"
        transfers.decide(page, operation, state, dialect, terms)
    elif verdict == "approve":
        _approve(page, operation, dialect, terms)
    else:
        _reject(page, operation, dialect)


def _approve(page: Page, operation: Operation, dialect: Dialect, terms: Terms) -> None:
    settled = domain_from(operation.detail["settled"])
    current = page.domain(operation.name)
    if (current is None and operation.command != "register") or (current and current.roid != settled.roid):
        page.decide(operation, operation.state)  # the name has gone its own way since
        return
    charge_id = None
    if operation.state in REJECTED and operation.charge_id is not None:
        charge_id = page.charge(
            operation.command,
            operation.name,
            months=operation.months,
            amount=price(operation.name, operation.command, operation.months, dialect, terms),
            client_transaction_id=operation.client_transaction_id,
        )
    page.save(_approved(operation, current or settled, settled, page))
    page.decide(operation, "approved", charge_id=charge_id)
    tell_decision(page, operation, approved=True, dialect=dialect)


def _approved(operation: Operation, current: Domain, settled: Domain, page: Page) -> Domain:
    if operation.command == "restore":
        return replace(restores.restored(current), updated_at=page.now)
    return replace(_no_longer_pending(current), expires_at=settled.expires_at, updated_at=page.now)


def _reject(page: Page, operation: Operation, dialect: Dialect) -> None:
    current = page.domain(operation.name)
    if operation.command == "register":
        page.remove(operation.name)
    elif current is not None and operation.command == "restore":
        page.save(restores.in_grace(current, restores.REDEMPTION))
    elif current is not None:
        page.save(_no_longer_pending(current))
    if operation.charge_id is not None:
        page.refund(operation.charge_id)
    page.decide(operation, "rejected")
    tell_decision(page, operation, approved=False, dialect=dialect)


def _no_longer_pending(domain: Domain) -> Domain:
    gone = {"pendingCreate", "pendingRenew"}
    return replace(domain, statuses=tuple(status for status in domain.statuses if status not in gone))
