"""Where does a setting come from? The package's TOML files, over them the company's folder, over that the environment.

Every value keeps its origin, so that a fault can name the file or the variable. A secret comes from a variable or from a
file that is named by a key ending in `_file`; in a TOML file it is refused. No message shows a value.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from registrar.names import NameRefusedError, zone_of
from registrar.secrets import Secret

Place = tuple[str, ...]
"""Where a value stands: `("registrars", "irnic", "token")`."""

FILES: Mapping[str, Place] = {
    "registrar.toml": (),
    "registrars.toml": ("registrars",),
    "zones.toml": ("zones",),
}
"""The files of a folder, and the section that each of them fills."""

RULES_FILE = "rules.toml"
"""The one that holds no settings: `config.rules` reads it, whole."""

PREFIX = "REGISTRAR_"
_OTHER_VARIABLES = frozenset({"REGISTRAR_CONFIG", "REGISTRAR_REFERENCE_DATA"})
"""Variables with our prefix that are no settings: the folder itself, and where the tests find reference material."""

_SECRET_KEY = re.compile(
    r"(^|_)(password|passphrase|token|secret|secret_keys|api_key|deposit_code|auth_info)$"
)
_URLS = frozenset({("database", "url"), ("redis", "url")})
"""URLs that may carry a password: they may stand in a TOML file as long as they do not."""


class ConfigurationError(Exception):
    """Settings that cannot be used; one line for each fault, which says where it stands and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, and where it was read: a file's name or a variable's."""

    value: object
    origin: str


Entries = dict[Place, Entry]


def read_layers(folder: Path | None, environ: Mapping[str, str]) -> Entries:
    """Read all three layers, the later over the earlier; raise `ConfigurationError`."""
    entries: Entries = {}
    entries |= _once(_from_files(resources.files("config"), "the package's "))
    if folder is not None:
        _refuse_strange_files(folder)
        entries |= _once(_from_files(folder, f"{folder}/"))
    entries |= _once(_from_environment(environ, entries))
    return entries


def nested(entries: Entries) -> dict[str, Any]:
    """Return the entries as tables within tables; raise `ConfigurationError` where one is both a value and a table."""
    tree: dict[str, Any] = {}
    for place, entry in entries.items():
        table = tree
        for key in place[:-1]:
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                raise ConfigurationError(
                    f"{entry.origin}: {'.'.join(place)} stands inside {key!r}, which is a single value elsewhere"
                )
        if isinstance(table.get(place[-1]), dict):
            raise ConfigurationError(
                f"{entry.origin}: {'.'.join(place)} is a table; give its keys one by one"
            )
        table[place[-1]] = entry.value
    return tree


def origin_of(place: Place, entries: Entries) -> str:
    """Return where the value at `place`, or the nearest to it, was read."""
    for length in range(len(place), 0, -1):
        origins = [entry.origin for known, entry in entries.items() if known[:length] == place[:length]]
        if origins:
            return origins[-1]
    return "the configuration"


def _once(read: Iterable[tuple[Place, Entry]]) -> Entries:
    """Collect one layer, and refuse a value that it gives twice (a secret and a file with it)."""
    entries: Entries = {}
    for place, entry in read:
        if place in entries:
            raise ConfigurationError(
                f"{entry.origin}: {'.'.join(place)} is given by {entries[place].origin} too; keep one of them"
            )
        entries[place] = entry
    return entries


def _refuse_strange_files(folder: Path) -> None:
    known = [*FILES, RULES_FILE]
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is no folder; name the one that holds {', '.join(known)}")
    for strange in sorted(path.name for path in folder.glob("*.toml") if path.name not in known):
        raise ConfigurationError(f"{folder}/{strange} is read by nobody; known files: {', '.join(known)}")


def _from_files(folder: Traversable, shown_folder: str) -> Iterator[tuple[Place, Entry]]:
    for name, section in FILES.items():
        file = folder / name
        if file.is_file():
            yield from _from_file(file, f"{shown_folder}{name}", section)


def _from_file(file: Traversable, origin: str, section: Place) -> Iterator[tuple[Place, Entry]]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{origin} cannot be read: {error}") from error
    for place, value in _leaves(tables, section):
        yield _revealed(_normal(place, origin), value, origin, in_file=True)


def _leaves(table: Mapping[str, object], above: Place) -> Iterator[tuple[Place, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _normal(place: Place, origin: str) -> Place:
    """Bring a zone's name to its A-label, so that `ایران` overlays `xn--mgba3a4f16a`."""
    if place[0] != "zones" or len(place) == 1:
        return place
    try:
        return ("zones", zone_of(place[1]), *place[2:])
    except NameRefusedError as error:
        raise ConfigurationError(f"{origin}: {error}") from error


def _from_environment(environ: Mapping[str, str], known: Entries) -> Iterator[tuple[Place, Entry]]:
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in _OTHER_VARIABLES:
            place = _place(name, known)
            yield _revealed(place, _parsed(environ[name], place, name), name, in_file=False)


def _place(name: str, known: Iterable[Place]) -> Place:
    """Turn a variable's name into a place; where a key has dots or dashes (`co.ir`), `_` stands for them."""
    place: Place = ()
    for part in name.removeprefix(PREFIX).lower().split("__"):
        here = (
            other[len(place)] for other in known if other[: len(place)] == place and len(other) > len(place)
        )
        place = (*place, next((key for key in here if re.sub(r"[^a-z0-9]+", "_", key.lower()) == part), part))
    return place


def _parsed(text: str, place: Place, name: str) -> object:
    """Read a variable's text: lists and tables are written as JSON, everything else stands as it is."""
    if _SECRET_KEY.search(place[-1]) or not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"{name} starts like a list or a table but is no JSON: {error}") from None


def _revealed(place: Place, value: object, origin: str, *, in_file: bool) -> tuple[Place, Entry]:
    """Wrap a secret, fetch it from the file that is named instead, or refuse it where everybody can read it."""
    named = (*place[:-1], place[-1].removesuffix("_file"))
    if named != place and _may_be_secret(named):
        text = _content(Path(str(value)), origin)
        return named, Entry(Secret(text) if _SECRET_KEY.search(named[-1]) else text, origin)
    if in_file and _shows_secret(place, value):
        variable = PREFIX + "__".join(re.sub(r"[^a-z0-9]+", "_", key.lower()) for key in place).upper()
        raise ConfigurationError(
            f"{origin}: {'.'.join(place)} is a secret and may not stand in this file; "
            f"set {variable}, or name a file that holds it by {variable}_FILE or by the key {place[-1]}_file"
        )
    return place, Entry(Secret(str(value)) if _SECRET_KEY.search(place[-1]) else value, origin)


def _may_be_secret(place: Place) -> bool:
    return bool(_SECRET_KEY.search(place[-1])) or place in _URLS


def _shows_secret(place: Place, value: object) -> bool:
    if place in _URLS:
        return urlsplit(str(value)).password is not None
    return bool(_SECRET_KEY.search(place[-1]))


def _content(file: Path, origin: str) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{origin} names {file}, which cannot be read: {type(error).__name__}"
        ) from None
    if not text:
        raise ConfigurationError(f"{origin} names {file}, which is empty")
    return text
