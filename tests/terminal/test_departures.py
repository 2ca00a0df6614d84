"""Can staff let a name leave, hand out its code once, and stop it on a stated ground, each with a ticket (D7, C1)?"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from registrar.commands import Kind
from registrar.gateway import Changeable
from registrar.models import Domain, Order
from registrar.statuses import REGISTRAR_LOCK
from tests.databases import ON_ONE_DATABASE
from tests.desks import CAN, START, TERMS, an_order
from tests.terminal.conftest import Terminal

ABLE = replace(CAN, updates=frozenset({Changeable.STATUSES}), statuses=REGISTRAR_LOCK, reads_auth_info=True)
TICKET = ("--ticket", "T-7")
HOW = ("--via", "letter", "--evidence", "letter 12", *TICKET)


@pytest.fixture
def terminal(terminal: Terminal) -> Terminal:
    """Give the command over a desk whose registrar locks names and shows codes, and where mina.com is ours."""
    shop = terminal.shop
    with shop.desk.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name="mina.com",
                zone="com",
                customer="c-42",
                registrar="epp",
                paid_through=START + timedelta(days=100),
            )
        )
    shop.registrars.names["mina.com"] = START + timedelta(days=100)
    terms = {"epp": replace(TERMS, capabilities=ABLE), "irnic": TERMS}
    return Terminal(replace(shop, desk=replace(shop.desk, terms=terms)), terminal.started)


def unlocked(terminal: Terminal) -> None:
    """Have the order that takes our lock off done."""
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(update(Order).values(state="completed", due_at=None))


def test_staff_take_a_request_and_hand_out_the_code(terminal: Terminal) -> None:
    """Asked for by letter, unlocked, and the code printed once; the timeline tells who did what, and not the code."""
    asked = terminal.json("departures", "request", "mina.com", *HOW)
    assert (asked["state"], asked["channel"], asked["ticket"]) == ("unlocking", "letter", "T-7")
    unlocked(terminal)
    given = terminal.call("departures", "give-code", 1, *TICKET, "--yes")
    assert (given.exit_code, given.stdout.strip()) == (0, "planted-auth-code")
    again = terminal.call("departures", "give-code", 1, *TICKET, "--yes")
    assert again.exit_code == 1
    assert "code_given" in again.stderr
    once_more = terminal.json("departures", "give-code", 1, *TICKET, "--yes", "--again")
    assert once_more["auth_code"] == "planted-auth-code"
    shown = terminal.json("departures", "show", 1)
    assert [line["event"] for line in shown["timeline"]] == [
        "departure.unlocking",
        "departure.code_due",
        "departure.open",
        "departure.code_given_again",
    ]
    assert "planted-auth-code" not in json.dumps(shown)


def test_departures_are_listed(terminal: Terminal) -> None:
    """Staff see all of them, those of a name, or those in a state."""
    terminal.json("departures", "request", "mina.com", *HOW)
    assert [line["id"] for line in terminal.lines("departures", "list")] == [1]
    assert terminal.lines("departures", "list", "--domain", "sara.com") == []
    assert [line["state"] for line in terminal.lines("departures", "list", "--state", "unlocking")] == [
        "unlocking"
    ]
    assert terminal.call("departures", "list", "--state", "lost").exit_code == 2


def test_a_departure_is_stopped_on_a_stated_ground_only(terminal: Terminal) -> None:
    """An unpaid term is for the software to find; a fraud is for staff to state, with evidence, and it stands until lifted."""
    terminal.json("departures", "request", "mina.com", *HOW)
    made_up = terminal.call(
        "departures", "stop", 1, "--ground", "unpaid_past_term", "--evidence", "x", *TICKET, "--yes"
    )
    assert (made_up.exit_code, "ground_not_stated" in made_up.stderr) == (1, True)
    stated = ("--ground", "fraud", "--evidence", "report 3")
    stopped = terminal.json("departures", "stop", 1, *stated, *TICKET, "--yes")
    assert (stopped["state"], stopped["ground"]) == ("stopped", "fraud")
    denied = terminal.json("departures", "request", "mina.com", *HOW)
    assert (denied["state"], denied["ground"]) == ("denied", "fraud")
    assert terminal.json("departures", "lift", 1, *TICKET)["lifted_at"] is not None
    assert terminal.json("departures", "request", "mina.com", *HOW)["state"] == "unlocking"


def test_a_ground_is_put_on_record_beforehand(terminal: Terminal) -> None:
    """A court's order that comes first denies what is asked for later."""
    terminal.json("departures", "bar", "mina.com", "--ground", "court_hold", "--evidence", "order 5", *TICKET)
    assert terminal.json("departures", "request", "mina.com", *HOW)["ground"] == "court_hold"


def test_a_transfer_that_nobody_asked_for_is_adopted(terminal: Terminal) -> None:
    """When the holder does want it, staff follow the transfer that came without our doing; no code is needed."""
    followed = terminal.json("departures", "follow", "mina.com", *HOW)
    assert (followed["state"], followed["code_by"]) == ("open", None)
    twice = terminal.call("departures", "follow", "mina.com", *HOW)
    assert (twice.exit_code, "departure_runs" in twice.stderr) == (1, True)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("words", "exit_code", "told"),
    [
        (("request", "mina.com", "--via", "email", "--evidence", "x", *TICKET), 1, "channel_not_valid"),
        (("request", "mina.com", "--via", "fax", "--evidence", " ", *TICKET), 1, "field_missing"),
        (
            ("request", "mina.com", "--via", "fax", "--evidence", "of mina@example.net", *TICKET),
            1,
            "field_invalid",
        ),
        (
            ("bar", "mina.com", "--ground", "fraud", "--evidence", "mina@example.net", *TICKET),
            1,
            "evidence_personal",
        ),
        (("request", "sara.com", *HOW), 1, "domain_unknown"),
        (("request", "mina.com", *HOW, "--requested-at", "2026-11-22T09:00"), 2, "zone"),
        (("request", "mina.com", *HOW, "--requested-at", "soon"), 2, "isoformat"),
        (("request", "mina.com", "--via", "fax", "--evidence", "x", "--ticket", " "), 1, "ticket_missing"),
        (("show", 9), 1, "departure_unknown"),
        (("give-code", 9, *TICKET, "--yes"), 1, "departure_unknown"),
        (("give-code", 9, *TICKET), 2, "--yes"),
        (("stop", 9, "--ground", "moody", "--evidence", "x", *TICKET, "--yes"), 2, "known grounds"),
        (("lift", 9, *TICKET), 1, "departure_unknown"),
    ],
)
def test_what_cannot_be_done_is_said(
    terminal: Terminal, words: tuple[object, ...], exit_code: int, told: str
) -> None:
    """A request that does not bind, a name that is not ours, a number that stands for nothing: each says why."""
    ended = terminal.call("departures", *words)
    assert (ended.exit_code, told in ended.stderr) == (exit_code, True)


def test_a_change_of_holder_is_approved_or_declined(terminal: Terminal, tmp_path: Path) -> None:
    """Staff approve what was asked for through support, and by nothing else; what they decline is credited (O5)."""
    offer = terminal.shop.desk.catalogue["com"]
    sold = replace(
        offer,
        routes={**offer.routes, Kind.CHANGE_HOLDER: ("epp",)},
        months={**offer.months, Kind.CHANGE_HOLDER: frozenset({0})},
    )
    desk = replace(terminal.shop.desk, catalogue={**terminal.shop.desk.catalogue, "com": sold})
    terminal = Terminal(replace(terminal.shop, desk=desk), terminal.started)
    orders = tmp_path / "orders.jsonl"
    change = an_order(
        kind="change_holder", months=0, expected_expiry=None, contacts={"registrant": {"handle": "C-2"}}
    )
    orders.write_text("\n".join(json.dumps({**change, "key": key}) for key in ("a", "b")))
    assert terminal.call("orders", "place", orders).exit_code == 0
    by_mail = terminal.call("orders", "approve", 1, "--via", "email", *TICKET, "--yes")
    assert (by_mail.exit_code, "channel_not_valid" in by_mail.stderr) == (1, True)
    assert terminal.json("orders", "approve", 1, "--via", "support", *TICKET, "--yes")["state"] == "queued"
    assert terminal.json("orders", "decline", 2, *TICKET, "--yes")["state"] == "refused_credited"
