"""What does the registry do with a name? Create, renew, update and delete of RFC 5731; looks and transfers apart."""

from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from lxml import etree

from adapters.sandbox.epp.answers import Answer, RefusalError, node
from adapters.sandbox.epp.call import (
    NAME,
    Call,
    later,
    leave_pending,
    months_asked,
    refuse_under,
    sponsored,
)
from adapters.sandbox.epp.dialect import DOMAIN, RGP
from adapters.sandbox.epp.requests import find_all
from adapters.sandbox.epp.restores import redeemable
from adapters.sandbox.misbehaviour import Behaviour
from adapters.sandbox.records import Domain

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


def create(call: Call) -> Answer:
    """Register a name for a client, now or, where that was ordered, later."""
    if not NAME.fullmatch(call.name):
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
    for host in [] if path.startswith("rem/") else objects:
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
