"""Of what is a story of the demo made? A part: one order, what the registrars' books are told beforehand, how it may end.

A part decides nothing: a step puts a name or a misbehaviour into a registrar's books before the curtain rises, and `ends`
is what a customer may see at the end, whatever else goes wrong meanwhile (a worker killed, a deposit run dry, an order
that goes on to the next supplier). Everybody here is invented, and every name says that it is an example.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from adapters.sandbox.books import Books
from adapters.sandbox.irnic.contacts import add_handle
from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.records import Domain, as_text
from registrar.names import DomainName
from tasks.sandbox import BILLING_HANDLE, EXAMPLE_HANDLES, HOUSE_CUSTOMER

Step = Callable[[Books], object]
"""Something done to a registrar's books before the first order is placed."""

COMPLETED = frozenset({"completed"})
REFUSED = frozenset({"refused"})

HOLDER, NEW_HOLDER = EXAMPLE_HANDLES
"""NIC handles that the sandbox lets us use in every role."""
OTHER_REGISTRAR = "another-registrar"
OTHER_AGENT = "zz999-irnic"
"""Who looks after a .ir name that is not with us."""
ALWAYS = 9
"""Times of what decides an order's end: after a worker's death it may be asked again, and must be told the same."""
DECISION_SECONDS = 0.5
PERSIAN_ZONE = "xn--mgba3a4f16a"

ROUTES: Mapping[str, tuple[str, ...]] = {
    "com": ("epp",),
    "ir": ("irnic",),
    "co.ir": ("irnic",),
    PERSIAN_ZONE: ("irnic",),
    "net": ("logicboxes", "opensrs"),
    "org": ("opensrs", "openprovider"),
    "eu": ("openprovider",),
}
"""Which registrars may carry an order out, by zone, as the sandbox's configuration has it."""

_YEAR = 12
_COMMANDS = {
    "register": "domain:create",
    "renew": "domain:renew",
    "renew_elsewhere": "domain:renew",
    "transfer": "domain:transfer",
    "restore": "domain:restore",
    "change_holder": "domain:transfer",
}
_PRICES = {
    "com": (1299, "USD"),
    "net": (1899, "USD"),
    "org": (1799, "USD"),
    "eu": (999, "EUR"),
    "ir": (4_500_000, "IRR"),
    "co.ir": (4_500_000, "IRR"),
    PERSIAN_ZONE: (3_900_000, "IRR"),
}
"""What the shop asks for a year, or for what adds none, in minor units; invented, like the shop."""
_ROLES = {
    "com": ("registrant", "admin", "tech"),
    "net": ("registrant", "admin", "tech", "billing"),
    "org": ("registrant", "admin", "tech", "billing"),
    "eu": ("registrant",),
}
"""Whom an order must name, where any of the zone's registrars is to be able to carry it out."""
_LONGEST_YEARS = {"net": 2, "org": 2, "eu": 2}
"""Where the longest term that is sold is shorter than a role's."""
_RENEWED_AHEAD = {"eu": timedelta(days=30)}
"""How long before a name's end its registry must have been paid, where that is the date that the registrar tells."""
_PERSIAN_DIGITS = "ابپتدرسمنو"
"""A Persian label has no digits at its end, so a part's number is spelled in letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One part in the play before it has a story: its number, its instant, and what chance dealt it."""

    number: int
    now: datetime
    days_left: int
    """Until its name expires, where it has one."""
    years: int
    """Its term, where a longer one is sold."""

    def name(self, zone: str) -> str:
        """Return its name in a zone, as a customer writes it."""
        if zone == PERSIAN_ZONE:
            return f"نمونه{''.join(_PERSIAN_DIGITS[int(digit)] for digit in f'{self.number:03}')}.ایران"
        return f"example-{self.number:04}.{zone}"

    @property
    def key(self) -> str:
        """Its order's key."""
        return f"demo-{self.number:04}"

    @property
    def customer(self) -> str:
        """Its customer; each has several orders."""
        return f"invented-customer-{self.number % 40:02}"

    @property
    def auth_code(self) -> str:
        """The auth code of its name at the losing registrar."""
        return f"Example-{self.number:04}!"

    @property
    def expires_at(self) -> datetime:
        """When its name expires: at noon, which is the same date in Tehran."""
        return datetime.combine(self.now.date() + timedelta(days=self.days_left), time(12), UTC)

    def expiry_seen(self, zone: str) -> str:
        """The date that its customer sees: the one by which a name of the zone must be renewed."""
        return (self.expires_at - _RENEWED_AHEAD.get(zone, timedelta(0))).date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One order with its story. `order` is JSON for the API, with its `key`; `name` is the A-label in the books."""

    order: dict[str, Any]
    registrars: tuple[str, ...]
    """Where it may be carried out, in order of preference; each is told of the story."""
    name: str
    ends: frozenset[str] = COMPLETED
    steps: tuple[tuple[str, Step], ...] = ()
    """What is done to whose books."""
    correction: Mapping[str, Any] | None = None
    """What the customer puts right when asked."""
    has_mail: bool = False
    """The customer is asked for the PIN that IRNIC has mailed."""

    @property
    def registrar(self) -> str:
        """Where it is to be carried out, unless that registrar cannot take it just then."""
        return self.registrars[0]

    @property
    def command(self) -> str:
        """The sandbox's word for the command that this order sends."""
        return _COMMANDS[self.order["kind"]]

    def but(self, *steps: Step, ends: frozenset[str] | None = None) -> "Part":
        """Return it with more steps, at each of its registrars, and another end if one is given."""
        everywhere = tuple((registrar, step) for registrar in self.registrars for step in steps)
        return replace(self, steps=(*self.steps, *everywhere), ends=ends or self.ends)

    def wrong(self, behaviour: Behaviour, *, argument: str | float = "", times: int = 1) -> "Part":
        """Return it with its own command going wrong at the registrar."""
        return self.but(goes_wrong(behaviour, self.command, self.name, argument=argument, times=times))

    def decided(self, verdict: Behaviour, *, ends: frozenset[str] = COMPLETED) -> "Part":
        """Return it with a decision of the registry's, some time after the command was accepted."""
        part = self.wrong(verdict, argument=DECISION_SECONDS, times=ALWAYS)
        return replace(part, ends=ends)

    def with_name_at(self, registrar: str | None, role: Role, *, in_redemption: bool = False) -> "Part":
        """Return it about a name that is ours at one of its registrars (the first unless told), as the others see."""
        home = registrar or self.registrar
        ours = _IN_REDEMPTION[home](role) if in_redemption else _OURS.get(home, {})
        away = holds_name(self.name, role, sponsor=OTHER_REGISTRAR)
        others = tuple((other, away) for other in self.registrars if other != home)
        here = (home, holds_name(self.name, role, **ours))
        return replace(self, registrars=(home,), steps=(*self.steps, *others, here))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A story that is told `share` times among two hundred orders; with no share it fills what is left."""

    title: str
    write: Callable[[Role], Part]
    share: int = 0
    opens: bool = False
    """Its orders are placed before all others, while staff keep its first supplier on hold."""


# --- orders ---


def register(role: Role, zone: str = "com") -> Part:
    """Order a name that is free."""
    years = min(role.years, _LONGEST_YEARS.get(zone, role.years))
    return _part(
        replace(role, years=years),
        "register",
        zone,
        contacts=_people(role, zone) or {"registrant": {"handle": HOLDER}},
        nameservers=["ns1.example.net", "ns2.example.net"],
    )


def renew(
    role: Role, zone: str = "com", *, at: str | None = None, expected_expiry: str | None = None
) -> Part:
    """Order a renewal of a name that is ours at a registrar of the zone, against the date that the customer saw."""
    seen = expected_expiry or role.expiry_seen(zone)
    part = _part(replace(role, years=1), "renew", zone, expected_expiry=seen)
    return part.with_name_at(at, role)


def transfer(role: Role, zone: str = "com", *, auth_code: str | None = None) -> Part:
    """Order the move of a name to us."""
    people = {} if zone == "com" else {"contacts": _people(role, zone)}
    part = _part(replace(role, years=1), "transfer", zone, auth_info=auth_code or role.auth_code, **people)
    return part.but(holds_name(part.name, role, sponsor=OTHER_REGISTRAR))


def restore(role: Role, zone: str = "com") -> Part:
    """Order a name of ours back that was deleted, out of its redemption."""
    return _part(replace(role, years=0), "restore", zone).with_name_at(None, role, in_redemption=True)


def renew_elsewhere(role: Role) -> Part:
    """Order a renewal of a .ir name that another agent looks after; its holder lets us pay."""
    part = _part(replace(role, years=1), "renew_elsewhere", "ir", expected_expiry=role.expiry_seen("ir"))
    return part.but(holds_name(part.name, role, sponsor=OTHER_AGENT, contacts=_ir_contacts(HOLDER)))


def change_holder(role: Role) -> Part:
    """Order a .ir name's move to another holder, without the PIN: IRNIC mails one, and the customer is asked for it."""
    part = _part(
        replace(role, years=0), "change_holder", "ir", contacts={"registrant": {"handle": NEW_HOLDER}}
    )
    no_mail_yet = holds_name(part.name, role, auth_info="", contacts=_ir_contacts(HOLDER))
    return replace(part, has_mail=True).but(no_mail_yet)


def taken_meanwhile(part: Part, role: Role) -> Part:
    """Let somebody else have the name between our look, which still sees it free, and our order."""
    commands = ("domain:info",) if part.registrar == "epp" else ("domain:info", "domain:check")
    looks = (goes_wrong(Behaviour.STALE, command, part.name) for command in commands)
    return part.but(becomes_taken(part.name, role), *looks, ends=REFUSED)


def taken_before(part: Part, role: Role) -> Part:
    """Order a name that somebody else has had for long."""
    return part.but(holds_name(part.name, role, sponsor=OTHER_REGISTRAR), ends=REFUSED)


def refused(part: Part, answer: str) -> Part:
    """Let the registrar refuse it for good, in its own code and words."""
    return part.wrong(Behaviour.REFUSE, argument=answer, times=ALWAYS).but(ends=REFUSED)


def transfer_with_wrong_code(role: Role, zone: str = "com") -> Part:
    """Order a transfer with an auth code that the customer mistyped, and corrects when asked."""
    part = transfer(role, zone, auth_code="Mistyped!")
    return replace(part, correction={"auth_info": role.auth_code})


def register_with_wrong_handle(role: Role) -> Part:
    """Name a holder who does not let us use his handle; the customer names another one when asked."""
    handle = f"no{role.number:04}-irnic"
    part = register(role, "ir")
    order = {**part.order, "contacts": {"registrant": {"handle": handle}}}
    correction = {"contacts": {"registrant": {"handle": HOLDER}}}
    return replace(part, order=order, correction=correction).but(knows_handle(handle, allowed=("tech",)))


def renew_with_stale_look(role: Role) -> Part:
    """Lose a renewal's reply, and let the next look still show the name as it was before.

    The look before the order uses up one time, with nothing to be behind of yet.
    """
    part = renew(role).wrong(Behaviour.DROP_REPLY)
    return part.but(goes_wrong(Behaviour.STALE, "domain:info", part.name, times=2))


# --- steps ---


def goes_wrong(
    behaviour: Behaviour, command: str, name: str | None, *, argument: str | float = "", times: int = 1
) -> Step:
    """Order a misbehaviour."""
    return lambda books: books.misbehave(
        behaviour, command=command, name=name, argument=argument, times=times
    )


def holds_name(name: str, role: Role, *, sponsor: str | None = None, **more: Any) -> Step:
    """Put a registered name into the books, ours unless another sponsor is named; `more` is for `Books.add_domain`."""
    entry = {"auth_info": role.auth_code, **more}
    return lambda books: books.add_domain(
        name,
        expires_at=role.expires_at,
        created_at=role.now - timedelta(days=400),
        sponsor=sponsor,
        **entry,
    )


def becomes_taken(name: str, role: Role) -> Step:
    """Let another registrar register the name: a change, which a look that lags behind does not show."""

    def step(books: Books) -> None:
        with books.page(role.now) as page:
            page.save(
                Domain(
                    name=name,
                    roid=page.new_roid("D"),
                    sponsor=OTHER_REGISTRAR,
                    created_at=role.now,
                    expires_at=role.now + timedelta(days=365),
                    statuses=("ok",),
                )
            )

    return step


def knows_handle(handle: str, *, allowed: tuple[str, ...]) -> Step:
    """Put a NIC handle into the books, which lets us use it in these roles only."""
    return lambda books: add_handle(books, handle, allowed=allowed)


def _part(role: Role, kind: str, zone: str, **fields: Any) -> Part:
    written = role.name(zone)
    yearly, currency = _PRICES[zone]
    order = {
        "key": role.key,
        "customer": role.customer,
        "kind": kind,
        "domain": written,
        "months": role.years * _YEAR,
        "price": {"amount": yearly * max(role.years, 1), "currency": currency},
        "payment": {
            "source": "outside",
            "paid_at": (role.now - timedelta(minutes=1)).isoformat(),
            "reference": f"invented-payment-{role.number:04}",
        },
        **fields,
    }
    name = DomainName.parse(written, zones={zone})
    return Part(order=order, registrars=ROUTES[zone], name=name.ascii)


def _people(role: Role, zone: str) -> dict[str, Any]:
    return {position: _person(role) for position in _ROLES.get(zone, ())}


def _person(role: Role) -> dict[str, Any]:
    number = role.number % 40
    return {
        "reference": f"invented-person-{number:02}",
        "name": f"Invented Person {number}",
        "email": f"person-{number:02}@example.org",
        "street": ["1 Example Street"],
        "city": "Exampleville",
        "province": "Exampleshire",
        "postal_code": "1234567890",
        "country_code": "IR",
        "voice": "+98.2100000000",
    }


def _ir_contacts(holder: str) -> tuple[tuple[str, str], ...]:
    """Return the contacts of a .ir name; who is `bill` may renew it."""
    return (*((role, holder) for role in ("holder", "admin", "tech")), ("bill", BILLING_HANDLE))


_OF_THE_HOUSE = {"customer_id": HOUSE_CUSTOMER}
_OURS: Mapping[str, Mapping[str, Any]] = {
    "logicboxes": {"statuses": ("Active",), "detail": _OF_THE_HOUSE},
}
"""What the books keep of a name of ours beyond the usual."""

_IN_REDEMPTION: Mapping[str, Callable[[Role], Mapping[str, Any]]] = {
    "epp": lambda _: {"statuses": ("pendingDelete",), "detail": {"rgp": "redemptionPeriod"}},
    "logicboxes": lambda role: {
        "statuses": ("Active",),
        "detail": {**_OF_THE_HOUSE, "deleted_at": as_text(role.now)},
    },
    "opensrs": lambda role: {"detail": {"redeemable_until": as_text(role.now + timedelta(days=20))}},
    "openprovider": lambda role: {"statuses": ("DEL",), "detail": {"deleted_at": as_text(role.now)}},
}
"""What they keep of one that was deleted and can still be restored."""
