"""How does a command end after an error of the core? A table: each class of error with its exit code and its own code."""

from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adapters.lookups.pace import NobodyCountsError
from adapters.mail.bounces import NoBounceError
from adapters.terminal.exits import Ending, ExitCode, MisconfiguredError
from registrar.access import KeyRefusedError
from registrar.bookings import BookingRefusedError
from registrar.customers.holds import CustomerHoldRefusedError
from registrar.debts import DebtRefusedError
from registrar.errands import ErrandRefusedError
from registrar.gateway import GatewayUnavailableError
from registrar.holds import HoldRefusedError
from registrar.ledger import InsufficientBalanceError, NotReversibleError, TopUpRepeatedError
from registrar.money import MoneyError
from registrar.names import NameRefusedError
from registrar.notices import NoticeStandsError
from registrar.orders.by_hand import ActRefusedError
from registrar.orders.lines import LineRefusedError
from registrar.orders.requests import RequestRefusedError
from registrar.orders.states import MoveLostError
from registrar.secrets import KeyringError
from registrar.slips import SlipRefusedError
from registrar.strict_json import MalformedJsonError
from registrar.sync.pins import PinRefusedError
from registrar.sync.runs import RunUnderWayError

_OWN = ""
"""The error says its code itself."""

_ENDINGS: Mapping[type[Exception], tuple[ExitCode, str]] = {
    MisconfiguredError: (ExitCode.MISCONFIGURED, "misconfigured"),
    KeyringError: (ExitCode.MISCONFIGURED, "misconfigured"),
    ActRefusedError: (ExitCode.FAILED, _OWN),
    ErrandRefusedError: (ExitCode.FAILED, _OWN),
    RequestRefusedError: (ExitCode.FAILED, _OWN),
    MalformedJsonError: (ExitCode.FAILED, _OWN),
    HoldRefusedError: (ExitCode.FAILED, _OWN),
    CustomerHoldRefusedError: (ExitCode.FAILED, _OWN),
    NoBounceError: (ExitCode.FAILED, "no_bounce"),
    NoticeStandsError: (ExitCode.FAILED, _OWN),
    KeyRefusedError: (ExitCode.FAILED, "key_refused"),
    TopUpRepeatedError: (ExitCode.FAILED, "top_up_repeated"),
    InsufficientBalanceError: (ExitCode.FAILED, "insufficient_balance"),
    NotReversibleError: (ExitCode.FAILED, "not_reversible"),
    BookingRefusedError: (ExitCode.FAILED, _OWN),
    DebtRefusedError: (ExitCode.FAILED, _OWN),
    LineRefusedError: (ExitCode.FAILED, _OWN),
    SlipRefusedError: (ExitCode.FAILED, _OWN),
    PinRefusedError: (ExitCode.FAILED, _OWN),
    RunUnderWayError: (ExitCode.TRY_AGAIN, "sync_under_way"),
    NobodyCountsError: (ExitCode.UNAVAILABLE, "redis_unavailable"),
    NameRefusedError: (ExitCode.USAGE, _OWN),
    MoneyError: (ExitCode.USAGE, "amount_invalid"),
    MoveLostError: (ExitCode.TRY_AGAIN, "moved_meanwhile"),
    GatewayUnavailableError: (ExitCode.UNAVAILABLE, "registrar_unavailable"),
    DBAPIError: (ExitCode.UNAVAILABLE, "database_unavailable"),
    PoolTimeoutError: (ExitCode.UNAVAILABLE, "database_unavailable"),
}
_PASSES = frozenset({"too_early", "look_failed"})
"""Refusals that time alone takes away."""


def ending_of(error: Exception) -> Ending | None:
    """Return how a command ends after this error, or None if it is a fault of ours."""
    for kind, (exit_code, known) in _ENDINGS.items():
        if isinstance(error, kind):
            code = known or str(getattr(error, "code", ""))
            text = _about_database(error) if known == "database_unavailable" else str(error)
            return Ending(ExitCode.TRY_AGAIN if code in _PASSES else exit_code, code, text)
    return None


def _about_database(error: Exception) -> str:
    """Say what the database said, without the statement and its values."""
    said = str(getattr(error, "orig", None) or "no connection became free").splitlines()[0]
    return f"the database cannot be used: {said} (is it running, and was `registrar db upgrade` run?)"
