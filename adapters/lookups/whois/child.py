"""What does python-whois make of a text? A program of its own, started by `parsing`; nothing of the product is in it.

The text is a stranger's, and some texts keep python-whois' expressions busy for a minute: so a process reads it that may be
killed, that holds little memory, can open nothing, and knows nothing. A line of JSON in, `{"domain", "text"}`; a line out: the
fields by name, each a list of texts as they stood, and none where python-whois gives up. Dates are not for it to guess. The
first line out comes unasked: everything is loaded, and nothing more can be opened.

Arguments: the memory, in bytes; the seconds of computing for one text; the values of a field, and the characters of one.
"""

import json
import math
import resource
import sys
from datetime import datetime
from itertools import takewhile
from typing import Any

from whois import parser
from whois.parser import WhoisEntry

WANTED = frozenset({"registrar", "creation_date", "expiration_date", "name_servers", "status"})
"""What is read at all: the other fields are people's (D10)."""

LISTED = "name_servers"
"""May come as one text of many lines, with all that follows in the answer (.eu)."""

_read_fields = WhoisEntry.parse


def main(memory: int, seconds: int, most: int, longest: int) -> None:
    """Answer line by line, until nobody asks any more."""
    parser.cast_date = _as_written
    WhoisEntry.parse = _read_wanted  # type: ignore[method-assign]  # python-whois offers no other way
    _confine(memory)
    _tell({})
    for line in sys.stdin.buffer:
        _grant(seconds)
        asked = json.loads(line)
        _tell({name: [text[:longest] for text in texts[:most]] for name, texts in _fields(asked).items()})


def _tell(answer: dict[str, list[str]]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _as_written(s: str, dayfirst: bool = False, yearfirst: bool = False) -> str | datetime:  # noqa: ARG001, FBT001, FBT002 - python-whois' own form
    """Leave a date as it stands."""
    return s


def _read_wanted(self: WhoisEntry) -> None:
    """Look for the wanted fields alone."""
    expressions = self._regex.items()
    self._regex = {name: found for name, found in expressions if name in WANTED}
    _read_fields(self)


def _confine(memory: int) -> None:
    """Give up what a parser needs nothing of; all modules are loaded by now."""
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _grant(seconds: int) -> None:
    """Let the next text have so much computing, on top of what went before; the kernel ends who takes more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _fields(asked: dict[str, str]) -> dict[str, list[str]]:
    """Read a text; none of the fields where python-whois takes it for something else than a record."""
    try:
        entry = WhoisEntry.load(asked["domain"], asked["text"])
    except Exception:  # noqa: BLE001 - a stranger's text raises anything at all in there
        return {}
    read = {name: _texts(entry.get(name)) for name in WANTED}
    return read | {LISTED: [line for text in read[LISTED] for line in _block(text)]}


def _texts(value: Any) -> list[str]:
    """Return a field's values; a field is a text, a list of them, or a list of such lists."""
    if isinstance(value, list | tuple | set):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) and value.strip() else []


def _block(text: str) -> list[str]:
    """Return a text's lines up to the first blank one."""
    return [line.strip() for line in takewhile(str.strip, text.strip().splitlines())]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
