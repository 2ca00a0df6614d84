"""Which notices are owed? Those of expiry are planned ahead for each paid term (E2); all others when their cause is written.

Planned means a row that everybody can see, long before it is due. Another paid term closes what was planned for the one
before: nobody who has renewed is told that his name expires.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registrar import events
from registrar.agreement.noticing import ahead
from registrar.agreement.rules import RuleBook
from registrar.database import try_write
from registrar.mails import FACTS, NoticeKind
from registrar.models import Domain, Notice
from registrar.notices.states import NoticeState


def owe(
    connection: Connection,
    *,
    key: str,
    kind: str,
    customer: str,
    facts: Mapping[str, Any],
    now: datetime,
    domain: str | None = None,
    order_id: int | None = None,
) -> bool:
    """Plan a notice for now, in the transaction of its cause; False if its key stands already (O1, O11, F5, O3).

    `facts` is JSON without secrets and addresses, and has at least what `registrar.mails.FACTS` names for the kind;
    raises `ValueError` if not.
    """
    if missing := FACTS[NoticeKind(kind)] - facts.keys():
        raise ValueError(f"a notice of kind {kind} is made from {', '.join(sorted(missing))} too")
    planned = insert(Notice).values(
        key=key,
        kind=kind,
        customer=customer,
        domain=domain,
        order_id=order_id,
        facts=dict(facts),
        planned_at=now,
        scheduled_for=now,
        due_at=now,
        state=NoticeState.PLANNED,
        tries=0,
    )
    if not try_write(connection, planned):
        return False
    events.record(
        connection, "notice.owed", at=now, subject=key, evidence={"notice": str(kind), "domain": domain}
    )
    return True


def anything_unplanned(connection: Connection) -> bool:
    """Tell whether `replan` would find something; asked in a transaction that only reads, it keeps nobody waiting."""
    return connection.execute(_unplanned(1)).first() is not None


def replan(connection: Connection, *, rules: RuleBook, limit: int, now: datetime) -> int:
    """Plan the notices of expiry of up to `limit` names whose paid term is not the one planned for; return how many.

    They follow the term that was paid for, never a registry's date: its own renewal pays nobody's year (D4). A name that
    another transaction holds is left for the next turn.
    """
    names = connection.execute(_unplanned(limit)).all()
    if not names:
        return 0
    _close_earlier_terms(connection, names, now=now)
    planned = {name.name: _notices(name, rules, now) for name in names}
    if rows := [row for of_name in planned.values() for row in of_name]:
        connection.execute(_planned(connection), rows)
    connection.execute(update(Domain).where(Domain.name.in_(planned)).values(notices_for=Domain.paid_through))
    for name in names:
        _record(connection, name, planned[name.name], rules, now=now)
    return len(names)


def _unplanned(limit: int) -> Any:
    """Ask by the partial index `ix_domains_replan`, in its own words."""
    return (
        select(Domain.name, Domain.zone, Domain.customer, Domain.paid_through)
        .where(
            and_(
                Domain.paid_through.is_not(None),
                or_(Domain.notices_for.is_(None), Domain.notices_for != Domain.paid_through),
            ),
            Domain.gone_at.is_(None),
        )
        .order_by(Domain.name)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _close_earlier_terms(connection: Connection, names: Sequence[Row[Any]], *, now: datetime) -> None:
    """End what is planned for another term of these names; one that is being sent is left to its answer."""
    this_term = select(Domain.paid_through).where(Domain.name == Notice.domain).scalar_subquery()
    connection.execute(
        update(Notice)
        .where(
            Notice.domain.in_([name.name for name in names]),
            Notice.kind == NoticeKind.EXPIRY,
            Notice.state == NoticeState.PLANNED,
            Notice.paid_through != this_term,
        )
        .values(
            state=NoticeState.NEEDLESS,
            due_at=None,
            rung_until=None,
            ended_at=now,
            said="another term is paid for now",
        )
    )


def _notices(name: Row[Any], rules: RuleBook, now: datetime) -> list[dict[str, Any]]:
    in_force = rules.rules(name.zone, at=now)
    last_day = name.paid_through.date().isoformat()
    return [
        {
            "key": f"{NoticeKind.EXPIRY}:{name.name}:{last_day}:{notice.days}",
            "kind": NoticeKind.EXPIRY,
            "customer": name.customer,
            "domain": name.name,
            "paid_through": name.paid_through,
            "offset_days": notice.days,
            "facts": {"rules": in_force.version},
            "planned_at": now,
            "scheduled_for": notice.at,
            "due_at": notice.at,
            "state": NoticeState.PLANNED,
            "tries": 0,
        }
        for notice in ahead(name.paid_through, in_force, now=now)
    ]


def _planned(connection: Connection) -> Any:
    """Insert rows whose key is new; one that a mistaken term had closed untried is planned again."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(Notice)
    renewed = ("customer", "paid_through", "facts", "planned_at", "scheduled_for", "due_at", "state")
    return new.on_conflict_do_update(
        index_elements=["key"],
        set_={column: new.excluded[column] for column in renewed} | {"ended_at": None, "said": None},
        where=and_(Notice.state == NoticeState.NEEDLESS, Notice.tries == 0),
    )


def _record(
    connection: Connection, name: Row[Any], rows: Sequence[dict[str, Any]], rules: RuleBook, *, now: datetime
) -> None:
    evidence = {
        "paid_through": name.paid_through.isoformat(),
        "days": [row["offset_days"] for row in rows],
        "rules": rules.at(now).name,
    }
    events.record(connection, "notices.planned", at=now, subject=f"domain:{name.name}", evidence=evidence)
