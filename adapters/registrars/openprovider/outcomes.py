"""What did Openprovider's answer to a command come to? One table by command and code (facts §4.4); unlisted: `Unknown`.

Three rows of the facts are narrowed here, each towards caution. A registry that is down (10, 15, 17, 340, 4005) may
have been reached before it went, so of a command it is `Unknown`, unless the envelope itself says maintenance. That an
operation is in progress (327, 339, 504, 514, 20001) means for a registration or a transfer that ours was taken: the
name was not in our account before. Of a renewal or a restore it may be another's, and only a look tells. A refusal that
our own lost attempt would explain asks for a look first (`confirm`).
"""

import re
from collections.abc import Callable, Mapping

from adapters.registrars.openprovider.conversation import (
    CREDENTIALS_REFUSED,
    PAUSE_SECONDS,
    UNCLEAR,
    Told,
)
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

Verdict = Callable[[Reply], Outcome]

REGISTER = "register"
RENEW = "renew"
TRANSFER = "transfer"
RESTORE = "restore"
UPDATE = "update"
DELETE = "delete"
APPROVE = "approve"
CONTACT = "contact"
"""The step before an order: nothing of the order was sent, whatever it comes to."""
PRICE = "price"
"""As well a step before."""

NOT_READY_SECONDS = 5.0
"""How soon a handle that was just made can be used; Openprovider's own module waits two (facts §4.5)."""

_NO_SUCH_HANDLE = re.compile(
    r"\b(unknown|no such)\b.{0,40}\b(handle|customer)\b"
    r"|\b(handle|customer)\b.{0,40}\b(unknown|not found|(does not|doesn't|not) exist)\b"
)


def settle(command: str, told: Told) -> Outcome:
    """Return what an answer other than code 0 came to."""
    code = told.answer.code
    if told.answer.maintenance and code not in UNCLEAR | CREDENTIALS_REFUSED:
        return NotSent("Openprovider is under maintenance", retry_after=PAUSE_SECONDS)
    return RESULTS.get((command, code), _unlisted)(told.reply)


def lacks_handle(told: Told) -> bool:
    """Tell whether an answer says that a contact's handle is not known; the facts give no code for it."""
    clear = told.answer.code not in {0, *UNCLEAR}
    return clear and _NO_SUCH_HANDLE.search(told.reply.text.lower()) is not None


def not_ready() -> NotSent:
    """Return the outcome of an order whose contact was made a moment ago and is not known everywhere yet."""
    return NotSent("Openprovider does not know the new contact's handle yet", retry_after=NOT_READY_SECONDS)


def _unlisted(reply: Reply) -> Outcome:
    return Unknown(f"code {reply.result_code} does not say whether it was done", reply)


def _blocked(cause: BlockCause) -> Verdict:
    return lambda reply: Blocked(reply, cause)


def _refused(reason: RefusalReason) -> Verdict:
    return lambda reply: Refused(reply, reason)


def _confirm(reason: RefusalReason) -> Verdict:
    return lambda reply: Refused(reply, reason, confirm=True)


def _correctable(needs: Correction) -> Verdict:
    return lambda reply: Correctable(reply, needs)


_REQUEST = _blocked(BlockCause.REQUEST)
_CREDENTIALS = _blocked(BlockCause.CREDENTIALS)
_DEPOSIT = _blocked(BlockCause.DEPOSIT)
_PRICE = _blocked(BlockCause.PRICE)
_CONTACTS = _correctable(Correction.CONTACTS)
_NAMESERVERS = _correctable(Correction.NAMESERVERS)
_AUTH_INFO = _correctable(Correction.AUTH_INFO)
_UNLOCK = _correctable(Correction.UNLOCK)
_POLICY = _refused(RefusalReason.POLICY)
_NOT_OURS = _confirm(RefusalReason.NOT_OURS)
_ALREADY_REGISTERED = _confirm(RefusalReason.ALREADY_REGISTERED)
_ALREADY_OURS = _confirm(RefusalReason.ALREADY_OURS)
_NOT_REGISTERED = _confirm(RefusalReason.NOT_REGISTERED)
_EXPIRY_CONFLICT = _confirm(RefusalReason.EXPIRY_CONFLICT)
_NOT_RENEWABLE = _confirm(RefusalReason.NOT_RENEWABLE)
_NOT_TRANSFERABLE = _confirm(RefusalReason.NOT_TRANSFERABLE)
_NOT_RESTORABLE = _confirm(RefusalReason.NOT_RESTORABLE)
_STATUS = _confirm(RefusalReason.STATUS_PROHIBITS)

_CUSTOMER = frozenset(range(100, 196))
_NAME_SERVERS = frozenset(range(200, 299))
_IN_PROGRESS = (327, 339, 504, 514, 20001)
_RESERVED = (16, 512, 513)
_PREMIUM = (379, 19000, 19002)
_FORBIDDEN = (366, 367, 369)
_OURS_ALREADY = (326, 346, 362)

_ALWAYS: Mapping[int, Verdict] = {
    **dict.fromkeys(_CUSTOMER, _CONTACTS),
    **dict.fromkeys(_NAME_SERVERS, _NAMESERVERS),
    **dict.fromkeys(CREDENTIALS_REFUSED, _CREDENTIALS),
    **dict.fromkeys((310, 920), _DEPOSIT),
    **dict.fromkeys((307, 315, 316), _REQUEST),
    **dict.fromkeys(_PREMIUM, _PRICE),
    **dict.fromkeys(_RESERVED, _POLICY),
    872: _NAMESERVERS,
}

_BY_COMMAND: Mapping[str, Mapping[int, Verdict]] = {
    REGISTER: {
        311: _ALREADY_REGISTERED,
        365: _ALREADY_REGISTERED,
        **dict.fromkeys(_OURS_ALREADY, _ALREADY_REGISTERED),
        **dict.fromkeys(_IN_PROGRESS, Pending),
        **dict.fromkeys(_FORBIDDEN, _STATUS),
    },
    RENEW: {
        313: _NOT_REGISTERED,
        320: _NOT_OURS,
        324: _NOT_RENEWABLE,
        325: _EXPIRY_CONFLICT,
        328: _STATUS,
        19004: _NOT_RENEWABLE,
        19307: _NOT_RENEWABLE,
        **dict.fromkeys(_FORBIDDEN, _STATUS),
    },
    TRANSFER: {
        312: _NOT_REGISTERED,
        **dict.fromkeys((317, 318, 358), _AUTH_INFO),
        328: _UNLOCK,
        365: _NOT_TRANSFERABLE,
        19004: _NOT_TRANSFERABLE,
        **dict.fromkeys(_OURS_ALREADY, _ALREADY_OURS),
        **dict.fromkeys(_IN_PROGRESS, Pending),
        **dict.fromkeys(_FORBIDDEN, _NOT_TRANSFERABLE),
    },
    RESTORE: {
        320: _NOT_OURS,
        376: _NOT_RESTORABLE,
        **dict.fromkeys(_FORBIDDEN, _STATUS),
    },
    UPDATE: {320: _NOT_OURS, 328: _STATUS, **dict.fromkeys(_FORBIDDEN, _STATUS)},
    DELETE: {320: _NOT_OURS, 328: _STATUS, 19004: _STATUS, **dict.fromkeys(_FORBIDDEN, _STATUS)},
    APPROVE: {
        320: _NOT_OURS,
        328: _STATUS,
        **dict.fromkeys((317, 318, 358), _REQUEST),
        **dict.fromkeys(_FORBIDDEN, _STATUS),
    },
    CONTACT: {},
    PRICE: {},
}

RESULTS: Mapping[tuple[str, int], Verdict] = {
    (command, code): verdict
    for command, own in _BY_COMMAND.items()
    for code, verdict in {**_ALWAYS, **own}.items()
}
"""What each listed code means of each command. Those of `TEMPORARY` and `UNCLEAR` are left out on purpose."""
