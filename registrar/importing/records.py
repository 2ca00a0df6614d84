"""Which records does a file of names hold? CSV, a bounded line at a time, with the number of the line where each begins."""

import csv
import hashlib
from collections.abc import Iterator
from typing import BinaryIO

LONGEST_LINE = 65_536
"""Bytes; no name with all its dates has a tenth of it."""
_BROKEN = ("\udc80", "\udcff")
"""Between these lies what a byte becomes that is no UTF-8."""


class Lines:
    """The lines of a file as text, and the digest of all that was read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._is_first = True
        self._too_long = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._read()
        if not line:
            raise StopIteration
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            self._too_long, rest = True, self._read()
        text = line.decode(errors="surrogateescape")
        if self._is_first:
            text, self._is_first = text.removeprefix("\ufeff"), False
        return text

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read, in hexadecimal."""
        return self._digest.hexdigest()

    def was_too_long(self) -> bool:
        """Tell whether a line was cut since this was asked last."""
        told, self._too_long = self._too_long, False
        return told

    def _read(self) -> bytes:
        line = self._file.readline(LONGEST_LINE + 1)
        self._digest.update(line)
        return line


def records(lines: Lines) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each record that is not blank with its line's number; in place of one that cannot be read, why."""
    reader = csv.reader(lines, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"it is not CSV ({error}): see to its quotes, or save it as CSV again"
            continue
        if lines.was_too_long():
            yield number, f"it is longer than {LONGEST_LINE} bytes: is this one name to a line?"
        elif any(_BROKEN[0] <= letter <= _BROKEN[1] for cell in record for letter in cell):
            yield number, "it is not UTF-8 text: save the file as CSV in UTF-8"
        elif record:
            yield number, [cell.strip() for cell in record]
