"""EPP clients that others wrote renew at the EPP sandbox: it speaks the protocol, and not only our half of it."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.epp import COM, SMALL, Dialect, EppSandbox
from adapters.sandbox.tls import Certificates

RENEW = Path(__file__).parent / "epp" / "net_epp_renew.pl"
BOUND_SECONDS = 60


@pytest.fixture(scope="module")
def perl() -> str:
    """Give the path of a perl that has Net::EPP."""
    found = shutil.which("perl")
    if (
        found is None
        or subprocess.run([found, "-MNet::EPP::Client", "-e1"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no Net::EPP for perl here: install Debian's libnet-epp-perl")
    return found


def arguments(sandbox: EppSandbox, dialect: Dialect) -> list[str]:
    """Say to the script where to go, who it is, and what to renew for two years."""
    host, port = sandbox.address
    certificates: Certificates = sandbox.certificates
    years = {"y": "2", "m": "24"}[dialect.period_unit]
    common = [host, str(port), str(certificates.authority), "reseller", "sandbox-pw", "example.com", years]
    return [*common, dialect.period_unit, *([str(certificates.client)] if dialect.client_certificate else [])]


@pytest.mark.parametrize("dialect", [COM, SMALL], ids=["com", "small"])
def test_net_epp_renews_and_is_charged_once(perl: str, tmp_path: Path, dialect: Dialect) -> None:
    """The client that Debian ships logs in, looks, renews for two years, and the books show one charge."""
    with Books.create(tmp_path / "books.sqlite", registrar_name="alpha", unit="USD", balance=5000) as books:
        books.add_domain("example.com", expires_at=datetime(2027, 1, 31, 22, 57, 30, tzinfo=UTC))
        with EppSandbox(
            books, dialect=dialect, tls=tmp_path / "tls", credentials={"reseller": "sandbox-pw"}
        ) as sandbox:
            ran = subprocess.run(
                [perl, str(RENEW), *arguments(sandbox, dialect)],
                capture_output=True,
                text=True,
                timeout=BOUND_SECONDS,
                check=False,
            )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.startswith("1000 2029-01-31T22:57:30.0")
        assert [(charge.command, charge.months, charge.amount) for charge in books.charges()] == [
            ("renew", 24, 1900)
        ]
