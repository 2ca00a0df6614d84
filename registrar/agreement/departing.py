"""On which grounds, and on no others, may the company keep a name from leaving for a panel outside (D7)?

    ground            what makes it                                                  who may know
    court_hold        a court's order: a claim before a court, or on staff's record  the holder
    claim             a third party's claim proceeding or upheld (D9)                the holder, once disclosed
    fraud             on staff's record, with evidence                               the holder
    holder_objects    the holder's own word against it, on staff's record            the holder
    holder_in_doubt   the holder's own identity is what is in doubt (O6)             the holder
    waiting_time      the transfer policy's time after registration, transfer or
                      change of holder: the last instant of it is still inside       the holder
    unpaid_past_term  the term is over and nobody paid for another                   the holder

An unpaid fee, a debt, a future term and an identity hold as such are none of them. What depends on time is judged at the
instant of the request: a company that is slow does not earn a ground by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from registrar.agreement.rules import DepartureRules


class Ground(StrEnum):
    """Why a departure is denied; the strongest is named first."""

    COURT_HOLD = "court_hold"
    CLAIM = "claim"
    FRAUD = "fraud"
    HOLDER_OBJECTS = "holder_objects"
    HOLDER_IN_DOUBT = "holder_in_doubt"
    WAITING_TIME = "waiting_time"
    UNPAID_PAST_TERM = "unpaid_past_term"


BY_STAFF = frozenset({Ground.COURT_HOLD, Ground.FRAUD, Ground.HOLDER_OBJECTS})
"""Grounds that no row of ours shows: staff state them, with evidence and a ticket (C1)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a name when its holder asks to take it away."""

    asked_at: datetime
    claimed: bool = False
    """A claim that denies a departure stands (`registrar.agreement.stops`)."""
    before_court: bool = False
    """Such a claim is before a court."""
    claim_hidden: bool = False
    """The claim is not disclosed to the holder."""
    recorded: frozenset[Ground] = frozenset()
    """What staff have recorded against it, and not lifted."""
    holder_in_doubt: bool = False
    registered_at: datetime | None = None
    """When it was registered, as far as that was through us; the same for the other two."""
    transferred_at: datetime | None = None
    holder_changed_at: datetime | None = None
    paid_through: datetime | None = None
    renewal_paid: bool = False
    """A renewal is paid for and under way: then nobody owes us one."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A departure is denied: on this ground, and until this instant where it passes by itself."""

    ground: Ground
    until: datetime | None = None


def denial(facts: Facts, rules: DepartureRules) -> Denial | None:
    """Return the strongest ground against a departure, or None: then the company has no right to prevent it.

    Where another ground stands beside a claim that is not disclosed, that one is named: a name whose ground vanished from
    the answer on the day of a claim would tell its holder of it (D9).
    """
    found = [one for look in _TABLE.values() if (one := look(facts, rules)) is not None]
    named = [one for one in found if not _is_hidden(one, facts)]
    return next(iter(named or found), None)


def waits_until(facts: Facts, rules: DepartureRules) -> datetime | None:
    """Return the last instant of the transfer policy's waiting times, past or future; None where none applies."""
    spans = (
        (facts.registered_at, rules.wait_after_registration),
        (facts.transferred_at, rules.wait_after_transfer),
        (facts.holder_changed_at, rules.wait_after_holder_change),
    )
    return max((since + wait for since, wait in spans if since is not None and wait), default=None)


def _is_hidden(denied: Denial, facts: Facts) -> bool:
    of_claim = denied.ground is Ground.CLAIM or (
        denied.ground is Ground.COURT_HOLD and Ground.COURT_HOLD not in facts.recorded
    )
    return facts.claim_hidden and of_claim


def _court_hold(facts: Facts, _rules: DepartureRules) -> Denial | None:
    held = facts.before_court or Ground.COURT_HOLD in facts.recorded
    return Denial(Ground.COURT_HOLD) if held else None


def _claim(facts: Facts, _rules: DepartureRules) -> Denial | None:
    return Denial(Ground.CLAIM) if facts.claimed else None


def _fraud(facts: Facts, _rules: DepartureRules) -> Denial | None:
    return Denial(Ground.FRAUD) if Ground.FRAUD in facts.recorded else None


def _holder_objects(facts: Facts, _rules: DepartureRules) -> Denial | None:
    return Denial(Ground.HOLDER_OBJECTS) if Ground.HOLDER_OBJECTS in facts.recorded else None


def _holder_in_doubt(facts: Facts, _rules: DepartureRules) -> Denial | None:
    return Denial(Ground.HOLDER_IN_DOUBT) if facts.holder_in_doubt else None


def _waiting_time(facts: Facts, rules: DepartureRules) -> Denial | None:
    until = waits_until(facts, rules)
    inside = until is not None and _second(facts.asked_at) <= until
    return Denial(Ground.WAITING_TIME, until) if inside else None


def _unpaid_past_term(facts: Facts, rules: DepartureRules) -> Denial | None:
    if facts.paid_through is None or facts.renewal_paid:
        return None
    over = _second(facts.asked_at) > facts.paid_through + rules.unpaid_past_term
    return Denial(Ground.UNPAID_PAST_TERM) if over else None


def _second(instant: datetime) -> datetime:
    """Drop the fraction: nobody's clock is better than a second."""
    return instant - timedelta(microseconds=instant.microsecond)


_TABLE: Mapping[Ground, Callable[[Facts, DepartureRules], Denial | None]] = {
    Ground.COURT_HOLD: _court_hold,
    Ground.CLAIM: _claim,
    Ground.FRAUD: _fraud,
    Ground.HOLDER_OBJECTS: _holder_objects,
    Ground.HOLDER_IN_DOUBT: _holder_in_doubt,
    Ground.WAITING_TIME: _waiting_time,
    Ground.UNPAID_PAST_TERM: _unpaid_past_term,
}
"""The only grounds, the strongest first."""

WORDS: Mapping[Ground, Mapping[str, str]] = {
    Ground.COURT_HOLD: {
        "fa": "به دستور دادگاه، این دامنه اکنون قابل انتقال نیست",
        "en": "a court has ordered that this name stays where it is",
    },
    Ground.CLAIM: {
        "fa": "ادعای شخص ثالث نسبت به این دامنه در حال رسیدگی است یا پذیرفته شده است",
        "en": "a third party's claim to this name is being heard, or was upheld",
    },
    Ground.FRAUD: {
        "fa": "درباره این درخواست، دلیلی بر تقلب ثبت شده است",
        "en": "there is evidence on record that this request is fraudulent",
    },
    Ground.HOLDER_OBJECTS: {
        "fa": "مالک دامنه با این انتقال مخالفت کرده است",
        "en": "the name's own holder objects to this transfer",
    },
    Ground.HOLDER_IN_DOUBT: {
        "fa": "هویت مالک دامنه احراز نشده است",
        "en": "the identity of the name's holder is in doubt",
    },
    Ground.WAITING_TIME: {
        "fa": "مهلت مقرر پس از ثبت، انتقال یا تغییر مالک هنوز نگذشته است",
        "en": "the transfer policy's waiting time after a registration, transfer or change of holder is not over",
    },
    Ground.UNPAID_PAST_TERM: {
        "fa": "دوره دامنه به پایان رسیده و هزینه دوره بعد پرداخت نشده است",
        "en": "the name's term is over, and the next one was not paid for",
    },
}
"""What the holder is told, by language."""

NEUTRAL: Mapping[str, str] = {
    "fa": "این کار اکنون امکان‌پذیر نیست؛ از طریق پشتیبانی بپرسید",
    "en": "this cannot be done now; ask us through support",
}
"""What he is told while a claim is not disclosed to him: that it is denied, and no ground (D9)."""
