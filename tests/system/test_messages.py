"""What becomes of messages that a portal, or nobody, sent? Placed once, rejected with a reason, or put aside; none blocks."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from dramatiq import Message
from redis import Redis
from sqlalchemy import func, select

from registrar.models import Rejection
from registrar.orders import reading
from tests.system import batch, portal_snippet
from tests.system.shop import Shop
from tests.system.test_workers import NEVER

REDIS_ALONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database has a part in."""


@REDIS_ALONE
@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param([b"\x00\xff not a message"], id="no JSON"),
        pytest.param([b"{}", b"[]", b"null", b'{"args": 7}'], id="no message"),
        pytest.param(
            [Message("elsewhere", "work_order", (1,), {}, {"redis_message_id": "m-0"}).encode()],
            id="of another queue",
        ),
        pytest.param([Message("epp", "work_order", (1,), {}, {}).encode()], id="without its id"),
    ],
)
def test_what_cannot_be_read_does_not_stop_those_behind_it(shop: Shop, garbage: list[bytes]) -> None:
    """Messages that nobody can read lie in front of good ones: they are put aside, and the good ones are worked on."""
    _push_raw(shop, "epp", garbage)
    orders = _ring_for_renewals(shop, 10)
    worker = shop.start_worker(sweep_seconds=NEVER)
    shop.wait_for(lambda: set(shop.ends().values()) == {"completed"}, "the good messages are worked on")
    assert worker.running
    assert len(shop.ends()) == len(orders)
    assert _dead_letters(shop, "epp") == len(garbage)


@REDIS_ALONE
def test_an_unknown_actor_does_not_stop_those_behind_it(shop: Shop) -> None:
    """A message for an actor that does not exist is put aside, and the good ones behind it are worked on."""
    shop.house.broker.enqueue(Message("epp", "no_such_actor", (), {}, {}))
    _ring_for_renewals(shop, 10)
    shop.start_worker(sweep_seconds=NEVER)
    shop.wait_for(lambda: set(shop.ends().values()) == {"completed"}, "the good messages are worked on")
    shop.wait_for(lambda: _dead_letters(shop, "epp") == 1, "the strange one is put aside")


def test_a_nudge_delivered_many_times_at_once_sends_once(shop: Shop) -> None:
    """The same nudge is delivered again and again to two workers at once, and the order is sent once."""
    [order] = _ring_for_renewals(shop, 1)
    for _ in range(30):
        shop.desk.ring("epp", shop.row(order["key"]).id)
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.attempts(order["key"]) == ["done"]
    assert shop.commands("domain:renew") == 1


def test_an_order_by_message_is_placed_once_however_often_it_is_delivered(shop: Shop) -> None:
    """A portal sends the same orders five times, all at once, to two workers: each is placed once and charged once."""
    orders = [batch.renewal(f"renewed-{number}.com") for number in range(6)]
    for order in orders:
        batch.seed(shop, order)
    shop.keep_up(2)
    with ThreadPoolExecutor(6) as portal:
        for order in orders * 5:
            portal.submit(shop.house.broker.enqueue, Message("portal", "place_order", (order,), {}, {}))
    shop.wait_for(lambda: len(shop.ends()) == len(orders), "every order is in the books")
    _wait_until_read(shop)
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.ends() == {order["key"]: "completed" for order in orders}
    assert _rejections(shop) == 0


def test_the_portal_sends_again_until_it_reads_its_key_back(shop: Shop) -> None:
    """The first message is lost with Redis; the portal's ten lines send it again, and read what became of it."""
    order = batch.renewal("mina.com")
    batch.seed(shop, order)
    address, key = shop.start_api(), shop.issue_key()
    answers: list[Any] = []
    portal = threading.Thread(
        target=lambda: answers.append(
            portal_snippet.place(order, redis_url=shop.redis.url, api=address, api_key=key)
        )
    )
    portal.start()
    with Redis.from_url(shop.redis.url) as client:
        shop.wait_for(lambda: client.llen("dramatiq:portal"), "the order is sent")
        client.flushall()
    shop.start_worker()
    portal.join(30)
    assert answers[0]["key"] == order["key"]
    assert answers[0]["kind"] == "renew"
    assert shop.wait_until_quiet(workers=1).ok
    assert shop.ends() == {order["key"]: "completed"}


LONG = "x" * 300
REJECTED: list[tuple[str | None, tuple[Any, ...], dict[str, Any], str]] = [
    ("k-zone", (batch.renewal("mina.example", "k-zone"),), {}, "zone_not_sold"),
    (
        "k-price",
        (batch.renewal("mina.com", "k-price", price={"amount": -1, "currency": "USD"}),),
        {},
        "price_invalid",
    ),
    (
        "k-currency",
        (batch.renewal("mina.com", "k-currency", price={"amount": 1, "currency": []}),),
        {},
        "currency_wrong",
    ),
    (
        "k-balance",
        (batch.renewal("mina.com", "k-balance", payment={"source": "balance"}),),
        {},
        "insufficient_balance",
    ),
    ("k-field", (batch.renewal("mina.com", "k-field", **{LONG: 1}),), {}, "unknown_field"),
    ("k-nul", (batch.renewal("mina.com", "k-nul", **{"a\0b": 1}),), {}, "unknown_field"),
    (
        "k-role",
        (batch.registration("mina.com", "k-role", contacts={**batch.HANDLES, "o\0": {"handle": "ex01"}}),),
        {},
        "unknown_field",
    ),
    ("k-people", (batch.registration("mina.com", "k-people"),), {}, "secret_in_message"),
    ("k-code", (batch.transfer("mina.com", "k-code"),), {}, "secret_in_message"),
    ("k-pin", (batch.renewal("mina.ir", "k-pin", pin="912345678"),), {}, "secret_in_message"),
    ("k-two", ({"key": "k-two"}, {"key": "k-other"}), {}, "not_an_object"),
    ("k-both", ({"key": "k-both"},), {"domain": "mina.com"}, "not_an_object"),
    (None, (), batch.renewal("mina.com", "k-named"), "not_an_object"),
    (None, ("mina.com",), {}, "not_an_object"),
    (None, ([{"key": "k"}],), {}, "not_an_object"),
    (None, (), {}, "not_an_object"),
    (None, (batch.renewal("mina.com", "a\0key"),), {}, "key_invalid"),
    (None, ({**batch.renewal("mina.com"), "key": 7},), {}, "key_missing"),
    (None, ({**batch.renewal("mina.com"), "key": " "},), {}, "key_missing"),
    ("k-padded", (batch.renewal("mina.example", " k-padded "),), {}, "zone_not_sold"),
]
"""Messages that cannot be taken: under which key the reason can be read, what is sent, and the reason's code."""


def test_an_order_by_message_that_cannot_be_taken_says_why(shop: Shop) -> None:
    """Whatever is wrong with a message, nothing is placed, and the portal reads the reason under its key."""
    for _, arguments, fields, _ in REJECTED:
        shop.house.broker.enqueue(Message("portal", "place_order", arguments, fields, {}))
    shop.start_worker()
    _wait_until_read(shop)
    shop.wait_for(lambda: _rejections(shop) >= len(REJECTED), "every message is rejected")
    assert shop.ends() == {}
    with shop.desk.database.reading() as connection:
        for key, _, _, code in REJECTED:
            if key is not None:
                told = reading.rejection_by_key(connection, key)
                assert told is not None, key
                assert told["code"] == code
        query = select(Rejection.code).where(Rejection.key.is_(None))
        nameless = sorted(connection.execute(query).scalars())
    assert nameless == sorted(code for key, _, _, code in REJECTED if key is None)


def test_a_corrected_message_comes_under_a_key_of_its_own(shop: Shop) -> None:
    """A rejection is final for its key: whoever read it may have given the money back."""
    wrong, late = batch.renewal("mina.com", "k-1", months=13), batch.renewal("mina.com", "k-1")
    right = batch.renewal("mina.com", "k-2")
    batch.seed(shop, right)
    shop.house.broker.enqueue(Message("portal", "place_order", (wrong,), {}, {}))
    shop.start_worker()
    shop.wait_for(lambda: _rejections(shop) == 1, "the first one is rejected")
    for order in (late, right):
        shop.house.broker.enqueue(Message("portal", "place_order", (order,), {}, {}))
    shop.wait_for(lambda: shop.ends() == {"k-2": "completed"}, "the one with a key of its own is done")
    assert _rejections(shop) == 1


def _ring_for_renewals(shop: Shop, count: int) -> list[dict[str, Any]]:
    """Place renewals that are rung for, with no worker yet to hear it."""
    orders = [batch.renewal(f"renewed-{number}.com") for number in range(count)]
    for order in orders:
        batch.seed(shop, order)
        shop.order(order)
    return orders


def _push_raw(shop: Shop, queue: str, bodies: list[bytes]) -> None:
    """Put bytes into a queue as dramatiq's enqueue does."""
    with Redis.from_url(shop.redis.url) as client:
        for number, body in enumerate(bodies):
            client.hset(f"dramatiq:{queue}.msgs", f"raw-{number}", body)
            client.rpush(f"dramatiq:{queue}", f"raw-{number}")


def _dead_letters(shop: Shop, queue: str) -> int:
    with Redis.from_url(shop.redis.url) as client:
        return int(client.zcard(f"dramatiq:{queue}.XQ"))


def _wait_until_read(shop: Shop) -> None:
    """Wait until every message to us has been worked on and acknowledged."""
    with Redis.from_url(shop.redis.url) as client:
        shop.wait_for(lambda: not client.exists("dramatiq:portal", "dramatiq:portal.msgs"), "all is read")


def _rejections(shop: Shop) -> int:
    with shop.desk.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(Rejection)).scalar_one()
