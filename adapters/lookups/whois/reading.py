"""What does one text tell of a name? A `Sighting`; whatever is not clear is `UNKNOWN`, with the reason.

Whether the name is registered and when it expires are judged apart. A text shows that a name is registered if it says that
it is about this very name, and of no other, and holds something that only a registered name has. It shows that a name is
free if the registry's own words for that stand in it (`dialects`), and nothing else does: an empty answer, a page about a
limit, a text that nobody expected show nothing.

whois.nic.ir is read by our own hand (`irnic`), every other server's text by python-whois in a child process (`parsing`);
most texts that tell nothing need no child.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.lookups.whois import irnic
from adapters.lookups.whois.dialects import IRNIC, dialect_of, says_free
from adapters.lookups.whois.parsing import Parser, ParserLimits, UnreadableTextError
from adapters.lookups.whois.records import Asked, registered, shortened
from adapters.lookups.whois.texts import names_in, pairs, whole_lines
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName

_RECORD_KEYS = frozenset(
    {
        "creation date", "registry expiry date", "expiration date", "expiry date", "registered on", "registrar",
        "nserver", "name server", "name servers", "nameservers",
    }
)  # fmt: skip
"""What no answer about a free name has."""
_REGISTRARS_OWN = "registrar registration expiration date"


def read_text(
    text: bytes, *, domain: DomainName, server: str, seen_at: datetime, parser: Parser | None = None
) -> Sighting:
    """Read the text that `server` (a host's name) gave at `seen_at` to the question for `domain`.

    Without a `parser` one child process is started if the text needs it, and ended. Never raises for what the server wrote.
    """
    asked = Asked(domain, server.lower().removesuffix("."), seen_at)
    lines = whole_lines(text)
    if told := read_at_once(asked, lines):
        return told
    if parser:
        return read_with(parser, asked, lines)
    with Parser(ParserLimits(processes=1)) as own:
        return read_with(own, asked, lines)


def read_at_once(asked: Asked, lines: Sequence[str]) -> Sighting | None:
    """Read what needs no child process; None for a text that names the name and may be its record."""
    if not any(map(str.strip, lines)):
        return asked.unknown("the answer is empty")
    if asked.server == IRNIC:
        return irnic.read(asked, lines)
    found = list(pairs(lines))
    named = names_in(found)
    if named - {asked.domain.ascii}:
        return asked.unknown("the answer is about another name")
    if says_free(lines, dialect_of(asked.server), name=asked.domain.ascii, named=bool(named)):
        if any(key in _RECORD_KEYS for key, _ in found):
            return asked.unknown("the answer says that the name is free, and holds a record")
        return Sighting(asked.domain, asked.seen_at, asked.source, Standing.FREE)
    return None if named else asked.no_record(lines)


def read_with(parser: Parser, asked: Asked, lines: Sequence[str]) -> Sighting:
    """Let python-whois read a text that names the name; this takes its time.

    The registrar's own date is read here: python-whois would take it for the registry's.
    """
    own = [line for line in lines if line.strip().lower().startswith(_REGISTRARS_OWN)]
    kept = [line for line in lines if not line.strip().lower().startswith(_REGISTRARS_OWN)]
    try:
        fields = parser.fields(asked.domain.ascii, "\n".join(kept) + "\n")
    except UnreadableTextError as error:
        return asked.unknown(str(error))
    if not fields.holds_something:
        return asked.unknown("the answer names the name, and records nothing of it")
    dates = shortened(value for key, value in pairs(own) if key == _REGISTRARS_OWN and value)
    return registered(asked, fields, renew_by=dates)
