"""Who claims a name in these stories? A dispute over mina.test, taken through the same steps as staff and the watchdog do.

The registry keeps RFC 5731: while updates are prohibited it takes nothing but the end of that, a name under transfer
takes no update at all, and a transfer that nobody answers goes through after five days.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Row, select

from registrar import departures, holds
from registrar.agreement.disputing import By, Evidence, Procedure, Ruling
from registrar.agreement.rules import BlockMode, Rules
from registrar.claims import acts, history, proof, take_due, watching
from registrar.claims.states import CarriedBy, read
from registrar.claims.telling import HEARD
from registrar.commands import AnswerTransfer, Command, Errand, TransferAnswer, Update
from registrar.database import Database
from registrar.gateway import Call, Capabilities, Sighting, Standing
from registrar.models import Claim, Order
from registrar.names import DomainName
from registrar.orders.by_hand import ByHand
from registrar.outcomes import Done, Outcome, RefusalReason, Refused, Reply
from registrar.statuses import Status
from tests.agreement.rulebook import standard
from tests.core.far_side import CAPABILITIES, OTHERS, Clock, FarSide, Registration
from tests.core.story import CATALOGUE, RUNG_FOR, Shop, opened

MINA = DomainName("mina.test", "test")
EXPIRES = datetime(2027, 4, 10, 12, tzinfo=UTC)
ANSWERS = replace(
    CAPABILITIES, errands=frozenset({AnswerTransfer}), answers=frozenset({TransferAnswer.REJECT})
)
TRANSFER_TAKES = timedelta(days=5)
"""After which a transfer that nobody answered goes through."""


class Registry(FarSide):
    """A registrar that lets a name go when nobody objects, and keeps its prohibitions."""

    def __init__(self, clock: Clock, *, capabilities: Capabilities = ANSWERS) -> None:
        super().__init__(clock, capabilities=capabilities)
        self.rejected: list[str] = []

    def ask_away(self, name: str) -> None:
        """Have another registrar ask for the name; the losing side's lock would refuse it."""
        assert Status.CLIENT_TRANSFER_PROHIBITED not in self.statuses(name), "a locked name is not let go"
        self.set_statuses(name, *self.statuses(name), Status.PENDING_TRANSFER)
        self.at(self.clock.now + TRANSFER_TAKES, lambda: self._let_go(name))

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Take a rejection too."""
        if not isinstance(command, AnswerTransfer):
            return super().execute(command, call)
        name = command.domain.ascii
        if Status.PENDING_TRANSFER not in self.statuses(name):
            return Refused(Reply("2301", "object not pending transfer"), RefusalReason.POLICY)
        self.rejected.append(name)
        self.set_statuses(name, *(self.statuses(name) - {Status.PENDING_TRANSFER}))
        return Done(Reply("1000"))

    def leaves(self, name: str, *, deleted: bool = False) -> None:
        """Have the name be with another registrar, or with nobody."""
        known = self.registration(name)
        assert known is not None
        gone = replace(known, sponsor=OTHERS, statuses=known.statuses - {Status.PENDING_TRANSFER})
        self._write(name, None if deleted else gone)

    def _let_go(self, name: str) -> None:
        if Status.PENDING_TRANSFER in self.statuses(name):
            self.leaves(name)

    def _update(self, command: Update, known: Registration | None) -> Outcome:
        if known is not None and _is_so_already(command, known):
            return Done(Reply("1000"))
        barred = {Status.PENDING_TRANSFER} | ({Status.CLIENT_UPDATE_PROHIBITED} - command.remove_statuses)
        if known is not None and barred & known.statuses:
            return Refused(Reply("2304", "object status prohibits operation"), RefusalReason.STATUS_PROHIBITS)
        return super()._update(command, known)


def _is_so_already(command: Update, known: Registration) -> bool:
    """Tell whether an update would change nothing: a gateway then sends nothing, and answers that it is done."""
    return command.add_statuses <= known.statuses and not command.remove_statuses & known.statuses


class Dispute:
    """A claim to mina.test, step by step; every act has a ticket of its own."""

    def __init__(
        self,
        database: Database,
        far: Registry,
        *,
        change_rules: Callable[[Rules], Rules] = lambda rules: rules,
    ) -> None:
        self.database = database
        self.far = far
        self.clock = far.clock
        self.shop = Shop(database, far, catalogue=CATALOGUE)
        self.change_rules = change_rules
        self._tickets = count(1)
        self.claim_id = 0

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return self.change_rules(standard().rules("test", at=self.clock.now))

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return self.clock.now

    # --- staff ---

    def act(self) -> ByHand:
        """Have staff act, on a new ticket."""
        return ByHand("staff:sara", f"T-{next(self._tickets)}", self.now)

    def asserted(self, procedure: Procedure = Procedure.UDRP, *, reference: str = "D2026-0001") -> int:
        """Record the claim."""
        with self.database.transaction() as connection:
            self.claim_id = acts.assert_claim(
                connection,
                MINA,
                registrar="far",
                procedure=procedure,
                reference=reference,
                rules=self.rules,
                act=self.act(),
            )
        return self.claim_id

    def proceeding(self, procedure: Procedure = Procedure.UDRP, **options: Any) -> int:
        """Record the claim, and that it is heard."""
        self.asserted(procedure)
        self.do(acts.proceed, rules=self.rules, **options)
        return self.claim_id

    def confirmed(self, *by: By) -> None:
        """Record confirmations."""
        for one in by or (By.COMPANY, By.INTERNATIONAL):
            self.do(acts.confirm, by=one, evidence=Evidence(f"the {one} office", f"doc-{one}"))

    def upheld(self, ruling: Ruling = Ruling.TRANSFER, *, block_mode: BlockMode | None = None) -> None:
        """Record the confirmations and the decision."""
        self.confirmed()
        self.do(acts.uphold, ruling=ruling, rules=self.rules, block_mode=block_mode)

    def dismissed(self) -> None:
        """Record the dismissal."""
        self.do(acts.dismiss, rules=self.rules, document="decision-1")

    def ruled(self, by: CarriedBy, *, order_id: int | None = None) -> None:
        """Have the ruling carried out."""
        self.do(acts.rule, by=by, document="ruling-1", order_id=order_id)

    def do(self, deed: Callable[..., object], **values: Any) -> object:
        """Do something to the claim, in a transaction of its own."""
        with self.database.transaction() as connection:
            return deed(connection, self.claim_id, act=self.act(), **values)

    # --- the watchdog ---

    def watch(self, claim_id: int | None = None) -> watching.Concluded | None:
        """Do what the watchdog does when it is rung, orders and rejections included."""
        watch = self.plan(claim_id)
        return None if watch is None else self.conclude(watch, self.look())

    def plan(self, claim_id: int | None = None) -> watching.Watch | None:
        """Tell whether a watch is due."""
        with self.database.reading() as connection:
            return watching.plan(connection, claim_id or self.claim_id, now=self.now)

    def look(self) -> Sighting:
        """Look at the name, where the registrar offers that."""
        if not self.far.capabilities.can_look:
            watch = watching.Watch(self.claim_id, "far", MINA, "", "")
            return watching.blind(watch, now=self.now)
        return self.far.look(MINA, watching.LOOKED_FOR, self.shop._call("watch"))

    def conclude(self, watch: watching.Watch, sighting: Sighting) -> watching.Concluded:
        """Let a look decide, and do what it asks for."""
        with self.database.transaction() as connection:
            concluded = watching.conclude(
                connection, watch, sighting, terms=self.shop.terms, rules=self.rules, now=self.now
            )
            if watch.state in HEARD:
                departures.stop_for_claim(connection, watch.domain.ascii, watch.claim_id, now=self.now)
        if concluded.reject_transfer:
            errand = watching.rejection(MINA, self.far.capabilities)
            assert errand is not None
            self.far.execute(errand, self.shop._call("reject"))
        for order_id in concluded.orders:
            self.shop.work(order_id)
        return concluded

    def run(self, *, days: float = 3) -> None:
        """Let days pass, doing whatever becomes due."""
        until = self.now + timedelta(days=days)
        for _ in range(2_000):
            upcoming = self._next_due()
            if upcoming is None or upcoming > until:
                break
            self.clock.now = max(self.now, upcoming)
            self.far.catch_up()
            self.shop.sweep()
            with self.database.transaction() as connection:
                due = take_due(connection, limit=10, now=self.now, rung_for=RUNG_FOR)
            for claim_id in due:
                self.watch(claim_id)
        self.clock.now = until

    def later(self, *, days: float) -> None:
        """Let days pass in which nothing ran here, then do what has become due."""
        self.clock.skip(timedelta(days=days))
        self.run(days=0.1)

    def hold(self, *, on: bool = True) -> None:
        """Put the registrar on hold by hand, or release it."""
        with self.database.transaction() as connection:
            if on:
                why = "its lines are down"
                holds.put_by_hand(
                    connection, "far", reason=why, now=self.now, actor="staff:sara", ticket="T-0"
                )
            else:
                holds.release(connection, "far", now=self.now, actor="staff:sara", ticket="T-0")

    # --- what is there to see ---

    @property
    def row(self) -> Row[Any]:
        """The claim's row."""
        with self.database.reading() as connection:
            found = read(connection, self.claim_id)
        assert found is not None
        return found

    @property
    def locked(self) -> bool:
        """Whether the registry's book shows the whole lock."""
        return self.far.statuses("mina.test") >= {
            Status.CLIENT_TRANSFER_PROHIBITED,
            Status.CLIENT_UPDATE_PROHIBITED,
            Status.CLIENT_DELETE_PROHIBITED,
        }

    def alarms(self) -> set[str]:
        """Return the kinds of the claim's open findings."""
        rows = self.shop.ask(
            "SELECT kind FROM findings WHERE subject = :subject AND closed_at IS NULL",
            subject=f"claim:{self.claim_id}",
        )
        return {kind for (kind,) in rows}

    def own_orders(self) -> list[tuple[str, str]]:
        """Return the kind and state of each order that the claim asked for."""
        return [
            (kind, state)
            for kind, state in self.shop.ask(
                "SELECT kind, state FROM orders WHERE claim_id = :claim ORDER BY id", claim=self.claim_id
            )
        ]

    def proven(self, at: datetime | None = None) -> Mapping[str, Any]:
        """Return what the events alone prove."""
        with self.database.reading() as connection:
            found = history(connection, self.claim_id, at)
        assert found is not None
        return found

    def agrees(self) -> None:
        """Insist that the events say what the row says, and the confirmations' rows too."""
        with self.database.reading() as connection:
            row = read(connection, self.claim_id)
            assert row is not None
            told = history(connection, self.claim_id)
            assert told is not None
            assert told["facts"] == proof.standing(row)
            assert told["confirmations"] == proof.confirmations_of(connection, self.claim_id)

    def _next_due(self) -> datetime | None:
        with self.database.reading() as connection:
            due = [
                max(row.due_at, row.rung_until or row.due_at)
                for table in (Order, Claim)
                for row in connection.execute(
                    select(table.due_at, table.rung_until).where(table.due_at.is_not(None))
                )
            ]
        upcoming = self.far.next_event()
        return min([*due, *([upcoming] if upcoming else [])], default=None)


@contextmanager
def opened_dispute(
    url: str,
    *,
    capabilities: Capabilities = ANSWERS,
    change_rules: Callable[[Rules], Rules] = lambda rules: rules,
) -> Iterator[Dispute]:
    """Open the books where mina.test is ours, and nobody claims it yet."""
    far = Registry(Clock(), capabilities=capabilities)
    far.own("mina.test", EXPIRES)
    with opened(url) as database:
        yield Dispute(database, far, change_rules=change_rules)


def unseen(seen: Sighting) -> Sighting:
    """Return a look at the same name that failed."""
    return Sighting(seen.domain, seen.seen_at, seen.source, Standing.UNKNOWN, reason="no answer")
