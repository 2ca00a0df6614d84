"""How does a WHOIS server answer, well or badly? A line in, a text out, and it closes (RFC 3912)."""

from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.public.desk import Desk, Visit
from adapters.sandbox.public.listening import Conversation, Listener
from adapters.sandbox.public.serving import PublicSandbox
from adapters.sandbox.whois import texts

_LONGEST_QUESTION = 1_024
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body><h1>Maintenance</h1></body></html>\n"
_GARBAGE = b"\x00\x1f\x8b\xff\xfe\r\n\x0b" + b" " * 2_000 + b"\r:\xfe"


class WhoisSandbox(PublicSandbox):
    """The registries' WHOIS servers behind one port."""

    def _converse(self, listener: Listener) -> Conversation:
        return _Conversation(listener, self._desk)


class _Conversation(Conversation):
    def __init__(self, listener: Listener, desk: Desk) -> None:
        super().__init__(listener)
        self._desk = desk
        self._asked = False

    def data_received(self, received: bytes) -> None:
        """Answer the first line; what comes behind it is not read."""
        self._received += received
        line, ended, _ = self._received.partition(b"\n")
        if len(line) > _LONGEST_QUESTION:
            self.cut()
        elif ended and not self._asked:
            self._asked = True
            self._answer(line.decode("ascii", "replace").split())

    def _answer(self, words: list[str]) -> None:
        """Answer about the last word of the question: flags for the server may stand before it."""
        visit = self._desk.take(words[-1].lower() if words else "")
        self.deliver(_written(visit), visit.wire, closes=True)


def _written(visit: Visit) -> bytes:
    if visit.refused is not None:
        return texts.limit_page(visit.name)
    match visit.wire.behaviour if visit.wire else None:
        case Behaviour.GARBAGE:
            return _GARBAGE
        case Behaviour.HTML | Behaviour.CLOSED:
            return _PAGE
        case Behaviour.FAIL_AFTER | Behaviour.REFUSE:
            return b"%ERROR:100: internal software error\n"
        case _:
            return texts.nothing(visit.name) if visit.entry is None else texts.record(visit.entry)
