"""What does a look come to? What our account shows of a name, else the look-up, and our orders for it, as a Sighting.

| GET all_info          | LOOKUP  | orders, transfers of this kind | the sighting                              |
| the name              | -       | of a renewal, a restore        | registered, ours; under way if one is open |
| not found (480)       | 210     | none open                      | free                                      |
| not found (480)       | 211     | none open, or only saved       | registered, not ours                      |
| not found (480)       | 221     | none open                      | registered; whose cannot be told          |
| may not be seen (415) | 211     | none open                      | registered; whose cannot be told          |
| not found, or 415     | else    | a registration is open         | registered, ours, under way               |
| not found, or 415     | 211     | a transfer is open             | registered, under way                     |

An open registration of ours counts as registered even where the look-up still says *free*: `free` would prove that the
order did not happen, and it still may. An order that was only saved (facts §3.2, forced_pending) is under way too, with
`blocked` and a reason that names it. An order that has ended shows in no progress: OpenSRS's list does not say which of
our orders it was, and an old refusal must not end a new order.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from adapters.registrars.opensrs.questions import NotShown, Questions, Shown, UnansweredError
from adapters.registrars.opensrs.reading import Order, TransferIn
from registrar.commands import Kind
from registrar.gateway import Call, Progress, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause
from registrar.statuses import GraceStatus, Status

_FOLLOWED = frozenset({Kind.RENEW, Kind.RESTORE})
"""Of a name that is ours these alone can still be under way."""
_ENDED_TRANSFERS = {
    "completed": Progress.APPROVED,
    "cancelled": Progress.REJECTED,
    "canceled": Progress.REJECTED,
    "declined": Progress.REJECTED,
}


class Looker:
    """Looks; a look that fails is a sighting that is UNKNOWN."""

    def __init__(self, ask: Questions, *, source: str, now: Callable[[], datetime]) -> None:
        self._ask = ask
        self._source = source
        self._now = now

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Return what can be seen of a name, with what matters for `kind`; never raises."""
        seen_at = self._now()
        try:
            return self._look(domain, kind, call, seen_at)
        except UnansweredError as error:
            return Sighting(
                domain,
                seen_at,
                self._source,
                Standing.UNKNOWN,
                reason=str(error),
                blocked=error.blocked,
                retry_after=error.retry_after,
                reply=error.reply,
            )

    def _look(self, domain: DomainName, kind: Kind, call: Call, seen_at: datetime) -> Sighting:
        seen = self._ask.state(domain, call)
        if isinstance(seen, NotShown):
            return self._look_elsewhere(domain, kind, call, seen, seen_at)
        sighting = self._shown(domain, seen, seen_at)
        if kind is Kind.TRANSFER and not sighting.ours:
            return self._followed(sighting, call)
        if kind not in _FOLLOWED:
            return sighting
        return _with_orders(sighting, kind, self._ask.open_orders(domain, kind, call))

    def _shown(self, domain: DomainName, seen: Shown, seen_at: datetime) -> Sighting:
        state = seen.state
        statuses = {Status.CLIENT_TRANSFER_PROHIBITED} if state.locked else set()
        grace = {GraceStatus.REDEMPTION} if state.restorable else set()
        return Sighting(
            domain=domain,
            seen_at=seen_at,
            source=self._source,
            standing=Standing.REGISTERED,
            ours=state.sponsored,
            created_at=state.created_at,
            expiry=state.expiry,
            renew_by=state.renew_by,
            auto_renews=state.auto_renews,
            statuses=frozenset({*map(str, statuses), *map(str, grace)}),
            nameservers=state.nameservers,
            restorable=state.restorable,
            reply=seen.reply,
        )

    def _look_elsewhere(
        self, domain: DomainName, kind: Kind, call: Call, seen: NotShown, seen_at: datetime
    ) -> Sighting:
        """Look at a name that our account does not show."""
        available = self._ask.availability(domain, call)
        sighting = Sighting(
            domain=domain,
            seen_at=seen_at,
            source=self._source,
            standing=Standing.FREE if available.free else Standing.REGISTERED,
            ours=None if available.free or available.awaited or not seen.certain else False,
            reason="" if seen.certain or available.free else "OpenSRS does not show the name to our account",
            reply=available.reply,
        )
        match kind:
            case Kind.TRANSFER:
                return self._followed(sighting, call)
            case Kind.REGISTER:
                return _awaited(sighting, self._ask.open_orders(domain, kind, call))
            case _:
                return sighting

    def _followed(self, sighting: Sighting, call: Call) -> Sighting:
        """Add how our transfer of the name goes; one that was only saved is not among the transfers."""
        domain, kind = sighting.domain, Kind.TRANSFER
        found = _with_transfers(sighting, self._ask.transfers(domain, call))
        if found.progress.get(kind) is Progress.UNDER_WAY:
            return found
        return _with_orders(found, kind, self._ask.open_orders(domain, kind, call))


def _awaited(sighting: Sighting, open_orders: tuple[Order, ...]) -> Sighting:
    """Add our open registration of a name that our account does not show yet."""
    found = _with_orders(sighting, Kind.REGISTER, open_orders)
    if Kind.REGISTER not in found.progress:
        return found
    if found.blocked is not None and found.ours is False:
        return replace(sighting, reason=f"somebody else has the name now; {found.reason}")
    return replace(found, standing=Standing.REGISTERED, ours=True)


def _with_orders(sighting: Sighting, kind: Kind, open_orders: tuple[Order, ...]) -> Sighting:
    """Add what our open orders for the name tell of `kind`.

    One that was saved for another reason than money will never happen by itself: it is no progress.
    """
    waiting = next((order for order in open_orders if not order.is_saved), None)
    if waiting is not None:
        return _under_way(sighting, kind, f"order {waiting.order_id} is {waiting.status}")
    saved = next((order for order in open_orders if order.lacks_money), None)
    if saved is None:
        return sighting
    reason = f"OpenSRS saved order {saved.order_id} for want of money: a top-up has it carried out"
    return replace(_under_way(sighting, kind, reason), blocked=BlockCause.DEPOSIT)


def _under_way(sighting: Sighting, kind: Kind, reason: str) -> Sighting:
    """Tell of an open order; the date of an earlier transfer is not that of this one."""
    progress = {**sighting.progress, kind: Progress.UNDER_WAY}
    return replace(sighting, progress=progress, transfer_asked_at=None, reason=reason)


def _with_transfers(sighting: Sighting, transfers: tuple[TransferIn, ...]) -> Sighting:
    """Add how our latest request for the name's move stands; one that ended without a date may be anybody's."""
    if not transfers:
        return sighting
    latest = transfers[0]
    progress = Progress.UNDER_WAY if latest.is_open else _ENDED_TRANSFERS.get(latest.status)
    if progress is None or (not latest.is_open and latest.asked_at is None):
        return sighting
    return replace(
        sighting, progress={**sighting.progress, Kind.TRANSFER: progress}, transfer_asked_at=latest.asked_at
    )
