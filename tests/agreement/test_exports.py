"""Is everything of a dispute in one file, provable, and without a secret (C3, D10, A1)?"""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from registrar import exports, rule_versions
from registrar.commands import Kind, OwnKind
from registrar.exports import faults
from registrar.exports.chaining import chained
from registrar.models import Attempt, Claim, Confirmation, Message
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.own import place_lock
from registrar.statuses import REGISTRAR_LOCK
from tests.agreement.books import MINA, events, look_after
from tests.agreement.conftest import EXPIRES
from tests.agreement.rulebook import standard
from tests.core.far_side import AUTH_CODE, FarSide
from tests.core.story import KEYRING, Shop

HOLDER = {
    "reference": "c-1",
    "name": "Mina Exemplary",
    "email": "mina@example.net",
    "street": "1 Invented Street",
    "city": "Tehran",
    "country_code": "IR",
    "national_id": "0012345678",
}
"""An invented person."""
SEEDED = (
    "Mina Exemplary",
    "mina@example.net",
    "1 Invented Street",
    "0012345678",
    AUTH_CODE,
    "other@example.org",
)


def test_an_orders_export_holds_its_whole_story(shop: Shop) -> None:
    """Timeline, ledger, attempts, looks, what was agreed and the rules' text: all are in it, and its hashes hold."""
    look_after(shop, until=EXPIRES)
    record_rules(shop)
    order = shop.place(requested_via="support")
    shop.work(order)
    document = export(shop, order)
    parts = parts_of(document)
    assert faults(document) == []
    assert [line["kind"] for line in parts["timeline"]][:2] == ["order.placed", "order.looking"]
    assert [(line["kind"], line["from"], line["to"]) for line in parts["ledger"]] == [
        ("payment", "outside", "orders"),
        ("earned", "orders", "earned"),
    ]
    assert [attempt["outcome"] for attempt in parts["attempts"]] == ["done"]
    assert len(parts["looks"]) == 1
    assert (parts["agreed"]["agreement"], parts["agreed"]["documentary"]) == ("sepidman-1", True)
    assert parts["agreed"]["promise"]["paid_through"] == "2026-04-10T12:00:00Z"
    assert parts["rules"]["text"]["renewal"]["committed_days"] == 7
    assert (parts["order"]["requested_via"], parts["order"]["state"]) == ("support", "completed")
    assert json.loads(json.dumps(document)) == document


def test_who_had_an_export_made_is_known_and_its_hash_kept(shop: Shop) -> None:
    """The hash of the whole stands in our own events, so that a file can be held against it years later."""
    order = shop.place()
    document = export(shop, order)
    [made] = events(shop, "export.made")
    assert (made["subject"], made["actor"], made["ticket"]) == (f"order:{order}", "staff:sara", "T-1")
    assert made["evidence"]["sha256"] == document["sha256"]
    assert export(shop, order)["sha256"] == document["sha256"], "making an export changes nothing in it"
    shop.clock.skip(timedelta(days=1))
    assert export(shop, order)["sha256"] != document["sha256"]


def test_what_does_not_exist_cannot_be_exported(shop: Shop) -> None:
    """There is no file about an order or a claim that there is not."""
    with pytest.raises(ActRefusedError, match="no order 7"):
        export(shop, 7)
    with pytest.raises(ActRefusedError, match="no claim 7"):
        export_claim(shop, 7)


def test_no_secret_leaves_with_an_export(shop: Shop, far: FarSide) -> None:
    """Neither the auth code nor a contact's data is in it, not even where another has written it down (D10)."""
    far.own("sara.test", EXPIRES, sponsor="another registrar")
    registration = shop.place(
        Kind.REGISTER, "nika.test", contacts={"registrant": HOLDER}, nameservers=["ns1.example.net"]
    )
    transfer = shop.place(Kind.TRANSFER, "sara.test")
    for order, name in ((registration, "nika.test"), (transfer, "sara.test")):
        shop.begun(order)
        gossip = (
            f"of {HOLDER['name']} <other@example.org>, {HOLDER['street']} {HOLDER['national_id']} {AUTH_CODE}"
        )
        with shop.database.transaction() as connection:
            connection.execute(
                update(Attempt).where(Attempt.order_id == order).values(result_text=gossip, transcript=gossip)
            )
            connection.execute(
                insert(Message).values(
                    registrar="far",
                    message_id=str(order),
                    queued_at_text="",
                    received_at=shop.clock.now,
                    domain=name,
                    text=gossip,
                    transcript=gossip,
                )
            )
        told = json.dumps(export(shop, order), ensure_ascii=False)
        seeded = [text for text in SEEDED if text in told]
        unknown_there = {registration: {AUTH_CODE}, transfer: set(SEEDED) - {AUTH_CODE, "other@example.org"}}[
            order
        ]
        assert set(seeded) <= unknown_there, "an order's own secrets, and every address, are masked"
        assert "sealed" not in parts_of(json.loads(told))["order"]
        assert "***" in told


def test_a_claims_export_holds_what_it_led_to(shop: Shop) -> None:
    """The claim, who confirmed it, and the lock that it led to, are in one file (D9)."""
    look_after(shop, until=EXPIRES)
    with shop.database.transaction() as connection:
        claim = connection.execute(
            insert(Claim)
            .values(
                domain="mina.test",
                zone="test",
                registrar="far",
                procedure="udrp",
                reference="example-case-1",
                state="proceeding",
                state_since=shop.clock.now,
                asserted_at=shop.clock.now,
                block_mode="lock",
                lock="wanted",
            )
            .returning(Claim.id)
        ).scalar_one()
        connection.execute(
            insert(Confirmation).values(
                claim_id=claim, by="company", who="legal desk", at=shop.clock.now, evidence="letter 3"
            )
        )
        lock = place_lock(
            connection,
            kind=OwnKind.LOCK,
            domain=MINA,
            registrar="far",
            customer="customer-1",
            statuses=REGISTRAR_LOCK,
            claim_id=claim,
            key="claim-lock",
            now=shop.clock.now,
        )
    document = export_claim(shop, claim)
    parts = parts_of(document)
    assert faults(document) == []
    assert (parts["claim"]["domain"], parts["confirmations"][0]["who"]) == ("mina.test", "legal desk")
    assert parts[f"order {lock}: order"]["kind"] == "lock"
    assert parts["domain"][0]["customer"] == "customer-1"


def spoil_content(document: dict[str, Any]) -> None:
    document["parts"][1]["content"]["b"] = 3


def spoil_hash_too(document: dict[str, Any]) -> None:
    spoiled = chained({}, [("two", {"b": 3})])["parts"][0]
    document["parts"][1] |= {"content": spoiled["content"], "sha256": spoiled["sha256"]}


def leave_out(document: dict[str, Any]) -> None:
    del document["parts"][1]


def leave_out_the_last(document: dict[str, Any]) -> None:
    del document["parts"][-1]


def swap(document: dict[str, Any]) -> None:
    document["parts"].reverse()


def rename(document: dict[str, Any]) -> None:
    document["parts"][0]["name"] = "another"


def spoil_head(document: dict[str, Any]) -> None:
    document["about"] = "order:8"


def spoil_whole(document: dict[str, Any]) -> None:
    document["sha256"] = "0" * 64


@pytest.mark.parametrize(
    "spoil",
    [spoil_content, spoil_hash_too, leave_out, leave_out_the_last, swap, rename, spoil_head, spoil_whole],
)
def test_a_file_that_was_touched_is_found_out(spoil: Any) -> None:
    """A part that was changed, renamed, moved or left out, another head, another hash: each is found."""
    document = chained(
        {"about": "order:7"}, [("one", {"a": 1}), ("two", {"b": 2}), ("three", ["c", EXPIRES, None])]
    )
    assert faults(document) == []
    touched = copy.deepcopy(document)
    spoil(touched)
    assert faults(touched) != []


@pytest.mark.parametrize(
    "document", [None, [], {}, {"format": "another"}, {"format": "registrar-export/1", "parts": [1]}]
)
def test_what_is_no_export_is_said_to_be_none(document: object) -> None:
    """Any other file is told apart."""
    [fault] = faults(document)
    assert "no registrar-export/1" in fault or "cannot be read" in fault


def export(shop: Shop, order: int) -> dict[str, Any]:
    """Export an order."""
    with shop.database.transaction() as connection:
        act = ByHand("staff:sara", "T-1", shop.clock.now)
        return exports.export_order(connection, order, book=standard(), keyring=KEYRING, act=act)


def export_claim(shop: Shop, claim: int) -> dict[str, Any]:
    """Export a claim."""
    with shop.database.transaction() as connection:
        act = ByHand("staff:sara", "T-1", shop.clock.now)
        return exports.export_claim(connection, claim, book=standard(), keyring=KEYRING, act=act)


def parts_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return an export's parts by name."""
    return {part["name"]: part["content"] for part in document["parts"]}


def record_rules(shop: Shop) -> None:
    """Keep the shipped rules, as a start does."""
    with shop.database.transaction() as connection:
        rule_versions.record(connection, standard(), shop.clock.now)
