"""What was paid in, charged and given back? The contract's figures, and its credit log by Tehran's days.

`pay_in` is a payment with its line in the log; `Books.top_up` moves the balance alone. How IRNIC words a change of holder
is not known: the words here are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from adapters.sandbox.books import Books
from adapters.sandbox.irnic.answers import EPP, Element, RefusedError, epp, local_time
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.page import Page
from adapters.sandbox.records import Charge, Contact, as_text, as_time

RIALS_A_UNIT = 50_000
"""What a unit costs on the day of a payment; it differs with each."""

_SERVICES = {"register": "registration", "renew": "renewal", "transfer": "holder change"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the log: positive is a payment or a refund."""

    number: str
    at: datetime
    name: str
    description: str
    amount: int


def pay_in(books: Books, amount: int, *, now: datetime | None = None) -> None:
    """Pay so many hundredths of a unit into the deposit, with a line in the credit log."""
    with books.page(now) as page:
        page.top_up(amount)
        known = page.contact(page.client_id)
        paid = [] if known is None else list(known.card["paid"])
        card = {"paid": [*paid, [as_text(page.now), amount]]}
        page.save_contact(
            Contact(id=page.client_id, roid=page.client_id, sponsor="", created_at=page.now, card=card)
            if known is None
            else replace(known, card=card)
        )


def contract(page: Page) -> Element:
    """Return what the contract shows: paid in, spent and left, in units."""
    spent = sum(charge.amount for charge in page.charges())
    figures = {"recieved": page.balance + spent, "spent": spent, "balance": page.balance}
    return epp(
        "contractInfo",
        children=[epp(name, text=_units(amount)) for name, amount in figures.items()],
        number=f"{page.client_id}_D1",
    )


def asked_for(errand: Errand) -> tuple[date, date] | None:
    """Return the days of the credit log that is asked for, or None; raise `RefusedError` for what are no days."""
    extension = errand.request.extension
    wanted = None if extension is None else extension.find(f"{{{EPP}}}creditLog")
    if wanted is None:
        return None
    try:
        return date.fromisoformat(wanted.get("startDate", "")), date.fromisoformat(wanted.get("endDate", ""))
    except ValueError:
        raise RefusedError(2005, "The statement's dates are not valid.", "creditLog") from None


def log(page: Page, first: date, last: date) -> Element:
    """Return the lines of those days in Tehran; a line's balance is reckoned back from today's."""
    balance, lines = page.balance, []
    for entry in sorted(_entries(page), key=lambda entry: entry.at, reverse=True):
        if first.isoformat() <= local_time(entry.at)[:10] <= last.isoformat():
            lines.append(_line(entry, balance))
        balance -= entry.amount
    return epp("creditLog", children=lines[::-1])


def _entries(page: Page) -> Sequence[_Entry]:
    """Return charges and payments; of those at one instant the later ones last, as they are numbered."""
    known = page.contact(page.client_id)
    paid = [] if known is None else known.card["paid"]
    payments = [
        _Entry(f"P{number}", as_time(at), "", _payment(amount), amount)
        for number, (at, amount) in enumerate(paid, start=1)
    ]
    charges = [
        _Entry(str(charge.id), charge.at, charge.name, _purchase(charge), -charge.amount)
        for charge in page.charges()
    ]
    return [*payments, *charges][::-1]


def _payment(amount: int) -> str:
    rials = amount * RIALS_A_UNIT // 100
    return f"Deposit amount {rials} Rials (unit rate: {RIALS_A_UNIT} Rials )"


def _purchase(charge: Charge) -> str:
    term = f" {charge.months} months" if charge.months else ""
    paid = (
        f"Expense {_units(abs(charge.amount))} units for purchase service "
        f"{_SERVICES[charge.command]}{term} domain {charge.name}"
    )
    return paid if charge.refund_of is None else f"Refund for {paid[0].lower()}{paid[1:]}"


def _line(entry: _Entry, balance: int) -> Element:
    parts = [
        epp("date", text=local_time(entry.at)),
        *([epp("domain", text=entry.name)] if entry.name else []),
        epp("description", text=entry.description),
        epp("amount", text=_units(entry.amount)),
        epp("balance", text=_units(balance)),
    ]
    return epp("credit", children=parts, roid=entry.number)


def _units(hundredths: int) -> str:
    """Write an amount in units: `2`, `-6`, `1.5`."""
    return f"{(Decimal(hundredths) / 100).normalize():f}"
