"""Are words of a person's own language taken as he writes them, and is what nobody sees kept out of names and numbers?"""

import pytest
from typer import BadParameter

from adapters.terminal.booking import said
from registrar.claims.conditions import number_of
from registrar.orders.by_hand import ActRefusedError
from registrar.texts import NON_JOINER, is_readable, names_a_person

WORKS = f"می{NON_JOINER}شود"


def test_persian_words_are_readable() -> None:
    """A zero width non-joiner stands between Persian letters, and makes no text one that cannot be kept."""
    assert is_readable(f"تمدید {WORKS}")
    assert not WORKS.isprintable()


@pytest.mark.parametrize("hidden", ["\n", "\r", "\t", "\x1b", "\x00", "\u202e", "\u2066", "\u200b"])
def test_what_turns_or_breaks_a_line_is_not(hidden: str) -> None:
    """A line's end, an escape sequence and a mark that turns the line around are in no text that we keep."""
    assert not is_readable(f"{WORKS}{hidden}")


def test_a_ruling_has_its_persian_number() -> None:
    """An Iranian court's document is recorded by the number that stands on it (D9)."""
    assert number_of(f"دادنامه{NON_JOINER}ی ۱۲۳۴") == f"دادنامه{NON_JOINER}ی ۱۲۳۴"
    with pytest.raises(ActRefusedError):
        number_of(f"دادنامه\n{WORKS}")


@pytest.mark.parametrize(
    "text", ["told sara@example.net", "<omid@mail.example.com>", "سارا sara@example.ir گفت"]
)
def test_an_address_in_a_reason_is_seen(text: str) -> None:
    """What staff write beside an act stands in events, where no person's address may be (D10)."""
    assert names_a_person(text)
    with pytest.raises(BadParameter, match="leave the e-mail address out"):
        said(text, "--reason")


@pytest.mark.parametrize("text", ["paper 12", "a@b", "5 @ 10", "@support"])
def test_no_address_is_seen_where_none_is(text: str) -> None:
    """A number, a place and an at-sign alone name nobody (D10)."""
    assert said(f" {text} ", "--reason") == text
