"""Whom do we ask of the public record? The settings' part of it, handed to the protocol that is asked by."""

from pydantic import ValidationError

from adapters.lookups.rdap import Rdap, RdapSettings
from adapters.lookups.whois.client import Whois
from adapters.lookups.whois.settings import WhoisSettings
from config.settings import ConfigurationError, Settings
from registrar.gateway import Sighting
from registrar.names import DomainName
from tasks import clock


def look_up(settings: Settings, source: str, domain: DomainName) -> Sighting:
    """Ask the public record for one name, by `rdap` or `whois`; raises `ConfigurationError`."""
    try:
        if source == "rdap":
            return Rdap(RdapSettings.model_validate(settings.lookups.rdap)).look(domain, clock.now())
        return Whois(WhoisSettings.model_validate(settings.lookups.whois)).look(domain, clock.now())
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        lines = (f"lookups.{source}.{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise ConfigurationError("\n".join(lines)) from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"lookups.{source}: {error}") from error
