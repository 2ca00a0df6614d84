"""What do all our documents have in common? The envelope, the elements in their namespaces, and what cannot be written."""

import secrets

from lxml import etree
from lxml.etree import _Element as Element

from adapters.registrars.epp.namespaces import EPP, PREFIXES
from registrar.outcomes import Correction


class NotEncodableError(Exception):
    """The schemas forbid what the command says; `needs` is what the customer can correct, None where it is our fault."""

    def __init__(self, reason: str, needs: Correction | None = None) -> None:
        super().__init__(reason)
        self.needs = needs


def envelope() -> Element:
    """Return an empty `<epp>`."""
    return etree.Element(
        etree.QName(EPP, "epp"),
        nsmap={None: EPP},  # type: ignore[dict-item]  # the stubs know no default namespace
    )


def child(parent: Element, name: str, text: str | None = None, /, **attributes: str) -> Element:
    """Append an element in the parent's own namespace."""
    return _append(parent, etree.QName(etree.QName(parent).namespace, name), text, attributes)


def verb(name: str, object_namespace: str, **attributes: str) -> tuple[Element, Element]:
    """Start a command on an object: the whole document, and the object's own element to be filled in."""
    document = envelope()
    outer = child(child(document, "command"), name, **attributes)
    prefixes = {PREFIXES[object_namespace]: object_namespace}
    return document, etree.SubElement(outer, etree.QName(object_namespace, name), nsmap=prefixes)


def finished(document: Element, transaction_id: str) -> Element:
    """End a command with its client transaction id, which comes last (RFC 5730 §2.5)."""
    child(document[0], "clTRID", transaction_id)
    return document


def extension(document: Element, namespace: str, name: str, *, prefix: str | None = None) -> Element:
    """Append an element to a command's `<extension>`, which comes right before the transaction id (RFC 5730 §2.5)."""
    command = document[0]
    holder = command.find(f"{{{EPP}}}extension")
    if holder is None:
        holder = etree.Element(etree.QName(EPP, "extension"))
        last = command.find(f"{{{EPP}}}clTRID")
        command.append(holder) if last is None else last.addprevious(holder)
    prefixes = {prefix or PREFIXES[namespace]: namespace}
    return etree.SubElement(holder, etree.QName(namespace, name), nsmap=prefixes)


def new_auth_info(parent: Element) -> None:
    """Append a random auth code that nobody keeps: a new one is set when the name is to leave (RFC 9154 §4.1).

    The fixed beginning serves registries that ask for each class of character; the rest holds 144 bits.
    """
    child(child(parent, "authInfo"), "pw", f"aA1-{secrets.token_urlsafe(18)}")


def _append(parent: Element, name: etree.QName, text: str | None, attributes: dict[str, str]) -> Element:
    node = etree.SubElement(parent, name, attributes)
    if text is not None:
        try:
            node.text = text
        except (
            ValueError
        ):  # a control character; the text itself may be a secret and stays out of the message
            raise NotEncodableError(f"{name.localname} holds a character that XML cannot carry") from None
    return node
