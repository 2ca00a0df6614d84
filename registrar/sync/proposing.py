"""What do the looks of a batch propose, and which open proposals do they overtake? Counted once, however often it is seen.

    judged ──┬─ muted by staff, and said again ──▶ nothing
             ├─ a condition that a finding tells of already ──▶ the finding is seen again
             ├─ open already ──▶ the same row, seen once more      a new one ──▶ a row
             ├─ open already, with another date ──▶ that row is overtaken, and a new one made: nobody approves what he was not shown
             └─ cleared ──▶ the open row is overtaken, its finding closed, what was muted may be said again

A change that a finding tells of belongs to the run that opened it, and weighs on no later run's breaker.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from registrar.findings import close_findings, see_again
from registrar.models import Finding, SyncChange
from registrar.sync import rows
from registrar.sync.rows import IS_OPEN, OPEN, ChangeState
from registrar.sync.vocabulary import CONDITIONS, DATES, ChangeKind, Judged, Proposal, Source


class _Key(NamedTuple):
    """One kind of change of one name."""

    domain: str
    kind: str


_BY_A_LATER_LOOK = "a later look"


def propose(
    connection: Connection,
    run_id: int,
    source: Source,
    judged: Mapping[str, Judged],
    seen_at: Mapping[str, datetime],
    *,
    closes_findings: bool,
    now: datetime,
) -> None:
    """Write what was judged of each name, whose rows are locked; `closes_findings` not on a dry run."""
    names = [name for name, its in judged.items() if its.proposals or its.clears]
    if not names:
        return
    told = _findings(connection, names)
    changes = _changes(connection, names)
    cleared = {_Key(name, kind) for name in names for kind in judged[name].clears}
    proposals = {_Key(name, proposal.kind): proposal for name in names for proposal in judged[name].proposals}
    _clear(connection, changes, cleared - proposals.keys(), now=now)
    if closes_findings:
        close_findings(connection, _subjects(told & cleared - proposals.keys()), now=now)
    again = {key for key in proposals if key.kind in CONDITIONS and key in told}
    see_again(connection, _subjects(again), now=now)
    fresh = {key: proposal for key, proposal in proposals.items() if key not in again}
    _write(connection, run_id, source, fresh, changes=changes, seen_at=seen_at, now=now)


def _findings(connection: Connection, names: Iterable[str]) -> set[_Key]:
    """Return which kinds an open finding tells of, by name."""
    of_name = {rows.about(name): name for name in names}
    query = select(Finding.kind, Finding.subject).where(
        Finding.kind.in_(list(ChangeKind)), Finding.subject.in_(list(of_name)), Finding.closed_at.is_(None)
    )
    return {_Key(of_name[row.subject], row.kind) for row in connection.execute(query)}


def _changes(connection: Connection, names: Iterable[str]) -> dict[_Key, list[Row[Any]]]:
    """Return the open changes and those that staff have muted, by name and kind; at most one of them is open."""
    query = select(
        SyncChange.id,
        SyncChange.domain,
        SyncChange.kind,
        SyncChange.state,
        SyncChange.run_id,
        SyncChange.after,
        SyncChange.noted_at,
        SyncChange.muted,
        SyncChange.was_quarantined,
        SyncChange.is_first_word,
        SyncChange.times,
    ).where(SyncChange.domain.in_(list(names)), or_(IS_OPEN, SyncChange.muted))
    found: dict[_Key, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(_Key(row.domain, row.kind), []).append(row)
    return found


def _clear(
    connection: Connection, changes: Mapping[_Key, list[Row[Any]]], cleared: Iterable[_Key], *, now: datetime
) -> None:
    of_cleared = [change for key in cleared for change in changes.get(key, ())]
    open_ones = {change.id: _BY_A_LATER_LOOK for change in of_cleared if change.state in OPEN}
    rows.overtake(connection, open_ones, now=now)
    _unmute(connection, [change.id for change in of_cleared if change.muted])


def _unmute(connection: Connection, ids: list[int]) -> None:
    if ids:
        connection.execute(update(SyncChange).where(SyncChange.id.in_(ids)).values(muted=False))


def _subjects(keys: Iterable[_Key]) -> list[tuple[str, str]]:
    """Return the findings' kinds and subjects."""
    return [(key.kind, rows.about(key.domain)) for key in keys]


def _write(
    connection: Connection,
    run_id: int,
    source: Source,
    proposals: Mapping[_Key, Proposal],
    *,
    changes: Mapping[_Key, list[Row[Any]]],
    seen_at: Mapping[str, datetime],
    now: datetime,
) -> None:
    new: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    replaced: list[int] = []
    unmuted: list[int] = []
    for key, proposal in proposals.items():
        there = changes.get(key, ())
        if any(_is_muted(change, proposal) for change in there) or _is_denied(key, proposal, changes):
            continue
        unmuted += [change.id for change in there if change.muted]
        told = _columns(source, proposal, seen_at[key.domain])
        still_open = next((change for change in there if change.state in OPEN), None)
        if still_open is not None and _says_the_same(still_open, proposal):
            again.append({"of": still_open.id, **told, **_seen_again(still_open, proposal, run_id, now)})
            continue
        if still_open is not None:
            replaced.append(still_open.id)
            told["is_first_word"] = False
        new.append({"run_id": run_id, **key._asdict(), **told, "proposed_at": now, "times": 1})
    _unmute(connection, unmuted)
    rows.overtake(connection, dict.fromkeys(replaced, _BY_A_LATER_LOOK), now=now)
    if new:
        connection.execute(insert(SyncChange), new)
    if again:
        connection.execute(_AGAIN, again)


_AGAIN = update(SyncChange.__table__).where(  # type: ignore[arg-type]  # a mapped class's table is a Table
    SyncChange.id == bindparam("of"), IS_OPEN
)


def _columns(source: Source, proposal: Proposal, seen_at: datetime) -> dict[str, Any]:
    return {
        "state": ChangeState.QUARANTINED if proposal.quarantined else ChangeState.PROPOSED,
        "source": source,
        "seen_at": seen_at,
        "before": dict(proposal.before),
        "after": dict(proposal.after),
        "text": proposal.text,
        "next_step": proposal.next_step,
        "is_first_word": proposal.is_first_word,
    }


def _seen_again(change: Row[Any], proposal: Proposal, run_id: int, now: datetime) -> dict[str, Any]:
    """Leave what a finding tells of to its run, as long as it stays the same; all else is this run's to decide."""
    is_same = change.after == dict(proposal.after)
    told_of = change.noted_at if is_same and proposal.quarantined else None
    return {
        "is_first_word": change.is_first_word,
        "run_id": change.run_id if told_of else run_id,
        "noted_at": told_of,
        "seen_again_at": now,
        "times": change.times + 1,
    }


def _is_muted(change: Row[Any], proposal: Proposal) -> bool:
    """Tell whether staff have rejected just this; what they rejected in quarantine was not yet what both sides agree on.

    Nor is what one source says by itself that what the other has come to say too.
    """
    agrees_now = change.was_quarantined and not proposal.quarantined
    is_news = _sources(proposal.kind, proposal.after) - _sources(proposal.kind, change.after)
    return change.muted and not agrees_now and not is_news and _says_the_same(change, proposal)


def _is_denied(key: _Key, proposal: Proposal, changes: Mapping[_Key, list[Row[Any]]]) -> bool:
    """Tell whether it is a doubt that staff have ended: they have rejected that the name is gone, of all who doubt it."""
    if key.kind != ChangeKind.DOUBTED:
        return False
    ends = [change for change in changes.get(key._replace(kind=ChangeKind.GONE), ()) if change.muted]
    doubting = _sources(key.kind, proposal.after)
    return any(doubting <= _sources(change.kind, change.after) for change in ends)


def _sources(kind: str, after: Mapping[str, Any]) -> set[str]:
    """Return which sources agree in that a name is not with us, of the kinds that say so."""
    match kind:
        case ChangeKind.DOUBTED | ChangeKind.GONE:
            why: str = after.get("doubted_why", "")  # not in what was rejected long ago
            said = why.partition(":")[0]
        case ChangeKind.LEFT_WITHOUT_ORDER:
            said = after["source"]
        case _:
            return set()
    return set(said.split("+"))


def _says_the_same(change: Row[Any], proposal: Proposal) -> bool:
    """Tell whether a look says what a change says already: of a date the same date, of anything else the same kind."""
    return proposal.kind not in DATES or change.after == dict(proposal.after)
