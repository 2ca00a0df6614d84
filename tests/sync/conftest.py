"""What the nights' tests ask for: a company on a fresh database of each kind."""

from collections.abc import Iterator

import pytest

from tests.core.story import opened
from tests.sync.company import Company


@pytest.fixture
def company(database_url: str) -> Iterator[Company]:
    """Give a company without any name, on SQLite and PostgreSQL in turn."""
    with opened(database_url) as database:
        yield Company(database)
