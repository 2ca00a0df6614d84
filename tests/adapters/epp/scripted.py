"""A registry that says exactly what a test tells it to, over real TLS on this machine."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from lxml import etree

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
HOST = "urn:ietf:params:xml:ns:host-1.0"
RGP = "urn:ietf:params:xml:ns:rgp-1.0"
SECDNS = "urn:ietf:params:xml:ns:secDNS-1.1"

Script = Callable[["Peer"], None]


def framed(document: bytes | str) -> bytes:
    """Put four bytes of length in front."""
    body = document.encode() if isinstance(document, str) else document
    return struct.pack("!I", len(body) + 4) + body


def greeting(
    *,
    server_id: str = "Example Registry",
    objects: tuple[str, ...] = (DOMAIN, CONTACT, HOST),
    extensions: tuple[str, ...] = (RGP,),
    languages: tuple[str, ...] = ("en",),
) -> str:
    """Write a greeting that offers these services."""
    extension = "".join(f"<extURI>{uri}</extURI>" for uri in extensions)
    return (
        f'<epp xmlns="{EPP}"><greeting><svID>{server_id}</svID><svDate>2026-03-01T00:00:00.0Z</svDate><svcMenu>'
        f"<version>1.0</version>{''.join(f'<lang>{lang}</lang>' for lang in languages)}"
        f"{''.join(f'<objURI>{uri}</objURI>' for uri in objects)}"
        f"{f'<svcExtension>{extension}</svcExtension>' if extension else ''}</svcMenu>"
        "<dcp><access><all/></access><statement><purpose><prov/></purpose><recipient><ours/></recipient>"
        "<retention><stated/></retention></statement></dcp></greeting></epp>"
    )


def response(
    code: int | str,
    *,
    transaction_id: str | None,
    data: str = "",
    message: str = "words",
    inside: str = "",
    queue: str = "",
    extension: str = "",
) -> str:
    """Write a response; `inside` goes into its result, `data` into resData."""
    echoed = f"<clTRID>{transaction_id}</clTRID>" if transaction_id else ""
    return (
        f'<epp xmlns="{EPP}" xmlns:domain="{DOMAIN}" xmlns:rgp="{RGP}"><response>'
        f'<result code="{code}"><msg>{message}</msg>{inside}</result>{queue}'
        f"{f'<resData>{data}</resData>' if data else ''}{f'<extension>{extension}</extension>' if extension else ''}"
        f"<trID>{echoed}<svTRID>SV-1</svTRID></trID></response></epp>"
    )


def renewed(name: str, expires: str) -> str:
    """Write renData."""
    return f"<domain:renData><domain:name>{name}</domain:name><domain:exDate>{expires}</domain:exDate></domain:renData>"


class Peer:
    """One connection as the server sees it."""

    def __init__(self, connection: ssl.SSLSocket, registry: "ScriptedRegistry") -> None:
        self.connection = connection
        self._registry = registry

    def send(self, *pieces: bytes) -> None:
        """Send bytes as they are, each piece in a TLS record of its own."""
        for piece in pieces:
            self.connection.sendall(piece)

    def read(self) -> str:
        """Read one frame, note it, and return its text; raise `EOFError` when the client is gone."""
        (length,) = struct.unpack("!I", self._exactly(4))
        document = self._exactly(length - 4).decode()
        self._registry.received.append(document)
        return document

    def answer(self, request: str, code: int, **parts: str) -> None:
        """Answer a request under its own transaction id."""
        self.send(framed(response(code, transaction_id=transaction_id(request), **parts)))

    def greet(self, **offer: tuple[str, ...] | str) -> None:
        """Greet, and let the client in."""
        self.send(framed(greeting(**offer)))  # type: ignore[arg-type]  # the test's own words
        self.answer(self.read(), 1000)

    def _exactly(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            piece = self.connection.recv(count - len(received))
            if not piece:
                raise EOFError
            received += piece
        return received


class ScriptedRegistry:
    """Listens on a port of its own and plays `script` on every connection, each in a thread."""

    def __init__(self, context: ssl.SSLContext, script: Script) -> None:
        self._context = context
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.received: list[str] = []
        self.connections = 0
        self._closing = threading.Event()
        self._open: list[ssl.SSLSocket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def commands(self, word: str) -> list[str]:
        """Return the frames received that contain a word."""
        return [document for document in list(self.received) if word in document]

    def close(self) -> None:
        """Stop listening, cut every connection and wait for the threads."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=10)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                plain, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(plain,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(20)
        try:
            connection = self._context.wrap_socket(plain, server_side=True)
        except OSError:
            plain.close()
            return
        self._open.append(connection)
        with connection, suppress(EOFError, OSError):
            self._script(Peer(connection, self))

    def wait_for_end(self, seconds: float) -> None:
        """Hold a connection open without a word until the test is over."""
        self._closing.wait(seconds)


@contextmanager
def registry_that(context: ssl.SSLContext, script: Script) -> Iterator[ScriptedRegistry]:
    """Run a scripted registry for the length of a block."""
    registry = ScriptedRegistry(context, script)
    try:
        yield registry
    finally:
        registry.close()


def transaction_id(request: str) -> str | None:
    """Read the client transaction id of a request."""
    return etree.fromstring(request.encode()).findtext(f".//{{{EPP}}}clTRID")
