"""What does a name's `info`, with the query of its transfer, tell us? A `Sighting`; whatever is not clear is `UNKNOWN`."""

from collections.abc import Mapping
from datetime import datetime

from lxml.etree import _Element as Element

from adapters.registrars.epp.dates import expiry, moment
from adapters.registrars.epp.namespaces import DOMAIN, RGP, SECDNS
from adapters.registrars.epp.outcomes import APPROVED_TRANSFER, ENDED_TRANSFER, cause_of
from adapters.registrars.epp.reading import Response, text_of, texts_of
from adapters.registrars.epp.session import Exchange
from registrar.commands import ContactRole, Kind, Nameserver
from registrar.gateway import Progress, Sighting, Standing
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Reply
from registrar.secrets import Secret
from registrar.statuses import GraceStatus, Status

NO_TRANSFER = frozenset({2002, 2201, 2301, 2303})
"""A transfer query's ways of saying that we asked for none: no history, not ours to see (whoever asked may see it,
RFC 5731 §3.1.3), none pending, no such name."""

NAME_REFUSED = frozenset({2004, 2005, 2306})
"""Answers that refuse the question for the name itself: asking again will not help, staff must look at the order."""

_UNDER_WAY = {
    Status.PENDING_CREATE: Kind.REGISTER,
    Status.PENDING_RENEW: Kind.RENEW,
    GraceStatus.PENDING_RESTORE: Kind.RESTORE,
}


_CONTACT_TYPES = frozenset({"admin", "tech", "billing"})
"""RFC 5731's contactAttrType; the registrant has an element of its own."""


class Looker:
    """Reads answers about one name: `own_id` is our client id there, `source` where the sighting comes from."""

    def __init__(self, domain: DomainName, *, own_id: str, source: str, seen_at: datetime) -> None:
        self.domain = domain
        self._own_id = own_id
        self._source = source
        self._seen_at = seen_at

    def unknown(
        self,
        reason: str,
        *,
        reply: Reply | None = None,
        blocked: BlockCause | None = None,
        retry_after: float | None = None,
    ) -> Sighting:
        """Return a look that told nothing; `blocked` says what on our side is the reason, if it is."""
        return Sighting(
            self.domain,
            self._seen_at,
            self._source,
            Standing.UNKNOWN,
            reason=reason,
            blocked=blocked,
            retry_after=retry_after,
            reply=reply,
        )

    def refused(self, question: str, exchange: Exchange) -> Sighting:
        """Return a look that told nothing because the registry would not answer `question`."""
        reply = exchange.reply
        reason = f"the registry answered {question} with {reply.result_code} {reply.text}"
        return self.unknown(reason, reply=reply, blocked=_cause_of(exchange.response))

    def info(self, exchange: Exchange) -> Sighting:
        """Read the answer to `domain:info`."""
        response, reply = exchange.response, exchange.reply
        if response.code == 2303:
            return Sighting(self.domain, self._seen_at, self._source, Standing.FREE, reply=reply)
        if response.code == 2201:
            return Sighting(
                self.domain,
                self._seen_at,
                self._source,
                Standing.REGISTERED,
                reason="the registry shows this name to its sponsor alone",
                reply=reply,
            )
        part = response.object_part(DOMAIN, "infData")
        if response.code != 1000 or part is None:
            return self.refused("info", exchange)
        if (text_of(part, _domain("name")) or "").lower() != self.domain.ascii:
            return self.unknown("the registry answered with another name", reply=reply)
        return self._registered(part, exchange)

    def availability(self, response: Response) -> str:
        """Read the answer to `check` about a name that is not registered: why it is not available, or nothing.

        It is a hint for staff (reserved, premium); a check that fails says nothing (RFC 5731 §3.1.1).
        """
        part = response.object_part(DOMAIN, "chkData")
        answer = part.find(f"{_domain('cd')}") if response.code == 1000 and part is not None else None
        name = answer.find(_domain("name")) if answer is not None else None
        if answer is None or name is None or name.get("avail") not in ("0", "false"):
            return ""
        why = text_of(answer, _domain("reason"))
        return f"not registered, but not available: {why}" if why else "not registered, but not available"

    def transfer_progress(self, response: Response) -> Mapping[Kind, Progress] | None:
        """Read the answer to a transfer query, for a transfer that we asked for; None if it cannot be told."""
        if response.code in NO_TRANSFER:
            return {}
        part = response.object_part(DOMAIN, "trnData")
        if response.code != 1000 or part is None:
            return None
        progress = own_transfer(part, self._own_id)
        return {Kind.TRANSFER: progress} if progress else {}

    def _registered(self, part: Element, exchange: Exchange) -> Sighting:
        sponsor = text_of(part, _domain("clID"))
        ours = sponsor == self._own_id if sponsor else None
        statuses = _statuses(part, exchange.response)
        expires_text, created = text_of(part, _domain("exDate")), text_of(part, _domain("crDate"))
        ends = expiry(expires_text)
        return Sighting(
            self.domain,
            self._seen_at,
            self._source,
            Standing.REGISTERED,
            reason=f"the expiry {expires_text!r} cannot be read" if expires_text and not ends else "",
            ours=ours,
            sponsor=sponsor,
            registry_id=text_of(part, _domain("roid")),
            created_at=moment(created) if created else None,
            expiry=ends,
            renewed_by_registry=GraceStatus.AUTO_RENEW in statuses,
            statuses=statuses,
            nameservers=tuple(server.host.lower() for server in _delegation(part)),
            contacts={role: found[0] for role, found in _people(part).items()},
            ds_records=_ds_records(exchange.response),
            restorable=Status.PENDING_DELETE in statuses and GraceStatus.REDEMPTION in statuses,
            progress=_progress(statuses) if ours else {},
            reply=exchange.reply,
        )


def _cause_of(response: Response) -> BlockCause | None:
    return BlockCause.REQUEST if response.code in NAME_REFUSED else cause_of(response)


def _progress(statuses: frozenset[str]) -> Mapping[Kind, Progress]:
    """Read what is under way. A deletion that nothing stops any more is a restore that was not granted.

    The grace periods' own `pendingDelete` and the domain's are one word, so what tells them apart is what is missing.
    """
    progress = {kind: Progress.UNDER_WAY for status, kind in _UNDER_WAY.items() if status in statuses}
    saved = {GraceStatus.REDEMPTION, GraceStatus.PENDING_RESTORE} & statuses
    if Status.PENDING_DELETE in statuses and not saved:
        progress[Kind.RESTORE] = Progress.REJECTED
    return progress


def own_transfer(part: Element, own_id: str) -> Progress | None:
    """Read `trnData`: how a transfer that we asked for stands; None for anybody else's."""
    if text_of(part, _domain("reID")) != own_id:
        return None
    status = text_of(part, _domain("trStatus"))
    if status == "pending":
        return Progress.UNDER_WAY
    if status in APPROVED_TRANSFER:
        return Progress.APPROVED
    return Progress.REJECTED if status in ENDED_TRANSFER else None


def transfer_asked_at(response: Response) -> datetime | None:
    """Return when the transfer that a query shows was asked for (`reDate`)."""
    part = response.object_part(DOMAIN, "trnData")
    asked = text_of(part, _domain("reDate")) if part is not None else None
    return moment(asked) if asked else None


def people(response: Response) -> Mapping[ContactRole, tuple[str, ...]]:
    """Return every contact's id of an `infData` by its role; RFC 5731 lets a name have several in one."""
    part = response.object_part(DOMAIN, "infData")
    return {} if part is None else _people(part)


def auth_info_in(response: Response) -> Secret | None:
    """Return the auth code of an `infData`, which a registry shows to the sponsor alone, if at all."""
    part = response.object_part(DOMAIN, "infData")
    code = None if part is None else text_of(part, f"./{_domain('authInfo')}/{_domain('pw')}")
    return Secret(code) if code else None


def _people(part: Element) -> dict[ContactRole, tuple[str, ...]]:
    found: dict[ContactRole, tuple[str, ...]] = {}
    if registrant := text_of(part, _domain("registrant")):
        found[ContactRole.REGISTRANT] = (registrant,)
    for node in part.iterfind(_domain("contact")):
        identifier = (node.text or "").strip()
        if identifier and node.get("type") in _CONTACT_TYPES:
            role = ContactRole(str(node.get("type")))
            found[role] = (*found.get(role, ()), identifier)
    return found


def _ds_records(response: Response) -> tuple[str, ...]:
    """Read the delegation's signers (RFC 5910 §5.1.2); a registry of key data shows none of them."""
    signed = response.extension_part(SECDNS, "infData")
    if signed is None:
        return ()
    fields = ("keyTag", "alg", "digestType", "digest")
    records = (
        [text_of(record, f"{{{SECDNS}}}{field}") for field in fields]
        for record in signed.iterfind(f"{{{SECDNS}}}dsData")
    )
    return tuple(" ".join(part for part in record if part) for record in records if all(record))


def delegation(response: Response) -> tuple[Nameserver, ...]:
    """Return the name servers of an `infData` as the registry wrote them, whether host objects or attributes."""
    part = response.object_part(DOMAIN, "infData")
    return () if part is None else _delegation(part)


def _delegation(part: Element) -> tuple[Nameserver, ...]:
    objects = texts_of(part, f"./{_domain('ns')}/{_domain('hostObj')}")
    attributes = part.iterfind(f"./{_domain('ns')}/{_domain('hostAttr')}")
    return (
        *(Nameserver(host) for host in objects),
        *(
            Nameserver(host, texts_of(attribute, _domain("hostAddr")))
            for attribute in attributes
            if (host := text_of(attribute, _domain("hostName")))
        ),
    )


def _statuses(part: Element, response: Response) -> frozenset[str]:
    """Return the EPP statuses and the grace periods in one set; their words do not clash (RFC 3915 §3.1)."""
    words = {str(status.get("s")) for status in part.iterfind(_domain("status"))}
    grace = response.extension_part(RGP, "infData")
    if grace is not None:
        words |= {str(status.get("s")) for status in grace.iterfind(f"{{{RGP}}}rgpStatus")}
    return frozenset(words)


def _domain(name: str) -> str:
    return f"{{{DOMAIN}}}{name}"
