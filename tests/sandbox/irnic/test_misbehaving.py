"""Does it misbehave as ordered, with books that tell the truth?"""

import http.client
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import requests
from lxml import etree

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.irnic.desk import (
    DEPOSIT_CODE,
    EXPIRY,
    TOKEN,
    Clock,
    Reseller,
    amounts,
    eventually,
    journal,
    port_of,
)


@pytest.mark.parametrize(
    ("hour", "minute", "second", "closed"),
    [(22, 59, 59, False), (23, 0, 0, True), (0, 0, 0, True), (0, 29, 59, True), (0, 30, 0, False)],
)
def test_the_registry_closes_at_night(
    *, books: Books, certificates: Certificates, hour: int, minute: int, second: int, closed: bool
) -> None:
    """From 23:00 until before 00:30 in Tehran there is a Persian page instead of an answer, with HTTP 200."""
    tehran_is_ahead = timedelta(hours=3, minutes=30)
    clock = Clock(datetime(2026, 1, 10, hour, minute, second, tzinfo=UTC) - tehran_is_ahead)
    with IrnicSandbox(
        books, certificates=certificates, token=TOKEN, deposit_code=DEPOSIT_CODE, keep_hours=True, clock=clock
    ) as sandbox:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        reply = reseller.create("new.ir")
        reseller.session.close()

    assert reply.status == 200
    assert ("بسته است" in reply.text) == closed
    assert len(amounts(books)) == (0 if closed else 1)


@pytest.mark.parametrize(
    ("behaviour", "worked"),
    [("drop_reply", True), ("drop_request", False), ("cut", True)],
)
def test_a_broken_connection_tells_nothing(
    books: Books, reseller: Reseller, behaviour: str, worked: bool
) -> None:
    """The client sees a broken connection, whether the work was done or not; only the books know."""
    reseller.check("warm-up.ir")  # the connection is kept alive: it is cut under the second command
    books.misbehave(behaviour, command="domain:create", name="new.ir")

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        reseller.create("new.ir")

    assert eventually(lambda: amounts(books) == ([200] if worked else []))
    assert journal(books)[-1] == ("domain:create", None)
    assert reseller.info("new.ir").code == (1000 if worked else 2303)


def test_work_may_be_done_after_the_client_gave_up(books: Books, reseller: Reseller) -> None:
    """The connection breaks at once, and some time later the name is registered and charged after all."""
    books.misbehave("late_work", command="domain:create", argument=0.3)

    with pytest.raises(requests.ConnectionError):
        reseller.create("new.ir")

    assert amounts(books) == []
    assert eventually(lambda: amounts(books) == [200])
    assert books.domain("new.ir") is not None


def test_an_answer_may_come_late(books: Books, reseller: Reseller) -> None:
    """The work is done at once; a client that waits long enough reads the answer, another does not."""
    books.misbehave("late", command="domain:create", argument=0.3, times=2)

    assert reseller.create("one.ir").code == 1000
    with pytest.raises(requests.ReadTimeout):
        reseller.create("two.ir", timeout=0.1)
    assert eventually(lambda: amounts(books) == [200, 200])


def test_a_frozen_connection_does_nothing(books: Books, reseller: Reseller) -> None:
    """No answer and no work; a client that gives up is served again."""
    books.misbehave("freeze", command="domain:create")

    with pytest.raises(requests.ReadTimeout):
        reseller.create("new.ir", timeout=0.2)

    assert amounts(books) == []
    assert reseller.create("new.ir").code == 1000


def test_stopping_cuts_a_frozen_connection(
    books: Books, sandbox: IrnicSandbox, certificates: Certificates
) -> None:
    """A client that still waits when the sandbox stops reads the end of the connection, and nothing hangs."""
    books.misbehave("freeze")
    trusting = ssl.create_default_context(cafile=certificates.authority)
    connection = http.client.HTTPSConnection("127.0.0.1", port_of(sandbox), context=trusting, timeout=20)
    connection.request("POST", "/submit", body="<epp/>", headers={"Authorization": f"Bearer {TOKEN}"})
    assert eventually(lambda: journal(books) == [("unreadable", None)])

    sandbox.stop()

    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError)):
        connection.getresponse()
    connection.close()


def test_an_answer_may_drip(books: Books, reseller: Reseller) -> None:
    """One byte at a time: every read succeeds, and the whole would take minutes."""
    books.misbehave("drip", command="domain:create")

    with pytest.raises(requests.ReadTimeout):
        reseller.create("new.ir", timeout=0.1)

    assert eventually(lambda: amounts(books) == [200])


@pytest.mark.parametrize(
    ("behaviour", "argument", "status", "text", "worked"),
    [
        ("html", "", 200, "<!DOCTYPE html>", False),
        ("html", "maintenance", 200, "نگهداری", False),
        ("html", "504", 504, "محتوا", False),
        ("closed", "", 200, "بسته است", False),
        ("fail_after", "", 500, "<!DOCTYPE html>", True),
    ],
)
def test_a_page_may_come_instead_of_an_answer(
    *, books: Books, reseller: Reseller, behaviour: str, argument: str, status: int, text: str, worked: bool
) -> None:
    """Pages for people, with the statuses that IRNIC's gateway and the network in front of it give them."""
    books.misbehave(behaviour, command="domain:create", argument=argument)

    reply = reseller.create("new.ir")

    assert reply.status == status
    assert text in reply.text
    assert len(amounts(books)) == worked
    assert journal(books) == [("domain:create", None)]
    assert reseller.check("other.ir").code == 1000


def test_garbage_hides_work_that_was_done(books: Books, reseller: Reseller) -> None:
    """The bytes are no XML, and the name is registered."""
    books.misbehave("garbage", command="domain:create")

    reply = reseller.create("new.ir")

    with pytest.raises(etree.XMLSyntaxError):
        assert reply.tree is None
    assert amounts(books) == [200]


def test_a_throttled_client_reads_a_broken_status_line(books: Books, reseller: Reseller) -> None:
    """IRNIC's gateway answers haste with `HTTP/1.1 20018`, or with 2502; nothing is done."""
    books.misbehave("html", command="domain:create", argument="20018")
    books.misbehave("refuse", command="domain:info", argument="2502")

    with pytest.raises(requests.ConnectionError) as failure:
        reseller.create("new.ir")

    assert "20018" in str(failure.value) or isinstance(
        failure.value.args[0].args[-1], http.client.BadStatusLine
    )
    assert reseller.info("new.ir").code == 2502
    assert amounts(books) == []


@pytest.mark.parametrize(
    ("behaviour", "argument", "code", "reason"),
    [
        ("refuse", "2306 not this name", 2306, "not this name"),
        ("refuse", "2400", 2400, ""),
        (
            "refuse",
            "2104 Currency type of your contract is different with currency type of the holder.",
            2104,
            "Currency type of your contract is different with currency type of the holder.",
        ),
        ("no_deposit", "", 2104, "Not enough credit for your request."),
    ],
)
def test_any_refusal_can_be_ordered(
    *, books: Books, reseller: Reseller, behaviour: str, argument: str, code: int, reason: str
) -> None:
    """An ordered refusal is answered once, does nothing, and the next command is served."""
    books.misbehave(behaviour, command="domain:create", argument=argument)

    reply = reseller.create("new.ir")

    assert (reply.code, reply.reason) == (code, reason)
    assert amounts(books) == []
    assert reseller.create("new.ir").code == 1000


def test_an_accepted_command_may_be_answered_with_a_bare_1001(books: Books, reseller: Reseller) -> None:
    """1001 without result data is an acceptance all the same."""
    books.add_domain("ours.ir", expires_at=EXPIRY)
    books.misbehave("pending", times=2)

    for reply in (reseller.create("new.ir"), reseller.renew("ours.ir", "2026-06-01")):
        assert reply.code == 1001
        assert reply.all("//epp:resData") == []
    assert amounts(books) == [200, 200]


def test_a_look_may_lag_behind(books: Books, reseller: Reseller, clock: Clock) -> None:
    """For some seconds after a change a look shows the state before it, once for each time ordered."""
    books.misbehave("stale", command="domain:info", argument=30, times=3)
    reseller.create("new.ir")

    assert reseller.info("new.ir").code == 2303
    clock.forward(seconds=29)
    assert reseller.info("new.ir").code == 2303
    clock.forward(seconds=2)
    assert reseller.info("new.ir").code == 1000


def test_a_misbehaviour_can_be_bound_to_a_command_number(books: Books, reseller: Reseller) -> None:
    """The third command of the journal is refused, whatever it is."""
    books.misbehave("refuse", number=3, argument="2500")

    assert [reseller.check("free.ir").code for _ in range(4)] == [1000, 1000, 2500, 1000]
