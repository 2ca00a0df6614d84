"""What did IRNIC's answer come to? One table by command and result code; what is not in it is `Unknown`.

Only the codes and their texts are known of IRNIC; what each means for money is our reading (the facts' §7). In short:
1000 to a create means *accepted and charged*, not approved; 1001 is the normal answer to a renewal; 2104 is our empty
deposit unless its text says otherwise; 2306 is mostly a handle that does not let us use it. 2400, 2500 and 2502 are
never taken as proof that nothing was done.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from adapters.registrars.irnic.reading import Response, created_handle, created_roid
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
"""The look before a command; nothing of the command was sent."""
REQUEST_PIN = "request_pin"
"""The first half of a change of holder: done, it is the customer's turn, who waits for the mail to the holder."""
CHANGE_HOLDER = "change_holder"
DELETE = "delete"
CREATE_CONTACT = "create_contact"
UPDATE_CONTACT = "update_contact"
INFO_CONTACT = "info_contact"
"""The look at a handle before it is changed, or after its e-mail address was found taken."""


def settle(command: str, answer: Response, reply: Reply) -> Outcome:
    """Return what the answer to a command that spends came to."""
    return RESULTS.get((command, answer.code), _unlisted)(answer, reply)


def _pending(answer: Response, reply: Reply) -> Outcome:
    return Pending(reply, registry_id=created_roid(answer))


def _done(_: Response, reply: Reply) -> Outcome:
    return Done(reply)


def _contact_made(answer: Response, reply: Reply) -> Outcome:
    handle = created_handle(answer)
    if handle is None:
        return Unknown("the answer does not tell the new handle", reply)
    return Done(reply, registry_id=handle)


def _pin_mailed(_: Response, reply: Reply) -> Outcome:
    text = "IRNIC has mailed a PIN to the present holder; send it with the order to go on"
    return Correctable(replace(reply, text=text), Correction.PIN)


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
_PIN = _correctable(Correction.PIN)
_POLICY = _refused(RefusalReason.POLICY)
_NOT_TRANSFERABLE = _refused(RefusalReason.NOT_TRANSFERABLE)
_NOT_REGISTERED = _refused(RefusalReason.NOT_REGISTERED, confirm=True)
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
_UPDATE_VALUE = _by_value({"contact": _CONTACTS, "name": _REQUEST}, otherwise=_NAMESERVERS)
_PIN_VALUE = _by_value({"contact": _CONTACTS, "name": _REQUEST}, otherwise=_PIN)
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
"""Our token or deposit code is refused: the only code (`authInfo`) that we send is the deposit's.

A change of holder sends a PIN too. There 2202 is the PIN's, unless the answer points at `authInfo`: the same deposit
code was accepted a moment before, when the handles were asked about.
"""

_OUR_FAULT: Mapping[int, Verdict] = {
    **dict.fromkeys((2000, 2001, 2002, 2003, 2100, 2101, 2102, 2103), _REQUEST),
    **dict.fromkeys(CREDENTIALS_REFUSED, _CREDENTIALS),
}

RESULTS: Mapping[tuple[str, int], Verdict] = {
    **{
        (command, code): verdict
        for command in (
            *(CREATE, RENEW, UPDATE, REQUEST_PIN, CHANGE_HOLDER, DELETE),
            *(CREATE_CONTACT, UPDATE_CONTACT, CHECK_CONTACTS, INFO, INFO_CONTACT),
        )
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
    (RENEW, 2303): _NOT_REGISTERED,
    (RENEW, 2304): _STATUS,
    (RENEW, 2305): _STATUS,
    (RENEW, 2306): _RENEW_POLICY,
    (CHECK_CONTACTS, 2201): _REQUEST,
    (CHECK_CONTACTS, 2004): _CONTACTS,
    (CHECK_CONTACTS, 2005): _CONTACTS,
    (CHECK_CONTACTS, 2303): _CONTACTS,
    (CHECK_CONTACTS, 2306): _CONTACTS,
    (INFO, 2201): _CONTACTS,
    (INFO, 2303): _NOT_REGISTERED,
    (UPDATE, 1000): _done,
    (UPDATE, 1001): _pending,
    (UPDATE, 2004): _UPDATE_VALUE,
    (UPDATE, 2005): _UPDATE_VALUE,
    (UPDATE, 2201): _REQUEST,
    (UPDATE, 2304): _STATUS,
    (UPDATE, 2305): _NAMESERVERS,
    (UPDATE, 2306): _by_text({"contact": _CONTACTS}, otherwise=_NAMESERVERS),
    (REQUEST_PIN, 1000): _pin_mailed,
    (REQUEST_PIN, 1001): _pin_mailed,
    (REQUEST_PIN, 2106): _NOT_TRANSFERABLE,
    (REQUEST_PIN, 2201): _CONTACTS,
    (REQUEST_PIN, 2303): _NOT_REGISTERED,
    (REQUEST_PIN, 2304): _STATUS,
    (REQUEST_PIN, 2305): _CONTACTS,
    (REQUEST_PIN, 2306): _CONTACTS,
    (CHANGE_HOLDER, 1000): _pending,
    (CHANGE_HOLDER, 1001): _pending,
    (CHANGE_HOLDER, 2004): _PIN_VALUE,
    (CHANGE_HOLDER, 2005): _PIN_VALUE,
    (CHANGE_HOLDER, 2104): _BILLING,
    (CHANGE_HOLDER, 2106): _NOT_TRANSFERABLE,
    (CHANGE_HOLDER, 2201): _CONTACTS,
    (CHANGE_HOLDER, 2202): _by_value({"authinfo": _CREDENTIALS, "pw": _CREDENTIALS}, otherwise=_PIN),
    (CHANGE_HOLDER, 2300): _STATUS,
    (CHANGE_HOLDER, 2303): _by_value({"contact": _CONTACTS}, otherwise=_NOT_REGISTERED),
    (CHANGE_HOLDER, 2304): _STATUS,
    (CHANGE_HOLDER, 2305): _CONTACTS,
    (CHANGE_HOLDER, 2306): _by_text({"contact": _CONTACTS, "pin": _PIN}, otherwise=_CONTACTS),
    (DELETE, 1000): _pending,
    (DELETE, 1001): _pending,
    (DELETE, 2201): _refused(RefusalReason.NOT_OURS),
    (DELETE, 2303): _done,
    (DELETE, 2304): _STATUS,
    (DELETE, 2305): _STATUS,
    (DELETE, 2306): _POLICY,
    (CREATE_CONTACT, 1000): _contact_made,
    (CREATE_CONTACT, 1001): _contact_made,
    (CREATE_CONTACT, 2004): _CONTACTS,
    (CREATE_CONTACT, 2005): _CONTACTS,
    (CREATE_CONTACT, 2104): _BILLING,
    (CREATE_CONTACT, 2201): _REQUEST,
    (CREATE_CONTACT, 2306): _CONTACTS,
    (UPDATE_CONTACT, 1000): _done,
    (UPDATE_CONTACT, 1001): _pending,
    (UPDATE_CONTACT, 2004): _CONTACTS,
    (UPDATE_CONTACT, 2005): _CONTACTS,
    (UPDATE_CONTACT, 2201): _CONTACTS,
    (UPDATE_CONTACT, 2303): _CONTACTS,
    (UPDATE_CONTACT, 2304): _STATUS,
    (UPDATE_CONTACT, 2305): _CONTACTS,
    (UPDATE_CONTACT, 2306): _CONTACTS,
    (INFO_CONTACT, 2004): _CONTACTS,
    (INFO_CONTACT, 2005): _CONTACTS,
    (INFO_CONTACT, 2201): _CONTACTS,
    (INFO_CONTACT, 2303): _CONTACTS,
    (INFO_CONTACT, 2306): _CONTACTS,
}
"""What each listed code means. A renewal's 1000 is Pending too: whether the date moved is for a look to say.

An update was compared with a look a moment ago: 2302 and 2303 say that the name is no longer what that look showed.
They are left out, for only another look tells what it is.

`confirm` stands where our own earlier, lost attempt would be answered with the same code: 2302 on a name that we
registered, 2304 on a name whose renewal is already pending, 2306 on an expiry that our own renewal moved.
"""
