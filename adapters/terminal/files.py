"""How is a file read that a command names? `-` is stdin; one that cannot be read was asked for wrongly."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer


@contextmanager
def opened(file: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open a file, or stdin for `-`, and say how long it is if that is known."""
    if file == "-":
        yield sys.stdin.buffer, None
        return
    path = Path(file)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from error
    with stream:
        yield stream, path.stat().st_size


def content(file: str) -> bytes:
    """Return all of a file, or of stdin for `-`."""
    with opened(file) as (stream, _):
        return stream.read()
