"""What goes over the wire for a registration, a transfer and a restore?"""

from collections.abc import Callable

import pytest

from registrar.commands import ContactRole, Handle, Nameserver
from registrar.gateway import Gateway
from registrar.names import DomainName
from registrar.outcomes import Blocked, Correctable, Correction, Done, Pending, RefusalReason, Refused
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import ScriptedApi, answers


def test_a_registration_says_everything_once(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A registration names the term in years, the handles of each role and the servers, and leaves autorenew off."""
    answer = {
        "id": 4711,
        "status": "ACT",
        "activation_date": "2026-11-22 09:30:00",
        "expiration_date": "2027-12-22 09:30:00",
        "renewal_date": "2027-11-22 09:30:00",
        "auth_code": house.AUTH_CODE,
    }
    api.on("POST /domains", answers(answer))
    servers = (Nameserver("ns1.example.com", ("192.0.2.1", "2001:db8::1")), Nameserver("ns2.example.net"))
    outcome = gateway.execute(house.register(months=24, nameservers=servers, privacy=True), call())
    assert isinstance(outcome, Done)
    assert outcome.registry_id == "4711"
    assert (outcome.expiry, outcome.renew_by) == (
        house.at("2027-12-22 09:30:00"),
        house.at("2027-11-22 09:30:00"),
    )
    (sent,) = api.asked("POST /domains")
    assert sent.content == {
        "domain": {"name": "example", "extension": "com"},
        "period": 2,
        "autorenew": "off",
        "owner_handle": house.HANDLE,
        "admin_handle": house.HANDLE,
        "tech_handle": house.HANDLE,
        "name_servers": [
            {"name": "ns1.example.com", "seq_nr": 1, "ip": "192.0.2.1", "ip6": "2001:db8::1"},
            {"name": "ns2.example.net", "seq_nr": 2},
        ],
        "is_private_whois_enabled": True,
    }


def test_handles_are_used_as_they_are(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """Each role gets the handle that the customer named; who is not named is the registrant."""
    api.on("POST /domains", answers({"id": 4711, "status": "REQ"}))
    contacts = {ContactRole.REGISTRANT: Handle("A-1"), ContactRole.TECH: Handle("B-2")}
    assert isinstance(gateway.execute(house.register(contacts=contacts), call()), Pending)
    (sent,) = api.asked("POST /domains")
    assert {key: value for key, value in sent.content.items() if key.endswith("_handle")} == {
        "owner_handle": "A-1",
        "admin_handle": "A-1",
        "tech_handle": "B-2",
    }
    assert api.told() == ["POST /domains"]


def test_an_internationalized_name_travels_as_a_labels_with_its_script(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A name in another script goes out in the form that registries keep, with the table it was ordered in."""
    api.on("POST /domains", answers({"id": 4711, "status": "REQ"}))
    name = DomainName.parse("bücher.com", zones={"com"})
    gateway.execute(house.register(domain=name, idn_table="GER"), call())
    (sent,) = api.asked("POST /domains")
    assert sent.content["domain"] == {"name": "xn--bcher-kva", "extension": "com"}
    assert sent.content["additional_data"] == {"idn_script": "GER"}


def test_the_configured_group_stands_in_for_servers(
    connect: Callable[..., Gateway], api: ScriptedApi, call: Calls
) -> None:
    """A registration without name servers takes the group that is configured."""
    api.on("POST /domains", answers({"id": 4711, "status": "REQ"}))
    connect(api.url, ns_group="ours").execute(house.register(nameservers=()), call())
    (sent,) = api.asked("POST /domains")
    assert sent.content["ns_group"] == "ours"
    assert "name_servers" not in sent.content


def test_no_servers_and_no_group_is_the_customers_to_correct(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A registration that no server is named for is not sent."""
    outcome = gateway.execute(house.register(nameservers=()), call())
    assert isinstance(outcome, Correctable)
    assert outcome.needs is Correction.NAMESERVERS
    assert api.requests == []


def test_no_registrant_is_the_customers_to_correct(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """An order without a registrant is not sent."""
    for order in (house.register(contacts={}), house.transfer(contacts={})):
        outcome = gateway.execute(order, call())
        assert isinstance(outcome, Correctable)
        assert outcome.needs is Correction.CONTACTS
    assert api.requests == []


def test_two_addresses_of_one_family_cannot_be_said(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A server with more addresses than Openprovider has fields for is not quietly cut short."""
    server = Nameserver("ns1.example.com", ("192.0.2.1", "192.0.2.2"))
    assert isinstance(gateway.execute(house.register(nameservers=(server,)), call()), Blocked)
    assert api.requests == []


@pytest.mark.parametrize("servers", [(), house.SERVERS])
def test_a_transfer_carries_its_code_and_servers_only_where_named(
    gateway: Gateway, api: ScriptedApi, call: Calls, servers: tuple[Nameserver, ...]
) -> None:
    """A transfer names the code and the contacts; without servers those of the name stay."""
    api.on("POST /domains/transfer", answers({"id": 4711, "status": "REQ"}))
    outcome = gateway.execute(house.transfer(nameservers=servers), call())
    assert isinstance(outcome, Pending)
    assert outcome.registry_id == "4711"
    (sent,) = api.asked("POST /domains/transfer")
    assert sent.content["auth_code"] == house.AUTH_CODE
    assert sent.content["autorenew"] == "off"
    assert ("name_servers" in sent.content) == bool(servers)


def test_a_restore_is_addressed_by_the_names_id(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A restore goes to the record that Openprovider keeps of the deleted name."""
    house.has(api, house.details("DEL"))
    api.on("POST /domains/#/restore", answers({"status": "RRQ"}))
    assert isinstance(gateway.execute(house.restore(), call()), Pending)
    (sent,) = api.asked("POST /domains/#/restore")
    assert sent.path == "/domains/4711/restore"


def test_a_restore_of_a_name_that_is_not_here_is_not_sent(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A name that our account does not know cannot be restored by us, and a look says whose it is."""
    house.has_not(api)
    outcome = gateway.execute(house.restore(), call())
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.confirm) == (RefusalReason.NOT_OURS, True)
