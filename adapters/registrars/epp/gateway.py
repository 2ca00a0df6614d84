"""How does one EPP registry keep an adapter's contract? Prepare, send once, judge; look, update, read messages, inspect.

What each request says and what its answer comes to stands in modules of its own (`spending`, `restoring`, `updating`,
`errands`, `messages`); here is who may speak when, and what every failure before the first byte comes to.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from lxml.etree import _Element as Element

from adapters.registrars.epp import encoding, errands, fees, session_documents, spending, updating
from adapters.registrars.epp.conversation import Conversation, words_of
from adapters.registrars.epp.documents import NotEncodableError
from adapters.registrars.epp.door import Door
from adapters.registrars.epp.frames import Deadline
from adapters.registrars.epp.limits import refusal
from adapters.registrars.epp.messages import ACKNOWLEDGED, head_of_queue
from adapters.registrars.epp.outcomes import cause_of, outcome_of_update
from adapters.registrars.epp.pool import SessionPool
from adapters.registrars.epp.preparation import PreparationFailedError
from adapters.registrars.epp.restoring import Restoring
from adapters.registrars.epp.session import (
    TRANSPORT_FAULTS,
    Exchange,
    LoginRefusedError,
    Session,
    UnreachableError,
)
from adapters.registrars.epp.settings import EppSettings
from adapters.registrars.epp.sightings import Looker, auth_info_in, transfer_asked_at
from registrar.commands import (
    AnswerTransfer,
    Command,
    Delete,
    Errand,
    Kind,
    Register,
    Renew,
    Restore,
    Transfer,
    Update,
)
from registrar.gateway import (
    Call,
    CallExpiredError,
    Capabilities,
    Deposit,
    GatewayUnavailableError,
    RegistrarMessage,
    Sighting,
    Standing,
    StatementLine,
    describe,
)
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Done,
    NotSent,
    Outcome,
    Pending,
    Reply,
    Unknown,
)
from registrar.secrets import Secret

_NO_ANSWER = (UnreachableError, LoginRefusedError, CallExpiredError, *TRANSPORT_FAULTS)
"""Everything for which a question gets no answer."""


class EppGateway:
    """One EPP registry; safe to use from several threads. `now` is the wall clock, for a sighting's date and a report's."""

    def __init__(
        self, name: str, settings: EppSettings, context: ssl.SSLContext, *, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._settings = settings
        self._now = now
        self._capabilities = settings.capabilities()
        self._door = Door(settings, context)
        self._pool = SessionPool(settings, self._door.open)
        self._deposit: Deposit | None = None

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it declares."""
        return self._capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Prepare and send a command that spends, or what an errand comes to, once."""
        if refused := refusal(command, self._capabilities):
            return refused
        try:
            return self._execute(command, call)
        except (PreparationFailedError, NotEncodableError, *_NO_ANSWER) as error:
            return _not_sent(error)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Ask for the name's `info` and what matters for `kind` besides; a failed look is `UNKNOWN`.

        For a restore that waits for its report, the report is sent once more (`restoring` says why).
        """
        looker = self._looker(domain)
        try:
            with self._conversation(call) as talk:
                return self._look(looker, kind, talk)
        except _NO_ANSWER as error:
            return looker.unknown(
                words_of(error),
                reply=error.reply if isinstance(error, LoginRefusedError) else None,
                blocked=_cause(error),
                retry_after=error.retry_after if isinstance(error, CallExpiredError) else None,
            )

    def next_message(self, call: Call) -> RegistrarMessage | None:
        """Return the head of the queue; it stays there until it is acknowledged (RFC 5730 §2.9.2.3)."""
        return head_of_queue(
            self._read(call, "poll", session_documents.poll, leniently=True), self._settings.own_id
        )

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Take a stored message off the queue."""
        answer = self._read(
            call, "ack", lambda identifier: session_documents.poll(identifier, acknowledged=message_id)
        )
        if answer.response.code not in ACKNOWLEDGED:
            raise _unusable("the acknowledgement", answer)

    def deposit(self, call: Call) -> Deposit | None:  # noqa: ARG002 - the contract's; EPP has no question for it
        """Return the balance that the latest command which cost something told (RFC 8748), or None before there was one."""
        return self._deposit if self._settings.fee_balance else None

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...] | None:  # noqa: ARG002 - the contract's
        """Return None: EPP has no statement."""
        return None

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        """Return the auth code that `info` shows, or None where the registry shows none."""
        answer = self._read(call, "code", lambda identifier: encoding.domain_info(domain, identifier))
        if answer.response.code != 1000:
            raise _unusable("the question for the auth code", answer)
        return auth_info_in(answer.response)

    def warnings(self) -> tuple[str, ...]:
        """Tell what the latest login warned of, and what of the configuration is out of date since (RFC 8807)."""
        return self._door.warnings

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Log in and tell what the greeting offers, what of it we use, and what is declared."""
        try:
            with self._conversation(call) as talk:
                return self._describe(talk.session())
        except _NO_ANSWER as error:
            raise GatewayUnavailableError(words_of(error), blocked=_cause(error)) from error

    def close(self) -> None:
        """Log out of every session."""
        self._pool.close()

    def _execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Carry out what is among the capabilities. Raises for everything that went wrong before the first byte."""
        match command:
            case Update():
                return self._update(command, call)
            case Delete():
                with self._conversation(call) as talk:
                    return errands.delete(command, talk, self._looker(command.domain), call)
            case AnswerTransfer():
                with self._conversation(call) as talk:
                    return errands.answer_transfer(command, talk, call)
            case Restore():
                return self._restore(command, call)
            case Register() | Renew() | Transfer():
                encoded = spending.encode(command, self._settings, call)
                with self._conversation(call) as talk:
                    return spending.spend(encoded, talk, self._settings, call, self._remember)
            case _:
                raise NotEncodableError(f"{type(command).__name__} is not done here")

    def _restore(self, command: Restore, call: Call) -> Outcome:
        """Ask for the restore and follow it as far as this call goes."""
        encoded = spending.encode(command, self._settings, call)
        with self._conversation(call) as talk:
            outcome = spending.spend(encoded, talk, self._settings, call, self._remember)
            if not isinstance(outcome, Pending):
                return outcome
            return Restoring(self._looker(command.domain), talk, self._settings, self._now).follow(outcome)

    def _update(self, update: Update, call: Call) -> Outcome:
        """Look, send the difference if there is one, judge."""
        with self._conversation(call) as talk:
            seen = talk.ask("info", lambda identifier: encoding.domain_info(update.domain, identifier))
            sighting = self._looker(update.domain).info(seen)
            changes = updating.changes_from(update, sighting, seen, self._settings)
            if changes.is_empty(update):
                return Done(seen.reply)
            steps, prepared = updating.plan(update, changes, self._settings, call)
            spending.carry_out(steps, talk)
            answer = talk.send_once(prepared)
        return answer if isinstance(answer, Unknown) else outcome_of_update(answer.response, answer.reply)

    def _look(self, looker: Looker, kind: Kind, talk: Conversation) -> Sighting:
        seen = talk.ask("info", lambda identifier: encoding.domain_info(looker.domain, identifier))
        sighting = looker.info(seen)
        if kind is Kind.REGISTER and sighting.standing is Standing.FREE:
            check = talk.ask("check", lambda identifier: encoding.domain_check(looker.domain, identifier))
            return replace(sighting, reason=looker.availability(check.response))
        if kind is Kind.RESTORE:
            return Restoring(looker, talk, self._settings, self._now).reported(sighting, seen)
        if kind is Kind.TRANSFER and sighting.standing is Standing.REGISTERED:
            return _with_transfer(looker, sighting, talk)
        return sighting

    def _read(
        self, call: Call, part: str, build: Callable[[str], Element], *, leniently: bool = False
    ) -> Exchange:
        try:
            with self._conversation(call) as talk:
                return talk.ask(part, build, leniently=leniently)
        except _NO_ANSWER as error:
            raise GatewayUnavailableError(words_of(error), blocked=_cause(error)) from error

    def _remember(self, answer: Exchange) -> None:
        """Keep the balance that an answer tells."""
        told = fees.balance_in(answer.response, self._settings.fee_namespace)
        self._deposit = told or self._deposit

    def _describe(self, session: Session) -> Mapping[str, str]:
        greeting, settings = session.greeting, self._settings
        passed_over = sorted(settings.wanted_services - greeting.services)
        told = {
            "protocol": "EPP 1.0 over TLS",
            "server": greeting.server_id,
            "server date": greeting.server_date,
            "connection": session.cipher,
            "objects": ", ".join(greeting.objects),
            "extensions": ", ".join(greeting.extensions) or "none",
            "asked for but not offered": ", ".join(passed_over) or "none",
            "logged in as": settings.username,
            "sessions": f"at most {settings.sessions} in this process",
            "contacts": settings.contacts,
            "name servers": settings.nameservers,
            "currency": settings.currency or "not configured",
            "warnings": "; ".join(self.warnings()) or "none",
            **describe(self._capabilities),
        }
        if settings.fee_balance and self._deposit is not None:
            told["deposit"] = f"{self._deposit.balance} {self._deposit.unit}, as the last charge told"
        return told

    def _looker(self, domain: DomainName) -> Looker:
        return Looker(domain, own_id=self._settings.own_id, source=f"epp:{self._name}", seen_at=self._now())

    @contextmanager
    def _conversation(self, call: Call) -> Iterator[Conversation]:
        deadline = Deadline(call.clock, call.finish_by).within(self._settings.call_timeout)
        with self._pool.lease(deadline, call.take_turn) as lease:
            yield Conversation(lease, call, deadline)


def _with_transfer(looker: Looker, sighting: Sighting, talk: Conversation) -> Sighting:
    """Add to a look how a transfer stands that we asked for."""
    answer = talk.ask("query", lambda identifier: encoding.transfer_query(looker.domain, identifier))
    progress = looker.transfer_progress(answer.response)
    if progress is None:
        return looker.refused("the transfer query", answer)
    asked_at = transfer_asked_at(answer.response)
    return replace(sighting, progress={**sighting.progress, **progress}, transfer_asked_at=asked_at)


def _unusable(question: str, answer: Exchange) -> GatewayUnavailableError:
    return GatewayUnavailableError(
        f"{question} was answered with {answer.reply.result_code} {answer.reply.text}",
        blocked=cause_of(answer.response),
    )


def _not_sent(error: Exception) -> Outcome:
    """Say what a failure before the first byte comes to."""
    match error:
        case PreparationFailedError():
            return error.outcome
        case NotEncodableError():
            reply = Reply(text=str(error))
            return Correctable(reply, error.needs) if error.needs else Blocked(reply, BlockCause.REQUEST)
        case LoginRefusedError():
            return Blocked(error.reply, BlockCause.CREDENTIALS)
        case CallExpiredError():
            return NotSent(words_of(error), retry_after=error.retry_after)
        case _:
            by_network = error.by_network if isinstance(error, UnreachableError) else True
            return NotSent(words_of(error), unreachable=by_network)


def _cause(error: Exception) -> BlockCause | None:
    """Tell what on our side a question's failure is due to: a refused login is, an outage is not."""
    return BlockCause.CREDENTIALS if isinstance(error, LoginRefusedError) else None
