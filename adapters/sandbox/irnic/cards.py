"""Is a contact's card written as IRNIC's schema wants it? Its patterns, and what it checks beyond them.

What breaks the schema is answered 2001; a national code that is none, 2005.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from adapters.sandbox.irnic.answers import CONTACT, RefusedError
from adapters.sandbox.irnic.requests import Request

_NAME = re.compile(r"[a-zA-Z]+[a-zA-Z\-.,() ]{1,99}")
_CITY = re.compile(r".{1,50}")
_NUMBER = re.compile(r"[0-9a-zA-Z\-]{1,12}")
_CC = re.compile(r"[a-zA-Z]{2}")
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "firstname": _NAME,
    "lastname": _NAME,
    "org": _NAME,
    "signature": _NAME,
    "street": re.compile(r".{1,255}"),
    "city": _CITY,
    "sp": _CITY,
    "issuer": _CITY,
    "pc": re.compile(r".{0,16}"),
    "cc": _CC,
    "voice": re.compile(r"(?=.{1,17}$)[0-9 \-+]{1,17}(x[0-9]{1,5})?"),
    "fax": re.compile(r"(?=.{0,17}$)[0-9 \-+]{0,17}(x[0-9]{1,5})?"),
    "email": re.compile(r"(?=.{1,255}$)[a-zA-Z0-9._\-]+@([a-zA-Z0-9\-]+.)*[a-zA-Z]+"),
    "number": _NUMBER,
    "number2": _NUMBER,
}
_ORDER = ("postalInfo", "voice", "fax", "ident", "signature", "email", "authInfo")
_COMPANIES = "PublicCompany PrivateCompany LimitedCompany CooperativeCompany Organization"
_SCHOOLS = "PrimarySch SecondarySch HighSch PreUni Vocational OtherSch Center"
_UNIVERSITIES = "PublicUni AzadUni PayameNoorUni AppSciTechUni OtherUni Center ResearchInst"
_OFFICES = "Ministry Company Organization President Province Municipality"
_CATEGORIES: Mapping[str, frozenset[str]] = {
    "privatereg": frozenset(
        {*(f"SabtSherkat__{word}" for word in _COMPANIES.split()), "Ershad__Publication"}
    ),
    "govid": frozenset(
        {
            *("Leader__Any", "Judiciary__Any", "Legislative__Any"),
            *(f"Executive__{word}" for word in _OFFICES.split()),
        }
    ),
    "eduid": frozenset(
        {
            *(f"MoEdu__{word}" for word in _SCHOOLS.split()),
            *(f"MoSRT__{word}" for word in _UNIVERSITIES.split()),
            *("MOHMS__MedPublicUni", "MoHMS__MedResearchInst"),
        }
    ),
}
_ATTRIBUTES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "idcard": (frozenset({"cc", "number"}), frozenset()),
    "passport": (frozenset({"cc", "issuer", "number"}), frozenset()),
    "privatereg": (frozenset({"cc", "sp", "issuer", "category", "number"}), frozenset({"number2"})),
    "govid": (frozenset({"cc", "sp", "city", "category"}), frozenset()),
    "eduid": (frozenset({"cc", "sp", "city", "category"}), frozenset()),
}
"""Each identity's attributes: those it must have, and those it may."""

_NATIONAL_CODE = re.compile(r"[0-9]{10}")


@dataclass(frozen=True, slots=True)
class Card:
    """What a creation states: the texts by their elements' names, and how the owner is known."""

    texts: Mapping[str, str] = field(repr=False)
    idents: tuple[str, ...]


def read(request: Request) -> Card:
    """Return a creation's card, or raise `RefusedError` for what breaks the schema or is no national code."""
    body = _body(request)
    found = [_local(child) for child in body]
    if found != [tag for tag in _ORDER if tag in found] or set(_ORDER) - {"fax"} - set(found):
        raise RefusedError(2001, "The elements do not stand in the schema's order.", "create")
    texts = _texts(body)
    identities = [child for ident in body.iter(f"{{{CONTACT}}}ident") for child in ident]
    if not identities:
        raise RefusedError(2003, "The identity is missing.", "ident")
    for identity in identities:
        _check_identity(identity)
    return Card(texts, tuple(_local(identity) for identity in identities))


def read_change(request: Request) -> Mapping[str, str]:
    """Return what an update changes, by the elements' names; raise `RefusedError` for what it may not."""
    change = next((child for child in _body(request) if _local(child) == "chg"), None)
    if change is None or not len(change):
        raise RefusedError(2003, "Nothing is to be changed.", "chg")
    texts = _texts(change)
    if fixed := set(texts) - {"street", "city", "sp", "pc", "cc", "voice", "fax"}:
        raise RefusedError(2001, "This cannot be changed.", min(fixed))
    return texts


def _body(request: Request) -> etree._Element:
    if request.body is None:
        raise RefusedError(2003, "The contact is missing.", "contact")
    return request.body


def _texts(parent: etree._Element) -> dict[str, str]:
    """Return the texts of the elements that have a rule, each by its rule."""
    texts = {}
    for element in parent.iter(f"{{{CONTACT}}}*"):
        name = _local(element)
        if name in _PATTERNS:
            texts[name] = _matching(name, (element.text or "").strip())
    return texts


def _check_identity(identity: etree._Element) -> None:
    name, stated = _local(identity), set(map(str, identity.attrib))
    must, may = _ATTRIBUTES.get(name, (frozenset(), frozenset()))
    if not must <= stated <= must | may:
        raise RefusedError(2001, "The identity does not match the schema.", name)
    for attribute in stated - {"category"}:
        _matching(attribute, identity.get(attribute, ""))
    if "category" in must and identity.get("category") not in _CATEGORIES[name]:
        raise RefusedError(2001, "The category does not match the schema.", "category")
    code = identity.get("number", "")
    if name == "idcard" and identity.get("cc", "").upper() == "IR" and not _NATIONAL_CODE.fullmatch(code):
        raise RefusedError(2005, "The national code is not valid.", "idcard")


def _matching(name: str, text: str) -> str:
    if not _PATTERNS[name].fullmatch(text):
        raise RefusedError(2001, f"The value of {name} does not match the schema.", name)
    return text


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
