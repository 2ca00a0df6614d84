"""On what ground does a long night stand? Far sides and registrars in processes of their own, a database, a Redis, settings."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import insert

from adapters.sandbox.books import Books
from registrar.database import Database
from registrar.models import Domain
from registrar.secrets import Keyring
from tasks import embedded, sandbox
from tests.night.names import Names
from tests.public_servers import PublicServer, PublicServers, public_servers
from tests.registrar_servers import sandbox_registrars

AT_ONCE = 5_000
"""Rows put in by one statement."""
REGISTRARS = {"com": "epp", "ir": "irnic"}
UNLIMITED = 1_000_000
"""Questions a second: no limit that anybody meets."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a night's parts are: `environ` and `config` are what a process of the product is started with."""

    folder: Path
    config: Path
    environ: Mapping[str, str]
    database_url: str
    sides: PublicServers

    def registrar_books(self, registrar: str) -> Path:
        """Return where a sandbox registrar's books are."""
        return sandbox.Place(self.folder / "sandbox").books(registrar)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open our books."""
        database = Database(self.database_url)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def laid(
    folder: Path,
    database_url: str,
    sides: Mapping[str, PublicServer],
    settings: Callable[[PublicServers], str],
    *,
    environ: Mapping[str, str],
) -> Iterator[Ground]:
    """Start everything that does not depend on the names, on a fresh database; `settings` writes the company's `registrar.toml`."""
    config = folder / "config"
    config.mkdir()
    with ExitStack() as stack:
        served = stack.enter_context(public_servers(sides))
        redis = stack.enter_context(embedded.running(folder / "redis"))
        (config / "registrar.toml").write_text(settings(served))
        own = {
            "REGISTRAR_STATE": str(folder / "state"),
            "REGISTRAR_DATABASE__URL": database_url,
            "REGISTRAR_REDIS__URL": redis.url,
            "REGISTRAR_SECRET_KEYS": Keyring.new_key().reveal(),
            **environ,
        }
        yield Ground(folder, config, own, database_url, served)


@contextmanager
def registrars(ground: Ground, names: Mapping[str, Names]) -> Iterator[None]:
    """Serve the sandbox registrars with these names in their books, and lead the product there."""
    place = sandbox.make_books(ground.folder / "sandbox")
    for zone, of_zone in names.items():
        _fill(place.books(REGISTRARS[zone]), of_zone)
    with sandbox_registrars(place.folder):
        for file in ("registrars.toml", "zones.toml"):
            (ground.config / file).write_text((place.config / file).read_text())
        yield


def add_names(ground: Ground, names: Names, *, registrar: str) -> None:
    """Put names into our books, as an import would, a few thousand rows at a time."""
    with ground.database() as database:
        for start in range(0, names.count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, names.count))
            with database.transaction() as connection:
                connection.execute(insert(Domain), [_row(names, number, registrar) for number in numbers])


def _row(names: Names, number: int, registrar: str) -> dict[str, object]:
    ends = names.before(number)
    return {
        "name": names.record.name(number),
        "zone": names.zone,
        "customer": f"customer-{number % 1000}",
        "registrar": registrar,
        "registry_expires_at": ends,
        "registry_expires_text": ends.isoformat(),
        "paid_through": ends,
    }


def _fill(path: Path, names: Names) -> None:
    with Books(path) as books:
        for start in range(0, names.count, AT_ONCE):
            with books.page() as page:
                for number in range(start, min(start + AT_ONCE, names.count)):
                    if (domain := names.at_registrar(number)) is not None:
                        page.seed(replace(domain, sponsor=domain.sponsor or page.client_id))
                    if (behaviour := names.misbehaves_at_registrar(number)) is not None:
                        page.order_misbehaviour(
                            behaviour,
                            command="domain:info",
                            name=names.record.name(number),
                            number=None,
                            argument="",
                            times=1,
                        )
