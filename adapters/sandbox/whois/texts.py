"""What do registries write about a name in WHOIS? In the forms of the real ones, about invented names and people."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from adapters.sandbox.public.entries import Entry

TEHRAN = timezone(timedelta(hours=3, minutes=30))
"""Where whois.nic.ir's days are; there is no summer time any more."""

_IRANIAN = (".ir", ".xn--mgba3a4f16a")
_IRNIC_SAYS = (
    "% Available on web at http://whois.nic.ir/",
    "% Find the terms and conditions of use on http://www.nic.ir/",
    "% ",
    "% This server uses UTF-8 as the encoding for requests and responses.",
    "% NOTE: This output has been filtered.",
)
_DATED, _DATELESS = "% This is the IRNIC Whois server v1.6.2.", "% This is the IRNIC Whois server v2.0.0."
_HANDLE = "in123-irnic"

_TERMS = (
    ">>> Last update of whois database: 2026-11-22T00:00:00Z <<<\r\n"
    "\r\n"
    "For more information on Whois status codes, please visit https://icann.org/epp\r\n"
    "\r\n"
    "NOTICE: The expiration date displayed in this record is the date the\r\n"
    "registrar's sponsorship of the domain name registration in the registry is\r\n"
    "currently set to expire. This date does not necessarily reflect the expiration\r\n"
    "date of the domain name registrant's agreement with the sponsoring\r\n"
    "registrar.\r\n"
    "\r\n"
    "TERMS OF USE: You are not authorized to access or query our Whois\r\n"
    "database through the use of electronic processes that are high-volume and\r\n"
    "automated. The registry may restrict or terminate your access to it.\r\n"
)


def is_iranian(name: str) -> bool:
    """Tell whether whois.nic.ir answers for a name."""
    return name.endswith(_IRANIAN)


def record(entry: Entry) -> bytes:
    """Write the record of a registered name."""
    lines = _irnic(entry) if is_iranian(entry.name) else _registrys(entry)
    return "".join(lines).encode()


def nothing(name: str) -> bytes:
    """Write that nobody holds a name."""
    if not is_iranian(name):
        return f'No match for "{name.upper()}".\r\n{_TERMS}'.encode()
    lines = (
        _DATED,
        *_IRNIC_SAYS,
        f"% Information related to '{name}'",
        "%ERROR:101: no entries found",
        "% ",
        "% No entries found in the selected source(s).",
    )
    return "\n".join((*lines, "")).encode()


def limit_page(name: str) -> bytes:
    """Write that too much was asked. whois.nic.ir's own words are not known; these are its kind's."""
    if is_iranian(name):
        return b"% This is the IRNIC Whois server v2.0.0.\n%ERROR:201: access denied\n% Queries from your address have exceeded the limit.\n"
    return b"WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\r\n"


def _irnic(entry: Entry) -> Sequence[str]:
    """Write the record alone, and the holder's card behind it where the old form is used: the one with a date."""
    expiry = _told(entry, _day(entry.expires_at))
    fields = [("domain", entry.name), ("ascii", entry.name)]
    if expiry is not None:
        fields += [(role, _HANDLE) for role in ("holder-c", "admin-c", "tech-c")]
    fields += [("nserver", host) for host in entry.nameservers]
    if expiry is not None:
        fields += [("last-updated", "2026-03-01"), ("expire-date", expiry)]
    fields += [("source", "IRNIC # Filtered")]
    head = (_DATELESS if expiry is None else _DATED, *_IRNIC_SAYS, f"% Information related to '{entry.name}'")
    person = (("nic-hdl", _HANDLE), ("person", "Invented Person"), ("expire-date", "2099-01-01"))
    lines = [f"{line}\n" for line in (*head, "")]
    lines += [f"{key}:\t\t{value}\n" for key, value in fields]
    if expiry is not None:
        lines += ["\n", *(f"{key}:\t\t{value}\n" for key, value in person)]
    return lines


def _registrys(entry: Entry) -> Sequence[str]:
    created = entry.created_at or (entry.expires_at and entry.expires_at - timedelta(days=365))
    fields = [
        ("Domain Name", entry.name.upper()),
        ("Registry Domain ID", f"{sum(entry.name.encode())}_DOMAIN_SANDBOX"),
        ("Registrar WHOIS Server", "whois.registrar.example"),
        ("Registrar URL", "http://registrar.example"),
        ("Updated Date", "2026-08-14T07:01:44Z"),
        ("Creation Date", _instant(created)),
        ("Registry Expiry Date", _told(entry, _instant(entry.expires_at))),
        ("Registrar", entry.sponsor),
        ("Registrar IANA ID", entry.sponsor_id),
        *(("Domain Status", f"{status} https://icann.org/epp#{status}") for status in entry.statuses),
        *(("Name Server", host.upper()) for host in entry.nameservers),
        ("DNSSEC", "unsigned"),
    ]
    return [*(f"   {key}: {value}\r\n" for key, value in fields if value is not None), _TERMS]


def _told(entry: Entry, date: str | None) -> str | None:
    return entry.expires_text if entry.expires_text is not None else date


def _day(at: datetime | None) -> str | None:
    return at.astimezone(TEHRAN).strftime("%Y-%m-%d") if at else None


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
