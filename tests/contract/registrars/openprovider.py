"""How is Openprovider tried? JSON under a bearer token; nothing guards a renewal, and its money log tells what was done."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from adapters.registrars import openprovider
from adapters.sandbox.openprovider import OpenproviderSandbox, add_customer
from adapters.sandbox.records import as_text
from adapters.sandbox.web import WebSandbox
from registrar.commands import (
    AnswerTransfer,
    Contact,
    ContactRole,
    Errand,
    Handle,
    Kind,
    TransferAnswer,
)
from registrar.gateway import Gateway
from registrar.names import DomainName
from registrar.secrets import Secret
from tests.contract.far_side import PERSON
from tests.contract.registrars.web import WebFarSide

_PASSWORD = "Planted-password-c0ffee"
_HANDLE = "XX000001-XX"


class Openprovider(WebFarSide):
    """An Openprovider account."""

    name = "openprovider"
    adapter = "openprovider"
    zone = "com"
    kinds = (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE)
    why_not: ClassVar[Mapping[str, str]] = {
        "tables": "Openprovider asks for no table",
        "messages": "Openprovider keeps no queue: looks tell",
        "expiry guard": "Openprovider's renewal names no expiry: nothing guards it",
    }
    first_step = "contact:create"
    renewing: ClassVar[Mapping[str, object]] = {"autorenew": "on"}
    not_renewing: ClassVar[Mapping[str, object]] = {"autorenew": "off"}
    at_fault = "307 Invalid period"
    throttled = "4005 Temporary unavailable"
    wrong_credentials: ClassVar[Mapping[str, object]] = {"password": Secret("Planted-wrong-password")}
    secrets = frozenset({_PASSWORD, "Planted-wrong-password"})

    def sandbox(self) -> WebSandbox:
        return OpenproviderSandbox(
            self.books,
            certificates=self.certificates,
            username="reseller",
            password=_PASSWORD,
            decide_after_seconds=None,
            port=self.port,
        )

    def section(self) -> dict[str, object]:
        return {**super().section(), "username": "reseller", "password": Secret(_PASSWORD)}

    def make(self, section: Mapping[str, object]) -> Gateway:
        return openprovider.make(self.name, section)

    def prepare(self) -> None:
        add_customer(self.books, _HANDLE)

    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        return {ContactRole.REGISTRANT: PERSON}

    def add(self, name: DomainName, **more: Any) -> None:
        contacts = [(role, _HANDLE) for role in ("owner", "admin", "tech")]
        super().add(name, **{"contacts": contacts, **more})

    def delete(self, name: DomainName) -> None:
        self.add(name, statuses=("DEL",), detail={"deleted_at": as_text(datetime.now(UTC))})

    def errand(self, kind: type) -> Errand:
        if kind is AnswerTransfer:
            leaving = self.named("leaving")
            self.add(leaving, detail={"gaining": "other"})
            return AnswerTransfer(leaving, TransferAnswer.APPROVE)
        return super().errand(kind)
