"""Can staff hold, suspend, report, list and export from the terminal, as the agreement asks (O3, O6, O8, O11, C3)?"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from registrar.models import Debt, Domain, Notice
from registrar.orders.placing import place, read_request
from tests.desks import START, an_order
from tests.terminal.conftest import Terminal

DAY = timedelta(days=1)


def ordered(terminal: Terminal, key: str = "k-1", **changes: Any) -> int:
    """Place an order as a file would."""
    desk = terminal.shop.desk
    request = read_request(
        desk.database, an_order(**changes), key=key, channel="file", catalogue=desk.catalogue
    )
    with desk.database.transaction() as connection:
        return place(connection, request, keyring=desk.keyring, rules=desk.rules, now=desk.now()).order_id


def looked_after(terminal: Terminal, name: str = "mina.com") -> None:
    """Have a name of c-42 in the books."""
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(insert(Domain).values(name=name, zone="com", customer="c-42", registrar="epp"))


def refused(terminal: Terminal, *words: object) -> str:
    """Call the command, expect that it is refused, and return the code."""
    answer = terminal.call(*words, "--json")
    assert answer.exit_code == 1, answer.output
    code: str = json.loads(answer.stderr)["error"]["code"]
    return code


def test_a_zone_or_everything_is_held_and_released(terminal: Terminal) -> None:
    """Staff name a zone in its own script or as it is stored, or everything; what there is not is told."""
    by = ("--reason", "the line is cut", "--ticket", "T-1")
    held = terminal.json("registrars", "hold", "zone:ir", *by)
    assert held == {"registrar": "zone:ir", "on_hold": True, "reason": "the line is cut"}
    proof = ("--kind", "force_majeure", "--evidence", "circular 12")
    assert terminal.json("registrars", "hold", "*", *proof, *by)["kind"] == "force_majeure"
    assert refused(terminal, "registrars", "hold", "*", "--kind", "force_majeure", *by) == "evidence_missing"
    for words in (("zone:org",), ("nowhere",), ("epp", "--kind", "mood"), ("epp", "--urgent")):
        assert terminal.call("registrars", "hold", *words, *by).exit_code == 2
    listed = terminal.lines("registrars", "holds")
    assert [(one["registrar"], one["kind"], one["on_hold"]) for one in listed] == [
        ("zone:ir", "operational", True),
        ("*", "force_majeure", True),
    ]
    assert terminal.json("registrars", "release", "*", "--yes", "--ticket", "T-2")["released"] == 1


def test_a_planned_hold_is_told_to_whoever_waits_there(terminal: Terminal) -> None:
    """Each customer with an open order gets one notice; a registrar that is only going to be held is not on hold yet."""
    ordered(terminal)
    ordered(terminal, "k-2", domain="nika.com")
    ordered(terminal, "k-3", domain="d.ir", price={"amount": 1, "currency": "IRR"}, customer="c-43")
    begins = (START + 3 * DAY).isoformat()
    told = terminal.json(
        "registrars", "hold", "epp", "--from", begins, "--reason", "it moves", "--ticket", "T-1"
    )
    assert (told["customers_told"], told["on_hold"]) == (1, False)
    with terminal.shop.desk.database.reading() as connection:
        notices = connection.execute(select(Notice.kind, Notice.customer, Notice.facts)).all()
    assert [tuple(notice) for notice in notices] == [
        ("planned_hold", "c-42", {"starts_at": begins, "ends_at": None})
    ]
    assert [one["on_hold"] for one in terminal.lines("registrars", "list")] == [False, False]
    soon = ("--from", (START + timedelta(hours=1)).isoformat(), "--reason", "now", "--ticket", "T-1")
    assert refused(terminal, "registrars", "hold", "irnic", *soon) == "announced_too_late"
    assert terminal.json("registrars", "hold", "irnic", *soon, "--urgent")["customers_told"] == 1


def test_a_customer_is_held_and_released(terminal: Terminal) -> None:
    """Staff let a customer's orders wait for documents, see it, and let them go."""
    words = (
        "customers",
        "hold",
        "c-42",
        "--cause",
        "identity",
        "--reason",
        "a card is missing",
        "--ticket",
        "T-1",
    )
    due = ("--documents-by", "2026-12-01T00:00:00Z", "--holder-in-doubt")
    held = terminal.json(*words, *due, "--yes")
    assert [(one["cause"], one["documents_due_by"], one["holder_in_doubt"]) for one in held["holds"]] == [
        ("identity", "2026-12-01T00:00:00Z", True)
    ]
    assert terminal.call(*words).exit_code == 2, "nobody is here to be asked"
    assert [one["customer"] for one in terminal.lines("customers", "list")] == ["c-42"]
    end = (
        "customers",
        "release",
        "c-42",
        "--cause",
        "identity",
        "--reason",
        "it came",
        "--ticket",
        "T-2",
        "--yes",
    )
    assert terminal.json(*end)["on_hold"] is False
    assert refused(terminal, *end) == "not_on_hold"
    assert terminal.json("customers", "show", "c-42") == {"customer": "c-42", "on_hold": False, "holds": []}


def test_no_service_is_stopped_for_a_debt_without_a_warning(terminal: Terminal) -> None:
    """Before a recorded warning neither orders nor names are stopped; after it they are (F5)."""
    looked_after(terminal)
    hold = ("customers", "hold", "c-42", "--cause", "debt", "--reason", "unpaid", "--ticket", "T-1", "--yes")
    assert refused(terminal, *hold) == "debt_not_warned"
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(
            insert(Debt).values(
                customer="c-42",
                amount=5,
                currency="USD",
                cause="penalty",
                reference="p",
                since=START,
                warned_at=START,
            )
        )
    assert terminal.json(*hold)["on_hold"] is True


def test_a_name_that_cannot_be_suspended_is_told(terminal: Terminal) -> None:
    """Where the registrar has no hold for a name, or the name is not ours, nothing is ordered (O11)."""
    words = ("--cause", "rules", "--reason", "a ruling", "--ticket", "T-1", "--yes")
    assert refused(terminal, "domains", "suspend", "mina.com", *words) == "name_unknown"
    looked_after(terminal)
    assert refused(terminal, "domains", "suspend", "mina.com", *words) == "suspension_not_possible"
    end = ("domains", "unsuspend", "mina.com", "--reason", "r", "--ticket", "T-1", "--yes")
    assert refused(terminal, *end) == "not_suspended"
    assert terminal.call("domains", "suspend", "mina.com", "--cause", "mood", *words[2:]).exit_code == 2


def test_a_report_is_kept_and_overdue_orders_are_listed(terminal: Terminal) -> None:
    """Staff enter what a customer says; the order shows it with what was agreed, and is listed while it is late."""
    order = ordered(terminal)
    assert terminal.lines("orders", "overdue") == []
    terminal.shop.registrars.now = START + 2 * DAY
    words = (
        "orders",
        "report",
        order,
        "--kind",
        "not_delivered",
        "--text",
        "nothing came",
        "--ticket",
        "T-7",
    )
    filed = terminal.json(*words, "--channel", "email")
    assert (filed["in_time"], filed["documentary"]) == (True, False)
    assert refused(terminal, *words, "--channel", "pigeon") == "channel_unknown"
    shown = terminal.json("orders", "show", order)
    assert [one["ticket"] for one in shown["reports"]] == ["T-7"]
    assert (shown["agreed"]["agreement"], shown["agreed"]["rules"]) == ("sepidman-1", "2026-01")
    assert [one["order_id"] for one in terminal.lines("orders", "overdue")] == [order]
    assert terminal.lines("orders", "closing", "--days", 3) == []


def test_an_export_is_written_once_and_proves_itself(terminal: Terminal, tmp_path: Path) -> None:
    """The file is for its owner's eyes, is never written over another, and a changed one is found out (C3)."""
    order, file = ordered(terminal), tmp_path / "export.json"
    words = ("orders", "export", order, "--to", file, "--ticket", "T-1")
    told = terminal.json(*words)
    assert file.stat().st_mode & 0o777 == 0o600
    assert terminal.call(*words).exit_code == 2
    proven = terminal.json("export", "verify", file)
    assert (proven["unchanged"], proven["sha256"]) == (True, told["sha256"])
    file.write_text(file.read_text().replace("c-42", "c-43"))
    spoiled = terminal.call("export", "verify", file, "--json")
    assert (spoiled.exit_code, json.loads(spoiled.stdout)["unchanged"]) == (1, False)
    assert refused(terminal, "claims", "export", 7, "--to", file, "--ticket", "T-1") == "claim_unknown"


@pytest.mark.parametrize("text", ["2026-12-01", "soon"])
def test_a_time_without_a_zone_is_asked_wrongly(terminal: Terminal, text: str) -> None:
    """A time is one instant wherever it was typed."""
    words = ("registrars", "hold", "epp", "--from", text, "--reason", "r", "--ticket", "T-1")
    assert terminal.call(*words).exit_code == 2
