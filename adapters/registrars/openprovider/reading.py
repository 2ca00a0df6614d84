"""What stands inside an answer? Each reader takes an envelope's `data` and returns a type that cannot be wrong, or raises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from adapters.registrars.openprovider import dates
from adapters.registrars.openprovider.encoding import ROLE_KEYS
from adapters.registrars.openprovider.envelope import JsonObject, UnreadableError, opened
from registrar.commands import ContactRole, Expiry, Nameserver
from registrar.names import DomainName
from registrar.secrets import Secret

ACTIVE = "ACT"
DELETED = "DEL"
FAILED = "FAI"
GONE = "TRAN"
RESTORING = "RRQ"
SCHEDULED = "SCH"
WANTS_MORE = "PEN"
"""Documents, or a confirmed e-mail address; the customer's turn, which can take weeks (facts §4.3)."""
REQUESTED = "REQ"
PENDING = frozenset({REQUESTED, WANTS_MORE, SCHEDULED, RESTORING})

_PRECEDENCE = (ACTIVE, REQUESTED, SCHEDULED, WANTS_MORE, RESTORING, DELETED, FAILED, GONE)
"""Of several records of one name, which tells of it now: an old failure or deletion stays in the list."""

_LONGEST_LINE = 200
_MOST_DIGITS = 15
"""Of an amount's whole part; more is no amount, and costly to calculate with."""


@dataclass(frozen=True, slots=True)
class Record:
    """A name's place in our account: Openprovider's id of it, and its status there."""

    number: int
    status: str


@dataclass(frozen=True, slots=True)
class DomainState:
    """A name of our account.

    `expiry` is the registry's date, and `renew_by` Openprovider's own, the day on which it renews a name or lets it go: it may
    be earlier by weeks (facts §0.3). Where one of them is not told, the other stands for it.
    """

    number: int
    status: str
    expiry: Expiry | None
    renew_by: Expiry | None
    created_at: datetime | None
    ordered_at: datetime | None
    is_locked: bool
    is_lockable: bool
    autorenew: str
    nameservers: tuple[Nameserver, ...]
    contacts: Mapping[ContactRole, str]
    restorable_until: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class Availability:
    """What the check says: `free`, `active` (registered), or another word; and why."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the answer to an order tells: the name's status, and as much of the rest as is there; dates as in `DomainState`."""

    status: str
    number: int | None = None
    expiry: Expiry | None = None
    renew_by: Expiry | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money as Openprovider writes it."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation costs, in each currency that it is told in."""

    amounts: tuple[Amount, ...]
    is_premium: bool


@dataclass(frozen=True, slots=True)
class Transaction:
    """One line of the account's money log. It has no id of its own; `reference` is the id of what it was for."""

    action: str
    type: str
    subject: str
    created_text: str
    created_at: datetime
    quantity: int | None
    reference: str
    total: Amount
    object_type: str = field(default="")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of transactions, and how many there are in all."""

    transactions: tuple[Transaction, ...]
    total: int


def token(content: Any) -> str:
    """Return the token that a login gives."""
    text = _object(content).get("token")
    if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable():
        raise UnreadableError("the login's answer carries no token")
    return text


def record_of(content: Any, domain: DomainName) -> Record | None:
    """Return the record that tells of exactly this name now, or None if our account has none.

    Names are compared here: a search may find more than it was asked for.
    """
    found = _object(content)
    results = _list(found, "results")
    records = [_record(result) for result in results if _is_named(result, domain)]
    total = found.get("total")
    if not records and isinstance(total, int) and total > len(results):
        raise UnreadableError("the search found more names than it shows, and not the one asked for")
    return min(records, key=_by_precedence, default=None)


def domain_state(content: Any, record: Record, domain: DomainName, zone: ZoneInfo) -> DomainState:
    """Return the state of the name that was asked for by its record."""
    found = _object(content)
    if found.get("id") != record.number or not _is_named(found, domain):
        raise UnreadableError("the answer is of another name")
    expiry, renew_by = _ends(found, zone)
    return DomainState(
        number=record.number,
        status=_status(found),
        expiry=expiry,
        renew_by=renew_by,
        created_at=_first_moment(found, zone, "creation_date", "active_date"),
        ordered_at=_first_moment(found, zone, "order_date"),
        is_locked=_truth(found.get("is_locked")),
        is_lockable=_truth(found.get("is_lockable", True)),
        autorenew=_text(found.get("autorenew")),
        nameservers=tuple(_nameserver(server) for server in _list(found, "name_servers", missing=())),
        contacts={role: handle for role, key in ROLE_KEYS.items() if (handle := _text(found.get(key)))},
        restorable_until=_first_moment(
            found, zone, "restorable_until", "hard_quarantine_expiry_date", "soft_quarantine_expiry_date"
        ),
        failure=_failure(found.get("api_history")),
    )


def availability(content: Any, domain: DomainName) -> Availability:
    """Return what the check says of this name."""
    for result in _list(_object(content), "results"):
        if isinstance(result, dict) and _same(result.get("domain"), domain):
            return Availability(_text(result.get("status")).lower(), _text(result.get("reason")))
    raise UnreadableError("the check's answer does not tell of the name")


def ordered(content: Any, zone: ZoneInfo) -> Ordered:
    """Return what the answer to an order tells; a status must stand in it."""
    found = _object(content)
    number = found.get("id")
    expiry, renew_by = _ends(found, zone)
    return Ordered(
        status=_status(found),
        number=number if type(number) is int else None,
        expiry=expiry,
        renew_by=renew_by,
        created_at=_first_moment(found, zone, "activation_date"),
    )


def price(content: Any) -> Price:
    """Return an operation's price, in our currency first and then in the product's."""
    found = _object(content)
    amounts = _amounts(found.get("price"))
    if not amounts:
        raise UnreadableError("the answer tells no price")
    return Price(amounts, is_premium=_truth(found.get("is_premium")))


def handle(content: Any) -> str:
    """Return the handle of a contact just made."""
    if text := _text(_object(content).get("handle")):
        return text
    raise UnreadableError("the new contact's answer carries no handle")


def customer_with_comments(content: Any, comments: str) -> str | None:
    """Return the handle of the contact with exactly these comments, or None."""
    for result in _list(_object(content), "results", missing=()):
        if isinstance(result, dict) and result.get("comments") == comments:
            return _text(result.get("handle")) or None
    return None


def auth_code(content: Any) -> Secret | None:
    """Return a name's auth code, or None where there is none."""
    text = _text(_object(content).get("auth_code"))
    return Secret(text) if text else None


def available_balance(content: Any) -> tuple[Decimal, str | None]:
    """Return the balance less what is reserved for orders under way, and the currency if it is told."""
    found = _object(content)
    balance, reserved = _decimal(found.get("balance")), _decimal(found.get("reserved_balance", 0))
    if balance is None or reserved is None:
        raise UnreadableError("the account's answer tells no balance")
    return balance - reserved, _text(found.get("currency")) or None


def transaction_page(content: Any, zone: ZoneInfo) -> Page:
    """Return one page of the money log; a line that cannot be read makes the whole page unreadable."""
    found = _object(content)
    total = found.get("total")
    if type(total) is not int:
        raise UnreadableError("the transactions' answer does not tell how many there are")
    return Page(tuple(_transaction(line, zone) for line in _list(found, "results", missing=())), total)


def _object(content: Any) -> JsonObject:
    if isinstance(content, dict):
        return content
    raise UnreadableError("the answer carries no data")


def _list(content: JsonObject, key: str, *, missing: tuple[Any, ...] | None = None) -> list[Any]:
    """Return a list; null stands for an empty one where `missing` allows that there is none."""
    value = content.get(key)
    if isinstance(value, list):
        return value
    if value is None and (missing is not None or content.get("total") == 0):
        return list(missing or ())
    raise UnreadableError(f"the answer's {key} are no list")


def _record(result: JsonObject) -> Record:
    number = result.get("id")
    if type(number) is not int:
        raise UnreadableError("a name in the search's answer has no id")
    return Record(number, _status(result))


def _by_precedence(record: Record) -> tuple[int, int]:
    known = record.status in _PRECEDENCE
    return (_PRECEDENCE.index(record.status) if known else len(_PRECEDENCE), -record.number)


def _is_named(result: Any, domain: DomainName) -> bool:
    named = result.get("domain") if isinstance(result, dict) else None
    if not isinstance(named, dict):
        return False
    return _same(f"{_text(named.get('name'))}.{_text(named.get('extension'))}", domain)


def _same(text: Any, domain: DomainName) -> bool:
    """Compare names; an internationalized one may come back in either form."""
    return isinstance(text, str) and text.lower().removesuffix(".") in {domain.ascii, domain.unicode}


def _status(content: JsonObject) -> str:
    if status := _text(content.get("status")):
        return status.upper()
    raise UnreadableError("the answer tells no status")


def _ends(found: JsonObject, zone: ZoneInfo) -> tuple[Expiry | None, Expiry | None]:
    """Return the registry's date and Openprovider's own."""
    told = (dates.expiry(found.get(key), zone) for key in ("registry_expiration_date", "expiration_date"))
    expiry = next(filter(None, told), None)
    renew_by = dates.expiry(found.get("renewal_date"), zone)
    return expiry or renew_by, renew_by or expiry


def _first_moment(content: JsonObject, zone: ZoneInfo, *keys: str) -> datetime | None:
    return next((at for key in keys if (at := dates.moment(content.get(key), zone)) is not None), None)


def _nameserver(server: Any) -> Nameserver:
    host = _text(server.get("name")) if isinstance(server, dict) else ""
    if not host:
        raise UnreadableError("a name server has no name")
    addresses = (_text(server.get(key)) for key in ("ip", "ip6"))
    return Nameserver(host.lower().removesuffix("."), tuple(address for address in addresses if address))


def _failure(history: Any) -> str:
    """Return what the last operation was answered: an envelope's words, or a short line. A longer text may tell of people."""
    last = history[-1] if isinstance(history, list) and history else None
    said = last.get("out") if isinstance(last, dict) else None
    if not isinstance(said, str):
        return ""
    try:
        answer = opened(said.encode())
    except UnreadableError:
        is_line = len(said) <= _LONGEST_LINE and not set(said) & set("{<\n")
        return said.strip() if is_line else ""
    return f"{answer.code} {answer.text}".strip()


def _transaction(line: Any, zone: ZoneInfo) -> Transaction:
    found = _object(line)
    created = _text(found.get("creation_date"))
    created_at = dates.moment(created, zone)
    amounts = _amounts(found.get("total"))
    if created_at is None or not amounts:
        raise UnreadableError("a transaction has no date or no amount")
    quantity = found.get("quantity")
    return Transaction(
        action=_text(found.get("action")).upper(),
        type=_text(found.get("type")).lower(),
        subject=_text(found.get("subject")).lower(),
        created_text=created,
        created_at=created_at,
        quantity=quantity if type(quantity) is int else None,
        reference=str(found.get("reference_id") or ""),
        total=amounts[0],
        object_type=_text(found.get("object_type")),
    )


def _amounts(group: Any) -> tuple[Amount, ...]:
    """Return an amount's forms: in the reseller's currency, then in the product's."""
    parts = [group.get(key) for key in ("reseller", "product")] if isinstance(group, dict) else []
    amounts = [
        Amount(value, currency.upper())
        for part in parts
        if isinstance(part, dict)
        and (value := _decimal(part.get("price"))) is not None
        and (currency := _text(part.get("currency")))
    ]
    return tuple(amounts)


def _decimal(value: Any) -> Decimal | None:
    """Return a JSON number, or a number written as a text, exactly."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() and number.adjusted() < _MOST_DIGITS else None


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _truth(value: Any) -> bool:
    return isinstance(value, int | str) and str(value).lower() in {"1", "true"}
