"""What does a term cost here, and where in its life is a name? Prices in cents, lengths in days, words as LogicBoxes has them.

    Active ──expiry, then 30 days──▶ Pending Delete Restorable ──30 days──▶ free
      │  └─────────deleted─────────────────▲        │
      └──orders/suspend──▶ Suspended                └──restored──▶ Active

An order that is not executed yet is InActive.
"""

from datetime import datetime, timedelta

from adapters.sandbox.logicboxes.names import Name
from adapters.sandbox.records import Domain, as_time

PRICES = {"register": 1499, "renew": 1599, "transfer": 1399, "restore": 8000}
"""For one year; a restore is one price and buys no time."""

PREMIUM_TIMES = 20
"""How much dearer a premium name is, in everything but its restore."""

LONGEST_YEARS = 10
"""How far ahead an expiry may lie; also the longest term."""

SHORTEST_YEARS = {"ai": 2}
"""Where one year is too short a term (facts §2.5)."""

RENEWAL_GRACE = timedelta(days=30)
REDEMPTION = timedelta(days=30)

INACTIVE = "InActive"
ACTIVE = "Active"
SUSPENDED = "Suspended"
RESTORABLE = "Pending Delete Restorable"
DELETED = "Deleted"

ORDER_STATUSES = ("resellersuspend", "resellerlock", "transferlock")
DOMAIN_STATUSES = ("sixtydaylock", "renewhold")

_FIRST_ORDER = 84_000_000
_CLASS_KEYS = {"com": "domcno", "net": "dotnet", "org": "domorg"}


def price(command: str, name: Name, years: int) -> int:
    """Return what a command costs, in cents."""
    if command == "restore":
        return PRICES[command]
    return PRICES[command] * years * (PREMIUM_TIMES if name.is_premium else 1)


def class_key(tld: str) -> str:
    """Return the product's key of a TLD."""
    return _CLASS_KEYS.get(tld, f"dot{tld.replace('.', '')}")


def order_id(order: Domain) -> int:
    """Return the number of an order, from the number of its object in the books."""
    return _order_id(order.roid)


def order_numbers(row: Domain) -> set[str]:
    """Return the numbers by which a row of the books may be meant: its own, and that of its transfer to us."""
    roids = [row.roid, row.detail.get("incoming", {}).get("roid", row.roid)]
    return {str(_order_id(roid)) for roid in roids}


def current_status(entry: Domain, now: datetime) -> str:
    """Return the word for where in its life a name is."""
    if INACTIVE in entry.statuses:
        return INACTIVE
    lapsed_at = _lapsed_at(entry)
    if now >= lapsed_at + REDEMPTION:
        return DELETED
    if now >= lapsed_at:
        return RESTORABLE
    return SUSPENDED if "resellersuspend" in entry.statuses else ACTIVE


def extended(moment: datetime, years: int) -> datetime:
    """Return the anniversary; the 29th of February falls on the 28th."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def epoch(moment: datetime) -> int:
    """Return a time as the platform has it: whole seconds since 1970."""
    return int(moment.timestamp())


def _order_id(roid: str) -> int:
    return _FIRST_ORDER + int("".join(letter for letter in roid if letter.isdecimal()))


def _lapsed_at(entry: Domain) -> datetime:
    """Return when the name went, or will go, into redemption: its deletion, or some time after it ended."""
    if "deleted_at" in entry.detail:
        return as_time(entry.detail["deleted_at"])
    if "restored_at" in entry.detail:
        return max(entry.expires_at, as_time(entry.detail["restored_at"])) + RENEWAL_GRACE
    return entry.expires_at + RENEWAL_GRACE
