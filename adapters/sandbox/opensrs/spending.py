"""What do the requests say that cost money? SW_REGISTER (new and transfer), RENEW and REDEEM, read into orders."""

import hmac
import re
from typing import Any

from adapters.sandbox.opensrs import contacts, orders, rules
from adapters.sandbox.opensrs.answers import RefusedError, Reply
from adapters.sandbox.opensrs.errand import Errand
from adapters.sandbox.opensrs.rules import Wanted

MOST_NAMESERVERS = 13
FEWEST_NAMESERVERS = 2

_OF_AN_ORDER = (
    "reg_type",
    "handle",
    "reg_username",
    "reg_password",
    "custom_nameservers",
    "custom_tech_contact",
)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_YEAR = re.compile(r"\d{4}")


def register(errand: Errand) -> Reply:
    """Answer SW_REGISTER for a new name."""
    request = errand.request
    name, months = request.domain(), 12 * errand.years()
    detail = _ordered(errand)
    if request.text("reg_type") != "new":
        raise RefusedError(465, "Invalid data: reg_type must be new or transfer")
    if ".xn--" in f".{name}" and not request.text("encoding_type"):
        raise RefusedError(465, "Invalid data: encoding_type is missing for an internationalised name")
    return orders.place(errand, Wanted("register", name, months, detail))


def transfer(errand: Errand) -> Reply:
    """Answer SW_REGISTER for a name of somebody else's: one year is added, and the losing side has its say first."""
    wanted = Wanted("transfer", errand.request.domain(), 12, _ordered(errand))
    rules.check(errand, wanted)
    entry = errand.page.domain(wanted.name)
    stated = errand.request.required("auth_info")
    if entry is None or not hmac.compare_digest(stated.encode(), entry.auth_info.encode()):
        raise RefusedError(465, "Invalid data: auth_info is not this domain's authorization code")
    return orders.place(errand, wanted)


def renew(errand: Errand) -> Reply:
    """Answer RENEW: the year of the present expiry must be stated right."""
    request = errand.request
    name, months = request.domain(), 12 * errand.years()
    year = request.required("currentexpirationyear")
    if not _YEAR.fullmatch(year):
        raise RefusedError(465, "Invalid data: currentexpirationyear is written YYYY")
    _check_handle(errand)
    detail = {"year": int(year), "auto_renew": request.text("auto_renew") == "1"}
    return orders.place(errand, Wanted("renew", name, months, detail))


def redeem(errand: Errand) -> Reply:
    """Answer REDEEM: a revoked name is ours again as it was, for a price of its own."""
    return orders.place(errand, Wanted("restore", errand.request.domain(), 0, {}))


def hosts(listed: list[Any]) -> list[str]:
    """Read name servers, as mappings with a name or as plain texts, or refuse the request."""
    names = [str(host.get("name", "") if isinstance(host, dict) else host).lower() for host in listed]
    if not FEWEST_NAMESERVERS <= len(names) <= MOST_NAMESERVERS or len(set(names)) != len(names):
        raise RefusedError(465, "Invalid data: from 2 to 13 different name servers are needed")
    wrong = [name for name in names if not _HOST.fullmatch(name)]
    if wrong:
        raise RefusedError(465, "Invalid data: a name server has an invalid syntax")
    return names


def _ordered(errand: Errand) -> dict[str, Any]:
    """Return what a registration or transfer keeps of its request: neither password nor authorization code."""
    request = errand.request
    for key in _OF_AN_ORDER:
        request.required(key)
    _check_handle(errand)
    own_tech = request.text("custom_tech_contact") == "1"
    contact_set = request.mapping("contact_set")
    contacts.check(contact_set, contacts.ROLES if own_tech else contacts.ROLES[:3])
    own_hosts = request.text("custom_nameservers") == "1"
    return {
        "contacts": contacts.keep(errand.page, contact_set),
        "nameservers": hosts(request.array("nameserver_list")) if own_hosts else [],
        "lock": request.text("f_lock_domain") == "1",
        "auto_renew": request.text("auto_renew") == "1",
    }


def _check_handle(errand: Errand) -> None:
    if errand.request.required("handle") not in {"process", "save"}:
        raise RefusedError(465, "Invalid data: handle must be process or save")
