"""`registrar sync`: look at every name now, see how far the night is, and decide about what it would not write by itself."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal import pinning, sync_changes
from adapters.terminal.exits import ExitCode
from adapters.terminal.options import JsonDocument
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from rich.progress import Progress, TaskID

    from registrar.sync.runs import RunView

app = typer.Typer(
    no_args_is_help=True, help="Compare every name with what its registrar and the public record tell."
)
app.command(name="diff")(sync_changes.diff)
app.command()(sync_changes.approve)
app.command()(sync_changes.reject)
app.command()(pinning.pin)
app.command()(pinning.unpin)
app.command(name="pins")(pinning.pins)

_LANES = ("lane", "left")
_CHANGES = ("kind", "open")
_OLDEST = ("domain", "confirmed_at", "source")


@app.command()
def run(
    ctx: typer.Context,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask everybody and show what would change; write nothing of it.")
    ] = False,
    as_json: JsonDocument = False,
) -> None:
    """Look now at every name that is due, as the night does; a run that is under way is gone on with.

    It may be stopped at any time (Ctrl-C), and goes on where it was. Exit codes: 0 all were asked; 1 it found too many
    changes of a kind and stopped to ask; 75 it was stopped, or not all could be asked.
    """
    from adapters.terminal.acts import actor
    from adapters.terminal.showing import say, show_document, stderr
    from registrar.sync.runs import RunState
    from registrar.sync.vocabulary import Mode

    desk = session_of(ctx).desk
    mode = Mode.DRY if dry_run else Mode.WRITE
    with _told_to_stop() as stopped, _bar(stderr()) as (bar, task):
        ended = desk.sync(mode, actor(), lambda seen: _show_progress(bar, task, seen), stopped.is_set)
    show_document(_described(ended, now=desk.now()), as_json=as_json)
    if (advice := _advice(ended)) is not None:
        say(advice)
    if ended.state is RunState.STOPPED:
        raise typer.Exit(ExitCode.FAILED)
    if ended.state is not RunState.DONE:
        raise typer.Exit(ExitCode.TRY_AGAIN)


@app.command()
def status(ctx: typer.Context, *, as_json: JsonDocument = False) -> None:
    """Show the latest run, what is left of it, what waits to be decided, and of how many names we know that they are true."""
    from adapters.terminal.showing import show_document
    from registrar.sync import changes, runs
    from registrar.sync.coverage import coverage
    from registrar.sync.runs import RunState

    desk = session_of(ctx).desk
    now = desk.now()
    with desk.database.reading() as connection:
        latest = runs.latest(connection)
        left = runs.left(connection, latest.id) if latest and latest.state is not RunState.DONE else {}
        waiting = changes.count_open(connection)
        known = coverage(connection, within=desk.sync_coverage, now=now)
    told: dict[str, Any] = {"run": None} if latest is None else _described(latest, now=now)
    hours = desk.sync_coverage / timedelta(hours=1)
    told |= {
        "names": known.names,
        "confirmed": known.confirmed,
        "coverage": f"{_percent(known.confirmed, known.names)} confirmed within {hours:g} hours",
        "coverage_share": known.share,
        "lanes": [{"lane": lane, "left": count} for lane, count in sorted(left.items())],
        "open_changes": [{"kind": kind, "open": count} for kind, count in sorted(waiting.items())],
        "oldest": [one._asdict() for one in known.oldest],
    }
    if latest is not None:
        told |= {"next_step": _advice(latest)}
    tables = {"lanes": _LANES, "open_changes": _CHANGES, "oldest": _OLDEST}
    show_document(told, as_json=as_json, tables=tables)


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Let Ctrl-C and SIGTERM end a run in good order while the block lasts; who cannot wait sends it twice."""
    stopped = threading.Event()
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    def stop(*_: object) -> None:
        restore()  # first: the same signal again must not come upon the event's own lock
        stopped.set()

    for number in former:
        signal.signal(number, stop)
    try:
        yield stopped
    finally:
        restore()


@contextmanager
def _bar(console: Any) -> "Iterator[tuple[Progress, TaskID]]":
    """Show a bar with the remaining time where somebody watches."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar, bar.add_task("beginning", total=None)


def _show_progress(bar: "Progress", task: "TaskID", seen: "RunView") -> None:
    bar.update(task, description=str(seen.state), completed=seen.asked, total=seen.planned or None)


def _described(run: "RunView", *, now: datetime) -> dict[str, Any]:
    """Return a run as it is shown."""
    seconds = ((run.ended_at or run.seen_at) - run.started_at).total_seconds()
    return {
        "run": run.id,
        "mode": run.mode,
        "state": run.state,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "actor": run.actor,
        "planned": run.planned,
        "asked": run.asked,
        "told": run.told,
        "unknown": run.unknown,
        "seconds": round(seconds),
        "remaining_seconds": _remaining(run, seconds),
        "last_seen_seconds_ago": None if run.ended_at else round((now - run.seen_at).total_seconds()),
        "changes": dict(run.counts),
        "why": run.stop_reason,
    }


def _remaining(run: "RunView", seconds: float) -> int | None:
    """Estimate how long a run still takes, at the pace that it has had; None where nothing can be said."""
    if run.ended_at is not None or not run.asked:
        return None
    return round(seconds * max(0, run.planned - run.asked) / run.asked)


def _percent(part: int, whole: int) -> str:
    """Write a share, never rounded up to all of it."""
    return f"{1000 * part // whole / 10 if whole else 100.0:.1f} %"


def _advice(run: "RunView") -> str | None:
    """Say what to do about a run that did not simply end."""
    from registrar.sync.runs import RunState
    from registrar.sync.vocabulary import Mode

    match run.state:
        case RunState.STOPPED:
            return (
                f"run {run.id} found too much of one kind and wrote nothing: see `registrar sync diff {run.id}`, find out "
                "what has changed at the source, then `registrar sync approve --kind KIND --ticket T`, or `reject`, or by names"
            )
        case RunState.UNFINISHED:
            return (
                f"not all could be asked in run {run.id}: see whether their servers and registrars answer (`registrar "
                "findings`); the next run begins with what is most urgent"
            )
        case RunState.DONE if run.mode is Mode.DRY and any(run.counts.values()):
            return f"`registrar sync diff {run.id}` shows what it would change, and `registrar sync approve --run {run.id} --ticket T` applies it, in parts too"
        case RunState.DONE if not run.planned:
            return (
                "nothing was due: every name was asked lately, maybe by a dry run; what is found and not decided, "
                "`registrar sync diff` shows"
            )
        case RunState.DONE:
            return None
        case _:
            again = "registrar sync run --dry-run" if run.mode is Mode.DRY else "registrar sync run"
            return f"run {run.id} is {run.state}: workers go on with it, or `{again}` here"
