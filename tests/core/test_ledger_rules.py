"""Does the database itself keep the ledger's rules, whoever writes? Plain SQL, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from registrar.ledger import InsufficientBalanceError, TopUpRepeatedError
from tests.core.story import PRICE, Shop, at_once, disagreements, unbalanced

COLUMNS = {"movements": "amount", "entries": "balance", "accounts": "name", "events": "kind"}
TABLES = tuple(COLUMNS)
BALANCE = 3 * PRICE + 1
MOVE = (
    "INTO movements (at, from_account, to_account, amount, currency, kind, order_id, line, phase, reference)"
    " VALUES ('2026-03-01 08:00:00', :source, :target, :amount, :currency, :kind, :order, :line, :phase, :reference)"
)
TAKES_BALANCE: dict[str, Any] = {
    "source": "customer-1",
    "target": "orders",
    "kind": "payment",
    "reference": None,
}


@pytest.fixture
def books(shop: Shop) -> Iterator[Shop]:
    """Give a shop whose ledger holds a top-up and an order that was paid from outside."""
    shop.top_up(BALANCE)
    shop.place()
    for owner, name, bucket in (("house", "earned", "main"), ("customer", "customer-2", "cash")):
        account = (
            "INSERT INTO accounts (owner, name, bucket, currency) VALUES (:owner, :name, :bucket, 'IRR')"
        )
        write(shop, account, owner=owner, name=name, bucket=bucket)
    yield shop
    assert unbalanced(shop) == []


def write(shop: Shop, statement: str, **values: Any) -> None:
    """Run one statement and commit it."""
    with shop.database.transaction() as connection:
        connection.execute(text(statement), values)


def accounts(shop: Shop) -> dict[str, int]:
    """Return the accounts' numbers by name."""
    return dict(shop.ask("SELECT name, id FROM accounts"))


def move(shop: Shop, *, verb: str = "INSERT", conflict: str = "", **changed: Any) -> None:
    """Write a movement: a top-up of five rials, unless it says otherwise."""
    values: dict[str, Any] = {
        "source": "outside",
        "target": "customer-1",
        "amount": 5,
        "currency": "IRR",
        "kind": "top_up",
        "order": None,
        "line": None,
        "phase": None,
        "reference": "bank-2",
    }
    values |= changed
    numbers = accounts(shop)
    for side in ("source", "target"):
        values[side] = numbers.get(values[side], values[side])
    write(shop, f"{verb} {MOVE} {conflict}", **values)


def phase(number: int, **changed: Any) -> dict[str, Any]:
    """Return a movement of the order's own line."""
    house = (
        {"source": "outside", "target": "orders"} if number == 1 else {"source": "orders", "target": "earned"}
    )
    return (
        {"kind": "earned", "order": 1, "line": "domain", "phase": number, "amount": PRICE, "reference": None}
        | house
        | changed
    )


def everything(shop: Shop) -> list[list[tuple[Any, ...]]]:
    """Read the four tables whole."""
    return [shop.ask(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]


def test_the_books_can_be_written_at_all(books: Shop) -> None:
    """A movement that keeps every rule is taken, so what follows is refused for its own reason."""
    move(books)
    assert books.ask("SELECT sequence, amount, balance FROM entries ORDER BY sequence") == [
        (1, BALANCE, BALANCE),
        (2, 5, BALANCE + 5),
    ]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_a_line_is_never_changed_or_deleted(books: Shop, table: str, change: str) -> None:
    """Nobody changes or deletes a line of the ledger, or of what happened."""
    before = everything(books)
    with pytest.raises(DBAPIError, match="append-only"):
        write(books, change.format(table=table, column=COLUMNS[table]))
    assert everything(books) == before


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_never_emptied(books: Shop, table: str) -> None:
    """TRUNCATE, where a database has it, is refused like DELETE."""
    before = everything(books)
    with pytest.raises(DBAPIError):
        write(
            books,
            f"DELETE FROM {table} WHERE 1 = 1" if books.database.is_sqlite else f"TRUNCATE {table} CASCADE",
        )
    assert everything(books) == before


@pytest.mark.parametrize("table", TABLES)
def test_a_line_is_never_replaced(books: Shop, table: str) -> None:
    """SQLite's REPLACE and PostgreSQL's upsert do not get round the rule."""
    key = {"entries": "account_id, sequence"}.get(table, "id")
    column = COLUMNS[table]
    upsert = f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
    replace = [
        f"REPLACE INTO {table} SELECT * FROM {table}",
        f"UPDATE OR REPLACE {table} SET {column} = {column}",
    ]
    before = everything(books)
    for statement in [upsert, *(replace if books.database.is_sqlite else [])]:
        with pytest.raises(DBAPIError):
            write(books, statement)
    assert everything(books) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": None},
        {"target": "outside"},
        {"target": None},
        {"source": None},
        {"target": 999_999},
        {"currency": "USD"},
        {"currency": None},
        {"order": 1},
        {"phase": 1},
        {"line": "domain"},
        {"order": 1, "line": "other", "phase": 3},
        {"order": 999_999, "line": "domain", "phase": 1},
    ],
    ids=str,
)
def test_a_movement_that_does_not_balance_is_refused(books: Shop, wrong: dict[str, Any]) -> None:
    """Money leaves one account and reaches another of the same currency, in full, or the commit is refused."""
    before = everything(books)
    with pytest.raises(DBAPIError):
        move(books, **wrong)
    assert everything(books) == before


@pytest.mark.parametrize(
    "second",
    [
        phase(1),
        phase(2, amount=PRICE - 1),
        phase(2, amount=PRICE + 1),
        phase(2, source="outside"),
        phase(2, source="customer-1"),
        phase(2, target="customer-2", kind="credit"),
        phase(2, line="fee"),
    ],
    ids=[
        "phase 1 again",
        "less",
        "more",
        "from elsewhere",
        "from the customer",
        "to another customer",
        "of another line",
    ],
)
def test_phase_two_gives_on_exactly_what_phase_one_took(books: Shop, second: dict[str, Any]) -> None:
    """What an order took is earned or credited whole, from where it lies, or not at all."""
    before = everything(books)
    with pytest.raises(DBAPIError):
        move(books, **second)
    assert everything(books) == before


@pytest.mark.parametrize("first", ["earned", "customer-1"])
@pytest.mark.parametrize("then", ["earned", "customer-1"])
def test_an_order_is_earned_or_credited_once(books: Shop, first: str, then: str) -> None:
    """Earned and credited exclude each other, and neither happens twice."""
    move(books, **phase(2, target=first))
    before = everything(books)
    with pytest.raises(DBAPIError):
        move(books, **phase(2, target=then, kind="credit"))
    assert everything(books) == before


@pytest.mark.parametrize("conflict", ["", "ON CONFLICT DO NOTHING"])
def test_a_balance_never_goes_below_zero(books: Shop, conflict: str) -> None:
    """Nothing takes more from a customer than he has."""
    before = everything(books)
    with pytest.raises(DBAPIError):
        move(books, conflict=conflict, **TAKES_BALANCE | {"amount": BALANCE + 1})
    assert everything(books) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "verb", ["INSERT OR IGNORE", "INSERT OR REPLACE", "INSERT OR FAIL", "INSERT OR ROLLBACK"]
)
def test_no_way_of_settling_conflicts_overdraws_a_balance(books: Shop, verb: str) -> None:
    """SQLite hands a statement's own way with conflicts on to the triggers; the balance is kept all the same."""
    before = everything(books)
    with pytest.raises(DBAPIError):
        move(books, verb=verb, **TAKES_BALANCE | {"amount": BALANCE + 1})
    assert everything(books) == before


def test_the_last_rial_can_be_taken(books: Shop) -> None:
    """A balance may reach zero."""
    move(books, **TAKES_BALANCE | {"amount": BALANCE})
    assert books.ask("SELECT balance FROM entries ORDER BY sequence DESC LIMIT 1") == [(0,)]


ENTRY = "INTO entries (account_id, sequence, movement_id, amount, balance) VALUES (:account, :sequence, :movement, :amount, :balance)"


FORGED = pytest.mark.parametrize(
    "forged",
    [
        {},
        {"sequence": 3},
        {"sequence": 0},
        {"sequence": 1},
        {"balance": BALANCE},
        {"movement": 999_999},
        {"movement": 2},
        {"account": "orders", "sequence": 1, "movement": 2, "amount": PRICE, "balance": PRICE},
        {"account": "outside", "sequence": 1, "movement": 1, "amount": -BALANCE, "balance": -BALANCE},
    ],
    ids=str,
)


def forge(shop: Shop, statement: str, forged: dict[str, Any]) -> None:
    """Write a statement line by hand."""
    values: dict[str, Any] = {
        "account": "customer-1",
        "sequence": 2,
        "movement": 1,
        "amount": 7,
        "balance": BALANCE + 7,
    }
    values |= forged
    values["account"] = accounts(shop)[values["account"]]
    write(shop, statement, **values)


@FORGED
def test_a_statement_line_cannot_be_forged(books: Shop, forged: dict[str, Any]) -> None:
    """Only the database writes a customer's statement lines, one for each movement that touches him."""
    before = everything(books)
    with pytest.raises(DBAPIError):
        forge(books, f"INSERT {ENTRY}", forged)
    assert everything(books) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "INSERT OR IGNORE"])
@FORGED
def test_no_way_of_settling_conflicts_forges_a_line(books: Shop, forged: dict[str, Any], verb: str) -> None:
    """SQLite's REPLACE pushes no line out, by its key or by its row number."""
    before = everything(books)
    by_row = ENTRY.replace("(account_id", "(rowid, account_id").replace("(:account", "(1, :account")
    for entry in (ENTRY, by_row):
        with pytest.raises(DBAPIError):
            forge(books, f"{verb} {entry}", forged)
    assert everything(books) == before


def test_a_top_up_is_booked_once_by_its_reference(books: Shop) -> None:
    """A payment that the bank reports twice is booked once."""
    before = everything(books)
    with pytest.raises(TopUpRepeatedError):
        books.top_up(BALANCE)
    with pytest.raises(DBAPIError):
        move(books, reference="bank-1")
    assert everything(books) == before


def test_a_top_up_that_is_booked_by_eight_at_once_is_booked_once(books: Shop) -> None:
    """Eight reports of one payment at the same instant book it once, and the others are told."""

    def book(_: int) -> bool:
        try:
            books.top_up(7, reference="bank-9")
        except TopUpRepeatedError:
            return False
        return True

    assert sorted(at_once(8, book)) == [False] * 7 + [True]


@pytest.mark.parametrize("price", [PRICE, PRICE + 1, BALANCE, 1_000_000])
def test_orders_at_once_take_no_more_than_there_is(books: Shop, price: int) -> None:
    """Of orders placed at once from one balance exactly as many are taken as it pays for."""

    def place(number: int) -> bool:
        fields = {"payment": {"source": "balance"}, "price": {"amount": price, "currency": "IRR"}}
        try:
            books.place("register", f"name-{number}.test", key=f"at-once-{number}", **fields)
        except InsufficientBalanceError:
            return False
        return True

    assert sum(at_once(12, place)) == min(12, BALANCE // price)
    assert books.ask("SELECT count(*) FROM orders") == [(1 + min(12, BALANCE // price),)]


def test_statements_at_once_take_no_more_than_there_is(books: Shop) -> None:
    """The database alone keeps the balance, also from writers that ask nobody."""

    def take(_: int) -> bool:
        try:
            move(books, **TAKES_BALANCE | {"amount": PRICE})
        except DBAPIError:
            return False
        return True

    assert sum(at_once(10, take)) == BALANCE // PRICE
    assert books.ask("SELECT balance FROM entries ORDER BY sequence DESC LIMIT 1") == [(1,)]


def test_a_customer_is_first_seen_by_eight_at_once(shop: Shop) -> None:
    """Eight top-ups of a customer nobody knew make one account and a statement without gaps."""
    at_once(8, lambda number: shop.top_up(10, reference=f"bank-{number}"))
    assert shop.ask("SELECT sequence, balance FROM entries ORDER BY sequence") == [
        (number, 10 * number) for number in range(1, 9)
    ]
    assert disagreements(shop) == []
