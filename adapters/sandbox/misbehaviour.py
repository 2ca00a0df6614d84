"""How can a sandbox registrar be told to misbehave, and what does each mean? `Behaviour` says.

A misbehaviour is a row in the registrar's books (`Books.misbehave`), so a test, a terminal or another process can order
one while the server runs. It is matched by command, name and journal number, whichever of them it states, and taken in
the transaction that journals the command: one `times` is used up once, however many sessions ask at once.

Every server calls a command by the same words in the journal and here, those of them that it has: `connect`, `login`,
`logout`, `hello`, `domain:check`, `domain:info`, `domain:list`, `domain:create`, `domain:renew`, `domain:restore`,
`domain:update`, `domain:delete`, `domain:transfer` (the request alone; the others are `domain:transfer:query`, `:code`,
`:cancel`, `:approve` and `:reject`), `contact:check`, `contact:info`, `contact:list`, `contact:create`, `host:check`,
`host:info`, `host:create`, `customer:info`, `poll`, `poll:ack`, `account:balance`, `account:statement` (what was charged,
or ordered) and `account:prices`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Behaviour(StrEnum):
    """What may go wrong. "Work" is what the command asks for: the change in the books and the charge."""

    DROP_REPLY = "drop_reply"
    """Do the work, close without an answer."""
    DROP_REQUEST = "drop_request"
    """Do nothing, close without an answer."""
    LATE = "late"
    """Do the work, answer `argument` seconds later."""
    LATE_WORK = "late_work"
    """Close without an answer, do the work `argument` seconds later."""
    FREEZE = "freeze"
    """Do nothing, never answer, keep the connection open."""
    GARBAGE = "garbage"
    """Do the work, then answer with bytes that are no XML, or no JSON."""
    HTML = "html"
    """Do nothing, answer with a page for people, as a gateway in front of the registry does."""
    FAIL_AFTER = "fail_after"
    """Do the work, then say that it failed (EPP 2400; HTTP 500)."""
    CUT = "cut"
    """Do the work, close in the middle of the answer."""
    DRIP = "drip"
    """Do the work, answer one byte every fifth of a second."""
    CLOSED = "closed"
    """Closed for the night: HTTP answers with the night page; EPP closes before its greeting, or instead of an answer."""

    REFUSE = "refuse"
    """Do nothing, answer with the result code in `argument`, which may go on with a reason: `2306 not this name`. At
    LogicBoxes, which has no codes, the argument is the message."""
    NO_DEPOSIT = "no_deposit"
    """Answer as if the deposit were empty (2104); LogicBoxes keeps the order until a top-up."""

    PENDING = "pending"
    """Answer 1001, or that it is being executed, and decide later, where the registry would have done it at once."""
    APPROVE = "approve"
    """What was left pending is approved after `argument` seconds."""
    REJECT = "reject"
    """What was left pending is rejected after `argument` seconds."""
    REJECT_THEN_APPROVE = "reject_then_approve"
    """Rejected after `argument` seconds, and approved after as many again."""
    DOCUMENT_THEN_APPROVE = "document_then_approve"
    """Documents are asked for after `argument` seconds, and it is approved after as many again."""

    STALE = "stale"
    """Answer a look with the state of before the last change, while that change is younger than `argument` seconds
    (with no argument: whatever its age). Each look uses up one of `times`."""

    LIMIT = "limit"
    """A public server says that it was asked too often: HTTP 429 with `Retry-After` of `argument` seconds, or the page."""
    REDIRECT = "redirect"
    """RDAP: send the client to the address in `argument`."""
    ANOTHER_NAME = "another_name"
    """Answer about the name in `argument`, and not about the one that was asked for."""
    NOT_FOUND = "not_found"
    """The public record does not know the name."""
    DATE = "date"
    """The public record tells `argument` as the expiry, whatever that is: `1969-12-31T23:59:59Z`, `-0001-11-30`."""
    SHIFT = "shift"
    """The public record tells the expiry `argument` days later; with a minus earlier."""
    DATELESS = "dateless"
    """The public record tells no expiry."""
    SPONSOR = "sponsor"
    """The public record names the registrar in `argument`."""


ON_THE_WIRE = frozenset(
    {
        Behaviour.DROP_REPLY,
        Behaviour.DROP_REQUEST,
        Behaviour.LATE,
        Behaviour.LATE_WORK,
        Behaviour.FREEZE,
        Behaviour.GARBAGE,
        Behaviour.HTML,
        Behaviour.FAIL_AFTER,
        Behaviour.CUT,
        Behaviour.DRIP,
        Behaviour.CLOSED,
    }
)
"""Taken once when a command arrives: how its answer travels."""

VERDICTS: dict[Behaviour, tuple[str, ...]] = {
    Behaviour.APPROVE: ("approve",),
    Behaviour.REJECT: ("reject",),
    Behaviour.REJECT_THEN_APPROVE: ("reject", "approve"),
    Behaviour.DOCUMENT_THEN_APPROVE: ("document", "approve"),
}
"""Taken once when an operation is left pending: what is decided about it, one verdict after another."""


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """One misbehaviour, taken from the books and now to be carried out."""

    behaviour: Behaviour
    argument: str = ""

    @property
    def seconds(self) -> float:
        """Read the argument as seconds; nothing said means none."""
        return float(self.argument or 0)

    def refusal(self) -> tuple[int, str]:
        """Read the argument of `refuse` as a result code and a reason, which may be empty."""
        code, _, reason = self.argument.partition(" ")
        return int(code), reason
