"""How the EPP tests call: a section of configuration, and limits with a clock and an id that was never used."""

import itertools
import time
from pathlib import Path

from registrar.gateway import Call
from registrar.names import DomainName
from registrar.secrets import Secret

PASSWORD = "planted-pw-77"
NAME = DomainName("example.test", "test")

_numbers = itertools.count(1)


def call_with(*, seconds: float = 10, send_within: float | None = None) -> Call:
    """Make a call's limits, with a transaction id that was never used."""
    now = time.monotonic()
    return Call(
        client_transaction_id=f"order-{next(_numbers)}-{time.time_ns()}",
        send_by=now + (seconds if send_within is None else send_within),
        finish_by=now + seconds,
        clock=time.monotonic,
    )


def section(port: int, ca_file: Path, /, **settings: object) -> dict[str, object]:
    """Write a section of configuration for a registry on this machine."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "ca_file": ca_file,
        "username": "reseller-1",
        "password": Secret(PASSWORD),
        **settings,
    }
