"""What stands in a WHOIS text? Whole lines and `key: value` pairs, whoever wrote them; each step is linear in the length.

The lines end as the server likes, and the last one counts only if it is whole: a connection that ended early would else cut
`2027-03-21` down to another day. What it says of the server itself is heard all the same.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from registrar.names import NameRefusedError, host_name

NAME_KEYS = frozenset({"domain", "domain name", "ascii"})
"""How registries introduce the name that a record is of."""

_MOST_NAMES = 16
"""Different texts looked at for a name; a record has one, or the same in two scripts."""
_CONTROLS = {code: None for code in (*range(32), 127) if code not in {9, 10}}


def whole_lines(text: bytes) -> tuple[list[str], str]:
    """Decode a text, whatever it is, and cut it into lines; apart from them stands a last one that may be cut short."""
    plain = text.decode("utf-8", errors="replace").removeprefix("\ufeff")
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    *lines, last = plain.split("\n")
    return (lines, last) if ":" in last else ([*lines, last], "")


def pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the keys, in lower case, and their values.

    `key: value` is also written as `[key] value`, with stars before it, with dots after the key, and with the value alone
    on the next line, if that is no pair itself.
    """
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        bare = line.strip(" \t*")
        if bare.startswith("["):
            key, mark, value = bare[1:].partition("]")
        else:
            key, mark, value = bare.partition(":")
        if mark:
            below = "" if ":" in following else following.strip()
            yield key.strip(" \t.").lower(), value.strip() or below


def introduces_name(line: str) -> bool:
    """Tell whether a line introduces the name that a record is of."""
    return any(key in NAME_KEYS for key, _ in pairs([line]))


def names_in(found: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return which names a text says it is of, as A-labels; what is no name stays as it stands."""
    said = dict.fromkeys(value.split()[0] for key, value in found if key in NAME_KEYS and value)
    return frozenset(as_name(word) for word in list(said)[:_MOST_NAMES])


def as_name(text: str) -> str:
    """Return a host's or a domain's name as an A-label, and what is none as it stands."""
    try:
        return host_name(text)
    except NameRefusedError:
        return text
