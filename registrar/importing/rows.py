"""What does a line say of a name? Each column read once, into what the books can hold; every fault of a line is told.

    domain,customer,registrar,paid_through,registry_expires_at,registry_id,renew_by
    example.com,c-42,epp,2027-03-20,2027-03-20T23:59:59Z,D123-TEST,

`domain` (in any script), `customer` and `paid_through` must have a column, `registrar` unless one is named for the whole
file. `paid_through` may be empty where nobody knows it. A bare date is the end of that day in the zone's own time zone (D2).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from registrar.agreement.rules import RuleBook
from registrar.commands import Expiry
from registrar.dates import EARLIEST_YEAR, LATEST_YEAR, read_date
from registrar.names import DomainName
from registrar.orders.requests import Catalogue

COLUMNS = (
    "domain",
    "customer",
    "registrar",
    "paid_through",
    "registry_expires_at",
    "registry_id",
    "renew_by",
)
_REQUIRED = ("domain", "customer", "paid_through")
_LONGEST: Mapping[str, int] = {"customer": 255, "registry_id": 128}
"""Characters that the books have room for."""
_EITHER_WAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2\d{4}\b", re.ASCII)
_MONTHS = 12

_Read = TypeVar("_Read")


class Fault(NamedTuple):
    """What is wrong in a file, and what to do about it."""

    line: int
    column: str | None
    """None: the line as a whole."""
    text: str


class FaultyLineError(ValueError):
    """A line that cannot be taken."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = faults


class Line(NamedTuple):
    """One name as a file tells it; instants in UTC, to the second."""

    number: int
    name: str
    """The A-label."""
    zone: str
    customer: str
    registrar: str
    paid_through: datetime | None
    registry_expires_at: datetime | None
    registry_expires_text: str | None
    registry_id: str | None
    renew_by: datetime | None


@dataclass(frozen=True, slots=True)
class Sold:
    """What a name may be: the zones that are sold, by their A-labels, who serves each, and where its bare dates end."""

    registrars: Mapping[str, frozenset[str]]
    clocks: Mapping[str, ZoneInfo]
    registrar: str | None
    """Where a name is whose line does not say it."""

    @classmethod
    def by(cls, catalogue: Catalogue, rules: RuleBook, *, registrar: str | None, now: datetime) -> "Sold":
        """Take it from what is sold and the rules in force; raises `ValueError` for a registrar that serves no zone."""
        registrars = {zone: _serving(catalogue, zone) for zone in catalogue}
        known = sorted(frozenset().union(*registrars.values()))
        if registrar is not None and registrar not in known:
            raise ValueError(f"no zone is sold at {registrar!r}; registrars: {', '.join(known)}")
        clocks = {zone: ZoneInfo(rules.rules(zone, at=now).renewal.bare_date_zone) for zone in catalogue}
        return cls(registrars, clocks, registrar)


def _serving(catalogue: Catalogue, zone: str) -> frozenset[str]:
    return frozenset(name for route in catalogue[zone].routes.values() for name in route)


def faults_of_header(header: Sequence[str], sold: Sold) -> list[Fault]:
    """Return what is wrong with a header line."""
    required = _REQUIRED if sold.registrar else (*_REQUIRED, "registrar")
    faults = [Fault(1, name, "the column is missing") for name in required if name not in header]
    faults += [Fault(1, name, "nobody reads this column") for name in header if name not in COLUMNS]
    faults += [
        Fault(1, name, "the column stands there twice") for name in COLUMNS if list(header).count(name) > 1
    ]
    if faults:
        separated = "; cells are separated by commas" if len(header) == 1 else ""
        faults.append(Fault(1, None, f"known columns: {', '.join(COLUMNS)}{separated}"))
    return faults


def read_line(number: int, cells: Mapping[str, str], sold: Sold) -> Line:
    """Read one name; raises `FaultyLineError` with all that is wrong with it."""
    faults: list[Fault] = []

    def read(column: str, how: Callable[[str], _Read]) -> _Read | None:
        try:
            return how(cells.get(column, ""))
        except ValueError as error:
            faults.append(Fault(number, column, str(error)))
            return None

    name = read("domain", lambda text: _name(text, sold))
    zone = name.zone if name else None
    clock: tzinfo = sold.clocks[zone] if zone else UTC
    customer = read("customer", lambda text: _text(text, "customer"))
    registrar = read("registrar", lambda text: _registrar(text, zone, sold))
    paid, shown, renew_by = (
        read(column, lambda text: _date(text, clock))
        for column in ("paid_through", "registry_expires_at", "renew_by")
    )
    registry_id = read("registry_id", lambda text: _text(text, "registry_id") if text else None)
    if faults or name is None or customer is None or registrar is None:
        raise FaultyLineError(faults)
    return Line(
        number,
        name.ascii,
        name.zone,
        customer,
        registrar,
        paid_through=paid.at if paid else None,
        registry_expires_at=shown.at if shown else None,
        registry_expires_text=shown.text if shown else None,
        registry_id=registry_id,
        renew_by=renew_by.at if renew_by else None,
    )


def _name(text: str, sold: Sold) -> DomainName:
    """Read the name; raises `NameRefusedError`, a `ValueError`, that says what to do."""
    if not text:
        raise ValueError("it is empty: write the name, or take the line out")
    return DomainName.parse(text, zones=sold.registrars.keys())


def _text(text: str, column: str) -> str:
    if not 1 <= len(text) <= _LONGEST[column] or not text.isprintable():
        raise ValueError(f"must be 1-{_LONGEST[column]} printable characters of text")
    return text


def _registrar(text: str, zone: str | None, sold: Sold) -> str:
    registrar = text or sold.registrar
    serving = sold.registrars[zone] if zone else frozenset().union(*sold.registrars.values())
    if registrar is None:
        raise ValueError(f"it is empty: write one of {', '.join(sorted(serving))}, or give --registrar")
    if registrar not in serving:
        where = "for this zone" if zone else "here"
        raise ValueError(f"{registrar!r} is no registrar {where}: write one of {', '.join(sorted(serving))}")
    return registrar


def _date(text: str, clock: tzinfo) -> Expiry | None:
    """Read a date, or none; refuse one whose day could be its month."""
    if not text:
        return None
    figures = _EITHER_WAY.match(text)
    if figures and figures[1] != figures[3] and max(int(figures[1]), int(figures[3])) <= _MONTHS:
        raise ValueError(f"{text!r}: which is the day, and which the month? Write it as 2027-03-20")
    read = read_date(text, zone=clock)
    if read is None:
        raise ValueError(
            f"{text!r} is no date from {EARLIEST_YEAR} to {LATEST_YEAR}: write it as 2027-03-20, by the Gregorian "
            "calendar, or as 2027-03-20T23:59:59Z"
        )
    return read
