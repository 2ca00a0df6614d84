"""What is promised with an order, and does the promise still let it be sent? Decided when it is placed, and before the call.

What was promised is written into the order and never changed: a later version of the rules is for later orders (A1).
Only the class of a renewal whose date our books did not know is added, by the first look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from registrar import events
from registrar.agreement.delivery import delivery
from registrar.agreement.expiry import RenewalClass
from registrar.agreement.quoting import Decision, decide_renewal, end_shown, ways_on
from registrar.agreement.rules import Clock, Rules
from registrar.commands import RENEWALS, Expiry, Kind
from registrar.findings import open_finding
from registrar.gateway import Sighting
from registrar.judging import SAME_EXPIRY, TERM_TOLERANCE, add_months, guard_end, ordered_against
from registrar.models import Domain, Order
from registrar.names import DomainName
from registrar.outcomes import RefusalReason

REFUSED_INSIDE_COMMITMENT = "refused_inside_commitment"
CLASSIFIED = "order.classified"
"""The event that keeps a renewal's class, and past the committed week what an inquiry found."""
EXPIRY_DRIFT = "expiry_drift"


@dataclass(frozen=True, slots=True)
class Promise:
    """What an order's row keeps of the agreement."""

    terms: Mapping[str, Any]
    """As JSON: the rules' version and the agreement's, the class and its limits, what is credited if it fails."""
    due_by: datetime
    cancellable_from: datetime
    promise_by: datetime
    """The order in which work is taken up: the earliest promise first."""


def promised(
    connection: Connection,
    *,
    kind: Kind,
    domain: DomainName,
    paid_at: datetime,
    rules: Rules,
    now: datetime,
) -> Promise:
    """Return what is promised with an order that is placed now; `paid_at` ahead of our clock counts as now (O2, D2)."""
    paid_at = min(paid_at, now)
    paid_through = _paid_through(connection, domain.ascii) if kind in RENEWALS else None
    decision = (
        decide_renewal(
            paid_through=paid_through, counted_at=_counted_at(rules, paid_at, now, now), rules=rules
        )
        if paid_through
        else None
    )
    dates = delivery(kind, paid_at, rules.delivery)
    terms: dict[str, Any] = {
        "rules": rules.version,
        "agreement": rules.agreement,
        "class": None,
        **(decision.as_json() if decision else {}),
        "credit_failed_renewal": rules.renewal.credit_failed,
        "alarm_inside_commitment": rules.renewal.alarm_inside_commitment,
        "dependent_lines": str(rules.money.dependent_lines),
        "gift_on_failure": rules.money.gift_on_failure,
        "gift_expired": str(rules.money.gift_expired_while_pending),
        "gift_extension_days": rules.money.gift_extension.days,
        "term_tolerance_days": rules.renewal.term_tolerance.days,
    }
    limits = [dates.due_by, *(_limit(decision) if decision else ())]
    return Promise(terms, dates.due_by, dates.cancellable_from, min(limits))


def decide_before_sending(
    connection: Connection, order: Row[Any], sighting: Sighting, *, rules: Rules, now: datetime
) -> tuple[RefusalReason, dict[str, Any]] | None:
    """Decide by the agreement whether a renewal may be sent; None: it may. Else why not, and what is possible (D1, D3).

    It counts from what was paid through by our books; of a name that they do not know, from the registrar's date,
    unless the registry has moved that by itself (D4).
    """
    if order.kind not in RENEWALS:
        return None
    paid_through = _paid_through(connection, order.domain) or end_shown(sighting)
    if paid_through is None:
        return None
    counted_at = _counted_at(rules, min(order.paid_at, order.placed_at), order.placed_at, now)
    decision = decide_renewal(paid_through=paid_through, counted_at=counted_at, rules=rules)
    found = inquiry(order, sighting, rules=rules, now=now, paid_through=paid_through)
    bound = decision.renewal_class in (RenewalClass.NOT_EXPIRED, RenewalClass.COMMITTED)
    _keep_class(connection, order, decision, {} if bound else found, now=now)
    if decision.possible:
        return None
    return RefusalReason.RENEWAL_IMPOSSIBLE, {"decision": decision.as_json(), **found}


def inquiry(
    order: Row[Any],
    sighting: Sighting,
    *,
    rules: Rules,
    now: datetime,
    paid_through: datetime | None = None,
) -> dict[str, Any]:
    """Return what a look says of the ways that remain after a refused renewal, as evidence; none is ever taken by itself."""
    if order.kind not in RENEWALS:
        return {}
    return {"ways_on": ways_on(sighting, rules, now, paid_through=paid_through)}


def registry_year(connection: Connection, order: Row[Any], sighting: Sighting) -> datetime | None:
    """Return until when the name is paid for, where its registry has since added time that nobody paid (D4); else None."""
    if order.kind != Kind.RENEW or not sighting.renewed_by_registry or sighting.expiry is None:
        return None
    paid_through = _paid_through(connection, order.domain)
    return paid_through if paid_through is not None and paid_through < sighting.expiry.at else None


def moved_unpaid(connection: Connection, order: Row[Any], sighting: Sighting) -> bool:
    """Tell whether a renewal was ordered against the date that the name is paid through, and the registry shows a later one.

    Nobody has paid us for it, and the registrar does not say that its registry added it: the order is no mistake (D4).
    """
    if order.kind != Kind.RENEW or sighting.term_end is None:
        return False
    paid_through = _paid_through(connection, order.domain)
    return (
        paid_through is not None
        and sighting.term_end.at - paid_through >= SAME_EXPIRY
        and ordered_against(Expiry(paid_through, paid_through.isoformat()), order.expected_expiry)
    )


def tell_of_drift(connection: Connection, order: Row[Any], expiry: Expiry | None, *, now: datetime) -> None:
    """Tell staff of a renewed name whose new date is not about old date + term: read back, never computed (E1).

    The old date is that of what was paid through; of a name that our books did not know, the one it was renewed from.
    """
    if order.kind not in RENEWALS or expiry is None:
        return
    old = _paid_through(connection, order.domain) or guard_end(order.guard or {})
    tolerance = timedelta(days=(order.promise or {}).get("term_tolerance_days", TERM_TOLERANCE.days))
    if old is None or abs(expiry.at - add_months(old, order.months)) <= tolerance:
        return
    open_finding(
        connection,
        EXPIRY_DRIFT,
        f"order:{order.id}",
        text=f"{order.domain} was renewed for {order.months} months from {old:%Y-%m-%d}, and now ends on "
        f"{expiry.at:%Y-%m-%d} by {order.registrar}",
        next_step="ask the registrar; put the date right with it, or credit what is missing",
        now=now,
    )


def alarm_if_committed(connection: Connection, order: Row[Any], reason: str, *, now: datetime) -> None:
    """Tell staff at once of a renewal that was refused while the company is bound to it (D2, policy)."""
    promise = order.promise or {}
    if promise.get("class") != RenewalClass.COMMITTED or not promise.get("alarm_inside_commitment"):
        return
    open_finding(
        connection,
        REFUSED_INSIDE_COMMITMENT,
        f"order:{order.id}",
        text=f"the renewal of {order.domain} was refused ({reason}), and the company is bound to it until "
        f"{promise['committed_until']}",
        next_step=f"`registrar orders show {order.id}`; a new order may still carry it out in time",
        now=now,
    )


def _counted_at(rules: Rules, paid_at: datetime, accepted_at: datetime, now: datetime) -> datetime:
    """Return the one instant by which all classes are counted (D2)."""
    return {Clock.PAID: paid_at, Clock.ACCEPTED: accepted_at, Clock.SENT: now}[rules.renewal.clock]


def _limit(decision: Decision) -> tuple[datetime, ...]:
    """Return until when a renewal is of the class that it was promised in; past the last one nothing presses any more."""
    if not decision.possible:
        return ()
    best_effort = decision.renewal_class is RenewalClass.BEST_EFFORT
    return (decision.windows.possible_until if best_effort else decision.windows.committed_until,)


def _paid_through(connection: Connection, domain: str) -> datetime | None:
    known = select(Domain.paid_through).where(Domain.name == domain, Domain.gone_at.is_(None))
    return connection.execute(known).scalar()


def _keep_class(
    connection: Connection, order: Row[Any], decision: Decision, found: Mapping[str, Any], *, now: datetime
) -> None:
    """Write down what was decided, and past the committed week what the inquiry found, should it be refused (D3).

    The order's own promise gets a class only where it had none.
    """
    evidence = {**decision.as_json(), **found}
    events.record(connection, CLASSIFIED, at=now, order_id=order.id, evidence=evidence)
    promise = order.promise
    if promise is not None and promise.get("class") is None:
        connection.execute(
            update(Order).where(Order.id == order.id).values(promise={**promise, **decision.as_json()})
        )
