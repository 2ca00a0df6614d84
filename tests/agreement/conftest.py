"""What the agreement's tests ask for: a registrar, and a shop on a fresh database of each kind."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.core.far_side import Clock, FarSide
from tests.core.story import Shop, opened

EXPIRES = datetime(2026, 4, 10, 12, tzinfo=UTC)


@pytest.fixture
def far() -> FarSide:
    """Give a registrar where mina.test is ours until April 2026."""
    made = FarSide(Clock())
    made.own("mina.test", EXPIRES)
    return made


@pytest.fixture
def shop(database_url: str, far: FarSide) -> Iterator[Shop]:
    """Give a shop on a fresh database, SQLite and PostgreSQL in turn; the clock shows 1 March 2026."""
    with opened(database_url) as database:
        yield Shop(database, far)
