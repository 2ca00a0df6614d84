"""What the terminal's tests share: the command over a desk on each kind of database, as a script would call it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from adapters.desk import Desk
from adapters.terminal.app import make_app
from adapters.terminal.starters import Starters
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from tests.desks import START, Shop, opened


@dataclass
class Started:
    """Notes what the terminal started, with which options."""

    calls: list[tuple[Any, ...]]

    def starters(self) -> Starters:
        """Return starters that note their call and end as `exit_code` says."""

        def note(name: str) -> Any:
            def start(*given: object, **options: object) -> int:
                self.calls.append((name, *given, *sorted(options.items())))
                return 3

            return start

        def look_up(config: Path | None, source: str, domain: DomainName) -> Sighting:
            self.calls.append(("look_up", config, source, domain))
            return Sighting(domain, START, source, Standing.UNKNOWN, reason="nobody is asked here")

        def ask_without_books(*given: object) -> None:
            self.calls.append(("ask_without_books", *given))

        return Starters(
            **{name: note(name) for name in Starters.__slots__}
            | {"look_up": look_up, "ask_without_books": ask_without_books}
        )


_called: list["Terminal"] = []
"""Whose command is running."""


@cache
def _command() -> typer.Typer:
    """Return the command, which opens the desk and starts the parts of whoever calls it."""

    def open_desk(config: Path | None) -> Desk:
        return _called[-1].open_desk(config)

    def start(name: str) -> Any:
        def start_it(*given: object, **options: object) -> Any:
            return getattr(_called[-1].started.starters(), name)(*given, **options)

        return start_it

    return make_app(open_desk, Starters(**{name: start(name) for name in Starters.__slots__}))


_built = cache(typer.main.get_command)
"""Typer takes longer to build our command than the command for what a test asks, and would build it at each call."""


@dataclass(frozen=True)
class Terminal:
    """Calls the command."""

    shop: Shop
    started: Started

    def call(self, *words: object, stdin: bytes | None = None) -> Result:
        """Call it with these words; nobody sits at the terminal."""
        _called.append(self)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("typer.testing._get_command", _built)
                return CliRunner().invoke(_command(), [str(word) for word in words], input=stdin or b"")
        finally:
            _called.pop()

    def open_desk(self, config: Path | None) -> Desk:
        """Give the shop's desk, and note that it was asked for."""
        self.started.calls.append(("desk", config))
        return self.shop.desk

    def json(self, *words: object, stdin: bytes | None = None) -> Any:
        """Call it for one JSON document, and expect that it succeeds."""
        result = self.call(*words, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def lines(self, *words: object, stdin: bytes | None = None) -> list[Any]:
        """Call it for JSON lines."""
        return [json.loads(line) for line in self.call(*words, "--json", stdin=stdin).stdout.splitlines()]


def unboxed(told: str) -> str:
    """Return what stands in the frame of an error, on one line."""
    return " ".join(told.translate(str.maketrans("│╭╮╰╯─", "      ")).split())


@pytest.fixture
def terminal(database_url: str) -> Iterator[Terminal]:
    """Give the command over a fresh database, SQLite and PostgreSQL in turn."""
    with opened(database_url) as shop:
        yield Terminal(shop, Started([]))
