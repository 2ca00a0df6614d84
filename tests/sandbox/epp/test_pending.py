"""What the EPP sandbox leaves pending, and how it is decided."""

from adapters.sandbox.books import Books
from tests.sandbox.epp import client as epp
from tests.sandbox.epp.stage import EXPIRY, Stage, until


def test_a_pending_registration_is_approved(small: Stage) -> None:
    """A registration left pending shows as such, then a message names the command that it answers."""
    small.books.misbehave("pending", command="domain:create", name="new.com")
    client = small.client()
    asked = client.ask(epp.create("new.com", period=small.period), transaction_id="order-7-1")
    assert asked.code == 1001
    assert "pendingCreate" in client.ask(epp.info("new.com")).all("//d:status/@s")
    assert small.renew(client, "new.com", "2027-05-01").code == 2304
    small.clock.pass_by(2)
    message = client.ask(epp.poll())
    assert (message.one("//d:panData/d:name/@paResult"), message.one("//d:paTRID/e:clTRID")) == (
        "1",
        "order-7-1",
    )
    assert message.one("//d:paTRID/e:svTRID") == asked.one("//e:svTRID")
    assert client.ask(epp.info("new.com")).all("//d:status/@s") == ["inactive"]
    assert small.amounts() == [900]


def test_a_pending_registration_is_rejected(small: Stage) -> None:
    """A registration that is rejected leaves the name free and the deposit as it was."""
    for behaviour in ("pending", "reject"):
        small.books.misbehave(behaviour, command="domain:create", name="new.com", argument=5)
    client = small.client()
    assert client.ask(epp.create("new.com", period=small.period)).code == 1001
    small.clock.pass_by(5)
    assert client.ask(epp.poll()).one("//d:panData/d:name/@paResult") == "0"
    assert client.ask(epp.info("new.com")).code == 2303
    assert small.amounts() == [900, -900]


def test_a_pending_renewal_moves_the_expiry_only_when_approved(stage: Stage) -> None:
    """While a renewal waits, the old expiry stands; approved by hand, the new one does."""
    for behaviour in ("pending", "reject"):
        stage.books.misbehave(behaviour, command="domain:renew", argument=3600)
    client = stage.client()
    assert stage.renew(client).code == 1001
    assert (stage.expiry(), stage.amounts()) == (EXPIRY, [950])
    with Books(stage.books.path) as elsewhere:
        elsewhere.approve("example.com")
    assert client.ask(epp.poll()).one("//d:panData/d:name/@paResult") == "1"
    assert (stage.expiry(), stage.amounts()) == (EXPIRY.replace(year=2028), [950])


def test_what_is_rejected_may_be_approved_after_all(stage: Stage) -> None:
    """A registry that changes its mind charges again, and says both."""
    for behaviour in ("pending", "reject_then_approve"):
        stage.books.misbehave(behaviour, command="domain:renew", argument=5)
    client = stage.client()
    assert stage.renew(client).code == 1001
    results = []
    for _ in range(2):
        stage.clock.pass_by(5)
        message = client.ask(epp.poll())
        results.append(message.one("//d:panData/d:name/@paResult"))
        client.ask(epp.acknowledge(message.one("//e:msgQ/@id")))
    stage.clock.pass_by(3600)
    assert (results, client.ask(epp.poll()).code) == (["0", "1"], 1300)
    assert (stage.expiry(), stage.amounts()) == (EXPIRY.replace(year=2028), [950, -950, 950])


def test_documents_may_be_asked_for_first(stage: Stage) -> None:
    """A registry may ask for documents before it decides; the name stays pending meanwhile."""
    for behaviour in ("pending", "document_then_approve"):
        stage.books.misbehave(behaviour, command="domain:renew", argument=5)
    client = stage.client()
    stage.renew(client)
    stage.clock.pass_by(5)
    notice = client.ask(epp.poll())
    assert (notice.one("//e:msgQ/e:msg"), stage.expiry()) == ("Documents are awaited.", EXPIRY)
    client.ask(epp.acknowledge(notice.one("//e:msgQ/@id")))
    stage.clock.pass_by(5)
    assert client.ask(epp.poll()).one("//d:panData/d:name/@paResult") == "1"


def test_a_verdict_falls_although_nobody_asks(stage: Stage) -> None:
    """The registry decides in its own time, without waiting for our next command."""
    stage.books.misbehave("reject", command="domain:transfer", argument=5)
    stage.client().ask(epp.transfer("moving.com", "2fooBAR"))
    stage.clock.pass_by(5)
    until(lambda: stage.amounts() == [980, -980])
