"""What can be asked of OpenSRS without changing anything? Each question has an answer, or `UnansweredError` that says why."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from adapters.registrars.opensrs import codes, encoding, reading
from adapters.registrars.opensrs.conversation import Conversation, Told, Untold
from adapters.registrars.opensrs.envelope import Answer, Request, UnreadableError
from adapters.registrars.opensrs.reading import DomainState, Order, TransferIn
from adapters.registrars.opensrs.settings import OpenSrsSettings
from registrar.commands import Kind
from registrar.gateway import Call, GatewayUnavailableError
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, NotSent, Reply
from registrar.secrets import Secret

Read = TypeVar("Read")

MOST_PAGES = 10
"""Pages of a name's orders that are read (of 40 each)."""
_NAME_REFUSED = 465
"""Invalid data: the only datum of a look is the name, so asking again will not help."""


class UnansweredError(Exception):
    """A question that got no usable answer; the message says why. Nothing that spends was sent with it.

    `unreachable`: the network or the far side's silence is the reason.
    """

    def __init__(
        self,
        reason: str,
        *,
        reply: Reply | None = None,
        blocked: BlockCause | None = None,
        retry_after: float | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reply = reply or Reply()
        self.blocked = blocked
        self.retry_after = retry_after
        self.unreachable = unreachable

    def outcome(self) -> Blocked | NotSent:
        """Return what becomes of a command that was held back because of it."""
        if self.blocked is not None:
            return Blocked(replace(self.reply, text=self.reply.text or str(self)), self.blocked)
        return NotSent(
            f"the command was not sent: {self}", retry_after=self.retry_after, unreachable=self.unreachable
        )

    def unavailable(self, what: str) -> GatewayUnavailableError:
        """Return the error of a read that failed because of it."""
        return GatewayUnavailableError(f"{what} cannot be read: {self}", blocked=self.blocked)


@dataclass(frozen=True, slots=True)
class Shown:
    """A name that our account shows."""

    state: DomainState
    reply: Reply


@dataclass(frozen=True, slots=True)
class NotShown:
    """A name that our account does not show. `certain`: OpenSRS said *not found*, and not that we may not see it."""

    certain: bool
    reply: Reply


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a name is free, by the look-up's own code. `awaited`: a registration of it is not finished."""

    free: bool
    awaited: bool
    reply: Reply


class Questions:
    """Asks; every method raises `UnansweredError` where OpenSRS gives no usable answer."""

    def __init__(self, talk: Conversation, settings: OpenSrsSettings) -> None:
        self._talk = talk
        self._zone = settings.timezone

    def state(self, domain: DomainName, call: Call) -> Shown | NotShown:
        """Return what our account shows of a name; its lock is asked for apart where the first answer lacks it."""
        told = self._told(encoding.get(domain, "all_info"), call)
        if told.answer.code in {codes.NOT_FOUND, codes.REGISTRANT_REFUSED}:
            return NotShown(told.answer.code == codes.NOT_FOUND, told.reply)
        state = _read(told, lambda answer: reading.domain_state(answer, domain, zone=self._zone))
        if state.locked is None:
            status = self._told(encoding.get(domain, "status"), call)
            state = replace(state, locked=_read(status, reading.lock_state))
        return Shown(state, told.reply)

    def availability(self, domain: DomainName, call: Call) -> Availability:
        """Return whether a name is free: only a 210 says so."""
        told = self._told(encoding.lookup(domain), call)
        code = told.answer.code
        if code not in {codes.LOOKUP_FREE, codes.LOOKUP_TAKEN, codes.LOOKUP_AWAITED}:
            raise _unusable(told)
        return Availability(
            free=code == codes.LOOKUP_FREE, awaited=code == codes.LOOKUP_AWAITED, reply=told.reply
        )

    def open_orders(self, domain: DomainName, kind: Kind, call: Call) -> tuple[Order, ...]:
        """Return our orders of this kind for a name that may still have an effect, the newest first.

        The list tells no kind, so each open order is asked about; one of a kind that we cannot read is among them.
        """
        known = [self._order(order, call) for order in self._orders(domain, call) if order.is_open]
        return tuple(order for order in known if order.is_open and order.kind in {kind, None})

    def transfers(self, domain: DomainName, call: Call) -> tuple[TransferIn, ...]:
        """Return our requests for a name's move, the newest first."""
        told = self._told(encoding.get_transfers_in(domain), call)
        if told.answer.code == codes.NOT_FOUND:
            return ()
        return _read(told, lambda answer: reading.transfers(answer, domain, zone=self._zone))

    def price(self, domain: DomainName, kind: Kind, *, months: int, call: Call) -> Decimal | None:
        """Return what a command would cost us, in the account's currency; None where OpenSRS tells no price."""
        told = self._told(encoding.get_price(domain, kind, months=months), call)
        return reading.price(told.answer) if _is_good(told.answer) else None

    def spendable(self, call: Call) -> Decimal:
        """Return our balance less what is held of it."""
        told = self._told(encoding.get_balance(), call)
        balance = _read(told, reading.spendable)
        if balance is None:
            raise UnansweredError("the answer shows no balance", reply=told.reply)
        return balance

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        """Return a name's auth code; None where our account does not show one."""
        told = self._told(encoding.get(domain, "domain_auth_info"), call)
        return None if told.answer.code == codes.NOT_FOUND else _read(told, reading.auth_info)

    def _orders(self, domain: DomainName, call: Call) -> tuple[Order, ...]:
        """Return all our orders for a name: without the last page nothing is proven absent."""
        found: tuple[Order, ...] = ()
        for page in range(1, MOST_PAGES + 1):
            told = self._told(encoding.get_orders(domain, page=page), call)
            if told.answer.code == codes.NOT_FOUND:
                break
            found += _read(told, reading.orders)
            if not reading.is_cut(told.answer):
                break
        else:
            raise UnansweredError(
                f"the name has more than {MOST_PAGES} pages of orders", blocked=BlockCause.REQUEST
            )
        return reading.newest_first(found)

    def _order(self, listed: Order, call: Call) -> Order:
        told = self._told(encoding.get_order(listed.order_id), call)
        return _read(told, lambda answer: reading.order(answer, listed))

    def _told(self, request: Request, call: Call) -> Told:
        told = self._talk.ask(request, call)
        if isinstance(told, Untold):
            raise UnansweredError(
                told.reason,
                reply=told.reply,
                blocked=told.blocked,
                retry_after=told.retry_after,
                unreachable=told.unreachable,
            )
        if codes.refuses_credentials(told.answer):
            raise UnansweredError(_said(told), reply=told.reply, blocked=BlockCause.CREDENTIALS)
        if codes.is_busy(told.answer):
            raise UnansweredError(_said(told), reply=told.reply, retry_after=codes.PAUSE_SECONDS)
        return told


def _read(told: Told, read: Callable[[Answer], Read]) -> Read:
    """Return what a good answer says; raises `UnansweredError` for any other."""
    if not _is_good(told.answer):
        raise _unusable(told)
    try:
        return read(told.answer)
    except UnreadableError as error:
        raise UnansweredError(str(error), reply=told.reply) from error


def _is_good(answer: Answer) -> bool:
    return answer.code == codes.OK and answer.succeeded


def _unusable(told: Told) -> UnansweredError:
    hopeless = told.answer.code in codes.OUR_REQUEST or told.answer.code == _NAME_REFUSED
    return UnansweredError(_said(told), reply=told.reply, blocked=BlockCause.REQUEST if hopeless else None)


def _said(told: Told) -> str:
    return f"OpenSRS answered {told.answer.code}: {told.reply.text}"
