"""What the system tests ask for: a shop on a database of each kind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.system import nursery as nurseries
from tests.system.nursery import Nursery
from tests.system.shop import ROOT, Shop, opened

OpenShop = Callable[..., Shop]
"""Opens a shop; takes the options of `tests.system.shop.opened`."""


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Give where the workers come from."""
    with nurseries.opened(ROOT) as opened_here:
        yield opened_here


@pytest.fixture
def open_shop(
    database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, nursery: Nursery
) -> Iterator[OpenShop]:
    """Give what opens the shop, on SQLite and PostgreSQL in turn; it is closed with the test."""
    with ExitStack() as stack:

        def open_it(**options: Any) -> Shop:
            make = partial(opened, tmp_path / "shop", database_url, tmp_path_factory.mktemp("redis"), nursery)
            return stack.enter_context(make(**options))

        yield open_it


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """Give a shop with nothing in it, and no worker."""
    return open_shop()
