"""What did Openprovider take, and what is left? `transactions` and `resellers`.

A transaction has no other number than its `reference_id`: the `client_transaction_id` of the books' charge. What is given
back has the number of what it gives back, and a negative total.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.sandbox.openprovider.answers import RefusedError, amount, price
from adapters.sandbox.openprovider.errand import Errand
from adapters.sandbox.openprovider.moments import from_local, local_time
from adapters.sandbox.records import Charge

_ACTIONS: Mapping[str, str] = {
    "register": "NEW",
    "renew": "RENEW",
    "transfer": "TRANSFER",
    "restore": "RESTORE",
}
"""`NEW` is documented; the others are the sandbox's own words in its likeness."""

_USUAL_LIST = 100
_LONGEST_LIST = 1000


def transactions(errand: Errand) -> Any:
    """Answer `GET transactions`: those that fit, oldest first unless `order` is `desc`, a page of them.

    `filter_for_subject` fits every subject that it is a part of. A day that ends the span is in it as a whole.
    """
    fitting = [line for line in errand.page.charges() if _fits(errand, line)]
    if errand.call.query.get("order", "").lower() == "desc":
        fitting.reverse()
    offset, limit = errand.call.number("offset", 0), errand.call.number("limit", _USUAL_LIST)
    part = fitting[offset : offset + min(limit, _LONGEST_LIST)]
    return {"results": [_shown(line) for line in part], "total": len(fitting)}


def reseller(errand: Errand) -> Any:
    """Answer `GET resellers`: the credit that is available, and what of it pending operations have taken."""
    return {
        "id": 1,
        "company_name": "Example reseller",
        "status": "active",
        "balance": amount(errand.page.balance),
        "reserved_balance": amount(errand.register.pending_amount()),
    }


def _fits(errand: Errand, line: Charge) -> bool:
    query = errand.call.query
    start, end = query.get("start_creation_date", ""), query.get("end_creation_date", "")
    # The wire has whole seconds, and a filter cannot tell more of a line than the wire does.
    at = line.at.replace(microsecond=0)
    return (
        (not start or at >= _moment(errand, "start_creation_date"))
        and (not end or at <= _end(errand))
        and query.get("filter_for_subject", "").lower() in line.name
        and query.get("action", "").upper() in {"", _action(line)}
        and not _is_hidden(errand, line)
    )


def _action(line: Charge) -> str:
    return _ACTIONS.get(line.command, line.command.upper())


def _reference(line: Charge) -> int:
    """Return the line's number; one that came into the books without such a number has its place among the lines."""
    text = line.client_transaction_id
    return int(text) if text.isdecimal() else line.id


def _is_hidden(errand: Errand, line: Charge) -> bool:
    """Tell whether the line is too new for a statement that is ordered to be stale."""
    if errand.stale is None:
        return False
    return not errand.stale.argument or line.at > errand.page.now - timedelta(seconds=errand.stale.seconds)


def _end(errand: Errand) -> datetime:
    moment = _moment(errand, "end_creation_date")
    names_a_day = len(errand.call.query["end_creation_date"]) == len("2026-01-01")
    return moment + timedelta(days=1) - timedelta(seconds=1) if names_a_day else moment


def _moment(errand: Errand, key: str) -> datetime:
    try:
        return from_local(errand.call.query[key])
    except ValueError:
        raise RefusedError(399, f"{key} is not a date") from None


def _shown(line: Charge) -> dict[str, Any]:
    total = price(line.amount, line.unit)
    return {
        "reference_id": _reference(line),
        "creation_date": local_time(line.at),
        "action": _action(line),
        "object_type": "domain",
        "subject": line.name,
        "type": "transaction",
        "quantity": max(line.months // 12, 1),
        "price": total,
        "setup": price(0, line.unit),
        "total": total,
        "discount": 0,
        "exchange_rate": 1,
        "vat": 0,
    }
