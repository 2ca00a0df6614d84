"""What would an order cost and be promised, and what price was promised to whom until when (O4)?

An answer without a customer is told and forgotten; with one it is a quote: a row that keeps the whole answer, and an
order that names it has the price that was told, until the quote's end, included.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from registrar import events
from registrar.agreement.answers import NOTHING_KNOWN, Books, Question, answer, money_of, needs_look
from registrar.agreement.expiry import RenewalClass
from registrar.agreement.pricing import Tariff, tariff_price
from registrar.agreement.quoting import instant_text
from registrar.agreement.rules import Rules
from registrar.agreement.wording import promise_words
from registrar.commands import Kind
from registrar.database import Database
from registrar.gateway import Sighting
from registrar.models import Domain, Order, Quote
from registrar.money import Money
from registrar.names import DomainName

Look = Callable[[str, DomainName, Kind], Sighting]
"""How a registrar is asked about a name: handed in, as the core reaches no network."""


class NotPromised(StrEnum):
    """Why an answer to a customer promises no price."""

    NOT_POSSIBLE = "not_possible"
    """There is no ordinary renewal (D1)."""
    PRICE_UNKNOWN = "price_unknown"
    """No tariff has a price for it, and none was given."""


class PriceRefusedError(ValueError):
    """A price that does not stand; `code` is stable, `price` is the one that would, as far as it is known."""

    def __init__(self, code: str, message: str, *, field: str, price: Money | None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.price = price


class Fee(NamedTuple):
    """A fee line's terms (E4)."""

    amount: Money
    credited_on_refusal: bool


class Promised(NamedTuple):
    """A quote as it was issued."""

    id: int
    customer: str
    domain: str
    kind: Kind
    months: int
    price: Money
    """Of the name itself, without fees."""
    fees: Mapping[str, Fee]
    """By line."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What an order says of its own price."""

    quote: int | None
    customer: str
    domain: str
    kind: Kind
    months: int
    price: Money
    fees: Mapping[str, Fee]
    """The order's fee lines, by name."""
    paid_at: datetime
    """By which it is told whether a quote still held: neither a portal's outage nor our queue ends one early."""


def books_of(connection: Connection, domain: str) -> Books:
    """Return what our books know of a name that is still with us."""
    row = connection.execute(
        select(Domain.paid_through, Domain.registry_expires_at, Domain.registrar).where(
            Domain.name == domain, Domain.gone_at.is_(None)
        )
    ).first()
    return Books(row.paid_through, row.registry_expires_at, row.registrar) if row else NOTHING_KNOWN


def reckon(
    database: Database,
    question: Question,
    *,
    rules: Rules,
    tariff: Tariff,
    registrar: str,
    look: Look,
    now: datetime,
) -> dict[str, Any]:
    """Answer a question; nothing is stored, and no transaction is open while the registrar is asked.

    `registrar` is where the name is looked for if our books do not know it. A look that fails is part of the answer.
    Raises `PriceRefusedError` (`price_changed`) where the question names another price than the tariff does.
    """
    with database.reading() as connection:
        books = books_of(connection, question.domain.ascii)
    sighting = None
    if needs_look(question, books, rules, question.at or now):
        sighting = look(books.registrar or registrar, question.domain, question.kind.at_registrars)
    told = answer(question, books, sighting, rules=rules, tariff=tariff, now=now)
    price = money_of(told["price"])
    if None not in (price, question.price) and price != question.price:
        raise PriceRefusedError(
            "price_changed", f"the tariff's price is {price}: leave the price out", field="price", price=price
        )
    return told | dict.fromkeys(("id", "customer", "issued_at", "expires_at", "not_promised"))


def issue(
    connection: Connection,
    customer: str,
    told: Mapping[str, Any],
    *,
    rules: Rules,
    now: datetime,
    actor: str,
    ticket: str | None,
) -> dict[str, Any]:
    """Promise an answer's price to a customer until the rules' time has passed, and return the answer with its number.

    Where there is no price to promise, or nothing to be ordered, the answer says which in `not_promised`.
    """
    price = money_of(told["price"])
    if told["class"] == RenewalClass.IMPOSSIBLE:
        return {**told, "customer": customer, "not_promised": str(NotPromised.NOT_POSSIBLE)}
    if price is None:
        return {**told, "customer": customer, "not_promised": str(NotPromised.PRICE_UNKNOWN)}
    now = now.replace(microsecond=0)
    expires_at = now + rules.conduct.quote_valid_for
    issued = {
        **told,
        "customer": customer,
        "issued_at": instant_text(now),
        "expires_at": instant_text(expires_at),
        "words": _with_promise(told, expires_at, rules),
    }
    number = connection.execute(
        insert(Quote)
        .values(
            customer=customer,
            domain=told["domain"],
            kind=told["kind"],
            months=told["months"],
            price_amount=price.amount,
            price_currency=price.currency,
            issued_at=now,
            expires_at=expires_at,
            answer={name: value for name, value in issued.items() if name != "id"},
        )
        .returning(Quote.id)
    ).scalar_one()
    events.record(
        connection,
        "quote.issued",
        at=now,
        subject=f"quote:{number}",
        actor=actor,
        ticket=ticket,
        evidence={
            "domain": told["domain"],
            "kind": told["kind"],
            "price": str(price),
            "rules": told["rules"],
        },
    )
    return issued | {"id": number}


def read(connection: Connection, number: int) -> dict[str, Any] | None:
    """Return a quote as it was told, or None."""
    stored: dict[str, Any] | None = connection.execute(
        select(Quote.answer).where(Quote.id == number)
    ).scalar()
    return stored | {"id": number} if stored is not None else None


def insist_on_price(
    connection: Connection, offer: Offer, *, tariff: Tariff, rules: Rules, now: datetime
) -> None:
    """Let an order pass whose price is the promised one, or, without a quote, the tariff's; without either any price stands.

    A quote stands up to its last second, counted by payment, and with it the fees that it names, as lines of their own
    (E4, O4); it is one order's, unless that came to nothing. Raises `PriceRefusedError`: `quote_unknown`,
    `quote_mismatch`, `quote_expired`, `quote_used`, `price_changed`.
    """
    current = _current(connection, offer, tariff, rules, now)
    if offer.quote is not None:
        _insist_on_quote(connection, offer, offer.quote, current, now)
    elif current is not None and offer.price != current:
        raise PriceRefusedError(
            "price_changed",
            f"the price of this order is {current} now: order at that price, or ask for a quote",
            field="price",
            price=current,
        )


def _insist_on_quote(
    connection: Connection, offer: Offer, number: int, current: Money | None, now: datetime
) -> None:
    promised = _promised(connection, number)
    if promised is None:
        raise PriceRefusedError(
            "quote_unknown", f"there is no quote {number}{_now(current)}", field="quote", price=current
        )
    if differs := _difference(offer, promised):
        raise PriceRefusedError(
            "quote_mismatch",
            f"quote {number} promises nothing to this order, which has another {differs}{_now(current)}",
            field="quote",
            price=current,
        )
    if min(offer.paid_at, now).replace(microsecond=0) > promised.expires_at:
        raise PriceRefusedError(
            "quote_expired",
            f"quote {number} held until {instant_text(promised.expires_at)}{_now(current)}",
            field="quote",
            price=current,
        )
    if offer.price != promised.price:
        raise PriceRefusedError(
            "quote_mismatch",
            f"quote {number} promises {promised.price}",
            field="price",
            price=promised.price,
        )
    if offer.fees != promised.fees:
        raise PriceRefusedError(
            "quote_mismatch",
            f"quote {number} has these fees, each a line of the order: {_listed(promised.fees)}",
            field="lines",
            price=promised.price,
        )
    if (order_id := _used_by(connection, promised)) is not None:
        raise PriceRefusedError(
            "quote_used",
            f"quote {number} is order {order_id}'s: ask for another{_now(current)}",
            field="quote",
            price=current,
        )


def _current(
    connection: Connection, offer: Offer, tariff: Tariff, rules: Rules, now: datetime
) -> Money | None:
    """Return what the order costs by the tariff in force; a renewal after a gap may have another price (E6)."""
    if not tariff:
        return None
    paid_through, at = books_of(connection, offer.domain).paid_through, min(offer.paid_at, now)
    return tariff_price(tariff, offer.kind, offer.months, paid_through=paid_through, at=at, rules=rules)


def _promised(connection: Connection, number: int) -> Promised | None:
    """Return a quote, and let no other order be placed with it until the transaction ends."""
    row = connection.execute(select(Quote.__table__).where(Quote.id == number).with_for_update()).first()
    if row is None:
        return None
    fees = {
        fee["line"]: Fee(Money(fee["amount"], fee["currency"]), fee["credited_on_refusal"])
        for fee in row.answer["fees"]
    }
    price = Money(row.price_amount, row.price_currency)
    return Promised(row.id, row.customer, row.domain, Kind(row.kind), row.months, price, fees, row.expires_at)


def _used_by(connection: Connection, promised: Promised) -> int | None:
    """Return the order that has the promised price, or None; one that ended without delivery leaves it to another."""
    using = select(Order.id).where(
        Order.domain == promised.domain,
        Order.quote_id == promised.id,
        Order.state.not_in(("refused", "cancelled")),
    )
    return connection.execute(using.limit(1)).scalar()


def _difference(offer: Offer, promised: Promised) -> str | None:
    """Name the first thing in which an order is not the one that the quote is for."""
    return next(
        (
            name
            for name in ("customer", "domain", "kind", "months")
            if getattr(offer, name) != getattr(promised, name)
        ),
        None,
    )


def _listed(fees: Mapping[str, Fee]) -> str:
    words = {True: "refundable", False: "not refundable"}
    return (
        ", ".join(f"{line} ({fee.amount}, {words[fee.credited_on_refusal]})" for line, fee in fees.items())
        or "none"
    )


def _now(current: Money | None) -> str:
    return f"; its price is {current} now" if current is not None else ""


def _with_promise(told: Mapping[str, Any], expires_at: datetime, rules: Rules) -> dict[str, str]:
    promise = promise_words(expires_at, time_zone=rules.notices.time_zone)
    return {language: f"{text} {promise[language]}" for language, text in told["words"].items()}
