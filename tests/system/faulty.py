"""How is a worker stopped at an exact point? By an adapter round the real one, which stops its own process, once a name.

It is named by dotted path in the configuration (`adapter = "tests.system.faulty:make"`), so the product has no hooks for
tests. Its section has, beside the real adapter's keys, `real` (the real one's path), `script` (a JSON file: name to
[point, signal]) and two powers to take away: `guard` (false: a renewal starts from whatever expiry is there, as at a
registrar without one) and `permit` (false: the lease is not asked before the first byte).
"""

import json
import math
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, event

from registrar.commands import Command, CreateContact, Errand, Kind, Renew, UpdateContact
from registrar.gateway import (
    Call,
    Capabilities,
    Deposit,
    Gateway,
    GatewayFactory,
    RegistrarMessage,
    Sighting,
    StatementLine,
)
from registrar.names import DomainName
from registrar.outcomes import Outcome
from registrar.secrets import Secret


class Point(StrEnum):
    """Where an order's worker stops."""

    CLAIMED = "claimed"
    """The order is taken up; nothing is written of an attempt (fault 1)."""
    BEGINNING = "beginning"
    """The attempt is written, but its transaction not committed."""
    BEGUN = "begun"
    """The attempt is committed; not a byte is sent (fault 2)."""
    ANSWERED = "answered"
    """The registrar has done it, and its answer is read; nothing of it is written (fault 5)."""
    SETTLING = "settling"
    """State and ledger are written, but their transaction not committed (fault 7)."""
    SETTLED = "settled"
    """All is committed; the message is not acknowledged (fault 6)."""


_armed = threading.local()
"""What this thread does at its next commit, and at its next return of a connection."""


class FaultyGateway:
    """The real gateway, in a process that stops where the script says."""

    def __init__(self, real: Gateway, script: Path, *, guard: bool, permit: bool) -> None:
        self._real = real
        self._script = script
        self._guard = guard
        self._permit = permit

    @property
    def name(self) -> str:
        return self._real.name

    @property
    def capabilities(self) -> Capabilities:
        return self._real.capabilities

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        if isinstance(command, CreateContact | UpdateContact):
            return self._real.execute(command, call)
        self._stop_at(Point.BEGUN, command.domain)
        if not self._permit:
            call = replace(call, send_by=math.inf, finish_by=call.clock() + 5)
        if not self._guard and isinstance(command, Renew):
            expiry = self._real.look(command.domain, Kind.RENEW, call).expiry
            command = command if expiry is None else replace(command, current_expiry=expiry)
        outcome = self._real.execute(command, call)
        self._stop_at(Point.ANSWERED, command.domain)
        _armed.commit = lambda: self._stop_at(Point.SETTLING, command.domain)
        _armed.checkin = lambda: self._stop_at(Point.SETTLED, command.domain)
        return outcome

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        self._stop_at(Point.CLAIMED, domain)
        sighting = self._real.look(domain, kind, call)
        _armed.commit = lambda: self._stop_at(Point.BEGINNING, domain)
        return sighting

    def next_message(self, call: Call) -> RegistrarMessage | None:
        return self._real.next_message(call)

    def acknowledge(self, message_id: str, call: Call) -> None:
        self._real.acknowledge(message_id, call)

    def deposit(self, call: Call) -> Deposit | None:
        return self._real.deposit(call)

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...] | None:
        return self._real.statement(since, until, call)

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        return self._real.auth_info(domain, call)

    def warnings(self) -> tuple[str, ...]:
        return self._real.warnings()

    def inspect(self, call: Call) -> Mapping[str, str]:
        return self._real.inspect(call)

    def close(self) -> None:
        self._real.close()

    def _stop_at(self, point: Point, domain: DomainName) -> None:
        """Stop this process if the script says so and no process has stopped for this name before."""
        if not self._script.exists():
            return
        wanted, number = json.loads(self._script.read_text()).get(domain.ascii, (None, 0))
        if wanted != point:
            return
        try:
            stopped(self._script, domain.ascii).touch(exist_ok=False)
        except FileExistsError:
            return
        # To this thread, not to the process: another thread would take it a moment later, and this one would go on.
        signal.pthread_kill(threading.get_ident(), signal.Signals(number))


def stopped(script: Path, domain: str) -> Path:
    """Return the file that is there once a process has stopped for a name."""
    return script.with_name(f"stopped-{domain}")


def make(name: str, section: Mapping[str, object]) -> Gateway:
    """Build the gateway: the contract of `GatewayFactory`."""
    rest = dict(section)
    module, _, factory = str(rest.pop("real")).partition(":")
    script, guard, permit = Path(str(rest.pop("script"))), rest.pop("guard", True), rest.pop("permit", True)
    real: GatewayFactory = getattr(import_module(module), factory)
    _listen()
    return FaultyGateway(real(name, rest), script, guard=bool(guard), permit=bool(permit))


def _listen() -> None:
    """Let this thread's next commit, and its next return of a connection, do what is armed."""
    if not event.contains(Engine, "commit", _on_commit):
        event.listen(Engine, "commit", _on_commit)
        event.listen(Pool, "checkin", _on_checkin)


def _on_commit(*_: Any) -> None:
    _fire("commit")


def _on_checkin(*_: Any) -> None:
    _fire("checkin")


def _fire(what: str) -> None:
    armed: Callable[[], None] | None = getattr(_armed, what, None)
    setattr(_armed, what, None)
    if armed is not None:
        armed()
