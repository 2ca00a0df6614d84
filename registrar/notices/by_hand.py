"""What do staff do with a notice, and what is done when one comes back? Both leave a word behind."""

from datetime import datetime

from sqlalchemy import Connection, select

from registrar.findings import close_finding
from registrar.models import Notice
from registrar.notices.sending import UNKNOWN_MAIL, customer_refuses
from registrar.notices.states import RETRIED_BY_HAND, NoticeState, move, read_locked


class NoticeStandsError(Exception):
    """A notice that is not sent again; `code` is stable, the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def retry(connection: Connection, notice_id: int, *, actor: str, ticket: str, now: datetime) -> None:
    """Let a notice be sent once more, with a ticket (C1); raises `NoticeStandsError`.

    One in doubt may reach its reader twice: whoever asks has looked into the mail server's log.
    """
    notice = read_locked(connection, notice_id)
    if notice is None:
        raise NoticeStandsError("notice_unknown", f"there is no notice {notice_id}")
    if notice.state not in RETRIED_BY_HAND:
        raise NoticeStandsError(
            "notice_stands", f"notice {notice_id} is {notice.state}: it is not sent again"
        )
    move(
        connection,
        notice,
        NoticeState.PLANNED,
        said=f"to be sent again ({ticket})",
        now=now,
        due_at=now,
        actor=actor,
        ticket=ticket,
        evidence={"was": notice.state},
    )
    close_finding(connection, UNKNOWN_MAIL, f"notice:{notice_id}", now=now)


def bounced(connection: Connection, message_id: str, *, status: str, now: datetime, actor: str) -> int | None:
    """Record that a sent notice could not be delivered (RFC 3464), and return its number; None if none of ours did.

    `status` is the enhanced status code, as `5.1.1` (RFC 3463): no address is in it.
    """
    found = connection.execute(select(Notice.id).where(Notice.message_id == message_id)).scalar()
    notice = read_locked(connection, found) if found is not None else None
    if notice is None or notice.state not in (NoticeState.SENT, NoticeState.UNKNOWN):
        return None
    move(
        connection,
        notice,
        NoticeState.BOUNCED,
        said=f"could not be delivered: {status}",
        now=now,
        actor=actor,
    )
    close_finding(connection, UNKNOWN_MAIL, f"notice:{notice.id}", now=now)
    customer_refuses(connection, notice.customer, f"a notice came back: {status}", now=now)
    return int(notice.id)
