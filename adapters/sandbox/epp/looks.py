"""What does the registry show of a name? Check and info of RFC 5731, with grace periods, signers and prices."""

from collections.abc import Iterator, Sequence

from lxml import etree

from adapters.sandbox.epp import fees
from adapters.sandbox.epp.answers import Answer, RefusalError, node
from adapters.sandbox.epp.call import NAME, Call, check_auth_info, registered
from adapters.sandbox.epp.dialect import DOMAIN, FEE, RGP, SECDNS
from adapters.sandbox.epp.restores import grace
from adapters.sandbox.records import Domain

MOST_NAMES_CHECKED = 50
_COMPUTED = frozenset({"ok", "inactive", "linked"})


def check(call: Call) -> Answer:
    """Say which names are free. A hint for this instant only."""
    if not 0 < len(call.request.names) <= MOST_NAMES_CHECKED:
        raise RefusalError(2306, f"from 1 to {MOST_NAMES_CHECKED} names at once")
    checked = [_checked(call, name) for name in call.request.names]
    prices = fees.check_data(call.request, call.dialect, call.terms, unit=call.page.unit)
    return Answer(1000, node(DOMAIN, "chkData", *checked), extensions=prices)


def info(call: Call) -> Answer:
    """Show a name: all of it to its sponsor or whoever has its auth code, else only who sponsors it."""
    domain = _seen(call)
    auth_info = call.request.text("authInfo/pw")
    if auth_info is not None and domain.sponsor != call.client_id:
        check_auth_info(domain, auth_info)
    if auth_info is None and domain.sponsor != call.client_id:
        return Answer(1000, node(DOMAIN, "infData", *_public_part(domain)))
    return Answer(1000, _full(call, domain), extensions=tuple(_shown_extensions(call, domain)))


def _checked(call: Call, name: str) -> etree._Element:
    valid = NAME.fullmatch(name) is not None
    free = valid and call.page.domain(name) is None
    # A name that cannot be had without its fee is not available to who does not ask for fees (RFC 8748 §3).
    costly = fees.premium(name, call.dialect) and call.request.extension(FEE) is None
    available = "1" if free and not costly else "0"
    checked = node(DOMAIN, "cd", node(DOMAIN, "name", text=name, avail=available))
    if not free:
        checked.append(node(DOMAIN, "reason", text="In use" if valid else "Not a valid name"))
    elif costly:
        checked.append(node(DOMAIN, "reason", text="Premium name"))
    return checked


def _seen(call: Call) -> Domain:
    """Find the name as it is, or as it was, when a look that lags behind was ordered."""
    if call.stale is None:
        return registered(call)
    within = call.stale.seconds if call.stale.argument else None
    before = call.page.domain_before_change(call.name, within)
    if before is None:
        raise RefusalError(2303, "the name is not registered")
    return before


def _public_part(domain: Domain) -> list[etree._Element]:
    return [
        node(DOMAIN, "name", text=domain.name),
        node(DOMAIN, "roid", text=domain.roid),
        node(DOMAIN, "clID", text=domain.sponsor),
    ]


def _full(call: Call, domain: Domain) -> etree._Element:
    name, roid, sponsor = _public_part(domain)
    dates = {
        "crDate": domain.created_at,
        "upDate": domain.updated_at,
        "exDate": domain.expires_at,
        "trDate": domain.transferred_at,
    }
    shown = [
        node(DOMAIN, tag, text=call.dialect.write_time(at)) for tag, at in dates.items() if at is not None
    ]
    element = node(DOMAIN, "infData", name, roid)
    element.extend([node(DOMAIN, "status", s=status) for status in shown_statuses(domain)])
    element.extend(_contact_elements(domain))
    element.extend(_nameserver_elements(call, domain))
    element.extend([sponsor, *shown])
    if domain.auth_info and domain.sponsor == call.client_id:
        element.append(node(DOMAIN, "authInfo", node(DOMAIN, "pw", text=domain.auth_info)))
    return element


def _shown_extensions(call: Call, domain: Domain) -> Iterator[etree._Element]:
    """Show a name's grace period and its signers to who asked for these extensions at login."""
    period = grace(domain)
    if period is not None and RGP in call.services:
        yield node(RGP, "infData", node(RGP, "rgpStatus", s=period))
    if domain.detail.get("ds") and SECDNS in call.services:
        yield node(SECDNS, "infData", *map(_signer, domain.detail["ds"]))


def _signer(record: Sequence[str]) -> etree._Element:
    """Write one record of a name's `detail["ds"]`: key tag, algorithm, digest type, digest (RFC 5910 §4.1)."""
    tags = ("keyTag", "alg", "digestType", "digest")
    parts = [node(SECDNS, tag, text=text) for tag, text in zip(tags, record, strict=True)]
    return node(SECDNS, "dsData", *parts)


def shown_statuses(domain: Domain) -> tuple[str, ...]:
    """List the statuses as a look shows them: `inactive` without name servers, `ok` when there is nothing else."""
    kept = tuple(status for status in domain.statuses if status not in _COMPUTED)
    if not domain.nameservers:
        kept = (*kept, "inactive")
    return kept or ("ok",)


def _contact_elements(domain: Domain) -> Iterator[etree._Element]:
    for role, contact_id in sorted(domain.contacts, key=lambda pair: pair[0] != "registrant"):
        if role == "registrant":
            yield node(DOMAIN, "registrant", text=contact_id)
        else:
            yield node(DOMAIN, "contact", text=contact_id, type=role)


def _nameserver_elements(call: Call, domain: Domain) -> Iterator[etree._Element]:
    if not domain.nameservers or call.request.element is None:
        return
    asked = call.request.find("name")
    if asked is not None and asked.get("hosts") in {"none", "sub"}:
        return
    if call.dialect.host_objects:
        yield node(DOMAIN, "ns", *(node(DOMAIN, "hostObj", text=host) for host, _ in domain.nameservers))
        return
    attributes = []
    for host, addresses in domain.nameservers:
        attribute = node(DOMAIN, "hostAttr", node(DOMAIN, "hostName", text=host))
        attribute.extend([node(DOMAIN, "hostAddr", text=each, ip=ip_version(each)) for each in addresses])
        attributes.append(attribute)
    yield node(DOMAIN, "ns", *attributes)


def ip_version(address: str) -> str:
    """Tell the schema's word for an address' version."""
    return "v6" if ":" in address else "v4"
