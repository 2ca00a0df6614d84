"""Would IRNIC take this person's card? Every field is checked before anything is sent: IRNIC says no more than "syntax".

The rules are those of schema 1.0.5.2 (facts §4), and where a client was seen to be stricter, the client's. A text of
ours names each field that is wrong and says what to do; it never repeats what stood there.

`Contact.name` is one text and IRNIC wants two. A name with a comma is `last, first`; any other is split at its first
space: `Sara Invented Example` is Sara, of the family Invented Example. Of a company or an office it is the name of the
person who signs for it.

Persian and Arabic digits become ASCII in the postal code, the telephone and the identity; runs of spaces become one; in
a telephone a dot, as RFC 5733 writes one, becomes a hyphen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from registrar.commands import Contact, HolderType, Identity
from registrar.secrets import Secret

_ASCII_DIGITS = {
    ord(digit): str(value)
    for zero in ("\u06f0", "\u0660")  # Persian and Arabic zero
    for value, digit in enumerate(chr(ord(zero) + step) for step in range(10))
}
_NAME = re.compile(r"[a-zA-Z]+[a-zA-Z\-.,() ]{1,99}")
_VOICE = re.compile(r"[0-9 \-+]{1,17}(x[0-9]{1,5})?")
_EMAIL = re.compile(r"[a-zA-Z0-9._\-]+@([a-zA-Z0-9\-]+\.)+[a-zA-Z]+")
_NUMBER = re.compile(r"[0-9a-zA-Z\-]{1,12}")
_IRANIAN_TEN_DIGITS = re.compile(r"[0-9]{10}")
_COMPANY_ID = re.compile(r"[0-9]{11}")
_LONGEST_NAME = 100
_LONGEST_VOICE = 17
_LONGEST_EMAIL = 255
_LONGEST_STREET = 255
_LONGEST_CITY = 50
_LONGEST_POSTAL_CODE = 16
_SHORTEST_SECRET = 5

CATEGORIES: Mapping[HolderType, tuple[str, ...]] = {
    HolderType.COMPANY: (
        "SabtSherkat__PublicCompany",
        "SabtSherkat__PrivateCompany",
        "SabtSherkat__LimitedCompany",
        "SabtSherkat__CooperativeCompany",
        "SabtSherkat__Organization",
        "Ershad__Publication",
    ),
    HolderType.GOVERNMENT: (
        "Leader__Any",
        "Judiciary__Any",
        "Legislative__Any",
        "Executive__Ministry",
        "Executive__Company",
        "Executive__Organization",
        "Executive__President",
        "Executive__Province",
        "Executive__Municipality",
    ),
    HolderType.EDUCATION: (
        "MoEdu__PrimarySch",
        "MoEdu__SecondarySch",
        "MoEdu__HighSch",
        "MoEdu__PreUni",
        "MoEdu__Vocational",
        "MoEdu__OtherSch",
        "MoEdu__Center",
        "MoSRT__PublicUni",
        "MoSRT__AzadUni",
        "MoSRT__PayameNoorUni",
        "MoSRT__AppSciTechUni",
        "MoSRT__OtherUni",
        "MoSRT__Center",
        "MoSRT__ResearchInst",
        "MOHMS__MedPublicUni",
        "MoHMS__MedResearchInst",
    ),
}
"""IRNIC's words, its one odd spelling (`MOHMS`) included; they are taken in any case and sent as here."""

_NAME_RULE = "2 to 100 Latin letters, spaces, hyphens, dots, commas and brackets, no digits"


@dataclass(frozen=True, slots=True)
class CardFault:
    """What the customer must put right, field by field, in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is, as IRNIC takes it: one line of street."""

    street: str = field(repr=False)
    city: str = field(repr=False)
    province: str = field(repr=False)
    postal_code: str = field(repr=False)
    country_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ident:
    """How the owner is known: the element's name and its attributes."""

    element: str
    attributes: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Card:
    """A whole card that IRNIC's schema takes."""

    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    organization: str = field(repr=False)
    address: Address = field(repr=False)
    voice: str = field(repr=False)
    email: str = field(repr=False)
    ident: Ident

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The numbers that must not be repeated; one so short that it stands in every text is masked by place alone."""
        numbers = (self.ident.attributes.get(name, "") for name in ("number", "number2"))
        return tuple(Secret(number) for number in numbers if len(number) >= _SHORTEST_SECRET)


def read_card(contact: Contact, identity: Identity) -> Card | CardFault:
    """Return the card to create a handle of, or everything that is wrong with it."""
    check = _Check()
    first_name, last_name = split_name(contact.name)
    together = f"{first_name} {last_name}"
    check.allowed("name", together, f"at most {_LONGEST_NAME} letters", ok=len(together) <= _LONGEST_NAME)
    card = Card(
        first_name=check.matching("name", first_name, _NAME, f"the first name is {_NAME_RULE}"),
        last_name=check.matching(
            "name", last_name, _NAME, f"the last name is {_NAME_RULE}; write first and last name"
        ),
        organization=_organization(contact, identity, check),
        address=_address(contact, check),
        voice=_voice(contact.voice or "", check),
        email=_email(contact.email, check),
        ident=_ident(contact, identity, check),
    )
    return card if (fault := check.fault()) is None else fault


def read_address(contact: Contact) -> tuple[Address, str] | CardFault:
    """Return the address and the telephone (empty where none is stated) to put on a card, or what is wrong with them."""
    check = _Check()
    address = _address(contact, check)
    voice = "" if contact.voice is None else _voice(contact.voice, check)
    return (address, voice) if (fault := check.fault()) is None else fault


def as_person(contact: Contact) -> Identity | CardFault:
    """Return the identity of a registration's contact whose handle is still to be made.

    A registration states no more than a national code, so only a person's handle can be made with it.
    """
    if contact.organization:
        return CardFault(
            "organization: the handle of a company, an office or a school is created by itself first; "
            "then name it by that handle"
        )
    if contact.national_id is None:
        return CardFault("national_id: state the person's national code, or name them by a NIC handle")
    return Identity(HolderType.PERSON, number=contact.national_id)


def split_name(name: str) -> tuple[str, str]:
    """Return first and last name; the module says how they are told apart."""
    plain = _plain(name)
    if "," in plain:
        last, _, first = plain.partition(",")
    else:
        first, _, last = plain.partition(" ")
    return first.strip(), last.strip()


def ascii_digits(text: str) -> str:
    """Return a text with its Persian and Arabic digits written in ASCII."""
    return text.translate(_ASCII_DIGITS)


class _Check:
    """Gathers what is wrong, each fault once."""

    def __init__(self) -> None:
        self._faults: dict[str, None] = {}

    def matching(self, where: str, text: str, pattern: re.Pattern[str], rule: str) -> str:
        """Return the text, noting the rule if it breaks it."""
        return self.allowed(where, text, rule, ok=pattern.fullmatch(text) is not None)

    def allowed(self, where: str, text: str, rule: str, *, ok: bool) -> str:
        """Return the text, noting the rule if it is not `ok`."""
        if not ok:
            self._faults[f"{where}: {rule}"] = None
        return text

    def fault(self) -> CardFault | None:
        """Return all that was noted, or None."""
        return CardFault("; ".join(self._faults)) if self._faults else None


def _organization(contact: Contact, identity: Identity, check: _Check) -> str:
    name = _plain(contact.organization or "")
    if identity.type is HolderType.PERSON:
        rule = "a person's handle has none; leave it out, or state the organisation's identity"
        return check.allowed("organization", name, rule, ok=not name)
    fits = _NAME.fullmatch(name) is not None and len(name) <= _LONGEST_NAME
    return check.allowed("organization", name, f"the name is {_NAME_RULE}", ok=fits)


def _address(contact: Contact, check: _Check) -> Address:
    """Read the address. IRNIC's only `type` is *int*, which RFC 5733 §2.4 writes in ASCII."""
    country = check.matching(
        "country_code", contact.country_code.strip().upper(), re.compile("[A-Z]{2}"), "two letters, as IR"
    )
    return Address(
        street=_line("street", ", ".join(contact.street), _LONGEST_STREET, check),
        city=_line("city", contact.city, _LONGEST_CITY, check),
        province=_line("province", contact.province or "", _LONGEST_CITY, check),
        postal_code=_postal_code(contact.postal_code or "", country, check),
        country_code=country,
    )


def _line(where: str, text: str, longest: int, check: _Check) -> str:
    plain = _plain(ascii_digits(text))
    rule = f"write it in Latin letters, 1 to {longest} characters"
    fits = plain.isascii() and plain.isprintable() and 0 < len(plain) <= longest
    return check.allowed(where, plain, rule, ok=fits)


def _postal_code(text: str, country: str, check: _Check) -> str:
    plain = _plain(ascii_digits(text))
    if country == "IR":
        bare = plain.replace("-", "").replace(" ", "")
        return check.matching("postal_code", bare, _IRANIAN_TEN_DIGITS, "an Iranian one has ten digits")
    return _line("postal_code", plain, _LONGEST_POSTAL_CODE, check)


def _voice(text: str, check: _Check) -> str:
    plain = _plain(ascii_digits(text)).replace(".", "-")
    rule = f"at most {_LONGEST_VOICE} digits, spaces, hyphens and a plus, as +98 21 12345678"
    fits = _VOICE.fullmatch(plain) is not None and len(plain) <= _LONGEST_VOICE
    return check.allowed("voice", plain, rule, ok=fits)


def _email(text: str, check: _Check) -> str:
    plain = text.strip()
    rule = "an address of letters, digits, dots, hyphens and underscores; IRNIC takes no plus sign"
    fits = _EMAIL.fullmatch(plain) is not None and len(plain) <= _LONGEST_EMAIL
    return check.allowed("email", plain, rule, ok=fits)


def _ident(contact: Contact, identity: Identity, check: _Check) -> Ident:
    country = contact.country_code.strip().upper()
    province = _plain(contact.province or "")
    match identity.type:
        case HolderType.PERSON if identity.is_passport:
            attributes = {
                "cc": country,
                "issuer": _line("identity.issuer", identity.issuer or "", _LONGEST_CITY, check),
                "number": _number("identity.number", identity.number, check),
            }
            return Ident("passport", attributes)
        case HolderType.PERSON:
            return Ident("idcard", {"cc": country, "number": _national_code(identity.number, country, check)})
        case HolderType.COMPANY:
            return Ident("privatereg", _company(identity, country, province, check))
        case _:
            element = "govid" if identity.type is HolderType.GOVERNMENT else "eduid"
            attributes = {
                "cc": country,
                "sp": province,
                "city": _plain(contact.city),
                "category": _category(identity, check),
            }
            return Ident(element, attributes)


def _company(identity: Identity, country: str, province: str, check: _Check) -> dict[str, str]:
    attributes = {
        "cc": country,
        "sp": province,
        "issuer": _line("identity.issuer", identity.issuer or "", _LONGEST_CITY, check),
        "category": _category(identity, check),
        "number": _number("identity.number", identity.number, check),
    }
    if identity.second_number is not None:
        second = _number("identity.second_number", identity.second_number, check)
        if country == "IR":
            rule = "the national company id has eleven digits"
            check.matching("identity.second_number", second, _COMPANY_ID, rule)
        attributes["number2"] = second
    return attributes


def _national_code(number: Secret | None, country: str, check: _Check) -> str:
    code = _number("identity.number", number, check)
    if country == "IR":
        rule = "the national code has ten digits"
        return check.matching("identity.number", code, _IRANIAN_TEN_DIGITS, rule)
    return code


def _number(where: str, number: Secret | None, check: _Check) -> str:
    text = "" if number is None else ascii_digits(number.reveal()).strip()
    return check.matching(where, text, _NUMBER, "1 to 12 letters, digits and hyphens")


def _category(identity: Identity, check: _Check) -> str:
    known = CATEGORIES[identity.type]
    sought = (identity.category or "").strip().lower()
    found = next((category for category in known if category.lower() == sought), None)
    return check.allowed(
        "identity.category", found or sought, f"one of {', '.join(known)}", ok=found is not None
    )


def _plain(text: str) -> str:
    """Return a text with every run of spaces as one, and none around it."""
    return " ".join(text.split())
