"""What differs from one EPP registry to the next? Only this section of the configuration; no code follows a registry."""

import ssl
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.registrars.epp.namespaces import (
    CHANGE_POLL,
    CONTACT,
    DOMAIN,
    FEE,
    HOST,
    IDN,
    LOGIN_SECURITY,
    MAINTENANCE,
    RGP,
    SECDNS,
)
from adapters.registrars.epp.passwords import is_long
from adapters.registrars.sections import read_section
from registrar.commands import AnswerTransfer, ContactRole, Delete, Kind, TransferAnswer
from registrar.gateway import Capabilities, Changeable, Guard
from registrar.secrets import Secret
from registrar.statuses import CLIENT_STATUSES, REGISTRAR_LOCK, Status

MONTHS_A_YEAR = 12
MOST_UNITS = 99
"""The longest `period` that RFC 5731's schema can say, in whatever unit."""

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
    new_password: Secret | None = None
    """What the password is to become: the next login that `password` opens changes it (`passwords` has the picture)."""
    sponsor_id: str | None = None
    language: str = "en"
    objects: tuple[str, ...] = (DOMAIN, CONTACT, HOST, MAINTENANCE)
    extensions: tuple[str, ...] = (RGP, SECDNS, FEE, LOGIN_SECURITY, CHANGE_POLL)
    required: tuple[str, ...] = ()

    contacts: Literal["ids", "none"] = "ids"
    """`none` is also for registries of the minimum data set, which take no person's data at all (facts §1.4)."""
    contact_roles: frozenset[ContactRole] | None = None
    """The roles a registration must name; if left out, registrant, admin and tech where the registry keeps contacts."""
    postal: Literal["auto", "int", "loc", "both"] = "auto"
    """In which form an address is written (RFC 5733 §2.3): `int` takes ASCII alone, `loc` any script, `both` asks for
    each of them, `auto` writes `int` if it is ASCII and else `loc`."""
    nameservers: Literal["objects", "attributes"] = "objects"
    lock_statuses: frozenset[Status] = REGISTRAR_LOCK
    """What of the registrar's lock can be set here (facts §6: at .ge transfer and update): the rest is not asked for."""

    period_unit: Literal["y", "m"] = "y"
    term_step_months: int = Field(default=MONTHS_A_YEAR, ge=1)
    """Terms are multiples of this, in whatever unit they are counted."""
    longest_months: int = Field(default=120, ge=1)
    """The longest term of one registration or renewal."""
    transfer_months: int = Field(default=MONTHS_A_YEAR, ge=0)
    """What a transfer adds here; with 0 the request names no period."""

    redemption: bool = True
    """A deleted name can be restored (RFC 3915); the registry must offer `rgp-1.0` then."""
    restore_report: bool = False
    """A restore is done only when a report has told why (RFC 3915 §4.2.5)."""
    restore_reason: str = Field(default="The registrant asked for the name to be restored.", min_length=1)
    restore_months: int = Field(default=0, ge=0)
    """What a restore adds to the term here."""

    fee_namespace: str = FEE
    """The fee extension as this registry names it: RFC 8748, or a draft of it whose elements are the RFC's."""
    fee_balance: bool = False
    """The registry tells our balance with what a command cost: it is what `deposit` reports then."""
    currency: str | None = Field(default=None, pattern="[A-Z]{3}")
    """The currency of the registry's account; prices are asked for in it where the registry tells them."""
    idn_tables: frozenset[str] = frozenset()
    """The tables of which an internationalized name must name one (draft-ietf-eppext-idnmap); the registry must offer
    `idn-1.0` then."""
    reads_auth_info: bool = True
    """The registry shows the sponsor a name's auth code; some never do (RFC 9154 §4.4)."""

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
        if not self.lock_statuses <= REGISTRAR_LOCK:
            raise ValueError(f"lock_statuses must be among {', '.join(sorted(REGISTRAR_LOCK))}")
        if self.period_unit == "y" and self.term_step_months % MONTHS_A_YEAR:
            raise ValueError('term_step_months must be whole years where period_unit = "y"')
        if self.new_password == self.password:
            raise ValueError("new_password is the password already; remove it")
        return self

    @property
    def own_id(self) -> str:
        """Our client id as sponsor of a name."""
        return self.sponsor_id or self.username

    @property
    def long_password(self) -> bool:
        """Tell whether a password needs the login security extension."""
        return is_long(self.password) or (self.new_password is not None and is_long(self.new_password))

    @property
    def needed_services(self) -> tuple[str, ...]:
        """What the greeting must offer, each once."""
        needed = [DOMAIN, *self.required]
        needed += [CONTACT] if self.contacts == "ids" else []
        needed += [HOST] if self.nameservers == "objects" else []
        needed += [RGP] if self.redemption else []
        needed += [IDN] if self.idn_tables else []
        needed += [LOGIN_SECURITY] if self.long_password else []
        return tuple(dict.fromkeys(needed))

    @property
    def wanted_services(self) -> frozenset[str]:
        """What is asked for if the greeting offers it."""
        return frozenset((*self.objects, *self.extensions, self.fee_namespace, *self.needed_services))

    def capabilities(self) -> Capabilities:
        """Return what the core reads before it takes an order."""
        return Capabilities(
            kinds=frozenset(_GUARDS) - (frozenset() if self.redemption else {Kind.RESTORE}),
            guards={
                kind: guard for kind, guard in _GUARDS.items() if self.redemption or kind is not Kind.RESTORE
            },
            can_look=True,
            late_limit=timedelta(seconds=self.late_limit_seconds),
            look_gap=timedelta(seconds=self.look_gap_seconds),
            long_look=timedelta(seconds=self.long_look_seconds),
            reports_deposit=self.fee_balance,
            contact_roles=self._contact_roles(),
            updates=frozenset(Changeable)
            - ({Changeable.CONTACTS} if self.contacts == "none" else frozenset()),
            errands=frozenset({Delete, AnswerTransfer}),
            statuses=CLIENT_STATUSES - (REGISTRAR_LOCK - self.lock_statuses),
            answers=frozenset(TransferAnswer),
            months=self._months(),
            reads_auth_info=self.reads_auth_info,
            idn_tables=self.idn_tables,
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

    def _months(self) -> dict[Kind, frozenset[int]]:
        """Return the terms that can be ordered: those in the registry's steps that its unit can say."""
        most = min(self.longest_months, MOST_UNITS * (MONTHS_A_YEAR if self.period_unit == "y" else 1))
        terms = frozenset(range(self.term_step_months, most + 1, self.term_step_months))
        return {
            Kind.REGISTER: terms,
            Kind.RENEW: terms,
            Kind.TRANSFER: frozenset({self.transfer_months}),
            Kind.RESTORE: frozenset({self.restore_months}),
        }

    def _contact_roles(self) -> frozenset[ContactRole]:
        if self.contact_roles is not None:
            return self.contact_roles
        if self.contacts == "none":
            return frozenset()
        return frozenset({ContactRole.REGISTRANT, ContactRole.ADMIN, ContactRole.TECH})


_GUARDS = {
    Kind.REGISTER: Guard.NAME,
    Kind.RENEW: Guard.CURRENT_EXPIRY,
    Kind.TRANSFER: Guard.PENDING_TRANSFER,
    Kind.RESTORE: Guard.REDEMPTION,
}


def _no_passphrase() -> str:
    """Refuse an encrypted key instead of letting OpenSSL ask for a passphrase on a terminal that nobody watches."""
    raise ValueError("client_key is encrypted; store it unencrypted, readable by the service alone")
