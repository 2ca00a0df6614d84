"""Is each key of a TOML file found on the line on which it stands, however the file is laid out?"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.positions import line_of, lines_of

TEXT = '''\
# a comment = 1
top = 1  # one
"quoted key" = 2
'literal.key' = 3
a.b.c = 4
[table]
text = "a # no comment, no ] end"
long = """
one = 1
two = "2" \\"""
"""
literal = \'\'\'
[not.a.table]
\'\'\'
after = 1979-05-27 07:32:00Z
list = [ # comment ]
  1,

  [2, 3], { x = 1, y.z = [
    4,
  ] },
  "end",
]
inline = { p = 1, "q" = { r = 2 } }
[table.deep."co.ir"]
k = -inf
[[many]]
n = 1
[many.sub]
m = 1
[[many.sub.inner]]
z = 1
[[many]]
n = 2
[[many.things]]
[[many.things]]
w = 1
'''

WHERE: Mapping[tuple[str | int, ...], int] = {
    ("top",): 2,
    ("quoted key",): 3,
    ("literal.key",): 4,
    ("a",): 5,
    ("a", "b", "c"): 5,
    ("table",): 6,
    ("table", "text"): 7,
    ("table", "long"): 8,
    ("table", "literal"): 12,
    ("table", "after"): 15,
    ("table", "list"): 16,
    ("table", "list", 0): 17,
    ("table", "list", 1): 19,
    ("table", "list", 1, 1): 19,
    ("table", "list", 2): 19,
    ("table", "list", 2, "x"): 19,
    ("table", "list", 2, "y", "z", 0): 20,
    ("table", "list", 3): 22,
    ("table", "inline", "q", "r"): 24,
    ("table", "deep", "co.ir"): 25,
    ("table", "deep", "co.ir", "k"): 26,
    ("many",): 27,
    ("many", 0, "n"): 28,
    ("many", 0, "sub", "m"): 30,
    ("many", 0, "sub", "inner", 0, "z"): 32,
    ("many", 1): 33,
    ("many", 1, "n"): 34,
    ("many", 1, "things", 0): 35,
    ("many", 1, "things", 1): 36,
    ("many", 1, "things", 1, "w"): 37,
}


@pytest.mark.parametrize(("path", "line"), WHERE.items())
def test_a_key_is_found_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    """Comments, long texts, lists over many lines and dotted keys mislead nobody who is sent to a line."""
    assert lines_of(TEXT)[path] == line


def test_what_is_found_is_what_was_read() -> None:
    """Every key and every list element that TOML has in it is found, and nothing else."""
    assert set(lines_of(TEXT)) == set(_paths(tomllib.loads(TEXT)))


def test_lines_are_counted_as_editors_count_them() -> None:
    """A file from Windows has the same lines."""
    assert lines_of(TEXT.replace("\n", "\r\n")) == lines_of(TEXT)


def test_what_is_not_there_is_told_at_the_nearest_thing_around_it() -> None:
    """A missing key is shown where its section begins; a file that says nothing of it, at its first line."""
    lines = lines_of(TEXT)
    assert line_of(("table", "missing", "deeper"), lines) == 6
    assert line_of(("many", 1, "things", 1, "missing"), lines) == 36
    assert line_of(("missing",), lines) == 1


PIECES = st.recursive(
    st.sampled_from(["1", "true", '"a ] } # b"', "'x\\'", "2026-01-01", "07:32:00", "1e3", '""', "''"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: "[\n" + "".join(f"{part},\n" for part in parts) + "]")
        | st.lists(inner, max_size=3).map(
            lambda parts: "{" + ", ".join(f"k{n} = {part}" for n, part in enumerate(parts)) + "}"
        )
    ),
    max_leaves=6,
)


@given(st.lists(PIECES, min_size=1, max_size=6))
def test_whatever_stands_before_a_key_does_not_move_it(values: list[str]) -> None:
    """However long and nested the values before it are, a key is found where it is written."""
    text, written = "", {}
    for number, value in enumerate(values):
        written[(f"key{number}",)] = text.count("\n") + 1
        text += f"key{number} = {value}\n"
    lines = lines_of(text)
    assert {path: line for path, line in lines.items() if len(path) == 1} == written
    assert set(lines) == set(_paths(tomllib.loads(text)))


def _paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*above, key)
        yield from _paths(part, (*above, key))
