"""How is LogicBoxes tried? Form posts and JSON; an order that our deposit does not cover is saved, and goes on by itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from adapters.registrars import logicboxes
from adapters.sandbox import records as sandbox_records
from adapters.sandbox.logicboxes import LogicBoxesSandbox, add_customer
from adapters.sandbox.web import WebSandbox
from registrar.commands import Contact, ContactRole, Handle, Kind
from registrar.gateway import Gateway
from registrar.names import DomainName
from registrar.secrets import Secret
from tests.contract.far_side import PERSON
from tests.contract.registrars.web import WebFarSide

_RESELLER = "4711"
_API_KEY = "Planted-api-key-c0ffee"
_HOUSE = "19371930"
_HOLDER = "79000001"


class LogicBoxes(WebFarSide):
    """A reseller account at LogicBoxes."""

    name = "logicboxes"
    adapter = "logicboxes"
    idn_tables = frozenset({"fa"})
    zone = "com"
    kinds = (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE)
    why_not: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("empty deposit: transfer", "empty deposit: restore"),
            "kept, and paid once after a top-up; but it may wait for the registry too, so the deposit is not blamed",
        ),
        "own date": "LogicBoxes tells one date, its own, which stands for the registry's",
        "messages": "LogicBoxes has no queue: looks tell",
        "statement": "LogicBoxes lists actions by name, not charges by day",
        "wrong auth code": "a transfer with a wrong code is accepted, and waits for the right one",
    }
    first_step = "contact:create"
    renewing: ClassVar[Mapping[str, object]] = {"recurring": True}
    not_renewing: ClassVar[Mapping[str, object]] = {"recurring": False}
    at_fault = "customer-id is invalid"
    throttled = "503 Service Unavailable"
    wrong_credentials: ClassVar[Mapping[str, object]] = {"api_key": Secret("Planted-wrong-key")}
    secrets = frozenset({_API_KEY, "Planted-wrong-key"})
    unit = "USD"
    client_id = _RESELLER

    def sandbox(self) -> WebSandbox:
        return LogicBoxesSandbox(
            self.books,
            certificates=self.certificates,
            reseller_id=_RESELLER,
            api_key=_API_KEY,
            decide_after_seconds=None,
            port=self.port,
        )

    def section(self) -> dict[str, object]:
        ours = {"reseller_id": _RESELLER, "api_key": Secret(_API_KEY), "customer_id": _HOUSE}
        return {**super().section(), **ours}

    def make(self, section: Mapping[str, object]) -> Gateway:
        return logicboxes.make(self.name, section)

    def prepare(self) -> None:
        add_customer(self.books, _HOUSE)
        with self.books.page() as page:
            card = {
                "customerid": _HOUSE,
                "type": "Contact",
                "name": "Example Person",
                "emailaddr": "holder@example.org",
            }
            page.save_contact(
                sandbox_records.Contact(
                    id=_HOLDER, roid="C1", sponsor=_RESELLER, created_at=page.now, card=card
                )
            )

    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        return {ContactRole.REGISTRANT: PERSON}

    def add(self, name: DomainName, **more: Any) -> None:
        contacts = [(role, _HOLDER) for role in ("registrant", "admin", "tech", "billing")]
        ours = {"statuses": ("Active",), "contacts": contacts, "detail": {"customer_id": _HOUSE}}
        super().add(name, **{**ours, **more})

    def with_detail(self, **detail: object) -> Mapping[str, Any]:
        return super().with_detail(customer_id=_HOUSE, **detail)

    def delete(self, name: DomainName) -> None:
        self.add(
            name, detail={"customer_id": _HOUSE, "deleted_at": sandbox_records.as_text(datetime.now(UTC))}
        )
