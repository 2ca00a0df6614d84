"""Is a transfer away answered once, though a claim and a departure may both see it?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from registrar import errands
from registrar.commands import AnswerTransfer, TransferAnswer
from registrar.errands import ErrandRefusedError
from registrar.names import DomainName
from registrar.outcomes import Done, Reply
from tests.core.story import Shop

REJECTION = AnswerTransfer(DomainName("mina.test", "test"), TransferAnswer.REJECT)
LEASE = timedelta(seconds=30)
BY = {"actor": "worker", "ticket": "T-7"}


def begin(shop: Shop, errand: AnswerTransfer = REJECTION) -> None:
    with shop.database.transaction() as connection:
        errands.begin(connection, errand, "far", **BY, now=shop.clock.now)


def end(shop: Shop) -> None:
    with shop.database.transaction() as connection:
        errands.end(connection, REJECTION, "far", Done(Reply("1000")), **BY, now=shop.clock.now)


def may_answer(shop: Shop, *, after: timedelta = timedelta(0)) -> bool:
    """Tell whether one who looked so long ago may answer."""
    now = shop.clock.now
    try:
        with shop.database.transaction() as connection:
            errands.insist_unanswered(
                connection, REJECTION, looked_at=now - after, given_up_before=now - LEASE
            )
    except ErrandRefusedError:
        return False
    return True


def test_an_answer_that_is_on_its_way_is_not_given_again(shop: Shop) -> None:
    """Not until the worker that has it in its hands must have died."""
    assert may_answer(shop)
    begin(shop)
    shop.clock.skip(LEASE - timedelta(seconds=1))
    assert not may_answer(shop)
    shop.clock.skip(timedelta(seconds=2))
    assert may_answer(shop)


def test_of_two_who_see_a_transfer_one_answers_it(shop: Shop) -> None:
    """Whoever comes second waits until the first has written down that he begins."""
    now = shop.clock.now
    with ThreadPoolExecutor(1) as another:
        with shop.database.transaction() as connection:
            errands.insist_unanswered(connection, REJECTION, looked_at=now, given_up_before=now - LEASE)
            second = another.submit(may_answer, shop)
            with pytest.raises(TimeoutError):
                second.result(0.2)
            errands.begin(connection, REJECTION, "far", **BY, now=now)
        assert not second.result(10)


@pytest.mark.parametrize(("looked_before", "may"), [(4, True), (6, False), (3_600, False)])
def test_only_a_look_after_the_answer_asks_for_another(shop: Shop, looked_before: int, may: bool) -> None:
    """What was seen before the answer came to its end may have been gone by it."""
    begin(shop)
    shop.clock.skip(timedelta(seconds=20))
    end(shop)
    shop.clock.skip(timedelta(seconds=5))
    assert may_answer(shop, after=timedelta(seconds=looked_before)) is may


def test_an_answer_of_a_clock_that_ran_ahead_stops_no_other(shop: Shop) -> None:
    """A worker whose clock was a month ahead rejected a transfer: the next one is not let go for a month."""
    shop.clock.skip(timedelta(days=30))
    begin(shop)
    end(shop)
    shop.clock.skip(timedelta(days=-30))
    assert may_answer(shop)


def test_another_answer_does_not_stand_in_the_way(shop: Shop) -> None:
    """Staff who took a request of ours back did not answer theirs."""
    begin(shop, AnswerTransfer(REJECTION.domain, TransferAnswer.CANCEL))
    assert may_answer(shop)
