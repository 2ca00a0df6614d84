"""How is each thing asked in OpenSRS's words? One function for each request; pure (facts §3.2)."""

from collections.abc import Mapping

from adapters.registrars.opensrs.contacts import People, contact_set
from adapters.registrars.opensrs.envelope import Request, Value
from adapters.registrars.opensrs.settings import OpenSrsSettings
from registrar.commands import Kind, Nameserver, Register, Renew, Transfer
from registrar.names import DomainName

PRICED_AS = {
    Kind.REGISTER: "new",
    Kind.RENEW: "renewal",
    Kind.TRANSFER: "transfer",
    Kind.RESTORE: "redemption",
}
"""The `reg_type` that a price is asked for; that of a restore is our reading of OpenSRS's word, not documented."""


def years(months: int) -> str:
    """Return a term in OpenSRS's unit."""
    return str(max(1, months // 12))


def lookup(domain: DomainName) -> Request:
    """Ask whether a name is free."""
    return Request("LOOKUP", "DOMAIN", {"domain": domain.ascii})


def get(domain: DomainName, what: str) -> Request:
    """Ask for what our account shows of a name: `all_info`, `status` or `domain_auth_info`."""
    return Request("GET", "DOMAIN", {"domain": domain.ascii, "type": what}, domain=domain.ascii)


def get_price(domain: DomainName, kind: Kind, *, months: int) -> Request:
    """Ask what a command would cost us."""
    attributes = {"domain": domain.ascii, "period": years(months), "reg_type": PRICED_AS[kind]}
    return Request("GET_PRICE", "DOMAIN", attributes)


def get_orders(domain: DomainName, *, page: int) -> Request:
    """Ask for a page (from 1) of our orders for a name."""
    return Request("GET_ORDERS_BY_DOMAIN", "DOMAIN", {"domain": domain.ascii, "page": str(page)})


def get_order(order_id: str) -> Request:
    """Ask for one order."""
    return Request("GET_ORDER_INFO", "DOMAIN", {"order_id": order_id})


def get_transfers_in(domain: DomainName) -> Request:
    """Ask for the transfers to us of a name."""
    return Request("GET_TRANSFERS_IN", "DOMAIN", {"domain": domain.ascii})


def get_balance() -> Request:
    """Ask for our deposit."""
    return Request("GET_BALANCE", "BALANCE", {})


def register(command: Register, settings: OpenSrsSettings, people: People) -> Request:
    """Register a name, at once and without auto-renewal."""
    encoded = {} if command.idn_table is None else {"encoding_type": command.idn_table}
    return _ordered(
        command.domain,
        settings,
        people,
        nameservers=command.nameservers,
        more={
            "reg_type": "new",
            "period": years(command.months),
            "f_whois_privacy": _flag(command.privacy),
            **encoded,
        },
    )


def transfer(command: Transfer, settings: OpenSrsSettings, people: People) -> Request:
    """Ask for a name's move to us; without name servers those of the name stay."""
    return _ordered(
        command.domain,
        settings,
        people,
        nameservers=command.nameservers,
        more={
            "reg_type": "transfer",
            "period": years(command.months),
            "auth_info": command.auth_info.reveal(),
        },
    )


def renew(command: Renew) -> Request:
    """Renew a name from the year that its expiry has *in OpenSRS's own text*, whatever year that is in another zone."""
    attributes = {
        "domain": command.domain.ascii,
        "currentexpirationyear": command.current_expiry.text[:4],
        "period": years(command.months),
        "handle": "process",
        "auto_renew": "0",
    }
    return Request("RENEW", "DOMAIN", attributes)


def redeem(domain: DomainName) -> Request:
    """Take a name out of redemption."""
    return Request("REDEEM", "DOMAIN", {"domain": domain.ascii})


PROCESS_PENDING = "PROCESS_PENDING"


def complete_saved(order_id: str) -> Request:
    """Carry out an order that OpenSRS has saved."""
    return Request(PROCESS_PENDING, "DOMAIN", {"order_id": order_id})


def cancel_pending(order_id: str) -> Request:
    """Remove an order that OpenSRS has saved."""
    return Request(PROCESS_PENDING, "DOMAIN", {"order_id": order_id, "command": "cancel"})


def assign_nameservers(domain: DomainName, hosts: tuple[str, ...]) -> Request:
    """Set the whole set of a name's name servers."""
    attributes: Mapping[str, Value] = {"domain": domain.ascii, "op_type": "assign", "assign_ns": hosts}
    return Request("ADVANCED_UPDATE_NAMESERVERS", "DOMAIN", attributes, domain=domain.ascii)


def set_lock(domain: DomainName, *, on: bool) -> Request:
    """Put the transfer lock on, or take it off."""
    attributes = {"domain": domain.ascii, "data": "status", "lock_state": _flag(on), "affect_domains": "0"}
    return Request("MODIFY", "DOMAIN", attributes, domain=domain.ascii)


def set_contacts(domain: DomainName, people: People) -> Request:
    """Change the contacts of these roles, of this name alone."""
    attributes: Mapping[str, Value] = {
        "domain": domain.ascii,
        "data": "contact_info",
        "affect_domains": "0",
        "contact_set": contact_set(people),
    }
    return Request("MODIFY", "DOMAIN", attributes, domain=domain.ascii)


def revoke(domain: DomainName, *, reseller: str) -> Request:
    """Give a name up."""
    return Request("REVOKE", "DOMAIN", {"domain": domain.ascii, "reseller": reseller})


def cancel_transfer(domain: DomainName, order_id: str | None) -> Request:
    """Withdraw our request for a name's move, by its order where that is known."""
    which = {"domain": domain.ascii} if order_id is None else {"order_id": order_id}
    return Request("CANCEL_TRANSFER", "TRANSFER", which)


def _ordered(
    domain: DomainName,
    settings: OpenSrsSettings,
    people: People,
    *,
    nameservers: tuple[Nameserver, ...],
    more: Mapping[str, Value],
) -> Request:
    listed: Mapping[str, Value] = {
        "nameserver_list": [
            {"name": server.host, "sortorder": str(place)}
            for place, server in enumerate(nameservers, start=1)
        ]
    }
    attributes: Mapping[str, Value] = {
        "domain": domain.ascii,
        "handle": "process",
        "auto_renew": "0",
        "f_lock_domain": _flag(settings.lock_new_names),
        "reg_username": settings.reg_username,
        "reg_password": settings.reg_password.reveal(),
        "contact_set": contact_set(people),
        "custom_tech_contact": "1",
        "custom_nameservers": _flag(bool(nameservers)),
        **(listed if nameservers else {}),
        **more,
    }
    return Request("SW_REGISTER", "DOMAIN", attributes)


def _flag(value: bool) -> str:  # noqa: FBT001 - it turns a boolean into OpenSRS's
    return "1" if value else "0"
