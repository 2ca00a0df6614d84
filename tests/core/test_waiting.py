"""What keeps an order waiting, and does it wait no longer than it must?"""

from datetime import timedelta

import pytest

from registrar.commands import Kind
from registrar.gateway import Progress
from registrar.orders.states import State
from registrar.outcomes import Pending, Reply
from registrar.secrets import Keyring
from tests.core import story
from tests.core.far_side import FarSide
from tests.core.story import Shop


def test_a_message_that_comes_before_the_answer_is_not_waited_for_again(shop: Shop, far: FarSide) -> None:
    """When the registry tells its decision quicker than it answers, the order is looked at at once."""
    order = shop.place(Kind.REGISTER, "shirin.test")
    sending = shop.begun(order)
    far.say("shirin.test", Kind.REGISTER, Progress.REJECTED)
    shop.read_messages()
    shop.settle(sending, Pending(Reply("1001")))
    assert shop.row(order).due_at <= shop.clock.now


def test_without_a_message_a_pending_order_waits_its_time(shop: Shop) -> None:
    """A registry at work is not asked every moment."""
    order = shop.place(Kind.REGISTER, "shirin.test")
    shop.settle(shop.begun(order), Pending(Reply("1001")))
    assert shop.row(order).due_at - shop.clock.now > timedelta(hours=1)


def test_a_lost_secret_key_is_for_staff(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the key that sealed an auth code is gone, staff are told so, and nothing is sent."""
    order = shop.place(Kind.TRANSFER, "golnar.test")
    shop.far.own("golnar.test", shop.clock.now + timedelta(days=90), sponsor="others")
    monkeypatch.setattr(story, "KEYRING", Keyring([Keyring.new_key()]))
    shop.work(order)
    row = shop.row(order)
    assert (row.state, row.turn, row.attempt_number) == (State.HELD, "staff", 0)
    assert "key" in row.hold_reason
