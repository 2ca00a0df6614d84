"""What did Openprovider take and give back? The money log, whole, with ids that are the same wherever they are read."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from registrar.commands import Kind
from registrar.gateway import Gateway, GatewayUnavailableError, StatementLine
from registrar.outcomes import BlockCause
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import Script, ScriptedApi, answers, page, refuses, says

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 30)


def read(gateway: Gateway, call: Calls) -> tuple[StatementLine, ...]:
    """Return November's statement."""
    lines = gateway.statement(SINCE, UNTIL, call())
    assert lines is not None
    return lines


def test_a_line_says_what_was_paid_for_which_name(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A charge is told in our own currency, exactly, with its name, kind, term and time."""
    api.on("GET /transactions", house.money_log(house.transaction("NEW", quantity=2, amount=8.06)))
    (line,) = read(gateway, call)
    assert (line.kind, line.domain, line.months, line.is_refund) == (Kind.REGISTER, "example.com", 24, False)
    assert (line.amount, line.unit) == (Decimal("8.06"), "EUR")
    assert (line.at.isoformat(), line.at_text) == ("2026-11-22T08:00:00+00:00", "2026-11-22 09:00:00")


@pytest.mark.parametrize(
    ("action", "more", "kind", "sign", "is_refund"),
    [
        ("RENEW", {}, Kind.RENEW, 1, False),
        ("renew", {}, Kind.RENEW, 1, False),
        ("TRANSFER", {}, Kind.TRANSFER, 1, False),
        ("RESTORE", {}, Kind.RESTORE, 1, False),
        ("NEW", {"amount": -9.5}, Kind.REGISTER, -1, True),
        ("NEW", {"type": "refund"}, Kind.REGISTER, -1, True),
        ("TRADE", {}, None, 1, False),
        ("PAYMENT", {"type": "payment"}, None, -1, False),
        ("", {"type": "topup", "subject": ""}, None, -1, False),
    ],
)
def test_each_kind_of_line_has_its_side(  # noqa: PLR0917 - one column of the table each
    gateway: Gateway,
    api: ScriptedApi,
    call: Calls,
    action: str,
    more: dict[str, Any],
    kind: Kind | None,
    sign: int,
    is_refund: bool,
) -> None:
    """What was taken is positive; what was given back or paid in is negative, and only the former belongs to an order."""
    api.on("GET /transactions", house.money_log(house.transaction(action, **more)))
    (line,) = read(gateway, call)
    assert (line.kind, line.amount, line.is_refund) == (kind, sign * Decimal("9.5"), is_refund)
    assert (line.domain is None) == (kind is None)


def test_two_equal_charges_are_two_lines(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A name that was charged twice in one second shows two charges."""
    twins = (house.transaction(), house.transaction())
    api.on("GET /transactions", house.money_log(*twins))
    assert len({line.line_id for line in read(gateway, call)}) == 2


def test_a_statement_and_a_look_call_a_charge_by_the_same_id(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """What a look counts as evidence can be found again in the statement."""
    ours = [house.transaction(), house.transaction(), house.transaction(created="2026-11-02 10:00:00")]
    others = [house.transaction(subject="example.net"), house.transaction("NEW")]
    house.has(api, house.details())
    api.on("GET /transactions", house.money_log(*others, *ours), house.money_log(*ours))
    lines = frozenset(
        line.line_id
        for line in read(gateway, call)
        if line.kind is Kind.RENEW and line.domain == "example.com"
    )
    assert gateway.look(house.NAME, Kind.RENEW, call()).charges == lines


def test_a_charge_that_was_given_back_is_none(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A renewal that failed and was paid back shows no charge: it did not happen, and may be sent again."""
    charge = house.transaction(created="2026-11-02 10:00:00")
    refund = house.transaction(amount="-9.5", type="refund", created="2026-11-02 12:00:00")
    again = house.transaction(created="2026-11-03 10:00:00")
    house.has(api, house.details())
    api.on("GET /transactions", house.money_log(charge, refund), house.money_log(charge, refund, again))
    assert gateway.look(house.NAME, Kind.RENEW, call()).charges == frozenset()
    charges = gateway.look(house.NAME, Kind.RENEW, call()).charges
    assert charges is not None
    assert len(charges) == 1


def test_an_amount_written_with_other_digits_is_the_same_line(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """9.5 and 9.50 are one amount, so the charge keeps its id."""
    api.on(
        "GET /transactions",
        house.money_log(house.transaction(amount="9.50")),
        house.money_log(house.transaction(amount=9.5)),
    )
    assert read(gateway, call)[0].line_id == read(gateway, call)[0].line_id


def test_all_pages_are_read(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A statement of several pages comes as one."""
    first = house.money_log(house.transaction("NEW"), house.transaction(), total=3)
    api.on("GET /transactions", first, house.money_log(house.transaction("TRANSFER"), total=3))
    assert [line.kind for line in read(gateway, call)] == [Kind.REGISTER, Kind.RENEW, Kind.TRANSFER]
    assert [asked.query["offset"] for asked in api.asked("GET /transactions")] == ["0", "2"]
    assert {asked.query["order"] for asked in api.asked("GET /transactions")} == {"asc"}


@pytest.mark.parametrize(
    "second",
    [
        page(),
        says(b""),
        refuses(999),
        house.money_log(total=3),
        house.money_log(*[house.transaction()] * 3, total=3),
        answers({"results": [{"action": "NEW"}], "total": 3}),
        answers({"results": [house.transaction()]}),
        answers(None),
    ],
    ids=["page", "silence", "refused", "empty", "too many", "unreadable", "no total", "no data"],
)
def test_a_statement_comes_whole_or_not_at_all(
    gateway: Gateway, api: ScriptedApi, call: Calls, second: Script
) -> None:
    """Half a statement would show charges as missing that are there."""
    api.on(
        "GET /transactions", house.money_log(house.transaction(), house.transaction("NEW"), total=3), second
    )
    with pytest.raises(GatewayUnavailableError):
        gateway.statement(SINCE, UNTIL, call())


def test_both_days_are_included_by_openproviders_own_clock(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A day is Amsterdam's; what a generous answer adds outside the days is left out."""
    times = ("2026-10-31 23:59:59", "2026-11-01 00:00:00", "2026-11-30 23:59:59", "2026-12-01 00:00:00")
    api.on("GET /transactions", house.money_log(*(house.transaction(created=at) for at in times)))
    assert [line.at_text for line in read(gateway, call)] == list(times[1:3])
    (asked,) = api.asked("GET /transactions")
    assert asked.query["start_creation_date"] == "2026-11-01"
    assert asked.query["end_creation_date"] == "2026-12-01"


def test_the_deposit_is_what_is_left_after_what_is_reserved(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """What pending orders have reserved is not there to be spent."""
    api.on("GET /resellers", answers({"id": 1, "balance": 100.5, "reserved_balance": 20.25}))
    deposit = gateway.deposit(call())
    assert deposit is not None
    assert (deposit.balance, deposit.unit) == ("80.25", "EUR")


def test_the_deposits_currency_is_the_configured_one(
    connect: Callable[..., Gateway], api: ScriptedApi, call: Calls
) -> None:
    """The balance tells no currency by itself, so the account's is configured."""
    api.on("GET /resellers", answers({"balance": 7, "reserved_balance": 0}))
    deposit = connect(api.url, currency="USD").deposit(call())
    assert deposit is not None
    assert (deposit.balance, deposit.unit) == ("7", "USD")


@pytest.mark.parametrize(
    "broken",
    [
        page(),
        refuses(902, "no permission"),
        answers({}),
        answers({"balance": "much"}),
        answers({"balance": True}),
    ],
)
def test_a_balance_that_cannot_be_read_is_said(
    gateway: Gateway, api: ScriptedApi, call: Calls, broken: Script
) -> None:
    """No balance is ever guessed."""
    api.on("GET /resellers", broken)
    with pytest.raises(GatewayUnavailableError, match="the balance cannot be read"):
        gateway.deposit(call())


def test_a_refused_permission_is_told_as_ours(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """An account that may not read its own balance is a matter of credentials."""
    api.on("GET /resellers", refuses(902))
    with pytest.raises(GatewayUnavailableError) as caught:
        gateway.deposit(call())
    assert caught.value.blocked is BlockCause.CREDENTIALS


def test_an_inspection_tells_what_is_there_and_spends_nothing(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """Staff see address, login, balance and every declaration, and no secret."""
    api.on("GET /resellers", answers({"balance": 100, "reserved_balance": 0}))
    found = gateway.inspect(call())
    assert found["deposit"] == "100 EUR"
    assert "renew (guard: none)" in found["commands"]
    assert house.PASSWORD not in str(found)
    assert [request.route for request in api.requests] == ["POST /auth/login", "GET /resellers"]


def test_the_warnings_of_answers_are_kept_once_and_not_for_ever(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """What Openprovider warns of reaches staff once, and an old flood of warnings does not fill the memory."""
    kept = {"code": 7, "desc": "the password expires", "data": "soon"}
    api.on("GET /resellers", answers({"balance": 1}, warnings=[kept, kept, "plain", 3, {}]))
    gateway.deposit(call())
    gateway.deposit(call())
    assert gateway.warnings() == ("7 the password expires soon", "plain", "3")
    flood = [{"code": number, "desc": "warning"} for number in range(80)]
    api.on("GET /resellers", answers({"balance": 1}, warnings=flood))
    gateway.deposit(call())
    assert len(gateway.warnings()) == 50
    assert gateway.warnings()[-1] == "79 warning"


def test_there_is_no_queue_to_read(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """Openprovider sends no messages: what becomes of an order is looked at."""
    assert gateway.next_message(call()) is None
    gateway.acknowledge("1", call())
    assert api.requests == []


def test_an_auth_code_is_read_and_hides_itself(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """The code of a name of ours is handed over as a secret; a name without one has none."""
    house.has(api, house.details())
    api.on("GET /domains/#/authcode", answers({"auth_code": house.AUTH_CODE}), answers({"auth_code": ""}))
    code = gateway.auth_info(house.NAME, call())
    assert code is not None
    assert (code.reveal(), repr(code)) == (house.AUTH_CODE, "***")
    assert gateway.auth_info(house.NAME, call()) is None


def test_the_auth_code_of_a_name_that_is_not_ours_is_not_to_be_had(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """Of a strange name no code is read."""
    house.has_not(api)
    with pytest.raises(GatewayUnavailableError, match="not in our account"):
        gateway.auth_info(house.NAME, call())
