"""What is a face handed? The house's parts as plain callables, bound here and nowhere else."""

from datetime import timedelta

from adapters.desk import Desk
from adapters.doorbell import Doorbell
from tasks import accounts, clock, syncing
from tasks.broker import make_broker
from tasks.wiring import House, new_token, redis_url

RING_TIMEOUT_SECONDS = 1.0
"""How long a face waits for Redis to take a nudge; the sweep makes good what it does not."""


def make_desk(house: House) -> Desk:
    """Return what a face is handed."""
    bell = Doorbell(make_broker(redis_url(house.settings), socket_timeout=RING_TIMEOUT_SECONDS))
    gateways, call = house.gateways, house.call
    return Desk(
        database=house.database,
        keyring=house.keyring,
        catalogue=house.catalogue,
        terms=house.terms,
        rules=house.rules,
        look=house.look,
        inspect=lambda registrar: gateways[registrar].inspect(call(registrar, f"RI-{new_token()}")),
        run=lambda registrar, errand: house.execute(registrar, errand, call(registrar, f"RE-{new_token()}")),
        auth_info=lambda registrar, domain: gateways[registrar].auth_info(
            domain, call(registrar, f"RA-{new_token()}")
        ),
        read_deposit=lambda registrar: accounts.read_deposit(house, registrar),
        reconcile=lambda registrar, since, until, lines: accounts.reconcile(
            house, registrar, since, until, lines
        ),
        ring=lambda registrar, order_id: bell.ring(registrar, "work_order", order_id),
        now=clock.now,
        sync=lambda mode, actor, watch, is_stopped: syncing.run_here(house, mode, actor, watch, is_stopped),
        sync_coverage=timedelta(hours=house.settings.sync.coverage_hours),
        letterhead=house.letterhead,
    )
