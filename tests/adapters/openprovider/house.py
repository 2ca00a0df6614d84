"""What these tests say again and again: names, commands, and Openprovider's answers about a name."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.registrars.openprovider.dates import expiry
from registrar.commands import (
    Contact,
    ContactRole,
    Expiry,
    Handle,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
)
from registrar.money import Money
from registrar.names import DomainName
from registrar.secrets import Secret
from tests.adapters.openprovider.scripted import Script, ScriptedApi, answers

NAME = DomainName.parse("example.com", zones={"com"})
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
USERNAME = "reseller"
PASSWORD = "planted-password-c0ffee"
AUTH_CODE = "planted-auth-code-f00d"
HANDLE = "XX000001-XX"
RENEWAL = "2027-03-01 00:00:00"
"""The renewal date that a renewal of these tests starts from."""
RENEWED = "2028-03-01 00:00:00"
EXPIRATION, EXPIRATION_RENEWED = "2027-04-01 00:00:00", "2028-04-01 00:00:00"
"""The registry's date, a month later: before the renewal, and after it."""
SERVERS = (Nameserver("ns1.example.net"), Nameserver("ns2.example.net"))

PERSON = Contact(
    reference="customer-7",
    name="Planted Person",
    email="planted.person@example.org",
    street=("Planted Street 12",),
    city="Example City",
    country_code="nl",
    voice="+31.201234567",
    postal_code="1234 AB",
)
"""An invented person."""


def at(text: str) -> Expiry:
    """Return a date as Openprovider writes it."""
    found = expiry(text, AMSTERDAM)
    assert found is not None
    return found


def register(**more: Any) -> Register:
    """Return an order for the name."""
    contacts = {ContactRole.REGISTRANT: Handle(HANDLE)}
    return Register(**{"domain": NAME, "months": 12, "contacts": contacts, "nameservers": SERVERS, **more})


def renew(**more: Any) -> Renew:
    """Return a renewal of the name for a year."""
    return Renew(**{"domain": NAME, "months": 12, "current_expiry": at(RENEWAL), **more})


def transfer(**more: Any) -> Transfer:
    """Return a transfer of the name to us."""
    contacts = {ContactRole.REGISTRANT: Handle(HANDLE)}
    return Transfer(
        **{"domain": NAME, "months": 12, "auth_info": Secret(AUTH_CODE), "contacts": contacts, **more}
    )


def restore(**more: Any) -> Restore:
    """Return a restore of the name."""
    return Restore(**{"domain": NAME, "months": 0, **more})


def euros(amount: int) -> Money:
    """Return cents."""
    return Money(amount, "EUR")


def details(status: str = "ACT", **more: Any) -> dict[str, Any]:
    """Return Openprovider's data of the name."""
    return {
        "id": 4711,
        "domain": {"name": "example", "extension": "com"},
        "status": status,
        "renewal_date": RENEWAL,
        "expiration_date": EXPIRATION,
        "creation_date": "2026-03-01 10:00:00",
        "order_date": "2026-03-01 09:59:00",
        "is_locked": False,
        "is_lockable": True,
        "autorenew": "off",
        "owner_handle": HANDLE,
        "admin_handle": HANDLE,
        "tech_handle": HANDLE,
        "name_servers": [
            {"name": "ns1.example.net", "seq_nr": 1},
            {"name": "ns2.example.net", "seq_nr": 2},
        ],
        **more,
    }


def listed(*found: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a search that found these."""
    return {"results": list(found), "total": len(found)}


def has(api: ScriptedApi, *states: dict[str, Any]) -> None:
    """Let our account hold the name, in these states one after the other."""
    api.on("GET /domains", *(answers(listed(state)) for state in states))
    api.on("GET /domains/#", *(answers(state) for state in states))


def has_not(api: ScriptedApi, status: str = "free", reason: str = "") -> None:
    """Let our account not hold the name, and the check say this of it."""
    api.on("GET /domains", answers(listed()))
    api.on("POST /domains/check", checked(status, reason))


def checked(status: str, reason: str = "") -> Script:
    """Let the check say this of the name."""
    return answers({"results": [{"domain": "example.com", "status": status, "reason": reason}]})


def transaction(action: str = "RENEW", created: str = "2026-11-22 09:00:00", **more: Any) -> dict[str, Any]:
    """Return one line of the money log."""
    total = more.pop("amount", 9.5)
    return {
        "type": "transaction",
        "action": action,
        "subject": "example.com",
        "creation_date": created,
        "quantity": 1,
        "reference_id": 4711,
        "object_type": "domain",
        "total": {
            "product": {"currency": "USD", "price": total},
            "reseller": {"currency": "EUR", "price": total},
        },
        **more,
    }


def money_log(*lines: dict[str, Any], total: int | None = None) -> Script:
    """Answer with a page of the money log."""
    return answers({"results": list(lines), "total": len(lines) if total is None else total})
