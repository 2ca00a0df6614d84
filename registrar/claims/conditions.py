"""What must be so before a claim moves? Confirmations, the wait for a court, an order that fits, a reference (D9, D10)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from registrar.agreement.disputing import By, Ruling
from registrar.agreement.rules import Authorities, Rules
from registrar.models import Confirmation, Order
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.states import State
from registrar.texts import is_readable

LONGEST_REFERENCE = 128


def missing_confirmations(connection: Connection, claim_id: int, rules: Rules) -> list[By]:
    """Return who must still confirm a claim before it can be upheld; with `any`, one authority is enough."""
    query = select(Confirmation.by).where(Confirmation.claim_id == claim_id)
    given = {By(by) for by in connection.execute(query).scalars()}
    authorities = [By.IRANIAN, By.INTERNATIONAL]
    enough = rules.claims.authorities is Authorities.ANY and not given.isdisjoint(authorities)
    return [by for by in (By.COMPANY, *([] if enough else authorities)) if by not in given]


def insist_confirmed(connection: Connection, claim: Row[Any], rules: Rules) -> None:
    """Refuse while the company's confirmation, or the authority's, is missing."""
    missing = missing_confirmations(connection, claim.id, rules)
    if missing:
        how = " or ".join if rules.claims.authorities is Authorities.ANY else " and ".join
        authorities = how(by for by in missing if by is not By.COMPANY)
        wanted = [part for part in ("the company" if By.COMPANY in missing else "", authorities) if part]
        raise ActRefusedError(
            "confirmation_missing",
            f"claim {claim.id} is not confirmed by {', nor by '.join(wanted)}: `registrar claims confirm {claim.id}`",
        )


def insist_ruling_due(claim: Row[Any], now: datetime) -> None:
    """Refuse while the ruling waits for a court filing, or is stopped by one."""
    if claim.ruling_due_at is None and claim.ruling != Ruling.NONE:
        raise ActRefusedError("ruling_stopped", "a court filing stops the ruling: it waits for the court")
    if claim.ruling_due_at is not None and now < claim.ruling_due_at:
        raise ActRefusedError(
            "too_early", f"the ruling waits for a court filing until {claim.ruling_due_at.isoformat()}"
        )


def insist_order(connection: Connection, claim: Row[Any], order_id: int) -> None:
    """Refuse an order that is not one of this name, waiting at the gate."""
    query = select(Order.domain, Order.state, Order.claim_id).where(Order.id == order_id)
    order = connection.execute(query).first()
    if order is None or order.domain != claim.domain:
        raise ActRefusedError("order_unknown", f"there is no order {order_id} for {claim.domain}")
    if order.state != State.PLACED or order.claim_id is not None:
        raise ActRefusedError("not_now", f"order {order_id} does not wait at this claim: place one that does")


def number_of(text: str) -> str:
    """Read a document's number."""
    return office_or_number(text, "the document's number")


def office_or_number(text: str, what: str) -> str:
    """Take a number, a case or an office; an address of a person is refused (D10)."""
    told = text.strip()
    if not told or len(told) > LONGEST_REFERENCE or not is_readable(told) or "@" in told:
        raise ActRefusedError(
            "reference_invalid",
            f"{what} is 1-{LONGEST_REFERENCE} printable characters, and never a person's name or address",
        )
    return told
