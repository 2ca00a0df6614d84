"""What runs in a worker process? dramatiq's threads, and the sweep beside them; SIGTERM lets what is in the air finish."""

import structlog
from dramatiq import Worker

from config.settings import Settings
from tasks import actors, signals, sweep
from tasks.desk import make_desk
from tasks.parts import worker_patience
from tasks.wiring import keep_rules, open_house

log = structlog.get_logger()

IDLE_POLL_MS = 200
"""How long an idle consumer sleeps between two looks into Redis."""


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    house = open_house(settings)
    house.lookups.insist_usable()
    keep_rules(house.database, house.rules)
    actors.declare(house, make_desk(house))
    worker = Worker(house.broker, worker_threads=settings.flow.worker_threads, worker_timeout=IDLE_POLL_MS)
    signals.stop_by(house.stopping)
    worker.start()
    log.info("worker started", threads=settings.flow.worker_threads, registrars=sorted(house.gateways))
    try:
        sweep.run(house, house.stopping)
    finally:
        worker.stop(timeout=int(worker_patience(settings) * 1000))
        house.close()
        log.info("worker stopped")
