"""How is an errand run from the terminal, and how is what it came to told, in words and with an exit code?"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, assert_never

import typer

from adapters.desk import Desk
from adapters.terminal.exits import ExitCode
from adapters.terminal.session import Session
from adapters.terminal.showing import show_document
from registrar import errands
from registrar.commands import Errand, Kind
from registrar.gateway import Capabilities
from registrar.names import DomainName
from registrar.orders.by_hand import ByHand
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Done,
    NotSent,
    Outcome,
    Pending,
    Refused,
    Unknown,
)

_AGAIN = "look, then try again: it is harmless to repeat"

_BLOCKED: Mapping[BlockCause, str] = {
    BlockCause.DEPOSIT: "our deposit there is empty: top it up, then try again",
    BlockCause.CREDENTIALS: "our credentials are refused there: put them right (`registrar check-registrar`), then try again",
    BlockCause.REQUEST: "the registrar cannot do this, or not so; nothing was changed",
    BlockCause.PRICE: "it would cost something there: place an order for it",
}


class AtRegistrar(NamedTuple):
    """A name, and the registrar where something is done to it."""

    domain: DomainName
    registrar: str
    can: Capabilities

    @property
    def told(self) -> dict[str, Any]:
        """How an answer begins."""
        return {
            "domain": self.domain.ascii,
            "domain_unicode": self.domain.unicode,
            "registrar": self.registrar,
        }


def find(session: Session, name: str, *, named: str | None, kind: Kind = Kind.RENEW) -> AtRegistrar:
    """Say where a name is: by our books, else as it is named, else where the zone's orders of a kind go first."""
    desk = session.desk
    domain = DomainName.parse(name, zones=desk.catalogue.keys())
    routes = desk.catalogue[domain.zone].routes
    route = next(routes[known] for known in (kind, *Kind) if known in routes)
    if named is not None:
        terms_of(desk, named)
    with desk.database.reading() as connection:
        registrar = errands.registrar_of(connection, domain, named=named, route=route)
    return AtRegistrar(domain, registrar, terms_of(desk, registrar))


def terms_of(desk: Desk, registrar: str) -> Capabilities:
    """Return what a registrar can do; one that is not enabled is asked wrongly."""
    if registrar not in desk.terms:
        known = ", ".join(sorted(desk.terms)) or "none"
        raise typer.BadParameter(f"no registrar {registrar!r} is enabled; enabled: {known}")
    return desk.terms[registrar].capabilities


def runner(desk: Desk, registrar: str, *, act: ByHand) -> Callable[[Errand], Outcome]:
    """Return what runs an errand at a registrar, and writes down before and after who did."""
    return partial(_run, desk, registrar, act)


def finish(told: Mapping[str, Any], outcome: Outcome, *, as_json: bool) -> None:
    """Print what an errand came to, and end with its exit code."""
    if exit_code := tell(told, outcome, as_json=as_json):
        raise typer.Exit(exit_code)


def tell(told: Mapping[str, Any], outcome: Outcome, *, as_json: bool) -> ExitCode:
    """Print what an errand came to, and return with which code to end."""
    exit_code, text = judge(outcome)
    reply = getattr(outcome, "reply", None)
    came_to = {
        "outcome": errands.name_of(outcome),
        "text": text,
        "registrar_says": reply.text if reply and reply.text else None,
        "result_code": reply.result_code if reply else None,
    }
    show_document({**told, **came_to}, as_json=as_json)
    return exit_code


def judge(outcome: Outcome) -> tuple[ExitCode, str]:
    """Return with which code a command ends after this outcome, and what it says."""
    ended = ExitCode.FAILED
    match outcome:
        case Done():
            ended, text = ExitCode.OK, "done"
        case Pending(blocked=BlockCause.DEPOSIT):
            ended, text = ExitCode.OK, "accepted, and carried out once our deposit covers it: top it up"
        case Pending():
            ended, text = ExitCode.OK, "accepted; the registrar carries it out later: look again"
        case Refused(reason=reason):
            text = f"refused: {_spoken(reason)}"
        case Correctable(needs=needs):
            text = f"not done: {_spoken(needs)} must be put right first"
        case Blocked(cause=cause):
            text = f"not done: {_BLOCKED[cause]}"
        case NotSent(reason=reason, retry_after=retry_after):
            when = f", in {retry_after:.0f} s" if retry_after else ""
            ended, text = ExitCode.TRY_AGAIN, f"nothing was sent ({reason}): {_AGAIN}{when}"
        case Unknown(reason=reason):
            ended, text = ExitCode.TRY_AGAIN, f"no clear answer came ({reason}): {_AGAIN}"
        case _:
            assert_never(outcome)
    return ended, text


def _run(desk: Desk, registrar: str, act: ByHand, errand: Errand) -> Outcome:
    by = {"actor": act.actor, "ticket": act.ticket}
    with desk.database.transaction() as connection:
        errands.begin(connection, errand, registrar, **by, now=desk.now())
    outcome = desk.run(registrar, errand)
    with desk.database.transaction() as connection:
        errands.end(connection, errand, registrar, outcome, **by, now=desk.now())
    return outcome


def _spoken(word: str) -> str:
    return word.replace("_", " ")
