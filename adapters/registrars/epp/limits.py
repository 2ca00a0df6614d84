"""Is this asked of a registry that can do it? What is not declared is refused before anything is sent."""

from registrar.commands import (
    AnswerTransfer,
    Command,
    CreateContact,
    Delete,
    Errand,
    Register,
    Renew,
    Restore,
    Transfer,
    Update,
    UpdateContact,
)
from registrar.gateway import Capabilities, Changeable
from registrar.outcomes import BlockCause, Blocked, Correctable, Correction, Reply


def refusal(asked: Command | Errand, capabilities: Capabilities) -> Blocked | Correctable | None:
    """Say what a request comes to that must not be sent; None where it may.

    What is not among the capabilities is ours to mend; what the customer left out, or stated too much of, is theirs.
    """
    if why := _beyond(asked, capabilities):
        return Blocked(Reply(text=why), BlockCause.REQUEST)
    if isinstance(asked, Register) and (missing := capabilities.contact_roles - asked.contacts.keys()):
        words = f"a registration must name its {', '.join(sorted(missing))} here"
        return Correctable(Reply(text=words), Correction.CONTACTS)
    if isinstance(asked, Register | Update) and len(asked.nameservers or ()) > capabilities.max_nameservers:
        words = f"a name has at most {capabilities.max_nameservers} name servers"
        return Correctable(Reply(text=words), Correction.NAMESERVERS)
    return None


def _beyond(asked: Command | Errand, capabilities: Capabilities) -> str | None:
    """Say what of a request is not among the capabilities."""
    match asked:
        case Update():
            return _beyond_update(asked, capabilities)
        case Delete() | AnswerTransfer() | CreateContact() | UpdateContact():
            return None if type(asked) in capabilities.errands else f"{type(asked).__name__} is not done here"
        case _:
            return _beyond_command(asked, capabilities)


def _beyond_command(command: Command, capabilities: Capabilities) -> str | None:
    if command.kind not in capabilities.kinds:
        return f"{command.kind.replace('_', ' ')} is not done here"
    match command:
        case Register():
            return _beyond_term(command, capabilities) or _beyond_register(command, capabilities)
        case Renew() | Transfer() | Restore():
            return _beyond_term(command, capabilities)
        case _:
            return None


def _beyond_term(command: Register | Renew | Transfer | Restore, capabilities: Capabilities) -> str | None:
    terms = capabilities.months.get(command.kind)
    if terms is None or command.months in terms:
        return None
    return f"a term of {command.months} months cannot be ordered here, only {_spoken(terms)}"


def _beyond_register(command: Register, capabilities: Capabilities) -> str | None:
    if command.privacy:
        return "a name cannot be registered here with its holder's data hidden"
    tables = capabilities.idn_tables
    if command.idn_table is not None and command.idn_table not in tables:
        return f"the table {command.idn_table!r} is not known here: {', '.join(sorted(tables)) or 'none is'}"
    if tables and command.idn_table is None and command.domain.label.startswith("xn--"):
        return f"an internationalized name must name its table here: {', '.join(sorted(tables))}"
    return None


def _beyond_update(update: Update, capabilities: Capabilities) -> str | None:
    changes = {
        Changeable.NAMESERVERS: update.nameservers is not None,
        Changeable.STATUSES: bool(update.add_statuses or update.remove_statuses),
        Changeable.CONTACTS: bool(update.contacts),
        Changeable.AUTH_INFO: update.auth_info is not None,
    }
    for part, changed in changes.items():
        if changed and part not in capabilities.updates:
            return f"{part.replace('_', ' ')} of a name cannot be changed here"
    return None


def _spoken(terms: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(terms)))
