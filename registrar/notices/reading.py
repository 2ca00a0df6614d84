"""What was a customer told, and what is he going to be told? The rows as staff and programs read them; no address is in them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from registrar.agreement.noticing import schedule
from registrar.agreement.rules import RuleBook
from registrar.models import Domain, Event, Notice
from registrar.notices.sending import facts_at
from registrar.notices.states import NoticeState

_COLUMNS = (
    Notice.id,
    Notice.kind,
    Notice.customer,
    Notice.domain,
    Notice.order_id,
    Notice.offset_days,
    Notice.paid_through,
    Notice.scheduled_for,
    Notice.state,
    Notice.due_at,
    Notice.tries,
    Notice.language,
    Notice.message_id,
    Notice.ended_at,
    Notice.said,
)


def list_notices(
    connection: Connection,
    *,
    customer: str | None = None,
    domain: str | None = None,
    state: NoticeState | None = None,
    due_before: datetime | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Return notices, the oldest first, after the one numbered `after`; `due_before`: only those still to be sent by then."""
    query = select(*_COLUMNS).where(Notice.id > after)
    for column, wanted in ((Notice.customer, customer), (Notice.domain, domain), (Notice.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    if due_before is not None:
        query = query.where(Notice.due_at <= due_before)
    rows = connection.execute(query.order_by(Notice.id).limit(limit))
    return [dict(row) for row in rows.mappings()]


def foresee(connection: Connection, domain: str, *, days: int, rules: RuleBook) -> dict[str, Any] | None:
    """Return what a name's notice would say, so many days from the end of its paid term; None without such a term."""
    query = select(Domain.zone, Domain.paid_through).where(Domain.name == domain)
    row = connection.execute(query).first()
    if row is None or row.paid_through is None:
        return None
    pace = rules.rules(row.zone, at=row.paid_through + timedelta(days=days)).notices
    (planned,) = schedule(row.paid_through, replace(pace, days=(days,)))
    return facts_at(row.zone, row.paid_through, rules, at=planned.at)


def show(connection: Connection, notice_id: int) -> Mapping[str, Any] | None:
    """Return one notice with what its text is made from and everything that happened to it, or None."""
    row = (
        connection.execute(
            select(*_COLUMNS, Notice.key, Notice.planned_at, Notice.facts).where(Notice.id == notice_id)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    query = select(Event.at, Event.kind, Event.actor, Event.ticket, Event.evidence).where(
        Event.subject == f"notice:{notice_id}"
    )
    return {
        **row,
        "timeline": [
            {
                "at": event.at,
                "event": event.kind,
                "actor": event.actor,
                "ticket": event.ticket,
                **event.evidence,
            }
            for event in connection.execute(query.order_by(Event.id))
        ],
    }
