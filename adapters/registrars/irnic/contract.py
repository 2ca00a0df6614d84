"""How is one IRNIC contract spoken for? What every command shares: its credentials, its hours, and its questions."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from adapters.registrars.irnic import encoding, outcomes
from adapters.registrars.irnic.conversation import Conversation, Told, Untold
from adapters.registrars.irnic.hours import ClosedHours
from adapters.registrars.irnic.redacting import Redactor
from adapters.registrars.irnic.settings import IrnicSettings
from adapters.registrars.irnic.steps import PAUSE_SECONDS
from adapters.registrars.web import Wire
from registrar.gateway import Call
from registrar.names import DomainName
from registrar.outcomes import Blocked, NotSent, Outcome, Unknown
from registrar.secrets import Secret

MAX_ANSWER_BYTES = 5_000_000
"""A busy month's credit statement; every other answer is far smaller."""

Writer = Callable[..., bytes]
"""Writes one document, given its `transaction_id`."""


class Contract:
    """One IRNIC contract. `now` is the wall clock, in aware UTC."""

    def __init__(self, settings: IrnicSettings, *, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.now = now
        self.hours = ClosedHours(settings.closed_from, settings.closed_until)
        wire = Wire(
            ca_file=settings.ca_file,
            connect_timeout=settings.connect_timeout_seconds,
            call_timeout=settings.call_timeout_seconds,
            max_body_bytes=MAX_ANSWER_BYTES,
        )
        self._talk = Conversation(
            wire,
            url=settings.url,
            token=settings.token,
            redactor=Redactor([settings.token, settings.deposit_code]),
            night_page_phrase=settings.night_page_phrase,
        )

    @property
    def billing_handle(self) -> str:
        """Our own handle, as IRNIC writes handles."""
        return self.settings.billing_handle.lower()

    @property
    def deposit_code(self) -> Secret:
        """What every command on a domain or a contact carries."""
        return self.settings.deposit_code

    def ask(
        self, write: Writer, call: Call, *, part: str = "", secrets: Iterable[Secret] = ()
    ) -> Told | Untold:
        """Send what spends nothing. `part` names a step before the command; the command's own id is without one."""
        step = call.transaction_id(part) if part else call.client_transaction_id
        document = write(transaction_id=step)
        return self._talk.post(document, call, transaction_id=step, spends=False, secrets=secrets)

    def spend(self, write: Writer, call: Call, *, secrets: Iterable[Secret] = ()) -> Told | Untold:
        """Send the command that spends, or the errand, under its call's permit and id."""
        step = call.client_transaction_id
        document = write(transaction_id=step)
        return self._talk.post(document, call, transaction_id=step, spends=True, secrets=secrets)

    def info(self, domain: DomainName, call: Call, *, part: str = "info") -> Told | Untold:
        """Ask for a name's state."""
        return self.ask(
            partial(encoding.info_domain, domain, deposit_code=self.deposit_code), call, part=part
        )

    def settled(self, command: str, told: Told | Untold) -> Outcome:
        """Return what a command that was to be spent on came to; `command` is a word of `outcomes`."""
        if isinstance(told, Told):
            return outcomes.settle(command, told.answer, told.reply)
        if not told.sent:
            return NotSent(told.reason, retry_after=told.retry_after, unreachable=told.unreachable)
        if told.blocked is not None:
            return Blocked(told.reply, told.blocked)
        if told.night_page and self.hours.just_opened(self.now(), within=self.settings.closing_margin):
            return NotSent("IRNIC has not opened yet", retry_after=PAUSE_SECONDS)
        return Unknown(told.reason, told.reply)

    def until_opening(self, margin: timedelta = timedelta(0)) -> float | None:
        """Return the seconds until it opens, or None while it is open (and stays so for the margin)."""
        now = self.now()
        opening = self.hours.opening(now, margin=margin)
        return None if opening is None else (opening - now).total_seconds()

    def close(self) -> None:
        """Close the kept connections."""
        self._talk.close()
