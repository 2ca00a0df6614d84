"""Changing a name at the sandbox registrar, in both of its dialects: what its own books show afterwards."""

import pytest

from adapters.sandbox.records import Contact as Card
from adapters.sandbox.records import Host
from registrar.commands import Contact, ContactRole, Handle, Kind, Nameserver, Update
from registrar.gateway import Changeable, Gateway, GatewayUnavailableError
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    RefusalReason,
    Refused,
    Unknown,
)
from registrar.secrets import Secret
from registrar.statuses import REGISTRAR_LOCK, Status
from tests.adapters.epp.calls import NAME, call_with
from tests.adapters.epp.house import ENDS, House

NS1, NS2, NS3 = (Nameserver(f"ns{number}.example.net") for number in (1, 2, 3))
INSIDE = Nameserver("ns1.example.test", ("192.0.2.1", "2001:db8::1"))
MOVE = Update(NAME, (NS2, NS3))
LOCK = Update(NAME, add_statuses=REGISTRAR_LOCK)
UNLOCK = Update(NAME, remove_statuses=REGISTRAR_LOCK)


@pytest.fixture
def gateway(house: House) -> Gateway:
    """Our gateway to a registrar where the name is ours, with two name servers and no lock."""
    delegation = [(server.host, ()) for server in (NS1, NS2)]
    house.books.add_domain(NAME.ascii, expires_at=ENDS, nameservers=delegation)
    with house.books.page() as page:
        for host, _ in delegation:
            roid = page.new_roid("H")
            page.save_host(Host(name=host, roid=roid, sponsor=page.client_id, created_at=page.now))
    return house.gateway()


def hosts(house: House) -> list[str]:
    domain = house.books.domain(NAME.ascii)
    assert domain is not None
    return sorted(host for host, _ in domain.nameservers)


def statuses(house: House) -> set[str]:
    domain = house.books.domain(NAME.ascii)
    assert domain is not None
    return set(domain.statuses) - {"ok"}


def codes(house: House) -> list[int | None]:
    return [code for _, code in house.journal("domain:update")]


def test_one_host_stays_and_another_takes_its_neighbours_place(house: House, gateway: Gateway) -> None:
    """A customer changes one of two name servers, and nothing is charged."""
    assert isinstance(gateway.execute(MOVE, call_with()), Done)
    assert hosts(house) == ["ns2.example.net", "ns3.example.net"]
    assert gateway.look(NAME, Kind.RENEW, call_with()).nameservers == ("ns2.example.net", "ns3.example.net")
    assert house.spent() == []


@pytest.mark.parametrize(
    "wanted",
    [
        (NS1, NS2),
        (NS2, NS1),
        (Nameserver("NS1.EXAMPLE.net"), Nameserver("ns2.example.net.")),
    ],
    ids=["the same", "another order", "upper case and a dot"],
)
def test_nothing_is_sent_where_nothing_differs(
    house: House, gateway: Gateway, wanted: tuple[Nameserver, ...]
) -> None:
    """A customer who asks for what there is already is told that it is done, and the registrar hears of no change."""
    assert isinstance(gateway.execute(Update(NAME, wanted), call_with()), Done)
    assert house.journal("domain:update") == house.journal("host:create") == []


def test_a_new_host_in_capitals_is_kept_in_its_normal_form(house: House, gateway: Gateway) -> None:
    """How a customer spells a host does not matter to the registry."""
    spelt = Nameserver("NS9.Example.NET.")
    assert isinstance(gateway.execute(Update(NAME, (NS1, spelt)), call_with()), Done)
    assert hosts(house) == ["ns1.example.net", "ns9.example.net"]


def test_a_name_serves_itself_and_is_taken_out_of_the_zone(house: House, gateway: Gateway) -> None:
    """A name gets a host of its own with its addresses, changes away from it, and ends without any."""
    for wanted, left in [
        ((INSIDE, NS1), ["ns1.example.net", "ns1.example.test"]),
        ((NS1,), ["ns1.example.net"]),
        ((), []),
    ]:
        assert isinstance(gateway.execute(Update(NAME, wanted), call_with()), Done)
        assert hosts(house) == left
    assert codes(house) == [1000, 1000, 1000]
    assert "inactive" in gateway.look(NAME, Kind.RENEW, call_with()).statuses


@pytest.mark.parametrize("loss", ["drop_reply", "garbage", "cut", "fail_after"])
def test_a_lost_answer_does_no_harm(house: House, gateway: Gateway, loss: str) -> None:
    """When the answer to a change was lost, asking for it again finds it made and sends nothing."""
    house.books.misbehave(loss, command="domain:update")
    assert isinstance(gateway.execute(MOVE, call_with()), Unknown)
    assert hosts(house) == ["ns2.example.net", "ns3.example.net"]
    assert isinstance(gateway.execute(MOVE, call_with()), Done)
    assert len(codes(house)) == 1


@pytest.mark.parametrize("loss", ["drop_request", "html", "closed"])
def test_a_lost_change_is_made_by_the_repeat(house: House, gateway: Gateway, loss: str) -> None:
    """When the change itself was lost, asking for it again makes it."""
    house.books.misbehave(loss, command="domain:update")
    assert isinstance(gateway.execute(MOVE, call_with()), Unknown)
    assert hosts(house) == ["ns1.example.net", "ns2.example.net"]
    assert isinstance(gateway.execute(MOVE, call_with()), Done)
    assert hosts(house) == ["ns2.example.net", "ns3.example.net"]


def test_a_repeat_after_a_look_that_lags_does_no_harm(house: House, gateway: Gateway) -> None:
    """Even if the registry still shows the old state, the repeat leaves what was wanted."""
    assert isinstance(gateway.execute(MOVE, call_with()), Done)
    house.books.misbehave("stale", command="domain:info")
    assert isinstance(gateway.execute(MOVE, call_with()), Done)
    assert hosts(house) == ["ns2.example.net", "ns3.example.net"]
    assert len(codes(house)) == 2


@pytest.mark.parametrize("loss", ["drop_reply", "drop_request", "garbage", "html", "cut"])
def test_a_lost_look_leaves_the_name_alone(house: House, gateway: Gateway, loss: str) -> None:
    """Without having seen the name we change nothing."""
    house.books.misbehave(loss, command="domain:info")
    assert isinstance(gateway.execute(MOVE, call_with()), NotSent)
    assert house.journal("domain:update") == house.journal("host:create") == []


def test_the_registrars_lock_is_set_and_removed(house: House, gateway: Gateway) -> None:
    """A locked name stays as it is until the lock is taken off, which the lock itself does not prevent."""
    for _ in range(2):
        assert isinstance(gateway.execute(LOCK, call_with()), Done)
        assert statuses(house) == set(REGISTRAR_LOCK)
    refused = gateway.execute(MOVE, call_with())
    assert isinstance(refused, Refused)
    assert refused.reason is RefusalReason.STATUS_PROHIBITS
    assert hosts(house) == ["ns1.example.net", "ns2.example.net"]
    for _ in range(2):
        assert isinstance(gateway.execute(UNLOCK, call_with()), Done)
        assert statuses(house) == set()
    assert codes(house) == [1000, 2304, 1000]


def test_a_name_is_unlocked_changed_and_held_in_one(house: House, gateway: Gateway) -> None:
    """Statuses and name servers change together, in one command."""
    gateway.execute(LOCK, call_with())
    both = Update(NAME, (NS3,), add_statuses=frozenset({Status.CLIENT_HOLD}), remove_statuses=REGISTRAR_LOCK)
    assert isinstance(gateway.execute(both, call_with()), Done)
    assert (hosts(house), statuses(house)) == (["ns3.example.net"], {"clientHold"})
    assert codes(house) == [1000, 1000]


def test_another_registrars_name_and_no_name_are_left_alone(house: House) -> None:
    """What is not ours, or not there, is not changed and not even asked to be."""
    gateway = house.gateway()
    missing = gateway.execute(MOVE, call_with())
    house.books.add_domain(NAME.ascii, expires_at=ENDS, sponsor="other")
    theirs = gateway.execute(MOVE, call_with())
    assert isinstance(missing, Refused)
    assert isinstance(theirs, Refused)
    assert (missing.reason, theirs.reason) == (RefusalReason.NOT_REGISTERED, RefusalReason.NOT_OURS)
    assert house.journal("domain:update") == house.journal("host:create") == []


def test_a_refusal_of_the_registry_has_its_reason(house: House, gateway: Gateway) -> None:
    """A registry that refuses a change is understood in both dialects."""
    house.books.misbehave("refuse", command="domain:update", argument="2001")
    fault = gateway.execute(MOVE, call_with())
    assert isinstance(fault, Blocked)
    assert fault.cause is BlockCause.REQUEST
    bare = gateway.execute(Update(NAME, (Nameserver("ns.example.test"),)), call_with())
    assert isinstance(bare, Correctable)
    assert bare.needs is Correction.NAMESERVERS


def test_a_lease_that_ran_out_changes_nothing(house: House, gateway: Gateway) -> None:
    """A change whose time is over is not sent: the registrar's journal does not know it."""
    assert isinstance(gateway.execute(MOVE, call_with(send_within=-1)), NotSent)
    assert house.journal("domain:update") == []


# Contacts, the auth code, and what a registry's lock is.

ANNA = Contact("anna", "Anna Planted", "planted@example.net", ("1 Planted Street",), "Plantedtown", "IR")
CODE = "planted-Code-9"


def people(house: House) -> set[tuple[str, str]]:
    domain = house.books.domain(NAME.ascii)
    assert domain is not None
    return set(domain.contacts)


@pytest.fixture
def staffed(house: House) -> Gateway:
    """Our gateway to a registrar where the name is ours and has contacts, two of them for one role."""
    contacts = [("registrant", "C-1"), ("admin", "C-1"), ("tech", "C-1"), ("tech", "C-2")]
    house.books.add_domain(NAME.ascii, expires_at=ENDS, contacts=contacts, auth_info=CODE)
    with house.books.page() as page:
        for contact_id in ("C-1", "C-2", "C-3"):
            roid = page.new_roid("C")
            page.save_contact(
                Card(id=contact_id, roid=roid, sponsor=page.client_id, created_at=page.now, card={})
            )
    return house.gateway()


def test_contacts_change_in_the_roles_that_are_stated(house: House, staffed: Gateway) -> None:
    """A name's contacts are made what they should be, a new one is created first, and other roles stay."""
    wanted = Update(
        NAME,
        contacts={ContactRole.REGISTRANT: ANNA, ContactRole.TECH: Handle("C-3"), ContactRole.BILLING: ANNA},
    )
    outcome = staffed.execute(wanted, call_with())
    if not house.dialect.contacts:
        assert isinstance(outcome, Blocked)
        assert Changeable.CONTACTS not in staffed.capabilities.updates
        return
    assert isinstance(outcome, Done)
    (created,) = {identifier for role, identifier in people(house) if role == "billing"}
    assert people(house) == {("registrant", created), ("admin", "C-1"), ("tech", "C-3"), ("billing", created)}
    assert "lanted" not in repr(outcome)
    assert staffed.look(NAME, Kind.RENEW, call_with()).contacts == {
        ContactRole.REGISTRANT: created,
        ContactRole.ADMIN: "C-1",
        ContactRole.TECH: "C-3",
        ContactRole.BILLING: created,
    }
    assert isinstance(staffed.execute(wanted, call_with()), Done)
    assert codes(house) == [1000]


def test_a_contact_that_stays_is_not_sent_again(house: House, staffed: Gateway) -> None:
    """Of two contacts in one role the wanted one stays and the other goes."""
    outcome = staffed.execute(Update(NAME, contacts={ContactRole.TECH: Handle("C-2")}), call_with())
    if house.dialect.contacts:
        assert isinstance(outcome, Done)
        assert people(house) == {("registrant", "C-1"), ("admin", "C-1"), ("tech", "C-2")}


def test_a_contact_that_is_not_there_changes_nothing(house: House, staffed: Gateway) -> None:
    """A contact that the registry does not know is in doubt where it does not name it, and nothing has changed."""
    before = people(house)
    outcome = staffed.execute(Update(NAME, contacts={ContactRole.ADMIN: Handle("C-404")}), call_with())
    assert type(outcome) is (Unknown if house.dialect.contacts else Blocked)
    assert people(house) == before


def test_an_auth_code_is_set_read_and_cleared(house: House, staffed: Gateway) -> None:
    """A name's auth code is read, replaced, and taken away; it stands in no record of ours."""
    assert staffed.auth_info(NAME, call_with()) == Secret(CODE)
    for code in ("planted-Other-8", ""):
        outcome = staffed.execute(Update(NAME, auth_info=Secret(code)), call_with())
        assert isinstance(outcome, Done)
        assert "planted" not in repr(outcome)
        domain = house.books.domain(NAME.ascii)
        assert domain is not None
        assert domain.auth_info == code
        assert staffed.auth_info(NAME, call_with()) == (Secret(code) if code else None)
    assert "planted" not in repr(staffed.look(NAME, Kind.RENEW, call_with()))


def test_an_auth_code_that_is_too_weak_is_sent_back(house: House, staffed: Gateway) -> None:
    """A registry that wants a better auth code says so, and the old one stays."""
    house.books.misbehave("refuse", command="domain:update", argument="2202")
    outcome = staffed.execute(Update(NAME, auth_info=Secret("weak")), call_with())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.AUTH_INFO


def test_another_registrars_auth_code_is_not_shown(house: House, staffed: Gateway) -> None:
    """The auth code of a name that is not ours, or not there, is not told."""
    assert house.gateway(username="other").auth_info(NAME, call_with()) is None
    house.books.misbehave("refuse", command="domain:info", argument="2400")
    with pytest.raises(GatewayUnavailableError, match="2400"):
        staffed.auth_info(NAME, call_with())


def test_the_lock_is_what_the_registry_knows_as_one(house: House, gateway: Gateway) -> None:
    """Where a registry's lock has two statuses, the third is not asked for, and unlocking takes off the two."""
    two = {Status.CLIENT_TRANSFER_PROHIBITED, Status.CLIENT_UPDATE_PROHIBITED}
    smaller = house.gateway(lock_statuses=frozenset(two))
    for _ in range(2):
        assert isinstance(smaller.execute(LOCK, call_with()), Done)
        assert statuses(house) == two
    assert isinstance(smaller.execute(UNLOCK, call_with()), Done)
    assert (statuses(house), codes(house)) == (set(), [1000, 1000])


def test_a_names_signers_are_seen(house: House) -> None:
    """A look shows by which keys a name is signed, where the registry shows them."""
    record = ["12345", "13", "2", "A1B2C3D4"]
    house.books.add_domain(NAME.ascii, expires_at=ENDS, detail={"ds": [record]})
    seen = house.gateway().look(NAME, Kind.RENEW, call_with())
    shown = "urn:ietf:params:xml:ns:secDNS-1.1" in house.dialect.extensions
    assert seen.ds_records == ((" ".join(record),) if shown else ())
