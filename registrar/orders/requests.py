"""What did the portal ask for? One reading of an order's JSON for HTTP, files and messages.

It is taken whole, or refused with a stable code and words that say what to do.
"""

import re
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from registrar.agreement.answers import Question
from registrar.agreement.expiry import end_of_day
from registrar.agreement.failure import LineKind
from registrar.agreement.pricing import Tariff
from registrar.agreement.rules import RuleBook, Rules
from registrar.commands import RENEWALS, ContactRole, Kind, Nameserver
from registrar.gateway import Capabilities
from registrar.judging import ANY_EXPIRY
from registrar.money import MINOR_UNITS, Money
from registrar.names import DomainName, NameRefusedError, host_name
from registrar.texts import is_readable

MAX_KEY = 255
OWN_KEYS = "own:"
"""How the keys of our own orders start: no portal's key can be in their way."""
_FIELDS = frozenset(
    {
        "customer",
        "kind",
        "domain",
        "months",
        "price",
        "payment",
        "expected_expiry",
        "auth_info",
        "contacts",
        "nameservers",
        "pin",
        "price_ceiling",
        "privacy",
        "rights_declared",
        "idn_table",
        "lines",
        "requested_via",
        "quote",
    }
)
_QUESTIONS = frozenset({"customer", "kind", "domain", "months", "price", "expires_at", "at", "look"})
_YEARS = range(1990, 2200)
"""In which a date that is asked about can lie: both calendars and every term that is sold reach beyond."""
_CORRECTIONS = frozenset({"auth_info", "contacts", "nameservers", "pin", "price_ceiling", "done"})
_WITH_CONTACTS = frozenset({Kind.REGISTER, Kind.TRANSFER, Kind.CHANGE_HOLDER})
_WITH_NAMESERVERS = frozenset({Kind.REGISTER, Kind.TRANSFER})
_WITHOUT_CEILING = frozenset({Kind.CHANGE_HOLDER})
_AT_ANY_SUPPLIER = frozenset({Kind.REGISTER, Kind.TRANSFER})
"""Kinds for which any supplier of the zone will do; the others are for the one that has the name."""
_PERSON_REQUIRED = ("name", "email", "street", "city", "country_code")
_PERSON_OPTIONAL = ("voice", "organization", "province", "postal_code", "national_id")
_IN_WORDS = frozenset({"name", "organization", "street", "city", "province"})
"""What a person's card says in his own language."""
_CHANNEL = re.compile("[a-z][a-z_]{0,15}")
_MAX_AMOUNT = 10**15
_MAX_NAMESERVERS = 13
_MAX_LINES = 20
_LINE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
"""Without a dot: in the books it stands before the bucket that a share came from."""


class RequestRefusedError(ValueError):
    """An order that cannot be taken as it stands: `code` is stable, `field` is where, the message says what to do.

    `price` is what it would cost now, of an order that is refused for its price (O4).
    """

    def __init__(
        self, code: str, message: str, *, field: str | None = None, price: Money | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.price = price


@dataclass(frozen=True, slots=True)
class ZoneOffer:
    """What is sold of a zone: who does it, for which terms, in which currency."""

    zone: str
    currency: str
    routes: Mapping[Kind, tuple[str, ...]]
    """The registrars that carry out a kind, in order of preference."""
    months: Mapping[Kind, frozenset[int]]
    suppliers: Mapping[str, Capabilities] = field(default_factory=dict)
    """What each of them can do; one that is not listed here is asked nothing."""
    prices: Tariff = field(default_factory=dict)
    """What it costs, by kind and term; of a kind that is not listed the portal says the price (O4)."""


Catalogue = Mapping[str, ZoneOffer]
"""What is sold, by the zone's A-label."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Paid to the company's portal: when, and under which reference."""

    paid_at: datetime
    reference: str
    gift: int = 0
    """So many minor units were not paid there, and are taken from the customer's gift (F2)."""


@dataclass(frozen=True, slots=True)
class FromBalance:
    """To be paid from the customer's balance with the company."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order beside the name: a fee (E4), or a service that depends on it (D6)."""

    line: str
    kind: LineKind
    text: str
    amount: Money
    refundable: bool
    """Of a fee: whether it is credited when the order is refused."""
    delivered: bool


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A valid order, not yet placed. `secrets` is what will be sealed; `repr` does not show it."""

    key: str
    channel: str
    customer: str
    kind: Kind
    domain: DomainName
    route: tuple[str, ...]
    """The registrars that can do it, in order of preference."""
    months: int
    price: Money
    payment: Outside | FromBalance
    expected_expiry: str | None
    handles: Mapping[str, str]
    nameservers: tuple[Nameserver, ...]
    secrets: "Sealable"
    ceiling: Money | None = None
    privacy: bool = False
    rights_declared: bool = False
    """Whether the customer declared that he looked into the rights to the name (D9)."""
    idn_table: str | None = None
    requested_via: str | None = None
    """The channel by which the customer asked the company for it (C2); whether it is known, the rules say at placement."""
    quote: int | None = None
    """The promised price that the order relies on (O4)."""
    tariff: Tariff = field(default_factory=dict)
    """What the zone's orders cost when it was read; not part of what was asked."""
    lines: tuple[Line, ...] = ()

    @property
    def goes_anywhere(self) -> bool:
        """Tell whether any of its registrars will do: no handle of one of them is named, and none has the name yet."""
        return self.kind in _AT_ANY_SUPPLIER and not self.handles

    def content(self) -> dict[str, Any]:
        """Return what two requests under one key must share, in normal form.

        A wish that is not made is left out: an order of before there was such a wish is still the same.
        """
        paid, ceiling = self.payment, self.ceiling
        wishes = {
            "price_ceiling": [ceiling.amount, ceiling.currency] if ceiling else None,
            "privacy": self.privacy,
            "rights_declared": self.rights_declared,
            "idn_table": self.idn_table,
            "requested_via": self.requested_via,
            "quote": self.quote,
            "lines": [
                [line.line, str(line.kind), line.text, line.amount.amount, line.refundable, line.delivered]
                for line in self.lines
            ],
        }
        return {
            "customer": self.customer,
            "kind": str(self.kind),
            "domain": self.domain.ascii,
            "months": self.months,
            "price": [self.price.amount, self.price.currency],
            "payment": _told(paid) if isinstance(paid, Outside) else "balance",
            "expected_expiry": self.expected_expiry,
            "handles": dict(self.handles),
            "nameservers": [[host.host, *host.addresses] for host in self.nameservers],
            "secrets": self.secrets.reveal(),
            **{name: wish for name, wish in wishes.items() if wish},
        }


def _told(paid: Outside) -> list[Any]:
    gift = [paid.gift] if paid.gift else []
    return [paid.paid_at.isoformat(), paid.reference, *gift]


class Sealable:
    """An order's auth code, PIN and contacts' data, between the door and the seal."""

    __slots__ = ("_auth_info", "_contacts", "_pin")

    def __init__(
        self,
        *,
        auth_info: str | None,
        contacts: Mapping[str, Mapping[str, Any]],
        pin: str | None = None,
    ) -> None:
        self._auth_info = auth_info
        self._contacts = contacts
        self._pin = pin

    def __bool__(self) -> bool:
        return self._auth_info is not None or self._pin is not None or bool(self._contacts)

    def __repr__(self) -> str:
        return "***"

    def reveal(self) -> dict[str, Any]:
        """Return it as JSON, to be sealed; `pin` only if there is one."""
        return {
            "auth_info": self._auth_info,
            "contacts": {role: dict(data) for role, data in self._contacts.items()},
            **({} if self._pin is None else {"pin": self._pin}),
        }


def parse_request(body: object, *, key: object, channel: str, catalogue: Catalogue) -> OrderRequest:
    """Read an order; raises `RequestRefusedError`. Nothing is stored.

    `body` is JSON as Python values: `customer`, `kind` (one of `Kind`), `domain`, `months`, `price`
    {amount in minor units, currency}, `payment` {"source": "outside", "paid_at", "reference"}, with `gift` if so many minor
    units come from the customer's gift, or {"source": "balance"}; `lines` beside the name (see `Line`);
    a renewal's `expected_expiry` (a date, an instant, or `any`); a transfer's `auth_info`; a registration's `contacts` by
    role ({"handle": …} or a person) and `nameservers` (host names, or {"host", "addresses"} for glue), `privacy` (true:
    the holder's data hidden), `rights_declared` (true: the customer looked into the rights to the name, D9) and an internationalized name's `idn_table`; a change of holder's `contacts` (the new
    handles) and `pin`. `price_ceiling` {amount, currency} is the most it may cost at the registrar (O4); `requested_via`
    the channel by which the customer asked for it (C2); `quote` the number of the quote whose price it relies on (O4).
    """
    fields = _object(body, "the order")
    unknown = sorted(set(fields) - _FIELDS)
    if unknown:
        raise RequestRefusedError(
            "unknown_field",
            f"unknown field {unknown[0]!r}; known: {', '.join(sorted(_FIELDS))}",
            field=unknown[0],
        )
    kind = _kind(_text(fields, "kind"))
    domain = _domain(_text(fields, "domain"), catalogue)
    offer = catalogue[domain.zone]
    if kind not in offer.routes:
        raise RequestRefusedError(
            "kind_not_offered", f"a {kind} is not offered for names under {offer.zone!r}", field="kind"
        )
    handles, people = _contacts(fields, kind)
    if kind is Kind.CHANGE_HOLDER:
        _require_new_holder(handles, people)
    price = _price(fields, offer)
    lines = _lines(fields, price.currency)
    request = OrderRequest(
        key=parse_key(key),
        channel=channel,
        customer=_text(fields, "customer"),
        kind=kind,
        domain=domain,
        route=offer.routes[kind],
        months=_months(fields, kind, offer),
        price=price,
        payment=_payment(fields, price.amount + sum(line.amount.amount for line in lines)),
        expected_expiry=_expected_expiry(fields, kind),
        handles=handles,
        nameservers=_nameservers(fields, kind),
        secrets=Sealable(auth_info=_auth_info(fields, kind), contacts=people, pin=_pin(fields, kind)),
        ceiling=_ceiling(fields, kind),
        privacy=_of_registration(fields, kind, "privacy"),
        rights_declared=_of_registration(fields, kind, "rights_declared"),
        idn_table=_idn_table(fields, kind),
        requested_via=parse_channel(fields.get("requested_via"), field="requested_via"),
        quote=_quote(fields),
        tariff=offer.prices,
        lines=lines,
    )
    return replace(request, route=_able(request, {*handles, *people}, offer))


def parse_question(body: object, *, catalogue: Catalogue, rules: RuleBook, now: datetime) -> Question:
    """Read what somebody asks a price for; raises `RequestRefusedError`.

    `body` is JSON as Python values: `domain`, `kind`, `months` (the shortest term, if left out), `customer` (with one the
    price is promised to him), `price` (where no tariff says one), `expires_at` and `at` (a date, which counts to its end,
    or an instant), and `look` (true or false: whether the registrar is asked). A promise is made now, so `at` and
    `customer` exclude each other.
    """
    fields = _object(body, "the question")
    if unknown := sorted(set(fields) - _QUESTIONS):
        known = ", ".join(sorted(_QUESTIONS))
        raise RequestRefusedError(
            "unknown_field", f"unknown field {unknown[0]!r}; known: {known}", field=unknown[0]
        )
    kind = _kind(_text(fields, "kind"))
    domain = _domain(_text(fields, "domain"), catalogue)
    offer = catalogue[domain.zone]
    if kind not in offer.routes:
        raise RequestRefusedError(
            "kind_not_offered", f"a {kind} is not offered for names under {offer.zone!r}", field="kind"
        )
    if fields.get("at") is not None and fields.get("customer") is not None:
        raise RequestRefusedError(
            "field_unexpected", "a price is promised now: leave out at, or the customer", field="at"
        )
    look = fields.get("look")
    if look is not None and type(look) is not bool:
        raise RequestRefusedError("field_invalid", "look is true or false", field="look")
    in_force = rules.rules(domain.zone, at=now)
    return Question(
        domain=domain,
        kind=kind,
        months=_months(fields, kind, offer) if "months" in fields else min(offer.months[kind]),
        customer=_text(fields, "customer") if fields.get("customer") is not None else None,
        price=_price(fields, offer) if fields.get("price") is not None else None,
        expires_at=_date_or_instant(fields, "expires_at", in_force),
        at=_date_or_instant(fields, "at", in_force),
        look=look,
    )


def parse_key(key: object) -> str:
    """Return the order's key, or say what a key must be."""
    if not isinstance(key, str) or not key.strip():
        raise RequestRefusedError(
            "key_missing",
            "an order needs a key of your own, so that sending it again cannot order twice",
            field="key",
        )
    if len(key) > MAX_KEY or not key.isprintable():
        raise RequestRefusedError("key_invalid", f"a key is 1-{MAX_KEY} printable characters", field="key")
    if key.strip().startswith(OWN_KEYS):
        raise RequestRefusedError(
            "key_invalid", f"keys that start with {OWN_KEYS!r} are for our own orders", field="key"
        )
    return key.strip()


def parse_channel(given: object, *, field: str) -> str | None:
    """Return a channel's name as the rules may have it, or None where none is given (C2)."""
    if given is None:
        return None
    if not isinstance(given, str) or not _CHANNEL.fullmatch(given):
        raise RequestRefusedError(
            "field_invalid",
            f"{field} is a channel's name as the rules have it: support, fax, email …",
            field=field,
        )
    return given


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a correction changes; all empty: it was put right where we do not see it. `repr` does not show the sealed."""

    handles: Mapping[str, str] = field(default_factory=dict)
    nameservers: tuple[Nameserver, ...] = ()
    secrets: Sealable = field(default_factory=lambda: Sealable(auth_info=None, contacts={}))
    ceiling: Money | None = None


def parse_corrections(body: object, *, kind: Kind) -> Corrections:
    """Read what a correction changes: the auth code, the PIN, one or more contacts, the name servers, the ceiling.

    `{"done": true}` says that it was put right where we do not see it (a lock, documents): it changes nothing here, and
    whether that is an answer, the order decides. Raises `RequestRefusedError`.
    """
    fields = _object(body, "the correction")
    unknown = sorted(set(fields) - _CORRECTIONS)
    if unknown or not fields:
        raise RequestRefusedError(
            "unknown_field",
            f"a correction has one or more of {', '.join(sorted(_CORRECTIONS))}",
            field=unknown[0] if unknown else None,
        )
    for name, value in fields.items():
        if value in (None, [], {}) or (name == "done" and value is not True):
            raise RequestRefusedError(
                "field_invalid", f"{name} corrects nothing: leave it out, or say what is new", field=name
            )
    handles, people = _contacts(fields, kind)
    sealed = Sealable(auth_info=_auth_info(fields, kind), contacts=people, pin=_pin(fields, kind))
    return Corrections(handles, _nameservers(fields, kind), sealed, _ceiling(fields, kind))


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RequestRefusedError("not_an_object", f"{what} must be a JSON object")
    return value


def _text(
    fields: Mapping[str, Any], name: str, *, where: str = "", fits: Callable[[str], bool] = str.isprintable
) -> str:
    value = fields.get(name)
    path = f"{where}{name}"
    if value is None:
        raise RequestRefusedError("field_missing", f"{path} is missing", field=path)
    if not isinstance(value, str) or not value.strip() or len(value) > 255 or not fits(value):
        raise RequestRefusedError(
            "field_invalid", f"{path} must be 1-255 printable characters of text", field=path
        )
    return value.strip()


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError as error:
        known = ", ".join(Kind)
        raise RequestRefusedError(
            "kind_unknown", f"unknown kind {text!r}; known: {known}", field="kind"
        ) from error


def _domain(text: str, catalogue: Catalogue) -> DomainName:
    try:
        return DomainName.parse(text, zones=catalogue.keys())
    except NameRefusedError as error:
        raise RequestRefusedError(error.code, str(error), field="domain") from error


def _months(fields: Mapping[str, Any], kind: Kind, offer: ZoneOffer) -> int:
    months = fields.get("months")
    sold = sorted(offer.months[kind])
    if type(months) is not int or months not in sold:
        terms = ", ".join(map(str, sold))
        must = "one of" if type(months) is int else "a whole number, not text or a fraction: one of"
        raise RequestRefusedError(
            "term_not_sold",
            f"months must be {must} {terms} for a {kind} under {offer.zone!r}",
            field="months",
        )
    return months


def _price(fields: Mapping[str, Any], offer: ZoneOffer) -> Money:
    amount, currency = _amount(fields, "price")
    if currency != offer.currency or currency not in MINOR_UNITS:
        raise RequestRefusedError(
            "currency_wrong",
            f"names under {offer.zone!r} are sold in {offer.currency}",
            field="price.currency",
        )
    return Money(amount, offer.currency)


def _ceiling(fields: Mapping[str, Any], kind: Kind) -> Money | None:
    """Read the most that the order may cost at the registrar, in the registrar's own currency."""
    if fields.get("price_ceiling") is None:
        return None
    if kind in _WITHOUT_CEILING:
        raise RequestRefusedError("field_unexpected", f"a {kind} has no price_ceiling", field="price_ceiling")
    amount, currency = _amount(fields, "price_ceiling")
    if currency not in MINOR_UNITS:
        raise RequestRefusedError(
            "currency_wrong",
            f"price_ceiling.currency is one of {', '.join(sorted(MINOR_UNITS))}",
            field="price_ceiling.currency",
        )
    return Money(amount, currency)


def _quote(fields: Mapping[str, Any]) -> int | None:
    number = fields.get("quote")
    if number is not None and (type(number) is not int or not 0 < number < 2**63):
        raise RequestRefusedError("field_invalid", "quote is the number of a quote", field="quote")
    return number


def _amount(fields: Mapping[str, Any], name: str) -> tuple[int, Any]:
    """Read an amount in minor units, with the currency as it stands."""
    price = _object(fields.get(name), name)
    amount = price.get("amount")
    if set(price) - {"amount", "currency"}:
        raise RequestRefusedError(
            "unknown_field", f"{name} has an amount and a currency, nothing else", field=name
        )
    if type(amount) is not int or amount < 0:
        raise RequestRefusedError(
            "price_invalid",
            f"{name}.amount must be a whole number of minor units, not negative",
            field=f"{name}.amount",
        )
    if amount > _MAX_AMOUNT:
        raise RequestRefusedError(
            "price_invalid",
            f"{name}.amount is too large: at most {_MAX_AMOUNT} minor units",
            field=f"{name}.amount",
        )
    return amount, price.get("currency")


def _payment(fields: Mapping[str, Any], cost: int) -> Outside | FromBalance:
    payment = _object(fields.get("payment"), "payment")
    match payment.get("source"):
        case "balance" if set(payment) == {"source"}:
            return FromBalance()
        case "outside" if set(payment) <= {"source", "paid_at", "reference", "gift"}:
            paid_at = _instant(_text(payment, "paid_at", where="payment."), "payment.paid_at")
            return Outside(paid_at, _text(payment, "reference", where="payment."), _gift(payment, cost))
    raise RequestRefusedError(
        "payment_invalid",
        'payment is {"source": "outside", "paid_at": …, "reference": …} or {"source": "balance"}',
        field="payment",
    )


def _gift(payment: Mapping[str, Any], cost: int) -> int:
    gift = payment.get("gift", 0)
    if type(gift) is not int or not 0 <= gift <= cost:
        raise RequestRefusedError(
            "payment_invalid",
            f"payment.gift is a whole number of minor units, at most what the order costs: {cost}",
            field="payment.gift",
        )
    return gift


def _lines(fields: Mapping[str, Any], currency: str) -> tuple[Line, ...]:
    """Read the lines beside the name: each has a name of its own and costs something."""
    given = fields.get("lines", [])
    if not isinstance(given, list) or len(given) > _MAX_LINES:
        raise RequestRefusedError("field_invalid", f"lines is a list of at most {_MAX_LINES}", field="lines")
    lines = tuple(_line(line, f"lines.{place}", currency) for place, line in enumerate(given))
    names = [line.line for line in lines]
    if len(set(names)) != len(names):
        raise RequestRefusedError("field_invalid", "two lines share a name", field="lines")
    return lines


def _line(given: object, where: str, currency: str) -> Line:
    fields = _object(given, where)
    _known(fields, {"line", "kind", "text", "amount", "refundable", "delivered"}, where)
    name, kind, amount = fields.get("line"), fields.get("kind"), fields.get("amount")
    if not isinstance(name, str) or not _LINE_NAME.fullmatch(name) or name == LineKind.DOMAIN:
        raise RequestRefusedError(
            "field_invalid",
            f"{where}.line is a name of 1-24 small letters, digits, hyphens and underscores, other than domain",
            field=f"{where}.line",
        )
    if kind not in (LineKind.FEE, LineKind.SERVICE):
        raise RequestRefusedError("field_invalid", f"{where}.kind is fee or service", field=f"{where}.kind")
    if type(amount) is not int or not 0 < amount <= _MAX_AMOUNT:
        raise RequestRefusedError(
            "price_invalid",
            f"{where}.amount is a whole number of minor units, 1 to {_MAX_AMOUNT}",
            field=f"{where}.amount",
        )
    text = _text(fields, "text", where=f"{where}.", fits=is_readable)
    refundable, delivered = (_yes_or_no(fields, name, where) for name in ("refundable", "delivered"))
    return Line(name, LineKind(kind), text, Money(amount, currency), refundable, delivered)


def _yes_or_no(fields: Mapping[str, Any], name: str, where: str) -> bool:
    value = fields.get(name)
    if type(value) is not bool:
        raise RequestRefusedError(
            "field_invalid", f"{where}.{name} is true or false", field=f"{where}.{name}"
        )
    return value


def _instant(text: str, field: str) -> datetime:
    """Read a time with its zone, as UTC: one instant written in two zones is one."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise RequestRefusedError(
        "time_invalid", f"{field} must be a time with its zone, as 2026-11-22T10:00:00Z", field=field
    )


def _date_or_instant(fields: Mapping[str, Any], name: str, rules: Rules) -> datetime | None:
    """Read an instant; a bare date is the end of that day in the zone's time zone (D2)."""
    if fields.get(name) is None:
        return None
    text = _text(fields, name)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is not None and read.year in _YEARS:
        if text == read.date().isoformat():
            return end_of_day(read.date(), rules.renewal)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    raise RequestRefusedError(
        "time_invalid", f"{name} must be a date (2027-03-01) or a time with its zone", field=name
    )


def _expected_expiry(fields: Mapping[str, Any], kind: Kind) -> str | None:
    """Read against which expiry a renewal is ordered: without it two orders could buy two years by mistake."""
    if kind not in RENEWALS:
        if "expected_expiry" in fields:
            raise RequestRefusedError(
                "field_unexpected", f"a {kind} has no expected_expiry", field="expected_expiry"
            )
        return None
    if "expected_expiry" not in fields:
        raise RequestRefusedError(
            "expected_expiry_missing",
            'a renewal says which expiry it is ordered against: the date the customer saw, or in so many words "any"',
            field="expected_expiry",
        )
    text = _text(fields, "expected_expiry")
    if text == ANY_EXPIRY:
        return text
    try:
        expiry = datetime.fromisoformat(text)
    except ValueError:
        expiry = None
    is_date = expiry is not None and text == expiry.date().isoformat()
    if expiry is None or (expiry.tzinfo is None and not is_date):
        raise RequestRefusedError(
            "time_invalid",
            'expected_expiry is a date (2027-03-01), a time with its zone, or "any"',
            field="expected_expiry",
        )
    return text


def _auth_info(fields: Mapping[str, Any], kind: Kind) -> str | None:
    if fields.get("auth_info") is None:
        return None
    if kind is not Kind.TRANSFER:
        raise RequestRefusedError("field_unexpected", f"a {kind} has no auth_info", field="auth_info")
    return _secret(fields, "auth_info")


def _pin(fields: Mapping[str, Any], kind: Kind) -> str | None:
    if fields.get("pin") is None:
        return None
    if kind is not Kind.CHANGE_HOLDER:
        raise RequestRefusedError("field_unexpected", f"a {kind} has no pin", field="pin")
    return _secret(fields, "pin")


def _secret(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not 1 <= len(value) <= 255 or not value.isprintable():
        raise RequestRefusedError(
            "field_invalid", f"{name} must be 1-255 printable characters of text", field=name
        )
    return value


def _of_registration(fields: Mapping[str, Any], kind: Kind, name: str) -> bool:
    """Read what is true or false of a registration, and of nothing else."""
    value = fields.get(name, False)
    if type(value) is not bool:
        raise RequestRefusedError("field_invalid", f"{name} is true or false", field=name)
    if value and kind is not Kind.REGISTER:
        raise RequestRefusedError("field_unexpected", f"a {kind} has no {name}", field=name)
    return value


def _idn_table(fields: Mapping[str, Any], kind: Kind) -> str | None:
    if fields.get("idn_table") is None:
        return None
    if kind is not Kind.REGISTER:
        raise RequestRefusedError("field_unexpected", f"a {kind} has no idn_table", field="idn_table")
    return _text(fields, "idn_table")


def _contacts(fields: Mapping[str, Any], kind: Kind) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Read contacts by role: handles may be read by anybody, people's data will be sealed."""
    given = _object(fields.get("contacts", {}), "contacts")
    if given and kind not in _WITH_CONTACTS:
        raise RequestRefusedError("field_unexpected", f"a {kind} has no contacts", field="contacts")
    handles: dict[str, str] = {}
    people: dict[str, dict[str, Any]] = {}
    for role, contact in given.items():
        where = f"contacts.{role}"
        if role not in set(ContactRole):
            raise RequestRefusedError(
                "unknown_field", f"unknown role {role!r}; known: {', '.join(ContactRole)}", field=where
            )
        contact_fields = _object(contact, where)
        if "handle" in contact_fields:
            _known(contact_fields, {"handle"}, where)
            handles[role] = _text(contact_fields, "handle", where=f"{where}.")
        else:
            people[role] = _person(contact_fields, where)
    return handles, people


def _require_new_holder(handles: Mapping[str, str], people: Mapping[str, object]) -> None:
    if people or ContactRole.REGISTRANT not in handles:
        raise RequestRefusedError(
            "contact_missing",
            "a change of holder names the new holder's own handle: contacts.registrant {\"handle\": …}, and no person's data",
            field="contacts.registrant",
        )


def _able(request: OrderRequest, roles: Collection[str], offer: ZoneOffer) -> tuple[str, ...]:
    """Return those of the route that can carry the order out; if none can, say why the first cannot."""
    able: list[str] = []
    first: RequestRefusedError | None = None
    for name in request.route:
        try:
            if name in offer.suppliers:
                _require_able(request, roles, offer.suppliers[name], zone=offer.zone)
        except RequestRefusedError as refused:
            first = first or refused
        else:
            able.append(name)
    if not able and first is not None:
        raise first
    return tuple(able)


def _require_able(request: OrderRequest, roles: Collection[str], can: Capabilities, *, zone: str) -> None:
    """Refuse what a supplier cannot do, before anybody pays for it."""
    kind, months = request.kind, request.months
    if months not in can.months.get(kind, frozenset({months})):
        terms = ", ".join(map(str, sorted(can.months[kind])))
        raise RequestRefusedError(
            "term_not_possible", f"a {kind} under {zone!r} is possible for {terms} months", field="months"
        )
    needed = {Kind.REGISTER: can.contact_roles, Kind.TRANSFER: can.transfer_contact_roles}.get(kind, ())
    if missing := [role for role in ContactRole if role in needed and role not in roles]:
        raise RequestRefusedError(
            "contact_missing",
            f"a {_NOUNS[kind]} under {zone!r} needs contacts.{missing[0]}",
            field=f"contacts.{missing[0]}",
        )
    if request.privacy and not can.privacy:
        raise RequestRefusedError(
            "privacy_not_possible", f"the holder's data cannot be hidden under {zone!r}", field="privacy"
        )
    if len(request.nameservers) > can.max_nameservers:
        raise RequestRefusedError(
            "too_many_nameservers",
            f"a name under {zone!r} has at most {can.max_nameservers} name servers",
            field="nameservers",
        )
    _require_table(request, can, zone=zone)


def _require_table(request: OrderRequest, can: Capabilities, *, zone: str) -> None:
    table = request.idn_table
    wanted = request.kind is Kind.REGISTER and can.idn_tables and _is_internationalized(request.domain)
    if (table is None and wanted) or (table is not None and table not in can.idn_tables):
        known = ", ".join(sorted(can.idn_tables))
        must = f"is one of {known}" if known else "is not asked for: leave it out"
        raise RequestRefusedError(
            "idn_table_not_possible", f"idn_table under {zone!r} {must}", field="idn_table"
        )


def _is_internationalized(domain: DomainName) -> bool:
    return domain.ascii.removesuffix(f".{domain.zone}").startswith("xn--")


_NOUNS: Mapping[Kind, str] = {Kind.REGISTER: "registration", Kind.TRANSFER: "transfer"}


def _person(fields: Mapping[str, Any], where: str) -> dict[str, Any]:
    _known(fields, {*_PERSON_REQUIRED, *_PERSON_OPTIONAL, "reference"}, where)
    person: dict[str, Any] = {"reference": _text(fields, "reference", where=f"{where}.")}
    for name in _PERSON_REQUIRED:
        person[name] = _street(fields, where) if name == "street" else _of_person(fields, name, where)
    for name in _PERSON_OPTIONAL:
        if fields.get(name) is not None:
            person[name] = _of_person(fields, name, where)
    return person


def _of_person(fields: Mapping[str, Any], name: str, where: str) -> str:
    fits = is_readable if name in _IN_WORDS else str.isprintable
    return _text(fields, name, where=f"{where}.", fits=fits)


def _street(fields: Mapping[str, Any], where: str) -> list[str]:
    street = fields.get("street")
    lines = [street] if isinstance(street, str) else street
    if not isinstance(lines, list) or not 1 <= len(lines) <= 3:
        raise RequestRefusedError(
            "field_invalid", f"{where}.street is one to three lines of text", field=f"{where}.street"
        )
    return [_of_person({"street": line}, "street", where) for line in lines]


def _nameservers(fields: Mapping[str, Any], kind: Kind) -> tuple[Nameserver, ...]:
    given = fields.get("nameservers", [])
    if given and kind not in _WITH_NAMESERVERS:
        raise RequestRefusedError(
            "field_unexpected", f"a {kind} leaves the name servers as they are", field="nameservers"
        )
    if not isinstance(given, list) or len(given) > _MAX_NAMESERVERS:
        raise RequestRefusedError(
            "field_invalid", f"nameservers is a list of at most {_MAX_NAMESERVERS}", field="nameservers"
        )
    return tuple(_nameserver(host, f"nameservers.{place}") for place, host in enumerate(given))


def _nameserver(given: object, where: str) -> Nameserver:
    fields: Mapping[str, Any] = {"host": given} if isinstance(given, str) else _object(given, where)
    _known(fields, {"host", "addresses"}, where)
    addresses = fields.get("addresses", [])
    if not isinstance(addresses, list) or not all(_is_address(address) for address in addresses):
        raise RequestRefusedError(
            "field_invalid", f"{where}.addresses is a list of IP addresses", field=where
        )
    try:
        return Nameserver(host_name(_text(fields, "host", where=f"{where}.")), tuple(addresses))
    except NameRefusedError as error:
        raise RequestRefusedError(error.code, str(error), field=where) from error


def _is_address(given: object) -> bool:
    try:
        return isinstance(given, str) and bool(ip_address(given))
    except ValueError:
        return False


def _known(fields: Mapping[str, Any], known: AbstractSet[str], where: str) -> None:
    """Refuse a field that would be dropped in silence."""
    unknown = sorted(set(fields) - known)
    if unknown:
        raise RequestRefusedError(
            "unknown_field", f"unknown field {where}.{unknown[0]}", field=f"{where}.{unknown[0]}"
        )
