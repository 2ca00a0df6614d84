"""Can staff book gift, debts, slips and damages from the terminal, each with its ticket and after a trial (C1, F2 to F7)?"""

import json
from typing import Any

from sqlalchemy import select

from registrar.models import Event
from tests.desks import an_order
from tests.terminal.conftest import Terminal


def place(terminal: Terminal, order: dict[str, Any]) -> None:
    """Place an order from a file."""
    line = json.dumps({"key": "k-1", **order}).encode()
    assert terminal.call("orders", "place", "-", stdin=line).exit_code == 0


def test_gift_is_tried_first_and_then_given(terminal: Terminal) -> None:
    """A dry run says what the customer would have, and books nothing; then the gift is shown with its end (F2)."""
    gift = (
        "ledger",
        "gift",
        "c-42",
        500,
        "USD",
        "--reference",
        "g-1",
        "--ticket",
        "T-1",
        "--until",
        "2030-01-31",
    )
    tried = terminal.json(*gift, "--dry-run")
    assert (tried["dry_run"], tried["balances"][0]["amount"]) == (True, 500)
    shown = terminal.call(*gift, "--dry-run").stdout
    assert ("5.00 USD" in shown, "2030-01-31" in shown) == (True, True)
    assert terminal.json("ledger", "show", "c-42")["balances"] == []
    terminal.json(*gift, "--yes")
    [balance] = terminal.json("ledger", "show", "c-42")["balances"]
    assert (balance["bucket"], balance["amount"], balance["expires_on"]) == ("gift", 500, "2030-01-31")
    assert "reference_used" in terminal.call(*gift, "--yes").stderr


def test_a_payment_is_taken_back_and_its_debt_settled(terminal: Terminal) -> None:
    """A top-up that was not met leaves a debt, which is warned of before it is set off (F5, F7)."""
    terminal.call("ledger", "top-up", "c-42", 1250, "USD", "--reference", "bank-1", "--yes")
    place(terminal, an_order(payment={"source": "balance"}))
    assert terminal.json("orders", "show", 1)["lines"][0]["amount"] == 1250
    assert "1250" not in terminal.call("orders", "show", 1).stdout
    take_back = ("ledger", "take-back", "bank-1", "--reason", "not met", "--ticket", "T-1")
    assert terminal.json(*take_back, "--yes")["owed"] == "12.50 USD"
    [debt] = terminal.json("ledger", "debts", "list")["debts"]
    assert (debt["customer"], debt["cause"], debt["amount"]) == ("c-42", "payment_reversed", 1250)
    assert "12.50 USD" in terminal.call("ledger", "debts", "list").stdout
    set_off = ("ledger", "debts", "set-off", 1, "--ticket", "T-1", "--yes")
    assert "debt_not_warned" in terminal.call(*set_off).stderr
    terminal.call("ledger", "debts", "warn", 1, "--text", "by e-mail", "--ticket", "T-1", "--yes")
    assert "insufficient_balance" in terminal.call(*set_off).stderr
    paid = ("ledger", "debts", "paid", 1, "--reference", "bank-2", "--ticket", "T-1")
    for how, dry_run in (("--dry-run", True), ("--yes", False)):
        told = terminal.json(*paid, how)
        assert told == {"dry_run": dry_run, "debt": 1, "done": "paid", "amount": "12.50 USD"}
    assert terminal.json("ledger", "debts", "list")["debts"] == []
    assert terminal.json("ledger", "verify")["balanced"] is True


def test_a_young_slip_is_booked(terminal: Terminal) -> None:
    """A slip of today is in the balance at once, and its number is used up (F6)."""
    today = f"{terminal.shop.desk.now():%Y-%m-%d}"
    slip = (
        "ledger",
        "slips",
        "hand-in",
        "c-42",
        700,
        "USD",
        "--number",
        "s-1",
        "--paid-on",
        today,
        "--ticket",
        "T-1",
    )
    assert terminal.json(*slip, "--yes")["state"] == "booked"
    assert "slip_used" in terminal.call(*slip, "--yes").stderr
    assert terminal.json("ledger", "show", "c-42")["balances"][0]["amount"] == 700
    with terminal.shop.desk.database.reading() as connection:
        assert connection.scalars(select(Event.ticket).where(Event.kind == "slip.handed_in")).all() == ["T-1"]


def test_an_order_that_has_not_ended_gets_no_damages(terminal: Terminal) -> None:
    """Damages are for what was delivered or failed; an open order is ended first, with its full credit (F4)."""
    place(terminal, an_order())
    refused = terminal.call("ledger", "compensate", 1, 100, "--ticket", "T-1", "--yes")
    assert (refused.exit_code, "order_open" in refused.stderr) == (1, True)


def test_a_held_order_alone_is_ended_for_breach(terminal: Terminal) -> None:
    """An order in the queue is not ended for breach (O10)."""
    place(terminal, an_order())
    refused = terminal.call("orders", "breach", 1, "--propose", "--evidence", "x", "--ticket", "T-1", "--yes")
    assert "not_held" in refused.stderr
