"""How is a command that spends carried out? Encode, ask the price, prepare contacts and hosts, send once, judge.

Everything before the command itself raises what went wrong (`gateway` says what that comes to); nothing was sent then.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lxml.etree import _Element as Element

from adapters.registrars.epp import encoding, fees
from adapters.registrars.epp.conversation import Conversation
from adapters.registrars.epp.outcomes import CREDENTIALS_REFUSED, outcome_of
from adapters.registrars.epp.preparation import (
    PreparationFailedError,
    Step,
    contact_ids,
    judge,
    steps_before,
)
from adapters.registrars.epp.session import Exchange, Prepared
from adapters.registrars.epp.settings import EppSettings
from registrar.commands import Register, Renew, Restore, Transfer
from registrar.gateway import Call
from registrar.outcomes import BlockCause, Blocked, NotSent, Outcome, Unknown

Spending = Register | Renew | Transfer | Restore


@dataclass(frozen=True, slots=True)
class Encoded:
    """A command ready but for its price: made before anything is sent, so that what cannot be said costs no session."""

    command: Spending
    steps: tuple[Step, ...]
    document: Element


def encode(command: Spending, settings: EppSettings, call: Call) -> Encoded:
    """Say a command and the steps before it; raises `NotEncodableError`."""
    steps: list[Step] = []
    contacts = {}
    if isinstance(command, Register):
        steps = steps_before(command, settings, call)
        contacts = contact_ids(command.contacts, settings)
    document = encoding.spending_command(command, settings, call.client_transaction_id, contacts)
    return Encoded(command, tuple(steps), document)


def spend(
    encoded: Encoded,
    talk: Conversation,
    settings: EppSettings,
    call: Call,
    remember: Callable[[Exchange], None],
) -> Outcome:
    """Ask the price, take the steps, send once; `remember` is told the answer, which may hold our balance."""
    quote = _price(encoded.command, talk, settings)
    if quote is not None:
        fees.state_fees(encoded.document, encoded.command.kind, quote, settings.fee_namespace)
    told = carry_out(list(encoded.steps), talk)
    answer = talk.send_once(Prepared(encoded.document, call.client_transaction_id, told=told))
    if isinstance(answer, Unknown):
        return answer
    remember(answer)
    priced = quote is not None and bool(quote.lines)
    return outcome_of(encoded.command, answer.response, answer.reply, priced=priced)


def carry_out(steps: list[Step], talk: Conversation) -> frozenset[str]:
    """Take the steps before a command, and return the secrets that they told the registry."""
    for step in steps:
        judge(step, talk.take(step.prepared))
    return frozenset[str]().union(*(step.prepared.secrets for step in steps))


def _price(command: Spending, talk: Conversation, settings: EppSettings) -> fees.Quote | None:
    """Ask what a command costs where the registry tells; raises `PreparationFailedError` if it must not be sent."""
    if not talk.offers(settings.fee_namespace):
        return None
    seen = talk.ask("fee", lambda identifier: fees.price_check(command, settings, identifier))
    _insist_on_an_answer(seen)
    quote = fees.read_quote(seen.response, command, settings.fee_namespace)
    if why := fees.objection(quote, command.ceiling):
        raise PreparationFailedError(Blocked(replace(seen.reply, text=why), BlockCause.PRICE))
    return quote


def _insist_on_an_answer(seen: Exchange) -> None:
    """Stop where the registry did not hear the question: it may tell a price the next time."""
    code, reply = seen.response.code, seen.reply
    if code in CREDENTIALS_REFUSED:
        raise PreparationFailedError(Blocked(reply, BlockCause.CREDENTIALS))
    if code in {2400, 2500, 2502}:
        raise PreparationFailedError(NotSent(f"the price was not told: {code} {reply.text}"))
