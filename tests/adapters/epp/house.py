"""A sandbox registrar, its books, and our gateway to it: what the tests against the sandbox stand on."""

import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.registrars import epp
from adapters.sandbox.books import Books
from adapters.sandbox.epp import Dialect, EppSandbox, LoginEvent, Terms
from registrar.commands import Kind
from registrar.gateway import Gateway
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, PASSWORD

ENDS = datetime(2027, 3, 1, 0, 30, tzinfo=UTC)
AUTH_CODE = "planted-Auth-1"


@dataclass
class House:
    """A sandbox registrar, its books, and our gateway to it."""

    books: Books
    dialect: Dialect
    folder: Path
    stack: ExitStack
    sandbox: EppSandbox | None = None
    port: int = 0

    def start(self, *, session_cap: int = 10, login_events: Sequence[LoginEvent] = ()) -> None:
        """Start the registrar, on the port it had before if there was one."""
        self.sandbox = EppSandbox(
            self.books,
            dialect=self.dialect,
            tls=self.folder / "tls",
            credentials={"reseller": PASSWORD, "other": PASSWORD},
            terms=Terms(transfer_seconds=600, pending_seconds=600),
            port=self.port,
            session_cap=session_cap,
            login_events=login_events,
        )
        _host, self.port = self.sandbox.start()

    def stop(self) -> None:
        """Stop the registrar; every connection ends."""
        if self.sandbox is not None:
            self.sandbox.stop()

    def gateway(self, **changes: object) -> Gateway:
        """Make a gateway, configured for the dialect and by nothing but configuration."""
        small = not self.dialect.contacts
        certificates = self.folder / "tls"
        section: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "ca_file": certificates / "authority.pem",
            "client_certificate": certificates / "client.pem" if small else None,
            "username": "reseller",
            "password": Secret(PASSWORD),
            "expected_server_id": self.dialect.server_id,
            "contacts": "none" if small else "ids",
            "nameservers": "attributes" if small else "objects",
            "period_unit": "m" if small else "y",
            "restore_report": self.dialect.restore_report,
        }
        made = epp.make("sandbox", {**section, **changes})
        self.stack.callback(made.close)
        return made

    def ready_for(self, kind: Kind) -> None:
        """Bring the name into the state from which such an order starts."""
        if kind is Kind.RENEW:
            self.books.add_domain(NAME.ascii, expires_at=ENDS)
        elif kind is Kind.TRANSFER:
            self.books.add_domain(NAME.ascii, expires_at=ENDS, sponsor="other", auth_info=AUTH_CODE)
        elif kind is Kind.RESTORE:
            self.books.add_domain(
                NAME.ascii,
                expires_at=ENDS,
                statuses=["pendingDelete"],
                detail={"rgp": "redemptionPeriod"},
            )

    def journal(self, command: str) -> list[tuple[str, int | None]]:
        """Read the registrar's journal with plain SQL: transaction id and result code of every such command."""
        with sqlite3.connect(self.books.path) as connection:
            query = "SELECT client_transaction_id, result_code FROM journal WHERE command = ? ORDER BY number"
            found = connection.execute(query, (command,)).fetchall()
        connection.close()
        return found

    def spent(self) -> list[tuple[str, str]]:
        """Read what was charged: transaction id and command."""
        return [(charge.client_transaction_id, charge.command) for charge in self.books.charges()]
