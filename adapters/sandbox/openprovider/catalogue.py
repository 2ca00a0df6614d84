"""What does Openprovider offer under which extension, and at what price? Amounts are minor units of the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension's prices, each for a year, and its own rules.

    `renew_ahead`: how long before the registry's expiry a renewal must be in, so that `renewal_date` is earlier than
    `expiration_date` (facts §0.3). `renews_once`: a second renewal soon after the first is refused with 325.
    """

    register: int = 900
    renew: int = 1100
    transfer: int = 950
    restore: int = 8000
    renew_ahead: timedelta = timedelta(0)
    renews_once: bool = False


EXTENSIONS: Mapping[str, Extension] = {
    "com": Extension(),
    "net": Extension(register=1200, renew=1400, transfer=1250),
    "org": Extension(register=1000, renew=1250, transfer=1050),
    "test": Extension(),
    "co.uk": Extension(register=600, renew=700, transfer=0, restore=2500),
    "eu": Extension(register=500, renew=600, transfer=550, restore=3000, renew_ahead=timedelta(days=30)),
    "be": Extension(register=500, renew=600, transfer=550, restore=3000, renews_once=True),
}
"""`.eu` is the one that must be renewed in advance, `.be` the one with a guard of its own, so that both can be tried."""

PREMIUM: Mapping[str, int] = {"premium": 250_000}
"""Labels that cost this much a year, under every extension."""

RESERVED = frozenset({"reserved", "whois"})
"""Labels that the registries keep back, under every extension."""

LONGEST_YEARS = 10
RENEWS_AGAIN_AFTER = timedelta(days=30)
"""How long a `renews_once` extension refuses a second renewal."""


@dataclass(frozen=True, slots=True)
class SplitName:
    """A domain name as this wire has it: the label and the extension apart."""

    label: str
    extension: str

    @property
    def full(self) -> str:
        """The name as the books have it: one lower-case text."""
        return f"{self.label}.{self.extension}"


def split(full: str) -> SplitName:
    """Take a full name apart at its first dot."""
    label, _, extension = full.partition(".")
    return SplitName(label, extension)
