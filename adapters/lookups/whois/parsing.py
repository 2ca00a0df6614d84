"""How is a stranger's text read without harm? By python-whois in child processes, each with a limit for everything.

A child gets one text at a time, through a pipe, and is killed when it takes too long; the kernel holds its memory and its
computing (`child`). What it answers is checked before it is believed. A text that costs too much costs its time limit and one
child: the next text gets a new one. Children are kept, because to start one takes longer than to read a hundred texts.

    idle ──text──▶ reading ──answer in time, well formed──▶ idle
                      └──too slow, too much, dead, malformed──▶ killed
"""

import json
import math
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from adapters.lookups.whois.records import LONGEST_VALUE, MOST_VALUES, Fields

_PROGRAM = Path(__file__).with_name("child.py")
_START_SECONDS = 30.0
"""For a process to start, on a busy machine; the text has not been looked at by then."""
_MOST_ANSWER_BYTES = 2 * len(Fields.model_fields) * MOST_VALUES * 6 * LONGEST_VALUE
"""Twice what a child may answer: JSON writes a character of another script in six bytes, or in twelve."""


class UnreadableTextError(Exception):
    """A text that no fields came out of; the message says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What one text may cost: `seconds` by the clock and of computing (rounded up), and `memory_bytes`."""

    seconds: float = 3
    memory_bytes: int = 268_435_456
    processes: int = 2
    """How many texts are read at a time; more wait."""


class Parser:
    """A few children that read texts. Safe for several threads; `close` ends them, and so does leaving `with`."""

    def __init__(self, limits: ParserLimits | None = None) -> None:
        self.limits = limits or ParserLimits()
        self._turns = threading.BoundedSemaphore(self.limits.processes)
        self._idle: list[_Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the children that wait for a text."""
        while self._idle:
            self._idle.pop().end()

    def fields(self, domain: str, text: str) -> Fields:
        """Return what a text about `domain` (an A-label) says; raises `UnreadableTextError`."""
        with self._turns:
            child = self._taken()
            try:
                fields = child.read(domain, text)
            except BaseException:
                child.end()
                raise
            self._idle.append(child)
            return fields

    def _taken(self) -> "_Child":
        """Take an idle child, or a new one; lists are safe for threads one act at a time."""
        with suppress(IndexError):
            return self._idle.pop()
        return _Child(self.limits)


class _Child:
    """One process. After any failure it is ended."""

    def __init__(self, limits: ParserLimits) -> None:
        self._seconds = limits.seconds
        numbers = (limits.memory_bytes, math.ceil(limits.seconds), MOST_VALUES, LONGEST_VALUE)
        self._process = subprocess.Popen(  # noqa: S603 - our own program, and numbers of our own
            [sys.executable, "-I", _PROGRAM, *map(str, numbers)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd="/", env={}, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        self._is_ready = False

    def read(self, domain: str, text: str) -> Fields:
        """Let one text be read; raises `UnreadableTextError`. A new process is first waited for."""
        if not self._is_ready:
            self._told(b"", within=_START_SECONDS)
            self._is_ready = True
        question = json.dumps({"domain": domain, "text": text}).encode() + b"\n"
        try:
            return Fields.model_validate_json(self._told(question, within=self._seconds))
        except ValidationError as error:
            raise UnreadableTextError("what was read out of the text is malformed") from error

    def end(self) -> None:
        """Kill it, and leave nothing behind."""
        self._process.kill()
        with suppress(OSError):
            self._questions.close()
        self._answers.close()
        self._process.wait()

    def _told(self, question: bytes, *, within: float) -> bytes:
        """Send a question, and return the line that comes back; the process is killed when it takes too long."""
        overdue = threading.Event()
        clock = threading.Timer(within, self._kill, [overdue])
        clock.start()
        try:
            answer = self._exchanged(question)
        finally:
            clock.cancel()
            clock.join()
        if overdue.is_set():
            raise UnreadableTextError("the text takes too long to read")
        if not answer.endswith(b"\n"):
            raise UnreadableTextError("the text ended the process that read it")
        return answer

    def _kill(self, overdue: threading.Event) -> None:
        overdue.set()
        self._process.kill()

    def _exchanged(self, question: bytes) -> bytes:
        """Return a whole line; less than that, if the process is dead by then or talks for ever."""
        with suppress(BrokenPipeError):
            self._questions.write(question)
            self._questions.flush()
        return self._answers.readline(_MOST_ANSWER_BYTES)
