"""What came when, and how often was each name asked for? So that a test can prove that a limit was kept in every second.

Eight bytes for each question, one for each name of a `Numbered`: a million questions are no burden.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.sandbox.public.entries import Numbered, Record

_MOST_NAMED = 20
_IN_THE_AIR_SECONDS = 1.0
"""So long after a server has asked to be left alone questions still come that were on their way."""
_MOST_COUNTED = 255


@dataclass(frozen=True, slots=True)
class Summary:
    """What a server has seen, as plain values that may go to another process.

    `names_by_times`: how many names were asked for once, twice, and so on; `again` are a few of those asked for more often
    than once. `refused`: how many questions came above the limit, or while the server was away for that. `while_away`: how many
    came although the server had asked, more than a second before, to be left alone.
    """

    questions: int
    refused: int
    while_away: int
    most_in_a_second: int
    most_at_once: int
    connections: int
    names_by_times: Mapping[int, int]
    again: tuple[str, ...]


class Arrivals:
    """A server's log. Written by the server's own thread, and read by anybody's."""

    def __init__(self, record: Record) -> None:
        self._numbered = record if isinstance(record, Numbered) else None
        self._by_number = bytearray(record.count if isinstance(record, Numbered) else 0)
        self._by_name: Counter[str] = Counter()
        self.instants = array("d")
        self.refused = self.while_away = 0
        self._away = (0.0, 0.0)
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0

    def note(self, name: str, now: float) -> int:
        """Count a question (`now` in seconds of a clock that only goes on); return how often it had come before."""
        self.instants.append(now)
        since, until = self._away
        self.while_away += since < now < until
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        number = self._numbered.number_of(name) if self._numbered else None
        if number is None:
            self._by_name[name] += 1
            return self._by_name[name] - 1
        before = self._by_number[number]
        self._by_number[number] = min(before + 1, _MOST_COUNTED)
        return before

    def told_away(self, now: float, seconds: float) -> None:
        """Note that the server has asked to be left alone for so long."""
        self._away = (now + _IN_THE_AIR_SECONDS, max(self._away[1], now + seconds))

    def answered(self) -> None:
        """Count that a question is no longer under way."""
        self.at_once -= 1

    def times(self, name: str) -> int:
        """Tell how often a name was asked for."""
        number = self._numbered.number_of(name) if self._numbered else None
        return self._by_name[name] if number is None else self._by_number[number]

    def most_within(self, seconds: float) -> int:
        """Tell how many questions came at most within so many seconds, wherever those begin."""
        most, start = 0, 0
        for end, instant in enumerate(self.instants):
            while instant - self.instants[start] >= seconds:
                start += 1
            most = max(most, end - start + 1)
        return most

    def summary(self) -> Summary:
        """Tell all of it."""
        by_times = Counter(self._by_number)
        by_times.update(self._by_name.values())
        del by_times[0]
        return Summary(
            questions=len(self.instants),
            refused=self.refused,
            while_away=self.while_away,
            most_in_a_second=self.most_within(1.0),
            most_at_once=self.most_at_once,
            connections=self.connections,
            names_by_times=dict(by_times),
            again=tuple(name for name, _ in zip(self._again(), range(_MOST_NAMED), strict=False)),
        )

    def _again(self) -> Iterator[str]:
        if self._numbered:
            yield from (
                self._numbered.name(number) for number, times in enumerate(self._by_number) if times > 1
            )
        yield from (name for name, times in self._by_name.items() if times > 1)
