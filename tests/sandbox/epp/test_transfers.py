"""How a name moves between registrars at the EPP sandbox, and who pays."""

import pytest

from adapters.sandbox.epp import COM, SMALL
from tests.sandbox.epp import client as epp
from tests.sandbox.epp.stage import CREDENTIALS, EXPIRY, Stage


@pytest.mark.parametrize(
    ("name", "code", "answered"),
    [
        ("free.com", "2fooBAR", 2303),
        ("moving.com", "wrong", 2202),
        ("moving.com", "", 2003),
        ("locked.com", "2fooBAR", 2304),
        ("secret.com", "", 2003),
        ("moving.com", "2fooBAR", 1001),
    ],
)
def test_a_transfer_needs_a_name_that_is_free_to_go_and_its_code(
    com: Stage, name: str, code: str, answered: int
) -> None:
    """A name that is not there, a wrong code and a lock are told apart, and only an accepted request is charged."""
    com.books.add_domain(
        "locked.com",
        expires_at=EXPIRY,
        sponsor="other",
        auth_info="2fooBAR",
        statuses=["clientTransferProhibited"],
    )
    com.books.add_domain("secret.com", expires_at=EXPIRY, sponsor="other")
    assert com.client().ask(epp.transfer(name, code)).code == answered
    assert com.amounts() == ([980] if answered == 1001 else [])


def test_a_name_that_is_ours_cannot_be_asked_for(stage: Stage) -> None:
    """Asking for a name that we sponsor already is refused, with the registry's own code."""
    expected = {COM: 2002, SMALL: 2106}[stage.dialect]
    assert stage.client().ask(epp.transfer("example.com", "2fooBAR")).code == expected


def test_a_transfer_is_approved_after_its_time(stage: Stage) -> None:
    """A transfer waits, is approved, adds a year, and is told by a message that stays until we have it."""
    client = stage.client()
    asked = client.ask(epp.transfer("moving.com", "2fooBAR"))
    assert (asked.code, asked.one("//d:trStatus"), asked.one("//d:reID")) == (1001, "pending", "reseller")
    assert client.ask(epp.transfer("moving.com", "2fooBAR")).code == 2300
    assert client.ask(epp.poll()).code == 1300
    stage.clock.pass_by(2)
    message = client.ask(epp.poll())
    assert (message.code, message.one("//d:trStatus")) == (1301, "serverApproved")
    message_id = message.one("//e:msgQ/@id")
    assert client.ask(epp.poll()).one("//e:msgQ/@id") == message_id
    assert client.ask(epp.acknowledge(message_id)).code == 1000
    assert client.ask(epp.acknowledge(message_id)).code == 2303
    assert client.ask(epp.poll()).code == 1300
    assert client.ask(epp.transfer("moving.com", op="query")).one("//d:trStatus") == "serverApproved"
    domain = stage.books.domain("moving.com")
    assert domain is not None
    assert (domain.sponsor, domain.expires_at) == ("reseller", EXPIRY.replace(year=2028))
    assert stage.amounts() == [980]


def test_a_rejected_transfer_is_given_back(com: Stage) -> None:
    """When the losing registrar says no, the name stays, the charge comes back and a message says so."""
    com.books.misbehave("reject", command="domain:transfer", name="moving.com", argument="3600")
    client = com.client()
    assert client.ask(epp.transfer("moving.com", "2fooBAR")).code == 1001
    com.clock.pass_by(3599)
    assert client.ask(epp.transfer("moving.com", op="query")).one("//d:trStatus") == "pending"
    com.clock.pass_by(1)
    assert client.ask(epp.poll()).one("//d:trStatus") == "clientRejected"
    domain = com.books.domain("moving.com")
    assert domain is not None
    assert (domain.sponsor, domain.expires_at, domain.statuses) == ("other", EXPIRY, ("ok",))
    assert com.amounts() == [980, -980]


@pytest.mark.parametrize(
    ("operation", "by", "state", "amounts"),
    [
        ("approve", "other", "clientApproved", [980]),
        ("reject", "other", "clientRejected", [980, -980]),
        ("cancel", "reseller", "clientCancelled", [980, -980]),
    ],
)
def test_each_side_of_a_transfer_may_do_its_part(
    com: Stage, operation: str, by: str, state: str, amounts: list[int]
) -> None:
    """Who asked may withdraw, who has the name may let it go or keep it, and only once."""
    clients = {client_id: com.client(client_id) for client_id in CREDENTIALS}
    (not_by,) = set(clients) - {by}
    assert clients["reseller"].ask(epp.transfer("moving.com", op=operation)).code == 2301
    assert clients["reseller"].ask(epp.transfer("moving.com", "2fooBAR")).code == 1001
    assert clients["other"].ask(epp.poll()).one("//d:trStatus") == "pending"
    assert clients[not_by].ask(epp.transfer("moving.com", op=operation)).code == 2201
    assert clients[by].ask(epp.transfer("moving.com", op=operation)).one("//d:trStatus") == state
    assert clients[by].ask(epp.transfer("moving.com", op=operation)).code == 2301
    com.clock.pass_by(3600)
    assert clients["reseller"].ask(epp.poll()).one("//d:trStatus") == state
    assert com.amounts() == amounts


def test_a_transfer_is_no_business_of_a_third_registrars(com: Stage) -> None:
    """How a transfer stands is told to its two sides, and else to who has the auth code."""
    com.books.add_domain("third.com", expires_at=EXPIRY, sponsor="third", auth_info="2fooBAR")
    assert com.client().ask(epp.transfer("third.com", "2fooBAR")).code == 1001
    other = com.client("other")
    assert other.ask(epp.transfer("third.com", op="query")).code == 2003
    assert other.ask(epp.transfer("third.com", "2fooBAR", op="query")).code == 1000
