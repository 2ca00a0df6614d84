"""What did Openprovider take from our deposit, and give back? Its transactions, whole, as lines with ids of our making.

A transaction has no id of its own (facts §4.2). Ours is a digest of its contents, and a number where two lines are the
same to the second: a statement of some days and a search for one name hold all such twins alike, so both give the same
ids.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from adapters.registrars.openprovider import encoding, reading
from adapters.registrars.openprovider.conversation import Conversation, Untold, UntoldError
from adapters.registrars.openprovider.reading import Page, Transaction
from registrar.commands import Kind
from registrar.gateway import Call, StatementLine
from registrar.names import DomainName

_KINDS = {
    **dict.fromkeys(("NEW", "CREATE", "REGISTER"), Kind.REGISTER),
    **dict.fromkeys(("RENEW", "RENEWAL"), Kind.RENEW),
    "TRANSFER": Kind.TRANSFER,
    "RESTORE": Kind.RESTORE,
}
_TERMS = frozenset({Kind.REGISTER, Kind.RENEW})
"""Those whose quantity is a number of years."""
_PAID_IN = ("payment", "deposit", "topup", "top-up")
_GIVEN_BACK = ("refund", "credit")
_MOST_PAGES = 200


class Statements:
    """Reads the account's transactions."""

    def __init__(self, conversation: Conversation, zone: ZoneInfo) -> None:
        self._talk = conversation
        self._zone = zone

    def of_days(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...]:
        """Return the lines of these days, both included, in Openprovider's own days; raises `UntoldError`.

        The end that it is asked for is exclusive; what it adds on either side all the same is left out.
        """
        query = {
            "start_creation_date": since.isoformat(),
            "end_creation_date": (until + timedelta(days=1)).isoformat(),
        }
        lines = _lines(self._all(query, call))
        return tuple(line for line in lines if since <= line.at.astimezone(self._zone).date() <= until)

    def charges(self, domain: DomainName, kind: Kind, call: Call) -> frozenset[str]:
        """Return the ids of the charges of one kind for one name that were not given back; raises `UntoldError`."""
        names = {domain.ascii, domain.unicode}
        lines = [
            line
            for line in _lines(self._all({"filter_for_subject": domain.ascii}, call))
            if line.domain in names and line.kind is kind
        ]
        return frozenset(line.line_id for line in _standing(lines))

    def _all(self, query: Mapping[str, str], call: Call) -> list[Transaction]:
        """Read every page, whole or nothing: as many lines as the last page says there are."""
        found: list[Transaction] = []
        read = partial(reading.transaction_page, zone=self._zone)
        for _ in range(_MOST_PAGES):
            page: Page = self._talk.read(encoding.transactions(query, offset=len(found)), call, read)
            found += page.transactions
            if len(found) == page.total:
                return found
            if not page.transactions or len(found) > page.total:
                break
        reason = f"the transactions are not whole: {len(found)} lines came"
        raise UntoldError(reason, Untold(reason, sent=True))


def _lines(transactions: Iterable[Transaction]) -> list[StatementLine]:
    seen: Counter[str] = Counter()
    lines = []
    for transaction in transactions:
        digest = _digest(transaction)
        seen[digest] += 1
        lines.append(_line(transaction, f"{digest}-{seen[digest]}"))
    return lines


def _line(transaction: Transaction, line_id: str) -> StatementLine:
    kind = _KINDS.get(transaction.action)
    amount, paid_in, given_back = transaction.total.value, *_direction(transaction)
    return StatementLine(
        line_id=line_id,
        at=transaction.created_at,
        at_text=transaction.created_text,
        amount=-abs(amount) if paid_in or given_back else amount,
        unit=transaction.total.currency,
        kind=None if paid_in else kind,
        domain=transaction.subject if kind and not paid_in else None,
        months=transaction.quantity * 12 if kind in _TERMS and transaction.quantity else None,
        is_refund=given_back and kind is not None,
        text=" ".join(
            part
            for part in (transaction.type, transaction.action, transaction.subject, transaction.reference)
            if part
        ),
    )


def _direction(transaction: Transaction) -> tuple[bool, bool]:
    """Tell whether a line was paid in, and whether it gives back; a plain charge is neither.

    The facts name no words for either; a negative total of an order's kind can only be given back.
    """
    words = f"{transaction.type} {transaction.action.lower()}"
    paid_in = any(word in words for word in _PAID_IN)
    given_back = not paid_in and (transaction.total.value < 0 or any(word in words for word in _GIVEN_BACK))
    return paid_in, given_back


def _digest(transaction: Transaction) -> str:
    parts = (
        transaction.reference,
        transaction.object_type,
        transaction.subject,
        transaction.action,
        transaction.type,
        transaction.created_text,
        str(transaction.quantity),
        f"{transaction.total.value.normalize():f}",
        transaction.total.currency,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _standing(lines: Iterable[StatementLine]) -> list[StatementLine]:
    """Return the charges less those given back: a refund takes away the last charge of its amount before it."""
    standing: list[StatementLine] = []
    for line in sorted(lines, key=lambda line: line.at):
        if line.amount > 0 and not line.is_refund:
            standing.append(line)
            continue
        returned = next((one for one in reversed(standing) if one.amount == -line.amount), None)
        if returned is not None:
            standing.remove(returned)
    return standing
