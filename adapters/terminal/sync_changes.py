"""`registrar sync diff`, `approve` and `reject`: what did the sources tell that is not in the books, and what becomes of it (C1)?"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terminal.booking import DryRun
from adapters.terminal.exits import ExitCode
from adapters.terminal.options import JsonDocument, JsonLines, Ticket, Yes, confirm
from adapters.terminal.session import session_of

if TYPE_CHECKING:  # the core takes a while to load
    from adapters.desk import Desk
    from registrar.orders.by_hand import ByHand
    from registrar.sync.changes import ChangeView, Decided

_PAGE = 500
_COLUMNS = ("id", "domain", "kind", "state", "text", "next_step")
_FEW = 10
"""So many changes are shown one by one before they are decided."""

Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="Of this kind only, as `shifted`; may be repeated."),
]
Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Of these names only.")]
OfRun = Annotated[int | None, typer.Option("--run", min=1, help="Of one run only.")]
All = Annotated[bool, typer.Option("--all", help="All that are open, where neither kind nor name is given.")]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which open changes are meant."""

    run_id: int | None
    kinds: tuple[str, ...]
    names: tuple[str, ...]

    def pages(self, desk: "Desk") -> "Iterator[Sequence[ChangeView]]":
        """Yield them, a page at a time, each read when it is asked for."""
        from registrar.sync import changes

        after = 0
        while True:
            with desk.database.reading() as connection:
                page = changes.list_open(
                    connection,
                    run_id=self.run_id,
                    kinds=self.kinds,
                    names=self.names,
                    after=after,
                    limit=_PAGE,
                )
            if not page:
                return
            yield page
            after = page[-1].id


def diff(
    ctx: typer.Context,
    run_and_names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN] [NAME]…", help="Of one run only, by its number; of these names only."),
    ] = None,
    *,
    kind: Kinds = None,
    as_json: JsonLines = False,
) -> None:
    """Show what the sources tell that is not in the books, and why it was not written by itself."""
    from adapters.terminal.showing import show_rows

    given = list(run_and_names or [])
    run_id = int(given.pop(0)) if given and given[0].isdecimal() else None
    chosen = _chosen(run_id, kind, given)
    desk = session_of(ctx).desk
    show_rows((asdict(one) for page in chosen.pages(desk) for one in page), _COLUMNS, as_json=as_json)


def approve(
    ctx: typer.Context,
    names: Names = None,
    *,
    kind: Kinds = None,
    run: OfRun = None,
    everything: All = False,
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Write open changes into the books, those in quarantine too, as far as they still fit.

    Exit codes: 0 all were written; 1 some were left, and why is told.
    """
    from registrar.sync import changes

    chosen = _insisted(run, kind, names, everything=everything)
    _decide(ctx, "approve", changes.approve, chosen, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


def reject(
    ctx: typer.Context,
    names: Names = None,
    *,
    kind: Kinds = None,
    run: OfRun = None,
    everything: All = False,
    ticket: Ticket,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonDocument = False,
) -> None:
    """Leave the books as they are: the same is not proposed again as long as the source goes on saying the same."""
    from registrar.sync import changes

    chosen = _insisted(run, kind, names, everything=everything)
    _decide(ctx, "reject", changes.reject, chosen, ticket=ticket, dry_run=dry_run, yes=yes, as_json=as_json)


def _insisted(
    run: int | None, kind: list[str] | None, names: list[str] | None, *, everything: bool
) -> _Choice:
    """Refuse to decide about everything where nobody said so."""
    if not (kind or names or run or everything):
        raise typer.BadParameter("say which: names, --kind, --run or --all", param_hint="--all")
    return _chosen(run, kind, names or [])


def _chosen(run_id: int | None, kinds: list[str] | None, names: Sequence[str]) -> _Choice:
    from registrar.names import DomainName
    from registrar.sync.vocabulary import ChangeKind

    if unknown := sorted(set(kinds or ()) - set(ChangeKind)):
        known = ", ".join(ChangeKind)
        raise typer.BadParameter(f"there is no kind {unknown[0]!r}; known: {known}", param_hint="--kind")
    return _Choice(run_id, tuple(kinds or ()), tuple(DomainName.anywhere(name).ascii for name in names))


def _decide(
    ctx: typer.Context,
    verb: str,
    deed: "Callable[..., Decided]",
    chosen: _Choice,
    *,
    ticket: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    from adapters.terminal.acts import actor
    from adapters.terminal.showing import say, show_document
    from registrar.orders.by_hand import ByHand

    desk = session_of(ctx).desk
    act = ByHand(actor(), ticket, desk.now())
    counted, ids, few = _read(desk, chosen)
    told: dict[str, Any] = {
        "dry_run": dry_run,
        "chosen": len(ids),
        "kinds": dict(sorted(counted.items())),
    }
    for one in few:
        say(_in_words(one))
    if dry_run or not ids:
        show_document(told, as_json=as_json)
        if not ids:
            say("no open change is of that choice: `registrar sync diff` shows those that are")
            raise typer.Exit(ExitCode.FAILED)
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
    confirm(f"{verb.capitalize()} {len(ids)} changes ({kinds})?", yes=yes)
    decided, left = _decide_by_number(desk, deed, ids, act)
    show_document(told | {"decided": decided, "left": dict(left)}, as_json=as_json)
    if left:
        raise typer.Exit(ExitCode.FAILED)


def _read(desk: "Desk", chosen: _Choice) -> "tuple[Counter[str], list[int], Sequence[ChangeView]]":
    """Return how many of each kind are chosen, all their numbers, and the changes themselves where they are few."""
    counted, ids = Counter[str](), list[int]()
    few: list[ChangeView] = []
    for page in chosen.pages(desk):
        counted.update(str(one.kind) for one in page)
        ids += [one.id for one in page]
        few += page[: _FEW - len(few)]
    return counted, ids, few if len(ids) <= _FEW else ()


def _in_words(change: "ChangeView") -> str:
    """Write what a change would write into the books, or what it has seen, before it is decided."""
    columns = ", ".join(
        f"{column}: {change.before[column]} → {seen}" if column in change.before else f"{column}: {seen}"
        for column, seen in change.after.items()
    )
    return f"{change.id}  {change.domain}  {change.kind}  {columns}"


def _decide_by_number(
    desk: "Desk", deed: "Callable[..., Decided]", ids: Sequence[int], act: "ByHand"
) -> tuple[int, Counter[str]]:
    """Decide about what was counted and shown, and nothing that came since; each batch in a transaction of its own.

    Return how many were decided, and how many left for which reason.
    """
    decided, left = 0, Counter[str]()
    for first in range(0, len(ids), _PAGE):
        with desk.database.transaction() as connection:
            batch = ids[first : first + _PAGE]
            done = deed(connection, batch, actor=act.actor, ticket=act.ticket, now=act.now)
        decided += len(done.decided)
        left.update(done.overtaken.values())
        left["an order is under way"] += len(done.busy)
        left["decided meanwhile, or seen otherwise"] += len(done.not_open)
    return decided, +left
