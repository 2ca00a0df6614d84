"""What does a public server do with one question? It counts it, and says how it is to be answered: well, badly, or not at all.

name ── counted ── above the limit? ── misbehaving? ── entry, spoilt as ordered ──▶ Visit
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour
from adapters.sandbox.public.arrivals import Arrivals
from adapters.sandbox.public.entries import Entry, Record

Manners = Callable[[str, int], Misbehaviour | None]
"""Says how a question about a name is misbehaved at, if it is; told how often it was asked for before. `Orders` is one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much a server takes: `per_second` questions in any second.

    Who asks more is told to stay away for `away_seconds`, and nobody is answered meanwhile.
    """

    per_second: int
    away_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Visit:
    """One question, as it is to be answered. `refused`: with the word that too much was asked; `wire`: in this way."""

    name: str
    entry: Entry | None
    refused: float | None = None
    wire: Misbehaviour | None = None


class Desk:
    """Takes the questions of one server, in one thread."""

    def __init__(self, record: Record, *, manners: Manners | None, limit: Limit | None) -> None:
        self.arrivals = Arrivals(record)
        self._record = record
        self._manners = manners
        self._limit = limit
        self._recent: deque[float] = deque(maxlen=limit.per_second if limit else 0)
        self._away_until = 0.0

    def take(self, name: str) -> Visit:
        """Take in one question."""
        now = time.monotonic()
        before = self.arrivals.note(name, now)
        if self._limit and (left := self._away(self._limit, now)):
            self.arrivals.refused += 1
            self.arrivals.told_away(now, left)
            return Visit(name, None, refused=left)
        how = self._manners(name, before) if self._manners else None
        if how is None:
            return Visit(name, self._record(name))
        if how.behaviour is Behaviour.LIMIT:
            self.arrivals.told_away(now, how.seconds)
            return Visit(name, None, refused=how.seconds)
        return Visit(name, spoilt(self._record(name), how), wire=how)

    def _away(self, limit: Limit, now: float) -> float:
        """Return for how many seconds the server wants to be left alone; 0 if it answers."""
        full = len(self._recent) == limit.per_second and now - self._recent[0] < 1.0
        self._recent.append(now)
        if full:
            self._away_until = now + limit.away_seconds
        return max(0.0, self._away_until - now)


def spoilt(entry: Entry | None, how: Misbehaviour) -> Entry | None:
    """Return what is told of a name by a server that tells it wrong; what goes wrong on the wire spoils no entry."""
    told = _TOLD.get(how.behaviour)
    return entry if entry is None or told is None else told(entry, how.argument)


def _shifted(entry: Entry, days: str) -> Entry:
    later = entry.expires_at and entry.expires_at + timedelta(days=float(days))
    return replace(entry, expires_at=later)


_TOLD: Mapping[Behaviour, Callable[[Entry, str], Entry | None]] = {
    Behaviour.NOT_FOUND: lambda _, __: None,
    Behaviour.DATE: lambda entry, text: replace(entry, expires_text=text),
    Behaviour.DATELESS: lambda entry, _: replace(entry, expires_at=None, expires_text=None),
    Behaviour.SHIFT: _shifted,
    Behaviour.SPONSOR: lambda entry, other: replace(entry, sponsor=other, sponsor_id="9998"),
    Behaviour.ANOTHER_NAME: lambda entry, other: replace(entry, name=other),
}
