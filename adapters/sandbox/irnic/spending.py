"""What does IRNIC do with a command that costs money? It charges at once and decides later.

A registration is answered 1000 with an expiry some ten days ahead, a renewal 1001 with none: both are only accepted.
"""

from collections.abc import Mapping
from dataclasses import replace

from adapters.sandbox.irnic import contacts, lifecycle, looks
from adapters.sandbox.irnic.answers import Answer, Element, RefusedError, domain, local_time
from adapters.sandbox.irnic.decisions import with_progress
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.irnic.requests import ROLES
from adapters.sandbox.misbehaviour import VERDICTS, Behaviour
from adapters.sandbox.page import DepositEmptyError
from adapters.sandbox.records import Domain, to_row

NOT_ENOUGH_CREDIT = "Not enough credit for your request."
MAXIMUM_EXCEEDED = (
    "This domain cannot be renewed for selected durtion. Maximum renewal request for this domain is exceeded."
)
"""IRNIC's own words, its spelling kept."""

_FIRST_ROID = 4_000_000
_MOST_HOSTS = 4


def register(errand: Errand) -> Answer:
    """Answer domain:create: charge, reserve the name for some ten days, and leave it to be decided."""
    name, months = errand.name(), errand.request.months()
    handles = _handles_that_may_register(errand)
    if looks.is_restricted(errand, name):
        raise RefusedError(2306, "Domain name is restricted", "domain:name")
    if errand.page.domain(name.ascii) is not None:
        raise RefusedError(2302, "Domain is already registered.", "domain:name")
    contacts.require(errand.page, handles)
    nameservers = _nameservers(errand)
    charge_id = charge(errand, "register", name.ascii, months=months, amount=lifecycle.PRICES[months])
    entry = Domain(
        name=name.ascii,
        roid=str(_FIRST_ROID + charge_id),
        sponsor=errand.page.client_id,
        created_at=errand.page.now,
        expires_at=errand.page.now + lifecycle.TEMPORARY_TERM,
        statuses=with_progress("register", "PendingDomainCheck"),
        contacts=tuple((role, handles[role]) for role in ROLES),
        nameservers=nameservers,
    )
    errand.page.save(entry)
    leave_pending(errand, "register", entry, months=months, charge_id=charge_id)
    dates = [
        domain("crDate", text=local_time(entry.created_at)),
        domain("exDate", text=local_time(entry.expires_at)),
    ]
    return accepted(errand, 1000, domain("creData", children=[domain("name", text=name.unicode), *dates]))


def renew(errand: Errand) -> Answer:
    """Answer domain:renew: charge, mark the renewal as pending, and leave the expiry as it is until it is decided."""
    name, months = errand.name(), errand.request.months()
    entry = errand.domain(name)
    _require_renewable(errand, entry, months)
    price = lifecycle.renewal_price(entry, months, errand.page.now)
    charge_id = charge(errand, "renew", name.ascii, months=months, amount=price)
    errand.page.save(replace(entry, statuses=with_progress("renew", "PendingDomainCheck")))
    leave_pending(errand, "renew", entry, months=months, charge_id=charge_id)
    return accepted(errand, 1001, domain("renData", children=[domain("name", text=name.unicode)]))


def charge(errand: Errand, command: str, name: str, *, months: int, amount: int) -> int:
    """Take what it costs from the deposit and return the charge's id; raise `RefusedError` if it is not there."""
    try:
        return errand.page.charge(
            command,
            name,
            months=months,
            amount=amount,
            client_transaction_id=errand.request.client_transaction_id,
        )
    except DepositEmptyError:
        raise RefusedError(2104, NOT_ENOUGH_CREDIT, name) from None


def leave_pending(
    errand: Errand,
    command: str,
    entry: Domain,
    *,
    months: int = 0,
    charge_id: int | None = None,
    contacts: Mapping[str, str] | None = None,
) -> None:
    """Write down what is to be decided, when and how.

    `entry` is what an approval starts from, and a rejection goes back to; `contacts` are those that an approval sets.
    """
    verdicts, seconds = _verdicts(errand)
    if errand.rules.activation_lags and command == "register":
        verdicts = tuple(step for verdict in verdicts for step in _with_activation(verdict))
    errand.page.open_operation(
        command,
        entry.name,
        months=months,
        client_id=errand.page.client_id,
        client_transaction_id=errand.request.client_transaction_id,
        server_transaction_id=errand.server_transaction_id,
        charge_id=charge_id,
        verdicts=verdicts,
        every_seconds=seconds,
        detail={"entry": to_row(entry), "contacts": dict(contacts or {})},
    )


def accepted(errand: Errand, code: int, *result: Element) -> Answer:
    """Return the usual answer, or a bare 1001 where that was ordered."""
    bare = errand.page.take_misbehaviour(
        {Behaviour.PENDING}, command=errand.request.command, names=errand.request.names
    )
    return Answer(code, result=result) if bare is None else Answer(1001)


def _handles_that_may_register(errand: Errand) -> Mapping[str, str]:
    handles = errand.request.contacts()
    missing = [role for role in ROLES if role not in handles]
    if missing:
        raise RefusedError(2003, f"The {missing[0]} contact is missing.", "domain:contact")
    if not errand.request.agrees():
        raise RefusedError(2306, "The agreement must be accepted.", "domain:agreement")
    return handles


def _nameservers(errand: Errand) -> tuple[tuple[str, tuple[str, ...]], ...]:
    hosts = errand.request.hosts()
    if len(hosts) > _MOST_HOSTS:
        raise RefusedError(2001, "At most four name servers are accepted.", "domain:ns")
    return tuple((host.name, (host.address,) if host.address else ()) for host in hosts)


def _require_renewable(errand: Errand, entry: Domain, months: int) -> None:
    """Raise `RefusedError` unless this reseller may renew the name now, for so long, from the expiry it states."""
    now, us = errand.page.now, errand.page.client_id
    if us not in (entry.sponsor, dict(entry.contacts).get("bill")):
        raise RefusedError(
            2201, "You are neither the reseller nor the bill contact of this domain.", "domain:name"
        )
    if not lifecycle.is_renewable(entry, now):
        raise RefusedError(2304, "The status of this domain does not allow its renewal.", "domain:name")
    if local_time(entry.expires_at)[:10] != errand.request.current_expiry().isoformat():
        raise RefusedError(2306, "The current expiration date is not correct.", "domain:curExpDate")
    latest = lifecycle.extended(now, lifecycle.LONGEST_TERM_MONTHS)
    if lifecycle.extended(entry.expires_at, months) >= latest:
        raise RefusedError(2105, MAXIMUM_EXCEEDED, "domain:period")


def _verdicts(errand: Errand) -> tuple[tuple[str, ...], float]:
    """Return what will be decided, and after how many seconds each."""
    by_default = errand.rules.decide_after_seconds
    ordered = errand.page.take_misbehaviour(
        VERDICTS, command=errand.request.command, names=errand.request.names
    )
    if ordered is None:
        return ((), 0.0) if by_default is None else (("approve",), by_default)
    return VERDICTS[ordered.behaviour], ordered.seconds if ordered.argument else by_default or 0.0


def _with_activation(verdict: str) -> tuple[str, ...]:
    return (verdict, "activate") if verdict == "approve" else (verdict,)
