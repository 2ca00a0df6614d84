"""What did an answer come to? A table from command and result code to outcome; a code that is not listed is `Unknown`.

By RFC 5730 §3 every 2yzz means that nothing happened. We believe it where the code says why, and not where it says that
the server failed on the way: 2400 and 2500 (and 2502, which belongs to a login) are left out on purpose.
"""

from collections.abc import Callable, Mapping

from lxml.etree import _Element as Element

from adapters.registrars.epp.dates import expiry, moment
from adapters.registrars.epp.namespaces import DOMAIN
from adapters.registrars.epp.reading import Response, Result, text_of
from registrar.commands import Command, Kind
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

_Judgement = Callable[[Result, Reply], Outcome]


def _blocked(cause: BlockCause) -> _Judgement:
    return lambda _result, reply: Blocked(reply, cause)


def _refused(reason: RefusalReason, *, confirm: bool = False) -> _Judgement:
    return lambda _result, reply: Refused(reply, reason, confirm=confirm)


def _correctable(needs: Correction) -> _Judgement:
    return lambda _result, reply: Correctable(reply, needs)


def _in_doubt(result: Result, reply: Reply) -> Outcome:
    return Unknown(f"{result.code} does not say what is missing", reply)


_BLAMED = {
    "registrant": Correction.CONTACTS,
    "contact": Correction.CONTACTS,
    "ns": Correction.NAMESERVERS,
    "hostObj": Correction.NAMESERVERS,
    "hostAttr": Correction.NAMESERVERS,
    "hostName": Correction.NAMESERVERS,
    "hostAddr": Correction.NAMESERVERS,
}
"""Parts of a registration or an update that a result may blame, and what the customer puts right then."""

_BLAMED_OF_UPDATES = {**_BLAMED, "authInfo": Correction.AUTH_INFO, "pw": Correction.AUTH_INFO}
"""An update's auth code is the customer's or ours for the customer; a registration's is made here."""


def _blamed_or(otherwise: _Judgement, blamed: Mapping[str, Correction] = _BLAMED) -> _Judgement:
    """Judge by the element that the result holds up, where the code alone fits several."""

    def judge(result: Result, reply: Reply) -> Outcome:
        for element, needs in blamed.items():
            if element in result.blamed:
                return Correctable(reply, needs)
        return otherwise(result, reply)

    return judge


def _renewal_conflict(result: Result, reply: Reply) -> Outcome:
    """Judge 2004 and 2306: a stale `curExpDate` or too long a term, at different registries under either number.

    A look must agree before anybody is credited: the expiry may be another one because our own renewal moved it.
    """
    too_long = "period" in result.blamed
    reason = RefusalReason.NOT_RENEWABLE if too_long else RefusalReason.EXPIRY_CONFLICT
    return Refused(reply, reason, confirm=True)


CREDENTIALS_REFUSED = frozenset({2200, 2501})
"""Our login, or what we may do with it, is refused; of whatever command."""

_REQUEST = _blocked(BlockCause.REQUEST)
_POLICY = _refused(RefusalReason.POLICY)

_ALWAYS: Mapping[int, _Judgement] = {
    **dict.fromkeys((2000, 2001, 2002, 2003, 2005, 2100, 2101, 2102, 2103, 2307), _REQUEST),
    2104: _blocked(BlockCause.DEPOSIT),
    **dict.fromkeys(CREDENTIALS_REFUSED, _blocked(BlockCause.CREDENTIALS)),
}

REFUSALS: Mapping[Kind, Mapping[int, _Judgement]] = {
    Kind.REGISTER: {
        **_ALWAYS,
        2004: _blamed_or(_POLICY),
        2005: _blamed_or(_REQUEST),
        2201: _blamed_or(_REQUEST),
        2302: _refused(RefusalReason.ALREADY_REGISTERED, confirm=True),
        2303: _blamed_or(_REQUEST),
        2304: _POLICY,
        2306: _blamed_or(_POLICY),
        2308: _POLICY,
    },
    Kind.RENEW: {
        **_ALWAYS,
        2004: _renewal_conflict,
        2105: _refused(RefusalReason.NOT_RENEWABLE, confirm=True),
        2201: _refused(RefusalReason.NOT_OURS, confirm=True),
        2303: _refused(RefusalReason.NOT_REGISTERED, confirm=True),
        2304: _refused(RefusalReason.STATUS_PROHIBITS, confirm=True),
        2306: _renewal_conflict,
        2308: _refused(RefusalReason.POLICY, confirm=True),
    },
    Kind.TRANSFER: {
        **_ALWAYS,
        2002: _refused(RefusalReason.ALREADY_OURS, confirm=True),
        2004: _REQUEST,
        2106: _refused(RefusalReason.NOT_TRANSFERABLE, confirm=True),
        2201: _REQUEST,
        2202: _correctable(Correction.AUTH_INFO),
        2300: _refused(RefusalReason.NOT_TRANSFERABLE, confirm=True),
        2303: _refused(RefusalReason.NOT_REGISTERED),
        2304: _correctable(Correction.UNLOCK),
        2306: _REQUEST,
        2308: _POLICY,
    },
    Kind.RESTORE: {
        **_ALWAYS,
        2004: _REQUEST,
        2201: _refused(RefusalReason.NOT_OURS, confirm=True),
        2303: _refused(RefusalReason.NOT_REGISTERED, confirm=True),
        2304: _refused(RefusalReason.NOT_RESTORABLE, confirm=True),
        2306: _REQUEST,
        2308: _refused(RefusalReason.POLICY, confirm=True),
    },
}
"""Facts §1.11. Customers choose name and term of a registration, so what blames those is refused; what only we choose
(a transfer's period, the protocol) blocks. 2300 may be our own request that we lost sight of, and 2106 a name that is ours already: a look decides."""

ERRAND_REFUSALS: Mapping[int, _Judgement] = {
    **_ALWAYS,
    2004: _REQUEST,
    2201: _refused(RefusalReason.NOT_OURS, confirm=True),
    2304: _refused(RefusalReason.STATUS_PROHIBITS, confirm=True),
    2305: _POLICY,
    2306: _POLICY,
    2308: _POLICY,
}
"""The same for what costs nothing. It was compared with a look a moment ago, so 2302 and 2303 say that the name is no
longer what that look showed; they are left out: only another look tells."""

UPDATE_REFUSALS: Mapping[int, _Judgement] = {
    **ERRAND_REFUSALS,
    2004: _blamed_or(_REQUEST, _BLAMED_OF_UPDATES),
    2005: _blamed_or(_REQUEST, _BLAMED_OF_UPDATES),
    2202: _correctable(Correction.AUTH_INFO),
    2303: _blamed_or(_in_doubt, _BLAMED_OF_UPDATES),
    2306: _blamed_or(_POLICY, _BLAMED_OF_UPDATES),
}
"""Of an update 2202 says that a new auth code is too weak (RFC 9154 §4.1), and 2303 may be a contact or a host that is
missing."""

_PRICE = _blocked(BlockCause.PRICE)
_OTHER_PARAMETERS = frozenset({*_BLAMED, "period", "curExpDate", "authInfo", "pw"})

_CAUTION = (Unknown, Blocked, Correctable, Refused)
"""Of several results the one that moves the least money decides."""

APPROVED_TRANSFER = frozenset({"clientApproved", "serverApproved"})
ENDED_TRANSFER = frozenset({"clientRejected", "clientCancelled", "serverCancelled"})
"""RFC 5730's trStatusType; the sixth is `pending`."""


def outcome_of(command: Command, response: Response, reply: Reply, *, priced: bool = False) -> Outcome:
    """Judge the answer to a command that spends; `priced`: it stated what it costs, and that may be what was refused."""
    if response.code < 2000:
        return _accepted(command, response, reply)
    table = REFUSALS[command.kind]
    return _refusal(_with_price(table, command.kind) if priced else table, response, reply, what=command.kind)


def outcome_of_update(response: Response, reply: Reply) -> Outcome:
    """Judge the answer to an update; it carries no data (RFC 5731 §3.2.5)."""
    match response.code:
        case 1000:
            return Done(reply)
        case 1001:
            return Pending(reply)
        case code if code < 2000:
            return Unknown(f"{code} is no answer to an update", reply)
        case _:
            return _refusal(UPDATE_REFUSALS, response, reply, what="update")


def outcome_of_errand(response: Response, reply: Reply, *, what: str) -> Outcome:
    """Judge the answer to what costs nothing: `Done` as soon as the registry took it, for good or for its own grace."""
    if response.code in {1000, 1001}:
        return Done(reply)
    if response.code < 2000:
        return Unknown(f"{response.code} is no answer to a {what}", reply)
    return _refusal(ERRAND_REFUSALS, response, reply, what=what)


def cause_of(response: Response) -> BlockCause | None:
    """Tell what on our side an answer to a question is due to; of the causes, a question can only meet refused credentials."""
    return BlockCause.CREDENTIALS if response.code in CREDENTIALS_REFUSED else None


def _with_price(table: Mapping[int, _Judgement], kind: Kind) -> Mapping[int, _Judgement]:
    """Read 2003 and 2004 as *another price* (facts §1.9), unless the result holds up something else.

    A renewal's 2004 stays what it is without the price, a conflict that a look decides: a price changes once in years,
    and not between our question and our command.
    """

    def judge(result: Result, reply: Reply) -> Outcome:
        return (table[result.code] if result.blamed & _OTHER_PARAMETERS else _PRICE)(result, reply)

    return {**table, 2003: judge} | ({} if kind is Kind.RENEW else {2004: judge})


def _refusal(table: Mapping[int, _Judgement], response: Response, reply: Reply, *, what: str) -> Outcome:
    judged = [
        table[result.code](result, reply)
        if result.code in table
        else Unknown(f"{result.code} does not say whether the {what} happened", reply)
        for result in response.results
    ]
    return min(judged, key=lambda outcome: _CAUTION.index(type(outcome)))


def _accepted(command: Command, response: Response, reply: Reply) -> Outcome:
    if response.code not in {1000, 1001}:
        return Unknown(f"{response.code} is no answer to a {command.kind}", reply)
    if command.kind is Kind.TRANSFER:
        return _transfer_accepted(command, response, reply)
    # A restore's answer shows no name: only a look tells that it is back (RFC 3915 §4.2.5).
    if response.code == 1001 or command.kind is Kind.RESTORE:
        return Pending(reply)
    name = "creData" if command.kind is Kind.REGISTER else "renData"
    part = response.object_part(DOMAIN, name)
    if part is None or not _names(part, command):
        return Unknown(f"1000 without {name} for this name is no evidence", reply)
    ends = expiry(text_of(part, f"{{{DOMAIN}}}exDate"))
    if command.kind is Kind.RENEW and ends is None:
        return Unknown("1000 without an expiry that can be read is no evidence of a renewal", reply)
    created = text_of(part, f"{{{DOMAIN}}}crDate")
    return Done(reply, expiry=ends, created_at=moment(created) if created else None)


def _transfer_accepted(command: Command, response: Response, reply: Reply) -> Outcome:
    """Judge a transfer's success: both 1000 and 1001 mean *asked*; only an approved `trStatus` means *moved*."""
    part = response.object_part(DOMAIN, "trnData")
    if part is None:
        return Pending(reply)
    status = text_of(part, f"{{{DOMAIN}}}trStatus")
    if not _names(part, command) or status in ENDED_TRANSFER:
        return Unknown("the transfer's data are of another name or of one that ended", reply)
    if status in APPROVED_TRANSFER:
        return Done(reply, expiry=expiry(text_of(part, f"{{{DOMAIN}}}exDate")))
    return Pending(reply)


def _names(part: Element, command: Command) -> bool:
    return (text_of(part, f"{{{DOMAIN}}}name") or "").lower() == command.domain.ascii
