"""What does an operation cost? A year's price of the extension, or the premium fee, for each year."""

from collections.abc import Mapping

from adapters.sandbox.openprovider.answers import RefusedError
from adapters.sandbox.openprovider.catalogue import LONGEST_YEARS, Extension, SplitName
from adapters.sandbox.openprovider.errand import Errand

_COLUMNS: Mapping[str, str] = {
    "create": "register",
    "renew": "renew",
    "transfer": "transfer",
    "restore": "restore",
}
_PREMIUM_OPERATIONS = frozenset({"create", "renew", "transfer"})


def of(errand: Errand, operation: str, name: SplitName, years: int = 1) -> int:
    """Return the price of `create`, `renew`, `transfer` or `restore` for so many years, in minor units."""
    extension = errand.extension(name)
    premium = errand.rules.premium.get(name.label)
    if premium is not None and operation in _PREMIUM_OPERATIONS:
        return premium * years
    return yearly(extension, operation) * years


def yearly(extension: Extension, operation: str) -> int:
    """Return an extension's ordinary price of an operation for a year; raises `RefusedError` for another operation."""
    if operation not in _COLUMNS:
        raise RefusedError(399, "The operation is not known")
    price: int = getattr(extension, _COLUMNS[operation])
    return price


def years_in(period: object) -> int:
    """Read a period; raises `RefusedError` for one that is too short or too long. None stands for one year."""
    if period is None:
        return 1
    if isinstance(period, bool) or not isinstance(period, int) or period < 1:
        raise RefusedError(315)
    if period > LONGEST_YEARS:
        raise RefusedError(316)
    return period
