"""What does the registry need to carry out one command? The open page, the request, and how it was set up."""

from dataclasses import dataclass

from adapters.sandbox.irnic import names
from adapters.sandbox.irnic.answers import RefusedError
from adapters.sandbox.irnic.requests import Request
from adapters.sandbox.misbehaviour import Misbehaviour
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain


@dataclass(frozen=True, slots=True)
class Rules:
    """How this registry was set up.

    `decide_after_seconds` is when a registration or renewal is approved unless told otherwise; None leaves it pending
    until `Books.approve` or `Books.reject`. With `activation_lags` an approved registration stays reserved for as long
    again, as IRNIC's do until the next change of the zone.
    """

    decide_after_seconds: float | None
    activation_lags: bool = False
    restricted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Errand:
    """One command being carried out."""

    page: Page
    request: Request
    rules: Rules
    server_transaction_id: str
    stale: Misbehaviour | None = None

    def name(self) -> names.RegistryName:
        """Return the one name the command is about; raise `RefusedError` if IRNIC would not call it valid."""
        name = names.parse(self.request.texts("name")[0])
        if name is None:
            raise RefusedError(2005, "Domain name is not valid", "domain:name")
        return name

    def domain(self, name: names.RegistryName) -> Domain:
        """Return the name's entry as this look sees it; raise `RefusedError` if there is none."""
        domain = self.seen(name)
        if domain is None:
            raise RefusedError(2303, "Domain does not exist.", "domain:name")
        return domain

    def seen(self, name: names.RegistryName) -> Domain | None:
        """Return the name's entry, as it was before its last change where the look is ordered to be stale."""
        if self.stale is None:
            return self.page.domain(name.ascii)
        return self.page.domain_before_change(name.ascii, self.stale.seconds if self.stale.argument else None)
