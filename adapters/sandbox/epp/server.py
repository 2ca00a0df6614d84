"""Where does the registrar listen, and how does it stop? Threads on loopback: one a connection, and one for the clock.

with EppSandbox(books, dialect=COM, tls=folder, credentials={"reseller": "..."}) as sandbox:
    host, port = sandbox.address
"""

import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self

from adapters.sandbox.books import Books
from adapters.sandbox.epp.dialect import COM, Dialect, Terms
from adapters.sandbox.epp.logins import LoginEvent, Logins
from adapters.sandbox.epp.registry import Registry
from adapters.sandbox.epp.session import Session
from adapters.sandbox.tls import Certificates, make_certificates

HANDSHAKE_SECONDS = 10.0
TICK_SECONDS = 0.1
"""How often the registry looks for verdicts that are due."""
ACCEPT_SECONDS = 0.2
"""How long one wait for a client is, so that a stop is noticed on every system."""
STOP_SECONDS = 10.0
"""How long to wait for a thread to end once its connection is gone: far longer than it takes."""


def real_time() -> datetime:
    """Tell the time of this machine."""
    return datetime.now(UTC)


class EppSandbox:
    """An EPP registrar on this machine (RFC 5730-5734), keeping its books in `books`.

    `tls` is a folder for certificates, made if empty. `credentials` are the passwords of the registrars that may log in,
    by their ids; the one whose id the books name is charged. `session_cap` counts one registrar's sessions.
    `login_events` are what every login is warned of.
    """

    def __init__(
        self,
        books: Books,
        *,
        tls: Path,
        credentials: Mapping[str, str],
        dialect: Dialect = COM,
        terms: Terms | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        session_cap: int = 10,
        login_events: Sequence[LoginEvent] = (),
        clock: Callable[[], datetime] = real_time,
    ) -> None:
        self.certificates: Certificates = make_certificates(tls)
        self._registry = Registry(books=books, dialect=dialect, terms=terms or Terms(), clock=clock)
        self._logins = Logins(credentials, dialect=dialect, session_cap=session_cap, events=login_events)
        self._context = self.certificates.server_context(client_certificate=dialect.client_certificate)
        self._wanted = (host, port)
        self._listener: socket.socket | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._ended = threading.Condition(self._lock)
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._numbers = itertools.count(1)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""
        if self._listener is None:
            raise RuntimeError("not started")
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    def start(self) -> tuple[str, int]:
        """Listen, and return where."""
        self._listener = socket.create_server(self._wanted)
        self._listener.settimeout(ACCEPT_SECONDS)
        self._run(self._accept)
        self._run(self._tick)
        return self.address

    def end_sessions(self) -> None:
        """End every connection, as a registry does at night, and wait until none counts any more."""
        with self._lock:
            for connection in self._connections:
                _shut(connection)
            if not self._ended.wait_for(lambda: not self._connections, STOP_SECONDS):
                raise RuntimeError("a session did not end")

    def stop(self) -> None:
        """End every connection, frozen ones too, and wait for the threads; work that was left for later is not done."""
        self._stopping.set()
        if self._listener is not None:
            _shut(self._listener)
            self._listener.close()
        with self._lock:
            connections, threads = list(self._connections), list(self._threads)
        for connection in connections:
            _shut(connection)
        for thread in threads:
            thread.join(STOP_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        listener = self._listener
        while listener is not None and not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self._run(partial(self._serve, connection))

    def _serve(self, plain: socket.socket) -> None:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as connection:
            if not self._keep(connection):
                return
            try:
                # A client that breaks off, or has no certificate where one is asked for, is not our failure.
                with contextlib.suppress(OSError):
                    self._greet(connection)
            finally:
                self._forget(connection)

    def _greet(self, connection: ssl.SSLSocket) -> None:
        connection.settimeout(HANDSHAKE_SECONDS)
        connection.do_handshake()
        connection.settimeout(None)
        Session(
            connection,
            name=f"session-{next(self._numbers)}",
            registry=self._registry,
            logins=self._logins,
            stopping=self._stopping,
            work_later=self._work_later,
        ).run()

    def _keep(self, connection: ssl.SSLSocket) -> bool:
        """Remember a connection so that `stop` can end it; False when it is too late for a new one."""
        with self._lock:
            self._connections.add(connection)
            return not self._stopping.is_set()

    def _forget(self, connection: ssl.SSLSocket) -> None:
        with self._lock:
            self._connections.discard(connection)
            self._ended.notify_all()

    def _tick(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            self._registry.settle()

    def _work_later(self, seconds: float, work: Callable[[], object]) -> None:
        def wait_and_work() -> None:
            if not self._stopping.wait(seconds):
                work()

        self._run(wait_and_work)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._until_done, args=(work,), daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def _until_done(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())


def _shut(connection: socket.socket) -> None:
    """End a connection under the thread that reads it; TLS's own farewell would have to be waited for."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
