"""How does one EPP registry keep an adapter's contract? Prepare, send once, judge; look, update, read messages, inspect.

The boundary that everything turns on is in `_send_once`: until the permit is asked every failure is `NotSent` (or says
what to correct), from then on every failure is `Unknown`.
"""

import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from lxml.etree import _Element as Element

from adapters.registrars.epp import encoding, updating
from adapters.registrars.epp.documents import NotEncodableError
from adapters.registrars.epp.frames import Deadline
from adapters.registrars.epp.messages import ACKNOWLEDGED, head_of_queue
from adapters.registrars.epp.outcomes import cause_of, outcome_of, outcome_of_update
from adapters.registrars.epp.pool import Lease, SessionPool
from adapters.registrars.epp.preparation import PreparationFailedError, Step, contact_ids, judge, steps_before
from adapters.registrars.epp.session import (
    TRANSPORT_FAULTS,
    Exchange,
    LoginRefusedError,
    Prepared,
    Session,
    UnreachableError,
)
from adapters.registrars.epp.settings import EppSettings
from adapters.registrars.epp.sightings import Looker, transfer_asked_at
from registrar.commands import Command, ContactRole, Errand, Kind, Register, Renew, Transfer, Update
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
from registrar.outcomes import BlockCause, Blocked, Correctable, Done, NotSent, Outcome, Reply, Unknown
from registrar.secrets import Secret

_NO_SESSION = (UnreachableError, *TRANSPORT_FAULTS)


class EppGateway:
    """One EPP registry; safe to use from several threads. `now` is the wall clock, for a sighting's date alone."""

    def __init__(
        self, name: str, settings: EppSettings, context: ssl.SSLContext, *, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._settings = settings
        self._now = now
        self._capabilities = settings.capabilities()
        self._pool = SessionPool(settings, lambda deadline: Session.open(settings, context, deadline))

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it declares."""
        return self._capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Prepare and send a command that spends, or what an update comes to, once."""
        try:
            match command:
                case Update():
                    return self._update(command, call)
                case Register() | Renew() | Transfer():
                    return self._spend(command, call)
                case _:
                    return Blocked(
                        Reply(text=f"{type(command).__name__} is not done here"), BlockCause.REQUEST
                    )
        except (
            PreparationFailedError,
            NotEncodableError,
            LoginRefusedError,
            CallExpiredError,
            *_NO_SESSION,
        ) as error:
            return _not_sent(error)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Ask for the name's `info` and, for a transfer, how ours stands; a failed look is `UNKNOWN`."""
        looker = self._looker(domain)
        deadline = self._deadline(call)
        try:
            with self._pool.lease(deadline) as lease:
                return self._look(looker, kind, call, lease, deadline)
        except (LoginRefusedError, *_NO_SESSION) as error:
            reply = error.reply if isinstance(error, LoginRefusedError) else None
            return looker.unknown(_words(error), reply=reply, blocked=_cause(error))

    def next_message(self, call: Call) -> RegistrarMessage | None:
        """Return the head of the queue; it stays there until it is acknowledged (RFC 5730 §2.9.2.3)."""
        return head_of_queue(self._read(call, "poll", encoding.poll), self._settings.own_id)

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Take a stored message off the queue."""
        answer = self._read(
            call, "ack", lambda identifier: encoding.poll(identifier, acknowledged=message_id)
        )
        if answer.response.code not in ACKNOWLEDGED:
            raise GatewayUnavailableError(
                f"the acknowledgement was answered with {answer.reply.result_code} {answer.reply.text}",
                blocked=cause_of(answer.response),
            )

    def deposit(self, call: Call) -> Deposit | None:  # noqa: ARG002 - the contract's; plain EPP has nothing to ask
        """Return None: EPP itself reports no balance (the fee extension's comes only with a paid command)."""
        return None

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...] | None:  # noqa: ARG002 - the contract's
        """Return None: no statement is read here."""
        return None

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:  # noqa: ARG002 - the contract's
        """Return None: it is not read here."""
        return None

    def warnings(self) -> tuple[str, ...]:
        """Return nothing: the registrar warns of nothing here."""
        return ()

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Log in and tell what the greeting offers, what of it we use, and what is declared."""
        deadline = self._deadline(call)
        try:
            with self._pool.lease(deadline) as lease:
                return self._describe(lease.session(deadline))
        except (LoginRefusedError, *_NO_SESSION) as error:
            raise GatewayUnavailableError(_words(error), blocked=_cause(error)) from error

    def close(self) -> None:
        """Log out of every session."""
        self._pool.close()

    def _spend(self, command: Command, call: Call) -> Outcome:
        """Prepare, send, judge. Raises for everything that went wrong before the command's first byte."""
        deadline = self._deadline(call)
        steps, prepared = self._prepare(command, call)
        with self._pool.lease(deadline) as lease:
            answer = _carry_out(steps, prepared, call, lease, deadline)
        return answer if isinstance(answer, Unknown) else outcome_of(command, answer.response, answer.reply)

    def _update(self, update: Update, call: Call) -> Outcome:
        """Look, send the difference if there is one, judge. Raises as `_spend` does."""
        deadline = self._deadline(call)
        identifier = _fresh_id(call, "info")
        with self._pool.lease(deadline) as lease:
            seen = _ask(lease, encoding.domain_info(update.domain, identifier), identifier, deadline)
            changes = updating.difference_from(update, self._looker(update.domain).info(seen), seen)
            if changes.is_empty:
                return Done(seen.reply)
            steps, prepared = updating.plan(update.domain, changes, self._settings, call)
            answer = _carry_out(steps, prepared, call, lease, deadline)
        return answer if isinstance(answer, Unknown) else outcome_of_update(answer.response, answer.reply)

    def _looker(self, domain: DomainName) -> Looker:
        return Looker(domain, own_id=self._settings.own_id, source=f"epp:{self._name}", seen_at=self._now())

    def _prepare(self, command: Command, call: Call) -> tuple[list[Step], Prepared]:
        """Encode everything before anything is sent: what cannot be said costs nobody a session."""
        steps: list[Step] = []
        contacts: dict[ContactRole, str] = {}
        if isinstance(command, Register):
            steps = steps_before(command, self._settings, call)
            contacts = contact_ids(command, self._settings)
        transaction_id = call.client_transaction_id
        document = encoding.spending_command(command, self._settings, transaction_id, contacts)
        told = frozenset[str]().union(*(step.prepared.secrets for step in steps))
        return steps, Prepared(document, transaction_id, told=told)

    def _look(self, looker: Looker, kind: Kind, call: Call, lease: Lease, deadline: Deadline) -> Sighting:
        identifier = _fresh_id(call, "info")
        info = encoding.domain_info(looker.domain, identifier)
        sighting = looker.info(_ask(lease, info, identifier, deadline))
        if kind is Kind.REGISTER and sighting.standing is Standing.FREE:
            identifier = _fresh_id(call, "check")
            check = encoding.domain_check(looker.domain, identifier)
            reason = looker.availability(_ask(lease, check, identifier, deadline).response)
            return replace(sighting, reason=reason)
        if kind is not Kind.TRANSFER or sighting.standing is not Standing.REGISTERED:
            return sighting
        identifier = _fresh_id(call, "query")
        query = encoding.transfer_query(looker.domain, identifier)
        answer = _ask(lease, query, identifier, deadline)
        progress = looker.transfer_progress(answer.response)
        if progress is None:
            return looker.refused("the transfer query", answer)
        asked_at = transfer_asked_at(answer.response)
        return replace(sighting, progress={**sighting.progress, **progress}, transfer_asked_at=asked_at)

    def _read(self, call: Call, part: str, build: Callable[[str], Element]) -> Exchange:
        deadline = self._deadline(call)
        identifier = _fresh_id(call, part)
        try:
            with self._pool.lease(deadline) as lease:
                return _ask(lease, build(identifier), identifier, deadline)
        except (LoginRefusedError, *_NO_SESSION) as error:
            raise GatewayUnavailableError(_words(error), blocked=_cause(error)) from error

    def _describe(self, session: Session) -> Mapping[str, str]:
        greeting, settings = session.greeting, self._settings
        passed_over = sorted(settings.wanted_services - greeting.services)
        return {
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
            **describe(self._capabilities),
        }

    def _deadline(self, call: Call) -> Deadline:
        return Deadline(call.clock, call.finish_by).within(self._settings.call_timeout)


def _carry_out(
    steps: list[Step], prepared: Prepared, call: Call, lease: Lease, deadline: Deadline
) -> Exchange | Unknown:
    """Take the steps before a command, then send it."""
    for step in steps:
        judge(step, lease.session(deadline).exchange(step.prepared, deadline))
    return _send_once(prepared, call, lease.session(deadline), deadline)


def _send_once(prepared: Prepared, call: Call, session: Session, deadline: Deadline) -> Exchange | Unknown:
    """Send the command itself. Raises `CallExpiredError` alone: past the permit every failure is `Unknown`."""
    try:
        return session.exchange(prepared, deadline, permit=call.permit)
    except TRANSPORT_FAULTS as error:
        reason = f"no answer that can be trusted: {_words(error)}"
        return Unknown(reason, Reply(transcript=prepared.transcript))


def _ask(lease: Lease, document: Element, transaction_id: str, deadline: Deadline) -> Exchange:
    """Send something that spends nothing."""
    return lease.session(deadline).exchange(Prepared(document, transaction_id), deadline)


def _fresh_id(call: Call, part: str) -> str:
    """Make a reading's transaction id: a look may be repeated under the same call, a transaction id may not."""
    return call.transaction_id(f"{part}-{secrets.token_hex(4)}")


def _not_sent(error: Exception) -> Outcome:
    """Say what a failure before the first byte comes to."""
    match error:
        case PreparationFailedError():
            return error.outcome
        case NotEncodableError() if error.needs is not None:
            return Correctable(Reply(text=str(error)), error.needs)
        case NotEncodableError():
            return Blocked(Reply(text=str(error)), BlockCause.REQUEST)
        case LoginRefusedError():
            return Blocked(error.reply, BlockCause.CREDENTIALS)
        case _:
            return NotSent(_words(error))


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def _cause(error: Exception) -> BlockCause | None:
    """Tell what on our side a question's failure is due to: a refused login is, an outage is not."""
    return BlockCause.CREDENTIALS if isinstance(error, LoginRefusedError) else None
