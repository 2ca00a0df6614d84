"""What if a registry speaks of a transfer away from us? Of one that was asked for it makes a look due; of any other staff hear."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar.departures import grounds
from registrar.departures.asking import UNASKED
from registrar.departures.rows import due_again, running
from registrar.departures.stopping import stopped_unasked
from registrar.findings import close_finding, open_finding
from registrar.gateway import Away, RegistrarMessage
from registrar.models import Departure, Domain

_TOLD = {
    Away.ASKED: "another registrar asks for {name}, and no customer of ours has asked us to let it go",
    Away.LEFT: "{name} has left us, and no customer of ours had asked us to let it go",
}
_NEXT = {
    Away.ASKED: "ask the holder; then `registrar departures follow {name} …`, or `registrar domains reject-transfer {name} …`: "
    "the registry approves it by itself after some days",
    Away.LEFT: "ask the holder; a transfer that he did not want can be undone at the registry (TDRP)",
}


def hear(connection: Connection, registrar: str, message: RegistrarMessage, *, now: datetime) -> int | None:
    """Take a stored message about a transfer away from us; return the departure that is due by it, if any.

    A name of which a claim denies the departure is not left to anybody's choice: the transfer is rejected (D9).
    """
    if message.away is None or message.domain is None:
        return None
    row = running(connection, message.domain) or _stopping(connection, message.domain)
    if row is not None:
        due_again(connection, row, at=now)
        return int(row.id)
    if message.away is Away.STAYS:
        close_finding(connection, UNASKED, message.domain, now=now)
        return None
    domain = connection.execute(select(Domain.__table__).where(Domain.name == message.domain)).first()
    if domain is not None and (domain.gone_at is not None or domain.registrar != registrar):
        return None
    claim_id = grounds.claimed(connection, message.domain).denies
    if domain is not None and claim_id is not None and message.away is Away.ASKED:
        return stopped_unasked(connection, domain, claim_id=claim_id, now=now)
    open_finding(
        connection,
        UNASKED,
        message.domain,
        text=_TOLD[message.away].format(name=message.domain),
        next_step=_NEXT[message.away].format(name=message.domain),
        now=now,
    )
    return None


def _stopping(connection: Connection, name: str) -> Row[Any] | None:
    """Return a departure that was stopped, and is still being brought to rest."""
    query = select(Departure.__table__).where(
        Departure.domain == name, Departure.state == "stopped", Departure.due_at.is_not(None)
    )
    return connection.execute(query.with_for_update()).first()
