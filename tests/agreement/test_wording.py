# ruff: noqa: RUF001 - Persian digits and separators are what is tested
"""Do the words for customers say what the class says, in both languages, and admit and promise nothing (D8)?"""

import re
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrar.agreement import wording
from registrar.agreement.calendars import ENGLISH, LANGUAGES, PERSIAN, spoken_instant, spoken_money
from registrar.commands import Kind
from registrar.gateway import Sighting, Standing
from registrar.money import Money
from registrar.names import DomainName
from tests.agreement.test_answers import DAY, INSTANTS, NOW, rules_of, sighting, told

LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"
TABLES = [wording.CLASSES, wording.KINDS, wording.FOUND, *wording._ASKED_FOR.values()]
SENTENCES = [
    *(sentence for table in TABLES for sentence in table.values()),
    wording.ONLY_SUPPORT,
    wording.REGISTRY_RENEWED,
    wording._DELIVERY,
    wording._CREDIT,
    wording._HOLDS,
]
ADMITS = {
    ENGLISH: r"sorry|apolog|fault|mistake|fail|liab|guarant|promis|\bowe|compensat|damage|will be renewed",
    PERSIAN: "متأسف|متاسف|پوزش|عذرخواه|تقصیر|اشتباه|کوتاهی|مسئول|تضمین|قول|خسارت|جبران|تمدید خواهد شد",
}


def classes_said(text: str, language: str) -> set[str]:
    """Return the classes whose sentence stands in a text."""
    return {
        str(name)
        for name, sentence in wording.CLASSES.items()
        if re.search(_pattern(sentence[language]), text)
    }


def _pattern(template: str) -> str:
    return ".+?".join(re.escape(fixed) for fixed, *_ in Formatter().parse(template))


@given(paid_through=INSTANTS, age=st.integers(-40 * 86400, 40 * 86400), zone=st.sampled_from(["com", "ir"]))
def test_both_languages_say_the_class_and_no_other(*, paid_through: datetime, age: int, zone: str) -> None:
    """For any date, the Persian and the English words name exactly the class of the answer."""
    quoted = told(paid_through, paid_through + timedelta(seconds=age), rules_of(zone), zone=zone)
    for language in LANGUAGES:
        assert classes_said(quoted["words"][language], language) == {quoted["class"]}


def test_of_a_name_whose_date_nobody_knows_both_say_that() -> None:
    """Where no date is known, no class is named."""
    quoted = told(None, NOW, rules_of())
    for language in LANGUAGES:
        assert classes_said(quoted["words"][language], language) == {wording.NO_CLASS}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_sentence_admits_or_promises(sentence: dict[str, str]) -> None:
    """No sentence says sorry, names a fault or promises an outcome; both languages fill in the same facts (D8)."""
    for language, words in ADMITS.items():
        assert not re.search(words, sentence[language], re.IGNORECASE)
    filled = [{name for _, name, *_ in Formatter().parse(sentence[language])} for language in LANGUAGES]
    assert filled[0] == filled[1]


def test_only_the_committed_week_speaks_of_what_the_agreement_provides_for() -> None:
    """Past the week the words say that there is no obligation, and past three that a renewal is not possible (D1, D2)."""
    by_age = {days: told(NOW - days * DAY, NOW, rules_of())["words"] for days in (3, 10, 30)}
    assert [("the agreement provides for it" in words["en"]) for words in by_age.values()] == [
        True,
        False,
        False,
    ]
    assert [("no obligation" in words["en"]) for words in by_age.values()] == [False, True, False]
    assert [("not possible" in words["en"]) for words in by_age.values()] == [False, False, True]
    assert [("تعهدی به تمدید آن وجود ندارد" in words["fa"]) for words in by_age.values()] == [
        False,
        True,
        False,
    ]
    assert [("تمدید عادی ممکن نیست" in words["fa"]) for words in by_age.values()] == [False, False, True]


def test_what_cannot_be_ordered_has_no_price_and_no_delivery_in_its_words() -> None:
    """Words about an impossible renewal offer no price, no delivery and no credit for it."""
    quoted = told(NOW - 30 * DAY, NOW, rules_of(), seen=sighting(standing=Standing.FREE))
    for word in ("Price:", "delivery", "credit account"):
        assert word not in quoted["words"]["en"]
    assert "a fresh registration can be ordered" in quoted["words"]["en"]
    assert f"Its price is {FSI}10.00 US dollars{PDI}." in quoted["words"]["en"]


def test_the_credit_is_told_only_where_the_rules_give_it() -> None:
    """Whether a refused renewal is credited is told as the rules have it (D5)."""
    for credited in (True, False):
        quoted = told(NOW, NOW, rules_of(credit_failed=credited))
        assert ("credit account" in quoted["words"]["en"]) is credited
        assert ("حساب بستانکار" in quoted["words"]["fa"]) is credited


def test_what_the_registrar_wrote_is_not_told() -> None:
    """The registrar's own words are for staff; the customer reads ours (D8)."""
    failed = Sighting(
        DomainName("mina.com", "com"), NOW, "epp", Standing.UNKNOWN, reason="2400 Command failed: wet server"
    )
    quoted = told(NOW - 10 * DAY, NOW, rules_of(), seen=failed)
    assert "wet server" not in str(quoted)
    assert "please ask again" in quoted["words"]["en"]


def test_names_and_dates_stay_whole_in_a_line_that_runs_the_other_way() -> None:
    """In Persian a name is isolated from left to right, a date by its own direction, and every isolate is closed."""
    said = told(NOW, NOW, rules_of())["words"]["fa"]
    assert f"{LRI}mina.com{PDI}" in said
    assert f"{FSI}۱ آذر ۱۴۰۵ (۲۲ نوامبر ۲۰۲۶){PDI} ساعت ۱۳:۳۰ به وقت تهران" in said
    assert said.count(LRI) + said.count(FSI) == said.count(PDI)


def test_an_internationalized_name_is_told_as_it_is_shown_and_as_it_is_registered() -> None:
    """A Persian name stands in its own letters, with its registered form beside it."""
    name = DomainName.parse("مینا.ایران", zones={"xn--mgba3a4f16a"})
    quoted = told(NOW, NOW, rules_of("ir"), domain=name)
    assert f"{FSI}مینا.ایران{PDI} ({LRI}{name.ascii}{PDI})" in quoted["words"]["en"]


@pytest.mark.parametrize(
    ("language", "zone", "expected"),
    [
        (PERSIAN, "Asia/Tehran", f"{FSI}۱ فروردین ۱۴۰۵ (۲۱ مارس ۲۰۲۶){PDI} ساعت ۰۰:۰۰ به وقت تهران"),
        (ENGLISH, "Asia/Tehran", f"{FSI}21 March 2026 (1 Farvardin 1405){PDI}, 00:00 Tehran time"),
        (ENGLISH, "UTC", f"{FSI}20 March 2026 (29 Esfand 1404){PDI}, 20:30 UTC"),
    ],
)
def test_dates_stand_in_both_calendars(language: str, zone: str, expected: str) -> None:
    """New Year's night in Tehran is the evening before in Greenwich, and each is written in both calendars."""
    assert spoken_instant(datetime(2026, 3, 20, 20, 30, 59, tzinfo=UTC), language, zone) == expected


@pytest.mark.parametrize(
    ("money", "language", "expected"),
    [
        (Money(4_500_000, "IRR"), PERSIAN, "۴٬۵۰۰٬۰۰۰ ریال ایران"),
        (Money(4_500_000, "IRR"), ENGLISH, "4,500,000 Iranian rials"),
        (Money(1205, "USD"), PERSIAN, "۱۲٫۰۵ دلار آمریکا"),
        (Money(5, "USD"), ENGLISH, "0.05 US dollars"),
    ],
)
def test_amounts_are_written_whole(money: Money, language: str, expected: str) -> None:
    """Rials have no fraction, cents have two digits, and nothing is rounded."""
    assert spoken_money(money, language) == f"{FSI}{expected}{PDI}"


def test_of_a_registered_name_no_delivery_is_spoken_of() -> None:
    """Who asks for a registration of a name that is taken reads that it is, and no date by which it would be delivered (D3)."""
    taken = told(None, NOW, rules_of("com"), kind=Kind.REGISTER, seen=sighting(NOW + 30 * DAY))["words"]
    free = told(
        None, NOW, rules_of("com"), kind=Kind.REGISTER, seen=sighting(standing=Standing.FREE, ours=False)
    )["words"]
    assert ("possible once it is free" in taken[ENGLISH], "delivery time" in taken[ENGLISH]) == (True, False)
    assert ("پس از آزاد شدن" in taken[PERSIAN], "زمان تحویل" in taken[PERSIAN]) == (True, False)
    assert ("delivery time" in free[ENGLISH], "زمان تحویل" in free[PERSIAN]) == (True, True)
