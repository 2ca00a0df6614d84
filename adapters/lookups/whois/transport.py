"""How does a line reach a WHOIS server, and how a text back? One connection for each question (RFC 3912).

The question is the name's A-label and CRLF; the answer is what comes until the server closes. It has one limit for its whole
time, single bytes that drip in included, and one for its size. A text that was cut short by either, or by
a connection that broke, is not handed on: half an answer may say the opposite of the whole.

A host that staff did not name, because only a text named it, is asked at public addresses alone: else any WHOIS server could
make us speak to the machines beside us. The addresses that were looked at are the ones that are connected to.
"""

import asyncio
import ipaddress
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

_CHUNK_BYTES = 65_536
_EMBEDDING = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052): the address inside may be any."""

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Return a host's addresses; raises `OSError` if it has none."""


class NoAnswerError(Exception):
    """No whole answer came; the message says why, in our words."""


class NowhereError(NoAnswerError):
    """The server's address was not found just now: that is rather our own resolver's fault than the server's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server stands: its addresses, in the order in which they are tried, and its port."""

    addresses: tuple[str, ...]
    port: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited, in seconds: for each connection, and for the whole answer; and how many bytes are taken."""

    connect: float
    whole: float
    size: int


async def resolve(host: str) -> Sequence[str]:
    """Ask the machine's own resolver; an address is its own."""
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def insist_public(addresses: Sequence[str]) -> None:
    """Raise `NoAnswerError` unless all of a stranger's addresses are public ones."""
    if not addresses or not all(map(_is_public, addresses)):
        raise NoAnswerError("the server that the answer refers to does not stand at a public address")


async def ask(place: Place, question: str, limits: Limits) -> bytes:
    """Send one line and return the whole answer; raises `NoAnswerError`."""
    try:
        async with asyncio.timeout(limits.whole):
            with await _connected(place, limits) as connection:
                await asyncio.get_running_loop().sock_sendall(connection, f"{question}\r\n".encode("ascii"))
                return await _whole(connection, limits.size)
    except TimeoutError:
        raise NoAnswerError(f"no whole answer within {limits.whole:g} seconds") from None
    except OSError as error:
        raise NoAnswerError(f"the connection broke: {_reason(error)}") from error


async def _connected(place: Place, limits: Limits) -> socket.socket:
    """Connect to the first address that answers.

    A bare socket: a stream round it would cost more than all the rest of a short answer.
    """
    reason = "the server has no address"
    for address in place.addresses:
        connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            connection.settimeout(0)  # the loop waits
            async with asyncio.timeout(limits.connect):
                await asyncio.get_running_loop().sock_connect(connection, (address, place.port))
        except TimeoutError:
            reason = f"no connection within {limits.connect:g} seconds"
        except OSError as error:
            reason = f"no connection: {_reason(error)}"
        except BaseException:
            connection.close()
            raise
        else:
            return connection
        connection.close()
    raise NoAnswerError(reason)


async def _whole(connection: socket.socket, size: int) -> bytes:
    """Read until the server closes, and no more than `size` bytes."""
    text = bytearray()
    loop = asyncio.get_running_loop()
    while chunk := await loop.sock_recv(connection, _CHUNK_BYTES):
        text += chunk
        if len(text) > size:
            raise NoAnswerError(f"the answer is longer than {size} bytes")
    return bytes(text)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped or address.sixtofour or address.teredo or address in _EMBEDDING
    ):
        return False  # what it leads to stands inside it
    return address.is_global and not address.is_multicast and not address.is_reserved


def _reason(error: OSError) -> str:
    """Return the system's own words for an error, without the addresses that asyncio puts into them."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else type(error).__name__
