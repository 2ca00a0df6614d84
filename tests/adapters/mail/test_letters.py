"""Do the letters say what is so, in both languages and calendars, whole, and nothing else?"""

import re
from collections import Counter
from itertools import product
from typing import Any

import pytest
from lxml import html as lxml_html

from adapters.mail.letters import Letter, write
from registrar.mails import FACTS as OWED
from registrar.mails import Language, NoticeKind
from tests.adapters.mail.letters import EXPIRY, FACTS, LETTERHEAD, a_mail

FIRST_STRONG, LEFT_TO_RIGHT, END = "\u2068", "\u2066", "\u2069"
ALL = [
    (kind, language, facts, domain)
    for kind, language, domain in product(NoticeKind, Language, ("mina.com", None))
    for facts in FACTS[kind]
    if domain or kind not in (NoticeKind.EXPIRY, NoticeKind.DELIVERED)
]


def visible(letter: Letter) -> str:
    """Return the text of the letter's HTML, as one line."""
    page = lxml_html.document_fromstring(letter.html)
    body: Any = page.find("body")
    return " ".join(str(body.text_content()).split())


@pytest.mark.parametrize(("kind", "language", "facts", "domain"), ALL)
def test_text_and_page_say_the_same(
    kind: NoticeKind, language: Language, facts: dict[str, Any], domain: str | None
) -> None:
    """Whoever reads a letter as text and whoever reads it as a page is told the same, to the last word."""
    letter = write(a_mail(kind, language, facts, domain=domain), LETTERHEAD)
    for word in re.findall(r"\w[\w.:/-]*", letter.text.replace("--\n", "")):
        assert word.rstrip(".:") in visible(letter), word
    assert not re.search(r"\n{3,}| {2,}|None|\{|\}", letter.text)
    assert letter.subject
    assert "\n" not in letter.subject
    assert OWED[kind] <= facts.keys()


@pytest.mark.parametrize(("kind", "language", "facts", "domain"), ALL)
def test_nothing_is_loaded_and_nothing_is_sold(
    kind: NoticeKind, language: Language, facts: dict[str, Any], domain: str | None
) -> None:
    """A page loads nothing from anywhere, runs nothing, links nowhere, and its tags are closed; no advertising is in it."""
    letter = write(a_mail(kind, language, facts, domain=domain), LETTERHEAD)
    page = lxml_html.document_fromstring(letter.html)
    tags = Counter(str(element.tag) for element in page.iter())
    assert tags.keys() <= {"html", "head", "meta", "title", "body", "table", "tr", "td", "p", "bdi", "br"}
    attributes = {str(name) for element in page.iter() for name in element.attrib}
    assert attributes.isdisjoint({"src", "href", "background", "srcset", "onload"})
    for tag, count in tags.items():
        closed = 0 if tag in ("meta", "br") else count
        assert (len(re.findall(rf"<{tag}\b", letter.html)), letter.html.count(f"</{tag}>")) == (count, closed)
    assert "url(" not in letter.html
    assert "@import" not in letter.html
    assert re.findall(r"https?://[^\s<]+", letter.html + letter.text) == ["https://support.shop.example"] * 2


@pytest.mark.parametrize(("language", "direction"), [(Language.PERSIAN, "rtl"), (Language.ENGLISH, "ltr")])
def test_a_page_runs_the_way_of_its_language(language: Language, direction: str) -> None:
    """A Persian letter runs from right to left, in all its parts, and an English one from left to right."""
    page: Any = lxml_html.document_fromstring(
        write(a_mail(NoticeKind.EXPIRY, language, EXPIRY), LETTERHEAD).html
    )
    assert (page.get("lang"), page.get("dir"), page.find("body").get("dir")) == (
        language,
        direction,
        direction,
    )
    assert {table.get("dir") for table in page.iter("table")} == {direction}


def test_a_name_stays_whole_in_a_line_that_runs_the_other_way() -> None:
    """A name is kept apart from the line around it, and a Persian one is shown with the form that machines know."""
    letter = write(
        a_mail(NoticeKind.EXPIRY, Language.PERSIAN, EXPIRY, domain="xn--mgba3a4f16a.ir"), LETTERHEAD
    )
    assert f"{FIRST_STRONG}ایران.ir{END} ({LEFT_TO_RIGHT}xn--mgba3a4f16a.ir{END})" in letter.text
    assert ">ایران.ir</bdi>" in letter.html
    assert '<bdi dir="ltr">xn--mgba3a4f16a.ir</bdi>' in letter.html
    assert "xn--" not in letter.subject


def test_a_date_stands_in_both_calendars_with_its_clock() -> None:
    """A Persian reader sees Tehran's time in his digits, with UTC beside it on its own day; an English one sees UTC."""
    persian = write(a_mail(NoticeKind.EXPIRY, Language.PERSIAN, EXPIRY), LETTERHEAD).text
    assert f"۹ آذر ۱۴۰۵ (۳۰ نوامبر ۲۰۲۶){END} ساعت ۰۰:۵۹ به وقت تهران" in persian  # noqa: RUF001 - Persian digits
    assert f"({LEFT_TO_RIGHT}۲۰۲۶/۱۱/۲۹ ۲۱:۲۹\N{NO-BREAK SPACE}UTC{END})" in persian  # noqa: RUF001 - Persian digits
    assert not re.search("[0-9]", persian.replace("https://support.shop.example", ""))
    english = write(a_mail(NoticeKind.EXPIRY, Language.ENGLISH, EXPIRY), LETTERHEAD).text
    assert f"29 November 2026 (8 Azar 1405){END}, 21:29\N{NO-BREAK SPACE}UTC" in english
    assert not re.search("[۰-۹]", english)  # noqa: RUF001 - Persian digits


@pytest.mark.parametrize(
    ("at", "subject"),
    [
        ("2026-11-22T06:30:00+00:00", "ends in 7 days"),
        ("2026-11-28T06:30:00+00:00", "ends in 1 day"),
        ("2026-11-29T00:00:00+00:00", "ends today"),
    ],
)
def test_the_days_that_are_left_are_counted_on_the_calendar(at: str, subject: str) -> None:
    """A letter that leaves later than planned counts the days from the day on which it leaves."""
    assert write(
        a_mail(NoticeKind.EXPIRY, Language.ENGLISH, EXPIRY | {"at": at}), LETTERHEAD
    ).subject.endswith(subject)


def test_what_is_promised_is_what_the_agreement_says() -> None:
    """Inside the week a letter names both limits, after it only the last; a credit is named where the rules give one."""
    by_class = {
        renewal: write(
            a_mail(NoticeKind.EXPIRY, Language.ENGLISH, EXPIRY | {"class": renewal}), LETTERHEAD
        ).text
        for renewal in ("not_expired", "committed", "best_effort")
    }
    assert ["6 December" in text for text in by_class.values()] == [True, True, False]
    assert all("20 December" in text for text in by_class.values())
    assert "credit account" in by_class["best_effort"]
    without = write(
        a_mail(NoticeKind.EXPIRY, Language.ENGLISH, FACTS[NoticeKind.EXPIRY][-1]), LETTERHEAD
    ).text
    assert "credit account" not in without
    admitted = re.compile("guarantee|liab|sorry|our fault|apolog|compensat", re.IGNORECASE)
    assert not any(admitted.search(text) for text in by_class.values())


def test_a_readers_name_cannot_write_the_page() -> None:
    """A name that looks like HTML is shown as it is written."""
    letter = write(
        a_mail(NoticeKind.EXPIRY, Language.ENGLISH, EXPIRY, addressed_as="<b>Mina</b> & co"), LETTERHEAD
    )
    assert "&lt;b&gt;Mina&lt;/b&gt; &amp; co" in letter.html
    assert "Dear <b>Mina</b> & co," in letter.text


def test_a_reader_without_a_name_is_greeted() -> None:
    """Where no name is known, the letter greets its customer all the same, and the company's address signs."""
    for language, greeting in ((Language.PERSIAN, "مشترک گرامی"), (Language.ENGLISH, "Dear customer,")):
        letter = write(
            a_mail(NoticeKind.EXPIRY, language, EXPIRY, addressed_as=None),
            type(LETTERHEAD)("notices@shop.example"),
        )
        assert greeting in letter.text
        assert greeting in visible(letter)
        assert "shop.example" in letter.text
