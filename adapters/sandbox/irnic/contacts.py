"""Whose handle may stand where? A handle's owner decides which roles this reseller may use it in.

`avail="1"` means that the handle exists: the opposite of RFC 5733. The reseller's own handle exists always.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapters.sandbox.books import Books
from adapters.sandbox.irnic.answers import EPP, Answer, Element, RefusedError, contact, epp, local_time
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.irnic.requests import ROLES
from adapters.sandbox.page import Page
from adapters.sandbox.records import Charge, Contact

NOT_AUTHORISED = (
    "You are not allowed to use this contact. this contact should authorize you for this relation."
)
"""IRNIC's own words."""

_STATUSES = ("ok", "linked", "irnicApproved")


@dataclass(frozen=True, slots=True)
class _Handle:
    id: str
    email: str
    allowed: Collection[str]


def add_handle(books: Books, handle: str, *, allowed: Collection[str] = ROLES, email: str = "") -> None:
    """Put a NIC handle into the books (`ab123-irnic`), which allows this reseller the roles in `allowed`."""
    handle = handle.lower()
    card = {"email": email.lower() or f"{handle}@example.org", "allowed": list(allowed)}
    with books.page() as page:
        page.save_contact(Contact(id=handle, roid=handle, sponsor="", created_at=page.now, card=card))


def require(page: Page, handles: Mapping[str, str]) -> None:
    """Raise `RefusedError` unless every handle exists and lets this reseller use it in its role."""
    for role, written in handles.items():
        handle = _find(page, written)
        if handle is None:
            raise RefusedError(2303, "Contact does not exist.", written)
        if role not in handle.allowed:
            raise RefusedError(2306, NOT_AUTHORISED, written)


def check(errand: Errand) -> Answer:
    """Answer contact:check: which handles exist, and in which roles this reseller may use them."""
    lines = [_line(errand.page, written) for written in errand.request.texts("id")]
    return Answer(1000, result=[contact("chkData", children=lines)])


def look(errand: Errand) -> Answer:
    """Answer contact:info, asked by handle or e-mail; of our own handle with the contract or its statement."""
    handle = _find(errand.page, errand.request.texts("id")[0])
    if handle is None:
        raise RefusedError(2303, "Contact does not exist.", "contact:id")
    card = [
        contact("id", text=errand.request.texts("id")[0]),
        contact("roid", text=handle.id),
        *(contact("status", s=status) for status in _STATUSES),
        *_positions(handle),
        contact("ident", children=[contact("idcard", cc="IR")]),
        contact("email", text=handle.email),
    ]
    return Answer(1000, result=[contact("infData", children=card)], extension=_extension(errand, handle))


def _line(page: Page, written: str) -> Element:
    handle = _find(page, written)
    known = contact("id", text=written, avail="0" if handle is None else "1")
    return contact("cd", children=[known, *([] if handle is None else _positions(handle))])


def _positions(handle: _Handle) -> list[Element]:
    return [contact("position", type=role, allowed="1" if role in handle.allowed else "0") for role in ROLES]


def _find(page: Page, written: str) -> _Handle | None:
    """Find a handle by its id or its e-mail address."""
    sought = written.lower()
    if sought == page.client_id:
        return _Handle(sought, f"{sought}@example.org", ROLES)
    found = page.contact(sought)
    if found is None and "@" in sought:
        found = next((one for one in page.contacts() if one.card.get("email") == sought), None)
    if found is None:
        return None
    return _Handle(found.id, str(found.card["email"]), tuple(found.card["allowed"]))


def _extension(errand: Errand, handle: _Handle) -> list[Element]:
    """Return what only the reseller's own handle shows: the statement that was asked for, or else the contract."""
    ours = handle.id == errand.page.client_id
    wanted = (
        None if errand.request.extension is None else errand.request.extension.find(f"{{{EPP}}}creditLog")
    )
    if wanted is None:
        return [_contract(errand.page)] if ours else []
    if not ours:
        raise RefusedError(2201, "The statement is for the owner of the handle.", "creditLog")
    try:
        first, last = (date.fromisoformat(wanted.get(edge, "")) for edge in ("startDate", "endDate"))
    except ValueError:
        raise RefusedError(2005, "The statement's dates are not valid.", "creditLog") from None
    return [_statement(errand.page, first, last)]


def _contract(page: Page) -> Element:
    spent = sum(charge.amount for charge in page.charges())
    figures = {"recieved": page.balance + spent, "spent": spent, "balance": page.balance}
    return epp(
        "contractInfo",
        children=[epp(name, text=_units(amount)) for name, amount in figures.items()],
        number=f"{page.client_id}_D1",
    )


def _statement(page: Page, first: date, last: date) -> Element:
    """Return the lines of those days in Tehran; a line's balance is reckoned back from today's."""
    balance, lines = page.balance, []
    for charge in reversed(page.charges()):
        if first.isoformat() <= local_time(charge.at)[:10] <= last.isoformat():
            lines.append(_credit(charge, balance))
        balance += charge.amount
    return epp("creditLog", children=lines[::-1])


def _credit(charge: Charge, balance: int) -> Element:
    service = "registration" if charge.command == "register" else "renewal"
    paid = f"Expense {_units(abs(charge.amount))} units for purchase service {service} {charge.months} months domain {charge.name}"
    parts = [
        epp("date", text=local_time(charge.at)),
        epp("domain", text=charge.name),
        epp(
            "description",
            text=paid if charge.refund_of is None else f"Refund for {paid[0].lower()}{paid[1:]}",
        ),
        epp("amount", text=_units(-charge.amount)),
        epp("balance", text=_units(balance)),
    ]
    return epp("credit", children=parts, roid=str(charge.id))


def _units(hundredths: int) -> str:
    """Write an amount in units: `2`, `-6`, `1.5`."""
    return f"{(Decimal(hundredths) / 100).normalize():f}"
