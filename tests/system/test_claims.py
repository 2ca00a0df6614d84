"""Is a claimed name locked with real workers and registrars on real sockets, kept so, and given back as it was (D9)?"""

import json
from dataclasses import replace
from typing import Any

from typer.testing import CliRunner

from adapters.sandbox.misbehaviour import Behaviour
from adapters.terminal.app import make_app
from registrar.statuses import REGISTRAR_LOCK
from tests.databases import ON_ONE_DATABASE
from tests.system.shop import Shop
from tests.system.test_departures import another_asks, looked_after, statuses
from tests.terminal.conftest import Started

LOCK = set(map(str, REGISTRAR_LOCK))
NAME = "claimed.com"
BEFORE = ("clientDeleteProhibited",)


def command(shop: Shop, *words: str) -> Any:
    """Call `registrar claims` as staff do, and return what it tells."""
    app = make_app(lambda _: shop.desk, Started([]).starters())
    called = CliRunner().invoke(app, ["claims", *words, "--json"])
    assert called.exit_code == 0, called.output
    return json.loads(called.stdout)


def proceeding(shop: Shop, name: str = NAME) -> None:
    """Record a claim to a name, and that it is heard."""
    words = ("--procedure", "udrp", "--reference", "D2026-0001", "--ticket", "T-1")
    assert command(shop, "assert", name, *words)["id"] == 1
    command(shop, "proceed", "1", "--ticket", "T-2")


def stands(shop: Shop, *, state: str, lock: str) -> bool:
    """Tell whether the claim stands so, by its row."""
    query = "SELECT state, lock FROM claims"
    with shop.desk.database.reading() as connection:
        return tuple(connection.exec_driver_sql(query).one()) == (state, lock)


def locked(shop: Shop) -> bool:
    """Tell whether the registry's own book shows the whole lock."""
    return set(statuses(shop, NAME)) >= LOCK


def test_a_claimed_name_is_locked_and_the_lock_put_back(shop: Shop) -> None:
    """Staff record a claim and workers lock the name; it is unlocked at the registrar by hand, and locked again; then freed."""
    looked_after(shop, NAME, "epp", statuses=BEFORE)
    proceeding(shop)
    shop.start_worker()
    shop.wait_for(lambda: stands(shop, state="proceeding", lock="locked"), "the lock is verified")
    assert locked(shop)
    with shop.epp.page() as page:
        domain = page.domain(NAME)
        assert domain is not None
        page.save(replace(domain, statuses=("clientUpdateProhibited",)))
    command(shop, "watch", "1")
    shop.wait_for(lambda: shop.findings("claim_lock_lost") == ["claim:1"], "the watchdog alarms")
    shop.wait_for(lambda: stands(shop, state="proceeding", lock="locked"), "the lock is verified again")
    assert locked(shop)
    command(shop, "dismiss", "1", "--document", "decision-1", "--yes", "--ticket", "T-3")
    shop.wait_for(lambda: stands(shop, state="closed", lock="released"), "the claim is closed")
    assert set(statuses(shop, NAME)) == set(BEFORE)
    kinds = [event["event"] for event in command(shop, "show", "1")["timeline"]]
    assert [kinds.count(f"claim.{kind}") for kind in ("lock_lost", "lock_released", "closed")] == [1, 1, 1]


@ON_ONE_DATABASE
def test_a_transfer_under_way_is_rejected_on_the_wire(shop: Shop) -> None:
    """Another registrar has asked for the name: it is rejected once, and only then can the name be locked.

    The claim looks, and so does the departure that the registry's message makes: both see the transfer before one rejects it.
    """
    looked_after(shop, NAME, "epp", statuses=["ok"])
    shop.epp.misbehave(Behaviour.LATE, command="domain:info", name=NAME, argument=1.5, times=2)
    another_asks(shop, NAME)
    proceeding(shop)
    shop.start_worker()
    shop.wait_for(lambda: stands(shop, state="proceeding", lock="locked"), "the lock is verified")
    assert locked(shop)
    assert shop.commands("domain:transfer:reject", NAME) == 1
    assert shop.findings("claimed_name_leaving") == ["claim:1"]


@ON_ONE_DATABASE
def test_under_ir_our_own_gate_alone_holds(shop: Shop) -> None:
    """IRNIC has no lock of ours: the state says so, staff hear it, and nothing but looks is sent."""
    name, us = "claimed.ir", ""
    with shop.irnic.page() as page:
        us = page.client_id
    contacts = [*((role, "ab123-irnic") for role in ("holder", "admin", "tech")), ("bill", us)]
    looked_after(shop, name, "irnic", statuses=("ok", "irnicRegistered"), contacts=contacts)
    proceeding(shop, name)
    shop.start_worker()
    shop.wait_for(lambda: stands(shop, state="proceeding", lock="cannot"), "the state says so")
    assert shop.findings("claim_lock_impossible") == ["claim:1"]
    assert shop.commands(name=name) == shop.commands("domain:info", name)
