"""What does one call of the command have at hand? The desk, opened when first asked for; the parts; the form of answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:  # the core takes a while to load: `--help` does without
    from adapters.desk import Desk
    from adapters.terminal.starters import Starters


@dataclass
class Session:
    """One call of the command."""

    open_desk: "Callable[[Path | None], Desk]"
    starters: "Starters"
    config: Path | None
    as_json: bool = False
    _desk: "Desk | None" = field(default=None, repr=False)

    @property
    def desk(self) -> "Desk":
        """The desk; opening it reads the settings."""
        if self._desk is None:
            self._desk = self.open_desk(self.config)
        return self._desk


def session_of(ctx: typer.Context) -> Session:
    """Return the call's session."""
    session = ctx.find_object(Session)
    assert session is not None
    return session
