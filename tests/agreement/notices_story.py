"""Who tells the stories of notices? A shop with names and customers, whose mail server answers as it is told, on injected time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from registrar import notices
from registrar.agreement.rules import NoticeRules, RuleBook
from registrar.customers import contacts
from registrar.database import Database
from registrar.mails import Accepted, Answer, Mail, Recipient
from registrar.models import Domain, Event, Finding, Notice
from registrar.notices import Needless
from registrar.secrets import Keyring
from tests.agreement.rulebook import standard

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
LEASE = 5 * MINUTE
KEYRING = Keyring([Keyring.new_key()])


@dataclass
class Post:
    """Plans, sends and counts notices in a database, at `now`."""

    database: Database
    now: datetime
    rules: RuleBook = field(default_factory=standard)
    answer: Callable[[Mail], Answer] = lambda _mail: Accepted("250 taken")
    taken: list[Mail] = field(default_factory=list)
    """What the mail server was handed, whatever it said."""

    @property
    def pace(self) -> NoticeRules:
        """The rules in force."""
        return self.rules.at(self.now).common.notices

    def has(self, name: str, paid_through: datetime, *, customer: str = "c-1", **more: Any) -> None:
        """Put a name into our books."""
        with self.database.transaction() as connection:
            connection.execute(
                insert(Domain).values(
                    name=name,
                    zone=name.rpartition(".")[2],
                    customer=customer,
                    registrar="far",
                    paid_through=paid_through,
                    **more,
                )
            )

    def changes(self, name: str, **values: Any) -> None:
        """Change what our books say of a name."""
        with self.database.transaction() as connection:
            connection.execute(update(Domain).where(Domain.name == name).values(**values))

    def knows(self, customer: str = "c-1", *, language: str = "fa", email: str | None = None) -> None:
        """Be told a customer's address."""
        with self.database.transaction() as connection:
            contacts.put(
                connection,
                customer,
                email=email or f"{customer}@example.net",
                addressed_as="Mina Example",
                language=language,
                keyring=KEYRING,
                now=self.now,
            )

    def plans(self, *, limit: int = 100) -> int:
        """Plan what is not planned."""
        with self.database.transaction() as connection:
            return notices.replan(connection, rules=self.rules, limit=limit, now=self.now)

    def due(self, *, limit: int = 1000) -> list[int]:
        """Take what is due."""
        with self.database.transaction() as connection:
            return notices.take_due(
                connection, limit=limit, per_minute=self.pace.per_minute, now=self.now, rung_for=30 * SECOND
            )

    def begins(self, notice_id: int) -> Mail | Needless:
        """Begin a notice."""
        with self.database.transaction() as connection:

            def recipient_of(customer: str) -> Recipient | None:
                return contacts.address_of(connection, customer, KEYRING)

            return notices.begin(
                connection,
                notice_id,
                message_id=f"<notice-{notice_id}@shop.example>",
                recipient_of=recipient_of,
                rules=self.rules,
                lease=LEASE,
                now=self.now,
            )

    def settles(self, mail: Mail, answer: Answer) -> bool:
        """Record an answer."""
        with self.database.transaction() as connection:
            return notices.settle(connection, mail, answer, rules=self.pace, now=self.now)

    def sends(self, notice_id: int) -> Mail | Needless:
        """Begin, send, settle."""
        begun = self.begins(notice_id)
        if isinstance(begun, Mail):
            self.taken.append(begun)
            self.settles(begun, self.answer(begun))
        return begun

    def works(self) -> None:
        """Do one sweep's round, and what it rings for."""
        self.plans()
        with self.database.transaction() as connection:
            notices.close_overtaken(connection, limit=1000, now=self.now)
        for notice_id in self.due():
            self.sends(notice_id)

    def lives_until(self, moment: datetime) -> None:
        """Work whenever something is due, until a moment."""
        self.plans()
        while (due_at := self._next_due()) is not None and due_at <= moment:
            self.now = max(self.now, due_at)
            self.works()
        self.now = moment

    def _next_due(self) -> datetime | None:
        with self.database.reading() as connection:
            moment: datetime | None = connection.execute(select(func.min(Notice.due_at))).scalar()
        return moment

    def rows(self, **wanted: Any) -> list[dict[str, Any]]:
        """Read notices."""
        query = select(Notice.__table__).order_by(Notice.scheduled_for, Notice.id)
        for column, value in wanted.items():
            query = query.where(getattr(Notice, column) == value)
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def states(self) -> Counter[str]:
        """Count notices by state."""
        return Counter(row["state"] for row in self.rows())

    def offsets(self, state: str) -> list[int]:
        """Tell which days' notices are in a state."""
        return [row["offset_days"] for row in self.rows(state=state)]

    def findings(self) -> list[tuple[str, str]]:
        """Tell what staff should look at."""
        with self.database.reading() as connection:
            rows = connection.execute(
                select(Finding.kind, Finding.subject).where(Finding.closed_at.is_(None)).order_by(Finding.id)
            )
            return [(row.kind, row.subject) for row in rows]

    def written(self) -> str:
        """Return everything that is kept in words: events, findings and notices."""
        with self.database.reading() as connection:
            tables = (Event.__table__, Finding.__table__, Notice.__table__)
            return " ".join(str(tuple(row)) for table in tables for row in connection.execute(select(table)))
