"""Is anything lost or done twice when the database ends every connection in mid-batch?"""

from functools import partial

import pytest

from tests.servers import Postgres
from tests.system import batch
from tests.system.conftest import OpenShop
from tests.system.shop import Shop

INTERRUPTIONS = 5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgres_ends_every_connection_in_mid_batch(open_shop: OpenShop, postgres_server: Postgres) -> None:
    """Every connection is cut again and again, in mid-transaction too, and the books agree to the unit."""
    shop = open_shop()
    orders = batch.mixed(shop)
    shop.keep_up(2)
    orders.place(shop)
    cut = 0
    for moment in range(40, 40 + 15 * INTERRUPTIONS, 15):
        shop.wait_for(partial(shop.has_received, moment), f"{moment} commands")
        cut += _cut_connections(shop, postgres_server)
    assert cut > INTERRUPTIONS
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    assert shop.ends() == orders.ends
    assert len(shop.workers) == 2, "a worker died"


def _cut_connections(shop: Shop, server: Postgres) -> int:
    """End every connection to the shop's database, and return how many there were."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    with server.connect() as connection:
        return len(connection.execute(query, [shop.house.database.url.database]).fetchall())
