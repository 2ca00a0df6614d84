"""Is what an adapter declares true to what it does? The core takes orders by these declarations alone."""

from dataclasses import replace
from datetime import timedelta

from registrar.commands import (
    AnswerTransfer,
    ChangeHolder,
    Command,
    ContactRole,
    Expiry,
    Handle,
    Kind,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
    Update,
)
from registrar.gateway import Changeable, Gateway, Guard, describe
from registrar.outcomes import BlockCause, Blocked, Correctable, Done, Pending
from registrar.secrets import Secret
from registrar.statuses import CLIENT_STATUSES
from tests.contract.far_side import AUTH_CODE, ENDS, SERVERS, FarSide, bounded, call_with

SIXTH_OF_A_YEAR = 2
"""A term in months that no registrar here sells, of anything."""


def test_the_kinds_are_those_that_are_tried(far: FarSide) -> None:
    """What can be ordered is what this suite tries, each kind with its guard, within limits that make sense."""
    told = far.capabilities
    assert told.kinds == set(far.kinds)
    assert set(told.guards) == set(far.kinds)
    assert isinstance(far.gateway, Gateway)
    assert told.can_look
    assert timedelta(0) < told.look_gap
    assert timedelta(0) < told.late_limit <= told.long_look


def test_what_is_not_declared_is_not_sent(far: FarSide) -> None:
    """An order of a kind that is not declared is held for staff, and nothing is sent."""
    name, expiry = far.named("example"), Expiry(ENDS, ENDS.isoformat())
    samples: dict[Kind, Command] = {
        Kind.TRANSFER: Transfer(name, 12, Secret(AUTH_CODE)),
        Kind.RESTORE: Restore(name, 0),
        Kind.RENEW_ELSEWHERE: Renew(name, 12, expiry, elsewhere=True),
        Kind.CHANGE_HOLDER: ChangeHolder(name, {ContactRole.REGISTRANT: Handle("ab123-irnic")}),
    }
    for kind, command in samples.items():
        if kind not in far.kinds:
            outcome = far.execute(command)
            assert isinstance(outcome, Blocked), outcome
            assert outcome.cause is BlockCause.REQUEST
    assert far.journal() == []


def test_a_term_that_is_not_sold_is_not_sent(far: FarSide) -> None:
    """An order for a term that is not declared is held for staff before anything leaves."""
    name = far.named("example")
    commands = (
        Register(name, SIXTH_OF_A_YEAR, contacts=far.people(), nameservers=SERVERS),
        Renew(name, SIXTH_OF_A_YEAR, Expiry(ENDS, ENDS.isoformat())),
    )
    for command in commands:
        assert SIXTH_OF_A_YEAR not in far.capabilities.months[command.kind]
        outcome = far.execute(command)
        assert isinstance(outcome, Blocked), outcome
        assert outcome.cause is BlockCause.REQUEST
    assert far.journal() == []


def test_too_many_name_servers_are_not_sent(far: FarSide) -> None:
    """A registration with more name servers than are declared stops before the name is ordered; with so many it goes."""
    most = far.capabilities.max_nameservers
    servers = tuple(Nameserver(f"ns{number}.example.net") for number in range(most + 1))
    name = far.named("example")
    outcome = far.execute(Register(name, 12, contacts=far.people(), nameservers=servers))
    assert isinstance(outcome, Correctable | Blocked), outcome
    assert far.spending(Kind.REGISTER) == []
    outcome = far.execute(Register(name, 12, contacts=far.people(), nameservers=servers[:most]))
    assert isinstance(outcome, Done | Pending), outcome


def test_a_missing_contact_is_the_customers_to_name(far: FarSide) -> None:
    """A registration without a contact that is declared to be needed is not ordered."""
    far.needs(far.capabilities.contact_roles, "contacts")
    for role in far.capabilities.contact_roles:
        people = {here: person for here, person in far.people().items() if here is not role}
        outcome = far.execute(Register(far.named("example"), 12, contacts=people, nameservers=SERVERS))
        assert isinstance(outcome, Correctable | Blocked), outcome
    assert far.spending(Kind.REGISTER) == []


def test_a_hidden_holder_is_declared(far: FarSide) -> None:
    """A registration with its holder hidden is carried out where that is declared, and not sent where it is not."""
    name = far.named("example")
    outcome = far.execute(Register(name, 12, contacts=far.people(), nameservers=SERVERS, privacy=True))
    if far.capabilities.privacy:
        assert isinstance(outcome, Done | Pending), outcome
        return
    assert isinstance(outcome, Blocked), outcome
    assert outcome.cause is BlockCause.REQUEST
    assert far.spending(Kind.REGISTER) == []


def test_an_internationalized_name_names_its_table(far: FarSide) -> None:
    """Where tables are declared, a name in another script is not ordered without one of them."""
    far.needs(far.idn_tables, "tables")
    gateway = far.connect(idn_tables=sorted(far.idn_tables))
    assert gateway.capabilities.idn_tables == far.idn_tables
    for table in (None, "no-such-table"):
        command = Register(
            far.named("xn--bcher-kva"), 12, contacts=far.people(), nameservers=SERVERS, idn_table=table
        )
        outcome = far.execute(command, by=gateway)
        assert isinstance(outcome, Correctable | Blocked), outcome
    assert far.spending(Kind.REGISTER) == []


def test_the_statuses_are_those_that_can_be_set(far: FarSide) -> None:
    """A client status that is declared can be set and taken away again; another is held for staff, and not sent."""
    told = far.capabilities.statuses
    assert bool(told) is (Changeable.STATUSES in far.capabilities.updates)
    for status in sorted(CLIENT_STATUSES):
        name = far.named(f"with-{status.lower()}")
        far.add(name)
        before = far.journal()
        outcome = far.execute(Update(name, add_statuses=frozenset({status})))
        if status in told:
            assert isinstance(outcome, Done | Pending), (status, outcome)
            assert status in far.look(name).statuses
            outcome = far.execute(Update(name, remove_statuses=frozenset({status})))
            assert isinstance(outcome, Done | Pending), (status, outcome)
            assert status not in far.look(name).statuses
        else:
            assert isinstance(outcome, Blocked), (status, outcome)
            assert outcome.cause is BlockCause.REQUEST
            assert far.journal() == before


def test_the_answers_to_a_transfer_are_those_that_can_be_given(far: FarSide) -> None:
    """An answer to a transfer that is not declared is held for staff, and nothing is sent."""
    told = far.capabilities.answers
    assert bool(told) is (AnswerTransfer in far.capabilities.errands)
    name = far.named("leaving")
    far.add(name)
    for answer in set(TransferAnswer) - told:
        outcome = far.execute(AnswerTransfer(name, answer))
        assert isinstance(outcome, Blocked), (answer, outcome)
        assert outcome.cause is BlockCause.REQUEST
    assert far.journal() == []


def test_an_auth_code_is_needed_where_it_is_declared(far: FarSide) -> None:
    """A transfer without its auth code is not carried out where one is declared to be needed."""
    far.needs(Kind.TRANSFER in far.kinds and far.capabilities.transfer_needs_auth_info, "transfer")
    trial = far.trial(Kind.TRANSFER)
    command = trial.command
    assert isinstance(command, Transfer)
    outcome = far.execute(Transfer(command.domain, 12, Secret(""), contacts=command.contacts))
    assert not isinstance(outcome, Done), outcome


def test_an_auth_code_is_read_where_it_is_declared(far: FarSide) -> None:
    """The auth code of a name of ours is told where that is declared, and as a secret; elsewhere none is."""
    name = far.named("ours")
    far.add(name, auth_info=AUTH_CODE)
    code = bounded(lambda: far.gateway.auth_info(name, call_with()))
    if far.capabilities.reads_auth_info:
        assert code == Secret(AUTH_CODE)
    else:
        assert code is None


def test_an_inspection_tells_what_is_declared(far: FarSide) -> None:
    """Staff read in an inspection at least what is declared; the deposit is told where it is reported. It spends nothing."""
    told = bounded(lambda: far.gateway.inspect(call_with()))
    for subject, words in describe(far.capabilities).items():
        assert subject in told
        if subject != "deposit" or not far.capabilities.reports_deposit:
            assert told[subject] == words
    assert far.charges() == []
    assert isinstance(far.gateway.warnings(), tuple)


def test_a_guard_of_the_expiry_refuses_another_one(far: FarSide) -> None:
    """Where the current expiry is the guard, a renewal from another year's expiry buys nothing."""
    far.needs(far.capabilities.guards[Kind.RENEW] is Guard.CURRENT_EXPIRY, "expiry guard")
    trial = far.trial(Kind.RENEW)
    with far.books.page() as page:
        entry = page.domain(trial.name)
        assert entry is not None
        page.seed(replace(entry, expires_at=ENDS + timedelta(days=365)))
    outcome = far.execute(trial.command)
    assert not isinstance(outcome, Done | Pending), outcome
    assert far.charges() == []
