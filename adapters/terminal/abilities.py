"""What can a registrar do, in words for staff who ask before they promise something?"""

from collections.abc import Iterable, Mapping

from registrar.commands import ContactRole, CreateContact, Delete, Kind, UpdateContact
from registrar.gateway import Capabilities, Changeable, describe
from registrar.statuses import REGISTRAR_LOCK

_ERRANDS: Mapping[type, str] = {
    Delete: "delete a name",
    CreateContact: "create a contact",
    UpdateContact: "change a contact",
}


def in_words(can: Capabilities) -> dict[str, str]:
    """Return what is declared, each thing under the name that staff know it by."""
    return {
        **describe(can),
        "transfer contact roles": _listed(role for role in ContactRole if role in can.transfer_contact_roles),
        "terms in months": "; ".join(_terms(can)) or "not limited here",
        "errands": _listed(words for errand, words in _ERRANDS.items() if errand in can.errands),
        "lock": _listed(sorted(can.statuses & REGISTRAR_LOCK)),
        "answers to a transfer": _listed(sorted(can.answers)),
        "auth codes": _auth_codes(can),
        "privacy": "yes" if can.privacy else "no",
        "IDN tables": _listed(sorted(can.idn_tables)),
        "most name servers": str(can.max_nameservers),
    }


def _terms(can: Capabilities) -> Iterable[str]:
    for kind in Kind:
        if kind in can.months:
            yield f"{kind}: {', '.join(map(str, sorted(can.months[kind])))}"


def _auth_codes(can: Capabilities) -> str:
    shown = "shown" if can.reads_auth_info else "not shown"
    return f"{shown}, {'can' if Changeable.AUTH_INFO in can.updates else 'cannot'} be set"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
