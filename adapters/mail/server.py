"""How does a letter leave, and what is proven when no answer comes? One SMTP conversation for each, to one recipient.

What tells *not taken* from *perhaps taken* is the end of the mail (`<CRLF>.<CRLF>`, RFC 5321 §4.1.1.4), not the class of
an exception: whatever goes wrong before the first byte of that end has left was not taken; whatever goes wrong after it may
have been, and the mail is never sent again. smtplib sends the text and its end in one go and cannot tell the two
apart, so that part is spoken here.

    connect ─ EHLO ─ STARTTLS ─ AUTH ─ MAIL FROM │ RCPT TO ─ DATA ─ text │ end ─ answer
        Delayed, ours: it would meet every mail   │ Refused 5xx, Delayed 4xx │ and Unknown, if no answer comes

Limits in order: a single read or write, the whole conversation, the notice's lease. The bound of the whole holds for each
read too: a server that drips byte by byte ends in time. Name resolution alone cannot be interrupted. What the server wrote
is kept as evidence without any address (D10).
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from registrar.mails import Accepted, Answer, Delayed, Refused, Unknown
from registrar.secrets import Secret

_END = b".\r\n"
_LONGEST_SAID = 300
_LONGEST_LINE = 8192
"""RFC 5321 §4.5.3.1.5 gives a reply line 512 octets; smtplib itself reads up to this."""


class Security(StrEnum):
    """How a connection is kept from others' eyes."""

    STARTTLS = "starttls"
    """Turned into TLS after the greeting; refused where the server does not offer it (RFC 3207)."""
    TLS = "tls"
    """TLS from the first byte (RFC 8314)."""
    NONE = "none"
    """In the clear: for a server on the same machine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited, in seconds."""

    step: float
    """For connecting, and for one read or write."""
    whole: float
    """For the conversation."""


class _OverdueError(OSError):
    """The conversation's time is up."""


class _LineLostError(OSError):
    """The far side has closed the connection."""


@dataclass(frozen=True)
class MailServer:
    """The company's own mail server."""

    host: str
    port: int
    security: Security
    limits: Limits
    hello: str
    """Who we are, in EHLO."""
    envelope_from: str
    """Where bounces go (RFC 5321 §3.6.3)."""
    clock: Callable[[], float]
    """Seconds that run on."""
    username: str = ""
    password: Secret | None = None
    ca_file: Path | None = None

    def send(self, message: EmailMessage, recipient: str) -> Answer:
        """Send a letter once, and return what came of it; nothing is raised for what the far side or the line does."""
        until = self.clock() + self.limits.whole
        try:
            line = self._greeted(until)
        except smtplib.SMTPResponseException as error:
            return Delayed(_said(error.smtp_code, error.smtp_error, recipient), ours=True)
        except (OSError, smtplib.SMTPException) as error:
            return Delayed(f"no conversation with the mail server: {_reason(error)}", ours=True)
        try:
            return _speak(line, message, self.envelope_from, recipient)
        finally:
            _hang_up(line)

    def _greeted(self, until: float) -> "_Line":
        """Connect, secure the line and log in."""
        line = _connected(self, until)
        try:
            if self.security is Security.STARTTLS:
                line.starttls(context=self.tls)  # raises, rather than go on in the clear
            line.ehlo_or_helo_if_needed()
            if self.password is not None:
                line.login(self.username, self.password.reveal())
        except BaseException:
            line.close()
            raise
        return line

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Trust the given authority, or the machine's; the server's name is checked."""
        return ssl.create_default_context(cafile=self.ca_file)


class _Replies:
    """The far side's lines; each read is given what is left of the whole conversation's time, and no more."""

    def __init__(
        self, connection: socket.socket, until: float, limits: Limits, clock: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._until = until
        self._limits = limits
        self._clock = clock
        self._unread = b""

    def readline(self, limit: int = _LONGEST_LINE) -> bytes:
        """Read up to a line's end."""
        while b"\n" not in self._unread and len(self._unread) < limit:
            left = self._until - self._clock()
            if left <= 0:
                raise _OverdueError
            self._connection.settimeout(min(left, self._limits.step))
            part = self._connection.recv(_LONGEST_LINE)
            if not part:
                raise _LineLostError
            self._unread += part
        line, end, self._unread = self._unread.partition(b"\n")
        return line + end

    def close(self) -> None:
        """Let go of what is unread."""
        self._unread = b""


class _Line(smtplib.SMTP):
    """smtplib's conversation, with our bound on every read."""

    def __init__(self, server: MailServer, until: float) -> None:
        self._server = server
        self._until = until
        super().__init__(server.host, server.port, local_hostname=server.hello, timeout=server.limits.step)

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply, within the time that is left."""
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock, self._until, self._server.limits, self._server.clock)
        return super().getreply()


class _SecureLine(_Line):
    """The same, in TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        """Connect as smtplib does, and secure the connection before the greeting."""
        plain = socket.create_connection((host, port), timeout)
        return self._server.tls.wrap_socket(plain, server_hostname=host)


def _connected(server: MailServer, until: float) -> _Line:
    make = _SecureLine if server.security is Security.TLS else _Line
    return make(server, until)


def _speak(line: _Line, message: EmailMessage, sender: str, recipient: str) -> Answer:
    """Name sender and recipient, hand the text over, and return what the server says to its end."""
    try:
        code, said = line.mail(sender)
        if code != 250:
            return Delayed(_said(code, said, recipient), ours=True)
        code, said = line.rcpt(recipient)
        if code not in (250, 251):
            return _declined(code, said, recipient)
        code, said = line.docmd("DATA")
        if code != 354:
            return _declined(code, said, recipient)
        line.send(_stuffed(message))
    except (OSError, smtplib.SMTPException) as error:
        return Delayed(f"the line was lost before the mail's end had left: {_reason(error)}")
    return _ended(line, recipient)


def _ended(line: _Line, recipient: str) -> Answer:
    """Send the mail's end. From here on only a clear answer tells anything."""
    try:
        line.send(_END)
        code, said = line.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(f"no answer came to the mail's end: {_reason(error)}")
    if 200 <= code < 300:
        return Accepted(_said(code, said, recipient))
    if 400 <= code < 600:
        return _declined(code, said, recipient)
    return Unknown(_said(code, said, recipient))


def _declined(code: int, said: bytes, recipient: str) -> Answer:
    if 500 <= code < 600:
        return Refused(_said(code, said, recipient))
    return Delayed(_said(code, said, recipient))


def _stuffed(message: EmailMessage) -> bytes:
    """Return the text as DATA wants it: lines end in CRLF, and a leading dot is doubled (RFC 5321 §4.5.2)."""
    lines = message.as_bytes().splitlines()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)


def _hang_up(line: _Line) -> None:
    """Say goodbye; whether it is heard does not matter any more."""
    try:
        line.quit()
    except (OSError, smtplib.SMTPException):
        line.close()


def _reason(error: BaseException) -> str:
    """Return what went wrong in our words; what smtplib quotes may hold an address."""
    match error:
        case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, OSError):
            reason = _reason(error.__context__)
        case smtplib.SMTPServerDisconnected() | _LineLostError():
            reason = "the mail server has closed the connection"
        case TimeoutError() | _OverdueError():
            reason = "it did not answer in time"
        case ssl.SSLCertVerificationError():
            reason = f"its certificate does not hold: {error.verify_message}"
        case smtplib.SMTPNotSupportedError():
            reason = "it does not offer what the settings ask for (STARTTLS, AUTH)"
        case OSError() if error.strerror:
            reason = error.strerror
        case _:
            reason = type(error).__name__
    return reason


def _said(code: int, said: bytes | str, recipient: str) -> str:
    """Return a reply as it may be kept: short, on one line, and without addresses."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    for part in (recipient, recipient.partition("@")[0]):
        plain = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "…", plain, flags=re.IGNORECASE)
    plain = re.sub(r"[^\s<>]+@[^\s<>]+", "…", plain)
    reply = str(code) if code > 0 else "an answer that says nothing:"
    return f"{reply} {' '.join(plain.split())}"[:_LONGEST_SAID]
