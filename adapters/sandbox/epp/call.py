"""With what is one command carried out? A `Call`: the open page of the books, the request, and who asks.

A flow is a function from a call to an answer. It raises `RefusalError` or `DepositEmptyError` to refuse; whatever it
wrote on the page is then gone.
"""

import hmac
import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from adapters.sandbox.epp import fees
from adapters.sandbox.epp.answers import Answer, RefusalError
from adapters.sandbox.epp.dialect import FEE, Dialect, Terms
from adapters.sandbox.epp.requests import Request
from adapters.sandbox.misbehaviour import VERDICTS, Behaviour, Misbehaviour
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain, Operation, to_row

MONTHS_A_YEAR = 12
NAME = re.compile(r"(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{2,63}(?<!-)")
"""A name in lower case without a trailing dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command, about to be carried out."""

    page: Page
    request: Request
    client_id: str
    number: int
    server_transaction_id: str
    dialect: Dialect
    terms: Terms
    services: frozenset[str] = frozenset()
    stale: Misbehaviour | None = None

    @property
    def client_transaction_id(self) -> str:
        """The client's transaction id, which the schema lets it leave out."""
        return self.request.client_transaction_id or ""

    @property
    def name(self) -> str:
        """The one object the command is about."""
        if not self.request.names or not self.request.names[0]:
            raise RefusalError(2003, "the object is not named")
        return self.request.names[0]

    def charge(self, command: str, months: int) -> int | None:
        """Charge the reseller whose books these are; another registrar's deposit is kept elsewhere.

        Refuses with 2003 or 2004 where the command states no fee for a premium name, or another one (RFC 8748 §4).
        """
        if self.client_id != self.page.client_id:
            return None
        amount = fees.price(self.name, command, months, self.dialect, self.terms)
        fees.refuse_other_fees(self.request, self.name, amount, unit=self.page.unit, dialect=self.dialect)
        return self.page.charge(
            command,
            self.name,
            months=months,
            amount=amount,
            client_transaction_id=self.client_transaction_id,
        )

    def charged(self, command: str, months: int) -> tuple[etree._Element, ...]:
        """Write what a command cost and what is left, for who stated its fee (RFC 8748 §3.6)."""
        if self.request.extension(FEE) is None or self.client_id != self.page.client_id:
            return ()
        amount = fees.price(self.name, command, months, self.dialect, self.terms)
        return (fees.charged_data(command, amount, balance=self.page.balance, unit=self.page.unit),)

    def take(self, *among: Behaviour) -> Misbehaviour | None:
        """Use up one misbehaviour that was ordered for this command."""
        return self.page.take_misbehaviour(
            among, command=self.request.command, names=self.request.names, number=self.number
        )

    def verdicts(self, usual_seconds: float) -> tuple[Sequence[str], float]:
        """Tell what will be decided about what this command leaves pending, and every how many seconds."""
        ordered = self.take(*VERDICTS)
        if ordered is None:
            return ("approve",), usual_seconds
        return VERDICTS[ordered.behaviour], ordered.seconds if ordered.argument else usual_seconds


Flow = Callable[[Call], Answer]


def months_asked(call: Call) -> int:
    """Read the period in months: a year when none is stated, whole years in the registry's unit alone."""
    period = call.request.find("period")
    if period is None:
        return MONTHS_A_YEAR
    if period.get("unit") != call.dialect.period_unit:
        raise RefusalError(2306, f"periods are counted in {call.dialect.period_unit}")
    text = (period.text or "").strip()
    if not text.isdecimal() or int(text) == 0:
        raise RefusalError(2005, "a period is a whole number")
    months = int(text) * (MONTHS_A_YEAR if call.dialect.period_unit == "y" else 1)
    if months % MONTHS_A_YEAR:
        raise RefusalError(2306, "only whole years are sold")
    return months


def later(at: datetime, months: int) -> datetime:
    """Move a date by months to the same day, or to the month's last where it has none such: 29 becomes 28 February."""
    year, month = divmod(at.year * MONTHS_A_YEAR + at.month - 1 + months, MONTHS_A_YEAR)
    day = min(at.day, monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def registered(call: Call) -> Domain:
    """Find the name, or refuse with 2303."""
    domain = call.page.domain(call.name)
    if domain is None:
        raise RefusalError(2303, "the name is not registered")
    return domain


def sponsored(call: Call) -> Domain:
    """Find the name and see that it is this client's, or refuse with 2201."""
    domain = registered(call)
    if domain.sponsor != call.client_id:
        raise RefusalError(2201, "the name is at another registrar")
    return domain


def refuse_under(domain: Domain, *statuses: str) -> None:
    """Refuse with 2304 while the name has one of these statuses."""
    found = [status for status in domain.statuses if status in statuses]
    if found:
        raise RefusalError(2304, f"the name is {', '.join(found)}")


def check_auth_info(domain: Domain, given: str) -> None:
    """Refuse with 2202 unless this is the name's auth code. A name without a code is released by none (RFC 9154)."""
    if not domain.auth_info or not hmac.compare_digest(domain.auth_info.encode(), given.encode()):
        raise RefusalError(2202)


def leave_pending(
    call: Call, command: str, *, months: int, charge_id: int | None, pending: Domain, settled: Domain
) -> None:
    """Save a name as it is while pending, and write down what is to be decided: whether it becomes `settled`."""
    verdicts, seconds = call.verdicts(call.terms.pending_seconds)
    call.page.save(pending)
    call.page.open_operation(
        command,
        pending.name,
        months=months,
        client_id=call.client_id,
        client_transaction_id=call.client_transaction_id,
        server_transaction_id=call.server_transaction_id,
        charge_id=charge_id,
        verdicts=verdicts,
        every_seconds=seconds,
        detail={"settled": to_row(settled)},
    )


def tell_decision(page: Page, operation: Operation, *, approved: bool, dialect: Dialect) -> None:
    """Leave the message that ends an answer of 1001 (RFC 5731 §3.3)."""
    page.queue_message(
        "panData",
        "Pending action completed successfully." if approved else "Pending action was refused.",
        name=operation.name,
        client_id=operation.client_id,
        body={
            "result": "1" if approved else "0",
            "client_transaction_id": operation.client_transaction_id,
            "server_transaction_id": operation.server_transaction_id,
            "at": dialect.write_time(page.now),
        },
    )
