"""How is IRNIC's XML taken apart safely? The namespaces, and one hardened parser.

IRNIC's namespaces are not those of RFC 5731 and 5733, and its answers declare them again at every level, so elements
are always found by namespace URI, never by prefix. `index` and `note` of a queue message stand in no namespace.
"""

from lxml import etree

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "http://epp.nic.ir/ns/domain-1.0"
CONTACT = "http://epp.nic.ir/ns/contact-1.0"

Element = etree._Element  # noqa: SLF001  lxml has no public name for the type of its elements


class UnreadableError(Exception):
    """An answer that is no well-formed answer of IRNIC's; the message says what is wrong and quotes none of it."""


def epp(name: str) -> str:
    """Return an EPP element's qualified name."""
    return f"{{{EPP}}}{name}"


def domain(name: str) -> str:
    """Return a domain element's qualified name."""
    return f"{{{DOMAIN}}}{name}"


def contact(name: str) -> str:
    """Return a contact element's qualified name."""
    return f"{{{CONTACT}}}{name}"


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(element).localname


def parse(body: bytes) -> Element:
    """Return the document's root. No entity is resolved, nothing is fetched, a DOCTYPE is refused.

    Raises `UnreadableError`.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("the answer is not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("the answer has a DOCTYPE, which no EPP answer has")
    return root


def text_of(element: Element | None) -> str:
    """Return an element's text without the spaces around it; empty for a missing or empty element."""
    return "" if element is None or element.text is None else element.text.strip()


def is_true(text: str | None) -> bool:
    """Read an xs:boolean, which is written in four ways; raises `UnreadableError` for anything else."""
    match (text or "").strip():
        case "1" | "true":
            return True
        case "0" | "false":
            return False
        case _:
            raise UnreadableError("a boolean of the answer is neither true nor false")
