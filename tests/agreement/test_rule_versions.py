"""Is every version of the rules kept as it was in force, and refused when it was changed under its old name?"""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from registrar import rule_versions
from registrar.agreement.rules import RuleBook, Version
from registrar.database import Database
from registrar.models import Event, Order, RuleVersion
from registrar.orders.placing import place
from registrar.rule_versions import RuleChangedError
from tests.agreement.rulebook import standard
from tests.core.story import KEYRING, at_once, body, opened, parse

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SHIPPED = standard().versions[0]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open a fresh database of each kind."""
    with opened(database_url) as fresh:
        yield fresh


def record(database: Database, book: RuleBook, now: datetime = NOW) -> None:
    """Keep a book's versions, in a transaction."""
    with database.transaction() as connection:
        rule_versions.record(connection, book, now)


def kept(database: Database) -> dict[str, dict[str, Any]]:
    """Return all that is kept, by name."""
    with database.reading() as connection:
        found = {name: rule_versions.shown(connection, name) for name in rule_versions.names(connection)}
    return {name: version for name, version in found.items() if version is not None}


def changed(*path: str, to: Any) -> Version:
    """Return the shipped version as it would be with another value at a place."""
    source: dict[str, Any] = copy.deepcopy(dict(SHIPPED.source))
    table = source
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = to
    return replace(SHIPPED, source=source)


def later(name: str) -> Version:
    """Return a later version with another name."""
    common = replace(SHIPPED.common, version=name, effective_from=datetime(2027, 1, 1, tzinfo=UTC))
    return replace(SHIPPED, common=common, source={**SHIPPED.source, "name": name})


def test_a_version_is_kept_once_with_the_day_on_which_it_was_first_seen(database: Database) -> None:
    """The rules in force are kept when they are first read, and reading them again changes nothing."""
    record(database, standard())
    record(database, standard(), NOW.replace(hour=12))
    (version,) = kept(database).values()
    assert (version["recorded_at"], version["effective_from"]) == (NOW, SHIPPED.common.effective_from)
    assert version["text"] == SHIPPED.source
    with database.reading() as connection:
        recorded = connection.execute(select(func.count()).where(Event.kind == "rules.recorded")).scalar_one()
    assert recorded == 1


def test_a_new_version_is_kept_beside_the_old_one(database: Database) -> None:
    """After a change both versions can be shown, in the order in which they took effect."""
    record(database, standard())
    record(database, RuleBook([SHIPPED, later("2027-01")]))
    assert list(kept(database)) == ["2026-01", "2027-01"]


def test_a_version_that_no_file_says_any_more_can_still_be_shown(database: Database) -> None:
    """Old rules do not vanish with the file that said them."""
    record(database, RuleBook([SHIPPED, later("2027-01")]))
    record(database, RuleBook([later("2027-01")]))
    assert "2026-01" in kept(database)


def test_rules_under_which_an_order_is_open_may_not_vanish(database: Database) -> None:
    """While an order waits that was placed under a version, its rules stay in the file; once it has ended they may go (A1)."""
    record(database, standard())
    request = parse(body())
    with database.transaction() as connection:
        order = place(connection, request, keyring=KEYRING, rules=standard(), now=NOW).order_id
    with pytest.raises(RuleChangedError, match=f"order {order} was placed under them: write them back"):
        record(database, RuleBook([later("2027-01")]))
    with database.transaction() as connection:
        connection.execute(update(Order).where(Order.id == order).values(state="cancelled"))
    record(database, RuleBook([later("2027-01")]))


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (changed("renewal", "committed_days", to=5), "(renewal.committed_days was 7)"),
        (changed("zones", "ir", "conduct", "holder_change_lock_days", to=9), "(zones.ir.conduct.holder_change_lock_days was 0)"),
        (changed("fees", to=[]), "(fees is new)"),
        (changed("notices", to={}), "notices.per_minute was 120 and is gone"),
    ],
)  # fmt: skip
def test_changed_rules_need_a_new_name(database: Database, version: Version, said: str) -> None:
    """Rules that were changed under their old name are refused, with what they were and what to do."""
    record(database, standard())
    with pytest.raises(RuleChangedError) as refused:
        record(database, RuleBook([version]))
    assert said in str(refused.value)
    assert "give the changed rules a new name and a later date" in str(refused.value)
    assert kept(database)["2026-01"]["text"] == SHIPPED.source


def test_comments_and_the_order_of_keys_are_no_change(database: Database) -> None:
    """A file that is only arranged anew says the same rules."""
    record(database, standard())
    arranged = dict(reversed(list(SHIPPED.source.items())))
    record(database, RuleBook([replace(SHIPPED, source=arranged)]))
    assert len(kept(database)) == 1


def test_many_that_start_at_once_keep_one_version(database: Database) -> None:
    """Workers that start together all find the version, kept once."""
    at_once(6, lambda _: record(database, standard()))
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(RuleVersion)).scalar_one() == 1


def test_of_two_that_start_at_once_with_other_rules_one_is_refused(database: Database) -> None:
    """Two machines with different rules under one name cannot both start."""
    books = [standard(), RuleBook([changed("renewal", "committed_days", to=5)])]

    def starts(number: int) -> bool:
        try:
            record(database, books[number])
        except RuleChangedError:
            return False
        return True

    assert sorted(at_once(2, starts)) == [False, True]
