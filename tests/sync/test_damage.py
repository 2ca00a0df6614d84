"""What has the nightly sync of other products destroyed, and what becomes of it here? One story for each, by its number.

P8 absurd dates · P9 cancelled the day after expiry · P10 a look that changes · P11 noise about what is over · P12 left, and
nobody noticed · P13 "fine", and nothing was done · P14 two dates for one · P17 a source that gives no date any more.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from registrar.agreement.expiry import RenewalClass, classify
from registrar.commands import Expiry
from registrar.gateway import Standing
from registrar.models import Base
from registrar.orders.states import State
from registrar.sync import changes, coverage, knowing, runs
from registrar.sync.runs import RunState
from registrar.sync.vocabulary import ChangeKind, Mode
from tests.agreement.rulebook import standard
from tests.core.far_side import Clock, FarSide
from tests.core.story import Shop, opened
from tests.sync.company import EXPIRES, FIRST_NIGHT, RDAP, REGISTRAR, WHOIS, Company

EPOCH = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
NEXT_YEAR = EXPIRES.replace(year=EXPIRES.year + 1)


@pytest.fixture
def company(sqlite_url: str) -> Iterator[Company]:
    """Give a company for these stories; what they rest on is tried on PostgreSQL too, beside them."""
    with opened(sqlite_url) as database:
        yield Company(database)


def test_p8_a_date_of_1969_ends_nobodys_term(company: Company) -> None:
    """P8: a registrar that tells 1969-12-31 for a name without a renewal date changes no date and no reminder."""
    company.own("mina.ir", expires=FIRST_NIGHT + timedelta(days=60))
    company.let("mina.ir", REGISTRAR, expires=EPOCH)
    company.nights(2)
    domain = company.domain("mina.ir")
    assert domain.registry_expires_at == domain.paid_through == FIRST_NIGHT + timedelta(days=60)
    assert company.findings()["implausible_date"] == ["domain:mina.ir"]
    assert company.remind() == []


def test_p8_a_whole_zone_of_absurd_dates_stops_the_run(company: Company) -> None:
    """P8: when a registry's answers are wrong for all names at once, staff are asked one question and nothing is written."""
    names = [f"n{number}.com" for number in range(40)]
    company.own(*names)
    for name in names:
        company.let(name, RDAP, expires=EXPIRES.replace(year=2001))
    run = company.night()
    assert run.state is RunState.STOPPED
    assert company.findings() == {"sync_stopped": ["sync"]}
    assert {company.domain(name).registry_expires_at for name in names} == {EXPIRES}


def test_p9_expired_is_not_cancelled(company: Company) -> None:
    """P9: the day after its expiry a name is expired, nothing more: its paid renewal can still be carried out."""
    expires = FIRST_NIGHT - timedelta(days=1)
    company.own("mina.com", expires=expires)
    company.remind()
    company.let("mina.com", REGISTRAR, expires=expires, statuses=frozenset({"clientHold"}))
    company.nights(2)
    domain = company.domain("mina.com")
    assert (domain.gone_at, domain.doubted_at, domain.paid_through) == (None, None, expires)
    renewal = standard().rules("com", at=company.now).renewal
    assert classify(domain.paid_through, company.now, renewal) is RenewalClass.COMMITTED
    assert "left_without_order" not in company.findings()


def test_p9_a_registrar_that_hides_an_expired_name_does_not_cancel_it(company: Company) -> None:
    """P9: "not in your account" from the registrar alone lets reminders wait; the name stays in the books."""
    company.own("mina.com", expires=FIRST_NIGHT - timedelta(days=1))
    company.let("mina.com", REGISTRAR, ours=False)
    company.let("mina.com", RDAP, expires=FIRST_NIGHT - timedelta(days=1))
    company.nights(3)
    domain = company.domain("mina.com")
    assert (domain.gone_at, domain.paid_through) == (None, FIRST_NIGHT - timedelta(days=1))
    assert "sources_disagree" in company.findings()


def test_p10_looking_changes_nothing(company: Company) -> None:
    """P10: whatever page staff look at, not a row is changed by it."""
    company.own("mina.com", "sara.com")
    company.let("mina.com", RDAP, expires=EXPIRES + timedelta(days=900))
    company.night(Mode.DRY)
    run_id = company.begin()
    before = _everything(company)
    with company.database.transaction() as connection:  # a transaction that reads would undo what they write
        changes.list_open(connection, limit=100)
        changes.count_open(connection)
        coverage.coverage(connection, within=timedelta(days=2), now=company.now)
        runs.current(connection)
        runs.latest(connection)
        runs.lanes(connection, run_id)
        runs.left(connection, run_id)
        runs.is_exhausted(connection, run_id)
    assert _everything(company) == before


def test_p10_a_dry_run_writes_readings_and_proposals_only(company: Company) -> None:
    """P10: a dry run changes what was read and what is proposed; of the books only when they were last confirmed."""
    company.own("mina.com")
    company.let("mina.com", RDAP, expires=EXPIRES + timedelta(days=900))
    company.let("mina.com", REGISTRAR, auto_renews=True, nameservers=())
    before = _everything(company)
    company.night(Mode.DRY)
    after = _everything(company)
    assert {table for table in after if after[table] != before[table]} == {
        "readings",
        "sync_runs",
        "sync_changes",
        "events",
    }


def test_p11_a_name_that_is_gone_makes_no_noise(company: Company) -> None:
    """P11: a name that left is not asked about, not reported every night, and not brought back to life."""
    company.own("mina.com")
    company.night()
    company.change("mina.com", gone_at=company.now, gone_why="transferred_out")
    company.let("mina.com", RDAP, standing=Standing.FREE)
    company.nights(3)
    assert (company.findings(), company.open_changes()) == ({}, [])
    assert company.domain("mina.com").gone_why == "transferred_out"


def test_p11_what_was_open_about_a_name_ends_when_its_customer_takes_it_away(company: Company) -> None:
    """P11: once a departure has taken a name off the books, the next night closes what staff were asked about it."""
    company.own("mina.com")
    company.let("mina.com", RDAP, expires=EPOCH)
    company.let("mina.com", REGISTRAR, auto_renews=True)
    company.night()
    assert company.findings().keys() == {"implausible_date", "auto_renew_on", "sources_disagree"}
    company.change("mina.com", gone_at=company.now, gone_why="transferred_out")
    company.night()
    assert (company.findings(), company.open_changes()) == ({}, [])


def test_p11_a_refunded_order_stays_refunded(company: Company) -> None:
    """P11: an order that was refused and credited is not looked at by the sync, whatever the name looks like."""
    order_id = company.order("mina.com", kind="register", state="refused")
    company.own("mina.com", order_id=order_id)
    company.nights(2)
    assert [row["state"] for row in _everything(company)["orders"]] == ["refused"]


def test_p12_a_name_that_left_is_noticed_step_by_step(company: Company) -> None:
    """P12: one night proves nothing; two, and its reminders wait; when both sides agree it is gone, and staff know."""
    company.own("mina.com", expires=FIRST_NIGHT + timedelta(days=34))
    company.night()
    company.let("mina.com", REGISTRAR, ours=False)
    company.let("mina.com", RDAP, sponsor="Another Registrar", expires=NEXT_YEAR)
    steps = []
    for _ in range(4):
        company.night()
        domain = company.domain("mina.com")
        steps.append((domain.doubted_at is not None, domain.gone_at is not None, company.remind()))
    assert steps == [
        (False, False, ["mina.com"]),
        (True, False, []),
        (True, True, []),
        (True, True, []),
    ]
    assert company.domain("mina.com").gone_why == "transferred_out"
    assert company.findings() == {"left_without_order": ["domain:mina.com"]}


def test_p12_a_deleted_name_is_told_from_one_that_moved(company: Company) -> None:
    """P12: what neither the registrar nor the registry knows any more was deleted, and the books say so."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", REGISTRAR, standing=Standing.FREE)
    company.let("mina.com", RDAP, standing=Standing.FREE)
    company.nights(4)
    assert company.domain("mina.com").gone_why == "deleted"


def test_p12_what_one_side_said_silences_no_agreement(company: Company) -> None:
    """P12: staff who rejected what the registrar alone said are not kept from what both sides agree on nights later."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", REGISTRAR, standing=Standing.FREE)
    company.nights(4)
    [alone] = [one for one in company.open_changes("mina.com") if one.kind is ChangeKind.GONE]
    assert alone.state == "quarantined"
    company.reject(alone.id)
    company.night()
    assert company.states("mina.com", ChangeKind.GONE) == ["rejected"]
    company.let("mina.com", RDAP, standing=Standing.FREE)
    company.nights(3)
    assert company.states("mina.com", ChangeKind.GONE) == ["rejected", "applied"]
    assert company.domain("mina.com").gone_why == "deleted"


def test_p12_a_rejected_doubt_returns_once_the_other_side_agrees(company: Company) -> None:
    """P12: staff who rejected a doubt of the registrar's alone hear of it again when the public record says so too."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", REGISTRAR, ours=False)
    company.night()
    company.night(Mode.DRY)
    rejected = [change.id for change in company.open_changes("mina.com")]
    company.reject(*rejected)
    company.night()
    assert (company.open_changes(), company.findings()) == ([], {})
    company.let("mina.com", RDAP, sponsor="Another Registrar")
    company.nights(2)
    assert company.domain("mina.com").doubted_why == "rdap+registrar:left"
    assert company.findings() == {"left_without_order": ["domain:mina.com"]}
    company.night()
    assert company.domain("mina.com").gone_why == "transferred_out"


def test_p12_staff_end_a_doubt_by_rejecting_the_end_of_the_name(company: Company) -> None:
    """P12: when its registrar cannot be asked and has another name now, staff say that it is not gone: its reminders go on (E2)."""
    company.own("mina.com", expires=FIRST_NIGHT + timedelta(days=42))
    company.night()
    company.let("mina.com", REGISTRAR, standing=Standing.UNKNOWN)
    company.let("mina.com", RDAP, sponsor="Our Registrar's Buyer", expires=FIRST_NIGHT + timedelta(days=42))
    company.nights(4)
    [gone] = company.open_changes("mina.com")
    assert (gone.kind, company.domain("mina.com").doubted_why) == (ChangeKind.GONE, "rdap:left")
    company.reject(gone.id)
    company.nights(2)
    assert (company.open_changes(), company.domain("mina.com").doubted_at) == ([], None)
    assert company.remind() == ["mina.com"]


def test_p12_staff_end_a_doubt_of_both_sides_too(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """P12: of a name that a claim holds staff alone say whether it is gone: once they have said no, no night doubts it anew."""
    known = knowing._known
    monkeypatch.setattr(knowing, "_known", lambda *of, **at: replace(known(*of, **at), claimed=True))
    company.own("mina.com")
    company.night()
    _leave(company)
    company.nights(3)
    [gone] = company.open_changes("mina.com")
    assert (gone.kind, company.domain("mina.com").doubted_why) == (ChangeKind.GONE, "rdap+registrar:left")
    company.reject(gone.id)
    company.nights(2)
    assert (company.open_changes(), company.domain("mina.com").doubted_at) == ([], None)


def test_p12_a_name_that_all_show_as_ours_is_in_no_doubt_for_good(company: Company) -> None:
    """P12: a return that was rejected among all that a stopped run or a dry one found is seen by the next night again (E2)."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", REGISTRAR, ours=False)
    company.nights(2)
    company.let("mina.com", REGISTRAR)
    company.night(Mode.DRY)
    [back] = company.open_changes("mina.com")
    assert back.kind is ChangeKind.BACK
    company.reject(back.id)
    company.night()
    assert company.domain("mina.com").doubted_at is None


def test_p12_a_doubt_that_both_sides_have_is_rejected_once(company: Company) -> None:
    """P12: what staff have rejected of both sides is not asked anew as each of them goes on saying it."""
    company.own("mina.com")
    company.night()
    _leave(company)
    company.night()
    company.night(Mode.DRY)
    company.reject(*(change.id for change in company.open_changes("mina.com")))
    company.nights(2)
    assert (company.open_changes(), company.domain("mina.com").doubted_at) == ([], None)


def test_p12_one_bad_night_changes_nothing(company: Company) -> None:
    """P12: a single night in which the registrar does not know a name leaves everything as it was."""
    company.own("mina.com", expires=FIRST_NIGHT + timedelta(days=33))
    company.let("mina.com", REGISTRAR, ours=False)
    company.night()
    company.let("mina.com", REGISTRAR)
    company.nights(2)
    domain = company.domain("mina.com")
    assert (domain.doubted_at, domain.gone_at) == (None, None)
    assert company.reading("mina.com", REGISTRAR).suspect is None


def test_p12_two_looks_in_one_night_are_one(company: Company) -> None:
    """P12: a registrar that is asked twice within hours has said it once: nothing is doubted before another night."""
    company.own("mina.com")
    company.let("mina.com", REGISTRAR, ours=False)
    run_id = company.begin()
    for _ in range(3):
        company.write(run_id, REGISTRAR, [company.look("mina.com", REGISTRAR)])
        company.now += timedelta(hours=7)
    assert company.open_changes() == []
    assert company.reading("mina.com", REGISTRAR).suspect_times == 1


def test_p12_a_reminder_waits_for_the_doubt_and_goes_once_it_is_lifted(company: Company) -> None:
    """P12: while nobody knows whether a name is ours its customer is not written to; once it is back, he is (E2)."""
    company.own("mina.com", expires=FIRST_NIGHT + timedelta(days=32))
    company.night()
    company.change("mina.com", doubted_at=company.now, doubted_why="registrar:left")
    assert (company.remind(), company.notices("mina.com")) == ([], ["planned"])
    company.now += timedelta(hours=11)
    assert company.remind() == []
    company.now += timedelta(hours=37)
    company.night()
    assert company.domain("mina.com").doubted_at is None
    assert company.events("mina.com")[-1] == "domain.back"
    assert (company.remind(), company.notices("mina.com")) == (["mina.com"], ["sent"])


def test_p12_a_reminder_that_waited_is_needless_once_the_name_is_gone(company: Company) -> None:
    """P12: nobody is reminded of a name that turned out to have left."""
    company.own("mina.com", expires=FIRST_NIGHT + timedelta(days=30), doubted_at=FIRST_NIGHT)
    assert company.remind() == []
    company.change("mina.com", gone_at=company.now, gone_why="transferred_out")
    company.now += timedelta(days=1)
    assert (company.remind(), company.notices("mina.com")) == ([], ["needless"])


def test_p12_nights_before_an_order_are_none_of_the_two(company: Company) -> None:
    """P12: what a registrar denied before a renewal was done is not added to what it denies after it."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", REGISTRAR, ours=False)
    company.night()
    _complete(company, expires=EXPIRES.replace(year=2028))
    company.night()
    assert company.domain("mina.com").doubted_at is None
    company.night()
    assert company.domain("mina.com").doubted_why == "registrar:left"


def test_p12_a_name_that_we_registered_afresh_is_ours(company: Company) -> None:
    """P12: a name that was free for nights and that we have registered since is with us, though its registrar is silent."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", RDAP, standing=Standing.FREE)
    company.let("mina.com", REGISTRAR, standing=Standing.UNKNOWN)
    company.nights(2)
    assert company.domain("mina.com").doubted_why == "rdap:gone"
    created, expires = company.now - timedelta(seconds=9), company.now + timedelta(days=365)
    _complete(company, kind="register", expires=expires)
    company.let("mina.com", RDAP, created_at=created, expires=expires)
    company.nights(3)
    assert company.domain("mina.com").doubted_at is None
    assert "left_without_order" not in company.findings()


def test_p12_an_order_brings_a_name_back(company: Company) -> None:
    """P12: a doubt ends when a renewal of the name is completed: its registrar has just confirmed it."""
    far = FarSide(Clock())
    expires = datetime(2026, 4, 10, 12, tzinfo=UTC)
    far.own("mina.test", expires)
    company.own("mina.test", expires=expires, doubted_at=far.clock.now, doubted_why="registrar:left")
    shop = Shop(company.database, far)
    shop.work(shop.place())
    domain = company.domain("mina.test")
    assert (domain.doubted_at, domain.doubted_why) == (None, None)
    assert domain.paid_through == expires.replace(year=2027)


def test_p12_a_name_that_leaves_while_an_order_waits_is_noticed(company: Company) -> None:
    """P12: looks at a name with an open order decide nothing; once the order has ended, its new registrar is noticed."""
    company.own("mina.com")
    company.night()
    order = company.order("mina.com", state="held")
    _leave(company)
    company.nights(2)
    company.end_order(order, State.CANCELLED)
    company.nights(4)
    assert company.domain("mina.com").gone_why == "transferred_out"


def test_p12_an_answer_without_a_sponsor_hides_no_departure(company: Company) -> None:
    """P12: when the public record names nobody for a night, the next registrar that it names is still another one."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", RDAP, sponsor=None)
    company.night()
    _leave(company)
    company.nights(4)
    assert company.domain("mina.com").gone_why == "transferred_out"


def test_p12_a_name_that_we_moved_ourselves_has_not_left(company: Company) -> None:
    """P12: when an order takes a name to another of our registrars, the public record's new sponsor makes nobody doubt."""
    company.own("mina.com")
    company.night()
    order = company.order("mina.com", kind="transfer", state="pending")
    company.let("mina.com", RDAP, sponsor="Our Other Registrar")
    company.night()
    company.end_order(order, State.COMPLETED)
    company.nights(4)
    assert (company.domain("mina.com").doubted_at, company.findings()) == (None, {})


def test_p12_a_name_that_was_renewed_elsewhere_has_not_left(company: Company) -> None:
    """P12: a name that its customer had us renew where another agent looks after it was never with us, and is reminded of."""
    company.own("mina.ir", expires=FIRST_NIGHT + timedelta(days=40))
    order = company.order("mina.ir", kind="renew_elsewhere", state="completed")
    company.change("mina.ir", order_id=order)
    company.let("mina.ir", REGISTRAR, expires=FIRST_NIGHT + timedelta(days=40), ours=False)
    company.nights(6)
    assert (company.domain("mina.ir").doubted_at, company.findings()) == (None, {})
    assert company.remind() == ["mina.ir"]
    company.let("mina.ir", REGISTRAR, standing=Standing.FREE)
    company.nights(2)
    assert company.domain("mina.ir").doubted_why == "registrar:gone"


def test_p13_a_night_in_which_nobody_answered_is_not_fine(company: Company) -> None:
    """P13: when no source tells anything, nothing counts as confirmed, and the number says so."""
    names = ("mina.com", "sara.com")
    company.own(*names)
    for name in names:
        for source in (REGISTRAR, RDAP):
            company.let(name, source, standing=Standing.UNKNOWN, reason="silent")
    run = company.night()
    with company.database.reading() as connection:
        found = coverage.coverage(connection, within=timedelta(hours=48), now=company.now)
    assert (run.state, run.told, run.unknown) == (RunState.DONE, 0, 4)
    assert (found.share, [one.domain for one in found.oldest]) == (0.0, ["mina.com", "sara.com"])


def test_p13_a_name_that_the_registrar_does_not_know_is_not_in_sync(company: Company) -> None:
    """P13: a name that its registrar calls another's is not confirmed by a public record that still shows its date."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", REGISTRAR, ours=False)
    company.nights(2)
    confirmed = company.domain("mina.com").confirmed_at
    company.night()
    assert company.domain("mina.com").doubted_at is not None
    assert company.domain("mina.com").confirmed_at == confirmed


def test_p14_the_registrars_date_is_kept_apart_from_the_registrys(company: Company) -> None:
    """P14: a registrar that wants its renewal two days earlier moves its own date, and no other."""
    own = EXPIRES - timedelta(days=2)
    company.own("mina.com")
    company.let("mina.com", REGISTRAR, renew_by=_expiry(own))
    company.night()
    domain = company.domain("mina.com")
    assert (domain.renew_by, domain.registry_expires_at, domain.paid_through) == (own, EXPIRES, EXPIRES)


@pytest.mark.parametrize(
    ("before", "stays"),
    [({"registrar": "far"}, True), ({"registrar": "near"}, False), ({"gone_at": FIRST_NIGHT}, False)],
    ids=["the same registrar", "another registrar", "gone since"],
)
def test_p14_a_former_registrars_date_goes_with_it(
    company: Company, before: dict[str, Any], *, stays: bool
) -> None:
    """P14: when an order has a name with another registrar, or afresh, what the former one wanted of it is over."""
    far, expires = FarSide(Clock()), datetime(2026, 4, 10, 12, tzinfo=UTC)
    far.own("mina.test", expires)
    own = expires - timedelta(days=9)
    company.own("mina.test", expires=expires, renew_by=own, **before)
    shop = Shop(company.database, far)
    shop.work(shop.place())
    domain = company.domain("mina.test")
    assert (domain.registrar, domain.paid_through) == ("far", expires.replace(year=2027))
    assert domain.renew_by == (own if stays else None)


def test_p14_a_year_that_nobody_ordered_pays_for_nothing(company: Company) -> None:
    """P14: when the registry adds a year by itself, its date moves; what was paid for, and the reminders, do not (D4)."""
    expires = FIRST_NIGHT + timedelta(hours=1)
    company.own("mina.com", expires=expires)
    company.remind()
    company.night()
    company.let("mina.com", RDAP, expires=expires.replace(year=expires.year + 1), renewed_by_registry=True)
    company.nights(2)
    domain = company.domain("mina.com")
    assert domain.registry_expires_at == expires.replace(year=expires.year + 1)
    assert domain.paid_through == expires
    assert company.states("mina.com", ChangeKind.REGISTRY_RENEWED) == ["applied"]
    assert company.remind() == ["mina.com"]


def test_p14_whois_never_overwrites_irnics_date(company: Company) -> None:
    """P14: for .ir the inquiry at IRNIC is documentary: another date in WHOIS is a disagreement, and changes nothing (D4)."""
    company.own("mina.ir")
    company.let("mina.ir", WHOIS, expires=NEXT_YEAR)
    company.nights(2)
    assert company.domain("mina.ir").registry_expires_at == EXPIRES
    assert company.findings() == {"sources_disagree": ["domain:mina.ir"]}


def test_p14_a_temporary_date_is_no_expiry(company: Company) -> None:
    """P14: the date of some ten days that IRNIC shows before it approves is no expiry (D4)."""
    company.own("mina.ir", expires=None)
    soon = FIRST_NIGHT + timedelta(days=10)
    company.let("mina.ir", REGISTRAR, expires=soon, expiry_is_temporary=True)
    company.let("mina.ir", WHOIS, expires=None)
    company.nights(2)
    assert company.domain("mina.ir").registry_expires_at is None


def test_p17_a_source_that_gives_no_date_any_more_stops_the_run(company: Company) -> None:
    """P17: when a registry's answers lose their dates overnight, the run stops and says so; no date is taken away."""
    names = [f"n{number}.com" for number in range(40)]
    company.own(*names)
    company.night()
    for name in names:
        company.let(name, RDAP, expires=None)
    run = company.night()
    assert run.state is RunState.STOPPED
    assert run.counts[ChangeKind.DATE_MISSING] == 40
    assert {company.domain(name).registry_expires_at for name in names} == {EXPIRES}
    assert company.night().state is RunState.STOPPED
    assert company.findings() == {"sync_stopped": ["sync"]}
    assert len(company.open_changes()) == 40
    company.reject(*(change.id for change in company.open_changes()))
    assert company.night().state is RunState.DONE
    assert company.findings() == {}


def test_p17_one_name_without_its_date_is_told_of(company: Company) -> None:
    """P17: of a single name whose date is not told any more staff hear once; the date that we have stands."""
    company.own("mina.com")
    company.night()
    company.let("mina.com", RDAP, expires=None)
    company.nights(2)
    assert company.domain("mina.com").registry_expires_at == EXPIRES
    assert company.findings()["date_missing"] == ["domain:mina.com"]
    company.let("mina.com", RDAP)
    company.night()
    assert company.findings() == {}


def _expiry(at: datetime) -> Expiry:
    return Expiry(at, at.isoformat())


def _everything(company: Company) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table; of the books without when they were last confirmed."""
    found = {}
    with company.database.reading() as connection:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in connection.execute(select(table))]
            found[table.name] = [
                {column: value for column, value in row.items() if column != "confirmed_at"} for row in rows
            ]
    return found


def _leave(company: Company) -> None:
    """Let the registrar and the public record say that the name is with somebody else."""
    company.let("mina.com", RDAP, sponsor="Another Registrar")
    company.let("mina.com", REGISTRAR, ours=False)


def _complete(company: Company, *, expires: datetime, kind: str = "renew") -> None:
    """Have an order of the name done now, and the public record show its date."""
    order_id = company.order("mina.com", kind=kind, state="completed", expires_at=expires)
    dates = {"registry_expires_at": expires, "paid_through": expires, "confirmed_at": company.now}
    company.change("mina.com", order_id=order_id, doubted_at=None, doubted_why=None, **dates)
    company.let("mina.com", RDAP, expires=expires)
    company.now += timedelta(hours=6)
