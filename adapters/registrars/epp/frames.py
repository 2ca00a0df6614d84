"""How does one XML document travel? As a frame: four bytes of length that count themselves, then the XML (RFC 5734 §4).

Everything here obeys one deadline in total: a peer that sends a byte now and then gains no time by it.
"""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

HEADER_BYTES = 4
LONGEST_FRAME = 1_048_576
"""Far above any answer to a command of ours (the largest recorded is below 10 kB), far below what could exhaust us."""


class FrameError(Exception):
    """The peer closed inside a frame, or its length cannot be one. The session is out of step and must be dropped."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment `at` on `clock`, in seconds."""

    clock: Callable[[], float]
    at: float

    def remaining(self) -> float:
        """Return the seconds left; raise `TimeoutError` if there are none (a socket takes 0 for *do not wait*)."""
        left = self.at - self.clock()
        if left <= 0:
            raise TimeoutError("the call's time was used up")
        return left

    def within(self, seconds: float) -> "Deadline":
        """Return the earlier of this deadline and one so many seconds from now."""
        return Deadline(self.clock, min(self.at, self.clock() + seconds))


def frame(document: bytes) -> bytes:
    """Return `document` with its header."""
    return struct.pack("!I", HEADER_BYTES + len(document)) + document


def write_frame(connection: socket.socket, framed: bytes, deadline: Deadline) -> None:
    """Send the whole of a frame; raises `OSError` (`TimeoutError` among them) when part of it may have left."""
    rest = memoryview(framed)
    while rest:
        connection.settimeout(deadline.remaining())
        rest = rest[connection.send(rest) :]


def read_frame(connection: socket.socket, deadline: Deadline) -> bytes:
    """Read one frame and return its document; raises `FrameError` or `OSError`."""
    (length,) = struct.unpack("!I", _read_exactly(connection, HEADER_BYTES, deadline))
    if not HEADER_BYTES < length <= LONGEST_FRAME:
        raise FrameError(f"a frame of {length} bytes was announced; 5 to {LONGEST_FRAME} are possible")
    return _read_exactly(connection, length - HEADER_BYTES, deadline)


def _read_exactly(connection: socket.socket, count: int, deadline: Deadline) -> bytes:
    """Read `count` bytes: a frame may come in many TLS records, and a record may hold more than one frame."""
    received = bytearray()
    while len(received) < count:
        connection.settimeout(deadline.remaining())
        piece = connection.recv(count - len(received))
        if not piece:
            raise FrameError(f"the connection ended {count - len(received)} bytes before the end of a frame")
        received += piece
    return bytes(received)
