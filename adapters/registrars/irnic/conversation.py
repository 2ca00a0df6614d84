"""What did one command and its answer come to, before anybody decides what it means? Told, or not told and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.outcomes import CREDENTIALS_REFUSED
from adapters.registrars.irnic.reading import Response, response
from adapters.registrars.irnic.redacting import Redactor
from adapters.registrars.web import Answered, Silent, Unsent, WebRequest, Wire
from registrar.gateway import Call
from registrar.outcomes import BlockCause, Reply
from registrar.secrets import Secret

OK = 200
_REFUSED_CREDENTIALS = frozenset({401, 403})
_TOO_MANY_REQUESTS = 429


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
    `unreachable`: the network, or a far side that said nothing of its own, was the reason. `retry_after` is in seconds,
    where a turn under the rate limit is known.
    """

    reason: str
    sent: bool
    reply: Reply
    blocked: BlockCause | None = None
    night_page: bool = False
    unreachable: bool = False
    retry_after: float | None = None


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
    """Sends documents to one URL, reads what comes back, and keeps redacted transcripts of both."""

    def __init__(
        self, wire: Wire, *, url: str, token: Secret, redactor: Redactor, night_page_phrase: str
    ) -> None:
        self._wire = wire
        self._url = url
        self._token = token
        self._redactor = redactor
        self._night_page_phrase = night_page_phrase

    def post(
        self,
        document: bytes,
        call: Call,
        *,
        transaction_id: str,
        spends: bool,
        secrets: Iterable[Secret] = (),
    ) -> Told | Untold:
        """Post a document; one that `spends` (a command, an update) under the call's permit.

        `secrets` are those of this document alone (a PIN, a national code), to be kept out of what is handed back.
        """
        request = WebRequest(
            "POST",
            self._url,
            body=document,
            headers={
                "Authorization": f"Bearer {self._token.reveal()}",
                "Content-Type": "application/xml; charset=UTF-8",
                "Accept": "application/xml",
            },
        )
        posted = self._wire.send(request, call, spends=spends)
        redactor = self._redactor.knowing(secrets)
        match posted:
            case Unsent(reason=reason, retry_after=retry_after, unreachable=unreachable):
                return Untold(
                    reason, sent=False, reply=Reply(), retry_after=retry_after, unreachable=unreachable
                )
            case Silent(reason=reason):
                reply = Reply(transcript=redactor.exchange(document, None))
                return Untold(reason, sent=True, reply=reply, unreachable=True)
            case Answered():
                transcript = redactor.exchange(document, posted.body)
                return self._understand(
                    posted, redactor, transcript=transcript, transaction_id=transaction_id
                )

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def _understand(
        self, posted: Answered, redactor: Redactor, *, transcript: str, transaction_id: str
    ) -> Told | Untold:
        if posted.status != OK:
            return self._by_status(posted, transcript)
        try:
            answer = _ours(response(posted.body), transaction_id)
        except UnreadableError as error:
            return self._page(posted, str(error), Reply(transcript=transcript))
        return Told(answer, _reply(answer, redactor, transcript))

    def _by_status(self, posted: Answered, transcript: str) -> Untold:
        """Judge an HTTP status other than 200: with it comes no answer of the registry's, whatever the body says."""
        status = f"HTTP {posted.status}"
        spoken = Reply(result_code=status, transcript=transcript)
        if posted.status in _REFUSED_CREDENTIALS:
            reason = f"{status}: IRNIC refuses our token or address"
            return Untold(reason, sent=True, reply=spoken, blocked=BlockCause.CREDENTIALS)
        if posted.status == _TOO_MANY_REQUESTS:
            return Untold(f"{status}: IRNIC is asked too often", sent=True, reply=spoken)
        return self._page(posted, f"{status} instead of an answer", Reply(text=status, transcript=transcript))

    def _page(self, posted: Answered, reason: str, reply: Reply) -> Untold:
        """Judge a body that is no answer: the page of the night, or something on the way that spoke for IRNIC."""
        phrase = self._night_page_phrase
        night = bool(phrase) and phrase in posted.body.decode("utf-8", "replace")
        return Untold(reason, sent=True, reply=reply, night_page=night, unreachable=not night)


def _reply(answer: Response, redactor: Redactor, transcript: str) -> Reply:
    text = ": ".join(part for part in (answer.message, answer.reason) if part)
    return Reply(
        result_code=str(answer.code),
        text=redactor.text(text),
        server_transaction_id=answer.server_transaction_id or None,
        transcript=transcript,
    )


def _ours(answer: Response, transaction_id: str) -> Response:
    """Return the answer if it is to our command: IRNIC repeats the id that it was given, or none."""
    if answer.client_transaction_id not in {"", transaction_id}:
        raise UnreadableError("the answer carries another command's transaction id")
    return answer
