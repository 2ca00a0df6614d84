"""Does the server serve everybody, and keep secrets?"""

import ast
import http.client
import socket
import sqlite3
import ssl
from contextlib import closing, suppress
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.irnic.desk import DEPOSIT_CODE, TOKEN, Reseller, port_of


def test_one_connection_serves_many_commands(books: Books, reseller: Reseller) -> None:
    """The connection is kept alive from one command to the next."""
    for _ in range(3):
        reseller.check("free.ir")

    with closing(sqlite3.connect(books.path)) as connection:
        assert connection.execute("SELECT count(DISTINCT session) FROM journal").fetchone() == (1,)


def test_stopping_closes_idle_connections(sandbox: IrnicSandbox, certificates: Certificates) -> None:
    """A connection that was kept for later is closed when the sandbox stops, and its thread ends."""
    trusting = ssl.create_default_context(cafile=certificates.authority)
    connection = http.client.HTTPSConnection("127.0.0.1", port_of(sandbox), context=trusting, timeout=3)
    connection.request("POST", "/submit", body="<epp/>")
    connection.getresponse().read()
    kept = connection.sock

    sandbox.stop()

    with suppress(ssl.SSLEOFError, ConnectionError):
        assert kept.recv(1) == b""
    connection.close()


def test_a_client_that_does_not_shake_hands_stops_nobody(sandbox: IrnicSandbox, reseller: Reseller) -> None:
    """The TLS handshake is made in the connection's own thread."""
    with socket.create_connection(("127.0.0.1", port_of(sandbox))):
        assert reseller.check("free.ir").code == 1000


def test_the_certificate_is_verified(sandbox: IrnicSandbox) -> None:
    """A client that does not know the sandbox's authority does not connect."""
    with (
        socket.create_connection(("127.0.0.1", port_of(sandbox))) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="127.0.0.1")


def test_no_secret_is_kept_in_the_books(books: Books, reseller: Reseller) -> None:
    """Neither the token nor the deposit code is written down."""
    reseller.create("new.ir")
    reseller.poll()

    kept = b"".join(path.read_bytes() for path in books.path.parent.glob("irnic.sqlite*"))
    assert b"new.ir" in kept
    assert TOKEN.encode() not in kept
    assert DEPOSIT_CODE.encode() not in kept


def test_the_witness_imports_nothing_of_ours() -> None:
    """The sandbox knows only itself, so that it cannot share our mistakes."""
    imported = set()
    for path in Path(__file__).parents[3].joinpath("adapters", "sandbox", "irnic").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
    ours = {name for name in imported if name.split(".")[0] in {"registrar", "adapters", "tasks", "config"}}
    assert ours
    assert all(name.startswith("adapters.sandbox") for name in ours)


def test_a_deposit_code_has_sixteen_digits(books: Books, certificates: Certificates) -> None:
    """A code that IRNIC could not have given out is refused when the sandbox is set up."""
    with pytest.raises(ValueError, match="16 digits"):
        IrnicSandbox(books, certificates=certificates, token=TOKEN, deposit_code="1234")
