"""What does an answer of LogicBoxes say? Bytes become values or errors; nothing here decides what they mean for money.

HTTP 500 is the ordinary carrier of business errors, and a body may be a bare number or word (facts §2.2). Every number
and boolean of theirs is text. What is neither an answer nor an error in their words (a page, half a body, another
name's answer) is `UnreadableError`, and says nothing of whether anything was done.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from registrar.commands import ContactRole, Expiry
from registrar.names import DomainName, NameRefusedError, host_name
from registrar.secrets import Secret
from registrar.strict_json import MalformedJsonError, read_json

OK = 200
BUSINESS_ERROR = 500

_BARE_WORD = re.compile(r"[A-Za-z][A-Za-z ]{0,39}")
_CONTACT_KEYS = {
    ContactRole.REGISTRANT: "registrantcontactid",
    ContactRole.ADMIN: "admincontactid",
    ContactRole.TECH: "techcontactid",
    ContactRole.BILLING: "billingcontactid",
}
_YES, _NO = "true", "false"


class UnreadableError(Exception):
    """No answer of theirs to what was asked; the message says why, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Action:
    """What the platform is doing, or just did, for an order: its words as they stand, empty where there are none."""

    type: str = ""
    status: str = ""
    text: str = ""
    id: str = ""
    order_id: str = ""
    asked_at: datetime | None = None
    """When it was asked for, where a list of actions tells it."""


@dataclass(frozen=True, slots=True)
class Details:
    """A name in our account, as `domains/details-by-name` tells it; `action` is None where none is under way.

    `expiry` is the order's end, the one date that is told: it stands for the registry's, and guards a renewal (facts §2.5).
    `auto_renews` is *recurring*; None where it is not told.
    """

    order_id: str
    customer_id: str
    current_status: str
    action: Action | None = None
    created_at: datetime | None = None
    expiry: Expiry | None = None
    auto_renews: bool | None = None
    order_statuses: frozenset[str] = frozenset()
    domain_statuses: frozenset[str] = frozenset()
    nameservers: tuple[str, ...] = ()
    child_nameservers: frozenset[str] = frozenset()
    contacts: Mapping[ContactRole, str] = field(default_factory=dict)
    product: str = ""
    auth_code: Secret | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """What `domains/available` says of one name: their word, and the prices by action of a premium one."""

    status: str
    product: str = ""
    premium_prices: Mapping[str, str] = field(default_factory=dict)


def content(status: int, body: bytes) -> Any:
    """Return the body's value: an object, a number, a boolean, or a bare word; raises `UnreadableError`."""
    if status not in {OK, BUSINESS_ERROR}:
        raise UnreadableError(f"HTTP {status} instead of an answer")
    try:
        value = read_json(body)
    except MalformedJsonError as error:
        word = body.decode("utf-8", "replace").strip()
        if word.startswith("<"):
            raise UnreadableError(f"HTTP {status} with a page instead of an answer") from error
        if not _BARE_WORD.fullmatch(word):
            raise UnreadableError(f"HTTP {status} with a body that is no answer: {error}") from error
        value = word
    if status == BUSINESS_ERROR and fault(value) is None and not _is_failed(value):
        raise UnreadableError("HTTP 500 with an answer that tells no error")
    return value


def fault(value: Any) -> str | None:
    """Return the text of an error object; None for anything else.

    An order that failed is none: it has an action, and so exists (facts §2.2).
    """
    if not isinstance(value, dict) or _text(value, "eaqid") or _text(value, "actionstatus"):
        return None
    if _text(value, "status").lower() in {"error", "failed"}:
        return _text(value, "message") or _text(value, "error") or _text(value, "actionstatusdesc")
    return None


def action(value: Any, *, domain: DomainName, order_id: str | None = None) -> Action:
    """Read an order-action object that must be about this name or order; raises `UnreadableError`."""
    if not isinstance(value, dict):
        raise UnreadableError("the answer is no order's")
    about, entity = _text(value, "description"), _text(value, "entityid")
    if about and not _is_same_name(about, domain):
        raise UnreadableError("the answer is about another name")
    if order_id and entity and entity != order_id:
        raise UnreadableError("the answer is about another order")
    if not about and not entity:
        raise UnreadableError("the answer does not say which order it is about")
    status = _text(value, "actionstatus") or _text(value, "status")
    if not status:
        raise UnreadableError("the answer does not say how far the order is")
    return Action(
        _text(value, "actiontype"), status, _text(value, "actionstatusdesc"), _text(value, "eaqid"), entity
    )


def failed_privacy(value: Any) -> str | None:
    """Return why the privacy of a name that was registered well was not bought; None where nothing went wrong."""
    privacy = value.get("privacydetails") if isinstance(value, dict) else None
    if isinstance(privacy, dict) and _text(privacy, "status").lower() in {"error", "failed"}:
        told = (_text(privacy, key) for key in ("message", "error", "actionstatusdesc"))
        return next(filter(None, told), "no reason given")
    return None


def change(value: Any, *, domain: DomainName, order_id: str) -> Action | None:
    """Read the answer to a change: an order's action, or None for a plain yes; raises `UnreadableError`.

    A plain yes is `true`, `Success`, or an object that says no more than that.
    """
    if isinstance(value, dict) and (_text(value, "actionstatus") or _text(value, "entityid")):
        return action(value, domain=domain, order_id=order_id)
    word = _text(value, "status") if isinstance(value, dict) else str(value).strip()
    if word.lower() not in {"success", _YES}:
        raise UnreadableError("the answer says neither yes nor no")
    return None


def number(value: Any) -> str:
    """Read a bare number (a contact's id); raises `UnreadableError`."""
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise UnreadableError("the answer is no number")
    return text


def details(value: Any, domain: DomainName) -> Details:
    """Read a name's details; raises `UnreadableError`."""
    if not isinstance(value, dict):
        raise UnreadableError("the details are no object")
    name = _text(value, "domainname") or _text(value, "description")
    if not name or not _is_same_name(name, domain):
        raise UnreadableError("the details are not of the name that was asked for")
    order_id, customer_id = (
        _text(value, "orderid") or _text(value, "entityid"),
        _text(value, "customerid"),
    )
    current_status = _text(value, "currentstatus")
    if not (order_id and customer_id and current_status):
        raise UnreadableError("the details do not tell order, customer and status")
    end, secret = _text(value, "endtime"), _text(value, "domsecret")
    return Details(
        order_id=order_id,
        customer_id=customer_id,
        current_status=current_status,
        action=_running(value),
        created_at=_moment(_text(value, "creationtime")),
        expiry=Expiry(at, end) if (at := _moment(end)) else None,
        auto_renews={_YES: True, _NO: False}.get(_text(value, "recurring").lower()),
        order_statuses=_words(value.get("orderstatus")),
        domain_statuses=_words(value.get("domainstatus")),
        nameservers=tuple(_nameservers(value)),
        child_nameservers=_words(list(value["cns"])) if isinstance(value.get("cns"), dict) else frozenset(),
        contacts={role: found for role, key in _CONTACT_KEYS.items() if (found := _text(value, key))},
        product=_text(value, "classkey") or _text(value, "productkey"),
        auth_code=Secret(secret) if secret else None,
    )


def availability(value: Any, domain: DomainName) -> Availability:
    """Read what is said of one name; raises `UnreadableError`, also where its key is missing."""
    told = value if isinstance(value, dict) else {}
    found = next((part for key, part in told.items() if _is_same_name(key, domain)), None)
    if not isinstance(found, dict) or not _text(found, "status"):
        raise UnreadableError("the availability does not tell of the name")
    premium = found.get("costHash")
    prices = {key: _text(premium, key) for key in premium} if isinstance(premium, dict) else {}
    return Availability(_text(found, "status").lower(), _text(found, "classkey"), prices)


def balance(value: Any) -> tuple[str, str]:
    """Read the deposit and its currency; raises `UnreadableError`."""
    told = value if isinstance(value, dict) else {}
    amount, currency = _text(told, "sellingcurrencybalance"), _text(told, "sellingcurrencysymbol")
    if decimal(amount) is None or not currency:
        raise UnreadableError("the answer tells no balance")
    return amount, currency


def cost(value: Any, *, product: str, command: str, years: int) -> Decimal | None:
    """Return what a term costs by the list of our costs (product → action → years → price of one year); None if untold.

    The list tells the price of one year at each term; where a term is not listed, that of one year counts.
    """
    listed: Any = value
    for key in (product, command):
        listed = listed.get(key) if isinstance(listed, dict) else None
    if not isinstance(listed, dict):
        return None
    one_year = decimal(_text(listed, str(years)) or _text(listed, "1"))
    return one_year * years if one_year is not None else None


def decimal(text: str) -> Decimal | None:
    """Read an amount; None for what is none."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def contact_rows(value: Any) -> Iterator[Mapping[str, str]]:
    """Return each contact of a search, its columns by name without their `contact.` or `entity.`."""
    for row in _rows(value):
        yield {key.rpartition(".")[2]: _text(row, key) for key in row}


def latest_action(value: Any, domain: DomainName) -> Action | None:
    """Return the newest action of a search that is about a name; None if there is none.

    A row tells the name in its description for people alone: `Transfer of example.com`.
    """
    about = re.compile(rf"(?<![\w.-]){re.escape(domain.ascii)}(?![\w-]|\.\w)", re.IGNORECASE)
    found = [
        Action(
            _text(row, "actiontype"),
            _text(row, "actionstatus"),
            _text(row, "actionstatusdesc"),
            _text(row, "eaqid"),
            _text(row, "entityid"),
            _moment(_text(row, "actionadded")),
        )
        for row in _rows(value)
        if about.search(_text(row, "actiontypedesc"))
    ]
    return max(found, key=_age, default=None)


def _age(action: Action) -> float:
    return action.asked_at.timestamp() if action.asked_at else 0.0


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """Return the rows of a search, which stand in a list or under numbers of their own."""
    told = value if isinstance(value, dict) else {}
    listed = told.get("result")
    yield from (
        row for row in (listed if isinstance(listed, list) else told.values()) if isinstance(row, dict)
    )


def _running(value: Mapping[str, Any]) -> Action | None:
    """Return the action that details show; no number, or number 0, means that none is under way."""
    number_of_it = _text(value, "eaqid")
    if number_of_it in {"", "0"} or not (_text(value, "actionstatus") or _text(value, "actiontype")):
        return None
    return Action(
        _text(value, "actiontype"),
        _text(value, "actionstatus"),
        _text(value, "actionstatusdesc"),
        number_of_it,
        _text(value, "orderid"),
    )


def _is_failed(value: Any) -> bool:
    return isinstance(value, dict) and "failed" in {
        _text(value, key).lower() for key in ("status", "actionstatus")
    }


def _nameservers(value: Mapping[str, Any]) -> Iterator[str]:
    """Return the hosts in their own order: ns1, ns2, … and ns10 after ns9."""
    numbered = {int(key[2:]): key for key in value if re.fullmatch(r"ns[1-9][0-9]?", key)}
    for _, key in sorted(numbered.items()):
        if host := _text(value, key):
            yield host.lower().removesuffix(".")


def _words(value: Any) -> frozenset[str]:
    return frozenset(str(word) for word in value if word) if isinstance(value, list) else frozenset()


def _text(value: Mapping[str, Any], key: str) -> str:
    """Return a scalar as text; empty where there is none."""
    found = value.get(key)
    if isinstance(found, bool):
        return _YES if found else _NO
    return str(found).strip() if isinstance(found, str | int | float) else ""


def _moment(text: str) -> datetime | None:
    """Read epoch seconds; None for what is none, 0 included."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 253_402_300_800:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _is_same_name(told: str, domain: DomainName) -> bool:
    """Compare in A-labels: the platform may write an internationalized name either way."""
    try:
        return host_name(told) == domain.ascii
    except NameRefusedError:
        return told.lower() == domain.ascii
