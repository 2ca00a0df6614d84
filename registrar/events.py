"""What happened, when, by whom and on what evidence? One append-only line, in the transaction that did it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from registrar.models import Event

WORKER = "worker"
"""The actor of what the software does by itself."""
CLOCK_RAN_AHEAD = timedelta(days=1)
"""What is so far ahead of where it can be was written by a clock that ran ahead, and holds nobody up."""


def record(
    connection: Connection,
    kind: str,
    *,
    at: datetime,
    order_id: int | None = None,
    subject: str | None = None,
    actor: str = WORKER,
    ticket: str | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Write one event. `kind` is `noun.past`, as `order.placed`; `evidence` is JSON without secrets or people's data."""
    connection.execute(
        insert(Event).values(
            kind=kind,
            at=at,
            order_id=order_id,
            subject=subject,
            actor=actor,
            ticket=ticket,
            evidence=dict(evidence or {}),
        )
    )


def record_each(
    connection: Connection,
    kind: str,
    of_subjects: Mapping[str, Mapping[str, Any]],
    *,
    at: datetime,
    actor: str = WORKER,
    ticket: str | None = None,
) -> None:
    """Write one event for each subject, with its own evidence: what `record` does, for hundreds at once."""
    rows = [
        {"kind": kind, "at": at, "subject": subject, "actor": actor, "ticket": ticket, "evidence": dict(told)}
        for subject, told in of_subjects.items()
    ]
    if rows:
        connection.execute(insert(Event), rows)
