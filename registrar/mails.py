"""What is a mail to a customer, before it has a form, and what can become of one that is sent? The vocabulary of notices.

Silence is no acceptance and no refusal: once the end of a mail has left, a lost connection says nothing, and the mail is
never sent again (`Unknown`). What a mail server wrote is kept without any address in it (D10).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """In which language a customer is written to."""

    PERSIAN = "fa"
    ENGLISH = "en"


class NoticeKind(StrEnum):
    """What a notice says."""

    EXPIRY = "expiry"
    """The paid term of a name ends, or ended (E2)."""
    DELIVERED = "delivered"
    """An order is carried out (O1)."""
    SUSPENDED = "suspended"
    """Service was cut (O11)."""
    DEBT_WARNING = "debt_warning"
    """A debt is unpaid, and service may be cut for it (F5)."""
    PLANNED_HOLD = "planned_hold"
    """Orders will wait for a while (O3)."""


FACTS: Mapping[NoticeKind, frozenset[str]] = {
    NoticeKind.EXPIRY: frozenset(),
    NoticeKind.DELIVERED: frozenset({"order", "order_kind", "expires_at"}),
    NoticeKind.SUSPENDED: frozenset({"cause", "since"}),
    NoticeKind.DEBT_WARNING: frozenset({"amount", "currency", "pay_by"}),
    NoticeKind.PLANNED_HOLD: frozenset({"starts_at", "ends_at"}),
}
"""What each kind's text is made from, beside its name: an instant is ISO 8601 or null, an amount in minor units; `cause` is
`debt`, `identity`, `claim`, `ruling`, `rules` or something else, of which nothing is said. An expiry's facts are those of
the moment when it is sent."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail goes to; neither field shows itself (D10)."""

    email: str = field(repr=False)
    addressed_as: str | None = field(repr=False)
    language: Language


@dataclass(frozen=True, slots=True)
class Mail:
    """A notice on its way: what to say, to whom, in which of its tries."""

    notice_id: int
    number: int
    """The try, counted from 1: the answer belongs to it and to no other."""
    message_id: str
    """RFC 5322 §3.6.4, with its angle brackets; the same for all tries of a notice, so that a second copy is known as one."""
    kind: NoticeKind
    domain: str | None
    """The A-label form."""
    facts: Mapping[str, Any]
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Accepted:
    """The mail server has taken it over (a positive answer after the end of the mail, RFC 5321 §4.2.5)."""

    said: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not be taken, now or later: 5xx about this recipient or this mail."""

    said: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """It was provably not taken, and may be later: 4xx, or the line was lost before the end of the mail had left."""

    said: str
    ours: bool = False
    """Whether the cause is between us and our mail server and would meet every mail: no connection, credentials or
    sender refused. Such a try does not count."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Its end had left when the line was lost: taken or not, nobody knows."""

    said: str


Answer = Accepted | Refused | Delayed | Unknown
