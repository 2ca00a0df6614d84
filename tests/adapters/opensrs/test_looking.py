"""What a look tells: whose a name is, until when, and what is under way."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from registrar.commands import Expiry, Kind
from registrar.gateway import Gateway, GatewayUnavailableError, Progress, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause
from registrar.secrets import Secret
from tests.adapters.opensrs.conftest import NOW, Calls
from tests.adapters.opensrs.house import EXPIRY, FREE, NAME, NOT_OURS, TAKEN, all_info, has_order
from tests.adapters.opensrs.scripted import Script, ScriptedRegistrar, answers

ASKED_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_a_name_of_ours(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A look tells a name's dates, name servers and lock as OpenSRS has them."""
    opensrs.on("GET all_info", all_info())
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert sighting.standing is Standing.REGISTERED
    assert sighting.ours is True
    assert sighting.source == "opensrs:opensrs"
    assert sighting.seen_at == NOW
    assert sighting.expiry == Expiry(datetime(2027, 3, 1, 20, 50, tzinfo=UTC), "2027-03-01 20:50:00")
    assert (sighting.renew_by, sighting.auto_renews) == (sighting.expiry, False)
    assert sighting.created_at == datetime(2020, 3, 1, 20, 50, tzinfo=UTC)
    assert sighting.nameservers == ("ns1.example.net", "ns2.example.net")
    assert sighting.statuses == {"clientTransferProhibited"}
    assert not sighting.restorable
    assert opensrs.asked == ["GET all_info"]


def test_the_lock_is_asked_for_where_the_first_answer_lacks_it(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A lock that is not told is asked for, and not taken to be off."""
    opensrs.on("GET all_info", all_info(lock_state=""))
    opensrs.on("GET status", answers(200, lock_state="1"))
    assert gateway.look(NAME, Kind.REGISTER, call()).statuses == {"clientTransferProhibited"}


def test_a_date_without_a_zone_is_read_in_the_configured_one(
    connect: Callable[..., Gateway], opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """OpenSRS's dates carry no zone: which one is meant is set, and its own text is kept."""
    opensrs.on("GET all_info", all_info(expiredate="2026-12-31 22:00:00"))
    gateway = connect(opensrs.url, timezone="America/Toronto")
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert sighting.renew_by == Expiry(datetime(2027, 1, 1, 3, 0, tzinfo=UTC), "2026-12-31 22:00:00")


def test_the_registrys_date_and_opensrs_own_stay_apart(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A year that the registry has added by itself is the registry's: OpenSRS still wants the name renewed (D4)."""
    opensrs.on("GET all_info", all_info(registry_expiredate="2028-03-01 20:50:00"))
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert sighting.expiry is not None
    assert sighting.expiry.text == "2028-03-01 20:50:00"
    assert sighting.renew_by == sighting.renews_from == sighting.term_end == EXPIRY
    assert sighting.renewed_by_registry is False, "nothing of it is ours to adopt: OpenSRS lets the name go"


def test_without_a_registrys_date_opensrs_own_stands_for_it(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A single date that is told is taken for both."""
    opensrs.on("GET all_info", all_info(registry_expiredate=""))
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert (sighting.expiry, sighting.renew_by) == (EXPIRY, EXPIRY)


@pytest.mark.parametrize(("told", "auto_renews"), [("1", True), ("0", False), ("", None), ("yes", None)])
def test_the_automatic_renewal_is_told(
    told: str, auto_renews: bool | None, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Whether OpenSRS would renew a name by itself is told as it says it, and unknown in any other words."""
    opensrs.on("GET all_info", all_info(auto_renew=told))
    assert gateway.look(NAME, Kind.REGISTER, call()).auto_renews is auto_renews


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2027-03-01", datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC)),
        ("2027-03-01T20:50:00Z", datetime(2027, 3, 1, 20, 50, tzinfo=UTC)),
        ("2027-03-01 20:50:00+0330", datetime(2027, 3, 1, 17, 20, tzinfo=UTC)),
        ("1803934200", datetime(2027, 3, 1, 20, 50, tzinfo=UTC)),
    ],
)
def test_other_ways_to_write_a_date(
    text: str, at: datetime, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A date is read however it is written; a bare one is the end of that day."""
    opensrs.on("GET all_info", all_info(expiredate=text, registry_expiredate=text))
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert sighting.expiry == sighting.renew_by == Expiry(at, text)


@pytest.mark.parametrize("text", ["", "soon", "0000-00-00 00:00:00", "2027-13-01"])
def test_what_is_no_date_is_no_expiry(
    text: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A text that is no date makes no expiry."""
    opensrs.on("GET all_info", all_info(expiredate=text))
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert (sighting.expiry, sighting.renews_from) == (None, None)


ELSEWHERE: dict[str, tuple[Script, Script, Standing, bool | None]] = {
    "free": (NOT_OURS, FREE, Standing.FREE, None),
    "free though hidden": (answers(415, "x"), FREE, Standing.FREE, None),
    "somebody else's": (NOT_OURS, TAKEN, Standing.REGISTERED, False),
    "hidden": (answers(415, "x"), TAKEN, Standing.REGISTERED, None),
    "taken and awaited": (NOT_OURS, answers(221, "taken, awaiting"), Standing.REGISTERED, None),
    "no answer of a look-up": (NOT_OURS, answers(200, "fine"), Standing.UNKNOWN, None),
    "a fault": (NOT_OURS, answers(500, "temporary"), Standing.UNKNOWN, None),
    "a fault first": (answers(404, "registry error"), FREE, Standing.UNKNOWN, None),
}


@pytest.mark.parametrize(("seen", "lookup", "standing", "ours"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_name_that_is_not_in_our_account(
    *,
    seen: Script,
    lookup: Script,
    standing: Standing,
    ours: bool | None,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """A name is free only where OpenSRS's look-up says so in its own code."""
    opensrs.on("GET all_info", seen)
    opensrs.on("LOOKUP", lookup)
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert (sighting.standing, sighting.ours) == (standing, ours)


def test_a_name_that_was_moved_away(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A name that OpenSRS shows us and another sponsors is not ours."""
    opensrs.on("GET all_info", all_info(sponsoring_rsp="0"))
    assert gateway.look(NAME, Kind.REGISTER, call()).ours is False


@pytest.mark.parametrize(("status", "restorable"), [("redemption", True), ("active", False)])
def test_redemption_is_seen(
    status: str, restorable: bool, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A name in redemption can be restored."""
    opensrs.on("GET all_info", all_info(status=status))
    assert gateway.look(NAME, Kind.RESTORE, call()).restorable is restorable


@pytest.mark.parametrize("kind", [Kind.RENEW, Kind.RESTORE])
def test_an_order_at_the_registry_is_under_way(
    kind: Kind, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """What a registry has not decided yet is under way, and not absent."""
    has_order(opensrs, status="waiting", reg_type={Kind.RENEW: "renewal", Kind.RESTORE: "redemption"}[kind])
    opensrs.on("GET all_info", all_info())
    sighting = gateway.look(NAME, kind, call())
    assert sighting.progress == {kind: Progress.UNDER_WAY}
    assert sighting.blocked is None


def test_a_registration_at_the_registry_is_not_free(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A name that we ordered and the registry has not written yet is not called free."""
    has_order(opensrs, status="waiting", reg_type="new")
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", FREE)
    sighting = gateway.look(NAME, Kind.REGISTER, call())
    assert (sighting.standing, sighting.ours) == (Standing.REGISTERED, True)
    assert sighting.progress == {Kind.REGISTER: Progress.UNDER_WAY}


def test_an_order_of_another_kind_is_another_matter(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A transfer under way is no registration under way."""
    has_order(opensrs, status="waiting", reg_type="transfer")
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", FREE)
    assert gateway.look(NAME, Kind.REGISTER, call()).standing is Standing.FREE


ORDERS_UNREAD: dict[str, Script] = {
    "refused": answers(400, "internal error"),
    "no list": answers(200, orders="none"),
    "rows that are none": answers(200, orders=["3500007"]),
    "a row without a number": answers(200, orders=[{"status": "waiting"}]),
}


@pytest.mark.parametrize("script", ORDERS_UNREAD.values(), ids=ORDERS_UNREAD.keys())
def test_without_our_orders_nothing_is_proven_free(
    script: Script, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A free name proves no failed registration while our orders cannot be read."""
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", FREE)
    opensrs.on("GET_ORDERS_BY_DOMAIN", script)
    assert gateway.look(NAME, Kind.REGISTER, call()).standing is Standing.UNKNOWN


def transfer_row(**more: str) -> dict[str, str]:
    """Return one row of GET_TRANSFERS_IN."""
    return {"domain": "example.com", "order_id": "3500007", "order_date": "2026-11-20 10:00:00", **more}


TRANSFERS: dict[str, tuple[list[dict[str, str]], Progress | None]] = {
    "none": ([], None),
    "at the owner": ([transfer_row(status="pending_owner")], Progress.UNDER_WAY),
    "at the registry": ([transfer_row(status="pending_registry")], Progress.UNDER_WAY),
    "a new word": ([transfer_row(status="thinking")], Progress.UNDER_WAY),
    "completed": ([transfer_row(status="completed")], Progress.APPROVED),
    "cancelled": ([transfer_row(status="Cancelled")], Progress.REJECTED),
    "cancelled, nobody knows when": ([transfer_row(status="cancelled", order_date="")], None),
    "another name's": ([transfer_row(status="pending_owner", domain="example.org")], None),
    "cancelled once, asked again": (
        [
            transfer_row(status="cancelled", order_date="2026-10-20 10:00:00", order_id="99"),
            transfer_row(status="pending_registry"),
        ],
        Progress.UNDER_WAY,
    ),
}


@pytest.mark.parametrize(("rows", "progress"), TRANSFERS.values(), ids=TRANSFERS.keys())
def test_how_a_transfer_goes(
    rows: list[dict[str, str]],
    progress: Progress | None,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """A transfer is followed by the latest request of ours for that very name."""
    opensrs.on("GET all_info", NOT_OURS)
    opensrs.on("LOOKUP", TAKEN)
    opensrs.on("GET_TRANSFERS_IN", answers(200, transfers=rows))
    sighting = gateway.look(NAME, Kind.TRANSFER, call())
    assert sighting.ours is False
    assert sighting.progress.get(Kind.TRANSFER) is progress
    if progress is not None:
        assert sighting.transfer_asked_at == ASKED_AT


def test_a_name_that_left_and_is_to_come_back(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A transfer of a name that OpenSRS still shows us from before is followed like any other."""
    opensrs.on("GET all_info", all_info(sponsoring_rsp="0"))
    opensrs.on("GET_TRANSFERS_IN", answers(200, transfers=[transfer_row(status="pending_registry")]))
    sighting = gateway.look(NAME, Kind.TRANSFER, call())
    assert sighting.ours is False
    assert sighting.progress == {Kind.TRANSFER: Progress.UNDER_WAY}


def test_a_transfer_that_was_completed_is_ours(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A name that has arrived is in our account."""
    opensrs.on("GET all_info", all_info())
    assert gateway.look(NAME, Kind.TRANSFER, call()).ours is True


def test_an_answer_about_another_name_is_none(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """An answer that names another name tells nothing of this one."""
    opensrs.on("GET all_info", all_info(domain="example.org"))
    assert gateway.look(NAME, Kind.RENEW, call()).standing is Standing.UNKNOWN
    opensrs.on("GET all_info", all_info(domain="EXAMPLE.com."))
    assert gateway.look(NAME, Kind.RENEW, call()).standing is Standing.REGISTERED


def test_an_answer_about_another_order_is_none(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """An answer that names another order tells nothing of ours."""
    has_order(opensrs, reg_type="renewal")
    opensrs.on("GET_ORDER_INFO", answers(200, field_hash={"id": "1", "status": "completed"}))
    opensrs.on("GET all_info", all_info())
    assert gateway.look(NAME, Kind.RENEW, call()).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("code", "blocked", "pauses"),
    [
        (465, BlockCause.REQUEST, False),
        (460, BlockCause.REQUEST, False),
        (310, None, True),
        (500, None, False),
    ],
)
def test_why_a_look_failed(
    *,
    code: int,
    blocked: BlockCause | None,
    pauses: bool,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """A failed look tells whether asking again will help, and when."""
    opensrs.on("GET all_info", answers(code, "no"))
    sighting = gateway.look(NAME, Kind.RENEW, call())
    assert sighting.standing is Standing.UNKNOWN
    assert sighting.blocked is blocked
    assert bool(sighting.retry_after) is pauses


def test_an_internationalized_name_is_asked_for_by_its_a_label(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A Persian name goes over the wire in ASCII, and an answer may name it in either form."""
    name = DomainName("xn--mgb9awbf.com", "com")
    opensrs.on("GET all_info", all_info(domain=name.unicode))
    assert gateway.look(name, Kind.RENEW, call()).standing is Standing.REGISTERED
    assert opensrs.last("GET all_info")["attributes/domain"] == name.ascii
    assert opensrs.last("GET all_info")["domain"] == name.ascii


@pytest.mark.parametrize(
    ("told", "balance"),
    [
        ({"balance": "105.50", "hold_balance": "5.25"}, "100.25"),
        ({"balance": "105.50"}, "105.50"),
        ({"balance": "1,105.50", "hold_balance": "0"}, "1105.50"),
        ({"balance": "5.00", "hold_balance": "7.50"}, "-2.50"),
    ],
)
def test_the_deposit_is_what_can_be_spent(
    told: dict[str, Any], balance: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """The deposit is the balance without what OpenSRS holds of it."""
    opensrs.on("GET_BALANCE", answers(200, **told))
    deposit = gateway.deposit(call())
    assert deposit is not None
    assert (deposit.balance, deposit.unit) == (balance, "USD")


@pytest.mark.parametrize("script", [answers(200), answers(200, balance="much"), answers(500), answers(460)])
def test_a_deposit_that_is_not_told(
    script: Script, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A balance that cannot be read is not taken for an empty one."""
    opensrs.on("GET_BALANCE", script)
    with pytest.raises(GatewayUnavailableError):
        gateway.deposit(call())


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (answers(200, domain_auth_info="planted-code"), Secret("planted-code")),
        (answers(200), None),
        (NOT_OURS, None),
    ],
)
def test_the_auth_code(
    script: Script, code: Secret | None, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A customer who leaves gets the name's auth code."""
    opensrs.on("GET domain_auth_info", script)
    assert gateway.auth_info(NAME, call()) == code


def test_an_auth_code_that_cannot_be_read(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """An outage is not a name without an auth code."""
    opensrs.on("GET domain_auth_info", answers(500))
    with pytest.raises(GatewayUnavailableError, match="auth code"):
        gateway.auth_info(NAME, call())


def test_what_opensrs_does_not_have(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """There is no queue of messages and no statement, and nothing is sent to find that out."""
    gateway.acknowledge("1", call())
    assert gateway.next_message(call()) is None
    assert gateway.statement(NOW.date(), NOW.date(), call()) is None
    assert gateway.warnings() == ()
    assert not gateway.capabilities.reports_statement
    assert opensrs.requests == []


def test_inspect_tells_what_is_there(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """Staff see the account, its deposit, and that a renewal is guarded by a year alone."""
    opensrs.on("GET_BALANCE", answers(200, balance="10.00", hold_balance="0.00"))
    told: Any = gateway.inspect(call())
    assert told["deposit"] == "10.00 USD"
    assert told["renewal guard"] == "the year of the expiry alone"
    assert "renew" in told["commands"]
