"""What does the registry do with a name? Check, info, create, renew, update and delete of RFC 5731; transfers apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from lxml import etree

from adapters.sandbox.epp import fees
from adapters.sandbox.epp.answers import Answer, RefusalError, node
from adapters.sandbox.epp.call import (
    Call,
    check_auth_info,
    later,
    leave_pending,
    months_asked,
    refuse_under,
    registered,
    sponsored,
)
from adapters.sandbox.epp.dialect import DOMAIN, FEE, RGP, SECDNS
from adapters.sandbox.epp.requests import find_all
from adapters.sandbox.epp.restores import grace, redeemable
from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.records import Domain

MOST_NAMES_CHECKED = 50
PENDING = ("pendingCreate", "pendingDelete", "pendingRenew", "pendingTransfer", "pendingUpdate")
CLIENT_STATUSES = frozenset(
    {
        "clientDeleteProhibited",
        "clientHold",
        "clientRenewProhibited",
        "clientTransferProhibited",
        "clientUpdateProhibited",
    }
)
_T = TypeVar("_T")
_COMPUTED = frozenset({"ok", "inactive", "linked"})
_NAME = re.compile(r"(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{2,63}(?<!-)")


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


def create(call: Call) -> Answer:
    """Register a name for a client, now or, where that was ordered, later."""
    if not _NAME.fullmatch(call.name):
        raise RefusalError(2005, "no host name in lower case without a trailing dot")
    if call.page.domain(call.name) is not None:
        raise RefusalError(2302, "the name is registered")
    months = months_asked(call)
    _refuse_beyond(call, later(call.page.now, months))
    domain = _new_domain(call, months)
    charge_id = call.charge("register", months)
    if call.take(Behaviour.PENDING):
        pending = replace(domain, statuses=("pendingCreate",))
        leave_pending(call, "register", months=months, charge_id=charge_id, pending=pending, settled=domain)
        return Answer(1001, _created(call, domain), extensions=call.charged("register", months))
    call.page.save(domain)
    return Answer(1000, _created(call, domain), extensions=call.charged("register", months))


def renew(call: Call) -> Answer:
    """Add a term to a name whose expiry is still the one the client knows (RFC 5731 §3.2.3)."""
    domain = sponsored(call)
    refuse_under(domain, "clientRenewProhibited", "serverRenewProhibited", *PENDING)
    _refuse_stale_expiry(call, domain)
    months = months_asked(call)
    renewed = replace(domain, expires_at=later(domain.expires_at, months), updated_at=call.page.now)
    _refuse_beyond(call, renewed.expires_at)
    charge_id = call.charge("renew", months)
    if call.take(Behaviour.PENDING):
        pending = replace(domain, statuses=(*domain.statuses, "pendingRenew"))
        leave_pending(call, "renew", months=months, charge_id=charge_id, pending=pending, settled=renewed)
        return Answer(1001, _renewed(call, domain), extensions=call.charged("renew", months))
    call.page.save(renewed)
    return Answer(1000, _renewed(call, renewed), extensions=call.charged("renew", months))


def update(call: Call) -> Answer:
    """Change name servers, contacts, statuses or the auth code (RFC 5731 §3.2.5)."""
    domain = sponsored(call)
    refuse_under(domain, "serverUpdateProhibited", *PENDING)
    removed = _statuses(call, "rem")
    if "clientUpdateProhibited" not in removed:
        refuse_under(domain, "clientUpdateProhibited")
    if not any(call.request.find(part) is not None for part in ("add", "rem", "chg")):
        raise RefusalError(2003, "nothing to add, remove or change")
    changed = replace(
        domain,
        statuses=_changed(domain.statuses, _statuses(call, "add"), removed),
        nameservers=_changed(domain.nameservers, _nameservers(call, "add/ns"), _nameservers(call, "rem/ns")),
        contacts=_changed_contacts(call, domain),
        auth_info=_changed_auth_info(call, domain),
        updated_at=call.page.now,
    )
    call.page.save(changed)
    return Answer(1000)


def delete(call: Call) -> Answer:
    """Give a name up: into its redemption period where the registry has one (RFC 3915), else for good."""
    domain = sponsored(call)
    refuse_under(domain, "clientDeleteProhibited", "serverDeleteProhibited", *PENDING)
    if RGP in call.dialect.extensions:
        redeemable(call, domain)
        return Answer(1001)
    call.page.remove(domain.name)
    return Answer(1000)


def _checked(call: Call, name: str) -> etree._Element:
    valid = _NAME.fullmatch(name) is not None
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


def _new_domain(call: Call, months: int) -> Domain:
    auth_info = call.request.text("authInfo/pw")
    if auth_info is None:
        raise RefusalError(2003, "authInfo is missing")
    return Domain(
        name=call.name,
        roid=call.page.new_roid("D"),
        sponsor=call.client_id,
        created_at=call.page.now,
        expires_at=later(call.page.now, months),
        contacts=_new_contacts(call),
        nameservers=_nameservers(call, "ns"),
        auth_info=auth_info,
    )


def _new_contacts(call: Call) -> tuple[tuple[str, str], ...]:
    contacts = _contacts(call, "")
    roles = {role for role, _ in contacts}
    missing = {"registrant", "admin", "tech"} - roles
    if call.dialect.contacts and missing:
        raise RefusalError(2003, f"missing: {', '.join(sorted(missing))}")
    return contacts


def _contacts(call: Call, within: str) -> tuple[tuple[str, str], ...]:
    """Read the contacts stated at a path that ends in a slash, or at the top; each must exist."""
    stated = [("registrant", element) for element in call.request.find_all(f"{within}registrant")]
    stated += [(element.get("type", ""), element) for element in call.request.find_all(f"{within}contact")]
    contacts = tuple((role, (element.text or "").strip()) for role, element in stated)
    if contacts and not call.dialect.contacts:
        raise RefusalError(2306, "this registry keeps no contacts")
    for role, contact_id in contacts:
        if call.page.contact(contact_id) is None:
            raise RefusalError(2303, f"no such {role} contact")
    return contacts


def _nameservers(call: Call, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read the name servers at a path, in the registry's one way of stating them."""
    stated = call.request.find(path)
    if stated is None:
        return ()
    objects, attributes = list(find_all(stated, "hostObj")), list(find_all(stated, "hostAttr"))
    if attributes and call.dialect.host_objects:
        raise RefusalError(2306, "name servers are host objects here")
    if objects and not call.dialect.host_objects:
        raise RefusalError(2306, "name servers are host attributes here")
    for host in objects:
        if call.page.host((host.text or "").strip()) is None:
            raise RefusalError(2303, "no such host")
    return tuple(((host.text or "").strip(), ()) for host in objects) + tuple(map(_attribute, attributes))


def _attribute(element: etree._Element) -> tuple[str, tuple[str, ...]]:
    name = next(find_all(element, "hostName"), None)
    if name is None or not name.text:
        raise RefusalError(2003, "a host has no name")
    return name.text.strip(), tuple((each.text or "").strip() for each in find_all(element, "hostAddr"))


def _statuses(call: Call, part: str) -> tuple[str, ...]:
    statuses = tuple(element.get("s", "") for element in call.request.find_all(f"{part}/status"))
    if not CLIENT_STATUSES.issuperset(statuses):
        raise RefusalError(2306, "only a client's statuses are a client's to set")
    return statuses


def _changed(kept: tuple[_T, ...], added: tuple[_T, ...], removed: tuple[_T, ...]) -> tuple[_T, ...]:
    """Take away and add; what is there already, or gone already, is no fault. RFC 5731 lets a registry choose."""
    if set(added) & set(removed):
        raise RefusalError(2306, "the same value is added and removed")
    staying = tuple(value for value in kept if value not in removed)
    return staying + tuple(value for value in dict.fromkeys(added) if value not in staying)


def _changed_contacts(call: Call, domain: Domain) -> tuple[tuple[str, str], ...]:
    changed = _changed(domain.contacts, _contacts(call, "add/"), _contacts(call, "rem/"))
    registrant = [pair for pair in _contacts(call, "chg/") if pair[0] == "registrant"]
    if not registrant:
        return changed
    return (*registrant, *(pair for pair in changed if pair[0] != "registrant"))


def _changed_auth_info(call: Call, domain: Domain) -> str:
    if call.request.find("chg/authInfo/null") is not None:
        return ""
    auth_info = call.request.text("chg/authInfo/pw")
    return domain.auth_info if auth_info is None else auth_info


def _refuse_beyond(call: Call, expires_at: datetime) -> None:
    if expires_at > later(call.page.now, call.terms.longest_months):
        raise RefusalError(2306, f"no more than {call.terms.longest_months // 12} years from now")


def _refuse_stale_expiry(call: Call, domain: Domain) -> None:
    text = call.request.text("curExpDate")
    if text is None:
        raise RefusalError(2003, "curExpDate is missing")
    try:
        stated = date.fromisoformat(text)
    except ValueError:
        raise RefusalError(2005, "curExpDate is no date") from None
    if stated != domain.expires_at.date():
        raise RefusalError(call.dialect.stale_expiry_code, "curExpDate is not the name's expiry")


def _created(call: Call, domain: Domain) -> etree._Element:
    return node(
        DOMAIN,
        "creData",
        node(DOMAIN, "name", text=domain.name),
        node(DOMAIN, "crDate", text=call.dialect.write_time(domain.created_at)),
        node(DOMAIN, "exDate", text=call.dialect.write_time(domain.expires_at)),
    )


def _renewed(call: Call, domain: Domain) -> etree._Element:
    return node(
        DOMAIN,
        "renData",
        node(DOMAIN, "name", text=domain.name),
        node(DOMAIN, "exDate", text=call.dialect.write_time(domain.expires_at)),
    )
