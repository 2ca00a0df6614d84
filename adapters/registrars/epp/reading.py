"""What does a document from the registry say? Parsed by namespace with a hardened parser, into values or `NotEppError`.

The text is the other side's: entities are not resolved, nothing is fetched, a DOCTYPE is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from adapters.registrars.epp.namespaces import EPP

_DAMAGED = "damaged"
"""The mark on a root that was not well-formed; shown in transcripts too."""


class NotEppError(Exception):
    """What came is no EPP document, or not the one that could come here. Its text is not quoted: it may echo secrets."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the server offers (RFC 5730 §2.4)."""

    server_id: str
    server_date: str
    versions: tuple[str, ...]
    languages: tuple[str, ...]
    objects: tuple[str, ...]
    extensions: tuple[str, ...]

    @property
    def services(self) -> frozenset[str]:
        """Every object and extension offered."""
        return frozenset((*self.objects, *self.extensions))

    def language(self, preferred: str) -> str:
        """Choose a language that is offered; texts are for staff alone, so any will do."""
        return preferred if preferred in self.languages or not self.languages else self.languages[0]


@dataclass(frozen=True, slots=True)
class Result:
    """One `<result>`: its code, its words, and the names of the request's elements that it blames (`<value>`)."""

    code: int
    text: str
    blamed: frozenset[str]


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """The `<msgQ>` of a poll's answer (RFC 5730 §2.6)."""

    message_id: str
    queued_at_text: str
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. A success has exactly one result, a failure one or more; the root is kept for the object's own part."""

    root: Element
    results: tuple[Result, ...]
    client_transaction_id: str | None
    server_transaction_id: str | None
    message: QueuedMessage | None
    damaged: bool = False
    """It was no well-formed XML, and read as far as it goes: nothing in it decides anything."""

    @property
    def code(self) -> int:
        """The first result's code, which decides wherever the others do not matter."""
        return self.results[0].code

    @property
    def codes(self) -> str:
        """Every code, as staff read them."""
        return ", ".join(str(result.code) for result in self.results)

    @property
    def text(self) -> str:
        """Every result's words."""
        return "; ".join(result.text for result in self.results if result.text)

    def object_part(self, namespace: str, name: str) -> Element | None:
        """Return an element of `<resData>` by namespace and name."""
        return self.root.find(f"./{_epp('response')}/{_epp('resData')}/{{{namespace}}}{name}")

    def object_parts(self) -> tuple[Element, ...]:
        """Return every element of `<resData>`."""
        part = self.root.find(f"./{_epp('response')}/{_epp('resData')}")
        return () if part is None else tuple(part.iterchildren(etree.Element))

    def extension_part(self, namespace: str, name: str) -> Element | None:
        """Return an element of `<extension>` by namespace and name; those we do not know are passed over."""
        return self.root.find(f"./{_epp('response')}/{_epp('extension')}/{{{namespace}}}{name}")

    def extension_parts(self, namespace: str) -> tuple[Element, ...]:
        """Return every element of `<extension>` in a namespace."""
        part = self.root.find(f"./{_epp('response')}/{_epp('extension')}")
        return () if part is None else tuple(part.iterchildren(f"{{{namespace}}}*"))


def parse(document: bytes) -> Element:
    """Parse one document; raises `NotEppError` unless it is well-formed, free of a DOCTYPE, and an `<epp>`."""
    try:
        root = etree.fromstring(document, _parser())
    except (etree.XMLSyntaxError, ValueError):
        raise NotEppError(f"{len(document)} bytes that are no well-formed XML") from None
    return _epp_root(root)


def parse_leniently(document: bytes) -> Element:
    """Parse one document even if it is damaged (a stray `&` in a message's text), marking it then; else as `parse`.

    For the message queue alone: a message that nobody can read must not stand in the way of all behind it.
    """
    try:
        return parse(document)
    except NotEppError:
        pass
    try:
        root = _epp_root(etree.fromstring(document, _parser(recover=True)))
    except (etree.XMLSyntaxError, ValueError):
        raise NotEppError(f"{len(document)} bytes that are no XML at all") from None
    root.set(_DAMAGED, "true")
    return root


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _epp_root(root: Element | None) -> Element:
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise NotEppError("a document with a DOCTYPE, which EPP never has")
    if root.tag != _epp("epp"):
        raise NotEppError("a document that is no EPP")
    return root


def read_greeting(root: Element) -> Greeting:
    """Read a greeting; raises `NotEppError` if it is none."""
    greeting = root.find(f"./{_epp('greeting')}")
    if greeting is None:
        raise NotEppError("no greeting")
    menu = f"./{_epp('svcMenu')}/"
    return Greeting(
        server_id=text_of(greeting, _epp("svID")) or "",
        server_date=text_of(greeting, _epp("svDate")) or "",
        versions=texts_of(greeting, f"{menu}{_epp('version')}"),
        languages=texts_of(greeting, f"{menu}{_epp('lang')}"),
        objects=texts_of(greeting, f"{menu}{_epp('objURI')}"),
        extensions=texts_of(greeting, f"{menu}{_epp('svcExtension')}/{_epp('extURI')}"),
    )


def read_response(root: Element) -> Response:
    """Read a response; raises `NotEppError` if it is none, has no result, or mixes success and failure."""
    response = root.find(f"./{_epp('response')}")
    results = (
        () if response is None else tuple(_result(node) for node in response.iterchildren(_epp("result")))
    )
    if response is None or not results:
        raise NotEppError("no response with a result")
    if len(results) > 1 and any(result.code < 2000 for result in results):
        raise NotEppError("several results, one of them a success")
    transaction = f"./{_epp('trID')}/"
    return Response(
        root=root,
        results=results,
        client_transaction_id=text_of(response, f"{transaction}{_epp('clTRID')}"),
        server_transaction_id=text_of(response, f"{transaction}{_epp('svTRID')}"),
        message=_message(response),
        damaged=root.get(_DAMAGED) is not None,
    )


def text_of(node: Element, path: str) -> str | None:
    """Return the text at a path without the white space around it, or None where there is none."""
    found = node.find(path)
    return found.text.strip() or None if found is not None and found.text else None


def texts_of(node: Element, path: str) -> tuple[str, ...]:
    """Return the texts of every element at a path."""
    return tuple(found.text.strip() for found in node.iterfind(path) if found.text and found.text.strip())


def _result(node: Element) -> Result:
    code = str(node.get("code", ""))
    if not (len(code) == 4 and code.isascii() and code.isdigit()):
        raise NotEppError("a result without a code of four digits")
    words = [text_of(node, _epp("msg")), *texts_of(node, f"./{_epp('extValue')}/{_epp('reason')}")]
    return Result(int(code), ": ".join(word for word in words if word), frozenset(_blamed(node)))


def _blamed(node: Element) -> Iterator[str]:
    """Name the elements of the request that a result holds up (RFC 5730 §2.6); structure, never a text."""
    for path in (f"./{_epp('value')}/*", f"./{_epp('extValue')}/{_epp('value')}/*"):
        for element in node.iterfind(path):
            yield etree.QName(element).localname


def _message(response: Element) -> QueuedMessage | None:
    queue = response.find(_epp("msgQ"))
    if queue is None:
        return None
    text = queue.find(_epp("msg"))
    return QueuedMessage(
        message_id=str(queue.get("id", "")),
        queued_at_text=text_of(queue, _epp("qDate")) or "",
        text="" if text is None else "".join(str(piece) for piece in text.itertext()).strip(),
    )


def _epp(name: str) -> str:
    return f"{{{EPP}}}{name}"
