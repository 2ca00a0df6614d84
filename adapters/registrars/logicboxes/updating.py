"""What does an update come to, now that a look has shown the name? What to send, in order; nothing where nothing differs."""

from collections.abc import Mapping

from adapters.registrars.logicboxes import asking, looking
from adapters.registrars.logicboxes.asking import Ask
from adapters.registrars.logicboxes.contacts import NO_CONTACT, unused_roles
from adapters.registrars.logicboxes.reading import Details
from registrar.commands import ContactRole, Nameserver, Update
from registrar.differences import difference
from registrar.names import DomainName
from registrar.statuses import Status

LOCK = Status.CLIENT_TRANSFER_PROHIBITED
"""Theft protection; the platform has no other client status that is set alone."""

_NO_LOCK = frozenset({"au", "es", "eu", "nl", "nz", "ru", "uk"})
"""Where there is no theft protection (facts §2.7)."""


def fault(update: Update) -> str | None:
    """Return why an update cannot be asked of this registrar at all; None if it can."""
    stated = update.add_statuses | update.remove_statuses
    if others := stated - {LOCK}:
        return f"{', '.join(sorted(others))}: only {LOCK} can be set or removed here"
    if stated and update.domain.zone.rpartition(".")[2] in _NO_LOCK:
        return f"names under {update.domain.zone} have no theft protection here"
    if update.nameservers == ():
        return "a name cannot be left without name servers here"
    if update.auth_info is not None and not update.auth_info.reveal():
        return "an auth code cannot be cleared here: set a new one"
    return None


def steps(update: Update, found: Details, contacts: Mapping[ContactRole, str]) -> list[Ask]:
    """Return what to send, in order; `contacts` are the ids of those that change.

    A lock is set last and lifted first, so that it does not stop the rest.
    """
    changes = difference(
        update,
        nameservers=(Nameserver(host) for host in found.nameservers),
        statuses=looking.statuses(found),
    )
    order_id = found.order_id
    asks: list[Ask] = []
    if LOCK in changes.remove_statuses:
        asks.append(asking.lock(order_id, on=False))
    if changes.add_nameservers or changes.remove_nameservers:
        hosts = update.nameservers or ()
        asks.extend(_children(order_id, hosts, update.domain, found))
        asks.append(asking.change_nameservers(order_id, [server.host for server in hosts]))
    if any(found.contacts.get(role) != number for role, number in contacts.items()):
        asks.append(asking.change_contacts(order_id, _all_roles(found, contacts, update.domain)))
    if update.auth_info is not None:
        asks.append(asking.change_auth_code(order_id, update.auth_info))
    if LOCK in changes.add_statuses:
        asks.append(asking.lock(order_id, on=True))
    return asks


def is_inside(host: str, domain: DomainName) -> bool:
    """Tell whether a host lies in the name itself, and so needs its addresses told (glue)."""
    return host == domain.ascii or host.endswith(f".{domain.ascii}")


def _all_roles(
    found: Details, changed: Mapping[ContactRole, str], domain: DomainName
) -> dict[ContactRole, str]:
    """Return all four, for the platform takes no fewer: what changes, what is there, or what the zone wants."""
    there = {**found.contacts, **changed}
    registrant = there.get(ContactRole.REGISTRANT, NO_CONTACT)
    unused = unused_roles(domain)
    return {role: NO_CONTACT if role in unused else there.get(role, registrant) for role in ContactRole}


def _children(order_id: str, hosts: tuple[Nameserver, ...], domain: DomainName, found: Details) -> list[Ask]:
    known = {host.lower() for host in found.child_nameservers}
    return [
        asking.add_child_nameserver(order_id, server.host, server.addresses)
        for server in hosts
        if server.addresses and is_inside(server.host, domain) and server.host.lower() not in known
    ]
