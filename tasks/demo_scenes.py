"""What can happen to an order? One scene for each: what is ordered, what the registrar is told to do, how it may end.

A scene writes one order, for one part in the demo. It decides nothing: a step puts a name or a misbehaviour into a
registrar's books before the curtain rises, and `ends` is what a customer may see at the end, whatever else goes wrong
meanwhile (a worker killed, a deposit run dry). Everybody here is invented, and every name says that it is an example.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from adapters.sandbox.books import Books
from adapters.sandbox.irnic.contacts import add_handle
from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.records import Domain
from registrar.names import DomainName

Step = Callable[[Books], object]
"""Something done to a registrar's books before the first order is placed."""

COMPLETED = frozenset({"completed"})
REFUSED = frozenset({"refused"})

HOLDER = "ex01-irnic"
"""A NIC handle that the sandbox lets us use in every role."""
OTHER_REGISTRAR = "another-registrar"
ALWAYS = 9
"""Times of what decides an order's end: after a worker's death it may be asked again, and must be told the same."""
DECISION_SECONDS = 0.5
LATE_SECONDS = 1
"""Below the late limit that the sandbox declares."""
TOO_LATE_SECONDS = 6
"""Beyond the longest call, so that nobody waits for the answer any more."""
PERSIAN_ZONE = "xn--mgba3a4f16a"

_YEAR = 12
_COMMANDS = {"register": "domain:create", "renew": "domain:renew", "transfer": "domain:transfer"}
_PRICES = {
    "com": (1299, "USD"),
    "ir": (4_500_000, "IRR"),
    "co.ir": (4_500_000, "IRR"),
    PERSIAN_ZONE: (3_900_000, "IRR"),
}
"""What the shop asks for a year, in minor units; invented, like the shop."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One order with its story. `order` is JSON for the API, with its `key`; `name` is the A-label in the books."""

    order: dict[str, Any]
    registrar: str
    name: str
    ends: frozenset[str] = COMPLETED
    steps: tuple[Step, ...] = ()
    correction: Mapping[str, Any] | None = None
    """What the customer puts right when asked."""

    def but(self, *steps: Step, ends: frozenset[str] | None = None) -> "Part":
        """Return it with more steps, and another end if one is given."""
        return replace(self, steps=(*self.steps, *steps), ends=ends or self.ends)

    def wrong(self, behaviour: Behaviour, *, argument: str | float = "", times: int = 1) -> "Part":
        """Return it with its own command going wrong at the registrar."""
        return self.but(goes_wrong(behaviour, self.command, self.name, argument=argument, times=times))

    def decided(self, verdict: Behaviour, *, ends: frozenset[str] = COMPLETED) -> "Part":
        """Return it with a decision of the registry's, some time after the command was accepted."""
        part = self.wrong(verdict, argument=DECISION_SECONDS, times=ALWAYS)
        return replace(part, ends=ends)

    @property
    def command(self) -> str:
        """The sandbox's word for the command that this order sends."""
        return _COMMANDS[self.order["kind"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A story that is told `share` times among two hundred orders; with no share it fills what is left."""

    title: str
    write: Callable[[Role], Part]
    share: int = 0


# --- orders ---


def register(role: Role, zone: str = "com") -> Part:
    """Order a name that is free."""
    contacts: Mapping[str, Any] = (
        {position: _person(role) for position in ("registrant", "admin", "tech")}
        if zone == "com"
        else {"registrant": {"handle": HOLDER}}
    )
    return _part(
        role, "register", zone, contacts=contacts, nameservers=["ns1.example.net", "ns2.example.net"]
    )


def renew(role: Role, zone: str = "com", *, expected_expiry: str | None = None) -> Part:
    """Order a renewal of a name that is ours, against the date that the customer saw."""
    seen = expected_expiry or role.expires_at.date().isoformat()
    part = _part(replace(role, years=1), "renew", zone, expected_expiry=seen)
    return part.but(holds_name(part.name, role))


def transfer(role: Role, *, auth_code: str | None = None) -> Part:
    """Order the move of a name to us."""
    part = _part(replace(role, years=1), "transfer", "com", auth_info=auth_code or role.auth_code)
    return part.but(holds_name(part.name, role, sponsor=OTHER_REGISTRAR))


def taken_meanwhile(part: Part, role: Role) -> Part:
    """Let somebody else have the name between our look, which still sees it free, and our order."""
    commands = ("domain:info",) if part.registrar == "epp" else ("domain:info", "domain:check")
    looks = (goes_wrong(Behaviour.STALE, command, part.name) for command in commands)
    return part.but(becomes_taken(part.name, role), *looks, ends=REFUSED)


def taken_before(role: Role) -> Part:
    """Order a name that somebody else has had for long."""
    part = register(role)
    return part.but(holds_name(part.name, role, sponsor=OTHER_REGISTRAR), ends=REFUSED)


def transfer_with_wrong_code(role: Role) -> Part:
    """Order a transfer with an auth code that the customer mistyped, and corrects when asked."""
    return replace(transfer(role, auth_code="Mistyped!"), correction={"auth_info": role.auth_code})


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


def holds_name(name: str, role: Role, *, sponsor: str | None = None) -> Step:
    """Put a registered name into the books, ours unless another sponsor is named."""
    return lambda books: books.add_domain(
        name,
        expires_at=role.expires_at,
        created_at=role.now - timedelta(days=400),
        sponsor=sponsor,
        auth_info=role.auth_code,
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
        "price": {"amount": yearly * role.years, "currency": currency},
        "payment": {
            "source": "outside",
            "paid_at": (role.now - timedelta(minutes=1)).isoformat(),
            "reference": f"invented-payment-{role.number:04}",
        },
        **fields,
    }
    name = DomainName.parse(written, zones={zone})
    return Part(order=order, registrar="epp" if zone == "com" else "irnic", name=name.ascii)


def _person(role: Role) -> dict[str, Any]:
    number = role.number % 40
    return {
        "reference": f"invented-person-{number:02}",
        "name": f"Invented Person {number}",
        "email": f"person-{number:02}@example.org",
        "street": ["1 Example Street"],
        "city": "Exampleville",
        "country_code": "IR",
        "voice": "+98.2100000000",
    }


# --- the play ---

_B = Behaviour

SCENES: tuple[Scene, ...] = (
    Scene(title="registered", write=register),
    Scene(title="renewed", write=renew),
    Scene(title=".ir pending, then approved", write=lambda role: register(role, "ir").decided(_B.APPROVE)),
    Scene(title=".ir renewal pending, then approved", write=lambda role: renew(role, "ir").decided(_B.APPROVE)),
    Scene(title=".co.ir pending, then approved", share=4, write=lambda role: register(role, "co.ir").decided(_B.APPROVE)),
    Scene(title=".ایران pending, then approved", share=4, write=lambda role: register(role, PERSIAN_ZONE).decided(_B.APPROVE)),
    Scene(title="renewed, whatever its expiry", share=4, write=lambda role: renew(role, expected_expiry="any")),
    Scene(title="transferred", share=10, write=lambda role: transfer(role).decided(_B.APPROVE)),

    Scene(title=".ir pending, then rejected and credited", share=6, write=lambda role: register(role, "ir").decided(_B.REJECT, ends=REFUSED)),
    Scene(title=".ir renewal rejected and credited", share=3, write=lambda role: renew(role, "ir").decided(_B.REJECT, ends=REFUSED)),
    Scene(title=".ir documents, then approved", share=2, write=lambda role: register(role, "ir").decided(_B.DOCUMENT_THEN_APPROVE)),
    Scene(title=".ir rejected, then approved after all", share=2, write=lambda role: register(role, "ir").decided(_B.REJECT_THEN_APPROVE)),
    Scene(title="pending, then registered", share=2, write=lambda role: register(role).wrong(_B.PENDING, times=ALWAYS).decided(_B.APPROVE)),
    Scene(title="pending, then rejected and credited", share=2, write=lambda role: register(role).wrong(_B.PENDING, times=ALWAYS).decided(_B.REJECT, ends=REFUSED)),
    Scene(title="transfer rejected and credited", share=3, write=lambda role: transfer(role).decided(_B.REJECT, ends=REFUSED)),

    Scene(title="taken meanwhile and credited", share=4, write=lambda role: taken_meanwhile(register(role), role)),
    Scene(title=".ir taken meanwhile and credited", share=4, write=lambda role: taken_meanwhile(register(role, "ir"), role)),
    Scene(title="taken before we looked, and credited", share=2, write=taken_before),
    Scene(title="refused by policy, and credited", share=2, write=lambda role: register(role).wrong(_B.REFUSE, argument="2306 not this name", times=ALWAYS).but(ends=REFUSED)),
    Scene(title="renewed elsewhere already, and credited", share=2, write=lambda role: renew(role, expected_expiry="2001-01-01").but(ends=REFUSED)),

    Scene(title="registration's reply lost and found", share=3, write=lambda role: register(role).wrong(_B.DROP_REPLY)),
    Scene(title="renewal's reply lost and found", share=3, write=lambda role: renew(role).wrong(_B.DROP_REPLY)),
    Scene(title="transfer's reply lost and found", share=2, write=lambda role: transfer(role).decided(_B.APPROVE).wrong(_B.DROP_REPLY)),
    Scene(title=".ir reply lost and found", share=3, write=lambda role: register(role, "ir").decided(_B.APPROVE).wrong(_B.DROP_REPLY)),
    Scene(title="reply cut off in the middle, and found", share=2, write=lambda role: renew(role).wrong(_B.CUT)),
    Scene(title="garbage for an answer, and found", share=2, write=lambda role: register(role).wrong(_B.GARBAGE)),
    Scene(title=".ir garbage for an answer, and found", share=2, write=lambda role: renew(role, "ir").decided(_B.APPROVE).wrong(_B.GARBAGE)),
    Scene(title="done, but called failed, and found", share=2, write=lambda role: renew(role).wrong(_B.FAIL_AFTER)),
    Scene(title="reply lost, and the look behind the times", share=2, write=renew_with_stale_look),
    Scene(title="done after we gave up, and found", share=2, write=lambda role: register(role).wrong(_B.LATE_WORK, argument=LATE_SECONDS)),

    Scene(title="request lost, truly not done, sent again", share=3, write=lambda role: register(role).wrong(_B.DROP_REQUEST)),
    Scene(title="renewal's request lost, truly not done, sent again", share=3, write=lambda role: renew(role).wrong(_B.DROP_REQUEST)),
    Scene(title=".ir request lost, truly not done, sent again", share=3, write=lambda role: register(role, "ir").decided(_B.APPROVE).wrong(_B.DROP_REQUEST)),
    Scene(title=".ir page for people instead of an answer, sent again", share=2, write=lambda role: renew(role, "ir").decided(_B.APPROVE).wrong(_B.HTML)),
    Scene(title=".ir closed for the night, sent again", share=2, write=lambda role: renew(role, "ir").decided(_B.APPROVE).wrong(_B.CLOSED)),
    Scene(title="closed at the door, tried again", share=1, write=lambda role: renew(role).but(goes_wrong(_B.CLOSED, "connect", None))),
    Scene(title="never answered, not done, sent again", share=1, write=lambda role: renew(role).wrong(_B.FREEZE)),

    Scene(title="answered late", share=2, write=lambda role: renew(role).wrong(_B.LATE, argument=LATE_SECONDS)),
    Scene(title=".ir answered late", share=2, write=lambda role: register(role, "ir").decided(_B.APPROVE).wrong(_B.LATE, argument=LATE_SECONDS)),
    Scene(title="answered too late, and found", share=1, write=lambda role: register(role).wrong(_B.LATE, argument=TOO_LATE_SECONDS)),

    Scene(title="auth code wrong, then corrected", share=4, write=lambda role: transfer_with_wrong_code(role).decided(_B.APPROVE)),
    Scene(title=".ir handle not allowed, then corrected", share=2, write=lambda role: register_with_wrong_handle(role).decided(_B.APPROVE)),
)  # fmt: skip
"""Every story, in the order of the programme."""
