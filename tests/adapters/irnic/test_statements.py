"""What IRNIC says that it took from our deposit, and gave back."""

from datetime import UTC, date, datetime

import pytest

from registrar.commands import Kind
from registrar.gateway import Gateway, GatewayUnavailableError
from tests.adapters.irnic.conftest import Calls
from tests.adapters.irnic.scripted import Script, ScriptedRegistry, answers


def credit(roid: str, day: str, description: str, amount: str) -> str:
    """Write a line of the statement."""
    return (
        f'<credit roid="{roid}"><date>{day}T12:00:00</date><domain>Example.ir</domain>'
        f"<description>{description}</description><amount>{amount}</amount><balance>50</balance></credit>"
    )


PAID = "Expense 2 units for purchase service renewal 12 months domain example.ir"
GIVEN_BACK = "Refund for expense 2 units for purchase service renewal 12 months domain example.ir"
A_NAME_OF_ITS_OWN = "Expense 2 units for purchase service registration 12 months domain example.ir"


def _statement(*lines: str) -> Script:
    return answers("statement.xml", credits="".join(lines))


def test_the_statement(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """The statement tells charges, refunds and payments apart, in exact units, each line once."""
    top_up = credit("5", "2026-11-01", "Deposit amount 5000000 Rials (unit rate: 50000 Rials )", "100.5")
    top_up = top_up.replace("<domain>Example.ir</domain>", "")
    lines = [
        credit("7", "2026-11-20", GIVEN_BACK.replace("renewal", "registration"), "2.00"),
        credit("7", "2026-11-19", A_NAME_OF_ITS_OWN, "-2.00"),
        credit("7", "2026-11-19", A_NAME_OF_ITS_OWN, "-2.00"),
        credit(
            "8", "2026-11-20", "Expense 1 units for purchase service holder change domain example.ir", "-1"
        ),
        top_up,
    ]
    registry.scripts.append(_statement(*lines))
    told = gateway.statement(date(2026, 11, 1), date(2026, 11, 30), call())
    assert told is not None
    assert [
        (line.kind, line.domain, line.months, f"{line.amount}", line.is_refund, line.unit) for line in told
    ] == [
        (None, None, None, "-100.5", False, "unit"),
        (Kind.REGISTER, "example.ir", 12, "2.00", False, "unit"),
        (Kind.REGISTER, "example.ir", 12, "-2.00", True, "unit"),
        (Kind.CHANGE_HOLDER, "example.ir", 0, "1", False, "unit"),
    ]
    assert told[1].at == datetime(2026, 11, 19, 8, 30, tzinfo=UTC)
    assert len({line.line_id for line in told}) == 4
    registry.scripts.append(_statement(*reversed(lines)))
    again = gateway.statement(date(2026, 11, 1), date(2026, 11, 30), call())
    assert again is not None
    assert {line.line_id for line in again} == {line.line_id for line in told}


@pytest.mark.parametrize(
    "line",
    [
        credit("7", "soon", PAID, "-2"),
        credit("7", "2026-11-20", PAID, "two"),
        credit("7", "2026-11-20", PAID, "NaN"),
    ],
    ids=["no date", "no amount", "not a number"],
)
def test_a_broken_line_is_no_statement(
    line: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A statement is read whole or not at all."""
    registry.scripts.append(_statement(line))
    with pytest.raises(GatewayUnavailableError, match="the statement cannot be read"):
        gateway.statement(date(2026, 11, 1), date(2026, 11, 30), call())
