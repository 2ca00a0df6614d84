"""What becomes of a name that is deleted? RFC 3915: it can be bought back for a while, and is then gone.

    delete ──▶ redemptionPeriod ──restore (charged)──▶ registered, or pendingRestore ──report──▶ registered
                      └──the time is over──▶ pendingDelete ──▶ free

A name's grace is kept in its `detail` (`rgp`), its end in an operation like any other that is decided later.
"""

from dataclasses import replace

from lxml import etree

from adapters.sandbox.epp.answers import Answer, RefusalError, node
from adapters.sandbox.epp.call import Call, leave_pending, sponsored
from adapters.sandbox.epp.dialect import RGP, Terms
from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain, Operation

REDEMPTION = "redemptionPeriod"
PENDING_RESTORE = "pendingRestore"
PENDING_DELETE = "pendingDelete"
_REPORTED = ("preData", "postData", "delTime", "resTime", "resReason", "statement")
_STATEMENTS = 2


def grace(domain: Domain) -> str | None:
    """Tell a name's grace period, if it is in one."""
    return domain.detail.get("rgp")


def in_grace(domain: Domain, period: str | None) -> Domain:
    """Return a name in another grace period, or in none."""
    kept = {key: value for key, value in domain.detail.items() if key != "rgp"}
    return replace(domain, detail=kept if period is None else {**kept, "rgp": period})


def redeemable(call: Call, domain: Domain) -> None:
    """Delete a name so that it can be restored for a time."""
    deleted = replace(domain, statuses=(*domain.statuses, PENDING_DELETE), updated_at=call.page.now)
    call.page.save(in_grace(deleted, REDEMPTION))
    call.page.open_operation(
        "delete",
        domain.name,
        months=0,
        client_id=call.client_id,
        client_transaction_id=call.client_transaction_id,
        server_transaction_id=call.server_transaction_id,
        charge_id=None,
        verdicts=("lapse",),
        every_seconds=call.terms.redemption_seconds,
        detail={"roid": domain.roid},
    )


def request(call: Call) -> Answer:
    """Take a name out of redemption: at once, or as soon as the report comes."""
    domain = sponsored(call)
    if grace(domain) != REDEMPTION:
        raise RefusalError(2304, "the name is not in redemption")
    charge_id = call.charge("restore", 0)
    awaited = in_grace(replace(domain, updated_at=call.page.now), PENDING_RESTORE)
    extensions = (_status(PENDING_RESTORE), *call.charged("restore", 0))
    if call.take(Behaviour.PENDING):
        leave_pending(
            call, "restore", months=0, charge_id=charge_id, pending=awaited, settled=restored(domain)
        )
        return Answer(1001, extensions=extensions)
    if call.dialect.restore_report:
        call.page.save(awaited)
        return Answer(1000, extensions=extensions)
    call.page.save(replace(restored(domain), updated_at=call.page.now))
    return Answer(1000, extensions=call.charged("restore", 0))


def report(call: Call) -> Answer:
    """Take a restore's report, which may come again, and give the name back."""
    domain = sponsored(call)
    if grace(domain) != PENDING_RESTORE:
        raise RefusalError(2304, "no restore of this name waits for a report")
    stated = call.request.extension(RGP)
    parts = [] if stated is None else stated.findall(f"{{{RGP}}}restore/{{{RGP}}}report/*")
    found = [etree.QName(part).localname for part in parts if (part.text or "").strip()]
    if not set(_REPORTED) <= set(found) or found.count("statement") != _STATEMENTS:
        raise RefusalError(2003, "the report is not complete (RFC 3915 §4.2.5)")
    call.page.save(replace(restored(domain), updated_at=call.page.now))
    return Answer(1000)


def restored(domain: Domain) -> Domain:
    """Return a name out of deletion."""
    kept = tuple(status for status in domain.statuses if status != PENDING_DELETE)
    return in_grace(replace(domain, statuses=kept), None)


def settle_deletion(page: Page, operation: Operation, terms: Terms) -> None:
    """Let a redemption period end, and then let the name go, unless it was restored in time."""
    domain = page.domain(operation.name)
    lapsing = operation.verdicts[0] == "lapse"
    expected = REDEMPTION if lapsing else PENDING_DELETE
    if domain is None or domain.roid != operation.detail["roid"] or grace(domain) != expected:
        page.decide(operation, operation.state)
    elif lapsing:
        page.save(in_grace(domain, PENDING_DELETE))
        page.decide(
            replace(operation, verdicts=("lapse", "purge"), every_seconds=terms.purge_seconds), "lapsed"
        )
    else:
        page.remove(operation.name)
        page.decide(operation, "purged")


def _status(period: str) -> etree._Element:
    return node(RGP, "upData", node(RGP, "rgpStatus", s=period))
