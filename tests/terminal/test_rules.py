"""Do staff see the rules in force, every fault of new ones, and what they would do to names and orders before they hold?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from adapters.terminal.exits import ExitCode, MisconfiguredError
from adapters.terminal.starters import Starters
from config.layers import ConfigurationError
from config.rules import read_rules
from registrar import rule_versions, simulation
from registrar.agreement.rules import RuleBook
from registrar.models import Domain, Order
from registrar.orders.placing import place
from registrar.orders.requests import parse_request
from tests.agreement.rulebook import shipped_text, standard
from tests.databases import ON_ONE_DATABASE
from tests.desks import START, opened
from tests.terminal.conftest import Started, Terminal

DAY = timedelta(days=1)
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
OLD = shipped_text()
CHANGES = {
    'name = "2026-01"': 'name = "2027-01"',
    "effective_from = 2026-01-01\n": "effective_from = 2027-01-01\n",
}
FEE = (
    '[[version.fees]]\nline = "late_renewal"\nkinds = ["renew"]\nafter_days = 0\namount = 500\ncurrency = "USD"\n'
    'credited_on_refusal = true\ntext = { fa = "دیرکرد", en = "Late" }\n\n'
)


class WithRules(Started):
    """Starters that read rules as the product does."""

    def starters(self) -> Starters:
        """Return starters that note their call, but for the reading of rules."""

        def read(_config: Path | None, file: Path) -> RuleBook:
            try:
                return read_rules(file)
            except ConfigurationError as error:
                raise MisconfiguredError(str(error)) from error

        return replace(super().starters(), read_rules=read)


@pytest.fixture
def terminal(database_url: str) -> Iterator[Terminal]:
    """Give the command over a fresh database, with rules that are really read."""
    with opened(database_url) as shop:
        yield Terminal(shop, WithRules([]))


@pytest.fixture
def changed(tmp_path: Path) -> "Changed":
    """Give a file with today's rules and changed ones from next year on."""
    return Changed(tmp_path / "changed.toml")


@dataclass(frozen=True)
class Changed:
    """A file of rules that is about to be put in force."""

    file: Path

    def __call__(self, *changes: tuple[str, str], zones: str | None = None) -> Path:
        """Write today's rules and, from next year on, a copy with these changes and perhaps other zones."""
        text = OLD if zones is None else OLD[: OLD.index("[version.zones.ir]")]
        for old, new in [*CHANGES.items(), *changes]:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.file.write_text(f"{OLD}\n{text}{zones or ''}", encoding="utf-8")
        return self.file


def add_domain(terminal: Terminal, name: str, paid_through: datetime | None, **fields: Any) -> None:
    """Enter a name into the books."""
    row = {"name": name, "zone": name.partition(".")[2], "customer": "c-1", "registrar": "epp"}
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(insert(Domain).values(paid_through=paid_through, **(row | fields)))


def add_order(terminal: Terminal, number: int, **fields: Any) -> int:
    """Place an order of a renewal."""
    desk = terminal.shop.desk
    body = {
        "customer": "c-1",
        "kind": "renew",
        "domain": f"mina{number}.com",
        "months": 12,
        "price": {"amount": 1250, "currency": "USD"},
        "payment": {"source": "outside", "paid_at": "2026-11-22T09:00:00Z", "reference": f"r-{number}"},
        "expected_expiry": "any",
    }
    request = parse_request(body | fields, key=f"k-{number}", channel="http", catalogue=desk.catalogue)
    with desk.database.transaction() as connection:
        return place(connection, request, keyring=desk.keyring, rules=desk.rules, now=START).order_id


def simulated(
    terminal: Terminal, file: Path, *options: str
) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]]:
    """Simulate, and return the changes and the summary."""
    *changes, last = terminal.lines("rules", "simulate", "--rules", file, *options)
    return changes, last["summary"]


def test_a_shorter_week_shows_whom_it_would_cost_his_class(terminal: Terminal, changed: Changed) -> None:
    """Before a week becomes five days, staff see each name that would lose its class, and how many there are (D1, D2)."""
    add_domain(terminal, "asal.com", NEXT_YEAR - 6 * DAY)
    add_domain(terminal, "mina.com", NEXT_YEAR - 5 * DAY)
    add_domain(terminal, "zari.ir", NEXT_YEAR - 7 * DAY, registrar="irnic")
    add_domain(terminal, "unknown.com", None)
    add_domain(terminal, "gone.com", NEXT_YEAR - 6 * DAY, gone_at=START)
    changes, summary = simulated(terminal, changed(("committed_days = 7", "committed_days = 5")))
    assert [change["domain"] for change in changes] == ["asal.com", "mina.com", "zari.ir"]
    asal, mina, _ = changes
    assert asal["before"] == {"class": "committed", "committed_until": "2027-01-02T00:00:00Z"}
    assert asal["after"] == {"class": "best_effort", "committed_until": "2026-12-31T00:00:00Z"}
    assert (asal["paid_through"], asal["zone"]) == ("2026-12-26T00:00:00Z", "com")
    assert mina["after"] == {"committed_until": "2027-01-01T00:00:00Z"}
    assert summary["at"] == "2027-01-01T00:00:00Z"
    assert (summary["version_before"], summary["version_after"]) == ("2026-01", "2027-01")
    assert (summary["domains"], summary["domains_changed"], summary["domains_without_a_date"]) == (4, 3, 1)
    assert summary["classes"] == [
        {"before": "committed", "after": "best_effort", "domains": 2},
        {"before": "committed", "after": "committed", "domains": 1},
    ]
    assert {row["what"]: row["domains"] for row in summary["changes"]} == {"class": 2, "committed_until": 3}


def test_a_fee_and_another_notice_are_shown(terminal: Terminal, changed: Changed) -> None:
    """A fee that would be asked, and the day of the next notice, are told per name (E2, E4)."""
    add_domain(terminal, "lapsed.com", NEXT_YEAR - 2 * DAY)
    add_domain(terminal, "paid.com", NEXT_YEAR + 20 * DAY)
    file = changed(
        ("[version.delivery]\n", f"{FEE}[version.delivery]\n"),
        ("days = [-31, -15, -7,", "days = [-31, -10, -7,"),
    )
    lapsed, paid = simulated(terminal, file)[0]
    assert lapsed["before"] == {"fees": []}
    assert [(fee["line"], fee["amount"]) for fee in lapsed["after"]["fees"]] == [("late_renewal", 500)]
    assert paid["before"] == {"next_notice": "2027-01-06T06:30:00Z"}
    assert paid["after"] == {"next_notice": "2027-01-11T06:30:00Z"}


def test_only_one_zone_is_shown_if_asked(terminal: Terminal, changed: Changed) -> None:
    """What a change does to .ir alone can be seen, with the registry's own limits beside the contract's (D1)."""
    add_domain(terminal, "mina.com", NEXT_YEAR - 6 * DAY)
    add_domain(terminal, "zari.ir", NEXT_YEAR - 6 * DAY, registrar="irnic")
    file = changed(
        ("committed_days = 7", "committed_days = 5"),
        zones="[version.zones.ir.renewal]\nregistry_normal_days = 30\nrestorable = false\ncommitted_days = 7\n",
    )
    (zari,), summary = simulated(terminal, file, "--zone", "IR")
    assert (zari["domain"], summary["domains"]) == ("zari.ir", 1)
    assert zari["before"] == {"registry_penalty_until": "2027-02-24T00:00:00Z"}
    assert zari["after"] == {"registry_penalty_until": None}


def test_rules_that_say_the_same_change_nothing(terminal: Terminal, changed: Changed) -> None:
    """A copy under a new name is seen to do nothing, at any instant."""
    add_domain(terminal, "mina.com", NEXT_YEAR - 6 * DAY)
    add_order(terminal, 1)
    changes, summary = simulated(terminal, changed(), "--at", "2027-06-01T00:00:00Z")
    assert changes == []
    assert (summary["domains"], summary["orders"], summary["at"]) == (1, 1, "2027-06-01T00:00:00Z")
    assert (summary["domains_changed"], summary["orders_changed"]) == (0, 0)


def test_an_open_order_keeps_its_rules_and_one_like_it_is_shown(terminal: Terminal, changed: Changed) -> None:
    """Orders that are open keep what they were promised; what an order like them would get is beside it (A1, D1, O2)."""
    add_domain(terminal, "mina1.com", START - 6 * DAY)
    first, ended = add_order(terminal, 1), add_order(terminal, 2)
    with terminal.shop.desk.database.transaction() as connection:
        connection.execute(update(Order).where(Order.id == ended).values(state="refused"))
    file = changed(
        ("renew = 48", "renew = 24"),
        ("committed_days = 7", "committed_days = 5"),
        ("credit_failed_renewal = true", "credit_failed_renewal = false"),
    )
    changes, summary = simulated(terminal, file)
    (order,) = (change for change in changes if "order" in change)
    assert (order["order"], order["keeps"], order["kind"]) == (first, "2026-01", "renew")
    assert (order["before"]["class"], order["after"]["class"]) == ("committed", "best_effort")
    assert (order["before"]["due_by"], order["after"]["due_by"]) == (
        "2026-11-24T09:00:00Z",
        "2026-11-23T09:00:00Z",
    )
    assert (order["before"]["credit_failed_renewal"], order["after"]["credit_failed_renewal"]) == (
        True,
        False,
    )
    assert "fees" not in order["before"]
    assert (summary["orders"], summary["orders_changed"]) == (1, 1)


@pytest.mark.parametrize(
    ("clock", "after"), [("paid", "committed"), ("accepted", "best_effort"), ("sent", "impossible")]
)
def test_another_clock_is_seen_in_open_orders(
    terminal: Terminal, changed: Changed, clock: str, after: str
) -> None:
    """An order that was paid within the week, taken an hour after it and is still here: each clock tells another class (D2)."""
    add_domain(terminal, "mina1.com", START - 7 * DAY - timedelta(minutes=30))
    order = add_order(terminal, 1)
    changes, _ = simulated(terminal, changed(('clock = "paid"', f'clock = "{clock}"')))
    found = [change for change in changes if change.get("order") == order]
    assert [change["after"]["class"] for change in found] == ([] if after == "committed" else [after])


def test_many_names_are_read_by_pages(
    terminal: Terminal, changed: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many names and orders there are, each is read once, and few at a time."""
    monkeypatch.setattr(simulation, "PAGE", 3)
    names = sorted(f"mina{number}.com" for number in range(9))
    for name in names:
        add_domain(terminal, name, NEXT_YEAR - 6 * DAY)
    numbers = [add_order(terminal, number) for number in range(7)]
    file = changed(("committed_days = 7", "committed_days = 5"), ("renew = 48", "renew = 24"))
    changes, summary = simulated(terminal, file)
    assert [change["domain"] for change in changes if "order" not in change] == names
    assert [change["order"] for change in changes if "order" in change] == numbers
    assert (summary["domains"], summary["orders"]) == (9, 7)


def test_the_tables_show_the_first_and_count_all(terminal: Terminal, changed: Changed) -> None:
    """On a screen the first changes and the numbers are seen, and how many more there are."""
    for number in range(4):
        add_domain(terminal, f"mina{number}.com", NEXT_YEAR - 6 * DAY)
    add_domain(terminal, "zari.com", NEXT_YEAR - DAY)
    file = changed(("committed_days = 7", "committed_days = 5"), ("possible_days = 21", "possible_days = 14"))
    result = terminal.call("rules", "simulate", "--rules", file, "--limit", 2)
    assert result.exit_code == 0, result.output
    assert "class: committed → best_effort; " in result.stdout
    assert "\N{REPLACEMENT CHARACTER}" not in result.stdout
    assert "mina1.com" in result.stdout
    assert "mina2.com" not in result.stdout
    assert "and 3 more: --limit shows more of them, --json all" in result.stderr
    assert "domains_changed" in result.stdout


def test_a_simulation_changes_nothing(terminal: Terminal, changed: Changed) -> None:
    """Whatever is tried out, no row is written."""
    add_domain(terminal, "mina1.com", START)
    add_order(terminal, 1)
    before = terminal.shop.rows()
    simulated(terminal, changed(("committed_days = 7", "committed_days = 5")))
    assert terminal.shop.rows() == before


def test_a_version_that_would_be_refused_is_told_beforehand(terminal: Terminal, changed: Changed) -> None:
    """Changed rules under an old name are seen to be refused before anybody restarts the product with them."""
    with terminal.shop.desk.database.transaction() as connection:
        rule_versions.record(connection, standard(), START)
    changed.file.write_text(OLD.replace("committed_days = 7", "committed_days = 5"), encoding="utf-8")
    _, summary = simulated(terminal, changed.file)
    assert "renewal.committed_days was 7" in summary["refused_at_start"]
    assert summary["at"] == "2026-11-22T10:00:00Z"
    _, summary = simulated(terminal, changed())
    assert summary["refused_at_start"] is None


@ON_ONE_DATABASE
@pytest.mark.parametrize("command", [("check",), ("simulate", "--rules")])
def test_faults_of_a_file_are_told_with_their_lines(
    terminal: Terminal, changed: Changed, command: tuple[str, ...]
) -> None:
    """A file that cannot be used ends with 78 and says each line."""
    file = changed(("factor = 2", "factor = 0"), ("at_hour = 10", "at_hour = 30"))
    result = terminal.call("rules", *command, file, "--json")
    assert (result.exit_code, result.stdout) == (ExitCode.MISCONFIGURED, "")
    first, second = json.loads(result.stderr)["error"]["text"].split("\n")
    assert first.startswith(f"{file}, line ")
    assert "delivery.factor" in first
    assert "notices.at_hour" in second


def test_a_good_file_is_described(terminal: Terminal, changed: Changed) -> None:
    """What was understood is said: the versions, their dates, the zones that differ; no database is needed."""
    described = terminal.json("rules", "check", changed())
    assert [(version["name"], version["effective_from"]) for version in described["versions"]] == [
        ("2026-01", "2026-01-01T00:00:00Z"),
        ("2027-01", "2027-01-01T00:00:00Z"),
    ]
    assert described["versions"][0]["zones"] == ["co.ir", "ir", "xn--mgba3a4f16a"]
    assert not any(call[0] == "desk" for call in terminal.started.calls)


def test_the_rules_in_force_are_shown(terminal: Terminal) -> None:
    """Staff see every number in force, as it is written, and since when it is kept."""
    with terminal.shop.desk.database.transaction() as connection:
        rule_versions.record(connection, standard(), START)
    shown = terminal.json("rules", "show")
    assert (shown["version"], shown["in_force"], shown["versions"]) == ("2026-01", True, ["2026-01"])
    assert shown["recorded_at"] == "2026-11-22T10:00:00Z"
    assert shown["rules"]["renewal"]["committed_days"] == 7
    table = terminal.call("rules", "show").stdout
    assert "renewal.committed_days" in table
    assert "zones.ir.renewal.registry_normal_days" in table


@pytest.mark.parametrize("zone", ["xn--mgba3a4f16a", "ایران"])
def test_the_rules_of_a_zone_are_shown_whole(terminal: Terminal, zone: str) -> None:
    """What holds in a zone is seen in one place, without what holds elsewhere."""
    rules = terminal.json("rules", "show", "--zone", zone)["rules"]
    assert (rules["renewal"]["registry_normal_days"], rules["renewal"]["committed_days"]) == (30, 7)
    assert "zones" not in rules


def test_an_old_version_is_shown_though_no_file_says_it(terminal: Terminal) -> None:
    """Years later the rules of an old order can still be read."""
    old = standard().versions[0]
    source = {**old.source, "name": "2020-01"}
    version = replace(old, common=replace(old.common, version="2020-01"), source=source)
    with terminal.shop.desk.database.transaction() as connection:
        rule_versions.record(connection, RuleBook([version]), START)
    shown = terminal.json("rules", "show", "--version", "2020-01")
    assert (shown["in_force"], shown["rules"]["name"]) == (False, "2020-01")


def test_a_version_that_never_was_is_not_shown(terminal: Terminal) -> None:
    """A name that nobody knows is refused."""
    result = terminal.call("rules", "show", "--version", "1999-01", "--json")
    assert result.exit_code == ExitCode.FAILED
    assert json.loads(result.stderr)["error"]["code"] == "version_unknown"


@ON_ONE_DATABASE
@pytest.mark.parametrize("at", ["tomorrow", "2027-01-01", "2027-01-01T00:00:00"])
def test_an_instant_has_its_zone(terminal: Terminal, changed: Changed, at: str) -> None:
    """A time that could be any of two dozen is not guessed."""
    result = terminal.call("rules", "simulate", "--rules", changed(), "--at", at)
    assert result.exit_code == ExitCode.USAGE
