"""With which code does a command end, and what is said then? Scripts read the code, people read the words on stderr.

0 done · 1 refused or failed · 2 asked wrongly · 69 something behind us does not answer · 75 not now, try again ·
78 the settings cannot be used
"""

import json
from enum import IntEnum
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from adapters.terminal.session import Session


class ExitCode(IntEnum):
    """The codes of `sysexits.h` that scripts know."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNAVAILABLE = 69
    TRY_AGAIN = 75
    MISCONFIGURED = 78


class MisconfiguredError(Exception):
    """Settings that cannot be used; the wiring raises it, with words that say what to do."""


class Ending(NamedTuple):
    """How a command ends that could not do what was asked."""

    exit_code: ExitCode
    code: str
    text: str


class Commands(TyperGroup):
    """The commands, with one place where an error of the core becomes words and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error that nobody foresaw goes on as it is."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from adapters.terminal.endings import ending_of

            ending = ending_of(error)
            if ending is None:
                raise
            session = ctx.find_object(Session)
            typer.echo(_told(ending, as_json=session is not None and session.as_json), err=True)
            raise typer.Exit(ending.exit_code) from error


def _told(ending: Ending, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"error": {"code": ending.code, "text": ending.text}}, ensure_ascii=False)
    return f"{ending.code}: {ending.text}"
