"""What would an order for a name be promised and cost, and what else is possible? The quote, placing and the call ask here.

The class of a renewal is decided by one function wherever it is decided, so that what was quoted is what is done
(D1, D2). All instants are aware; all results are, or turn into, JSON that is stored beside the decision.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from registrar.agreement.expiry import RenewalClass, Windows, classify, windows
from registrar.agreement.rules import FeeRule, Rules
from registrar.commands import RENEWALS, Kind
from registrar.gateway import Sighting, Standing
from registrar.statuses import Status


@dataclass(frozen=True, slots=True)
class Decision:
    """How far the company is bound to renew a name, from which inputs, under which version of the rules (D1, D2, A1)."""

    renewal_class: RenewalClass
    windows: Windows
    counted_at: datetime
    """The instant that was compared: of payment, of acceptance or of sending, as the rules' clock says."""
    rules: str
    agreement: str

    @property
    def possible(self) -> bool:
        """Tell whether an ordinary renewal may be sent (D1)."""
        return self.renewal_class is not RenewalClass.IMPOSSIBLE

    def as_json(self) -> dict[str, Any]:
        """Return the decision with its inputs, under the names that an order's promise uses."""
        return {
            "rules": self.rules,
            "agreement": self.agreement,
            "class": str(self.renewal_class),
            "counted_at": instant_text(self.counted_at),
            "paid_through": instant_text(self.windows.paid_through),
            "committed_until": instant_text(self.windows.committed_until),
            "possible_until": instant_text(self.windows.possible_until),
        }


def decide_renewal(*, paid_through: datetime, counted_at: datetime, rules: Rules) -> Decision:
    """Decide the class of a renewal of a name that is paid through an instant, counted at another (D1, D2).

    `rules` are those of the name's zone, in the version that applies to the order.
    """
    return Decision(
        renewal_class=classify(paid_through, counted_at, rules.renewal),
        windows=windows(paid_through, rules.renewal),
        counted_at=counted_at,
        rules=rules.version,
        agreement=rules.agreement,
    )


def fees_due(kind: Kind, *, paid_through: datetime | None, at: datetime, rules: Rules) -> tuple[FeeRule, ...]:
    """Return the fees that an order of this kind has at an instant, by the age of the lapse (E4).

    A fee's span begins after its first instant and includes its last, as the classes do. Where nobody knows the end of the
    term, a renewal has none, and every other order those that have no span.
    """
    return tuple(fee for fee in rules.fees if kind in fee.kinds and _applies(fee, kind, paid_through, at))


def _applies(fee: FeeRule, kind: Kind, paid_through: datetime | None, at: datetime) -> bool:
    if paid_through is None:
        return kind not in RENEWALS and fee.after == timedelta(0) and fee.until is None
    age = _second(at) - paid_through.astimezone(UTC)
    return age > fee.after and (fee.until is None or age <= fee.until)


def _second(instant: datetime) -> datetime:
    """Leave out the fraction of a second, and count in UTC: an hour that comes twice counts twice."""
    return instant.astimezone(UTC).replace(microsecond=0)


class Found(StrEnum):
    """What an inquiry at the registrar came to (D3)."""

    RENEWABLE = "renewable"
    RENEWABLE_WITH_PENALTY = "renewable_with_penalty"
    RESTORABLE = "restorable"
    """In redemption."""
    FREE = "free"
    TAKEN = "taken"
    UNKNOWN = "unknown"


class Unknown(StrEnum):
    """Why an inquiry does not say what is possible."""

    LOOK_FAILED = "look_failed"
    SPONSOR_HIDDEN = "sponsor_hidden"
    """Whether it is still with us, the answer does not say."""
    NO_EXPIRY = "no_expiry"
    NOT_APPROVED = "not_approved"
    """Its registration is not approved yet: the date is temporary (D4)."""
    PENDING_DELETE = "pending_delete"
    """Past saving, and not free yet."""
    RENEW_PROHIBITED = "renew_prohibited"
    WINDOW_CLOSED = "window_closed"
    """The registry's own last day has passed, and the name still stands there."""


_WAYS = {
    Found.RENEWABLE: Kind.RENEW,
    Found.RENEWABLE_WITH_PENALTY: Kind.RENEW,
    Found.RESTORABLE: Kind.RESTORE,
    Found.FREE: Kind.REGISTER,
}
"""The kind of the new order by which what was found can be had; of what is not here there is none."""


def ways_on(
    sighting: Sighting, rules: Rules, now: datetime, *, paid_through: datetime | None = None
) -> dict[str, Any]:
    """Return what is possible for a name as an inquiry shows it, as JSON: the evidence of a refused renewal (D3).

    `found` is one of `Found`, `why_unknown` one of `Unknown` or None. `way` is the kind of the order that would do it,
    with its fees: a new order, which nobody places by itself (E7). `ordinary` says whether the contract still takes it:
    a name that the registry would renew, past the contract's last instant, is a matter for staff (D1). `paid_through` is
    that of our books; without it the registrar's date serves.
    """
    found, why = _found(sighting, rules, now)
    lapsed = paid_through or end_shown(sighting)
    kind = _WAYS.get(found)
    return {
        "found": str(found),
        "why_unknown": str(why) if why else None,
        "seen_at": instant_text(sighting.seen_at),
        "source": sighting.source,
        "expires": sighting.expiry.text if sighting.expiry else None,
        "renewed_by_registry": sighting.renewed_by_registry,
        "way": str(kind) if kind else None,
        "ordinary": kind is not None and _is_ordinary(kind, lapsed, rules, now),
        "fees": [fee_line(fee) for fee in fees_due(kind, paid_through=lapsed, at=now, rules=rules)]
        if kind
        else [],
    }


def fee_line(fee: FeeRule) -> dict[str, Any]:
    """Return a fee as a line of a quote or of an answer, with its words by language (E4)."""
    return {
        "line": fee.line,
        "amount": fee.amount.amount,
        "currency": fee.amount.currency,
        "credited_on_refusal": fee.credited_on_refusal,
        "text": dict(fee.text),
    }


def instant_text(instant: datetime) -> str:
    """Write an instant in UTC as the house does in JSON."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def end_shown(sighting: Sighting) -> datetime | None:
    """Return the end of the term as the registrar shows it; a year that the registry added was paid by nobody (D4)."""
    if sighting.renewed_by_registry or sighting.expiry_is_temporary or sighting.term_end is None:
        return None
    return sighting.term_end.at


def _found(sighting: Sighting, rules: Rules, now: datetime) -> tuple[Found, Unknown | None]:  # noqa: PLR0911 - a list of cases
    if sighting.standing is Standing.UNKNOWN:
        return Found.UNKNOWN, Unknown.LOOK_FAILED
    if sighting.standing is Standing.FREE:
        return Found.FREE, None
    if sighting.ours is False:
        return Found.TAKEN, None
    if sighting.ours is None:
        return Found.UNKNOWN, Unknown.SPONSOR_HIDDEN
    if sighting.restorable:
        return Found.RESTORABLE, None
    if Status.PENDING_DELETE in sighting.statuses:
        return Found.UNKNOWN, Unknown.PENDING_DELETE
    if sighting.expiry_is_temporary:
        return Found.UNKNOWN, Unknown.NOT_APPROVED
    if Status.SERVER_RENEW_PROHIBITED in sighting.statuses:
        return Found.UNKNOWN, Unknown.RENEW_PROHIBITED
    if sighting.term_end is None:
        return Found.UNKNOWN, Unknown.NO_EXPIRY
    return _by_age(sighting.term_end.at, rules, now)


def _by_age(expires_at: datetime, rules: Rules, now: datetime) -> tuple[Found, Unknown | None]:
    """Read the registry's own windows, which are not the contract's (D1)."""
    limits, second = registry_windows(expires_at, rules), _second(now)
    if limits.normal_until is None or second <= limits.normal_until:
        return Found.RENEWABLE, None
    if limits.penalty_until is not None and second <= limits.penalty_until:
        return Found.RENEWABLE_WITH_PENALTY, None
    return Found.UNKNOWN, Unknown.WINDOW_CLOSED


@dataclass(frozen=True, slots=True)
class RegistryWindows:
    """The registry's own limits beside the contract's, all inclusive (D1)."""

    normal_until: datetime | None
    """None: until it deletes the name."""
    penalty_until: datetime | None
    """None: there is no such time."""
    restorable: bool
    """Whether a redemption follows."""


def registry_windows(expires_at: datetime, rules: Rules) -> RegistryWindows:
    """Return until when the registry itself renews a name that expires at an instant."""
    renewal, expires_at = rules.renewal, expires_at.astimezone(UTC)
    normal, penalty = renewal.registry_normal, renewal.registry_penalty
    return RegistryWindows(
        normal_until=expires_at + normal if normal is not None else None,
        penalty_until=expires_at + penalty if penalty is not None else None,
        restorable=renewal.restorable,
    )


def _is_ordinary(kind: Kind, lapsed: datetime | None, rules: Rules, now: datetime) -> bool:
    """Tell whether an order of this kind is taken as any other: all but a renewal past the contract's limit (D1)."""
    if kind is not Kind.RENEW or lapsed is None:
        return True
    return decide_renewal(paid_through=lapsed, counted_at=now, rules=rules).possible
