"""How is the toy registrar tried? As any other: nothing in the suite knows that it is one."""

from collections.abc import Mapping
from typing import ClassVar

from adapters.sandbox.web import WebSandbox
from registrar.commands import Contact, ContactRole, Handle, Kind
from registrar.gateway import Gateway
from registrar.secrets import Secret
from tests.contract.registrars.web import WebFarSide
from tests.contract.toy import adapter
from tests.contract.toy.sandbox import ToySandbox

_TOKEN = "Planted-token-t0y"


class Toy(WebFarSide):
    """An account at the toy registrar."""

    name = "toy"
    adapter = "toy"
    zone = "test"
    kinds = (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER)
    why_not: ClassVar[Mapping[str, str]] = {
        "own date": "the toy is a registry: its one date is its own",
        "tables": "the toy asks for no table",
        "contacts": "the toy keeps no contacts",
        "restore": "the toy has no redemption: a name is free when its term is over",
        "first step": "nothing comes before the toy's orders",
        "Delete": "the toy gives no name up before its time",
    }
    at_fault = "22 the request is not understood"
    throttled = "30 not now"
    wrong_credentials: ClassVar[Mapping[str, object]] = {"token": Secret("Planted-wrong-token")}
    secrets = frozenset({_TOKEN, "Planted-wrong-token"})

    def sandbox(self) -> WebSandbox:
        return ToySandbox(self.books, certificates=self.certificates, token=_TOKEN, port=self.port)

    def section(self) -> dict[str, object]:
        return {**super().section(), "token": Secret(_TOKEN)}

    def make(self, section: Mapping[str, object]) -> Gateway:
        return adapter.make(self.name, section)

    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        return {}

    def queue_messages(self) -> None:
        trial = self.trial(Kind.RENEW, "decided")
        with self.books.page() as page:
            page.queue_message("unheardOf", "something that nobody ever heard of")
        self.misbehave("pending", Kind.RENEW)
        self.execute(trial.command)
        self.decide(trial.name)
