"""Staff's errands on a name or a contact: at which registrar, is it possible there, and what is kept of it?

    begin ── committed ──▶ the errand is run ──▶ end

An errand costs nothing and is harmless to repeat, so no order stands behind it: two events tell who ran it, on which
ticket, and what it came to. Neither holds a secret or a person's data.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from registrar import events, holds
from registrar.agreement import stops
from registrar.claimed import claims_stop
from registrar.commands import (
    AnswerTransfer,
    CreateContact,
    Delete,
    Errand,
    TransferAnswer,
    Update,
    UpdateContact,
)
from registrar.database import one_at_a_time
from registrar.gateway import Capabilities, Changeable
from registrar.models import Domain, Event
from registrar.names import DomainName
from registrar.outcomes import Done, NotSent, Outcome
from registrar.secrets import Secret
from registrar.statuses import REGISTRAR_LOCK

_SIGNS = "!#%*+-=@"
AUTH_CODE_LETTERS = string.ascii_letters + string.digits + _SIGNS
AUTH_CODE_LENGTH = 22
"""Characters of a fresh auth code: 134 bits, where RFC 9154 §4.1 asks for 128."""

BEGUN, ENDED = "errand.begun", "errand.ended"
"""The two events of an errand."""

_NOUNS: Mapping[Changeable, str] = {
    Changeable.NAMESERVERS: "the name servers of a name",
    Changeable.STATUSES: "the lock of a name",
    Changeable.CONTACTS: "the contacts of a name",
    Changeable.AUTH_INFO: "the auth code of a name",
}
_DEEDS: Mapping[type, str] = {
    Delete: "delete a name",
    AnswerTransfer: "answer a transfer",
    CreateContact: "create a contact by itself: an order creates those that it needs",
    UpdateContact: "change a contact by itself",
}


class ErrandRefusedError(Exception):
    """An errand that is not run; `code` is stable, the message says why and what else to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def registrar_of(
    connection: Connection, domain: DomainName, *, named: str | None, route: Sequence[str]
) -> str:
    """Return the registrar that has the name by our books; else the one that is named; else the first of the route.

    Raises `ErrandRefusedError` where the one that is named is not the one in the books.
    """
    known = domain_registrar(connection, domain)
    if known is None:
        return named or route[0]
    if named not in (None, known):
        raise ErrandRefusedError(
            "registrar_disagrees", f"by our books {domain.unicode} is at {known}, not at {named}"
        )
    return known


def domain_registrar(connection: Connection, domain: DomainName) -> str | None:
    """Return the registrar that has the name by our books, or None where they do not know it."""
    return connection.execute(select(Domain.registrar).where(Domain.name == domain.ascii)).scalar()


def insist_possible(errand: Errand, registrar: str, can: Capabilities) -> None:
    """Raise `ErrandRefusedError` for what the registrar does not declare that it can do."""
    if not isinstance(errand, Update):
        if type(errand) not in can.errands:
            raise _impossible(registrar, _DEEDS[type(errand)])
        if isinstance(errand, AnswerTransfer) and errand.answer not in can.answers:
            raise _impossible(registrar, f"{errand.answer} a transfer")
        return
    for part in _parts(errand):
        _insist_changeable(part, registrar, can)
    if len(errand.nameservers or ()) > can.max_nameservers:
        raise ErrandRefusedError(
            "too_many_nameservers", f"a name at {registrar} has at most {can.max_nameservers} name servers"
        )


def insist_lockable(registrar: str, can: Capabilities) -> None:
    """Raise `ErrandRefusedError` where the registrar has no lock of ours to set."""
    if not can.statuses & REGISTRAR_LOCK:
        raise _impossible(registrar, f"change {_NOUNS[Changeable.STATUSES]}")


def insist_shown(registrar: str, can: Capabilities) -> None:
    """Raise `ErrandRefusedError` where the registrar shows no auth codes."""
    if not can.reads_auth_info:
        raise _not_shown(registrar, can)


def shown(code: Secret | None, registrar: str, can: Capabilities) -> Secret:
    """Return the auth code that the registrar showed, or raise `ErrandRefusedError`: it has none to show."""
    if code is None or not code.reveal():
        raise ErrandRefusedError(
            "auth_code_not_shown",
            f"{registrar} shows no auth code for this name: is it there and ours (`registrar look`)?"
            + (" If so, set a fresh one (--new)" if Changeable.AUTH_INFO in can.updates else ""),
        )
    return code


def fresh_auth_code(choose: Callable[[str], str]) -> Secret:
    """Return a new auth code of at least 128 bits (RFC 9154 §4.1) with a letter, a digit and a sign in it.

    `choose` returns one of the characters that it is handed, by chance that nobody can foresee.
    """
    while True:
        code = "".join(choose(AUTH_CODE_LETTERS) for _ in range(AUTH_CODE_LENGTH))
        if all(set(code) & set(kind) for kind in (string.ascii_letters, string.digits, _SIGNS)):
            return Secret(code)


def lock(domain: DomainName, can: Capabilities) -> Update:
    """Return what puts the registrar's lock on, as much of it as there is here (D9)."""
    return Update(domain, add_statuses=can.statuses & REGISTRAR_LOCK)


def unlock(domain: DomainName, can: Capabilities) -> Update:
    """Return what takes the registrar's lock off."""
    return Update(domain, remove_statuses=can.statuses & REGISTRAR_LOCK)


def begin(
    connection: Connection, errand: Errand, registrar: str, *, actor: str, ticket: str, now: datetime
) -> None:
    """Write down that an errand is about to be run.

    Raises `ErrandRefusedError` while our credentials are refused, and for what a claim to the name stops (D9).
    """
    insist_on_credentials(connection, registrar)
    if actor != events.WORKER and (stopped := _stoppable(errand)):
        insist_unclaimed(connection, *stopped, now=now)
    _record(connection, BEGUN, errand, registrar, {}, actor=actor, ticket=ticket, now=now)


def insist_unanswered(
    connection: Connection, errand: AnswerTransfer, *, looked_at: datetime, given_up_before: datetime
) -> None:
    """Raise `ErrandRefusedError` where the transfer has had this answer since we looked, or has it on its way (D9).

    A claim and a departure follow one name, each with looks of its own. An answer that was begun before `given_up_before`
    and never ended died with its worker. What a clock that ran ahead has written is no answer: else it would be one until its
    time came. It begins its transaction.
    """
    name, told = _told(errand)
    one_at_a_time(connection, f"answers to transfers of {name}")
    query = (
        select(Event.kind, Event.at, Event.evidence)
        .where(Event.subject == name, Event.kind.in_((BEGUN, ENDED)))
        .where(Event.at > min(looked_at, given_up_before), Event.at < looked_at + events.CLOCK_RAN_AHEAD)
        .order_by(Event.id.desc())
    )
    for event in connection.execute(query):
        if event.evidence["errand"] != told["errand"]:
            continue
        if event.at > (looked_at if event.kind == ENDED else given_up_before):
            raise ErrandRefusedError(
                "answered_meanwhile",
                f"somebody else's answer to the transfer of {name} came first: look again",
            )
        return


def end(
    connection: Connection,
    errand: Errand,
    registrar: str,
    outcome: Outcome,
    *,
    actor: str,
    ticket: str,
    now: datetime,
) -> None:
    """Write down what an errand came to."""
    reply = getattr(outcome, "reply", None)
    came_to = {
        "outcome": name_of(outcome),
        "result_code": reply.result_code if reply else None,
        "server_transaction_id": reply.server_transaction_id if reply else None,
    }
    if isinstance(outcome, Done) and outcome.registry_id:
        came_to["registry_id"] = outcome.registry_id
    _record(connection, ENDED, errand, registrar, came_to, actor=actor, ticket=ticket, now=now)


def name_of(outcome: Outcome) -> str:
    """Return an outcome's name as the books write it, as `not_sent`."""
    return "not_sent" if isinstance(outcome, NotSent) else type(outcome).__name__.lower()


def record_auth_code_read(
    connection: Connection, domain: DomainName, registrar: str, *, actor: str, ticket: str, now: datetime
) -> None:
    """Write down who was shown a name's auth code."""
    events.record(
        connection,
        "domain.auth_code_read",
        at=now,
        subject=domain.ascii,
        actor=actor,
        ticket=ticket,
        evidence={"registrar": registrar},
    )


def insist_on_credentials(connection: Connection, registrar: str) -> None:
    """Raise `ErrandRefusedError` while our credentials are refused: repeated logins may lock us out."""
    if holds.forbids_login(connection, registrar):
        raise ErrandRefusedError(
            "credentials_refused",
            f"{registrar} refuses our credentials: put them right, then `registrar registrars release {registrar}`",
        )


def insist_unclaimed(connection: Connection, domain: DomainName, what: str, *, now: datetime) -> None:
    """Raise `ErrandRefusedError` for what a third party's claim to the name stops; what a claim itself needs passes (D9)."""
    found = claims_stop(connection, domain.ascii, what, now=now)
    if found is not None:
        raise ErrandRefusedError(
            "name_claimed", f"{found.staff}; `registrar claims list --domain {domain.ascii}`"
        )


def _stoppable(errand: Errand) -> tuple[DomainName, str] | None:
    """Return the name, and in the words of `agreement.stops` what is done to it; None for what no claim stops.

    Locking a name and rejecting its transfer away are what a claim wants.
    """
    match errand:
        case Delete():
            return errand.domain, stops.DELETE
        case AnswerTransfer(answer=TransferAnswer.APPROVE):
            return errand.domain, stops.DEPARTURE
        case Update() if errand.auth_info is not None:
            return errand.domain, stops.AUTH_CODE
        case Update() if _parts(errand) != [Changeable.STATUSES] or errand.remove_statuses:
            return errand.domain, stops.UPDATE
        case _:
            return None


def _parts(update: Update) -> list[Changeable]:
    stated = {
        Changeable.NAMESERVERS: update.nameservers is not None,
        Changeable.STATUSES: bool(update.add_statuses or update.remove_statuses),
        Changeable.CONTACTS: bool(update.contacts),
        Changeable.AUTH_INFO: update.auth_info is not None,
    }
    return [part for part, is_stated in stated.items() if is_stated]


def _insist_changeable(part: Changeable, registrar: str, can: Capabilities) -> None:
    if part not in can.updates:
        raise _impossible(registrar, f"change {_NOUNS[part]}")


def _impossible(registrar: str, what: str) -> ErrandRefusedError:
    return ErrandRefusedError(
        "errand_not_possible",
        f"{registrar} cannot {what}, and nothing was sent; `registrar registrars show {registrar}` lists what it can do",
    )


def _not_shown(registrar: str, can: Capabilities) -> ErrandRefusedError:
    way_out = (
        "set a fresh one (--new)"
        if Changeable.AUTH_INFO in can.updates
        else "its holder gets what a transfer needs from the registry itself"
    )
    return ErrandRefusedError("auth_code_not_shown", f"{registrar} shows no auth code: {way_out}")


def _record(
    connection: Connection,
    kind: str,
    errand: Errand,
    registrar: str,
    came_to: Mapping[str, Any],
    *,
    actor: str,
    ticket: str,
    now: datetime,
) -> None:
    subject, asked = _told(errand)
    evidence = {"registrar": registrar, **asked, **came_to}
    events.record(connection, kind, at=now, subject=subject, actor=actor, ticket=ticket, evidence=evidence)


def _told(errand: Errand) -> tuple[str, dict[str, Any]]:
    """Return whom an errand is about, and what it asks, without a secret or a person's data."""
    match errand:
        case Update():
            return errand.domain.ascii, {"errand": "update", **_changes(errand)}
        case Delete():
            return errand.domain.ascii, {"errand": "delete"}
        case AnswerTransfer():
            return errand.domain.ascii, {"errand": f"{errand.answer}_transfer"}
        case CreateContact():
            return errand.contact.reference, {"errand": "create_contact"}
        case UpdateContact():
            return errand.handle.id, {"errand": "update_contact"}


def _changes(update: Update) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if update.nameservers is not None:
        changes["nameservers"] = [server.host for server in update.nameservers]
    if update.add_statuses:
        changes["add_statuses"] = sorted(update.add_statuses)
    if update.remove_statuses:
        changes["remove_statuses"] = sorted(update.remove_statuses)
    if update.contacts:
        changes["contacts"] = sorted(update.contacts)
    if update.auth_info is not None:
        changes["auth_code"] = "set"
    return changes
