"""What becomes of a command when a question that comes before it fails? The command was not sent, whatever it is."""

from adapters.registrars.irnic import outcomes
from adapters.registrars.irnic.conversation import Told, Untold
from adapters.registrars.irnic.reading import Response
from registrar.outcomes import Blocked, NotSent, Outcome, Unknown

PAUSE_SECONDS = 5.0
"""How long clients of IRNIC pause after it says that it is too much (2502, 429, a broken status line)."""


def answer_before(step: str, told: Told | Untold) -> Response | Outcome:
    """Return the answer to the `step` (a word of `outcomes`), or what its failure comes to; that is never `Unknown`."""
    if isinstance(told, Untold):
        return Blocked(told.reply, told.blocked) if told.blocked else _untold(told)
    if told.answer.code == 1000:
        return told.answer
    settled = outcomes.settle(step, told.answer, told.reply)
    return unsent(settled.reason) if isinstance(settled, Unknown) else settled


def unsent(reason: str) -> NotSent:
    """Return the outcome of a command that was held back because a question before it got no clear answer."""
    return NotSent(f"the command was not sent: {reason}", retry_after=PAUSE_SECONDS)


def _untold(told: Untold) -> NotSent:
    """Return the outcome after silence: a far side that is away is waited for longer each time, by the core."""
    reason = f"the command was not sent: {told.reason}"
    if told.unreachable or not told.sent:
        return NotSent(reason, retry_after=told.retry_after, unreachable=told.unreachable)
    return NotSent(reason, retry_after=PAUSE_SECONDS)
