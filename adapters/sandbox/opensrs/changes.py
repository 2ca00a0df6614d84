"""What can be changed about a name of ours without an order? Locks, the way it ends, contacts, name servers, its being."""

from dataclasses import replace

from adapters.sandbox.opensrs import contacts, effects, spending, terms
from adapters.sandbox.opensrs.answers import RefusedError, Reply
from adapters.sandbox.opensrs.errand import Errand
from adapters.sandbox.records import Charge, Domain

_DONE = "Command Successful"


def modify(errand: Errand) -> Reply:
    """Answer MODIFY: `data` says of what; `affect_domains` must be 0, for this reseller's other names stay as they are."""
    entry = _changeable(errand)
    subject = errand.request.required("data")
    if errand.request.text("affect_domains", "0") != "0":
        raise RefusedError(465, "Invalid data: affect_domains must be 0")
    if subject == "status":
        changed = replace(entry, statuses=effects.lock(entry, locked=_flag(errand, "lock_state")))
    elif subject == "expire_action":
        chosen = {key: _flag(errand, key) for key in ("auto_renew", "let_expire")}
        changed = replace(entry, detail={**entry.detail, **chosen})
    elif subject == "contact_info":
        changed = replace(entry, contacts=_with_new_cards(errand, entry))
    else:
        raise RefusedError(465, "Invalid data: data is not known")
    return _save(errand, changed)


def set_nameservers(errand: Errand) -> Reply:
    """Answer ADVANCED_UPDATE_NAMESERVERS, which sets the whole list (`op_type` is `assign`)."""
    entry = _changeable(errand)
    if errand.request.required("op_type") != "assign":
        raise RefusedError(465, "Invalid data: op_type must be assign")
    hosts = spending.hosts(errand.request.array("assign_ns"))
    return _save(errand, replace(entry, nameservers=effects.nameservers(hosts)))


def revoke(errand: Errand) -> Reply:
    """Answer REVOKE: in the add grace the name is free and paid back, later it goes into redemption."""
    entry, page = _changeable(errand), errand.page
    errand.request.required("reseller")
    paid = _grace_charge(errand, entry)
    if paid is not None:
        page.refund(paid.id)
        page.remove(entry.name)
        return Reply(200, "Domain revoked", {"charge": "1"})
    until = (page.now + terms.REDEMPTION).isoformat()
    detail = {**entry.detail, "redeemable_until": until}
    page.save(replace(entry, statuses=("pendingDelete",), updated_at=page.now, detail=detail))
    return Reply(200, "Domain revoked", {"charge": "0"})


def _changeable(errand: Errand) -> Domain:
    """Return the entry, or refuse the request: not ours, waiting for another request, or revoked."""
    entry = errand.ours(errand.request.domain())
    errand.require_idle(entry.name)
    if terms.redeemable_until(entry) is not None:
        raise RefusedError(465, "Domain is in its redemption period")
    return entry


def _save(errand: Errand, changed: Domain) -> Reply:
    errand.page.save(replace(changed, updated_at=errand.page.now))
    return Reply(200, _DONE, {"details": {changed.name: {"response_code": "200", "response_text": _DONE}}})


def _with_new_cards(errand: Errand, entry: Domain) -> tuple[tuple[str, str], ...]:
    contact_set = errand.request.mapping("contact_set")
    if not contact_set:
        raise RefusedError(460, "Missing required attribute: contact_set")
    contacts.check(contact_set, [role for role in contacts.ROLES if role in contact_set])
    return tuple({**dict(entry.contacts), **dict(contacts.keep(errand.page, contact_set))}.items())


def _flag(errand: Errand, key: str) -> bool:
    value = errand.request.required(key)
    if value not in {"0", "1"}:
        raise RefusedError(465, f"Invalid data: {key} must be 0 or 1")
    return value == "1"


def _grace_charge(errand: Errand, entry: Domain) -> Charge | None:
    """Find the charge for a registration so young that it is given back."""
    charges = errand.page.charges(entry.name)
    given_back = {charge.refund_of for charge in charges}
    for charge in reversed(charges):
        young = errand.page.now - charge.at < terms.ADD_GRACE
        if (
            charge.command == "register"
            and charge.refund_of is None
            and charge.id not in given_back
            and young
        ):
            return charge
    return None
