"""What else does a look show that staff should know? Conditions that stand while looks show them, each with its next step.

Each is decided by the sources that can tell, and by nobody else: a source that is silent on it neither opens nor closes it.
"""

from datetime import datetime

from registrar.commands import Expiry
from registrar.statuses import GraceStatus, Status
from registrar.sync.disagreeing import sources_disagree
from registrar.sync.looks import Decided, Look, in_json, in_words
from registrar.sync.plausible import falls_short, impossible, is_whole_years, weigh
from registrar.sync.suspicion import Shown
from registrar.sync.vocabulary import ChangeKind, Proposal, Source

_HOLDS = frozenset({Status.CLIENT_HOLD, Status.SERVER_HOLD})
_ENDING = frozenset({GraceStatus.REDEMPTION, GraceStatus.PENDING_DELETE, Status.PENDING_DELETE})
"""The registry takes such a name out of the zone by itself."""


def conditions(look: Look, where: Shown) -> Decided:
    """Judge all conditions; of a name that is not shown as ours only whether the sources disagree about it."""
    decided = sources_disagree(look)
    if where is Shown.HERE:
        decided |= _auto_renew_on(look)
        decided |= _date_missing(look)
        decided |= _paid_term_missing(look)
        decided |= _expired_unnoticed(look)
        decided |= _nameservers_off(look)
    return decided


def _auto_renew_on(look: Look) -> Decided:
    """Judge the registrar's own automatic renewal, which would spend our deposit on what no customer ordered."""
    if look.source is not Source.REGISTRAR or look.sighting.auto_renews is None:
        return {}
    if not look.sighting.auto_renews:
        return {ChangeKind.AUTO_RENEW_ON: None}
    at = look.known.registrar
    return _stands(
        ChangeKind.AUTO_RENEW_ON,
        {"registrar": at},
        f"{at} would renew {look.name} by itself, from our deposit, and nobody has ordered that",
        f"switch its automatic renewal off in {at}'s own panel; `registrar look {look.name} --source registrar` shows that it is",
    )


def _date_missing(look: Look) -> Decided:
    """Judge whether the authority has fallen silent about the date, or tells one that nobody can read.

    Where it never told one and gives no reason, nothing is missing: some registries publish none.
    """
    if not look.is_authority or look.sighting.expiry_is_temporary:
        return {}
    if look.expiry is not None or look.known.pinned is not None or look.known.registry_expires_at is None:
        return {ChangeKind.DATE_MISSING: None}
    told_before, why = look.dated_before, look.reason
    if look.told.expiry_is_temporary or (told_before is None and not why):
        return {}
    says = "tells no date" if told_before is None else "told when it expires, and tells no date any more"
    return _stands(
        ChangeKind.DATE_MISSING,
        {"told": told_before},
        f"{look.source} {says} of {look.name}{f' ({why})' if why else ''}: ours stays, unconfirmed",
        f"`registrar look {look.name} --source {look.source}`: if many names lost theirs at once, its server writes otherwise now; "
        f"if we know better, `registrar sync pin {look.name} --expires DATE --until DATE --reason TEXT --ticket T`",
    )


def _paid_term_missing(look: Look) -> Decided:
    """Judge whether the registry's date reaches as far as what was paid for: we find it before its customer must (E3)."""
    if not look.is_authority or look.expiry is None or impossible(look, look.expiry.at):
        return {}
    paid, expires = look.paid, look.expiry.at
    if look.known.pinned is not None or paid is None or not falls_short(look, look.expiry):
        return {ChangeKind.PAID_TERM_MISSING: None}
    if _is_just_confirmed(look) or not _may_be_a_term_short(look, look.expiry, paid):
        return {}
    days = abs((expires - look.now).days)
    left = f"{days} days are left" if expires >= look.now else f"it has been expired for {days} days"
    report_until = expires + look.rules.delivery.renewal_report_within
    return _stands(
        ChangeKind.PAID_TERM_MISSING,
        {"expires_at": in_json(expires), "paid_through": in_json(paid)},
        f"{look.name} is paid for until {in_words(paid)}, but {look.source} says that it expires {in_words(expires)}: {left}; "
        f"its customer's report would be in time until {in_words(report_until)} (E3)",
        f"`registrar orders list --domain {look.name}` and `registrar look {look.name} --source registrar`: see which renewal did "
        f"not arrive, and have it carried out before {in_words(expires)}",
    )


def _may_be_a_term_short(look: Look, told: Expiry, paid: datetime) -> bool:
    """Tell whether a date that falls short may be true: ours as it was, or whole years before what was paid for."""
    if weigh(look, told).kind is not ChangeKind.IMPLAUSIBLE_DATE:
        return True
    return is_whole_years(told.at, paid, look.rules.renewal.term_tolerance)


def _is_just_confirmed(look: Look) -> bool:
    """Tell whether an order was done so lately that the far side may not show it yet."""
    confirmed = look.known.confirmed_at
    return confirmed is not None and look.sighting.seen_at < confirmed + look.terms.nights_apart


def _expired_unnoticed(look: Look) -> Decided:
    """Judge whether the paid term of a name that is still here ended without its customer having been told (E2)."""
    paid = look.paid
    if paid is None or not look.has_lapsed or look.known.reminded:
        return {ChangeKind.EXPIRED_UNNOTICED: None}
    return _stands(
        ChangeKind.EXPIRED_UNNOTICED,
        {"paid_through": in_json(paid)},
        f"the term that was paid for {look.name} ended {in_words(paid)}, and no notice of that was sent to its customer (E2)",
        f"`registrar notices list --domain {look.name}` says why; then `registrar notices retry NOTICE --ticket T`, or tell him by hand",
    )


def _nameservers_off(look: Look) -> Decided:
    """Judge whether a name that is paid for has stopped resolving though nothing of ours stops it.

    Without name servers it is told only where there were some before, and until there are some again.
    """
    if not _watches_delegation(look):
        return {}
    shown, known = look.sighting, look.known
    if known.claimed or known.suspended or look.has_lapsed or shown.statuses & _ENDING:
        return {ChangeKind.NAMESERVERS_OFF: None}
    if holds := sorted(shown.statuses & _HOLDS):
        why = f"{', '.join(holds)} keeps it out of the zone"
    elif shown.nameservers and Status.INACTIVE not in shown.statuses:
        return {ChangeKind.NAMESERVERS_OFF: None}
    elif not look.told.nameservers or not _shows_delegation(look):
        return {}
    else:
        why = f"it has no name servers any more (it had {', '.join(look.told.nameservers)})"
    return _stands(
        ChangeKind.NAMESERVERS_OFF,
        {"statuses": sorted(map(str, shown.statuses)), "nameservers": list(look.told.nameservers)},
        f"{look.source} says that {look.name} does not resolve: {why}, and no claim or suspension of ours does that",
        f"`registrar look {look.name} --source {look.source}`; ask {known.registrar} who did it; name servers go back with "
        f"`registrar domains nameservers {look.name} HOST... --ticket T`",
    )


def _watches_delegation(look: Look) -> bool:
    """Let one source decide: the authority; but a registrar that answers shows more than WHOIS does."""
    if look.authority is not Source.WHOIS:
        return look.is_authority
    registrar = look.known.told.get(Source.REGISTRAR)
    answers = registrar is not None and look.is_fresh(registrar)
    return look.source is Source.REGISTRAR or (look.is_authority and not answers)


def _shows_delegation(look: Look) -> bool:
    """Tell whether a look without name servers says that there are none: many WHOIS texts leave them out."""
    return look.source is not Source.WHOIS or Status.INACTIVE in look.sighting.statuses


def _stands(kind: ChangeKind, seen: dict[str, object], text: str, next_step: str) -> Decided:
    return {kind: Proposal(kind, {}, seen, text, next_step)}
