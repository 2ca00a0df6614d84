"""How is a ratio measured on a machine that others use too? Side by side, in turns, and told with its spread."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from registrar.database import Database
from tests import servers


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure that was measured, in words, and whether it is what was promised (None: nothing was)."""

    text: str
    kept: bool | None = None

    def __str__(self) -> str:
        return self.text if self.kept is None else f"{self.text}  [{'kept' if self.kept else 'NOT KEPT'}]"


def say(text: object) -> None:
    """Print a line at once: a benchmark takes its time."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def spread(figures: Sequence[float], *, digits: int = 2) -> str:
    """Write the median of some figures, and the lowest and highest."""
    return f"{median(figures):.{digits}f} ({min(figures):.{digits}f} … {max(figures):.{digits}f})"


@contextmanager
def a_database(kind: str) -> Iterator[str]:
    """Give the URL of a fresh database at the newest schema, on `sqlite` or `postgresql`."""
    with ExitStack() as stack:
        if kind == "sqlite":
            url = f"sqlite:///{stack.enter_context(a_folder())}/registrar.db"
        else:
            server = stack.enter_context(servers.postgres())
            url = server.url(server.create())
        database = Database(url)
        database.upgrade()
        database.close()
        yield url


@contextmanager
def a_folder() -> Iterator[Path]:
    """Give an empty folder, short enough to hold a socket."""
    with TemporaryDirectory(prefix="bench-") as folder:
        yield Path(folder)


Benchmark = Callable[[str], list[Finding]]
"""Measures one thing on a kind of database (`postgresql`, `sqlite`), and returns what it found."""
