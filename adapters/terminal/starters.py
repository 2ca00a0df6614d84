"""What does the wiring start for the terminal? Long-running parts, each a callable that is handed its command's options.

Each returns the process's exit code; what is only read comes back as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # the core takes a while to load
    from registrar.agreement.rules import RuleBook
    from registrar.gateway import Sighting
    from registrar.names import DomainName


class StartSandbox(Protocol):
    """Serve the sandbox registrars from a folder until stopped."""

    def __call__(
        self, *, folder: Path, dialect: str, ports: Mapping[str, int], decide_after_seconds: float
    ) -> int:
        """Block until stopped; `ports` by registrar, a free one for those not named."""
        ...


class StartDemo(Protocol):
    """Show the whole product at work, and prove its books."""

    def __call__(
        self, *, as_json: bool, stay: bool, orders: int, seed: int, folder: Path | None, prove_only: bool
    ) -> int:
        """Return 0 only if the books and the ledger agree.

        `folder` keeps everything of it; with `prove_only` what an earlier demo left there is compared again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Starters:
    """The parts, as callables of the wiring. Those that need settings find the folder of `--config` in `config`."""

    up: Callable[[Path | None, int], int]
    """(config, workers): everything one machine needs."""
    worker: Callable[[Path | None], int]
    api: Callable[[Path | None, str | None, int | None], int]
    """(config, host, port)."""
    upgrade: Callable[[Path | None], int]
    """Bring the database's schema up to date."""
    sandbox: StartSandbox
    demo: StartDemo
    look_up: "Callable[[Path | None, str, DomainName], Sighting]"
    """(config, `rdap` or `whois`, name): ask the public record, without a database; raises `MisconfiguredError`."""
    ask_without_books: Callable[[Path | None, Mapping[str, Any]], dict[str, Any] | None]
    """(config, question): answer what would be quoted where there is no database yet; None where there is one. Raises
    `MisconfiguredError`, and what the core says of the question."""
    read_rules: "Callable[[Path | None, Path], RuleBook]"
    """(config, file): read a file of rules against the settings, without a database; raises `MisconfiguredError`."""
