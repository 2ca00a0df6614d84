"""Which notices are due, may this one still be sent, and what became of it?

Right before a notice leaves it is looked at again: a name that was renewed, or is gone, is not written about, and after
an outage only the latest word about a name is said, at the pace that the rules set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, assert_never

from sqlalchemy import ColumnElement, Connection, Row, case, exists, insert, or_, select, update
from sqlalchemy.orm import aliased

from registrar.agreement.expiry import classify, windows
from registrar.agreement.rules import NoticeRules, RuleBook
from registrar.customers.contacts import REFUSES_MAIL, WITHOUT_ADDRESS
from registrar.database import one_at_a_time
from registrar.findings import close_finding, open_finding
from registrar.mails import Accepted, Answer, Delayed, Mail, NoticeKind, Recipient, Refused, Unknown
from registrar.models import Domain, Duty, Finding, Notice
from registrar.notices.states import NoticeState, move, read_locked

MAIL_AWAY = "mail_unavailable"
"""The finding of a mail server that takes nothing from us, or of none being set while notices are due."""
UNKNOWN_MAIL = "mail_in_doubt"
"""The finding of a mail of which nobody knows whether it was taken."""
PACE = "notices"
"""The row that all sweeps share, so that together they keep the pace."""
DOUBT_LASTS = timedelta(hours=12)
"""So much later a reminder is looked at again whose name may not be with us any more."""
SAVED_UP = timedelta(seconds=5)
"""So much of the pace may be caught up at once: a sweep comes every second or so."""


@dataclass(frozen=True, slots=True)
class Needless:
    """Nothing is to be sent now, and why: it has ended, it waits, or it is another worker's."""

    why: str


class _Name(NamedTuple):
    """What our books know of a name that a notice is about."""

    zone: str
    customer: str
    paid_through: datetime | None
    gone_at: datetime | None
    doubted_at: datetime | None


def take_due(
    connection: Connection, *, limit: int, per_minute: int, now: datetime, rung_for: timedelta
) -> list[int]:
    """Return up to `limit` due notices, marked as rung: what was owed first, then expiries, the longest due first.

    All sweeps together take no more than `per_minute`, so that after an outage customers' mail servers are not flooded.
    """
    one_at_a_time(connection, "pace of notices")
    since = _turns_since(connection)
    tick = timedelta(minutes=1) / per_minute
    since = max(since, now - max(SAVED_UP, tick)) if since else now - tick
    turns = min(limit, (now - since) // tick)
    if turns <= 0:
        return []
    due = list(connection.execute(_due(now).limit(turns).with_for_update(skip_locked=True)).scalars())
    if due:
        connection.execute(update(Notice).where(Notice.id.in_(due)).values(rung_until=now + rung_for))
        _keep_turns(connection, since + len(due) * tick, now=now)
    return due


def anything_due(connection: Connection, *, now: datetime) -> bool:
    """Tell whether `take_due` would find something; asked in a transaction that only reads, it keeps nobody waiting."""
    return connection.execute(select(Notice.id).where(Notice.due_at <= now).limit(1)).first() is not None


def leave_due(connection: Connection, notice_id: int) -> None:
    """Let a notice be rung again at once: nobody could take it up."""
    connection.execute(update(Notice).where(Notice.id == notice_id).values(rung_until=None))


def close_overtaken(connection: Connection, *, limit: int, now: datetime) -> int:
    """End up to `limit` due notices whose name has a later one due too, and return how many; they take no turn."""
    overtaken = (
        select(Notice.__table__)
        .where(Notice.due_at <= now, Notice.state == NoticeState.PLANNED, _overtaken(now))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(overtaken).all()
    for notice in found:
        move(connection, notice, NoticeState.NEEDLESS, said=_OVERTAKEN, now=now)
    return len(found)


def begin(
    connection: Connection,
    notice_id: int,
    *,
    message_id: str,
    recipient_of: Callable[[str], Recipient | None],
    rules: RuleBook,
    lease: timedelta,
    now: datetime,
) -> Mail | Needless:
    """Look at a due notice again, and write down that it is being sent; the caller commits before a byte leaves.

    `recipient_of` tells a customer's address, in this transaction. `message_id` is what it is known by, unless an earlier
    try has given it one. What is not answered within `lease` is in doubt for good.
    """
    notice = read_locked(connection, notice_id)
    if notice is None or notice.due_at is None or notice.due_at > now:
        return Needless("it is not due")
    if notice.state == NoticeState.SENDING:
        _doubt(connection, notice, "the worker that sent it did not come back", now=now)
        return Needless("nobody knows whether it was sent")
    domain = _domain(connection, notice)
    if why := _why_needless(connection, notice, domain, rules, now=now):
        move(connection, notice, NoticeState.NEEDLESS, said=why, now=now)
        return Needless(why)
    if domain is not None and domain.doubted_at is not None:
        move(connection, notice, NoticeState.PLANNED, said=_DOUBTED, now=now, due_at=now + DOUBT_LASTS)
        return Needless(_DOUBTED)
    customer = domain.customer if domain else notice.customer
    recipient = recipient_of(customer)
    if recipient is None:
        return _nowhere(connection, notice, customer, now=now)
    known = facts_at(domain.zone, notice.paid_through, rules, at=now) if domain else {}
    facts = {**notice.facts, **known}
    message_id = notice.message_id or message_id
    move(
        connection,
        notice,
        NoticeState.SENDING,
        said=None,
        now=now,
        due_at=now + lease,
        evidence={"try": notice.tries + 1, "message_id": message_id},
        tries=notice.tries + 1,
        customer=customer,
        language=recipient.language,
        message_id=message_id,
        facts=facts,
    )
    return Mail(
        notice.id, notice.tries + 1, message_id, NoticeKind(notice.kind), notice.domain, facts, recipient
    )


def settle(connection: Connection, mail: Mail, answer: Answer, *, rules: NoticeRules, now: datetime) -> bool:
    """Record what a try came to; False if the row is no longer that try's. A late answer beats a doubt about itself."""
    notice = read_locked(connection, mail.notice_id)
    if (
        notice is None
        or notice.tries != mail.number
        or notice.state not in (NoticeState.SENDING, NoticeState.UNKNOWN)
    ):
        return False
    close_finding(connection, UNKNOWN_MAIL, _subject(notice), now=now)
    match answer:
        case Accepted():
            move(connection, notice, NoticeState.SENT, said=answer.said, now=now)
            close_finding(connection, MAIL_AWAY, "mail", now=now)
        case Refused():
            refuse(connection, notice, answer.said, now=now)
        case Delayed() if answer.ours:
            _wait(connection, notice, answer.said, rules, now=now, tries=notice.tries - 1)
            say_mail_away(connection, answer.said, now=now)
        case Delayed() if notice.tries >= rules.tries:
            refuse(connection, notice, f"given up after {notice.tries} tries: {answer.said}", now=now)
        case Delayed():
            _wait(connection, notice, answer.said, rules, now=now, tries=notice.tries)
        case Unknown():
            _doubt(connection, notice, answer.said, now=now)
        case _:
            assert_never(answer)
    return True


def refuse(connection: Connection, notice: Row[Any], said: str, *, now: datetime) -> None:
    """End a notice that its recipient's side does not take; staff are told once for each customer."""
    move(connection, notice, NoticeState.REFUSED, said=said, now=now)
    customer_refuses(connection, notice.customer, f"a notice was refused: {said}", now=now)


def customer_refuses(connection: Connection, customer: str, text: str, *, now: datetime) -> None:
    """Tell staff that what we write to a customer does not reach him."""
    open_finding(
        connection,
        REFUSES_MAIL,
        f"customer:{customer}",
        text=f"customer {customer} is not reached by e-mail: {text}",
        next_step="ask him for another address; `registrar notices list --customer …` tells what he was not told, and "
        "`registrar notices retry` sends it again",
        now=now,
    )


def mail_is_away(connection: Connection) -> bool:
    """Tell whether staff know already that nothing can be sent."""
    query = select(Finding.id).where(Finding.kind == MAIL_AWAY, Finding.closed_at.is_(None))
    return connection.execute(query.limit(1)).first() is not None


def say_mail_away(connection: Connection, why: str, *, now: datetime) -> None:
    """Tell staff that nothing can be sent; notices wait, and none is lost."""
    open_finding(
        connection,
        MAIL_AWAY,
        "mail",
        text=f"notices wait, the mail server takes none: {why}",
        next_step="see to [mail] in the settings and to the mail server; notices go out by themselves afterwards",
        now=now,
    )


_OVERTAKEN = "a later notice about the same name is due"
_DOUBTED = "it waits: the name may not be with us any more"


def _turns_since(connection: Connection) -> datetime | None:
    """Return until when the turns are used up, or None for the first taker ever."""
    return connection.execute(select(Duty.due_at).where(Duty.name == PACE)).scalar()


def _keep_turns(connection: Connection, until: datetime, *, now: datetime) -> None:
    kept = connection.execute(update(Duty).where(Duty.name == PACE).values(due_at=until, last_run_at=now))
    if kept.rowcount == 0:
        connection.execute(insert(Duty).values(name=PACE, due_at=until, last_run_at=now))


def _due(now: datetime) -> Any:
    expiry_last = case((Notice.kind == NoticeKind.EXPIRY, 1), else_=0)
    return (
        select(Notice.id)
        .where(
            Notice.due_at <= now,
            or_(Notice.rung_until.is_(None), Notice.rung_until <= now),
            ~_overtaken(now),
        )
        .order_by(expiry_last, Notice.due_at, Notice.id)
    )


def _overtaken(now: datetime) -> ColumnElement[bool]:
    """Tell of a notice of expiry whether a later one about the same term has had its time."""
    later = aliased(Notice)
    return exists().where(
        later.domain == Notice.domain,
        later.kind == NoticeKind.EXPIRY,
        later.paid_through == Notice.paid_through,
        later.offset_days > Notice.offset_days,
        later.scheduled_for <= now,
        later.state != NoticeState.NEEDLESS,
    )


def _domain(connection: Connection, notice: Row[Any]) -> _Name | None:
    """Return what our books know of the name of an expiry's notice; other notices are about what has happened."""
    if notice.kind != NoticeKind.EXPIRY:
        return None
    row = connection.execute(
        select(Domain.zone, Domain.customer, Domain.paid_through, Domain.gone_at, Domain.doubted_at).where(
            Domain.name == notice.domain
        )
    ).first()
    return _Name(*row) if row else None


def _why_needless(
    connection: Connection, notice: Row[Any], domain: _Name | None, rules: RuleBook, *, now: datetime
) -> str | None:
    if notice.kind != NoticeKind.EXPIRY:
        return None
    if domain is None or domain.gone_at is not None:
        return "the name is not with us any more"
    if domain.paid_through != notice.paid_through:
        return "another term is paid for now"
    if now > windows(notice.paid_through, rules.rules(domain.zone, at=now).renewal).possible_until:
        return "the name can no longer be renewed"
    query = select(Notice.id).where(Notice.id == notice.id, _overtaken(now))
    return _OVERTAKEN if connection.execute(query).first() else None


def facts_at(zone: str, paid_through: datetime, rules: RuleBook, *, at: datetime) -> dict[str, Any]:
    """Return what an expiry's text says at a moment, by the rules then in force; they are kept with the row (A1)."""
    in_force = rules.rules(zone, at=at)
    limits = windows(paid_through, in_force.renewal)
    return {
        "rules": in_force.version,
        "at": at.isoformat(),
        "class": classify(paid_through, at, in_force.renewal),
        "credits_failure": in_force.renewal.credit_failed,
        "paid_through": limits.paid_through.isoformat(),
        "committed_until": limits.committed_until.isoformat(),
        "possible_until": limits.possible_until.isoformat(),
    }


def _nowhere(connection: Connection, notice: Row[Any], customer: str, *, now: datetime) -> Needless:
    move(
        connection,
        notice,
        NoticeState.NO_ADDRESS,
        said="no address of the customer is known",
        now=now,
        customer=customer,
    )
    open_finding(
        connection,
        WITHOUT_ADDRESS,
        f"customer:{customer}",
        text=f"customer {customer} is owed a notice and has no e-mail address",
        next_step="let the portal send his address (PUT /v1/customers/{customer}/contact): what he was not told goes out then",
        now=now,
    )
    return Needless("no address of the customer is known")


def _wait(
    connection: Connection, notice: Row[Any], said: str, rules: NoticeRules, *, now: datetime, tries: int
) -> None:
    move(
        connection,
        notice,
        NoticeState.PLANNED,
        said=said,
        now=now,
        due_at=now + rules.retry_after,
        tries=tries,
    )


def _doubt(connection: Connection, notice: Row[Any], said: str, *, now: datetime) -> None:
    move(connection, notice, NoticeState.UNKNOWN, said=said, now=now)
    open_finding(
        connection,
        UNKNOWN_MAIL,
        _subject(notice),
        text=f"notice {notice.id} ({notice.kind} {notice.domain or ''}) may have been sent or not: {said}",
        next_step=f"look for {notice.message_id} in the mail server's log; "
        f"`registrar notices retry {notice.id} --ticket …` sends it again if it is not there",
        now=now,
    )


def _subject(notice: Row[Any]) -> str:
    return f"notice:{notice.id}"
