"""How is an EPP registry tried? In the sandbox's two dialects: with contacts and hosts as objects, and with neither."""

from collections.abc import Mapping
from typing import ClassVar

from adapters.registrars import epp
from adapters.sandbox.epp import COM, SMALL, Dialect, EppSandbox, Terms
from registrar.commands import Contact, ContactRole, Handle, Kind
from registrar.gateway import Gateway
from registrar.names import DomainName
from registrar.secrets import Secret
from tests.contract.far_side import ENDS, PERSON, FarSide

_PASSWORD = "Planted-pw-77x"


class Epp(FarSide):
    """An EPP registry over TLS, of the big kind: contacts and hosts are objects, terms are years."""

    name = "epp"
    adapter = "epp"
    dialect: ClassVar[Dialect] = COM
    idn_tables = frozenset({"fa"})
    zone = "test"
    kinds = (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE)
    why_not: ClassVar[Mapping[str, str]] = {
        "own date": "a registry's one date is its own",
        "deposit": "EPP has no question for the balance",
        "statement": "EPP has no statement",
    }
    first_step: ClassVar[str | None] = "contact:create"
    at_fault = "2001 the command is not well formed"
    throttled = "2400 try again later"
    wrong_credentials: ClassVar[Mapping[str, object]] = {"password": Secret("Planted-wrong-1")}
    secrets = frozenset({_PASSWORD, "Planted-wrong-1"})

    def start(self) -> None:
        self.sandbox = EppSandbox(
            self.books,
            dialect=self.dialect,
            tls=self.certificates.folder,
            credentials={"reseller": _PASSWORD, "other": _PASSWORD},
            terms=Terms(transfer_seconds=600, pending_seconds=600),
            port=self.port,
        )
        _, self.port = self.sandbox.start()

    def stop(self) -> None:
        self.sandbox.stop()

    def section(self) -> dict[str, object]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "ca_file": self.certificates.authority,
            "username": "reseller",
            "password": Secret(_PASSWORD),
            "connect_timeout": 3,
            "call_timeout": 10,
        }

    def make(self, section: Mapping[str, object]) -> Gateway:
        return epp.make(self.name, section)

    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        return dict.fromkeys((ContactRole.REGISTRANT, ContactRole.ADMIN, ContactRole.TECH), PERSON)

    def delete(self, name: DomainName) -> None:
        detail = {"rgp": "redemptionPeriod"}
        self.books.add_domain(name.ascii, expires_at=ENDS, statuses=["pendingDelete"], detail=detail)

    def queue_messages(self) -> None:
        trial = self.trial(Kind.RENEW, "decided")
        with self.books.page() as page:
            page.queue_message("unheardOf", "something that nobody ever heard of")
        self.misbehave("pending", Kind.RENEW)
        self.execute(trial.command)
        self.decide(trial.name)


class EppSmall(Epp):
    """A national registry: no contacts, hosts as attributes, months, client certificates, a report for each restore."""

    name = "epp, small"
    dialect = SMALL
    why_not: ClassVar[Mapping[str, str]] = {
        **Epp.why_not,
        "contacts": "this registry keeps none",
        "first step": "nothing comes before this registry's orders",
    }
    first_step = None

    def section(self) -> dict[str, object]:
        ours = {
            "client_certificate": self.certificates.client,
            "contacts": "none",
            "nameservers": "attributes",
            "period_unit": "m",
            "restore_report": True,
        }
        return {**super().section(), **ours}

    def people(self) -> Mapping[ContactRole, Handle | Contact]:
        return {}
