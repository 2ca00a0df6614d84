"""What does each thing cost? Cents for each year, told apart by kind so that a wrong charge cannot look right.

A name whose first label begins with `premium-` is a registry premium name, and costs twenty times as much throughout.
"""

from collections.abc import Mapping

PREMIUM_PREFIX = "premium-"
PREMIUM_FACTOR = 20

YEARLY: Mapping[str, int] = {"register": 1_250, "renew": 1_375, "transfer": 1_150}
RESTORE = 8_000
"""Once, whatever the term: a redemption adds no year."""


def is_premium(name: str) -> bool:
    """Tell whether a registry sells this name at a premium."""
    return name.startswith(PREMIUM_PREFIX)


def price(command: str, name: str, months: int) -> int:
    """Return the price in cents; `command` is the statement's word (register, renew, transfer, restore)."""
    plain = RESTORE if command == "restore" else YEARLY[command] * (months // 12)
    return plain * (PREMIUM_FACTOR if is_premium(name) else 1)


def written(cents: int) -> str:
    """Write an amount as OpenSRS does: `12.50`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
