"""Which WHOIS servers do these tests ask? Real sockets on this machine, and a far side that behaves as it is told."""

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

Speak = Callable[[socket.socket, bytes], None]
"""Answer a question, or do something else with the connection; it is closed afterwards."""


class Server(socketserver.ThreadingTCPServer):
    """Answers each question as `speak` does, and keeps what was asked and how many were asked at once."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, speak: Speak) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.speak = speak
        self.questions: list[bytes] = []
        self.stopped = threading.Event()
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        """Return where it listens."""
        return int(self.server_address[1])

    @property
    def place(self) -> str:
        """Return its place, as the settings want it."""
        return f"127.0.0.1:{self.port}"


class _Conversation(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = cast("Server", self.server)
        connection: socket.socket = self.request
        with server.lock:
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        try:
            question = _line(connection)
            server.questions.append(question)
            server.speak(connection, question)
        except OSError:
            pass  # whoever asked has gone
        finally:
            with server.lock:
                server.at_once -= 1


def _line(connection: socket.socket) -> bytes:
    text = b""
    while not text.endswith(b"\n") and (more := connection.recv(1024)):
        text += more
    return text


@contextmanager
def serving(speak: Speak | bytes) -> Iterator[Server]:
    """Run a server; a text is its answer to everything."""
    with Server(says(speak) if isinstance(speak, bytes) else speak) as server:
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        running.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            running.join()


def says(text: bytes) -> Speak:
    """Answer everything with the same text."""
    return lambda connection, _: connection.sendall(text)


def answers(by_question: dict[str, bytes]) -> Speak:
    """Answer each question with its own text, and any other with nothing."""
    return lambda connection, question: connection.sendall(by_question.get(question.decode().strip(), b""))


def resets(text: bytes) -> Speak:
    """Send half an answer, and break the connection."""

    def speak(connection: socket.socket, _: bytes) -> None:
        connection.sendall(text)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return speak


def drips(connection: socket.socket, _: bytes) -> None:
    """Send a byte now and then, for ever: each read gets something, and the answer never ends."""
    waiting = threading.Event()
    while True:
        connection.sendall(b"%")
        waiting.wait(0.02)


def pours(connection: socket.socket, _: bytes) -> None:
    """Send as much as is taken, for ever."""
    while True:
        connection.sendall(b"% and so on\n" * 1000)


def is_silent(connection: socket.socket, _: bytes) -> None:
    """Say nothing, until the other side has gone."""
    connection.recv(1)


def gone() -> str:
    """Return a place where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"
