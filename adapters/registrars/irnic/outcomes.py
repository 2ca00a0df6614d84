"""What did IRNIC's answer come to? One table by command and result code; what is not in it is `Unknown`.

Only the codes and their texts are known of IRNIC; what each means for money is our reading (the facts' §7). In short:
1000 to a create means *accepted and charged*, not approved; 1001 is the normal answer to a renewal; 2104 is our empty
deposit unless its text says otherwise; 2306 is mostly a handle that does not let us use it. 2400, 2500 and 2502 are
never taken as proof that nothing was done.
"""

from collections.abc import Callable, Mapping

from adapters.registrars.irnic.reading import Response, created_roid
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

Verdict = Callable[[Response, Reply], Outcome]

CREATE = "create"
RENEW = "renew"
CHECK_CONTACTS = "check_contacts"
"""The step before a create: nothing of the create was sent, whatever it comes to."""
UPDATE = "update"
INFO = "info"
"""The look before an update; nothing of the update was sent."""


def settle(command: str, answer: Response, reply: Reply) -> Outcome:
    """Return what the answer to a command that spends came to."""
    return RESULTS.get((command, answer.code), _unlisted)(answer, reply)


def _pending(answer: Response, reply: Reply) -> Outcome:
    return Pending(reply, registry_id=created_roid(answer))


def _done(_: Response, reply: Reply) -> Outcome:
    return Done(reply)


def _unlisted(answer: Response, reply: Reply) -> Outcome:
    return Unknown(f"result code {answer.code} does not say whether it was done", reply)


def _blocked(cause: BlockCause) -> Verdict:
    return lambda _, reply: Blocked(reply, cause)


def _refused(reason: RefusalReason, *, confirm: bool = False) -> Verdict:
    return lambda _, reply: Refused(reply, reason, confirm=confirm)


def _correctable(needs: Correction) -> Verdict:
    return lambda _, reply: Correctable(reply, needs)


def _by_text(texts: Mapping[str, Verdict], *, otherwise: Verdict, silent: Verdict | None = None) -> Verdict:
    """Decide by the first text that the reason contains; `silent` is for an answer that gives no reason at all."""

    def decide(answer: Response, reply: Reply) -> Outcome:
        reason = answer.reason.lower()
        if silent is not None and not reason:
            return silent(answer, reply)
        found = next((verdict for text, verdict in texts.items() if text in reason), otherwise)
        return found(answer, reply)

    return decide


def _by_value(parts: Mapping[str, Verdict], *, otherwise: Verdict) -> Verdict:
    """Decide by what IRNIC shows as the offending element."""

    def decide(answer: Response, reply: Reply) -> Outcome:
        found = next((verdict for part, verdict in parts.items() if part in answer.about), otherwise)
        return found(answer, reply)

    return decide


_REQUEST = _blocked(BlockCause.REQUEST)
_CREDENTIALS = _blocked(BlockCause.CREDENTIALS)
_DEPOSIT = _blocked(BlockCause.DEPOSIT)
_CONTACTS = _correctable(Correction.CONTACTS)
_NAMESERVERS = _correctable(Correction.NAMESERVERS)
_POLICY = _refused(RefusalReason.POLICY)
_STATUS = _refused(RefusalReason.STATUS_PROHIBITS, confirm=True)
_EXPIRY_CONFLICT = _refused(RefusalReason.EXPIRY_CONFLICT, confirm=True)

_BILLING = _by_text(
    {"currency type": _POLICY, "credit": _DEPOSIT, "balance": _DEPOSIT}, otherwise=_REQUEST, silent=_DEPOSIT
)
_CREATE_VALUE = _by_value(
    {
        "contact": _CONTACTS,
        "ns": _NAMESERVERS,
        "hostattr": _NAMESERVERS,
        "hostname": _NAMESERVERS,
        "hostaddr": _NAMESERVERS,
        "name": _POLICY,
    },
    otherwise=_REQUEST,
)
_UPDATE_VALUE = _by_value({"name": _REQUEST}, otherwise=_NAMESERVERS)
_RENEW_POLICY = _by_value(
    {"curexpdate": _EXPIRY_CONFLICT},
    otherwise=_by_text(
        {
            "contact": _CONTACTS,
            "expir": _EXPIRY_CONFLICT,
            "curexpdate": _EXPIRY_CONFLICT,
            "exdate": _EXPIRY_CONFLICT,
        },
        otherwise=_refused(RefusalReason.POLICY, confirm=True),
    ),
)

CREDENTIALS_REFUSED = frozenset({2200, 2202, 2501})
"""Our token or deposit code is refused: the only code (`authInfo`) that we ever send is the deposit's."""

_OUR_FAULT: Mapping[int, Verdict] = {
    **dict.fromkeys((2000, 2001, 2002, 2003, 2100, 2101, 2102, 2103), _REQUEST),
    **dict.fromkeys(CREDENTIALS_REFUSED, _CREDENTIALS),
}

RESULTS: Mapping[tuple[str, int], Verdict] = {
    **{
        (command, code): verdict
        for command in (CREATE, RENEW, CHECK_CONTACTS, UPDATE, INFO)
        for code, verdict in _OUR_FAULT.items()
    },
    (CREATE, 1000): _pending,
    (CREATE, 1001): _pending,
    (CREATE, 2004): _CREATE_VALUE,
    (CREATE, 2005): _CREATE_VALUE,
    (CREATE, 2104): _BILLING,
    (CREATE, 2201): _REQUEST,
    (CREATE, 2302): _refused(RefusalReason.ALREADY_REGISTERED, confirm=True),
    (CREATE, 2303): _by_value(
        {"contact": _CONTACTS}, otherwise=_by_text({"contact": _CONTACTS}, otherwise=_REQUEST)
    ),
    (CREATE, 2304): _STATUS,
    (CREATE, 2305): _POLICY,
    (CREATE, 2306): _by_text({"contact": _CONTACTS}, otherwise=_POLICY),
    (RENEW, 1000): _pending,
    (RENEW, 1001): _pending,
    (RENEW, 2004): _REQUEST,
    (RENEW, 2005): _REQUEST,
    (RENEW, 2104): _BILLING,
    (RENEW, 2105): _refused(RefusalReason.NOT_RENEWABLE),
    (RENEW, 2201): _REQUEST,
    (RENEW, 2303): _refused(RefusalReason.NOT_REGISTERED, confirm=True),
    (RENEW, 2304): _STATUS,
    (RENEW, 2305): _STATUS,
    (RENEW, 2306): _RENEW_POLICY,
    (CHECK_CONTACTS, 2201): _REQUEST,
    (CHECK_CONTACTS, 2004): _CONTACTS,
    (CHECK_CONTACTS, 2005): _CONTACTS,
    (CHECK_CONTACTS, 2303): _CONTACTS,
    (CHECK_CONTACTS, 2306): _CONTACTS,
    (INFO, 2201): _CONTACTS,
    (INFO, 2303): _refused(RefusalReason.NOT_REGISTERED, confirm=True),
    (UPDATE, 1000): _done,
    (UPDATE, 1001): _pending,
    (UPDATE, 2004): _UPDATE_VALUE,
    (UPDATE, 2005): _UPDATE_VALUE,
    (UPDATE, 2201): _REQUEST,
    (UPDATE, 2304): _STATUS,
    (UPDATE, 2305): _NAMESERVERS,
    (UPDATE, 2306): _by_text({"contact": _CONTACTS}, otherwise=_NAMESERVERS),
}
"""What each listed code means. A renewal's 1000 is Pending too: whether the date moved is for a look to say.

An update was compared with a look a moment ago: 2302 and 2303 say that the name is no longer what that look showed.
They are left out, for only another look tells what it is.

`confirm` stands where our own earlier, lost attempt would be answered with the same code: 2302 on a name that we
registered, 2304 on a name whose renewal is already pending, 2306 on an expiry that our own renewal moved.
"""
