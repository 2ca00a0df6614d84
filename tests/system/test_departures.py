"""Do names leave with real workers and registrars on real sockets: unlocked, followed, stopped, and under .ir only watched (D7)?"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from adapters.codes import hand_out
from registrar import departures
from registrar.departures import DepartureState, Wish
from registrar.models import Domain
from registrar.statuses import REGISTRAR_LOCK
from tests.system import batch
from tests.system.shop import Shop

REDIS_AND_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what the stories show on both databases."""

CODE = "planted-Leaving-1"
ANOTHER = "another-registrar"
LOCK = sorted(map(str, REGISTRAR_LOCK))


def looked_after(shop: Shop, name: str, registrar: str, **seeded: Any) -> None:
    """Have a name at a registrar and in our books."""
    shop.books[registrar].add_domain(name, expires_at=batch.EXPIRES, **seeded)
    with shop.desk.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name=name,
                zone=name.partition(".")[2],
                customer="c-1",
                registrar=registrar,
                paid_through=batch.EXPIRES,
            )
        )


def asks(shop: Shop, name: str) -> None:
    """Let its holder ask that it leaves."""
    desk, now = shop.desk, shop.desk.now()
    wish = Wish(name, "support", "ticket 7", "T-7", "customer", now)
    with desk.database.transaction() as connection:
        departures.request(connection, wish, terms=desk.terms, rules=desk.rules, now=now)


def state(shop: Shop) -> DepartureState:
    """Tell where the one departure stands."""
    with shop.desk.database.reading() as connection:
        row = departures.read(connection, 1)
    assert row is not None
    return DepartureState(row.state)


def another_asks(shop: Shop, name: str) -> None:
    """Let another registrar ask for the name, as the registry books it and tells us."""
    with shop.epp.page() as page:
        domain = page.domain(name)
        assert domain is not None
        assert not set(LOCK) & set(domain.statuses), "a locked name is not let go"
        told = {
            "losing": domain.sponsor,
            "deadline": "2026-11-27T10:00:00Z",
            "expires": "2028-03-01T00:00:00Z",
        }
        page.open_operation(
            "transfer",
            name,
            months=12,
            client_id=ANOTHER,
            client_transaction_id="theirs-1",
            server_transaction_id="s-1",
            charge_id=None,
            verdicts=(),
            every_seconds=0,
            detail=told,
        )
        page.save(replace(domain, statuses=(*domain.statuses, "pendingTransfer")))
        body = {
            "name": name,
            "trStatus": "pending",
            "reID": ANOTHER,
            "reDate": "2026-11-22T10:00:00Z",
            "acID": domain.sponsor,
            "acDate": told["deadline"],
            "exDate": told["expires"],
        }
        page.queue_message("trnData", "Transfer requested.", name=name, body=body)


def statuses(shop: Shop, name: str) -> Collection[str]:
    """Return the statuses in the registry's own book."""
    domain = shop.epp.domain(name)
    assert domain is not None
    return domain.statuses


def test_a_name_leaves(shop: Shop) -> None:
    """Our lock comes off, its code is read once, another registrar asks, and workers see that it is gone; no log has the code."""
    looked_after(shop, "leaving.com", "epp", statuses=LOCK, auth_info=CODE)
    asks(shop, "leaving.com")
    worker = shop.start_worker()
    shop.wait_for(lambda: state(shop) is DepartureState.CODE_DUE, "the name is unlocked")
    assert not set(LOCK) & set(statuses(shop, "leaving.com"))
    code = hand_out(shop.desk, 1, actor="customer", ticket=None)
    assert code.value is not None
    assert code.value.reveal() == CODE
    another_asks(shop, "leaving.com")
    shop.epp.approve("leaving.com")
    shop.wait_for(lambda: state(shop) is DepartureState.LEFT, "the name has left")
    assert shop.findings("transfer_out_unasked") == []
    assert CODE not in worker.log.read_text()


@REDIS_AND_ONE_DATABASE
def test_a_claim_stops_a_transfer_that_is_under_way(shop: Shop) -> None:
    """A claim is upheld while another registrar waits for the name: it is rejected once, the code is made void, the lock put back."""
    looked_after(shop, "claimed.com", "epp", statuses=LOCK, auth_info=CODE)
    asks(shop, "claimed.com")
    shop.start_worker()
    shop.wait_for(lambda: state(shop) is DepartureState.CODE_DUE, "the name is unlocked")
    hand_out(shop.desk, 1, actor="customer", ticket=None)
    another_asks(shop, "claimed.com")
    with shop.desk.database.transaction() as connection:
        departures.stop_for_claim(connection, "claimed.com", 1, now=shop.desk.now())
    shop.wait_for(lambda: set(LOCK) <= set(statuses(shop, "claimed.com")), "the name is locked again")
    domain = shop.epp.domain("claimed.com")
    assert domain is not None
    assert domain.sponsor != ANOTHER
    assert domain.auth_info not in ("", CODE)
    assert shop.commands("domain:transfer:reject", "claimed.com") == 1


@REDIS_AND_ONE_DATABASE
def test_a_transfer_that_nobody_asked_for_is_told(shop: Shop) -> None:
    """The registry says that another registrar asks for a name whose holder asked us nothing: staff hear of it."""
    looked_after(shop, "unasked.com", "epp", statuses=["ok"])
    another_asks(shop, "unasked.com")
    shop.start_worker()
    shop.wait_for(lambda: shop.findings("transfer_out_unasked") == ["unasked.com"], "staff hear of it")


@REDIS_AND_ONE_DATABASE
def test_an_ir_name_is_only_looked_at(shop: Shop) -> None:
    """Under .ir the holder names another contact himself; all that IRNIC ever hears from us are looks, and no PIN is asked for."""
    roles = ("holder", "admin", "tech")
    holders = [(role, "ab123-irnic") for role in roles]
    with shop.irnic.page() as page:
        us = page.client_id
    looked_after(
        shop, "leaving.ir", "irnic", statuses=("ok", "irnicRegistered"), contacts=[*holders, ("bill", us)]
    )
    asks(shop, "leaving.ir")
    assert state(shop) is DepartureState.OPEN
    shop.start_worker()
    shop.wait_for(lambda: shop.commands("domain:info", "leaving.ir") >= 2, "the name is looked at")
    assert state(shop) is DepartureState.OPEN
    with shop.irnic.page() as page:
        domain = page.domain("leaving.ir")
        assert domain is not None
        page.save(replace(domain, contacts=(*holders, ("bill", "zz999-irnic")), sponsor="zz999-irnic"))
    shop.wait_for(lambda: state(shop) is DepartureState.LEFT, "the name has left")
    assert shop.commands(name="leaving.ir") == shop.commands("domain:info", "leaving.ir")
