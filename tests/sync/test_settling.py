"""What reaches the books at the end of a night, and what stops it?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from registrar.commands import Expiry
from registrar.gateway import Standing
from registrar.models import Event, Finding, Reading, SyncChange
from registrar.sync import applying, changes, pins, runs
from registrar.sync.pins import PinRefusedError
from registrar.sync.runs import RunState, RunView
from registrar.sync.vocabulary import ChangeKind, Mode, SyncTerms
from tests.sync.company import EXPIRES, FIRST_NIGHT, RDAP, REGISTRAR, Company

SHIFT = timedelta(hours=11)
SHIFTED = EXPIRES + SHIFT
ABSURD = EXPIRES + timedelta(days=1000)
MANY = tuple(f"n{number}.com" for number in range(30))


def test_a_date_in_another_writing_reaches_the_books(company: Company) -> None:
    """When the registry writes the same term with another hour, our books follow it, and say from whom they have it."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    run = company.night()
    domain = company.domain("a.com")
    assert (domain.registry_expires_at, domain.registry_expiry_source) == (SHIFTED, "rdap")
    assert domain.paid_through == EXPIRES
    assert (run.counts, company.events("a.com")) == ({"shifted": 1}, ["domain.shifted"])


def test_an_applied_change_is_an_event_with_its_evidence(company: Company) -> None:
    """Why a date changed has an answer years later: who said so, when, what was there before, and in which run."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    run = company.night()
    with company.database.reading() as connection:
        told = connection.execute(select(Event.evidence).where(Event.kind == "domain.shifted")).scalar_one()
    assert (told["run"], told["source"]) == (run.id, "rdap")
    assert told["before"]["registry_expires_at"] == EXPIRES.isoformat()
    assert told["after"]["registry_expires_at"] == SHIFTED.isoformat()


def test_too_many_changes_of_one_kind_stop_the_run(company: Company) -> None:
    """When thirty dates move in one night, none is written: staff are asked once, not thirty times (P8)."""
    run = _absurd_night(company)
    assert (run.state, run.counts) == (RunState.STOPPED, {"shifted": 30, "auto_renew_on": 1})
    assert {company.domain(name).registry_expires_at for name in MANY} == {EXPIRES}
    assert company.findings() == {"sync_stopped": ["sync"]}


def test_a_date_that_is_not_written_confirms_nothing(company: Company) -> None:
    """What a stopped run would have written is not in the books, so nobody may say that they are confirmed (P13)."""
    before = _absurd_night(company).started_at
    assert max(company.domain(name).confirmed_at for name in MANY) < before
    company.approve(*(change.id for change in company.open_changes()))
    assert min(company.domain(name).confirmed_at for name in MANY) > before


def test_the_breaker_lets_a_share_through(company: Company) -> None:
    """So many changes of a kind as a night of this size may have are applied without asking."""
    company.terms = _terms(company, breaker_least=30)
    run = _absurd_night(company)
    assert run.state is RunState.DONE
    assert {company.domain(name).registry_expires_at for name in MANY} == {SHIFTED}


def test_a_first_night_full_of_first_dates_stops_nothing(company: Company) -> None:
    """A company's first night finds the registry's own writing of every date: the source has not changed, so nobody is asked."""
    company.own(*MANY[:15], expires=None, paid=EXPIRES)
    company.own(*MANY[15:])
    for name in MANY:
        company.let(name, RDAP, expires=SHIFTED)
        company.let(name, REGISTRAR, renew_by=Expiry(EXPIRES, "2027-08-20"))
    company.terms = _terms(company, breaker_least=10)
    run = company.night()
    assert (run.state, run.counts) == (RunState.DONE, {"first_date": 15, "shifted": 15, "renew_by": 30})
    assert {company.domain(name).registry_expires_at for name in MANY} == {SHIFTED}


def test_a_first_word_that_waits_and_then_changes_is_none_any_more(company: Company) -> None:
    """What a dry run saw first and the next night sees otherwise has changed at its source: it counts."""
    company.own(*MANY)
    for name in MANY:
        company.let(name, RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    for name in MANY:
        company.let(name, RDAP, expires=SHIFTED + SHIFT)
    assert company.night().state is RunState.STOPPED


def test_the_breaker_counts_a_share_of_what_told_something(company: Company) -> None:
    """Two in a hundred are few of those that answered, and many of those that did when most were silent."""
    company.terms = _terms(company, breaker_least=1, breaker_share=0.5)
    company.own(*MANY)
    for name in MANY[:25]:
        company.let(name, RDAP, expires=SHIFTED)
    assert company.night().state is RunState.DONE


def test_a_name_that_two_sources_tell_of_is_one_name(company: Company) -> None:
    """Twenty of thirty names are two thirds of them, not a third because the registrar was asked about each of them too."""
    company.terms = _terms(company, breaker_least=1, breaker_share=0.5)
    company.own(*MANY)
    company.night()
    for name in MANY[:20]:
        company.let(name, RDAP, expires=SHIFTED)
    run = company.night()
    assert run.state is RunState.STOPPED
    assert run.stop_reason == "20 x shifted of 30 names told of, 15 are let through"


def test_a_silent_source_makes_a_share_no_smaller(company: Company) -> None:
    """Where a source told of few names, a few changes are many of them, whatever all others told."""
    company.terms = _terms(company, breaker_least=1, breaker_share=0.5)
    company.own(*MANY)
    company.night()
    for name in MANY[10:]:
        company.let(name, RDAP, standing=Standing.UNKNOWN)
    for name in MANY[:6]:
        company.let(name, RDAP, expires=SHIFTED)
    run = company.night()
    assert run.state is RunState.STOPPED
    assert run.stop_reason == "6 x shifted of 10 names told of, 5 are let through"


def test_what_a_stopped_run_found_is_counted_again_the_next_night(company: Company) -> None:
    """As long as nobody has decided and the source says the same, every run stops, and it is one finding."""
    _absurd_night(company)
    again = company.night()
    assert again.state is RunState.STOPPED
    assert {change.run_id for change in company.open_changes()} == {again.id}
    assert {change.times for change in company.open_changes()} == {2}
    assert company.findings() == {"sync_stopped": ["sync"]}


def test_staff_approve_a_kind_of_a_stopped_run(company: Company) -> None:
    """Once staff have approved or rejected everything that a stopped run found, its finding closes."""
    _absurd_night(company)
    dates = [change.id for change in company.open_changes() if change.kind is ChangeKind.SHIFTED]
    decided = company.approve(*dates)
    assert (len(decided.decided), decided.overtaken, decided.busy) == (30, {}, [])
    assert {company.domain(name).registry_expires_at for name in MANY} == {SHIFTED}
    assert "sync_stopped" in company.findings()
    company.reject(*(change.id for change in company.open_changes()))
    assert company.findings() == {}


def test_the_next_good_run_closes_what_a_stopped_one_asked(company: Company) -> None:
    """When the source is itself again the next night, the finding closes and the proposals fall."""
    _absurd_night(company)
    for name in MANY:
        company.let(name, RDAP)
    company.let("n0.com", REGISTRAR, auto_renews=False)
    assert company.night().state is RunState.DONE
    assert (company.findings(), company.open_changes()) == ({}, [])
    assert company.states("n1.com", ChangeKind.SHIFTED) == ["overtaken"]


def test_a_dry_run_answers_nothing_that_a_stopped_one_asked(company: Company) -> None:
    """When staff look again with a dry run, the question of the run that stopped stays until they, or a real run, decide."""
    _absurd_night(company)
    company.night(Mode.DRY)
    assert company.findings() == {"sync_stopped": ["sync"]}
    waiting = [change.id for change in company.open_changes()]
    company.reject(*waiting[1:])
    assert company.findings() == {"sync_stopped": ["sync"]}
    company.reject(waiting[0])
    assert company.findings() == {}


def test_a_dry_run_shows_and_changes_nothing(company: Company) -> None:
    """A dry run reads everything and shows what it would change; the books stay as they are, but for the confirmations."""
    company.own("a.com", "b.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.let("b.com", REGISTRAR, auto_renews=True)
    run = company.night(Mode.DRY)
    assert (run.state, run.counts) == (RunState.DONE, {"shifted": 1, "auto_renew_on": 1})
    assert company.domain("a.com").registry_expires_at == EXPIRES
    assert (company.findings(), company.events("a.com")) == ({}, [])
    assert company.reading("a.com", RDAP).expires_at == SHIFTED


def test_a_dry_run_is_approved_in_part(company: Company) -> None:
    """Of what a dry run shows staff take what they like, by name or kind; the rest waits."""
    company.own("a.com", "b.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.let("b.com", RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    [only] = company.open_changes("a.com")
    company.approve(only.id)
    assert company.domain("a.com").registry_expires_at == SHIFTED
    assert company.domain("b.com").registry_expires_at == EXPIRES
    assert [change.domain for change in company.open_changes()] == ["b.com"]


def test_a_dry_run_says_what_would_stop_a_real_one(company: Company) -> None:
    """A dry run is never stopped, and says why a real one would be."""
    run = _absurd_night(company, Mode.DRY)
    assert run.state is RunState.DONE
    assert run.stop_reason is not None
    assert run.stop_reason.startswith("30 x shifted")


def test_a_real_run_takes_over_what_a_dry_one_proposed(company: Company) -> None:
    """What a dry run proposed and the next night sees again is applied by that night's run, and was one proposal."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    company.night()
    assert company.domain("a.com").registry_expires_at == SHIFTED
    assert company.states("a.com", ChangeKind.SHIFTED) == ["applied"]


def test_the_books_must_still_be_what_a_change_was_judged_against(company: Company) -> None:
    """When the books have changed between the look and the end of the night, the change is dropped, not written over."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    run_id = company.begin()
    company.ask(run_id)
    other = EXPIRES + timedelta(days=365)
    company.change("a.com", registry_expires_at=other)
    company.settle(run_id)
    assert company.domain("a.com").registry_expires_at == other
    assert company.states("a.com", ChangeKind.SHIFTED) == ["overtaken"]


def test_a_confirmation_is_never_rolled_back(company: Company) -> None:
    """A date that was read before an order confirmed the name stays out of the books (D4)."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    run_id = company.begin()
    company.ask(run_id)
    company.change("a.com", confirmed_at=company.now + timedelta(seconds=1))
    company.settle(run_id)
    assert company.domain("a.com").registry_expires_at == EXPIRES
    assert company.states("a.com", ChangeKind.SHIFTED) == ["overtaken"]


def test_an_order_under_way_is_left_its_name(company: Company) -> None:
    """A change is left for another night while an order is at work on the name."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    run_id = company.begin()
    company.ask(run_id)
    company.order("a.com")
    company.settle(run_id)
    assert company.domain("a.com").registry_expires_at == EXPIRES
    assert company.states("a.com", ChangeKind.SHIFTED) == ["overtaken"]


def test_while_an_order_is_under_way_a_look_is_only_stored(company: Company) -> None:
    """What a look says of a name on which an order is at work is kept and decides nothing."""
    company.own("a.com")
    company.order("a.com", state="pending")
    company.let("a.com", RDAP, expires=SHIFTED)
    assert company.night().counts == {}
    assert company.reading("a.com", RDAP).expires_at == SHIFTED


def test_a_look_during_an_order_hides_nothing_from_the_next(company: Company) -> None:
    """What a source ceased to show while an order was at work is missed by the look after it, as any other night."""
    company.own("a.com")
    company.night()
    company.let("a.com", RDAP, expires=None, nameservers=())
    order_id = company.order("a.com", state="pending")
    assert company.night().counts == {}
    company.end_order(order_id, "refused")
    assert set(company.night().counts) == {"date_missing", "nameservers_off"}


def test_what_could_not_be_told_beside_an_order_is_told_after_it(company: Company) -> None:
    """When an order begins between the look that misses something and the night's end, the next look misses it still."""
    company.own("a.com")
    company.night()
    company.let("a.com", RDAP, expires=None, nameservers=())
    run_id = company.begin()
    company.ask(run_id)
    order_id = company.order("a.com")
    run = company.settle(run_id)
    assert (set(run.counts), company.findings()) == ({"date_missing", "nameservers_off"}, {})
    company.end_order(order_id, "refused")
    company.now = run.started_at + timedelta(days=2)
    company.night()
    assert set(company.findings()) == {"date_missing", "nameservers_off"}


def test_a_short_run_writes_no_part_of_what_a_night_asked_about(company: Company) -> None:
    """Of thirty dates that stopped a night the ten which are due by day wait with the others, until staff have decided."""
    names = _stop_a_night(company)
    for first in (0, 10):
        _let_be_due(company, names[first : first + 10])
        run = company.night()
        assert (run.state, run.counts) == (RunState.STOPPED, {"shifted": 10})
        assert (
            run.stop_reason
            == "10 x shifted of 10 names told of, and 20 that wait for staff, 20 are let through"
        )
    company.reject(*(change.id for change in company.open_changes()[10:]))
    _let_be_due(company, names)
    assert company.night().counts == {"shifted": 10}
    assert company.findings() == {}


def test_a_dry_run_takes_nothing_off_what_waits(company: Company) -> None:
    """A dry run that sees some of what stopped a night has decided nothing: the run after it counts them as well."""
    names = _stop_a_night(company)
    _let_be_due(company, names[:15])
    company.night(Mode.DRY)
    _let_be_due(company, names[15:25])
    run = company.night()
    assert (run.state, run.counts) == (RunState.STOPPED, {"shifted": 10})


def test_what_a_dry_run_misses_the_next_night_tells(company: Company) -> None:
    """A dry run that was the first to miss something takes no finding away from the night after it."""
    company.own("a.com")
    company.night()
    company.let("a.com", RDAP, expires=None, nameservers=())
    company.night(Mode.DRY)
    assert company.findings() == {}
    company.night()
    assert set(company.findings()) == {"date_missing", "nameservers_off"}


def test_dates_that_come_back_otherwise_are_no_first_word(company: Company) -> None:
    """When a registry's answers lose their dates and have others a night later, all of them have changed: staff are asked."""
    names = [f"n{number}.com" for number in range(30)]
    company.own(*names)
    company.night()
    for expires in (None, EXPIRES + timedelta(hours=20)):
        for name in names:
            company.let(name, RDAP, expires=expires)
        run = company.night()
        assert run.state is RunState.STOPPED
    assert run.counts == {"shifted": 30}


def test_a_date_from_before_an_approval_is_not_missed(company: Company) -> None:
    """The few days that .ir shows before its approval were no expiry: once they are not told any more, none is missing (D4)."""
    company.own("a.ir")
    company.let("a.ir", REGISTRAR, expires=company.now + timedelta(days=10), expiry_is_temporary=True)
    company.night()
    company.let("a.ir", REGISTRAR, expires=None)
    company.nights(2)
    assert company.findings() == {}


def test_a_lock_of_our_own_keeps_no_date_waiting(company: Company) -> None:
    """A claim's lock that is being put on changes no date: the night goes on beside it."""
    company.own("a.com")
    company.order("a.com", kind="lock", state="pending", channel="own", details={"statuses": ["clientHold"]})
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night()
    assert company.domain("a.com").registry_expires_at == SHIFTED


def test_an_order_that_ended_since_overtakes_what_was_seen(company: Company) -> None:
    """Staff cannot approve what was seen before an order of the name ended."""
    company.own("a.com")
    company.let("a.com", REGISTRAR, auto_renews=True)
    company.night(Mode.DRY)
    order_id = company.order("a.com", state="completed", expires_at=EXPIRES)
    company.change("a.com", order_id=order_id)
    [change] = company.open_changes()
    assert company.approve(change.id).overtaken == {change.id: applying.ORDERED}


def test_staff_cannot_approve_while_an_order_is_under_way(company: Company) -> None:
    """An approval waits while an order is at work on the name: the change stays open, and staff read why."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    company.order("a.com")
    [change] = company.open_changes()
    assert company.approve(change.id).busy == [change.id]
    assert company.open_changes() == [change]


def test_what_was_decided_is_not_decided_again(company: Company) -> None:
    """Approving twice applies once."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    [change] = company.open_changes()
    company.approve(change.id)
    assert company.approve(change.id).not_open == [change.id]
    assert company.reject(change.id).not_open == [change.id]
    assert company.states("a.com", ChangeKind.SHIFTED) == ["applied"]


def test_what_is_rejected_while_a_night_ends_is_not_written(company: Company) -> None:
    """When staff reject a change that the night has just read in order to apply it, the books stay as they are."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    with company.database.reading() as connection:
        read = connection.execute(select(SyncChange.__table__)).all()
    company.reject(read[0].id)
    with company.database.transaction() as connection:
        assert applying.apply(connection, read, now=company.now) == applying.Applied([], {}, [])
    assert company.domain("a.com").registry_expires_at == EXPIRES
    assert company.events("a.com") == ["domain.shifted_rejected"]


def test_an_implausible_date_is_kept_apart(company: Company) -> None:
    """A date that cannot follow from what is known stays out of the books; staff are told once, night after night."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=ABSURD)
    company.nights(3)
    [change] = [one for one in company.open_changes() if one.kind is ChangeKind.IMPLAUSIBLE_DATE]
    assert (change.state, change.times) == ("quarantined", 3)
    assert company.domain("a.com").registry_expires_at == EXPIRES
    assert company.findings()["implausible_date"] == ["domain:a.com"]
    with company.database.reading() as connection:
        times = connection.execute(select(Finding.times).where(Finding.kind == "implausible_date")).scalar()
    assert times == 1


def test_what_staff_know_of_weighs_on_no_later_run(company: Company) -> None:
    """Quarantined dates that findings tell of already are not counted against the next night's limit."""
    company.own(*MANY)
    for name in MANY[:15]:
        company.let(name, RDAP, expires=ABSURD)
    assert company.night().state is RunState.DONE
    for name in MANY[15:]:
        company.let(name, RDAP, expires=ABSURD)
    run = company.night()
    assert (run.state, run.counts["implausible_date"]) == (RunState.DONE, 15)
    assert len(company.findings()["implausible_date"]) == 30


def test_a_quarantined_date_falls_when_the_source_is_itself_again(company: Company) -> None:
    """When the next night's date fits again, the quarantined one is overtaken and its finding closes by itself."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=ABSURD)
    company.night()
    company.let("a.com", RDAP)
    company.night()
    assert (company.open_changes(), company.findings()) == ([], {})
    assert company.states("a.com", ChangeKind.IMPLAUSIBLE_DATE) == ["overtaken"]


def test_staff_approve_a_quarantined_date(company: Company) -> None:
    """A date that staff have looked into and approve goes into the books, with who and which ticket."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=ABSURD)
    company.night()
    [change] = company.open_changes("a.com")
    company.approve(change.id)
    domain = company.domain("a.com")
    assert (domain.registry_expires_at, domain.paid_through) == (ABSURD, EXPIRES)
    assert "implausible_date" not in company.findings()
    with company.database.reading() as connection:
        kind = "domain.implausible_date"
        row = connection.execute(select(Event.actor, Event.ticket).where(Event.kind == kind)).one()
    assert tuple(row) == ("sara", "T-1")


def test_staff_approve_the_date_that_they_were_shown(company: Company) -> None:
    """When the source says another date meanwhile, that is another question: the approval of the first one writes nothing."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=ABSURD)
    company.night()
    [shown] = company.open_changes("a.com")
    company.let("a.com", RDAP, expires=ABSURD + timedelta(days=400))
    company.night()
    assert company.approve(shown.id).not_open == [shown.id]
    assert company.domain("a.com").registry_expires_at == EXPIRES
    [other] = company.open_changes("a.com")
    assert (other.after["registry_expires_at"], other.times) == (
        (ABSURD + timedelta(days=400)).isoformat(),
        1,
    )
    assert company.states("a.com", ChangeKind.IMPLAUSIBLE_DATE) == ["overtaken", "quarantined"]
    assert company.findings()["implausible_date"] == ["domain:a.com"]


def test_what_staff_reject_is_not_proposed_again(company: Company) -> None:
    """A date that staff have rejected is not asked about every night; another date is."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=ABSURD)
    company.night()
    [change] = company.open_changes("a.com")
    company.reject(change.id)
    assert "implausible_date" not in company.findings()
    company.nights(2)
    assert company.open_changes("a.com") == []
    company.let("a.com", RDAP, expires=ABSURD + timedelta(days=100))
    company.night()
    assert [one.kind for one in company.open_changes("a.com")] == [ChangeKind.IMPLAUSIBLE_DATE]


def test_what_was_rejected_may_come_up_again_once_it_was_gone(company: Company) -> None:
    """A rejection holds as long as the source says the same; said anew later, it is a new question."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=ABSURD)
    company.night()
    company.reject(company.open_changes("a.com")[0].id)
    company.let("a.com", RDAP)
    company.night()
    company.let("a.com", RDAP, expires=ABSURD)
    company.night()
    assert company.states("a.com", ChangeKind.IMPLAUSIBLE_DATE) == ["rejected", "quarantined"]


def test_a_condition_is_a_finding_while_it_stands(company: Company) -> None:
    """Auto-renewal left on at the registrar is one finding, however many nights it goes on, and closes by itself."""
    company.own("a.com")
    company.let("a.com", REGISTRAR, auto_renews=True)
    company.nights(3)
    assert company.findings() == {"auto_renew_on": ["domain:a.com"]}
    assert company.states("a.com", ChangeKind.AUTO_RENEW_ON) == ["applied"]
    company.let("a.com", REGISTRAR, auto_renews=False)
    company.night()
    assert company.findings() == {}


def test_a_dry_run_closes_no_finding(company: Company) -> None:
    """A dry run that sees a cause gone leaves the finding to the next real one."""
    company.own("a.com")
    company.let("a.com", REGISTRAR, auto_renews=True)
    company.night()
    company.let("a.com", REGISTRAR, auto_renews=False)
    company.night(Mode.DRY)
    assert "auto_renew_on" in company.findings()
    company.night()
    assert company.findings() == {}


def test_settling_goes_on_after_a_crash(company: Company) -> None:
    """A run that is killed while it settles goes on with what is left, and applies nothing twice."""
    company.own(*MANY[:10])
    for name in MANY[:10]:
        company.let(name, RDAP, expires=SHIFTED)
    run_id = company.begin()
    company.ask(run_id)
    with company.database.transaction() as connection:
        runs.check(connection, run_id, terms=company.terms, now=company.now)
    with company.database.transaction() as connection:
        assert runs.settle(connection, run_id, limit=4, now=company.now) == 4
    company.settle(run_id)
    assert {company.domain(name).registry_expires_at for name in MANY[:10]} == {SHIFTED}
    assert [company.events(name) for name in MANY[:10]] == [["domain.shifted"]] * 10


def test_a_pinned_date_stands_against_the_source(company: Company) -> None:
    """A date that staff have pinned stays in the books, whatever the source says, until the pin ends (C1)."""
    company.own("a.com")
    pinned = _pin(company, "a.com", until=FIRST_NIGHT + timedelta(days=5))
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night()
    domain = company.domain("a.com")
    assert (domain.registry_expires_at, domain.registry_expiry_source) == (pinned, "pin")
    assert company.events("a.com") == ["domain.pinned"]
    company.now = FIRST_NIGHT + timedelta(days=6)
    company.night()
    assert company.domain("a.com").registry_expires_at == SHIFTED
    assert company.events("a.com") == ["domain.pinned", "domain.pin_lapsed", "domain.shifted"]


def test_a_pin_overtakes_what_was_proposed(company: Company) -> None:
    """Pinning a date answers the question that its finding asks."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=ABSURD)
    company.night()
    _pin(company, "a.com", until=company.now + timedelta(days=5))
    assert company.open_changes("a.com") == []
    assert "implausible_date" not in company.findings()


def test_a_pin_holds_the_registrys_date_and_no_other(company: Company) -> None:
    """While a name's expiry is pinned, the registrar's own date is kept up as before."""
    company.own("a.com")
    _pin(company, "a.com", until=company.now + timedelta(days=5))
    own = EXPIRES - timedelta(days=10)
    company.let("a.com", REGISTRAR, renew_by=Expiry(own, own.isoformat()))
    company.night()
    assert company.domain("a.com").renew_by == own


def test_a_pin_set_before_the_end_of_the_night_holds(company: Company) -> None:
    """A date that was proposed minutes before staff pinned another does not get past the pin."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    _pin(company, "a.com", until=company.now + timedelta(days=5))
    with company.database.transaction() as connection:
        connection.execute(update(SyncChange).values(state="proposed"))
    [change] = company.open_changes()
    assert company.approve(change.id).overtaken == {change.id: applying.PINNED}


def test_a_name_is_pinned_once_until_it_is_unpinned(company: Company) -> None:
    """Two pins of one name cannot contradict each other; unpinned, the sources are believed again."""
    company.own("a.com")
    until = company.now + timedelta(days=50)
    pinned = _pin(company, "a.com", until=until)
    with pytest.raises(PinRefusedError, match="pinned already"):
        _pin(company, "a.com", until=until)
    with company.database.reading() as connection:
        [view] = pins.list_pins(connection, now=company.now)
    assert (view.domain, view.expires_at, view.until, view.ticket) == ("a.com", pinned, until, "T-1")
    with company.database.transaction() as connection:
        pins.unpin(connection, "a.com", actor="sara", ticket="T-2", now=company.now)
        assert pins.list_pins(connection, now=company.now) == []
        with pytest.raises(PinRefusedError, match="not pinned"):
            pins.unpin(connection, "a.com", actor="sara", ticket="T-2", now=company.now)


def test_only_a_name_of_ours_is_pinned_and_not_into_the_past(company: Company) -> None:
    """A pin needs a name in our books and an end that lies ahead."""
    company.own("a.com")
    with pytest.raises(PinRefusedError, match="do not have"):
        _pin(company, "b.com", until=company.now + timedelta(days=1))
    with pytest.raises(PinRefusedError, match="has passed"):
        _pin(company, "a.com", until=company.now)


def test_nothing_but_what_the_sync_may_write_is_written(company: Company) -> None:
    """A change that names what was paid for is refused, whoever made it (D4)."""
    company.own("a.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.night(Mode.DRY)
    [change] = company.open_changes()
    with company.database.transaction() as connection:
        connection.execute(update(SyncChange).values(after={"paid_through": SHIFTED.isoformat()}))
    with pytest.raises(ValueError, match="paid_through"):
        company.approve(change.id)
    assert company.domain("a.com").paid_through == EXPIRES


def test_open_changes_are_listed_by_run_kind_and_name(company: Company) -> None:
    """Staff see what is open by run, kind or name, page by page."""
    company.own("a.com", "b.com")
    company.let("a.com", RDAP, expires=SHIFTED)
    company.let("b.com", RDAP, expires=SHIFTED)
    company.let("b.com", REGISTRAR, auto_renews=True)
    run = company.night(Mode.DRY)
    with company.database.reading() as connection:
        by_kind = changes.list_open(connection, kinds=["shifted"], limit=10)
        by_run = changes.list_open(connection, run_id=run.id + 1, limit=10)
        by_name = changes.list_open(connection, names=["b.com"], limit=10)
        first = changes.list_open(connection, limit=2)
        rest = changes.list_open(connection, after=first[-1].id, limit=2)
        assert changes.count_open(connection) == {"shifted": 2, "auto_renew_on": 1}
    assert (len(by_kind), len(by_run), len(by_name)) == (2, 0, 2)
    assert len({change.id for change in (*first, *rest)}) == 3


def _stop_a_night(company: Company) -> list[str]:
    """Have the dates of thirty names stop a night, and return the names."""
    names = [f"n{number:02}.com" for number in range(30)]
    company.own(*names)
    company.night()
    for name in names:
        company.let(name, RDAP, expires=EXPIRES + timedelta(hours=9))
    assert company.night().state is RunState.STOPPED
    return names


def _let_be_due(company: Company, names: list[str]) -> None:
    """Have just these names asked in the next run."""
    with company.database.transaction() as connection:
        later = company.now + timedelta(hours=30)
        connection.execute(update(Reading).values(due_at=later))
        due = update(Reading).where(Reading.domain.in_(names))
        connection.execute(due.values(due_at=company.now))


def _absurd_night(company: Company, mode: Mode = Mode.WRITE) -> RunView:
    """Let a registry write thirty dates otherwise in one night than in the one before."""
    company.own(*MANY)
    company.night()
    for name in MANY:
        company.let(name, RDAP, expires=SHIFTED)
    company.let("n0.com", REGISTRAR, auto_renews=True)
    return company.night(mode)


def _terms(company: Company, **changed: object) -> SyncTerms:
    return replace(company.terms, **changed)  # type: ignore[arg-type]  # each is of its field's type


def _pin(company: Company, name: str, *, until: datetime) -> datetime:
    at = EXPIRES - timedelta(hours=3)
    with company.database.transaction() as connection:
        pins.pin(
            connection,
            name,
            expires=Expiry(at, "2027-08-20"),
            until=until,
            reason="the registry is moving",
            actor="sara",
            ticket="T-1",
            now=company.now,
        )
    return at
