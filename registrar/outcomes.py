"""What did an attempt come to? A closed set; every reader matches all seven (DESIGN §3).

| outcome     | did it reach them? | did it happen? | send again?               | the customer's money |
| Done        | yes                | yes, evidenced | -                         | taken                |
| Pending     | yes                | not yet        | no, follow it             | kept                 |
| Refused     | yes                | no, final      | no                        | credited             |
| Correctable | yes                | no             | after a correction        | kept                 |
| Blocked     | yes                | no, our fault  | when the cause is gone    | kept                 |
| NotSent     | provably not       | no             | yes                       | kept                 |
| Unknown     | perhaps            | perhaps        | never; look               | kept                 |

An adapter that is not sure answers `Unknown`: an unlisted code, an HTML page, a broken frame, a 5xx.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registrar.commands import Expiry, TwoDates


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, for staff and as evidence; never shown to the customer (D8).

    `transcript` is what went over the wire, already redacted: no password, token, deposit code, auth code, national id
    or contact's data.
    """

    result_code: str | None = None
    text: str = ""
    server_transaction_id: str | None = None
    transcript: str = ""


class RefusalReason(StrEnum):
    """Why a registrar will not do it, ever. The customer is told this in our words (D8)."""

    ALREADY_REGISTERED = "already_registered"
    NOT_REGISTERED = "not_registered"
    ALREADY_OURS = "already_ours"
    """A transfer of a name that we sponsor already."""
    NOT_OURS = "not_ours"
    """A renewal of a name that another registrar sponsors."""
    EXPIRY_CONFLICT = "expiry_conflict"
    """The name's expiry is not the one this renewal was ordered against."""
    NOT_RENEWABLE = "not_renewable"
    NOT_TRANSFERABLE = "not_transferable"
    NOT_RESTORABLE = "not_restorable"
    TRANSFER_REJECTED = "transfer_rejected"
    STATUS_PROHIBITS = "status_prohibits"
    POLICY = "policy"
    """The registry's rules refuse the name, the holder or the term."""
    REJECTED = "rejected"
    """Accepted at first, then refused after the registry's own check (.ir)."""
    RENEWAL_IMPOSSIBLE = "renewal_impossible"
    """Too long after the end of what was paid for; what remains possible is in the answer (D1, D3)."""
    NOT_CORRECTED = "not_corrected"
    """The customer's correction did not come in time."""
    BY_HAND = "by_hand"
    """Staff ended it, with a ticket (C1)."""
    FOR_BREACH = "for_breach"
    """Two of the staff ended it for breach: the one refusal that is not credited (O10)."""


class Correction(StrEnum):
    """What the customer must put right before it can be sent again."""

    AUTH_INFO = "auth_info"
    CONTACTS = "contacts"
    """A contact's data or handle is not accepted, or the handle does not let us use it."""
    NAMESERVERS = "nameservers"
    DOCUMENTS = "documents"
    UNLOCK = "unlock"
    """The losing registrar's lock is on."""
    PIN = "pin"
    """The PIN that IRNIC mailed to the present holder."""


class BlockCause(StrEnum):
    """What on our side stops it."""

    DEPOSIT = "deposit"
    """The registrar's prepaid balance is empty. Puts the registrar on hold."""
    CREDENTIALS = "credentials"
    """Our login, token, certificate or address is refused. Puts the registrar on hold."""
    REQUEST = "request"
    """Our request is at fault (a bug, a missing extension): this order's own, held for staff."""
    PRICE = "price"
    """It costs more at the registrar than the order's ceiling (O4), or the price cannot be told: held for staff."""

    @property
    def stops_registrar(self) -> bool:
        """Tell whether every other order at this registrar would meet the same."""
        return self in (BlockCause.DEPOSIT, BlockCause.CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Done(TwoDates):
    """It happened, and here is the evidence. A renewal's date must have moved, or the core calls it Unknown.

    `expiry` and `renew_by` are the registry's date and the registrar's own, as in a `Sighting` (D4).
    """

    reply: Reply
    expiry: Expiry | None = None
    created_at: datetime | None = None
    registry_id: str | None = None
    renew_by: Expiry | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Accepted; the answer comes later, by message or by look. `registry_id` is the object's id (ROID), if told.

    `blocked` is DEPOSIT where the registrar has saved the order and carries it out once our deposit covers it.
    """

    reply: Reply
    registry_id: str | None = None
    blocked: BlockCause | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not happen and will not. With `confirm` the adapter asks that a look agree before anybody is credited."""

    reply: Reply
    reason: RefusalReason
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Correctable:
    """It did not happen, and would after the customer's correction."""

    reply: Reply
    needs: Correction


@dataclass(frozen=True, slots=True)
class Blocked:
    """It did not happen, for a reason on our side."""

    reply: Reply
    cause: BlockCause


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably no byte of the command reached them. `retry_after` is in seconds, where a time is known.

    `unreachable`: the network, or the far side's silence, was the reason; the breaker counts those.
    """

    reason: str
    retry_after: float | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have happened. Only looking can tell. Without a `reply.result_code` nothing was answered: the breaker counts it."""

    reason: str
    reply: Reply | None = None


Outcome = Done | Pending | Refused | Correctable | Blocked | NotSent | Unknown
