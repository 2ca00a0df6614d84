"""What can be changed about a name of ours, and how does it end and come back?"""

from typing import Any

import pytest

from adapters.sandbox.books import Books
from tests.sandbox.opensrs.shop import CARD, ELSEWHERE, EXPIRY, USERNAME, Clock, Shop, amounts


@pytest.fixture
def ours(books: Books) -> str:
    """Give a name of ours."""
    books.add_domain("ours.example", expires_at=EXPIRY)
    return "ours.example"


def test_a_name_can_be_locked_and_unlocked(books: Books, shop: Shop, ours: str) -> None:
    """The lock shows in the status, and nowhere else."""
    for state, statuses in (("1", ("clientTransferProhibited",)), ("0", ("ok",))):
        reply = shop.ask("MODIFY", domain=ours, data="status", lock_state=state, affect_domains="0")
        assert (reply.succeeded, reply.code) == (True, 200)
        assert reply.attributes["details"][ours]["response_code"] == "200"
        assert shop.info(ours, "status").attributes["lock_state"] == state
        domain = books.domain(ours)
        assert domain is not None
        assert domain.statuses == statuses


def test_how_a_name_ends_can_be_chosen(shop: Shop, ours: str) -> None:
    """Renewed by itself, or let go."""
    reply = shop.ask("MODIFY", domain=ours, data="expire_action", auto_renew="0", let_expire="1")

    assert reply.code == 200
    assert shop.info(ours, "expire_action").attributes == {"auto_renew": "0", "let_expire": "1"}


def test_contacts_are_replaced_role_by_role(shop: Shop) -> None:
    """The roles that are sent are changed, the others stay."""
    shop.register("new.example")
    card = {**CARD, "email": "new@example.org"}

    reply = shop.ask("MODIFY", domain="new.example", data="contact_info", contact_set={"admin": card})

    assert reply.code == 200
    cards = shop.info("new.example").attributes["contact_set"]
    assert {role: card["email"] for role, card in cards.items()} == {
        "owner": "azita@example.org",
        "admin": "new@example.org",
        "billing": "azita@example.org",
    }


def test_name_servers_are_set_as_a_whole(shop: Shop, ours: str) -> None:
    """The new list replaces the old one."""
    hosts = ["ns2.example.org", "ns1.example.org"]

    assert shop.ask("ADVANCED_UPDATE_NAMESERVERS", domain=ours, op_type="assign", assign_ns=hosts).code == 200

    listed = shop.info(ours, "nameservers").attributes["nameserver_list"]
    assert [line["name"] for line in listed] == hosts


@pytest.mark.parametrize(
    ("action", "attributes", "code"),
    [
        ("MODIFY", {"data": "status"}, 460),
        ("MODIFY", {"data": "status", "lock_state": "yes"}, 465),
        ("MODIFY", {"data": "status", "lock_state": "1", "affect_domains": "1"}, 465),
        ("MODIFY", {"data": "weather"}, 465),
        ("MODIFY", {}, 460),
        ("MODIFY", {"data": "contact_info"}, 460),
        ("MODIFY", {"data": "contact_info", "contact_set": {"tech": {}}}, 465),
        ("ADVANCED_UPDATE_NAMESERVERS", {"op_type": "add", "assign_ns": ["a.example", "b.example"]}, 465),
        ("ADVANCED_UPDATE_NAMESERVERS", {"op_type": "assign", "assign_ns": ["a.example"]}, 465),
        ("ADVANCED_UPDATE_NAMESERVERS", {"op_type": "assign", "assign_ns": ["a.example", "a.example"]}, 465),
        ("REVOKE", {}, 460),
    ],
)
def test_a_change_that_is_not_filled_in_is_refused(
    *, shop: Shop, ours: str, action: str, attributes: dict[str, Any], code: int
) -> None:
    """What is missing is a 460, what is wrong a 465."""
    assert shop.ask(action, domain=ours, **attributes).code == code


def test_only_our_own_names_are_changed(books: Books, shop: Shop) -> None:
    """Another reseller's name is not found."""
    books.add_domain("theirs.example", expires_at=EXPIRY, sponsor=ELSEWHERE)

    assert shop.ask("MODIFY", domain="theirs.example", data="status", lock_state="1").code == 480
    assert shop.ask("REVOKE", domain="theirs.example", reseller=USERNAME).code == 480
    assert shop.ask("REDEEM", domain="theirs.example").code == 480


def test_a_name_revoked_in_its_first_days_is_paid_back(books: Books, shop: Shop, clock: Clock) -> None:
    """It is free again at once."""
    shop.register("new.example")
    clock.forward(days=4)

    reply = shop.ask("REVOKE", domain="new.example", reseller=USERNAME)

    assert (reply.code, reply.attributes) == (200, {"charge": "1"})
    assert shop.lookup("new.example").code == 210
    assert amounts(books) == [1_250, -1_250]


def test_a_registration_is_paid_back_once(books: Books, shop: Shop) -> None:
    """The same name, had again without a charge, goes into redemption when it is revoked."""
    shop.register("new.example")
    shop.ask("REVOKE", domain="new.example", reseller=USERNAME)
    books.add_domain("new.example", expires_at=EXPIRY)

    assert shop.ask("REVOKE", domain="new.example", reseller=USERNAME).attributes == {"charge": "0"}
    assert amounts(books) == [1_250, -1_250]


def test_a_name_revoked_later_can_be_redeemed(books: Books, shop: Shop, ours: str, clock: Clock) -> None:
    """It is ours still, cannot be renewed or changed, and comes back for a price of its own."""
    assert shop.ask("REDEEM", domain=ours).code == 465
    reply = shop.ask("REVOKE", domain=ours, reseller=USERNAME)
    assert (reply.code, reply.attributes) == (200, {"charge": "0"})
    clock.forward(days=29)
    assert [shop.info(ours, kind).attributes["status"] for kind in ("all_info", "status")] == [
        "redemption"
    ] * 2
    assert shop.lookup(ours).code == 211
    assert shop.renew(ours).code == 480
    assert shop.ask("MODIFY", domain=ours, data="status", lock_state="1").code == 465

    redeemed = shop.ask("REDEEM", domain=ours)

    assert (redeemed.succeeded, redeemed.code) == (True, 200)
    assert shop.info(ours).attributes["status"] == "active"
    [charge] = books.charges()
    assert (charge.command, charge.months, charge.amount) == ("restore", 0, 8_000)
    assert charge.client_transaction_id == redeemed.attributes["order_id"]
    assert shop.orders(ours)[0]["type"] == "redemption"
    assert shop.ask("REDEEM", domain=ours).code == 465


def test_a_redemption_without_money_is_saved(books: Books, shop: Shop, ours: str) -> None:
    """A success in words; the name stays in redemption until the order is taken up."""
    shop.ask("REVOKE", domain=ours, reseller=USERNAME)
    books.top_up(-books.balance())
    number = shop.ask("REDEEM", domain=ours).attributes["forced_pending"]
    assert shop.info(ours).attributes["status"] == "redemption"
    assert shop.ask("REDEEM", domain=ours).code == 437
    books.top_up(10_000)

    assert shop.ask("PROCESS_PENDING", order_id=number).code == 200

    assert shop.info(ours).attributes["status"] == "active"
    assert amounts(books) == [8_000]


def test_a_redemption_may_wait_for_its_registry(books: Books, shop: Shop, ours: str) -> None:
    """250, and done when the registry says so."""
    shop.ask("REVOKE", domain=ours, reseller=USERNAME)
    books.misbehave("pending", command="domain:restore")
    assert shop.ask("REDEEM", domain=ours).code == 250
    assert shop.info(ours).attributes["status"] == "redemption"

    books.approve(ours)

    assert shop.info(ours).attributes["status"] == "active"


def test_a_name_is_free_when_its_redemption_is_over(
    books: Books, shop: Shop, ours: str, clock: Clock
) -> None:
    """After thirty days anybody may register it, and it cannot be redeemed."""
    shop.ask("REVOKE", domain=ours, reseller=USERNAME)
    clock.forward(days=31)

    assert shop.ask("REDEEM", domain=ours).code == 480
    assert shop.lookup(ours).code == 210
    assert shop.register(ours).code == 200
    assert amounts(books) == [1_250]
