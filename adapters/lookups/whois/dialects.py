"""In which words does a registry say that a name is free? Its own, by server; no other text is taken for that.

Where bare dates end is the registry's zone. `{name}` stands for the name that was asked for. The words are lines of the
answer, with no regard to case or a final full stop. A server that is not listed can show that a name is registered, and
never that it is free.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

IRNIC = "whois.nic.ir"
"""Has a form of its own, which `irnic` reads."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one server speaks."""

    free: tuple[str, ...] = ()
    zone: tzinfo = UTC


_IDENTITY = Dialect(free=("domain not found", "not found"))
_REGISTRY_SERVICES = Dialect(free=("no data found",))

DIALECTS: Mapping[str, Dialect] = {
    IRNIC: Dialect(zone=ZoneInfo("Asia/Tehran")),
    "whois.verisign-grs.com": Dialect(free=('no match for "{name}"', 'no match for domain "{name}"')),
    "whois.publicinterestregistry.org": _IDENTITY,
    "whois.nic.info": _IDENTITY,
    "whois.nic.io": _IDENTITY,
    "whois.nic.me": _IDENTITY,
    "whois.nic.biz": _REGISTRY_SERVICES,
    "whois.nic.us": _REGISTRY_SERVICES,
    "whois.nic.xyz": Dialect(free=("the queried object does not exist: domain not found",)),
    "whois.denic.de": Dialect(free=("status: free",)),
    "whois.eu": Dialect(free=("status: available",)),
    "whois.domain-registry.nl": Dialect(free=("{name} is free",)),
    "whois.nic.uk": Dialect(free=('no match for "{name}"',), zone=ZoneInfo("Europe/London")),
}

_LIMIT_WORDS = (
    "limit exceeded", "limit has been exceeded", "limit reached", "limit has been reached", "exceeded your",
    "exceeded the", "queries exceeded", "requests exceeded", "quota exceeded", "rate limit", "too many requests", "too many queries", "too many connections",
    "excessive quer", "access denied", "request denied", "connection refused", "blacklisted", "slow down",
    "try again later", "try again after", "wait a while",
)  # fmt: skip
_LONGEST_LIMIT_PAGE = 20
"""Lines that say something: terms of use, which speak of limits too, go on for longer."""


def dialect_of(server: str) -> Dialect:
    """Return how a server speaks; of an unknown one nothing is known but UTC."""
    return DIALECTS.get(server, Dialect())


def says_limit(lines: Sequence[str]) -> bool:
    """Tell whether a text that told nothing of a name is a server's word that it was asked too often."""
    said = [line.lower() for line in lines if line.strip(" \t%#")]  # a comment, too, may be all that is said
    return len(said) <= _LONGEST_LIMIT_PAGE and any(word in line for line in said for word in _LIMIT_WORDS)


def says_free(lines: Sequence[str], dialect: Dialect, *, name: str, named: bool) -> bool:
    """Tell whether the registry says, in its own words, that `name` is free.

    Words that do not carry the name count where the text is `named`, or as the first thing said: there they are the answer
    to the question.
    """
    said = [
        " ".join(line.lower().split()).removesuffix(".")
        for line in lines
        if line.strip() and line[0] not in "%#"
    ]
    for words in dialect.free:
        places = said if named or "{name}" in words else said[:1]
        if words.format(name=name) in places:
            return True
    return False
