"""What does a customer report through the portal, and what is he told of its stamp (E3, O8, O9, C2)?"""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from registrar.texts import NON_JOINER
from tests.desks import START, Shop, an_order
from tests.portal.test_acts import placed
from tests.portal.test_refusals import assert_problem

HOURS = timedelta(hours=1)
LATE = {"kind": "not_delivered", "ticket": "T-7", "channel": "support", "text": "nothing\ncame"}
"""A renewal's delivery time is 48 hours by the shipped rules."""


def reported(portal: httpx2.Client, at: str, **changes: Any) -> httpx2.Response:
    body = {name: value for name, value in (LATE | changes).items() if value is not None}
    return portal.post(f"{at}/reports", json=body)


def test_a_report_is_answered_with_its_stamp(shop: Shop, portal: httpx2.Client) -> None:
    """Two days after the delivery time a report is in time to the second, and the same ticket reports a thing once."""
    order = placed(portal, an_order())
    shop.registrars.now = START + 48 * HOURS
    answer = reported(portal, order)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["in_time"], told["documentary"], told["text"]) == (True, True, "nothing\ncame")
    assert told["consequence"] == "it is in time"
    again = reported(portal, order, text="another text")
    assert (again.status_code, again.json()) == (200, told)
    shop.registrars.now = START + 97 * HOURS
    for second, in_time in (("00", True), ("01", False)):
        told = reported(portal, order, ticket=f"T-{second}", reported_at=f"2026-11-26T09:59:{second}Z").json()
        assert (told["deadline"], told["in_time"]) == ("2026-11-26T09:59:00Z", in_time)


def test_a_customer_reports_in_persian(shop: Shop, portal: httpx2.Client) -> None:
    """Persian is written with non-joiners: what a customer says is kept as he wrote it, and so is what his order names (O8, D6)."""
    words = f"باز نمی{NON_JOINER}شود"
    hosting = {
        "line": "h-1",
        "kind": "service",
        "text": words,
        "amount": 10,
        "refundable": True,
        "delivered": False,
    }
    order = placed(portal, an_order(lines=[hosting]))
    assert words in {line["text"] for line in portal.get(order).json()["lines"]}
    shop.registrars.now = START + 48 * HOURS
    assert reported(portal, order, text=words).json()["text"] == words
    assert_problem(reported(portal, order, text=f"{words}\u202e"), 422, "field_invalid")


def test_a_mail_is_kept_and_said_not_to_bind(shop: Shop, portal: httpx2.Client) -> None:
    """What came by e-mail is looked into, and its customer reads that it must come by support to bind (C2)."""
    order = placed(portal, an_order())
    shop.registrars.now = START + 48 * HOURS
    told = reported(portal, order, kind="renewal_not_done", channel="email").json()
    assert (told["documentary"], told["in_time"]) == (False, True)
    assert "to bind it must come" in told["consequence"]


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({}, 409, "not_due_yet", None),
        ({"kind": "differs"}, 409, "not_delivered_yet", None),
        ({"kind": "rudeness"}, 422, "kind_unknown", "kind"),
        ({"channel": "pigeon"}, 422, "channel_unknown", "channel"),
        ({"channel": "Not A Channel"}, 422, "field_invalid", "channel"),
        ({"ticket": None}, 422, "field_missing", "ticket"),
        ({"ticket": " "}, 422, "field_invalid", "ticket"),
        ({"text": "a\x00b"}, 422, "field_invalid", "text"),
        ({"text": "x" * 4001}, 422, "field_invalid", "text"),
        ({"reported_at": "2026-11-22"}, 422, "time_invalid", "reported_at"),
        ({"reported_at": "2027-01-01T00:00:00Z"}, 422, "time_invalid", "reported_at"),
        ({"anger": "much"}, 422, "unknown_field", "anger"),
    ],
)
def test_what_cannot_be_reported_is_said_with_a_code(
    portal: httpx2.Client, changes: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    """A report that is none, or comes before its time, is refused in words, and nothing is stored."""
    order = placed(portal, an_order())
    answer = reported(portal, order, **changes)
    assert_problem(answer, status, code)
    assert answer.json().get("field") == field


def test_a_report_of_no_order_or_no_object_is_refused(portal: httpx2.Client) -> None:
    """A report belongs to an order, and is an object."""
    assert_problem(reported(portal, "/v1/orders/77"), 404, "order_unknown")
    order = placed(portal, an_order())
    assert_problem(portal.post(f"{order}/reports", json=[]), 422, "not_an_object")


def test_an_order_shows_what_was_agreed(portal: httpx2.Client) -> None:
    """Its customer sees the agreement's version, the channel he asked by and whether it binds, and his dates (A1, C2, O2)."""
    order = placed(portal, an_order(requested_via="email"))
    agreed = portal.get(order).json()["agreed"]
    assert agreed == {
        "agreement": "sepidman-1",
        "rules": "2026-01",
        "class": None,
        "requested_via": "email",
        "documentary": False,
        "approval": None,
        "transferable_from": None,
        "due_by": "2026-11-24T09:59:00Z",
        "cancellable_from": "2026-11-26T09:59:00Z",
        "report_by": "2026-11-26T09:59:00Z",
        "mismatch_by": None,
        "renewal_report_by": None,
    }
    assert portal.get("/v1/orders", params={"key": "k-1"}).json()["agreed"] == agreed


def test_a_channel_that_the_rules_do_not_know_is_no_channel(portal: httpx2.Client) -> None:
    """Whether what was said there binds could not be told, so the order is refused (C2)."""
    refused = portal.post(
        "/v1/orders", json=an_order(requested_via="pigeon"), headers={"Idempotency-Key": "k-2"}
    )
    assert_problem(refused, 422, "channel_unknown")
    assert refused.json()["field"] == "requested_via"
