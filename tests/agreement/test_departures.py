"""Does a name leave when its holder asks, is its code handed out once, and is it stopped on a ground and on nothing else (D7)?"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from registrar import departures
from registrar.agreement.departing import Ground
from registrar.agreement.rules import RuleBook
from registrar.claims import acts
from registrar.commands import Kind, TransferAnswer
from registrar.departures import DepartureState, Way
from registrar.gateway import Away, RegistrarMessage
from registrar.models import CustomerHold
from registrar.money import Money
from registrar.orders import messages
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import MoveLostError
from registrar.statuses import Status
from tests.agreement.books import events, findings, owe
from tests.agreement.claims_story import Dispute
from tests.agreement.departures_story import (
    BOOKLESS,
    CAN,
    CANNOT_REJECT,
    MAILS_CODES,
    MINA,
    PAID_THROUGH,
    SETS_CODES,
    Leaving,
)
from tests.agreement.rulebook import standard
from tests.core.far_side import AUTH_CODE
from tests.core.story import at_once, opened

Opened = Callable[..., Leaving]
SECOND = timedelta(seconds=1)
ANOTHER_REGISTRAR_ASKS = RegistrarMessage(
    "m-1", "2026-03-01", "asked", domain=MINA.ascii, attention="away", away=Away.ASKED
)


@pytest.fixture
def opens(database_url: str) -> Iterator[Opened]:
    """Give a holder who wants to go, at a registrar that can do this or that."""
    with opened(database_url) as database:
        yield lambda can=CAN: Leaving(database, can=can)


@pytest.fixture
def leaving(opens: Opened) -> Leaving:
    """Give a holder who wants to go, at a registrar that can do all of it."""
    return opens()


def claimed(leaving: Leaving) -> Dispute:
    """Let a third party's claim to the name be heard, at the same registry."""
    dispute = Dispute(leaving.database, leaving.far)
    dispute.proceeding()
    return dispute


def hold_for_identity(leaving: Leaving, *, holder_in_doubt: bool) -> None:
    """Put the customer on hold until his documents are there."""
    with leaving.database.transaction() as connection:
        connection.execute(
            insert(CustomerHold).values(
                customer="customer-1",
                cause="identity",
                holder_in_doubt=holder_in_doubt,
                reason="documents",
                since=leaving.now,
            )
        )


def hears(leaving: Leaving, message: RegistrarMessage = ANOTHER_REGISTRAR_ASKS) -> int | None:
    """Let the registry say something."""
    with leaving.database.transaction() as connection:
        messages.store(connection, "far", message, now=leaving.now)
        return departures.hear(connection, "far", message, now=leaving.now)


def with_fee(fee: Money) -> RuleBook:
    """Return the shipped rules, with a fee for leaving."""
    [version] = standard().versions
    common = replace(version.common, departures=replace(version.common.departures, fee=fee))
    return RuleBook([replace(version, common=common)])


def everything_kept(leaving: Leaving) -> str:
    """Return all that the books hold of departures, events, findings and orders, as text."""
    tables = ("departures", "events", "findings", "orders", "attempts", "looks")
    return str([leaving.shop.ask(f"SELECT * FROM {table}") for table in tables])


def test_a_name_leaves_from_the_request_to_its_end(leaving: Leaving) -> None:
    """He asks; our lock is taken off by an order that a look confirms; he gets his code; five days later the name is gone."""
    assert leaving.asks().state == DepartureState.UNLOCKING
    leaving.run(days=1 / 24)
    assert (leaving.state(), leaving.locked()) == (DepartureState.CODE_DUE, False)
    code = leaving.code()
    assert (code.way, code.value and code.value.reveal()) == (Way.SHOWN, AUTH_CODE)
    leaving.far.ask_away(MINA.ascii)
    leaving.run(days=6)
    assert leaving.state() is DepartureState.LEFT
    assert leaving.domain().gone_why == "transferred_out"
    assert leaving.domain().gone_at is not None
    assert [kind for kind, _ in leaving.orders()] == ["unlock"]
    kinds = ("unlocking", "code_due", "open", "left")
    assert [len(events(leaving.shop, f"departure.{kind}")) for kind in kinds] == [1, 1, 1, 1]
    assert findings(leaving.shop, "departure_code_due") == []


def test_the_code_is_kept_nowhere(leaving: Leaving) -> None:
    """The code that lets the name leave is in no row, event or finding, before or after it was handed out."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.run(days=1)
    assert AUTH_CODE not in everything_kept(leaving)


def test_the_code_is_handed_out_once(leaving: Leaving) -> None:
    """Whoever asks a second time is told that it was given; staff may hand it out again, and that is written down too."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    with pytest.raises(ActRefusedError) as refused:
        leaving.code()
    assert refused.value.code == "code_given"
    leaving.code(again=True)
    assert [event["ticket"] for event in events(leaving.shop, "departure.code_given_again")] == ["T-9"]
    assert len(events(leaving.shop, "departure.open")) == 1


def test_two_who_ask_at_once_do_not_both_get_it(leaving: Leaving) -> None:
    """While one call is being handed the code, another is not; after a call that failed it can be asked for again."""
    leaving.asks()
    leaving.run(days=1 / 24)
    values: dict[str, Any] = {"terms": leaving.terms, "rules": leaving.rules, "now": leaving.now}
    with leaving.database.transaction() as connection:
        plan = departures.plan_code(connection, 1, **values)
    with pytest.raises(MoveLostError):
        leaving.code()
    with leaving.database.transaction() as connection:
        departures.release_code(connection, plan)
    assert leaving.code().value is not None


def test_no_code_before_the_name_is_unlocked(leaving: Leaving) -> None:
    """A code for a name that is still locked would be of no use; the answer says to ask again in a few minutes."""
    leaving.asks()
    with pytest.raises(ActRefusedError) as refused:
        leaving.code()
    assert refused.value.code == "not_unlocked"


def test_a_registrar_that_shows_no_code_is_given_a_fresh_one(opens: Opened) -> None:
    """Where codes are not shown, one that nobody has seen is set; a code of 128 bits, and no trace of it in the books."""
    leaving = opens(SETS_CODES)
    leaving.asks()
    leaving.run(days=1 / 24)
    code = leaving.code()
    assert code.way is Way.FRESH
    assert code.value is not None
    assert len(code.value.reveal()) == 22
    assert code.value.reveal() not in everything_kept(leaving)


def test_a_code_that_goes_by_mail_is_said_to(opens: Opened) -> None:
    """Where the registrar mails the code to the holder, we have none to give, and say so; the name is followed all the same."""
    leaving = opens(MAILS_CODES)
    leaving.asks()
    leaving.run(days=1 / 24)
    code = leaving.code()
    assert (code.way, code.value, leaving.state()) == (Way.MAILED, None, DepartureState.OPEN)


def test_staff_hear_in_time_that_nobody_asked_for_the_code(leaving: Leaving) -> None:
    """Five days are the limit: half of them gone, staff are told while time is left, and again when it is over."""
    asked = leaving.asks()
    leaving.run(days=2)
    assert findings(leaving.shop, "departure_code_due") == []
    leaving.run(days=0.6)
    assert findings(leaving.shop, "departure_code_due") == ["departure:1"]
    assert leaving.row().code_by == asked.requested_at + timedelta(days=5)
    leaving.run(days=3)
    assert leaving.shop.ask("SELECT times FROM findings") == [(2,)]
    leaving.code()
    assert findings(leaving.shop, "departure_code_due") == []
    assert events(leaving.shop, "departure.open")[0]["evidence"]["in_time"] is False


def test_asked_for_twice_it_is_one_departure(leaving: Leaving) -> None:
    """A name leaves once: a second request while the first is under way is the same one."""
    first = leaving.asks()
    assert leaving.asks().id == first.id
    assert leaving.shop.ask("SELECT count(*) FROM departures") == [(1,)]


def test_asked_for_at_the_same_moment_it_is_one_departure(leaving: Leaving) -> None:
    """Two who press at once start one departure, with one order to unlock the name."""
    made = at_once(4, lambda _: leaving.asks().id)
    assert set(made) == {1}
    assert leaving.shop.ask("SELECT count(*) FROM departures") == [(1,)]
    assert len(leaving.orders()) == 1


def test_a_channel_that_is_not_valid_is_refused_with_those_that_are(leaving: Leaving) -> None:
    """An e-mail alone does not let a name go; the refusal names the channels that do."""
    with pytest.raises(RequestRefusedError, match="fax, letter, support") as refused:
        leaving.asks(channel="email")
    assert refused.value.code == "channel_not_valid"
    assert leaving.shop.ask("SELECT count(*) FROM departures") == [(0,)]


def test_its_cost_is_a_debt_and_never_a_gate(opens: Opened) -> None:
    """Where the rules name a fee, it is owed once the code is given, once; nobody is asked to pay it before he may go."""
    leaving = opens()
    leaving.rules = with_fee(Money(500_000, "IRR"))
    leaving.asks()
    leaving.run(days=1 / 24)
    debts = "SELECT customer, amount, cause, reference FROM debts"
    assert leaving.shop.ask(debts) == []
    assert leaving.code().value is not None
    leaving.code(again=True)
    assert leaving.shop.ask(debts) == [("customer-1", 500_000, "transfer_out_fee", "departure:1")]


def test_a_name_that_is_not_with_us_cannot_leave(leaving: Leaving) -> None:
    """What is not in our books, or has left already, is not ours to let go."""
    leaving.set_domain(gone_at=leaving.now, gone_why="transferred_out")
    with pytest.raises(ActRefusedError) as refused:
        leaving.asks()
    assert refused.value.code == "domain_unknown"


def test_neither_debt_nor_identity_hold_prevents_it(leaving: Leaving) -> None:
    """Debts, even warned of, and missing documents of the customer are no ground: the name may go."""
    owe(leaving.shop, warned=True)
    hold_for_identity(leaving, holder_in_doubt=False)
    assert leaving.asks().state == DepartureState.UNLOCKING


def test_the_holders_own_identity_in_doubt_prevents_it(leaving: Leaving) -> None:
    """Only where the holder himself is in doubt does an identity hold deny it, and the answer says so (O6)."""
    hold_for_identity(leaving, holder_in_doubt=True)
    denied = leaving.asks()
    assert (denied.state, denied.ground) == (DepartureState.DENIED, Ground.HOLDER_IN_DOUBT)
    assert leaving.orders() == []
    assert leaving.far.received == []


def test_a_name_that_came_to_us_last_month_waits(leaving: Leaving) -> None:
    """A transfer to us starts the policy's sixty days; the denial says until when, and a day later it is granted."""
    leaving.far.own("sara.test", PAID_THROUGH, sponsor="another registrar")
    order = leaving.shop.place(Kind.TRANSFER, "sara.test")
    leaving.shop.work(order)
    came = leaving.now
    leaving.set_domain(gone_at=None)
    wish = replace(leaving.wish(), domain="sara.test")
    leaving.clock.skip(timedelta(days=60))
    with leaving.database.transaction() as connection:
        values: dict[str, Any] = {"terms": leaving.terms, "rules": leaving.rules, "now": leaving.now}
        at_limit = replace(wish, asked_at=came + timedelta(days=60))
        denied, _ = departures.request(connection, at_limit, **values)
    assert leaving.told(denied)["ground"] == Ground.WAITING_TIME
    assert leaving.row(denied).until == came + timedelta(days=60)
    leaving.clock.skip(SECOND)
    with leaving.database.transaction() as connection:
        granted, _ = departures.request(
            connection, replace(wish, asked_at=leaving.now), **values | {"now": leaving.now}
        )
    assert leaving.state(granted) is DepartureState.UNLOCKING


def test_an_unpaid_past_term_denies_it_but_a_paid_renewal_does_not(leaving: Leaving) -> None:
    """After the end of the term an unpaid renewal is a ground; one that is paid for and under way is not."""
    leaving.set_domain(paid_through=leaving.now - SECOND)
    assert leaving.asks().ground == Ground.UNPAID_PAST_TERM
    leaving.shop.place(Kind.RENEW)
    assert leaving.asks().state == DepartureState.UNLOCKING


def test_a_term_that_runs_out_meanwhile_is_no_ground_for_the_code(leaving: Leaving) -> None:
    """He asked in time: that we were slow until his term was over does not keep his code from him."""
    leaving.set_domain(paid_through=leaving.now + timedelta(hours=1))
    leaving.asks()
    leaving.run(days=1)
    assert leaving.code().value is not None


def test_an_undisclosed_claim_denies_it_in_neutral_words(leaving: Leaving) -> None:
    """While a claim is heard the name stays; until it is disclosed the holder reads that it is denied, and no ground (D9)."""
    dispute = claimed(leaving)
    denied = leaving.asks()
    assert (denied.state, denied.ground) == (DepartureState.DENIED, Ground.CLAIM)
    told = leaving.told()
    assert (told["state"], told["ground"]) == ("denied", None)
    assert "claim" not in str(told)
    assert "support" in told["why"]["en"]
    dispute.do(acts.disclose)
    leaving.clock.skip(SECOND)
    assert leaving.told()["ground"] == Ground.CLAIM


@pytest.mark.parametrize("when", ["unlocking", "code_due", "open", "asked_away"])
def test_a_claim_stops_a_departure_wherever_it_is(leaving: Leaving, when: str) -> None:
    """Unlocking, waiting for its code, or with a transfer already asked for: the name ends locked and with us (D9)."""
    leaving.asks()
    if when != "unlocking":
        leaving.run(days=1 / 24)
    if when in ("open", "asked_away"):
        leaving.code()
    if when == "asked_away":
        leaving.far.ask_away(MINA.ascii)
    with leaving.database.transaction() as connection:
        assert departures.stop_for_claim(connection, MINA.ascii, 1, now=leaving.now) == 1
    leaving.run(days=10)
    assert (leaving.state(), leaving.row().ground, leaving.row().claim_id) == ("stopped", Ground.CLAIM, 1)
    assert leaving.locked()
    known = leaving.far.registration(MINA.ascii)
    assert known is not None
    assert known.sponsor == "us"
    assert len(leaving.rejections()) == (1 if when == "asked_away" else 0)
    assert leaving.domain().gone_at is None


def test_an_unlocking_that_was_not_begun_is_withdrawn(leaving: Leaving) -> None:
    """A stop that comes before anything was sent leaves the lock where it is: nothing is taken off and put back."""
    leaving.asks()
    leaving.stopped()
    leaving.run(days=1)
    assert leaving.orders()[0] == ("unlock", "cancelled")
    assert leaving.locked()


def test_a_registrar_that_takes_no_rejection_raises_an_alarm(opens: Opened) -> None:
    """Where the registrar takes no rejection from us, staff are told at once; if the name goes all the same, they hear that too."""
    leaving = opens(CANNOT_REJECT)
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.far.ask_away(MINA.ascii)
    leaving.stopped(Ground.COURT_HOLD)
    leaving.run(days=1)
    assert findings(leaving.shop, "departure_stuck") == ["departure:1"]
    leaving.run(days=6)
    assert leaving.state() is DepartureState.LEFT
    assert findings(leaving.shop, "left_though_stopped") == [MINA.ascii]
    assert findings(leaving.shop, "departure_stuck") == []


def test_a_look_that_fails_decides_nothing(leaving: Leaving) -> None:
    """No answer is no proof that a name has left."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.far.failing_looks = 3
    leaving.run(days=0.1)
    assert leaving.state() is DepartureState.OPEN
    assert leaving.domain().gone_at is None


def test_a_registrar_that_is_away_is_asked_later(leaving: Leaving) -> None:
    """While its registrar does not answer, a departure waits for the time that is known, and decides nothing."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    later = leaving.now + timedelta(hours=3)
    with leaving.database.transaction() as connection:
        departures.put_off(connection, 1, until=later)
    assert (leaving.state(), leaving.row().due_at) == (DepartureState.OPEN, later)


def test_a_departure_that_comes_to_nothing_ends_locked_again(leaving: Leaving) -> None:
    """When nobody has asked for the name in the time that it is followed, our lock is put back and the code made void."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.run(days=29)
    assert leaving.state() is DepartureState.OPEN
    leaving.run(days=2)
    assert leaving.state() is DepartureState.ENDED
    assert leaving.locked()
    assert len(leaving.errands) == 1
    assert leaving.orders() == [("unlock", "completed"), ("lock", "completed")]


def test_a_transfer_under_way_is_followed_to_its_own_end(leaving: Leaving) -> None:
    """The time to follow runs out while another registrar waits for the name: it is not locked in the middle of that."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.run(days=28)
    leaving.far.ask_away(MINA.ascii)
    leaving.run(days=4)
    assert leaving.state() is DepartureState.OPEN
    leaving.run(days=2)
    assert leaving.state() is DepartureState.LEFT


def test_what_was_not_locked_before_is_not_locked_afterwards(leaving: Leaving) -> None:
    """Only what we took off is put back: a name that had one of the three prohibitions has that one again."""
    leaving.far.set_statuses(MINA.ascii, Status.CLIENT_TRANSFER_PROHIBITED)
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.run(days=31)
    assert leaving.far.statuses(MINA.ascii) == {Status.CLIENT_TRANSFER_PROHIBITED}


def test_a_ground_that_staff_state_stands_until_they_lift_it(leaving: Leaving) -> None:
    """Stopped for fraud, the next request is denied for it too; once staff have lifted it, the name may go."""
    leaving.asks()
    leaving.stopped(Ground.FRAUD)
    leaving.run(days=1 / 24)
    assert leaving.asks().ground == Ground.FRAUD
    with leaving.database.transaction() as connection:
        departures.lift(connection, 1, act=leaving.act())
    assert leaving.asks().state == DepartureState.UNLOCKING
    with leaving.database.transaction() as connection, pytest.raises(ActRefusedError) as refused:
        departures.lift(connection, 1, act=leaving.act())
    assert refused.value.code == "nothing_to_lift"


def test_a_ground_may_be_on_record_before_anybody_asks(leaving: Leaving) -> None:
    """A court's order that staff know of denies the first request."""
    with leaving.database.transaction() as connection:
        departures.bar(
            connection,
            MINA.ascii,
            Ground.COURT_HOLD,
            evidence="order 12/34",
            rules=leaving.rules,
            act=leaving.act(),
        )
    assert leaving.asks().ground == Ground.COURT_HOLD


@pytest.mark.parametrize(
    "ground", [Ground.CLAIM, Ground.WAITING_TIME, Ground.UNPAID_PAST_TERM, Ground.HOLDER_IN_DOUBT]
)
def test_staff_cannot_state_what_the_software_finds(leaving: Leaving, ground: Ground) -> None:
    """A claim, a waiting time or an unpaid term is in the books or it is not: nobody can make one up to keep a name."""
    leaving.asks()
    with pytest.raises(ActRefusedError) as refused:
        leaving.stopped(ground)
    assert refused.value.code == "ground_not_stated"
    assert leaving.state() is DepartureState.UNLOCKING


def test_a_transfer_that_nobody_asked_for_is_a_finding(leaving: Leaving) -> None:
    """Another registrar asks for a name whose holder asked us nothing: staff hear of it, and may adopt and follow it."""
    leaving.far.set_statuses(MINA.ascii)
    leaving.far.ask_away(MINA.ascii)
    assert hears(leaving) is None
    assert findings(leaving.shop, "transfer_out_unasked") == [MINA.ascii]
    assert findings(leaving.shop, "registrar_message") == []
    assert leaving.adopted().state == DepartureState.OPEN
    assert findings(leaving.shop, "transfer_out_unasked") == []
    leaving.run(days=6)
    assert leaving.state() is DepartureState.LEFT


def test_a_transfer_that_was_asked_for_is_looked_at_when_the_registry_speaks(leaving: Leaving) -> None:
    """The registry's message about a departure that is under way is no finding: it makes the next look due at once."""
    leaving.asks()
    leaving.run(days=1 / 24)
    leaving.code()
    leaving.run(days=0.1)
    assert hears(leaving) == 1
    assert leaving.row().due_at == leaving.now
    assert findings(leaving.shop, "transfer_out_unasked") == []


def test_a_claimed_name_that_others_ask_for_is_not_let_go(leaving: Leaving) -> None:
    """A transfer that nobody asked us for, of a name under a claim, is rejected without waiting for anybody (D9)."""
    dispute = claimed(leaving)
    leaving.far.set_statuses(MINA.ascii)
    leaving.far.ask_away(MINA.ascii)
    assert hears(leaving) == 1
    leaving.run(days=1)
    assert [errand.answer for errand in leaving.rejections()] == [TransferAnswer.REJECT]
    assert (leaving.state(), leaving.row().claim_id) == (DepartureState.STOPPED, dispute.claim_id)
    assert Status.PENDING_TRANSFER not in leaving.far.statuses(MINA.ascii)


def test_a_withdrawn_transfer_closes_what_was_found(leaving: Leaving) -> None:
    """When the registry says that the name stays, there is nothing to look at any more."""
    hears(leaving)
    hears(leaving, replace(ANOTHER_REGISTRAR_ASKS, away=Away.STAYS))
    assert findings(leaving.shop, "transfer_out_unasked") == []


def test_an_ir_name_is_followed_and_no_pin_is_asked_for(opens: Opened) -> None:
    """Under .ir the holder changes his contact at the registry himself: we send nothing at all, and look until he has."""
    leaving = opens(BOOKLESS)
    asked = leaving.asks()
    assert (asked.state, asked.code_by) == (DepartureState.OPEN, None)
    assert "himself" in leaving.told()["next"]["en"]
    with pytest.raises(ActRefusedError) as refused:
        leaving.code()
    assert refused.value.code == "no_code"
    leaving.run(days=2)
    leaving.far.own(MINA.ascii, PAID_THROUGH)
    leaving.far.own(MINA.ascii, PAID_THROUGH, sponsor="another billing contact")
    leaving.run(days=1)
    assert leaving.state() is DepartureState.LEFT
    assert (leaving.far.received, leaving.errands, leaving.orders()) == ([], [], [])
    assert Kind.CHANGE_HOLDER not in leaving.looked_for


def test_an_unlocking_that_failed_is_told_and_goes_on_when_the_lock_is_off(opens: Opened) -> None:
    """When our order to unlock is refused, staff hear of it; once the lock is off, however, the code can be given."""
    leaving = opens()
    leaving.far.set_statuses(MINA.ascii, Status.PENDING_TRANSFER, Status.CLIENT_TRANSFER_PROHIBITED)
    leaving.asks()
    leaving.run(days=1 / 24)
    assert leaving.state() is DepartureState.UNLOCKING
    assert findings(leaving.shop, "departure_stuck") == ["departure:1"]
    leaving.far.set_statuses(MINA.ascii)
    leaving.run(days=0.5)
    assert leaving.state() is DepartureState.CODE_DUE
    assert findings(leaving.shop, "departure_stuck") == []


def test_a_dismissed_claims_lock_is_not_ours_to_take_off(leaving: Leaving) -> None:
    """While the lock of a dismissed claim is being released, an unlocking waits for it, and then goes on by itself (D9)."""
    dispute = claimed(leaving)
    dispute.dismissed()
    assert leaving.asks().state == DepartureState.UNLOCKING
    leaving.worked()
    assert [kind for kind, _ in leaving.orders() if kind == "unlock"] == []
