"""How is a name renewed once, where nothing at the registrar stops a second time?"""

import pytest

from registrar.commands import Kind
from registrar.gateway import Gateway, Guard
from registrar.outcomes import Blocked, Done, NotSent, Pending, RefusalReason, Refused
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import ScriptedApi, answers, refuses

RENEW = "POST /domains/#/renew"
ACCEPTED = answers({"status": "ACT"})


def test_a_renewal_declares_that_nothing_guards_it(gateway: Gateway) -> None:
    """Whoever reads the declarations knows that the registrar stops no second renewal."""
    assert gateway.capabilities.guards[Kind.RENEW] is Guard.NONE
    assert gateway.capabilities.late_limit.total_seconds() == 900


def test_a_renewal_is_done_when_the_date_has_moved(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A renewal is done with the date that Openprovider shows afterwards, never with one that we reckon."""
    renewed = house.details(renewal_date=house.RENEWED, expiration_date=house.EXPIRATION_RENEWED)
    house.has(api, house.details(), renewed)
    api.on(RENEW, ACCEPTED)
    outcome = gateway.execute(house.renew(), call())
    assert isinstance(outcome, Done)
    assert outcome.expiry == house.at(house.EXPIRATION_RENEWED)
    assert outcome.renew_by == house.at(house.RENEWED)
    (sent,) = api.asked(RENEW)
    assert sent.content == {"id": 4711, "domain": {"name": "example", "extension": "com"}, "period": 1}
    assert api.told().index(f"{sent.route}") == 2


def test_a_renewal_whose_date_has_not_moved_is_followed(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """An answer of success without a new date is not called done."""
    house.has(api, house.details())
    api.on(RENEW, ACCEPTED)
    assert isinstance(gateway.execute(house.renew(), call()), Pending)


def test_the_date_that_guards_is_the_renewal_date(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A date that moved at the registry alone is no renewal of ours: Openprovider's own is what a renewal moves."""
    moved_at_the_registry_only = house.details(expiration_date=house.EXPIRATION_RENEWED)
    house.has(api, house.details(), moved_at_the_registry_only)
    api.on(RENEW, ACCEPTED)
    assert isinstance(gateway.execute(house.renew(), call()), Pending)
    seen = gateway.look(house.NAME, Kind.REGISTER, call())
    assert seen.renews_from == seen.term_end == house.at(house.RENEWAL)
    assert seen.expiry == house.at(house.EXPIRATION_RENEWED)


@pytest.mark.parametrize("shown", [house.RENEWED, "2027-03-03 00:00:00", "2026-03-01 00:00:00", None, "soon"])
def test_a_date_that_is_not_the_orders_sends_nothing(
    gateway: Gateway, api: ScriptedApi, call: Calls, shown: str | None
) -> None:
    """A renewal ordered against a date that is no longer shown is not sent: it may have been carried out already."""
    house.has(api, house.details(renewal_date=shown, expiration_date=None))
    outcome = gateway.execute(house.renew(), call())
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.confirm) == (RefusalReason.EXPIRY_CONFLICT, True)
    assert api.asked(RENEW) == []


def test_a_name_that_left_us_is_not_renewed(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A name that is not in our account, or was transferred away, costs nothing and is looked into."""
    house.has_not(api, "active")
    gone = gateway.execute(house.renew(), call())
    house.has(api, house.details("TRAN"))
    assert gateway.execute(house.renew(), call()) == gone
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.confirm) == (RefusalReason.NOT_OURS, True)
    assert api.asked(RENEW) == []


def test_an_autorenew_left_on_is_told_to_staff(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A name that Openprovider would renew by itself as well is named among the warnings, once."""
    house.has(api, house.details(autorenew="on"), house.details(autorenew="on", renewal_date=house.RENEWED))
    api.on(RENEW, ACCEPTED)
    gateway.execute(house.renew(), call())
    assert gateway.warnings() == ("example.com renews by itself at Openprovider: set its autorenew off",)


@pytest.mark.parametrize("months", [0, 6, 18, -12])
def test_a_term_of_no_whole_years_is_not_sent(
    gateway: Gateway, api: ScriptedApi, call: Calls, months: int
) -> None:
    """A term that Openprovider cannot sell is our fault to see before sending."""
    assert isinstance(gateway.execute(house.renew(months=months), call()), Blocked)
    assert isinstance(gateway.execute(house.register(months=months), call()), Blocked)
    assert api.requests == []


def test_a_registry_that_is_down_for_the_question_before_leaves_the_renewal_unsent(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """Where the name cannot be read, nothing is spent, and the order waits a while."""
    api.on("GET /domains", refuses(4005, "down"))
    outcome = gateway.execute(house.renew(), call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after == 60
