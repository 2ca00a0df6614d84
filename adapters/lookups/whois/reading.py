"""What does one text tell of a name? A `Sighting`; whatever is not clear is `UNKNOWN`, with the reason.

Whether the name is registered and when it expires are judged apart. A text shows that a name is registered if it says that
it is about this very name, and of no other, and holds something that only a registered name has. It shows that a name is
free if the registry's own words for that stand in it (`dialects`), and nothing else does: an empty answer, a page about a
limit, a text that nobody expected show nothing.

whois.nic.ir is read by our own hand (`irnic`), every other server's text by python-whois in a child process (`parsing`);
most texts that tell nothing need no child.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from adapters.lookups.whois import irnic
from adapters.lookups.whois.dialects import IRNIC, dialect_of, says_free, says_limit
from adapters.lookups.whois.parsing import Parser, ParserLimits, UnreadableTextError
from adapters.lookups.whois.records import LIMIT_REACHED, Asked, Fields, registered, shortened
from adapters.lookups.whois.texts import introduces_name, names_in, pairs, whole_lines
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
_UNIFORM = {
    "registrar": "registrar",
    "creation date": "creation_date",
    "registry expiry date": "expiration_date",
    "name server": "name_servers",
    "domain status": "status",
}
"""ICANN's form, which every registry of a gTLD writes by now (its Base Registry Agreement, specification 4)."""


def read_text(
    text: bytes, *, domain: DomainName, server: str, seen_at: datetime, parser: Parser | None = None
) -> Sighting:
    """Read the text that `server` (a host's name) gave at `seen_at` to the question for `domain`.

    Without a `parser` one child process is started if the text needs it, and ended. Never raises for what the server wrote.
    """
    asked = Asked(domain, server.lower().removesuffix("."), seen_at)
    lines, rest = whole_lines(text)
    if told := read_at_once(asked, lines, rest):
        return told
    if parser:
        return read_with(parser, asked, lines)
    with Parser(ParserLimits(processes=1)) as own:
        return read_with(own, asked, lines)


def read_at_once(asked: Asked, lines: Sequence[str], rest: str) -> Sighting | None:
    """Read what needs no child process; None for a text that names the name and may be its record.

    `rest` is a last line that may be cut short: it can tell nothing of the name, and yet that a limit is reached.
    """
    if not any(map(str.strip, [*lines, rest])):
        return asked.unknown("the answer is empty")
    told = _read_lines(asked, lines)
    unclear = told is not None and told.standing is Standing.UNKNOWN
    return asked.unknown(LIMIT_REACHED) if unclear and says_limit([rest]) else told


def _read_lines(asked: Asked, lines: Sequence[str]) -> Sighting | None:
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
    fields = _completed(fields, kept)
    if not fields.holds_something:
        return asked.unknown("the answer names the name, and records nothing of it")
    dates = shortened(value for key, value in pairs(own) if key == _REGISTRARS_OWN and value)
    return registered(asked, fields, renew_by=dates)


def _completed(fields: Fields, lines: Sequence[str]) -> Fields:
    """Add what stands in the text in ICANN's form, and python-whois did not see.

    For some zones it knows an older form alone (.biz, .me), or gives up where some registrant's line speaks of a name that
    is not found. What is indented otherwise than the name stands in somebody's own block, as an address does, and is his text.
    """
    found: dict[str, list[str]] = defaultdict(list)
    named = next(line for line in lines if introduces_name(line))
    for key, value in pairs([line for line in lines if _indent(line) == _indent(named)]):
        if key in _UNIFORM and value:
            found[_UNIFORM[key]].append(value)
    read = {name: getattr(fields, name) or shortened(found[name]) for name in Fields.model_fields}
    return Fields.model_validate(read)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
