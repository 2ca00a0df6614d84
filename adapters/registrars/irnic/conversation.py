"""What did one command and its answer come to, before anybody decides what it means? Told, or not told and why."""

from dataclasses import dataclass

from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.outcomes import CREDENTIALS_REFUSED
from adapters.registrars.irnic.reading import Response, response
from adapters.registrars.irnic.redacting import Redactor
from adapters.registrars.irnic.wire import Answer, Silence, Wire
from registrar.gateway import Call
from registrar.outcomes import BlockCause, Reply

OK = 200
_REFUSED_CREDENTIALS = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Told:
    """IRNIC answered this command, and we could read it."""

    answer: Response
    reply: Reply

    @property
    def blocked(self) -> BlockCause | None:
        """Set where the answer refuses our credentials, to whatever question."""
        return BlockCause.CREDENTIALS if self.answer.code in CREDENTIALS_REFUSED else None


@dataclass(frozen=True, slots=True)
class Untold:
    """No answer of IRNIC's that we could read.

    `sent` is false only where not one byte left. `blocked` is set where the gateway refused our credentials (HTTP 401,
    403), and then nothing was done. `night_page` tells that the page of the nightly closure came instead.
    """

    reason: str
    sent: bool
    reply: Reply
    blocked: BlockCause | None = None
    night_page: bool = False


class UntoldError(Exception):
    """A question that got no usable answer; the message says why."""


def completed(told: Told | Untold, *, code: int = 1000) -> Response:
    """Return the answer if it has the result code hoped for; raises `UntoldError` otherwise."""
    if isinstance(told, Untold):
        raise UntoldError(told.reason)
    if told.answer.code != code:
        raise UntoldError(f"IRNIC answered {told.answer.code}: {told.reply.text}")
    return told.answer


class Conversation:
    """Sends documents, reads what comes back, and keeps redacted transcripts of both."""

    def __init__(self, wire: Wire, redactor: Redactor, *, night_page_phrase: str) -> None:
        self._wire = wire
        self._redactor = redactor
        self._night_page_phrase = night_page_phrase

    def spend(self, document: bytes, call: Call) -> Told | Untold:
        """Send the command that spends, or the update, under its call's permit and id."""
        posted = self._wire.spend(document, call)
        return self._understand(document, posted, transaction_id=call.client_transaction_id)

    def read(self, document: bytes, call: Call, *, transaction_id: str) -> Told | Untold:
        """Send a command that changes nothing."""
        return self._understand(document, self._wire.read(document, call), transaction_id=transaction_id)

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def _understand(self, document: bytes, posted: Answer | Silence, *, transaction_id: str) -> Told | Untold:
        if isinstance(posted, Silence):
            transcript = self._redactor.exchange(document, None) if posted.sent else ""
            return Untold(self._redactor.text(posted.reason), posted.sent, Reply(transcript=transcript))
        transcript = self._redactor.exchange(document, posted.body)
        if posted.status != OK:
            return self._by_status(posted, transcript)
        try:
            answer = _ours(response(posted.body), transaction_id)
        except UnreadableError as error:
            night = self._is_night_page(posted.body)
            return Untold(str(error), sent=True, reply=Reply(transcript=transcript), night_page=night)
        return Told(answer, self._reply(answer, transcript))

    def _by_status(self, posted: Answer, transcript: str) -> Untold:
        """Judge an HTTP status other than 200: with it comes no answer of the registry's, whatever the body says."""
        reply = Reply(result_code=f"HTTP {posted.status}", transcript=transcript)
        if posted.status in _REFUSED_CREDENTIALS:
            reason = f"HTTP {posted.status}: IRNIC refuses our token or address"
            return Untold(reason, sent=True, reply=reply, blocked=BlockCause.CREDENTIALS)
        night = self._is_night_page(posted.body)
        return Untold(f"HTTP {posted.status} instead of an answer", sent=True, reply=reply, night_page=night)

    def _is_night_page(self, body: bytes) -> bool:
        return bool(self._night_page_phrase) and self._night_page_phrase in body.decode("utf-8", "replace")

    def _reply(self, answer: Response, transcript: str) -> Reply:
        text = ": ".join(part for part in (answer.message, answer.reason) if part)
        return Reply(
            result_code=str(answer.code),
            text=self._redactor.text(text),
            server_transaction_id=answer.server_transaction_id or None,
            transcript=transcript,
        )


def _ours(answer: Response, transaction_id: str) -> Response:
    """Return the answer if it is to our command: IRNIC repeats the id that it was given, or none."""
    if answer.client_transaction_id not in {"", transaction_id}:
        raise UnreadableError("the answer carries another command's transaction id")
    return answer
