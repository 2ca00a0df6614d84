"""May staff act on a name at its registrar? With a ticket, where it is, as far as the registrar can, and never in silence."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from adapters.terminal import options
from adapters.terminal.errands import judge
from registrar import holds
from registrar.commands import AnswerTransfer, Delete, Errand, Kind, Nameserver, TransferAnswer, Update
from registrar.errands import AUTH_CODE_LETTERS, fresh_auth_code
from registrar.gateway import Capabilities, Changeable
from registrar.models import Domain, Event
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)
from registrar.statuses import CLIENT_STATUSES, REGISTRAR_LOCK, Status
from tests.databases import ON_ONE_DATABASE
from tests.desks import CAN, MINUTE, START, TERMS
from tests.terminal.conftest import Terminal

ABLE = replace(
    CAN,
    updates=frozenset({Changeable.NAMESERVERS, Changeable.STATUSES, Changeable.AUTH_INFO}),
    errands=frozenset({Delete, AnswerTransfer}),
    statuses=CLIENT_STATUSES,
    answers=frozenset(TransferAnswer),
    reads_auth_info=True,
)
ACTS = {
    "lock": (),
    "unlock": (),
    "nameservers": ("ns1.example.net",),
    "auth-code": ("--new", "--yes"),
    "delete": ("--yes",),
    "approve-transfer": ("--yes",),
    "reject-transfer": ("--yes",),
    "cancel-transfer": ("--yes",),
}
TICKET = ("--ticket", "T-7")


def able(terminal: Terminal, can: Capabilities = ABLE) -> Terminal:
    """Give every registrar these capabilities."""
    terms = dict.fromkeys(("epp", "irnic"), replace(TERMS, capabilities=can))
    desk = replace(terminal.shop.desk, terms=terms)
    return Terminal(replace(terminal.shop, desk=desk), terminal.started)


def answering(terminal: Terminal, outcome: Outcome, errand: type = Update) -> Terminal:
    """Let errands of a type come to this."""
    terminal.shop.registrars.answers[errand] = outcome
    return able(terminal)


def knows(terminal: Terminal, name: str, registrar: str) -> None:
    """Put a name into our books, at a registrar."""
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name=name, zone=name.partition(".")[2], customer="c-42", registrar=registrar
            )
        )


def events(terminal: Terminal) -> list[dict[str, Any]]:
    """Tell what was written down, in order."""
    with terminal.shop.desk.database.reading() as connection:
        query = select(Event.kind, Event.subject, Event.actor, Event.ticket, Event.evidence)
        return [dict(row._mapping) for row in connection.execute(query.order_by(Event.id))]


def ran(terminal: Terminal) -> list[tuple[str, Errand]]:
    """Tell which errands were run, and where."""
    return terminal.shop.registrars.errands


def test_a_name_is_locked_and_unlocked(terminal: Terminal) -> None:
    """The registrar's lock goes on and off as a whole, and what it came to is told."""
    told = able(terminal).json("domains", "lock", "MINA.com.", *TICKET)
    assert (told["domain"], told["registrar"], told["asked"]) == ("mina.com", "epp", "lock")
    assert told["statuses"] == sorted(REGISTRAR_LOCK)
    assert (told["outcome"], told["text"], told["result_code"]) == ("done", "done", "1000")
    assert able(terminal).json("domains", "unlock", "mina.com", *TICKET)["asked"] == "unlock"
    [(_, lock), (_, unlock)] = ran(terminal)
    assert isinstance(lock, Update)
    assert isinstance(unlock, Update)
    assert (lock.add_statuses, lock.remove_statuses) == (REGISTRAR_LOCK, frozenset())
    assert (unlock.add_statuses, unlock.remove_statuses) == (frozenset(), REGISTRAR_LOCK)


def test_a_registrar_with_a_smaller_lock_gets_that(terminal: Terminal) -> None:
    """Where a registrar knows but one prohibition, that one is set, and it is told that it is only that one."""
    small = able(terminal, replace(ABLE, statuses=frozenset({Status.CLIENT_TRANSFER_PROHIBITED})))
    told = small.json("domains", "lock", "mina.com", *TICKET)
    assert (told["statuses"], told["outcome"]) == (["clientTransferProhibited"], "done")
    assert small.json("domains", "unlock", "mina.com", *TICKET)["statuses"] == ["clientTransferProhibited"]
    assert len(ran(terminal)) == 2


def test_a_registrar_that_only_cancels_is_not_asked_to_approve(terminal: Terminal) -> None:
    """What a registrar cannot say of a transfer is refused before anything is asked or sent."""
    cancels = able(terminal, replace(ABLE, answers=frozenset({TransferAnswer.CANCEL})))
    refused = cancels.call("domains", "approve-transfer", "mina.com", *TICKET, "--yes")
    assert refused.exit_code == 1
    assert "cannot approve a transfer" in refused.stderr
    assert ran(terminal) == []


def test_name_servers_are_set_as_a_whole(terminal: Terminal) -> None:
    """The servers that a name should have are read in any spelling, with addresses where they lie in the name itself."""
    hosts = ("NS1.example.net.", "ns2.mina.com=192.0.2.1,2001:DB8::0:1")
    told = able(terminal).json("domains", "nameservers", "mina.com", *hosts, *TICKET)
    assert told["nameservers"] == ["ns1.example.net", "ns2.mina.com"]
    [(registrar, update)] = ran(terminal)
    assert registrar == "epp"
    assert isinstance(update, Update)
    assert update.nameservers == (
        Nameserver("ns1.example.net"),
        Nameserver("ns2.mina.com", ("192.0.2.1", "2001:db8::1")),
    )


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    "hosts",
    [
        (),
        ("ns1",),
        ("https://ns1.example.net",),
        ("192.0.2.1",),
        ("ns1.mina.com=here",),
        ("ns1.example.net", "NS1.example.net."),
    ],
)
def test_name_servers_with_a_fault_are_not_sent(terminal: Terminal, hosts: tuple[str, ...]) -> None:
    """A host that is none, or stands there twice, is told, and nothing is sent."""
    refused = able(terminal).call("domains", "nameservers", "mina.com", *hosts, *TICKET)
    assert (refused.exit_code, ran(terminal), events(terminal)) == (2, [], [])


def test_more_name_servers_than_the_registrar_takes_are_not_sent(terminal: Terminal) -> None:
    """A registrar that takes five name servers is not sent six."""
    hosts = [f"ns{number}.example.net" for number in range(6)]
    few = able(terminal, replace(ABLE, max_nameservers=5))
    refused = few.call("domains", "nameservers", "mina.com", *hosts, *TICKET, "--json")
    assert (refused.exit_code, ran(terminal)) == (1, [])
    assert json.loads(refused.stderr)["error"]["code"] == "too_many_nameservers"


def test_an_auth_code_is_shown_once_and_kept_nowhere(terminal: Terminal) -> None:
    """The auth code is on stdout and nowhere else; that it was shown, to whom and why, is written down."""
    terminal.shop.registrars.names["mina.com"] = START
    shown = able(terminal).call("domains", "auth-code", "mina.com", *TICKET)
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "planted-auth-code\n", "")
    told = able(terminal).json("domains", "auth-code", "mina.com", *TICKET)
    assert (told["domain"], told["auth_code"]) == ("mina.com", "planted-auth-code")
    [event, _] = events(terminal)
    assert (event["kind"], event["subject"], event["ticket"]) == (
        "domain.auth_code_read",
        "mina.com",
        "T-7",
    )
    assert event["actor"].startswith("terminal (")
    assert "planted" not in str(events(terminal))
    assert ran(terminal) == []


def test_an_auth_code_that_is_not_shown_says_what_else_to_do(terminal: Terminal) -> None:
    """Where a registrar shows none, staff are told how to get one; nothing is written down as shown."""
    words = ("domains", "auth-code", "mina.com", *TICKET)
    none = able(terminal).call(*words)
    hidden = able(terminal, replace(ABLE, reads_auth_info=False)).call(*words)
    never = terminal.call(*words)
    assert [one.exit_code for one in (none, hidden, never)] == [1, 1, 1]
    assert ["--new" in one.stderr for one in (none, hidden, never)] == [True, True, False]
    assert "the registry itself" in never.stderr
    terminal.shop.registrars.silent.add("epp")
    assert able(terminal).call(*words).exit_code == 69
    assert events(terminal) == []


def test_a_fresh_auth_code_is_set_and_shown(terminal: Terminal) -> None:
    """A fresh code is set at the registrar, is the one that is shown, and is in no event."""
    words = ("domains", "auth-code", "mina.com", "--new", *TICKET)
    assert able(terminal).call(*words).exit_code == 2
    shown = able(terminal).call(*words, "--yes")
    [(_, update)] = ran(terminal)
    assert isinstance(update, Update)
    assert update.auth_info is not None
    assert shown.stdout == f"{update.auth_info.reveal()}\n"
    assert update.auth_info.reveal() not in str(events(terminal)) + shown.stderr
    assert [one["kind"] for one in events(terminal)] == ["errand.begun", "errand.ended"]
    assert events(terminal)[0]["evidence"] == {"registrar": "epp", "errand": "update", "auth_code": "set"}
    other = able(terminal).json(*words, "--yes")["auth_code"]
    assert other != update.auth_info.reveal()


@pytest.mark.parametrize(
    ("outcome", "exit_code"),
    [(Unknown("silence"), 75), (Refused(Reply("2202"), RefusalReason.POLICY), 1), (NotSent("away"), 75)],
)
def test_a_fresh_auth_code_that_is_not_set_is_not_shown(
    terminal: Terminal, outcome: Outcome, exit_code: int
) -> None:
    """A code that may not have been set is nobody's: it is not shown, and staff are told what came of it."""
    words = ("domains", "auth-code", "mina.com", "--new", "--yes", *TICKET)
    failed = answering(terminal, outcome).call(*words, "--json")
    [(_, update)] = ran(terminal)
    assert isinstance(update, Update)
    assert update.auth_info is not None
    assert failed.exit_code == exit_code
    assert update.auth_info.reveal() not in failed.output
    assert "auth_code" not in json.loads(failed.stdout)


def test_a_fresh_auth_code_that_waits_is_shown_with_a_word(terminal: Terminal) -> None:
    """A code that the registrar sets later is shown, and that it waits is said beside it."""
    words = ("domains", "auth-code", "mina.com", "--new", "--yes", *TICKET)
    waiting = answering(terminal, Pending(Reply("1001"))).call(*words)
    assert waiting.exit_code == 0
    assert len(waiting.stdout.strip()) == 22
    assert "carries it out later" in waiting.stderr


def test_a_fresh_auth_code_cannot_be_guessed() -> None:
    """A fresh code holds 128 bits and has a letter, a digit and a sign, for registries that insist on them."""
    assert len(AUTH_CODE_LETTERS) ** 22 > 2**129
    assert len(set(AUTH_CODE_LETTERS)) == len(AUTH_CODE_LETTERS)
    only_letters = "a" * 22
    then = iter(only_letters + "a" * 20 + "7!")
    assert fresh_auth_code(lambda _: next(then)).reveal() == "a" * 20 + "7!"


def test_what_cannot_be_undone_is_asked_first(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deletion and a transfer's answer are asked about first, by name and registrar; only a yes does them."""
    deeds = ("delete", "approve-transfer", "reject-transfer", "cancel-transfer")
    for deed in deeds:
        assert able(terminal).call("domains", deed, "mina.com", *TICKET).exit_code == 2
    monkeypatch.setattr(options, "somebody_is_there", lambda: True)
    for deed in deeds:
        asked = able(terminal).call("domains", deed, "mina.com", *TICKET, stdin=b"n\n")
        assert (asked.exit_code, "mina.com" in asked.stderr, "epp" in asked.stderr) == (1, True, True)
    assert (ran(terminal), events(terminal)) == ([], [])
    for deed in deeds:
        assert able(terminal).call("domains", deed, "mina.com", *TICKET, stdin=b"y\n").exit_code == 0
    assert [type(errand) for _, errand in ran(terminal)] == [Delete, *[AnswerTransfer] * 3]
    answers = [errand.answer for _, errand in ran(terminal) if isinstance(errand, AnswerTransfer)]
    assert answers == [TransferAnswer.APPROVE, TransferAnswer.REJECT, TransferAnswer.CANCEL]


@pytest.mark.parametrize("act", ACTS)
def test_every_act_is_written_down_before_and_after(terminal: Terminal, act: str) -> None:
    """Who acted, on which ticket, where, and what it came to: two events, and no secret in them."""
    assert able(terminal).call("domains", act, "mina.com", *ACTS[act], *TICKET).exit_code == 0
    [begun, ended] = events(terminal)
    assert (begun["kind"], ended["kind"]) == ("errand.begun", "errand.ended")
    for event in (begun, ended):
        assert (event["subject"], event["ticket"]) == ("mina.com", "T-7")
        assert event["actor"].startswith("terminal (")
        assert event["evidence"]["registrar"] == "epp"
    assert begun["evidence"].items() < ended["evidence"].items()
    assert (ended["evidence"]["outcome"], ended["evidence"]["result_code"]) == ("done", "1000")


@ON_ONE_DATABASE
@pytest.mark.parametrize("act", ACTS)
def test_no_act_without_a_ticket(terminal: Terminal, act: str) -> None:
    """An act without a ticket is not done, and what it would have been is nowhere."""
    words = ("domains", act, "mina.com", *ACTS[act])
    assert able(terminal).call(*words).exit_code == 2
    blank = able(terminal).call(*words, "--ticket", " ")
    assert (blank.exit_code, "ticket_missing" in blank.stderr) == (1, True)
    assert (ran(terminal), events(terminal)) == ([], [])


@ON_ONE_DATABASE
@pytest.mark.parametrize("act", ACTS)
def test_what_the_registrar_cannot_do_is_not_sent(terminal: Terminal, act: str) -> None:
    """What a registrar does not declare is refused in words before anything is sent or written down."""
    refused = terminal.call("domains", act, "mina.com", *ACTS[act], *TICKET, "--json")
    error = json.loads(refused.stderr)["error"]
    assert (refused.exit_code, error["code"]) == (1, "errand_not_possible")
    assert "registrars show epp" in error["text"]
    assert (ran(terminal), events(terminal)) == ([], [])


def test_a_name_is_acted_on_where_our_books_say_it_is(terminal: Terminal) -> None:
    """Our books decide where a name is; for one that they do not know, what is named, else where its zone is sold."""
    knows(terminal, "mina.com", "irnic")
    lock = ("domains", "lock")
    assert able(terminal).json(*lock, "mina.com", *TICKET)["registrar"] == "irnic"
    assert able(terminal).json(*lock, "mina.com", "--registrar", "irnic", *TICKET)["registrar"] == "irnic"
    other = able(terminal).call(*lock, "mina.com", "--registrar", "epp", *TICKET)
    assert (other.exit_code, "is at irnic, not at epp" in other.stderr) == (1, True)
    assert able(terminal).json(*lock, "sara.com", *TICKET)["registrar"] == "epp"
    assert able(terminal).json(*lock, "sara.com", "--registrar", "irnic", *TICKET)["registrar"] == "irnic"
    assert able(terminal).json(*lock, "sara.ir", *TICKET)["registrar"] == "irnic"
    strange = able(terminal).call(*lock, "sara.com", "--registrar", "none", *TICKET)
    assert (strange.exit_code, "epp, irnic" in strange.stderr) == (2, True)
    assert able(terminal).call(*lock, "sara.example", *TICKET).exit_code == 2
    knows(terminal, "gone.com", "former")
    former = able(terminal).call(*lock, "gone.com", *TICKET)
    assert (former.exit_code, "'former' is enabled" in former.stderr) == (2, True)


def test_a_transfer_is_cancelled_where_transfers_go(terminal: Terminal) -> None:
    """A transfer to us is withdrawn where the zone's transfers go first, which need not be where it is renewed."""
    shop = able(terminal).shop
    com = shop.desk.catalogue["com"]
    routes = {**com.routes, Kind.TRANSFER: ("irnic", "epp")}
    desk = replace(shop.desk, catalogue={"com": replace(com, routes=routes)})
    moved = Terminal(replace(shop, desk=desk), terminal.started)
    assert moved.json("domains", "cancel-transfer", "sara.com", "--yes", *TICKET)["registrar"] == "irnic"
    assert moved.json("domains", "reject-transfer", "sara.com", "--yes", *TICKET)["registrar"] == "epp"


def test_a_registrar_that_refuses_our_credentials_is_left_alone(terminal: Terminal) -> None:
    """While our credentials are refused nothing is sent: repeated logins may lock us out."""
    with terminal.shop.desk.database.transaction() as connection:
        holds.put(
            connection, "epp", BlockCause.CREDENTIALS, reason="login refused", now=START, probe_after=MINUTE
        )
    before = events(terminal)
    for words in (("lock", "mina.com"), ("auth-code", "mina.com")):
        refused = able(terminal).call("domains", *words, *TICKET)
        assert (refused.exit_code, "credentials_refused" in refused.stderr) == (1, True)
    assert (ran(terminal), events(terminal)) == ([], before)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("outcome", "exit_code", "name", "said"),
    [
        (Done(Reply("1000")), 0, "done", "done"),
        (Pending(Reply("1001")), 0, "pending", "look again"),
        (Pending(Reply("1001"), blocked=BlockCause.DEPOSIT), 0, "pending", "top it up"),
        (Refused(Reply("2304"), RefusalReason.STATUS_PROHIBITS), 1, "refused", "status prohibits"),
        (
            Correctable(Reply("2303"), Correction.NAMESERVERS),
            1,
            "correctable",
            "nameservers must be put right",
        ),
        (Blocked(Reply("2200"), BlockCause.CREDENTIALS), 1, "blocked", "check-registrar"),
        (Blocked(Reply("2104"), BlockCause.DEPOSIT), 1, "blocked", "top it up"),
        (Blocked(Reply("2004"), BlockCause.PRICE), 1, "blocked", "place an order"),
        (NotSent("closed", retry_after=90.0), 75, "not_sent", "harmless to repeat, in 90 s"),
        (NotSent("no connection"), 75, "not_sent", "nothing was sent (no connection)"),
        (Unknown("silence"), 75, "unknown", "no clear answer came (silence): look, then try again"),
    ],
)
def test_what_an_errand_came_to_is_told(
    terminal: Terminal, outcome: Outcome, exit_code: int, name: str, said: str
) -> None:
    """Every outcome has its words, its exit code and its event, and none of them is silent."""
    ended = answering(terminal, outcome).call("domains", "lock", "mina.com", *TICKET, "--json")
    assert ended.exit_code == exit_code
    told = json.loads(ended.stdout)
    assert told["outcome"] == name
    assert said in told["text"]
    assert events(terminal)[-1]["evidence"]["outcome"] == name
    for_people = answering(terminal, outcome).call("domains", "lock", "mina.com", *TICKET)
    assert (for_people.exit_code, told["text"] in for_people.stdout) == (exit_code, True)


def test_what_the_registrar_says_is_told_to_staff() -> None:
    """What nobody can do anything about is said to be the request's own fault."""
    exit_code, text = judge(Blocked(Reply("2306", text="no"), BlockCause.REQUEST))
    assert (exit_code, "nothing was changed" in text) == (1, True)


def test_a_look_goes_where_our_books_say(terminal: Terminal) -> None:
    """A name that we look after is looked at where it is, not where its zone is sold first."""
    knows(terminal, "mina.com", "irnic")
    terminal.call("look", "mina.com")
    assert [registrar for registrar, _, _ in terminal.shop.registrars.looks] == ["irnic"]
