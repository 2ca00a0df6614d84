"""Which status does a name have in our account, when is it renewed, and how long can it be restored?

    REQ ──▶ ACT ──expiry or DELETE──▶ DEL: soft quarantine ──▶ hard quarantine ──▶ free
     └────▶ FAI (registration, transfer)      └── restore (RRQ) ──▶ ACT

The books keep Openprovider's word first among a name's statuses, then those of the registry (`clientTransferProhibited`).
A name that came into them without such a word is ACT if it is ours. Lengths are the sandbox's own (facts §4.6 has none).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.sandbox.openprovider import catalogue
from adapters.sandbox.openprovider.catalogue import Extension
from adapters.sandbox.openprovider.moments import years_later
from adapters.sandbox.openprovider.register import number_in
from adapters.sandbox.page import DepositEmptyError, Page
from adapters.sandbox.records import Domain, as_time

WORDS = frozenset({"ACT", "DEL", "FAI", "PEN", "REQ", "RRQ", "SCH", "TRAN"})
UNDER_WAY = frozenset({"PEN", "REQ", "RRQ", "SCH"})
LOCK = "clientTransferProhibited"

SOFT_QUARANTINE = timedelta(days=30)
HARD_QUARANTINE = timedelta(days=30)


def status(entry: Domain, us: str, now: datetime) -> str | None:
    """Return a name's status in our account at `now`; None where it is not in it."""
    word = next((word for word in entry.statuses if word in WORDS), "ACT" if entry.sponsor == us else None)
    if word == "ACT" and now >= entry.expires_at:
        word = "DEL"
    if word == "DEL" and now >= free_from(entry):
        return None
    return word


def is_free(entry: Domain, us: str, now: datetime) -> bool:
    """Tell whether anybody may register a name that stands in the books."""
    word = status(entry, us, now)
    return entry.sponsor == us and word in {None, "FAI"}


def with_word(entry: Domain, word: str, **detail: object) -> Domain:
    """Return the entry with another of Openprovider's words; what the registry says of it stays."""
    kept = (text for text in entry.statuses if text not in WORDS and text != "ok")
    return replace(entry, statuses=(word, *kept), detail={**entry.detail, **detail})


def renewal_date(entry: Domain, extensions: Mapping[str, Extension]) -> datetime:
    """Return when Openprovider renews a name: at its expiry, or before where the registry asks for that."""
    offered = extensions.get(catalogue.split(entry.name).extension, Extension())
    return entry.expires_at - offered.renew_ahead


def ended_at(entry: Domain) -> datetime:
    """Return when a deleted or expired name's quarantine began."""
    deleted_at = entry.detail.get("deleted_at")
    return as_time(deleted_at) if deleted_at else entry.expires_at


def soft_until(entry: Domain) -> datetime:
    """Return when the soft quarantine ends; at once where it was skipped."""
    return ended_at(entry) + (timedelta(0) if entry.detail.get("skips_soft") else SOFT_QUARANTINE)


def free_from(entry: Domain) -> datetime:
    """Return until when a deleted or expired name can be restored."""
    return soft_until(entry) + HARD_QUARANTINE


def next_reference(page: Page) -> str:
    """Make the number of a new transaction: its `reference_id` on the wire, `client_transaction_id` in the books."""
    return str(number_in(page.new_roid("T")))


def renew_what_is_due(page: Page, names: Iterable[str], extensions: Mapping[str, Extension]) -> None:
    """Renew for a year each of these names whose renewal date has come, from our credit and without being asked.

    Where the credit does not suffice, the name is left to expire.
    """
    for name in names:
        entry = page.domain(name)
        while entry is not None and _is_due(page, entry, extensions):
            offered = extensions.get(catalogue.split(name).extension, Extension())
            try:
                page.charge(
                    "renew", name, months=12, amount=offered.renew, client_transaction_id=next_reference(page)
                )
            except DepositEmptyError:
                break
            entry = replace(entry, expires_at=years_later(entry.expires_at, 1), updated_at=page.now)
            page.save(entry)


def _is_due(page: Page, entry: Domain, extensions: Mapping[str, Extension]) -> bool:
    """Tell whether an active name of ours is to be renewed now."""
    if entry.sponsor != page.client_id or not WORDS.intersection(entry.statuses) <= {"ACT"}:
        return False
    return page.now >= renewal_date(entry, extensions)
