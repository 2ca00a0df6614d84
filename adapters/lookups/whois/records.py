"""What of a record is believed? The fields that were read, each judged by itself, made into one `Sighting`.

A date that cannot be true, or two that differ, are no date; whether the name is registered does not hang on them. The end
that counts is the registry's: `Registrar Registration Expiration Date` is the registrar's own, and kept apart (D4).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from adapters.lookups.question import Question
from adapters.lookups.whois.dialects import dialect_of, says_limit
from registrar.commands import ContactRole, Expiry
from registrar.dates import read_date
from registrar.gateway import Sighting, Standing
from registrar.names import NameRefusedError, host_name
from registrar.statuses import GraceStatus, Status

MOST_VALUES = 64
LONGEST_VALUE = 255
LIMIT_REACHED = "the server's limit is reached"

_LONGEST_DATE = 64
_UNDERSCORED = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){1,126}", re.ASCII)
_EPP_WORDS = {word.lower(): str(word) for word in (*Status, *GraceStatus)}


class Asked(Question):
    """One question to a WHOIS server."""

    __slots__ = ()
    protocol = "whois"

    def no_record(self, lines: Sequence[str]) -> Sighting:
        """Return the look that got a text with neither a record of the name nor the word that there is none."""
        if says_limit(lines):
            return self.unknown(LIMIT_REACHED)
        return self.unknown(
            "the answer holds no record of the name, and no word of this server's that it is free"
        )


Values = Annotated[tuple[Annotated[str, Field(max_length=LONGEST_VALUE)], ...], Field(max_length=MOST_VALUES)]


class Fields(BaseModel):
    """What was read out of a record, as it stood; under python-whois' names."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    registrar: Values = ()
    creation_date: Values = ()
    expiration_date: Values = ()
    name_servers: Values = ()
    status: Values = ()

    @property
    def holds_something(self) -> bool:
        """Tell whether the record says anything that only a registered name has; any text may come as a status."""
        statuses = (_status(text) for text in self.status if text.strip())
        return bool(
            self.registrar
            or self.creation_date
            or self.expiration_date
            or self.name_servers
            or any(status in _EPP_WORDS.values() for status in statuses)
        )


def shortened(texts: Iterable[str]) -> tuple[str, ...]:
    """Cut values down to what is looked at: no record has so many, and none so long."""
    return tuple(text[:LONGEST_VALUE] for text in islice(texts, MOST_VALUES))


def registered(
    asked: Asked,
    fields: Fields,
    *,
    contacts: Mapping[ContactRole, str] | None = None,
    renew_by: Sequence[str] = (),
) -> Sighting:
    """Make the sighting of a name that is registered; `renew_by` is what the text gives as the registrar's own date."""
    expiry, reason = _expiry(asked, fields.expiration_date)
    created = _date(asked, fields.creation_date)
    statuses = frozenset(_status(text) for text in fields.status if text.strip())
    return Sighting(
        asked.domain,
        asked.seen_at,
        asked.source,
        Standing.REGISTERED,
        reason=reason,
        sponsor=" ".join(fields.registrar[-1].split()) if fields.registrar else None,
        created_at=created.at if created else None,
        expiry=expiry,
        renewed_by_registry=GraceStatus.AUTO_RENEW in statuses,
        unread_expiry=_unread(expiry, fields.expiration_date),
        renew_by=_date(asked, renew_by),
        statuses=statuses,
        nameservers=_nameservers(fields.name_servers),
        contacts=contacts or {},
        restorable=GraceStatus.REDEMPTION in statuses,
    )


def _expiry(asked: Asked, texts: Sequence[str]) -> tuple[Expiry | None, str]:
    """Read when the registration ends, or say why that cannot be told; a record without a date needs no reason."""
    expiry = _date(asked, texts)
    if expiry or not texts:
        return expiry, ""
    if len(texts) > 1:
        return None, "several expiry dates that differ"
    return None, f"the expiry {texts[0][:_LONGEST_DATE]!r} can be no expiry"


def _unread(expiry: Expiry | None, texts: Sequence[str]) -> str | None:
    return ", ".join(texts)[:_LONGEST_DATE] if expiry is None and texts else None


def _date(asked: Asked, texts: Sequence[str]) -> Expiry | None:
    """Read the one date that all the texts mean."""
    read = [read_date(text, zone=dialect_of(asked.server).zone) for text in texts]
    instants = {date.at if date else None for date in read}
    return read[0] if len(instants) == 1 else None


def _status(text: str) -> str:
    """Return EPP's word for a status, without the address that explains it; a registry's own word as it stands."""
    words = text.split()
    spaced = "".join(word for word in words if "://" not in word).lower()
    return _EPP_WORDS.get(words[0].lower()) or _EPP_WORDS.get(spaced) or " ".join(words)


def _nameservers(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the name servers' A-labels, sorted; the addresses that may stand behind them are the DNS's."""
    hosts = (_host(text.split()[0]) for text in texts if text.strip())
    return tuple(sorted({host for host in hosts if host}))


@lru_cache(maxsize=4096)
def _host(text: str) -> str | None:
    """Return a name server's name. An underscore, which a host name has none of, is in use all the same.

    A few servers serve most names, and to read one's name takes longer than all the rest of a short record.
    """
    try:
        return host_name(text)
    except NameRefusedError:
        plain = text.lower().removesuffix(".")
        return plain if _UNDERSCORED.fullmatch(plain) else None
