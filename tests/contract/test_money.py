"""What does the registrar say of our money? The deposit as it is, and a statement that holds what was really charged."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from registrar.commands import Kind
from registrar.gateway import GatewayUnavailableError, StatementLine
from registrar.outcomes import BlockCause, Done, Pending
from tests.contract.far_side import FarSide, bounded, call_with
from tests.contract.reads import READS


def statement(far: FarSide) -> tuple[StatementLine, ...]:
    """Read the statement of these days."""
    today = datetime.now(UTC).date()
    lines = bounded(lambda: _statement(far, today - timedelta(days=2), today + timedelta(days=2)))
    assert lines is not None
    return lines


def _statement(far: FarSide, since: date, until: date) -> tuple[StatementLine, ...] | None:
    return far.gateway.statement(since, until, call_with())


def test_the_deposit_is_what_the_books_hold(far: FarSide) -> None:
    """The deposit that is told is the one that the registrar's books hold, before and after an order was paid from it."""
    far.needs(far.capabilities.reports_deposit, "deposit")
    trial = far.trial(Kind.RENEW)
    before = bounded(lambda: far.gateway.deposit(call_with()))
    assert before is not None
    assert Decimal(before.balance) == Decimal(far.books.balance()) / 100
    far.execute(trial.command)
    (charge,) = far.charges()
    after = bounded(lambda: far.gateway.deposit(call_with()))
    assert after is not None
    assert after.unit == before.unit
    assert Decimal(before.balance) - Decimal(after.balance) == Decimal(charge.amount) / 100


def test_a_deposit_that_is_not_reported_is_not_guessed(far: FarSide) -> None:
    """Where the registrar reports no deposit or no statement, none is told."""
    if not far.capabilities.reports_deposit:
        assert bounded(lambda: far.gateway.deposit(call_with())) is None
    if not far.capabilities.reports_statement:
        today = datetime.now(UTC).date()
        assert bounded(lambda: _statement(far, today, today)) is None
        assert far.journal() == []


def test_a_statement_holds_every_charge(far: FarSide) -> None:
    """The statement has a line for each charge of the books: the name, the kind, the amount."""
    far.needs(far.capabilities.reports_statement, "statement")
    for kind in (Kind.REGISTER, Kind.RENEW):
        assert isinstance(far.execute(far.trial(kind, f"for-{kind}").command), Done | Pending)
    lines = [line for line in statement(far) if line.domain]
    charged = sorted((charge.name, charge.command, Decimal(charge.amount) / 100) for charge in far.charges())
    assert sorted((str(line.domain), str(line.kind), line.amount) for line in lines) == charged
    assert len(charged) == 2
    assert all(line.at.utcoffset() == timedelta(0) and line.at_text for line in lines)


def test_a_statement_read_twice_is_the_same(far: FarSide) -> None:
    """A line has the same id whenever it is read, and no other line has it: it can be matched once."""
    far.needs(far.capabilities.reports_statement, "statement")
    for label in ("one", "two"):
        far.execute(far.trial(Kind.RENEW, label).command)
    first, again = statement(far), statement(far)
    assert [line.line_id for line in first] == [line.line_id for line in again]
    assert len({line.line_id for line in first}) == len(first) == 2


def test_a_read_with_refused_credentials_tells_so(far: FarSide) -> None:
    """A read that the registrar does not let us make names our credentials as the reason."""
    gateway = far.connect(**far.wrong_credentials)
    for read in READS:
        if read.asks(far):
            with pytest.raises(GatewayUnavailableError) as raised:
                read.of(far, by=gateway)
            assert raised.value.blocked is BlockCause.CREDENTIALS, read.name
