"""Which words does a claim know: how it is heard, who confirms it, what is ruled?"""

from dataclasses import dataclass
from enum import StrEnum


class Procedure(StrEnum):
    """How a claim is heard."""

    UDRP = "udrp"
    URS = "urs"
    IRDRP = "irdrp"
    COURT = "court"

    @property
    def locks_at_once(self) -> bool:
        """Tell whether the procedure itself demands the lock from *proceeding* on."""
        return self in (Procedure.UDRP, Procedure.URS)


class Ruling(StrEnum):
    """What becomes of a name whose claim is upheld."""

    TRANSFER = "transfer"
    """To the claimant."""
    CANCEL = "cancel"
    NONE = "none"
    """It stays blocked: URS, or a ruling that is still to come."""


class By(StrEnum):
    """Who confirms a claim."""

    COMPANY = "company"
    IRANIAN = "iranian"
    """The competent Iranian authority."""
    INTERNATIONAL = "international"
    """The competent international one: the provider's panel, a foreign court."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An office, and the number of its document."""

    who: str
    document: str
