"""python -m tests.night [--database postgresql|sqlite] [--names N] [truth] [resumed]: long nights; fails if a promise is not kept."""

import argparse
import sys

from tests.benchmarks.measuring import Finding, a_database, a_folder, say
from tests.night.resumed import resumed
from tests.night.truth import night

TRUTH, RESUMED = "truth", "resumed"
NAMES = {TRUTH: (100_000,), RESUMED: (100_000, 1_000_000)}


def main() -> int:
    """Go through the nights that are named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.night", description=__doc__)
    parser.add_argument("nights", nargs="*", metavar="NIGHT", help="truth, resumed; none: both")
    parser.add_argument("--names", type=int, help="how many, instead of 100,000 and 1,000,000")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    given = parser.parse_args()
    if unknown := set(given.nights) - NAMES.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    found: list[Finding] = []
    for name in given.nights or NAMES:
        for count in [given.names] if given.names else NAMES[name]:
            say(f"{name}, {count:,} names …")
            with a_folder() as folder, a_database(given.database) as url:
                if name == TRUTH:
                    new = night(count, url, folder).findings()
                else:
                    new = resumed(count, url, folder).findings()
            say("\n".join(map(str, new)))
            found += new
    return int(any(finding.kept is False for finding in found))


if __name__ == "__main__":
    sys.exit(main())
