"""Do processes that start at the same moment agree on what the first start makes?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from config.settings import Settings, load
from tasks.wiring import secret_keys

STARTERS = 8


def at_once(settings: Settings) -> list[str]:
    """Let several starters ask for the secret key at the same moment."""
    together = Barrier(STARTERS)

    def start(_: int) -> str:
        together.wait()
        return secret_keys(settings)[0].reveal()

    with ThreadPoolExecutor(STARTERS) as threads:
        return list(threads.map(start, range(STARTERS)))


def test_all_that_start_at_once_have_the_same_key(tmp_path: Path) -> None:
    """On a new machine the API and the workers start together, and what one seals the others open."""
    for number in range(25):
        settings = load(None, {"REGISTRAR_STATE": str(tmp_path / str(number))})
        assert len(set(at_once(settings))) == 1
        assert [file.name for file in settings.state.iterdir()] == ["secret_keys"]
        assert (settings.state / "secret_keys").stat().st_mode & 0o077 == 0
