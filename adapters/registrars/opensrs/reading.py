"""What do an answer's attributes say? Texts become dates, amounts, orders and transfers; pure (facts §3.2)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

from adapters.registrars.opensrs.envelope import Answer, UnreadableError, Value
from registrar.commands import Expiry, Kind
from registrar.names import DomainName
from registrar.secrets import Secret

Attributes = Mapping[str, Value]

ENDED = frozenset({"completed", "declined", "cancelled", "canceled", "deleted"})
"""Orders and transfers in these states will not change any more; in any other they may."""
SAVED = "pending"
"""Of an order: kept by OpenSRS without being carried out, for want of money or for a fault in it."""

_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = re.compile(r"\d{9,11}")
_LAST_SECOND = time(23, 59, 59)
_REG_TYPES = {
    "new": Kind.REGISTER,
    "register": Kind.REGISTER,
    "registration": Kind.REGISTER,
    "renew": Kind.RENEW,
    "renewal": Kind.RENEW,
    "transfer": Kind.TRANSFER,
    "redeem": Kind.RESTORE,
    "redemption": Kind.RESTORE,
    "restore": Kind.RESTORE,
}
_MONEY_WORDS = ("insufficient", "fund", "balance", "credit", "deposit")


@dataclass(frozen=True, slots=True)
class DomainState:
    """A name in our account. `locked` and `auto_renews` are None where the answer does not tell.

    `renew_by` is `expiredate`, OpenSRS's own date, which a renewal moves and from which its guard takes the year. `expiry`
    is `registry_expiredate`, which a registry that renews by itself moves too (D4); the own one where that is not told. A
    name without the own one shows neither: its renewal could not be guarded.
    """

    expiry: Expiry | None
    renew_by: Expiry | None
    auto_renews: bool | None
    created_at: datetime | None
    nameservers: tuple[str, ...]
    locked: bool | None
    sponsored: bool
    restorable: bool


@dataclass(frozen=True, slots=True)
class Order:
    """One order of ours at OpenSRS. `kind` and `years` are None where it does not say them in words we know."""

    order_id: str
    status: str
    kind: Kind | None = None
    years: str | None = None
    notes: str = field(default="", repr=False)

    @property
    def is_open(self) -> bool:
        """Tell whether it may still have an effect."""
        return self.status not in ENDED

    @property
    def is_saved(self) -> bool:
        """Tell whether it waits for us and not for a registry."""
        return self.status == SAVED

    @property
    def lacks_money(self) -> bool:
        """Tell whether it was saved for want of money: its notes say so, or say nothing (facts §3.2)."""
        said = self.notes.lower()
        return not said or any(word in said for word in _MONEY_WORDS)


@dataclass(frozen=True, slots=True)
class TransferIn:
    """One request of ours for a name's move."""

    order_id: str | None
    status: str
    asked_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Tell whether it is still under way."""
        return self.status not in ENDED


def text(attributes: Attributes, key: str) -> str | None:
    """Return a text of an answer; None where there is none, or an empty one."""
    value = attributes.get(key)
    return value if isinstance(value, str) and value else None


def order_id(answer: Answer) -> str | None:
    """Return the order that an answer names: under `id`, `order_id`, or as the value of `forced_pending`."""
    named = text(answer.attributes, "id") or text(answer.attributes, "order_id")
    forced = text(answer.attributes, "forced_pending")
    return named or (forced if forced and forced.isdigit() and int(forced) > 1 else None)


def is_saved(answer: Answer) -> bool:
    """Tell whether an answer says, whatever its code, that the order was only saved (facts §3.2)."""
    return text(answer.attributes, "forced_pending") not in {None, "0"}


def insist_on(answer: Answer, domain: DomainName) -> None:
    """Raise `UnreadableError` if an answer names another name than was asked about."""
    named = text(answer.attributes, "domain")
    if named is not None and named.lower().removesuffix(".") not in {domain.ascii, domain.unicode}:
        raise UnreadableError("the answer is about another name")


def domain_state(answer: Answer, domain: DomainName, *, zone: tzinfo) -> DomainState:
    """Read the answer to GET all_info; dates are in `zone`. Raises `UnreadableError`."""
    insist_on(answer, domain)
    attributes = answer.attributes
    created = text(attributes, "registry_createdate") or text(attributes, "createdate")
    own = expiry(text(attributes, "expiredate"), zone=zone)
    return DomainState(
        expiry=own and (expiry(text(attributes, "registry_expiredate"), zone=zone) or own),
        renew_by=own,
        auto_renews=_flag(attributes, "auto_renew"),
        created_at=moment(created, zone=zone) if created else None,
        nameservers=tuple(_hosts(attributes)),
        locked=lock_state(answer),
        sponsored=text(attributes, "sponsoring_rsp") != "0",
        restorable=any("redemption" in word for word in _state_words(attributes)),
    )


def lock_state(answer: Answer) -> bool | None:
    """Return whether the transfer lock is on; None where the answer does not tell."""
    return _flag(answer.attributes, "lock_state")


def orders(answer: Answer) -> tuple[Order, ...]:
    """Read one page of the answer to GET_ORDERS_BY_DOMAIN. Raises `UnreadableError`."""
    return tuple(
        Order(_required(row, "id", "order_id"), _required(row, "status").lower())
        for row in _rows(answer.attributes, "orders")
    )


def newest_first(found: Iterable[Order]) -> tuple[Order, ...]:
    """Return orders by their numbers, which rise, the newest first."""
    return tuple(sorted(found, key=lambda order: (len(order.order_id), order.order_id), reverse=True))


def is_cut(answer: Answer) -> bool:
    """Tell whether a list goes on, on another page."""
    return text(answer.attributes, "remainder") not in {None, "0"}


def order(answer: Answer, named: Order) -> Order:
    """Read the answer to GET_ORDER_INFO about an order of the list: its kind, its term and its notes.

    The fields stand among the attributes, or together under `field_hash`. Raises `UnreadableError`.
    """
    inner = answer.attributes.get("field_hash")
    fields: Attributes = {**answer.attributes, **inner} if isinstance(inner, Mapping) else answer.attributes
    told = text(fields, "id") or text(fields, "order_id")
    if told not in {None, named.order_id}:
        raise UnreadableError("the answer is about another order")
    return Order(
        named.order_id,
        (text(fields, "status") or named.status).lower(),
        kind=_REG_TYPES.get((text(fields, "reg_type") or "").lower()),
        years=text(fields, "period"),
        notes=_notes(fields.get("notes")),
    )


def transfers(answer: Answer, domain: DomainName, *, zone: tzinfo) -> tuple[TransferIn, ...]:
    """Read the answer to GET_TRANSFERS_IN, the newest first; rows of other names are left out."""
    rows = [
        row
        for row in _rows(answer.attributes, "transfers")
        if (text(row, "domain") or domain.ascii).lower() in {domain.ascii, domain.unicode}
    ]
    found = [
        TransferIn(
            order_id=text(row, "order_id") or text(row, "id"),
            status=_required(row, "status").lower(),
            asked_at=_first_moment(row, zone=zone),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=_age, reverse=True))


def price(answer: Answer) -> Decimal | None:
    """Return what a command would cost us, in the account's currency; None where no price is told."""
    told = amount(text(answer.attributes, "price"))
    return told if told is not None and told >= 0 else None


def spendable(answer: Answer) -> Decimal | None:
    """Return our balance less what is held of it; None where it is not told."""
    balance = amount(text(answer.attributes, "balance"))
    held = amount(text(answer.attributes, "hold_balance") or "0")
    return None if balance is None or held is None else balance - held


def auth_info(answer: Answer) -> Secret | None:
    """Return a name's auth code, if one is shown."""
    code = text(answer.attributes, "domain_auth_info")
    return Secret(code) if code else None


def amount(written: str | None) -> Decimal | None:
    """Read an amount as OpenSRS writes it; None if it is none."""
    plain = (written or "").strip().replace(",", "")
    return Decimal(plain) if plain.isascii() and _AMOUNT.fullmatch(plain) else None


def expiry(written: str | None, *, zone: tzinfo) -> Expiry | None:
    """Read an expiry and keep OpenSRS's own text beside it; a renewal's year is cut from that text."""
    at = moment(written, zone=zone) if written else None
    return Expiry(at, written.strip()) if at and written else None


def moment(written: str, *, zone: tzinfo) -> datetime | None:
    """Read a date that carries no zone, in `zone`; a bare one is the end of that day. None if it is none."""
    plain = written.strip()
    try:
        if _BARE_DATE.fullmatch(plain):
            return datetime.combine(date.fromisoformat(plain), _LAST_SECOND, tzinfo=zone).astimezone(UTC)
        if _EPOCH.fullmatch(plain):
            return datetime.fromtimestamp(int(plain), UTC)
        read = datetime.fromisoformat(plain)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _flag(attributes: Attributes, key: str) -> bool | None:
    return {"0": False, "1": True}.get(text(attributes, key) or "")


def _hosts(attributes: Attributes) -> Iterator[str]:
    for row in _rows(attributes, "nameserver_list"):
        if (host := text(row, "name")) is not None:
            yield host.lower().removesuffix(".")


def _state_words(attributes: Attributes) -> Iterator[str]:
    """Yield every word that may tell that a name was deleted and can come back; OpenSRS documents no one place for it."""
    for key in ("status", "domain_status", "registry_status", "state"):
        value = attributes.get(key)
        words = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        yield from (word.lower() for word in words if isinstance(word, str))


def _rows(attributes: Attributes, key: str) -> Iterator[Attributes]:
    rows = attributes.get(key, [])
    if isinstance(rows, str) and not rows:
        return
    if isinstance(rows, str | Mapping):
        raise UnreadableError(f"{key} is no list")
    for row in rows:
        if not isinstance(row, Mapping):
            raise UnreadableError(f"{key} holds something else than rows")
        yield row


def _required(row: Attributes, *keys: str) -> str:
    found = next((value for key in keys if (value := text(row, key)) is not None), None)
    if found is None:
        raise UnreadableError(f"a row has no {keys[0]}")
    return found


def _notes(value: Value | None) -> str:
    """Return an order's notes as one text: they are a text, or a list of texts or rows."""
    if value is None or isinstance(value, str):
        return value or ""
    inside = value.values() if isinstance(value, Mapping) else value
    return " ".join(filter(None, map(_notes, inside)))


def _first_moment(row: Attributes, *, zone: tzinfo) -> datetime | None:
    for key in ("request_date", "order_date", "timestamp", "unixtime"):
        if (written := text(row, key)) is not None and (at := moment(written, zone=zone)) is not None:
            return at
    return None


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _age(transfer: TransferIn) -> tuple[datetime, int, str]:
    order_id = transfer.order_id or ""
    return (transfer.asked_at or _LONG_AGO, len(order_id), order_id)
