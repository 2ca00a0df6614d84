"""Which .ir or .ایران name does a request mean, and would IRNIC take it? One parse, to one form.

A name is kept in the books as its A-label in lower case; a request may write it either way, and Arabic letters become
the Persian ones under `.ایران`.
"""

import re
import unicodedata
from dataclasses import dataclass

SCHEMA_PATTERN = re.compile(
    r"[a-zA-Z0-9\u0600-\u06FF\u2000-\u206F-]{1,63}"
    r"(?:(?:.(?:ac|co|gov|id|net|org|sch))?.ir|.(?:ایران|xn--mgba3a4f16a|ايران|xn--mgba3a4fra)(?:.ir)?)"
)
"""What IRNIC's schema (1.0.5.2) lets through; its dots match any character, so `exampleXir` passes it."""

_SUFFIXES = ("ac.ir", "co.ir", "gov.ir", "id.ir", "net.ir", "org.ir", "sch.ir", "ir")
_PERSIAN_ZONES = ("ایران", "xn--mgba3a4f16a", "ايران", "xn--mgba3a4fra")
_PERSIAN_ZONE = ("ایران", "xn--mgba3a4f16a")
_LATIN_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?!-)){0,61}[a-z0-9]")
_PERSIAN_LABEL = re.compile(r"[ء-ی](?:[ء-ی۰-۹0-9\u200c\u200d]{0,61}[ء-ی])?")
_ARABIC_TO_PERSIAN = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه"})  # noqa: RUF001 - the letters are the point


@dataclass(frozen=True, slots=True)
class RegistryName:
    """One name as the registry keeps it: `ascii` in its books, `unicode` for people, `zone` its suffix for people."""

    ascii: str
    unicode: str
    zone: str

    @property
    def label(self) -> str:
        """The part before the zone, for people."""
        return self.unicode.removesuffix(f".{self.zone}")


def parse(text: str) -> RegistryName | None:
    """Read a name as a request writes it; None for one that IRNIC calls not valid."""
    for zone in _PERSIAN_ZONES:
        for suffix in (f".{zone}.ir", f".{zone}"):
            if text.endswith(suffix):
                return _persian(text.removesuffix(suffix))
    for zone in _SUFFIXES:
        if text.endswith(f".{zone}"):
            return _latin(text.removesuffix(f".{zone}"), zone)
    return None


def _latin(written: str, zone: str) -> RegistryName | None:
    label = written.lower()
    shortest = 3 if zone == "ir" else 2
    if len(label) < shortest or not _LATIN_LABEL.fullmatch(label):
        return None
    return RegistryName(f"{label}.{zone}", f"{label}.{zone}", zone)


def _persian(written: str) -> RegistryName | None:
    label = _u_label(written.lower()).translate(_ARABIC_TO_PERSIAN)
    if not _PERSIAN_LABEL.fullmatch(label):
        return None
    unicode_zone, ascii_zone = _PERSIAN_ZONE
    a_label = f"xn--{label.encode('punycode').decode()}"
    return RegistryName(f"{a_label}.{ascii_zone}", f"{label}.{unicode_zone}", unicode_zone)


def _u_label(label: str) -> str:
    if not label.startswith("xn--"):
        return unicodedata.normalize("NFC", label)
    try:
        return label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return ""
