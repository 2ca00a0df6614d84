"""What does the registry keep of people and of hosts? Check, info and create of RFC 5733 and RFC 5732."""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from adapters.sandbox.epp.answers import Answer, RefusalError, node
from adapters.sandbox.epp.call import Call
from adapters.sandbox.epp.dialect import CONTACT, HOST
from adapters.sandbox.epp.looks import ip_version
from adapters.sandbox.epp.requests import find_all
from adapters.sandbox.records import Contact, Host

_CONTACT_ID = re.compile(r"\S{3,16}")
_HOST_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_LINES = ("name", "org")
_ADDRESS_LINES = ("street", "city", "sp", "pc", "cc")
_PLAIN = ("voice", "fax", "email")


def check_contacts(call: Call) -> Answer:
    """Say which contact ids are free."""
    checked = [
        node(CONTACT, "cd", node(CONTACT, "id", text=each, avail=_free(call.page.contact(each))))
        for each in call.request.names
    ]
    return Answer(1000, node(CONTACT, "chkData", *checked))


def show_contact(call: Call) -> Answer:
    """Show a contact to its sponsor; nobody else sees a person's data."""
    contact = call.page.contact(call.name)
    if contact is None:
        raise RefusalError(2303, "no such contact")
    if contact.sponsor != call.client_id:
        raise RefusalError(2201, "the contact is another registrar's")
    return Answer(1000, _contact_data(call, contact))


def create_contact(call: Call) -> Answer:
    """Keep a new contact's card."""
    if not _CONTACT_ID.fullmatch(call.name):
        raise RefusalError(2005, "an id has from 3 to 16 characters")
    if call.page.contact(call.name) is not None:
        raise RefusalError(2302, "the id is in use")
    contact = Contact(
        id=call.name,
        roid=call.page.new_roid("C"),
        sponsor=call.client_id,
        created_at=call.page.now,
        card=_card(call),
    )
    call.page.save_contact(contact)
    return Answer(1000, _made(call, CONTACT, "id", contact))


def check_hosts(call: Call) -> Answer:
    """Say which host names have no object yet."""
    checked = [
        node(HOST, "cd", node(HOST, "name", text=each, avail=_free(call.page.host(each))))
        for each in call.request.names
    ]
    return Answer(1000, node(HOST, "chkData", *checked))


def show_host(call: Call) -> Answer:
    """Show a host object."""
    host = call.page.host(call.name)
    if host is None:
        raise RefusalError(2303, "no such host")
    return Answer(
        1000,
        node(
            HOST,
            "infData",
            node(HOST, "name", text=host.name),
            node(HOST, "roid", text=host.roid),
            node(HOST, "status", s="ok"),
            *(node(HOST, "addr", text=each, ip=ip_version(each)) for each in host.addresses),
            node(HOST, "clID", text=host.sponsor),
            node(HOST, "crID", text=host.sponsor),
            node(HOST, "crDate", text=call.dialect.write_time(host.created_at)),
        ),
    )


def create_host(call: Call) -> Answer:
    """Keep a new host object."""
    if not _HOST_NAME.fullmatch(call.name):
        raise RefusalError(2005, "no host name in lower case without a trailing dot")
    if call.page.host(call.name) is not None:
        raise RefusalError(2302, "the host exists")
    host = Host(
        name=call.name,
        roid=call.page.new_roid("H"),
        sponsor=call.client_id,
        created_at=call.page.now,
        addresses=tuple((each.text or "").strip() for each in call.request.find_all("addr")),
    )
    call.page.save_host(host)
    return Answer(1000, _made(call, HOST, "name", host))


def _free(found: Contact | Host | None) -> str:
    return "1" if found is None else "0"


def _made(call: Call, namespace: str, key: str, made: Contact | Host) -> etree._Element:
    return node(
        namespace,
        "creData",
        node(namespace, key, text=call.name),
        node(namespace, "crDate", text=call.dialect.write_time(made.created_at)),
    )


def _card(call: Call) -> dict[str, Any]:
    postal = [_postal(element) for element in call.request.find_all("postalInfo")]
    if not postal or call.request.text("email") is None or call.request.text("authInfo/pw") is None:
        raise RefusalError(2003, "postalInfo, email and authInfo are needed")
    plain = {tag: call.request.text(tag) for tag in _PLAIN}
    return {"postal": postal, "auth_info": call.request.text("authInfo/pw"), **plain}


def _postal(element: etree._Element) -> dict[str, Any]:
    card: dict[str, Any] = {"type": element.get("type", "")}
    for path, tag in [*((tag, tag) for tag in _LINES), *((f"addr/{tag}", tag) for tag in _ADDRESS_LINES)]:
        card[tag] = [(each.text or "").strip() for each in find_all(element, path)]
    if not (card["name"] and card["city"] and card["cc"]):
        raise RefusalError(2003, "name, city and country are needed")
    if card["type"] == "int" and not all(line.isascii() for tag in card for line in card[tag]):
        raise RefusalError(2005, "the international form is in ASCII (RFC 5733 §2.3)")
    return card


def _contact_data(call: Call, contact: Contact) -> etree._Element:
    card = contact.card
    element = node(
        CONTACT,
        "infData",
        node(CONTACT, "id", text=contact.id),
        node(CONTACT, "roid", text=contact.roid),
        *(node(CONTACT, "status", s=status) for status in card.get("statuses", ("ok",))),
        *(_postal_element(postal) for postal in card["postal"]),
    )
    element.extend([node(CONTACT, tag, text=card[tag]) for tag in _PLAIN if card[tag] is not None])
    element.append(node(CONTACT, "clID", text=contact.sponsor))
    element.append(node(CONTACT, "crID", text=contact.sponsor))
    element.append(node(CONTACT, "crDate", text=call.dialect.write_time(contact.created_at)))
    element.append(node(CONTACT, "authInfo", node(CONTACT, "pw", text=card["auth_info"])))
    return element


def _postal_element(postal: Mapping[str, Any]) -> etree._Element:
    lines = [node(CONTACT, tag, text=line) for tag in _LINES for line in postal[tag]]
    address = [node(CONTACT, tag, text=line) for tag in _ADDRESS_LINES for line in postal[tag]]
    return node(CONTACT, "postalInfo", *lines, node(CONTACT, "addr", *address), type=postal["type"])
