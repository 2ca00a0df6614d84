"""Is a file of names fit to be taken? It is read to its end, and every fault told, before anything is written."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from registrar.importing.records import Lines, records
from registrar.importing.rows import Fault, FaultyLineError, Sold, faults_of_header, read_line
from registrar.importing.staging import Staging


class Check:
    """One reading of one file; the counts are whole when `faults` is exhausted."""

    def __init__(self, file: BinaryIO, staging: Staging, sold: Sold) -> None:
        self._lines, self._staging, self._sold = Lines(file), staging, sold
        self.names = 0
        """Good lines."""
        self.undated = 0
        """Those of them that do not say until when the name is paid for: no notice is planned for it."""
        self.faulty = 0
        """Faults, not lines."""

    @property
    def digest(self) -> str:
        """The file's SHA-256."""
        return self._lines.digest

    def faults(self) -> Iterator[Fault]:
        """Read the file, and yield what is wrong with it."""
        for fault in self._read():
            self.faulty += 1
            yield fault

    def _read(self) -> Iterator[Fault]:
        found = records(self._lines)
        number, header = next(found, (1, "it is empty: the first line names the columns"))
        columns = [cell.lower() for cell in header] if isinstance(header, list) else []
        faults = [Fault(number, None, header)] if isinstance(header, str) else []
        if faults := faults or faults_of_header(columns, self._sold):
            yield from faults  # of lines under a header that is not understood nothing can be said
            return
        for number, record in found:
            yield from self._take(number, record, columns)

    def _take(self, number: int, record: list[str] | str, columns: Sequence[str]) -> Sequence[Fault]:
        if isinstance(record, str):
            return [Fault(number, None, record)]
        if len(record) != len(columns):
            text = (
                f"it has {len(record)} cells, the header {len(columns)}: a text with a comma stands in quotes"
            )
            return [Fault(number, None, text)]
        try:
            line = read_line(number, dict(zip(columns, record, strict=True)), self._sold)
        except FaultyLineError as error:
            return error.faults
        if (before := self._staging.add(line)) is not None:
            return [Fault(number, "domain", f"{line.name} stands in line {before} already: keep one of them")]
        self.names += 1
        self.undated += line.paid_through is None
        return []
