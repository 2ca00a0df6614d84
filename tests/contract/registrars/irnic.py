"""How is IRNIC tried? XML over HTTPS; every order is decided later, holders are handles, and it counts in units."""

from collections.abc import Mapping
from typing import Any, ClassVar

from adapters.registrars import irnic
from adapters.sandbox.irnic import IrnicSandbox, add_handle, mailed_pin
from adapters.sandbox.web import WebSandbox
from registrar.commands import (
    ChangeHolder,
    Command,
    Contact,
    ContactRole,
    CreateContact,
    Errand,
    Handle,
    HolderType,
    Identity,
    Kind,
    Renew,
    UpdateContact,
)
from registrar.gateway import Gateway
from registrar.judging import guard_expiry
from registrar.names import DomainName
from registrar.outcomes import Done
from registrar.secrets import Secret
from tests.contract.far_side import PERSON
from tests.contract.registrars.web import WebFarSide

_TOKEN = "Planted-token-c0ffee"
_DEPOSIT_CODE = "4929000011112222"
_US = "re1234-irnic"
_HOLDER = "ab123-irnic"
_NEW_HOLDER = "cd456-irnic"
_ANOTHER = "zz999-irnic"
_NATIONAL_CODE = "0012345679"
_ALWAYS_OPEN = {"closed_from": "00:00", "closed_until": "00:00"}


class Irnic(WebFarSide):
    """A contract with IRNIC."""

    name = "irnic"
    adapter = "irnic"
    zone = "ir"
    kinds = (Kind.REGISTER, Kind.RENEW, Kind.RENEW_ELSEWHERE, Kind.CHANGE_HOLDER)
    why_not: ClassVar[Mapping[str, str]] = {
        "own date": "IRNIC is the registry: its one date is its own",
        "tables": "IRNIC asks for no table",
        "transfer": "a .ir name has no auth code and no transfer: its holder changes",
        "restore": "IRNIC has no restore: a name is renewed, with a penalty, until it is free",
        "idn tables": "a name under .ایران names no table",
    }
    wire: ClassVar[Mapping[Kind, str]] = {
        Kind.REGISTER: "domain:create",
        Kind.RENEW: "domain:renew",
        Kind.RENEW_ELSEWHERE: "domain:renew",
        Kind.CHANGE_HOLDER: "domain:transfer",
    }
    charged_as: ClassVar[Mapping[Kind, str]] = {Kind.RENEW_ELSEWHERE: "renew", Kind.CHANGE_HOLDER: "transfer"}
    first_step = "contact:check"
    at_fault = "2001 Command syntax error"
    throttled = "2400 Command failed"
    wrong_credentials: ClassVar[Mapping[str, object]] = {"token": Secret("Planted-wrong-token")}
    secrets = frozenset({_TOKEN, _DEPOSIT_CODE, "Planted-wrong-token", _NATIONAL_CODE})
    unit = "IRNIC"
    client_id = _US
    new_holder = _NEW_HOLDER

    def sandbox(self) -> WebSandbox:
        return IrnicSandbox(
            self.books,
            certificates=self.certificates,
            token=_TOKEN,
            deposit_code=_DEPOSIT_CODE,
            decide_after_seconds=None,
            port=self.port,
        )

    def section(self) -> dict[str, object]:
        ours = {"token": Secret(_TOKEN), "deposit_code": Secret(_DEPOSIT_CODE), "billing_handle": _US}
        return {**super().section(), **ours, **_ALWAYS_OPEN}

    def make(self, section: Mapping[str, object]) -> Gateway:
        return irnic.make(self.name, section)

    def prepare(self) -> None:
        add_handle(self.books, _HOLDER)
        add_handle(self.books, _NEW_HOLDER)

    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        return {ContactRole.REGISTRANT: Handle(_HOLDER)}

    def add(self, name: DomainName, **more: Any) -> None:
        contacts = [*((role, _HOLDER) for role in ("holder", "admin", "tech")), ("bill", _US)]
        super().add(name, **{"statuses": ("ok", "irnicRegistered"), "contacts": contacts, **more})

    def add_of_another(self, name: DomainName) -> None:
        contacts = [*((role, _HOLDER) for role in ("holder", "admin", "tech")), ("bill", _ANOTHER)]
        self.add(name, sponsor=_ANOTHER, contacts=contacts)

    def new_contacts(self) -> Mapping[ContactRole, Handle | Contact]:
        return {ContactRole.TECH: Handle(_NEW_HOLDER)}

    def ready_for(self, kind: Kind, name: DomainName) -> None:
        match kind:
            case Kind.RENEW_ELSEWHERE:
                self.add(name, sponsor=_ANOTHER)
            case Kind.CHANGE_HOLDER:
                self.add(name)
                self.execute(ChangeHolder(name, {ContactRole.REGISTRANT: Handle(_NEW_HOLDER)}))
            case _:
                super().ready_for(kind, name)

    def command(self, kind: Kind, name: DomainName, guard: Mapping[str, Any]) -> Command:
        match kind:
            case Kind.RENEW_ELSEWHERE:
                return Renew(name, 12, guard_expiry(guard), elsewhere=True)
            case Kind.CHANGE_HOLDER:
                pin = Secret(mailed_pin(self.books, name.ascii))
                return ChangeHolder(name, {ContactRole.REGISTRANT: Handle(_NEW_HOLDER)}, pin)
            case _:
                return super().command(kind, name, guard)

    def errand(self, kind: type) -> Errand:
        identity = Identity(HolderType.PERSON, number=Secret(_NATIONAL_CODE))
        if kind is CreateContact:
            return CreateContact(PERSON, identity)
        if kind is UpdateContact:
            made = self.execute(CreateContact(PERSON, identity))
            assert isinstance(made, Done), made
            return UpdateContact(Handle(str(made.registry_id)), PERSON)
        return super().errand(kind)

    def queue_messages(self) -> None:
        trial = self.trial(Kind.RENEW, "decided")
        with self.books.page() as page:
            page.queue_message("unheardOf", "something that nobody ever heard of")
        self.execute(trial.command)
        self.decide(trial.name)
