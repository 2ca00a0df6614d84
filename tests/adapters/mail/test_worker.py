"""Does a worker do what the rules of notices say, with the house's own parts and a real conversation?"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from config.settings import ConfigurationError, load
from registrar.customers import contacts
from registrar.mails import Language
from registrar.models import Customer, Domain, Finding, Notice
from registrar.secrets import Keyring
from tasks import clock, notices
from tasks.wiring import House, open_house
from tests.adapters.mail.servers import scripted

DAY = timedelta(days=1)
KEY = Keyring.new_key().reveal()


def settings(database_url: str, **mail: str) -> Mapping[str, str]:
    """Return an environment whose doorbell hangs nowhere: the tests ring themselves."""
    return {
        "REGISTRAR_STATE": "/nonexistent",
        "REGISTRAR_DATABASE__URL": database_url,
        "REGISTRAR_REDIS__URL": "redis://127.0.0.1:1/0",
        "REGISTRAR_SECRET_KEYS": KEY,
        **{f"REGISTRAR_MAIL__{name.upper()}": value for name, value in mail.items()},
    }


def reaching(port: int) -> dict[str, str]:
    """Return the settings of a mail server on this machine."""
    return {
        "host": "127.0.0.1",
        "port": str(port),
        "security": "none",
        "from_address": "notices@shop.example",
        "connections": "1",
    }


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Give a house without a mail server, where one notice is due."""
    opened = open_house(load(None, settings(database_url)))
    come_due(opened)
    yield opened
    opened.close()


def come_due(house: House) -> None:
    """Let a name's last week begin, for a customer with an address."""
    now = clock.now()
    with house.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name="mina.com", zone="com", customer="c-1", registrar="epp", paid_through=now + 5 * DAY
            )
        )
        contacts.put(
            connection,
            "c-1",
            email="mina.private@example.net",
            addressed_as="Mina Example",
            language=Language.ENGLISH,
            keyring=house.keyring,
            now=now,
        )


def due(house: House) -> list[tuple[int, str]]:
    """Return the notices whose time has come, with their states."""
    query = select(Notice.id, Notice.state).where(Notice.scheduled_for <= clock.now())
    with house.database.reading() as connection:
        return [(row.id, row.state) for row in connection.execute(query)]


def findings(house: House) -> list[tuple[str, int]]:
    """Return what staff should look at, and how often it was seen."""
    with house.database.reading() as connection:
        rows = connection.execute(select(Finding.kind, Finding.times).where(Finding.closed_at.is_(None)))
        return [(row.kind, row.times) for row in rows]


def test_without_a_mail_server_notices_are_planned_and_wait(house: House) -> None:
    """As long as no mail server is set nothing is lost: notices are planned, staff are told once, and they go out later."""
    for _ in range(3):
        notices.ring_due(house)
    ((notice_id, state),) = due(house)
    notices.work(house, notice_id)
    assert (state, due(house)) == ("planned", [(notice_id, "planned")])
    assert findings(house) == [("mail_unavailable", 1)]
    with scripted() as (script, port):
        later = open_house(load(None, settings(str(house.database.url), **reaching(port))))
        notices.ring_due(later)
        notices.work(later, notice_id)
        notices.work(later, notice_id)
        later.close()
    assert (due(house), script.taken, findings(house)) == ([(notice_id, "sent")], 1, [])
    assert b"Message-ID: <notice-" in script.text


def test_a_silent_mail_server_takes_its_own_threads_only(house: House) -> None:
    """When all the threads that may wait for the mail server do, a notice is left for later at once."""
    notices.ring_due(house)
    ((notice_id, _),) = due(house)
    with scripted() as (script, port):
        busy = open_house(load(None, settings(str(house.database.url), **reaching(port))))
        with busy.mail_seats:
            notices.ring_due(busy)
            notices.work(busy, notice_id)
        assert (due(busy), script.conversations) == ([(notice_id, "planned")], 0)
        notices.work(busy, notice_id)
        assert due(busy) == [(notice_id, "sent")]
        busy.close()


def test_an_address_that_no_key_opens_is_asked_for_again(house: House) -> None:
    """When the key that sealed an address is lost, staff are told that the address is missing, and nothing breaks."""
    notices.ring_due(house)
    ((notice_id, _),) = due(house)
    sealed = Keyring([Keyring.new_key()]).seal({"email": "mina.private@example.net"})
    with house.database.transaction() as connection:
        connection.execute(update(Customer).values(sealed=sealed))
    with scripted() as (script, port):
        other = open_house(load(None, settings(str(house.database.url), **reaching(port))))
        notices.work(other, notice_id)
        other.close()
    assert (due(house), script.conversations) == ([(notice_id, "no_address")], 0)
    assert ("customer_without_address", 1) in findings(house)


def test_a_letter_that_cannot_be_written_is_shown(house: House) -> None:
    """A notice whose facts make no letter ends, with a finding, before anything is sent."""
    with house.database.transaction() as connection:
        connection.execute(
            insert(Notice).values(
                key="k",
                kind="delivered",
                customer="c-1",
                domain="mina.com",
                facts={"order": 7},
                planned_at=clock.now(),
                scheduled_for=clock.now(),
                due_at=clock.now(),
                state="planned",
                tries=0,
            )
        )
    with scripted() as (script, port):
        other = open_house(load(None, settings(str(house.database.url), **reaching(port))))
        ((notice_id, _),) = due(house)
        notices.work(other, notice_id)
        other.close()
    assert (due(house), script.conversations) == ([(notice_id, "refused")], 0)
    assert findings(house) == [("customer_refuses_mail", 1)]


@pytest.mark.parametrize(
    ("mail", "says"),
    [
        ({"host": "mail.example.net"}, "from_address must be an address"),
        ({"username": "notices"}, "username and password go together"),
        (
            {"username": "notices", "password": "planted", "security": "none"},
            "a password does not leave in the clear",
        ),
        ({"call_seconds": "400"}, "step_seconds <= call_seconds < lease_seconds"),
        (reaching(25) | {"connections": "32"}, "mail.connections"),
        ({"company__de": "Beispiel"}, "mail.company"),
    ],
)
def test_settings_that_cannot_work_are_refused(mail: dict[str, str], says: str) -> None:
    """A mail server that could not be used, or not safely, is refused at the start, and no password is shown."""
    with pytest.raises(ConfigurationError) as refused:
        load(None, settings("sqlite:///x", **mail))
    assert says in str(refused.value)
    assert "planted" not in str(refused.value)


def test_a_password_stands_in_no_file(tmp_path: Path) -> None:
    """The mail server's password comes from the environment or a file of its own, never from the settings' file."""
    (tmp_path / "registrar.toml").write_text('[mail]\npassword = "planted"\n')
    with pytest.raises(ConfigurationError, match="REGISTRAR_MAIL__PASSWORD"):
        load(tmp_path, settings("sqlite:///x"))
