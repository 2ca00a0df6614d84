"""Who writes? The company as its letters show it, handed in by the wiring."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from registrar.mails import Language


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The sender of every letter."""

    address: str = "notices@localhost"
    """`From`, and the domain of every Message-ID."""
    company: Mapping[Language, str] = field(default_factory=dict)
    """The company's name by language; without one, the address alone signs."""
    support: Mapping[Language, str] = field(default_factory=dict)
    """Where its support system is, by language: an address of a page, the customer's documentary channel (C2)."""
    reply_to: str | None = None
    time_zone: str = "Asia/Tehran"
    """The clock of Persian letters."""

    @property
    def host(self) -> str:
        """The domain of the sender's address."""
        return self.address.rpartition("@")[2]

    def name(self, language: Language) -> str:
        """Return how the company signs in a language."""
        return self.company.get(language) or self.host
