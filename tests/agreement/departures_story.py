"""Who takes a name away in these stories? The holder of mina.test, through the same steps as the portal, staff and the workers do.

The registry is that of the claims' stories: it lets a name go after five days when nobody objects, and keeps its
prohibitions. A code is had from it as `adapters.codes` has it.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from adapters.codes import hand_out
from adapters.desk import Desk
from registrar import departures
from registrar.agreement.departing import Ground
from registrar.agreement.rules import RuleBook
from registrar.commands import AnswerTransfer, Errand, Kind, TransferAnswer, Update
from registrar.database import Database
from registrar.departures import CloseUp, Code, DepartureState, Reject, Wish
from registrar.gateway import Capabilities, Changeable
from registrar.models import Departure, Domain, Order
from registrar.names import DomainName
from registrar.orders.by_hand import ByHand
from registrar.outcomes import Outcome
from registrar.statuses import REGISTRAR_LOCK
from tests.agreement.books import look_after
from tests.agreement.claims_story import ANSWERS, Registry
from tests.core.far_side import Clock
from tests.core.story import CATALOGUE, KEYRING, RUNG_FOR, Shop

MINA = DomainName("mina.test", "test")
PAID_THROUGH = datetime(2027, 4, 10, 12, tzinfo=UTC)
CAN = replace(
    ANSWERS,
    updates=frozenset({Changeable.STATUSES, Changeable.AUTH_INFO}),
    reads_auth_info=True,
)
"""It shows a name's code, takes another, and rejects a transfer when we say so."""
BOOKLESS = replace(
    CAN,
    kinds=CAN.kinds - {Kind.TRANSFER},
    updates=frozenset({Changeable.CONTACTS}),
    statuses=frozenset(),
    errands=frozenset(),
    answers=frozenset(),
    reads_auth_info=False,
)
"""One like IRNIC: no transfer, no code, no lock of ours."""
CANNOT_REJECT = replace(CAN, answers=frozenset({TransferAnswer.CANCEL}))
SETS_CODES = replace(CAN, reads_auth_info=False)
MAILS_CODES = replace(CAN, reads_auth_info=False, updates=frozenset({Changeable.STATUSES}))


class Leaving:
    """A holder who wants to go, step by step."""

    def __init__(self, database: Database, *, can: Capabilities = CAN, rules: RuleBook | None = None) -> None:
        self.database = database
        self.clock = Clock()
        self.far = Registry(self.clock, capabilities=can)
        self.far.own(MINA.ascii, PAID_THROUGH)
        self.far.set_statuses(MINA.ascii, *REGISTRAR_LOCK)
        self.shop = Shop(database, self.far, catalogue=CATALOGUE)
        self.terms = {"far": self.shop.terms}
        self.rules = rules or self.shop.rules
        self.errands: list[Errand] = []
        self.looked_for: list[Kind] = []
        look_after(self.shop, until=PAID_THROUGH)

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return self.clock.now

    # --- those who ask ---

    def wish(self, *, channel: str = "support", asked_at: datetime | None = None) -> Wish:
        """Return the holder's wish, as the portal or staff write it down."""
        return Wish(MINA.ascii, channel, "letter 12", "T-7", "customer", asked_at or self.now)

    def asks(self, *, channel: str = "support", asked_at: datetime | None = None) -> Row[Any]:
        """Let him ask, and return what is in the books."""
        wish = self.wish(channel=channel, asked_at=asked_at)
        with self.database.transaction() as connection:
            made, _ = departures.request(connection, wish, terms=self.terms, rules=self.rules, now=self.now)
        return self.row(made)

    def adopted(self) -> Row[Any]:
        """Let staff follow a transfer that is under way already."""
        with self.database.transaction() as connection:
            return_id = departures.follow(connection, self.wish(), rules=self.rules, now=self.now)
        return self.row(return_id)

    def stopped(self, ground: Ground = Ground.FRAUD, *, departure_id: int = 1) -> None:
        """Let staff stop it."""
        with self.database.transaction() as connection:
            departures.stop(connection, departure_id, ground, evidence="report 3", act=self.act())

    def act(self) -> ByHand:
        """Have staff act."""
        return ByHand("staff:sara", "T-8", self.now)

    def code(self, departure_id: int = 1, *, again: bool = False) -> Code:
        """Ask for the code, as a face does."""
        ticket = "T-9" if again else None
        return hand_out(
            self.desk, departure_id, actor="customer, by portal (shop)", ticket=ticket, again=again
        )

    @property
    def desk(self) -> Desk:
        """The desk of these stories; what nobody asks for here is not there."""

        def never(*_: object) -> Any:
            raise AssertionError("not asked for in these stories")

        return Desk(
            database=self.database,
            keyring=KEYRING,
            catalogue=CATALOGUE,
            terms=self.terms,
            rules=self.rules,
            look=never,
            inspect=never,
            run=lambda _, errand: self._execute(errand),
            auth_info=lambda _, domain: self.far.auth_info(domain, self.shop._call("code")),
            read_deposit=never,
            reconcile=never,
            ring=never,
            now=lambda: self.now,
            sync=never,
        )

    # --- the workers ---

    def worked(self, departure_id: int = 1) -> None:
        """Do what the actor does when it is rung for a departure."""
        with self.database.transaction() as connection:
            plan = departures.plan_look(connection, departure_id, terms=self.terms, now=self.now)
        if plan is None:
            return
        self.looked_for.append(Kind.RENEW)
        sighting = self.far.look(plan.domain, Kind.RENEW, self.shop._call("look"))
        with self.database.transaction() as connection:
            wanted = departures.conclude(connection, plan, sighting, terms=self.shop.terms, now=self.now)
        match wanted:
            case Reject(errand=errand):
                self._execute(errand)
            case CloseUp(void_code=void_code):
                if void_code:
                    self.errands.append(Update(plan.domain))
                with self.database.transaction() as connection:
                    departures.close_up(connection, plan, can=self.far.capabilities, now=self.now)
            case None:
                pass

    def run(self, *, days: float = 1) -> None:
        """Let days pass, doing whatever becomes due."""
        until = self.now + timedelta(days=days)
        for _ in range(3_000):
            upcoming = self._next_due()
            if upcoming is None or upcoming > until:
                break
            self.clock.now = max(self.now, upcoming)
            self.far.catch_up()
            self.shop.sweep()
            with self.database.transaction() as connection:
                due = departures.take_due(connection, limit=10, now=self.now, rung_for=RUNG_FOR)
            for departure_id in due:
                self.worked(departure_id)
        self.clock.now = until
        self.far.catch_up()

    # --- what is there to see ---

    def row(self, departure_id: int = 1) -> Row[Any]:
        """Read a departure."""
        with self.database.reading() as connection:
            found = departures.read(connection, departure_id)
        assert found is not None
        return found

    def state(self, departure_id: int = 1) -> DepartureState:
        """Tell where it stands."""
        return DepartureState(self.row(departure_id).state)

    def told(self, departure_id: int = 1) -> dict[str, Any]:
        """Return what the customer reads."""
        with self.database.reading() as connection:
            return departures.customer_view(connection, self.row(departure_id), now=self.now)

    def domain(self) -> Row[Any]:
        """Return the name in our books."""
        with self.database.reading() as connection:
            return connection.execute(select(Domain.__table__)).one()

    def set_domain(self, **values: Any) -> None:
        """Have our books say something else of the name."""
        with self.database.transaction() as connection:
            connection.execute(update(Domain).values(**values))

    def locked(self) -> bool:
        """Tell whether the registry's book shows our whole lock."""
        return self.far.statuses(MINA.ascii) >= REGISTRAR_LOCK

    def orders(self) -> list[tuple[str, str]]:
        """Return the kind and state of each order of our own."""
        return [(kind, state) for kind, state in self.shop.ask("SELECT kind, state FROM orders ORDER BY id")]

    def _execute(self, errand: Errand) -> Outcome:
        self.errands.append(errand)
        return self.far.execute(errand, self.shop._call("errand"))

    def rejections(self) -> list[AnswerTransfer]:
        """Return the rejections that were sent."""
        return [errand for errand in self.errands if isinstance(errand, AnswerTransfer)]

    def _next_due(self) -> datetime | None:
        with self.database.reading() as connection:
            due = [
                max(row.due_at, row.rung_until or row.due_at)
                for table in (Order, Departure)
                for row in connection.execute(
                    select(table.due_at, table.rung_until).where(table.due_at.is_not(None))
                )
            ]
        upcoming = self.far.next_event()
        return min([*due, *([upcoming] if upcoming else [])], default=None)
