"""How long is a bank slip good for a top-up (F6)? By itself for some days, then with its original, then not at all."""

from datetime import datetime
from enum import StrEnum

from registrar.agreement.rules import MoneyRules


class SlipStanding(StrEnum):
    """What a slip is good for."""

    BY_ITSELF = "by_itself"
    WITH_ORIGINAL = "with_original"
    """Only by staff, who hold the original."""
    TOO_OLD = "too_old"


def slip_standing(paid_at: datetime, at: datetime, rules: MoneyRules) -> SlipStanding:
    """Return what a slip is good for at an instant; both limits are inclusive, to the second."""
    age = at.replace(microsecond=0) - paid_at
    if age <= rules.slip_by_itself:
        return SlipStanding.BY_ITSELF
    return SlipStanding.WITH_ORIGINAL if age <= rules.slip_with_original else SlipStanding.TOO_OLD
