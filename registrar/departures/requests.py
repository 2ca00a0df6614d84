"""What did the portal send about a name's departure? Read whole, or refused with a stable code and words that say what to do."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from registrar.departures.beginning import Wish
from registrar.orders.requests import RequestRefusedError
from registrar.texts import is_readable

_FIELDS = ("channel", "evidence", "ticket", "requested_at")


def parse_wish(body: object, *, domain: str, actor: str, now: datetime) -> Wish:
    """Read `channel`, `evidence` and `ticket`, and `requested_at` (an instant; now without it). Raises `RequestRefusedError`."""
    if not isinstance(body, Mapping):
        raise RequestRefusedError("not_an_object", "the request must be a JSON object")
    if unknown := sorted(set(body) - set(_FIELDS)):
        raise RequestRefusedError(
            "unknown_field", f"unknown field {unknown[0]!r}; known: {', '.join(_FIELDS)}", field=unknown[0]
        )
    return Wish(
        domain=domain,
        channel=_text(body, "channel", longest=16),
        evidence=_text(body, "evidence", longest=1000),
        ticket=_text(body, "ticket", longest=255),
        actor=actor,
        asked_at=now
        if body.get("requested_at") is None
        else _instant(_text(body, "requested_at", longest=64)),
    )


def _text(body: Mapping[str, Any], name: str, *, longest: int) -> str:
    value = body.get(name)
    if value is None:
        raise RequestRefusedError("field_missing", f"{name} is missing", field=name)
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= longest or not is_readable(value):
        raise RequestRefusedError(
            "field_invalid", f"{name} must be 1-{longest} printable characters of text", field=name
        )
    return value.strip()


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise RequestRefusedError(
            "time_invalid",
            "requested_at must be a date and time with its zone, as 2026-11-22T09:30:00Z",
            field="requested_at",
        )
    return instant.astimezone(UTC)
