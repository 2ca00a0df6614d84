"""How does a face hand out a leaving name's code? Between two transactions, to the one who asks, once (D7).

What the registrar shows or takes stays in this call: it is returned, and kept nowhere.
"""

import secrets

from adapters.desk import Desk
from registrar import departures, errands
from registrar.commands import Update
from registrar.departures import Code, CodePlan, Way
from registrar.errands import ErrandRefusedError
from registrar.gateway import GatewayUnavailableError
from registrar.outcomes import Done, Pending
from registrar.secrets import Secret


def hand_out(desk: Desk, departure_id: int, *, actor: str, ticket: str | None, again: bool = False) -> Code:
    """Return a departure's code, and write down first that it is handed out.

    `ticket` is that of the act where staff act; else the departure's own. Raises `ActRefusedError`, `ErrandRefusedError`
    and `MoveLostError`, and `GatewayUnavailableError` where the registrar did not give it: then it can be asked for again.
    """
    with desk.database.transaction() as connection:
        plan = departures.plan_code(
            connection, departure_id, terms=desk.terms, rules=desk.rules, now=desk.now(), again=again
        )
    try:
        code = _got(desk, plan, actor=actor, ticket=ticket or plan.ticket)
    except Exception:
        with desk.database.transaction() as connection:
            departures.release_code(connection, plan)
        raise
    with desk.database.transaction() as connection:
        departures.code_given(
            connection, plan, code, actor=actor, ticket=ticket, rules=desk.rules, now=desk.now()
        )
    return code


def _got(desk: Desk, plan: CodePlan, *, actor: str, ticket: str) -> Code:
    """Get the code as the registrar gives it: shown, set afresh, or not to us at all."""
    with desk.database.reading() as connection:
        errands.insist_on_credentials(connection, plan.registrar)
    if plan.way is Way.MAILED:
        return Code(Way.MAILED, None)
    if plan.way is Way.SHOWN:
        shown = desk.auth_info(plan.registrar, plan.domain)
        if shown is not None and shown.reveal():
            return Code(Way.SHOWN, shown)
        if not plan.may_set:
            errands.shown(shown, plan.registrar, desk.terms[plan.registrar].capabilities)
    return Code(Way.FRESH, _set_afresh(desk, plan, actor=actor, ticket=ticket))


def _set_afresh(desk: Desk, plan: CodePlan, *, actor: str, ticket: str) -> Secret:
    """Set a code that nobody has seen; one that is not known to be set is not handed out."""
    code = errands.fresh_auth_code(secrets.choice)
    update = Update(plan.domain, auth_info=code)
    with desk.database.transaction() as connection:
        errands.begin(connection, update, plan.registrar, actor=actor, ticket=ticket, now=desk.now())
    outcome = desk.run(plan.registrar, update)
    with desk.database.transaction() as connection:
        errands.end(connection, update, plan.registrar, outcome, actor=actor, ticket=ticket, now=desk.now())
    if isinstance(outcome, Done | Pending):
        return code
    if errands.name_of(outcome) in ("not_sent", "unknown"):
        raise GatewayUnavailableError(f"{plan.registrar} did not say that the code is set: ask again")
    raise ErrandRefusedError(
        "auth_code_not_set", f"{plan.registrar} takes no fresh auth code for this name: look at it by hand"
    )
