"""How is the toy registrar spoken to? JSON in an HTTPS POST; an adapter as small as one can be that keeps every promise.

    {"do": "domain:renew", "id": "…", "token": "…", "name": "example.test", "months": 12, "expires": "2027-03-01T00:00:00Z"}
    {"id": "…", "code": 0, "says": "done", "number": "D7", "expires": "2028-03-01T00:00:00Z"}

Code 0 is done and 1 is accepted, to be decided later; the others are in `REFUSALS`. There is no such registrar.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.registrars.sections import read_section
from adapters.registrars.web import Answered, Silent, Unsent, WebRequest, Wire
from registrar.commands import Command, Errand, Expiry, Kind, Register, Renew, Transfer, Update
from registrar.gateway import (
    Call,
    Capabilities,
    Changeable,
    Deposit,
    Gateway,
    GatewayUnavailableError,
    Guard,
    Progress,
    RegistrarMessage,
    Sighting,
    Standing,
    StatementLine,
    describe,
)
from registrar.names import DomainName
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
from registrar.secrets import Secret

DONE, ACCEPTED = 0, 1
NO_SUCH_NAME, NO_MESSAGE, BAD_TOKEN, BUSY = 10, 15, 21, 30
YEARS = frozenset(range(12, 121, 12))
MOST_NAMESERVERS = 6
BUSY_SECONDS = 30.0

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

REFUSALS: Mapping[int, Callable[[Reply], Outcome]] = {
    NO_SUCH_NAME: lambda reply: Refused(reply, RefusalReason.NOT_REGISTERED, confirm=True),
    11: lambda reply: Refused(reply, RefusalReason.ALREADY_REGISTERED, confirm=True),
    12: lambda reply: Refused(reply, RefusalReason.EXPIRY_CONFLICT, confirm=True),
    13: lambda reply: Correctable(reply, Correction.AUTH_INFO),
    14: lambda reply: Refused(reply, RefusalReason.NOT_TRANSFERABLE, confirm=True),
    20: lambda reply: Blocked(reply, BlockCause.DEPOSIT),
    BAD_TOKEN: lambda reply: Blocked(reply, BlockCause.CREDENTIALS),
    22: lambda reply: Blocked(reply, BlockCause.REQUEST),
    BUSY: lambda reply: NotSent(f"the toy is busy: {reply.text}", retry_after=BUSY_SECONDS),
}
"""What each code of the toy's means; one that is not listed is `Unknown`. Those with `confirm` may be about ourselves."""


class ToySettings(BaseModel):
    """One account at the toy registrar."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    url: Annotated[str, Field(pattern="^https://")]
    token: Secret
    ca_file: Path | None = None
    connect_timeout_seconds: Seconds = 10
    call_timeout_seconds: Seconds = 60
    late_limit_seconds: Seconds = 300
    look_gap_seconds: Seconds = 120
    long_look_seconds: Seconds = 3600


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer of the toy's own."""

    code: int
    content: Mapping[str, Any]
    reply: Reply


class ToyGateway:
    """One account at the toy registrar."""

    def __init__(self, name: str, settings: ToySettings) -> None:
        self._name = name
        self._settings = settings
        self._wire = Wire(
            ca_file=settings.ca_file,
            connect_timeout=settings.connect_timeout_seconds,
            call_timeout=settings.call_timeout_seconds,
            max_body_bytes=1_000_000,
        )

    @property
    def name(self) -> str:
        """The registrar's name in the configuration."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it declares."""
        settings = self._settings
        return Capabilities(
            kinds=frozenset({Kind.REGISTER, Kind.RENEW, Kind.TRANSFER}),
            guards={
                Kind.REGISTER: Guard.NAME,
                Kind.RENEW: Guard.CURRENT_EXPIRY,
                Kind.TRANSFER: Guard.PENDING_TRANSFER,
            },
            can_look=True,
            late_limit=timedelta(seconds=settings.late_limit_seconds),
            look_gap=timedelta(seconds=settings.look_gap_seconds),
            long_look=timedelta(seconds=settings.long_look_seconds),
            reports_deposit=True,
            reports_statement=True,
            updates=frozenset({Changeable.NAMESERVERS}),
            months={Kind.REGISTER: YEARS, Kind.RENEW: YEARS, Kind.TRANSFER: frozenset({12})},
            reads_auth_info=True,
            max_nameservers=MOST_NAMESERVERS,
        )

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        """Send a command or an update, once."""
        if why := _beyond(command, self.capabilities):
            return Blocked(Reply(text=why), BlockCause.REQUEST)
        name = _name_of(command)
        match command:
            case Register():
                hosts = [server.host for server in command.nameservers]
                return self._spend("domain:create", call, name=name, months=command.months, nameservers=hosts)
            case Renew():
                return self._renew(command, call)
            case Transfer():
                return self._spend("domain:transfer", call, name=name, auth_info=command.auth_info.reveal())
            case Update():
                return self._update(command, call)
            case _:
                return Blocked(Reply(text=f"{type(command).__name__} is not done here"), BlockCause.REQUEST)

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:  # noqa: ARG002 - the contract's; one question tells all
        """Ask for the name; only the toy's own *no such name* says that it is free."""
        seen_at, source = datetime.now(UTC), f"toy:{self._name}"
        told = self._ask("domain:info", call, part="look", name=domain.ascii)
        if isinstance(told, _Told) and told.code == NO_SUCH_NAME:
            return Sighting(domain, seen_at, source, Standing.FREE, reply=told.reply)
        if not isinstance(told, _Told) or told.code != DONE:
            return Sighting(
                domain,
                seen_at,
                source,
                Standing.UNKNOWN,
                reason=_words(told),
                blocked=_cause(told),
                retry_after=told.retry_after if isinstance(told, NotSent) else None,
                reply=None if isinstance(told, NotSent) else told.reply,
            )
        shown = told.content
        return Sighting(
            domain,
            seen_at,
            source,
            Standing.REGISTERED,
            ours=shown["ours"],
            sponsor=shown["sponsor"],
            registry_id=shown["number"],
            created_at=_expiry(shown["created"]).at,
            expiry=_expiry(shown["expires"]),
            nameservers=tuple(shown["nameservers"]),
            progress={Kind(kind): Progress.UNDER_WAY for kind in shown["under_way"]},
            reply=told.reply,
        )

    def next_message(self, call: Call) -> RegistrarMessage | None:
        """Return the head of the queue; it stays there until it is acknowledged."""
        told = self._read("poll", call)
        if told.code == NO_MESSAGE:
            return None
        shown = told.content
        decided = shown["result"]
        return RegistrarMessage(
            message_id=shown["number"],
            queued_at_text=shown["at"],
            text=shown["text"],
            domain=shown["name"],
            kind=Kind(shown["about"]) if decided else None,
            progress=Progress(decided) if decided else None,
            client_transaction_id=shown["of"],
            transcript=told.reply.transcript,
        )

    def acknowledge(self, message_id: str, call: Call) -> None:
        """Take a stored message off the queue; one that is off already is as good."""
        self._read("poll:ack", call, number=message_id)

    def deposit(self, call: Call) -> Deposit:
        """Return the balance."""
        shown = self._read("account:balance", call).content
        return Deposit(str(Decimal(shown["amount"]) / 100), shown["unit"])

    def statement(self, since: date, until: date, call: Call) -> tuple[StatementLine, ...]:
        """Return the charges of these days, in UTC."""
        told = self._read("account:statement", call, since=since.isoformat(), until=until.isoformat())
        return tuple(_line(line) for line in told.content["lines"])

    def auth_info(self, domain: DomainName, call: Call) -> Secret | None:
        """Return a name's auth code."""
        told = self._read("domain:info", call, name=domain.ascii)
        code = told.content.get("auth_info")
        return Secret(code) if code else None

    def warnings(self) -> tuple[str, ...]:
        """Return nothing: the toy warns of nothing."""
        return ()

    def inspect(self, call: Call) -> Mapping[str, str]:
        """Ask for the deposit, and tell what is there and declared."""
        deposit = self.deposit(call)
        return {**describe(self.capabilities), "deposit": f"{deposit.balance} {deposit.unit}"}

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def _renew(self, command: Renew, call: Call) -> Outcome:
        """Renew from the expiry that the guard holds; done only with another one in the answer."""
        outcome = self._spend(
            "domain:renew",
            call,
            name=command.domain.ascii,
            months=command.months,
            expires=command.current_expiry.text,
        )
        moved = isinstance(outcome, Done) and outcome.expiry and outcome.expiry.at > command.current_expiry.at
        if isinstance(outcome, Done) and not moved:
            return Unknown("the toy says that it is done, and the expiry has not moved", outcome.reply)
        return outcome

    def _update(self, update: Update, call: Call) -> Outcome:
        """Look, and send the name servers if they differ; an update looks first, so a failed look sent nothing."""
        seen = self.look(update.domain, Kind.REGISTER, call)
        if seen.standing is Standing.UNKNOWN:
            if seen.blocked:
                return Blocked(seen.reply or Reply(text=seen.reason), seen.blocked)
            return NotSent(seen.reason, retry_after=seen.retry_after, unreachable=seen.retry_after is None)
        wanted = [server.host for server in update.nameservers or ()]
        if update.nameservers is None or set(wanted) == set(seen.nameservers):
            return Done(seen.reply or Reply())
        return self._spend("domain:update", call, name=update.domain.ascii, nameservers=wanted)

    def _spend(self, verb: str, call: Call, **fields: Any) -> Outcome:
        """Send what spends or changes, once, and read what it came to."""
        told = self._ask(verb, call, spends=True, **fields)
        if not isinstance(told, _Told):
            return told
        shown = told.content
        if told.code == DONE:
            expiry = _expiry(shown["expires"]) if "expires" in shown else None
            return Done(told.reply, expiry=expiry, registry_id=shown.get("number"))
        if told.code == ACCEPTED:
            return Pending(told.reply, registry_id=shown.get("number"))
        unlisted = Unknown(f"code {told.code} does not say whether it was done", told.reply)
        return REFUSALS[told.code](told.reply) if told.code in REFUSALS else unlisted

    def _read(self, verb: str, call: Call, **fields: Any) -> _Told:
        """Ask for something; raises `GatewayUnavailableError`."""
        told = self._ask(verb, call, part=verb.replace(":", "-"), **fields)
        if isinstance(told, _Told) and told.code in {DONE, NO_MESSAGE}:
            return told
        raise GatewayUnavailableError(f"{verb}: {_words(told)}", blocked=_cause(told))

    def _ask(
        self, verb: str, call: Call, *, spends: bool = False, part: str = "", **fields: Any
    ) -> _Told | NotSent | Unknown:
        """Put one question, and see whether the answer is the toy's own, to this question."""
        identifier = call.client_transaction_id if spends else call.transaction_id(part)
        asked = {"do": verb, "id": identifier, "token": self._settings.token.reveal(), **fields}
        headers = {"Content-Type": "application/json"}
        request = WebRequest("POST", self._settings.url, body=json.dumps(asked).encode(), headers=headers)
        match self._wire.send(request, call, spends=spends):
            case Unsent(reason=reason, retry_after=retry_after, unreachable=unreachable):
                return NotSent(reason, retry_after=retry_after, unreachable=unreachable)
            case Silent(reason=reason):
                return Unknown(reason, Reply(transcript=_transcript(asked)))
            case Answered(body=body):
                told = _content(body)
                if told is None or told["id"] != identifier:
                    return Unknown("what came back is not the toy's", Reply(transcript=_transcript(asked)))
                reply = Reply(
                    str(told["code"]), str(told.get("says", "")), transcript=_transcript(asked, told)
                )
                return _Told(int(told["code"]), told, reply)


def make(name: str, section: Mapping[str, object]) -> Gateway:
    """Make the gateway of one configured account (a `GatewayFactory`); raises ValueError for a section that is wrong."""
    return ToyGateway(name, read_section(ToySettings, name, section))


def _beyond(command: Command | Errand, told: Capabilities) -> str:
    """Say what of a command is not among the capabilities; empty if all of it is."""
    match command:
        case Register(privacy=True):
            return "the toy hides no holder's data"
        case Renew(elsewhere=True):
            return "the toy renews no name that is with another"
        case Register() | Renew() | Transfer() if command.months not in told.months[command.kind]:
            return "the toy sells whole years, one to ten"
        case Register() | Update() if len(command.nameservers or ()) > MOST_NAMESERVERS:
            return f"the toy takes at most {MOST_NAMESERVERS} name servers"
        case Update() if (
            command.add_statuses or command.remove_statuses or command.contacts or command.auth_info
        ):
            return "the toy changes name servers and nothing else"
        case _:
            return ""


def _name_of(command: Command | Errand) -> str:
    domain = getattr(command, "domain", None)
    return domain.ascii if isinstance(domain, DomainName) else ""


def _content(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    ours = isinstance(told, dict) and isinstance(told.get("code"), int) and "id" in told
    return told if ours else None


def _transcript(asked: Mapping[str, Any], told: Mapping[str, Any] | None = None) -> str:
    """Write down what went over the wire, without what is secret."""
    lines = [f"> {json.dumps(_masked(asked))}", f"< {json.dumps(_masked(told)) if told else '(no answer)'}"]
    return "\n".join(lines)


def _masked(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "***" if key in {"token", "auth_info"} else value for key, value in document.items()}


def _words(told: _Told | NotSent | Unknown) -> str:
    return f"the toy answered {told.code}: {told.reply.text}" if isinstance(told, _Told) else told.reason


def _cause(told: _Told | NotSent | Unknown) -> BlockCause | None:
    refused = isinstance(told, _Told) and told.code == BAD_TOKEN
    return BlockCause.CREDENTIALS if refused else None


def _expiry(text: str) -> Expiry:
    return Expiry(datetime.fromisoformat(text).astimezone(UTC), text)


def _line(line: Mapping[str, Any]) -> StatementLine:
    return StatementLine(
        line_id=str(line["number"]),
        at=_expiry(line["at"]).at,
        at_text=line["at"],
        amount=Decimal(line["amount"]) / 100,
        unit=line["unit"],
        kind=Kind(line["what"]),
        domain=line["name"],
        months=line["months"],
        is_refund=line["refund"],
        client_transaction_id=line["of"],
    )
