"""Of how many names do we know that what our books say is true, and which have waited longest? A number, and a list (P13)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from registrar.models import Domain


class Unconfirmed(NamedTuple):
    """A name, when the authority confirmed it last, and who told its date."""

    domain: str
    confirmed_at: datetime | None
    source: str | None


class Coverage(NamedTuple):
    """How many names are with us, how many of them were confirmed in time, and the oldest ones."""

    names: int
    confirmed: int
    share: float
    """Between 0 and 1; 1 where there are no names."""
    oldest: tuple[Unconfirmed, ...]


def coverage(connection: Connection, *, within: timedelta, now: datetime, oldest: int = 10) -> Coverage:
    """Count the names that the authority has confirmed within a time: by a look, or by an order that was completed."""
    here = select(func.count()).select_from(Domain).where(Domain.gone_at.is_(None))
    names = connection.execute(here).scalar_one()
    confirmed = connection.execute(here.where(Domain.confirmed_at >= now - within)).scalar_one()
    share = confirmed / names if names else 1.0
    return Coverage(names, confirmed, share, tuple(_oldest(connection, oldest)))


def _oldest(connection: Connection, limit: int) -> list[Unconfirmed]:
    """Return those that were never confirmed first; the two databases do not agree where nothing is sorted."""
    query = select(Domain.name, Domain.confirmed_at, Domain.registry_expiry_source).where(
        Domain.gone_at.is_(None)
    )
    never = query.where(Domain.confirmed_at.is_(None)).order_by(Domain.confirmed_at).limit(limit)
    found = [Unconfirmed(*row) for row in connection.execute(never)]
    once = query.where(Domain.confirmed_at.is_not(None)).order_by(Domain.confirmed_at)
    rest = connection.execute(once.limit(limit - len(found))) if len(found) < limit else ()
    return [*found, *(Unconfirmed(*row) for row in rest)]
