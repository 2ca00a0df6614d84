"""What was asked of whom? One question, and the look that tells nothing of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from registrar.gateway import Sighting, Standing
from registrar.names import DomainName


@dataclass(frozen=True, slots=True)
class Question:
    """One question: of which name, whom (`server` is a host's name, empty where there is none to ask), and when."""

    protocol: ClassVar[str]

    domain: DomainName
    server: str
    seen_at: datetime

    @property
    def source(self) -> str:
        """Return where a sighting comes from: `rdap:<host>`, `whois:<host>`."""
        return f"{self.protocol}:{self.server}" if self.server else self.protocol

    def unknown(self, reason: str, *, retry_after: float | None = None) -> Sighting:
        """Return a look that told nothing; `retry_after` is in seconds, where the server named a time."""
        return Sighting(
            self.domain, self.seen_at, self.source, Standing.UNKNOWN, reason=reason, retry_after=retry_after
        )
