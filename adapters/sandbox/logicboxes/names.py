"""Which name does a call mean? One parse to its A-label; the label and the TLD are looked at apart for prices and keys."""

import re
from dataclasses import dataclass

from adapters.sandbox.logicboxes.replies import RefusedError

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST = re.compile(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name under one TLD (or a zone such as `co.uk`)."""

    label: str
    tld: str

    @property
    def ascii(self) -> str:
        """The whole name, as the books keep it."""
        return f"{self.label}.{self.tld}"

    @property
    def is_idn(self) -> bool:
        """Whether its label stands for letters beyond ASCII."""
        return self.label.startswith("xn--")

    @property
    def is_premium(self) -> bool:
        """Whether the registry sells it dearer: here, whatever begins with `premium-`."""
        return self.label.startswith("premium-")


def parse(text: str) -> Name:
    """Read a whole name, in Unicode or as A-labels; raise `RefusedError` for what is none."""
    label, dot, tld = text.lower().partition(".")
    return join(label, tld) if dot else _refuse(text)


def join(label: str, tld: str) -> Name:
    """Read a label and a TLD that were sent apart, as the availability call's are."""
    try:
        # Python's own codec follows IDNA 2003, which is enough to tell one invented name from another.
        name = Name(label.lower().encode("idna").decode(), tld.lower().encode("idna").decode())
    except UnicodeError:
        return _refuse(f"{label}.{tld}")
    return name if is_host(name.ascii) else _refuse(f"{label}.{tld}")


def is_host(text: str) -> bool:
    """Tell whether a text has the form of a host name."""
    return _HOST.fullmatch(text.lower()) is not None


def _refuse(text: str) -> Name:
    raise RefusedError(f"{{domain-name={text} is invalid}}")
