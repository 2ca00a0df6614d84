"""Who tells these nights? A company with some names, sources that say what a test lets them say, and the nightly run itself.

The run goes through the same steps as the pump, by lanes and in batches, on injected time; a test may stop between any two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from registrar import findings, notices
from registrar.commands import Expiry
from registrar.database import Database
from registrar.gateway import Sighting, Standing
from registrar.mails import Accepted, Language, Mail, Recipient
from registrar.models import Domain, Event, Notice, Order, Reading, SyncChange
from registrar.names import DomainName
from registrar.sync import changes, runs
from registrar.sync.changes import ChangeView
from registrar.sync.runs import RunView
from registrar.sync.vocabulary import ChangeKind, Mode, Source, SyncTerms
from tests.agreement.rulebook import standard

FIRST_NIGHT = datetime(2026, 11, 1, 22, 0, tzinfo=UTC)
"""Half past one in Tehran."""
EXPIRES = datetime(2027, 8, 20, 12, 0, tzinfo=UTC)
TERMS = SyncTerms()
REGISTRAR, RDAP, WHOIS = Source.REGISTRAR, Source.RDAP, Source.WHOIS


def sources_of(zone: str, registrar: str) -> Sequence[tuple[Source, str]]:
    """Ask the registrar about each name, and the public record of its zone."""
    public = (WHOIS, f"whois:{zone}") if zone == "ir" else (RDAP, f"rdap:{zone}")
    return [(REGISTRAR, f"registrar:{registrar}"), public]


def authority_of(zone: str) -> Source:
    """Follow IRNIC's inquiry for .ir, and the public record elsewhere (D4)."""
    return REGISTRAR if zone == "ir" else RDAP


class Company:
    """Some names, what each source says of them, and the time; `night` is a whole run."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = FIRST_NIGHT
        self.terms = TERMS
        self.asked: list[tuple[str, Source]] = []
        self.says: dict[tuple[str, Source], Sighting] = {}

    def own(
        self, *names: str, expires: datetime | None = EXPIRES, paid: datetime | None = None, **columns: Any
    ) -> None:
        """Have names in the books, and every source say just what the books say."""
        rows = []
        for name in names:
            zone = name.partition(".")[2]
            at = {"registry_expires_at": expires, "paid_through": paid or expires}
            text = expires.isoformat() if expires else None
            row = {
                "name": name,
                "zone": zone,
                "customer": "c-1",
                "registrar": "far",
                **at,
                "registry_expires_text": text,
            }
            rows.append(row | columns)
            for source, _ in sources_of(zone, "far"):
                self.let(name, source, expires=expires)
        with self.database.transaction() as connection:
            connection.execute(insert(Domain), rows)

    def let(
        self,
        name: str,
        source: Source,
        *,
        standing: Standing = Standing.REGISTERED,
        expires: datetime | None = EXPIRES,
        **told: Any,
    ) -> None:
        """Let a source say this of a name from now on."""
        zone = name.partition(".")[2]
        expiry = Expiry(expires, expires.isoformat()) if expires else None
        known: dict[str, Any] = {
            "ours": True if source is REGISTRAR else None,
            "sponsor": "Our Registrar",
            "nameservers": ("ns1.example.net",),
            "created_at": datetime(2019, 8, 20, tzinfo=UTC),
        }
        if standing is not Standing.REGISTERED:
            known, expiry = {}, None
        self.says[name, source] = Sighting(
            DomainName(name, zone), self.now, str(source), standing, expiry=expiry, **(known | told)
        )

    def look(self, name: str, source: Source) -> Sighting:
        """Ask a source about a name: it says what a test lets it say, now."""
        self.asked.append((name, source))
        return replace(self.says[name, source], seen_at=self.now)

    def begin(self, mode: Mode = Mode.WRITE) -> int:
        """Begin a run and enlist the names, by pages of three."""
        with self.database.transaction() as connection:
            run_id = runs.begin(connection, mode=mode, actor="night", now=self.now)
        self.enlist(run_id)
        return run_id

    def enlist(self, run_id: int, *, limit: int = 500) -> None:
        """Go through the books."""
        more = True
        while more:
            with self.database.transaction() as connection:
                more = runs.enlist(
                    connection, run_id, sources_of, terms=self.terms, limit=limit, now=self.now
                )

    def take(self, run_id: int, lane: str, *, limit: int = 500) -> list[DomainName]:
        """Take some names of a lane."""
        with self.database.transaction() as connection:
            return runs.take(connection, run_id, lane, limit=limit, terms=self.terms, now=self.now)

    def write(self, run_id: int, source: Source, sightings: Iterable[Sighting]) -> runs.Written:
        """Write what a source told."""
        with self.database.transaction() as connection:
            return runs.write(
                connection,
                run_id,
                source,
                sightings,
                book=standard(),
                terms=self.terms,
                authority_of=authority_of,
                now=self.now,
            )

    def ask(self, run_id: int, *, limit: int = 500, until: int | None = None) -> int:
        """Ask everything that is due, or some of it, lane by lane; return how many were asked."""
        count = 0
        with self.database.reading() as connection:
            lanes = runs.lanes(connection, run_id)
        for lane in lanes:
            while names := self.take(run_id, lane, limit=limit):
                source = runs.source_of(lane)
                self.now += timedelta(seconds=1)
                self.write(run_id, source, [self.look(name.ascii, source) for name in names])
                count += len(names)
                if until is not None and count >= until:
                    return count
        return count

    def settle(self, run_id: int) -> RunView:
        """Weigh, settle and end a run."""
        self.now += timedelta(minutes=1)
        with self.database.transaction() as connection:
            assert runs.is_exhausted(connection, run_id)
            runs.check(connection, run_id, terms=self.terms, now=self.now)
        more = 1
        while more:
            with self.database.transaction() as connection:
                more = runs.settle(connection, run_id, limit=100, now=self.now)
        with self.database.transaction() as connection:
            runs.finish(connection, run_id, now=self.now)
            run = runs.read(connection, run_id)
        assert run is not None
        return run

    def night(self, mode: Mode = Mode.WRITE) -> RunView:
        """Run at the beginning of the next night that is not over yet; the nights are two days apart.

        Far names are asked every other night, so that this asks each name.
        """
        run_id = self.begin(mode)
        self.ask(run_id)
        run = self.settle(run_id)
        self.now = run.started_at + timedelta(days=2)
        return run

    def nights(self, count: int) -> RunView:
        """Let so many nights pass, and return the last one's run."""
        return [self.night() for _ in range(count)][-1]

    def domain(self, name: str) -> Row[Any]:
        """Return what the books say of a name."""
        with self.database.reading() as connection:
            return connection.execute(select(Domain.__table__).where(Domain.name == name)).one()

    def reading(self, name: str, source: Source) -> Row[Any]:
        """Return what is stored of a source."""
        query = select(Reading.__table__).where(Reading.domain == name, Reading.source == source)
        with self.database.reading() as connection:
            return connection.execute(query).one()

    def change(self, name: str, **columns: Any) -> None:
        """Change the books behind the run's back."""
        with self.database.transaction() as connection:
            connection.execute(update(Domain).where(Domain.name == name).values(**columns))

    def open_changes(self, *names: str) -> list[ChangeView]:
        """Return what waits for a decision."""
        with self.database.reading() as connection:
            return changes.list_open(connection, names=names, limit=10_000)

    def states(self, name: str, kind: ChangeKind) -> list[str]:
        """Return what became of all changes of one kind that a name ever had."""
        query = select(SyncChange.state).where(SyncChange.domain == name, SyncChange.kind == kind)
        with self.database.reading() as connection:
            return list(connection.execute(query.order_by(SyncChange.id)).scalars())

    def findings(self) -> dict[str, list[str]]:
        """Return the open findings' subjects by kind."""
        found: dict[str, list[str]] = {}
        with self.database.reading() as connection:
            for finding in findings.list_open(connection):
                found.setdefault(str(finding["kind"]), []).append(str(finding["subject"]))
        return {kind: sorted(subjects) for kind, subjects in found.items()}

    def events(self, name: str) -> list[str]:
        """Return what happened to a name, in its order."""
        query = select(Event.kind).where(Event.subject == f"domain:{name}").order_by(Event.id)
        with self.database.reading() as connection:
            return list(connection.execute(query).scalars())

    def approve(self, *ids: int) -> changes.Decided:
        """Approve changes as staff."""
        with self.database.transaction() as connection:
            return changes.approve(connection, ids, actor="sara", ticket="T-1", now=self.now)

    def reject(self, *ids: int) -> changes.Decided:
        """Reject changes as staff."""
        with self.database.transaction() as connection:
            return changes.reject(connection, ids, actor="sara", ticket="T-1", now=self.now)

    def remind(self) -> list[str]:
        """Send the reminders that are due, and return the names that they are about."""
        rules = standard()
        with self.database.transaction() as connection:
            notices.replan(connection, rules=rules, limit=100, now=self.now)
        with self.database.transaction() as connection:
            notices.close_overtaken(connection, limit=100, now=self.now)
        with self.database.reading() as connection:
            due = list(connection.execute(select(Notice.id).where(Notice.due_at <= self.now)).scalars())
        mails = [mail for notice in due if isinstance(mail := self._begun(notice), Mail)]
        for mail in mails:
            with self.database.transaction() as connection:
                pace = rules.rules("com", at=self.now).notices
                notices.settle(connection, mail, Accepted("250 taken"), rules=pace, now=self.now)
        return [str(mail.domain) for mail in mails]

    def _begun(self, notice: int) -> object:
        with self.database.transaction() as connection:
            return notices.begin(
                connection,
                notice,
                message_id=f"m-{notice}",
                recipient_of=lambda _: Recipient("mina@example.com", None, Language.ENGLISH),
                rules=standard(),
                lease=timedelta(minutes=5),
                now=self.now,
            )

    def notices(self, name: str) -> list[str]:
        """Return how a name's reminders that were owed by now stand."""
        query = select(Notice.state).where(Notice.domain == name, Notice.scheduled_for <= self.now)
        with self.database.reading() as connection:
            return list(connection.execute(query.order_by(Notice.id)).scalars())

    def order(self, name: str, *, kind: str = "renew", state: str = "placed", **columns: Any) -> int:
        """Have an order of a name in the books."""
        with self.database.transaction() as connection:
            number = connection.execute(select(func.count()).select_from(Order)).scalar_one() + 1
            row: Mapping[str, Any] = {
                "key": f"k-{number}",
                "key_digest": "",
                "channel": "http",
                "customer": "c-1",
                "kind": kind,
                "domain": name,
                "zone": name.partition(".")[2],
                "lane": "registration",
                "registrar": "far",
                "route": [],
                "months": 12,
                "details": {},
                "price_amount": 0,
                "price_currency": "IRR",
                "payment": "outside",
                "paid_at": self.now,
                "placed_at": self.now,
                "state": state,
                "state_since": self.now,
                "promise_by": self.now,
            }
            made = connection.execute(insert(Order).values({**row, **columns}).returning(Order.id))
            return made.scalar_one()

    def end_order(self, order_id: int, state: str) -> None:
        """Have an order come to its end."""
        with self.database.transaction() as connection:
            connection.execute(update(Order).where(Order.id == order_id).values(state=state))
