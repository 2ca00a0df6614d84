"""May staff keep a third party's claim from the terminal? Each act with its ticket, and never past what the rules allow (D9)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from registrar.claims import watching
from registrar.commands import AnswerTransfer, Delete, TransferAnswer
from registrar.gateway import Changeable, Sighting, Standing
from registrar.models import Claim
from registrar.names import DomainName
from registrar.statuses import CLIENT_STATUSES, REGISTRAR_LOCK
from tests.desks import CAN, START, TERMS, an_order
from tests.terminal.conftest import Terminal

TICKET = ("--ticket", "T-7")
MINA = DomainName("mina.com", "com")
ABLE = replace(
    CAN,
    updates=frozenset(Changeable),
    statuses=CLIENT_STATUSES,
    errands=frozenset({Delete, AnswerTransfer}),
    answers=frozenset(TransferAnswer),
    reads_auth_info=True,
)
OFFICES = {"company": "the legal office", "international": "the provider"}


def able(terminal: Terminal) -> Terminal:
    """Give the registrars a lock, and what else staff's errands need."""
    terms = dict.fromkeys(("epp", "irnic"), replace(TERMS, capabilities=ABLE))
    return Terminal(replace(terminal.shop, desk=replace(terminal.shop.desk, terms=terms)), terminal.started)


def asserted(terminal: Terminal, *, procedure: str = "udrp") -> Any:
    """Record a claim to mina.com."""
    words = ("assert", "mina.com", "--procedure", procedure, "--reference", "D2026-0001")
    return terminal.json("claims", *words, *TICKET)


def proceeding(terminal: Terminal) -> Any:
    """Record one that is heard."""
    asserted(terminal)
    return terminal.json("claims", "proceed", 1, *TICKET)


def upheld(terminal: Terminal) -> Any:
    """Record one that was upheld, with its confirmations."""
    proceeding(terminal)
    for by, who in OFFICES.items():
        words = ("--by", by, "--who", who, "--document", f"doc-{by}")
        terminal.json("claims", "confirm", 1, *words, *TICKET)
    return terminal.json("claims", "uphold", 1, "--ruling", "transfer", *TICKET)


def seen(terminal: Terminal, *, locked: bool) -> watching.Concluded:
    """Let the watchdog see the name, locked or not."""
    desk = terminal.shop.desk
    shown = frozenset(map(str, REGISTRAR_LOCK)) if locked else frozenset()
    sighting = Sighting(MINA, desk.now(), "epp", Standing.REGISTERED, ours=True, statuses=shown)
    with desk.database.transaction() as connection:
        watch = watching.plan(connection, 1, now=desk.now())
        assert watch is not None
        rules = desk.rules.rules("com", at=desk.now())
        return watching.conclude(
            connection, watch, sighting, terms=desk.terms["epp"], rules=rules, now=desk.now()
        )


def refusal(terminal: Terminal, *words: object) -> str:
    """Call the command, and return the code with which it refuses."""
    refused = terminal.call("claims", *words, "--json")
    assert refused.exit_code == 1, refused.output
    return str(json.loads(refused.stderr)["error"]["code"])


def test_a_claim_is_recorded_and_shown_with_its_next_step(terminal: Terminal) -> None:
    """What is recorded is shown: where it stands, who must still confirm it, what it stops, what comes next."""
    told = asserted(terminal)
    assert (told["id"], told["domain"], told["registrar"], told["state"]) == (
        1,
        "mina.com",
        "epp",
        "asserted",
    )
    assert (told["lock"], told["stops"], told["disclosed"]) == ("none", {}, False)
    assert told["missing_confirmations"] == ["company", "iranian", "international"]
    assert "claims proceed 1" in told["next_step"]
    told = terminal.json("claims", "proceed", 1, "--requested-at", "2026-11-20T10:00:00Z", *TICKET)
    assert (told["state"], told["lock"], told["stops"]["change_holder"]) == ("proceeding", "wanted", "waits")
    assert told["timeline"][-1]["ticket"] == "T-7"
    assert told["timeline"][-1]["actor"].startswith("terminal (")
    assert "D9" not in str(told["timeline"])
    [row] = terminal.lines("claims", "list")
    assert (row["id"], row["state"]) == (1, "proceeding")
    shown = terminal.call("claims", "show", 1)
    assert "mina.com" in shown.stdout


def test_the_whole_life_of_a_claim(terminal: Terminal) -> None:
    """From the assertion to the end, each with its ticket; between them the watchdog does its part."""
    able_terminal = able(terminal)
    told = upheld(able_terminal)
    assert (told["state"], told["ruling"], told["missing_confirmations"]) == ("upheld", "transfer", [])
    assert "court filing" in told["next_step"]
    assert seen(able_terminal, locked=False).orders != ()
    assert able_terminal.json("claims", "show", 1)["orders"][0]["statuses"] == sorted(REGISTRAR_LOCK)
    terminal.shop.registrars.now += timedelta(minutes=5)
    assert seen(able_terminal, locked=True).orders == ()
    told = able_terminal.json("claims", "show", 1)
    assert (told["lock"], told["findings"]) == ("locked", [])
    told = able_terminal.json("claims", "court-filing", 1, "--document", "filing-1", *TICKET)
    assert told["ruling_due_at"] is None
    assert "--ended" in told["next_step"]
    assert refusal(able_terminal, "rule", 1, "--by-hand", "--document", "r-1", "--yes", *TICKET) == (
        "ruling_stopped"
    )
    able_terminal.json("claims", "court-filing", 1, "--ended", "--document", "judgment-1", *TICKET)
    words = ("rule", 1, "--by-registry", "--document", "r-1", "--yes")
    assert able_terminal.json("claims", *words, *TICKET)["carried_by"] == "registry"
    told = able_terminal.json("claims", "close", 1, "--document", "done-1", *TICKET)
    assert (told["state"], told["carried_by"]) == ("ruled", "registry")


def test_what_the_events_prove_is_shown_for_an_instant(terminal: Terminal) -> None:
    """For any time in the past the claim is shown as it stood then."""
    asserted(terminal)
    terminal.shop.registrars.now += timedelta(hours=1)
    terminal.json("claims", "proceed", 1, *TICKET)
    then = terminal.json("claims", "show", 1, "--at", "2026-11-22T10:30:00Z")
    assert (then["state"], len(then["timeline"])) == ("asserted", 1)
    assert terminal.json("claims", "show", 1, "--at", "2026-11-22T11:30:00Z")["state"] == "proceeding"
    assert refusal(terminal, "show", 1, "--at", "2026-11-22T09:00:00Z") == "claim_unknown"
    assert terminal.call("claims", "show", 1, "--at", "2026-11-22T10:30:00Z").exit_code == 0


def test_the_list_leaves_out_what_is_over(terminal: Terminal) -> None:
    """Open claims are listed; others by state, by name, or all."""
    asserted(terminal)
    terminal.json("claims", "dismiss", 1, "--document", "withdrawn-1", "--yes", *TICKET)
    seen(terminal, locked=False)
    assert terminal.lines("claims", "list") == []
    assert [row["state"] for row in terminal.lines("claims", "list", "--all")] == ["closed"]
    assert [row["id"] for row in terminal.lines("claims", "list", "--state", "closed")] == [1]
    assert [row["id"] for row in terminal.lines("claims", "list", "--all", "--domain", "MINA.com")] == [1]
    assert terminal.lines("claims", "list", "--all", "--domain", "sara.com") == []
    assert terminal.json("claims", "show", 1)["next_step"] == "none"


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("proceed", 9, *TICKET), 1, "claim_unknown"),
        (("proceed", 1), 2, None),
        (("proceed", 1, "--ticket", " "), 1, "ticket_missing"),
        (("proceed", 1, "--requested-at", "2026-11-22T10:00:00", *TICKET), 2, None),
        (("proceed", 1, "--requested-at", "2027-01-01T00:00:00Z", *TICKET), 1, "time_invalid"),
        (("uphold", 1, "--ruling", "cancel", *TICKET), 1, "not_now"),
        (("rule", 1, "--document", "r-1", "--yes", *TICKET), 2, None),
        (("rule", 1, "--by-hand", "--order", "3", "--document", "r-1", "--yes", *TICKET), 2, None),
        (("dismiss", 1, "--document", "r-1", *TICKET), 2, None),
        (("dismiss", 1, "--document", "me@example.net", "--yes", *TICKET), 1, "reference_invalid"),
        (("watch", 1), 1, "not_now"),
    ],
)
def test_what_is_asked_wrongly_changes_nothing(
    terminal: Terminal, words: tuple[object, ...], exit_code: int, code: str | None
) -> None:
    """An act without a ticket, too early, unconfirmed or without a yes leaves the claim as it was."""
    asserted(terminal)
    before = terminal.shop.rows()
    refused = terminal.call("claims", *words, "--json")
    assert (refused.exit_code, terminal.shop.rows()) == (exit_code, before)
    assert code is None or json.loads(refused.stderr)["error"]["code"] == code


def test_a_watch_can_be_asked_for(terminal: Terminal) -> None:
    """Staff need not wait for the next regular look."""
    proceeding(terminal)
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(update(Claim).values(due_at=START + timedelta(hours=6)))
    assert terminal.json("claims", "watch", 1)["looked_at_next"] == "2026-11-22T10:00:00Z"


def test_a_ruling_out_of_the_dns_and_a_disclosure(terminal: Terminal) -> None:
    """A ruling may ask for a hold; a claim is disclosed from a time on that staff set."""
    proceeding(terminal)
    told = terminal.json("claims", "disclose", 1, "--from", "2026-12-01T00:00:00Z", *TICKET)
    assert (told["disclosed"], told["disclose_from"]) == (False, "2026-12-01T00:00:00Z")
    assert terminal.json("claims", "disclose", 1, *TICKET)["disclosed"] is True
    assert refusal(terminal, "uphold", 1, "--ruling", "none", *TICKET) == "confirmation_missing"
    for by, who in OFFICES.items():
        terminal.json("claims", "confirm", 1, "--by", by, "--who", who, "--document", "doc-1", *TICKET)
    told = terminal.json("claims", "uphold", 1, "--ruling", "none", "--hold", *TICKET)
    assert (told["block_mode"], told["ruling_due_at"]) == ("hold", None)
    assert "--by-hand" in told["next_step"]


def test_errands_do_not_undo_a_block(terminal: Terminal) -> None:
    """While a claim is heard nobody unlocks the name, deletes it, lets it go or reads its code; a lock and a refusal pass."""
    staff = able(terminal)
    proceeding(staff)
    denied = (
        ("unlock", "mina.com"),
        ("delete", "mina.com", "--yes"),
        ("nameservers", "mina.com", "ns1.example.net"),
        ("auth-code", "mina.com"),
        ("auth-code", "mina.com", "--new", "--yes"),
    )
    for words in denied:
        refused = staff.call("domains", *words, *TICKET, "--json")
        assert (refused.exit_code, json.loads(refused.stderr)["error"]["code"]) == (1, "name_claimed")
    approving = staff.call("domains", "approve-transfer", "mina.com", "--yes", *TICKET, "--json")
    assert approving.exit_code == 1
    assert terminal.shop.registrars.errands == []
    staff.json("domains", "lock", "mina.com", *TICKET)
    staff.json("domains", "reject-transfer", "mina.com", "--yes", *TICKET)
    staff.json("domains", "unlock", "sara.com", *TICKET)
    assert len(terminal.shop.registrars.errands) == 3


def test_a_customer_reads_only_that_his_order_waits(terminal: Terminal) -> None:
    """An order that a claim stops reads like any other that waits, until the claim is disclosed; staff read why."""
    from registrar.orders import gates, placing, reading, requests, working

    desk = terminal.shop.desk
    proceeding(terminal)
    body = an_order(kind="transfer", expected_expiry=None, auth_info="planted-auth-code")
    request = requests.parse_request(body, key="key-1", channel="http", catalogue=desk.catalogue)

    def told() -> str | None:
        with desk.database.reading() as connection:
            order = reading.read(connection, placed)
            assert order is not None
            return gates.told(connection, order, now=desk.now())

    with desk.database.transaction() as connection:
        placed = placing.place(
            connection, request, keyring=desk.keyring, rules=desk.rules, now=desk.now()
        ).order_id
    assert told() is None
    with desk.database.transaction() as connection:
        assert working.claim(connection, placed, terms=TERMS, rules=desk.rules, now=desk.now()) is None
    assert told() == "your order waits"
    shown = terminal.json("orders", "show", placed)
    assert "claim" in shown["waiting"]
    terminal.json("claims", "disclose", 1, *TICKET)
    assert told() == "your order waits: a third party's claim to this name is being heard"
