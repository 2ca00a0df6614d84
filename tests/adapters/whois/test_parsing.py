"""What may a hostile text cost? Its time limit and one child process, and never anything of ours."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.lookups.whois import child, parsing
from adapters.lookups.whois.parsing import Parser, ParserLimits, UnreadableTextError
from adapters.lookups.whois.reading import read_text
from adapters.lookups.whois.records import LONGEST_VALUE, MOST_VALUES, Fields
from registrar.gateway import Standing
from registrar.names import DomainName
from tests.adapters.whois.texts import COM

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
COM_NAME = DomainName("example.com", "com")
SLOW = "Domain Name: example.sg\n" + "Name Servers:" * 20_000
"""Each of its starts is tried as far as the end, by an expression that python-whois has for .sg: many seconds."""

HEAD = b"Domain Name: EXAMPLE.COM\r\nRegistrar: Invented\r\n"
HOSTILE = {
    "spaces": HEAD + b" " * 100_000 + b"\r\n",
    "spaces behind a key": HEAD + b"Name Server:" + b" " * 100_000 + b"\n",
    "spaces in lines": HEAD + b"          \n" * 10_000,
    "line ends of all kinds": HEAD + b"\r\n\r\r\n\n\r \r\t\n" * 10_000,
    "carriage returns alone": HEAD.replace(b"\n", b"") + b"Expiry Date: 2027-03-20\r" * 4_000,
    "invalid UTF-8": HEAD + b"\xff\xfe\xc3\x28\xed\xa0\x80" * 15_000 + b"\n",
    "NULs": HEAD + b"\0" * 100_000 + b"\n",
    "a date a line": HEAD
    + b"".join(
        b"Expiry Date: %d-%02d-%02d\n" % (1990 + n % 99, n % 12 + 1, n % 28 + 1) for n in range(4_000)
    ),
    "a word a line": HEAD + b"".join(b"Status: word%d\n" % n for n in range(6_000)),
    "a colon a character": HEAD + b":" * 100_000 + b"\n",
    "one key for ever": HEAD + b"Status: " + b"a" * 100_000 + b"\n",
    "addresses without an end": HEAD + b"a." * 50_000 + b"@" + b"b." * 10_000 + b"\n",
    "Persian letters": HEAD + "Registrar: ثبت\n".encode() * 5_000,
}


@pytest.fixture
def parser() -> Iterator[Parser]:
    """One child, and little time."""
    with Parser(ParserLimits(seconds=3, processes=1)) as running:
        yield running


def children() -> set[str]:
    """Return the ids of this process' children."""
    return {pid for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text().split()}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_costs_one_child_at_most(parser: Parser, text: bytes) -> None:
    """Whatever a stranger sends, the name is not called free for it, and the next name is looked at as ever."""
    before = children()
    sighting = read_text(text, domain=COM_NAME, server="whois.verisign-grs.com", seen_at=NOW, parser=parser)
    assert sighting.standing is not Standing.FREE
    assert sighting.expiry is None or sighting.expiry.text == "2027-03-20"
    assert len(children() - before) <= 1
    assert parser.fields("example.com", COM.decode()).registrar == ("Invented Registrar, Inc.",)


def test_a_text_that_takes_too_long_is_given_up_with_its_child() -> None:
    """A text that would be read for many seconds is unknown, its process is gone, and the next text gets another."""
    with Parser(ParserLimits(seconds=0.5, processes=1)) as parser:
        parser.fields("example.com", COM.decode())
        first = children()
        sighting = read_text(
            SLOW.encode() + b"\n", domain=DomainName("example.sg", "sg"), server="whois.other.test", seen_at=NOW,
            parser=parser,
        )  # fmt: skip
        assert (sighting.standing, sighting.reason) == (
            Standing.UNKNOWN,
            "the text takes too long to read",
        )
        assert parser.fields("example.com", COM.decode()).registrar
        assert len(children()) == len(first)
        assert children() != first


def test_a_child_that_only_waits_is_ended_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that does not answer in its time is not waited for, whether it computes or sleeps."""
    program, late = tmp_path / "child.py", tmp_path / "late"
    program.write_text(
        f"import time\nprint(flush=True)\ninput()\ntime.sleep(10)\nopen({str(late)!r}, 'w')\nprint('{{}}', flush=True)\n"
    )
    monkeypatch.setattr(parsing, "_PROGRAM", program)
    with Parser(ParserLimits(seconds=0.2)) as parser, pytest.raises(UnreadableTextError, match="too long"):
        parser.fields("example.com", COM.decode())
    assert not late.exists()


def test_the_kernel_ends_a_child_that_computes_too_long() -> None:
    """Even if nobody watched it, a process that reads for ever comes to its end."""
    program = [sys.executable, "-I", str(child.__file__), "268435456", "1", "64", "255"]
    question = json.dumps({"domain": "example.sg", "text": SLOW}).encode() + b"\n"
    ended = subprocess.run(program, input=question, capture_output=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGXCPU
    assert ended.stdout == b"{}\n"  # it was ready, and no more


def test_a_text_larger_than_the_memory_is_given_up() -> None:
    """A text that would take up the machine's memory ends its own process."""
    with Parser(ParserLimits(seconds=20, memory_bytes=67_108_864, processes=1)) as parser:
        with pytest.raises(UnreadableTextError, match="ended the process"):
            parser.fields("example.com", "x" * 60_000_000)
        assert parser.fields("example.com", COM.decode()).registrar


def test_a_child_can_open_nothing_and_knows_nothing_of_us() -> None:
    """Who reads a stranger's text has no file, no connection, no setting and no secret within reach."""
    with Parser(ParserLimits(processes=1)) as parser:
        before = children()
        parser.fields("example.com", COM.decode())
        (pid,) = children() - before
        process = Path("/proc") / pid
        assert sorted(file.name for file in (process / "fd").iterdir()) == ["0", "1", "2"]
        assert (process / "environ").read_bytes() == b""
        assert "Max open files            3 " in (process / "limits").read_text()


@pytest.mark.parametrize(
    "answer",
    [
        "{}x", "[]", "null", "1", '{"registrar": "text"}', '{"registrar": [1]}', '{"unheard": []}', "\\xff",
        json.dumps({"registrar": ["x" * (LONGEST_VALUE + 1)]}), json.dumps({"status": ["x"] * (MOST_VALUES + 1)}),
    ],
)  # fmt: skip
def test_what_a_child_answers_is_checked(
    answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that is not of the agreed form is not believed, whoever made the child say it."""
    program = tmp_path / "child.py"
    program.write_text(f"print(flush=True)\nfor _ in open(0, 'rb'): print({answer!r}, flush=True)\n")
    monkeypatch.setattr(parsing, "_PROGRAM", program)
    with Parser() as parser, pytest.raises(UnreadableTextError, match="malformed"):
        parser.fields("example.com", COM.decode())


@pytest.mark.parametrize(
    "program", ["", "print(flush=True)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_a_child_that_dies_is_an_answer_too(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends without a word tells nothing of the name."""
    file = tmp_path / "child.py"
    file.write_text(program)
    monkeypatch.setattr(parsing, "_PROGRAM", file)
    with Parser() as parser, pytest.raises(UnreadableTextError, match="ended the process"):
        parser.fields("example.com", COM.decode() * 100)


def test_a_child_that_talks_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer has a size, and what goes on after it is not read."""
    file = tmp_path / "child.py"
    file.write_text("while True: print('x' * 100000, end='')")
    monkeypatch.setattr(parsing, "_PROGRAM", file)
    with Parser() as parser, pytest.raises(UnreadableTextError, match="ended the process"):
        parser.fields("example.com", COM.decode())


def test_several_threads_share_few_children() -> None:
    """Many texts at once are read by as many processes as were allowed, and each gets its own answer."""
    with Parser(ParserLimits(processes=2)) as parser, ThreadPoolExecutor(8) as threads:
        before = children()
        texts = [
            COM.decode().replace("Invented Registrar, Inc.", f"Registrar {number}") for number in range(40)
        ]
        read = list(threads.map(lambda text: parser.fields("example.com", text), texts))
        assert [fields.registrar for fields in read] == [(f"Registrar {number}",) for number in range(40)]
        assert len(children() - before) <= 2
    assert children() == before


@pytest.fixture(scope="module")
def busy() -> Iterator[Parser]:
    """One child for many texts."""
    with Parser(ParserLimits(processes=1)) as running:
        yield running


KEYS = st.sampled_from(
    ["Domain Name", "Registrar", "Expiry Date", "Status", "Name Server", "Domain", "Name Servers", "Created", ""]
)  # fmt: skip
LINES = st.lists(st.tuples(KEYS, st.sampled_from([":", ": ", ":\n", " "]), st.text(max_size=20)), max_size=12)


@given(lines=LINES, zone=st.sampled_from(["com", "uk", "jp", "nl", "sg", "br", "hk", "dk", "il", "test"]))
def test_no_text_breaks_the_child(busy: Parser, lines: list[tuple[str, str, str]], zone: str) -> None:
    """Whatever a record looks like, something well formed comes of it."""
    text = "".join(f"{key}{mark}{value}\n" for key, mark, value in lines)
    assert isinstance(busy.fields(f"example.{zone}", text), Fields)
