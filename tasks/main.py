"""Where does the `registrar` command begin? The terminal is handed a desk and the parts; each loads what it needs when asked."""

import atexit
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.terminal.app import make_app
from adapters.terminal.exits import MisconfiguredError
from adapters.terminal.starters import Starters

if TYPE_CHECKING:  # loading the settings takes longer than `--help` should
    from adapters.desk import Desk
    from config.settings import Settings
    from registrar.agreement.rules import RuleBook
    from registrar.database import Database
    from registrar.gateway import Sighting
    from registrar.names import DomainName


def run() -> None:
    """Run the command."""
    make_app(_open_desk, _STARTERS)()


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn settings that cannot be used into what the terminal says about them."""
    from config.settings import ConfigurationError
    from registrar.secrets import KeyringError
    from tasks.embedded import EmbeddedRedisError

    try:
        yield
    except (ConfigurationError, EmbeddedRedisError, KeyringError) as error:
        raise MisconfiguredError(str(error)) from error


def _settings(config: Path | None) -> "Settings":
    from config.settings import load

    with _in_words():
        return load(config, os.environ)


def _open_desk(config: Path | None) -> "Desk":
    """Open the desk on one machine's own database at once; a shared one is upgraded by `registrar db upgrade` alone."""
    from tasks.desk import make_desk
    from tasks.wiring import keep_rules, open_house

    _configure_logs()  # on stderr: stdout is the answer's
    settings = _settings(config)
    with _in_words():
        house = open_house(settings)
    atexit.register(house.close)
    if house.database.is_sqlite:
        _insist_on_database(house.database)
        house.database.upgrade()
        with _in_words():
            keep_rules(house.database, house.rules)
    return make_desk(house)


def _insist_on_database(database: "Database") -> None:
    """Make no new database for a question about the old one: a forgotten --config would find everything in order."""
    path = database.url.database
    if path is None or not Path(path).exists():
        raise MisconfiguredError(
            f"there is no database at {path}: name your settings by --config or REGISTRAR_CONFIG, or make one by "
            "`registrar up` or `registrar db upgrade`"
        )


def _up(config: Path | None, workers: int) -> int:
    from tasks import parts

    _configure_logs()
    with _in_words():
        return parts.run(_settings(config), workers=workers, config=config)


def _worker(config: Path | None) -> int:
    from tasks import worker

    _configure_logs()
    with _in_words():
        worker.run(_settings(config))
    return 0


def _api(config: Path | None, host: str | None, port: int | None) -> int:
    from tasks import api

    _configure_logs()
    with _in_words():
        api.run(_settings(config), host=host, port=port)
    return 0


def _upgrade(config: Path | None) -> int:
    from registrar.database import Database
    from tasks.wiring import keep_rules

    settings = _settings(config)
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database.url)
    database.upgrade()
    try:
        with _in_words():
            keep_rules(database, settings.rules)
    finally:
        database.close()
    return 0


def _sandbox(*, folder: Path, dialect: str, ports: Mapping[str, int], decide_after_seconds: float) -> int:
    from tasks import sandbox, signals

    stop = threading.Event()
    signals.stop_by(stop)
    try:
        sandbox.serve(
            folder.absolute(),
            dialect=dialect,
            ports=ports,
            decide_after_seconds=decide_after_seconds,
            stop=stop,
            ready=lambda places: print(json.dumps(places), file=sys.stderr, flush=True),  # noqa: T201 - said to a person
        )
    except sandbox.SandboxRunningError as error:
        raise MisconfiguredError(str(error)) from error
    return 0


def _demo(*, as_json: bool, stay: bool, orders: int, seed: int, folder: Path | None, prove_only: bool) -> int:
    from tasks import demo

    if prove_only and folder is not None:
        return demo.prove_again(folder.absolute(), as_json=as_json)
    return demo.run(as_json=as_json, stay=stay, orders=orders, seed=seed, folder=folder)


def _configure_logs() -> None:
    from tasks import logs

    logs.configure()


def _read_rules(config: Path | None, file: Path) -> "RuleBook":
    from config.settings import read_rules_beside

    with _in_words():
        return read_rules_beside(config, os.environ, file)


def _look_up(config: Path | None, source: str, domain: "DomainName") -> "Sighting":
    settings = _settings(config)
    with _in_words():
        from tasks.lookups import look_up

        return look_up(settings, source, domain)


def _ask_without_books(config: Path | None, question: Mapping[str, Any]) -> dict[str, Any] | None:
    from config.settings import load
    from tasks import asking

    with _in_words():  # nothing is written, so that a state folder may be named that nobody has
        settings = load(config, {"HOME": os.sep, **os.environ})
    return None if asking.has_books(settings) else asking.ask_without_books(settings, question)


_STARTERS = Starters(
    up=_up,
    worker=_worker,
    api=_api,
    upgrade=_upgrade,
    sandbox=_sandbox,
    demo=_demo,
    look_up=_look_up,
    ask_without_books=_ask_without_books,
    read_rules=_read_rules,
)

if __name__ == "__main__":
    run()
