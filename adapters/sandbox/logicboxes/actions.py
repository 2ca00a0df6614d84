"""How does the platform tell what became of an order? By an action: a number (`eaqid`), a type, and how far it is.

    PendingExecution ──approved──▶ Success            InvoicePaid: accepted, and waits for our deposit to be topped up
           └─────────rejected──▶ Failed               InvoiceNotPaid: waits for the customer's invoice to be paid
           └─────────cancelled─▶ Cancelled

What is finished leaves `actions/search-current` for `actions/search-archived`.
"""

from collections.abc import Callable
from typing import Any

from adapters.sandbox.logicboxes import terms
from adapters.sandbox.logicboxes.errand import Errand
from adapters.sandbox.logicboxes.fields import Fields
from adapters.sandbox.logicboxes.replies import money, reply
from adapters.sandbox.records import Domain, Operation
from adapters.sandbox.web import Answer

LOCKED = "Order Locked In Processing."
TYPES = {
    "register": "AddNewDomain",
    "renew": "RenewDomain",
    "transfer": "AddTransferDomain",
    "restore": "RestoreDomain",
    "delete": "DelDomain",
}

_FIRST_ACTION = 514_000_000
_FIRST_INVOICE = 86_000_000
_DOMAIN_ENTITY_TYPE = "3"
_TITLES = {
    "register": "Registration",
    "renew": "Renewal",
    "transfer": "Transfer",
    "restore": "Restoration",
    "delete": "Deletion",
}
_SUCCESSES = {
    "register": "Domain registration completed Successfully",
    "renew": "Domain renewed successfully",
    "transfer": "Domain transfer completed successfully",
    "restore": "Domain restored successfully",
    "delete": "Domain deleted successfully",
}


def new_action_id(errand: Errand) -> str:
    """Return a number that no other action of these books has."""
    number = errand.page.new_roid("").removesuffix("-SANDBOX")
    return str(_FIRST_ACTION + int(number))


def is_locked(operation: Operation) -> bool:
    """Tell whether an action waits for money."""
    return operation.state == "pending" and operation.charge_id is None and operation.detail["amount"] > 0


def status(operation: Operation) -> str:
    """Return how far an action is, in the platform's word."""
    if operation.state != "pending":
        return operation.state
    if is_locked(operation):
        return "InvoiceNotPaid" if operation.detail["waits_for_customer"] else "InvoicePaid"
    return "PendingExecution"


def description(operation: Operation) -> str:
    """Return what is said for people of how far an action is."""
    word, title = status(operation), _TITLES[operation.command]
    waiting = "Order is being executed."
    if operation.command == "transfer":
        waiting = "Transfer waiting for Losing Registrar Approval"
    return {
        "Success": _SUCCESSES[operation.command],
        "InvoicePaid": LOCKED,
        "InvoiceNotPaid": "Invoice is not paid yet.",
        "Failed": f"{title} failed at the Registry.",
        "Cancelled": f"{title} cancelled.",
    }.get(word, waiting)


def answer(operation: Operation, *, invoiced: bool) -> Answer:
    """Write the order-action object of an order; with an invoice it tells what was taken.

    `status` says whether the call was taken well, `actionstatus` how far its effect is: a pending action is a success of
    the call, and an order that waits for our money is "Failed" although it exists.
    """
    failed = operation.state == "Failed" or is_locked(operation)
    return reply(
        {
            "actiontypedesc": type_description(operation),
            "entityid": operation.detail["order_id"],
            "actionstatus": status(operation),
            "status": "Failed" if failed else "Success",
            "eaqid": operation.server_transaction_id,
            "customerid": operation.detail["customer_id"],
            "description": operation.name,
            "actiontype": TYPES[operation.command],
            "actionstatusdesc": description(operation),
            **(_billing(operation) if invoiced else {}),
        }
    )


def done_at_once(errand: Errand, order: Domain, action_type: str, title: str) -> Answer:
    """Write the order-action object of a change that costs nothing and is done already."""
    return reply(
        {
            "actiontypedesc": f"{title} of {order.name}",
            "entityid": terms.order_id(order),
            "actionstatus": "Success",
            "status": "Success",
            "eaqid": new_action_id(errand),
            "customerid": order.detail.get("customer_id", ""),
            "description": order.name,
            "actiontype": action_type,
            "actionstatusdesc": f"{title} completed Successfully",
        }
    )


def type_description(operation: Operation) -> str:
    """Return what an action is, for people."""
    years = operation.months // 12
    length = f" for {years} year{'' if years == 1 else 's'}" if years else ""
    return f"{_TITLES[operation.command]} of {operation.name}{length}"


def search_current(errand: Errand) -> Answer:
    """Answer actions/search-current: those that still run."""
    return _search(errand, lambda operation: operation.state == "pending")


def search_archived(errand: Errand) -> Answer:
    """Answer actions/search-archived: those that are finished."""
    return _search(errand, lambda operation: operation.state != "pending")


def _search(errand: Errand, wanted: Callable[[Operation], bool]) -> Answer:
    rows = [
        _row(operation)
        for operation in errand.page.operations()
        if wanted(operation) and errand.sees(operation)
    ]
    filters = {
        "eaq-id": "eaqid",
        "order-id": "entityid",
        "entity-type-id": "entitytypeid",
        "action-status": "actionstatus",
        "action-type": "actiontype",
    }
    for parameter, column in filters.items():
        values = errand.fields.many(parameter)
        rows = [row for row in rows if not values or str(row[column]) in values]
    return reply(paged(errand.fields, rows, most=500))


def paged(fields: Fields, rows: list[dict[str, Any]], *, most: int) -> dict[str, Any]:
    """Return one page of rows, numbered from 1, with how many there are."""
    size = fields.number("no-of-records", least=10, most=most)
    number = fields.number("page-no", least=1, most=1_000_000)
    shown = rows[size * (number - 1) : size * number]
    numbered = {str(index): row for index, row in enumerate(shown, start=1)}
    return {"recsonpage": len(shown), "recsindb": len(rows), **numbered}


def _row(operation: Operation) -> dict[str, Any]:
    finished = operation.decided_at if operation.state != "pending" else None
    return {
        "entityid": operation.detail["order_id"],
        "entitytypeid": _DOMAIN_ENTITY_TYPE,
        "eaqid": operation.server_transaction_id,
        "actiontype": TYPES[operation.command],
        "actiontypedesc": type_description(operation),
        "actionadded": terms.epoch(operation.opened_at),
        "actionstarted": 0 if is_locked(operation) else terms.epoch(operation.opened_at),
        "actioncompleted": terms.epoch(finished) if finished else 0,
        "actionstatus": status(operation),
        "actionstatusdesc": description(operation),
    }


def _billing(operation: Operation) -> dict[str, Any]:
    taken = money(-operation.detail["amount"])
    return {
        "invoiceid": _FIRST_INVOICE + operation.id,
        "sellingcurrencysymbol": operation.detail["unit"],
        "sellingamount": taken,
        "unutilisedsellingamount": taken,
    }
