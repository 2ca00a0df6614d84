"""What in a message of the queue must a person hear of? A name that somebody asks for, a claim, money, an outage.

The words are ours and the facts the registry's; a message that holds none of these needs nobody.
"""

from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element

from adapters.registrars.epp.namespaces import CHANGE_POLL, DOMAIN, MAINTENANCE
from adapters.registrars.epp.outcomes import APPROVED_TRANSFER, ENDED_TRANSFER
from adapters.registrars.epp.reading import Response, text_of, texts_of
from registrar.gateway import Away

_CLAIMS = {"udrp": "UDRP", "urs": "URS"}
"""RFC 8590 §2.3's case types that stand for a claim; the third, `custom`, is the registry's own."""

_OPERATIONS = {"autoRenew": "renewed by itself", "autoDelete": "deleted by itself", "autoPurge": "purged"}


def attention_in(response: Response, own_id: str) -> str | None:
    """Return what staff must be told of a message; None where nothing of it asks for a person."""
    if response.damaged:
        return "a message of the registry's queue is no well-formed XML: read it in its transcript"
    told = [
        *_transfer_away(response, own_id),
        *_change_by_registry(response),
        *_maintenance(response),
        *_low_balance(response),
    ]
    return "; ".join(told) or None


def away_in(response: Response, own_id: str) -> Away | None:
    """Tell how a transfer stands that another registrar asked for (RFC 5731 §3.2.4); None for any other message."""
    part = None if response.damaged else _asked_by_others(response, own_id)
    status = None if part is None else text_of(part, _domain("trStatus"))
    if status == "pending":
        return Away.ASKED
    if status in APPROVED_TRANSFER:
        return Away.LEFT
    return Away.STAYS if status in ENDED_TRANSFER else None


def _asked_by_others(response: Response, own_id: str) -> Element | None:
    part = response.object_part(DOMAIN, "trnData")
    return None if part is None or text_of(part, _domain("reID")) == own_id else part


def _transfer_away(response: Response, own_id: str) -> Iterator[str]:
    """Say how a transfer stands that another registrar asked for."""
    part = _asked_by_others(response, own_id)
    if part is None:
        return
    name, asker = text_of(part, _domain("name")), text_of(part, _domain("reID")) or "another registrar"
    status, until = text_of(part, _domain("trStatus")), text_of(part, _domain("acDate"))
    if status == "pending":
        yield f"{asker} asks for {name}: approve or reject it until {until}, or the registry decides"
    elif status in APPROVED_TRANSFER:
        yield f"{name} left us for {asker} ({status}, {until})"
    elif status in ENDED_TRANSFER:
        yield f"{name} stays with us: what {asker} asked for has ended ({status})"


def _change_by_registry(response: Response) -> Iterator[str]:
    """Tell what the registry itself changed, who did it and why (RFC 8590); a claim's case comes first."""
    change = response.extension_part(CHANGE_POLL, "changeData")
    if change is None:
        return
    case = change.find(_change("caseId"))
    claim = None if case is None else _CLAIMS.get(str(case.get("type")))
    before = "before a change" if change.get("state") == "before" else "changed"
    operation = text_of(change, _change("operation")) or "update"
    words = [
        f"a {claim} case {(case.text or '').strip()}" if claim and case is not None else None,
        f"{_named(response) or 'an object'} {before} by the registry ({_OPERATIONS.get(operation, operation)})",
        _labelled("by", text_of(change, _change("who"))),
        _labelled("because", text_of(change, _change("reason"))),
    ]
    yield ": ".join(word for word in words[:2] if word) + "".join(f", {word}" for word in words[2:] if word)


def _maintenance(response: Response) -> Iterator[str]:
    """Tell when the registry will be away (RFC 9167 §3.3)."""
    part = response.object_part(MAINTENANCE, "infData")
    if part is None:
        return
    for item in part.iterfind(f"{{{MAINTENANCE}}}item"):
        start, end, kind = (
            text_of(item, f"{{{MAINTENANCE}}}{name}") for name in ("start", "end", "pollType")
        )
        names = texts_of(item, f"./{{{MAINTENANCE}}}systems/{{{MAINTENANCE}}}system/{{{MAINTENANCE}}}name")
        yield (
            f"maintenance announced ({kind or 'create'}): {start or 'no start told'} to {end or 'no end told'}"
            f"{_listed(names)}"
        )


def _low_balance(response: Response) -> Iterator[str]:
    """Tell that our balance is low: there is no standard for it, and the elements' names say it (Verisign, FRED)."""
    for node in response.root.iter(etree.Element):
        name = etree.QName(node)
        if name.localname.lower().startswith("lowcredit") or "lowbalance" in (name.namespace or "").lower():
            words = ", ".join(_leaves(node))
            yield f"our balance at the registry is low: {words}"
            return


def _leaves(node: Element) -> Iterator[str]:
    """Name each value that an element holds, at whatever depth."""
    for leaf in node.iter(etree.Element):
        if leaf.text and leaf.text.strip():
            yield f"{etree.QName(leaf).localname} {leaf.text.strip()}"


def _named(response: Response) -> str | None:
    return next((name for part in response.object_parts() if (name := text_of(part, _domain("name")))), None)


def _listed(names: tuple[str, ...]) -> str:
    return f" ({', '.join(names)})" if names else ""


def _labelled(label: str, text: str | None) -> str | None:
    return f"{label} {text}" if text else None


def _change(name: str) -> str:
    return f"{{{CHANGE_POLL}}}{name}"


def _domain(name: str) -> str:
    return f"{{{DOMAIN}}}{name}"
