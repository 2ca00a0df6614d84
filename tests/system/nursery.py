"""Where do a system test's workers come from? From a process that has loaded the product already, and forks one when asked.

A worker loads for longer than most tests last, and a test starts several. One that is forked is a process like any other: of
its own memory, killed and frozen by its number. That `registrar worker` starts from nothing is seen in the tests of the night
and of `registrar up`.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOADED = ("tasks.main", "tasks.logs", "tasks.worker", "tests.system.faulty")
REGISTRARS = ("epp", "irnic", "logicboxes", "openprovider", "opensrs")
PARENT_DIED = 1
"""Linux's `PR_SET_PDEATHSIG`."""


@dataclass
class Nursery:
    """The process that forks, as tests see it."""

    process: "subprocess.Popen[str]"
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, words: Sequence[str], environ: Mapping[str, str], log: Path) -> "Forked":
        """Start `registrar` with these words; what it says goes to `log`."""
        return Forked(self, self.ask(words=list(words), environ=dict(environ), log=str(log)))

    def ask(self, **question: Any) -> Any:
        """Ask the process one thing."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self._lock:
            print(json.dumps(question), file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())


@dataclass
class Forked:
    """A process that was forked, with those of `subprocess.Popen`'s methods that tests call."""

    nursery: Nursery
    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, or minus the signal that ended it; None while it runs."""
        if self.returncode is None:
            self.returncode = self.nursery.ask(ended=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end."""
        give_up_at = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > give_up_at:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it where it stands."""
        self.send_signal(signal.SIGKILL)


@contextmanager
def opened(home: Path) -> Iterator[Nursery]:
    """Run a nursery for the block, in the folder `home`; who it forked ends with it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRAR_")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.system.nursery"],
        cwd=home, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield Nursery(process)


def _serve() -> list[str] | None:
    """Answer until nobody asks any more; return the words in a process that was forked to run them."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "ended" in asked:
            pid, status = os.waitpid(asked["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                _begin(asked["environ"], asked["log"])
                words: list[str] = asked["words"]
                return words
        print(json.dumps(answer), flush=True)  # noqa: T201 - it goes to who asked
    return None


def _begin(environ: Mapping[str, str], log: str) -> None:
    """Make of the fork what a started process would be, which ends with us even if we are killed."""
    ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGKILL)
    os.environ.update(environ)
    for path, flags, numbers in (
        (os.devnull, os.O_RDONLY, (0,)),
        (log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, (1, 2)),
    ):
        opened_as = os.open(path, flags, 0o600)
        for number in numbers:
            os.dup2(opened_as, number)
        os.close(opened_as)


def _load() -> None:
    """Load what a worker loads; what stays as it is need not be copied by who is forked."""
    for name in (*LOADED, *(f"adapters.registrars.{registrar}" for registrar in REGISTRARS)):
        importlib.import_module(name)
    gc.freeze()


def main() -> None:
    """Load, answer, and be a worker where forked as one."""
    _load()
    words = _serve()
    if words is not None:
        sys.argv = ["registrar", *words]
        importlib.import_module("tasks.main").run()


if __name__ == "__main__":
    main()
