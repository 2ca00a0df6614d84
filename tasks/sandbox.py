"""How does a portal's programmer get registrars to try things on? One folder: books, certificates, and a ready configuration.

    registrar sandbox --folder DIR          serves until stopped, and writes DIR/config
    registrar --config DIR/config up        the product, working against it

Every registrar keeps its books in DIR/books, where misbehaviour is ordered too. What stands there is public: RDAP and WHOIS
tell it to everybody.
"""

import fcntl
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from adapters.sandbox.books import Books
from adapters.sandbox.epp import DIALECTS, EppSandbox, Terms
from adapters.sandbox.irnic import IrnicSandbox
from adapters.sandbox.irnic.contacts import add_handle
from adapters.sandbox.logicboxes import LogicBoxesSandbox, add_customer
from adapters.sandbox.openprovider import OpenproviderSandbox
from adapters.sandbox.opensrs import OpenSrsSandbox
from adapters.sandbox.tls import Certificates, make_certificates
from tasks import public_record
from tasks.public_record import PublicRecord

EPP_USER = "sandbox-reseller"
BILLING_HANDLE = "res01-irnic"
EXAMPLE_HANDLES = ("ex01-irnic", "ex02-irnic")
"""Invented holders that may be used in every role."""
RESELLER_ID, HOUSE_CUSTOMER = "1001", "2001"
DEPOSIT = 1_000_000
"""What lies at each registrar at first: cents, or hundredths of an IRNIC unit."""


class Account(NamedTuple):
    """How the reseller is known to a registrar, and in which unit its deposit is."""

    client_id: str
    unit: str


ACCOUNTS: Mapping[str, Account] = {
    "epp": Account(EPP_USER, "USD"),
    "irnic": Account(BILLING_HANDLE, "unit"),
    "logicboxes": Account(RESELLER_ID, "USD"),
    "opensrs": Account(EPP_USER, "USD"),
    "openprovider": Account(EPP_USER, "EUR"),
}
"""The registrars that a sandbox has, by the names they have in the settings."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sandbox keeps its things."""

    folder: Path

    def books(self, registrar: str) -> Path:
        """Return where a registrar's books are."""
        return self.folder / "books" / f"{registrar}.db"

    @property
    def epp_books(self) -> Path:
        """The EPP registrar's books."""
        return self.books("epp")

    @property
    def irnic_books(self) -> Path:
        """IRNIC's books."""
        return self.books("irnic")

    @property
    def config(self) -> Path:
        """The folder for `--config`."""
        return self.folder / "config"

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """Return a secret of this sandbox, made at its first use and kept in a file of its own."""
        path = self.folder / "secrets" / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(make())
        return path.read_text()

    def secret_file(self, name: str) -> str:
        """Return where a secret is kept, for the configuration."""
        return str(self.folder / "secrets" / name)


def make_books(folder: Path, *, epp_deposit: int = DEPOSIT, irnic_deposit: int = DEPOSIT) -> Place:
    """Make the registrars' books in `folder`, unless they are there; amounts in cents and hundredths of a unit."""
    place = Place(folder)
    place.epp_books.parent.mkdir(parents=True, exist_ok=True)
    deposits = {"epp": epp_deposit, "irnic": irnic_deposit}
    for name, account in ACCOUNTS.items():
        if place.books(name).exists():
            continue
        with Books.create(
            place.books(name),
            registrar_name=name,
            unit=account.unit,
            balance=deposits.get(name, DEPOSIT),
            client_id=account.client_id,
        ) as books:
            if name == "irnic":
                for handle in EXAMPLE_HANDLES:
                    add_handle(books, handle)
            if name == "logicboxes":
                add_customer(books, HOUSE_CUSTOMER)
    return place


class SandboxRunningError(RuntimeError):
    """Another process serves this folder; the message says what to do."""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second sandbox out of the folder for as long as the block lasts, however this process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SandboxRunningError(
                f"a sandbox serves {folder} already: stop it, or choose another folder"
            ) from error
        yield


class Server(Protocol):
    """A sandbox registrar that serves for as long as its block lasts."""

    def __enter__(self) -> object:
        """Begin to serve."""
        ...

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        ...


class Served(NamedTuple):
    """One registrar's server, how its address is told, and what its section of the configuration says of it."""

    server: Server
    address: Callable[[], str]
    section: Callable[[], dict[str, str | int | bool]]


def serve(
    folder: Path,
    *,
    dialect: str,
    ports: Mapping[str, int],
    decide_after_seconds: float,
    stop: threading.Event,
    ready: Callable[[dict[str, str]], None],
) -> None:
    """Serve every registrar and the public record until `stop` is set.

    `ready` is told the addresses and the configuration's folder. `ports` by registrar, `rdap` or `whois`; one that is not named there takes a free one.
    """
    certificates = make_certificates(folder / "tls")
    with _alone(folder), ExitStack() as stack:
        place = make_books(folder)
        books = {name: stack.enter_context(Books(place.books(name))) for name in ACCOUNTS}
        opened = _Opening(place, certificates, books, ports, decide_after_seconds)
        served = {
            "epp": opened.epp(dialect),
            "irnic": opened.irnic(),
            "logicboxes": opened.logicboxes(),
            "opensrs": opened.opensrs(),
            "openprovider": opened.openprovider(),
        }
        for one in served.values():
            stack.enter_context(one.server)
        public = stack.enter_context(
            public_record.serving(
                place.epp_books.parent, list(books.values()), certificates=certificates, ports=ports
            )
        )
        _write_configuration(place, {name: one.section() for name, one in served.items()}, public)
        addresses = {name: one.address() for name, one in served.items()} | public.addresses
        ready({**addresses, "config": str(place.config), "books": str(place.epp_books.parent)})
        stop.wait()


@dataclass(frozen=True, slots=True)
class _Opening:
    """What every server is opened with."""

    place: Place
    certificates: Certificates
    books: Mapping[str, Books]
    ports: Mapping[str, int]
    decide_after_seconds: float

    def epp(self, dialect: str) -> Served:
        terms, port = DIALECTS[dialect], self.ports.get("epp", 0)
        patience = self.decide_after_seconds
        server = EppSandbox(
            self.books["epp"],
            dialect=terms,
            tls=self.place.folder / "tls",
            credentials={EPP_USER: self.place.secret("epp_password", lambda: secrets.token_hex(8))},
            terms=Terms(transfer_seconds=patience, pending_seconds=patience),
            port=port,
        )
        client = str(self.certificates.client)
        return Served(
            server,
            lambda: ":".join(map(str, server.address)),
            lambda: {
                "host": server.address[0],
                "port": server.address[1],
                "ca_file": str(self.certificates.authority),
                "username": EPP_USER,
                "password_file": self.place.secret_file("epp_password"),
                "contacts": "ids" if terms.contacts else "none",
                "nameservers": "objects" if terms.host_objects else "attributes",
                "period_unit": terms.period_unit,
                "sessions": 4,
                "connect_timeout": 2,
                "call_timeout": 4,
                **({"client_certificate": client, "client_key": client} if terms.client_certificate else {}),
            },
        )

    def irnic(self) -> Served:
        token = self.place.secret("irnic_token", lambda: secrets.token_hex(16))
        code = self.place.secret("irnic_deposit_code", lambda: f"{secrets.randbelow(10**16):016d}")
        server = IrnicSandbox(
            self.books["irnic"],
            certificates=self.certificates,
            token=token,
            deposit_code=code,
            port=self.ports.get("irnic", 0),
            decide_after_seconds=self.decide_after_seconds,
        )
        return Served(
            server,
            lambda: server.url,
            lambda: (
                self._web(server.url)
                | {
                    "token_file": self.place.secret_file("irnic_token"),
                    "deposit_code_file": self.place.secret_file("irnic_deposit_code"),
                    "billing_handle": BILLING_HANDLE,
                    "closed_from": "00:00",
                    "closed_until": "00:00",
                    "closing_margin_seconds": 0,
                }
            ),
        )

    def logicboxes(self) -> Served:
        server = LogicBoxesSandbox(
            self.books["logicboxes"],
            certificates=self.certificates,
            reseller_id=RESELLER_ID,
            api_key=self.place.secret("logicboxes_api_key", lambda: secrets.token_hex(16)),
            port=self.ports.get("logicboxes", 0),
            decide_after_seconds=self.decide_after_seconds,
        )
        return Served(
            server,
            lambda: server.url,
            lambda: (
                self._web(server.url)
                | {
                    "reseller_id": RESELLER_ID,
                    "customer_id": HOUSE_CUSTOMER,
                    "api_key_file": self.place.secret_file("logicboxes_api_key"),
                    "demo": True,
                }
            ),
        )

    def opensrs(self) -> Served:
        server = OpenSrsSandbox(
            self.books["opensrs"],
            certificates=self.certificates,
            username=EPP_USER,
            key=self.place.secret("opensrs_api_key", lambda: secrets.token_hex(56)),
            port=self.ports.get("opensrs", 0),
            decide_after_seconds=self.decide_after_seconds,
        )
        self.place.secret("opensrs_reg_password", lambda: secrets.token_hex(8))
        return Served(
            server,
            lambda: server.url,
            lambda: (
                self._web(server.url)
                | {
                    "username": EPP_USER,
                    "api_key_file": self.place.secret_file("opensrs_api_key"),
                    "reg_username": "sandboxowner",
                    "reg_password_file": self.place.secret_file("opensrs_reg_password"),
                }
            ),
        )

    def openprovider(self) -> Served:
        server = OpenproviderSandbox(
            self.books["openprovider"],
            certificates=self.certificates,
            username=EPP_USER,
            password=self.place.secret("openprovider_password", lambda: secrets.token_hex(8)),
            port=self.ports.get("openprovider", 0),
            decide_after_seconds=self.decide_after_seconds,
        )
        return Served(
            server,
            lambda: server.url,
            lambda: (
                self._web(server.url)
                | {"username": EPP_USER, "password_file": self.place.secret_file("openprovider_password")}
            ),
        )

    def _web(self, url: str) -> dict[str, str | int | bool]:
        return {
            "url": url,
            "ca_file": str(self.certificates.authority),
            "connect_timeout_seconds": 2,
            "call_timeout_seconds": 4,
        }


def _write_configuration(
    place: Place, sections: Mapping[str, Mapping[str, str | int | bool]], public: PublicRecord
) -> None:
    """Write the files that differ from the defaults; the secrets stay in files of their own."""
    place.config.mkdir(parents=True, exist_ok=True)
    registrars = {name: {"enabled": True, **section, **_PATIENCE} for name, section in sections.items()}
    (place.config / "registrars.toml").write_text(_toml(registrars))
    (place.config / "zones.toml").write_text(ZONES)
    (place.config / "registrar.toml").write_text(
        f"state = {json.dumps(str(place.folder / 'state'))}\n" + _QUICK + public.settings()
    )


_QUICK = """
[flow]
call_seconds = 4
lease_seconds = 6
sweep_seconds = 0.25
rung_seconds = 2
follow_seconds = 1
messages_seconds = 1
look_retry_seconds = 1
not_sent_retry_seconds = 1
"""
"""A sandbox decides in seconds, so the product may look in seconds."""

_PATIENCE = {"late_limit_seconds": 2, "look_gap_seconds": 1, "long_look_seconds": 4, "hold_probe_seconds": 2}
"""What the sandbox declares: nothing of it lands later than two seconds."""

ZONES = """# Zones of several suppliers, in order of preference.
[net]
currency = "USD"
register = { registrars = ["logicboxes", "opensrs"], months = [12, 24] }
renew = { registrars = ["logicboxes", "opensrs"], months = [12, 24] }
transfer = { registrars = ["logicboxes", "opensrs"], months = [12] }
restore = { registrars = ["logicboxes", "opensrs"], months = [0] }

[org]
currency = "USD"
register = { registrars = ["opensrs", "openprovider"], months = [12, 24] }
renew = { registrars = ["opensrs", "openprovider"], months = [12, 24] }
transfer = { registrars = ["opensrs", "openprovider"], months = [12] }
restore = { registrars = ["opensrs", "openprovider"], months = [0] }

[eu]
currency = "EUR"
register = { registrars = ["openprovider"], months = [12, 24] }
renew = { registrars = ["openprovider"], months = [12, 24] }
transfer = { registrars = ["openprovider"], months = [12] }
restore = { registrars = ["openprovider"], months = [0] }
"""
"""What a sandbox sells beyond the defaults."""


def _toml(sections: Mapping[str, Mapping[str, str | int | bool]]) -> str:
    """Write sections of plain values; JSON's strings, numbers and booleans are TOML's too."""
    lines = []
    for name, section in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in section.items()), ""]
    return "\n".join(lines)
