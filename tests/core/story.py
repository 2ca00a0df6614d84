"""Who tells these stories? A shop that takes an order through the same steps as the actor, one by one, on injected time.

Each step is a method, so a test may stop between two of them (a crash), come back late (a freeze), or take them twice.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any, Literal, TypeVar

import pytest
from sqlalchemy import Connection, Row, event, select, text

from registrar import ledger
from registrar.commands import RENEWALS, Kind, kind_of, look_kind
from registrar.database import Database
from registrar.gateway import Call, Capabilities, Sighting
from registrar.models import Order
from registrar.money import Money
from registrar.orders import approving, by_hand, messages, placing, requests, resolving, sweeping, working
from registrar.orders.requests import Catalogue, OrderRequest, ZoneOffer
from registrar.orders.routing import NO_PAUSES, Pause
from registrar.orders.states import State
from registrar.orders.terms import Terms
from registrar.outcomes import Outcome
from registrar.secrets import Keyring
from tests.agreement.rulebook import standard
from tests.core.far_side import AUTH_CODE, CAPABILITIES, NEW_HOLDER, PIN, FarSide

KEYRING = Keyring([Keyring.new_key()])
PRICE = 4_500_000
RUNG_FOR = timedelta(seconds=30)
CALL_SECONDS = 60.0
MAY_BE_LEFT = frozenset({State.COMPLETED, State.REFUSED, State.CANCELLED, State.HELD})

CATALOGUE: Catalogue = {
    "test": ZoneOffer(
        zone="test",
        currency="IRR",
        routes=dict.fromkeys(Kind, ("far",)),
        months={
            Kind.REGISTER: frozenset({12}),
            Kind.RENEW: frozenset({12, 60, 120}),
            Kind.TRANSFER: frozenset({12}),
            Kind.RESTORE: frozenset({0}),
            Kind.RENEW_ELSEWHERE: frozenset({12}),
            Kind.CHANGE_HOLDER: frozenset({0}),
        },
        suppliers={"far": CAPABILITIES},
    )
}


def terms_of(capabilities: Capabilities) -> Terms:
    """Return the patience of these stories."""
    return Terms(
        capabilities=capabilities,
        lease=timedelta(minutes=2),
        in_flight_cap=16,
        max_unknowns=3,
        max_crashes=3,
        correct_within=timedelta(days=7),
        follow_every=timedelta(hours=6),
        pending_alarm=timedelta(days=7),
        look_retry=timedelta(minutes=1),
        max_failed_looks=8,
        not_sent_retry=timedelta(minutes=1),
        documents_within=timedelta(days=10),
        hold_probe=timedelta(minutes=10),
    )


def body(kind: Kind | str = Kind.RENEW, name: str = "mina.test", **fields: Any) -> dict[str, Any]:
    """Return an order as a portal would write it."""
    order: dict[str, Any] = {
        "customer": "customer-1",
        "kind": str(kind),
        "domain": name,
        "months": 0 if kind in (Kind.RESTORE, Kind.CHANGE_HOLDER) else 12,
        "price": {"amount": PRICE, "currency": "IRR"},
        "payment": {"source": "outside", "paid_at": "2026-03-01T08:00:00Z", "reference": "receipt-1"},
    }
    if kind in RENEWALS:
        order["expected_expiry"] = "any"
    if kind == Kind.CHANGE_HOLDER:
        order |= {"contacts": {"registrant": {"handle": NEW_HOLDER}}, "pin": PIN}
    if kind == Kind.TRANSFER:
        order["auth_info"] = AUTH_CODE
    return order | fields


def parse(fields: dict[str, Any], *, key: str = "key-1", catalogue: Catalogue = CATALOGUE) -> OrderRequest:
    """Read an order as the portal's door does."""
    return requests.parse_request(fields, key=key, channel="http", catalogue=catalogue)


class Shop:
    """Takes orders and works them against the far side, step by step."""

    def __init__(self, database: Database, far: FarSide, *, catalogue: Catalogue = CATALOGUE) -> None:
        self.database = database
        self.far = far
        self.catalogue = catalogue
        self.clock = far.clock
        self.terms = terms_of(far.capabilities)
        self.rules = standard()
        self._calls: dict[str, Call] = {}
        self._tokens = count()
        self._keys = count(1)

    def place(
        self, kind: Kind | str = Kind.RENEW, name: str = "mina.test", *, key: str | None = None, **fields: Any
    ) -> int:
        """Place an order and return its number; a change of holder is approved at once."""
        order_id = self.place_only(kind, name, key=key, **fields)
        if kind == Kind.CHANGE_HOLDER:
            self.approve(order_id)
        return order_id

    def place_only(
        self, kind: Kind | str = Kind.RENEW, name: str = "mina.test", *, key: str | None = None, **fields: Any
    ) -> int:
        """Place an order, and approve nothing."""
        key = key or f"key-{next(self._keys)}"
        request = parse(body(kind, name, **fields), key=key, catalogue=self.catalogue)
        with self.database.transaction() as connection:
            return placing.place(
                connection, request, keyring=KEYRING, rules=self.rules, now=self.clock.now
            ).order_id

    def approve(self, order_id: int, *, via: str = "support") -> None:
        """Have staff approve what was asked for in writing."""
        with self.database.transaction() as connection:
            approving.approve(connection, order_id, via=via, rules=self.rules, act=self._staff())

    def top_up(self, amount: int, *, customer: str = "customer-1", reference: str = "bank-1") -> None:
        """Pay into a customer's balance."""
        with self.database.transaction() as connection:
            ledger.top_up(connection, customer, Money(amount, "IRR"), reference=reference, now=self.clock.now)

    def claim(self, order_id: int, *, pauses: Mapping[str, Pause] = NO_PAUSES) -> working.Claim | None:
        """Take an order up."""
        with self.database.transaction() as connection:
            return working.claim(
                connection, order_id, terms=self.terms, rules=self.rules, now=self.clock.now, pauses=pauses
            )

    def look(self, claimed: working.Claim | resolving.LookPlan) -> Sighting:
        """Ask the far side."""
        return self.far.look(claimed.domain, claimed.kind, self._call("look"))

    def begin(self, claimed: working.Claim, sighting: Sighting | None) -> working.Sending | None:
        """Write the attempt down; its lease starts before that."""
        token = f"{next(self._tokens):016x}"
        send_by = self.clock.steady() + self.terms.lease.total_seconds()
        with self.database.transaction() as connection:
            sending = working.begin(
                connection,
                claimed,
                sighting,
                terms=self.terms,
                rules=self.rules,
                keyring=KEYRING,
                token=token,
                now=self.clock.now,
            )
        if sending is not None:
            self._calls[sending.client_transaction_id] = self._call(sending.client_transaction_id, send_by)
        return sending

    def send(self, sending: working.Sending) -> Outcome:
        """Send it, unless the lease has run out by now."""
        return self.far.execute(sending.command, self._calls[sending.client_transaction_id])

    def send_too_late(self, sending: working.Sending) -> Outcome:
        """Send it although the lease has run out: frozen between the check and the first byte."""
        return self.far.execute(sending.command, self._call(sending.client_transaction_id))

    def settle(self, sending: working.Sending, outcome: Outcome) -> None:
        """Record what came back."""
        with self.database.transaction() as connection:
            working.settle(connection, sending, outcome, terms=self.terms, now=self.clock.now)

    def begun(self, order_id: int) -> working.Sending:
        """Claim, look and begin, and stop there."""
        claimed = self.claim(order_id)
        assert claimed is not None
        sending = self.begin(claimed, self.look(claimed) if self.far.capabilities.can_look else None)
        assert sending is not None
        return sending

    def work(self, order_id: int) -> None:
        """Do what the actor does when it is rung for a placed order."""
        claimed = self.claim(order_id)
        if claimed is None:
            return
        sending = self.begin(claimed, self.look(claimed) if self.far.capabilities.can_look else None)
        if sending is not None:
            self.settle(sending, self.send(sending))

    def look_after(self, order_id: int) -> None:
        """Do what the actor does when it is rung for an order in doubt."""
        plan = self.plan_look(order_id)
        if plan is not None:
            self.conclude(plan, self.look(plan))

    def plan_look(self, order_id: int) -> resolving.LookPlan | None:
        """Tell whether a look is due for an order in doubt."""
        with self.database.reading() as connection:
            return resolving.plan_look(connection, order_id, now=self.clock.now)

    def conclude(self, plan: resolving.LookPlan, sighting: Sighting) -> None:
        """Let a look decide."""
        with self.database.transaction() as connection:
            resolving.conclude_look(connection, plan, sighting, terms=self.terms, now=self.clock.now)

    def end_waiting(self, order_id: int) -> None:
        """Do what the sweep does by itself: end a lease, or a correction that did not come."""
        with self.database.transaction() as connection:
            if self.row(order_id, connection).state == State.HELD:
                sweeping.refuse_uncorrected(connection, order_id, now=self.clock.now)
            else:
                working.expire_lease(connection, order_id, terms=self.terms, now=self.clock.now)

    def ring(self, order_id: int) -> None:
        """Do with an order whatever its state allows, as messages of every sort would have it."""
        self.work(order_id)
        self.look_after(order_id)
        self.end_waiting(order_id)

    def lease_runs_out(self, order_id: int) -> None:
        """Let the worker's silence last until its lease is over, and the sweep see it."""
        self.clock.skip(self.terms.lease)
        self.end_waiting(order_id)

    def read_messages(self) -> None:
        """Store each message, then acknowledge it."""
        while (message := self.far.next_message(self._call("poll"))) is not None:
            with self.database.transaction() as connection:
                messages.store(connection, self.far.name, message, now=self.clock.now)
            self.far.acknowledge(message.message_id, self._call("poll"))

    def sweep(self) -> None:
        """Do once whatever is due now."""
        self.read_messages()
        now = self.clock.now
        with self.database.transaction() as connection:
            due = sweeping.take_due(
                connection, self.far.name, limit=50, outstanding=50, now=now, rung_for=RUNG_FOR
            )
        for order_id, state in due:
            if state is State.PLACED:
                self.work(order_id)
            elif state in (State.UNRESOLVED, State.PENDING):
                self.look_after(order_id)
            else:
                self.end_waiting(order_id)

    def run(self, *, days: float = 60) -> None:
        """Let days pass, doing everything when it becomes due, until nothing is due any more."""
        until = self.clock.now + timedelta(days=days)
        for _ in range(2_000):
            upcoming = self._next_due()
            if upcoming is None or upcoming > until:
                return
            self.clock.now = max(self.clock.now, upcoming)
            self.far.catch_up()
            self.sweep()
        raise AssertionError("the orders never come to rest")

    def row(self, order_id: int, connection: Connection | None = None) -> Row[Any]:
        """Read an order's row."""
        query = select(Order.__table__).where(Order.id == order_id)
        if connection is not None:
            return connection.execute(query).one()
        with self.database.reading() as reading:
            return reading.execute(query).one()

    def state(self, order_id: int) -> State:
        """Tell where an order stands."""
        return State(self.row(order_id).state)

    def correct(self, order_id: int, *, ticket: str | None = None, **corrections: Any) -> None:
        """Put right what the customer got wrong; with a ticket it is staff who do."""
        order = self.row(order_id)
        parsed = requests.parse_corrections(corrections, kind=Kind(order.kind))
        with self.database.transaction() as connection:
            by_hand.correct(
                connection,
                order_id,
                parsed,
                keyring=KEYRING,
                actor="somebody",
                ticket=ticket,
                now=self.clock.now,
            )

    def retry(self, order_id: int) -> State:
        """Have staff try a held order again."""
        seen = self.see(order_id)
        with self.database.transaction() as connection:
            return by_hand.retry(connection, order_id, seen, terms=self.terms, act=self._staff())

    def take_over(self, order_id: int) -> None:
        """Have staff take over an order that hangs at its registrar."""
        with self.database.transaction() as connection:
            by_hand.hold(connection, order_id, act=self._staff())

    def end_by_hand(self, act: Literal["complete", "refuse", "cancel"], order_id: int) -> None:
        """Have staff end an order, after a fresh look."""
        seen = self.see(order_id)
        with self.database.transaction() as connection:
            match act:
                case "complete":
                    by_hand.complete(connection, order_id, seen, terms=self.terms, act=self._staff())
                case "refuse":
                    by_hand.refuse(connection, order_id, seen, terms=self.terms, act=self._staff())
                case "cancel":
                    by_hand.cancel(connection, order_id, seen, act=self._staff())

    def see(self, order_id: int) -> Sighting:
        """Look by hand."""
        order = self.row(order_id)
        return self.far.look(working.domain_of(order), look_kind(kind_of(order.kind)), self._call("by-hand"))

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask the database in plain SQL."""
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def _staff(self) -> by_hand.ByHand:
        return by_hand.ByHand("staff:sara", "T-1", self.clock.now)

    def _call(self, transaction_id: str, send_by: float = float("inf")) -> Call:
        clock = self.clock.steady
        return Call(transaction_id, send_by=send_by, finish_by=send_by + CALL_SECONDS, clock=clock)

    def _next_due(self) -> datetime | None:
        """Return when the next thing happens, here or at the far side; now if something is due and was not rung."""
        with self.database.reading() as connection:
            rows = connection.execute(select(Order.due_at, Order.rung_until).where(Order.due_at.is_not(None)))
            due = [max(row.due_at, row.rung_until or row.due_at) for row in rows]
        upcoming = self.far.next_event()
        return min([*due, *([upcoming] if upcoming else [])], default=None)


def disagreements(shop: Shop, *, may_be_left: frozenset[State] = MAY_BE_LEFT) -> list[str]:
    """Compare the far side's charges with our ledger, order by order, in plain SQL; empty when they agree."""
    attempts = dict(shop.ask("SELECT client_transaction_id, order_id FROM attempts"))
    kept = [attempts.get(charge.transaction_id) for charge in shop.far.charges if not charge.refunded]
    found = ["a charge that belongs to no order"] if None in kept else []
    moved = shop.ask("SELECT order_id, kind, count(*) FROM movements WHERE phase = 2 GROUP BY order_id, kind")
    ends = {(order, kind): times for order, kind, times in moved}
    for order, state in shop.ask("SELECT id, state FROM orders WHERE kind NOT IN ('lock', 'unlock')"):
        charges = kept.count(order)
        earned, credited = ends.get((order, "earned"), 0), ends.get((order, "credit"), 0)
        if charges > 1:
            found.append(f"order {order}: charged {charges} times")
        if state not in may_be_left:
            found.append(f"order {order}: ended nowhere ({state})")
        wanted = {State.COMPLETED: (1, 1, 0), State.REFUSED: (0, 0, 1), State.CANCELLED: (0, 0, 1)}.get(state)
        if (charges, earned, credited) != (wanted or (charges, 0, 0)):
            found.append(f"order {order}: {state}, charged {charges}, earned {earned}, credited {credited}")
    return found + unbalanced(shop)


def unbalanced(shop: Shop) -> list[str]:
    """Add every account up again from its movements."""
    sums = shop.ask(
        "SELECT a.name, a.owner, coalesce((SELECT sum(amount) FROM movements WHERE to_account = a.id), 0)"
        " - coalesce((SELECT sum(amount) FROM movements WHERE from_account = a.id), 0),"
        " (SELECT balance FROM entries WHERE account_id = a.id ORDER BY sequence DESC LIMIT 1) FROM accounts a"
    )
    found = [] if sum(row[2] for row in sums) == 0 else ["the ledger does not add up to nothing"]
    wrong = [row for row in sums if row[1] == "customer" and (row[2] != (row[3] or 0) or row[2] < 0)]
    return found + [f"account of {name}: {total} moved, {shown} shown" for name, _, total, shown in wrong]


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a test's database; SQLite need not survive a power cut here."""
    database = Database(url)
    if database.is_sqlite:
        event.listen(
            database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
        )
    try:
        yield database
    finally:
        database.close()


T = TypeVar("T")


def at_once(times: int, deed: Callable[[int], T]) -> list[T]:
    """Do something in so many threads, which start together."""
    barrier = Barrier(times)

    def together(number: int) -> T:
        barrier.wait(10)
        return deed(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(together, range(times)))


def raises_once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    """Make a function fail at its first call, as if the process were killed there."""
    true: Callable[..., object] = getattr(owner, name)
    calls = count()

    def fails(*args: Any, **values: Any) -> object:
        if next(calls) == 0:
            raise KilledError
        return true(*args, **values)

    monkeypatch.setattr(owner, name, fails)


class KilledError(Exception):
    """The process was killed here."""
