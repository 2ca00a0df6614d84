"""Is what somebody is told of a price what will be decided, for every date, zone and version of the rules (D1-D4, E4, E6)?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.portal import documents
from registrar.agreement.answers import NOTHING_KNOWN, Books, Question, answer, end_of_term, needs_look
from registrar.agreement.expiry import RenewalClass, end_of_day
from registrar.agreement.quoting import decide_renewal, fees_due, instant_text, ways_on
from registrar.agreement.rules import AfterGap, FeeRule, Rules
from registrar.commands import Expiry, Kind
from registrar.gateway import Sighting, Standing
from registrar.money import Money
from registrar.names import DomainName
from tests.agreement.rulebook import standard

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
TARIFF = {
    Kind.REGISTER: {12: Money(1000, "USD")},
    Kind.RENEW: {12: Money(1250, "USD")},
    Kind.RESTORE: {0: Money(9000, "USD")},
}
ZONES = ["com", "ir", "co.ir"]
INSTANTS = st.integers(0, 4_700_000_000_000_000).map(
    lambda microseconds: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


def rules_of(zone: str = "com", **renewal: Any) -> Rules:
    """Return the shipped rules of a zone, with changes about renewals."""
    rules = standard().rules(zone, at=NOW)
    return replace(rules, renewal=replace(rules.renewal, **renewal))


def question(zone: str = "com", **changes: Any) -> Question:
    """Return a question about renewing a name for a year."""
    asked: dict[str, Any] = {"domain": DomainName(f"mina.{zone}", zone), "kind": Kind.RENEW, "months": 12}
    return Question(**(asked | changes))


def sighting(expires: datetime | None = None, **seen: Any) -> Sighting:
    """Return a look at our name, with changes."""
    shown: dict[str, Any] = {
        "domain": DomainName("mina.com", "com"),
        "seen_at": NOW,
        "source": "epp",
        "standing": Standing.REGISTERED,
        "ours": True,
        "expiry": Expiry(expires, expires.isoformat()) if expires else None,
    }
    return Sighting(**(shown | seen))


def told(
    paid_through: datetime | None, at: datetime, rules: Rules, *, zone: str = "com", **given: Any
) -> dict[str, Any]:
    """Return what is told of a renewal of a name in our books, asked for an instant."""
    books = Books(paid_through=paid_through, registrar="epp")
    seen = given.pop("seen", None)
    return answer(
        question(zone, at=at, **given), books, seen, rules=rules, tariff=given.get("tariff", TARIFF), now=NOW
    )


@given(
    paid_through=INSTANTS,
    zone=st.sampled_from(ZONES),
    committed=st.integers(0, 60 * 86400),
    more=st.integers(0, 60 * 86400),
    limit=st.sampled_from(["paid_through", "committed_until", "possible_until"]),
    off=st.integers(-2, 2),
)
def test_what_is_quoted_is_what_is_decided(
    *, paid_through: datetime, zone: str, committed: int, more: int, limit: str, off: int
) -> None:
    """At every limit and a second beside it, in every zone and version, the quote names the class that will be decided."""
    rules = rules_of(
        zone, committed=timedelta(seconds=committed), possible=timedelta(seconds=committed + more)
    )
    decided_there = decide_renewal(paid_through=paid_through, counted_at=paid_through, rules=rules)
    at = getattr(decided_there.windows, limit) + off * SECOND
    decision = decide_renewal(paid_through=paid_through, counted_at=at, rules=rules)
    quoted = told(paid_through, at, rules, zone=zone)
    assert quoted["class"] == decision.renewal_class
    for name, text in decision.as_json().items():
        if name not in ("class", "counted_at"):
            assert quoted[name] == text
    assert (quoted["price"] is None) == (quoted["due_by"] is None) == (not decision.possible)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), RenewalClass.NOT_EXPIRED),
        (SECOND, RenewalClass.COMMITTED),
        (7 * DAY, RenewalClass.COMMITTED),
        (7 * DAY + SECOND, RenewalClass.BEST_EFFORT),
        (21 * DAY, RenewalClass.BEST_EFFORT),
        (21 * DAY + SECOND, RenewalClass.IMPOSSIBLE),
    ],
)
def test_a_week_and_three_weeks_are_counted_to_the_second(age: timedelta, expected: RenewalClass) -> None:
    """7 d 0 s after the end of the paid term is still committed, 21 d 0 s still best effort, a second later is not (D1, D2)."""
    assert told(NOW, NOW + age, rules_of())["class"] == expected


def test_a_bare_date_lasts_to_the_end_of_its_day_where_the_zone_is() -> None:
    """`2026-11-22` for a .ir name ends at midnight in Tehran, not in Greenwich (D2)."""
    assert end_of_day(date(2026, 11, 22), rules_of("ir").renewal) == datetime(
        2026, 11, 22, 20, 29, 59, tzinfo=UTC
    )
    assert end_of_day(date(2026, 11, 22), rules_of("com").renewal) == datetime(
        2026, 11, 22, 23, 59, 59, tzinfo=UTC
    )


SEEN, GIVEN, OURS = NOW - 3 * DAY, NOW - 2 * DAY, NOW - DAY


@pytest.mark.parametrize(
    ("books", "given_date", "seen", "expected"),
    [
        (Books(paid_through=OURS), GIVEN, sighting(SEEN), (OURS, "books")),
        (NOTHING_KNOWN, GIVEN, sighting(SEEN), (GIVEN, "given")),
        (NOTHING_KNOWN, None, sighting(SEEN), (SEEN, "look")),
        (NOTHING_KNOWN, None, sighting(SEEN, renewed_by_registry=True), (None, None)),
        (NOTHING_KNOWN, None, sighting(SEEN, expiry_is_temporary=True), (None, None)),
        (NOTHING_KNOWN, None, sighting(standing=Standing.UNKNOWN), (None, None)),
        (NOTHING_KNOWN, None, None, (None, None)),
    ],
)
def test_the_end_of_the_term_is_taken_from_who_knows_it_best(
    books: Books, given_date: datetime | None, seen: Sighting | None, expected: tuple[Any, Any]
) -> None:
    """Our books say until when a name is paid for, else whoever asks, else the registrar; a year the registry added does not count (D4)."""
    assert end_of_term(question(expires_at=given_date), books, seen) == expected


def test_a_year_that_the_registry_added_makes_nobody_paid() -> None:
    """A name that its registry renewed is still counted from what was paid, and the words say so (D4)."""
    seen = sighting(NOW + 350 * DAY, renewed_by_registry=True)
    known = told(NOW - 10 * DAY, NOW, rules_of(), seen=seen)
    assert known["class"] == "best_effort"
    assert known["registry_normal_until"] is None
    unknown = told(None, NOW, rules_of(), seen=seen)
    assert (unknown["class"], unknown["paid_through"], unknown["price"]) == (
        None,
        None,
        {"amount": 1250, "currency": "USD"},
    )
    for text in (known, unknown):
        assert "The registry has moved its date by itself" in text["words"]["en"]
        assert "مرجع ثبت، تاریخ آن را خود جابه‌جا کرده است" in text["words"]["fa"]


def test_the_registrys_own_limits_stand_beside_the_agreements() -> None:
    """They are counted from the registry's date; where it moved that by itself, from the end of what was paid for (D1, D4)."""
    paid_through, rules = NOW - 3 * DAY, rules_of("ir")
    books = Books(paid_through=paid_through, registry_expires_at=NOW + 360 * DAY)
    for seen, counted_from in (
        (None, NOW + 360 * DAY),
        (sighting(NOW - 4 * DAY), NOW - 4 * DAY),
        (sighting(NOW + 362 * DAY, renewed_by_registry=True), paid_through),
    ):
        quoted = answer(question("ir"), books, seen, rules=rules, tariff={}, now=NOW)
        limits = [quoted["registry_normal_until"], quoted["registry_penalty_until"], quoted["restorable"]]
        assert limits == [
            instant_text(counted_from + 30 * DAY),
            instant_text(counted_from + 60 * DAY),
            False,
        ]
        assert quoted["possible_until"] == instant_text(paid_through + 21 * DAY)


@pytest.mark.parametrize(
    ("asked", "books", "expected"),
    [
        (question(), NOTHING_KNOWN, True),
        (question(expires_at=NOW - 7 * DAY), NOTHING_KNOWN, False),
        (question(expires_at=NOW - 7 * DAY - SECOND), NOTHING_KNOWN, True),
        (question(), Books(paid_through=NOW - 21 * DAY - SECOND), True),
        (question(look=False), Books(paid_through=NOW - 30 * DAY), False),
        (question(look=True), Books(paid_through=NOW), True),
        (question(kind=Kind.REGISTER), NOTHING_KNOWN, True),
        (question(kind=Kind.TRANSFER), NOTHING_KNOWN, False),
    ],
)
def test_the_registrar_is_asked_where_the_answer_depends_on_it(
    asked: Question, books: Books, *, expected: bool
) -> None:
    """Past the committed week, and where no date is known, the registrar is asked before anything is said (D3)."""
    assert needs_look(asked, books, rules_of(), NOW) is expected


@pytest.mark.parametrize(
    ("zone", "seen", "expected"),
    [
        ("com", sighting(NOW - 8 * DAY), ("renewable", None, "renew", True)),
        ("com", sighting(NOW - 22 * DAY), ("renewable", None, "renew", False)),
        ("ir", sighting(NOW - 30 * DAY), ("renewable", None, "renew", False)),
        ("ir", sighting(NOW - 30 * DAY - SECOND), ("renewable_with_penalty", None, "renew", False)),
        ("ir", sighting(NOW - 60 * DAY), ("renewable_with_penalty", None, "renew", False)),
        ("ir", sighting(NOW - 60 * DAY - SECOND), ("unknown", "window_closed", None, False)),
        ("com", sighting(NOW - 50 * DAY, restorable=True), ("restorable", None, "restore", True)),
        ("com", sighting(standing=Standing.FREE, ours=None), ("free", None, "register", True)),
        ("com", sighting(NOW, ours=False), ("taken", None, None, False)),
        ("com", sighting(NOW, ours=None), ("unknown", "sponsor_hidden", None, False)),
        ("com", sighting(standing=Standing.UNKNOWN), ("unknown", "look_failed", None, False)),
        ("com", sighting(), ("unknown", "no_expiry", None, False)),
        ("com", sighting(NOW, expiry_is_temporary=True), ("unknown", "not_approved", None, False)),
        (
            "com",
            sighting(NOW, statuses=frozenset({"pendingDelete"})),
            ("unknown", "pending_delete", None, False),
        ),
        (
            "com",
            sighting(NOW, statuses=frozenset({"pendingDelete"}), restorable=True),
            ("restorable", None, "restore", True),
        ),
        (
            "com",
            sighting(NOW, statuses=frozenset({"serverRenewProhibited"})),
            ("unknown", "renew_prohibited", None, False),
        ),
        ("com", sighting(NOW + 300 * DAY, renewed_by_registry=True), ("renewable", None, "renew", True)),
    ],
)
def test_what_an_inquiry_leaves_possible(zone: str, seen: Sighting, expected: tuple[Any, ...]) -> None:
    """After a refusal the customer hears what the registrar shows: renewable, with penalty, restorable, free, taken or unknown (D3)."""
    ways = ways_on(seen, rules_of(zone), NOW)
    assert (ways["found"], ways["why_unknown"], ways["way"], ways["ordinary"]) == expected


def test_our_books_say_whether_a_way_is_ordinary() -> None:
    """Whether the agreement still takes a renewal goes by what was paid for, not by the registry's date (D1, D4)."""
    ways = ways_on(sighting(NOW - DAY), rules_of(), NOW, paid_through=NOW - 22 * DAY)
    assert (ways["found"], ways["ordinary"]) == ("renewable", False)


@pytest.mark.parametrize(
    ("seen", "kind", "months", "price"),
    [
        (sighting(standing=Standing.FREE), "register", 12, 1000),
        (sighting(NOW - 50 * DAY, restorable=True), "restore", 0, 9000),
    ],
)
def test_a_name_that_was_lost_is_offered_at_the_price_of_what_it_needs(
    seen: Sighting, kind: str, months: int, price: int
) -> None:
    """A dropped name is offered as a fresh registration, one in redemption as a restore, each at its own price (D3, E7)."""
    quoted = told(NOW - 50 * DAY, NOW, rules_of(), seen=seen)
    assert (quoted["class"], quoted["price"]) == ("impossible", None)
    way = quoted["inquiry"]
    assert (way["way"], way["months"], way["price"]["amount"]) == (kind, months, price)


LATE = FeeRule(
    line="late_renewal",
    kinds=frozenset({Kind.RENEW}),
    after=7 * DAY,
    until=21 * DAY,
    amount=Money(500, "USD"),
    credited_on_refusal=True,
    text={"en": "Late renewal", "fa": "هزینه تمدید دیرهنگام"},
)
WORK = replace(
    LATE, line="work", kinds=frozenset({Kind.RESTORE, Kind.RENEW_ELSEWHERE}), after=timedelta(0), until=None
)


@pytest.mark.parametrize(
    ("kind", "age", "expected"),
    [
        (Kind.RENEW, 7 * DAY, []),
        (Kind.RENEW, 7 * DAY + SECOND, ["late_renewal"]),
        (Kind.RENEW, 21 * DAY, ["late_renewal"]),
        (Kind.RENEW, 21 * DAY + SECOND, []),
        (Kind.RENEW, None, []),
        (Kind.RENEW_ELSEWHERE, None, []),
        (Kind.RESTORE, None, ["work"]),
        (Kind.RESTORE, timedelta(0), []),
        (Kind.RESTORE, SECOND, ["work"]),
        (Kind.TRANSFER, None, []),
    ],
)
def test_fees_go_by_the_age_of_the_lapse(kind: Kind, age: timedelta | None, expected: list[str]) -> None:
    """A late fee begins after its first instant and includes its last (E4)."""
    rules = replace(rules_of(), fees=(LATE, WORK))
    lapsed = NOW - age if age is not None else None
    due = fees_due(kind, paid_through=lapsed, at=NOW, rules=rules)
    assert [fee.line for fee in due] == expected


def test_fees_are_told_before_the_order_line_by_line() -> None:
    """Price, each fee and their sum are quoted before anybody orders (E4)."""
    quoted = told(NOW - 8 * DAY, NOW, replace(rules_of(), fees=(LATE,)))
    assert quoted["fees"] == [
        {
            "line": "late_renewal",
            "amount": 500,
            "currency": "USD",
            "credited_on_refusal": True,
            "text": {"en": "Late renewal", "fa": "هزینه تمدید دیرهنگام"},
        }
    ]
    assert quoted["sum"] == {"amount": 1750, "currency": "USD"}
    assert "\u206817.50 US dollars\u2069" in quoted["words"]["en"]


@pytest.mark.parametrize(
    ("mode", "age", "priced_as", "amount"),
    [
        (AfterGap.RENEWAL, DAY, "renew", 1250),
        (AfterGap.FIRST_PURCHASE, timedelta(0), "renew", 1250),
        (AfterGap.FIRST_PURCHASE, SECOND, "register", 1000),
    ],
)
def test_a_renewal_after_a_gap_is_reckoned_as_the_rules_say(
    mode: AfterGap, age: timedelta, priced_as: str, amount: int
) -> None:
    """An interrupted service costs what a renewal or what a first purchase does; one that was not interrupted renews (E6)."""
    quoted = told(NOW - age, NOW, rules_of(after_gap_price=mode))
    assert (quoted["priced_as"], quoted["price"]["amount"]) == (priced_as, amount)


@pytest.mark.parametrize("age_days", [0, 3, 10, 30])
@pytest.mark.parametrize("seen", [None, sighting(NOW), sighting(standing=Standing.FREE)])
def test_an_answer_has_always_the_same_form(age_days: int, seen: Sighting | None) -> None:
    """Programs find every field in every answer, as the API describes it."""
    quoted = told(NOW - age_days * DAY, NOW, replace(rules_of(), fees=(LATE,)), seen=seen)
    whole = quoted | dict.fromkeys(("id", "customer", "issued_at", "expires_at", "not_promised"))
    described = documents.Quote.model_validate(whole).model_dump(by_alias=True)
    assert whole.keys() == described.keys()
    assert whole["inputs"].keys() == described["inputs"].keys()
    if seen:
        assert whole["inquiry"].keys() == described["inquiry"].keys()
