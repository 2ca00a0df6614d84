"""How is an order paid for and carried out? Charged at once, and done at once or left to be decided.

What it comes to either way is written down when it is accepted (`decisions.py`).
"""

from dataclasses import dataclass, replace

from adapters.sandbox.misbehaviour import VERDICTS, Behaviour
from adapters.sandbox.openprovider import lifecycle
from adapters.sandbox.openprovider.answers import NO_CREDIT, RefusedError
from adapters.sandbox.openprovider.decisions import outlook
from adapters.sandbox.openprovider.errand import Errand
from adapters.sandbox.page import DepositEmptyError
from adapters.sandbox.records import Domain


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid for: how the name looks while it waits, when it is done, and when it has failed."""

    command: str
    months: int
    amount: int
    waiting: Domain
    done: Domain
    failed: Domain
    takes_time: bool = False


def carry_out(errand: Errand, order: Order) -> Domain:
    """Charge, then do it or leave it to be decided; return the entry as it is now."""
    reference = lifecycle.next_reference(errand.page)
    charge_id = _charge(errand, order, reference)
    decision = _decision(errand, takes_time=order.takes_time)
    if decision is None:
        return _saved(errand, order.done)
    errand.page.open_operation(
        order.command,
        order.waiting.name,
        months=order.months,
        client_id=errand.page.client_id,
        client_transaction_id=reference,
        server_transaction_id=reference,
        charge_id=charge_id,
        verdicts=decision.verdicts,
        every_seconds=decision.seconds,
        detail=outlook(waiting=order.waiting, done=order.done, failed=order.failed),
    )
    return _saved(errand, order.waiting)


@dataclass(frozen=True, slots=True)
class _Decision:
    """What will be decided about an order, and after how many seconds each."""

    verdicts: tuple[str, ...]
    seconds: float


def _decision(errand: Errand, *, takes_time: bool) -> _Decision | None:
    """Return how an order is decided; None for one that is done at once."""
    command, names = errand.call.command, errand.call.names
    ordered = errand.page.take_misbehaviour(VERDICTS, command=command, names=names)
    waits = errand.page.take_misbehaviour({Behaviour.PENDING}, command=command, names=names)
    by_default = errand.rules.decide_after_seconds
    if ordered is not None:
        return _Decision(
            VERDICTS[ordered.behaviour], ordered.seconds if ordered.argument else by_default or 0.0
        )
    if not takes_time and waits is None:
        return None
    return _Decision((), 0.0) if by_default is None else _Decision(("approve",), by_default)


def _saved(errand: Errand, entry: Domain) -> Domain:
    entry = replace(entry, updated_at=errand.page.now)
    errand.page.save(entry)
    return entry


def _charge(errand: Errand, order: Order, reference: str) -> int:
    try:
        return errand.page.charge(
            order.command,
            order.waiting.name,
            months=order.months,
            amount=order.amount,
            client_transaction_id=reference,
        )
    except DepositEmptyError:
        raise RefusedError(NO_CREDIT) from None
