"""What differs from one EPP registry to the next? Only this section of the configuration; no code follows a registry."""

import ssl
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.registrars.epp.namespaces import CONTACT, DOMAIN, HOST, LOGIN_SECURITY, RGP, SECDNS
from adapters.registrars.sections import read_section
from registrar.commands import ContactRole, Kind
from registrar.gateway import Capabilities, Changeable, Guard
from registrar.secrets import Secret

LONGEST_PLAIN_PASSWORD = 16
"""RFC 5730's schema takes 6 to 16 characters; longer ones travel in the login security extension (RFC 8807)."""

Seconds = Annotated[float, Field(gt=0)]


class EppSettings(BaseModel):
    """One EPP registry as the configuration describes it.

    `objects` and `extensions` are asked for at login where the greeting offers them; those in `required`, and what the
    other settings need, must be offered or nobody logs in. `sponsor_id` is what the registry writes as our `clID`,
    where that is not the login name. Limits in order: `connect_timeout` < `call_timeout` < the order's lease.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    host: str = Field(min_length=1)
    port: int = Field(default=700, ge=1, le=65535)
    ca_file: Path | None = None
    """The authority of the server's certificate; the system's own list if it is left out. It is always verified."""
    client_certificate: Path | None = None
    client_key: Path | None = None
    """The certificate's key, where it is not in the same file."""
    server_name: str | None = None
    """The name in the server's certificate, where it is not `host`."""
    expected_server_id: str | None = None
    """The `svID` that the greeting must carry (RFC 5734 §8)."""

    username: str = Field(min_length=3, max_length=16)
    password: Secret
    sponsor_id: str | None = None
    language: str = "en"
    objects: tuple[str, ...] = (DOMAIN, CONTACT, HOST)
    extensions: tuple[str, ...] = (RGP, SECDNS)
    required: tuple[str, ...] = ()

    contacts: Literal["ids", "none"] = "ids"
    contact_roles: frozenset[ContactRole] | None = None
    """The roles a registration must name; if left out, registrant, admin and tech where the registry keeps contacts."""
    nameservers: Literal["objects", "attributes"] = "objects"
    period_unit: Literal["y", "m"] = "y"
    transfer_months: int = Field(default=12, ge=0)
    """What a transfer adds here; with 0 the request names no period."""
    currency: str | None = None
    """The currency of the registry's account; the protocol does not say it, staff may want to read it."""

    sessions: int = Field(default=2, ge=1)
    connect_timeout: Seconds = 5
    call_timeout: Seconds = 60
    keepalive_seconds: Seconds = 240
    """A session idle for longer is asked with `hello` before it is trusted with a command."""
    idle_limit: Seconds = 540
    """A session idle for longer is not trusted at all; below the shortest common server limit, ten minutes."""

    late_limit_seconds: Seconds = 300
    look_gap_seconds: Seconds = 120
    long_look_seconds: Seconds = 3600

    @classmethod
    def parse(cls, name: str, section: Mapping[str, object]) -> Self:
        """Read a section; raises `ValueError` in words that say what to do and show no value."""
        return read_section(cls, name, section)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.client_key and not self.client_certificate:
            raise ValueError("client_key is of no use without client_certificate; give both, or neither")
        if self.connect_timeout >= self.call_timeout:
            raise ValueError("connect_timeout must be shorter than call_timeout")
        if self.contacts == "none" and self.contact_roles:
            raise ValueError('contact_roles must be left out where contacts = "none"')
        return self

    @property
    def own_id(self) -> str:
        """Our client id as sponsor of a name."""
        return self.sponsor_id or self.username

    @property
    def long_password(self) -> bool:
        """Tell whether the password needs the login security extension."""
        return len(self.password.reveal()) > LONGEST_PLAIN_PASSWORD

    @property
    def needed_services(self) -> tuple[str, ...]:
        """What the greeting must offer, each once."""
        needed = [DOMAIN, *self.required]
        needed += [CONTACT] if self.contacts == "ids" else []
        needed += [HOST] if self.nameservers == "objects" else []
        needed += [LOGIN_SECURITY] if self.long_password else []
        return tuple(dict.fromkeys(needed))

    @property
    def wanted_services(self) -> frozenset[str]:
        """What is asked for if the greeting offers it."""
        return frozenset((*self.objects, *self.extensions, *self.needed_services))

    def capabilities(self) -> Capabilities:
        """Return what the core reads before it takes an order."""
        return Capabilities(
            kinds=frozenset(Kind),
            guards={
                Kind.REGISTER: Guard.NAME,
                Kind.RENEW: Guard.CURRENT_EXPIRY,
                Kind.TRANSFER: Guard.PENDING_TRANSFER,
            },
            can_look=True,
            late_limit=timedelta(seconds=self.late_limit_seconds),
            look_gap=timedelta(seconds=self.look_gap_seconds),
            long_look=timedelta(seconds=self.long_look_seconds),
            contact_roles=self._contact_roles(),
            updates=frozenset(Changeable),
        )

    def tls_context(self) -> ssl.SSLContext:
        """Build the one TLS context of this registrar (building one costs more than a hundred renewals).

        Raises `ValueError` if a certificate file is missing or unreadable.
        """
        try:
            context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"ca_file {self.ca_file} cannot be read: {error}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.client_certificate:
            try:
                context.load_cert_chain(self.client_certificate, self.client_key, password=_no_passphrase)
            except (OSError, ssl.SSLError) as error:
                raise ValueError(
                    f"client_certificate {self.client_certificate} with client_key "
                    f"{self.client_key or 'in the same file'} cannot be used: {error}"
                ) from error
        return context

    def _contact_roles(self) -> frozenset[ContactRole]:
        if self.contact_roles is not None:
            return self.contact_roles
        if self.contacts == "none":
            return frozenset()
        return frozenset({ContactRole.REGISTRANT, ContactRole.ADMIN, ContactRole.TECH})


def _no_passphrase() -> str:
    """Refuse an encrypted key instead of letting OpenSSL ask for a passphrase on a terminal that nobody watches."""
    raise ValueError("client_key is encrypted; store it unencrypted, readable by the service alone")
