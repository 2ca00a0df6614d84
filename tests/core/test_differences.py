"""What an update comes to, once it is known how the name is."""

import pytest

from registrar.commands import Nameserver, Update
from registrar.differences import AddressConflictError, Difference, difference
from registrar.names import DomainName
from registrar.statuses import CLIENT_STATUSES, REGISTRAR_LOCK, Status

NAME = DomainName("example.test", "test")
NS1, NS2, NS3 = (Nameserver(f"ns{number}.example.net") for number in (1, 2, 3))
HOLD = frozenset({Status.CLIENT_HOLD})


def compared(
    *wanted: Nameserver, shown: tuple[Nameserver, ...] = (NS1, NS2), statuses: tuple[str, ...] = ("ok",)
) -> Difference:
    return difference(Update(NAME, wanted), nameservers=shown, statuses=statuses)


@pytest.mark.parametrize(
    "wanted",
    [
        (NS1, NS2),
        (NS2, NS1),
        (NS1, NS2, NS1),
        (Nameserver("NS1.Example.NET."), Nameserver("ns2.example.net.")),
        (Nameserver("ns1.example.net", ("192.0.2.1",)), NS2),
    ],
    ids=["the same", "another order", "twice", "upper case and a dot", "an address that is not shown"],
)
def test_a_name_that_is_what_it_should_be_needs_nothing(wanted: tuple[Nameserver, ...]) -> None:
    """Name servers are the same in any order and spelling."""
    assert compared(*wanted).is_empty


def test_a_host_that_stays_is_not_touched() -> None:
    """Changing one of two name servers leaves the other where it is."""
    assert compared(NS2, NS3) == Difference((NS3,), (NS1,))


def test_what_is_taken_away_is_called_as_the_registry_calls_it() -> None:
    """A registry that writes hosts in its own way hears of them in that way, and of each once."""
    as_written = Nameserver("NS1.Example.net.", ("192.0.2.1",))
    assert compared(NS2, shown=(as_written, NS1, NS2)) == Difference((), (as_written,))


def test_what_is_added_is_in_its_normal_form() -> None:
    """A host that the customer wrote in capitals, or in Persian, reaches the registry as it keeps it."""
    wanted = (NS1, NS2, Nameserver("NS9.Example.Net.", ("192.0.2.9",)), Nameserver("ns1.مثال.ایران"))
    added = compared(*wanted).add_nameservers
    assert added == (
        Nameserver("ns9.example.net", ("192.0.2.9",)),
        Nameserver("ns1.xn--mgbh0fb.xn--mgba3a4f16a"),
    )


def test_a_host_that_we_would_not_take_still_compares() -> None:
    """A name server that was set elsewhere and that we find odd is neither removed nor added again."""
    odd = Nameserver("ns_1.example.net")
    assert compared(Nameserver("NS_1.example.net"), shown=(odd,)).is_empty


def test_none_leaves_the_delegation_and_an_empty_one_ends_it() -> None:
    """Saying nothing about name servers is not the same as wanting none."""
    assert difference(Update(NAME), nameservers=(NS1,), statuses=()).is_empty
    assert compared(shown=(NS1, NS2)) == Difference((), (NS1, NS2))
    assert compared(NS1, shown=()) == Difference((NS1,), ())


def test_only_statuses_that_differ_are_sent() -> None:
    """A lock that is half on is completed, and what is gone already is not taken away again."""
    update = Update(NAME, add_statuses=REGISTRAR_LOCK, remove_statuses=HOLD)
    found = difference(update, nameservers=(NS1,), statuses=("clientTransferProhibited", "serverHold"))
    assert found.add_statuses == REGISTRAR_LOCK - {Status.CLIENT_TRANSFER_PROHIBITED}
    assert (found.remove_statuses, found.add_nameservers, found.remove_nameservers) == (frozenset(), (), ())
    locked = difference(update, nameservers=(), statuses=[*REGISTRAR_LOCK, "clientHold"])
    assert locked == Difference(remove_statuses=HOLD)
    assert [type(status) for status in locked.remove_statuses] == [Status]


@pytest.mark.parametrize("again", ["2001:DB8:0::1", "2001:db8::1"])
def test_an_address_has_many_spellings(again: str) -> None:
    """The same address written in another way is the same address."""
    there = Nameserver("ns1.example.test", ("2001:db8::1", "192.0.2.1"))
    assert compared(Nameserver("ns1.example.test", ("192.0.2.1", again)), shown=(there,)).is_empty


def test_another_address_for_a_host_that_stays_is_not_passed_over() -> None:
    """Nobody is told that an address was changed when it was not."""
    there = Nameserver("ns1.example.test", ("192.0.2.1",))
    with pytest.raises(AddressConflictError, match=r"ns1\.example\.test"):
        compared(Nameserver("NS1.example.test", ("192.0.2.2",)), shown=(there,))


@pytest.mark.parametrize("status", sorted(set(Status) - CLIENT_STATUSES))
def test_what_only_the_registry_sets_cannot_be_asked_for(status: Status) -> None:
    """A status that is not ours to set is refused where the update is made."""
    with pytest.raises(ValueError, match=status.value):
        Update(NAME, add_statuses=frozenset({status}))
    with pytest.raises(ValueError, match=status.value):
        Update(NAME, remove_statuses=frozenset({status}))


def test_one_status_cannot_be_wanted_and_not_wanted() -> None:
    """An update that contradicts itself is refused where it is made."""
    with pytest.raises(ValueError, match="clientHold"):
        Update(NAME, add_statuses=HOLD, remove_statuses=HOLD)
