"""Who may ask what through the API? Random keys, kept as digests, each with its scopes.

A key is 256 random bits, so a plain SHA-256 of it cannot be guessed back, and finding it is one look in an index. It is
shown once, when it is issued.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from registrar import events
from registrar.database import try_write
from registrar.models import ApiKey
from registrar.secrets import Secret

PREFIX = "rgk_"
"""Makes a key that leaked into a text recognisable."""
CHANCE_BYTES = 32
_LONGEST_NAME = 64


class Scope(StrEnum):
    """What a key lets its holder do."""

    ORDERS_WRITE = "orders:write"
    """Place, correct and cancel orders."""
    ORDERS_READ = "orders:read"
    LEDGER_READ = "ledger:read"
    """Read customers' balances and statements."""
    SLIPS = "slips:write"
    """Hand in customers' bank slips."""
    DEPARTURES = "departures:write"
    """Ask that names leave, and be handed their auth codes."""
    CONTACTS = "contacts:write"
    """Say, and read, how customers are written to."""


class KeyRefusedError(ValueError):
    """A key that cannot be issued or revoked; the message says why."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, by a key that holds."""

    name: str
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        """Tell whether the key has the scope."""
        return scope in self.scopes


class IssuedKey(NamedTuple):
    """A key as staff see it: never the key itself."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


def issue(
    connection: Connection,
    name: str,
    scopes: Collection[Scope],
    *,
    chance: bytes,
    now: datetime,
    actor: str,
) -> Secret:
    """Issue a key made of `chance` (32 random bytes) and return it: this is the only time it can be read.

    A name is used once, so that the events of a revoked key stay its own. Raises `KeyRefusedError`.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise KeyRefusedError(f"a key's name is 1-{_LONGEST_NAME} printable characters")
    if not scopes:
        raise KeyRefusedError(f"a key needs at least one scope of {', '.join(Scope)}")
    if len(chance) != CHANCE_BYTES:
        raise ValueError(f"a key is made of {CHANCE_BYTES} random bytes")
    token = PREFIX + urlsafe_b64encode(chance).decode().rstrip("=")
    row = insert(ApiKey).values(
        name=name, digest=_digest(token), scopes=" ".join(sorted(scopes)), created_at=now
    )
    if not try_write(connection, row):
        raise KeyRefusedError(f"there is, or was, a key named {name!r}: give this one another name")
    events.record(
        connection, "key.issued", at=now, subject=name, actor=actor, evidence={"scopes": sorted(scopes)}
    )
    return Secret(token)


def revoke(connection: Connection, name: str, *, now: datetime, actor: str) -> None:
    """Let the key hold no longer, from now on; raises `KeyRefusedError` if none of this name holds."""
    revoked = connection.execute(
        update(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    )
    if revoked.rowcount != 1:
        raise KeyRefusedError(f"no key named {name!r} is in use")
    events.record(connection, "key.revoked", at=now, subject=name, actor=actor)


def check(connection: Connection, token: Secret) -> Caller | None:
    """Return whose key this is, or None.

    What is compared is a digest, found by an index: how long it takes says nothing about any key.
    """
    query = select(ApiKey.name, ApiKey.scopes).where(
        ApiKey.digest == _digest(token.reveal()), ApiKey.revoked_at.is_(None)
    )
    row = connection.execute(query).first()
    return None if row is None else Caller(row.name, frozenset(row.scopes.split()))


def list_keys(connection: Connection) -> list[IssuedKey]:
    """Return every key that was ever issued, the oldest first."""
    rows = connection.execute(
        select(ApiKey.name, ApiKey.scopes, ApiKey.created_at, ApiKey.revoked_at).order_by(ApiKey.id)
    )
    return [IssuedKey(row.name, tuple(row.scopes.split()), row.created_at, row.revoked_at) for row in rows]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
