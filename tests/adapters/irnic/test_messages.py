"""Reading IRNIC's queue of messages, its deposit, and the inspection of a contract."""

from datetime import UTC, date, datetime

import pytest

from registrar.commands import Kind
from registrar.gateway import Deposit, Gateway, GatewayUnavailableError, Progress, describe
from tests.adapters.irnic.conftest import OURS, Calls, WallClock
from tests.adapters.irnic.scripted import Script, ScriptedRegistry, answers, http, refuses, says, wire

HELD = "serverHold irnicReserved"


def _poll(statuses: str, *, note: str = "", notice: str = "") -> Script:
    shown = "".join(f'<domain:status s="{status}"/>' for status in statuses.split())
    return answers("poll_domain.xml", statuses=shown, note=note, notice=notice)


def test_an_empty_queue(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """When there is nothing to read, nothing is returned."""
    registry.scripts.append(answers("poll_empty.xml"))
    assert gateway.next_message(call()) is None


@pytest.mark.parametrize(
    ("statuses", "kind", "progress"),
    [
        (f"{HELD} irnicRegistrationApproved", Kind.REGISTER, Progress.APPROVED),
        (f"{HELD} irnicRegistrationRejected", Kind.REGISTER, Progress.REJECTED),
        (f"{HELD} irnicRegistrationDocRequired", Kind.REGISTER, Progress.DOCUMENTS_REQUIRED),
        ("inactive irnicSuspended", Kind.REGISTER, Progress.REJECTED),
        ("ok irnicRenewalRejected", Kind.RENEW, Progress.REJECTED),
        ("ok irnicHolderChangeApproved", Kind.CHANGE_HOLDER, Progress.APPROVED),
        ("ok pendingUpdate irnicHolderChangePendingHolderCheck", Kind.CHANGE_HOLDER, Progress.UNDER_WAY),
        ("ok irnicHolderChangeDocRequired", Kind.CHANGE_HOLDER, Progress.DOCUMENTS_REQUIRED),
        ("ok irnicHolderChangeIsWithdrawn", Kind.CHANGE_HOLDER, Progress.REJECTED),
        ("ok pendingUpdate", None, None),
        ("ok irnicRegistered", None, None),
    ],
)
def test_a_message_about_a_name(
    statuses: str,
    *,
    kind: Kind | None,
    progress: Progress | None,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """A message tells what was decided of a name, or that documents are asked for."""
    registry.scripts.append(_poll(statuses, note="A note", notice="DomainNotice"))
    message = gateway.next_message(call())
    assert message is not None
    assert (message.message_id, message.queued_at_text) == ("77001", "2026-11-22T12:00:00")
    assert (message.domain, message.registry_id) == ("example.ir", "3863345")
    assert (message.kind, message.progress) == (kind, progress)
    assert message.text.startswith("DomainUpdateStatus DomainNotice: example.ir: ")
    assert message.text.endswith(": A note")
    assert "polData" in message.transcript


def test_a_notice_without_a_name(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A notice that is about no name decides nothing, and can be acknowledged like any other."""
    registry.scripts.append(answers("poll_notice.xml"))
    message = gateway.next_message(call())
    assert message is not None
    assert (message.message_id, message.domain, message.kind) == ("77003", None, None)
    assert message.text == "DomainNotice: An invented notice"
    assert message.attention == "An invented notice"


@pytest.mark.parametrize(
    ("statuses", "attention"),
    [
        ("pendingDelete irnicDeletionApproved", "IRNIC has deleted example.ir"),
        ("pendingDelete irnicDeletionPendingHolderCheck", None),
        ("ok irnicDeletionRejected", None),
        ("ok irnicRegistered", None),
    ],
)
def test_staff_are_told_of_a_name_that_left(
    statuses: str, attention: str | None, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A name that was given up is told to staff, whoever asked for it."""
    registry.scripts.append(_poll(statuses, note="A note", notice="DomainNotice"))
    message = gateway.next_message(call())
    assert message is not None
    assert message.attention == attention


@pytest.mark.parametrize("status", ["irnicRejected", "irnicUnapproved"])
def test_staff_are_told_of_a_handle_that_is_not_accepted(
    status: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A handle that IRNIC rejects is of use to no order: somebody must know."""
    body = wire("poll_contact.xml", client_id="ORDER-1-1").replace(b"irnicApproved", status.encode())
    registry.scripts.extend([says(http(body)), answers("poll_contact.xml")])
    message = gateway.next_message(call())
    assert message is not None
    assert message.attention == "IRNIC does not accept the handle ab123-irnic as it is"
    accepted = gateway.next_message(call())
    assert accepted is not None
    assert accepted.attention is None


def test_a_message_about_a_contact(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A message about a contact is kept, and decides nothing of a name."""
    registry.scripts.append(answers("poll_contact.xml"))
    message = gateway.next_message(call())
    assert message is not None
    assert (message.domain, message.kind, message.registry_id) == (None, None, None)
    assert message.text == "ContactUpdateStatus: contact ab123-irnic: irnicApproved"


@pytest.mark.parametrize(
    "script", [refuses(2400), refuses(1000), refuses(1301), says(http(wire("night_page.html"))), says(b"")]
)
def test_a_queue_that_cannot_be_read(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A queue that cannot be read is not an empty one."""
    registry.scripts.append(script)
    with pytest.raises(GatewayUnavailableError):
        gateway.next_message(call())


@pytest.mark.parametrize("script", [answers("bare.xml", code="1000"), refuses(2303)], ids=["first", "again"])
def test_acknowledging(script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A message is taken off the queue; twice does no harm."""
    registry.scripts.append(script)
    gateway.acknowledge("77001", call())
    assert b'<poll op="ack" msgID="77001"/>' in registry.requests[0].body


def test_an_acknowledgement_that_fails(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A failed acknowledgement is told, and may be repeated."""
    registry.scripts.append(refuses(2400))
    with pytest.raises(GatewayUnavailableError, match="77001"):
        gateway.acknowledge("77001", call())


def test_the_deposit(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Our deposit is read as IRNIC writes it, in its own unit."""
    registry.scripts.append(answers("own_contact.xml", balance="100.50"))
    assert gateway.deposit(call()) == Deposit("100.50", "unit")
    assert f"<contact:id>{OURS}</contact:id>".encode() in registry.requests[0].body


@pytest.mark.parametrize(
    "script",
    [
        answers("own_contact.xml", balance="plenty"),
        answers("own_contact.xml", balance="NaN"),
        answers("bare.xml", code="1000"),
        refuses(2200),
    ],
)
def test_a_deposit_that_cannot_be_read(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A deposit that cannot be read is neither empty nor full."""
    registry.scripts.append(script)
    with pytest.raises(GatewayUnavailableError):
        gateway.deposit(call())


def test_an_inspection(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """An inspection shows where we connect, what is left, when IRNIC is closed, and what can be ordered there."""
    registry.scripts.append(answers("own_contact.xml", balance="12"))
    assert gateway.inspect(call()) == {
        "address": registry.url,
        "billing contact": OURS,
        "hours": "closed 23:00 to 00:30 Asia/Tehran",
        "locked names": "not renewed",
        **describe(gateway.capabilities),
        "deposit": "12 unit",
    }


def test_nothing_is_read_at_night(gateway: Gateway, call: Calls, clock: WallClock) -> None:
    """At night reading fails at once and says why."""
    clock.at = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    for read in (
        gateway.next_message,
        gateway.deposit,
        gateway.inspect,
        lambda limits: gateway.statement(date(2026, 11, 1), date(2026, 11, 30), limits),
        lambda limits: gateway.acknowledge("1", limits),
    ):
        with pytest.raises(GatewayUnavailableError, match="closed 23:00 to 00:30"):
            read(call())
