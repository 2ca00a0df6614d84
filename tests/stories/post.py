"""Who carries the company's mail in these stories? A mail server in this process, that takes what it is given unless told otherwise."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select

from registrar import notices
from registrar.customers import contacts
from registrar.mails import Accepted, Answer, Mail
from registrar.models import Notice
from registrar.notices.sending import anything_due
from tests.core.story import KEYRING, RUNG_FOR, Shop

_LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Letter:
    """A mail that was taken: when, to whom, what it is about."""

    on: str
    """The day, in UTC."""
    kind: str
    customer: str
    domain: str | None
    days: int | None
    """Of a notice of expiry: how many days after the end of the term, negative before it."""


@dataclass
class Post:
    """The mail server, and the worker that hands over to it."""

    shop: Shop
    letters: list[Letter] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    """What it says to the next mails; when it is empty it takes them."""

    def next_due(self, connection: Connection) -> datetime | None:
        """Return when the next notice is due."""
        rows = connection.execute(
            select(Notice.due_at, Notice.rung_until).where(Notice.due_at.is_not(None))
        ).all()
        return min((max(row.due_at, row.rung_until or row.due_at) for row in rows), default=None)

    def plans(self) -> None:
        """Plan what is owed."""
        with self.shop.database.transaction() as connection:
            notices.replan(connection, rules=self.shop.rules, limit=100, now=self.shop.clock.now)

    def works(self) -> None:
        """Plan what is owed and hand over what is due, at the pace that the rules set."""
        self.plans()
        with self.shop.database.transaction() as connection:
            notices.close_overtaken(connection, limit=100, now=self.shop.clock.now)
        while self._anything_due():
            due = self._take()
            for notice_id in due:
                self._send(notice_id)
            if not due:
                self.shop.clock.skip(1)

    def _anything_due(self) -> bool:
        with self.shop.database.reading() as connection:
            upcoming = self.next_due(connection)
            return (
                anything_due(connection, now=self.shop.clock.now)
                and upcoming is not None
                and (upcoming <= self.shop.clock.now)
            )

    def _take(self) -> Sequence[int]:
        shop = self.shop
        per_minute = shop.rules.rules("com", at=shop.clock.now).notices.per_minute
        with shop.database.transaction() as connection:
            return notices.take_due(
                connection, limit=50, per_minute=per_minute, now=shop.clock.now, rung_for=RUNG_FOR
            )

    def _send(self, notice_id: int) -> None:
        """Begin, hand over, settle: as the worker does, with no transaction open in between."""
        shop = self.shop
        with shop.database.transaction() as connection:
            mail = notices.begin(
                connection,
                notice_id,
                message_id=f"<{notice_id}@example.net>",
                recipient_of=partial(contacts.address_of, connection, keyring=KEYRING),
                rules=shop.rules,
                lease=_LEASE,
                now=shop.clock.now,
            )
        if not isinstance(mail, Mail):
            return
        answer = self._hand_over(mail)
        rules = shop.rules.rules("com", at=shop.clock.now).notices
        with shop.database.transaction() as connection:
            notices.settle(connection, mail, answer, rules=rules, now=shop.clock.now)

    def _hand_over(self, mail: Mail) -> Answer:
        answer = self.answers.popleft() if self.answers else Accepted("250 taken")
        if isinstance(answer, Accepted):
            with self.shop.database.reading() as connection:
                row = connection.execute(
                    select(Notice.customer, Notice.offset_days).where(Notice.id == mail.notice_id)
                ).one()
            today = self.shop.clock.now.date().isoformat()
            self.letters.append(Letter(today, mail.kind, row.customer, mail.domain, row.offset_days))
        return answer
