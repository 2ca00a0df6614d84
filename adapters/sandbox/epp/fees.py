"""What does the registry say that things cost, and what must a client have agreed to? RFC 8748, version 1.0.

Prices are the terms' own; names that begin with `PREMIUM_PREFIX` cost more and must be paid knowingly: without a stated
fee they are refused (2003), and anybody who states another one is refused too (2004).
"""

from decimal import Decimal, InvalidOperation

from lxml import etree

from adapters.sandbox.epp.answers import RefusalError, node
from adapters.sandbox.epp.dialect import FEE, PREMIUM_FACTOR, PREMIUM_PREFIX, Dialect, Terms
from adapters.sandbox.epp.requests import Request, find_all

COMMANDS = {"create": "register", "renew": "renew", "transfer": "transfer", "restore": "restore"}
"""The extension's words for what is priced, and the books' words."""
_CHARGED = {"register": "creData", "renew": "renData", "transfer": "trnData", "restore": "updData"}
_MONTHS = {"y": 12, "m": 1}
_CENTS = 100


def premium(name: str, dialect: Dialect) -> bool:
    """Tell whether a name has a price of its own here."""
    return FEE in dialect.extensions and name.startswith(PREMIUM_PREFIX)


def price(name: str, command: str, months: int, dialect: Dialect, terms: Terms) -> int:
    """Tell what a command costs for a name, in the books' unit."""
    return terms.amount(command, months) * (PREMIUM_FACTOR if premium(name, dialect) else 1)


def refuse_other_fees(request: Request, name: str, amount: int, *, unit: str, dialect: Dialect) -> None:
    """Refuse a command that states another fee than its price, or none for a premium name."""
    stated = request.extension(FEE)
    if stated is None:
        if premium(name, dialect):
            raise RefusalError(2003, "the name has a premium price: its fee must be stated")
        return
    currency = next(find_all(stated, "currency"), None)
    if currency is not None and (currency.text or "").strip() != unit:
        raise RefusalError(2004, "the account is kept in another currency")
    if _total(stated) != Decimal(amount) / _CENTS:
        raise RefusalError(2004, "the fee is another one")


def check_data(request: Request, dialect: Dialect, terms: Terms, *, unit: str) -> tuple[etree._Element, ...]:
    """Answer a check's question for prices; one in another currency is refused (2004)."""
    asked = request.extension(FEE)
    if asked is None:
        return ()
    currency = next(find_all(asked, "currency"), None)
    if currency is not None and (currency.text or "").strip() != unit:
        raise RefusalError(2004, "prices are in another currency")
    offers = [_offer(name, asked, dialect, terms) for name in request.names]
    return (node(FEE, "chkData", node(FEE, "currency", text=unit), *offers),)


def charged_data(command: str, amount: int, *, balance: int, unit: str) -> etree._Element:
    """Write what a command cost, and what is left of the deposit."""
    return node(
        FEE,
        _CHARGED[command],
        node(FEE, "currency", text=unit),
        node(FEE, "fee", text=_text(amount)),
        node(FEE, "balance", text=_text(balance)),
    )


def _offer(name: str, asked: etree._Element, dialect: Dialect, terms: Terms) -> etree._Element:
    offer = node(FEE, "cd", node(FEE, "objID", text=name), avail="1")
    offer.append(node(FEE, "class", text="premium" if premium(name, dialect) else "standard"))
    for command in find_all(asked, "command"):
        priced = node(FEE, "command", name=command.get("name", ""))
        period = next(find_all(command, "period"), None)
        if period is not None:
            priced.append(node(FEE, "period", text=period.text, unit=period.get("unit", "y")))
        ours = COMMANDS.get(command.get("name", ""))
        if ours is None:
            priced.append(node(FEE, "reason", text="Not priced here"))
        else:
            priced.append(node(FEE, "fee", text=_text(price(name, ours, _months(period), dialect, terms))))
        offer.append(priced)
    return offer


def _months(period: etree._Element | None) -> int:
    if period is None:
        return _MONTHS["y"]
    text = (period.text or "").strip()
    if not text.isdecimal():
        raise RefusalError(2005, "a period is a whole number")
    return int(text) * _MONTHS.get(period.get("unit", ""), 0)


def _total(stated: etree._Element) -> Decimal:
    try:
        return sum((Decimal((each.text or "").strip()) for each in find_all(stated, "fee")), Decimal())
    except InvalidOperation:
        raise RefusalError(2005, "a fee is a number") from None


def _text(amount: int) -> str:
    return f"{Decimal(amount) / _CENTS:.2f}"
