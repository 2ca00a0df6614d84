"""What goes wrong at the EPP sandbox on request, and what its books then say."""

import contextlib
import threading

import pytest
from lxml import etree

from tests.sandbox.epp import client as epp
from tests.sandbox.epp.client import Client, HungUpError
from tests.sandbox.epp.stage import EXPIRY, Stage, until


def heard(stage: Stage, client: Client) -> str:
    """Renew once and say what came back: a code, `silence` or `noise`."""
    try:
        return str(stage.renew(client).code)
    except HungUpError as hung_up:
        return "half" if hung_up.args[0] else "silence"
    except etree.XMLSyntaxError:
        return "noise"


@pytest.mark.parametrize(
    ("behaviour", "argument", "answer", "done"),
    [
        ("drop_reply", "", "silence", True),
        ("drop_request", "", "silence", False),
        ("late", "0.2", "1000", True),
        ("garbage", "", "noise", True),
        ("fail_after", "", "2400", True),
        ("cut", "", "half", True),
        ("closed", "", "silence", False),
        ("refuse", "2308 not today", "2308", False),
        ("no_deposit", "", "2104", False),
    ],
)
def test_a_misbehaviour_does_what_it_says_and_once(
    stage: Stage, behaviour: str, argument: str, answer: str, done: bool
) -> None:
    """Whatever goes wrong with one renewal, the books say whether it was made, and the next one goes well."""
    stage.books.misbehave(behaviour, command="domain:renew", name="example.com", argument=argument)
    stage.books.add_domain("steady.com", expires_at=EXPIRY)
    assert stage.renew(stage.client(), "steady.com").code == 1000
    assert heard(stage, stage.client()) == answer
    assert stage.amounts() == ([950, 950] if done else [950])
    assert stage.expiry() == (EXPIRY.replace(year=2028) if done else EXPIRY)
    after = stage.expiry()
    assert after is not None
    assert stage.renew(stage.client(), expiry=f"{after:%Y-%m-%d}").code == 1000


def test_a_web_page_may_come_instead_of_an_answer(stage: Stage) -> None:
    """A gateway in front of the registry answers with a page for people, and nothing is done."""
    stage.books.misbehave("html", command="domain:renew")
    client = stage.client()
    client.write(epp.envelope(epp.renew("example.com", "2027-01-31", stage.period)))
    assert client.read_bytes(8) == b"HTTP/1.1"
    assert stage.amounts() == []


def test_an_answer_may_drip(com: Stage) -> None:
    """An answer that comes byte by byte is a whole answer in the end."""
    com.books.misbehave("drip", command="logout")
    client = com.client()
    client.write(epp.envelope("<logout/>"))
    assert client.read_bytes(4)[:2] == b"\0\0"


def test_work_may_be_done_long_after_the_line_went_dead(stage: Stage) -> None:
    """A renewal whose connection closed without an answer may still be made later."""
    stage.books.misbehave("late_work", command="domain:renew", argument="0.3")
    assert heard(stage, stage.client()) == "silence"
    until(lambda: stage.amounts() == [950])


def test_a_frozen_registrar_says_nothing_and_still_stops(stage: Stage) -> None:
    """A connection that is never answered stays open, and does not keep the registrar from stopping."""
    stage.books.misbehave("freeze", command="domain:renew")
    client = stage.client()
    client.connection.settimeout(0.3)
    client.write(epp.envelope(epp.renew("example.com", "2027-01-31", stage.period)))
    with pytest.raises(TimeoutError):
        client.read_bytes(1)
    client.connection.settimeout(epp.WAIT_SECONDS)
    stage.sandbox.stop()
    with pytest.raises(HungUpError):
        client.read_bytes(1)
    assert stage.amounts() == []


def test_a_frozen_session_that_the_client_leaves_makes_room(com: Stage) -> None:
    """Hanging up on a frozen registrar frees the session."""
    com.books.misbehave("freeze", command="domain:check", times=3)
    for _ in range(3):
        client = com.client()
        client.write(epp.envelope(epp.check("example.com")))
        client.close()
    until(lambda: com.connect().login().code == 1000)


def test_the_registrar_may_be_closed_before_it_greets(stage: Stage) -> None:
    """Closed for the night, the registrar hangs up on whoever comes."""
    stage.books.misbehave("closed", times=2)
    for _ in range(2):
        with pytest.raises(HungUpError):
            stage.connect()
    stage.client()


def test_a_look_may_lag_behind(stage: Stage) -> None:
    """For a while after a renewal, a look may still show the old expiry."""
    stage.books.misbehave("stale", command="domain:info", name="example.com", argument="5", times=100)
    client = stage.client()
    stage.renew(client)
    shown = [client.ask(epp.info("example.com")).one("//d:exDate")[:4]]
    stage.clock.pass_by(5)
    shown.append(client.ask(epp.info("example.com")).one("//d:exDate")[:4])
    assert shown == ["2027", "2028"]


def test_a_misbehaviour_is_ordered_by_the_commands_number(stage: Stage) -> None:
    """Where the name does not matter, the journal's number says which command goes wrong."""
    client = stage.client()
    stage.books.misbehave("refuse", number=4, argument=2400)
    assert [client.ask(epp.check("example.com")).code for _ in range(4)] == [1000, 1000, 2400, 1000]


def test_two_sessions_meet_one_misbehaviour(stage: Stage) -> None:
    """When two sessions ask at once, one of them meets what was ordered once."""
    stage.books.misbehave("drop_request", command="domain:check")
    answers: list[str] = []

    def ask() -> None:
        with contextlib.closing(stage.connect()) as client:
            client.login()
            try:
                answers.append(str(client.ask(epp.check("example.com")).code))
            except HungUpError:
                answers.append("silence")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(epp.WAIT_SECONDS)
    assert sorted(answers) == ["1000", "1000", "silence"]


def test_two_sessions_that_renew_at_once_buy_one_year(stage: Stage) -> None:
    """Two renewals of one name with the same expiry, at the same moment: one is made."""
    clients = [stage.client(), stage.client()]
    codes: list[int] = []
    threads = [threading.Thread(target=lambda c=c: codes.append(stage.renew(c).code)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(epp.WAIT_SECONDS)
    assert sorted(codes) == [1000, stage.dialect.stale_expiry_code]
    assert stage.amounts() == [950]


def test_the_journal_tells_what_was_answered(stage: Stage) -> None:
    """Each command is in the journal with its name, its transaction and its answer; no answer is no code."""
    stage.books.misbehave("drop_reply", command="domain:renew")
    heard(stage, stage.client())
    stage.client().ask(epp.check("example.com"), transaction_id="order-9-1")
    with stage.books.page() as page:
        rows = page._connection.execute("SELECT * FROM journal ORDER BY number").fetchall()
    assert [(row["command"], row["name"], row["result_code"]) for row in rows] == [
        ("login", None, 1000),
        ("domain:renew", "example.com", None),
        ("login", None, 1000),
        ("domain:check", "example.com", 1000),
    ]
    assert rows[3]["client_transaction_id"] == "order-9-1"
    assert len({row["session"] for row in rows}) == 2


def test_passwords_are_not_written_down(stage: Stage) -> None:
    """A login's password stands nowhere in the registrar's books."""
    stage.client()
    files = list(stage.books.path.parent.glob("books.sqlite*"))
    assert files
    assert not [file for file in files if b"sandbox-pw" in file.read_bytes()]
