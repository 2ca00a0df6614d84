"""Do orders wait under a hold without loss, and do the clocks stand still under force majeure alone (O3, O2)?"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from registrar import holds
from registrar.agreement.delivery import moved, stopped_for
from registrar.holds import HoldKind, HoldRefusedError
from registrar.models import Domain, Order
from registrar.orders import deadlines, sweeping
from registrar.orders.states import State
from tests.agreement.books import events, findings, hold, let_go, look_after, plan_hold
from tests.agreement.conftest import EXPIRES
from tests.agreement.rulebook import standard
from tests.core.far_side import FarSide
from tests.core.story import Shop, disagreements

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
PAID = datetime(2026, 3, 1, 8, tzinfo=UTC)
DUE = PAID + 2 * DAY


@pytest.mark.parametrize(
    ("stops", "later"),
    [
        ([], timedelta(0)),
        ([(PAID + DAY, PAID + DAY + HOUR)], HOUR),
        ([(PAID - DAY, PAID + HOUR)], HOUR),
        ([(PAID + HOUR, PAID + 3 * HOUR), (PAID + 2 * HOUR, PAID + 4 * HOUR)], 3 * HOUR),
        ([(DUE - SECOND, DUE + DAY)], DAY + SECOND),
        ([(DUE, DUE + DAY)], timedelta(0)),
        ([(PAID + HOUR, PAID + 2 * HOUR), (DUE, DUE + DAY)], HOUR + DAY),
        ([(PAID + HOUR, PAID + 2 * HOUR), (DUE + HOUR, DUE + DAY)], HOUR),
        ([(PAID + DAY, None)], 9 * DAY),
        ([(PAID + 11 * DAY, None)], timedelta(0)),
    ],
)
def test_a_deadline_moves_by_what_stood_still_before_it(
    stops: list[tuple[datetime, datetime | None]], later: timedelta
) -> None:
    """A stop that begins before the deadline is reached moves it by its whole length; one that begins at it, or after, not."""
    assert moved(DUE, PAID, PAID + 10 * DAY, stops) == DUE + later
    assert moved(DUE, PAID, PAID + 10 * DAY, stops[::-1]) == DUE + later


def test_a_span_counts_what_stood_still_once() -> None:
    """Stops that overlap are counted once, and what lies outside the span not at all."""
    stops = [(PAID, PAID + 2 * HOUR), (PAID + HOUR, PAID + 3 * HOUR), (PAID + 5 * HOUR, None)]
    assert stopped_for(PAID + HOUR, PAID + 6 * HOUR, stops) == 3 * HOUR


@pytest.mark.parametrize("scope", ["far", "zone:test", "*"])
@pytest.mark.parametrize("kind", list(HoldKind))
def test_an_order_waits_while_its_scope_is_on_hold(
    shop: Shop, far: FarSide, scope: str, kind: HoldKind
) -> None:
    """Under a hold on its registrar, its zone or everything an order waits, is not refused, and is done after the release."""
    order = shop.place()
    hold(shop, scope, kind)
    shop.work(order)
    shop.clock.skip(40 * DAY)
    shop.work(order)
    assert (shop.state(order), far.charges) == (State.PLACED, [])
    assert "on hold" in shop.row(order).waiting_reason
    let_go(shop, scope)
    assert shop.row(order).due_at == shop.clock.now
    assert findings(shop, "registrar_on_hold") == []
    shop.work(order)
    assert shop.state(order) is State.COMPLETED


@pytest.mark.parametrize("scope", ["near", "zone:com", "zone:est"])
def test_another_scope_stops_nothing(shop: Shop, scope: str) -> None:
    """A hold on another registrar or zone is none of this order's."""
    hold(shop, scope)
    order = shop.place()
    shop.run(days=1)
    assert shop.state(order) is State.COMPLETED
    assert disagreements(shop) == []


def test_a_release_lets_orders_go_in_the_order_of_their_promises(shop: Shop, far: FarSide) -> None:
    """What was promised first goes first, whatever came in first."""
    far.own("sara.test", EXPIRES)
    hold(shop, "*")
    late = shop.place(name="mina.test", payment=paid("2026-03-01T07:59:00Z"))
    early = shop.place(name="sara.test", payment=paid("2026-03-01T07:00:00Z"))
    for order in (late, early):
        shop.work(order)
    let_go(shop, "*")
    with shop.database.transaction() as connection:
        due = sweeping.take_due(
            connection, "far", limit=5, outstanding=5, now=shop.clock.now, rung_for=timedelta(seconds=30)
        )
    assert [order for order, _ in due] == [early, late]


def test_force_majeure_moves_what_was_promised_and_an_outage_does_not(shop: Shop) -> None:
    """Ten days of force majeure move both dates of the order by ten days; ten days of an outage move neither."""
    order = shop.place(payment=paid("2026-03-01T08:00:00Z"))
    promised = dates(shop, order)
    hold(shop, "far", HoldKind.OPERATIONAL)
    shop.clock.skip(10 * DAY)
    let_go(shop, "far")
    assert dates(shop, order) == promised
    another = shop.place(name="sara.test", payment=paid("2026-03-11T08:00:00Z"))
    before = dates(shop, another)
    hold(shop, "zone:test", HoldKind.FORCE_MAJEURE)
    shop.clock.skip(10 * DAY)
    assert dates(shop, another) == tuple(date + 10 * DAY for date in before)
    let_go(shop, "zone:test")
    shop.clock.skip(100 * DAY)
    assert dates(shop, another) == tuple(date + 10 * DAY for date in before)
    assert dates(shop, order)[0] == promised[0], "its delivery time was over before it began"


def test_force_majeure_needs_evidence(shop: Shop) -> None:
    """Nobody stops the clocks of what was promised without saying on which evidence."""
    with pytest.raises(HoldRefusedError, match="evidence"), shop.database.transaction() as connection:
        holds.put_by_hand(
            connection,
            "*",
            reason="it is said",
            now=shop.clock.now,
            actor="staff:sara",
            ticket="T-1",
            kind=HoldKind.FORCE_MAJEURE,
        )
    assert holds_on(shop) == []


def test_who_declared_it_on_which_evidence_can_be_told(shop: Shop) -> None:
    """A declaration carries who made it, the ticket and the evidence."""
    hold(shop, "zone:test", HoldKind.FORCE_MAJEURE)
    [declared] = events(shop, "registrar.held_by_hand")
    assert (declared["subject"], declared["actor"], declared["ticket"]) == ("zone:test", "staff:sara", "T-1")
    assert declared["evidence"]["evidence"] == "circular 12 of the Internet commission"


@pytest.mark.parametrize(
    ("ahead", "urgent", "refused"),
    [
        (DAY - SECOND, False, "announced_too_late"),
        (DAY, False, None),
        (31 * DAY, False, None),
        (31 * DAY + SECOND, False, "announced_too_early"),
        (HOUR, True, None),
        (31 * DAY + SECOND, True, "announced_too_early"),
        (timedelta(0), True, "hold_in_the_past"),
    ],
)
def test_a_planned_hold_is_announced_in_time(
    shop: Shop, ahead: timedelta, urgent: bool, refused: str | None
) -> None:
    """A planned hold is announced a day to a month before, to the second; an urgent one is exempt from the day."""
    if refused is None:
        plan_hold(shop, "far", ahead, urgent=urgent)
        assert [on.since for on in holds_on(shop)] == [shop.clock.now + ahead]
        return
    with pytest.raises(HoldRefusedError) as error:
        plan_hold(shop, "far", ahead, urgent=urgent)
    assert error.value.code == refused
    assert ":" not in str(error.value)
    assert holds_on(shop) == []


def test_a_planned_hold_begins_when_it_was_announced_for(shop: Shop) -> None:
    """Until it begins orders go on; from then on they wait, and its announcement can be taken back."""
    plan_hold(shop, "zone:test", 2 * DAY)
    before = shop.place()
    shop.run(days=1)
    assert shop.state(before) is State.COMPLETED
    shop.clock.skip(2 * DAY)
    after = shop.place(expected_expiry="any")
    shop.work(after)
    assert shop.state(after) is State.PLACED
    with pytest.raises(HoldRefusedError, match="announced already"):
        plan_hold(shop, "zone:test", 2 * DAY)
    assert let_go(shop, "zone:test") == 1


def test_a_hold_withdrawn_before_it_began_stopped_no_clock(shop: Shop) -> None:
    """An announcement that was taken back in time moves nothing."""
    with shop.database.transaction() as connection:
        holds.announce(
            connection,
            "*",
            since=shop.clock.now + 2 * DAY,
            urgent=False,
            rules=standard().at(shop.clock.now).common.conduct,
            reason="exams: the lines are cut",
            now=shop.clock.now,
            actor="staff:sara",
            ticket="T-1",
            kind=HoldKind.FORCE_MAJEURE,
            evidence="letter 7",
        )
    let_go(shop, "*")
    shop.clock.skip(5 * DAY)
    with shop.database.reading() as connection:
        assert holds.stops(connection, "far", "test", PAID, shop.clock.now) == []


def test_a_deposits_probe_leaves_an_announced_hold_standing(shop: Shop) -> None:
    """An order that shows the deposit to be there again ends the deposit's hold, and no announcement."""
    plan_hold(shop, "far", 5 * DAY)
    with shop.database.transaction() as connection:
        holds.put(
            connection,
            "far",
            "deposit",
            reason="empty",
            now=shop.clock.now,
            probe_after=timedelta(minutes=10),
        )
    order = shop.place()
    shop.clock.skip(HOUR)
    shop.work(order)
    assert shop.state(order) is State.COMPLETED
    assert [on.cause for on in holds_on(shop)] == ["planned"]


def test_a_renewal_whose_window_closes_while_it_waits_is_shown_in_time(shop: Shop) -> None:
    """Three days before a limit the waiting renewal is a finding; once it is done the finding is gone (O3)."""
    look_after(shop, until=EXPIRES)
    shop.clock.now = EXPIRES + 3 * DAY
    order = shop.place(payment=paid(shop.clock.now.isoformat()))
    hold(shop, "far")
    shop.work(order)
    assert closing(shop, within=4 * DAY - SECOND) == []
    assert closing(shop, within=4 * DAY) == [(order, "committed", EXPIRES + 7 * DAY)]
    watch(shop, within=4 * DAY)
    assert findings(shop, deadlines.WINDOW_CLOSES) == [f"order:{order}"]
    let_go(shop, "far")
    shop.run(days=1)
    assert shop.state(order) is State.COMPLETED
    watch(shop, within=4 * DAY)
    assert findings(shop, deadlines.WINDOW_CLOSES) == []


def test_the_registrars_own_window_is_watched_beside_the_agreements(shop: Shop) -> None:
    """No clock of ours stops a registrar's: its own last day for the renewal is shown, force majeure or not (O3, D2)."""
    look_after(shop, until=EXPIRES)
    order = shop.place(payment=paid(shop.clock.now.isoformat()))
    renew_by = shop.clock.now + 2 * DAY
    with shop.database.transaction() as connection:
        connection.execute(update(Domain).values(renew_by=renew_by))
    hold(shop, "zone:test", HoldKind.FORCE_MAJEURE)
    assert closing(shop, within=2 * DAY) == [(order, "renew_by", renew_by)]
    shop.clock.skip(2 * DAY + SECOND)
    assert closing(shop, within=2 * DAY) == [], "what is over cannot be met any more"


def test_orders_past_their_delivery_time_are_listed(shop: Shop) -> None:
    """An order is listed from the second after its delivery time, and not while force majeure lasts (O2, O3)."""
    order = shop.place(payment=paid("2026-03-01T08:00:00Z"))
    hold(shop, "far")
    due_by, _ = dates(shop, order)
    assert overdue(shop, due_by) == []
    assert overdue(shop, due_by + SECOND) == [order]
    hold(shop, "*", HoldKind.FORCE_MAJEURE)
    assert overdue(shop, due_by + SECOND) == []


def test_an_order_of_before_the_agreement_is_watched_by_its_name(shop: Shop) -> None:
    """A renewal that was waiting before anything was promised with it is found too, by the date in our books (E3)."""
    look_after(shop, until=EXPIRES)
    order = shop.place(payment=paid("2026-03-01T08:00:00Z"))
    hold(shop, "far")
    with shop.database.transaction() as connection:
        connection.execute(update(Order).values(promise=None, due_by=None, cancellable_from=None))
        deadlines.watch_unmoved(connection, standard(), now=EXPIRES)
    assert findings(shop, deadlines.RENEWAL_UNMOVED) == []
    with shop.database.transaction() as connection:
        deadlines.watch_unmoved(connection, standard(), now=EXPIRES + SECOND)
    assert findings(shop, deadlines.RENEWAL_UNMOVED) == [f"order:{order}"]


def paid(at: str) -> dict[str, str]:
    """Return a payment made outside at an instant."""
    return {"source": "outside", "paid_at": at, "reference": f"receipt-{at}"}


def dates(shop: Shop, order: int) -> tuple[datetime, datetime]:
    """Return an order's two dates as they stand now."""
    with shop.database.reading() as connection:
        due_by, cancellable_from = holds.dates(connection, shop.row(order, connection), shop.clock.now)
    assert due_by is not None
    assert cancellable_from is not None
    return due_by, cancellable_from


def holds_on(shop: Shop) -> list[holds.OpenHold]:
    """Return the holds that are on or announced."""
    with shop.database.reading() as connection:
        return holds.list_open(connection)


def closing(shop: Shop, *, within: timedelta) -> list[tuple[int, str, datetime]]:
    """Return the renewals whose window closes within a time."""
    with shop.database.reading() as connection:
        found = deadlines.closing(connection, standard(), shop.clock.now, within)
    return [(one.order_id, one.limit, one.closes_at) for one in found]


def watch(shop: Shop, *, within: timedelta) -> None:
    """Keep the findings of windows that close."""
    with shop.database.transaction() as connection:
        deadlines.watch_windows(connection, standard(), now=shop.clock.now, within=within)


def overdue(shop: Shop, now: datetime) -> list[int]:
    """Return the orders that are overdue at an instant."""
    with shop.database.reading() as connection:
        return [one.order_id for one in deadlines.overdue(connection, now)]
