"""Do names come in from a file whole or not at all, once, and never over what the books know better?"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from registrar import importing
from registrar.agreement.expiry import RenewalClass, classify
from registrar.database import Database
from registrar.importing import Check, Fate, Fault, Sold, Staging, Taken, writing
from registrar.models import Claim, Domain, Event, Notice
from registrar.notices import replan
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.placing import place, read_request
from registrar.secrets import Keyring
from tests.agreement.rulebook import standard
from tests.desks import CATALOGUE, START, an_order

ACT = ByHand("terminal (mina)", "T-1", START)
SOLD = Sold.by(CATALOGUE, standard(), registrar=None, now=START)
HEADER = "domain,customer,registrar,paid_through,registry_expires_at,registry_id,renew_by\n"
MINA = "mina.com,c-42,epp,2027-03-01,2028-03-01T10:00:00.5Z,D1-TEST,2027-02-20\n"
SARA = "sara.ir,c-7,irnic,2027-03-20,,,\n"


@pytest.fixture
def books(database_url: str) -> Iterator[Database]:
    """Give an empty database, SQLite and PostgreSQL in turn."""
    database = Database(database_url)
    yield database
    database.close()


def faults(text: str | bytes, sold: Sold = SOLD) -> list[Fault]:
    """Return what is wrong with a file."""
    with Staging() as staging:
        return list(Check(as_file(text), staging, sold).faults())


def take(
    books: Database, text: str | bytes, *, replace: bool = False, dry_run: bool = False, sold: Sold = SOLD
) -> list[Taken]:
    """Take a good file in, and return what became of each name."""
    with Staging() as staging:
        check = Check(as_file(text), staging, sold)
        assert list(check.faults()) == []
        options = {"digest": check.digest, "act": ACT, "replace": replace, "dry_run": dry_run}
        return list(importing.take_in(books, staging, **options))  # type: ignore[arg-type]  # each has its own type


def fates(taken: list[Taken]) -> list[Fate]:
    """Return what became of each name, alone."""
    return [one.fate for one in taken]


def as_file(text: str | bytes) -> io.BytesIO:
    """Return a text as a file."""
    return io.BytesIO(text.encode() if isinstance(text, str) else text)


def exported(books: Database, **options: str) -> str:
    """Return the books' names as a file."""
    with books.snapshot() as connection:
        return "".join(f"{','.join(cells)}\n" for cells in importing.export(connection, **options))


def domain(books: Database, name: str) -> Any:
    """Return a name's row."""
    with books.reading() as connection:
        return connection.execute(select(Domain.__table__).where(Domain.name == name)).one()


def events(books: Database) -> list[Any]:
    """Return the events of imports, the oldest first."""
    with books.reading() as connection:
        of_imports = select(Event.__table__).where(Event.kind == writing.IMPORTED).order_by(Event.id)
        return list(connection.execute(of_imports))


def order(books: Database, **changes: Any) -> None:
    """Place an order to renew mina.com."""
    request = read_request(books, an_order(**changes), key="k-1", channel="http", catalogue=CATALOGUE)
    with books.transaction() as connection:
        place(connection, request, keyring=Keyring([Keyring.new_key()]), rules=standard(), now=START)


def test_a_name_comes_in_with_its_dates_apart(books: Database) -> None:
    """What was paid for, what the registry shows and the registrar's own limit are kept apart, each to the second (D4)."""
    assert fates(take(books, HEADER + MINA + SARA)) == [Fate.IMPORTED, Fate.IMPORTED]
    mina, sara = domain(books, "mina.com"), domain(books, "sara.ir")
    assert (mina.customer, mina.registrar, mina.zone, mina.registry_id) == ("c-42", "epp", "com", "D1-TEST")
    assert mina.paid_through == datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC)
    assert mina.registry_expires_at == datetime(2028, 3, 1, 10, tzinfo=UTC)
    assert (mina.registry_expires_text, mina.registry_expiry_source) == ("2028-03-01T10:00:00.5Z", "import")
    assert mina.renew_by == datetime(2027, 2, 20, 23, 59, 59, tzinfo=UTC)
    assert sara.paid_through == datetime(2027, 3, 20, 20, 29, 59, tzinfo=UTC), "the day ends in Tehran"
    assert (sara.registry_expires_at, sara.registry_expiry_source, sara.confirmed_at) == (None, None, None)


def test_every_name_has_its_event(books: Database) -> None:
    """Each name's event tells who brought it in, on which ticket, from which line of which file (C1)."""
    take(books, HEADER + "\n" + MINA)
    (event,) = events(books)
    assert (event.subject, event.actor, event.ticket) == ("domain:mina.com", "terminal (mina)", "T-1")
    assert (event.evidence["line"], len(event.evidence["file"])) == (3, 64)
    with pytest.raises(ActRefusedError):
        ByHand("terminal (mina)", " ", START)


def test_notices_and_classes_follow_what_came_in(books: Database) -> None:
    """A name from a file is noticed and counted like one that was bought here (D2, E2)."""
    take(books, HEADER + MINA)
    with books.transaction() as connection:
        assert replan(connection, rules=standard(), limit=10, now=START) == 1
        assert connection.execute(select(func.count()).select_from(Notice)).scalar_one() > 3
    paid = domain(books, "mina.com").paid_through
    rules = standard().rules("com", at=START).renewal
    assert classify(paid, paid + rules.committed, rules) is RenewalClass.COMMITTED


def test_a_faulty_file_is_told_whole() -> None:
    """Every fault of a file is told at once, with its line, its column and what to do."""
    lines: tuple[tuple[str, list[tuple[str | None, str]]], ...] = (
        ("https://mina.com,c-1,epp,2027-03-01,,,", [("domain", "bare name")]),
        ("mina.org,,epp,1406/01/01,,,", [("domain", "not sold"), ("customer", "1-255"), ("paid_through", "Gregorian")]),
        ("mina.com,c-1,irnic,2027-02-30,,,", [("registrar", "epp"), ("paid_through", "no date")]),
        ("mina.com,c-1,,03/04/2027,,,", [("registrar", "empty"), ("paid_through", "which is the day")]),
        ("mina.com,c-1,epp,2027-03-01", [(None, "4 cells")]),
        ('mina.com,c-1,"ep"p,2027-03-01,,,', [(None, "not CSV")]),
        (f"mina.com,c-1,epp,2027-03-01,,{'x' * 129},", [("registry_id", "1-128")]),
        (f"mina.com,{'c' * 70_000},epp,2027-03-01,,,", [(None, "longer than")]),
        ("مینا.com,c-1,epp,2027-03-01,,,", []),
        ("xn--mgb3dd94c.com,c-1,epp,2027-03-01,,,", []),
        (",c-1,epp,2027-03-01,,,", [("domain", "empty")]),
    )  # fmt: skip
    told = faults(HEADER + "".join(f"{line}\n" for line, _ in lines))
    expected = [(2 + place, *fault) for place, (_, of_line) in enumerate(lines) for fault in of_line]
    again = [one for one in told if "already" in one.text]
    found = [one for one in told if one not in again]
    assert [(one.line, one.column) for one in found] == [(line, column) for line, column, _ in expected]
    assert [text for one, (*_, text) in zip(found, expected, strict=True) if text not in one.text] == []
    assert [one.line for one in again] == [11], "two spellings of one name are one name"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "it is empty"),
        (b"domain;customer;registrar;paid_through\n", "separated by commas"),
        (b"domain,customer,paid_through\n", "the column is missing"),
        (b"domain,customer,registrar,paid_through,paid_through\n", "twice"),
        (b"domain,customer,registrar,paid_through,colour\n", "nobody reads"),
        ((HEADER + MINA).encode("utf-16"), "not UTF-8"),
        (HEADER.encode() + b"mina.com,c-\xff,epp,2027-03-01,,,\n", "not UTF-8"),
        (HEADER.encode() + b'mina.com,"c-1,epp,2027-03-01,,,\n', "not CSV"),
    ],
)
def test_a_file_in_another_form_is_not_read(text: bytes, told: str) -> None:
    """A file of another kind, or without a column that must be there, is refused with what is wrong."""
    assert told in " ".join(fault.text for fault in faults(text))


def test_a_file_of_a_spreadsheet_is_read(books: Database) -> None:
    """A mark at the file's beginning, upper case in the header, blank lines and quotes are no faults."""
    text = '\ufeffDomain, Customer ,REGISTRAR,Paid_Through\r\n\r\n"MINA.com.","c, 42",epp,20.03.2027\r\n'
    assert fates(take(books, text)) == [Fate.IMPORTED]
    assert domain(books, "mina.com").customer == "c, 42"


def test_a_registrar_can_be_named_for_all(books: Database) -> None:
    """Where a file has no registrar, or a line leaves it open, the one that is named for all holds."""
    sold = Sold.by(CATALOGUE, standard(), registrar="epp", now=START)
    take(books, "domain,customer,paid_through\nmina.com,c-42,\n", sold=sold)
    mina = domain(books, "mina.com")
    assert (mina.registrar, mina.paid_through) == ("epp", None)
    assert [fault.column for fault in faults("domain,customer,paid_through\nsara.ir,c,\n", sold)] == [
        "registrar"
    ]
    with pytest.raises(ValueError, match="epp, irnic"):
        Sold.by(CATALOGUE, standard(), registrar="nobody", now=START)


def test_the_same_file_again_changes_nothing(books: Database) -> None:
    """A file that is taken in twice is in the books once, and one more name in it is all that is written."""
    take(books, HEADER + MINA)
    before = (domain(books, "mina.com"), len(events(books)))
    assert fates(take(books, HEADER + MINA, replace=True)) == [Fate.ALREADY]
    assert (domain(books, "mina.com"), len(events(books))) == before
    assert fates(take(books, HEADER + MINA + SARA)) == [Fate.ALREADY, Fate.IMPORTED]


def test_what_was_cut_off_is_gone_on_with(books: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two batches, an import leaves whole batches; run again it writes the rest and nothing twice."""
    monkeypatch.setattr(writing, "BATCH", 2)
    text = HEADER + "".join(f"n{number}.com,c-1,epp,2027-03-01,,,\n" for number in range(5))
    with Staging() as staging:
        check = Check(as_file(text), staging, SOLD)
        assert list(check.faults()) == []
        taking = importing.take_in(books, staging, digest=check.digest, act=ACT, replace=False, dry_run=False)
        next(taking)
        del taking
    assert len(events(books)) == 2
    assert fates(take(books, text)) == [Fate.ALREADY] * 2 + [Fate.IMPORTED] * 3
    assert len(events(books)) == 5


def test_a_batch_that_fails_leaves_nothing(books: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name and its event are written together, or neither."""
    monkeypatch.setattr("registrar.events.record_each", crash)
    with pytest.raises(ConnectionError):
        take(books, HEADER + MINA)
    assert exported(books) == HEADER


def crash(*_given: object, **_named: object) -> None:
    """Stand for a machine that dies."""
    raise ConnectionError


def test_a_name_that_differs_is_never_written_over_unasked(books: Database) -> None:
    """A name that the books know otherwise is listed with both values and left, until somebody says --replace."""
    take(books, HEADER + MINA)
    other = HEADER + "mina.com,c-9,epp,2029-03-01,,,\n"
    (conflict,) = take(books, other)
    assert conflict.fate is Fate.CONFLICT
    assert conflict.differences["customer"] == ("c-42", "c-9")
    assert domain(books, "mina.com").customer == "c-42"
    assert fates(take(books, other, replace=True)) == [Fate.REPLACED]
    mina, event = domain(books, "mina.com"), events(books)[-1]
    assert (mina.customer, mina.paid_through.year) == ("c-9", 2029)
    assert (mina.registry_id, mina.registry_expires_at.year) == ("D1-TEST", 2028), (
        "an empty cell takes nothing away"
    )
    assert event.evidence["was"] == {"customer": "c-42", "paid_through": "2027-03-01T23:59:59+00:00"}


def test_a_file_never_takes_back_what_happened_since(books: Database) -> None:
    """A name that was renewed after its import keeps its new term, whoever runs the same file again (D4)."""
    take(books, HEADER + MINA)
    with books.transaction() as connection:
        connection.execute(update(Domain).values(paid_through=START + timedelta(days=900)))
    assert fates(take(books, HEADER + MINA, replace=True)) == [Fate.CHANGED_SINCE]
    assert domain(books, "mina.com").paid_through == START + timedelta(days=900)


def test_a_name_that_left_comes_back_only_when_asked(books: Database) -> None:
    """A name that left us is a conflict; with --replace it is ours again, and noticed again."""
    with books.transaction() as connection:
        values = {"name": "mina.com", "zone": "com", "customer": "c-42", "registrar": "epp", "gone_at": START}
        left_us = {"gone_why": "transferred", "doubted_at": START, "doubted_why": "registrar:left"}
        connection.execute(insert(Domain).values(**values, **left_us))
    (left,) = take(books, HEADER + MINA)
    assert (left.fate, "gone_at" in left.differences) == (Fate.CONFLICT, True)
    assert fates(take(books, HEADER + MINA, replace=True)) == [Fate.REPLACED]
    mina = domain(books, "mina.com")
    assert (mina.gone_at, mina.gone_why, mina.registry_expiry_source) == (None, None, "import")
    assert (mina.doubted_at, mina.doubted_why) == (None, None)


def test_a_name_with_an_open_order_is_left(books: Database) -> None:
    """While an order is open, its name is the order's: nothing is written, and it is told."""
    order(books)
    assert fates(take(books, HEADER + MINA + SARA)) == [Fate.ORDERED, Fate.IMPORTED]
    with books.transaction() as connection:
        connection.execute(delete(Domain))
        values = {"name": "mina.com", "zone": "com", "customer": "c-1", "registrar": "epp"}
        connection.execute(insert(Domain).values(**values))
    assert fates(take(books, HEADER + MINA, replace=True)) == [Fate.ORDERED]
    assert domain(books, "mina.com").customer == "c-1"


def test_a_name_that_is_claimed_is_not_written_over(books: Database) -> None:
    """While somebody claims a name, a file does not give it to another customer (D9)."""
    take(books, HEADER + MINA)
    with books.transaction() as connection:
        connection.execute(insert(Claim).values(**an_open_claim()))
    assert fates(take(books, HEADER + MINA.replace("c-42", "c-9"), replace=True)) == [Fate.CLAIMED]
    assert domain(books, "mina.com").customer == "c-42"


def an_open_claim() -> dict[str, Any]:
    """Return the least of a claim to mina.com."""
    columns = Claim.__table__.columns
    needed = [column for column in columns if not column.nullable and not column.primary_key]
    sample: dict[type, Any] = {str: "x", int: 1, datetime: START, list: [], dict: {}, bool: False}
    values = {
        column.name: next(
            (value for kind, value in sample.items() if issubclass(_python_type(column), kind)), "x"
        )
        for column in needed
        if column.default is None
    }
    return values | {"domain": "mina.com"}


def _python_type(column: Any) -> type:
    implementation = getattr(column.type, "impl", column.type)
    kind: type = implementation.python_type
    return kind


def test_a_dry_run_says_the_same_and_writes_nothing(books: Database) -> None:
    """A dry run tells what would become of each name, and the books stay as they are."""
    take(books, HEADER + MINA)
    text = HEADER + MINA.replace("c-42", "c-9") + SARA
    before = exported(books)
    for replace in (False, True):
        foreseen = fates(take(books, text, replace=replace, dry_run=True))
        assert foreseen == [Fate.REPLACED if replace else Fate.CONFLICT, Fate.IMPORTED]
    assert (exported(books), len(events(books))) == (before, 1)


def test_a_name_that_an_order_brought_in_at_this_moment_is_left_to_it(books: Database) -> None:
    """Two hands writing one new name are no fault: the first one's stays, and the other is told."""
    with Staging() as staging:
        assert list(Check(as_file(HEADER + MINA), staging, SOLD).faults()) == []
        (line,) = next(staging.batches(1))
    take(books, HEADER + MINA)
    with books.transaction() as connection:
        (late,) = writing._written(connection, [Taken(line, Fate.IMPORTED, {})], "another file", ACT)
    assert (late.fate, len(events(books))) == (Fate.MEANWHILE, 1)


def test_an_export_is_of_one_customer_or_zone(books: Database) -> None:
    """Staff can take out the names of one customer, or of one zone."""
    take(books, HEADER + MINA + SARA)
    mina, sara = "\nmina.com", "\nsara.ir"
    for options, expected in (
        ({}, (True, True)),
        ({"customer": "c-7"}, (False, True)),
        ({"zone": "com"}, (True, False)),
    ):
        text = exported(books, **options)
        assert (mina in text, sara in text) == expected


INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
TEXTS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
NAMES = st.dictionaries(
    st.from_regex(r"[a-z0-9]{1,12}\.(com|ir)|xn--mgb3dd94c\.ir", fullmatch=True),
    st.tuples(TEXTS, st.none() | INSTANTS, st.none() | INSTANTS, st.none() | TEXTS, st.none() | INSTANTS),
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES)
def test_what_goes_out_comes_in_again(sqlite_url: str, names: dict[str, Any]) -> None:
    """Whatever the books hold, a file that was exported and taken in elsewhere exports the same file again."""
    books = Database(sqlite_url)
    try:
        with books.transaction() as connection:
            connection.execute(delete(Domain))
            for name, values in names.items():
                connection.execute(insert(Domain).values(**stored(name, values)))
        before = as_csv(books)
        same = fates(take(books, before))
        with books.transaction() as connection:
            connection.execute(delete(Domain))
        taken = fates(take(books, before))
        assert (same, taken) == ([Fate.ALREADY] * len(names), [Fate.IMPORTED] * len(names))
        assert as_csv(books) == before
    finally:
        books.close()


def stored(name: str, values: tuple[Any, ...]) -> dict[str, Any]:
    """Return a name's row."""
    customer, paid_through, shown, registry_id, renew_by = values
    zone = name.rpartition(".")[2]
    return {
        "name": name,
        "zone": zone,
        "customer": customer,
        "registrar": {"com": "epp", "ir": "irnic"}[zone],
        "paid_through": paid_through,
        "registry_expires_at": shown,
        "registry_id": registry_id,
        "renew_by": renew_by,
    }


def as_csv(books: Database) -> str:
    """Return the books' names as the terminal writes them."""
    import csv

    text = io.StringIO()
    with books.snapshot() as connection:
        csv.writer(text, lineterminator="\n").writerows(importing.export(connection))
    return text.getvalue()
