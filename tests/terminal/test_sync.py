"""Can staff see how far the night is, look at every name now, and decide about what it would not write by itself?"""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.lookups.pace import NobodyCountsError
from registrar.sync import runs
from registrar.sync.runs import RunState, RunUnderWayError, RunView
from registrar.sync.vocabulary import ChangeKind, Mode, Source
from tests.databases import ON_ONE_DATABASE
from tests.desks import START
from tests.sync.company import EXPIRES, Company
from tests.terminal.conftest import Terminal, unboxed

NAMES = ("ali.com", "mina.com", "zahra.com")
MOVED = EXPIRES + timedelta(days=1)
ABSURD = datetime(1996, 1, 1, tzinfo=UTC)
RUN = RunView(
    id=7,
    mode=Mode.WRITE,
    state=RunState.DONE,
    started_at=START - timedelta(minutes=2),
    ended_at=START,
    seen_at=START,
    actor="worker",
    planned=100,
    asked=100,
    told=98,
    unknown=2,
    counts={"shifted": 3},
    stop_reason=None,
)


@pytest.fixture
def company(terminal: Terminal) -> Company:
    """Give a company whose public record has moved two dates by a day, and one to where it cannot be."""
    made = Company(terminal.shop.desk.database)
    made.now = terminal.shop.registrars.now - timedelta(hours=9)
    made.own(*NAMES)
    for name, date in zip(NAMES, (MOVED, ABSURD, MOVED), strict=True):
        made.let(name, Source.RDAP, expires=date)
    return made


def ends(terminal: Terminal, run: RunView) -> None:
    """Let a run end like this."""
    terminal.shop.registrars.run_of_sync = lambda _: run


# --- run ---


@ON_ONE_DATABASE
def test_a_run_is_told_as_it_ended(terminal: Terminal) -> None:
    """What was planned, asked and told, how long it took and what changed, as one document."""
    ends(terminal, RUN)
    told = terminal.json("sync", "run")
    assert terminal.shop.registrars.syncs[0][0] is Mode.WRITE
    assert (told["run"], told["state"], told["planned"], told["asked"], told["unknown"]) == (
        7,
        "done",
        100,
        100,
        2,
    )
    assert (told["seconds"], told["changes"], told["remaining_seconds"]) == (120, {"shifted": 3}, None)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("changed", "exit_code", "said"),
    [
        ({"state": RunState.STOPPED, "stop_reason": "60 x shifted"}, 1, "registrar sync diff 7"),
        ({"planned": 0, "counts": {}}, 0, "nothing was due"),
        ({"state": RunState.UNFINISHED}, 75, "not all could be asked"),
        ({"state": RunState.RUNNING, "ended_at": None}, 75, "workers go on with it, or `registrar sync run`"),
        (
            {"state": RunState.DONE, "mode": Mode.DRY},
            0,
            "`registrar sync approve --run 7 --ticket T` applies it",
        ),
        (
            {"state": RunState.RUNNING, "ended_at": None, "mode": Mode.DRY},
            75,
            "`registrar sync run --dry-run`",
        ),
    ],
)
def test_a_run_that_did_not_simply_end_says_what_to_do(
    terminal: Terminal, changed: dict[str, object], exit_code: int, said: str
) -> None:
    """A script reads from the exit code, and a person from the words, that the night is not over, and what to do."""
    ends(terminal, replace(RUN, **changed))  # type: ignore[arg-type]  # each is of the field's own type
    result = terminal.call("sync", "run")
    assert result.exit_code == exit_code
    assert said in " ".join(result.stderr.split())


@ON_ONE_DATABASE
def test_a_dry_run_is_asked_for_as_one(terminal: Terminal) -> None:
    """With --dry-run the books are not written."""
    ends(terminal, replace(RUN, mode=Mode.DRY))
    assert terminal.call("sync", "run", "--dry-run").exit_code == 0
    assert terminal.shop.registrars.syncs[0][0] is Mode.DRY


@ON_ONE_DATABASE
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_run_in_good_order(terminal: Terminal, number: signal.Signals) -> None:
    """Ctrl-C does not break the run off: it is told to put back what it has not asked, and then says how to go on."""

    def interrupted(is_stopped: Callable[[], bool]) -> RunView:
        assert not is_stopped()
        os.kill(os.getpid(), number)
        assert is_stopped()
        return replace(RUN, state=RunState.RUNNING, ended_at=None)

    former = signal.getsignal(number)
    terminal.shop.registrars.run_of_sync = interrupted
    assert terminal.call("sync", "run").exit_code == 75
    assert signal.getsignal(number) is former


@ON_ONE_DATABASE
def test_a_run_of_the_other_kind_is_not_gone_on_with(terminal: Terminal) -> None:
    """While a run that writes is under way a dry one is refused, and says which run it is."""

    def refused(_: object) -> RunView:
        raise RunUnderWayError(replace(RUN, state=RunState.RUNNING))

    terminal.shop.registrars.run_of_sync = refused
    result = terminal.call("sync", "run", "--dry-run")
    assert result.exit_code == 75
    assert "sync run 7 (write) is running" in result.stderr


@ON_ONE_DATABASE
def test_a_run_that_nobody_can_count_for_says_what_is_away(terminal: Terminal) -> None:
    """Without Redis nobody is asked: that ends with 69, as for anything behind us that does not answer."""

    def refused(_: object) -> RunView:
        raise NobodyCountsError("Redis does not answer")

    terminal.shop.registrars.run_of_sync = refused
    result = terminal.call("sync", "run")
    assert result.exit_code == 69
    assert "Redis does not answer" in result.stderr


# --- status ---


def test_the_status_says_how_much_is_true(terminal: Terminal, company: Company) -> None:
    """Of how many names we know that they are true, the oldest ones, and what waits to be decided: numbers, not "fine" (P13)."""
    company.night()
    company.own("new.com")
    rows = terminal.shop.rows()
    told = terminal.json("sync", "status")
    assert terminal.shop.rows() == rows
    assert (told["run"], told["state"], told["asked"], told["lanes"]) == (1, "done", 6, [])
    assert (told["names"], told["confirmed"]) == (4, 3 - 1)
    assert told["coverage"] == "50.0 % confirmed within 48 hours"
    assert {one["domain"] for one in told["oldest"][:2]} == {"mina.com", "new.com"}
    assert {one["kind"]: one["open"] for one in told["open_changes"]}["implausible_date"] == 1


def test_the_status_of_a_run_under_way_says_what_is_left(terminal: Terminal, company: Company) -> None:
    """Half way, each lane's rest and the remaining time are told."""
    run_id = company.begin()
    company.ask(run_id, limit=2, until=2)
    told = terminal.json("sync", "status")
    assert (told["state"], told["planned"], told["asked"]) == ("running", 6, 2)
    assert sum(lane["left"] for lane in told["lanes"]) == 4
    assert told["remaining_seconds"] is not None
    assert "goes on with it" in told["next_step"] or "go on with it" in told["next_step"]


def test_the_status_of_an_unfinished_run_says_which_lanes_are_left(
    terminal: Terminal, company: Company
) -> None:
    """Staff who read that not all could be asked see whose answers are missing."""
    run_id = company.begin()
    company.ask(run_id, limit=2, until=2)
    with company.database.transaction() as connection:
        runs.check(connection, run_id, terms=company.terms, now=company.now)
        runs.finish(connection, run_id, now=company.now)
    told = terminal.json("sync", "status")
    assert told["state"] == "unfinished"
    assert sum(lane["left"] for lane in told["lanes"]) == 4


@ON_ONE_DATABASE
def test_before_the_first_night_nothing_is_claimed(terminal: Terminal) -> None:
    """With no run and no name there is nothing to be wrong about."""
    told = terminal.json("sync", "status")
    assert (told["run"], told["names"], told["coverage_share"]) == (None, 0, 1.0)


@ON_ONE_DATABASE
def test_coverage_is_never_rounded_up_to_all(terminal: Terminal, company: Company) -> None:
    """One unconfirmed name of two thousand is not 100 %."""
    company.own(*(f"many-{number}.com" for number in range(1997)), confirmed_at=company.now)
    company.change("ali.com", confirmed_at=company.now)
    company.change("mina.com", confirmed_at=company.now)
    assert terminal.json("sync", "status")["coverage"].startswith("99.9 %")


# --- diff ---


def test_the_diff_shows_what_was_not_written(terminal: Terminal, company: Company) -> None:
    """After a dry run all that would change stands there with its reason and its next step, and can be looked at in part."""
    run = company.night(Mode.DRY)
    lines = terminal.lines("sync", "diff")
    assert {(line["domain"], line["kind"]) for line in lines} == {
        ("ali.com", "shifted"),
        ("mina.com", "implausible_date"),
        ("zahra.com", "shifted"),
        *((name, "sources_disagree") for name in _disagreeing(lines)),
    }
    assert all(line["text"] and line["next_step"] for line in lines)
    shifted = terminal.lines("sync", "diff", run.id, "--kind", "shifted")
    assert [line["domain"] for line in shifted] == ["ali.com", "zahra.com"]
    assert [
        line["domain"] for line in terminal.lines("sync", "diff", run.id, "zahra.com", "--kind", "shifted")
    ] == ["zahra.com"]
    assert terminal.lines("sync", "diff", run.id + 1) == []


@ON_ONE_DATABASE
def test_a_kind_that_there_is_not_is_refused(terminal: Terminal) -> None:
    """A slip of the pen chooses nothing instead of everything."""
    result = terminal.call("sync", "diff", "--kind", "shifts")
    assert result.exit_code == 2
    assert "known: first_date, shifted" in unboxed(result.stderr)


# --- approve, reject ---


def test_a_dry_run_is_approved_in_part(terminal: Terminal, company: Company) -> None:
    """One name is approved and written; the others wait."""
    company.night(Mode.DRY)
    told = terminal.json("sync", "approve", "ali.com", "--kind", "shifted", "--ticket", "T-1", "--yes")
    assert (told["chosen"], told["decided"], told["left"]) == (1, 1, {})
    assert company.domain("ali.com").registry_expires_at == MOVED
    assert company.domain("zahra.com").registry_expires_at == EXPIRES


def test_what_is_to_be_decided_is_shown_first(terminal: Terminal, company: Company) -> None:
    """Before staff are asked they read of each change what stands in the books and what would; of many only how many."""
    company.night(Mode.DRY)
    result = terminal.call("sync", "approve", "--kind", "shifted", "--ticket", "T-1", "--dry-run")
    shown = unboxed(result.stderr)
    for name in ("ali.com", "zahra.com"):
        assert name in shown
    assert f"registry_expires_at: {EXPIRES.isoformat()} → {MOVED.isoformat()}" in shown
    company.own(*(f"many-{number}.com" for number in range(9)))
    for number in range(9):
        company.let(f"many-{number}.com", Source.RDAP, expires=MOVED)
    company.night(Mode.DRY)
    many = terminal.call("sync", "approve", "--kind", "shifted", "--ticket", "T-1", "--dry-run")
    assert (many.stderr, many.exit_code) == ("", 0)


def test_a_date_that_changes_while_staff_are_asked_is_not_written(
    terminal: Terminal, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who says yes to one date has not said yes to the one that the source tells while he reads: it waits for its own answer."""
    company.night(Mode.DRY)
    other = MOVED + timedelta(days=1)

    def answered_late(question: str, *, yes: bool) -> None:
        assert "1 shifted" in question
        assert yes
        company.let("ali.com", Source.RDAP, expires=other)
        company.night(Mode.DRY)

    monkeypatch.setattr("adapters.terminal.sync_changes.confirm", answered_late)
    chosen = ("ali.com", "--kind", "shifted", "--ticket", "T-1", "--yes", "--json")
    result = terminal.call("sync", "approve", *chosen)
    assert result.exit_code == 1
    assert '"left": {"decided meanwhile, or seen otherwise": 1}' in result.stdout
    assert company.domain("ali.com").registry_expires_at == EXPIRES
    assert company.states("ali.com", ChangeKind.SHIFTED) == ["overtaken", "proposed"]


def test_what_is_rejected_is_not_written(terminal: Terminal, company: Company) -> None:
    """An absurd date is rejected once, and the same is not proposed again the next night."""
    company.night()
    rejected = terminal.json("sync", "reject", "--kind", "implausible_date", "--ticket", "T-1", "--yes")
    assert (rejected["chosen"], rejected["decided"]) == (1, 1)
    company.night()
    assert terminal.lines("sync", "diff", "--kind", "implausible_date") == []
    assert company.domain("mina.com").registry_expires_at == EXPIRES


def test_a_decision_may_be_tried(terminal: Terminal, company: Company) -> None:
    """With --dry-run it is counted what would be decided, and nothing is."""
    company.night(Mode.DRY)
    rows = terminal.shop.rows()
    told = terminal.json("sync", "approve", "--all", "--ticket", "T-1", "--dry-run")
    assert told["kinds"]["shifted"] == 2
    assert terminal.shop.rows() == rows
    assert company.domain("ali.com").registry_expires_at == EXPIRES


def test_what_is_left_is_told(terminal: Terminal, company: Company) -> None:
    """A name with an open order is not written over: it is left, and the exit code says so."""
    company.night(Mode.DRY)
    company.order("ali.com")
    result = terminal.call("sync", "approve", "--kind", "shifted", "--ticket", "T-1", "--yes", "--json")
    assert result.exit_code == 1
    assert '"decided": 1, "left": {"an order is under way": 1}' in result.stdout


@ON_ONE_DATABASE
def test_a_choice_of_nothing_is_no_success(terminal: Terminal, company: Company) -> None:
    """A name that was mistyped decides nothing, and the exit code says so."""
    company.night(Mode.DRY)
    result = terminal.call("sync", "approve", "nothere.com", "--ticket", "T-1", "--yes")
    assert (result.exit_code, "no open change" in result.stderr) == (1, True)


@ON_ONE_DATABASE
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_everything_is_decided_only_where_that_is_said(
    terminal: Terminal, company: Company, verb: str
) -> None:
    """Without a name, a kind or --all nothing is chosen; without --yes nobody's silence is a yes."""
    company.night(Mode.DRY)
    assert terminal.call("sync", verb, "--ticket", "T-1", "--yes").exit_code == 2
    assert terminal.call("sync", verb, "--all", "--ticket", "T-1").exit_code == 2
    assert company.states("ali.com", ChangeKind.SHIFTED) == ["proposed"]


# --- pins ---


def test_a_date_is_pinned_until_a_day(terminal: Terminal, company: Company) -> None:
    """Staff know better, until then: the date stands in the books, the pin is listed, and it is taken away again."""
    told = terminal.json(
        "sync", "pin", "mina.com", "--expires", "2027-09-01", "--until", "2027-01-31T12:00:00+03:30",
        "--reason", "the registry's letter", "--ticket", "T-1",
    )  # fmt: skip
    assert (told["expires_at"], told["pinned_until"]) == ("2027-09-01T23:59:59Z", "2027-01-31T08:30:00Z")
    assert company.domain("mina.com").registry_expires_at == datetime(2027, 9, 1, 23, 59, 59, tzinfo=UTC)
    (listed,) = terminal.lines("sync", "pins")
    assert (listed["domain"], listed["reason"], listed["ticket"]) == (
        "mina.com",
        "the registry's letter",
        "T-1",
    )
    assert terminal.json("sync", "unpin", "mina.com", "--ticket", "T-2")["pinned"] is False
    assert terminal.lines("sync", "pins") == []


@ON_ONE_DATABASE
def test_a_day_ends_where_the_registry_is(terminal: Terminal, company: Company) -> None:
    """A bare date at .ir is the end of that day in Tehran."""
    company.own("mina.ir")
    given = ("--expires", "2027-09-01", "--until", "2027-01-31", "--reason", "a letter", "--ticket", "T-1")
    told = terminal.json("sync", "pin", "mina.ir", *given)
    assert told["expires_at"] == "2027-09-01T20:29:59Z"


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("unknown.com", "2027-09-01", "2027-01-31"), 1, "name_unknown"),
        (("mina.com", "2027-09-01", "2026-01-31"), 1, "pin_over"),
        (("mina.com", "2027-13-01", "2027-01-31"), 2, "--expires"),
        (("mina.com", "2027-09-01", "2027-01-31T12:00:00"), 2, "needs its zone"),
    ],
)
def test_a_pin_that_cannot_be_is_refused(
    terminal: Terminal, company: Company, words: tuple[str, str, str], exit_code: int, said: str
) -> None:
    """A name that is not ours, an end that has passed, a day that there is not: nothing is pinned, and why is told."""
    assert company.open_changes() == []
    name, expires, until = words
    given = ("--expires", expires, "--until", until, "--reason", "a letter", "--ticket", "T-1")
    result = terminal.call("sync", "pin", name, *given)
    assert result.exit_code == exit_code
    assert said in unboxed(result.stderr)


def _disagreeing(lines: list[dict[str, str]]) -> list[str]:
    """Return the names whose two sources disagree: the registrar still tells the old date."""
    return [line["domain"] for line in lines if line["kind"] == "sources_disagree"]
