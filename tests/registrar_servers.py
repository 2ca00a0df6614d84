"""How do measurements reach the sandbox registrars? In a process of their own, so that their work is not counted as ours."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks import sandbox

_START_SECONDS = 60.0
_SPAWNED = multiprocessing.get_context("spawn")


@contextmanager
def sandbox_registrars(folder: Path) -> Iterator[sandbox.Place]:
    """Serve them from `folder`, with the books that are there or new ones, until the block ends."""
    ready = _SPAWNED.Event()
    process = _SPAWNED.Process(target=_serve, args=(folder, ready.set), daemon=True)
    process.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise TimeoutError("the sandbox registrars did not start")
        yield sandbox.Place(folder)
    finally:
        process.terminate()
        process.join()
        process.close()


def _serve(folder: Path, ready: Callable[[], object]) -> None:
    def told(_: dict[str, str]) -> None:
        ready()

    sandbox.serve(
        folder,
        dialect="com",
        ports={},
        decide_after_seconds=1,
        stop=threading.Event(),
        ready=told,
    )
