"""Which rules of the agreement are set? `rules.toml`, of the company's folder or of the package, read whole or refused.

Every fault is told at once, each with the file, the line, the key and what to do.
"""

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.layers import RULES_FILE, ConfigurationError
from config.positions import Path as Place
from config.positions import line_of, lines_of
from config.rules_schema import OF_ZONES, Written
from registrar.agreement.rules import RuleBook, Version, overlaid
from registrar.names import NameRefusedError, zone_of

_Fault = tuple[Place, str]
"""Where, and what to do."""


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may name: the zones, each with its currency, and the registrars; empty: any, not checked."""

    currencies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By zone, as its A-label."""
    registrars: Collection[str] = ()


ANYTHING = Known()

_NOT_WRITTEN = frozenset({"[key]"})
"""What pydantic puts into a fault's place beside what was written."""

_REASONS: Mapping[str, str] = {
    "missing": "is missing; a version is complete",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be a text, in quotes",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "model_type": "must be a table",
    "mapping_type": "must be a table",
    "dict_type": "must be a table",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


def load_rules(folder: Path | None, known: Known = ANYTHING) -> RuleBook:
    """Read the rules of a company's folder, else the package's; raises `ConfigurationError` with every fault."""
    own = folder / RULES_FILE if folder is not None else None
    if own is not None and own.is_file():
        return read_rules(own, known)
    return _read(resources.files("config") / RULES_FILE, f"the package's {RULES_FILE}", known)


def read_rules(file: Path, known: Known = ANYTHING) -> RuleBook:
    """Read a file of rules; raises `ConfigurationError` with every fault."""
    return _read(file, str(file), known)


def _read(file: Traversable, shown: str, known: Known) -> RuleBook:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{shown} cannot be read: {error}") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(_syntax(shown, text, str(error))) from error
    lines, reading = lines_of(text), _Reading(known)
    versions = reading.versions(tables)
    if reading.faults:
        told = {(line_of(place, lines), _key(place), reason) for place, reason in reading.faults}
        raise ConfigurationError(
            "\n".join(f"{shown}, line {line}: {key}: {why}" for line, key, why in sorted(told))
        )
    return RuleBook(versions)


def _syntax(shown: str, text: str, said: str) -> str:
    """Say where a text is no TOML; at the end of the document there is no line in tomllib's words."""
    reason, _, where = said.partition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", where)
    line = int(found[1]) if found else text.count("\n") + 1
    column = f", column {found[2]}" if found else ""
    return f"{shown}, line {line}{column}: this is no TOML: {reason}"


class _Reading:
    """One reading of a file's tables: the versions that could be made, and every fault."""

    def __init__(self, known: Known) -> None:
        self.faults: list[_Fault] = []
        self._known = known

    def versions(self, tables: Mapping[str, Any]) -> list[Version]:
        """Read all versions; what is returned counts only if there are no faults."""
        self.faults += [
            ((key,), "nobody reads this; known here: version") for key in tables if key != "version"
        ]
        written = tables.get("version")
        if not _is_tables(written):
            self.faults.append((("version",), "write at least one version, under [[version]]"))
            return []
        made = [self._version(("version", number), table) for number, table in enumerate(written)]
        self._once("name", [version and version.name for version in made])
        self._once("effective_from", [version and version.common.effective_from for version in made])
        return [version for version in made if version is not None]

    def _once(self, key: str, values: Sequence[object]) -> None:
        for number, value in enumerate(values):
            if value is not None and value in values[:number]:
                reason = f"an earlier version has the same {key}: give each its own"
                self.faults.append((("version", number, key), reason))

    def _version(self, place: Place, table: Mapping[str, Any]) -> Version | None:
        common = {key: value for key, value in table.items() if key != "zones"}
        written, faults = _checked(common)
        self.faults += [((*place, *where), reason) for where, reason in faults]
        overlays = self._overlays((*place, "zones"), table.get("zones", {}))
        zones = {
            zone: self._zone((*place, "zones", key), common, overlay, faults)
            for zone, (key, overlay) in overlays.items()
        }
        if written is None or any(rules is None for rules in zones.values()):
            return None
        complete = {zone: rules for zone, rules in zones.items() if rules is not None}
        self._refuse_strange_registrars(place, written)
        self._refuse_strange_currencies(place, written, complete, overlays)
        begins = written.begins()
        made = {zone: rules.made(begins) for zone, rules in complete.items()}
        source = {**common, "zones": {zone: overlay for zone, (_, overlay) in overlays.items()}}
        return Version(written.made(begins), made, _plain(source))

    def _overlays(self, place: Place, tables: object) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """Return what differs by zone, each with the key as it is written."""
        if not isinstance(tables, dict):
            self.faults.append((place, "give each zone a table of its own, as [version.zones.ir]"))
            return {}
        overlays: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for key, overlay in tables.items():
            try:
                zone = zone_of(key)
            except NameRefusedError as error:
                self.faults.append(((*place, key), str(error)))
                continue
            if fault := self._strange_zone(zone, overlay, overlays):
                self.faults.append(((*place, key), fault))
            else:
                overlays[zone] = key, overlay
        return overlays

    def _strange_zone(self, zone: str, overlay: object, earlier: Collection[str]) -> str | None:
        known = self._known.currencies
        if known and zone not in known:
            return f"there is no such zone in zones.toml; known: {', '.join(sorted(known))}"
        if zone in earlier:
            return "this zone is written twice: keep one of them"
        if not isinstance(overlay, dict):
            return "give this zone a table of its own, as [version.zones.ir]"
        return None

    def _zone(
        self, place: Place, common: Mapping[str, Any], overlay: Mapping[str, Any], of_all: Collection[_Fault]
    ) -> Written | None:
        """Read a zone's rules: the common ones, with the overlay's keys over them. Its faults are those that it adds."""
        allowed = {key: value for key, value in overlay.items() if key in OF_ZONES}
        known_here = ", ".join(OF_ZONES)
        self.faults += [
            ((*place, key), f"a zone has no such section; those that may differ by zone: {known_here}")
            for key in overlay.keys() - allowed.keys()
        ]
        written, faults = _checked(overlaid(common, allowed))
        self.faults += [
            ((*place, *where), reason) for where, reason in faults if (where, reason) not in of_all
        ]
        return written

    def _refuse_strange_registrars(self, place: Place, written: Written) -> None:
        known = self._known.registrars
        self.faults += [
            ((*place, "auto_renewed", name), f"there is no such registrar; known: {', '.join(sorted(known))}")
            for name in written.auto_renewed
            if known and name not in known
        ]

    def _refuse_strange_currencies(
        self,
        place: Place,
        written: Written,
        zones: Mapping[str, Written],
        overlays: Mapping[str, tuple[str, Mapping[str, Any]]],
    ) -> None:
        """A fee is paid with its order, so in the currency in which its zone is sold."""
        for zone, currency in self._known.currencies.items():
            key, overlay = overlays.get(zone, (zone, {}))
            for where, charged in zones.get(zone, written).amounts():
                if charged != currency:
                    own = (*place, "zones", key) if where[0] in overlay else place
                    reason = (
                        f"{zone} is sold in {currency}: write its own under zones.{zone}, in that currency"
                    )
                    self.faults.append(((*own, *where), reason))


def _is_tables(written: object) -> TypeGuard[list[dict[str, Any]]]:
    return bool(written) and isinstance(written, list) and all(isinstance(table, dict) for table in written)


def _checked(table: Mapping[str, Any]) -> tuple[Written | None, list[_Fault]]:
    """Check the rules of one zone. JSON, as it tells a list from a text and leaves no number to be guessed."""
    try:
        return Written.model_validate_json(json.dumps(_plain(table))), []
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        return None, [(_place(fault), _reason(fault)) for fault in faults]


def _place(fault: ErrorDetails) -> Place:
    """Return where a fault lies; what pydantic says of a key, or of a choice of types, is left out."""
    known = [part for part in fault["loc"] if part not in _NOT_WRITTEN]
    return (*known, *fault.get("ctx", {}).get("where", ()))


def _reason(fault: ErrorDetails) -> str:
    """Say what to do, in our words where pydantic's are a programmer's."""
    if fault["type"] == "extra_forbidden":
        return f"nobody reads this; known here: {', '.join(_known_keys(fault['loc'][:-1]))}"
    return _REASONS.get(
        fault["type"], fault["msg"].replace("Input should", "must").replace("String should", "must")
    )


def _known_keys(place: Place) -> list[str]:
    """Return the keys of the section at a place."""
    section: type[BaseModel] = Written
    for key in place:
        if isinstance(key, str):
            annotation = section.model_fields[key].annotation
            parts = [annotation, *get_args(annotation)]
            section = next(part for part in parts if isinstance(part, type) and issubclass(part, BaseModel))
    return [*section.model_fields, *(["zones"] if not place else [])]


def _key(place: Place) -> str:
    """Name a key for people; which of several versions or fees it is, its line says."""
    return ".".join(part for part in place if isinstance(part, str)).removeprefix("version.")


def _plain(value: Any) -> Any:
    """Return what TOML gave as JSON has it: dates and times as texts."""
    match value:
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case list():
            return [_plain(part) for part in value]
        case date() | time():
            return value.isoformat()
        case _:
            return value
