"""How is a name renewed, and what does IRNIC say against it? Names with another agent, expired ones and locked ones too.

A renewal is one request, guarded by the expiry that the order was made against. Only a name whose term is over is
looked at first: it may be locked, and then a year's fee is charged on top, whatever the term (facts §5.1, cases 25 and
26). The status decides that, never our count of days. What a look shows before anything is sent:

| shown                                             | outcome |
| documents wanted of the holder                    | Correctable(DOCUMENTS) |
| a registration or renewal that is not decided yet | NotSent: look again in an hour |
| serverRenewProhibited, pendingDelete, suspended   | Refused(NOT_RENEWABLE) |
| irnicLocked, and `renew_locked` is not set        | Blocked(PRICE) |

`renew_locked` is the house's yes to the penalty. An order's ceiling cannot say it: IRNIC counts in units, and no
currency is compared with them here.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from adapters.registrars.irnic import encoding, limits, looking, outcomes
from adapters.registrars.irnic.contract import Contract
from adapters.registrars.irnic.conversation import Told, UntoldError, completed
from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.progress import (
    awaits_approval,
    is_beyond_renewal,
    is_locked,
    progress_in_look,
)
from adapters.registrars.irnic.reading import DomainState, Response, domain_state
from adapters.registrars.irnic.steps import answer_before, unsent
from registrar.commands import Kind, Renew
from registrar.gateway import Call, Progress
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    NotSent,
    Outcome,
    RefusalReason,
    Refused,
    Reply,
)

ASK_THE_HOLDER = "IRNIC does not let us renew this name: its holder makes us the billing contact at nic.ir, then it is sent again"
LOCKED = (
    "the name is locked: IRNIC charges a one-year fee on top of the renewal; "
    "set renew_locked = true in this registrar's section to pay it"
)
_WAIT_SECONDS = 3600.0
_CLOCKS_APART = timedelta(days=1)
_DAY_FIRST = re.compile(r"(\d{4}-\d{2}-\d{2})(?!\d)")


def renew(command: Renew, contract: Contract, call: Call) -> Outcome:
    """Send a renewal, after a look if the name's term is over."""
    if (fault := limits.fault(command)) is not None:
        return fault
    current = written_day(command.current_expiry.text)
    if current is None:
        text = "the current expiry is not a date as IRNIC writes it"
        return Blocked(Reply(text=text), BlockCause.REQUEST)
    is_over = command.current_expiry.at - _CLOCKS_APART <= contract.now()
    if is_over and (stop := _stop_before(command, contract, call)) is not None:
        return stop
    write = partial(
        encoding.renew_domain,
        command.domain,
        current_expiry=current,
        months=command.months,
        deposit_code=contract.deposit_code,
    )
    told = contract.spend(write, call)
    settled = contract.settled(outcomes.RENEW, told)
    if isinstance(told, Told):
        return _explained(command, settled, told, contract, call)
    return settled


def written_day(text: str) -> date | None:
    """Return the day as it stands in IRNIC's text of a date; it is not converted to another zone, ever."""
    found = _DAY_FIRST.match(text)
    try:
        return date.fromisoformat(found.group(1)) if found else None
    except ValueError:
        return None


def _stop_before(command: Renew, contract: Contract, call: Call) -> Outcome | None:
    """Look at a name whose term is over; None if nothing speaks against its renewal."""
    told = contract.info(command.domain, call)
    answer = answer_before(outcomes.INFO, told)
    if not isinstance(answer, Response):
        return answer
    try:
        statuses = domain_state(answer, command.domain).statuses
    except UnreadableError as error:
        return unsent(str(error))
    return _hindrance(statuses, told.reply, renew_locked=contract.settings.renew_locked)


def _hindrance(statuses: frozenset[str], reply: Reply, *, renew_locked: bool) -> Outcome | None:
    """Return what a name's statuses say against its renewal; see the module."""
    progress = progress_in_look(statuses)
    if Progress.DOCUMENTS_REQUIRED in (progress.get(Kind.REGISTER), progress.get(Kind.RENEW)):
        return Correctable(reply, Correction.DOCUMENTS)
    if _is_in_work(progress.get(Kind.RENEW)) or awaits_approval(statuses):
        return NotSent("IRNIC has not decided yet about this name", retry_after=_WAIT_SECONDS)
    if is_beyond_renewal(statuses):
        return Refused(reply, RefusalReason.NOT_RENEWABLE)
    if is_locked(statuses) and not renew_locked:
        return Blocked(replace(reply, text=LOCKED), BlockCause.PRICE)
    return None


def _is_in_work(progress: Progress | None) -> bool:
    """Tell whether a renewal goes on: also one that is approved, until its new date shows."""
    return progress in (Progress.UNDER_WAY, Progress.APPROVED)


def _explained(command: Renew, settled: Outcome, told: Told, contract: Contract, call: Call) -> Outcome:
    """Return what a refusal means for this name: a code alone does not say whose turn it is."""
    match told.answer.code:
        case 2201 if command.elsewhere:
            return _to_holder(told.reply)
        case 2201:
            state = _seen(command, contract, call)
            ours = state is None or looking.is_ours(state, billing_handle=contract.billing_handle) is True
            return settled if ours else _to_holder(told.reply)
        case 2304:
            state = _seen(command, contract, call)
            return settled if state is None else _by_status(settled, state, told.reply)
        case 2306 if command.elsewhere:
            conflict = isinstance(settled, Refused) and settled.reason is RefusalReason.EXPIRY_CONFLICT
            return settled if conflict else _to_holder(told.reply)
        case _:
            return settled


def _by_status(settled: Outcome, state: DomainState, reply: Reply) -> Outcome:
    """Say more of a 2304 by the statuses. A renewal that is in work may be this order's: then a look decides."""
    progress = progress_in_look(state.statuses)
    if progress.get(Kind.REGISTER) is Progress.DOCUMENTS_REQUIRED:
        return Correctable(reply, Correction.DOCUMENTS)
    if (
        Kind.RENEW not in progress
        and not awaits_approval(state.statuses)
        and is_beyond_renewal(state.statuses)
    ):
        return Refused(reply, RefusalReason.NOT_RENEWABLE, confirm=True)
    return settled


def _seen(command: Renew, contract: Contract, call: Call) -> DomainState | None:
    """Look at the name after a refusal; without an answer, None: then the code alone must do."""
    try:
        return domain_state(completed(contract.info(command.domain, call)), command.domain)
    except (UntoldError, UnreadableError):
        return None


def _to_holder(reply: Reply) -> Correctable:
    return Correctable(replace(reply, text=f"{ASK_THE_HOLDER} ({reply.text})"), Correction.CONTACTS)
