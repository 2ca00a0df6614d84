"""How is a command said in EPP? One builder for each document, by elements only, valid against the published schemas.

What the schemas forbid is refused here (`NotEncodableError`): a registry answers such a document with 2001 and may
close the session, and that says nothing to the customer who mistyped a telephone number.
"""

from collections.abc import Iterable, Mapping

from lxml import etree
from lxml.etree import _Element as Element

from adapters.registrars.epp.dates import guard_date
from adapters.registrars.epp.documents import (
    NotEncodableError,
    child,
    envelope,
    finished,
    new_auth_info,
    verb,
)
from adapters.registrars.epp.namespaces import DOMAIN, HOST, LOGIN_SECURITY, PREFIXES
from adapters.registrars.epp.reading import Greeting
from adapters.registrars.epp.settings import EppSettings
from registrar.commands import Command, ContactRole, Nameserver, Register, Renew, Transfer
from registrar.differences import Difference
from registrar.names import DomainName
from registrar.outcomes import Correction
from registrar.statuses import Status

PASSWORD_ELSEWHERE = "[LOGIN-SECURITY]"  # noqa: S105 - RFC 8807 §3.1's own literal, not a password
MONTHS_A_YEAR = 12


def hello() -> Element:
    """Ask for the greeting again; the cheapest sign of life (RFC 5730 §2.3)."""
    document = envelope()
    child(document, "hello")
    return document


def login(settings: EppSettings, greeting: Greeting, transaction_id: str) -> Element:
    """Log in with what the greeting offers of what we want; a service it does not offer would be refused with 2307."""
    document = envelope()
    command = child(document, "command")
    body = child(command, "login")
    password = settings.password.reveal()
    child(body, "clID", settings.username)
    child(body, "pw", PASSWORD_ELSEWHERE if settings.long_password else password)
    options = child(body, "options")
    child(options, "version", "1.0")
    child(options, "lang", greeting.language(settings.language))
    _services(child(body, "svcs"), settings, greeting)
    if settings.long_password:
        extension = child(command, "extension")
        prefixes = {PREFIXES[LOGIN_SECURITY]: LOGIN_SECURITY}
        security = etree.SubElement(extension, etree.QName(LOGIN_SECURITY, "loginSec"), nsmap=prefixes)
        child(security, "pw", password)
    return finished(document, transaction_id)


def logout(transaction_id: str) -> Element:
    """End the session (RFC 5730 §2.9.1.2)."""
    document = envelope()
    child(child(document, "command"), "logout")
    return finished(document, transaction_id)


def poll(transaction_id: str, *, acknowledged: str | None = None) -> Element:
    """Ask for the head of the message queue, or take the `acknowledged` message off it (RFC 5730 §2.9.2.3)."""
    document = envelope()
    attributes = {"op": "req"} if acknowledged is None else {"op": "ack", "msgID": acknowledged}
    child(child(document, "command"), "poll", **attributes)
    return finished(document, transaction_id)


def domain_check(domain: DomainName, transaction_id: str) -> Element:
    """Ask whether a name may be registered at this instant (RFC 5731 §3.1.1)."""
    document, check = verb("check", DOMAIN)
    child(check, "name", domain.ascii)
    return finished(document, transaction_id)


def domain_info(domain: DomainName, transaction_id: str) -> Element:
    """Ask for a name's state, with its delegation (RFC 5731 §3.1.2)."""
    document, info = verb("info", DOMAIN)
    child(info, "name", domain.ascii, hosts="all")
    return finished(document, transaction_id)


def transfer_query(domain: DomainName, transaction_id: str) -> Element:
    """Ask for the state of a name's latest transfer (RFC 5731 §3.1.3)."""
    document, query = verb("transfer", DOMAIN, op="query")
    child(query, "name", domain.ascii)
    return finished(document, transaction_id)


def host_create(nameserver: Nameserver, transaction_id: str) -> Element:
    """Create a host with the addresses it has: one outside of the registry's names has none (RFC 5732 §3.2.1)."""
    document, create = verb("create", HOST)
    child(create, "name", nameserver.host)
    for address in nameserver.addresses:
        child(create, "addr", address, ip=_version(address))
    return finished(document, transaction_id)


def domain_update(
    domain: DomainName, difference: Difference, settings: EppSettings, transaction_id: str
) -> Element:
    """Say what to add to a name and what to take from it, in RFC 5731 §3.2.5's order: add, rem."""
    document, update = verb("update", DOMAIN)
    child(update, "name", domain.ascii)
    _part(update, "add", difference.add_nameservers, difference.add_statuses, settings)
    _part(update, "rem", difference.remove_nameservers, difference.remove_statuses, settings)
    return finished(document, transaction_id)


def lies_inside(host: str, domain: DomainName) -> bool:
    """Tell whether a host is the name itself or below it: then it needs an address (glue)."""
    return f".{host}".endswith(f".{domain.ascii}")


def spending_command(
    command: Command, settings: EppSettings, transaction_id: str, contacts: Mapping[ContactRole, str]
) -> Element:
    """Say the command that spends; `contacts` are the registry's ids by role, for a registration.

    Raises `NotEncodableError` for a term in a unit that the registry does not count in, for a name server that only
    the registered name could carry, and for text that XML cannot.
    """
    match command:
        case Register():
            document = _domain_create(command, settings, contacts)
        case Renew():
            document, renew = verb("renew", DOMAIN)
            child(renew, "name", command.domain.ascii)
            child(renew, "curExpDate", guard_date(command.current_expiry))
            _period(renew, command.months, settings)
        case Transfer():
            document = _transfer_request(command, settings)
        case _:
            raise NotEncodableError(f"{command.kind} is not done here")
    return finished(document, transaction_id)


def _domain_create(command: Register, settings: EppSettings, contacts: Mapping[ContactRole, str]) -> Element:
    """Write RFC 5731 §3.2.1's sequence: name, period, ns, registrant, contacts, authInfo."""
    document, create = verb("create", DOMAIN)
    child(create, "name", command.domain.ascii)
    _period(create, command.months, settings)
    if command.nameservers:
        if settings.nameservers == "objects":
            _refuse_own_hosts(command)
        _delegation(create, command.nameservers, settings)
    if ContactRole.REGISTRANT in contacts:
        child(create, "registrant", contacts[ContactRole.REGISTRANT])
    for role, identifier in contacts.items():
        if role is not ContactRole.REGISTRANT:
            child(create, "contact", identifier, type=role.value)
    new_auth_info(create)
    return document


def _part(
    update: Element,
    name: str,
    nameservers: tuple[Nameserver, ...],
    statuses: frozenset[Status],
    settings: EppSettings,
) -> None:
    """Write `add` or `rem`, which is left out where it would be empty."""
    if not nameservers and not statuses:
        return
    part = child(update, name)
    if nameservers:
        _delegation(part, nameservers, settings)
    for status in sorted(statuses):
        child(part, "status", s=status.value)


def _delegation(parent: Element, nameservers: Iterable[Nameserver], settings: EppSettings) -> None:
    ns = child(parent, "ns")
    for nameserver in nameservers:
        if settings.nameservers == "objects":
            child(ns, "hostObj", nameserver.host)
            continue
        attribute = child(ns, "hostAttr")
        child(attribute, "hostName", nameserver.host)
        for address in nameserver.addresses:
            child(attribute, "hostAddr", address, ip=_version(address))


def _version(address: str) -> str:
    """Return the schema's word for an address's version."""
    return "v6" if ":" in address else "v4"


def _refuse_own_hosts(command: Register) -> None:
    """Refuse hosts inside the name itself: a registry with host objects creates those only after the name exists."""
    own = [server.host for server in command.nameservers if lies_inside(server.host, command.domain)]
    if own:
        raise NotEncodableError(
            f"{', '.join(own)} cannot exist before {command.domain.ascii}, inside which it would lie; "
            "register it with other name servers first",
            Correction.NAMESERVERS,
        )


def _transfer_request(command: Transfer, settings: EppSettings) -> Element:
    if command.months != settings.transfer_months:
        raise NotEncodableError(
            f"a transfer of {command.months} months was ordered, and transfer_months is {settings.transfer_months} here"
        )
    document, request = verb("transfer", DOMAIN, op="request")
    child(request, "name", command.domain.ascii)
    if command.months:
        _period(request, command.months, settings)
    try:
        child(child(request, "authInfo"), "pw", command.auth_info.reveal())
    except NotEncodableError as error:
        raise NotEncodableError(str(error), Correction.AUTH_INFO) from None
    return document


def _period(parent: Element, months: int, settings: EppSettings) -> None:
    if settings.period_unit == "m":
        child(parent, "period", str(months), unit="m")
        return
    years, rest = divmod(months, MONTHS_A_YEAR)
    if rest:
        raise NotEncodableError(
            f"this registry counts in years, and {months} months is no whole number of them"
        )
    child(parent, "period", str(years), unit="y")


def _services(parent: Element, settings: EppSettings, greeting: Greeting) -> None:
    for uri in greeting.objects:
        if uri in settings.wanted_services:
            child(parent, "objURI", uri)
    extensions = [uri for uri in greeting.extensions if uri in settings.wanted_services]
    if extensions:
        holder = child(parent, "svcExtension")
        for uri in extensions:
            child(holder, "extURI", uri)
