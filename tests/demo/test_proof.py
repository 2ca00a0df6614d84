"""Does the proof see what it is there for? Each witness is spoiled in turn, and the figure that must move, moves."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from adapters.sandbox.books import Books
from registrar import ledger
from registrar.commands import Kind
from registrar.database import Database
from registrar.models import Attempt, Look, Order
from registrar.money import Money
from registrar.orders.placing import place
from registrar.orders.requests import ZoneOffer, parse_request
from registrar.secrets import Keyring
from tasks.proof import OrderRow, Proof, prove
from tests.agreement.rulebook import standard

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
PRICE = Money(1299, "USD")
CUSTOMER = "invented-customer"
OFFER = ZoneOffer(
    zone="com",
    currency="USD",
    routes=dict.fromkeys(Kind, ("epp",)),
    months=dict.fromkeys(Kind, frozenset({12})),
)


@dataclass
class Shop:
    """A real database with orders brought to their ends, and a registrar's real books beside it."""

    database: Database
    book: Path
    keyring: Keyring = field(default_factory=lambda: Keyring([Keyring.new_key()]))

    def order(
        self,
        name: str,
        state: str = "completed",
        *,
        charges: int = 1,
        refunds: int = 0,
        price: Money = PRICE,
        paid: str = "outside",
        answered: str | None = None,
        **values: Any,
    ) -> int:
        """Place an order and bring it to a state, with its money and its lines in the books.

        `answered` is the id that the registrar answered the attempt with; its lines then carry that one, not ours.
        """
        payment: dict[str, str] = {"source": paid}
        if paid == "outside":
            payment |= {"paid_at": NOW.isoformat(), "reference": f"invented-{name}"}
        body = {
            "customer": CUSTOMER,
            "kind": "register",
            "domain": name,
            "months": 12,
            "price": {"amount": price.amount, "currency": price.currency},
            "payment": payment,
        }
        key = f"key-{name}-{answered}" if answered else f"key-{name}"
        request = parse_request(body, key=key, channel="test", catalogue={"com": OFFER})
        with self.database.transaction() as connection:
            order_id = place(connection, request, keyring=self.keyring, rules=standard(), now=NOW).order_id
            connection.execute(
                insert(Attempt).values(
                    order_id=order_id,
                    number=1,
                    client_transaction_id=ctid(order_id),
                    server_transaction_id=answered,
                    guard={},
                    begun_at=NOW,
                )
            )
            fresh = {"state": state, "due_at": None, "attempt_number": 1}
            connection.execute(update(Order).where(Order.id == order_id).values(fresh | values))
            share = ledger.Share(ledger.MAIN_LINE, ledger.CASH, price)
            if state == "completed":
                ledger.earn(connection, order_id, share, now=NOW)
            if state in {"refused", "cancelled"}:
                ledger.credit(connection, order_id, CUSTOMER, share, bucket=ledger.CASH, now=NOW)
        for _ in range(charges):
            self.charge(name, answered or ctid(order_id), given_back=refunds > 0)
        return order_id

    def charge(
        self, name: str, transaction_id: str, *, command: str = "register", given_back: bool = False
    ) -> None:
        """Write a line into the books, and one that gives it back."""
        with Books(self.book) as books, books.page(NOW) as page:
            line = page.charge(command, name, months=12, amount=900, client_transaction_id=transaction_id)
            if given_back:
                page.refund(line)

    def forget(self, statement: str, *values: object) -> None:
        """Change the books behind the registrar's back."""
        with closing(sqlite3.connect(self.book, isolation_level=None)) as connection:
            assert connection.execute(statement, values).rowcount > 0

    def spoil(self, statement: str) -> None:
        """Change the ledger, after taking away all that the database does to prevent it."""
        if self.database.is_sqlite:
            with closing(sqlite3.connect(str(self.database.url.database), isolation_level=None)) as file:
                unguard_sqlite(file)
                file.execute(statement)
        else:
            with self.database.transaction() as connection:
                connection.execute(text(UNGUARD))
                connection.execute(text(statement))

    def prove(self) -> Proof:
        """Compare the two."""
        url = self.database.url.render_as_string(hide_password=False)
        return prove(url, {"epp": self.book})


UNGUARD = """
    ALTER TABLE movements DISABLE TRIGGER USER;
    ALTER TABLE entries DISABLE TRIGGER USER;
    ALTER TABLE movements DROP CONSTRAINT uq_movements_order_id_line_phase;
    ALTER TABLE movements DROP CONSTRAINT ck_movements_apart;
    ALTER TABLE entries DROP CONSTRAINT uq_entries_movement_id_account_id"""
"""What PostgreSQL must lose before its ledger can be spoiled at all."""

CREDIT_AGAIN = """
    INSERT INTO movements (id, at, from_account, to_account, amount, currency, kind, order_id, line, phase)
    SELECT id + 1000, at, from_account, to_account, amount, currency, kind, order_id, line, phase
    FROM movements WHERE kind = 'credit'"""
CREDIT_WHAT_WAS_EARNED = """
    INSERT INTO movements (id, at, from_account, to_account, amount, currency, kind, order_id, line, phase)
    SELECT id + 1000, at, from_account, (SELECT id FROM accounts WHERE owner = 'customer'), amount, currency,
           'credit', order_id, line, phase
    FROM movements WHERE kind = 'earned'"""


def unguard_sqlite(file: sqlite3.Connection) -> None:
    """Replace the ledger's tables by copies that have no trigger, no index and no constraint."""
    for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {trigger}")
    for table in ("movements", "entries"):
        file.execute(f"CREATE TABLE spoiled AS SELECT * FROM {table}")
        file.execute(f"DROP TABLE {table}")
        file.execute(f"ALTER TABLE spoiled RENAME TO {table}")


def ctid(order_id: int) -> str:
    """Return the transaction id under which an order's attempt was sent."""
    return f"RG-{order_id}-1-invented"


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """Give one order of each end, all in agreement with the books."""
    database = Database(database_url)
    book = tmp_path / "epp.books"
    Books.create(book, registrar_name="epp", unit="USD", balance=1_000_000).close()
    made = Shop(database, book)
    with database.transaction() as connection:
        ledger.top_up(connection, CUSTOMER, PRICE + PRICE, reference="invented", now=NOW)
    made.order("example-1.com")
    made.order("example-2.com", paid="balance")
    made.order("example-3.com", "refused", charges=0)
    made.order("example-4.com", "refused", refunds=1, paid="balance")
    made.order("example-5.com", "cancelled", charges=0)
    made.order("example-6.com", "held", charges=0, turn="customer")
    made.order("example-7.com", "pending", due_at=NOW + timedelta(hours=1))
    yield made
    database.close()


def test_books_and_ledger_that_agree_are_proven(shop: Shop) -> None:
    """When every order came to its end once, nothing is found, and every figure is what the witnesses say."""
    proof = shop.prove()
    assert proof.faults == ()
    assert proof.ok
    assert proof.as_json() == {
        "orders": {
            "placed": 7,
            "completed": 2,
            "refused": 2,
            "held": 1,
            "pending": 1,
            "unresolved": 0,
            "cancelled": 1,
        },
        "charges": 4,
        "credited": {"count": 3, "amount": {"USD": 3 * PRICE.amount}},
        "double_spent": 0,
        "double_credited": 0,
        "lost": 0,
        "forfeits": [],
        "ledger_balanced": True,
    }
    assert proof.refunds == 1


def test_each_order_has_its_line(shop: Shop) -> None:
    """The table says of each order what the registrar kept of our money, and what its customer got back."""
    rows = {row.domain: row for row in shop.prove().rows}
    assert rows["example-1.com"] == OrderRow(
        order_id=1,
        key="key-example-1.com",
        kind="register",
        domain="example-1.com",
        registrar="epp",
        state="completed",
        charges=1,
        credited=0,
        currency="USD",
    )
    assert (rows["example-4.com"].charges, rows["example-4.com"].credited) == (0, PRICE.amount)


def figures(proof: Proof) -> tuple[int, int, int, bool]:
    """Return double spent, double credited, lost, and whether the ledger balances."""
    assert proof.ok is (not proof.faults)
    return proof.double_spent, proof.double_credited, proof.lost, proof.ledger_balanced


@pytest.mark.parametrize(
    ("name", "transaction_id"),
    [
        pytest.param("example-1.com", ctid(1), id="a line repeated"),
        pytest.param("example-1.com", "unknown", id="another attempt, by name and kind"),
        pytest.param("example-1.com", ctid(2), id="under another order's transaction id"),
        pytest.param("example-99.com", "unknown", id="a name that nobody ordered"),
        pytest.param("example-99.com", ctid(1), id="another name than the order's"),
        pytest.param("example-7.com", ctid(7), id="of an order that is still pending"),
    ],
)
def test_a_charge_too_many_is_double_spent(shop: Shop, name: str, transaction_id: str) -> None:
    """If the registrar took money once more than was ordered, it is counted, however it is written."""
    shop.charge(name, transaction_id)
    assert figures(shop.prove()) == (1, 0, 0, True)


def test_a_charge_of_another_kind_belongs_to_no_order(shop: Shop) -> None:
    """A renewal that nobody ordered is spent for nothing, though the name is known."""
    shop.charge("example-1.com", ctid(1), command="renew")
    assert figures(shop.prove()) == (1, 0, 0, True)


def test_a_charge_is_found_by_the_registrars_own_id(shop: Shop) -> None:
    """Where the wire carries no id of ours, the one that was answered tells two orders of a name apart."""
    shop.order("example-8.com", answered="4711")
    shop.order("example-8.com", answered="4712")
    assert figures(shop.prove()) == (0, 0, 0, True)
    shop.charge("example-8.com", "4711")
    assert figures(shop.prove()) == (1, 0, 0, True)


def test_the_registrars_own_id_does_not_excuse_another_name(shop: Shop) -> None:
    """Numbers that happen to be equal make no charge an order's."""
    shop.order("example-8.com", answered="4711")
    shop.charge("example-99.com", "4711")
    assert figures(shop.prove()) == (1, 0, 0, True)


@pytest.mark.parametrize(
    ("kind", "command"), [("renew_elsewhere", "renew"), ("change_holder", "transfer"), ("restore", "restore")]
)
def test_books_call_some_kinds_otherwise(shop: Shop, kind: str, command: str) -> None:
    """To a registry a renewal is a renewal whoever's the name is, and another holder is a transfer: the line is found."""
    order_id = shop.order("example-8.com", charges=0, kind=kind)
    assert figures(shop.prove()) == (0, 0, 1, True)
    shop.charge("example-8.com", ctid(order_id), command=command)
    assert figures(shop.prove()) == (0, 0, 0, True)
    shop.charge("example-8.com", "unknown", command=command)
    assert figures(shop.prove()) == (1, 0, 0, True)


def test_a_charge_that_was_given_back_is_not_double_spent(shop: Shop) -> None:
    """What the registrar took by mistake and returned cost nobody anything."""
    shop.charge("example-1.com", ctid(1), given_back=True)
    proof = shop.prove()
    assert figures(proof) == (0, 0, 0, True)
    assert (proof.charges, proof.refunds) == (5, 2)


def test_a_charge_that_was_given_back_in_part_still_stands(shop: Shop) -> None:
    """A refund of half the money is no refund."""
    shop.charge("example-99.com", "unknown", given_back=True)
    shop.forget("UPDATE charges SET amount = -450 WHERE name = 'example-99.com' AND refund_of IS NOT NULL")
    assert figures(shop.prove()) == (1, 0, 0, True)


def test_a_completed_order_without_a_charge_is_lost(shop: Shop) -> None:
    """If the books do not know what we call completed, the order is lost."""
    shop.forget("DELETE FROM charges WHERE client_transaction_id = ?", ctid(1))
    assert figures(shop.prove()) == (0, 0, 1, True)


@pytest.mark.parametrize(("looked", "attempts", "lost"), [("adopt", 0, 0), ("adopt", 1, 1), ("go", 0, 1)])
def test_a_year_that_the_registry_added_stands_for_a_charge(
    shop: Shop, looked: str, attempts: int, lost: int
) -> None:
    """A renewal that adopted it has no charge and lost nothing; only where a look says so and nothing was sent (D4)."""
    order_id = shop.order("mina.com", charges=0, attempt_number=attempts)
    with shop.database.transaction() as connection:
        connection.execute(
            insert(Look).values(
                order_id=order_id,
                attempt_number=0,
                seen_at=NOW,
                source="epp",
                standing="registered",
                verdict=looked,
                counts=False,
                evidence={},
            )
        )
    assert shop.prove().lost == lost


def test_a_charge_added_and_another_removed_are_both_seen(shop: Shop) -> None:
    """Two faults never cancel each other out."""
    shop.charge("example-1.com", ctid(1))
    shop.forget("DELETE FROM charges WHERE client_transaction_id = ?", ctid(2))
    proof = shop.prove()
    assert figures(proof) == (1, 0, 1, True)
    assert not proof.ok


def test_a_refused_order_whose_charge_stands_is_lost(shop: Shop) -> None:
    """Who was credited although the registrar kept our money is found: we paid for nothing."""
    shop.charge("example-3.com", ctid(3))
    assert figures(shop.prove()) == (0, 0, 1, True)


def test_a_refund_of_what_was_never_charged_is_lost(shop: Shop) -> None:
    """Books that give back what they never took contradict themselves."""
    shop.forget("DELETE FROM charges WHERE client_transaction_id = ? AND refund_of IS NULL", ctid(4))
    assert figures(shop.prove()) == (0, 0, 1, True)


@pytest.mark.parametrize("state", ["placed", "looking", "sending", "unresolved"])
def test_an_order_that_ended_nowhere_is_lost(shop: Shop, state: str) -> None:
    """At the end no order may still be on its way."""
    shop.order("example-8.com", state, due_at=NOW)
    assert figures(shop.prove()) == (0, 0, 1, True)


@pytest.mark.parametrize("state", ["held", "pending"])
def test_an_order_that_nobody_will_look_at_is_lost(shop: Shop, state: str) -> None:
    """An order may wait, but somebody must be going to take it up: a person, or a row that falls due."""
    shop.order("example-8.com", state, turn=None, due_at=None)
    assert figures(shop.prove()) == (0, 0, 1, True)


@pytest.mark.parametrize(
    ("state", "became"), [("completed", "refused"), ("refused", "completed"), ("cancelled", "held")]
)
def test_an_end_that_the_ledger_contradicts_is_lost(shop: Shop, state: str, became: str) -> None:
    """What an order is called and where its money went must be the same story."""
    shop.order("example-8.com", state, charges=int(became == "completed"))
    with shop.database.transaction() as connection:
        connection.execute(
            update(Order).where(Order.domain == "example-8.com").values(state=became, turn="staff")
        )
    assert figures(shop.prove()) == (0, 0, 1, True)


def test_an_end_without_its_money_is_lost(shop: Shop) -> None:
    """A completed order whose price is still in the air has not ended."""
    shop.order("example-8.com", "held", turn="staff")
    with shop.database.transaction() as connection:
        connection.execute(update(Order).where(Order.domain == "example-8.com").values(state="completed"))
    assert figures(shop.prove()) == (0, 0, 1, True)


def test_a_credit_to_somebody_else_is_lost(shop: Shop) -> None:
    """The money goes back to whose order it was."""
    with shop.database.transaction() as connection:
        connection.execute(update(Order).where(Order.id == 3).values(customer="another-customer"))
    assert figures(shop.prove()) == (0, 0, 1, True)


def test_an_order_that_costs_nothing_moves_nothing(shop: Shop) -> None:
    """A free name needs no line in the ledger, refused or not."""
    shop.order("example-8.com", price=Money(0, "USD"))
    shop.order("example-9.com", "refused", charges=0, price=Money(0, "USD"))
    assert figures(shop.prove()) == (0, 0, 0, True)


@pytest.mark.parametrize(
    ("spoil", "credits_too_many"),
    [
        pytest.param(f"{CREDIT_AGAIN} AND order_id = 3", 1, id="credited twice"),
        pytest.param(f"{CREDIT_WHAT_WAS_EARNED} AND order_id = 1", 1, id="earned and credited"),
        pytest.param(
            CREDIT_AGAIN.replace(" line, phase\n    FROM", " 'other', phase\n    FROM") + " AND order_id = 3",
            1,
            id="credited for a line that was never paid",
        ),
    ],
)
def test_a_credit_too_many_is_double_credited(shop: Shop, spoil: str, credits_too_many: int) -> None:
    """A customer is credited once for what he paid once; the ledger's own guards must be gone before it can be twice."""
    shop.spoil(spoil)
    proof = shop.prove()
    assert proof.double_credited == credits_too_many
    assert not proof.ledger_balanced
    assert not proof.ok


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param("UPDATE movements SET amount = amount - 1 WHERE id = 2", id="phase 1 is not the price"),
        pytest.param("UPDATE movements SET amount = amount - 1 WHERE kind = 'earned'", id="phase 2 is less"),
        pytest.param("UPDATE movements SET to_account = from_account WHERE id = 1", id="nothing moved"),
        pytest.param("DELETE FROM movements WHERE phase = 1 AND order_id = 6", id="phase 1 is missing"),
        pytest.param("DELETE FROM entries WHERE sequence = 1", id="a statement's line is missing"),
        pytest.param("UPDATE entries SET balance = balance + 1 WHERE sequence = 2", id="a wrong balance"),
        pytest.param("UPDATE entries SET amount = amount + 1 WHERE sequence = 2", id="a wrong amount"),
    ],
)
def test_a_ledger_that_was_tampered_with_does_not_balance(shop: Shop, spoil: str) -> None:
    """Every amount and every line of a statement is recomputed; none can be changed unseen."""
    shop.spoil(spoil)
    assert not shop.prove().ledger_balanced


def test_statements_may_be_written_in_another_order_than_the_movements(shop: Shop) -> None:
    """Two payments at the same instant reach an account one after the other, whichever was numbered first."""
    with shop.database.transaction() as connection:
        for reference in ("invented-2", "invented-3"):
            ledger.top_up(connection, CUSTOMER, PRICE, reference=reference, now=NOW)
    shop.spoil(
        """UPDATE entries SET movement_id = (SELECT sum(id) FROM movements
           WHERE reference IN ('invented-2', 'invented-3')) - movement_id
           WHERE movement_id IN (SELECT id FROM movements WHERE reference IN ('invented-2', 'invented-3'))"""
    )
    assert figures(shop.prove()) == (0, 0, 0, True)


def test_a_registrar_without_books_is_not_proven(shop: Shop) -> None:
    """What only we say is no proof: every registrar's own books are asked for."""
    url = shop.database.url.render_as_string(hide_password=False)
    with pytest.raises(ValueError, match="no books were given for epp"):
        prove(url, {})


def test_the_proof_changes_nothing(shop: Shop) -> None:
    """Looking leaves both witnesses as they were."""
    before = counted(shop)
    shop.prove()
    assert counted(shop) == before


def counted(shop: Shop) -> list[object]:
    """Count what both witnesses hold."""
    with shop.database.reading() as connection:
        tables = ("orders", "movements", "entries")
        ours = [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]
    with Books(shop.book) as books:
        return [*ours, len(books.charges()), books.balance()]
