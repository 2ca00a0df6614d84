"""On which line of a TOML file does a key stand? `tomllib` reads the values and says no lines; this finds them.

A path is made of keys and of places in lists, as `("version", 0, "renewal", "committed_days")`.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

Path = tuple[str | int, ...]

_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_PLAIN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,\]}#]+(?:[ ][^\s,\]}#]+)?''',
    re.DOTALL,
)
"""A value without parts; its last form is a number, a truth, or an instant, which may have one space in it."""


def lines_of(text: str) -> Mapping[Path, int]:
    """Return the line, from 1, of every key and list element of a text that `tomllib` has read without a fault."""
    return _Reading(text).lines


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """Return the line of what stands at a path, or of the nearest thing around it; the first line if nothing does."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


class _Reading:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text, self._at = text, 0
        self._starts = [match.end() for match in re.finditer(r"\n", text)]
        self._last: dict[Path, int] = {}
        """Of each list of tables, the place of its last one."""
        table: Path = ()
        while self._skip(_BETWEEN) < len(text):
            if text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        line = self._line()
        is_list = self._take("[[")
        if not is_list:
            self._take("[")
        path: Path = ()
        keys = self._keys()
        for number, key in enumerate(keys, 1):
            path = (*path, key)
            self.lines.setdefault(path, line)
            if is_list and number == len(keys):
                self._last[path] = self._last.get(path, -1) + 1
            if path in self._last:
                path = (*path, self._last[path])
                self.lines.setdefault(path, line)
        self._take("]]" if is_list else "]")
        return path

    def _pair(self, table: Path) -> None:
        line, path = self._line(), table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._take("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        if self._take("["):
            self._list(path)
        elif self._take("{"):
            while not self._ends("}"):
                self._pair(path)
        else:
            self._skip(_PLAIN)

    def _list(self, path: Path) -> None:
        number = 0
        while not self._ends("]"):
            self.lines[(*path, number)] = self._line()
            self._value((*path, number))
            number += 1

    def _ends(self, closing: str) -> bool:
        """Go on to the next part of a list or an inline table, and tell whether it is over."""
        self._skip(_BETWEEN)
        if self._take(","):
            self._skip(_BETWEEN)
        return self._take(closing)

    def _keys(self) -> list[str]:
        keys = [self._key()]
        while self._take("."):
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        self._skip(_BLANK)
        start = self._at
        written = self._text[start : self._skip(_KEY)]
        self._skip(_BLANK)
        return str(tomllib.loads(f"key = {written}")["key"]) if written[0] in "\"'" else written

    def _take(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._at)
        if found:
            self._at += len(mark)
        return found

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"line {self._line()} is not as tomllib reads it")
        self._at = match.end()
        return self._at

    def _line(self) -> int:
        return bisect_right(self._starts, self._at) + 1
