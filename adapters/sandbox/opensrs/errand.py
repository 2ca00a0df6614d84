"""What does the registrar need to carry out one request? The open page, the request, the archive, how it was set up."""

from dataclasses import dataclass

from adapters.sandbox.misbehaviour import VERDICTS, Behaviour, Misbehaviour
from adapters.sandbox.opensrs import terms
from adapters.sandbox.opensrs.answers import RefusedError
from adapters.sandbox.opensrs.archive import Archive
from adapters.sandbox.opensrs.requests import Request
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain, Operation

IN_PROGRESS = frozenset({"waiting", "processed"})
"""The states of an order that a registry, or a losing registrar, has yet to decide."""

_SINGLE_VERDICTS = frozenset({Behaviour.APPROVE, Behaviour.REJECT})


@dataclass(frozen=True, slots=True)
class Errand:
    """One request being carried out.

    `decide_after_seconds` is when an asynchronous order is approved unless told otherwise; None leaves it waiting until
    `Books.approve` or `Books.reject`.
    """

    page: Page
    request: Request
    archive: Archive
    decide_after_seconds: float | None
    stale: Misbehaviour | None = None

    def seen(self, name: str) -> Domain | None:
        """Return the name's entry, as it was before its last change where the look is ordered to be stale."""
        if self.stale is None:
            return self.page.domain(name)
        return self.page.domain_before_change(name, self.stale.seconds if self.stale.argument else None)

    def ours(self, name: str) -> Domain:
        """Return the entry of a name that this reseller has, as this look sees it, or refuse the request."""
        entry = self.seen(name)
        if entry is None or entry.sponsor != self.page.client_id:
            raise RefusedError(480, "Domain not found in this reseller's account")
        return entry

    def in_progress(self, name: str) -> Operation | None:
        """Find the order on a name that somebody else has yet to decide."""
        return next((order for order in self.archive.orders(name) if order.state in IN_PROGRESS), None)

    def require_idle(self, name: str) -> None:
        """Refuse the request while another one waits on the name."""
        if self.in_progress(name) is not None:
            raise RefusedError(437, "Another request for this domain is waiting to be completed")

    def lacks(self, amount: int, command: str, name: str) -> bool:
        """Tell whether the deposit does not cover an amount, or is ordered to look so."""
        ordered = self.page.take_misbehaviour({Behaviour.NO_DEPOSIT}, command=command, names=(name,))
        return ordered is not None or self.page.balance < amount

    def is_asynchronous(self, command: str, name: str) -> bool:
        """Tell whether the registry is ordered to decide about this later."""
        taken = self.page.take_misbehaviour({Behaviour.PENDING}, command=command, names=(name,))
        return taken is not None

    def verdict(self, command: str, name: str) -> tuple[tuple[str, ...], float]:
        """Return what will be decided about an order that waits, and after how many seconds."""
        ordered = self.page.take_misbehaviour(_SINGLE_VERDICTS, command=command, names=(name,))
        if ordered is None:
            by_default = self.decide_after_seconds
            return ((), 0.0) if by_default is None else (("approve",), by_default)
        seconds = ordered.seconds if ordered.argument else self.decide_after_seconds or 0.0
        return VERDICTS[ordered.behaviour], seconds

    def years(self) -> int:
        """Return the term asked for, in years, or refuse the request."""
        years = self.request.number("period", 1)
        if not 1 <= years <= terms.LONGEST_YEARS:
            raise RefusedError(465, "Invalid data: period must be from 1 to 10 years")
        return years
