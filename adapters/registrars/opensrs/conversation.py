"""What did one request and its answer come to, before anybody decides what it means? Told, or untold and why."""

from dataclasses import dataclass

from adapters.registrars.opensrs import envelope, signing
from adapters.registrars.opensrs.envelope import Answer, Request, UnreadableError
from adapters.registrars.opensrs.redacting import Redactor
from adapters.registrars.opensrs.settings import OpenSrsSettings
from adapters.registrars.web import Answered, Silent, Unsent, WebRequest, Wire
from registrar.gateway import Call
from registrar.outcomes import BlockCause, Reply

_OK = 200
_REFUSED_CREDENTIALS = 401


@dataclass(frozen=True, slots=True)
class Told:
    """OpenSRS answered this request, and we could read it."""

    answer: Answer
    reply: Reply


@dataclass(frozen=True, slots=True)
class Untold:
    """No answer of OpenSRS's that we could read.

    `sent` is false only where not one byte left. `blocked` is set where our credentials were refused by HTTP itself,
    and then nothing was done. `unreachable`: the network or the far side's silence is the reason, not our own limits.
    """

    reason: str
    sent: bool
    reply: Reply
    blocked: BlockCause | None = None
    retry_after: float | None = None
    unreachable: bool = True


class Conversation:
    """Signs and sends requests, reads what comes back, and keeps redacted transcripts of both."""

    def __init__(self, settings: OpenSrsSettings) -> None:
        self._settings = settings
        self._redactor = Redactor([settings.api_key, settings.reg_password])
        self._wire = Wire(
            ca_file=settings.ca_file,
            connect_timeout=settings.connect_timeout_seconds,
            call_timeout=settings.call_timeout_seconds,
            max_body_bytes=envelope.MAX_ANSWER_BYTES,
        )

    def spend(self, request: Request, call: Call) -> Told | Untold:
        """Send what spends or changes a name, under its call's permit. Raises `UnsayableError`: nothing was sent."""
        return self._exchange(request, call, spends=True)

    def ask(self, request: Request, call: Call) -> Told | Untold:
        """Send what changes nothing that anybody pays for. Raises `UnsayableError`."""
        return self._exchange(request, call, spends=False)

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def _exchange(self, request: Request, call: Call, *, spends: bool) -> Told | Untold:
        body = envelope.written(request)
        signed = signing.headers(body, username=self._settings.username, key=self._settings.api_key)
        came = self._wire.send(WebRequest("POST", self._settings.url, body, signed), call, spends=spends)
        match came:
            case Unsent():
                return Untold(
                    came.reason,
                    sent=False,
                    reply=Reply(),
                    retry_after=came.retry_after,
                    unreachable=came.unreachable,
                )
            case Silent():
                transcript = self._redactor.exchange(body, None)
                return Untold(came.reason, sent=True, reply=Reply(transcript=transcript))
            case Answered():
                return self._understood(body, came)

    def _understood(self, body: bytes, came: Answered) -> Told | Untold:
        transcript = self._redactor.exchange(body, came.body)
        if came.status != _OK:
            return _by_status(came.status, transcript)
        try:
            answer = envelope.read(came.body)
        except UnreadableError as error:
            return Untold(str(error), sent=True, reply=Reply(transcript=transcript))
        return Told(answer, self._reply(answer, body, transcript))

    def _reply(self, answer: Answer, body: bytes, transcript: str) -> Reply:
        transaction = answer.transaction_id
        return Reply(
            result_code=str(answer.code),
            text=self._redactor.text(answer.text, body),
            server_transaction_id=transaction and self._redactor.text(transaction, body),
            transcript=transcript,
        )


def _by_status(status: int, transcript: str) -> Untold:
    """Judge an HTTP status other than 200: with it comes no answer of OpenSRS's, whatever the body says."""
    if status == _REFUSED_CREDENTIALS:
        reply = Reply(result_code=f"HTTP {status}", transcript=transcript)
        reason = "HTTP 401: OpenSRS refuses our user name, key or signature"
        return Untold(reason, sent=True, reply=reply, blocked=BlockCause.CREDENTIALS, unreachable=False)
    return Untold(f"HTTP {status} instead of an answer", sent=True, reply=Reply(transcript=transcript))
