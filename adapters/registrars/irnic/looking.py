"""What does a look come to? A domain's state, as IRNIC tells it to us, becomes a Sighting."""

from dataclasses import replace
from datetime import datetime

from adapters.registrars.irnic.contacts import ROLE_WORDS
from adapters.registrars.irnic.conversation import Told, Untold
from adapters.registrars.irnic.progress import awaits_approval, progress_in_look
from adapters.registrars.irnic.reading import Availability, DomainState
from registrar.commands import Kind
from registrar.gateway import Progress, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Reply

NAME_REFUSED = frozenset({2004, 2005, 2306})
"""Answers that refuse the question for the name itself: asking again will not help, staff must look at the order."""


def registered(
    domain: DomainName,
    state: DomainState,
    *,
    billing_handle: str,
    source: str,
    seen_at: datetime,
    reply: Reply,
) -> Sighting:
    """Return the sighting of a name that `domain:info` knows.

    While documents are wanted for a registration, its temporary expiry is the end of the reservation, and so the day
    until which they must be there (facts §5.1): the reason tells staff.
    """
    progress = progress_in_look(state.statuses)
    waits = progress.get(Kind.REGISTER) is Progress.DOCUMENTS_REQUIRED
    return Sighting(
        domain=domain,
        seen_at=seen_at,
        source=source,
        standing=Standing.REGISTERED,
        reason=f"reserved until {state.expiry.text} in Tehran" if waits and state.expiry else "",
        ours=is_ours(state, billing_handle=billing_handle),
        sponsor=state.contacts.get("reseller"),
        registry_id=state.roid,
        created_at=state.created_at,
        expiry=state.expiry,
        expiry_is_temporary=awaits_approval(state.statuses),
        statuses=state.statuses,
        nameservers=tuple(server.host.lower().removesuffix(".") for server in state.nameservers),
        contacts={
            role: handle.lower() for role, word in ROLE_WORDS.items() if (handle := state.contacts.get(word))
        },
        progress=progress,
        reply=reply,
    )


def absent(
    domain: DomainName, availability: Availability, *, source: str, seen_at: datetime, reply: Reply
) -> Sighting:
    """Return the sighting of a name that `domain:info` does not know (2303), by what `domain:check` says of it.

    Available: free. Not available with a reason (restricted, not valid): not registered either, and the reason says
    why it will stay so. Not available without one is a name in the middle of something, and proves nothing.
    """
    settled = availability.available or bool(availability.reason)
    return Sighting(
        domain=domain,
        seen_at=seen_at,
        source=source,
        standing=Standing.FREE if settled else Standing.UNKNOWN,
        reason=availability.reason
        or ("" if settled else "info does not know the name, check calls it taken"),
        reply=reply,
    )


def unseen(
    domain: DomainName, reason: str, *, source: str, seen_at: datetime, told: Told | Untold | None = None
) -> Sighting:
    """Return the sighting of a look that told nothing; `told` is what came of the question, if one was asked."""
    seen = Sighting(domain, seen_at, source, Standing.UNKNOWN, reason=reason)
    if told is None:
        return seen
    if isinstance(told, Untold):
        return replace(seen, reply=told.reply, blocked=told.blocked, retry_after=told.retry_after)
    invalid = told.answer.code in NAME_REFUSED
    return replace(seen, reply=told.reply, blocked=BlockCause.REQUEST if invalid else told.blocked)


def is_ours(state: DomainState, *, billing_handle: str) -> bool | None:
    """Tell whether we may renew the name: we are its reseller or its billing contact.

    | we see                                  | ours |
    | reseller or bill is our handle          | yes  |
    | neither id nor creation date            | no: only a stranger's answer leaves both out |
    | bill shown, and it is another           | no   |
    | bill hidden, another reseller shown     | no   |
    | bill hidden, no reseller shown          | it cannot be told |
    """
    ours = billing_handle.lower()
    shown = [handle.lower() for role in ("reseller", "bill") if (handle := state.contacts.get(role))]
    if ours in shown:
        return True
    if shown or (state.roid is None and state.created_at is None):
        return False
    return None
