"""What must be configured for an Openprovider account? One section of configuration, checked as a whole."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from adapters.registrars.sections import read_section
from registrar.commands import AnswerTransfer, ContactRole, Delete, Kind, TransferAnswer
from registrar.gateway import Capabilities, Changeable, Guard
from registrar.secrets import Secret
from registrar.statuses import Status

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_YEARS = frozenset(range(12, 121, 12))


def _https(url: str) -> str:
    if not url.startswith("https://") or set(url) & set("?# "):
        raise ValueError("must be an https:// address (the token travels in every request), without ? or #")
    return url.rstrip("/")


def _not_empty(secret: Secret) -> Secret:
    if not secret.reveal():
        raise ValueError("must not be empty")
    return secret


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is no time zone; write it as Europe/Amsterdam") from error
    return name


class OpenproviderSettings(BaseModel):
    """One Openprovider account.

    `timezone` is that of the dates Openprovider writes without a zone (facts §0.3). `ns_group` is a group of name
    servers of this account, for registrations that name no servers. `currency` is the account's, which the balance does
    not tell by itself. The three limits of the core's looks are ours to choose: nobody publishes them, and the late one
    is generous, for nothing at Openprovider stops a renewal that lands late.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    url: Annotated[str, AfterValidator(_https)] = "https://api.openprovider.eu/v1beta"
    username: Annotated[str, Field(min_length=1)]
    password: Annotated[Secret, AfterValidator(_not_empty)]
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Amsterdam"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    ns_group: Annotated[str, Field(min_length=1)] | None = None
    ca_file: Path | None = None
    connect_timeout_seconds: Seconds = 10
    call_timeout_seconds: Seconds = 60
    late_limit_seconds: Seconds = 900
    look_gap_seconds: Seconds = 300
    long_look_seconds: Seconds = 3600

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.connect_timeout_seconds >= self.call_timeout_seconds:
            raise ValueError("connect_timeout_seconds must be shorter than call_timeout_seconds")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone of dates that are written without one."""
        return ZoneInfo(self.timezone)

    def capabilities(self) -> Capabilities:
        """Return what the core reads before it takes an order.

        A renewal has no guard: `Sighting.charges` decides. A restore is guarded as a registration is, by the name's own
        state: only a deleted name can be restored (376, facts §4.4).
        """
        registrant = frozenset({ContactRole.REGISTRANT})
        return Capabilities(
            kinds=frozenset({Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE}),
            guards={
                Kind.REGISTER: Guard.NAME,
                Kind.RENEW: Guard.NONE,
                Kind.TRANSFER: Guard.PENDING_TRANSFER,
                Kind.RESTORE: Guard.NAME,
            },
            can_look=True,
            late_limit=timedelta(seconds=self.late_limit_seconds),
            look_gap=timedelta(seconds=self.look_gap_seconds),
            long_look=timedelta(seconds=self.long_look_seconds),
            reports_deposit=True,
            contact_roles=registrant,
            transfer_contact_roles=registrant,
            updates=frozenset({Changeable.NAMESERVERS, Changeable.STATUSES, Changeable.CONTACTS}),
            errands=frozenset({Delete, AnswerTransfer}),
            statuses=frozenset({Status.CLIENT_TRANSFER_PROHIBITED}),
            answers=frozenset({TransferAnswer.APPROVE}),
            months={Kind.REGISTER: _YEARS, Kind.RENEW: _YEARS},
            reads_auth_info=True,
            privacy=True,
            reports_statement=True,
        )


def read_settings(name: str, section: Mapping[str, object]) -> OpenproviderSettings:
    """Check registrar `name`'s section; raises ValueError in words that say what to do and show no value."""
    return read_section(OpenproviderSettings, name, section)
