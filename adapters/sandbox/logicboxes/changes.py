"""What does the platform change at once and for nothing? Name servers, locks, contacts, codes, and a suspension."""

from dataclasses import replace
from typing import Any

from adapters.sandbox.logicboxes import people, terms
from adapters.sandbox.logicboxes.actions import done_at_once
from adapters.sandbox.logicboxes.decisions import reject
from adapters.sandbox.logicboxes.errand import NOT_ALLOWED, Errand
from adapters.sandbox.logicboxes.fields import invalid
from adapters.sandbox.logicboxes.names import parse
from adapters.sandbox.logicboxes.replies import RefusedError, reply
from adapters.sandbox.logicboxes.spending import stated_nameservers
from adapters.sandbox.records import Domain, Operation
from adapters.sandbox.web import Answer

SAME_NAMESERVERS = "Same value for new and old NameServers"
SUCCESS = "Success"

_LOCK = "transferlock"
_NEVER_LOCKED = ("au", "es", "eu", "nl", "nz", "ru", "uk")
"""Registries without theft protection (facts §2.7)."""

_NEVER_SUSPENDED = ("ca", "de", "eu", "nl", "uk")
_SHORTEST_CODE = 6
_LONGEST_CODE = 32


def nameservers(errand: Errand) -> Answer:
    """Answer domains/modify-ns: these and no others."""
    hosts = stated_nameservers(errand)
    order = errand.idle_order(terms.ACTIVE)
    if {host for host, _ in hosts} == {host for host, _ in order.nameservers}:
        raise RefusedError(SAME_NAMESERVERS)
    return _changed(errand, order, "ModNameServer", "Name Server change", nameservers=hosts)


def lock(errand: Errand) -> Answer:
    """Answer domains/enable-theft-protection."""
    order = errand.idle_order(terms.ACTIVE)
    _require_registry(order, _NEVER_LOCKED)
    statuses = (*_without(order, _LOCK), _LOCK)
    return _changed(errand, order, "EnableTheftProtection", "Theft Protection", statuses=statuses)


def unlock(errand: Errand) -> Answer:
    """Answer domains/disable-theft-protection."""
    order = errand.idle_order(terms.ACTIVE)
    _require_registry(order, _NEVER_LOCKED)
    statuses = _without(order, _LOCK)
    return _changed(errand, order, "DisableTheftProtection", "Theft Protection removal", statuses=statuses)


def contacts(errand: Errand) -> Answer:
    """Answer domains/modify-contact: all four roles; a new registrant locks the name for sixty days."""
    order = errand.idle_order(terms.ACTIVE)
    stated = people.stated_contacts(errand, parse(order.name))
    statuses = order.statuses
    opted_out = errand.fields.maybe("sixty-day-lock-optout") == "true"
    if dict(stated)["registrant"] != dict(order.contacts).get("registrant") and not opted_out:
        statuses = (*_without(order, "sixtydaylock"), "sixtydaylock")
    return _changed(errand, order, "ModContact", "Contact change", contacts=stated, statuses=statuses)


def auth_code(errand: Errand) -> Answer:
    """Answer domains/modify-auth-code."""
    code = errand.fields.text("auth-code")
    order = errand.idle_order(terms.ACTIVE)
    if not _SHORTEST_CODE <= len(code) <= _LONGEST_CODE:
        raise invalid("auth-code", "***")
    return _changed(errand, order, "ModDomainSecret", "Domain Secret change", auth_info=code)


def suspend(errand: Errand) -> Answer:
    """Answer orders/suspend: held back from the DNS, and from renewal and deletion too."""
    errand.fields.text("reason")
    order = errand.idle_order(terms.ACTIVE)
    _require_registry(order, _NEVER_SUSPENDED)
    statuses = (*order.statuses, "resellersuspend")
    return _changed(errand, order, "Suspend", "Suspension", statuses=statuses)


def unsuspend(errand: Errand) -> Answer:
    """Answer orders/unsuspend."""
    order = errand.idle_order(terms.SUSPENDED)
    statuses = _without(order, "resellersuspend")
    return _changed(errand, order, "UnSuspend", "Suspension removal", statuses=statuses)


def submit_auth_code(errand: Errand) -> Answer:
    """Answer domains/transfer/submit-auth-code, for a transfer that was ordered without the code or with a wrong one."""
    operation = _running_transfer(errand)
    row = errand.page.domain(operation.name)
    if row is None:
        raise LookupError(operation.name)
    authorised = people.fits_code(row, errand.fields.text("auth-code"))
    incoming = {**row.detail["incoming"], "authorised": authorised}
    errand.page.save(replace(row, detail={**row.detail, "incoming": incoming}))
    return reply(SUCCESS)


def cancel_transfer(errand: Errand) -> Answer:
    """Answer domains/cancel-transfer; what was charged is given back."""
    reject(errand.page, _running_transfer(errand), "Cancelled")
    return reply(SUCCESS)


def _running_transfer(errand: Errand) -> Operation:
    operation = errand.running(errand.order().name)
    if operation is None or operation.command != "transfer":
        raise RefusedError("Invalid action status/action type for this operation")
    return operation


def _require_registry(order: Domain, without: tuple[str, ...]) -> None:
    if parse(order.name).tld.rpartition(".")[2] in without:
        raise RefusedError(f"{NOT_ALLOWED} for this Domain Name.")


def _without(order: Domain, status: str) -> tuple[str, ...]:
    return tuple(word for word in order.statuses if word != status)


def _changed(errand: Errand, order: Domain, action_type: str, title: str, **changes: Any) -> Answer:
    errand.page.save(replace(order, updated_at=errand.page.now, **changes))
    return done_at_once(errand, order, action_type, title)
