"""What becomes of each line of an order that came to nothing, in every way in which it can (D5, D6, E4, F2, O2, O10)?"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from registrar.agreement.compensation import Ceiling
from registrar.agreement.failure import (
    Became,
    Ending,
    GiftBack,
    LineKind,
    Modes,
    fate_of_line,
    fate_of_name,
    gift_back,
)
from registrar.agreement.quoting import instant_text
from registrar.agreement.rules import DependentLines, Late
from registrar.commands import RENEWALS, Kind
from registrar.ledger import CASH, REPURCHASE, gift_bucket, gift_end, is_gift, is_good
from registrar.money import Money

NOW = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
TODAY = NOW.date()
FORFEITED = (Became.FORFEITED, "the order was ended for breach")
NOT_DELIVERED = (Became.CREDITED, "the name was not delivered")
DECIDED_LATER = (Became.UNDECIDED, "whether a failed renewal is credited is being decided")
KEPT = (Became.KEPT, "it was delivered")
NOT_REFUNDABLE = (Became.KEPT, "it is not refundable")
CREDITED = (Became.CREDITED, "it was not delivered")
HE_DECIDES = (Became.UNDECIDED, "you decide whether it is credited or goes on")
WE_DECIDE = (Became.UNDECIDED, "whether it is credited is being decided")


@pytest.fixture
def tehran(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the machine's own clock show Tehran's time: nothing that is written or compared may lean on it."""
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Asia/Tehran")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    assert os.environ.get("TZ") == before


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("renewals_credited", [True, False])
@pytest.mark.parametrize("ending", list(Ending))
def test_the_name_s_price_comes_back_unless_the_agreement_says_otherwise(
    kind: Kind, ending: Ending, *, renewals_credited: bool
) -> None:
    """A name that was not delivered is credited; only a breach takes it, and only a failed renewal may be decided later (D5)."""
    undecided = ending is Ending.FAILED and kind in RENEWALS and not renewals_credited
    expected = {Ending.BREACH: FORFEITED}.get(ending, DECIDED_LATER if undecided else NOT_DELIVERED)
    assert fate_of_name(kind, ending, Modes(credit_failed_renewal=renewals_credited)) == expected


@pytest.mark.parametrize(
    ("line", "refundable", "delivered", "mode", "fate"),
    [
        (LineKind.SERVICE, True, False, DependentLines.AUTO, CREDITED),
        (LineKind.SERVICE, True, False, DependentLines.ASK_CUSTOMER, HE_DECIDES),
        (LineKind.SERVICE, True, False, DependentLines.STAFF, WE_DECIDE),
        (LineKind.SERVICE, True, True, DependentLines.AUTO, KEPT),
        (LineKind.SERVICE, True, True, DependentLines.STAFF, KEPT),
        (LineKind.SERVICE, False, False, DependentLines.AUTO, NOT_REFUNDABLE),
        (LineKind.SERVICE, False, False, DependentLines.ASK_CUSTOMER, NOT_REFUNDABLE),
        (LineKind.SERVICE, False, True, DependentLines.AUTO, KEPT),
        (LineKind.FEE, True, False, DependentLines.AUTO, CREDITED),
        (LineKind.FEE, True, False, DependentLines.ASK_CUSTOMER, CREDITED),
        (LineKind.FEE, True, False, DependentLines.STAFF, CREDITED),
        (LineKind.FEE, False, False, DependentLines.STAFF, NOT_REFUNDABLE),
    ],
)
@pytest.mark.parametrize("ending", [Ending.FAILED, Ending.CANCELLED])
def test_a_line_beside_the_name_goes_where_it_was_promised_to(
    line: LineKind,
    mode: DependentLines,
    ending: Ending,
    fate: tuple[Became, str],
    *,
    refundable: bool,
    delivered: bool,
) -> None:
    """What was delivered or is not refundable stays; else fees come back, and services as the agreement's mode says (D6, E4)."""
    modes = Modes(dependent_lines=mode)
    told = fate_of_line(line, refundable=refundable, delivered=delivered, ending=ending, modes=modes)
    assert told == fate


@pytest.mark.parametrize("delivered", [True, False])
def test_a_breach_takes_every_line(delivered: bool) -> None:
    """Of an order that was ended for breach nothing is paid back, whatever the line (O10)."""
    fate = fate_of_line(
        LineKind.SERVICE, refundable=True, delivered=delivered, ending=Ending.BREACH, modes=Modes()
    )
    assert fate == FORFEITED


@pytest.mark.parametrize(
    ("ending", "comes_back"),
    [(Ending.FAILED, True), (Ending.CANCELLED, False), (Ending.BREACH, False)],
)
@pytest.mark.parametrize("promised", [True, False])
def test_gift_comes_back_from_our_failure_alone(ending: Ending, *, comes_back: bool, promised: bool) -> None:
    """Gift is not counted in what is given back, but for a failure of ours, where that was promised (F2)."""
    back = gift_back(TODAY, now=NOW, ending=ending, modes=Modes(gift_on_failure=promised))
    given = comes_back and promised
    assert back == GiftBack(lapses=not given, end=TODAY if given else None)
    assert back.lapses is not given


def test_a_gift_s_day_ends_in_utc_wherever_the_machine_stands(tehran: None) -> None:
    """In Tehran it is tomorrow already; his gift is still good, and is extended from the same day (F2)."""
    modes = Modes(gift_expired=Late.EXTEND, gift_extension=timedelta(days=30))
    assert gift_back(TODAY, now=NOW, ending=Ending.FAILED, modes=modes).end == TODAY
    yesterday = TODAY - timedelta(days=1)
    assert gift_back(yesterday, now=NOW, ending=Ending.FAILED, modes=modes).end == date(2026, 12, 22)


@pytest.mark.parametrize("end", [TODAY, TODAY - timedelta(days=1), None])
def test_a_bucket_of_gift_says_to_which_day_it_is_good(tehran: None, end: date | None) -> None:
    """Gift is told from money by its bucket alone, and can be spent to the end of its last day in UTC (F2)."""
    bucket = gift_bucket(end)
    assert (is_gift(bucket), gift_end(bucket)) == (True, end)
    assert is_good(bucket, NOW) is (end in (None, TODAY))
    assert [is_gift(CASH), is_gift(REPURCHASE)] == [False, False]


def test_an_instant_is_told_in_utc_wherever_the_machine_stands(tehran: None) -> None:
    """What an answer, an order's promise and its proof say is the same text on every machine (D2)."""
    assert instant_text(NOW) == "2026-11-22T23:59:00Z"


def test_an_order_of_before_there_were_promises_is_credited_in_full() -> None:
    """Without a promise everything comes back that can, and gift whose end has passed lapses (D5)."""
    assert Modes.of(None) == Modes(
        credit_failed_renewal=True,
        dependent_lines=DependentLines.AUTO,
        gift_on_failure=True,
        gift_expired=Late.LAPSE,
        gift_extension=timedelta(0),
    )


def test_what_was_promised_at_placement_is_what_holds_at_the_end() -> None:
    """Each mode is read from the order's own promise, whatever the rules say by then (A1)."""
    promise = {
        "credit_failed_renewal": False,
        "dependent_lines": "staff",
        "gift_on_failure": False,
        "gift_expired": "extend",
        "gift_extension_days": 45,
    }
    assert Modes.of(promise) == Modes(
        credit_failed_renewal=False,
        dependent_lines=DependentLines.STAFF,
        gift_on_failure=False,
        gift_expired=Late.EXTEND,
        gift_extension=timedelta(days=45),
    )


@pytest.mark.parametrize(
    ("delivered", "used", "work", "returned", "most"),
    [
        (0, 0, 0, 0, 100),
        (10, 0, 0, 0, 90),
        (0, 20, 0, 0, 80),
        (0, 0, 30, 0, 70),
        (0, 0, 0, 40, 60),
        (10, 20, 30, 39, 1),
        (10, 20, 30, 40, 0),
        (10, 20, 30, 41, 0),
    ],
)
def test_damages_are_what_is_left_of_the_cost(
    *, delivered: int, used: int, work: int, returned: int, most: int
) -> None:
    """The cost less what was delivered, the time used, the work and what went back already; never less than nothing (F4)."""
    parts = (Money(part, "IRR") for part in (100, delivered, used, work, returned))
    assert Ceiling(*parts).most == Money(most, "IRR")
