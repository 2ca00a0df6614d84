"""What lies at a registrar, and what did it take? One reading for the schedule's duties and for staff who ask."""

from datetime import UTC, date, datetime, time, timedelta

from registrar import deposits, statements
from registrar.findings import close_finding, open_finding
from registrar.gateway import StatementLine
from tasks import clock
from tasks.wiring import House, new_token

_WARNED = "registrar_warns"


def read_deposit(house: House, registrar: str) -> deposits.Forecast | None:
    """Read the deposit and keep it, compare it with what is to come, and warn; None where it is not reported.

    Raises `GatewayUnavailableError`. What the registrar warns of by itself (a certificate that runs out) is told too.
    """
    gateway, section = house.gateways[registrar], house.settings.registrars[registrar]
    read = gateway.deposit(house.call(registrar, f"RB-{new_token()}"))
    now = clock.now()
    with house.database.transaction() as connection:
        if warnings := gateway.warnings():
            text = f"{registrar} warns: {'; '.join(warnings)}"
            step = "renew what runs out, before it does"
            open_finding(connection, _WARNED, registrar, text=text, next_step=step, now=now)
        else:
            close_finding(connection, _WARNED, registrar, now=now)
        if read is None:
            return None
        deposits.record(connection, registrar, read, now=now)
        foreseen = deposits.forecast(connection, registrar, section.costs, days=section.deposit_days, now=now)
        if foreseen is not None:
            deposits.warn(connection, foreseen, floor=section.deposit_floor, now=now)
    return foreseen


def reconcile(
    house: House,
    registrar: str,
    since: date,
    until: date,
    lines: tuple[StatementLine, ...] | None = None,
) -> statements.Reconciliation | None:
    """Compare a registrar's statement of these days, both included, with our orders; None where it reports none.

    `lines` are those of a file that staff hand in instead. Raises `GatewayUnavailableError`.
    """
    if lines is None:
        call = house.call(registrar, f"RS-{new_token()}")
        lines = house.gateways[registrar].statement(since, until, call)
    if lines is None:
        return None
    with house.database.transaction() as connection:
        return statements.reconcile(
            connection,
            registrar,
            lines,
            house.settings.registrars[registrar].costs,
            since=datetime.combine(since, time.min, UTC),
            until=datetime.combine(until + timedelta(days=1), time.min, UTC),
            now=clock.now(),
        )
