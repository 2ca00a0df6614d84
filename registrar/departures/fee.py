"""What does leaving cost? The company's own cost of the steps, if the rules name one: a debt, and never a gate (D7)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from registrar import debts
from registrar.agreement.rules import Rules
from registrar.departures.rows import subject


def book_fee(connection: Connection, row: Row[Any], *, rules: Rules, now: datetime) -> None:
    """Book the fee as receivable, once for each departure."""
    fee = rules.departures.fee
    if fee is not None:
        debts.book_fee(connection, row.customer, fee, reference=subject(row.id), now=now)
