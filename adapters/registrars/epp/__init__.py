"""A registrar that speaks EPP over TLS (RFC 5730-5734): `make` builds its gateway from a section of configuration."""

from collections.abc import Mapping
from datetime import UTC, datetime

from adapters.registrars.epp.gateway import EppGateway
from adapters.registrars.epp.settings import EppSettings
from registrar.gateway import Gateway

__all__ = ["make"]


def make(name: str, section: Mapping[str, object]) -> Gateway:
    """Build the gateway `name`; opens no connection. Raises `ValueError` that says what is wrong with the section."""
    settings = EppSettings.parse(name, section)
    return EppGateway(name, settings, settings.tls_context(), now=lambda: datetime.now(UTC))
