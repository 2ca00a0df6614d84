"""What did one question and its answer come to, before anybody decides what it means? Told, or not told and why.

The bearer token is fetched here, once for all threads, and fetched again once when Openprovider no longer takes it:
HTTP 401 or code 196 says that the question was not carried out (facts §4.5), so the same question may go out again in
the same attempt, with the permit asked anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from adapters.registrars.openprovider import encoding, reading
from adapters.registrars.openprovider.encoding import Question
from adapters.registrars.openprovider.envelope import Envelope, UnreadableError, opened
from adapters.registrars.openprovider.redacting import Redactor
from adapters.registrars.openprovider.settings import OpenproviderSettings
from adapters.registrars.web import Answered, Silent, Unsent, WebRequest, Wire
from registrar.gateway import Call
from registrar.outcomes import BlockCause, Blocked, NotSent, Outcome, Reply, Unknown

MAX_ANSWER_BYTES = 8_000_000
"""A page of a thousand transactions is well below a megabyte; a thousand customers are not."""
PAUSE_SECONDS = 60.0
"""How long to leave Openprovider alone when it says that it is under maintenance, or that its registry is."""
MOST_WARNINGS = 50

LOGIN_REFUSED = 196
CREDENTIALS_REFUSED = frozenset({196, 308, 309, 900, 901, 902, 4002, 4003})
"""Login, permission or address refused, of whatever question (facts §4.4)."""
TEMPORARY = frozenset({10, 15, 17, 340, 4005})
"""A registry or the whole platform is down. Of a command that was under way it proves nothing."""
UNCLEAR = frozenset({11, 199, 299, 341, 502, 999, 4004})
"""Failures of the far side that do not say how far it got."""

_UNAUTHORIZED = 401

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """Openprovider answered, and we could read the envelope."""

    answer: Envelope
    reply: Reply

    @property
    def blocked(self) -> BlockCause | None:
        """Set where the answer refuses our credentials, to whatever question."""
        return BlockCause.CREDENTIALS if self.answer.code in CREDENTIALS_REFUSED else None

    @property
    def retry_after(self) -> float | None:
        """Set where the answer asks for patience."""
        waits = self.answer.code and (self.answer.maintenance or self.answer.code in TEMPORARY)
        return PAUSE_SECONDS if waits else None


@dataclass(frozen=True, slots=True)
class Untold:
    """No answer of Openprovider's that we could read.

    `sent` is false only where not one byte of the question left; `unreachable` tells that the network, and not our own
    limits, was why. `blocked` is set where our credentials were refused, and then nothing was carried out.
    """

    reason: str
    sent: bool
    reply: Reply = field(default_factory=Reply)
    blocked: BlockCause | None = None
    retry_after: float | None = None
    unreachable: bool = False


class UntoldError(Exception):
    """A question that got no usable answer; `told` is what came of it, and the message says why."""

    def __init__(self, message: str, told: Told | Untold) -> None:
        super().__init__(message)
        self.told = told


class Conversation:
    """Puts questions to one account and reads what comes back; safe for several threads."""

    def __init__(self, settings: OpenproviderSettings) -> None:
        self._settings = settings
        self._wire = Wire(
            ca_file=settings.ca_file,
            connect_timeout=settings.connect_timeout_seconds,
            call_timeout=settings.call_timeout_seconds,
            max_body_bytes=MAX_ANSWER_BYTES,
        )
        self._token: str | None = None
        self._login = threading.Lock()
        self._warnings: OrderedDict[str, None] = OrderedDict()
        self._noting = threading.Lock()
        self.redactor = Redactor(self._secrets)

    def spend(self, question: Question, call: Call) -> Told | Untold:
        """Put a question that spends or changes: the permit is asked right before its first byte."""
        return self._ask(question, call, spends=True)

    def read(self, question: Question, call: Call, what: Callable[[Any], T]) -> T:
        """Put a question that changes nothing anybody pays for, and read its data; raises `UntoldError`."""
        told = self._ask(question, call, spends=False)
        if isinstance(told, Untold):
            raise UntoldError(told.reason, told)
        if told.answer.code != 0:
            raise UntoldError(f"Openprovider answered {told.answer.code}: {told.reply.text}", told)
        try:
            return what(told.answer.content)
        except UnreadableError as error:
            raise UntoldError(str(error), Untold(str(error), sent=True, reply=told.reply)) from error

    def note(self, warning: str) -> None:
        """Keep a warning for staff, each once, the latest fifty."""
        with self._noting:
            self._warnings[warning] = None
            self._warnings.move_to_end(warning)
            if len(self._warnings) > MOST_WARNINGS:
                self._warnings.popitem(last=False)

    def warnings(self) -> tuple[str, ...]:
        """Return what was noted since the start, the latest last."""
        with self._noting:
            return tuple(self._warnings)

    def close(self) -> None:
        """Close the kept connections; a token ends by itself."""
        self._wire.close()

    def _ask(self, question: Question, call: Call, *, spends: bool) -> Told | Untold:
        token = self._current_token(call, refused=None)
        if isinstance(token, Untold):
            return token
        told, refused = self._exchange(question, token, call, spends=spends)
        if not refused:
            return told
        token = self._current_token(call, refused=token)
        if isinstance(token, Untold):
            return token
        told, refused = self._exchange(question, token, call, spends=spends)
        if not refused:
            return told
        reason = "Openprovider refuses a token that it has just given"
        return Untold(reason, sent=True, reply=told.reply, blocked=BlockCause.CREDENTIALS)

    def _current_token(self, call: Call, *, refused: str | None) -> str | Untold:
        """Return the token; log in if there is none, or only the one that was just `refused`.

        One thread logs in while the others wait, no longer than their own call lasts, and then use what it got.
        """
        if not self._login.acquire(timeout=call.remaining()):
            return Untold("not sent: the call's deadline passed while another thread logged in", sent=False)
        try:
            if self._token is None or self._token == refused:
                self._token = None
                got = self._log_in(call)
                if isinstance(got, Untold):
                    return got
                self._token = got
            return self._token
        finally:
            self._login.release()

    def _log_in(self, call: Call) -> str | Untold:
        """Ask for a token. Whatever goes wrong, the question that it is for was not sent."""
        question = encoding.login(self._settings.username, self._settings.password)
        told, refused = self._exchange(question, None, call, spends=False)
        if refused or told.blocked is not None:
            reason = "Openprovider refuses our login, password or address"
            return Untold(reason, sent=False, reply=told.reply, blocked=BlockCause.CREDENTIALS)
        if isinstance(told, Untold):
            return replace(
                told,
                reason=f"no login: {told.reason}",
                sent=False,
                unreachable=told.sent or told.unreachable,
            )
        try:
            if told.answer.code == 0:
                return reading.token(told.answer.content)
            reason = f"the login was answered {told.answer.code}: {told.reply.text}"
        except UnreadableError as error:
            reason = str(error)
        return Untold(
            reason,
            sent=False,
            reply=told.reply,
            retry_after=told.retry_after or PAUSE_SECONDS,
        )

    def _exchange(
        self, question: Question, token: str | None, call: Call, *, spends: bool
    ) -> tuple[Told | Untold, bool]:
        """Put one question once; also tell whether the token, or the login, was refused."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self._settings.url}{question.target}"
        sent = self._wire.send(WebRequest(question.method, url, question.body, headers), call, spends=spends)
        line = f"{question.method} {question.target}"
        match sent:
            case Unsent():
                told = Untold(
                    sent.reason, sent=False, retry_after=sent.retry_after, unreachable=sent.unreachable
                )
                return told, False
            case Silent():
                transcript = self.redactor.exchange(line, question.body, None, question.private)
                return Untold(sent.reason, sent=True, reply=Reply(transcript=transcript)), False
            case Answered():
                transcript = self.redactor.exchange(line, question.body, sent.body, question.private)
                return self._understood(sent, transcript, question.private)

    def _understood(
        self, sent: Answered, transcript: str, private: tuple[str, ...]
    ) -> tuple[Told | Untold, bool]:
        """Judge by the envelope's code, and by the HTTP status only where there is none."""
        try:
            answer = opened(sent.body)
        except UnreadableError as error:
            reason = f"HTTP {sent.status}: {error}"
            return Untold(reason, sent=True, reply=Reply(transcript=transcript)), sent.status == _UNAUTHORIZED
        for warning in answer.warnings:
            self.note(self.redactor.text(warning, private))
        text = self.redactor.text(answer.text, private)
        told = Told(answer, Reply(result_code=str(answer.code), text=text, transcript=transcript))
        refused = answer.code == LOGIN_REFUSED or (sent.status == _UNAUTHORIZED and answer.code != 0)
        return told, refused

    def _secrets(self) -> tuple[str, ...]:
        password = self._settings.password.reveal()
        return (password,) if (token := self._token) is None else (password, token)


def before(error: UntoldError) -> Outcome:
    """Say what becomes of a command when a question before it got no usable answer: it was not sent, whatever it is."""
    told = error.told
    if told.blocked is not None:
        return Blocked(told.reply, told.blocked)
    unreachable = isinstance(told, Untold) and (told.unreachable or told.sent)
    return NotSent(
        f"the command was not sent: {error}", retry_after=told.retry_after, unreachable=unreachable
    )


def of_untold(told: Untold) -> Outcome:
    """Say what a command came to whose own answer could not be had."""
    if told.blocked is not None:
        return Blocked(told.reply, told.blocked)
    if not told.sent:
        return NotSent(told.reason, retry_after=told.retry_after, unreachable=told.unreachable)
    return Unknown(told.reason, told.reply)
