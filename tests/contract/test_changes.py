"""What may be changed for nothing? What is declared, as a difference, as often as one likes; and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registrar.commands import (
    AnswerTransfer,
    ContactRole,
    CreateContact,
    Delete,
    Errand,
    Handle,
    HolderType,
    Identity,
    TransferAnswer,
    Update,
    UpdateContact,
)
from registrar.gateway import Changeable, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, Done, NotSent, Pending, Unknown
from registrar.secrets import Secret
from registrar.statuses import Status
from tests.contract.far_side import OTHER_SERVERS, PERSON, SERVERS, FarSide, call_with

CHANGES: Mapping[Changeable, Mapping[str, Any]] = {
    Changeable.NAMESERVERS: {"nameservers": OTHER_SERVERS},
    Changeable.STATUSES: {"add_statuses": frozenset({Status.CLIENT_TRANSFER_PROHIBITED})},
    Changeable.CONTACTS: {"contacts": {ContactRole.TECH: PERSON}},
    Changeable.AUTH_INFO: {"auth_info": Secret("Planted-new-c0de7")},
}
"""A change of each; which contacts a registrar takes differs, so those that are to be done are its own."""
ERRANDS: Mapping[type, Callable[[DomainName], Errand]] = {
    Delete: Delete,
    AnswerTransfer: lambda name: AnswerTransfer(name, TransferAnswer.CANCEL),
    CreateContact: lambda _: CreateContact(PERSON, Identity(HolderType.PERSON, number=Secret("0012345679"))),
    UpdateContact: lambda _: UpdateContact(Handle("C-1"), PERSON),
}
"""Each errand, for registrars that do not run it."""


def change(far: FarSide, part: Changeable) -> Mapping[str, Any]:
    """Return what an update changes of a part."""
    return {"contacts": far.new_contacts()} if part is Changeable.CONTACTS else CHANGES[part]


@pytest.mark.parametrize("part", list(Changeable))
def test_what_is_declared_can_be_changed_and_nothing_else(far: FarSide, part: Changeable) -> None:
    """A change that is declared is made, for nothing, and again without harm; another is held for staff and not sent."""
    name = far.named("ours")
    far.add(name)
    if part not in far.capabilities.updates:
        assert_held_back(far, Update(name, **CHANGES[part]))
        return
    update = Update(name, **change(far, part))
    for _ in range(2):
        outcome = far.execute(update)
        assert isinstance(outcome, Done | Pending), outcome
    assert far.charges() == []


def assert_held_back(far: FarSide, errand: Errand) -> None:
    """See that our side stops it, before anything is sent."""
    before = far.journal()
    outcome = far.execute(errand)
    assert isinstance(outcome, Blocked), outcome
    assert outcome.cause is BlockCause.REQUEST
    assert far.journal() == before


def test_an_update_that_changes_nothing_sends_nothing(far: FarSide) -> None:
    """A name that is already what it should be is looked at, and left alone."""
    name = far.named("ours")
    far.add(name)
    outcome = far.execute(Update(name, nameservers=SERVERS))
    assert isinstance(outcome, Done), outcome
    assert far.journal("domain:update") == []


def test_an_update_ends_where_it_should(far: FarSide) -> None:
    """After a change of name servers the name has those that were stated, and no others."""
    name = far.named("ours")
    far.add(name)
    outcome = far.execute(Update(name, nameservers=OTHER_SERVERS))
    assert isinstance(outcome, Done | Pending), outcome
    assert set(far.look(name).nameservers) == {server.host for server in OTHER_SERVERS}
    assert len(far.journal("domain:update")) == 1


def test_an_update_whose_look_fails_is_not_sent(far: FarSide) -> None:
    """When we cannot see what the name is like, nothing is changed and nothing is in doubt."""
    name = far.named("ours")
    far.add(name)
    far.look(name)
    far.books.misbehave("drop_reply", times=1000)
    outcome = far.execute(Update(name, nameservers=OTHER_SERVERS))
    assert isinstance(outcome, NotSent), outcome
    assert far.journal("domain:update") == []


def test_an_update_whose_lease_ran_out_is_not_sent(far: FarSide) -> None:
    """A change is held to its lease as an order is."""
    name = far.named("ours")
    far.add(name)
    outcome = far.execute(Update(name, nameservers=OTHER_SERVERS), call_with(expired=True))
    assert isinstance(outcome, NotSent), outcome
    assert far.journal("domain:update") == []


def test_an_update_whose_answer_is_lost_may_be_sent_again(far: FarSide) -> None:
    """A change whose answer was lost is in doubt, and sent again it finds itself done or does it once more."""
    name = far.named("ours")
    far.add(name)
    far.books.misbehave("drop_reply", command="domain:update")
    update = Update(name, nameservers=OTHER_SERVERS)
    outcome = far.execute(update)
    assert isinstance(outcome, Unknown), outcome
    again = far.execute(update)
    assert isinstance(again, Done | Pending), again
    assert set(far.look(name).nameservers) == {server.host for server in OTHER_SERVERS}


@pytest.mark.parametrize("errand", list(ERRANDS), ids=[errand.__name__ for errand in ERRANDS])
def test_what_is_declared_is_run_and_nothing_else(far: FarSide, errand: type) -> None:
    """An errand that is declared is run for nothing, again too; another is held for staff, and nothing is sent."""
    if errand not in far.capabilities.errands:
        assert_held_back(far, ERRANDS[errand](far.named("ours")))
        return
    ready = far.errand(errand)
    before = len(far.charges())
    outcome = far.execute(ready)
    assert isinstance(outcome, Done | Pending), outcome
    far.execute(ready)
    spent = far.charges()[before:]
    assert all(charge.refund_of is not None for charge in spent)


def test_a_deleted_name_is_given_up(far: FarSide) -> None:
    """A name that was given up is not held any more as it was: free, in redemption, or on its way there."""
    far.needs(Delete in far.capabilities.errands, "Delete")
    ready = far.errand(Delete)
    outcome = far.execute(ready)
    assert isinstance(outcome, Done | Pending), outcome
    assert isinstance(ready, Delete)
    if isinstance(outcome, Done):
        seen = far.look(ready.domain)
        assert seen.standing is Standing.FREE or seen.restorable or "pendingDelete" in seen.statuses, seen
