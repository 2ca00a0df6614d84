"""Is a rate limit kept and used, over processes? Four of them, one with a wrong clock, against a far side that counts.

Grants are stamped by Redis's clock, arrivals by the far side's own.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import redis

from adapters.pace import Turns
from adapters.sandbox.tls import Certificates, make_certificates
from tasks import embedded
from tests.benchmarks.measuring import Finding, a_folder

PER_SECOND = 5
SECONDS = 15.0
WRONG = (0.0, 0.0, 0.0, 3.0)
"""How far each worker's wall clock is from the right time."""
MOST_ARRIVE = PER_SECOND + 1
LEAST_USED = 0.90
UNLIMITED = 1e9
TURNS = 20_000


def measure(_database: str) -> list[Finding]:
    """Return the most grants and arrivals in any second, the share of the limit that is used, and a turn's cost."""
    with ExitStack() as stack:
        folder, home = stack.enter_context(a_folder()), stack.enter_context(a_folder())
        server = stack.enter_context(embedded.running(home))
        granted, arrived = _ask(server.url, make_certificates(folder))
        most, most_arrived = _most_in_a_second(granted), _most_in_a_second(arrived)
        used = (len(granted) - 1) / (granted[-1] - granted[0]) / PER_SECOND
        what = f"rate: {PER_SECOND}/s over {len(WRONG)} processes, one clock {max(WRONG):.0f} s wrong:"
        return [
            Finding(f"{what} at most {most} grants in any second, by Redis's clock", most <= PER_SECOND),
            Finding(f"{what} at most {most_arrived} arrivals in any second", most_arrived <= MOST_ARRIVE),
            Finding(f"{what} {used:.2f} of the limit is used", used >= LEAST_USED),
            Finding(
                f"rate: without waiting one thread takes {_turns_a_second(server.url):,.0f} turns a second"
            ),
        ]


def _ask(redis_url: str, certificates: Certificates) -> tuple[list[float], list[float]]:
    """Let the workers ask, and return the instants of their grants and of the arrivals, in order."""
    arrived: list[float] = []
    with _far_side(certificates, arrived) as url:
        words = [redis_url, url, str(certificates.authority), str(PER_SECOND), str(SECONDS)]
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.asker", *words, str(wrong)],
                cwd=Path(__file__).parents[2],
                stdout=subprocess.PIPE,
                text=True,
            )
            for wrong in WRONG
        ]
        said = [worker.communicate(timeout=SECONDS + 60)[0] for worker in workers]
    if any(worker.returncode for worker in workers):
        raise RuntimeError("a worker failed")
    return sorted(float(line) for lines in said for line in lines.split()), sorted(arrived)


@contextmanager
def _far_side(certificates: Certificates, arrived: list[float]) -> Iterator[str]:
    """Serve over TLS on this machine, and note when each request arrives."""

    class Counter(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/asked":
                arrived.append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    server.socket = certificates.server_context(client_certificate=False).wrap_socket(
        server.socket, server_side=True
    )
    thread = threading.Thread(target=server.serve_forever, name="far side")
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _most_in_a_second(instants: Sequence[float]) -> int:
    return max(sum(first <= at <= first + 1 for at in instants) for first in instants)


def _turns_a_second(redis_url: str) -> float:
    with redis.Redis.from_url(redis_url) as client:
        turns = Turns(client, "unlimited", UNLIMITED)
        begun = time.perf_counter()
        for _ in range(TURNS):
            turns.wait(60)
        return TURNS / (time.perf_counter() - begun)
