"""How is a name given up? The registry asks its holder, and lets the name go when the holder confirms."""

from dataclasses import replace

from adapters.sandbox.irnic import lifecycle
from adapters.sandbox.irnic.answers import Answer, RefusedError
from adapters.sandbox.irnic.decisions import with_progress
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.irnic.spending import accepted, leave_pending

_NOT_DELETABLE = frozenset({"serverDeleteProhibited", "pendingDelete", "pendingUpdate", "pendingRenew"})


def delete(errand: Errand) -> Answer:
    """Answer domain:delete: accepted, and left to the holder."""
    entry = errand.domain(errand.name())
    if entry.sponsor != errand.page.client_id:
        raise RefusedError(2201, "You are not the reseller of this domain.", "domain:name")
    if not _NOT_DELETABLE.isdisjoint(lifecycle.statuses(entry, errand.page.now)):
        raise RefusedError(2304, "The status of this domain does not allow its deletion.", "domain:name")
    errand.page.save(replace(entry, statuses=with_progress("delete", "PendingHolderCheck")))
    leave_pending(errand, "delete", entry)
    return accepted(errand, 1000)
