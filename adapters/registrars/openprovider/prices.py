"""May the order cost what Openprovider asks? Its ceiling against the price, before anything is sent (O4)."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from adapters.registrars.openprovider import encoding, outcomes, reading
from adapters.registrars.openprovider.conversation import Conversation, Told, UntoldError, before
from adapters.registrars.openprovider.reading import Amount
from registrar.commands import Kind, Register, Renew, Restore, Transfer
from registrar.gateway import Call
from registrar.money import MINOR_UNITS, Money
from registrar.outcomes import BlockCause, Blocked, Outcome, Reply, Unknown

OPERATIONS = {
    Kind.REGISTER: "create",
    Kind.RENEW: "renew",
    Kind.TRANSFER: "transfer",
    Kind.RESTORE: "restore",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The price is within the ceiling. `premium` is what to accept for a premium name, None for a plain one."""

    premium: Decimal | None = None


def within_ceiling(
    command: Register | Renew | Transfer | Restore, conversation: Conversation, call: Call
) -> Accepted | Outcome:
    """Ask the price of a command that carries a ceiling. Without one nothing is asked, and no premium is accepted."""
    if command.ceiling is None:
        return Accepted()
    question = encoding.price(command.domain, OPERATIONS[command.kind], max(1, command.months // 12))
    try:
        price = conversation.read(question, call, reading.price)
    except UntoldError as error:
        return _untold(error)
    amount = next((told for told in price.amounts if told.currency == command.ceiling.currency), None)
    if amount is None:
        asked = ", ".join(told.currency for told in price.amounts)
        text = f"the price is told in {asked}, the ceiling is in {command.ceiling.currency}"
        return Blocked(Reply(text=text), BlockCause.PRICE)
    asked_for = _money(amount)
    if (asked_for - command.ceiling).amount > 0:
        text = f"the price is {asked_for}, the order's ceiling {command.ceiling}"
        return Blocked(Reply(text=text), BlockCause.PRICE)
    return Accepted(amount.value if price.is_premium else None)


def _untold(error: UntoldError) -> Outcome:
    """Say what an order came to whose price could not be had: an outage is waited for, a refusal is staff's."""
    if (
        not isinstance(error.told, Told)
        or error.told.blocked is not None
        or error.told.retry_after is not None
    ):
        return before(error)
    outcome = outcomes.settle(outcomes.PRICE, error.told)
    unclear = isinstance(outcome, Unknown)
    return Blocked(error.told.reply, BlockCause.PRICE) if unclear else outcome


def _money(amount: Amount) -> Money:
    """Return the price in minor units, a part of one counted as a whole one."""
    minor = amount.value.scaleb(MINOR_UNITS[amount.currency])
    return Money(int(minor.to_integral_value(ROUND_CEILING)), amount.currency)
