"""What does it cost, and may it? The registry is asked before each command that spends, and told what it said (RFC 8748).

A price is a `Decimal` of the currency's major unit, as the registry writes it; it is compared with the order's ceiling
and never computed with. A name has a *premium* price where its class is not the standard one and it costs something.
"""

from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml.etree import _Element as Element

from adapters.registrars.epp.documents import child, extension, finished, verb
from adapters.registrars.epp.encoding import period
from adapters.registrars.epp.namespaces import DOMAIN
from adapters.registrars.epp.reading import Response, text_of
from adapters.registrars.epp.settings import EppSettings
from registrar.commands import Command, Kind, Register, Renew, Transfer
from registrar.gateway import Deposit
from registrar.money import MINOR_UNITS, Money
from registrar.names import DomainName

PREFIX = "fee"
STANDARD = "standard"

_COMMANDS = {
    Kind.REGISTER: "create",
    Kind.RENEW: "renew",
    Kind.TRANSFER: "transfer",
    Kind.RESTORE: "restore",
}
_TRANSFORMS = {**_COMMANDS, Kind.RESTORE: "update"}
"""A restore is priced as one (RFC 8748 §3.1), and carried out by an update (RFC 3915 §4.2.5)."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What the registry says that a command costs; `lines` are its own `fee` and `credit` elements."""

    currency: str
    total: Decimal
    premium: bool
    lines: tuple[Element, ...]

    def __str__(self) -> str:
        return f"{self.total} {self.currency}"


def price_check(command: Command, settings: EppSettings, transaction_id: str) -> Element:
    """Ask what a command costs (RFC 8748 §5.1.1), in the account's currency where the settings name it."""
    document, check = verb("check", DOMAIN)
    child(check, "name", command.domain.ascii)
    asked = extension(document, settings.fee_namespace, "check", prefix=PREFIX)
    if settings.currency:
        child(asked, "currency", settings.currency)
    priced = child(asked, "command", name=_COMMANDS[command.kind])
    if isinstance(command, Register | Renew | Transfer) and command.months:
        period(priced, command.months, settings)
    return finished(document, transaction_id)


def read_quote(response: Response, command: Command, namespace: str) -> Quote | None:
    """Read the answer; None where the registry names no price that can be read."""
    checked = response.extension_part(namespace, "chkData")
    if response.code != 1000 or checked is None:
        return None
    priced = _priced(checked, command.domain, _COMMANDS[command.kind], namespace)
    currency = text_of(checked, f"{{{namespace}}}currency")
    if priced is None or currency is None:
        return None
    offer, part = priced
    lines = tuple(node for node in part.iterchildren(f"{{{namespace}}}fee", f"{{{namespace}}}credit"))
    total = _sum(lines)
    if total is None or (not lines and part.find(f"{{{namespace}}}reason") is not None):
        return None
    grade = (text_of(offer, f"{{{namespace}}}class") or STANDARD).lower()
    special = grade != STANDARD and part.get("standard") not in {"1", "true"}
    return Quote(currency, total, special and total > 0, lines)


def objection(quote: Quote | None, ceiling: Money | None) -> str | None:
    """Say why a command must not be sent at this price; None where it may.

    Where the registry tells prices, an order with a ceiling needs one, and an order without pays no premium price.
    """
    if ceiling is None:
        return (
            f"it has a premium price of {quote}, and the order has no ceiling"
            if quote and quote.premium
            else None
        )
    if quote is None:
        return "the registry names no price for it, and the order has a ceiling"
    if quote.currency != ceiling.currency:
        return f"it costs {quote}, and the order's ceiling is in {ceiling.currency}"
    if quote.total > Decimal(ceiling.amount).scaleb(-MINOR_UNITS[ceiling.currency]):
        return f"it costs {quote}, more than the order's ceiling of {ceiling}"
    return None


def state_fees(document: Element, kind: Kind, quote: Quote, namespace: str) -> None:
    """Append the exact quote to a command: another sum is refused with 2004, and none with 2003 (facts §1.9)."""
    if not quote.lines:
        return
    stated = extension(document, namespace, _TRANSFORMS[kind], prefix=PREFIX)
    child(stated, "currency", quote.currency)
    for line in quote.lines:
        said = deepcopy(line)
        said.tail = None
        for attribute in set(said.attrib) - {"description"}:
            del said.attrib[attribute]
        stated.append(said)


def balance_in(response: Response, namespace: str) -> Deposit | None:
    """Return the balance that an answer tells with what a command cost (RFC 8748 §3.6), if it does."""
    for part in response.extension_parts(namespace):
        balance, currency = (text_of(part, f"{{{namespace}}}{name}") for name in ("balance", "currency"))
        if balance and currency:
            return Deposit(balance, currency)
    return None


def _priced(
    checked: Element, domain: DomainName, name: str, namespace: str
) -> tuple[Element, Element] | None:
    """Find what is offered for a name and the command in it; `avail="0"` says that it cannot be priced."""
    for offer in checked.iterchildren(f"{{{namespace}}}cd"):
        if (text_of(offer, f"{{{namespace}}}objID") or "").lower() != domain.ascii:
            continue
        for part in offer.iterchildren(f"{{{namespace}}}command"):
            if part.get("name") == name and offer.get("avail", "1") in {"1", "true"}:
                return offer, part
    return None


def _sum(lines: tuple[Element, ...]) -> Decimal | None:
    """Add fees and credits up (credits are negative); None where one of them is no number."""
    try:
        amounts = [Decimal((line.text or "").strip()) for line in lines]
    except InvalidOperation:
        return None
    return sum(amounts, Decimal()) if all(amount.is_finite() for amount in amounts) else None
