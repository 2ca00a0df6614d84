"""What a look at a .ir name tells us."""

from datetime import UTC, datetime

import pytest

from registrar.commands import Kind
from registrar.gateway import Gateway, Progress, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause
from tests.adapters.irnic.conftest import NOON_IN_TEHRAN, Calls, WallClock
from tests.adapters.irnic.scripted import ScriptedRegistry, answers, refuses

NAME = DomainName("example.ir", "ir")


def _statuses(text: str) -> str:
    return "".join(f'<domain:status s="{status}"/>' for status in text.split())


def _contacts(**handles: str) -> str:
    return "".join(
        f'<domain:contact type="{role}">{handle}</domain:contact>' for role, handle in handles.items()
    )


def test_a_name_of_ours(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """We see that a name is ours, when it ends, and IRNIC's own writing of that date."""
    registry.scripts.append(answers("info_ours.xml"))
    seen = gateway.look(NAME, Kind.RENEW, call())
    assert (seen.standing, seen.ours, seen.sponsor) == (Standing.REGISTERED, True, "RE1234-irnic")
    assert seen.registry_id == "3863345"
    assert seen.expiry is not None
    assert seen.expiry.text == "2027-03-02T00:20:00"
    assert seen.expiry.at == datetime(2027, 3, 1, 20, 50, tzinfo=UTC)
    assert seen.nameservers == ("ns1.example.net", "ns2.example.net")
    assert seen.statuses == {"ok", "irnicRegistered"}
    assert (seen.progress, seen.expiry_is_temporary) == ({}, False)
    assert seen.seen_at == NOON_IN_TEHRAN


def test_iran_once_had_summer_time(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A date of a past summer is read with the clock of that summer."""
    contacts = _contacts(bill="re1234-irnic")
    registry.scripts.append(answers("info_contacts.xml", contacts=contacts, expires="2021-07-01T12:00:00"))
    seen = gateway.look(NAME, Kind.RENEW, call())
    assert seen.expiry is not None
    assert seen.expiry.at == datetime(2021, 7, 1, 7, 30, tzinfo=UTC)


def test_a_bare_date_is_the_end_of_that_day(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A date without a time is the end of that day in Tehran."""
    registry.scripts.append(answers("info_contacts.xml", contacts="", expires="2027-03-02"))
    seen = gateway.look(NAME, Kind.RENEW, call())
    assert seen.expiry is not None
    assert seen.expiry.at == datetime(2027, 3, 2, 20, 29, 59, tzinfo=UTC)


def test_a_broken_date_is_no_sighting(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """An answer with a date that is none is not believed in its other parts either."""
    registry.scripts.append(answers("info_contacts.xml", contacts="", expires="soon"))
    assert gateway.look(NAME, Kind.RENEW, call()).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("contacts", "ours"),
    [
        (_contacts(holder="ab123-irnic", bill="re1234-irnic"), True),
        (_contacts(holder="ab123-irnic", reseller="RE1234-IRNIC", bill="zz999-irnic"), True),
        (_contacts(holder="ab123-irnic", reseller="zz999-irnic", bill="re1234-irnic"), True),
        (_contacts(holder="ab123-irnic", reseller="zz999-irnic"), False),
        (_contacts(holder="ab123-irnic", bill="zz999-irnic"), False),
        (_contacts(holder="ab123-irnic"), None),
        ("", None),
    ],
)
def test_whose_name_it_is(
    contacts: str, *, ours: bool | None, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A name is ours if we are its reseller or its billing contact; where that is hidden we do not guess."""
    registry.scripts.append(answers("info_contacts.xml", contacts=contacts, expires="2027-03-02T00:20:00"))
    assert gateway.look(NAME, Kind.RENEW, call()).ours is ours


def test_a_strangers_name(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Of a stranger's name IRNIC shows neither the id nor the creation date: it is not ours."""
    registry.scripts.append(answers("info_stranger.xml"))
    seen = gateway.look(NAME, Kind.REGISTER, call())
    assert (seen.standing, seen.ours, seen.registry_id, seen.created_at) == (
        Standing.REGISTERED,
        False,
        None,
        None,
    )
    assert seen.expiry is not None


def test_before_approval_the_expiry_is_temporary(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Ten days ahead is when a reservation ends, not when a term does."""
    statuses = _statuses("serverHold irnicReserved irnicRegistrationApproved irnicNeverHeardOf")
    registry.scripts.append(answers("info_statuses.xml", statuses=statuses))
    seen = gateway.look(NAME, Kind.REGISTER, call())
    assert seen.expiry_is_temporary
    assert seen.progress == {Kind.REGISTER: Progress.APPROVED}
    assert "irnicNeverHeardOf" in seen.statuses


def test_a_pending_renewal_is_seen(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A renewal whose answer was lost is found by its pending status."""
    registry.scripts.append(
        answers("info_statuses.xml", statuses=_statuses("ok irnicRegistered pendingRenew"))
    )
    seen = gateway.look(NAME, Kind.RENEW, call())
    assert seen.progress == {Kind.RENEW: Progress.UNDER_WAY}
    assert not seen.expiry_is_temporary


@pytest.mark.parametrize(
    ("avail", "reason", "standing"),
    [
        ("1", "", Standing.FREE),
        ("true", "", Standing.FREE),
        ("0", "", Standing.UNKNOWN),
        ("false", "", Standing.UNKNOWN),
        ("0", "Domain name is restricted", Standing.FREE),
        ("0", "Domain name is not valid", Standing.FREE),
        ("maybe", "", Standing.UNKNOWN),
    ],
)
def test_a_name_that_the_registry_does_not_know(
    avail: str, reason: str, *, standing: Standing, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A name counts as not registered only if info and check agree, or check says why it cannot be."""
    shown = f"<domain:reason>{reason}</domain:reason>" if reason else ""
    registry.scripts.extend([refuses(2303), answers("check.xml", avail=avail, reason=shown)])
    seen = gateway.look(NAME, Kind.REGISTER, call())
    assert seen.standing is standing
    assert seen.ours is None
    assert reason in seen.reason
    assert [request.transaction_id for request in registry.requests] == ["ORDER-1-1", "ORDER-1-1-check"]


@pytest.mark.parametrize("code", [2201, 2202, 2400, 2502, 1000])
def test_other_answers_tell_nothing(
    code: int, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Any other answer leaves the name's state unknown."""
    registry.scripts.append(refuses(code))
    assert gateway.look(NAME, Kind.RENEW, call()).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("code", "cause"), [(2005, BlockCause.REQUEST), (2306, BlockCause.REQUEST), (2400, None)]
)
def test_a_name_that_irnic_will_not_hear_of_is_for_staff(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls, code: int, cause: BlockCause | None
) -> None:
    """When IRNIC calls the name itself invalid, asking again is no use; a failure of its own is another matter."""
    registry.scripts.append(refuses(code))
    seen = gateway.look(NAME, Kind.REGISTER, call())
    assert (seen.standing, seen.blocked) == (Standing.UNKNOWN, cause)


def test_an_answer_about_another_name_is_not_believed(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """An answer about another name tells nothing of ours."""
    registry.scripts.append(answers("info_ours.xml"))
    seen = gateway.look(DomainName("other.ir", "ir"), Kind.RENEW, call())
    assert (seen.standing, seen.reason) == (Standing.UNKNOWN, "the answer is about another name")


def test_no_look_while_irnic_is_closed(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls, clock: WallClock
) -> None:
    """At night a look says why it saw nothing."""
    clock.at = datetime(2026, 11, 22, 19, 40, tzinfo=UTC)
    seen = gateway.look(NAME, Kind.RENEW, call())
    assert (seen.standing, seen.reason) == (Standing.UNKNOWN, "IRNIC is closed 23:00 to 00:30 Asia/Tehran")
    assert registry.requests == []
