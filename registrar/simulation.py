"""What would changed rules do to today's names and open orders? Both rule books are asked the same, and what differs is told.

Nothing is changed, and nothing is held: names and orders are read by pages along an index, each page in a short reading of
its own. An order keeps the version that it was placed under (A1): what is shown of it is what an order like it would get.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from registrar.agreement import noticing
from registrar.agreement.delivery import delivery
from registrar.agreement.expiry import windows
from registrar.agreement.pricing import priced_as
from registrar.agreement.quoting import decide_renewal, fee_line, fees_due, registry_windows
from registrar.agreement.rules import Clock, RuleBook, Rules
from registrar.commands import RENEWALS, Kind
from registrar.database import Database
from registrar.models import Domain, Order
from registrar.orders.agreed import rules_of
from registrar.orders.states import State

PAGE = 1000
"""Rows that are read at once."""

Facts = Mapping[str, Any]
"""What the rules say of a name or an order, by key, as JSON and instants."""


@dataclass(frozen=True, slots=True)
class Change:
    """A name or an order for which the rules say something else."""

    subject: str
    """A name, or an order's number."""
    zone: str
    about: Facts
    """What it is decided from: the end of what was paid for, the version of the order."""
    before: Facts
    after: Facts
    """Only what differs, under the same keys as before."""


@dataclass(slots=True)
class Tally:
    """How many names or orders were seen; complete once their changes have been read to the end."""

    seen: int = 0
    changed: int = 0
    undated: int = 0
    """Names of which nobody knows until when they are paid for."""
    by_key: Counter[str] = field(default_factory=Counter)
    """How many changed in which respect."""
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many names, by their class before and after."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """Two rule books, compared at one instant."""

    database: Database
    before: RuleBook
    after: RuleBook
    at: datetime
    zone: str | None = None
    """Only names and orders of this zone; None: of all."""

    def domains(self, tally: Tally) -> Iterator[Change]:
        """Give the names for which the rules would say something else, in the order of their names, counting all."""
        known = select(
            Domain.name, Domain.zone, Domain.customer, Domain.registrar, Domain.paid_through
        ).where(Domain.gone_at.is_(None))
        for row in self._pages(known, Domain.name, ""):
            tally.seen += 1
            if row.paid_through is None:
                tally.undated += 1
                continue
            before, after = (
                _of_domain(row.paid_through, book.rules(row.zone, at=self.at), self.at)
                for book in (self.before, self.after)
            )
            tally.classes[before["class"], after["class"]] += 1
            about = {"customer": row.customer, "registrar": row.registrar, "paid_through": row.paid_through}
            yield from _differing(Change(row.name, row.zone, about, before, after), tally)

    def orders(self, tally: Tally) -> Iterator[Change]:
        """Give the customers' open orders of which an order like it would be treated otherwise, counting all."""
        for state in (state for state in State if not state.final):
            known = select(Order.__table__).where(Order.state == state, Order.kind.in_(Kind))
            for row in self._pages(known, Order.id, 0):
                tally.seen += 1
                own = rules_of(row, self.before)
                before = _of_order(row, own, self.at)
                after = _of_order(row, self.after.rules(row.zone, at=self.at), self.at)
                about = {"kind": row.kind, "domain": row.domain, "state": row.state, "keeps": own.version}
                yield from _differing(Change(str(row.id), row.zone, about, before, after), tally)

    def _pages(self, query: Select[*tuple[Any, ...]], key: Any, first: Any) -> Iterator[Row[Any]]:
        model, last = key.class_, first
        if self.zone is not None:
            query = query.where(model.zone == self.zone)
        while True:
            with self.database.reading() as connection:
                page = connection.execute(query.where(key > last).order_by(key).limit(PAGE)).all()
            yield from page
            if len(page) < PAGE:
                return
            last = getattr(page[-1], key.key)


def first_new(before: RuleBook, after: RuleBook, now: datetime) -> datetime:
    """Return from when the changed rules would do something: the first instant from now on with another version in force."""
    moments = sorted(
        {now, *(version.common.effective_from for book in (before, after) for version in book.versions)}
    )
    ahead = [moment for moment in moments if moment >= now]
    return next((at for at in ahead if before.at(at).source != after.at(at).source), now)


def _of_domain(paid_through: datetime, rules: Rules, at: datetime) -> dict[str, Any]:
    """Return what the rules say of a name: its class and limits, the fees of a renewal, the next notice (D1, D2, E2, E4)."""
    decision = decide_renewal(paid_through=paid_through, counted_at=at, rules=rules)
    registry = registry_windows(paid_through, rules)
    return {
        "class": str(decision.renewal_class),
        "committed_until": decision.windows.committed_until,
        "possible_until": decision.windows.possible_until,
        "registry_normal_until": registry.normal_until,
        "registry_penalty_until": registry.penalty_until,
        "restorable": registry.restorable,
        "fees": _fees(Kind.RENEW, paid_through, rules, at),
        "priced_as": str(priced_as(Kind.RENEW, paid_through=paid_through, at=at, rules=rules)),
        "next_notice": _next_notice(paid_through, rules, at),
    }


def _of_order(order: Row[Any], rules: Rules, at: datetime) -> dict[str, Any]:
    """Return what the rules say of an order that is paid when this one was (A1, D1, D5, D6, E4, F2, O2, O8)."""
    kind, promise = Kind(order.kind), order.promise or {}
    paid_at = min(order.paid_at, order.placed_at)
    dates = delivery(kind, paid_at, rules.delivery)
    facts = {
        "due_by": dates.due_by,
        "cancellable_from": dates.cancellable_from,
        "report_by": dates.report_by,
        "dependent_lines": str(rules.money.dependent_lines),
        "gift_on_failure": rules.money.gift_on_failure,
        "gift_expired": str(rules.money.gift_expired_while_pending),
    }
    if kind not in RENEWALS:
        return facts
    facts["credit_failed_renewal"] = rules.renewal.credit_failed
    if "paid_through" in promise:
        paid_through = datetime.fromisoformat(promise["paid_through"])
        counted = {Clock.PAID: paid_at, Clock.ACCEPTED: order.placed_at, Clock.SENT: at}
        counted_at = counted[rules.renewal.clock]
        decision = decide_renewal(paid_through=paid_through, counted_at=counted_at, rules=rules)
        facts |= {
            "class": str(decision.renewal_class),
            "committed_until": decision.windows.committed_until,
            "possible_until": decision.windows.possible_until,
            "fees": _fees(kind, paid_through, rules, counted_at),
        }
    return facts


def _differing(whole: Change, tally: Tally) -> Iterator[Change]:
    """Count what differs and give it, without what does not; a key that only one of both has differs too."""
    keys = [key for key in {**whole.before, **whole.after} if whole.before.get(key) != whole.after.get(key)]
    if keys:
        tally.changed += 1
        tally.by_key.update(keys)
        before, after = ({key: facts.get(key) for key in keys} for facts in (whole.before, whole.after))
        yield replace(whole, before=before, after=after)


def _fees(kind: Kind, paid_through: datetime, rules: Rules, at: datetime) -> list[dict[str, Any]]:
    return [fee_line(fee) for fee in fees_due(kind, paid_through=paid_through, at=at, rules=rules)]


def _next_notice(paid_through: datetime, rules: Rules, at: datetime) -> datetime | None:
    """Return when the name's customer would be told next; nothing is said of a name that cannot be renewed any more."""
    until = windows(paid_through, rules.renewal).possible_until
    planned = noticing.schedule(paid_through, rules.notices)
    return next((notice.at for notice in planned if at < notice.at <= until), None)
