"""What does a line in a registry's books say, as a value? One frozen class for each kind of line.

Times are aware UTC here and RFC 3339 text in the books; lists and objects are JSON there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def as_text(at: datetime) -> str:
    """Write an aware time as the books do: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_time(text: str) -> datetime:
    """Read a time from the books."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A registered name. `name` is its A-label; `nameservers` are pairs of a host name and its addresses, if any.

    `expires_at` is the registry's date where a registry's own sandbox keeps the books. At a platform it is the platform's,
    and `detail["registry_expires_at"]` may set the registry's apart: a year that the registry has added by itself.
    """

    name: str
    roid: str
    sponsor: str
    created_at: datetime
    expires_at: datetime
    updated_at: datetime | None = None
    transferred_at: datetime | None = None
    statuses: tuple[str, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    nameservers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    auth_info: str = field(default="", repr=False)
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def registry_expires_at(self) -> datetime:
        """The registry's date at a platform: the platform's own catches up with a year that the registry has added."""
        apart = self.detail.get("registry_expires_at")
        return max(self.expires_at, as_time(apart)) if apart else self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or an organisation, with the card that the registry keeps of it."""

    id: str
    roid: str
    sponsor: str
    created_at: datetime
    card: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host object and its addresses, if any."""

    name: str
    roid: str
    sponsor: str
    created_at: datetime
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something accepted that is decided later; `verdicts` are those still to come, the next one at `due_at`."""

    id: int
    name: str
    command: str
    months: int
    client_id: str
    client_transaction_id: str
    server_transaction_id: str
    charge_id: int | None
    opened_at: datetime
    due_at: datetime | None
    every_seconds: float
    verdicts: tuple[str, ...]
    state: str
    decided_at: datetime | None
    detail: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that waits for a reseller; `body` is what the registry wants to render of it."""

    id: int
    client_id: str
    queued_at: datetime
    name: str | None
    kind: str
    text: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of the deposit's statement. A refund is negative and points at what it gives back."""

    id: int
    at: datetime
    client_transaction_id: str
    command: str
    name: str
    months: int
    amount: int
    unit: str
    refund_of: int | None


def to_row(record: Domain | Contact | Host) -> dict[str, Any]:
    """Turn a record into the columns of its row."""
    return {name: _to_column(getattr(record, name)) for name in record.__slots__}


def domain_from(row: Mapping[str, Any]) -> Domain:
    """Read a row of `domains`."""
    return Domain(
        name=row["name"],
        roid=row["roid"],
        sponsor=row["sponsor"],
        created_at=as_time(row["created_at"]),
        expires_at=as_time(row["expires_at"]),
        updated_at=_time_or_none(row["updated_at"]),
        transferred_at=_time_or_none(row["transferred_at"]),
        statuses=tuple(json.loads(row["statuses"])),
        contacts=tuple((role, contact_id) for role, contact_id in json.loads(row["contacts"])),
        nameservers=tuple((host, tuple(addresses)) for host, addresses in json.loads(row["nameservers"])),
        auth_info=row["auth_info"],
        detail=json.loads(row["detail"]),
    )


def contact_from(row: Mapping[str, Any]) -> Contact:
    """Read a row of `contacts`."""
    return Contact(
        id=row["id"],
        roid=row["roid"],
        sponsor=row["sponsor"],
        created_at=as_time(row["created_at"]),
        card=json.loads(row["card"]),
    )


def host_from(row: Mapping[str, Any]) -> Host:
    """Read a row of `hosts`."""
    return Host(
        name=row["name"],
        roid=row["roid"],
        sponsor=row["sponsor"],
        created_at=as_time(row["created_at"]),
        addresses=tuple(json.loads(row["addresses"])),
    )


def operation_from(row: Mapping[str, Any]) -> Operation:
    """Read a row of `operations`."""
    return Operation(
        id=row["id"],
        name=row["name"],
        command=row["command"],
        months=row["months"],
        client_id=row["client_id"],
        client_transaction_id=row["client_transaction_id"],
        server_transaction_id=row["server_transaction_id"],
        charge_id=row["charge_id"],
        opened_at=as_time(row["opened_at"]),
        due_at=_time_or_none(row["due_at"]),
        every_seconds=row["every_seconds"],
        verdicts=tuple(json.loads(row["verdicts"])),
        state=row["state"],
        decided_at=_time_or_none(row["decided_at"]),
        detail=json.loads(row["detail"]),
    )


def message_from(row: Mapping[str, Any]) -> Message:
    """Read a row of `messages`."""
    return Message(
        id=row["id"],
        client_id=row["client_id"],
        queued_at=as_time(row["queued_at"]),
        name=row["name"],
        kind=row["kind"],
        text=row["text"],
        body=json.loads(row["body"]),
    )


def charge_from(row: Mapping[str, Any]) -> Charge:
    """Read a row of `charges`."""
    return Charge(
        id=row["id"],
        at=as_time(row["at"]),
        client_transaction_id=row["client_transaction_id"],
        command=row["command"],
        name=row["name"],
        months=row["months"],
        amount=row["amount"],
        unit=row["unit"],
        refund_of=row["refund_of"],
    )


def _time_or_none(text: str | None) -> datetime | None:
    return None if text is None else as_time(text)


def _to_column(value: Any) -> Any:
    if isinstance(value, datetime):
        return as_text(value)
    if isinstance(value, str) or value is None:
        return value
    return json.dumps(value)
