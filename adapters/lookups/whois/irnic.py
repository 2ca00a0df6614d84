"""What does a text of whois.nic.ir tell? It serves .ir and .ایران, and has a form of its own.

Lines with `%` are comments, and yet the errors stand in them. A record is one block of `key: value` lines up to a blank one;
the blocks behind it are people's, and are not read (D10). Since version 2.0.0 most records give no date: such a name is
registered, with no date. The only word for a free name is `%ERROR:101: no entries found` as the whole of the answer; a
reserved name gets it too, so that whether somebody may have the name is for the registry's `check` to say. Dates are
Gregorian days in Tehran.

    domain:         example.ir
    ascii:          example.ir
    holder-c:       ex123-irnic
    nserver:        ns1.example.ir 192.0.2.1
    last-updated:   2026-03-01
    expire-date:    2027-03-20
    source:         IRNIC # Filtered
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import takewhile

from adapters.lookups.whois.dialects import says_limit
from adapters.lookups.whois.records import Asked, Fields, registered, shortened
from adapters.lookups.whois.texts import as_name, introduces_name, names_in, pairs
from registrar.commands import ContactRole
from registrar.gateway import Sighting, Standing

_NO_ENTRIES = "%error:101: no entries found"
_ABOUT = re.compile(r"%\s*information related to '([^']{1,255})'", re.IGNORECASE)
_ROLES = {
    "holder-c": ContactRole.REGISTRANT,
    "admin-c": ContactRole.ADMIN,
    "tech-c": ContactRole.TECH,
    "bill-c": ContactRole.BILLING,
}
_LONGEST_SAID = 120


def read(asked: Asked, lines: Sequence[str]) -> Sighting:
    """Read an answer of whois.nic.ir about one name."""
    found = list(pairs([line for line in lines if not line.startswith("%")]))
    errors = [line for line in lines if line.lower().startswith("%error")]
    named = names_in(found)
    if (named | _about(lines)) - {asked.domain.ascii}:
        return asked.unknown("the answer is about another name")
    if named and not errors:
        return _registered(asked, lines)
    if not named and _is_no_entries(errors, lines):
        return Sighting(asked.domain, asked.seen_at, asked.source, Standing.FREE)
    if errors and not says_limit(errors):
        return asked.unknown(f"the registry's server says {errors[0][:_LONGEST_SAID].strip('% ')!r}")
    return asked.no_record(lines)


def _about(lines: Sequence[str]) -> frozenset[str]:
    """Return which names the comments say the answer is about."""
    return frozenset(as_name(found[1]) for line in lines if (found := _ABOUT.match(line)))


def _is_no_entries(errors: Sequence[str], lines: Sequence[str]) -> bool:
    """Tell whether an answer is the error for an absent name, and nothing else."""
    only_comments = all(line.startswith("%") or not line.strip() for line in lines)
    return only_comments and [" ".join(line.lower().split()) for line in errors] == [_NO_ENTRIES]


def _registered(asked: Asked, lines: Sequence[str]) -> Sighting:
    values: dict[str, list[str]] = defaultdict(list)
    for key, value in _record(lines):
        if value:
            values[key].append(value)
    fields = Fields(
        expiration_date=shortened(values["expire-date"]),
        name_servers=shortened(values["nserver"]),
    )
    contacts = {role: shortened(values[key])[0] for key, role in _ROLES.items() if key in values}
    return registered(asked, fields, contacts=contacts)


def _record(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of the record itself: from the name to the first blank line."""
    start = next(at for at, line in enumerate(lines) if introduces_name(line))
    yield from pairs(list(takewhile(str.strip, lines[start:])))
