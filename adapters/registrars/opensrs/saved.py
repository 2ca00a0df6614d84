"""OpenSRS keeps some orders without carrying them out: what does one mean for the command that is about to be sent?

An order is saved for want of money, or because something in it was refused (facts §3.2). One that lacked money is carried
out by its own number once there is money: a number can be carried out once, so this is also what guards a repeat. One
that was refused is replaced: a new registration or transfer cancels it by itself, a saved renewal must be removed first.
"""

from dataclasses import dataclass

from adapters.registrars.opensrs import codes
from adapters.registrars.opensrs.encoding import years
from adapters.registrars.opensrs.reading import Order
from registrar.commands import Kind
from registrar.outcomes import BlockCause, Blocked, NotSent, Reply

_REPLACED_BY_ITSELF = frozenset({Kind.REGISTER, Kind.TRANSFER})


@dataclass(frozen=True, slots=True)
class Fresh:
    """Send the command; `remove` is the saved order that must go first, if one must."""

    remove: str | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """Have the saved order of this number carried out instead of sending another."""

    order_id: str


def way_for(kind: Kind, months: int, open_orders: tuple[Order, ...]) -> Fresh | Complete | Blocked | NotSent:
    """Return how a command of this kind and term is to be sent, given our open orders of the kind, the newest first.

    A saved order that shows another term, or whose kind cannot be read, is for staff: carrying it out would buy
    something else than was ordered. One that shows no term is carried out: one order at a time has a name with us.
    """
    if (waiting := next((order for order in open_orders if not order.is_saved), None)) is not None:
        reason = f"order {waiting.order_id} of ours for this name is {waiting.status}"
        return NotSent(reason, retry_after=codes.PAUSE_SECONDS)
    if not open_orders:
        return Fresh()
    saved = open_orders[0]
    if saved.kind is not None and not saved.lacks_money:
        return Fresh() if kind in _REPLACED_BY_ITSELF else Fresh(remove=saved.order_id)
    if saved.kind is None or (saved.years not in {None, years(months)} and kind is not Kind.RESTORE):
        text = f"the saved order {saved.order_id} is not what was ordered: cancel it at OpenSRS, then retry"
        return Blocked(Reply(text=text), BlockCause.REQUEST)
    return Complete(saved.order_id)
