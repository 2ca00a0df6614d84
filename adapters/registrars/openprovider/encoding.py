"""How is each question put to Openprovider? Pure: what to ask goes in, method, path, query and JSON come out (facts §4.2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from registrar.commands import ContactRole, Nameserver, Register, Transfer
from registrar.names import DomainName
from registrar.secrets import Secret

PAGE = 1000
"""The most that one page of a list may hold (facts §4.2)."""

ROLE_KEYS = {
    ContactRole.REGISTRANT: "owner_handle",
    ContactRole.ADMIN: "admin_handle",
    ContactRole.TECH: "tech_handle",
    ContactRole.BILLING: "billing_handle",
}
"""Openprovider's word for each role."""

AUTORENEW = "off"
"""Always: left on, it would renew from our deposit what no order asked for (facts §4.6), and ours would come on top."""


class NotSayableError(Exception):
    """What Openprovider's questions have no words for; the message says what, and nothing was sent."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request before it has a host and a token.

    `private` are texts in it (an auth code, a person's) that no transcript may keep, nor an answer's text.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: Mapping[str, Any] | None = field(default=None, repr=False)
    private: tuple[str, ...] = field(default=(), repr=False)

    @property
    def target(self) -> str:
        """The path with its query in percent-encoding."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def body(self) -> bytes | None:
        """The JSON to send, or None."""
        return None if self.content is None else json.dumps(self.content, default=_number).encode()

    def hiding(self, private: tuple[str, ...]) -> "Question":
        """Return the same question with more texts that may not be kept."""
        return replace(self, private=(*self.private, *private))


def login(username: str, password: Secret) -> Question:
    """Ask for a token; `ip` 0.0.0.0 binds it to no address."""
    content = {"username": username, "password": password.reveal(), "ip": "0.0.0.0"}  # noqa: S104 - a value, no address to bind
    return Question("POST", "/auth/login", content=content, private=(password.reveal(),))


def find_domain(domain: DomainName) -> Question:
    """Ask for our account's names of this full name; a pattern would find others too (facts §4.2)."""
    return Question("GET", "/domains", {"full_name": domain.ascii, "limit": "100"})


def read_domain(number: int, *, with_history: bool = False) -> Question:
    """Ask for one of our names by Openprovider's id; its history is where the reason of a failure stands."""
    return Question("GET", f"/domains/{number}", {"with_api_history": "true"} if with_history else {})


def check_domain(domain: DomainName) -> Question:
    """Ask whether a name is available."""
    return Question("POST", "/domains/check", content={"domains": [_named(domain)]})


def price(domain: DomainName, operation: str, years: int) -> Question:
    """Ask what an operation (create, renew, transfer, restore) would cost us."""
    query = {
        "domain.name": domain.label,
        "domain.extension": domain.zone,
        "operation": operation,
        "period": str(years),
    }
    return Question("GET", "/domains/prices", query)


def register(
    command: Register,
    handles: Mapping[ContactRole, str],
    *,
    ns_group: str | None,
    premium_price: Decimal | None,
) -> Question:
    """Order a name. `premium_price` is what we accept to pay for a premium name; None accepts no premium."""
    content: dict[str, Any] = {
        "domain": _named(command.domain),
        "period": years_of(command.months),
        "autorenew": AUTORENEW,
        **_handles(handles),
    }
    if command.nameservers:
        content["name_servers"] = nameservers(command.nameservers)
    elif ns_group is not None:
        content["ns_group"] = ns_group
    if command.privacy:
        content["is_private_whois_enabled"] = True
    if command.idn_table is not None:
        content["additional_data"] = {"idn_script": command.idn_table}
    if premium_price is not None:
        content["accept_premium_fee"] = premium_price
    return Question("POST", "/domains", content=content)


def renew(number: int, domain: DomainName, months: int) -> Question:
    """Order a renewal; the wire has no place for the expiry that it starts from."""
    content = {"id": number, "domain": _named(domain), "period": years_of(months)}
    return Question("POST", f"/domains/{number}/renew", content=content)


def transfer(command: Transfer, handles: Mapping[ContactRole, str]) -> Question:
    """Order a transfer to us."""
    content: dict[str, Any] = {
        "domain": _named(command.domain),
        "auth_code": command.auth_info.reveal(),
        "autorenew": AUTORENEW,
        **_handles(handles),
    }
    if command.nameservers:
        content["name_servers"] = nameservers(command.nameservers)
    return Question("POST", "/domains/transfer", content=content, private=(command.auth_info.reveal(),))


def restore(number: int, domain: DomainName) -> Question:
    """Order a deleted name back."""
    return Question("POST", f"/domains/{number}/restore", content={"id": number, "domain": _named(domain)})


def change(number: int, changes: Mapping[str, Any]) -> Question:
    """Change what stands in `changes`, and nothing else."""
    return Question("PUT", f"/domains/{number}", content={"id": number, **changes})


def delete(number: int) -> Question:
    """Give a name up."""
    return Question("DELETE", f"/domains/{number}")


def approve_transfer(number: int, domain: DomainName) -> Question:
    """Let a transfer that waits for us go through."""
    content = {"id": number, "domain": _named(domain), "approve": 1}
    return Question("POST", f"/domains/{number}/transfer/approve", content=content)


def auth_code(number: int) -> Question:
    """Ask for a name's auth code."""
    return Question("GET", f"/domains/{number}/authcode")


def find_customers(comments: str) -> Question:
    """Ask for the contacts that carry these comments."""
    return Question("GET", "/customers", {"comment_pattern": comments, "limit": "100"})


def reseller() -> Question:
    """Ask for our own account, with its balance."""
    return Question("GET", "/resellers")


def transactions(query: Mapping[str, str], *, offset: int) -> Question:
    """Ask for a page of the account's transactions, the oldest first: one that comes meanwhile moves no other's place."""
    page = {"limit": str(PAGE), "offset": str(offset), "order_by": "creation_date", "order": "asc"}
    return Question("GET", "/transactions", {**query, **page})


def nameservers(servers: tuple[Nameserver, ...]) -> list[dict[str, Any]]:
    """Return the whole set in order, each with at most one address of either family.

    Raises `NotSayableError` where one has more: there is no place for them.
    """
    return [_nameserver(server, number) for number, server in enumerate(servers, start=1)]


def years_of(months: int) -> int:
    """Return a term in years; raises `NotSayableError` for what is no whole number of them."""
    years, rest = divmod(months, 12)
    if rest or years < 1:
        raise NotSayableError(f"a term of {months} months cannot be ordered here; whole years can")
    return years


def _named(domain: DomainName) -> dict[str, str]:
    return {"name": domain.label, "extension": domain.zone}


def _handles(handles: Mapping[ContactRole, str]) -> dict[str, str]:
    return {ROLE_KEYS[role]: handle for role, handle in handles.items()}


def _nameserver(server: Nameserver, number: int) -> dict[str, Any]:
    old = [address for address in server.addresses if ":" not in address]
    new = [address for address in server.addresses if ":" in address]
    if len(old) > 1 or len(new) > 1:
        raise NotSayableError(f"{server.host} can have one IPv4 and one IPv6 address here, not more")
    said: dict[str, Any] = {"name": server.host, "seq_nr": number}
    if old:
        said["ip"] = old[0]
    if new:
        said["ip6"] = new[0]
    return said


def _number(value: object) -> int | float:
    """Write a price as a JSON number: its shortest form in binary is the very decimal that was read."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is no JSON")
    return int(value) if value == value.to_integral_value() else float(value)
