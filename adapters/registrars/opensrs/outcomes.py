"""What did an answer to a request that spends or changes come to? One table by request and code; the rest is `Unknown`.

Facts §3.3 say what each code means. A text decides only where the code leaves it open (400, 465), by fragments that name
the field at fault; any other text is `Unknown`. A 200 to an order says that OpenSRS took it, so it is `Pending` here:
the gateway reads the name back, and makes it `Done` if that shows the effect. `forced_pending` beside any code says that
the order was only saved, for want of money (facts §3.2): it exists, so it is `Pending` too.

`confirm` stands where our own earlier, lost attempt would be answered with the same code: 485 on a name that we
registered, 555 on a renewal that was carried out, 487 on a transfer that is under way already.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from adapters.registrars.opensrs import codes
from adapters.registrars.opensrs.envelope import Answer
from adapters.registrars.opensrs.reading import is_saved, order_id
from registrar.commands import Kind
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)

Verdict = Callable[[Answer, Reply], Outcome]


class Errands(StrEnum):
    """The requests that change a name without spending."""

    NAMESERVERS = "name servers"
    LOCK = "lock"
    CONTACTS = "contacts"
    REVOKE = "revoke"
    CANCEL_TRANSFER = "cancel transfer"


def settle(asked: Kind | Errands, answer: Answer, reply: Reply) -> Outcome:
    """Return what the answer to a request that spends or changes came to."""
    if is_saved(answer):
        return Pending(reply, registry_id=order_id(answer), blocked=BlockCause.DEPOSIT)
    if codes.refuses_credentials(answer):
        return Blocked(reply, BlockCause.CREDENTIALS)
    if codes.is_busy(answer):
        return NotSent(f"OpenSRS put it off ({answer.code}) and did nothing", retry_after=codes.PAUSE_SECONDS)
    return TABLE[asked].get(answer.code, _unlisted)(answer, reply)


def _unlisted(answer: Answer, reply: Reply) -> Outcome:
    return Unknown(f"code {answer.code} does not say whether it was done", reply)


def _accepted(answer: Answer, reply: Reply) -> Outcome:
    return Pending(reply, registry_id=order_id(answer)) if answer.succeeded else _unlisted(answer, reply)


def _changed(answer: Answer, reply: Reply) -> Outcome:
    return Done(reply) if answer.succeeded else _unlisted(answer, reply)


def _deferred(answer: Answer, reply: Reply) -> Outcome:
    """Judge a 300 that calls itself a success: with an order it is under way; without one, who knows."""
    named = order_id(answer)
    return Pending(reply, registry_id=named) if named else _unlisted(answer, reply)


def _put_off(answer: Answer, reply: Reply) -> Outcome:
    """Judge a 300 to an errand (a change that awaits its holder's consent)."""
    return Pending(reply) if answer.succeeded else _unlisted(answer, reply)


def _blocked(cause: BlockCause) -> Verdict:
    return lambda _, reply: Blocked(reply, cause)


def _refused(reason: RefusalReason, *, confirm: bool = False) -> Verdict:
    return lambda _, reply: Refused(reply, reason, confirm=confirm)


def _correctable(needs: Correction) -> Verdict:
    return lambda _, reply: Correctable(reply, needs)


def _by_text(texts: Mapping[str, Verdict], *, otherwise: Verdict = _unlisted) -> Verdict:
    """Decide by the first fragment that the answer's text contains."""

    def decide(answer: Answer, reply: Reply) -> Outcome:
        said = answer.text.lower()
        found = next((verdict for fragment, verdict in texts.items() if fragment in said), otherwise)
        return found(answer, reply)

    return decide


_REQUEST = _blocked(BlockCause.REQUEST)
_CREDENTIALS = _blocked(BlockCause.CREDENTIALS)
_DEPOSIT = _blocked(BlockCause.DEPOSIT)
_CONTACTS = _correctable(Correction.CONTACTS)
_NAMESERVERS = _correctable(Correction.NAMESERVERS)
_EXPIRY_CONFLICT = _refused(RefusalReason.EXPIRY_CONFLICT, confirm=True)
_NOT_RESTORABLE = _refused(RefusalReason.NOT_RESTORABLE, confirm=True)

_NO_MONEY = dict.fromkeys(("insufficient fund", "insufficient balance", "insufficient credit"), _DEPOSIT)
_CONTACT_FIELDS = dict.fromkeys(
    (
        "first_name",
        "first name",
        "last_name",
        "last name",
        "org_name",
        "address1",
        "postal",
        " city",
        "country",
        "province",
        "phone",
        "email",
        "contact",
    ),
    _CONTACTS,
)
_NAMESERVER_FIELDS = dict.fromkeys(("nameserver", "name server", "fqdn"), _NAMESERVERS)
_OUR_FIELDS = dict.fromkeys(("reg_username", "reg_password", "encoding_type", "period", "tld_data"), _REQUEST)
_ORDER_FIELDS = {
    **_NO_MONEY,
    **_OUR_FIELDS,
    **_NAMESERVER_FIELDS,
    **_CONTACT_FIELDS,
    "domain syntax": _refused(RefusalReason.POLICY),
    "invalid domain": _refused(RefusalReason.POLICY),
}
_AUTH_FIELDS = dict.fromkeys(
    ("auth_info", "auth code", "authcode", "authorization code"), _correctable(Correction.AUTH_INFO)
)

_ALWAYS: Mapping[int, Verdict] = {
    **dict.fromkeys(codes.OUR_REQUEST, _REQUEST),
    codes.REGISTRANT_REFUSED: _REQUEST,
    400: _by_text(_NO_MONEY),
}
_ORDER: Mapping[int, Verdict] = {
    **_ALWAYS,
    codes.OK: _accepted,
    codes.ASYNCHRONOUS: _accepted,
    codes.DEFERRED: _deferred,
}
_ERRAND: Mapping[int, Verdict] = {
    **_ALWAYS,
    codes.OK: _changed,
    codes.ASYNCHRONOUS: _put_off,
    codes.DEFERRED: _put_off,
    codes.NOT_FOUND: _refused(RefusalReason.NOT_OURS, confirm=True),
}

TABLE: Mapping[Kind | Errands, Mapping[int, Verdict]] = {
    Kind.REGISTER: {
        **_ORDER,
        codes.REGISTRANT_REFUSED: _CREDENTIALS,
        465: _by_text(_ORDER_FIELDS),
        485: _refused(RefusalReason.ALREADY_REGISTERED, confirm=True),
    },
    Kind.RENEW: {
        **_ORDER,
        465: _by_text(
            {
                **_NO_MONEY,
                "already renewed": _EXPIRY_CONFLICT,
                "currentexpirationyear": _EXPIRY_CONFLICT,
                "period": _refused(RefusalReason.NOT_RENEWABLE, confirm=True),
            }
        ),
        codes.NOT_FOUND: _refused(RefusalReason.NOT_RENEWABLE, confirm=True),
        555: _EXPIRY_CONFLICT,
    },
    Kind.TRANSFER: {
        **_ORDER,
        codes.REGISTRANT_REFUSED: _CREDENTIALS,
        465: _by_text({**_AUTH_FIELDS, **_ORDER_FIELDS}),
        485: _refused(RefusalReason.NOT_TRANSFERABLE, confirm=True),
        487: _by_text(
            {"locked": _correctable(Correction.UNLOCK), **_AUTH_FIELDS},
            otherwise=_refused(RefusalReason.NOT_TRANSFERABLE, confirm=True),
        ),
    },
    Kind.RESTORE: {
        **_ORDER,
        465: _by_text({**_NO_MONEY, "redemption": _NOT_RESTORABLE}),
        codes.NOT_FOUND: _NOT_RESTORABLE,
    },
    Errands.NAMESERVERS: {**_ERRAND, 465: _by_text(_NAMESERVER_FIELDS)},
    Errands.LOCK: _ERRAND,
    Errands.CONTACTS: {**_ERRAND, 465: _by_text(_CONTACT_FIELDS)},
    Errands.REVOKE: _ERRAND,
    Errands.CANCEL_TRANSFER: {**_ERRAND, codes.NOT_FOUND: _refused(RefusalReason.STATUS_PROHIBITS)},
}
"""What each listed code means. Left out, and so `Unknown`: 404, 405, 500 and 705, which never say whether it was done,
and 486 (*exists and in processing*), which may well be our own order: only a look tells.

415 refuses the profile that we register names under, which every order would meet; of a name that exists it speaks of
that name alone, and must not stop the registrar."""
