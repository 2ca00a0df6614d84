"""What does a registry write about a name in RDAP? (RFC 9083 §5.3) Documents of the usual size, about invented names."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.sandbox.public.entries import Entry

_SPELT = {
    "ok": "active",
    "addPeriod": "add period",
    "autoRenewPeriod": "auto renew period",
}
"""RDAP's words (RFC 8056 §2); the others are EPP's with spaces between."""
_SPONSORED_DAYS = 365

_TERMS = {
    "title": "Terms of Use",
    "description": [
        "Invented answers of a sandbox, about nobody. They may be asked for as often as the limit says."
    ],
    "links": [{"href": "https://sandbox.example/terms", "type": "text/html"}],
}
_REST = json.dumps(
    {
        "secureDNS": {"delegationSigned": False},
        "rdapConformance": [
            "rdap_level_0",
            "icann_rdap_technical_implementation_guide_0",
            "icann_rdap_response_profile_0",
        ],
        "notices": [
            _TERMS,
            {
                "title": "Status Codes",
                "description": ["For more information on domain status codes, visit https://icann.org/epp"],
                "links": [{"href": "https://icann.org/epp", "type": "text/html"}],
            },
            {
                "title": "RDDS Inaccuracy Complaint Form",
                "description": ["URL of the ICANN RDDS Inaccuracy Complaint Form: https://icann.org/wicf"],
                "links": [{"href": "https://icann.org/wicf", "type": "text/html"}],
            },
        ],
    }
).encode()
"""What every answer says alike."""

NOT_FOUND = json.dumps(
    {"rdapConformance": ["rdap_level_0"], "notices": [_TERMS], "errorCode": 404, "title": "Object not found"}
).encode()


def domain(entry: Entry, *, base: str) -> bytes:
    """Write the object of a registered name."""
    said = {
        "objectClassName": "domain",
        "handle": f"{sum(entry.name.encode())}_DOMAIN_SANDBOX",
        "ldhName": entry.name.upper(),
        "links": [
            {
                "value": f"{base}domain/{entry.name}",
                "rel": "self",
                "href": f"{base}domain/{entry.name}",
                "type": "application/rdap+json",
            }
        ],
        "status": [_spelt(status) for status in entry.statuses],
        "entities": [_registrar(entry)],
        "events": _events(entry),
        "nameservers": [
            {"objectClassName": "nameserver", "ldhName": host.upper()} for host in entry.nameservers
        ],
    }
    return json.dumps(said).encode()[:-1] + b", " + _REST[1:]


def error(code: int, title: str) -> bytes:
    """Write an error (§6)."""
    return json.dumps({"errorCode": code, "title": title}).encode()


def _spelt(status: str) -> str:
    return _SPELT.get(status) or "".join(
        f" {letter.lower()}" if letter.isupper() else letter for letter in status
    )


def _registrar(entry: Entry) -> dict[str, Any]:
    return {
        "objectClassName": "entity",
        "handle": entry.sponsor_id,
        "roles": ["registrar"],
        "publicIds": [{"type": "IANA Registrar ID", "identifier": entry.sponsor_id}],
        "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", entry.sponsor]]],
        "entities": [
            {
                "objectClassName": "entity",
                "roles": ["abuse"],
                "vcardArray": [
                    "vcard",
                    [
                        ["version", {}, "text", "4.0"],
                        ["fn", {}, "text", ""],
                        ["tel", {"type": "voice"}, "uri", "tel:+1.5555550100"],
                        ["email", {}, "text", "abuse@registrar.example"],
                    ],
                ],
            }
        ],
    }


def _events(entry: Entry) -> list[dict[str, str]]:
    created = entry.created_at or (entry.expires_at and entry.expires_at - timedelta(days=_SPONSORED_DAYS))
    expiry = entry.expires_text if entry.expires_text is not None else _written(entry.expires_at)
    told = {
        "registration": _written(created),
        "expiration": expiry,
        "registrar expiration": _written(entry.registrar_expires_at),
    }
    return [{"eventAction": action, "eventDate": text} for action, text in told.items() if text]


def _written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
