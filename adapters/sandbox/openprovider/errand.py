"""What is needed to carry out one request? The open page, the request, and how the platform was set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.sandbox.misbehaviour import Misbehaviour
from adapters.sandbox.openprovider import catalogue, lifecycle
from adapters.sandbox.openprovider.answers import NOT_IN_ACCOUNT, RefusedError
from adapters.sandbox.openprovider.catalogue import Extension, SplitName
from adapters.sandbox.openprovider.register import Register
from adapters.sandbox.openprovider.requests import Call, split_name
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain


@dataclass(frozen=True, slots=True)
class Rules:
    """How this platform was set up.

    `decide_after_seconds`: when what was left pending is approved unless told otherwise; None leaves it to the books.
    `handle_lag_seconds`: how long a new handle is still unknown to the domains (facts §4.5). `refusal_status` and
    `unauthorised_status`: the HTTP statuses that a refusal and a token that is not good come with.
    """

    decide_after_seconds: float | None = 2.0
    handle_lag_seconds: float = 0.0
    refusal_status: int = 500
    unauthorised_status: int = 401
    extensions: Mapping[str, Extension] = field(default_factory=lambda: catalogue.EXTENSIONS)
    premium: Mapping[str, int] = field(default_factory=lambda: catalogue.PREMIUM)
    reserved: frozenset[str] = catalogue.RESERVED


@dataclass(frozen=True, slots=True)
class Errand:
    """One request being carried out."""

    page: Page
    call: Call
    rules: Rules
    register: Register
    currency: str
    stale: Misbehaviour | None = None

    def name(self) -> SplitName:
        """Return the one name that the body is about."""
        name = split_name(self.call.body.get("domain"))
        if name is None:
            raise RefusedError(399, "The domain is missing")
        return name

    def extension(self, name: SplitName) -> Extension:
        """Return what is offered under a name's extension."""
        extension = self.rules.extensions.get(name.extension)
        if extension is None:
            raise RefusedError(307)
        return extension

    def own(self) -> Domain:
        """Return the entry that the path's number means, as this look sees it; it must be in our account."""
        entry = self.seen(self.call.name) if self.call.name else None
        if entry is None or self.status(entry) is None:
            raise RefusedError(NOT_IN_ACCOUNT)
        return entry

    def seen(self, name: str) -> Domain | None:
        """Return a name's entry, as it was before its last change where the look is ordered to be stale."""
        if self.stale is None:
            return self.page.domain(name)
        return self.page.domain_before_change(name, self.stale.seconds if self.stale.argument else None)

    def status(self, entry: Domain) -> str | None:
        """Return a name's status in our account; None where it is not in it."""
        return lifecycle.status(entry, self.page.client_id, self.page.now)

    def is_free(self, entry: Domain | None) -> bool:
        """Tell whether anybody may register the name."""
        return entry is None or lifecycle.is_free(entry, self.page.client_id, self.page.now)
