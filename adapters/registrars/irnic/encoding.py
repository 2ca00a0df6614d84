"""How is each command written? Pure functions to the bytes of one request, in the order of IRNIC's schema 1.0.5.2.

Every command on a domain or a contact carries the deposit code in `authInfo/pw`; a poll carries none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from ipaddress import ip_address
from typing import Any

from lxml import etree

from adapters.registrars.irnic.cards import Address, Card
from adapters.registrars.irnic.elements import CONTACT, DOMAIN, EPP, Element, contact, domain, epp
from registrar.commands import Nameserver
from registrar.differences import Difference
from registrar.names import DomainName
from registrar.secrets import Secret

_DEFAULT_NAMESPACE: dict[Any, str] = {
    None: EPP
}  # lxml takes None for "no prefix", which its stubs do not know
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'


def check_domain(name: DomainName, *, deposit_code: Secret, transaction_id: str) -> bytes:
    """Ask whether a name can be registered."""
    command, body = _on_object("check", domain("check"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    return _signed(command, body, domain, deposit_code=deposit_code, transaction_id=transaction_id)


def info_domain(name: DomainName, *, deposit_code: Secret, transaction_id: str) -> bytes:
    """Ask for a name's state."""
    command, body = _on_object("info", domain("info"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    return _signed(command, body, domain, deposit_code=deposit_code, transaction_id=transaction_id)


def create_domain(
    name: DomainName,
    *,
    months: int,
    nameservers: Sequence[Nameserver],
    contacts: Mapping[str, str],
    deposit_code: Secret,
    transaction_id: str,
) -> bytes:
    """Register a name. `contacts` is a handle for each of holder, admin, tech and bill; `ns` is left out if empty."""
    command, body = _on_object("create", domain("create"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    _period(body, months)
    if nameservers:
        _delegation(body, nameservers)
    for role, handle in contacts.items():
        _text(body, domain("contact"), handle).set("type", role)
    _text(body, domain("agreement"), "true")
    return _signed(command, body, domain, deposit_code=deposit_code, transaction_id=transaction_id)


def renew_domain(
    name: DomainName, *, current_expiry: date, months: int, deposit_code: Secret, transaction_id: str
) -> bytes:
    """Renew a name from `current_expiry`: the day as IRNIC wrote it, never converted to another zone."""
    command, body = _on_object("renew", domain("renew"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    _text(body, domain("curExpDate"), current_expiry.isoformat())
    _period(body, months)
    return _signed(command, body, domain, deposit_code=deposit_code, transaction_id=transaction_id)


def update_domain(
    name: DomainName,
    difference: Difference,
    *,
    contacts: Mapping[str, str],
    deposit_code: Secret,
    transaction_id: str,
) -> bytes:
    """Add and take away name servers (one to take away is known by its name alone), and put other handles in roles."""
    command, body = _on_object("update", domain("update"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    if difference.add_nameservers:
        _delegation(etree.SubElement(body, domain("add")), difference.add_nameservers)
    if difference.remove_nameservers:
        gone = [Nameserver(server.host) for server in difference.remove_nameservers]
        _delegation(etree.SubElement(body, domain("rem")), gone)
    if contacts:
        _changed_contacts(body, contacts)
    return _signed(command, body, domain, deposit_code=deposit_code, transaction_id=transaction_id)


def request_pin(name: DomainName, *, deposit_code: Secret, transaction_id: str) -> bytes:
    """Open a name for its move to another holder: IRNIC mails a PIN to the present one."""
    command, body = _on_object("update", domain("update"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    _authorised(body, domain, deposit_code)
    etree.SubElement(_extension(command), epp("pin")).set("op", "req")
    return _finished(command, transaction_id)


def change_holder(
    name: DomainName, *, contacts: Mapping[str, str], pin: Secret, deposit_code: Secret, transaction_id: str
) -> bytes:
    """Move a name to another holder, by the PIN; `contacts` is a handle for each of holder, admin, tech and bill."""
    command, body = _on_object("update", domain("update"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    _changed_contacts(body, contacts)
    _authorised(body, domain, deposit_code)
    etree.SubElement(_extension(command), epp("pin")).set("pinCode", pin.reveal())
    return _finished(command, transaction_id)


def delete_domain(name: DomainName, *, deposit_code: Secret, transaction_id: str) -> bytes:
    """Give a name up; IRNIC asks its holder before it does."""
    command, body = _on_object("delete", domain("delete"), {"domain": DOMAIN})
    _text(body, domain("name"), name.ascii)
    return _signed(command, body, domain, deposit_code=deposit_code, transaction_id=transaction_id)


def check_contacts(handles: Iterable[str], *, deposit_code: Secret, transaction_id: str) -> bytes:
    """Ask whether handles exist (at most four) and in which roles we may use each."""
    command, body = _on_object("check", contact("check"), {"contact": CONTACT})
    for handle in handles:
        _text(body, contact("id"), handle)
    return _signed(command, body, contact, deposit_code=deposit_code, transaction_id=transaction_id)


def info_contact(handle: str, *, deposit_code: Secret, transaction_id: str) -> bytes:
    """Ask for a contact's data, by handle or e-mail address; our own handle's answer carries the contract's balance."""
    command, body = _on_object("info", contact("info"), {"contact": CONTACT})
    _text(body, contact("id"), handle)
    return _signed(command, body, contact, deposit_code=deposit_code, transaction_id=transaction_id)


def credit_statement(
    handle: str, since: date, until: date, *, deposit_code: Secret, transaction_id: str
) -> bytes:
    """Ask for what was charged and paid in on these days (Tehran's), both included; `handle` is our own.

    IRNIC's sample has `creditLog` where schema 1.0.5.2 knows `pin` alone: this request is newer than the schema, and
    the only one of ours that it does not accept (facts §2.9).
    """
    command, body = _on_object("info", contact("info"), {"contact": CONTACT})
    _text(body, contact("id"), handle)
    _authorised(body, contact, deposit_code)
    log = etree.SubElement(_extension(command), epp("creditLog"))
    for name, value in (("op", "req"), ("startDate", since.isoformat()), ("endDate", until.isoformat())):
        log.set(name, value)
    return _finished(command, transaction_id)


def create_contact(card: Card, *, deposit_code: Secret, transaction_id: str) -> bytes:
    """Create a handle. The signature is the name of the person, or of the one who signs for the organisation."""
    command, body = _on_object("create", contact("create"), {"contact": CONTACT})
    postal_info = etree.SubElement(body, contact("postalInfo"))
    postal_info.set("type", "int")
    _text(postal_info, contact("firstname"), card.first_name)
    _text(postal_info, contact("lastname"), card.last_name)
    if card.organization:
        _text(postal_info, contact("org"), card.organization)
    _address(postal_info, card.address)
    _text(body, contact("voice"), card.voice)
    ident = etree.SubElement(etree.SubElement(body, contact("ident")), contact(card.ident.element))
    for name, value in card.ident.attributes.items():
        ident.set(name, value)
    _text(body, contact("signature"), f"{card.first_name} {card.last_name}")
    _text(body, contact("email"), card.email)
    return _signed(command, body, contact, deposit_code=deposit_code, transaction_id=transaction_id)


def update_contact(
    handle: str, *, address: Address | None, voice: str, deposit_code: Secret, transaction_id: str
) -> bytes:
    """Change a handle's address (None leaves it as it is) and telephone (empty: as it is)."""
    command, body = _on_object("update", contact("update"), {"contact": CONTACT})
    _text(body, contact("id"), handle)
    change = etree.SubElement(body, contact("chg"))
    if address is not None:
        postal_info = etree.SubElement(change, contact("postalInfo"))
        postal_info.set("type", "int")
        _address(postal_info, address)
    if voice:
        _text(change, contact("voice"), voice)
    return _signed(command, body, contact, deposit_code=deposit_code, transaction_id=transaction_id)


def poll_request(*, transaction_id: str) -> bytes:
    """Ask for the head of the message queue."""
    command = _command()
    etree.SubElement(command, epp("poll")).set("op", "req")
    return _finished(command, transaction_id)


def poll_acknowledge(message_id: str, *, transaction_id: str) -> bytes:
    """Take a message off the queue."""
    command = _command()
    poll = etree.SubElement(command, epp("poll"))
    poll.set("op", "ack")
    poll.set("msgID", message_id)
    return _finished(command, transaction_id)


def _command() -> Element:
    root = etree.Element(epp("epp"), nsmap=_DEFAULT_NAMESPACE)
    return etree.SubElement(root, epp("command"))


def _on_object(verb: str, mapped: str, nsmap: Mapping[str, str]) -> tuple[Element, Element]:
    """Open a command with its object: `<info><domain:info>`. Returns both elements."""
    command = _command()
    return command, etree.SubElement(etree.SubElement(command, epp(verb)), mapped, nsmap=dict(nsmap))


def _signed(
    command: Element,
    body: Element,
    qualified: Callable[[str], str],
    *,
    deposit_code: Secret,
    transaction_id: str,
) -> bytes:
    _authorised(body, qualified, deposit_code)
    return _finished(command, transaction_id)


def _authorised(body: Element, qualified: Callable[[str], str], deposit_code: Secret) -> None:
    _text(etree.SubElement(body, qualified("authInfo")), qualified("pw"), deposit_code.reveal())


def _extension(command: Element) -> Element:
    return etree.SubElement(command, epp("extension"))


def _changed_contacts(body: Element, contacts: Mapping[str, str]) -> None:
    change = etree.SubElement(body, domain("chg"))
    for role, handle in contacts.items():
        _text(change, domain("contact"), handle).set("type", role)


def _address(postal_info: Element, address: Address) -> None:
    addr = etree.SubElement(postal_info, contact("addr"))
    for name, value in (
        ("street", address.street),
        ("city", address.city),
        ("sp", address.province),
        ("pc", address.postal_code),
        ("cc", address.country_code),
    ):
        _text(addr, contact(name), value)


def _period(body: Element, months: int) -> None:
    _text(body, domain("period"), str(months)).set("unit", "m")


def _delegation(body: Element, nameservers: Sequence[Nameserver]) -> None:
    """Write `ns`: the schema takes at most four hosts, and one address for each."""
    ns = etree.SubElement(body, domain("ns"))
    for nameserver in nameservers:
        host = etree.SubElement(ns, domain("hostAttr"))
        _text(host, domain("hostName"), nameserver.host)
        for address in nameserver.addresses:
            _text(host, domain("hostAddr"), address).set("ip", f"v{ip_address(address).version}")


def _text(parent: Element, name: str, text: str) -> Element:
    child = etree.SubElement(parent, name)
    child.text = text
    return child


def _finished(command: Element, transaction_id: str) -> bytes:
    """Close the command with its id and write the document; `<?xml` are its very first bytes."""
    _text(command, epp("clTRID"), transaction_id)
    return _DECLARATION + etree.tostring(command.getroottree(), encoding="UTF-8")
