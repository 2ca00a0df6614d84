"""Where does one EPP message end and the next begin? Four bytes say how long each is, themselves included (RFC 5734 §4)."""

import socket

HEADER = 4
LONGEST_FRAME = 1_000_000
"""Far more than any command needs; a longer one is a fault or an attack, and ends the connection."""


def frame(body: bytes) -> bytes:
    """Put the length before a message."""
    return (len(body) + HEADER).to_bytes(HEADER, "big") + body


def read_frame(connection: socket.socket) -> bytes | None:
    """Read the next message; None at the end of the connection, also in mid-frame, or at a length that cannot be."""
    header = _read(connection, HEADER)
    if header is None:
        return None
    length = int.from_bytes(header, "big")
    if not HEADER < length <= LONGEST_FRAME:
        return None
    return _read(connection, length - HEADER)


def _read(connection: socket.socket, length: int) -> bytes | None:
    read = bytearray()
    while len(read) < length:
        more = connection.recv(length - len(read))
        if not more:
            return None
        read += more
    return bytes(read)
