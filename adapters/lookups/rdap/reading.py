"""What does one answer by RDAP tell of a name? A `Sighting`; whatever is not clear is `UNKNOWN`, with the reason.

Whether the name is registered and when it expires are judged apart: a domain object of this very name shows that it is
registered, also where it gives no date, or none that can be read.

That a name is *not* registered is told by a 404 (RFC 7480 §5.3: the server has nothing to answer with; a body is optional).
It is evidence only from the server that must know the name if there is one: the registry's own, as IANA or staff name it.
Any other server says with it that *it* does not know. And it must be the RDAP server that speaks, and not what stands
before it: a body that is no RDAP error object (§5.3 there, RFC 9083 §6) is some gateway's page about a path that it does
not know. `FREE` means that nobody holds the name; that somebody may have it, a registry says elsewhere (EPP `check`).

The registrar's own date, `registrar expiration` (RFC 9083 §10.2.3), is read where it is an event of the name itself. Registries
write it into the registrar's entity too: there it is the end of that registrar's contract, the same for all its names.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from adapters.lookups.question import Question
from adapters.lookups.rdap import documents
from adapters.lookups.rdap.documents import Document, MalformedAnswerError
from registrar.commands import Expiry
from registrar.dates import read_date
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from registrar.statuses import GraceStatus

_LONGEST_DATE = 64
_SERVERS = {
    "com": "rdap.verisign.com",
    "net": "rdap.verisign.com",
    "org": "rdap.publicinterestregistry.org",
    "info": "rdap.identitydigital.services",
}
"""The registries' own servers, as IANA's list names them, for answers that were kept: they are read without any settings."""
_REFUSALS = {
    400: "the server calls the question wrong",
    401: "the server asks who we are",
    403: "the server does not let us ask",
    429: "the server's limit is reached",
}


class Asked(Question):
    """One question to an RDAP server."""

    __slots__ = ()
    protocol = "rdap"


def read_answer(
    status: int,
    body: bytes,
    *,
    domain: DomainName,
    server: str,
    seen_at: datetime,
    authoritative: bool = False,
    retry_after: float | None = None,
) -> Sighting:
    """Read a whole HTTP answer to the question for `domain`, that `server` (a host's name) gave at `seen_at`.

    `authoritative`: it is the registry's own server, so that a 404 tells that nobody holds the name. `retry_after` is the
    header's, in seconds. Never raises for what the server wrote.
    """
    asked = Asked(domain, server, seen_at)
    try:
        if status == 200:
            return _registered(asked, documents.document(body))
        if status == 404:
            return _not_found(asked, body, authoritative=authoritative)
    except MalformedAnswerError as error:
        return asked.unknown(f"the answer ({status}) is no RDAP: {error}")
    words = _REFUSALS.get(status, "the server gives no answer")
    return asked.unknown(f"{words}: HTTP {status}", retry_after=retry_after)


def read_kept(body: bytes, *, domain: DomainName, server: str | None, seen_at: datetime) -> Sighting:
    """Read an answer that was kept without its HTTP status: an error says its own (RFC 9083 §6).

    Where `server` is None it is taken for the registry's own; of zones that are not in `_SERVERS` a 404 proves nothing.
    """
    own = _SERVERS.get(domain.zone.rpartition(".")[2])
    host = (server or own or "unknown").lower().rstrip(".")
    try:
        code = str(documents.document(body).get("errorCode", ""))
    except MalformedAnswerError:
        code = ""
    status = int(code) if re.fullmatch("[45][0-9][0-9]", code) else 200
    return read_answer(status, body, domain=domain, server=host, seen_at=seen_at, authoritative=host == own)


def _not_found(asked: Asked, body: bytes, *, authoritative: bool) -> Sighting:
    if body.strip() and str(documents.document(body).get("errorCode")) != "404":
        return asked.unknown(
            "a 404, but its body is no RDAP error: the path may be unknown, and not the name"
        )
    if not authoritative:
        return asked.unknown(
            f"{asked.server} does not know the name, but is not known to be its registry's own"
        )
    return Sighting(asked.domain, asked.seen_at, asked.source, Standing.FREE)


def _registered(asked: Asked, found: Document) -> Sighting:
    if found.get("objectClassName") != "domain":
        raise MalformedAnswerError("it is no domain object")
    if documents.name_in(found) != asked.domain.ascii:
        return asked.unknown("the server answered about another name, or does not say about which")
    statuses = documents.statuses(found)
    dates = documents.dates(found)
    expiry, reason = _date(dates, "expiration")
    created, _ = _date(dates, "registration")
    renew_by, _ = _date(dates, "registrar expiration")
    return Sighting(
        asked.domain,
        asked.seen_at,
        asked.source,
        Standing.REGISTERED,
        reason=reason,
        sponsor=documents.sponsor(found),
        created_at=created.at if created else None,
        expiry=expiry,
        unread_expiry=_unread(dates, "expiration") if expiry is None else None,
        renewed_by_registry=GraceStatus.AUTO_RENEW in statuses,
        renew_by=renew_by,
        statuses=statuses,
        nameservers=documents.nameservers(found),
        ds_records=documents.ds_records(found),
        restorable=GraceStatus.REDEMPTION in statuses,
    )


def _unread(dates: Mapping[str, frozenset[str]], action: str) -> str | None:
    return ", ".join(sorted(dates.get(action, ())))[:_LONGEST_DATE] or None


def _date(dates: Mapping[str, frozenset[str]], action: str) -> tuple[Expiry | None, str]:
    """Read the one date of an action, or say why it cannot be told; where there is none, that needs no reason.

    A time without an offset is taken as UTC, which is what servers mean that forget it.
    """
    texts = sorted(dates.get(action, ()))
    read = [read_date(text, zone=UTC) for text in texts]
    for text, date in zip(texts, read, strict=True):
        if date is None:
            return None, f"the date of {action} {text[:_LONGEST_DATE]!r} can be none"
    if len({date.at for date in read if date}) > 1:
        return None, f"several dates of {action} that differ"
    return next(iter(read), None), ""
