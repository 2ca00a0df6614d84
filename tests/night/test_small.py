"""Does a night at the size of a test keep what the long nights promise? The same, with few names (`make night`: with many)."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from registrar.sync.runs import RunState
from tests.night.resumed import Haste, resumed
from tests.night.truth import night

LIED_ABOUT, KILLED = 400, 2_000


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that is short enough to hold a socket."""
    with TemporaryDirectory(prefix="night-") as found:
        yield Path(found)


def test_a_night_of_liars_writes_nothing_false(sqlite_url: str, folder: Path) -> None:
    """With registries that lie, drip, fall silent and refuse, each night ends, keeps every limit, and the books stay true."""
    slept = night(LIED_ABOUT, sqlite_url, folder, nights=3)
    assert [str(finding) for finding in slept.findings() if finding.kept is False] == []
    assert slept.changes["shifted applied"] == 2
    assert slept.changes["registry_renewed applied"] == 1
    assert slept.changes["implausible_date quarantined"] == 4
    assert [told["asked"] for told in slept.told] == [2 * LIED_ABOUT] * 3


def test_a_night_that_was_killed_goes_on_where_it_stood(postgres_url: str, folder: Path) -> None:
    """Killed at half and stopped later, a night asks every name, and again only what was in the air."""
    swept = resumed(KILLED, postgres_url, folder, Haste(lease_seconds=12, per_second=100, in_flight=16))
    assert [str(finding) for finding in swept.findings() if finding.kept is False] == []
    assert swept.told["state"] == RunState.DONE
    assert swept.told["asked"] == KILLED
