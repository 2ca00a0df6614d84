"""Whom do we ask of the public record, and how much of each server? The settings' part of it, handed to the protocols.

A look by hand keeps a pace of its own and needs no Redis: it is one question. The nightly sync shares its pace with all
workers.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.lookups.pace import Budget, Pace
from adapters.lookups.rdap import Rdap, RdapSettings
from adapters.lookups.rdap.bootstrap import Directory, NoServerError, origin_named
from adapters.lookups.whois.client import Whois
from adapters.lookups.whois.settings import WhoisSettings
from config.settings import ConfigurationError, LookupSettings, Settings
from registrar.gateway import Sighting
from registrar.names import DomainName
from registrar.sync.vocabulary import Source
from tasks import clock

Section = TypeVar("Section", bound=BaseModel)


class Lookups:
    """The public records, as they are set; each is made when it is first asked for. `ConfigurationError` says what is wrong.

    Without a `pace` each protocol keeps its own.
    """

    def __init__(self, settings: LookupSettings, pace: Pace | None = None) -> None:
        self._settings = settings
        self._pace = pace

    def insist_usable(self) -> None:
        """Raise `ConfigurationError` for settings that cannot be used, before a night depends on them."""
        _ = self._directory, self._rdap_budgets, self._whois_settings

    @cached_property
    def rdap(self) -> Rdap:
        """The registries' RDAP servers; reading their list and the certificate authorities takes a moment."""
        with _in_words("rdap"):
            return Rdap(self._rdap_settings, pace=self._pace)

    @cached_property
    def whois(self) -> Whois:
        """The registries' WHOIS servers."""
        with _in_words("whois"):
            return Whois(self._whois_settings, pace=self._pace)

    def public_source(self, zone: str) -> Source | None:
        """Return where the names of a zone stand in the public record: RDAP before WHOIS (D4), None where neither is known."""
        if self._rdap_server(zone) is not None:
            return Source.RDAP
        listed = self._whois_settings.server_of(zone) or self._whois_settings.directory
        return Source.WHOIS if listed else None

    def in_flight(self, source: Source, zone: str) -> int:
        """Return how many names of a zone may be asked for at once: its server's budget."""
        if source is Source.WHOIS:
            server = self._whois_settings.server_of(zone)
            budget = self._whois_settings.budget_of(server) if server else self._whois_settings.budget
            return min(budget.in_flight, self._whois_settings.most_in_flight)
        origin = self._rdap_server(zone)
        budget = self._rdap_budgets.get(origin or "", self._rdap_settings.budget)
        return min(budget.in_flight, self._rdap_settings.most_in_flight)

    def _rdap_server(self, zone: str) -> str | None:
        try:
            return self._directory.server_for(DomainName(f"x.{zone}", zone)).origins[0]
        except NoServerError:
            return None

    @cached_property
    def _directory(self) -> Directory:
        with _in_words("rdap"):
            return Directory.read(self._rdap_settings.bootstrap_file, self._rdap_settings.overrides)

    @cached_property
    def _rdap_settings(self) -> RdapSettings:
        return _checked("rdap", RdapSettings, self._settings.rdap)

    @cached_property
    def _whois_settings(self) -> WhoisSettings:
        return _checked("whois", WhoisSettings, self._settings.whois)

    @cached_property
    def _rdap_budgets(self) -> Mapping[str, Budget]:
        with _in_words("rdap"):
            return {origin_named(server): budget for server, budget in self._rdap_settings.budgets.items()}


def look_up(settings: Settings, source: str, domain: DomainName) -> Sighting:
    """Ask the public record for one name, by `rdap` or `whois`; raises `ConfigurationError`."""
    lookups = Lookups(settings.lookups)
    asked = lookups.rdap if source == Source.RDAP else lookups.whois
    with _in_words(source):
        return asked.look(domain, clock.now())


def _checked(source: str, section: type[Section], given: Mapping[str, Any]) -> Section:
    try:
        return section.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        lines = (f"lookups.{source}.{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise ConfigurationError("\n".join(lines)) from None


@contextmanager
def _in_words(source: str) -> Iterator[None]:
    """Say of which section a fault is: a file that is not there, an address that is none."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"lookups.{source}: {error}") from error
