"""Renewals that IRNIC has something against: expired and locked names, undecided ones, names with another agent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from registrar.commands import Expiry, Kind, Renew
from registrar.gateway import Gateway, Standing
from registrar.names import DomainName
from registrar.outcomes import Blocked, Correctable, NotSent
from tests.adapters.irnic.conftest import Calls
from tests.adapters.irnic.scripted import Script, ScriptedRegistry, answers, freezes, http, refuses, says
from tests.adapters.irnic.test_outcomes import CUR_EXP, RENEW, brief
from tests.adapters.irnic.test_statements import A_NAME_OF_ITS_OWN, GIVEN_BACK, PAID, credit

NAME = DomainName("example.ir", "ir")
OVER = Renew(NAME, 60, Expiry(datetime(2026, 10, 15, 8, 30, tzinfo=UTC), "2026-10-15T12:00:00"))
"""Of a name whose term was over five weeks ago."""
ELSEWHERE = replace(RENEW, elsewhere=True)
ACCEPTED = answers("renew.xml")


def shows(statuses: str) -> Script:
    """Show the name with these statuses."""
    shown = "".join(f'<domain:status s="{status}"/>' for status in statuses.split())
    return answers("info_statuses.xml", statuses=shown)


SEEN = {
    "inactive irnicExpired": "pending",
    "inactive IRNICLOCKED": "blocked price",
    "inactive irnicSuspended": "refused not_renewable",
    "inactive irnicExpired pendingDelete": "refused not_renewable",
    "inactive irnicExpired serverRenewProhibited": "refused not_renewable",
    "inactive irnicExpired pendingRenew": "notsent",
    "inactive irnicExpired irnicRenewalPendingHolderCheck": "notsent",
    "inactive irnicExpired irnicRenewalApproved": "notsent",
    "inactive irnicExpired irnicRenewalDocRequired": "correctable documents",
    "serverHold irnicReserved serverRenewProhibited irnicRegistrationDocRequired": "correctable documents",
    "serverHold irnicReserved serverRenewProhibited irnicRegistrationPendingDomainCheck": "notsent",
    "serverHold irnicReserved serverRenewProhibited irnicRegistrationRejected": "notsent",
}


@pytest.mark.parametrize(("statuses", "expected"), SEEN.items(), ids=SEEN.keys())
def test_a_name_whose_term_is_over_is_looked_at_first(
    statuses: str, expected: str, *, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Whether an expired name can be renewed, and at what price, is read from its statuses before anything is sent."""
    registry.scripts.extend([shows(statuses), ACCEPTED])
    assert brief(gateway.execute(OVER, call())) == expected
    assert len(registry.requests) == (2 if expected == "pending" else 1)


def test_a_name_that_is_not_decided_is_asked_for_again_later(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """While another renewal goes on the order waits for an hour, and nothing was sent."""
    registry.scripts.append(shows("inactive irnicExpired pendingRenew"))
    outcome = gateway.execute(OVER, call())
    assert isinstance(outcome, NotSent)
    assert (outcome.retry_after, outcome.unreachable) == (3600, False)


def test_the_penalty_is_paid_only_where_we_say_so(
    connect: Callable[..., Gateway], registry: ScriptedRegistry, call: Calls
) -> None:
    """A locked name costs a year's fee more: staff read which setting says yes to it, and with it the name is renewed."""
    registry.scripts.append(shows("inactive irnicLocked"))
    outcome = connect(registry.url).execute(OVER, call())
    assert isinstance(outcome, Blocked)
    assert "renew_locked = true" in outcome.reply.text
    registry.scripts.extend([shows("inactive irnicLocked"), ACCEPTED])
    assert brief(connect(registry.url, renew_locked=True).execute(OVER, call())) == "pending"


FAILED_LOOKS: dict[str, tuple[Script, str, bool]] = {
    "frozen": (freezes, "notsent", True),
    "HTTP 502": (says(http(b"", status="502 Bad Gateway")), "notsent", True),
    "2502": (refuses(2502), "notsent", False),
    "2202": (refuses(2202), "blocked credentials", False),
    "2303": (refuses(2303), "refused not_registered confirm", False),
}


@pytest.mark.parametrize(
    ("script", "expected", "unreachable"), FAILED_LOOKS.values(), ids=FAILED_LOOKS.keys()
)
def test_without_a_look_an_expired_name_is_not_renewed(
    script: Script,
    *,
    expected: str,
    unreachable: bool,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """When it cannot be seen whether the penalty applies, nothing is bought."""
    registry.scripts.append(script)
    outcome = gateway.execute(OVER, call(seconds=1.0))
    assert brief(outcome) == expected
    assert (isinstance(outcome, NotSent) and outcome.unreachable) is unreachable
    assert len(registry.requests) == 1


AFTER_2304 = {
    "ok irnicRegistered pendingRenew": "refused status_prohibits confirm",
    "ok irnicRegistered irnicRenewalDocRequired": "refused status_prohibits confirm",
    "ok irnicRegistered": "refused status_prohibits confirm",
    "serverHold irnicReserved irnicRegistrationDocRequired": "correctable documents",
    "serverHold irnicReserved serverRenewProhibited": "refused status_prohibits confirm",
    "ok irnicRegistered pendingDelete": "refused not_renewable confirm",
}


@pytest.mark.parametrize(("statuses", "expected"), AFTER_2304.items(), ids=AFTER_2304.keys())
def test_a_status_that_prohibits_is_told_apart(
    statuses: str, expected: str, *, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When IRNIC's refusal speaks of a status, the name is looked at; a renewal in work may be our own."""
    registry.scripts.extend([refuses(2304), shows(statuses)])
    assert brief(gateway.execute(RENEW, call())) == expected
    assert not registry.scripts


def test_a_prohibition_that_nobody_explains(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Without the look the code alone must do, and another look is asked for."""
    registry.scripts.extend([refuses(2304), refuses(2400)])
    assert brief(gateway.execute(RENEW, call())) == "refused status_prohibits confirm"


REFUSED_ELSEWHERE = {
    (2201, "", ""): "correctable contacts",
    (2306, "", ""): "correctable contacts",
    (2306, "You are not the bill contact.", ""): "correctable contacts",
    (2306, "", CUR_EXP): "refused expiry_conflict confirm",
    (2105, "", ""): "refused not_renewable",
    (2104, "", ""): "blocked deposit",
}


@pytest.mark.parametrize(
    ("answer", "expected"), REFUSED_ELSEWHERE.items(), ids=[str(key[:2]) for key in REFUSED_ELSEWHERE]
)
def test_a_name_with_another_agent_needs_its_holders_consent(
    answer: tuple[int, str, str],
    expected: str,
    *,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """Where we may not renew a name that is elsewhere, its holder is told to make us the billing contact."""
    registry.scripts.append(refuses(*answer))
    outcome = gateway.execute(ELSEWHERE, call())
    assert brief(outcome) == expected
    if isinstance(outcome, Correctable):
        assert "billing contact" in outcome.reply.text
    assert len(registry.requests) == 1


def test_a_name_with_another_agent_is_renewed(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A renewal of a name that is elsewhere is sent like any other, and that it is not ours is no ground to refuse."""
    registry.scripts.append(ACCEPTED)
    assert brief(gateway.execute(ELSEWHERE, call())) == "pending"


def _charges(gateway: Gateway, registry: ScriptedRegistry, call: Calls, *lines: str) -> frozenset[str]:
    registry.scripts.extend([answers("info_stranger.xml"), answers("statement.xml", credits="".join(lines))])
    seen = gateway.look(NAME, Kind.RENEW_ELSEWHERE, call())
    assert seen.standing is Standing.REGISTERED
    assert seen.charges is not None
    return seen.charges


def test_only_a_charge_of_ours_proves_a_renewal_elsewhere(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A look at a name that is elsewhere tells what we paid for its renewals, and what we got back does not count."""
    paid = credit("7", "2026-11-20", PAID, "-2")
    other = credit("8", "2026-11-20", A_NAME_OF_ITS_OWN, "-2")
    assert _charges(gateway, registry, call) == frozenset()
    [charge] = _charges(gateway, registry, call, paid, other, paid)
    assert {charge} < _charges(gateway, registry, call, paid, credit("9", "2026-11-22", PAID, "-2"))
    refund = credit("10", "2026-11-21", GIVEN_BACK, "2")
    assert _charges(gateway, registry, call, refund, paid) == frozenset()
    asked = registry.requests[1].body.decode()
    assert 'startDate="2026-10-22" endDate="2026-11-22"' in asked
    assert "re1234-irnic" in asked


@pytest.mark.parametrize(
    "script", [refuses(2400), answers("bare.xml", code="1000"), says(b"")], ids=["2400", "none", "closed"]
)
def test_without_the_statement_the_look_told_nothing(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When the statement cannot be read, nobody concludes that we paid, or that we did not."""
    registry.scripts.extend([answers("info_ours.xml"), script])
    seen = gateway.look(NAME, Kind.RENEW_ELSEWHERE, call())
    assert (seen.standing, seen.charges) == (Standing.UNKNOWN, None)
    assert "statement" in seen.reason


def test_other_looks_read_no_statement(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Where the expiry itself is proof, the statement is left alone."""
    registry.scripts.append(answers("info_ours.xml"))
    assert gateway.look(NAME, Kind.RENEW, call()).charges is None
