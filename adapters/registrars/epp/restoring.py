"""How does a name come back from redemption? By a request that costs, and at some registries by a report of why.

```
 redemptionPeriod ── request ──▶ pendingRestore ── report ──▶ registered      where `restore_report` is set
        └─────────── request ──▶ registered                                   elsewhere
```

The request is the command that spends. The report costs nothing and may be sent again (RFC 3915 §4.2.5): without it the
name falls back into redemption, so a look for a restore that finds it awaited sends it once more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from lxml.etree import _Element as Element

from adapters.registrars.epp import encoding
from adapters.registrars.epp.conversation import Conversation, words_of
from adapters.registrars.epp.dates import moment
from adapters.registrars.epp.documents import NotEncodableError, child, extension, finished
from adapters.registrars.epp.namespaces import DOMAIN, RGP
from adapters.registrars.epp.reading import text_of
from adapters.registrars.epp.session import TRANSPORT_FAULTS, Exchange, LoginRefusedError, UnreachableError
from adapters.registrars.epp.settings import EppSettings
from adapters.registrars.epp.sightings import Looker
from registrar.commands import Kind
from registrar.gateway import CallExpiredError, Progress, Sighting, Standing
from registrar.outcomes import Done, Outcome, Pending

STATEMENTS = (
    (
        "This registrar has not restored the Registered Name in order to assume the rights to use or sell the Registered "
        "Name for itself or for any third party."
    ),
    (
        "The information in this report is true to best of this registrar's knowledge, and this registrar acknowledges that "
        "intentionally supplying false information in this report shall constitute an incorrigible material breach of the "
        "Registry-Registrar Agreement."
    ),
)
"""The two that a report must make, in the words of RFC 3915 §4.2.5."""

REPORT_TAKEN = frozenset({1000, 1001})
_FAILURES = (UnreachableError, LoginRefusedError, CallExpiredError, NotEncodableError, *TRANSPORT_FAULTS)


class Restoring:
    """What follows a restore's request, for one name; `now` is the wall clock, for the report's dates."""

    def __init__(
        self, looker: Looker, talk: Conversation, settings: EppSettings, now: Callable[[], datetime]
    ) -> None:
        self._looker = looker
        self._talk = talk
        self._settings = settings
        self._now = now

    def look(self) -> tuple[Sighting, Exchange]:
        """Ask for the name's state; raises what `Conversation.ask` does."""
        seen = self._talk.ask(
            "info", lambda identifier: encoding.domain_info(self._looker.domain, identifier)
        )
        return self._looker.info(seen), seen

    def follow(self, accepted: Pending) -> Outcome:
        """Report if the registry wants it, and read the name back; whatever fails here leaves the restore pending."""
        try:
            seen = self.reported(*self.look())
        except _FAILURES as error:
            words = f"{accepted.reply.text}; it could not be followed up: {words_of(error)}"
            return Pending(replace(accepted.reply, text=words))
        if is_back(seen):
            return Done(accepted.reply, expiry=seen.expiry, registry_id=seen.registry_id)
        told = "; ".join(filter(None, (accepted.reply.text, seen.reason)))
        return Pending(replace(accepted.reply, text=told), registry_id=seen.registry_id)

    def reported(self, sighting: Sighting, seen: Exchange) -> Sighting:
        """Send the report where the name waits for one, and look again; return how the name stands now.

        A report that is refused leaves its reason in the sighting. Raises what `Conversation.ask` does.
        """
        if not (self._settings.restore_report and is_awaited(sighting)):
            return sighting
        now = self._now()
        answer = self._talk.ask(
            "report", lambda identifier: restore_report(sighting, seen, self._settings, now, identifier)
        )
        if answer.response.code in REPORT_TAKEN:
            return self.look()[0]
        words = f"the restore report was answered with {answer.reply.result_code} {answer.reply.text}"
        return replace(sighting, reason=words)


def restore_report(
    sighting: Sighting, seen: Exchange, settings: EppSettings, now: datetime, transaction_id: str
) -> Element:
    """Write RFC 3915 §4.2.5's report of what a look shows; no person's data, only ids, are in it."""
    document = encoding.restore_update(sighting.domain)
    restore = child(extension(document, RGP, "update"), "restore", op="report")
    report = child(restore, "report")
    card = _card(sighting)
    child(report, "preData", card)
    child(report, "postData", card)
    child(report, "delTime", _written(_changed_at(seen) or now))
    child(report, "resTime", _written(now))
    child(report, "resReason", settings.restore_reason)
    for statement in STATEMENTS:
        child(report, "statement", statement)
    return finished(document, transaction_id)


def is_awaited(sighting: Sighting) -> bool:
    """Tell whether a restore of ours was asked for and is not done yet."""
    return sighting.progress.get(Kind.RESTORE) is Progress.UNDER_WAY


def is_back(sighting: Sighting) -> bool:
    """Tell whether a name is registered to us, out of redemption and out of deletion."""
    return (
        sighting.standing is Standing.REGISTERED
        and sighting.ours is True
        and not sighting.restorable
        and Kind.RESTORE not in sighting.progress
    )


def _card(sighting: Sighting) -> str:
    """Write down the registration as the registry shows it."""
    lines = {
        "Domain": sighting.domain.ascii,
        "Registry id": sighting.registry_id,
        "Sponsor": sighting.sponsor,
        "Created": _written(sighting.created_at) if sighting.created_at else None,
        "Expires": sighting.expiry.text if sighting.expiry else None,
        "Name servers": ", ".join(sighting.nameservers),
        "Contacts": ", ".join(f"{role} {identifier}" for role, identifier in sighting.contacts.items()),
    }
    return "; ".join(f"{label}: {line}" for label, line in lines.items() if line)


def _changed_at(seen: Exchange) -> datetime | None:
    """Return when the name was changed last: that is its deletion, or its restore where that left no other mark."""
    part = seen.response.object_part(DOMAIN, "infData")
    text = text_of(part, f"{{{DOMAIN}}}upDate") if part is not None else None
    return moment(text) if text else None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
