"""What did a call say? Its parameters by name, from the query and the posted form, each refused in the platform's words.

A list is the same name again and again (`ns=a&ns=b`); `ns[0]`, `ns1` or a comma make no list here (facts §2.1).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.sandbox.logicboxes.replies import RefusedError
from adapters.sandbox.web import Request


@dataclass(frozen=True, slots=True)
class Fields:
    """A call's parameters, in the order of their sending."""

    pairs: tuple[tuple[str, str], ...] = field(repr=False)

    @classmethod
    def of(cls, request: Request) -> "Fields":
        """Read a request's: those of the query, then those of the form."""
        return cls(request.query + request.form())

    def many(self, name: str) -> tuple[str, ...]:
        """Return every value of a name; empty if there is none."""
        return tuple(value for stated, value in self.pairs if stated == name)

    def maybe(self, name: str) -> str:
        """Return a name's first value; empty if there is none."""
        return next(iter(self.many(name)), "")

    def text(self, name: str) -> str:
        """Return a name's value, which must be there."""
        value = self.maybe(name)
        if not value:
            raise RefusedError(f"Required parameter missing: {name}")
        return value

    def number(self, name: str, *, least: int, most: int) -> int:
        """Return a whole number between two bounds."""
        value = self.text(name)
        if not value.isdecimal() or not least <= int(value) <= most:
            raise invalid(name, value)
        return int(value)

    def flag(self, name: str) -> bool:
        """Return a boolean, which must be there: `true` or `false`."""
        return self.choice(name, ("true", "false")) == "true"

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        """Return one of the known values."""
        value = self.text(name)
        if value not in among:
            raise invalid(name, value)
        return value

    def moment(self, name: str) -> datetime | None:
        """Return a time, sent as epoch seconds; None if it was not sent."""
        value = self.maybe(name)
        if not value:
            return None
        if not value.isdecimal():
            raise invalid(name, value)
        return datetime.fromtimestamp(int(value), UTC)

    def attributes(self) -> dict[str, str]:
        """Return the extra attributes: `attr-name1=…&attr-value1=…`."""
        named = {
            name.removeprefix("attr-name"): value
            for name, value in self.pairs
            if name.startswith("attr-name")
        }
        return {value: self.maybe(f"attr-value{number}") for number, value in named.items()}


def invalid(name: str, value: str) -> RefusedError:
    """Say that a parameter is not valid, as the platform's validation does."""
    return RefusedError(f"{{{name}={value} is invalid}}")
