"""Can a portal hand in slips, read debts, and decide about a line for its customer (D6, F6, F7)?"""

import httpx2

from tests.desks import Shop, an_order
from tests.portal.test_refusals import assert_problem


def test_a_slip_is_booked_and_read_back(shop: Shop, portal: httpx2.Client) -> None:
    """A slip of today is in the balance at once; its number is used up (F6)."""
    slip = {
        "number": "s-1",
        "amount": 700,
        "currency": "USD",
        "paid_on": f"{shop.desk.now():%Y-%m-%d}",
    }
    answer = portal.post("/v1/customers/c-42/slips", json=slip)
    assert (answer.status_code, answer.json()["state"]) == (201, "booked")
    assert_problem(portal.post("/v1/customers/c-42/slips", json=slip), 409, "slip_used")
    assert portal.get("/v1/customers/c-42/balance").json()["balances"][0]["amount"] == 700


def test_a_customer_without_debts_owes_nothing(portal: httpx2.Client) -> None:
    """Whoever owes nothing has an empty page (O7)."""
    assert portal.get("/v1/customers/c-42/debts").json() == {
        "customer": "c-42",
        "debts": [],
        "next_after": None,
    }


def test_only_an_undecided_line_is_decided(portal: httpx2.Client) -> None:
    """While the order runs nothing is to be decided about its lines; they are shown with the order (D6)."""
    line = {
        "line": "hosting",
        "kind": "service",
        "text": "hosting",
        "amount": 100,
        "refundable": True,
        "delivered": False,
    }
    placed = portal.post("/v1/orders", json=an_order(lines=[line]), headers={"Idempotency-Key": "k-1"}).json()
    address = f"/v1/customers/c-42/orders/{placed['id']}/lines/hosting"
    told = portal.post(f"{address}/decision", json={"decision": "credit"})
    assert_problem(told, 409, "line_not_undecided")
    delivered = portal.post(f"{address}/delivery").json()
    assert [(one["line"], one["delivered"]) for one in delivered["lines"]] == [
        ("domain", False),
        ("hosting", True),
    ]
    shown = portal.get(f"/v1/orders/{placed['id']}").json()
    assert [one["became"] for one in shown["lines"]] == [None, None]
