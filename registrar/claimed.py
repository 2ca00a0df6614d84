"""What do the open claims to a name stop just now (D9)? Asked by the gate in front of orders, and before staff's errands."""

from datetime import datetime

from sqlalchemy import Connection, select

from registrar.agreement.stops import Stop, is_disclosed, stop, strictest
from registrar.models import Claim


def claims_stop(
    connection: Connection, domain: str, kind: str, *, now: datetime, but_for: int | None = None
) -> Stop | None:
    """Return what the open claims to a name do to something that is asked for; `but_for`: the claim that asks."""
    open_claims = select(Claim.id, Claim.state, Claim.disclose_from).where(
        Claim.domain == domain, Claim.closed_at.is_(None)
    )
    return strictest(
        stop(kind, claim.state, disclosed=is_disclosed(claim.disclose_from, now))
        for claim in connection.execute(open_claims)
        if claim.id != but_for
    )
