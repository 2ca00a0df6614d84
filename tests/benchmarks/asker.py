"""One worker of the rate's benchmark: takes turns, asks the far side, and prints the instant of each grant.

python -m tests.benchmarks.asker REDIS URL CA_FILE PER_SECOND SECONDS WRONG: WRONG is added to what its wall clock says.
"""

import sys
import time

import redis
import requests

from adapters.pace import Turns

NAME = "asked"


def main(redis_url: str, url: str, ca_file: str, *figures: str) -> None:
    """Ask as often as turns are given, for so many seconds."""
    per_second, seconds, wrong = map(float, figures)
    right = time.time
    time.time = lambda: right() + wrong
    with redis.Redis.from_url(redis_url) as client, requests.Session() as session:
        session.trust_env, session.verify = False, ca_file
        session.get(
            f"{url}/hello", timeout=10
        )  # the connection is made before the first turn, as in a worker that runs
        turns = Turns(client, NAME, per_second)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            granted = turns.wait(60)
            session.get(f"{url}/asked", timeout=10)
            sys.stdout.write(f"{granted:.6f}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
