"""How does an answer travel back, and what becomes of it on the way? HTTP as IRNIC speaks it, and each way it breaks."""

import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http.client import responses
from typing import Protocol

from adapters.sandbox.irnic import pages
from adapters.sandbox.irnic.desk import Desk, Visit
from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour

DRIP_SECONDS = 0.2
"""Between one byte and the next."""

_FREEZE_GLANCE_SECONDS = 0.2
_GARBAGE = b'\x00\x1f\x8b<epp><response><result code="1000"><msg>Comm\xff\xfe'
_HTML = "text/html; charset=utf-8"
_XML = "text/xml; charset=utf-8"


class Line(Protocol):
    """The connection that a command came in on."""

    connection: socket.socket

    def write(self, part: bytes) -> None:
        """Send these bytes now."""

    def hang_up(self) -> None:
        """Let the connection end with this answer, or without one."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Carries one visit's answer over its line, or not, as ordered.

    `stopping` is set when the sandbox stops: nobody waits longer than that. `later` runs work after the line is gone.
    """

    desk: Desk
    line: Line
    stopping: threading.Event
    later: Callable[[Callable[[], None]], None]

    def deliver(self, visit: Visit) -> None:
        """Answer a visit in the way that its misbehaviour on the wire says, or plainly."""
        if visit.wire is None:
            self.line.write(response(visit.status, _XML, self.desk.answer(visit)))
            return
        _WAYS[visit.wire.behaviour](self, visit, visit.wire)

    def drop_reply(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work and close."""
        self.desk.answer(visit, heard=False)
        self.line.hang_up()

    def drop_request(self, _: Visit, __: Misbehaviour) -> None:
        """Do nothing and close."""
        self.line.hang_up()

    def late(self, visit: Visit, wire: Misbehaviour) -> None:
        """Do the work, and answer some seconds later."""
        answer = self.desk.answer(visit)
        if self.stopping.wait(wire.seconds):
            self.line.hang_up()
        else:
            self.line.write(response(visit.status, _XML, answer))

    def late_work(self, visit: Visit, wire: Misbehaviour) -> None:
        """Close now, and do the work some seconds later, if the sandbox still runs then."""

        def work() -> None:
            if not self.stopping.wait(wire.seconds):
                self.desk.answer(visit, heard=False)

        self.later(work)
        self.line.hang_up()

    def freeze(self, _: Visit, __: Misbehaviour) -> None:
        """Say nothing until the client hangs up or the sandbox stops."""
        while not self.stopping.wait(_FREEZE_GLANCE_SECONDS) and not _has_left(self.line.connection):
            pass
        self.line.hang_up()

    def garbage(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, and answer with bytes that are no XML."""
        self.desk.answer(visit, heard=False)
        self.line.write(response(visit.status, _XML, _GARBAGE))

    def html(self, _: Visit, wire: Misbehaviour) -> None:
        """Do nothing, and answer with a page.

        The argument is `maintenance`, or an HTTP status: `504`, or `20018` for a status line that is none (IRNIC's
        gateway sends it to a client that asks too often). With none it is a page with status 200.
        """
        if wire.argument == "maintenance":
            self.line.write(response(200, _HTML, pages.MAINTENANCE.encode()))
        else:
            self.line.write(response(int(wire.argument or 200), _HTML, pages.GATEWAY.encode()))

    def fail_after(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, then answer HTTP 500 with a page."""
        self.desk.answer(visit, heard=False)
        self.line.write(response(500, _HTML, pages.GATEWAY.encode()))

    def cut(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, and close in the middle of the answer's body."""
        answer = self.desk.answer(visit, heard=False)
        whole = response(visit.status, _XML, answer)
        self.line.write(whole[: len(whole) - len(answer) // 2])
        self.line.hang_up()

    def drip(self, visit: Visit, _: Misbehaviour) -> None:
        """Do the work, and answer one byte at a time."""
        whole = response(visit.status, _XML, self.desk.answer(visit))
        for index in range(len(whole)):
            self.line.write(whole[index : index + 1])
            if self.stopping.wait(DRIP_SECONDS):
                self.line.hang_up()
                return

    def closed(self, _: Visit, __: Misbehaviour) -> None:
        """Show the page of the nightly closure, with status 200."""
        self.line.write(response(200, _HTML, pages.NIGHT.encode()))


def response(status: int, content_type: str, body: bytes) -> bytes:
    """Write a whole HTTP/1.1 response."""
    head = (
        f"HTTP/1.1 {status} {responses.get(status, '')}".rstrip(),
        f"Date: {formatdate(usegmt=True)}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def _has_left(connection: socket.socket) -> bool:
    """Tell whether the client hung up; what it says meanwhile is thrown away."""
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and not connection.recv(4096)
    except OSError:
        return True


_WAYS: dict[Behaviour, Callable[[Delivery, Visit, Misbehaviour], None]] = {
    Behaviour.DROP_REPLY: Delivery.drop_reply,
    Behaviour.DROP_REQUEST: Delivery.drop_request,
    Behaviour.LATE: Delivery.late,
    Behaviour.LATE_WORK: Delivery.late_work,
    Behaviour.FREEZE: Delivery.freeze,
    Behaviour.GARBAGE: Delivery.garbage,
    Behaviour.HTML: Delivery.html,
    Behaviour.FAIL_AFTER: Delivery.fail_after,
    Behaviour.CUT: Delivery.cut,
    Behaviour.DRIP: Delivery.drip,
    Behaviour.CLOSED: Delivery.closed,
}
