"""Commands and answers that these tests share; the people are invented."""

from datetime import UTC, datetime
from typing import Any

from registrar.commands import (
    Contact,
    ContactRole,
    Expiry,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
)
from registrar.names import DomainName
from registrar.outcomes import Blocked, Correctable, NotSent, Outcome, Refused
from registrar.secrets import Secret
from tests.adapters.opensrs.scripted import Script, ScriptedRegistrar, answers

NAME = DomainName("example.com", "com")
EXPIRY = Expiry(datetime(2027, 3, 1, 20, 50, tzinfo=UTC), "2027-03-01 20:50:00")
AUTH_CODE = "planted-auth-code"
INVENTED = Contact(
    reference="c-1",
    name="Invented Person",
    email="invented@example.net",
    street=("1 Invented Street",),
    city="Inventedtown",
    country_code="ir",
    voice="+98.2155500000",
    postal_code="1234567890",
)
EVERYBODY = dict.fromkeys(ContactRole, INVENTED)
REGISTER = Register(
    NAME,
    12,
    contacts=EVERYBODY,
    nameservers=(Nameserver("ns1.example.net"), Nameserver("ns2.example.net")),
)
RENEW = Renew(NAME, 12, EXPIRY)
TRANSFER = Transfer(NAME, 12, Secret(AUTH_CODE), contacts=EVERYBODY)
RESTORE = Restore(NAME, 0)
Priced = Register | Renew | Transfer | Restore
COMMANDS: dict[str, Priced] = {"register": REGISTER, "renew": RENEW, "transfer": TRANSFER, "restore": RESTORE}
SENT_AS = {"register": "SW_REGISTER", "renew": "RENEW", "transfer": "SW_REGISTER", "restore": "REDEEM"}

TAKEN = answers(211, "Domain taken", status="taken")
FREE = answers(210, "Domain available", status="available")
NOT_OURS = answers(480, "not found")


def all_info(**more: Any) -> Script:
    """Answer GET all_info with a name of ours that ends on 2027-03-01."""
    told = {
        "expiredate": "2027-03-01 20:50:00",
        "registry_expiredate": "2027-03-01 20:50:00",
        "registry_createdate": "2020-03-01 20:50:00",
        "auto_renew": "0",
        "lock_state": "1",
        "sponsoring_rsp": "1",
        "nameserver_list": [
            {"name": "NS1.example.net", "sortorder": "1"},
            {"name": "ns2.example.net", "sortorder": "2"},
        ],
        **more,
    }
    return answers(200, "Query successful", **told)


def has_order(opensrs: ScriptedRegistrar, *, status: str = "pending", **more: Any) -> None:
    """Let OpenSRS know of one order of ours, number 3500007."""
    opensrs.on("GET_ORDERS_BY_DOMAIN", answers(200, orders=[{"id": "3500007", "status": status}]))
    told = {"id": "3500007", "status": status, "period": "1", "notes": "Insufficient funds", **more}
    opensrs.on("GET_ORDER_INFO", answers(200, field_hash=told))


def brief(outcome: Outcome) -> str:
    """Return an outcome and what it is about in a few words."""
    match outcome:
        case Refused(reason=reason, confirm=confirm):
            return f"refused {reason.value}{' confirm' if confirm else ''}"
        case Correctable(needs=needs):
            return f"correctable {needs.value}"
        case Blocked(cause=cause):
            return f"blocked {cause.value}"
        case NotSent(unreachable=True):
            return "notsent unreachable"
        case _:
            return type(outcome).__name__.lower()
