"""How is one EPP session opened, used and ended? A TLS connection with a greeting and a login behind it, or an error.

```
 connect ── TLS ── greeting ── login ──▶ ready ──┬─ exchange ──▶ ready
    │         │        │          │              ├─ broken (silence, bytes out of step, 25xx) ──▶ dropped
    └─────────┴────────┴──────────┴─▶ error      └─ logout ──▶ ended
```

A session serves one thread at a time; the pool sees to that.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import uuid4

from lxml import etree
from lxml.etree import _Element as Element

from adapters.registrars.epp import session_documents
from adapters.registrars.epp.frames import Deadline, FrameError, frame, read_frame, write_frame
from adapters.registrars.epp.passwords import Passwords, security_warnings
from adapters.registrars.epp.reading import (
    Greeting,
    NotEppError,
    Response,
    parse,
    parse_leniently,
    read_greeting,
    read_response,
)
from adapters.registrars.epp.redaction import secrets_in, transcript, without
from adapters.registrars.epp.settings import EppSettings
from registrar.outcomes import Reply

TRANSPORT_FAULTS = (OSError, FrameError, NotEppError)
"""Everything that can go wrong with a frame; `TimeoutError` and `ssl.SSLError` are kinds of `OSError`."""

LOGIN_LATER = frozenset({2400, 2500, 2502})
"""Codes of a login that pass by themselves: the server is in trouble, or other sessions of ours are still open."""

_CERTIFICATE_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
"""What the names of those TLS alerts hold by which a server refuses ours (RFC 8446 §6.2)."""


class UnreachableError(Exception):
    """No session could be had, for a reason that may pass. Nothing that spends was sent.

    `by_network`: the network or the far side's silence was the reason, and not an answer of the registry's or our own
    sessions that were all busy.
    """

    def __init__(self, reason: str, *, by_network: bool) -> None:
        super().__init__(reason)
        self.by_network = by_network


class LoginRefusedError(Exception):
    """The registry refuses us, or is not set up as configured: every order here would meet the same."""

    def __init__(self, reply: Reply) -> None:
        answered = f"the login was refused: {reply.result_code} " if reply.result_code else ""
        super().__init__(f"{answered}{reply.text}")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command's answer and what of both may be kept."""

    response: Response
    reply: Reply


class Prepared:
    """A document ready to leave: framed before the permission to send is asked, so that nothing lies between.

    `told` are secrets that earlier documents told the registry: it may echo them in this one's answer too. With
    `leniently` an answer that is no well-formed XML is read as far as it goes (`parse_leniently`).
    """

    def __init__(
        self, document: Element, transaction_id: str, *, told: Iterable[str] = (), leniently: bool = False
    ) -> None:
        self.transaction_id = transaction_id
        self.parse = parse_leniently if leniently else parse
        self.framed = frame(
            etree.tostring(document, xml_declaration=True, encoding="UTF-8", standalone=False)
        )
        self.secrets = secrets_in(document).union(told)
        self.transcript = transcript(document)


class Session:
    """One logged-in connection. `used_at` is when it last carried anything, on the calls' clock."""

    def __init__(self, connection: ssl.SSLSocket, greeting: Greeting, deadline: Deadline) -> None:
        self._connection = connection
        self.greeting = greeting
        self.used_at = deadline.clock()
        self.broken = False
        self.warnings: tuple[str, ...] = ()
        """What the login's answer warned of (RFC 8807 §4.1)."""

    @classmethod
    def open(
        cls, settings: EppSettings, passwords: Passwords, context: ssl.SSLContext, deadline: Deadline
    ) -> "Session":
        """Connect and log in; raises `UnreachableError` or `LoginRefusedError`, and leaves nothing open then."""
        connection = _connect(settings, context, deadline)
        try:
            session = cls(connection, read_greeting(parse(read_frame(connection, deadline))), deadline)
            session._log_in(settings, passwords, deadline)
        except TRANSPORT_FAULTS as error:
            connection.close()
            raise _opening_error(error) from error
        except (UnreachableError, LoginRefusedError):
            connection.close()
            raise
        return session

    @property
    def cipher(self) -> str:
        """The protocol and cipher in use, for `inspect`."""
        cipher = self._connection.cipher()
        return f"{self._connection.version()}, {cipher[0]}" if cipher else ""

    def exchange(
        self, prepared: Prepared, deadline: Deadline, *, permit: Callable[[], None] = lambda: None
    ) -> Exchange:
        """Send a prepared command and read its answer; raises one of `TRANSPORT_FAULTS` and is broken then.

        `permit` is asked right before the first byte; what it raises passes through, nothing was sent then and the
        session is as good as before. An answer with another transaction id belongs to something else: the session is
        out of step (`FrameError`).
        """
        permit()
        try:
            write_frame(self._connection, prepared.framed, deadline)
            response = _own_answer(read_frame(self._connection, deadline), prepared)
        except BaseException:
            self.broken = True
            raise
        self.used_at = deadline.clock()
        # RFC 5730 §3: the server closes after a 25xx
        self.broken = any(result.code >= 2500 for result in response.results)
        return Exchange(response, _reply(prepared, response))

    def hello(self, deadline: Deadline) -> None:
        """Ask for the greeting; raises one of `TRANSPORT_FAULTS` if the other side is gone."""
        try:
            write_frame(self._connection, frame(etree.tostring(session_documents.hello())), deadline)
            read_greeting(parse(read_frame(self._connection, deadline)))
        except BaseException:
            self.broken = True
            raise
        self.used_at = deadline.clock()

    def is_quiet(self) -> bool:
        """Tell whether nothing has come in since the last answer: neither an end nor bytes that nobody asked for.

        TLS 1.3 may deliver tickets between answers; those are no data, and `recv` then wants to read more.
        """
        try:
            self._connection.settimeout(0)
            self._connection.recv(1)
        except ssl.SSLWantReadError:
            return not self.broken
        except OSError:
            pass
        self.broken = True
        return False

    def logout(self, deadline: Deadline) -> None:
        """End politely: a server that hears nothing counts the session against our cap for some time yet."""
        transaction_id = new_transaction_id()
        try:
            self.exchange(Prepared(session_documents.logout(transaction_id), transaction_id), deadline)
        except TRANSPORT_FAULTS:
            pass  # it ends either way
        finally:
            self.drop()

    def drop(self) -> None:
        """Close the connection without a word."""
        self.broken = True
        self._connection.close()

    def _log_in(self, settings: EppSettings, passwords: Passwords, deadline: Deadline) -> None:
        _check_greeting(settings, self.greeting)
        transaction_id = new_transaction_id()
        document = session_documents.login(settings, self.greeting, transaction_id, passwords)
        known = (settings.password, settings.new_password)
        told = [password.reveal() for password in known if password is not None]
        answer = self.exchange(Prepared(document, transaction_id, told=told), deadline)
        if answer.response.code in LOGIN_LATER:
            words = f"the login was put off: {answer.reply.result_code} {answer.reply.text}"
            raise UnreachableError(words, by_network=False)
        if answer.response.code != 1000:
            raise LoginRefusedError(answer.reply)
        self.warnings = security_warnings(answer.response)


def new_transaction_id() -> str:
    """Return an id for a command that belongs to no order; some servers close on one they have seen (facts §11)."""
    return f"session-{uuid4().hex}"


def _connect(settings: EppSettings, context: ssl.SSLContext, deadline: Deadline) -> ssl.SSLSocket:
    limit = deadline.within(settings.connect_timeout)
    try:
        plain = socket.create_connection((settings.host, settings.port), timeout=limit.remaining())
    except OSError as error:
        words = f"no connection to {settings.host}:{settings.port}: {error}"
        raise UnreachableError(words, by_network=True) from error
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(limit.remaining())
        return context.wrap_socket(plain, server_hostname=settings.server_name or settings.host)
    except OSError as error:
        plain.close()
        raise _opening_error(error) from error


def _opening_error(error: Exception) -> Exception:
    """Tell a server that refuses our certificate (a person must act) from one that is away (it will come back).

    A server whose own certificate does not verify is *away*: it may not be the registry, and nothing was sent.
    """
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLCertVerificationError):
        reason = error.reason or ""
        if "ALERT" in reason and any(alert in reason for alert in _CERTIFICATE_ALERTS):
            return LoginRefusedError(
                Reply(text=f"the registry refuses our certificate ({reason}); check client_certificate")
            )
    return UnreachableError(f"no session could be opened: {error}", by_network=True)


def _check_greeting(settings: EppSettings, greeting: Greeting) -> None:
    """Stop before the password leaves if this is another server, or one without what our settings need."""
    if settings.expected_server_id not in {None, greeting.server_id}:
        raise LoginRefusedError(
            Reply(
                text=f"the server calls itself {greeting.server_id!r}, and expected_server_id is {settings.expected_server_id!r}"
            )
        )
    missing = [uri for uri in settings.needed_services if uri not in greeting.services]
    if missing:
        raise LoginRefusedError(
            Reply(
                text=f"the server does not offer {', '.join(missing)}, which the settings contacts, nameservers, "
                "redemption, idn_tables, required or a password's length need; correct them, or ask the registry"
            )
        )


def _own_answer(document: bytes, prepared: Prepared) -> Response:
    response = read_response(prepared.parse(document))
    # Of a damaged document the id may stand anywhere; that it is there shows whose answer it is.
    mentioned = response.damaged and prepared.transaction_id.encode() in document
    if response.client_transaction_id != prepared.transaction_id and not mentioned:
        raise FrameError("the answer carries another transaction id than the command")
    return response


def _reply(prepared: Prepared, response: Response) -> Reply:
    return Reply(
        result_code=response.codes,
        text=without(response.text, prepared.secrets),
        server_transaction_id=response.server_transaction_id,
        transcript=f"{prepared.transcript}\n{transcript(response.root, prepared.secrets)}",
    )
