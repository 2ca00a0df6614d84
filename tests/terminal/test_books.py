"""Do the books agree, and would a difference be seen? Each is made on purpose, past the database's own rules."""

import json

import pytest
from sqlalchemy import Connection, text

from registrar.verification import verify
from tests.desks import an_order
from tests.terminal.conftest import Terminal

TABLES = ("accounts", "movements", "entries", "orders")


def busy(terminal: Terminal) -> None:
    """Leave orders of every sort: open, cancelled, free of charge, from the balance."""
    terminal.call("ledger", "top-up", "c-42", 5000, "USD", "--reference", "bank-1", "--yes")
    orders = [
        an_order(domain="a.com"),
        an_order(domain="b.com"),
        an_order(domain="c.com", payment={"source": "balance"}),
        an_order(domain="d.com", price={"amount": 0, "currency": "USD"}),
        an_order(domain="e.ir", price={"amount": 450000, "currency": "IRR"}),
        an_order(domain="f.com", price={"amount": 0, "currency": "USD"}),
    ]
    lines = [json.dumps({"key": f"k-{number}", **order}) for number, order in enumerate(orders)]
    assert terminal.call("orders", "place", "-", stdin="\n".join(lines).encode()).exit_code == 0
    for order in (2, 3, 4):
        assert terminal.call("orders", "cancel", order, "--ticket", "T", "--yes").exit_code == 0


def without_rules(connection: Connection) -> None:
    """Take away what would stop a wrong line from being written."""
    if connection.dialect.name == "postgresql":
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    for name in (
        connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    ):
        connection.execute(text(f"DROP TRIGGER {name}"))


def test_the_books_of_a_busy_day_agree(terminal: Terminal) -> None:
    """After orders that are open, cancelled, free and paid from the balance, every account adds up, and all of them to 0."""
    busy(terminal)
    found = terminal.json("ledger", "verify")
    assert (found["balanced"], found["differences"]) == (True, [])
    assert (found["orders"], found["movements"], found["entries"]) == (6, 7, 4)
    totals = {
        (one["account"], one["balance"]["currency"]): one["balance"]["amount"] for one in found["totals"]
    }
    assert totals == {
        ("customers", "USD"): 6250,
        ("orders", "USD"): 1250,
        ("outside", "USD"): -7500,
        ("orders", "IRR"): 450000,
        ("outside", "IRR"): -450000,
    }
    assert "6,250" not in terminal.call("ledger", "verify").stderr
    assert "62.50 USD" in terminal.call("ledger", "verify").stdout


@pytest.mark.parametrize(
    ("spoil", "subject", "said"),
    [
        ("UPDATE entries SET balance = balance + 1 WHERE sequence = 2", "account:", "the balance after line 2"),
        ("UPDATE entries SET amount = amount - 7 WHERE sequence = 1", "account:", "line 1 says"),
        ("DELETE FROM entries WHERE sequence = 1", "account:", "is not in the statement"),
        ("UPDATE entries SET sequence = 9 WHERE sequence = 4", "account:", "after it comes line 9"),
        ("UPDATE orders SET state = 'completed' WHERE id = 1", "order:1", "neither earned nor credited"),
        ("UPDATE orders SET state = 'completed' WHERE id = 2", "order:2", "instead of house 'earned'"),
        ("UPDATE orders SET state = 'held' WHERE id = 2", "order:2", "its money has left it"),
        ("UPDATE orders SET customer = 'c-1' WHERE id = 2", "order:2", "instead of customer 'c-1'"),
        ("UPDATE orders SET price_amount = 1249 WHERE id = 1", "order:1", "but 12.50 USD was taken"),
        ("DELETE FROM movements WHERE order_id = 1", "order:1", "but 0.00 USD was taken"),
        ("UPDATE movements SET amount = amount - 1 WHERE order_id = 2 AND phase = 2", "order:2", "came out"),
        ("UPDATE movements SET amount = amount + 1 WHERE kind = 'top_up'", "currency:USD", "not 0"),
        ("DELETE FROM movements WHERE order_id = 1", "account:orders", "are worth 12.50 USD"),
    ],
)  # fmt: skip
def test_a_spoilt_book_is_seen(terminal: Terminal, spoil: str, subject: str, said: str) -> None:
    """Whatever line is changed, added or lost, counting again names it, and the exit code says so."""
    busy(terminal)
    with terminal.shop.desk.database.transaction() as connection:
        without_rules(connection)
        assert connection.execute(text(spoil)).rowcount >= 1
    result = terminal.call("ledger", "verify", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert not found["balanced"]
    assert [one for one in found["differences"] if one["subject"].startswith(subject) and said in one["text"]]
    assert terminal.call("ledger", "verify").exit_code == 1


def test_counting_sees_one_moment(terminal: Terminal) -> None:
    """Money that moves while the books are counted is no difference."""
    busy(terminal)
    database = terminal.shop.desk.database
    with database.snapshot() as connection:
        before = verify(connection)
        moved = terminal.call("orders", "cancel", 1, "--ticket", "T", "--yes")
        assert moved.exit_code == 0
        assert verify(connection) == before
    with database.snapshot() as connection:
        after = verify(connection)
    assert after.balanced
    assert after.movements == before.movements + 1


def test_a_top_up_is_booked_once(terminal: Terminal) -> None:
    """A payment is booked once under its reference; the second time it is refused and nothing is booked."""
    words = ("ledger", "top-up", "c-42", 5000, "USD", "--reference", "bank-1")
    assert terminal.call(*words).exit_code == 2
    booked = terminal.json(*words, "--yes")
    assert booked["balances"] == [{"bucket": "cash", "currency": "USD", "amount": 5000, "expires_on": None}]
    before = terminal.shop.rows()
    again = terminal.call(*words, "--yes")
    assert again.exit_code == 1
    assert "top_up_repeated" in again.stderr
    assert "booked already: 50.00 USD for customer 'c-42'" in again.stderr
    assert terminal.shop.rows() == before


@pytest.mark.parametrize(
    "other", [("c-42", 4999, "USD"), ("c-42", 5000, "IRR"), ("c-43", 5000, "USD")], ids=str
)
def test_a_reference_used_for_another_payment_is_told_so(
    terminal: Terminal, other: tuple[object, ...]
) -> None:
    """A reference that stands for another payment is refused in other words than a repeat, with what it stands for."""
    top_up, reference = ("ledger", "top-up", "--yes"), ("--reference", "bank-1")
    assert terminal.call(*top_up, "c-42", 5000, "USD", *reference).exit_code == 0
    before = terminal.shop.rows()
    refused = terminal.call(*top_up, *other, *reference)
    assert (refused.exit_code, "top_up_repeated" in refused.stderr) == (1, True)
    assert "used for something else: 50.00 USD for customer 'c-42'" in refused.stderr
    assert "already" not in refused.stderr
    assert terminal.shop.rows() == before


def test_people_read_amounts_in_their_currency(terminal: Terminal) -> None:
    """A balance and a statement show people 12.99 USD, as orders do; programs get whole minor units."""
    words = ("c-42", 1299, "USD", "--reference", "bank-1", "--yes")
    booked = terminal.call("ledger", "top-up", *words).stdout
    shown = terminal.call("ledger", "show", "c-42").stdout
    assert (booked.count("12.99 USD"), shown.count("12.99 USD")) == (2, 3)
    assert "1299" not in booked + shown
    programs = terminal.json("ledger", "show", "c-42")
    assert programs["balances"] == [{"bucket": "cash", "currency": "USD", "amount": 1299, "expires_on": None}]
    [line] = programs["lines"]
    assert (line["amount"], line["balance"], line["currency"]) == (1299, 1299, "USD")


@pytest.mark.parametrize(
    "words",
    [
        ("c-42", 0, "USD", "--reference", "r"),
        ("c-42", -5, "USD", "--reference", "r"),
        ("c-42", "1.5", "USD", "--reference", "r"),
        ("c-42", 5, "XXX", "--reference", "r"),
        ("c-42", 5, "USD", "--reference", " "),
        ("c\x00", 5, "USD", "--reference", "r"),
        ("c-42", 5, "USD"),
    ],
)
def test_a_top_up_with_a_fault_is_not_booked(terminal: Terminal, words: tuple[object, ...]) -> None:
    """An amount that is none, an unknown currency or no reference: nothing is booked."""
    before = terminal.shop.rows()
    assert terminal.call("ledger", "top-up", "--yes", "--", *words).exit_code == 2
    assert terminal.shop.rows() == before
