"""Where do our secrets and people's data turn up? On the wire and nowhere else: no transcript, exception, repr or log."""

import base64
import html
import logging
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

import pytest

from registrar.commands import ChangeHolder, Kind, Transfer, Update
from registrar.gateway import Changeable, GatewayUnavailableError
from registrar.secrets import Secret
from tests.contract.far_side import AUTH_CODE, PERSONAL, FarSide, bounded, call_with, until
from tests.contract.faults import (
    CREDENTIALS,
    DROP_REPLY,
    FAIL_AFTER,
    GARBAGE,
    HTML,
    NONE,
    UNREACHABLE,
    Fault,
    faults,
)
from tests.contract.reads import READS

NEW_CODE, WRONG_CODE = "Planted-new-c0de7", "Planted-wrong-c0de"


def leaks(far: FarSide, texts: Iterable[str], *also: str) -> list[tuple[str, str]]:
    """Find what must not be there, in plain text and in the spellings that a wire gives it."""
    planted = {*far.secrets, *PERSONAL, AUTH_CODE, WRONG_CODE, NEW_CODE, *also}
    spellings = {spelt for secret in planted for spelt in _spellings(secret)}
    return [(spelt, text) for text in texts for spelt in sorted(spellings) if spelt in text]


def _spellings(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret), encoded}


def told(something: object) -> list[str]:
    """Return all that an outcome, a sighting or an exception shows, its transcript above all."""
    reply = getattr(something, "reply", None)
    texts = [repr(something), str(something), getattr(something, "transcript", "")]
    if reply is not None:
        texts += [reply.transcript, reply.text, repr(reply)]
    error = something if isinstance(something, BaseException) else None
    while error is not None:
        texts += [repr(error), str(error)]
        error = error.__cause__ or error.__context__
    return texts


@faults((NONE, FAIL_AFTER, GARBAGE, DROP_REPLY))
def test_an_order_shows_no_secret(
    far: FarSide, kind: Kind, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an outcome nor its transcript nor a log holds a credential, an auth code, a PIN or a person's data."""
    caplog.set_level(logging.DEBUG)
    trial = far.trial(kind)
    if fault is not NONE:
        far.misbehave(fault.word, kind)
    outcome = far.execute(trial.command)
    if isinstance(trial.command, Transfer):
        wrong = Transfer(trial.command.domain, 12, Secret(WRONG_CODE), contacts=trial.command.contacts)
        assert leaks(far, told(far.execute(wrong))) == []
    pin = (
        [trial.command.pin.reveal()] if isinstance(trial.command, ChangeHolder) and trial.command.pin else []
    )
    shown = [
        *told(outcome),
        *told(far.look(trial.command.domain, kind)),
        repr(trial.command),
        repr(far.gateway),
    ]
    assert leaks(far, [*shown, *messages_of(caplog)], *pin) == []
    reply = getattr(outcome, "reply", None)
    assert fault is not NONE or (reply is not None and reply.transcript), (
        "staff must see what went over the wire"
    )


def messages_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged, by whomever."""
    return [record.getMessage() for record in caplog.records]


def test_a_change_shows_no_secret(far: FarSide, caplog: pytest.LogCaptureFixture) -> None:
    """A change of contacts or of the auth code shows neither."""
    caplog.set_level(logging.DEBUG)
    name = far.named("ours")
    far.add(name, auth_info=AUTH_CODE)
    updates = []
    if Changeable.CONTACTS in far.capabilities.updates:
        updates.append(Update(name, contacts=far.new_contacts()))
    if Changeable.AUTH_INFO in far.capabilities.updates:
        updates.append(Update(name, auth_info=Secret(NEW_CODE)))
    for update in updates:
        assert leaks(far, [*told(far.execute(update)), repr(update)]) == []
    for errand in far.capabilities.errands:
        ready = far.errand(errand)
        assert leaks(far, [*told(far.execute(ready)), repr(ready)]) == []
    assert leaks(far, messages_of(caplog)) == []


def test_a_read_shows_no_secret(far: FarSide, caplog: pytest.LogCaptureFixture) -> None:
    """What is read for staff, an inspection, the deposit, the statement, messages, holds no secret."""
    caplog.set_level(logging.DEBUG)
    name = far.named("ours")
    far.add(name, auth_info=AUTH_CODE)
    if "messages" not in far.why_not:
        far.queue_messages()
        until(lambda: far.gateway.next_message(call_with()))
    for read in READS:
        assert leaks(far, told(read.of(far))) == []
    code = bounded(lambda: far.gateway.auth_info(name, call_with()))
    assert leaks(far, [repr(code), *far.gateway.warnings(), *messages_of(caplog)]) == []


@faults((HTML, GARBAGE, DROP_REPLY, CREDENTIALS, UNREACHABLE))
def test_a_failure_shows_no_secret(far: FarSide, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever fails, neither the exception nor what caused it nor a log quotes a secret."""
    caplog.set_level(logging.DEBUG)
    trial = far.trial(Kind.RENEW)
    gateway = far.gateway
    if fault is CREDENTIALS:
        gateway = far.connect(**far.wrong_credentials)
    elif fault is UNREACHABLE:
        far.stop()
    else:
        far.books.misbehave(fault.word, times=1000)
    texts = told(far.execute(trial.command, by=gateway))
    texts += told(far.look(trial.command.domain, Kind.RENEW, by=gateway))
    for read in READS:
        if read.asks(far):
            with pytest.raises(GatewayUnavailableError) as raised:
                read.of(far, by=gateway)
            texts += told(raised.value)
    assert leaks(far, [*texts, repr(gateway), *messages_of(caplog)]) == []


def test_a_wrong_section_is_told_without_its_values(far: FarSide) -> None:
    """A section of configuration that is wrong is refused in words that name the key and quote no value."""
    section = {**far.section(), "no_such_key": "Planted Person"}
    with pytest.raises(ValueError, match="no_such_key") as raised:
        far.make(section)
    assert leaks(far, told(raised.value)) == []
