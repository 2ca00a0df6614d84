"""How does a name move from one registrar to another? RFC 5731 §3.1.3 and §3.2.4.

    request ──charged──▶ pending ──approve, or the time is over──▶ clientApproved, serverApproved
                            ├────reject (refunded)───────────────▶ clientRejected
                            └────cancel (refunded)───────────────▶ clientCancelled

Who asks is charged when the request is accepted, and gets it back when it comes to nothing. Both sides get a message.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from adapters.sandbox.epp.answers import Answer, RefusalError, node
from adapters.sandbox.epp.call import (
    MONTHS_A_YEAR,
    Call,
    check_auth_info,
    later,
    months_asked,
    refuse_under,
    registered,
)
from adapters.sandbox.epp.dialect import DOMAIN, Dialect, Terms
from adapters.sandbox.epp.fees import price
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain, Operation

PENDING = "pending"
TEXTS = {
    PENDING: "Transfer requested.",
    "clientApproved": "Transfer approved.",
    "serverApproved": "Transfer approved.",
    "clientRejected": "Transfer rejected.",
    "clientCancelled": "Transfer cancelled.",
}


def request(call: Call) -> Answer:
    """Accept a transfer with the right auth code, charge it, and leave it pending."""
    domain = registered(call)
    if domain.sponsor == call.client_id:
        raise RefusalError(call.dialect.own_transfer_code, "the name is yours already")
    _check_code(call, domain)
    if "pendingTransfer" in domain.statuses:
        raise RefusalError(2300)
    refuse_under(
        domain,
        "clientTransferProhibited",
        "serverTransferProhibited",
        "pendingCreate",
        "pendingDelete",
        "pendingRenew",
    )
    if months_asked(call) != MONTHS_A_YEAR:
        raise RefusalError(2306, "a transfer adds one year")
    operation = _open(call, domain)
    call.page.save(replace(domain, statuses=(*domain.statuses, "pendingTransfer")))
    _tell(call.page, operation, PENDING, call.dialect, to=domain.sponsor)
    shown = transfer_data(_told(call.page, operation, PENDING, call.dialect))
    return Answer(1001, shown, extensions=call.charged("transfer", MONTHS_A_YEAR))


def query(call: Call) -> Answer:
    """Say how the newest transfer stands, to either side of it or to whoever has the auth code."""
    domain, operation = registered(call), call.page.last_operation(call.name, "transfer")
    if operation is None:
        raise RefusalError(2301, "the name was never asked for")
    if call.client_id not in (operation.client_id, operation.detail["losing"]):
        _check_code(call, domain)
    return Answer(1000, transfer_data(_told(call.page, operation, operation.state, call.dialect)))


def cancel(call: Call) -> Answer:
    """Withdraw a request; only who made it may."""
    return _ended(call, "clientCancelled", by="gaining")


def approve(call: Call) -> Answer:
    """Let the name go; only the losing registrar may."""
    return _ended(call, "clientApproved", by="losing")


def reject(call: Call) -> Answer:
    """Keep the name; only the losing registrar may."""
    return _ended(call, "clientRejected", by="losing")


def decide(page: Page, operation: Operation, state: str, dialect: Dialect, terms: Terms) -> None:
    """Bring a transfer to its end: move the name or give the charge back, and tell both sides."""
    domain = page.domain(operation.name)
    if domain is None:
        page.decide(operation, "serverCancelled")
        return
    kept = tuple(status for status in domain.statuses if status != "pendingTransfer")
    charge_id = None
    if state in {"clientApproved", "serverApproved"}:
        if operation.state != PENDING:
            charge_id = _charge_again(page, operation, dialect, terms)
        page.save(_moved(page, operation, replace(domain, statuses=kept), terms))
    else:
        if operation.charge_id is not None:
            page.refund(operation.charge_id)
        page.save(replace(domain, statuses=kept))
    page.decide(operation, state, charge_id=charge_id)
    for client_id in (operation.client_id, operation.detail["losing"]):
        _tell(page, operation, state, dialect, to=client_id)


def transfer_data(told: Mapping[str, Any]) -> etree._Element:
    """Write how a transfer stands, from the texts that its message keeps."""
    return node(DOMAIN, "trnData", *(node(DOMAIN, tag, text=text) for tag, text in told.items()))


def _check_code(call: Call, domain: Domain) -> None:
    auth_info = call.request.text("authInfo/pw")
    if auth_info is None:
        raise RefusalError(2003, "authInfo is missing")
    check_auth_info(domain, auth_info)


def _open(call: Call, domain: Domain) -> Operation:
    verdicts, seconds = call.verdicts(call.terms.transfer_seconds)
    return call.page.open_operation(
        "transfer",
        domain.name,
        months=MONTHS_A_YEAR,
        client_id=call.client_id,
        client_transaction_id=call.client_transaction_id,
        server_transaction_id=call.server_transaction_id,
        charge_id=call.charge("transfer", MONTHS_A_YEAR),
        verdicts=verdicts,
        every_seconds=seconds,
        detail={
            "losing": domain.sponsor,
            "deadline": call.dialect.write_time(call.page.now + timedelta(seconds=seconds)),
            "expires": call.dialect.write_time(_expiry(call.page.now, domain, call.terms)),
        },
    )


def _expiry(now: datetime, domain: Domain, terms: Terms) -> datetime:
    """Add the year that comes with a transfer, as far as a name's expiry may be away."""
    return max(
        domain.expires_at, min(later(domain.expires_at, MONTHS_A_YEAR), later(now, terms.longest_months))
    )


def _ended(call: Call, state: str, *, by: str) -> Answer:
    registered(call)
    operation = call.page.last_operation(call.name, "transfer")
    if operation is None or operation.state != PENDING:
        raise RefusalError(2301)
    sides = {"gaining": operation.client_id, "losing": operation.detail["losing"]}
    if sides[by] != call.client_id:
        raise RefusalError(2201, f"only the {by} registrar may")
    decide(call.page, replace(operation, verdicts=()), state, call.dialect, call.terms)
    return Answer(1000, transfer_data(_told(call.page, operation, state, call.dialect)))


def _charge_again(page: Page, operation: Operation, dialect: Dialect, terms: Terms) -> int | None:
    """Charge what a rejection gave back, for an approval that comes after it."""
    if operation.charge_id is None:
        return None
    return page.charge(
        "transfer",
        operation.name,
        months=operation.months,
        amount=price(operation.name, "transfer", operation.months, dialect, terms),
        client_transaction_id=operation.client_transaction_id,
    )


def _moved(page: Page, operation: Operation, domain: Domain, terms: Terms) -> Domain:
    return replace(
        domain,
        sponsor=operation.client_id,
        transferred_at=page.now,
        updated_at=page.now,
        expires_at=_expiry(page.now, domain, terms),
    )


def _tell(page: Page, operation: Operation, state: str, dialect: Dialect, *, to: str) -> None:
    page.queue_message(
        "trnData",
        TEXTS[state],
        name=operation.name,
        client_id=to,
        body=_told(page, operation, state, dialect),
    )


def _told(page: Page, operation: Operation, state: str, dialect: Dialect) -> dict[str, Any]:
    """Collect what is said of a transfer, as texts: so a message can be kept until it is read."""
    decided_at = operation.decided_at or page.now
    return {
        "name": operation.name,
        "trStatus": state,
        "reID": operation.client_id,
        "reDate": dialect.write_time(operation.opened_at),
        "acID": operation.detail["losing"],
        "acDate": operation.detail["deadline"] if state == PENDING else dialect.write_time(decided_at),
        "exDate": operation.detail["expires"],
    }
