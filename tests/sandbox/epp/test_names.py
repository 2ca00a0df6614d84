"""What the EPP sandbox does with names, contacts and hosts, in both of its dialects."""

from datetime import UTC, datetime

import pytest

from adapters.sandbox.epp import COM, SMALL
from tests.sandbox.epp import client as epp
from tests.sandbox.epp.client import NS
from tests.sandbox.epp.stage import CONTACTS, EXPIRY, Stage


def test_a_renewal_adds_a_year_and_is_charged_once(stage: Stage) -> None:
    """A renewal moves the expiry by a year; the same renewal again is refused and costs nothing."""
    client = stage.client()
    renewed = stage.renew(client)
    assert (renewed.code, renewed.one("//d:renData/d:exDate")) == (
        1000,
        {"com": "2028-01-31T22:57:30.9Z", "small": "2028-01-31T22:57:30.973Z"}[
            "com" if stage.dialect is COM else "small"
        ],
    )
    assert stage.renew(client).code == {COM: 2004, SMALL: 2306}[stage.dialect]
    (charge,) = stage.books.charges()
    assert (charge.command, charge.name, charge.months, charge.amount) == ("renew", "example.com", 12, 950)


@pytest.mark.parametrize(
    ("expiry", "years", "after"),
    [
        (datetime(2028, 2, 29, 8, tzinfo=UTC), 1, datetime(2029, 2, 28, 8, tzinfo=UTC)),
        (datetime(2028, 2, 29, 8, tzinfo=UTC), 4, datetime(2032, 2, 29, 8, tzinfo=UTC)),
        (datetime(2026, 5, 1, 12, tzinfo=UTC), 10, datetime(2036, 5, 1, 12, tzinfo=UTC)),
        (datetime(2026, 5, 1, 12, 0, 1, tzinfo=UTC), 10, None),
    ],
)
def test_a_term_ends_on_the_same_day_at_most_ten_years_away(
    com: Stage, expiry: datetime, years: int, after: datetime | None
) -> None:
    """A year more is the same day a year on, 29 February becomes the 28th, and nobody buys beyond ten years."""
    com.books.add_domain("leap.com", expires_at=expiry)
    asked = epp.renew("leap.com", f"{expiry:%Y-%m-%d}", f'<d:period unit="y">{years}</d:period>')
    assert com.client().ask(asked).code == (2306 if after is None else 1000)
    assert com.expiry("leap.com") == (after or expiry)


@pytest.mark.parametrize(
    ("name", "expiry", "period", "code"),
    [
        ("free.com", "2027-01-31", "", 2303),
        ("moving.com", "2027-01-31", "", 2201),
        ("locked.com", "2027-01-31", "", 2304),
        ("example.com", "soon", "", 2005),
        ("example.com", "2027-01-31", '<d:period unit="m">12</d:period>', 2306),
        ("example.com", "2027-01-31", '<d:period unit="y">0</d:period>', 2005),
    ],
)
def test_a_renewal_that_cannot_be_is_refused_and_costs_nothing(
    com: Stage, name: str, expiry: str, period: str, code: int
) -> None:
    """A name that is free, another's or locked, and a date or term that makes no sense, are refused with their codes."""
    com.books.add_domain("locked.com", expires_at=EXPIRY, statuses=["clientRenewProhibited"])
    assert com.client().ask(epp.renew(name, expiry, period)).code == code
    assert com.amounts() == []


def test_parts_of_years_are_not_sold(small: Stage) -> None:
    """Where terms are counted in months, they are whole years all the same."""
    asked = epp.renew("example.com", "2027-01-31", '<d:period unit="m">18</d:period>')
    assert small.client().ask(asked).code == 2306


def test_a_name_is_registered_with_contacts_and_hosts(com: Stage) -> None:
    """The big registry wants contacts and hosts that exist; then the name is ours, shown whole and charged."""
    client = com.client()
    hosts = "<d:ns><d:hostObj>ns1.example.net</d:hostObj></d:ns>"
    assert client.ask(epp.create("new.com")).code == 2003
    assert client.ask(epp.create("new.com", CONTACTS)).code == 2303
    assert client.ask(epp.contact_create("zz-1")).code == 1000
    assert client.ask(epp.create("new.com", hosts + CONTACTS)).code == 2303
    assert client.ask(epp.host_create("ns1.example.net", "192.0.2.1")).code == 1000
    assert client.ask(epp.create("new.com", hosts + CONTACTS)).code == 1000
    shown = client.ask(epp.info("new.com"))
    assert (shown.one("//d:registrant"), shown.all("//d:contact/@type")) == ("zz-1", ["admin", "tech"])
    assert (shown.one("//d:hostObj"), shown.one("//d:status/@s")) == ("ns1.example.net", "ok")
    assert (shown.one("//d:exDate"), shown.one("//d:pw")) == ("2027-05-01T12:00:00.0Z", "2fooBAR")
    assert client.ask(epp.create("new.com", CONTACTS)).code == 2302
    assert com.amounts() == [900]


def test_a_name_is_registered_without_contacts(small: Stage) -> None:
    """The small registry wants no contacts, takes hosts as attributes, and shows them."""
    client = small.client()
    hosts = (
        "<d:ns><d:hostAttr><d:hostName>ns1.new.com</d:hostName>"
        '<d:hostAddr ip="v4">192.0.2.1</d:hostAddr></d:hostAttr></d:ns>'
    )
    objects = "<d:ns><d:hostObj>ns1.new.com</d:hostObj></d:ns>"
    assert client.ask(epp.create("new.com", CONTACTS, period=small.period)).code == 2306
    assert client.ask(epp.create("new.com", objects, period=small.period)).code == 2306
    assert client.ask(epp.create("new.com", hosts, period=small.period)).code == 1000
    shown = client.ask(epp.info("new.com"))
    assert (shown.one("//d:hostName"), shown.one("//d:hostAddr"), shown.one("//d:hostAddr/@ip")) == (
        "ns1.new.com",
        "192.0.2.1",
        "v4",
    )


def test_a_check_says_what_is_free(stage: Stage) -> None:
    """A name is free, in use, or not a name."""
    said = stage.client().ask(epp.check("free.com", "example.com", "Not A Name"))
    assert said.all("//d:name/@avail") == ["1", "0", "0"]


def test_a_strangers_name_is_not_shown_whole(stage: Stage) -> None:
    """Another registrar's name shows who sponsors it, and more only to who has its auth code."""
    client = stage.client()
    stranger = client.ask(epp.info("moving.com"))
    assert (stranger.one("//d:clID"), stranger.all("//d:exDate")) == ("other", [])
    assert client.ask(epp.info("moving.com", "wrong")).code == 2202
    assert len(client.ask(epp.info("moving.com", "2fooBAR")).all("//d:exDate")) == 1
    assert client.ask(epp.info("free.com")).code == 2303


def test_an_empty_deposit_is_answered_2104(stage: Stage) -> None:
    """When the deposit is empty nothing is done; paid into, the same renewal is made."""
    stage.books.top_up(-stage.books.balance() + 949)
    client = stage.client()
    assert stage.renew(client).code == 2104
    assert (stage.expiry(), stage.books.balance()) == (EXPIRY, 949)
    stage.books.top_up(1)
    assert stage.renew(client).code == 1000
    assert stage.books.balance() == 0


def test_another_registrars_work_is_not_charged_to_ours(com: Stage) -> None:
    """The books keep one reseller's deposit; what another registrar renews is its own affair."""
    assert com.renew(com.client("other"), "moving.com").code == 1000
    assert com.amounts() == []


def test_a_lock_is_set_and_taken_off(com: Stage) -> None:
    """A locked name takes no other change until the lock is taken off."""
    client = com.client()
    lock = '<d:status s="clientUpdateProhibited"/>'
    code = "<d:chg><d:authInfo><d:pw>another</d:pw></d:authInfo></d:chg>"
    name = epp.names("example.com")
    assert client.ask(epp.domain("update", f"{name}<d:add>{lock}</d:add>")).code == 1000
    assert client.ask(epp.info("example.com")).all("//d:status/@s") == ["clientUpdateProhibited", "inactive"]
    assert client.ask(epp.domain("update", name + code)).code == 2304
    assert client.ask(epp.domain("update", f"{name}<d:rem>{lock}</d:rem>{code}")).code == 1000
    assert client.ask(epp.info("example.com")).one("//d:pw") == "another"
    assert client.ask(epp.domain("update", f"{name}<d:add>{lock}</d:add><d:rem>{lock}</d:rem>")).code == 2306
    assert client.ask(epp.domain("update", f'{name}<d:add><d:status s="serverHold"/></d:add>')).code == 2306
    assert client.ask(epp.domain("update", name)).code == 2003


def test_a_deleted_name_is_free_in_the_end(stage: Stage) -> None:
    """A name that is deleted can be restored for thirty days, is past saving for five, and is then anybody's."""
    client = stage.client()
    assert client.ask(epp.domain("delete", epp.names("moving.com"))).code == 2201
    assert client.ask(epp.domain("delete", epp.names("example.com"))).code == 1001
    assert "pendingDelete" in client.ask(epp.info("example.com")).all("//d:status/@s")
    for days, available in ((29, "0"), (2, "0"), (5, "1")):
        stage.clock.pass_by(days * 86_400)
        assert client.ask(epp.check("example.com")).one("//d:name/@avail") == available


def test_a_persons_data_are_shown_to_its_registrar_alone(com: Stage) -> None:
    """Only the registrar that keeps a contact sees it; the international form takes no Persian letters."""
    client = com.client()
    assert client.ask(epp.contact_create("zz-1", "زهرا نمونه")).code == 2005
    assert client.ask(epp.contact_create("zz-1")).code == 1000
    asked = f'<info><c:info xmlns:c="{NS["c"]}"><c:id>zz-1</c:id></c:info></info>'
    shown = client.ask(asked)
    assert (shown.one("//c:name"), shown.one("//c:cc"), shown.one("//c:email")) == (
        "Zahra Example",
        "IR",
        "zahra@example.com",
    )
    assert com.client("other").ask(asked).code == 2201
