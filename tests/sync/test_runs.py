"""Does a run ask everything that is due, once, whatever happens to whoever runs it?"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, update

from registrar.gateway import Standing
from registrar.models import Claim, Departure, Domain, Reading, SyncRun
from registrar.names import DomainName
from registrar.sync import proposing, runs, writing
from registrar.sync.runs import RunState, RunUnderWayError
from registrar.sync.vocabulary import Judged, Mode, Source, Told
from tests.sync.company import EXPIRES, FIRST_NIGHT, RDAP, REGISTRAR, WHOIS, Company, sources_of

NAMES = tuple(f"{letter}.com" for letter in "abcdefgh")


def test_every_name_is_asked_once_by_each_of_its_sources(company: Company) -> None:
    """Each night every name that is due is asked about once at its registrar, and once in the public record."""
    company.own(*NAMES, "mina.ir")
    run = company.night()
    expected = [(name, source) for name in NAMES for source in (REGISTRAR, RDAP)]
    expected += [("mina.ir", REGISTRAR), ("mina.ir", WHOIS)]
    assert sorted(company.asked) == sorted(expected)
    assert (run.state, run.planned, run.asked, run.told, run.unknown) == (RunState.DONE, 18, 18, 18, 0)


def test_what_agrees_with_the_books_only_confirms_them(company: Company) -> None:
    """A night in which every source says what we know already changes nothing but the day of the last confirmation."""
    company.own("a.com")
    before = company.domain("a.com")
    run = company.night()
    after = company.domain("a.com")
    changed = {column for column in before._mapping if before._mapping[column] != after._mapping[column]}
    assert (run.counts, company.events("a.com")) == ({}, [])
    assert changed == {"confirmed_at"}
    assert after.confirmed_at - FIRST_NIGHT < timedelta(minutes=1)


def test_a_run_that_was_killed_goes_on(company: Company) -> None:
    """When a run is killed in the middle, the next one goes on with it: no name is missed, and none asked twice."""
    company.own(*NAMES)
    run_id = company.begin()
    company.ask(run_id, limit=3, until=4)
    company.now += timedelta(hours=1)
    with company.database.reading() as connection:
        run = runs.current(connection)
    assert run is not None
    assert (run.id, run.state, run.asked) == (run_id, RunState.RUNNING, 6)
    company.ask(run_id, limit=3)
    assert company.settle(run_id).state is RunState.DONE
    assert set(Counter(company.asked).values()) == {1}
    assert len(company.asked) == 2 * len(NAMES)


def test_enlisting_goes_on_where_it_stood(company: Company) -> None:
    """A run that is killed while it goes through the books goes on at the name where it was."""
    company.own(*NAMES)
    with company.database.transaction() as connection:
        run_id = runs.begin(connection, mode=Mode.WRITE, actor="night", now=company.now)
    for _ in range(2):
        with company.database.transaction() as connection:
            assert runs.enlist(connection, run_id, sources_of, terms=company.terms, limit=3, now=company.now)
    assert _readings(company) == 12
    company.enlist(run_id, limit=3)
    assert _readings(company) == 2 * len(NAMES)
    with company.database.reading() as connection:
        run = runs.read(connection, run_id)
    assert run is not None
    assert (run.state, run.planned) == (RunState.RUNNING, 2 * len(NAMES))


def test_what_was_in_the_air_is_asked_again_when_its_lease_is_over(company: Company) -> None:
    """A name that was being asked about when the power failed is asked again a quarter of an hour later, not before."""
    company.own("a.com", "b.com")
    run_id = company.begin()
    lost = company.take(run_id, "rdap:com", limit=1)
    assert [name.ascii for name in company.take(run_id, "rdap:com")] == ["b.com"]
    company.now += company.terms.lease
    again = company.take(run_id, "rdap:com")
    assert lost[0] in again


def test_what_was_not_asked_is_put_back(company: Company) -> None:
    """A worker that is stopped gives back the names that it had not asked about yet."""
    company.own("a.com", "b.com")
    run_id = company.begin()
    taken = company.take(run_id, "rdap:com")
    assert company.take(run_id, "rdap:com") == []
    with company.database.transaction() as connection:
        runs.put_back(connection, "rdap:com", taken)
    assert company.take(run_id, "rdap:com") == taken


def test_nobody_is_asked_twice_in_a_run_whatever_he_answers(company: Company) -> None:
    """A source that tells nothing is asked again in the next run, not ten times in this one."""
    company.own("a.com")
    company.let("a.com", RDAP, standing=Standing.UNKNOWN, reason="the server was silent")
    run_id = company.begin()
    company.ask(run_id)
    company.now += timedelta(hours=5)
    assert company.take(run_id, "rdap:com") == []
    run = company.settle(run_id)
    assert (run.asked, run.told, run.unknown) == (2, 1, 1)
    reading = company.reading("a.com", RDAP)
    assert (reading.tries, reading.reason, reading.told_at) == (1, "the server was silent", None)


def test_an_answer_that_tells_nothing_takes_nothing_away(company: Company) -> None:
    """A limit page or a silence leaves what the source told the night before, and frees no name."""
    company.own("a.com")
    company.night()
    before = company.reading("a.com", RDAP)
    company.let("a.com", RDAP, standing=Standing.UNKNOWN, reason="a limit page")
    company.night()
    reading = company.reading("a.com", RDAP)
    told = ("told_at", "standing", "expires_at", "sponsor", "nameservers", "suspect")
    assert [reading._mapping[column] for column in told] == [before._mapping[column] for column in told]
    assert reading.asked_at > before.asked_at


def test_the_most_urgent_names_are_asked_first(company: Company) -> None:
    """A name whose term ends tomorrow is asked about before one that has years left."""
    company.own("years.com", expires=FIRST_NIGHT + timedelta(days=900))
    company.own("weeks.com", expires=FIRST_NIGHT + timedelta(days=40))
    company.own("tomorrow.com", expires=FIRST_NIGHT + timedelta(days=3))
    company.night()
    run_id = company.begin()
    order = [name.ascii for name in company.take(run_id, "rdap:com")]
    assert order == ["tomorrow.com", "weeks.com", "years.com"]


def test_a_far_name_is_left_alone_for_a_night(company: Company) -> None:
    """A name with years left is asked about every other night only."""
    company.own("years.com", expires=FIRST_NIGHT + timedelta(days=900))
    company.own("weeks.com", expires=FIRST_NIGHT + timedelta(days=40))
    company.night()
    company.now = FIRST_NIGHT + timedelta(days=1)
    company.asked.clear()
    assert company.night().planned == 2
    assert {name for name, _ in company.asked} == {"weeks.com"}


def test_one_run_is_under_way_at_a_time(company: Company) -> None:
    """While a run is under way no other begins, and whoever tries is told which one it is."""
    run_id = company.begin()
    with pytest.raises(RunUnderWayError) as refused, company.database.transaction() as connection:
        runs.begin(connection, mode=Mode.DRY, actor="sara", now=company.now)
    assert refused.value.run is not None
    assert refused.value.run.id == run_id
    company.settle(run_id)
    assert company.night().state is RunState.DONE


def test_a_name_that_is_gone_is_not_asked_about(company: Company) -> None:
    """A name that left the books is out of the sync's reach: nobody is asked, and nothing is kept of it (P11)."""
    company.own("a.com", "b.com")
    company.night()
    company.change("b.com", gone_at=company.now, gone_why="transferred_out")
    company.asked.clear()
    run = company.night()
    assert {name for name, _ in company.asked} == {"a.com"}
    assert (run.state, run.planned, run.asked) == (RunState.DONE, 2, 2)
    assert _readings(company) == 2


def test_names_that_are_gone_do_not_end_a_lane(company: Company) -> None:
    """However many names have left since, those behind them in the lane are asked."""
    company.own(*NAMES)
    company.night()
    for name in NAMES[:-1]:
        company.change(name, gone_at=company.now, gone_why="deleted")
    run_id = company.begin()
    assert [name.ascii for name in company.take(run_id, "rdap:com", limit=2)] == [NAMES[-1]]


def test_a_name_that_moved_to_another_registrar_is_asked_there(company: Company) -> None:
    """After a name has changed its registrar with us, the new one is asked about it, and the old one no more."""
    company.own("a.com")
    company.night()
    company.change("a.com", registrar="other")
    run_id = company.begin()
    with company.database.reading() as connection:
        assert "registrar:other" in runs.lanes(connection, run_id)
    assert company.reading("a.com", REGISTRAR).lane == "registrar:other"


def test_a_source_that_is_not_asked_any_more_leaves_no_reading(company: Company) -> None:
    """When a zone's public record is not asked any more, what it told last is not compared with for ever."""
    company.own("a.com")
    company.night()
    with company.database.transaction() as connection:
        run_id = runs.begin(connection, mode=Mode.WRITE, actor="night", now=company.now)
        runs.enlist(
            connection,
            run_id,
            lambda _, at: [(REGISTRAR, f"registrar:{at}")],
            terms=company.terms,
            limit=10,
            now=company.now,
        )
    with company.database.reading() as connection:
        sources = list(connection.execute(select(Reading.source)).scalars())
    assert sources == [Source.REGISTRAR]


def test_a_clock_that_ran_ahead_keeps_no_night_from_asking(company: Company) -> None:
    """After a night by a clock a month ahead the next one asks everybody, believes what it hears, and ends as any other."""
    company.own("a.com")
    company.let("a.com", REGISTRAR, ours=False)
    tonight = company.now
    company.now += timedelta(days=30)
    company.night()
    company.now = tonight
    assert company.night().asked == 2
    company.let("a.com", RDAP, expires=EXPIRES + timedelta(hours=3))
    company.night()
    domain = company.domain("a.com")
    assert domain.registry_expires_at == EXPIRES + timedelta(hours=3)
    assert tonight < domain.confirmed_at < company.now
    assert domain.doubted_why == "registrar:left"


def test_a_name_that_a_clock_ahead_has_taken_is_asked(company: Company) -> None:
    """When a worker dies whose clock was a month ahead, what it had in hand is free at once."""
    company.own("a.com")
    run_id = company.begin()
    company.now += timedelta(days=30)
    company.take(run_id, "rdap:com")
    company.now -= timedelta(days=30)
    assert company.take(run_id, "rdap:com")
    assert not company.take(run_id, "rdap:com")


def test_a_clock_that_ran_ahead_makes_nobody_ask_again_and_again(company: Company) -> None:
    """Names that a worker asked whose clock was a month ahead are asked once in the next night, and that is kept."""
    company.own("a.com")
    ahead = timedelta(days=30)
    company.now += ahead
    company.night()
    company.now -= ahead
    with company.database.transaction() as connection:
        connection.execute(update(Reading).values(due_at=company.now))
    run_id = company.begin()
    assert company.ask(run_id) == 2
    company.now += company.terms.lease
    assert company.ask(run_id) == 0
    assert company.reading("a.com", RDAP).asked_at < company.now


def test_a_run_whose_time_is_over_is_shown_unfinished(company: Company) -> None:
    """A run that did not reach all names ends unfinished, and staff are told how many it reached (P15)."""
    company.own(*NAMES)
    run_id = company.begin()
    company.ask(run_id, limit=3, until=3)
    with company.database.transaction() as connection:
        assert runs.check(connection, run_id, terms=company.terms, now=company.now) is None
        assert runs.finish(connection, run_id, now=company.now) is RunState.UNFINISHED
    assert company.findings() == {"sync_unfinished": ["sync"]}
    company.night()
    assert company.findings() == {}


def test_a_late_answer_of_a_run_that_is_over_is_only_stored(company: Company) -> None:
    """What comes in after the run has settled is kept, and judged the next time."""
    company.own("a.com")
    run_id = company.begin()
    taken = company.take(run_id, "rdap:com")
    company.let("a.com", RDAP, expires=FIRST_NIGHT + timedelta(days=4000))
    with company.database.transaction() as connection:
        runs.check(connection, run_id, terms=company.terms, now=company.now)
    company.write(run_id, RDAP, [company.look(name.ascii, RDAP) for name in taken])
    assert company.open_changes() == []
    assert company.reading("a.com", RDAP).told_at is not None


def test_nothing_is_proposed_behind_the_breakers_back(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while the run is being weighed is not slipped in uncounted: it is only stored."""
    company.own("a.com")
    run_id = company.begin()
    company.let("a.com", RDAP, expires=FIRST_NIGHT + timedelta(days=4000))
    propose = proposing.propose

    def weigh_meanwhile(connection: Connection, *given: Any, **named: Any) -> None:
        propose(connection, *given, **named)
        moved = update(SyncRun).where(SyncRun.id == run_id)
        connection.execute(moved.values(state=RunState.SETTLING))

    monkeypatch.setattr(proposing, "propose", weigh_meanwhile)
    assert company.write(run_id, RDAP, [company.look("a.com", RDAP)]).told == 1
    assert company.open_changes() == []
    assert company.reading("a.com", RDAP).told_at is not None


def test_a_late_answer_takes_no_suspicion_back(company: Company) -> None:
    """What two nights have counted is not forgotten because an answer came in after its run was over."""
    company.own("a.com")
    company.let("a.com", REGISTRAR, ours=False)
    company.night()
    run_id = company.begin()
    taken = company.take(run_id, "registrar:far")
    with company.database.transaction() as connection:
        runs.check(connection, run_id, terms=company.terms, now=company.now)
    company.write(run_id, REGISTRAR, [company.look(name.ascii, REGISTRAR) for name in taken])
    reading = company.reading("a.com", REGISTRAR)
    assert (reading.suspect, reading.suspect_times) == ("left", 1)


def test_an_older_look_does_not_replace_a_younger_one(company: Company) -> None:
    """Of two answers of one source the younger one is kept, in whatever order they come in."""
    company.own("a.com")
    run_id = company.begin()
    young = replace(company.look("a.com", RDAP), sponsor="the younger")
    old = replace(young, seen_at=young.seen_at - timedelta(minutes=1), sponsor="the older")
    company.write(run_id, RDAP, [young])
    company.write(run_id, RDAP, [old])
    assert company.reading("a.com", RDAP).sponsor == "the younger"


def test_an_older_confirmation_does_not_replace_a_younger_one(company: Company) -> None:
    """A name that an order has confirmed since is not made to look older by a look from before (D4)."""
    company.own("a.com")
    run_id = company.begin()
    look = company.look("a.com", RDAP)
    confirmed = company.now + timedelta(minutes=5)
    company.change("a.com", confirmed_at=confirmed)
    company.write(run_id, RDAP, [look])
    assert company.domain("a.com").confirmed_at == confirmed


def test_a_confirmation_goes_forward_only(company: Company) -> None:
    """Whatever was judged of a look, the day of a name's last confirmation never goes back."""
    company.own("a.com")
    look = company.look("a.com", RDAP)
    confirmed = company.now + timedelta(minutes=5)
    company.change("a.com", confirmed_at=confirmed)
    judged = writing._Look(look, Told(), Judged(confirms=True), None)
    with company.database.transaction() as connection:
        writing._confirm(connection, [judged], now=company.now)
    assert company.domain("a.com").confirmed_at == confirmed


def test_a_batch_costs_the_same_few_statements_whatever_its_size(company: Company) -> None:
    """Writing fifty answers asks the database as often as writing five."""
    company.own(*(f"n{number}.com" for number in range(55)))
    run_id = company.begin()
    names = [name.ascii for name in company.take(run_id, "rdap:com")]
    for name in names:
        company.let(name, RDAP, nameservers=(), statuses=frozenset({"clientHold"}))
    counts = []
    for batch in (names[:5], names[5:]):
        with _counted(company) as statements:
            company.write(run_id, RDAP, [company.look(name, RDAP) for name in batch])
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] < 25
    assert len(company.open_changes()) == 55


def test_two_sources_of_the_same_names_are_written_at_the_same_time(company: Company) -> None:
    """What the registrar and the public record tell of the same names is written side by side, in whatever order it comes."""
    company.own(*(f"n{number}.com" for number in range(40)))
    run_id = company.begin()
    batches = []
    for lane, step in (("registrar:far", 1), ("rdap:com", -1)):
        source = runs.source_of(lane)
        names = company.take(run_id, lane)[::step]
        batches.append((source, [company.look(name.ascii, source) for name in names]))
    with ThreadPoolExecutor(2) as both:
        written = list(both.map(lambda batch: company.write(run_id, *batch), batches))
    assert [one.asked for one in written] == [40, 40]
    assert company.settle(run_id).asked == 80


def test_a_lifted_lock_wakes_the_claims_own_look(company: Company) -> None:
    """When the public record shows a claimed name without its lock, the claim is looked at now, not tomorrow (D9)."""
    company.own("a.com")
    later = FIRST_NIGHT + timedelta(days=9)
    _claim(company, "a.com", due_at=later)
    lock = frozenset({"clientTransferProhibited", "clientUpdateProhibited", "clientDeleteProhibited"})
    company.let("a.com", RDAP, statuses=lock)
    company.let("a.com", REGISTRAR, statuses=lock)
    company.night()
    assert _claim_due(company) == later
    company.let("a.com", RDAP, statuses=frozenset({"active"}))
    run = company.night()
    assert run.started_at <= _claim_due(company) <= company.now


def test_a_transfer_away_wakes_the_departure(company: Company) -> None:
    """When a name on its way out is seen under transfer, its departure is looked at now."""
    company.own("a.com")
    with company.database.transaction() as connection:
        connection.execute(insert(Departure).values(_departure("a.com", company)))
    company.let("a.com", RDAP, statuses=frozenset({"pendingTransfer"}))
    run = company.night()
    with company.database.reading() as connection:
        due_at: Any = connection.execute(select(Departure.due_at)).scalar_one()
    assert run.started_at <= due_at <= company.now


def test_a_dry_run_wakes_nobody(company: Company) -> None:
    """A dry run leaves claims, findings and books as they are."""
    company.own("a.com")
    later = FIRST_NIGHT + timedelta(days=9)
    _claim(company, "a.com", due_at=later)
    company.let("a.com", RDAP, statuses=frozenset({"active"}))
    company.night(Mode.DRY)
    assert _claim_due(company) == later


def test_a_name_that_vanished_while_it_was_asked_is_left_alone(company: Company) -> None:
    """An answer about a name that was taken out of the books meanwhile writes nothing into them."""
    company.own("a.com")
    run_id = company.begin()
    company.let("a.com", RDAP, expires=FIRST_NIGHT + timedelta(days=4000))
    look = company.look("a.com", RDAP)
    with company.database.transaction() as connection:
        connection.execute(delete(Domain))
    assert company.write(run_id, RDAP, [look]).asked == 1
    assert company.open_changes() == []


def test_an_unknown_lane_is_no_lane() -> None:
    """A lane says who is asked in its first word, and nothing else is taken for one."""
    assert runs.source_of("rdap:co.ir") is Source.RDAP
    with pytest.raises(ValueError, match="carrier"):
        runs.source_of("carrier-pigeon:com")


class _counted:  # noqa: N801 - reads as a statement of the test
    """The statements that the database is sent meanwhile."""

    def __init__(self, company: Company) -> None:
        self.engine = company.database.engine
        self.statements: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _u: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)


def _readings(company: Company) -> int:
    with company.database.reading() as connection:
        return len(connection.execute(select(Reading.domain)).all())


def _claim(company: Company, name: str, **columns: Any) -> None:
    claim = {
        "domain": name,
        "zone": DomainName(name, "com").zone,
        "registrar": "far",
        "procedure": "udrp",
        "reference": "case",
        "state": "proceeding",
        "state_since": company.now,
        "asserted_at": company.now,
        "block_mode": "lock",
        "lock": "locked",
    }
    with company.database.transaction() as connection:
        connection.execute(insert(Claim).values({**claim, **columns}))


def _claim_due(company: Company) -> Any:
    with company.database.reading() as connection:
        return connection.execute(select(Claim.due_at)).scalar_one()


def _departure(name: str, company: Company) -> dict[str, Any]:
    return {
        "domain": name,
        "zone": "com",
        "customer": "c-1",
        "registrar": "far",
        "channel": "fax",
        "evidence": "F-1",
        "ticket": "T-1",
        "requested_at": company.now,
        "state": "open",
        "state_since": company.now,
        "due_at": FIRST_NIGHT + timedelta(days=9),
    }
