"""Is what was delivered what was ordered (O9)? Term, contacts and name servers, as far as a look shows them.

Whoever has a look at hand when an order completes compares by it. A registration that its answer completed is looked at
once more for this alone. What a registrar does not show is not compared, and differs from nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from registrar import events
from registrar.commands import RENEWALS, Kind
from registrar.findings import open_finding
from registrar.gateway import Sighting, Standing
from registrar.judging import guard_expiry, moved_by_term
from registrar.orders.looking import record_look
from registrar.orders.states import State, read_locked

DIFFERS = "delivered_differs"


class Difference(NamedTuple):
    """One thing that is not as it was ordered."""

    part: str
    """`term`, `nameservers` or `contacts.<role>`."""
    ordered: str
    found: str


def compare(order: Row[Any], sighting: Sighting) -> list[Difference]:
    """Return in what a name, as a look shows it, differs from the order that was completed; a failed look shows nothing."""
    if sighting.standing is not Standing.REGISTERED:
        return []
    return [*_term(order, sighting), *_nameservers(order, sighting), *_contacts(order, sighting)]


def tell(connection: Connection, order: Row[Any], sighting: Sighting, *, now: datetime) -> list[Difference]:
    """Compare, and write down what differs, with a finding; the look itself is kept by whoever made it."""
    found = compare(order, sighting)
    if found:
        evidence = {"source": sighting.source, "differs": [one._asdict() for one in found]}
        events.record(connection, "order.differs", at=now, order_id=order.id, evidence=evidence)
        parts = "; ".join(f"{one.part}: ordered {one.ordered}, found {one.found}" for one in found)
        open_finding(
            connection,
            DIFFERS,
            f"order:{order.id}",
            text=f"what order {order.id} ({order.kind} {order.domain}) delivered is not what was ordered: {parts}",
            next_step="have it put right before its customer has to report it (O9), then close this with its ticket",
            now=now,
        )
    return found


def conclude(connection: Connection, order_id: int, sighting: Sighting, *, now: datetime) -> None:
    """Keep what a look after completion shows, if the order is completed and the look could see the name, and compare."""
    order = read_locked(connection, order_id)
    if order is not None and order.state == State.COMPLETED and sighting.standing is Standing.REGISTERED:
        record_look(connection, order, sighting, "compared", counts=False, looked_at=now)
        tell(connection, order, sighting, now=now)


def _term(order: Row[Any], sighting: Sighting) -> Iterator[Difference]:
    begins, ends = sighting.created_at if order.kind == Kind.REGISTER else None, sighting.expiry
    if order.kind in RENEWALS and order.guard:
        begins, ends = guard_expiry(order.guard).at, sighting.renews_from
    if ends is None or sighting.expiry_is_temporary or sighting.renewed_by_registry:
        return
    if begins is not None and not moved_by_term(begins, ends.at, order.months):
        yield Difference("term", f"{order.months} months from {begins:%Y-%m-%d}", ends.text)


def _nameservers(order: Row[Any], sighting: Sighting) -> Iterator[Difference]:
    ordered = sorted(host["host"].lower() for host in order.details.get("nameservers", []))
    found = sorted(host.lower().rstrip(".") for host in sighting.nameservers)
    if ordered and found and ordered != found:
        yield Difference("nameservers", ", ".join(ordered), ", ".join(found))


def _contacts(order: Row[Any], sighting: Sighting) -> Iterator[Difference]:
    shown = {str(role): handle for role, handle in sighting.contacts.items()}
    for role, handle in order.details.get("handles", {}).items():
        found = shown.get(role)
        if found is not None and found.lower() != handle.lower():
            yield Difference(f"contacts.{role}", handle, found)
