"""The password is changed by configuration alone, long ones travel where they fit, and warnings reach staff (RFC 8807)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.registrars.epp.passwords import security_warnings
from adapters.registrars.epp.reading import parse, read_response
from adapters.sandbox.epp import LoginEvent
from registrar.gateway import Gateway, GatewayUnavailableError
from registrar.outcomes import BlockCause, Blocked, Done, NotSent
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, PASSWORD, call_with
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.house import House
from tests.adapters.epp.scripted import Peer, framed, greeting, response
from tests.adapters.epp.test_fees import RENEW, closes
from tests.adapters.epp.test_gateway import renews

NEW = "planted-new-88"
LONG = "planted password of more than sixteen"
CHANGED = "new_password is the present password now: make it password, and remove new_password"
LOGIN_SECURITY = "urn:ietf:params:xml:ns:epp:loginSec-1.0"


def offers_long_passwords(house: House) -> bool:
    return LOGIN_SECURITY in house.dialect.extensions


def opens(house: House, password: str) -> bool:
    """Tell whether a password opens the registry's door."""
    try:
        house.gateway(password=Secret(password)).inspect(call_with())
    except GatewayUnavailableError:
        return False
    return True


def logins(house: House) -> list[int | None]:
    return [code for _, code in house.journal("login")]


def test_a_password_is_changed_by_one_login(house: House) -> None:
    """A new password in the configuration is set by the first login, used from there on, and named to staff."""
    gateway = house.gateway(new_password=Secret(NEW), sessions=3)
    assert gateway.warnings() == ()
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: gateway.inspect(call_with()), range(12)))
    assert set(logins(house)) == {1000}
    assert gateway.warnings() == (CHANGED,)
    assert NEW not in str(gateway.warnings())
    assert (opens(house, PASSWORD), opens(house, NEW)) == (False, True)


def test_a_process_that_comes_later_finds_the_password_changed(house: House) -> None:
    """Another worker with the same configuration finds out in one further login that the password was changed."""
    house.gateway(new_password=Secret(NEW)).inspect(call_with())
    second = house.gateway(new_password=Secret(NEW))
    second.inspect(call_with())
    assert logins(house) == [1000, 2200, 1000]
    assert second.warnings() == (CHANGED,)


@pytest.mark.parametrize(
    ("loss", "codes"), [("drop_reply", [None, 2200, 1000]), ("drop_request", [None, 1000])]
)
def test_a_change_whose_answer_was_lost_is_found_out(
    house: House, loss: str, codes: list[int | None]
) -> None:
    """When nobody knows whether the password was changed, the next login finds out."""
    house.books.misbehave(loss, command="login")
    gateway = house.gateway(new_password=Secret(NEW))
    with pytest.raises(GatewayUnavailableError) as lost:
        gateway.inspect(call_with())
    assert lost.value.blocked is None
    gateway.inspect(call_with())
    assert logins(house) == codes
    assert opens(house, NEW)


def test_two_refused_passwords_end_it(house: House) -> None:
    """When neither password opens, two logins are tried and no third, and staff are told."""
    gateway = house.gateway(password=Secret("planted-no-1"), new_password=Secret("planted-no-2"))
    outcome = gateway.execute(RENEW, call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert "planted" not in repr(outcome)
    assert logins(house) == [2200, 2200]


def test_a_login_that_is_put_off_tries_no_other_password(connect: Connect) -> None:
    """A registry in trouble is no reason to try another password."""

    def busy(peer: Peer) -> None:
        peer.send(framed(greeting()))
        peer.answer(peer.read(), 2502)

    gateway, registry = connect(busy, new_password=Secret(NEW))
    outcome = gateway.execute(RENEW, call_with())
    assert isinstance(outcome, NotSent)
    assert not outcome.unreachable
    assert len(registry.commands("<login>")) == 1


@pytest.mark.parametrize("code", [2306, 2005])
def test_a_new_password_that_the_registry_dislikes_is_told(connect: Connect, code: int) -> None:
    """A new password against the registry's rules is not tried as the present one; staff read the registry's answer."""

    def picky(peer: Peer) -> None:
        peer.send(framed(greeting()))
        peer.answer(peer.read(), code, message=f"{NEW} is too weak")

    gateway, registry = connect(picky, new_password=Secret(NEW))
    outcome = gateway.execute(RENEW, call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.reply.text == "*** is too weak"
    assert len(registry.commands("<login>")) == 1


def test_long_passwords_travel_in_their_extension(house: House) -> None:
    """A password longer than sixteen characters is set and used where the registry takes one, and else told to staff."""
    gateway = house.gateway(new_password=Secret(LONG))
    if not offers_long_passwords(house):
        with pytest.raises(GatewayUnavailableError, match="loginSec"):
            gateway.inspect(call_with())
        assert logins(house) == []
        return
    gateway.inspect(call_with())
    assert (opens(house, LONG), opens(house, PASSWORD)) == (True, False)


def test_what_a_login_warns_of_reaches_staff(house: House) -> None:
    """A certificate or a password that runs out is told to staff with its date, as long as the registry says so."""
    house.stop()
    events = (
        LoginEvent("certificate", "Certificate expires soon", expires="2026-12-01T00:00:00Z"),
        LoginEvent("cipher", "Cipher is old", level="error"),
    )
    house.start(login_events=events)
    gateway = house.gateway()
    told = gateway.inspect(call_with())
    if not offers_long_passwords(house):
        assert (gateway.warnings(), told["warnings"]) == ((), "none")
        return
    assert gateway.warnings() == (
        "certificate (warning, until 2026-12-01T00:00:00Z): Certificate expires soon",
        "cipher (error): Cipher is old",
    )
    assert "Cipher is old" in told["warnings"]
    house.stop()
    house.start()
    gateway.inspect(call_with())
    assert gateway.warnings() == ()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ('<l:event type="stat" name="failed-logins" level="warning" value="3"/>', "failed-logins (warning)"),
        ('<l:event type="custom"/>', "custom (warning)"),
        ("<l:event/>", "login (warning)"),
    ],
)
def test_a_warning_of_few_words_is_told_too(event: str, words: str) -> None:
    """Whatever a registry leaves out of a warning, the warning is told."""
    extension = f'<l:loginSecData xmlns:l="{LOGIN_SECURITY}">{event}</l:loginSecData>'
    answer = read_response(parse(response(1000, transaction_id="T", extension=extension).encode()))
    assert security_warnings(answer) == (words,)


def test_the_password_is_changed_once_however_many_begin_at_once(connect: Connect) -> None:
    """While one session changes the password the others wait for it, and then use the new one."""
    gateway, registry = connect(_lets_in, sessions=4, new_password=Secret(NEW))
    outcomes = _at_once(gateway, 16)
    assert outcomes == {Done}
    changes = [login for login in registry.commands("<login>") if "<newPW>" in login]
    assert len(changes) == 1
    assert PASSWORD in changes[0]
    assert all(NEW in login and PASSWORD not in login for login in registry.commands("<login>")[1:])


def _lets_in(peer: Peer) -> None:
    peer.greet()
    while True:
        renews(peer, peer.read())


def _at_once(gateway: Gateway, times: int) -> set[type]:
    with ThreadPoolExecutor(8) as threads:
        return set(threads.map(lambda _: type(gateway.execute(RENEW, call_with(seconds=30))), range(times)))


SECRETS: dict[str, Callable[[Peer], None]] = {
    "closes": lambda peer: closes(peer, ""),
    "refuses": lambda peer: peer.answer(peer.read(), 2200, message=f"{PASSWORD} and {NEW} are wrong"),
}


@pytest.mark.parametrize("misbehaves", SECRETS.values(), ids=SECRETS.keys())
def test_neither_password_is_kept(connect: Connect, misbehaves: Callable[[Peer], None]) -> None:
    """Whatever becomes of a change, neither password stands in any outcome, text or transcript."""

    def script(peer: Peer) -> None:
        peer.send(framed(greeting()))
        misbehaves(peer)

    gateway, _registry = connect(script, new_password=Secret(NEW))
    outcome = gateway.execute(RENEW, call_with())
    look = gateway.look(NAME, RENEW.kind, call_with())
    assert isinstance(outcome, Blocked | NotSent)
    for text in (repr(outcome), repr(look), repr(gateway), str(gateway.warnings())):
        assert PASSWORD not in text
        assert NEW not in text
