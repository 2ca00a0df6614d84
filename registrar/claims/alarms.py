"""What of a claim must a person see? One finding for each cause, with what to do next; most close with their cause."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from registrar.claims.states import subject_of
from registrar.findings import close_finding, open_finding


class Alarm(StrEnum):
    """What can be wrong; the value is the finding's kind."""

    LOCK_LOST = "claim_lock_lost"
    """Somebody took it off. It stays open after the lock is back: staff ask the registrar who did."""
    LOCK_LATE = "claim_lock_late"
    LOCK_WAITS = "claim_lock_waits"
    LOCK_IMPOSSIBLE = "claim_lock_impossible"
    RELEASE_LATE = "claim_release_late"
    NAME_LEAVING = "claimed_name_leaving"
    """A transfer away was under way. It stays open after it was stopped."""
    NAME_LEFT = "claimed_name_left"
    ORDER_IN_DOUBT = "claimed_name_in_doubt"
    RULING_DUE = "claim_ruling_due"
    RULING_FAILED = "claim_ruling_failed"


_FOR_A_PERSON = frozenset({Alarm.LOCK_LOST, Alarm.NAME_LEAVING})

_NEXT: Mapping[Alarm, str] = {
    Alarm.LOCK_LOST: "ask the registrar who took it off; it is put back by itself; then close this with a ticket",
    Alarm.LOCK_LATE: "lock the name at the registrar by hand if need be, and tell the provider; the next look sees it",
    Alarm.LOCK_WAITS: "take away what it waits for, or lock the name at the registrar by hand: the next look sees it",
    Alarm.LOCK_IMPOSSIBLE: "ask the registry itself to block the name; our own gate stops every order meanwhile",
    Alarm.RELEASE_LATE: "take the lock off at the registrar by hand if need be; the next look sees it",
    Alarm.NAME_LEAVING: "make sure at the registrar that it stays; tell the provider; then close this with a ticket",
    Alarm.NAME_LEFT: "tell the provider and the new registrar at once, and record what they answer on the ticket",
    Alarm.ORDER_IN_DOUBT: "`registrar orders show` it: once it has ended the name is looked at again",
    Alarm.RULING_DUE: "carry it out: `registrar claims rule {id} --ticket …` with --order, --by-hand or --by-registry",
    Alarm.RULING_FAILED: "`registrar claims rule {id}` again, with another order or another way",
}


def sound(connection: Connection, claim: Row[Any], alarm: Alarm, what: str, *, now: datetime) -> None:
    """Open the finding, or see it again."""
    open_finding(
        connection,
        alarm,
        subject_of(claim.id),
        text=f"claim {claim.id} to {claim.domain} ({claim.procedure}, {claim.state}): {what}",
        next_step=_NEXT[alarm].format(id=claim.id),
        now=now,
    )


def quiet(connection: Connection, claim: Row[Any], *alarms: Alarm, now: datetime) -> None:
    """Close those findings whose cause is gone."""
    for alarm in alarms:
        close_finding(connection, alarm, subject_of(claim.id), now=now)


def quiet_all(connection: Connection, claim: Row[Any], *, now: datetime) -> None:
    """Close what a claim that is over has left open, but for what a person must judge."""
    quiet(connection, claim, *(alarm for alarm in Alarm if alarm not in _FOR_A_PERSON), now=now)
