"""How is each question and command written for LogicBoxes? Parameters by name, in facts §2.5's words; all pure.

Reads are GETs, writes are form posts. A list is a parameter that comes again (`ns=a&ns=b`), booleans are `true` and
`false`, times are epoch seconds. Every order runs at once without an invoice to the house customer (`NoInvoice`; our
own deposit is debited anyway) and without the platform's own renewals (`auto-renew=false`): nobody orders but we.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from adapters.registrars.logicboxes.settings import MONTHS_OF_A_YEAR
from registrar.commands import ContactRole, Register, Renew, Transfer
from registrar.names import DomainName
from registrar.secrets import Secret

Words = tuple[tuple[str, str], ...]

ROLE_WORDS = {
    ContactRole.REGISTRANT: "reg-contact-id",
    ContactRole.ADMIN: "admin-contact-id",
    ContactRole.TECH: "tech-contact-id",
    ContactRole.BILLING: "billing-contact-id",
}

_ACTIONS_AT_ONCE = "500"
_FOUND_AT_ONCE = "50"
"""How many contacts a search may return (10 to 500)."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of the API: `command` is the path without its ending (`domains/renew`). `repr` shows no parameter."""

    command: str
    words: Words = field(repr=False)
    writes: bool = False

    def encoded(self, *, reseller_id: str, api_key: Secret) -> str:
        """Return the parameters with our credentials, as a form or a query."""
        return urlencode((("auth-userid", reseller_id), ("api-key", api_key.reveal()), *self.words))


def details(domain: DomainName) -> Ask:
    """Ask for everything of a name in our account."""
    return Ask("domains/details-by-name", (("domain-name", domain.ascii), ("options", "All")))


def availability(domain: DomainName) -> Ask:
    """Ask whether a name is free; the label and what it stands under are told apart."""
    return Ask("domains/available", (("domain-name", domain.label), ("tlds", domain.zone)))


def finished_transfers() -> Ask:
    """Ask for transfers to us that are over; the platform keeps them apart from what is running."""
    return Ask(
        "actions/search-archived",
        (("action-type", "AddTransferDomain"), ("no-of-records", _ACTIONS_AT_ONCE), ("page-no", "1")),
    )


def register(
    command: Register, *, customer_id: str, contacts: Mapping[ContactRole, str], premium: bool
) -> Ask:
    """Write a registration; `contacts` are ids by role."""
    attributes = [("idnLanguageCode", command.idn_table)] if command.idn_table else []
    attributes += [("premium", "true")] if premium else []
    privacy = _flag(on=command.privacy)
    return _order(
        "domains/register",
        ("domain-name", command.domain.ascii),
        ("years", str(command.months // MONTHS_OF_A_YEAR)),
        *(("ns", server.host) for server in command.nameservers),
        ("customer-id", customer_id),
        *_people(contacts),
        ("purchase-privacy", privacy),
        ("protect-privacy", privacy),
        ("auto-renew", "false"),
        *_attributes(attributes),
    )


def renew(command: Renew, *, order_id: str, premium: bool) -> Ask:
    """Write a renewal. `exp-date` is the guard: the end that it starts from, as the platform wrote it, to the second."""
    return _order(
        "domains/renew",
        ("order-id", order_id),
        ("years", str(command.months // MONTHS_OF_A_YEAR)),
        ("exp-date", command.current_expiry.text),
        ("purchase-privacy", "false"),
        ("auto-renew", "false"),
        *_attributes([("premium", "true")] if premium else []),
    )


def transfer(command: Transfer, *, customer_id: str, contacts: Mapping[ContactRole, str]) -> Ask:
    """Write a transfer to us."""
    return _order(
        "domains/transfer",
        ("domain-name", command.domain.ascii),
        ("auth-code", command.auth_info.reveal()),
        *(("ns", server.host) for server in command.nameservers),
        ("customer-id", customer_id),
        *_people(contacts),
        ("purchase-privacy", "false"),
        ("auto-renew", "false"),
    )


def restore(order_id: str) -> Ask:
    """Write a restore out of redemption."""
    return _order("domains/restore", ("order-id", order_id))


def change_nameservers(order_id: str, hosts: Iterable[str]) -> Ask:
    """Write the whole set of name servers anew."""
    return _write("domains/modify-ns", ("order-id", order_id), *(("ns", host) for host in hosts))


def add_child_nameserver(order_id: str, host: str, addresses: Sequence[str]) -> Ask:
    """Write a host inside the name itself, with its addresses."""
    return _write(
        "domains/add-cns",
        ("order-id", order_id),
        ("cns", host),
        *(("ip", address) for address in addresses),
    )


def lock(order_id: str, *, on: bool) -> Ask:
    """Write the theft protection, which is the transfer lock, on or off."""
    word = "enable" if on else "disable"
    return _write(f"domains/{word}-theft-protection", ("order-id", order_id))


def change_contacts(order_id: str, contacts: Mapping[ContactRole, str]) -> Ask:
    """Write all four contacts anew; the platform takes no fewer."""
    return _write("domains/modify-contact", ("order-id", order_id), *_people(contacts))


def change_auth_code(order_id: str, code: Secret) -> Ask:
    """Write a new auth code."""
    return _write("domains/modify-auth-code", ("order-id", order_id), ("auth-code", code.reveal()))


def delete(order_id: str) -> Ask:
    """Write a deletion."""
    return _write("domains/delete", ("order-id", order_id))


def cancel_transfer(order_id: str) -> Ask:
    """Write the end of a transfer that we asked for."""
    return _write("domains/cancel-transfer", ("order-id", order_id))


def search_contacts(customer_id: str, *, name: str, email: str, kind: str) -> Ask:
    """Ask for the contacts of one person."""
    return Ask(
        "contacts/search",
        (
            ("customer-id", customer_id),
            ("no-of-records", _FOUND_AT_ONCE),
            ("page-no", "1"),
            ("name", name),
            ("email", email),
            ("type", kind),
        ),
    )


def add_contact(customer_id: str, *, kind: str, card: Mapping[str, str]) -> Ask:
    """Write a new contact; `card` is the person's data in the API's words."""
    return _write("contacts/add", ("customer-id", customer_id), ("type", kind), *card.items())


def cost_prices() -> Ask:
    """Ask what everything costs us."""
    return Ask("products/reseller-cost-price", ())


def balance(reseller_id: str) -> Ask:
    """Ask for our own deposit."""
    return Ask("billing/reseller-balance", (("reseller-id", reseller_id),))


def _order(command: str, *words: tuple[str, str]) -> Ask:
    return _write(command, *words, ("invoice-option", "NoInvoice"))


def _write(command: str, *words: tuple[str, str]) -> Ask:
    return Ask(command, words, writes=True)


def _people(contacts: Mapping[ContactRole, str]) -> Words:
    return tuple((word, contacts[role]) for role, word in ROLE_WORDS.items())


def _attributes(named: Sequence[tuple[str, str]]) -> Words:
    return tuple(
        pair
        for number, (name, value) in enumerate(named, start=1)
        for pair in ((f"attr-name{number}", name), (f"attr-value{number}", value))
    )


def _flag(*, on: bool) -> str:
    return "true" if on else "false"
