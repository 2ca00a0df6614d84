"""What may the holder read of a denial? Its ground, in words; of a claim that is not disclosed to him, only that it is one (D9)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from registrar.agreement.departing import NEUTRAL, WORDS, Ground
from registrar.agreement.stops import is_disclosed
from registrar.models import Claim


def told_ground(
    connection: Connection, ground: Ground, claim_id: int | None, *, now: datetime
) -> Ground | None:
    """Return the ground as the holder may know it; None while it is a claim's that is not disclosed to him."""
    if claim_id is None or ground not in (Ground.CLAIM, Ground.COURT_HOLD):
        return ground
    disclose_from = connection.execute(select(Claim.disclose_from).where(Claim.id == claim_id)).scalar()
    return ground if is_disclosed(disclose_from, now) else None


def words(ground: Ground | None) -> Mapping[str, str]:
    """Return it in words, by language."""
    return NEUTRAL if ground is None else WORDS[ground]
