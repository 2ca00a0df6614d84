"""Which house do the nights' tests open? One with a real database, a real Redis, and the public record on this machine."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from adapters.sandbox.public.entries import Entry
from adapters.sandbox.rdap import RdapSandbox
from adapters.sandbox.whois import WhoisSandbox
from config.settings import load
from registrar.commands import Kind
from registrar.gateway import Call, Sighting, Standing
from registrar.models import Domain, Reading
from registrar.names import DomainName
from registrar.secrets import Keyring
from registrar.sync import runs
from registrar.sync.runs import RunView
from tasks.wiring import House, open_house
from tests.core.far_side import Clock, FarSide

EXPIRES = datetime(2027, 8, 20, 12, tzinfo=UTC)


def entries(*names: str, expires: datetime = EXPIRES) -> dict[str, Entry]:
    """Return what the public record says of names: registered until then."""
    return {name: Entry(name=name, expires_at=expires) for name in names}


def configuration(rdap: RdapSandbox | None, whois: WhoisSandbox | None, *, per_second: float = 10_000) -> str:
    """Write settings by which `com` is asked at one server and `ir` at the other, and nobody else anywhere."""
    url = f'url = "{rdap.url}", authoritative = true, allow_http = true' if rdap else ""
    place = f'"whois.nic.ir" = "{whois.place}"' if whois else ""
    budget = f"budget = {{ in_flight = 20, per_second = {per_second} }}"
    return (
        f"[lookups.rdap]\noverrides = {{ com = {{ {url} }} }}\n{budget}\n"
        f"[lookups.whois]\naddresses = {{ {place} }}\n{budget}\n"
    )


class Registrar(FarSide):
    """A registrar that is looked at; what `instead` holds is told first, one look after the other."""

    def __init__(self) -> None:
        super().__init__(Clock(datetime.now(UTC)))
        self.instead: deque[Mapping[str, Any]] = deque()
        self.looks: list[str] = []

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        """Show a name, or tell what stops the look."""
        self.looks.append(domain.ascii)
        if self.instead:
            return Sighting(domain, self.clock.now, self.name, Standing.UNKNOWN, **self.instead.popleft())
        return super().look(domain, kind, call)


def make(name: str, section: Mapping[str, object]) -> Registrar:
    """Make the registrar `far`, as the wiring does."""
    return Registrar()


def registrar_of(house: House) -> Registrar:
    """Return the registrar `far`."""
    far = house.gateways["far"]
    assert isinstance(far, Registrar)
    return far


@contextmanager
def opened(folder: Path, database_url: str, redis_url: str, toml: str, **environ: str) -> Iterator[House]:
    """Open a house with these settings and the registrar `far`."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "registrar.toml").write_text(toml)
    (folder / "config" / "registrars.toml").write_text(
        '[far]\nadapter = "tests.sync.house:make"\nenabled = true\n'
    )
    house = open_house(load(folder / "config", variables(folder, database_url, redis_url) | environ))
    try:
        yield house
    finally:
        house.close()


def variables(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """Return where a house of the tests keeps what is its own."""
    return {
        "REGISTRAR_STATE": str(folder),
        "REGISTRAR_DATABASE__URL": database_url,
        "REGISTRAR_REDIS__URL": redis_url,
        "REGISTRAR_SECRET_KEYS": Keyring.new_key().reveal(),
    }


def own(house: House, *names: str, expires: datetime = EXPIRES, registrar: str = "elsewhere") -> None:
    """Have names in the books."""
    rows = [
        {
            "name": name,
            "zone": name.partition(".")[2],
            "customer": "c-1",
            "registrar": registrar,
            "registry_expires_at": expires,
            "registry_expires_text": expires.isoformat(),
            "paid_through": expires,
        }
        for name in names
    ]
    with house.database.transaction() as connection:
        connection.execute(insert(Domain), rows)


def books_of(house: House, column: str) -> Mapping[str, object]:
    """Return a column of the books, by name."""
    with house.database.reading() as connection:
        found = connection.execute(select(Domain.name, getattr(Domain, column)))
        return {name: value for name, value in found}  # noqa: C416 - `dict` takes a result for a mapping


def latest(house: House) -> RunView:
    """Return the run that began last."""
    with house.database.reading() as connection:
        run = runs.latest(connection)
    assert run is not None
    return run


def taken(house: House) -> int:
    """Count the names that somebody has in hand."""
    query = select(func.count()).select_from(Reading).where(Reading.taken_until.is_not(None))
    with house.database.reading() as connection:
        return connection.execute(query).scalar_one()
