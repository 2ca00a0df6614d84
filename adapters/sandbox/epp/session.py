"""How does one connection go? Greeting, login, commands in their order, and the misbehaviours of the wire."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from adapters.sandbox.epp.answers import CLOSING, Answer, RefusalError, write_answer, write_greeting
from adapters.sandbox.epp.frames import frame, read_frame
from adapters.sandbox.epp.logins import WRONG_LOGINS, Logins
from adapters.sandbox.epp.registry import FLOWS, Received, Registry
from adapters.sandbox.epp.requests import read_request
from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour

DRIP_SECONDS = 0.2
GARBAGE = frame(b"\x00\xff\xfe this is not XML \xfe\xff\x00")
WEB_PAGE = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\n"
    b"<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in bytes. `code` is None for a greeting, which is no response."""

    body: bytes
    code: int | None = None
    closes: bool = False


class Session:
    """One connection, served by one thread until either side ends it or `stopping` is set."""

    def __init__(
        self,
        connection: socket.socket,
        *,
        name: str,
        registry: Registry,
        logins: Logins,
        stopping: threading.Event,
        work_later: Callable[[float, Callable[[], object]], None],
    ) -> None:
        self._connection = connection
        self._name = name
        self._registry = registry
        self._logins = logins
        self._stopping = stopping
        self._work_later = work_later
        self._client_id: str | None = None
        self._services: frozenset[str] = frozenset()
        self._wrong_logins = 0

    def run(self) -> None:
        """Greet, then answer command after command."""
        if self._registry.closed():
            return
        try:
            self._send(self._greeting())
            while self._turn():
                pass
        finally:
            self._leave()

    def _turn(self) -> bool:
        """Serve one command; tell whether the connection stays."""
        body = read_frame(self._connection)
        if body is None:
            return False
        received = self._registry.receive(read_request(body), session=self._name)
        if received.repeated and self._registry.dialect.closes_on_repeated_transaction:
            return False
        if received.wire is None:
            return self._answer(received, self._reply(received))
        return self._misbehave(received, received.wire)

    def _misbehave(self, received: Received, ordered: Misbehaviour) -> bool:
        match ordered.behaviour:
            case Behaviour.DROP_REQUEST | Behaviour.CLOSED:
                return False
            case Behaviour.FREEZE:
                return self._freeze()
            case Behaviour.HTML:
                self._connection.sendall(WEB_PAGE)
                return False
            case Behaviour.LATE_WORK:
                self._leave_work(received, ordered.seconds)
                return False
            case _:
                return self._misbehave_after_work(received, ordered, self._reply(received))

    def _misbehave_after_work(self, received: Received, ordered: Misbehaviour, reply: Reply) -> bool:
        match ordered.behaviour:
            case Behaviour.LATE:
                self._stopping.wait(ordered.seconds)
                return self._answer(received, reply)
            case Behaviour.DRIP:
                return self._answer(received, reply, send=self._drip)
            case Behaviour.FAIL_AFTER:
                return self._answer(received, self._written(received, Answer(2400)))
            case Behaviour.GARBAGE:
                self._connection.sendall(GARBAGE)
                return not reply.closes
            case Behaviour.CUT:
                whole = frame(reply.body)
                self._connection.sendall(whole[: len(whole) // 2])
                return False
            case _:  # DROP_REPLY
                return False

    def _answer(
        self, received: Received, reply: Reply, *, send: Callable[[Reply], None] | None = None
    ) -> bool:
        if reply.code is not None:
            self._registry.answered(received, reply.code)
        (send or self._send)(reply)
        return not reply.closes

    def _reply(self, received: Received) -> Reply:
        """Do what the command asks for, and write the answer."""
        if received.request.command == "hello":
            return self._greeting()
        return self._written(received, self._perform(received))

    def _perform(self, received: Received) -> Answer:
        match received.request.command:
            case "login":
                return received.refusal or self._login(received)
            case "logout" if self._client_id is not None:
                return received.refusal or Answer(1500)
            case _ if self._client_id is None:
                return Answer(2002, reason="log in first")
            case _:
                return self._registry.perform(received, client_id=self._client_id, services=self._services)

    def _login(self, received: Received) -> Answer:
        if self._client_id is not None:
            return Answer(2002, reason="logged in already")
        try:
            self._client_id, self._services = self._logins.admit(received.request)
        except RefusalError as refusal:
            self._wrong_logins += refusal.answer.code == 2200
            return Answer(2501) if self._wrong_logins >= WRONG_LOGINS else refusal.answer
        return Answer(1000, extensions=self._logins.warnings(self._services))

    def _written(self, received: Received, answer: Answer) -> Reply:
        dialect = self._registry.dialect
        body = write_answer(
            answer,
            dialect,
            client_transaction_id=received.request.client_transaction_id,
            server_transaction_id=self._registry.server_transaction_id(received),
        )
        unknown = answer.code == 2101 and dialect.closes_on_unknown_command
        return Reply(body, answer.code, closes=unknown or answer.code in CLOSING)

    def _greeting(self) -> Reply:
        return Reply(write_greeting(self._registry.dialect, self._registry.clock()))

    def _send(self, reply: Reply) -> None:
        self._connection.sendall(frame(reply.body))

    def _drip(self, reply: Reply) -> None:
        for byte in frame(reply.body):
            if self._stopping.wait(DRIP_SECONDS):
                return
            self._connection.sendall(bytes([byte]))

    def _freeze(self) -> bool:
        """Answer nothing, until the client hangs up or the server stops (which ends every connection)."""
        while self._connection.recv(4096):
            pass
        return False

    def _leave_work(self, received: Received, seconds: float) -> None:
        client_id, services = self._client_id, self._services
        if client_id is not None and received.request.command in FLOWS:
            self._work_later(
                seconds,
                lambda: self._registry.perform(received, client_id=client_id, services=services),
            )

    def _leave(self) -> None:
        if self._client_id is not None:
            self._logins.leave(self._client_id)
