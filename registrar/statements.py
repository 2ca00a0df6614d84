"""Does the registrar's own list of charges agree with ours? Compared both ways; each difference is a finding.

Theirs against ours: a charge that no order of ours explains (a supplier's own auto-renewal left on), a price that our
list does not say, money for an order that failed and was not given back. Ours against theirs: an order that was done
and that they did not bill. A difference that a later statement explains is closed by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, insert, or_, select, update

from registrar.commands import Kind
from registrar.costs import Costs, cost_of
from registrar.database import try_write
from registrar.findings import close_finding, open_finding
from registrar.gateway import StatementLine
from registrar.models import Attempt, Charge, Order

NOT_ORDERED = "charge_not_ordered"
NOT_BILLED = "order_not_billed"
NOT_RETURNED = "charge_not_returned"
RETURNED = "charge_returned"
PRICE_DIFFERS = "charge_price_differs"

_UNKNOWN_CHARGE = (
    "is the registrar's own auto-renewal on? Switch it off there and ask for the money back; then "
    "`registrar findings close ID --ticket …`"
)
_UNKNOWN_REFUND = "ask the registrar what it was for; then `registrar findings close ID --ticket …`"

CLOCKS_APART = timedelta(hours=26)
"""How far a statement's time of a charge may be from ours of its attempt: a bare day in any zone, and an hour of slack."""
BILLED_WITHIN = timedelta(days=2)
"""How long after it was done an order may wait for its line: later it is called not billed."""
RETURNED_WITHIN = timedelta(days=14)
"""How long after a refusal its charge may wait to be given back."""


@dataclass(slots=True)
class Reconciliation:
    """What a statement was found to say: lines read, new ones, those explained by an order, and each difference in words."""

    registrar: str
    lines: int = 0
    new: int = 0
    explained: int = 0
    differences: list[dict[str, str]] = field(default_factory=list)


def reconcile(
    connection: Connection,
    registrar: str,
    lines: Iterable[StatementLine],
    costs: Costs,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
) -> Reconciliation:
    """Keep a statement's lines and compare them with the orders of that time; the same lines twice change nothing.

    `since` and `until` are the instants that the statement covers.
    """
    done = Reconciliation(registrar)
    for line in lines:
        done.lines += 1
        done.new += _keep(connection, registrar, line)
    while sum(_explain(connection, charge, now=now) for charge in _unexplained(connection, registrar)):
        pass  # a refund that found its charge makes room for the next attempt's
    compared = _Comparison(connection, registrar, costs, done, now)
    for charge in _charges(connection, registrar, since, until):
        compared.judge_charge(charge)
    for charge in _of_refused(connection, registrar, since - RETURNED_WITHIN):
        compared.judge_refusal(charge)
    for order in _finished(connection, registrar, since, min(until, now - BILLED_WITHIN)):
        compared.judge_order(order)
    return done


def _keep(connection: Connection, registrar: str, line: StatementLine) -> bool:
    return try_write(
        connection,
        insert(Charge).values(
            registrar=registrar,
            line_id=line.line_id,
            at=line.at,
            at_text=line.at_text,
            amount=str(line.amount),
            unit=line.unit,
            kind=line.kind,
            domain=line.domain,
            months=line.months,
            is_refund=line.is_refund,
            client_transaction_id=line.client_transaction_id,
            text=line.text,
        ),
    )


def _unexplained(connection: Connection, registrar: str) -> list[Row[Any]]:
    query = select(Charge.__table__).where(
        Charge.registrar == registrar, Charge.kind.is_not(None), Charge.order_id.is_(None)
    )
    return list(connection.execute(query.order_by(Charge.at, Charge.is_refund, Charge.id)))


def _explain(connection: Connection, charge: Row[Any], *, now: datetime) -> bool:
    """Find the order that a line is for: by its transaction, else by name, kind, term and time."""
    order_id = _refunded_order(connection, charge) if charge.is_refund else _charged_order(connection, charge)
    if order_id is None:
        return False
    connection.execute(update(Charge).where(Charge.id == charge.id).values(order_id=order_id))
    close_finding(connection, NOT_ORDERED, _subject(charge), now=now)
    settled = NOT_RETURNED if charge.is_refund else NOT_BILLED
    close_finding(connection, settled, f"order:{order_id}", now=now)
    return True


def _charged_order(connection: Connection, charge: Row[Any]) -> int | None:
    """Return the oldest order of that time that fits and that no other charge stands for; a refunded charge is none."""
    refund = Charge.__table__.alias("refund")
    refunds = (
        select(refund.c.id)
        .where(refund.c.order_id == Order.id, refund.c.is_refund, refund.c.at >= Charge.at)
        .correlate(Order, Charge)
    )
    standing = select(Charge.id).where(Charge.order_id == Order.id, ~Charge.is_refund, ~refunds.exists())
    fits = and_(
        Order.domain == charge.domain,
        Order.kind.in_([kind for kind in Kind if kind.at_registrars == Kind(charge.kind).at_registrars]),
        Attempt.begun_at <= charge.at + CLOCKS_APART,
        or_(Attempt.ended_at.is_(None), Attempt.ended_at >= charge.at - CLOCKS_APART, _still_open()),
    )
    if charge.months is not None:
        fits = and_(fits, Order.months == charge.months)
    by_transaction = Attempt.client_transaction_id == charge.client_transaction_id
    query = (
        select(Order.id)
        .join(Attempt, Attempt.order_id == Order.id)
        .where(
            Order.registrar == charge.registrar,
            or_(by_transaction, fits) if charge.client_transaction_id else fits,
            ~standing.exists(),
        )
        .order_by(by_transaction.desc(), Order.id)
        .limit(1)
    )
    return connection.execute(query).scalar()


def _still_open() -> Any:
    """State that an order was still being followed: a registrar may charge when it carries out what it accepted."""
    return Order.state.in_(("sending", "pending", "unresolved", "held"))


def _refunded_order(connection: Connection, refund: Row[Any]) -> int | None:
    """Return the order of the last charge before a refund that is for the same thing and not given back yet."""
    query = (
        select(Charge.order_id)
        .where(
            Charge.registrar == refund.registrar,
            ~Charge.is_refund,
            Charge.order_id.is_not(None),
            _kept(Charge.order_id) > 0,
            Charge.domain == refund.domain,
            Charge.kind == refund.kind,
            Charge.at <= refund.at,
        )
        .order_by(Charge.at.desc(), Charge.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def _kept(order_id: Any) -> Any:
    """Count an order's charges that were not given back."""
    line = Charge.__table__.alias("line")
    counted = func.coalesce(func.sum(case((line.c.is_refund, -1), else_=1)), 0)
    return select(counted).where(line.c.order_id == order_id).scalar_subquery()


def _of_refused(connection: Connection, registrar: str, since: datetime) -> list[Row[Any]]:
    """Return the latest charge of each order that ended without success since then, and how many they kept."""
    latest = (
        select(func.max(Charge.id))
        .join(Order, Order.id == Charge.order_id)
        .where(
            Charge.registrar == registrar,
            ~Charge.is_refund,
            Order.state.in_(("refused", "cancelled")),
            Order.state_since >= since,
        )
        .group_by(Charge.order_id)
    )
    query = select(
        Charge.id,
        Charge.order_id,
        Charge.kind,
        Charge.domain,
        Charge.amount,
        Charge.unit,
        Order.state_since.label("order_since"),
        _kept(Charge.order_id).label("kept"),
    ).join(Order, Order.id == Charge.order_id)
    return list(connection.execute(query.where(Charge.id.in_(latest)).order_by(Charge.id)))


def _charges(connection: Connection, registrar: str, since: datetime, until: datetime) -> list[Row[Any]]:
    query = (
        select(
            Charge.__table__,
            Order.state.label("order_state"),
            Order.zone.label("zone"),
            Order.kind.label("order_kind"),
            Order.months.label("order_months"),
            _kept(Charge.order_id).label("kept"),
        )
        .join(Order, Order.id == Charge.order_id, isouter=True)
        .where(
            Charge.registrar == registrar,
            Charge.kind.is_not(None),
            Charge.at >= since,
            Charge.at <= until,
        )
    )
    return list(connection.execute(query.order_by(Charge.at, Charge.id)))


def _finished(connection: Connection, registrar: str, since: datetime, until: datetime) -> list[Row[Any]]:
    """Return the orders completed in that time for which an attempt was made."""
    attempted = select(Attempt.id).where(Attempt.order_id == Order.id)
    query = select(Order.id, Order.kind, Order.domain, Order.state_since).where(
        Order.registrar == registrar,
        Order.state == "completed",
        Order.kind.in_(list(Kind)),
        Order.state_since >= since,
        Order.state_since <= until,
        attempted.exists(),
    )
    return list(connection.execute(query.order_by(Order.id)))


@dataclass(frozen=True, slots=True)
class _Comparison:
    connection: Connection
    registrar: str
    costs: Costs
    done: Reconciliation
    now: datetime

    def judge_charge(self, charge: Row[Any]) -> None:
        """Open what is wrong with one line of theirs, and close what is right now."""
        subject = _subject(charge)
        if charge.order_id is None:
            self._open(
                NOT_ORDERED,
                subject,
                f"{self.registrar} {'gave back' if charge.is_refund else 'took'} {abs(Decimal(charge.amount))} "
                f"{charge.unit} on {charge.at_text} for: {charge.kind} {charge.domain}, which no order of ours explains",
                _UNKNOWN_REFUND if charge.is_refund else _UNKNOWN_CHARGE,
            )
            return
        self.done.explained += 1
        if charge.is_refund:
            self._judge_refund(charge, subject)
        else:
            self._judge_price(charge, subject)

    def judge_refusal(self, charge: Row[Any]) -> None:
        """A charge for an order that was credited must come back: what stays away is our loss, and somebody's error."""
        subject = f"order:{charge.order_id}"
        if charge.kept <= 0:
            close_finding(self.connection, NOT_RETURNED, subject, now=self.now)
        elif self.now - charge.order_since > RETURNED_WITHIN:
            self._open(
                NOT_RETURNED,
                subject,
                f"order {charge.order_id} ({charge.kind} {charge.domain}) was refused and credited, and "
                f"{self.registrar} keeps {charge.amount} {charge.unit} for it",
                "look at the name: if it is registered after all, keep it; if not, ask for the money back",
            )

    def judge_order(self, order: Row[Any]) -> None:
        """Open the finding of an order that they did not bill; the money is owed and will be asked for one day."""
        billed = select(Charge.id).where(Charge.order_id == order.id, ~Charge.is_refund)
        subject = f"order:{order.id}"
        if self.connection.execute(billed.limit(1)).first() is not None:
            close_finding(self.connection, NOT_BILLED, subject, now=self.now)
            return
        self._open(
            NOT_BILLED,
            subject,
            f"order {order.id} ({order.kind} {order.domain}) was done on {order.state_since:%Y-%m-%d}, and "
            f"{self.registrar}'s statement has no charge for it",
            "compare the name at the registrar; expect the charge later, or ask them",
        )

    def _judge_price(self, charge: Row[Any], subject: str) -> None:
        expected = cost_of(self.costs, charge.zone, Kind(charge.order_kind), charge.order_months)
        if expected is None or expected == Decimal(charge.amount):
            close_finding(self.connection, PRICE_DIFFERS, subject, now=self.now)
            return
        self._open(
            PRICE_DIFFERS,
            subject,
            f"{self.registrar} took {charge.amount} {charge.unit} for order {charge.order_id} ({charge.kind} "
            f"{charge.domain}); our list says {expected}",
            "ask the registrar, or correct the list of costs in registrars.toml and the prices that build on it",
        )

    def _judge_refund(self, refund: Row[Any], subject: str) -> None:
        if refund.order_state != "completed" or refund.kept > 0:
            close_finding(self.connection, RETURNED, subject, now=self.now)
            return
        self._open(
            RETURNED,
            subject,
            f"{self.registrar} gave back {abs(Decimal(refund.amount))} {refund.unit} for order {refund.order_id} ({refund.kind} "
            f"{refund.domain}), which is completed",
            f"look at the name (`registrar look {refund.domain}`): was it undone at the registry?",
        )

    def _open(self, kind: str, subject: str, text: str, next_step: str) -> None:
        open_finding(self.connection, kind, subject, text=text, next_step=next_step, now=self.now)
        self.done.differences.append({"kind": kind, "subject": subject, "text": text, "next_step": next_step})


def _subject(charge: Row[Any]) -> str:
    return f"{charge.registrar}: {charge.line_id}"
