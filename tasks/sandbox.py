"""How does a portal's programmer get registrars to try things on? One folder: books, certificates, and a ready configuration.

    registrar sandbox --folder DIR          serves until stopped, and writes DIR/config
    registrar --config DIR/config up        the product, working against it

Both registrars keep their books in DIR/books, where misbehaviour is ordered too.
"""

import fcntl
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.sandbox.books import Books
from adapters.sandbox.epp import DIALECTS, EppSandbox, Terms
from adapters.sandbox.irnic import IrnicSandbox
from adapters.sandbox.irnic.contacts import add_handle
from adapters.sandbox.tls import Certificates, make_certificates

EPP_USER = "sandbox-reseller"
BILLING_HANDLE = "res01-irnic"
EXAMPLE_HANDLES = ("ex01-irnic", "ex02-irnic")
"""Invented holders that may be used in every role."""
EPP_DEPOSIT_CENTS = 1_000_000
IRNIC_DEPOSIT_HUNDREDTHS = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sandbox keeps its things."""

    folder: Path

    @property
    def epp_books(self) -> Path:
        """The EPP registrar's books."""
        return self.folder / "books" / "epp.db"

    @property
    def irnic_books(self) -> Path:
        """IRNIC's books."""
        return self.folder / "books" / "irnic.db"

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


def make_books(
    folder: Path, *, epp_deposit: int = EPP_DEPOSIT_CENTS, irnic_deposit: int = IRNIC_DEPOSIT_HUNDREDTHS
) -> Place:
    """Make both registrars' books in `folder`, unless they are there; amounts in cents and hundredths of a unit."""
    place = Place(folder)
    place.epp_books.parent.mkdir(parents=True, exist_ok=True)
    if not place.epp_books.exists():
        Books.create(
            place.epp_books, registrar_name="epp", unit="USD", balance=epp_deposit, client_id=EPP_USER
        ).close()
    if not place.irnic_books.exists():
        with Books.create(
            place.irnic_books,
            registrar_name="irnic",
            unit="unit",
            balance=irnic_deposit,
            client_id=BILLING_HANDLE,
        ) as books:
            for handle in EXAMPLE_HANDLES:
                add_handle(books, handle)
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


def serve(
    folder: Path,
    *,
    dialect: str,
    epp_port: int,
    irnic_port: int,
    decide_after_seconds: float,
    stop: threading.Event,
    ready: Callable[[dict[str, str]], None],
) -> None:
    """Serve both registrars until `stop` is set; `ready` is told the addresses and the configuration's folder."""
    place, certificates = Place(folder), make_certificates(folder / "tls")
    password = place.secret("epp_password", lambda: secrets.token_hex(8))
    token = place.secret("irnic_token", lambda: secrets.token_hex(16))
    code = place.secret("irnic_deposit_code", lambda: f"{secrets.randbelow(10**16):016d}")
    with (
        _alone(folder),
        Books(make_books(folder).epp_books) as epp_books,
        Books(place.irnic_books) as irnic_books,
        EppSandbox(
            epp_books,
            dialect=DIALECTS[dialect],
            tls=folder / "tls",
            credentials={EPP_USER: password},
            terms=Terms(transfer_seconds=decide_after_seconds, pending_seconds=decide_after_seconds),
            port=epp_port,
        ) as epp,
        IrnicSandbox(
            irnic_books,
            certificates=certificates,
            token=token,
            deposit_code=code,
            port=irnic_port,
            decide_after_seconds=decide_after_seconds,
        ) as irnic,
    ):
        _write_configuration(place, certificates, dialect, epp.address, irnic.url)
        host, port = epp.address
        ready(
            {
                "epp": f"{host}:{port}",
                "irnic": irnic.url,
                "config": str(place.config),
                "books": str(folder / "books"),
            }
        )
        stop.wait()


def _write_configuration(
    place: Place, certificates: Certificates, dialect: str, epp: tuple[str, int], irnic_url: str
) -> None:
    """Write the two files that differ from the defaults; the secrets stay in files of their own."""
    place.config.mkdir(parents=True, exist_ok=True)
    registrars = {
        "epp": _epp_section(place, certificates, dialect, epp),
        "irnic": _irnic_section(place, certificates, irnic_url),
    }
    (place.config / "registrars.toml").write_text(_toml(registrars))
    (place.config / "registrar.toml").write_text(
        f"state = {json.dumps(str(place.folder / 'state'))}\n" + _QUICK
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


def _epp_section(
    place: Place, certificates: Certificates, dialect: str, address: tuple[str, int]
) -> dict[str, str | int | bool]:
    terms = DIALECTS[dialect]
    client = {"client_certificate": str(certificates.client), "client_key": str(certificates.client)}
    return {
        "enabled": True,
        "host": address[0],
        "port": address[1],
        "ca_file": str(certificates.authority),
        "username": EPP_USER,
        "password_file": str(place.folder / "secrets" / "epp_password"),
        "contacts": "ids" if terms.contacts else "none",
        "nameservers": "objects" if terms.host_objects else "attributes",
        "period_unit": terms.period_unit,
        "sessions": 4,
        "connect_timeout": 2,
        "call_timeout": 4,
        **(client if terms.client_certificate else {}),
        **_PATIENCE,
    }


def _irnic_section(place: Place, certificates: Certificates, url: str) -> dict[str, str | int | bool]:
    return {
        "enabled": True,
        "url": url,
        "ca_file": str(certificates.authority),
        "token_file": str(place.folder / "secrets" / "irnic_token"),
        "deposit_code_file": str(place.folder / "secrets" / "irnic_deposit_code"),
        "billing_handle": BILLING_HANDLE,
        "closed_from": "00:00",
        "closed_until": "00:00",
        "closing_margin_seconds": 0,
        "connect_timeout_seconds": 2,
        "call_timeout_seconds": 4,
        **_PATIENCE,
    }


def _toml(sections: dict[str, dict[str, str | int | bool]]) -> str:
    """Write sections of plain values; JSON's strings, numbers and booleans are TOML's too."""
    lines = []
    for name, section in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in section.items()), ""]
    return "\n".join(lines)
