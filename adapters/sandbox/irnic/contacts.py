"""Whose handle may stand where? A handle's owner decides which roles this reseller may use it in.

`avail="1"` means that the handle exists: the opposite of RFC 5733. The reseller's own handle exists always.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import statement
from adapters.sandbox.irnic.answers import Answer, Element, RefusedError, contact
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.irnic.requests import ROLES
from adapters.sandbox.page import Page
from adapters.sandbox.records import Contact

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
    idents: Sequence[str] = ("idcard",)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)


def add_handle(
    books: Books,
    handle: str,
    *,
    allowed: Collection[str] = ROLES,
    email: str = "",
    ident: str = "idcard",
) -> None:
    """Put a NIC handle into the books (`ab123-irnic`), which allows this reseller the roles in `allowed`.

    Somebody else made it, so its card is not shown: no more than its e-mail and its `ident` (`privatereg`: a company).
    """
    handle = handle.lower()
    email = email.lower() or f"{handle}@example.org"
    card = {"email": email, "allowed": list(allowed), "idents": [ident], "texts": {}}
    with books.page() as page:
        page.save_contact(Contact(id=handle, roid=handle, sponsor="", created_at=page.now, card=card))


def find(page: Page, written: str) -> _Handle | None:
    """Find a handle by its id or its e-mail address."""
    sought = written.lower()
    if sought == page.client_id:
        return _Handle(sought, f"{sought}@example.org", ROLES)
    found = page.contact(sought)
    if found is None and "@" in sought:
        found = next((one for one in page.contacts() if one.card.get("email") == sought), None)
    if found is None:
        return None
    return _Handle(
        found.id,
        str(found.card["email"]),
        tuple(found.card["allowed"]),
        tuple(found.card["idents"]),
        found.card["texts"],
    )


def require(page: Page, handles: Mapping[str, str]) -> None:
    """Raise `RefusedError` unless every handle exists and lets this reseller use it in its role."""
    for role, written in handles.items():
        handle = find(page, written)
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
    handle = find(errand.page, errand.request.texts("id")[0])
    if handle is None:
        raise RefusedError(2303, "Contact does not exist.", "contact:id")
    card = [
        contact("id", text=errand.request.texts("id")[0]),
        contact("roid", text=handle.id),
        *(contact("status", s=status) for status in _STATUSES),
        *_positions(handle),
        *_card(handle),
        contact("ident", children=[contact(ident, cc="IR") for ident in handle.idents]),
        contact("email", text=handle.email),
    ]
    return Answer(1000, result=[contact("infData", children=card)], extension=_extension(errand, handle))


def _line(page: Page, written: str) -> Element:
    handle = find(page, written)
    known = contact("id", text=written, avail="0" if handle is None else "1")
    return contact("cd", children=[known, *([] if handle is None else _positions(handle))])


def _positions(handle: _Handle) -> list[Element]:
    return [contact("position", type=role, allowed="1" if role in handle.allowed else "0") for role in ROLES]


def _extension(errand: Errand, handle: _Handle) -> list[Element]:
    """Return what only the reseller's own handle shows: the statement that was asked for, or else the contract."""
    ours = handle.id == errand.page.client_id
    days = statement.asked_for(errand)
    if days is None:
        return [statement.contract(errand.page)] if ours else []
    if not ours:
        raise RefusedError(2201, "The statement is for the owner of the handle.", "creditLog")
    return [statement.log(errand.page, *days)]


def _card(handle: _Handle) -> list[Element]:
    """Return the card of a handle that this reseller made; of others nobody is shown it."""
    texts = handle.texts
    if not texts:
        return []
    addr = [contact(name, text=texts[name]) for name in ("street", "city", "sp", "pc", "cc")]
    names = [contact(name, text=texts.get(name, "")) for name in ("firstname", "lastname", "org")]
    return [
        contact("postalInfo", children=[*names, contact("addr", children=addr)], type="int"),
        contact("voice", text=texts["voice"]),
    ]
