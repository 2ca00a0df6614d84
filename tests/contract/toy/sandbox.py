"""Who answers the toy's adapter? A registrar on this machine that keeps books and misbehaves as all the sandboxes do."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.sandbox.books import Books
from adapters.sandbox.misbehaviour import ON_THE_WIRE, VERDICTS, Behaviour, Misbehaviour
from adapters.sandbox.page import DepositEmptyError, Page
from adapters.sandbox.records import Domain, Operation, as_text
from adapters.sandbox.tls import Certificates
from adapters.sandbox.web import Answer, Door, Request, WebSandbox

A_MONTH = timedelta(days=365) / 12
PRICES = {"register": 75, "renew": 80, "transfer": 70}
"""For a month, in cents."""
SPENDING = {"domain:create": "register", "domain:renew": "renew", "domain:transfer": "transfer"}

Content = Mapping[str, Any]


class RefusedError(Exception):
    """The request is refused, with one of the toy's codes."""

    def __init__(self, code: int, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class ToySandbox(WebSandbox):
    """The toy registrar over HTTPS. What is left pending is decided by `Books.approve` and `Books.reject`."""

    def __init__(self, books: Books, *, certificates: Certificates, token: str, port: int = 0) -> None:
        self._books = books
        self._token = token
        super().__init__(
            self._receive, certificates=certificates, door=Door("/", frozenset({"POST"})), port=port
        )

    def _receive(self, request: Request) -> "_Visit":
        asked = json.loads(request.body)
        with self._books.page() as page:
            name = asked.get("name")
            number = page.receive(
                asked["do"], session=request.session, name=name, client_transaction_id=asked["id"]
            )

            def take(*among: Behaviour) -> Misbehaviour | None:
                return page.take_misbehaviour(
                    among, command=asked["do"], names=[name] if name else [], number=number
                )

            return _Visit(
                self._books,
                asked,
                number,
                known=asked.get("token") == self._token,
                wire=take(*ON_THE_WIRE),
                refuse=take(Behaviour.REFUSE),
                stale=take(Behaviour.STALE) if asked["do"] == "domain:info" else None,
            )


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request that has arrived."""

    books: Books
    asked: Content
    number: int
    known: bool
    wire: Misbehaviour | None
    refuse: Misbehaviour | None
    stale: Misbehaviour | None

    def answer(self, *, heard: bool = True) -> Answer:
        """Do what was asked, and say what it came to."""
        with self.books.page() as page:
            for operation in page.due_operations():
                _decide(page, operation)
        try:
            code, content = self._work()
        except RefusedError as refused:
            code, content = refused.code, {"says": refused.says}
        if heard:
            with self.books.page() as page:
                page.answered(self.number, code)
        body = {"id": self.asked["id"], "code": code, **content}
        return Answer(200, "application/json", json.dumps(body).encode())

    def _work(self) -> tuple[int, Content]:
        if not self.known:
            raise RefusedError(21, "the token is not known")
        if self.refuse is not None:
            raise RefusedError(*self.refuse.refusal())
        with self.books.page() as page:
            return _WORK[self.asked["do"]](_Errand(page, self.asked, self.stale))


@dataclass(frozen=True, slots=True)
class _Errand:
    """One request being carried out."""

    page: Page
    asked: Content
    stale: Misbehaviour | None

    @property
    def name(self) -> str:
        """The name that it is about."""
        return str(self.asked["name"])

    def entry(self) -> Domain:
        """Find the name, or refuse."""
        lags = self.stale is not None
        entry = self.page.domain_before_change(self.name) if lags else self.page.domain(self.name)
        if entry is None:
            raise RefusedError(10, "there is no such name")
        return entry

    def own(self) -> Domain:
        """Find the name among ours, or refuse."""
        entry = self.entry()
        if entry.sponsor != self.page.client_id:
            raise RefusedError(10, "there is no such name of yours")
        return entry

    def take(self, *among: Behaviour) -> Misbehaviour | None:
        """Use up a misbehaviour that was ordered for this request."""
        return self.page.take_misbehaviour(among, command=self.asked["do"], names=[self.name])


def _info(errand: _Errand) -> tuple[int, Content]:
    entry = errand.entry()
    last = errand.page.last_operation(entry.name)
    ours = entry.sponsor == errand.page.client_id
    under_way = [last.command] if last is not None and last.state == "pending" and not errand.stale else []
    return 0, {
        "number": entry.roid,
        "ours": ours,
        "sponsor": entry.sponsor,
        "created": as_text(entry.created_at),
        "expires": as_text(entry.expires_at),
        "nameservers": [host for host, _ in entry.nameservers],
        "under_way": under_way,
        **({"auth_info": entry.auth_info} if ours else {}),
    }


def _create(errand: _Errand) -> tuple[int, Content]:
    if errand.page.domain(errand.name) is not None:
        raise RefusedError(11, "the name is taken")
    months = int(errand.asked["months"])
    charge_id = _charge(errand, months)
    now = errand.page.now
    entry = Domain(
        name=errand.name,
        roid=errand.page.new_roid("D"),
        sponsor=errand.page.client_id,
        created_at=now,
        expires_at=now + months * A_MONTH,
        nameservers=tuple((host, ()) for host in errand.asked["nameservers"]),
    )
    errand.page.save(entry)
    return _now_or_later(errand, months, charge_id, entry)


def _renew(errand: _Errand) -> tuple[int, Content]:
    entry = errand.own()
    last = errand.page.last_operation(entry.name)
    if errand.asked["expires"] != as_text(entry.expires_at) or (last is not None and last.state == "pending"):
        raise RefusedError(12, "the name does not expire then, or is being renewed")
    months = int(errand.asked["months"])
    charge_id = _charge(errand, months)
    return _now_or_later(errand, months, charge_id, _longer(entry, months))


def _transfer(errand: _Errand) -> tuple[int, Content]:
    entry = errand.entry()
    last = errand.page.last_operation(entry.name)
    if entry.sponsor == errand.page.client_id or (last is not None and last.state == "pending"):
        raise RefusedError(14, "the name is yours, or on its way to you")
    if errand.asked["auth_info"] != entry.auth_info:
        raise RefusedError(13, "the code is not the name's")
    charge_id = _charge(errand, 12)
    _leave_pending(errand, 12, charge_id)
    return 1, {"number": entry.roid}


def _update(errand: _Errand) -> tuple[int, Content]:
    servers = tuple((host, ()) for host in errand.asked["nameservers"])
    errand.page.save(replace(errand.own(), nameservers=servers))
    return 0, {}


def _poll(errand: _Errand) -> tuple[int, Content]:
    message = errand.page.first_message()
    if message is None:
        return 15, {"says": "no message waits"}
    about = {key: message.body.get(key) for key in ("about", "result", "of")}
    told = {"number": str(message.id), "at": as_text(message.queued_at), "text": message.text}
    return 0, {**told, "name": message.name, **about}


def _acknowledge(errand: _Errand) -> tuple[int, Content]:
    errand.page.acknowledge(int(errand.asked["number"]))
    return 0, {}


def _balance(errand: _Errand) -> tuple[int, Content]:
    return 0, {"amount": errand.page.balance, "unit": errand.page.unit}


def _statement(errand: _Errand) -> tuple[int, Content]:
    first, last = errand.asked["since"], errand.asked["until"]
    lines = [
        {
            "number": charge.id,
            "at": as_text(charge.at),
            "what": charge.command,
            "name": charge.name,
            "months": charge.months,
            "amount": charge.amount,
            "unit": charge.unit,
            "refund": charge.refund_of is not None,
            "of": charge.client_transaction_id,
        }
        for charge in errand.page.charges()
        if first <= as_text(charge.at)[:10] <= last
    ]
    return 0, {"lines": lines}


def _charge(errand: _Errand, months: int) -> int:
    command, empty = SPENDING[errand.asked["do"]], RefusedError(20, "the deposit does not cover it")
    if errand.take(Behaviour.NO_DEPOSIT):
        raise empty
    try:
        return errand.page.charge(
            command,
            errand.name,
            months=months,
            amount=PRICES[command] * months,
            client_transaction_id=errand.asked["id"],
        )
    except DepositEmptyError:
        raise empty from None


def _now_or_later(errand: _Errand, months: int, charge_id: int, entry: Domain) -> tuple[int, Content]:
    if errand.take(Behaviour.PENDING):
        _leave_pending(errand, months, charge_id)
        return 1, {"number": entry.roid}
    errand.page.save(entry)
    return 0, {"number": entry.roid, "expires": as_text(entry.expires_at)}


def _leave_pending(errand: _Errand, months: int, charge_id: int) -> None:
    ordered = errand.take(*VERDICTS)
    errand.page.open_operation(
        SPENDING[errand.asked["do"]],
        errand.name,
        months=months,
        client_id=errand.page.client_id,
        client_transaction_id=errand.asked["id"],
        server_transaction_id="",
        charge_id=charge_id,
        verdicts=VERDICTS[ordered.behaviour] if ordered else (),
        every_seconds=ordered.seconds if ordered else 0.0,
    )


def _decide(page: Page, operation: Operation) -> None:
    """Carry out a verdict, and leave a message about it."""
    approved = operation.verdicts[0] == "approve"
    entry = page.domain(operation.name)
    if approved and entry is not None:
        months = 0 if operation.command == "register" else operation.months
        page.save(replace(_longer(entry, months), sponsor=page.client_id))
    elif not approved and operation.charge_id is not None:
        page.refund(operation.charge_id)
    result = "approved" if approved else "rejected"
    page.decide(operation, result)
    body = {"about": operation.command, "result": result, "of": operation.client_transaction_id}
    page.queue_message("decision", f"{operation.command} {result}", name=operation.name, body=body)


def _longer(entry: Domain, months: int) -> Domain:
    """Return the same day later; a year is twelve months."""
    later: datetime = entry.expires_at.astimezone(UTC)
    return replace(entry, expires_at=later.replace(year=later.year + months // 12))


_WORK: Mapping[str, Callable[[_Errand], tuple[int, Content]]] = {
    "domain:info": _info,
    "domain:create": _create,
    "domain:renew": _renew,
    "domain:transfer": _transfer,
    "domain:update": _update,
    "poll": _poll,
    "poll:ack": _acknowledge,
    "account:balance": _balance,
    "account:statement": _statement,
}
