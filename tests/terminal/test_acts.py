"""May staff act on an order from the terminal? Only after being asked, with a ticket, and as far as a fresh look agrees."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from adapters.terminal import options
from registrar.models import Event, Finding, Order
from registrar.orders import ending, working
from registrar.orders.states import read_locked
from registrar.outcomes import Correction, Unknown
from registrar.texts import NON_JOINER
from tests.agreement.rulebook import standard
from tests.databases import ON_ONE_DATABASE
from tests.desks import MINUTE, START, TERMS, a_registration, a_transfer, an_order
from tests.terminal.conftest import Terminal

ACTS = ("retry", "complete", "refuse", "cancel")


def held(terminal: Terminal, order: dict[str, object], *, needs: Correction | None = None) -> None:
    """Place an order as number 1, and let a worker stop over it before anything was sent."""
    line = json.dumps({"key": "k-1", **order}).encode()
    assert terminal.call("orders", "place", "-", stdin=line).exit_code == 0
    now = terminal.shop.desk.now()
    with terminal.shop.desk.database.transaction() as connection:
        assert working.claim(connection, 1, terms=TERMS, rules=standard(), now=now) is not None
        row = read_locked(connection, 1)
        assert row is not None
        if needs is None:
            ending.hold_for_staff(connection, row, "a person should look", now=now)
        else:
            ending.hold_for_customer(connection, row, needs, "wrong", now=now, within=timedelta(days=1))
    terminal.shop.registrars.rung.clear()


def begun(terminal: Terminal) -> working.Sending | None:
    """Let a worker take order 1 up, look, and begin, as far as the look lets it."""
    desk = terminal.shop.desk
    with desk.database.transaction() as connection:
        claimed = working.claim(connection, 1, terms=TERMS, rules=standard(), now=desk.now())
    assert claimed is not None
    sighting = desk.look(claimed.registrar, claimed.domain, claimed.kind)
    with desk.database.transaction() as connection:
        return working.begin(
            connection,
            claimed,
            sighting,
            terms=TERMS,
            rules=standard(),
            keyring=desk.keyring,
            token="t0",
            now=desk.now(),
        )


def test_a_retry_says_beforehand_what_it_will_do(terminal: Terminal) -> None:
    """A dry run of a retry looks, tells what would happen and whether money would be spent, and changes nothing."""
    held(terminal, an_order(expected_expiry="any"))
    before = terminal.shop.rows()
    terminal.shop.registrars.names["mina.com"] = START
    foreseen = terminal.json("orders", "retry", 1, "--dry-run")
    assert (foreseen["spends"], foreseen["standing"]) == (True, "registered")
    assert foreseen["does"] == "sends it; nothing of it can have happened"
    assert len(terminal.shop.registrars.looks) == 1
    assert terminal.shop.rows() == before


def test_a_retry_that_would_be_refused_says_so(terminal: Terminal) -> None:
    """When the name was taken meanwhile, a dry run says that a retry refuses and credits, and spends nothing; so it does."""
    held(terminal, a_registration())
    terminal.shop.registrars.names["mina.com"] = START
    foreseen = terminal.json("orders", "retry", 1, "--dry-run")
    assert foreseen["does"].startswith("refuses and credits it without sending")
    assert foreseen["spends"] is False
    terminal.json("orders", "retry", 1, "--ticket", "T-7", "--yes")
    begun(terminal)
    assert terminal.json("orders", "show", 1)["state"] == "refused_credited"


def test_a_look_that_failed_is_told_beforehand(terminal: Terminal) -> None:
    """When the look fails, a dry run says so: an order that was never sent is queued and looked at again before it is sent."""
    held(terminal, an_order(expected_expiry="any"))
    terminal.shop.registrars.silent.add("mina.com")
    foreseen = terminal.json("orders", "retry", 1, "--dry-run")
    assert (
        foreseen["does"]
        == "queues it, and looks again before anything is sent: the look failed: no connection"
    )
    assert terminal.json("orders", "retry", 1, "--ticket", "T-7", "--yes")["state"] == "queued"
    assert begun(terminal) is None
    assert terminal.json("orders", "show", 1)["attempts"] == []


def test_a_retry_in_doubt_says_what_it_waits_for(terminal: Terminal) -> None:
    """An order that may have happened is not retried without a look, nor too early; a dry run says which, and until when."""
    terminal.shop.registrars.names["mina.com"] = START
    line = json.dumps({"key": "k-1", **an_order(expected_expiry="any")}).encode()
    assert terminal.call("orders", "place", "-", stdin=line).exit_code == 0
    desk = terminal.shop.desk
    sending = begun(terminal)
    assert sending is not None
    with desk.database.transaction() as connection:
        working.settle(connection, sending, Unknown("silence"), terms=TERMS, now=desk.now())
        order = read_locked(connection, 1)
        assert order is not None
        ending.hold_for_staff(connection, order, "a person should look", now=desk.now())
    early = terminal.json("orders", "retry", 1, "--dry-run")
    assert (early["verdict"], early["spends"]) == ("absent", False)
    assert early["does"].endswith("try again after 2026-11-22 10:01:00 UTC")
    assert terminal.call("orders", "retry", 1, "--ticket", "T", "--yes").exit_code == 75
    terminal.shop.registrars.silent.add("mina.com")
    blind = terminal.json("orders", "retry", 1, "--dry-run")
    assert (blind["verdict"], blind["spends"]) == ("look_failed", False)
    assert "the look failed (no connection)" in blind["does"]
    assert terminal.call("orders", "retry", 1, "--ticket", "T", "--yes").exit_code == 75
    terminal.shop.registrars.silent.clear()
    terminal.shop.registrars.now += 2 * MINUTE
    late = terminal.json("orders", "retry", 1, "--dry-run")
    assert (late["does"], late["spends"]) == ("sends it again, with the same guard", True)


def test_a_retry_takes_the_order_up_again(terminal: Terminal) -> None:
    """A retried order is queued again, its workers are rung, and the timeline names who did it on which ticket."""
    held(terminal, an_order(expected_expiry="any"))
    assert terminal.json("orders", "retry", 1, "--ticket", "T-7", "--yes")["state"] == "queued"
    assert terminal.shop.registrars.rung == [("epp", 1)]
    [last] = terminal.json("orders", "show", 1)["timeline"][-1:]
    assert last["ticket"] == "T-7"
    assert last["actor"].startswith("terminal (")
    again = terminal.call("orders", "retry", 1, "--ticket", "T-7", "--yes", "--json")
    assert again.exit_code == 1
    assert json.loads(again.stderr)["error"]["code"] == "not_held"


@ON_ONE_DATABASE
@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_unasked_or_without_a_ticket(terminal: Terminal, act: str) -> None:
    """Where nobody can be asked an act needs --yes, and every act needs a ticket; else nothing is done."""
    held(terminal, an_order(expected_expiry="any"))
    before = terminal.shop.rows()
    assert terminal.call("orders", act, 1, "--ticket", "T-7").exit_code == 2
    assert terminal.call("orders", act, 1, "--yes").exit_code == 2
    blank = terminal.call("orders", act, 1, "--yes", "--ticket", " ")
    assert blank.exit_code == 1
    assert "ticket_missing" in blank.stderr
    assert terminal.shop.rows() == before


@pytest.mark.parametrize(("answer", "state"), [(b"n\n", "held"), (b"y\n", "cancelled")])
def test_a_person_is_asked(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, answer: bytes, state: str
) -> None:
    """Who sits at the terminal is asked, and told what it is about; only a yes does it."""
    held(terminal, an_order(expected_expiry="any"))
    monkeypatch.setattr(options, "somebody_is_there", lambda: True)
    asked = terminal.call("orders", "cancel", 1, "--ticket", "T-7", stdin=answer)
    assert "order 1 (renew mina.com, 12 months, 12.50 USD, customer c-42, held)" in asked.stderr
    assert asked.exit_code == (0 if state == "cancelled" else 1)
    assert terminal.json("orders", "show", 1)["inner_state"] == state


def test_only_a_pending_order_is_taken_over(terminal: Terminal) -> None:
    """An order that no registrar has accepted is not taken over, and the words say which one would be."""
    held(terminal, an_order())
    refused = terminal.call("orders", "hold", 1, "--ticket", "T-1", "--yes")
    assert refused.exit_code == 1
    assert "waits for its registrar" in refused.stderr


def test_a_refused_order_is_credited(terminal: Terminal) -> None:
    """An order that staff refuse ends, and its whole price is in the customer's balance."""
    held(terminal, an_order(expected_expiry="any"))
    assert terminal.json("orders", "refuse", 1, "--ticket", "T-7", "--yes")["state"] == "refused_credited"
    shown = terminal.json("ledger", "show", "c-42")
    assert shown["balances"] == [{"bucket": "cash", "currency": "USD", "amount": 1250, "expires_on": None}]
    assert [line["kind"] for line in shown["lines"]] == ["credit"]


def test_what_the_look_contradicts_is_not_done(terminal: Terminal) -> None:
    """An order of which nothing was sent cannot be completed by hand, whoever asks."""
    held(terminal, an_order(expected_expiry="any"))
    before = terminal.shop.rows()
    refused = terminal.call("orders", "complete", 1, "--ticket", "T-7", "--yes")
    assert refused.exit_code == 1
    assert "look_disagrees" in refused.stderr
    assert terminal.shop.rows() == before


def test_a_correction_comes_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    """A new auth code is read from a file, and shown nowhere; the order goes on with it."""
    held(terminal, a_transfer(), needs=Correction.AUTH_INFO)
    file = tmp_path / "code"
    file.write_text("second-code\n")
    words = ("orders", "correct", 1, "--ticket", "T-7", "--yes")
    assert terminal.call(*words).exit_code == 2
    assert terminal.call(*words, "--auth-code-file", file, "--from", file).exit_code == 2
    corrected = terminal.call(*words, "--auth-code-file", file)
    assert corrected.exit_code == 0, corrected.output
    assert "second-code" not in corrected.output + terminal.call("orders", "show", 1).output
    with terminal.shop.desk.database.reading() as connection:
        sealed = connection.execute(select(Order.sealed)).scalar_one()
        evidence = connection.execute(select(Event.evidence).order_by(Event.id.desc())).scalars().first()
    assert sealed is not None
    assert terminal.shop.desk.keyring.open(sealed)["auth_info"] == "second-code"
    assert evidence == {"corrected": ["auth_info"]}
    assert terminal.shop.registrars.rung == [("epp", 1)]


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("document", "code"),
    [(b"{", "malformed_json"), (b'{"price": 1}', "unknown_field"), (b"{}", "unknown_field")],
)
def test_a_correction_that_cannot_be_read_changes_nothing(
    terminal: Terminal, document: bytes, code: str
) -> None:
    """A correction with a fault is refused with its code, and the order still waits."""
    held(terminal, a_transfer(), needs=Correction.AUTH_INFO)
    before = terminal.shop.rows()
    refused = terminal.call(
        "orders", "correct", 1, "--ticket", "T-7", "--yes", "--from", "-", "--json", stdin=document
    )
    assert refused.exit_code == 1
    assert json.loads(refused.stderr)["error"]["code"] == code
    assert terminal.shop.rows() == before


def test_a_refusal_names_the_state_as_it_is_shown(terminal: Terminal) -> None:
    """An act that comes too late, or while the order is being taken up, names its state in the words that orders show."""
    held(terminal, an_order(expected_expiry="any"))
    terminal.json("orders", "retry", 1, "--ticket", "T", "--yes")
    now = terminal.shop.desk.now()
    with terminal.shop.desk.database.transaction() as connection:
        assert working.claim(connection, 1, terms=TERMS, rules=standard(), now=now) is not None
    taken_up = terminal.call("orders", "cancel", 1, "--ticket", "T", "--yes").stderr
    assert "order 1 is queued, and just being taken up: it can be cancelled" in taken_up
    with terminal.shop.desk.database.transaction() as connection:
        row = read_locked(connection, 1)
        assert row is not None
        ending.hold_for_staff(connection, row, "a person should look", now=now)
    terminal.json("orders", "refuse", 1, "--ticket", "T", "--yes")
    for act in ACTS:
        refused = terminal.call("orders", act, 1, "--ticket", "T", "--yes").stderr
        assert "order 1 is refused_credited: " in refused


def test_the_finding_of_a_held_order_names_every_way_on(terminal: Terminal) -> None:
    """What staff are told to do about a held order names each act that can end its waiting, corrections among them."""
    held(terminal, an_order(expected_expiry="any"))
    with terminal.shop.desk.database.reading() as connection:
        next_step = connection.execute(select(Finding.next_step)).scalar_one()
    assert "retry, correct, complete or refuse it with a ticket" in next_step


def test_an_order_that_is_not_there_is_told_so(terminal: Terminal) -> None:
    """An act on a number that no order has ends with 1 and says so."""
    for words in (
        ("show", 9),
        ("retry", 9, "--dry-run"),
        *((act, 9, "--ticket", "T", "--yes") for act in ACTS),
    ):
        refused = terminal.call("orders", *words)
        assert (refused.exit_code, "order_unknown" in refused.stderr) == (1, True)


def test_orders_are_listed_by_what_is_asked(terminal: Terminal) -> None:
    """A list can be narrowed to a state, a customer or a name in any spelling, and read on from where it ended."""
    lines = b"".join(
        json.dumps({"key": f"k-{number}", **an_order(domain=f"n{number}.com", customer=f"c-{number % 2}")}).encode()
        + b"\n"
        for number in range(4)
    )  # fmt: skip
    terminal.call("orders", "place", "-", stdin=lines)
    terminal.call("orders", "cancel", 2, "--ticket", "T", "--yes")

    def listed(*words: object) -> list[int]:
        return [order["id"] for order in terminal.lines("orders", "list", *words)]

    first, second, third, fourth = listed()
    assert listed("--state", "cancelled") == [second]
    assert listed("--customer", "c-0") == [first, third]
    assert listed("--domain", "N3.COM.") == [fourth]
    assert listed("--after", second, "--limit", 1) == [third]
    assert terminal.call("orders", "list", "--state", "lost").exit_code == 2
    assert terminal.call("orders", "list", "--domain", "https://n1.com").exit_code == 2
    assert "n3.com" in terminal.call("orders", "list").stdout


def test_what_others_wrote_cannot_steer_the_terminal(terminal: Terminal) -> None:
    """A registrar's text with escape sequences is shown with them taken out."""
    held(terminal, an_order(expected_expiry="any"))
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(update(Order).values(hold_reason=f"\x1b[2Jgone [bold]or not می{NON_JOINER}شود"))
    shown = terminal.call("orders", "show", 1).stdout
    assert f"می{NON_JOINER}شود" in shown
    assert "\x1b[2J" not in shown
    assert "[2Jgone [bold]or not" in shown
    assert terminal.shop.desk.now() == START
