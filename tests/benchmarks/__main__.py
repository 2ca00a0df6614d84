"""python -m tests.benchmarks [--database postgresql|sqlite] [NAME …]: measures, prints, and fails if a promise is not kept."""

import argparse
import sys
from importlib import import_module

from tests.benchmarks.measuring import Benchmark, Finding, say

NAMES = ("frozen", "rate", "pool", "notices", "lookups")


def main() -> int:
    """Run the benchmarks that are named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; none: all")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    found: list[Finding] = []
    for name in given.names or NAMES:
        say(f"{name} …")
        measure: Benchmark = import_module(f"tests.benchmarks.{name}").measure
        found += measure(given.database)
    say("")
    for finding in found:
        say(finding)
    return int(any(finding.kept is False for finding in found))


if __name__ == "__main__":
    sys.exit(main())
