"""How is a night's run started, watched, killed and measured from outside? `registrar sync run`, as an operator starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.night.ground import Ground

GLANCE_SECONDS = 0.1
EXIT_CODES = (0, 1, 75)
"""Done; stopped by the breaker; not all were asked."""
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Sweep:
    """One process that goes through the names of a night."""

    def __init__(self, ground: Ground) -> None:
        self._said = ground.folder / "sync.out"
        with self._said.open("wb") as said, (ground.folder / "sync.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tasks.main", "--config", str(ground.config), "sync", "run", "--json"],
                env={"PATH": os.environ["PATH"], **ground.environ},
                stdout=said,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )
        self.peak_kib = 0

    def until(self, done: Callable[[], bool], *, most_seconds: float) -> None:
        """Wait until something is so, or the process has ended."""
        until = time.monotonic() + most_seconds
        while self._process.poll() is None and not done():
            self.look_at_memory()
            if time.monotonic() > until:
                raise TimeoutError("the sweep did not get so far in time")
            time.sleep(GLANCE_SECONDS)

    def look_at_memory(self) -> None:
        """Keep the most memory that it has held."""
        found = _PEAK.search(Path(f"/proc/{self._process.pid}/status").read_text())
        self.peak_kib = max(self.peak_kib, int(found[1]) if found else 0)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def terminate(self, *, most_seconds: float) -> dict[str, Any]:
        """Ask it to end, and return what it says of the run."""
        self._process.send_signal(signal.SIGTERM)
        return self.ended(most_seconds=most_seconds)

    def ended(self, *, most_seconds: float) -> dict[str, Any]:
        """Wait for its end, and return what it says of the run."""
        self.until(lambda: False, most_seconds=most_seconds)
        if self._process.returncode not in EXIT_CODES:
            raise RuntimeError(f"the sweep failed with {self._process.returncode}")
        answer: dict[str, Any] = json.loads(self._said.read_text())
        return answer


@contextmanager
def sweeping(ground: Ground) -> Iterator[Sweep]:
    """Run a sweeper for the block, at the longest."""
    sweep = Sweep(ground)
    try:
        yield sweep
    finally:
        sweep.kill()
