"""What does IRNIC not take? Said in words before anything is sent: IRNIC would say no more than "syntax error"."""

from ipaddress import ip_address

from registrar.commands import ContactRole, Nameserver, Register, Renew, Update
from registrar.outcomes import BlockCause, Blocked, Correctable, Correction, Reply

MONTHS_SOLD = frozenset({12, 60})
MAX_NAMESERVERS = 4


def fault(command: Register | Renew | Update) -> Blocked | Correctable | None:
    """Return what is wrong with a command, or None if IRNIC can take it."""
    match command:
        case Register():
            return _unsold_term(command.months) or _hidden(command) or _nameserver_fault(command.nameservers)
        case Renew():
            return _unsold_term(command.months)
        case Update():
            return _update_fault(command) or _nameserver_fault(command.nameservers or ())


def _update_fault(update: Update) -> Blocked | Correctable | None:
    if update.add_statuses or update.remove_statuses:
        return _blocked("IRNIC has no command for a status; an update changes name servers and contacts")
    if update.auth_info is not None:
        return _blocked("IRNIC keeps no auth code: a name moves by its holder's hand")
    if {ContactRole.REGISTRANT, ContactRole.ADMIN} & set(update.contacts):
        text = (
            "IRNIC lets us change the tech and billing contacts alone; another holder is an order of its own"
        )
        return Correctable(Reply(text=text), Correction.CONTACTS)
    return None


def _hidden(command: Register) -> Blocked | None:
    return _blocked("IRNIC hides no holder's data") if command.privacy else None


def _unsold_term(months: int) -> Blocked | None:
    return None if months in MONTHS_SOLD else _blocked("IRNIC sells 12 or 60 months")


def _nameserver_fault(nameservers: tuple[Nameserver, ...]) -> Correctable | None:
    if len(nameservers) > MAX_NAMESERVERS:
        return _nameservers("IRNIC takes at most four name servers")
    if any(len(nameserver.addresses) > 1 for nameserver in nameservers):
        return _nameservers("IRNIC takes one address for each name server, IPv4 or IPv6")
    for address in (address for nameserver in nameservers for address in nameserver.addresses):
        if not _is_address(address):
            return _nameservers(f"{address!r} is no IP address; write it as 192.0.2.1 or 2001:db8::1")
    return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _blocked(text: str) -> Blocked:
    return Blocked(Reply(text=text), BlockCause.REQUEST)


def _nameservers(text: str) -> Correctable:
    return Correctable(Reply(text=text), Correction.NAMESERVERS)
