"""What does a departure look like from outside? For its customer in our words; for staff with all that is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar.agreement.departing import Ground
from registrar.departures.rows import DepartureState, name_of, subject
from registrar.departures.telling import told_ground, words
from registrar.models import Departure, Event

_NEXT: Mapping[str, Mapping[str, str]] = {
    DepartureState.UNLOCKING: {
        "fa": "قفل دامنه را برمی‌داریم",
        "en": "we are taking our lock off the name",
    },
    DepartureState.CODE_DUE: {
        "fa": "کد انتقال آماده است؛ یک بار و فقط به مالک دامنه داده می‌شود",
        "en": "the auth code can be asked for; it is handed out once, and to the registrant only",
    },
    DepartureState.OPEN: {
        "fa": "مالک دامنه کد را به ثبت‌کننده جدید می‌دهد",
        "en": "the registrant gives the code to the new registrar",
    },
    DepartureState.LEFT: {"fa": "دامنه منتقل شد", "en": "the name has left us"},
    DepartureState.ENDED: {
        "fa": "دامنه نزد ما مانده است؛ برای انتقال دوباره درخواست دهید",
        "en": "the name has stayed with us; ask again to move it",
    },
}
_HOLDERS_OWN = {
    "fa": "کدی از ما لازم نیست؛ مالک دامنه در پنل مرجع ثبت، رابط مالی یا نماینده دامنه را خود تغییر می‌دهد",
    "en": "no code of ours is needed: the holder names another billing contact at the registry himself, or the transfer is "
    "under way there",
}


def list_departures(
    connection: Connection,
    *,
    domain: str | None = None,
    state: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> Sequence[Row[Any]]:
    """Return departures with an id above `after`, the oldest first."""
    query = select(Departure.__table__).where(Departure.id > after)
    for column, wanted in ((Departure.domain, domain), (Departure.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    return connection.execute(query.order_by(Departure.id).limit(limit)).all()


def customer_view(connection: Connection, row: Row[Any], *, now: datetime) -> dict[str, Any]:
    """Return what the customer may see. A claim that is not disclosed to him is no ground that he reads (D9)."""
    ground = Ground(row.ground) if row.ground else None
    told = told_ground(connection, ground, row.claim_id, now=now) if ground else None
    return {
        **_facts(row),
        "ground": told,
        "why": dict(words(told)) if ground else None,
        "until": _text(row.until),
        "next": _next(row),
    }


def staff_view(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """Return everything about a departure; the code is not among it, for it is kept nowhere."""
    history = select(Event.at, Event.kind, Event.actor, Event.ticket, Event.evidence).where(
        Event.subject == subject(row.id)
    )
    return {
        **_facts(row),
        "customer": row.customer,
        "registrar": row.registrar,
        "channel": row.channel,
        "evidence": row.evidence,
        "ticket": row.ticket,
        "ground": row.ground,
        "until": _text(row.until),
        "claim": row.claim_id,
        "lifted_at": _text(row.lifted_at),
        "follow_until": _text(row.follow_until),
        "due_at": _text(row.due_at),
        "timeline": [
            {
                "at": _text(event.at),
                "event": event.kind,
                "actor": event.actor,
                "ticket": event.ticket,
                **event.evidence,
            }
            for event in connection.execute(history.order_by(Event.id))
        ],
    }


def _facts(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "domain": row.domain,
        "domain_unicode": name_of(row).unicode,
        "state": row.state,
        "state_since": _text(row.state_since),
        "requested_at": _text(row.requested_at),
        "code_by": _text(row.code_by),
        "code_given_at": _text(row.code_given_at),
    }


def _next(row: Row[Any]) -> dict[str, str] | None:
    if row.state == DepartureState.OPEN and row.code_given_at is None:
        return dict(_HOLDERS_OWN)
    told = _NEXT.get(row.state)
    return dict(told) if told else None


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
