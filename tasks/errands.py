"""How does a worker run an errand? It writes down before and after that it did, and no transaction is open meanwhile."""

from datetime import datetime

from registrar import errands
from registrar.commands import AnswerTransfer, Errand, TransferAnswer
from registrar.errands import ErrandRefusedError
from registrar.events import WORKER
from registrar.outcomes import Outcome
from tasks import clock
from tasks.wiring import House, new_token


def run(house: House, registrar: str, errand: Errand, *, ticket: str, looked_at: datetime) -> Outcome | None:
    """Run an errand that a look begun at `looked_at` asks for; None: it was refused here, and nothing was sent."""
    now = clock.now()
    try:
        with house.database.transaction() as connection:
            if isinstance(errand, AnswerTransfer) and errand.answer is TransferAnswer.REJECT:
                lease = house.terms[registrar].lease
                errands.insist_unanswered(
                    connection, errand, looked_at=looked_at, given_up_before=now - lease
                )
            errands.begin(connection, errand, registrar, actor=WORKER, ticket=ticket, now=now)
    except ErrandRefusedError:
        return None
    outcome = house.execute(registrar, errand, house.call(registrar, f"RE-{new_token()}"))
    with house.database.transaction() as connection:
        errands.end(connection, errand, registrar, outcome, actor=WORKER, ticket=ticket, now=clock.now())
    return outcome
