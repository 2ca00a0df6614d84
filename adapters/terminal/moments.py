"""How is a time read that a command is given? With its zone, so that it is one instant wherever it was typed."""

from datetime import UTC, datetime

import typer


def instant(text: str, *, option: str) -> datetime:
    """Return the instant in UTC, or say that the option was asked wrongly."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise typer.BadParameter("a time with its zone, as 2026-11-22T09:30:00Z", param_hint=option)
