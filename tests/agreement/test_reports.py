"""Is a customer's report stamped right, to the second, and does the software see it first (E3, O8, O9, C2)?"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from registrar import reports
from registrar.agreement.reporting import OrderDates, ReportKind, deadline, is_documentary
from registrar.commands import Kind
from registrar.holds import HoldKind
from registrar.orders import deadlines
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import State
from registrar.reports import Report
from tests.agreement.books import events, findings, hold, let_go, look_after
from tests.agreement.conftest import EXPIRES
from tests.agreement.rulebook import standard
from tests.core.far_side import FarSide
from tests.core.story import Shop

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
RULES = standard().at(EXPIRES).rules("test")
PAID = EXPIRES - 5 * DAY


@pytest.mark.parametrize(
    ("kind", "dates", "expected"),
    [
        (ReportKind.RENEWAL_NOT_DONE, OrderDates(PAID, EXPIRES, None, None), EXPIRES + 7 * DAY),
        (ReportKind.RENEWAL_NOT_DONE, OrderDates(EXPIRES + DAY, EXPIRES, None, None), EXPIRES + 8 * DAY),
        (ReportKind.RENEWAL_NOT_DONE, OrderDates(PAID, None, None, None), None),
        (ReportKind.NOT_DELIVERED, OrderDates(PAID, EXPIRES, PAID + 2 * DAY, None), PAID + 4 * DAY),
        (ReportKind.NOT_DELIVERED, OrderDates(PAID, EXPIRES, None, None), None),
        (ReportKind.DIFFERS, OrderDates(PAID, EXPIRES, None, PAID + DAY), PAID + 8 * DAY),
        (ReportKind.DIFFERS, OrderDates(PAID, EXPIRES, None, None), None),
    ],
)
def test_each_report_counts_from_its_own_day(
    kind: ReportKind, dates: OrderDates, expected: datetime | None
) -> None:
    """A renewal's week runs from expiry, or a later payment; two days from the delivery time; a week from completion."""
    assert deadline(kind, dates, RULES.delivery) == expected


@pytest.mark.parametrize(
    ("kind", "channel", "binds"),
    [
        (ReportKind.RENEWAL_NOT_DONE, "support", True),
        (ReportKind.RENEWAL_NOT_DONE, "fax", False),
        (ReportKind.RENEWAL_NOT_DONE, "email", False),
        (ReportKind.NOT_DELIVERED, "fax", True),
        (ReportKind.NOT_DELIVERED, "email", False),
        (ReportKind.DIFFERS, "portal", True),
    ],
)
def test_mail_alone_binds_nowhere_and_a_renewal_wants_support(
    kind: ReportKind, channel: str, binds: bool
) -> None:
    """Where the clause asks for support nothing else binds, and an e-mail binds nowhere (C2, E3)."""
    assert is_documentary(kind, channel, RULES.conduct) is binds


@pytest.mark.parametrize(("after", "in_time"), [(timedelta(0), True), (SECOND, False)])
def test_a_renewal_that_was_not_done_is_reported_within_a_week_of_expiry(
    shop: Shop, after: timedelta, in_time: bool
) -> None:
    """Seven days after expiry to the second it is in time, a second later it is late; staff hear of both (E3)."""
    look_after(shop, until=EXPIRES)
    order = shop.place()
    shop.clock.now = EXPIRES + 7 * DAY + after
    filed = report(shop, order, ReportKind.RENEWAL_NOT_DONE)
    assert (filed.in_time, filed.deadline, filed.documentary) == (in_time, EXPIRES + 7 * DAY, True)
    assert findings(shop, reports.REPORTED) == [f"order:{order}"]
    [told] = events(shop, "report.filed")
    assert (told["ticket"], told["evidence"]["in_time"]) == ("T-7", in_time)
    assert "nothing came" not in str(told), "the customer's own words stay in the report"


@pytest.mark.parametrize(("after", "in_time"), [(timedelta(0), True), (SECOND, False)])
def test_nothing_came_is_reported_within_two_days(shop: Shop, after: timedelta, in_time: bool) -> None:
    """It cannot be reported before the delivery time has ended, and is late two days after it (O8)."""
    order = shop.place(payment=paid(shop.clock.now))
    due_by = shop.clock.now + 2 * DAY
    shop.clock.now = due_by
    with pytest.raises(ActRefusedError, match="lasts until"):
        report(shop, order, ReportKind.NOT_DELIVERED)
    shop.clock.now = due_by + 2 * DAY + after
    assert report(shop, order, ReportKind.NOT_DELIVERED).in_time is in_time


def test_force_majeure_moves_the_days_of_a_report_too(shop: Shop) -> None:
    """What stopped the delivery time stopped the customer's two days with it (O3, O8)."""
    order = shop.place(payment=paid(shop.clock.now))
    due_by = shop.clock.now + 2 * DAY
    hold(shop, "*", HoldKind.FORCE_MAJEURE)
    shop.clock.skip(10 * DAY)
    let_go(shop, "*")
    with pytest.raises(ActRefusedError, match="lasts until"):
        report(shop, order, ReportKind.NOT_DELIVERED)
    shop.clock.now = due_by + 10 * DAY + SECOND
    assert report(shop, order, ReportKind.NOT_DELIVERED).deadline == due_by + 12 * DAY


@pytest.mark.parametrize(
    ("after", "in_time", "consequence"),
    [(timedelta(0), True, "it is in time"), (SECOND, False, "for the remaining term only")],
)
def test_what_differs_is_reported_within_a_week(
    shop: Shop, after: timedelta, in_time: bool, consequence: str
) -> None:
    """A week after it was set up to the second it is in time; later it is put right for the remaining term only (O9)."""
    order = shop.place()
    with pytest.raises(ActRefusedError, match="nothing was delivered"):
        report(shop, order, ReportKind.DIFFERS)
    shop.work(order)
    shop.clock.skip(7 * DAY + after)
    filed = report(shop, order, ReportKind.DIFFERS)
    assert filed.in_time is in_time
    assert consequence in reports.consequence(filed)


def test_a_report_makes_a_waiting_order_due_and_moves_nobody_back(shop: Shop) -> None:
    """The reported order is looked at once, in its own place in line, and who acts is asked for a finding."""
    order = shop.place(payment=paid(shop.clock.now))
    hold(shop, "far")
    shop.clock.skip(2 * DAY + SECOND)
    shop.work(order)
    before = shop.row(order)
    assert before.due_at > shop.clock.now
    report(shop, order, ReportKind.NOT_DELIVERED)
    after = shop.row(order)
    assert (after.due_at, after.promise_by) == (shop.clock.now, before.promise_by)


def test_a_ticket_reports_a_thing_once(shop: Shop) -> None:
    """The same ticket again is the same report, with its first stamp; another ticket is another."""
    order = shop.place(payment=paid(shop.clock.now))
    shop.clock.skip(2 * DAY + SECOND)
    first = report(shop, order, ReportKind.NOT_DELIVERED)
    shop.clock.skip(30 * DAY)
    again = report(shop, order, ReportKind.NOT_DELIVERED)
    assert again == first._replace(repeated=True)
    assert report(shop, order, ReportKind.NOT_DELIVERED, ticket="T-8").in_time is False
    with shop.database.reading() as connection:
        assert [one.ticket for one in reports.list_of(connection, order)] == ["T-7", "T-8"]
    assert len(events(shop, "report.filed")) == 2


def test_what_cannot_be_reported_is_refused(shop: Shop, far: FarSide) -> None:
    """A registration renews nothing, a credited order owes nothing, an unknown channel binds nobody."""
    registration = shop.place(Kind.REGISTER, "nika.test")
    with pytest.raises(ActRefusedError, match="renews nothing"):
        report(shop, registration, ReportKind.RENEWAL_NOT_DONE)
    with pytest.raises(RequestRefusedError, match="channel is one of"):
        report(shop, registration, ReportKind.DIFFERS, channel="pigeon")
    with pytest.raises(ActRefusedError, match="no order 77"):
        report(shop, 77, ReportKind.DIFFERS)
    far.own("taken.test", EXPIRES, sponsor="another registrar")
    refused = shop.place(Kind.REGISTER, "taken.test")
    shop.work(refused)
    assert shop.state(refused) is State.REFUSED
    with pytest.raises(ActRefusedError, match="credited"):
        report(shop, refused, ReportKind.NOT_DELIVERED)


def test_a_paid_renewal_that_has_not_moved_is_found_before_its_customer_says_so(shop: Shop) -> None:
    """The second after expiry an open renewal is a finding with the time that is left; done, it is closed (E3)."""
    look_after(shop, until=EXPIRES)
    shop.clock.now = EXPIRES - DAY
    order = shop.place(payment=paid(shop.clock.now))
    for moment, found in ((EXPIRES, []), (EXPIRES + SECOND, [f"order:{order}"])):
        shop.clock.now = moment
        watch_unmoved(shop)
        assert findings(shop, deadlines.RENEWAL_UNMOVED) == found
    [(text,)] = shop.ask("SELECT text FROM findings WHERE kind = 'renewal_unmoved'")
    assert "6 days 23 hours are left until `committed`" in text
    shop.work(order)
    assert shop.state(order) is State.COMPLETED
    watch_unmoved(shop)
    assert findings(shop, deadlines.RENEWAL_UNMOVED) == []


def test_a_renewal_past_its_delivery_time_is_found_too(shop: Shop) -> None:
    """Long before expiry a renewal that is overdue is a finding; one that is still in time is none (E3, O2)."""
    look_after(shop, until=EXPIRES)
    order = shop.place(payment=paid(shop.clock.now))
    shop.clock.skip(2 * DAY)
    watch_unmoved(shop)
    assert findings(shop, deadlines.RENEWAL_UNMOVED) == []
    shop.clock.skip(SECOND)
    watch_unmoved(shop)
    assert findings(shop, deadlines.RENEWAL_UNMOVED) == [f"order:{order}"]


def paid(at: datetime) -> dict[str, str]:
    """Return a payment made outside."""
    return {"source": "outside", "paid_at": at.isoformat(), "reference": "receipt-1"}


def report(
    shop: Shop, order: int, kind: ReportKind, *, ticket: str = "T-7", channel: str = "support", **more: Any
) -> Report:
    """Report something about an order, now."""
    body = {"kind": str(kind), "ticket": ticket, "channel": channel, "text": "nothing came", **more}
    given = reports.parse_report(body, now=shop.clock.now)
    with shop.database.transaction() as connection:
        return reports.file(
            connection, order, given, rules=standard(), actor="staff:sara", now=shop.clock.now
        )


def watch_unmoved(shop: Shop) -> None:
    """Keep the findings of paid renewals that have not moved."""
    with shop.database.transaction() as connection:
        deadlines.watch_unmoved(connection, standard(), now=shop.clock.now)
