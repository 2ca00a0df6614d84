"""Orders that OpenSRS saved: never placed twice, carried out once there is money, removed where they stand in the way."""

from dataclasses import replace

import pytest

from registrar.commands import Command, Kind
from registrar.gateway import Gateway, Progress, Standing
from registrar.outcomes import BlockCause, Blocked, Done, NotSent, Pending, Unknown
from tests.adapters.opensrs.conftest import Calls
from tests.adapters.opensrs.house import (
    FREE,
    NAME,
    NOT_OURS,
    REGISTER,
    RENEW,
    RESTORE,
    SENT_AS,
    TAKEN,
    TRANSFER,
    all_info,
    brief,
    has_order,
)
from tests.adapters.opensrs.scripted import Script, ScriptedRegistrar, answers

TYPES: dict[str, Command] = {"new": REGISTER, "renewal": RENEW, "transfer": TRANSFER, "redemption": RESTORE}


@pytest.mark.parametrize(("reg_type", "command"), TYPES.items(), ids=TYPES.keys())
def test_the_same_command_has_the_saved_order_carried_out(
    reg_type: str, command: Command, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """After a top-up the order that OpenSRS kept is carried out; no second one is placed."""
    has_order(opensrs, reg_type=reg_type)
    opensrs.on("PROCESS_PENDING", answers(250, order_id="3500007"))
    opensrs.on("GET all_info", all_info())
    outcome = gateway.execute(command, call())
    assert isinstance(outcome, Pending)
    assert outcome.registry_id == "3500007"
    assert SENT_AS[command.kind.value] not in opensrs.asked
    sent = opensrs.last("PROCESS_PENDING")
    assert sent["attributes/order_id"] == "3500007"
    assert "attributes/command" not in sent


def test_a_saved_renewal_that_is_carried_out_is_read_back(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A kept renewal is done when the date has moved."""
    has_order(opensrs, reg_type="renewal")
    opensrs.on("PROCESS_PENDING", answers(200, order_id="3500007"))
    opensrs.on("GET all_info", all_info(), all_info(expiredate="2028-03-01 20:50:00"))
    assert isinstance(gateway.execute(RENEW, call()), Done)


def test_a_deposit_that_is_still_empty_changes_nothing(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """An order that is tried before the top-up stays kept."""
    has_order(opensrs, reg_type="new")
    opensrs.on("PROCESS_PENDING", answers(200, order_id="3500007", forced_pending="3500007"))
    outcome = gateway.execute(REGISTER, call())
    assert isinstance(outcome, Pending)
    assert outcome.registry_id == "3500007"


@pytest.mark.parametrize("expiredate", ["2028-03-01 20:50:00", "2027-03-02 20:50:00", ""])
def test_a_saved_renewal_is_not_carried_out_on_another_expiry(
    expiredate: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A kept renewal names no year when it is carried out, so the expiry is compared first."""
    has_order(opensrs, reg_type="renewal")
    opensrs.on("GET all_info", all_info(expiredate=expiredate))
    assert brief(gateway.execute(RENEW, call())) == "refused expiry_conflict confirm"
    assert "PROCESS_PENDING" not in opensrs.asked


def test_a_saved_renewal_of_a_name_that_left_is_not_carried_out(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A name that is not with us any more is not renewed by an old order."""
    has_order(opensrs, reg_type="renewal")
    opensrs.on("GET all_info", NOT_OURS)
    assert brief(gateway.execute(RENEW, call())) == "refused not_ours confirm"
    assert "PROCESS_PENDING" not in opensrs.asked


@pytest.mark.parametrize("more", [{"reg_type": "renewal", "period": "2"}, {"reg_type": "something"}])
def test_a_saved_order_of_other_terms_is_for_staff(
    more: dict[str, str], gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A kept order that would buy something else than was ordered is not carried out."""
    has_order(opensrs, **more)
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.REQUEST
    assert "3500007" in outcome.reply.text
    assert opensrs.asked == ["GET_ORDERS_BY_DOMAIN", "GET_ORDER_INFO"]


def test_a_draft_renewal_is_removed_before_another_is_sent(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A renewal that OpenSRS kept for a fault in it is taken away first: OpenSRS takes no second one beside it."""
    has_order(opensrs, reg_type="renewal", notes="Rejected by the registry")
    opensrs.on("PROCESS_PENDING", answers(200))
    opensrs.on("RENEW", answers(250, order_id="3500008"))
    assert isinstance(gateway.execute(RENEW, call()), Pending)
    assert opensrs.last("PROCESS_PENDING")["attributes/command"] == "cancel"
    assert opensrs.asked[-2:] == ["PROCESS_PENDING", "RENEW"]


def test_a_draft_that_cannot_be_removed_holds_the_renewal_back(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """While the draft may still be there no renewal is sent beside it."""
    has_order(opensrs, reg_type="renewal", notes="Rejected by the registry")
    opensrs.on("PROCESS_PENDING", answers(400, "no"))
    assert isinstance(gateway.execute(RENEW, call()), NotSent)
    assert "RENEW" not in opensrs.asked


def test_a_refused_registration_is_simply_sent_anew(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A registration that was kept for a fault in it is replaced by the corrected one."""
    has_order(opensrs, reg_type="new", notes="Invalid postal code")
    opensrs.on("SW_REGISTER", answers(250, id="3500008"))
    assert isinstance(gateway.execute(REGISTER, call()), Pending)
    assert "PROCESS_PENDING" not in opensrs.asked


@pytest.mark.parametrize("status", ["processed", "waiting", "a new word"])
def test_an_order_under_way_is_not_sent_beside(
    status: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """While an order of ours for the name is under way no other is placed."""
    has_order(opensrs, status=status, reg_type="new")
    outcome = gateway.execute(REGISTER, call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after
    assert "SW_REGISTER" not in opensrs.asked


@pytest.mark.parametrize("status", ["completed", "declined", "cancelled"])
def test_an_ended_order_stands_in_nobodys_way(
    status: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Orders that have ended are history."""
    has_order(opensrs, status=status, reg_type="renewal")
    opensrs.on("RENEW", answers(250, order_id="3500008"))
    assert isinstance(gateway.execute(RENEW, call()), Pending)


def test_an_open_order_on_a_later_page_is_found(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A name with many orders is read to the end before anything is called absent."""
    old = [{"id": str(number), "status": "completed"} for number in range(1000, 1040)]
    opensrs.on(
        "GET_ORDERS_BY_DOMAIN",
        answers(200, orders=old, remainder="1"),
        answers(200, orders=[{"id": "3500007", "status": "waiting"}], remainder="0"),
    )
    opensrs.on("GET_ORDER_INFO", answers(200, id="3500007", status="waiting", reg_type="renewal"))
    assert isinstance(gateway.execute(RENEW, call()), NotSent)
    assert opensrs.last("GET_ORDERS_BY_DOMAIN")["attributes/page"] == "2"


def test_a_list_without_an_end_proves_nothing(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A list that never ends is given up, and the order is not sent."""
    opensrs.on("GET_ORDERS_BY_DOMAIN", answers(200, orders=[], remainder="1"))
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, Blocked)
    assert len(opensrs.requests) == 10


@pytest.mark.parametrize(
    ("reg_type", "kind", "available"),
    [
        ("new", Kind.REGISTER, FREE),
        ("new", Kind.REGISTER, answers(221, "taken, awaiting")),
        ("transfer", Kind.TRANSFER, TAKEN),
    ],
)
def test_a_saved_order_is_seen_under_way_for_want_of_money(
    *,
    reg_type: str,
    kind: Kind,
    available: Script,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """An order that OpenSRS only keeps is not lost and not refused: it waits for our deposit."""
    has_order(opensrs, reg_type=reg_type)
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", available)
    opensrs.on("GET_TRANSFERS_IN", answers(200, transfers=[]))
    sighting = gateway.look(NAME, kind, call())
    assert sighting.standing is Standing.REGISTERED
    assert sighting.progress == {kind: Progress.UNDER_WAY}
    assert sighting.blocked is BlockCause.DEPOSIT
    assert "3500007" in sighting.reason


def test_a_name_that_somebody_else_took_is_not_waited_for(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Where another has the name meanwhile, a kept registration of ours cannot happen any more."""
    has_order(opensrs, reg_type="new")
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", TAKEN)
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert (sighting.standing, sighting.ours) == (Standing.REGISTERED, False)
    assert sighting.progress == {}
    assert sighting.blocked is None
    assert "3500007" in sighting.reason


@pytest.mark.parametrize("reg_type", ["renewal", "redemption"])
def test_a_saved_order_that_is_gone_is_looked_for(
    reg_type: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """When OpenSRS does not find a kept order any more, somebody may have had it carried out: a look decides."""
    has_order(opensrs, reg_type=reg_type)
    opensrs.on("GET all_info", all_info())
    opensrs.on("PROCESS_PENDING", answers(480, "order not found"))
    assert isinstance(gateway.execute(TYPES[reg_type], call()), Unknown)


@pytest.mark.parametrize(("reg_type", "kind"), [("renewal", Kind.RENEW), ("redemption", Kind.RESTORE)])
def test_a_saved_renewal_is_seen_beside_the_name(
    reg_type: str, kind: Kind, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A look tells the name's date, and that a renewal waits for our deposit."""
    has_order(opensrs, reg_type=reg_type)
    opensrs.on("GET all_info", all_info())
    sighting = gateway.look(NAME, kind, call())
    assert sighting.ours
    assert sighting.progress == {kind: Progress.UNDER_WAY}
    assert sighting.blocked is BlockCause.DEPOSIT


def test_a_look_spends_nothing(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """Looking at a kept order does not carry it out."""
    has_order(opensrs, reg_type="renewal")
    opensrs.on("GET all_info", all_info())
    gateway.look(NAME, Kind.RENEW, call())
    assert opensrs.asked == ["GET all_info", "GET_ORDERS_BY_DOMAIN", "GET_ORDER_INFO"]


def test_an_order_kept_for_a_fault_is_no_progress(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A kept order that will never happen by itself is not called under way."""
    has_order(opensrs, reg_type="renewal", notes="Rejected by the registry")
    opensrs.on("GET all_info", all_info())
    sighting = gateway.look(NAME, Kind.RENEW, call())
    assert sighting.progress == {}
    assert sighting.blocked is None


def test_terms_are_compared_in_years(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A kept order of two years fits an order of twenty-four months."""
    has_order(opensrs, reg_type="new", period="2")
    opensrs.on("PROCESS_PENDING", answers(250, order_id="3500007"))
    assert isinstance(gateway.execute(replace(REGISTER, months=24), call()), Pending)
