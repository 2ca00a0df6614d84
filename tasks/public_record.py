"""What does everybody see of a sandbox's registrars? RDAP and WHOIS beside them tell what stands in their books.

They have books of their own, `books/rdap.db` and `books/whois.db`, whose journal says who asked what and where misbehaviour
is ordered, with or without a name.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.sandbox.books import Books
from adapters.sandbox.public import Limit, of_books, ordered_in
from adapters.sandbox.rdap import RdapSandbox
from adapters.sandbox.tls import Certificates
from adapters.sandbox.whois import WhoisSandbox

RDAP, WHOIS = "rdap", "whois"
PER_SECOND = 20
"""What the written settings let the product ask of each server in a second."""

_LIMIT = Limit(per_second=25, away_seconds=2)
"""Above this a server says so, and wants to be left alone."""
_ZONES = ("com", "net", "org", "eu")
_HOSTS = ("whois.nic.ir", "whois.verisign-grs.com", "whois.publicinterestregistry.org", "whois.eu")


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """Where the public servers of a sandbox are, and what the product must be told of them."""

    rdap: str
    whois: str
    authority: Path

    @property
    def addresses(self) -> dict[str, str]:
        """Where they are, by name."""
        return {RDAP: self.rdap, WHOIS: self.whois}

    def settings(self) -> str:
        """Write their part of `registrar.toml`."""
        budget = f"{{ in_flight = 8, per_second = {PER_SECOND} }}"
        overrides = ", ".join(
            f"{zone} = {{ url = {json.dumps(self.rdap)}, authoritative = true }}" for zone in _ZONES
        )
        hosts = ", ".join(f"{json.dumps(host)} = {json.dumps(self.whois)}" for host in _HOSTS)
        return (
            f"\n[lookups.rdap]\nca_file = {json.dumps(str(self.authority))}\n"
            f"overrides = {{ {overrides} }}\nbudget = {budget}\n"
            f"\n[lookups.whois]\naddresses = {{ {hosts} }}\nbudget = {budget}\n"
        )


@contextmanager
def serving(
    folder: Path, registrars: Sequence[Books], *, certificates: Certificates, ports: Mapping[str, int]
) -> Iterator[PublicRecord]:
    """Serve what registrars have in their books, from books in `folder` that are made unless they are there."""
    with ExitStack() as stack:
        record = of_books(registrars)
        orders = {name: ordered_in(stack.enter_context(_books(folder, name))) for name in (RDAP, WHOIS)}
        rdap = stack.enter_context(
            RdapSandbox(
                record,
                manners=orders[RDAP],
                limit=_LIMIT,
                certificates=certificates,
                port=ports.get(RDAP, 0),
            )
        )
        whois = stack.enter_context(
            WhoisSandbox(record, manners=orders[WHOIS], limit=_LIMIT, port=ports.get(WHOIS, 0))
        )
        yield PublicRecord(rdap.url, whois.place, certificates.authority)


def _books(folder: Path, name: str) -> Books:
    path = folder / f"{name}.db"
    return Books(path) if path.exists() else Books.create(path, registrar_name=name, unit="none")
