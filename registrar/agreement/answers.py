"""What is somebody told who asks for a price? Class, dates and where they come from, fees, sum, ways on, and the words.

All of it is computed from what is handed in, and the inputs are part of the answer: `why` has an answer years later. The
answer is JSON, and its form is stable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from registrar.agreement.delivery import delivery
from registrar.agreement.expiry import RenewalClass
from registrar.agreement.pricing import Tariff, priced_as, sum_of, tariff_price
from registrar.agreement.quoting import (
    Decision,
    decide_renewal,
    end_shown,
    fee_line,
    fees_due,
    instant_text,
    registry_windows,
    ways_on,
)
from registrar.agreement.rules import Rules
from registrar.agreement.wording import words
from registrar.commands import RENEWALS, Kind
from registrar.gateway import Sighting
from registrar.money import Money
from registrar.names import DomainName


class Source(StrEnum):
    """Where the end of what was paid for comes from (D4)."""

    BOOKS = "books"
    GIVEN = "given"
    """By whoever asks."""
    LOOK = "look"
    """The registrar's answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the order that somebody thinks of."""

    domain: DomainName
    kind: Kind
    months: int
    customer: str | None = None
    """Whom the price is promised to; without one nothing is promised."""
    price: Money | None = None
    """The portal's own, where no tariff says one."""
    expires_at: datetime | None = None
    """The end of the term as far as the one who asks knows it."""
    at: datetime | None = None
    """The instant of payment that is asked about; None: now."""
    look: bool | None = None
    """Whether the registrar is asked; None: where the answer depends on it."""


@dataclass(frozen=True, slots=True)
class Books:
    """What our books know of the name; all None for one that they do not know, or that has left us."""

    paid_through: datetime | None = None
    registry_expires_at: datetime | None = None
    registrar: str | None = None


NOTHING_KNOWN = Books()


def needs_look(question: Question, books: Books, rules: Rules, at: datetime) -> bool:
    """Tell whether the registrar is asked before the answer: where no date is known, and past the committed week (D3)."""
    if question.look is not None:
        return question.look
    if question.kind not in RENEWALS:
        return question.kind in (Kind.REGISTER, Kind.RESTORE)
    known = books.paid_through or question.expires_at
    if known is None:
        return True
    decided = decide_renewal(paid_through=known, counted_at=at, rules=rules).renewal_class
    return decided in (RenewalClass.BEST_EFFORT, RenewalClass.IMPOSSIBLE)


def answer(
    question: Question,
    books: Books,
    sighting: Sighting | None,
    *,
    rules: Rules,
    tariff: Tariff,
    now: datetime,
) -> dict[str, Any]:
    """Return the whole answer as JSON; raises `MoneyError` where a fee is in another currency than the price."""
    paid_through, source = end_of_term(question, books, sighting)
    basis = _Basis(question, question.at or now, paid_through, rules, tariff)
    told = {
        "domain": question.domain.ascii,
        "domain_unicode": question.domain.unicode,
        "zone": question.domain.zone,
        "kind": str(question.kind),
        "months": question.months,
        "at": instant_text(basis.at),
        **_contract(basis, source),
        **_registry(basis, books, sighting),
        **_money(basis),
        **_delivery(basis),
        "inquiry": _inquiry(basis, sighting) if sighting else None,
        "credited_on_refusal": question.kind not in RENEWALS or rules.renewal.credit_failed,
        "rules": rules.version,
        "agreement": rules.agreement,
        "inputs": _inputs(question, books, sighting, rules),
    }
    return told | {"words": words(told, time_zone=rules.notices.time_zone)}


def end_of_term(
    question: Question, books: Books, sighting: Sighting | None
) -> tuple[datetime | None, Source | None]:
    """Return until when the name is paid for and who says so: our books, else whoever asks, else the registrar (D4).

    A year that a registry added by itself was paid by nobody, so its date does not count.
    """
    if books.paid_through is not None:
        return books.paid_through, Source.BOOKS
    if question.expires_at is not None:
        return question.expires_at, Source.GIVEN
    shown = end_shown(sighting) if sighting is not None else None
    return (shown, Source.LOOK) if shown is not None else (None, None)


@dataclass(frozen=True, slots=True)
class _Basis:
    """From what an answer is reckoned."""

    question: Question
    at: datetime
    paid_through: datetime | None
    rules: Rules
    tariff: Tariff

    @property
    def decision(self) -> Decision | None:
        """The class of a renewal whose end of term is known."""
        if self.paid_through is None or self.question.kind not in RENEWALS:
            return None
        return decide_renewal(paid_through=self.paid_through, counted_at=self.at, rules=self.rules)

    @property
    def orderable(self) -> bool:
        """Whether the agreement leaves room for the order at all (D1)."""
        return self.decision is None or self.decision.possible


def _contract(basis: _Basis, source: Source | None) -> dict[str, Any]:
    decision = basis.decision
    limits = decision.windows if decision else None
    return {
        "class": str(decision.renewal_class) if decision else None,
        "paid_through": _text(basis.paid_through),
        "paid_through_source": str(source) if source else None,
        "committed_until": _text(limits.committed_until if limits else None),
        "possible_until": _text(limits.possible_until if limits else None),
    }


def _registry(basis: _Basis, books: Books, sighting: Sighting | None) -> dict[str, Any]:
    """Return the registry's own limits, counted from its date; from the end of the paid term where it moved that itself."""
    expires_at = (
        (end_shown(sighting) if sighting else None) or books.registry_expires_at or basis.paid_through
    )
    if sighting is not None and sighting.renewed_by_registry:
        expires_at = basis.paid_through
    limits = registry_windows(expires_at, basis.rules) if expires_at else None
    return {
        "registry_normal_until": _text(limits.normal_until if limits else None),
        "registry_penalty_until": _text(limits.penalty_until if limits else None),
        "restorable": basis.rules.renewal.restorable,
    }


def _money(basis: _Basis) -> dict[str, Any]:
    """Return price, fees and sum; what cannot be ordered has none."""
    if not basis.orderable:
        return {"price": None, "price_source": None, "priced_as": None, "fees": [], "sum": None}
    question, at, rules = basis.question, basis.at, basis.rules
    by_tariff = tariff_price(
        basis.tariff, question.kind, question.months, paid_through=basis.paid_through, at=at, rules=rules
    )
    price = by_tariff or question.price
    fees = fees_due(question.kind, paid_through=basis.paid_through, at=at, rules=rules)
    return {
        "price": _money_json(price),
        "price_source": ("tariff" if by_tariff else "given") if price else None,
        "priced_as": str(priced_as(question.kind, paid_through=basis.paid_through, at=at, rules=rules)),
        "fees": [fee_line(fee) for fee in fees],
        "sum": _money_json(sum_of(price, fees)),
    }


def _delivery(basis: _Basis) -> dict[str, Any]:
    """Return the dates of an order that is paid at the instant asked about (O2)."""
    dates = delivery(basis.question.kind, basis.at, basis.rules.delivery) if basis.orderable else None
    return {
        "due_by": _text(dates.due_by if dates else None),
        "cancellable_from": _text(dates.cancellable_from if dates else None),
    }


def _inquiry(basis: _Basis, sighting: Sighting) -> dict[str, Any]:
    """Return what the registrar's answer leaves possible, with its price where the tariff says one (D3)."""
    return offer_way(
        ways_on(sighting, basis.rules, basis.at, paid_through=basis.paid_through),
        months=basis.question.months,
        tariff=basis.tariff,
        paid_through=basis.paid_through,
        at=basis.at,
        rules=basis.rules,
    )


def _inputs(question: Question, books: Books, sighting: Sighting | None, rules: Rules) -> dict[str, Any]:
    expiry = sighting.expiry if sighting else None
    return {
        "books_paid_through": _text(books.paid_through),
        "books_registry_expires_at": _text(books.registry_expires_at),
        "given_expires_at": _text(question.expires_at),
        "seen_expires_at": _text(expiry.at if expiry else None),
        "seen_at": _text(sighting.seen_at if sighting else None),
        "renewed_by_registry": bool(sighting and sighting.renewed_by_registry),
        "clock": str(rules.renewal.clock),
    }


def offer_way(
    found: Mapping[str, Any],
    *,
    months: int,
    tariff: Tariff,
    paid_through: datetime | None,
    at: datetime,
    rules: Rules,
) -> dict[str, Any]:
    """Return what `ways_on` found with the term and the price of the order that would do it (D3)."""
    if found["way"] is None:
        return {**found, "months": None, "price": None}
    way = Kind(found["way"])
    months = 0 if way is Kind.RESTORE else months
    price = tariff_price(tariff, way, months, paid_through=paid_through, at=at, rules=rules)
    return {**found, "months": months, "price": _money_json(price)}


def money_of(told: Mapping[str, Any] | None) -> Money | None:
    """Read an amount back from an answer."""
    return Money(told["amount"], told["currency"]) if told else None


def _money_json(money: Money | None) -> dict[str, Any] | None:
    return {"amount": money.amount, "currency": money.currency} if money else None


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None
