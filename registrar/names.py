"""Which name is meant, and may it be registered as it stands? One parse, to one normal form or a refusal that says why.

A name is kept as its A-label in lower case without a trailing dot, and shown as its U-label. What we register is one
label under a *zone* that is sold (`ir`, `co.ir`, `com`); the list of sold zones comes in as an argument.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources

import idna
from tldextract import TLDExtract

PERSIAN_ZONES = frozenset({"xn--mgba3a4f16a"})
"""Zones whose labels are Persian: `.ایران`. The registry folds Arabic letters to Persian ones, and so do we."""
IRNIC_ZONES = frozenset({"ir"}) | PERSIAN_ZONES
"""The top-level zones of IRNIC, in Tehran."""

ZONE_TWINS = {"xn--mgba3a4fra": "xn--mgba3a4f16a"}
"""A zone's spelling with the Arabic yeh (`.ايران`) is the same zone."""

_ARABIC_TO_PERSIAN = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه"})  # noqa: RUF001 - letters of the trade
_FULL_STOPS = str.maketrans({"。": ".", "．": ".", "｡": "."})  # noqa: RUF001 - what input methods type for a dot
_INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""What a label copied from a right-to-left page carries at its edges. Inside a label ZWNJ has a meaning and stays."""

_LONGEST_NAME = 253
"""Characters of a name in A-labels without the trailing dot (RFC 1035 §2.3.4 counts 255 octets on the wire)."""

_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


class NameRefusedError(ValueError):
    """A text that is no registrable name; `code` is stable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class DomainName:
    """One registrable name: `ascii` is its A-label form (`example.co.ir`), `zone` the A-label of what it stands under."""

    ascii: str
    zone: str

    @classmethod
    def parse(cls, text: str, *, zones: Collection[str]) -> "DomainName":
        """Read what a person wrote.

        `zones` are the A-labels of the zones that are sold. Upper case, a trailing dot, U-labels and, under `.ایران`,
        Arabic ي and ك are brought to the normal form. Raises `NameRefusedError` for everything else: a URL, a host
        below a name, a bare zone, a zone that is not sold, a label the registries do not take.
        """
        labels = _labels(text)
        zone = _sold_zone(labels, zones)
        depth = len(labels) - len(zone.split("."))
        if depth == 0:
            raise NameRefusedError(
                "name_is_zone", f"{text!r} is a zone, not a name in it; put one label in front of it"
            )
        if depth > 1:
            start = -len(zone.split(".")) - 1
            wanted = ".".join(labels[start:])
            raise NameRefusedError(
                "name_not_registrable", f"{text!r} lies below a name; order {_unicode(wanted)!r} instead"
            )
        return cls(f"{labels[0]}.{zone}", zone)

    @classmethod
    def anywhere(cls, text: str) -> "DomainName":
        """Read the name of something that need not be sold here: what is registered under its public suffix."""
        labels = _labels(text)
        return cls.parse(text, zones={_public_suffix(labels) or labels[-1]})

    @property
    def unicode(self) -> str:
        """The form to show: U-labels."""
        return _unicode(self.ascii)

    @property
    def label(self) -> str:
        """The registered label alone, as an A-label."""
        return self.ascii.removesuffix(f".{self.zone}")

    def __str__(self) -> str:
        return self.ascii


def zone_of(text: str) -> str:
    """Return a zone's A-label form, for configuration; raises `NameRefusedError` for what is no zone."""
    return ".".join(_labels(text))


def host_name(text: str) -> str:
    """Return a name server's host name as an A-label without a trailing dot; raises `NameRefusedError` if it is none."""
    labels = _labels(text)
    if len(labels) < 2 or labels[-1].isdigit():
        raise NameRefusedError(
            "host_invalid", f"{text!r} is no host name; write it in full, as ns1.example.net"
        )
    return ".".join(labels)


def _labels(text: str) -> list[str]:
    """Split into A-labels, or say what is wrong with the text."""
    if len(text) > 2 * _LONGEST_NAME:
        raise _too_long()
    plain = text.strip().strip(_INVISIBLE).translate(_FULL_STOPS)
    if any(mark in plain for mark in "/:@?"):
        raise NameRefusedError(
            "name_is_url", f"{text!r} is an address of something else; give the bare name, as example.com"
        )
    plain = plain.removesuffix(".")
    if not plain or any(not label for label in plain.split(".")):
        raise NameRefusedError("name_invalid", f"{text!r} has an empty label; write it as example.com")
    labels = [label.lower() for label in plain.split(".")]
    top = _ascii(labels[-1], text)
    top = ZONE_TWINS.get(top, top)
    if top in PERSIAN_ZONES:
        labels = [_unicode(label).translate(_ARABIC_TO_PERSIAN) for label in labels]
    encoded = [*(_ascii(label, text) for label in labels[:-1]), top]
    if len(".".join(encoded)) > _LONGEST_NAME:
        raise _too_long()
    return encoded


def _too_long() -> NameRefusedError:
    return NameRefusedError("name_too_long", f"a name has at most {_LONGEST_NAME} characters")


def _ascii(label: str, text: str) -> str:
    label = label.strip(_INVISIBLE)
    if not label:
        raise NameRefusedError("name_invalid", f"{text!r} has an empty label; write it as example.com")
    if _PLAIN.fullmatch(label) and label[2:4] != "--":
        return label  # as IDNA has it, in a fiftieth of the time
    try:
        encoded = idna.encode(label, uts46=True, transitional=False, std3_rules=True).decode().lower()
        if encoded.startswith("xn--"):
            idna.decode(encoded)
    except idna.IDNAError as error:
        raise NameRefusedError("name_invalid", f"{text!r} is not a valid name: {error}") from error
    return encoded


def _sold_zone(labels: list[str], zones: Collection[str]) -> str:
    """Find the zone: the longest one sold that the public suffix list does not place deeper."""
    suffix = _public_suffix(labels)
    for start in range(len(labels)):
        candidate = ".".join(labels[start:])
        if candidate in zones and len(candidate) >= len(suffix):
            return candidate
    wanted = suffix or labels[-1]
    shown = ", ".join(sorted(_unicode(zone) for zone in zones)) or "none, for no registrar is enabled"
    raise NameRefusedError(
        "zone_not_sold", f"names under {_unicode(wanted)!r} are not sold here; sold zones: {shown}"
    )


def _public_suffix(labels: list[str]) -> str:
    """Return the public suffix as A-labels; empty for a top-level domain that the list does not know."""
    return _suffixes()(".".join(labels)).suffix


@cache
def _suffixes() -> TLDExtract:
    """Read the registries' part of the list that comes with `publicsuffixlist`; nothing is fetched, ever.

    tldextract's own copy is older; the newer rules are put over it.
    """
    file = resources.files("publicsuffixlist") / "public_suffix_list.dat"
    registries, _, _ = file.read_text(encoding="utf-8").partition("===BEGIN PRIVATE DOMAINS===")
    rules = [line.split()[0] for line in registries.splitlines() if line and not line.startswith("//")]
    return TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=rules)


def _unicode(name: str) -> str:
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name
