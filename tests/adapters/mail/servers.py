"""Which mail servers do the tests speak to? A real one, with STARTTLS and a password, and one that does as a script says."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from adapters.mail.server import Limits, MailServer, Security
from registrar.secrets import Secret
from tasks import clock

USERNAME, PASSWORD = "notices", "planted-mail-password"
PATIENCE_SECONDS = 20


@dataclass
class Mailbox:
    """What a real mail server took."""

    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """The mails, as their readers' programs see them."""
        return [message_from_bytes(envelope.content or b"", policy=default) for envelope in self.envelopes]  # type: ignore[arg-type] # it is bytes unless SMTPUTF8 decodes it

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        self.envelopes.append(envelope)
        return "250 2.0.0 taken over"

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any
    ) -> AuthResult:
        """Know one user."""
        known = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USERNAME.encode(),
            PASSWORD.encode(),
        )
        self.logins.append(known)
        return AuthResult(success=known, handled=known)


@dataclass
class Post:
    """A running mail server, and how to reach it."""

    mailbox: Mailbox
    server: MailServer


class _Controller(Controller):
    """aiosmtpd's, with a port that is free, and TLS on demand or from the first byte."""

    def __init__(self, mailbox: Mailbox, context: ssl.SSLContext, security: Security) -> None:
        self.context = context if security is not Security.NONE else None
        self.mailbox = mailbox
        super().__init__(
            mailbox,
            hostname="127.0.0.1",
            port=_free_port(),
            ssl_context=context if security is Security.TLS else None,
            ready_timeout=PATIENCE_SECONDS,
        )

    def factory(self) -> SMTP:
        """Return the far side of one connection."""
        on_demand = self.context if self.ssl_context is None else None
        return SMTP(
            self.mailbox,
            hostname="mail.example.net",
            tls_context=on_demand,
            require_starttls=on_demand is not None,
            authenticator=self.mailbox.authenticate,
            auth_required=on_demand is not None,
            auth_require_tls=on_demand is not None,
        )


@contextmanager
def real(folder: Path, security: Security = Security.STARTTLS, **changes: Any) -> Iterator[Post]:
    """Run a real mail server that wants a password, over TLS."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    mailbox = Mailbox()
    controller = _Controller(mailbox, context, security)
    controller.start()
    try:
        password = Secret(PASSWORD) if security is not Security.NONE else None
        known: dict[str, Any] = {
            "security": security,
            "username": USERNAME,
            "password": password,
            "ca_file": folder / "authority.pem",
        }
        yield Post(mailbox, reaching(controller.port, **(known | changes)))
    finally:
        controller.stop()


def reaching(port: int, **changes: Any) -> MailServer:
    """Return our side of a mail server on this machine."""
    known: dict[str, Any] = {
        "host": "localhost",
        "port": port,
        "security": Security.NONE,
        "limits": Limits(step=5, whole=10),
        "hello": "shop.example",
        "envelope_from": "bounces@shop.example",
        "clock": clock.steady,
    }
    return MailServer(**(known | changes))


Act = Callable[[socket.socket], None]


@dataclass
class Script:
    """A mail server that answers each command with what stands in `replies`, else with what is usual.

    A reply is a line, or an act on the connection. `text` is what came after DATA.
    """

    replies: dict[str, str | Act]
    heard: list[str] = field(default_factory=list)
    text: bytes = b""
    conversations: int = 0
    taken: int = 0
    """Mails that it has answered with 250, or that its act has counted."""

    def meet(self, connection: socket.socket) -> None:
        """Speak with one client until it goes."""
        self.conversations += 1
        lines = connection.makefile("rb")
        with suppress(OSError, _GoneError):
            self._answer(connection, "greeting", "220 mail.example.net ready")
            while line := lines.readline():
                verb = line.decode().split()[0].rstrip(":").upper()
                self.heard.append(verb)
                if verb == "DATA":
                    self._answer(connection, verb, "354 go on")
                    self.text = _text(lines)
                    verb = "end"
                self._answer(connection, verb, "221 bye" if verb == "QUIT" else "250 ok")
        lines.close()

    def _answer(self, connection: socket.socket, when: str, usual: str) -> None:
        reply = self.replies.get(when, usual)
        if callable(reply):
            reply(connection)
            return
        self.taken += when == "end" and reply.startswith("250")
        connection.sendall(reply.encode() + b"\r\n")


class _GoneError(Exception):
    """The script has hung up."""


def hang_up(connection: socket.socket) -> None:
    """Close the line without a word."""
    connection.shutdown(socket.SHUT_RDWR)
    raise _GoneError


def say_nothing(connection: socket.socket) -> None:
    """Wait until the client goes."""
    while connection.recv(4096):
        pass
    raise _GoneError


def drip(connection: socket.socket) -> None:
    """Answer byte by byte, each in time and all of them too late, until the client goes."""
    waiting = threading.Event()
    while True:
        connection.sendall(b"2")
        waiting.wait(0.05)


@contextmanager
def scripted(**replies: "str | Act") -> Iterator[tuple[Script, int]]:
    """Run a scripted mail server; `end` is what it says after the final dot."""
    script = Script(dict(replies))
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                thread = threading.Thread(target=_meet, args=(script, connection))
                threads.append(thread)
                thread.start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield script, listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join(PATIENCE_SECONDS)


def _meet(script: Script, connection: socket.socket) -> None:
    with connection:
        connection.settimeout(PATIENCE_SECONDS)
        script.meet(connection)


def _text(lines: Any) -> bytes:
    text = b""
    while (line := lines.readline()) not in (b".\r\n", b""):
        text += line
    if not line:
        raise _GoneError
    return text


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
