"""What must be sent so that a name is what an update says? From what a look showed to the hosts to create and one command.

Nothing here is the update itself: whatever goes wrong before it has been sent says so, and is never `Unknown`.
"""

from adapters.registrars.epp.documents import NotEncodableError
from adapters.registrars.epp.encoding import domain_update, lies_inside
from adapters.registrars.epp.preparation import PreparationFailedError, Step, host_steps
from adapters.registrars.epp.session import Exchange, Prepared
from adapters.registrars.epp.settings import EppSettings
from adapters.registrars.epp.sightings import delegation
from registrar.commands import Nameserver, Update
from registrar.differences import AddressConflictError, Difference, difference
from registrar.gateway import Call, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import Blocked, Correction, NotSent, RefusalReason, Refused, Reply


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


def plan(
    domain: DomainName, changes: Difference, settings: EppSettings, call: Call
) -> tuple[list[Step], Prepared]:
    """Return the hosts to create first, where they are objects, and the update."""
    hosts = [_as_created(host, domain) for host in changes.add_nameservers]
    transaction_id = call.client_transaction_id
    document = domain_update(domain, changes, settings, transaction_id)
    return host_steps(hosts, settings, call), Prepared(document, transaction_id)


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
