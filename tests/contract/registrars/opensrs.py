"""How is OpenSRS tried? Signed XML; an order that our deposit does not cover is saved, and the same command sent again pays it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from adapters.registrars import opensrs
from adapters.sandbox.opensrs import OpenSrsSandbox
from adapters.sandbox.web import WebSandbox
from registrar.commands import Contact, ContactRole, Handle, Kind
from registrar.gateway import Gateway
from registrar.names import DomainName
from registrar.secrets import Secret
from tests.contract.far_side import PERSON, Trial
from tests.contract.registrars.web import WebFarSide

_USERNAME = "example-reseller"
_KEY = "Planted-key-c0ffee"
_PROFILE_PASSWORD = "Plantedpass99"


class OpenSrs(WebFarSide):
    """An OpenSRS account."""

    name = "opensrs"
    adapter = "opensrs"
    idn_tables = frozenset({"fa"})
    zone = "com"
    kinds = (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE)
    why_not: ClassVar[Mapping[str, str]] = {
        "messages": "OpenSRS pushes its events and keeps no queue: looks tell",
        "statement": "OpenSRS lists orders by name, not charges by day",
        "first step": "contacts travel inside the order",
        "second restore": "that only a name in redemption can be restored is not documented, so no guard is declared",
    }
    renewing: ClassVar[Mapping[str, object]] = {"auto_renew": True}
    not_renewing: ClassVar[Mapping[str, object]] = {"auto_renew": False}
    at_fault = "460 Required field is missing"
    throttled = "350 Too many commands"
    wrong_credentials: ClassVar[Mapping[str, object]] = {"api_key": Secret("Planted-wrong-key")}
    secrets = frozenset({_KEY, _PROFILE_PASSWORD, "Planted-wrong-key"})
    unit = "USD"
    client_id = _USERNAME

    def sandbox(self) -> WebSandbox:
        return OpenSrsSandbox(
            self.books,
            certificates=self.certificates,
            username=_USERNAME,
            key=_KEY,
            decide_after_seconds=None,
            port=self.port,
        )

    def section(self) -> dict[str, object]:
        ours = {
            "username": _USERNAME,
            "api_key": Secret(_KEY),
            "reg_username": "exampleprofile",
            "reg_password": Secret(_PROFILE_PASSWORD),
        }
        return {**super().section(), **ours}

    def make(self, section: Mapping[str, object]) -> Gateway:
        return opensrs.make(self.name, section)

    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        return dict.fromkeys(ContactRole, PERSON)

    def delete(self, name: DomainName) -> None:
        until = datetime.now(UTC) + timedelta(days=20)
        self.add(name, detail={"redeemable_until": until.isoformat()})

    def pay_what_was_saved(self, trial: Trial) -> None:
        self.execute(trial.command)
