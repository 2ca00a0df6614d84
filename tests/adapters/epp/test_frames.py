"""Frames over real TLS sockets: cut, split, glued together, too long, too slow."""

import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from adapters.registrars.epp.frames import LONGEST_FRAME, Deadline, FrameError, frame, read_frame, write_frame
from tests.adapters.epp.scripted import Peer, Script, framed, registry_that

Reach = Callable[[Script], ssl.SSLSocket]


@pytest.fixture
def reach(server_context: ssl.SSLContext, ca_file: Path) -> Iterator[Reach]:
    """Connect to a server that plays a script."""
    context = ssl.create_default_context(cafile=str(ca_file))

    @contextmanager
    def running(script: Script) -> Iterator[ssl.SSLSocket]:
        with registry_that(server_context, script) as registry:
            plain = socket.create_connection(("127.0.0.1", registry.port), timeout=5)
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
                yield connection

    with ExitStack() as stack:
        yield lambda script: stack.enter_context(running(script))


def soon(seconds: float = 5) -> Deadline:
    return Deadline(time.monotonic, time.monotonic() + seconds)


def sends(*pieces: bytes) -> Script:
    return lambda peer: peer.send(*pieces)


WHOLE = framed("<epp/>")

SPLITS = {
    "header in 1 and 3 bytes": (WHOLE[:1], WHOLE[1:4], WHOLE[4:]),
    "every byte in a record of its own": tuple(WHOLE[n : n + 1] for n in range(len(WHOLE))),
    "header and body together": (WHOLE,),
    "body over two records": (WHOLE[:6], WHOLE[6:]),
}


@pytest.mark.parametrize("pieces", SPLITS.values(), ids=SPLITS.keys())
def test_a_frame_is_read_whole_however_it_is_cut(reach: Reach, pieces: tuple[bytes, ...]) -> None:
    """An answer that arrives in many pieces is the same answer."""
    assert read_frame(reach(sends(*pieces)), soon()) == b"<epp/>"


def test_two_frames_in_one_record_are_two_answers(reach: Reach) -> None:
    """An answer never swallows the beginning of the next one."""
    connection = reach(sends(framed("<one/>") + framed("<two/>")))
    assert [read_frame(connection, soon()), read_frame(connection, soon())] == [b"<one/>", b"<two/>"]


def test_a_large_frame_comes_whole_over_many_records(reach: Reach) -> None:
    """A long answer is read to its last byte."""
    document = b"x" * 200_000
    assert read_frame(reach(sends(framed(document))), soon()) == document


@pytest.mark.parametrize("length", [0, 3, 4, LONGEST_FRAME + 1, 2**31, 2**32 - 1])
def test_an_impossible_length_is_refused_before_anything_is_read(reach: Reach, length: int) -> None:
    """A registry cannot make us wait for, or store, a frame of an impossible size."""
    with pytest.raises(FrameError, match=str(length)):
        read_frame(reach(sends(struct.pack("!I", length) + b"<epp/>")), soon())


@pytest.mark.parametrize(
    "sent", [b"", WHOLE[:2], WHOLE[:4], WHOLE[:-1]], ids=["nothing", "header", "no body", "body"]
)
def test_an_end_inside_a_frame_is_no_answer(reach: Reach, sent: bytes) -> None:
    """A connection that ends in mid-answer is told apart from an answer."""
    with pytest.raises(FrameError, match="ended"):
        read_frame(reach(sends(sent)), soon())


def test_a_slow_drip_gains_no_time(reach: Reach) -> None:
    """A server that sends a byte now and then cannot stretch a call beyond its limit."""

    def drip(peer: Peer) -> None:
        for position in range(len(WHOLE)):
            peer.send(WHOLE[position : position + 1])
            time.sleep(0.1)  # the drip itself is what is tried

    with pytest.raises(TimeoutError):
        read_frame(reach(drip), soon(0.35))


def test_nothing_is_read_after_the_deadline(reach: Reach) -> None:
    """An answer that is already there is not taken when the time is over."""
    with pytest.raises(TimeoutError):
        read_frame(reach(sends(WHOLE)), soon(-1))


def test_what_is_written_is_what_arrives(reach: Reach) -> None:
    """A request of any size reaches the registry as one frame."""
    document = "<epp>" + "y" * 100_000 + "</epp>"
    connection = reach(lambda peer: peer.send(framed(str(len(peer.read())))))
    write_frame(connection, frame(document.encode()), soon())
    assert read_frame(connection, soon()) == str(len(document)).encode()
