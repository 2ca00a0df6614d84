"""Does an order's price stand? Asked when it is placed, and never of an order that is in the books already (O4)."""

from datetime import datetime

from sqlalchemy import Connection

from registrar import quotes
from registrar.agreement.failure import LineKind
from registrar.agreement.rules import Rules
from registrar.orders.requests import OrderRequest, Outside, RequestRefusedError
from registrar.quotes import Fee, Offer, PriceRefusedError


def insist_on_price(connection: Connection, request: OrderRequest, *, rules: Rules, now: datetime) -> None:
    """Refuse an order whose price is neither promised to its customer nor the tariff's; see `quotes.insist_on_price`.

    Raises `RequestRefusedError` with the price that would stand.
    """
    offer = Offer(
        quote=request.quote,
        customer=request.customer,
        domain=request.domain.ascii,
        kind=request.kind,
        months=request.months,
        price=request.price,
        fees={
            line.line: Fee(line.amount, line.refundable)
            for line in request.lines
            if line.kind is LineKind.FEE
        },
        paid_at=request.payment.paid_at if isinstance(request.payment, Outside) else now,
    )
    try:
        quotes.insist_on_price(connection, offer, tariff=request.tariff, rules=rules, now=now)
    except PriceRefusedError as refused:
        raise RequestRefusedError(
            refused.code, str(refused), field=refused.field, price=refused.price
        ) from refused
