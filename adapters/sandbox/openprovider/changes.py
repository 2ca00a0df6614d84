"""What may a reseller change of its names? Servers, handles, lock, autorenew; deletion; codes; a transfer away."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.sandbox.openprovider import customers, lifecycle
from adapters.sandbox.openprovider.answers import IN_PROGRESS, STATUS_FORBIDS, RefusedError
from adapters.sandbox.openprovider.errand import Errand
from adapters.sandbox.openprovider.spending import nameservers
from adapters.sandbox.records import Domain, as_text

_KEPT: Mapping[str, str] = {
    "autorenew": "autorenew",
    "comments": "comments",
    "ns_group": "ns_group",
    "is_private_whois_enabled": "private",
}
"""The fields that are only remembered, by their names on the wire and in the books."""


def update(errand: Errand) -> Any:
    """Answer `PUT domains/{id}`: what the body states is changed, all else stays."""
    entry, body = _active(errand), errand.call.body
    detail = {ours: body[theirs] for theirs, ours in _KEPT.items() if theirs in body}
    entry = replace(entry, contacts=_contacts(errand, entry), detail={**entry.detail, **detail})
    if "name_servers" in body:
        entry = replace(entry, nameservers=nameservers(errand))
    if isinstance(body.get("is_locked"), bool):
        entry = _locked(entry, is_locked=body["is_locked"])
    return _done(errand, entry)


def delete(errand: Errand) -> Any:
    """Answer `DELETE domains/{id}`: into the quarantine; `skip_soft_quarantine` goes right to the hard one."""
    entry = _active(errand)
    if lifecycle.LOCK in entry.statuses:
        raise RefusedError(328)
    skips_soft = errand.call.flag("skip_soft_quarantine")
    return _done(
        errand,
        lifecycle.with_word(entry, "DEL", deleted_at=as_text(errand.page.now), skips_soft=skips_soft),
    )


def auth_code(errand: Errand) -> Any:
    """Answer `GET domains/{id}/authcode`."""
    return _code(_active(errand))


def reset_auth_code(errand: Errand) -> Any:
    """Answer `POST domains/{id}/authcode/reset`: the old code no longer opens anything."""
    entry = replace(_active(errand), auth_info=secrets.token_urlsafe(9))
    _done(errand, entry)
    return _code(entry)


def answer_transfer(errand: Errand) -> Any:
    """Answer `POST domains/{id}/transfer/approve`: let go a name that somebody asks for, or refuse with `approve: 0`."""
    entry = _active(errand)
    gaining = entry.detail.get("gaining")
    if not gaining:
        raise RefusedError(STATUS_FORBIDS, "There is no transfer to approve")
    remaining = replace(entry, detail={**entry.detail, "gaining": ""})
    if str(errand.call.body.get("approve", 1)).lower() in {"0", "false"}:
        _done(errand, remaining)
    else:
        _done(errand, lifecycle.with_word(replace(remaining, sponsor=gaining), "TRAN"))
    return {"success": True}


def _active(errand: Errand) -> Domain:
    entry = errand.own()
    word = errand.status(entry)
    if word in lifecycle.UNDER_WAY:
        raise RefusedError(IN_PROGRESS)
    if word != "ACT":
        raise RefusedError(STATUS_FORBIDS)
    return entry


def _contacts(errand: Errand, entry: Domain) -> tuple[tuple[str, str], ...]:
    handles = dict(entry.contacts)
    for role in ("owner", "admin", "tech", "billing"):
        handle = errand.call.text(f"{role}_handle")
        if handle:
            customers.require(errand, handle, f"{role}_handle")
            handles[role] = handle
    return tuple(handles.items())


def _locked(entry: Domain, *, is_locked: bool) -> Domain:
    kept = tuple(status for status in entry.statuses if status not in {lifecycle.LOCK, "ok"})
    return lifecycle.with_word(replace(entry, statuses=(*kept, lifecycle.LOCK) if is_locked else kept), "ACT")


def _done(errand: Errand, entry: Domain) -> dict[str, Any]:
    errand.page.save(replace(entry, updated_at=errand.page.now))
    return {"status": errand.status(entry)}


def _code(entry: Domain) -> dict[str, Any]:
    return {"auth_code": entry.auth_info, "success": True, "type": "external"}
