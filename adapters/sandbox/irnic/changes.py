"""How are a name's name servers and contacts changed? By difference, and only those a reseller may change."""

from dataclasses import replace

from adapters.sandbox.irnic import contacts, holders, lifecycle
from adapters.sandbox.irnic.answers import Answer, RefusedError
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.records import Domain

_MOST_HOSTS = 4
_OURS_TO_CHANGE = frozenset({"tech", "bill"})


def update(errand: Errand) -> Answer:
    """Answer domain:update, done at once: hosts added and removed, tech and bill contacts replaced.

    With a `pin op` it opens the name for another holder, or shuts it, instead.
    """
    if errand.request.pin("op"):
        return holders.request_pin(errand)
    entry = errand.domain(errand.name())
    if entry.sponsor != errand.page.client_id:
        raise RefusedError(2201, "You are not the reseller of this domain.", "domain:name")
    if not lifecycle.is_changeable(entry, errand.page.now):
        raise RefusedError(2304, "The status of this domain does not allow its update.", "domain:name")
    changed = replace(
        entry,
        nameservers=_nameservers(errand, entry),
        contacts=_contacts(errand, entry),
        updated_at=errand.page.now,
    )
    errand.page.save(changed)
    return Answer(1000)


def _nameservers(errand: Errand, entry: Domain) -> tuple[tuple[str, tuple[str, ...]], ...]:
    hosts = dict(entry.nameservers)
    for host in errand.request.hosts("rem"):
        if hosts.pop(host.name, None) is None:
            raise RefusedError(2303, "The name server is not one of this domain's.", host.name)
    for host in errand.request.hosts("add"):
        if host.name in hosts:
            raise RefusedError(2302, "The name server is one of this domain's already.", host.name)
        hosts[host.name] = (host.address,) if host.address else ()
    if len(hosts) > _MOST_HOSTS:
        raise RefusedError(2306, "At most four name servers are accepted.", "domain:ns")
    return tuple(hosts.items())


def _contacts(errand: Errand, entry: Domain) -> tuple[tuple[str, str], ...]:
    wanted = errand.request.contacts()
    refused = [role for role in wanted if role not in _OURS_TO_CHANGE]
    if refused:
        raise RefusedError(2306, f"You cannot change the {refused[0]} contact.", "domain:contact")
    contacts.require(errand.page, wanted)
    return tuple({**dict(entry.contacts), **wanted}.items())
