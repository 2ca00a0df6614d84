"""Who may come in to the EPP sandbox, how many at once, and what ends a session."""

import pytest

from adapters.sandbox.epp import COM
from tests.sandbox.epp import client as epp
from tests.sandbox.epp.client import NS, HungUpError
from tests.sandbox.epp.stage import Stage


def test_the_greeting_offers_what_the_registry_has(stage: Stage) -> None:
    """On connecting, and again on hello, the registry says which objects it keeps."""
    client = stage.connect()
    client.write(f'<epp xmlns="{NS["e"]}"><hello/></epp>')
    again = client.read()
    for greeting in (client.greeting, again):
        assert greeting.all("//e:objURI") == list(stage.dialect.objects)
    assert ("urn:ietf:params:xml:ns:contact-1.0" in client.greeting.all("//e:objURI")) is (
        stage.dialect is COM
    )


def test_nothing_is_done_before_a_login(stage: Stage) -> None:
    """Who has not logged in can change nothing."""
    assert stage.renew(stage.connect()).code == 2002
    assert stage.amounts() == []


def test_a_second_login_on_one_connection_is_a_mistake(stage: Stage) -> None:
    """A connection belongs to whoever logged in on it."""
    client = stage.client()
    assert client.login("other").code == 2002


def test_wrong_passwords_end_the_connection(stage: Stage) -> None:
    """A wrong password is refused, and guessing is cut short."""
    client = stage.connect()
    assert [client.login("reseller", "wrong-pw").code for _ in range(3)] == [2200, 2200, 2501]
    with pytest.raises(HungUpError):
        client.read()


def test_a_login_that_asks_for_more_than_is_offered_is_refused(small: Stage) -> None:
    """A client must log in with what the greeting offers, and then may."""
    client = small.connect()
    assert client.login("reseller", "sandbox-pw", NS["d"], NS["c"]).code == 2307
    assert client.login("reseller", "sandbox-pw", NS["d"]).code == 1000


def test_there_is_a_limit_to_sessions(stage: Stage) -> None:
    """A session too many is refused and closed; one that ends makes room."""
    clients = [stage.client() for _ in range(3)]
    one_too_many = stage.connect()
    assert one_too_many.login().code == 2502
    with pytest.raises(HungUpError):
        one_too_many.read()
    assert clients[0].ask("<logout/>").code == 1500
    with pytest.raises(HungUpError):
        clients[0].read()
    stage.client()


def test_a_new_password_replaces_the_old_one(com: Stage) -> None:
    """After a login that changes the password, only the new one opens."""
    client = com.connect()
    login = (
        "<login><clID>reseller</clID><pw>sandbox-pw</pw><newPW>newer-pw</newPW><options><version>1.0</version>"
        f"<lang>en</lang></options><svcs><objURI>{NS['d']}</objURI></svcs></login>"
    )
    assert client.ask(login).code == 1000
    assert com.connect().login().code == 2200
    assert com.connect().login("reseller", "newer-pw").code == 1000


def test_who_has_no_certificate_is_not_greeted(small: Stage) -> None:
    """Where the registry asks for a client's certificate, nobody without one hears anything."""
    with pytest.raises((HungUpError, OSError)):
        small.connect(certificate=False)


def test_an_unknown_command_is_answered_2101(stage: Stage) -> None:
    """A command that nobody knows is refused; the strict registry then hangs up."""
    client = stage.client()
    assert client.ask("<frobnicate/>").code == 2101
    if stage.dialect is COM:
        assert client.ask(epp.check("example.com")).code == 1000
    else:
        with pytest.raises(HungUpError):
            client.ask(epp.check("example.com"))


def test_a_repeated_transaction_id_is_answered_or_hung_up_on(stage: Stage) -> None:
    """The strict registry closes without a word on a transaction id that it has seen, in whichever session."""
    stage.client().ask(epp.check("example.com"), transaction_id="order-1-1")
    again = stage.client()
    if stage.dialect is COM:
        assert again.ask(epp.check("example.com"), transaction_id="order-1-1").code == 1000
    else:
        with pytest.raises(HungUpError):
            again.ask(epp.renew("example.com", "2027-01-31", stage.period), transaction_id="order-1-1")
        assert stage.amounts() == []
