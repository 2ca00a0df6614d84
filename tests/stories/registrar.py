"""Who is at the other end of the wire in these stories? A registrar that is played: it does what it is sent, unless told otherwise."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from registrar.commands import Expiry, Kind
from registrar.gateway import Progress
from registrar.outcomes import BlockCause, Blocked, Correction, Done, RefusalReason, Refused, Reply
from registrar.statuses import REGISTRAR_LOCK
from tests.core.far_side import LOST_REPLY, LOST_REQUEST, Act, correctable, pend
from tests.core.story import Shop
from tests.stories.moments import instant

if TYPE_CHECKING:  # an order is told of here, and the company has one
    from tests.stories.company import PlacedOrder


class Registrar:
    """The other side, played: it does what it is sent, unless a story says what it does next."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.far = shop.far

    def _can(self, **abilities: Any) -> None:
        self.far.capabilities = replace(self.far.capabilities, **abilities)
        self.shop.terms = replace(self.shop.terms, capabilities=self.far.capabilities)

    def has(self, name: str, *, until: str, elsewhere: bool = False, in_redemption: bool = False) -> None:
        """Have a name in its book, ours or another registrar's."""
        sponsor = {"sponsor": "another registrar"} if elsewhere else {}
        self.far.own(name, instant(until), in_redemption=in_redemption, **sponsor)

    def refuses(
        self, reason: RefusalReason = RefusalReason.POLICY, *, words: str = "parameter value policy error"
    ) -> None:
        """Refuse what comes next."""
        self.far.plan.append(Act("never", Refused(Reply("2306", words), reason)))

    def costs_more_than_the_ceiling(self) -> None:
        """Ask more for what comes next than the order lets us pay."""
        dear = Blocked(Reply(text="the fee is above the ceiling"), BlockCause.PRICE)
        self.far.plan.append(Act("never", dear))

    def approves_after_all(self, order: "PlacedOrder") -> None:
        """Say of an order that was refused that it is registered after all."""
        row = order.row
        kind = Kind(row.kind).at_registrars
        self.far.say(row.domain, kind, Progress.APPROVED, transaction_id=f"late-{row.id}")

    def answers_with_expiry(self, name: str, until: str) -> None:
        """Do what comes next, with another date than was bought."""
        known = self.far.registration(name)
        assert known is not None
        self.far.plan.append(Act("now", Done(Reply("1000"), Expiry(instant(until), until), known.created_at)))

    def asks_for(self, needs: Correction) -> None:
        """Ask the customer to put something right in what comes next."""
        self.far.plan.append(correctable(needs))

    def accepts(self, *, and_then: Literal["approve", "reject"], days: float) -> None:
        """Accept what comes next, and decide on it days later."""
        self.far.plan.append(pend(and_then, days=days))

    def does_it_and_says_nothing(self) -> None:
        """Lose the answer to what comes next."""
        self.far.plan.append(LOST_REPLY)

    def never_hears_it(self) -> None:
        """Lose what comes next on the way."""
        self.far.plan.append(LOST_REQUEST)

    def renews_by_itself(self, name: str) -> None:
        """Add a year that nobody ordered."""
        self.far.renew_by_itself(name)

    def locks(self, name: str, *statuses: str) -> None:
        """Have a name locked there, wholly or in part."""
        self.far.set_statuses(name, *(statuses or REGISTRAR_LOCK))

    def unlocks(self, name: str) -> None:
        """Have somebody take every lock off a name, at the registrar."""
        self.far.set_statuses(name)

    def locked(self, name: str) -> set[str]:
        """Tell which locks a name has."""
        return set(map(str, self.far.statuses(name)))

    def has_no_locks(self) -> None:
        """Be a registrar that sets no statuses, as .ir has none."""
        self._can(statuses=frozenset(), updates=frozenset())

    def has_no_transfers(self) -> None:
        """Be a registrar without transfers, as .ir has none."""
        self._can(kinds=self.far.capabilities.kinds - {Kind.TRANSFER})

    def drops(self, name: str) -> None:
        """Delete a name from its book: it is free."""
        self.far._write(name, None)

    @property
    def was_paid(self) -> int:
        """Count what it charged and has not given back."""
        return len([charge for charge in self.far.charges if not charge.refunded])

    @property
    def heard(self) -> int:
        """Count the commands that reached it."""
        return len(self.far.received)

    def shows(self, name: str) -> str | None:
        """Tell the day until which its book has a name; None: the name is free."""
        known = self.far.registration(name)
        return known.expires_at.date().isoformat() if known else None
