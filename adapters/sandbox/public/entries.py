"""What does the public record say of a name? An `Entry`, from a table, from a rule for a million names, or from the registrars' books.

A `Record` is anything that returns a name's entry, or None for a name that nobody holds: `{...}.get`, a `Numbered`, `of_books`.
What it returns is the truth; what a server tells may be spoilt on the way (`desk`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.sandbox.books import Books
from adapters.sandbox.records import Domain

SPONSOR, SPONSOR_ID = "Invented Registrar, Inc.", "9999"

_STATUSES = frozenset(
    f"{who}{what}Prohibited"
    for who in ("client", "server")
    for what in ("Transfer", "Update", "Delete", "Renew")
) | {
    "ok", "inactive", "clientHold", "serverHold", "pendingCreate", "pendingDelete", "pendingRenew", "pendingRestore",
    "pendingTransfer", "pendingUpdate", "addPeriod", "autoRenewPeriod", "renewPeriod", "transferPeriod", "redemptionPeriod",
}  # fmt: skip
"""What the public is told of a registrar's own words for a name's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One registered name, as everybody may see it. Times are aware; `statuses` are EPP's words.

    `expires_at` is None where the record tells no date; `expires_text` is told instead of it, be it a date or not.
    `registrar_expires_at` is the registrar's own date, which some registries tell beside theirs.
    """

    name: str
    expires_at: datetime | None
    expires_text: str | None = None
    created_at: datetime | None = None
    registrar_expires_at: datetime | None = None
    sponsor: str = SPONSOR
    sponsor_id: str = SPONSOR_ID
    statuses: tuple[str, ...] = ("clientTransferProhibited",)
    nameservers: tuple[str, ...] = ("ns1.example.net", "ns2.example.net")


Record = Callable[[str], Entry | None]
"""Returns the entry of a name (an A-label in lower case), None where nobody holds it."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A record of `count` names, `{prefix}0.{zone}` and so on, which a rule makes when they are asked for.

    `rule(number, name)` returns the entry, the same at any time; a million names take no memory. It may be handed to another
    process if the rule may.
    """

    prefix: str
    zone: str
    count: int
    rule: Callable[[int, str], Entry | None] = field(repr=False)

    def __call__(self, name: str) -> Entry | None:
        """Return a name's entry."""
        number = self.number_of(name)
        return None if number is None else self.rule(number, name)

    def name(self, number: int) -> str:
        """Return the name with a number."""
        return f"{self.prefix}{number}.{self.zone}"

    def number_of(self, name: str) -> int | None:
        """Return a name's number; None for a name that is none of these."""
        digits = name.removeprefix(self.prefix).removesuffix(self.zone).removesuffix(".")
        number = int(digits) if digits.isascii() and digits.isdigit() else self.count
        return number if number < self.count and self.name(number) == name else None


def of_books(books: Sequence[Books]) -> Record:
    """Show everybody what registrars have in their books: what is registered there stands in the public record at once.

    Of several that have a name, the one with the latest term shows it: the others had it before a transfer.
    """

    def find(name: str) -> Entry | None:
        found = [domain for one in books if (domain := one.domain(name))]
        return _entry(max(found, key=lambda domain: domain.registry_expires_at)) if found else None

    return find


def _entry(domain: Domain) -> Entry:
    said = [*domain.statuses, str(domain.detail.get("rgp", ""))]
    return Entry(
        name=domain.name,
        expires_at=domain.registry_expires_at,
        created_at=domain.created_at,
        sponsor=domain.sponsor,
        statuses=tuple(status for status in said if status in _STATUSES) or ("ok",),
        nameservers=tuple(host for host, _ in domain.nameservers),
    )
