"""What did one exchange come to, before anybody decides what it means? Told, or not told and why."""

from dataclasses import dataclass
from typing import Any

from adapters.registrars.logicboxes import outcomes, reading
from adapters.registrars.logicboxes.asking import Ask
from adapters.registrars.logicboxes.reading import UnreadableError
from adapters.registrars.logicboxes.redacting import Redactor
from adapters.registrars.logicboxes.settings import LogicBoxesSettings
from adapters.registrars.web import Answered, Silent, Unsent, WebRequest, Wire
from registrar.gateway import Call
from registrar.outcomes import BlockCause, Blocked, NotSent, Outcome, Reply, Unknown

MAX_ANSWER_BYTES = 4_000_000
"""The list of prices is the longest answer; everything else is a few kilobytes."""

_REFUSED_CREDENTIALS = frozenset({401, 403})
_TOO_MUCH = 429
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of theirs that could be read; `fault` is the text of an error object, None for any other answer."""

    value: Any
    fault: str | None
    reply: Reply

    @property
    def refuses_credentials(self) -> bool:
        """Tell whether our key or address is refused, to whatever was asked."""
        return self.fault is not None and outcomes.refuses_credentials(self.fault)

    @property
    def is_absent(self) -> bool:
        """Tell whether they say that the name is not in our account."""
        return self.fault is not None and outcomes.is_absent(self.fault)


@dataclass(frozen=True, slots=True)
class Untold:
    """No answer that could be read.

    `sent` is false only where not one byte left. `blocked` is set where our key or address is refused (HTTP 401, 403),
    and then nothing was done. `unreachable`: the network, or what stands between us, is the reason.
    """

    reason: str
    sent: bool
    reply: Reply
    blocked: BlockCause | None = None
    unreachable: bool = False
    retry_after: float | None = None


class Conversation:
    """Sends what `asking` writes, reads what comes back, and keeps masked transcripts of both."""

    def __init__(self, settings: LogicBoxesSettings) -> None:
        self._settings = settings
        self._redactor = Redactor(settings.api_key)
        self._wire = Wire(
            ca_file=settings.ca_file,
            connect_timeout=settings.connect_timeout_seconds,
            call_timeout=settings.call_timeout_seconds,
            max_body_bytes=MAX_ANSWER_BYTES,
        )

    def spend(self, ask: Ask, call: Call) -> Told | Untold:
        """Send an order, or a change of a name, under the call's permit."""
        return self._understand(ask, self._wire.send(self._request(ask), call, spends=True))

    def read(self, ask: Ask, call: Call) -> Told | Untold:
        """Ask a question, or send a step before the order (a contact)."""
        return self._understand(ask, self._wire.send(self._request(ask), call, spends=False))

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def clean(self, text: str, ask: Ask) -> str:
        """Return a text of theirs as it may be kept."""
        return self._redactor.text(text, ask)

    def _request(self, ask: Ask) -> WebRequest:
        """Write the key into the form of a write; a read has only its query for it."""
        settings = self._settings
        address = f"{settings.url}/{ask.command}.json"
        words = ask.encoded(reseller_id=settings.reseller_id, api_key=settings.api_key)
        if ask.writes:
            return WebRequest("POST", address, words.encode(), {**_FORM, **_JSON})
        return WebRequest("GET", f"{address}?{words}", None, _JSON)

    def _understand(self, ask: Ask, said: Answered | Unsent | Silent) -> Told | Untold:
        match said:
            case Unsent():
                return Untold(
                    said.reason,
                    sent=False,
                    reply=Reply(),
                    unreachable=said.unreachable,
                    retry_after=said.retry_after,
                )
            case Silent():
                reply = Reply(transcript=self._redactor.exchange(ask, None))
                return Untold(said.reason, sent=True, reply=reply, unreachable=True)
            case Answered():
                return self._answered(ask, said)

    def _answered(self, ask: Ask, said: Answered) -> Told | Untold:
        transcript = self._redactor.exchange(ask, said.body)
        if said.status in _REFUSED_CREDENTIALS:
            reply = Reply(result_code=f"HTTP {said.status}", transcript=transcript)
            reason = f"HTTP {said.status}: the registrar refuses our key or our address"
            return Untold(reason, sent=True, reply=reply, blocked=BlockCause.CREDENTIALS)
        try:
            value = reading.content(said.status, said.body)
        except UnreadableError as error:
            wait = _seconds(said.headers.get("retry-after", "")) if said.status == _TOO_MUCH else None
            return Untold(
                str(error), sent=True, reply=Reply(transcript=transcript), unreachable=True, retry_after=wait
            )
        return Told(value, reading.fault(value), self._reply(ask, value, transcript))

    def _reply(self, ask: Ask, value: Any, transcript: str) -> Reply:
        fault = reading.fault(value)
        if fault is not None:
            return Reply("error", self.clean(fault, ask), transcript=transcript)
        if not isinstance(value, dict):
            return Reply("ok", transcript=transcript)
        told = {key: value.get(key) for key in ("actionstatus", "status", "actionstatusdesc", "eaqid")}
        code = str(told["actionstatus"] or told["status"] or "ok")
        text = self.clean(str(told["actionstatusdesc"] or ""), ask)
        return Reply(code, text, str(told["eaqid"]) if told["eaqid"] else None, transcript)


def before(told: Told | Untold) -> Outcome | None:
    """Return what it comes to that a question before the order failed: the order was not sent. None if it did not fail.

    An error text is no failure here, unless it refuses our credentials: who asked knows what it means.
    """
    if isinstance(told, Told):
        return Blocked(told.reply, BlockCause.CREDENTIALS) if told.refuses_credentials else None
    if told.blocked:
        return Blocked(_with_reason(told), told.blocked)
    return NotSent(f"the order was not sent: {told.reason}", told.retry_after, unreachable=told.unreachable)


def after(untold: Untold) -> Outcome:
    """Return what it comes to that an order itself got no answer that could be read."""
    if untold.blocked:
        return Blocked(_with_reason(untold), untold.blocked)
    if not untold.sent:
        return NotSent(untold.reason, untold.retry_after, unreachable=untold.unreachable)
    return Unknown(untold.reason, untold.reply)


def _with_reason(untold: Untold) -> Reply:
    reply = untold.reply
    return Reply(reply.result_code, untold.reason, reply.server_transaction_id, reply.transcript)


def _seconds(text: str) -> float | None:
    """Read a Retry-After in seconds; its other form, a date, is not worth a clock."""
    return float(text) if text.isascii() and text.isdecimal() else None
