"""What would an order cost and be promised, for whoever asks by HTTP or at the terminal? Read, reckoned and promised here."""

from datetime import datetime
from typing import Any

from registrar import quotes
from registrar.agreement.rules import RuleBook
from registrar.database import Database
from registrar.orders.requests import Catalogue, RequestRefusedError, parse_question
from registrar.quotes import Look, PriceRefusedError


def ask(
    database: Database,
    body: object,
    *,
    catalogue: Catalogue,
    rules: RuleBook,
    look: Look,
    now: datetime,
    actor: str,
    ticket: str | None = None,
) -> dict[str, Any]:
    """Answer a question (see `requests.parse_question`), and promise the price if it names a customer (O4).

    Returns the answer as JSON; `id` is the quote's number, or None where nothing is promised. Raises
    `RequestRefusedError`, as an order would.
    """
    question = parse_question(body, catalogue=catalogue, rules=rules, now=now)
    offer = catalogue[question.domain.zone]
    in_force = rules.rules(question.domain.zone, at=question.at or now)
    try:
        told = quotes.reckon(
            database,
            question,
            rules=in_force,
            tariff=offer.prices,
            registrar=offer.routes[question.kind][0],
            look=look,
            now=now,
        )
        if question.customer is None:
            return told
        with database.transaction() as connection:
            return quotes.issue(
                connection, question.customer, told, rules=in_force, now=now, actor=actor, ticket=ticket
            )
    except PriceRefusedError as refused:
        raise RequestRefusedError(
            refused.code, str(refused), field=refused.field, price=refused.price
        ) from refused
