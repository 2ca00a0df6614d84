"""What does OpenSRS not take? Said in words before anything is sent."""

from registrar.commands import Command, Nameserver, Register, Renew, Restore, Transfer, Update
from registrar.outcomes import BlockCause, Blocked, Correctable, Correction, Reply
from registrar.statuses import Status

MAX_NAMESERVERS = 13
MONTHS_SOLD = frozenset(range(12, 121, 12))
MONTHS_MOVED = frozenset({0, 12})
"""A transfer adds a year, or none where the registry adds none (facts §7.3)."""


def fault(command: Command, *, idn_tables: frozenset[str]) -> Blocked | Correctable | None:
    """Return what is wrong with a command that spends, or None if OpenSRS can take it."""
    match command:
        case Register():
            return (
                _unsold_term(command.months)
                or _encoding_fault(command, idn_tables)
                or nameserver_fault(command.nameservers)
            )
        case Renew():
            return _unsold_term(command.months) or _renewal_fault(command)
        case Transfer():
            if command.months not in MONTHS_MOVED:
                return blocked("a transfer adds twelve months, or none")
            return nameserver_fault(command.nameservers)
        case Restore():
            return None
        case _:
            return blocked(f"{type(command).__name__} is not done here")


def update_fault(update: Update) -> Blocked | None:
    """Return what of an update OpenSRS has no request for."""
    if update.auth_info is not None:
        return blocked("OpenSRS makes the auth code itself: it can be read here, not set")
    if (update.add_statuses | update.remove_statuses) - {Status.CLIENT_TRANSFER_PROHIBITED}:
        return blocked(
            "OpenSRS has one lock, clientTransferProhibited; what else it prohibits differs by zone"
        )
    if update.nameservers is not None and not update.nameservers:
        return blocked("OpenSRS has no request that leaves a name without name servers")
    return None


def nameserver_fault(nameservers: tuple[Nameserver, ...]) -> Correctable | None:
    """Return what is wrong with name servers that are to be assigned."""
    if len(nameservers) > MAX_NAMESERVERS:
        return _nameservers(f"OpenSRS takes at most {MAX_NAMESERVERS} name servers")
    if any(server.addresses for server in nameservers):
        return _nameservers("name servers inside the name itself need addresses, which are not set here")
    return None


def blocked(text: str) -> Blocked:
    """Return the outcome of what we should not have asked."""
    return Blocked(Reply(text=text), BlockCause.REQUEST)


def _unsold_term(months: int) -> Blocked | None:
    return None if months in MONTHS_SOLD else blocked("OpenSRS sells whole years, one to ten")


def _renewal_fault(command: Renew) -> Blocked | None:
    if command.elsewhere:
        return blocked("OpenSRS renews no name that is with another registrar")
    year = command.current_expiry.text[:4]
    if len(year) == 4 and year.isascii() and year.isdigit():
        return None
    return blocked("the current expiry is not a date as OpenSRS writes it")


def _encoding_fault(command: Register, idn_tables: frozenset[str]) -> Blocked | None:
    if not command.domain.label.startswith("xn--"):
        return None
    if command.idn_table is None:
        return blocked("OpenSRS needs the language table of an internationalized name")
    if idn_tables and command.idn_table not in idn_tables:
        return blocked(f"{command.idn_table!r} is not among the configured idn_tables")
    return None


def _nameservers(text: str) -> Correctable:
    return Correctable(Reply(text=text), Correction.NAMESERVERS)
