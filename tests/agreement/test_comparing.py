"""Is what was delivered held against what was ordered, as far as a look shows it (O9)?"""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from registrar.commands import ContactRole, Expiry, Kind
from registrar.gateway import Sighting, Standing
from registrar.orders import comparing
from registrar.orders.states import State
from tests.agreement.books import events, findings
from tests.core.far_side import LATE_LIMIT, LOST_REPLY, FarSide
from tests.core.story import Shop

CREATED = datetime(2026, 3, 1, 8, tzinfo=UTC)


def order(**changes: Any) -> Any:
    """Return the part of a registration's row that is compared."""
    details = {
        "handles": {"registrant": "ab12-irnic", "admin": "cd34-irnic"},
        "nameservers": [
            {"host": "ns1.example.net", "addresses": []},
            {"host": "ns2.example.net", "addresses": []},
        ],
    }
    row = {"kind": Kind.REGISTER, "months": 12, "guard": None, "details": details}
    return SimpleNamespace(**(row | changes))


def seen(shop_name: Any, **changes: Any) -> Sighting:
    """Return a look that shows just what was ordered, but for the changes."""
    expiry = datetime(2027, 3, 1, 8, tzinfo=UTC)
    exact = Sighting(
        shop_name,
        CREATED,
        "far",
        Standing.REGISTERED,
        ours=True,
        created_at=CREATED,
        expiry=Expiry(expiry, "2027-03-01"),
        nameservers=("NS2.example.net.", "ns1.example.net"),
        contacts={ContactRole.REGISTRANT: "AB12-IRNIC"},
    )
    return replace(exact, **changes)


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({}, []),
        ({"nameservers": ()}, []),
        ({"nameservers": ("ns1.example.net",)}, ["nameservers"]),
        ({"contacts": {ContactRole.REGISTRANT: "zz99-irnic"}}, ["contacts.registrant"]),
        ({"contacts": {ContactRole.ADMIN: "zz99-irnic"}}, ["contacts.admin"]),
        ({"expiry": Expiry(datetime(2028, 3, 1, tzinfo=UTC), "2028-03-01")}, ["term"]),
        ({"expiry": None}, []),
        (
            {"expiry": Expiry(datetime(2026, 3, 11, tzinfo=UTC), "2026-03-11"), "expiry_is_temporary": True},
            [],
        ),
        ({"expiry": Expiry(datetime(2028, 3, 1, tzinfo=UTC), "2028"), "renewed_by_registry": True}, []),
        ({"created_at": None}, []),
        ({"standing": Standing.UNKNOWN, "nameservers": ("other.example.net",)}, []),
    ],
)
def test_what_a_look_shows_is_compared_and_nothing_else(changes: dict[str, Any], differs: list[str]) -> None:
    """Term, contacts and name servers that are not as ordered are named; what is not shown differs from nothing."""
    assert [one.part for one in comparing.compare(order(), seen(None, **changes))] == differs


@pytest.mark.parametrize(("year", "differs"), [(2027, []), (2028, ["term"])])
def test_a_renewals_term_counts_from_the_date_before_it(year: int, differs: list[str]) -> None:
    """A renewal for one year that added two is told (E1)."""
    guard = {"expires_at": CREATED.isoformat(), "expires_text": "2026-03-01"}
    renewal = order(kind=Kind.RENEW, guard=guard, details={})
    sighting = seen(None, expiry=Expiry(datetime(year, 3, 1, 8, tzinfo=UTC), str(year)))
    assert [one.part for one in comparing.compare(renewal, sighting)] == differs


def test_a_registration_that_a_look_completed_is_compared_by_it(shop: Shop, far: FarSide) -> None:
    """The registrar took other name servers than were ordered: staff hear of it before the customer does."""
    number = shop.place(Kind.REGISTER, "nika.test", nameservers=["ns1.example.net"])
    far.plan.append(LOST_REPLY)
    shop.work(number)
    shop.clock.skip(LATE_LIMIT)
    plan = shop.plan_look(number)
    assert plan is not None
    sighting = replace(shop.look(plan), nameservers=("ns9.example.net",))
    shop.conclude(plan, sighting)
    assert shop.state(number) is State.COMPLETED
    assert findings(shop, comparing.DIFFERS) == [f"order:{number}"]
    [told] = events(shop, "order.differs")
    assert told["evidence"]["differs"] == [
        {"part": "nameservers", "ordered": "ns1.example.net", "found": "ns9.example.net"}
    ]


@pytest.mark.parametrize(
    ("found", "standing", "kept", "differs"),
    [
        ("ns1.example.net", Standing.REGISTERED, 1, 0),
        ("ns9.example.net", Standing.REGISTERED, 1, 1),
        ("ns9.example.net", Standing.UNKNOWN, 0, 0),
    ],
)
def test_a_registration_that_its_answer_completed_is_looked_at_once_more(
    shop: Shop, found: str, standing: Standing, kept: int, differs: int
) -> None:
    """The look is kept with the order; one that failed says nothing."""
    number = shop.place(Kind.REGISTER, "nika.test", nameservers=["ns1.example.net"])
    shop.work(number)
    sighting = replace(shop.see(number), nameservers=(found,), standing=standing)
    with shop.database.transaction() as connection:
        comparing.conclude(connection, number, sighting, now=shop.clock.now)
    assert shop.ask("SELECT count(*) FROM looks WHERE verdict = 'compared'") == [(kept,)]
    assert len(findings(shop, comparing.DIFFERS)) == differs
