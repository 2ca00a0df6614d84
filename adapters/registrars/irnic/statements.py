"""What did IRNIC take from our deposit, and give back? Its credit statement, read from the words of each line.

A line names its service in a description alone (facts §3.9):

    Expense 2 units for purchase service registration 12 months domain example.ir
    Refund for expense 2 units for purchase service registration 12 months domain example.ir
    Deposit amount 1000000 Rials (unit rate: 500000 Rials )

A line with other words is kept, with no kind: it is no order's that we know. IRNIC calls a renewal of a name with
another agent a renewal like any other. How it words a change of holder is not known: a description that says *holder*
is taken for one, and its term is none (0).
"""

import hashlib
import re
from collections.abc import Sequence

from adapters.registrars.irnic.reading import Credit
from registrar.commands import Kind
from registrar.gateway import StatementLine
from registrar.names import DomainName

UNIT = "unit"
"""IRNIC's own unit of account: a registration of twelve months costs two, of sixty six; its price in rials moves."""

_PURCHASE = re.compile(
    r"(?P<refund>refund for )?expense [\d.]+ units? for purchase service (?P<service>[a-z ]+?)"
    r"(?: (?P<months>\d+) months?)?(?: domain (?P<domain>\S+))?",
    re.IGNORECASE,
)
_ID_DIGITS = 16


def statement_lines(credits_told: Sequence[Credit]) -> tuple[StatementLine, ...]:
    """Return the statement, oldest first: what it cost us is positive."""
    return tuple(sorted(map(_line, credits_told), key=lambda line: line.at))


def renewal_charges(lines: Sequence[StatementLine], domain: DomainName) -> frozenset[str]:
    """Return the ids of what we paid for renewals of this name and did not get back.

    A refund names no charge: it gives back the last one before it of the same term and amount.
    """
    paid: list[StatementLine] = []
    for line in lines:
        if line.kind is not Kind.RENEW or line.domain != domain.ascii:
            continue
        if not line.is_refund:
            paid.append(line)
        elif given_back := [
            charge for charge in paid if (charge.months, charge.amount) == (line.months, -line.amount)
        ]:
            paid.remove(given_back[-1])
    return frozenset(line.line_id for line in paid)


def _line(credit: Credit) -> StatementLine:
    found = _PURCHASE.fullmatch(" ".join(credit.description.split()))
    parts = found.groupdict() if found else {}
    kind = _kind(parts.get("service") or "")
    return StatementLine(
        line_id=_line_id(credit),
        at=credit.at,
        at_text=credit.at_text,
        amount=-credit.amount,
        unit=UNIT,
        kind=kind,
        domain=credit.domain or parts.get("domain"),
        months=_months(kind, parts.get("months")),
        is_refund=bool(parts.get("refund")),
        text=credit.description,
    )


def _line_id(credit: Credit) -> str:
    """Make an id of what tells a line apart (case 42): IRNIC's own number comes again for other lines."""
    parts = (credit.roid, credit.at_text, str(credit.amount.normalize()), credit.description)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{credit.roid or 'line'}-{digest[:_ID_DIGITS]}"


def _months(kind: Kind | None, stated: str | None) -> int | None:
    if stated:
        return int(stated)
    return 0 if kind is Kind.CHANGE_HOLDER else None


def _kind(service: str) -> Kind | None:
    match service.lower().split():
        case ["registration"]:
            return Kind.REGISTER
        case ["renewal"]:
            return Kind.RENEW
        case words if "holder" in words:
            return Kind.CHANGE_HOLDER
        case _:
            return None
