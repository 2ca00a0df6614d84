"""How is one told, while a long file is placed, how far it is? A bar on stderr where somebody watches, else silence."""

from dataclasses import dataclass
from typing import BinaryIO

from rich.progress import Progress

from adapters.desk import Desk
from adapters.terminal.placing import LineRefused, Placed, place_lines
from adapters.terminal.showing import print_json, say, show_document, stderr


@dataclass
class Counted:
    """What became of a file's lines."""

    placed: int = 0
    repeated: int = 0
    refused: int = 0

    def add(self, result: Placed | LineRefused) -> None:
        """Count a line."""
        if isinstance(result, LineRefused):
            self.refused += 1
        elif result.repeated:
            self.repeated += 1
        else:
            self.placed += 1


def place_all(desk: Desk, lines: BinaryIO, *, size: int | None, dry_run: bool, as_json: bool) -> Counted:
    """Place a file's lines, show what becomes of them, and count."""
    counted = Counted()
    console = stderr()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading" if dry_run else "placing", total=size)
        for result in place_lines(desk, lines, dry_run=dry_run):
            counted.add(result)
            if size is not None:
                bar.update(task, completed=lines.tell())
            _show(result, bar, as_json=as_json)
    if as_json:
        say(f"placed {counted.placed}, there already {counted.repeated}, refused {counted.refused}")
    else:
        show_document(
            {
                "good" if dry_run else "placed": counted.placed,
                "there already": counted.repeated,
                "refused": counted.refused,
            },
            as_json=False,
        )
    return counted


def _show(result: Placed | LineRefused, bar: Progress, *, as_json: bool) -> None:
    if as_json:
        print_json(result.told())
    if isinstance(result, LineRefused):
        place = f"line {result.line}: {result.field}" if result.field else f"line {result.line}"
        bar.console.print(f"{place}: {result.code}: {result.text}", soft_wrap=True)
