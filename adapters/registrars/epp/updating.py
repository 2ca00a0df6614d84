"""What must be sent so that a name is what an update says? From what a look showed to the hosts to create and one command.

Nothing here is the update itself: whatever goes wrong before it has been sent says so, and is never `Unknown`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.registrars.epp.documents import NotEncodableError
from adapters.registrars.epp.encoding import ContactChange, domain_update, lies_inside
from adapters.registrars.epp.preparation import (
    PreparationFailedError,
    Step,
    contact_ids,
    contact_steps,
    host_steps,
)
from adapters.registrars.epp.session import Exchange, Prepared
from adapters.registrars.epp.settings import EppSettings
from adapters.registrars.epp.sightings import delegation, people
from registrar.commands import Contact, ContactRole, Handle, Nameserver, Update
from registrar.differences import AddressConflictError, Difference, difference
from registrar.gateway import Call, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import Blocked, Correction, NotSent, RefusalReason, Refused, Reply
from registrar.statuses import REGISTRAR_LOCK


@dataclass(frozen=True, slots=True)
class Changes:
    """What must be sent: hosts and statuses, contacts, and whether there is an auth code to set."""

    difference: Difference
    contacts: ContactChange

    def is_empty(self, update: Update) -> bool:
        """Tell whether nothing is to be sent; an auth code always is, since a look need not show it."""
        return self.difference.is_empty and self.contacts == ContactChange() and update.auth_info is None


def changes_from(update: Update, sighting: Sighting, exchange: Exchange, settings: EppSettings) -> Changes:
    """Compare an update with the look that came before it; raises as `difference_from` does."""
    found = difference_from(_settable(update, settings), sighting, exchange)
    return Changes(found, _contact_change(update, exchange, settings))


def _settable(update: Update, settings: EppSettings) -> Update:
    """Leave out what the registrar's lock means elsewhere and not here (`EppSettings.lock_statuses`)."""
    absent = REGISTRAR_LOCK - settings.lock_statuses
    return replace(
        update, add_statuses=update.add_statuses - absent, remove_statuses=update.remove_statuses - absent
    )


def _contact_change(update: Update, exchange: Exchange, settings: EppSettings) -> ContactChange:
    """Say which ids to add and take away so that each stated role has the one contact stated for it."""
    there, wanted = people(exchange.response), contact_ids(update.contacts, settings)
    add, remove = [], []
    for role, identifier in wanted.items():
        present = there.get(role, ())
        if role is ContactRole.REGISTRANT or present == (identifier,):
            continue
        add += [(role, identifier)] if identifier not in present else []
        remove += [(role, other) for other in present if other != identifier]
    registrant = wanted.get(ContactRole.REGISTRANT)
    moved = registrant is not None and there.get(ContactRole.REGISTRANT) != (registrant,)
    return ContactChange(tuple(add), tuple(remove), registrant if moved else None)


def difference_from(update: Update, sighting: Sighting, exchange: Exchange) -> Difference:
    """Compare an update with the look that came before it.

    Raises `PreparationFailedError` unless the look shows the name as ours (a registry shows strangers no name servers,
    and all of ours would seem to be missing), and `NotEncodableError` for what an update cannot say.
    """
    _insist_on_ours(sighting, exchange.reply)
    try:
        found = difference(update, nameservers=delegation(exchange.response), statuses=sighting.statuses)
    except AddressConflictError as error:
        raise NotEncodableError(str(error), Correction.NAMESERVERS) from None
    _insist_on_glue(found.add_nameservers, update.domain)
    return found


def plan(update: Update, changes: Changes, settings: EppSettings, call: Call) -> tuple[list[Step], Prepared]:
    """Return the contacts and hosts to create first, where they are objects, and the update."""
    steps = contact_steps(_to_create(update, changes.contacts), settings, call)
    hosts = [_as_created(host, update.domain) for host in changes.difference.add_nameservers]
    steps += host_steps(hosts, settings, call)
    transaction_id = call.client_transaction_id
    document = domain_update(
        update.domain,
        changes.difference,
        settings,
        transaction_id,
        contacts=changes.contacts,
        auth_info=update.auth_info,
    )
    told = frozenset[str]().union(*(step.prepared.secrets for step in steps))
    return steps, Prepared(document, transaction_id, told=told)


def _to_create(update: Update, change: ContactChange) -> Mapping[ContactRole, Handle | Contact]:
    """Return the contacts of those roles that change."""
    changed = {role for role, _ in change.add}
    changed |= {ContactRole.REGISTRANT} if change.registrant else set()
    return {role: contact for role, contact in update.contacts.items() if role in changed}


def _insist_on_ours(sighting: Sighting, reply: Reply) -> None:
    if sighting.blocked is not None:
        raise PreparationFailedError(Blocked(reply, sighting.blocked))
    if sighting.standing is Standing.UNKNOWN:
        raise PreparationFailedError(NotSent(f"the update was not sent: {sighting.reason}"))
    if sighting.standing is Standing.FREE:
        raise PreparationFailedError(Refused(reply, RefusalReason.NOT_REGISTERED, confirm=True))
    if sighting.ours is not True:
        raise PreparationFailedError(Refused(reply, RefusalReason.NOT_OURS, confirm=True))


def _insist_on_glue(added: tuple[Nameserver, ...], domain: DomainName) -> None:
    bare = [server.host for server in added if lies_inside(server.host, domain) and not server.addresses]
    if bare:
        raise NotEncodableError(
            f"{', '.join(bare)} lie inside {domain.ascii} itself and need an address; state one for each",
            Correction.NAMESERVERS,
        )


def _as_created(host: Nameserver, domain: DomainName) -> Nameserver:
    """Return a host with addresses only where it lies inside the name: elsewhere they are not ours to say."""
    return host if lies_inside(host.host, domain) else Nameserver(host.host)
