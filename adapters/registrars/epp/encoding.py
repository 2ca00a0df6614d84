"""How is a command on a name said in EPP? One builder for each document, by elements only, valid against the schemas.

What the schemas forbid is refused here (`NotEncodableError`): a registry answers such a document with 2001 and may
close the session, and that says nothing to the customer who mistyped a telephone number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml.etree import _Element as Element

from adapters.registrars.epp.dates import guard_date
from adapters.registrars.epp.documents import (
    NotEncodableError,
    child,
    extension,
    finished,
    new_auth_info,
    verb,
)
from adapters.registrars.epp.namespaces import DOMAIN, HOST, IDN, RGP
from adapters.registrars.epp.settings import MONTHS_A_YEAR, EppSettings
from registrar.commands import (
    Command,
    ContactRole,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
    TransferAnswer,
)
from registrar.differences import Difference
from registrar.names import DomainName
from registrar.outcomes import Correction
from registrar.secrets import Secret
from registrar.statuses import Status


@dataclass(frozen=True, slots=True)
class ContactChange:
    """What an update does to a name's contacts: pairs of role and id to add and to take away, and the new registrant."""

    add: tuple[tuple[ContactRole, str], ...] = ()
    remove: tuple[tuple[ContactRole, str], ...] = ()
    registrant: str | None = None


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
    return _about("transfer", domain, transaction_id, op="query")


def transfer_answer(domain: DomainName, answer: TransferAnswer, transaction_id: str) -> Element:
    """Approve, reject or cancel a transfer (RFC 5731 §3.2.4); the protocol's words are ours."""
    return _about("transfer", domain, transaction_id, op=answer.value)


def domain_delete(domain: DomainName, transaction_id: str) -> Element:
    """Give a name up (RFC 5731 §3.2.2)."""
    return _about("delete", domain, transaction_id)


def host_create(nameserver: Nameserver, transaction_id: str) -> Element:
    """Create a host with the addresses it has: one outside of the registry's names has none (RFC 5732 §3.2.1)."""
    document, create = verb("create", HOST)
    child(create, "name", nameserver.host)
    for address in nameserver.addresses:
        child(create, "addr", address, ip=_version(address))
    return finished(document, transaction_id)


def domain_update(
    domain: DomainName,
    difference: Difference,
    settings: EppSettings,
    transaction_id: str,
    *,
    contacts: ContactChange | None = None,
    auth_info: Secret | None = None,
) -> Element:
    """Say what to add to a name, what to take from it and what to change, in RFC 5731 §3.2.5's order.

    An empty `auth_info` clears the code (RFC 9154 §4.4). Raises `NotEncodableError` for a code that XML cannot carry.
    """
    people = contacts or ContactChange()
    document, update = verb("update", DOMAIN)
    child(update, "name", domain.ascii)
    _part(update, "add", difference.add_nameservers, people.add, difference.add_statuses, settings)
    _part(update, "rem", difference.remove_nameservers, people.remove, difference.remove_statuses, settings)
    _change(update, people.registrant, auth_info)
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
            period(renew, command.months, settings)
        case Transfer():
            document = _transfer_request(command, settings)
        case Restore():
            document = _restore_request(command, settings)
        case _:
            raise NotEncodableError(f"{command.kind} is not done here")
    return finished(document, transaction_id)


def _domain_create(command: Register, settings: EppSettings, contacts: Mapping[ContactRole, str]) -> Element:
    """Write RFC 5731 §3.2.1's sequence: name, period, ns, registrant, contacts, authInfo."""
    document, create = verb("create", DOMAIN)
    child(create, "name", command.domain.ascii)
    period(create, command.months, settings)
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
    _idn_table(document, command)
    return document


def _idn_table(document: Element, command: Register) -> None:
    """Name the table of an internationalized name, with the name in Unicode (draft-ietf-eppext-idnmap-02 §3.2.1)."""
    if command.idn_table is not None:
        named = extension(document, IDN, "data")
        child(named, "table", command.idn_table)
        child(named, "uname", command.domain.unicode)


def _restore_request(command: Restore, settings: EppSettings) -> Element:
    """Ask for a name's restore: an update that changes nothing, with RFC 3915 §4.2.5's extension."""
    if command.months != settings.restore_months:
        raise NotEncodableError(
            f"a restore with {command.months} months was ordered, and restore_months is {settings.restore_months} here"
        )
    document = restore_update(command.domain)
    child(extension(document, RGP, "update"), "restore", op="request")
    return document


def restore_update(domain: DomainName) -> Element:
    """Start an update that changes nothing: its extension says what is meant (RFC 3915 §4.2.5)."""
    document, update = verb("update", DOMAIN)
    child(update, "name", domain.ascii)
    child(update, "chg")
    return document


def _about(name: str, domain: DomainName, transaction_id: str, **attributes: str) -> Element:
    """Say a command that needs the name and nothing else."""
    document, body = verb(name, DOMAIN, **attributes)
    child(body, "name", domain.ascii)
    return finished(document, transaction_id)


def _change(update: Element, registrant: str | None, auth_info: Secret | None) -> None:
    """Write `chg`, which is left out where it would be empty."""
    if registrant is None and auth_info is None:
        return
    changed = child(update, "chg")
    if registrant is not None:
        child(changed, "registrant", registrant)
    if auth_info is None:
        return
    code = child(changed, "authInfo")
    if not auth_info.reveal():
        child(code, "null")
        return
    try:
        child(code, "pw", auth_info.reveal())
    except NotEncodableError as error:
        raise NotEncodableError(str(error), Correction.AUTH_INFO) from None


def _part(  # noqa: PLR0917 - the parts of RFC 5731's addRemType
    update: Element,
    name: str,
    nameservers: tuple[Nameserver, ...],
    contacts: tuple[tuple[ContactRole, str], ...],
    statuses: frozenset[Status],
    settings: EppSettings,
) -> None:
    """Write `add` or `rem`, which is left out where it would be empty."""
    if not (nameservers or contacts or statuses):
        return
    part = child(update, name)
    if nameservers:
        _delegation(part, nameservers, settings)
    for role, identifier in contacts:
        child(part, "contact", identifier, type=role.value)
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
        period(request, command.months, settings)
    try:
        child(child(request, "authInfo"), "pw", command.auth_info.reveal())
    except NotEncodableError as error:
        raise NotEncodableError(str(error), Correction.AUTH_INFO) from None
    return document


def period(parent: Element, months: int, settings: EppSettings) -> None:
    """Append a `period` in the registry's unit; raises `NotEncodableError` for one that it cannot say."""
    if settings.period_unit == "m":
        child(parent, "period", str(months), unit="m")
        return
    years, rest = divmod(months, MONTHS_A_YEAR)
    if rest:
        raise NotEncodableError(
            f"this registry counts in years, and {months} months is no whole number of them"
        )
    child(parent, "period", str(years), unit="y")
