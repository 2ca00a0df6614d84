"""What must be configured for a reseller account at LogicBoxes? One section of configuration, checked as a whole."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from adapters.registrars.sections import read_section
from registrar.commands import AnswerTransfer, ContactRole, Delete, Kind, TransferAnswer
from registrar.gateway import Capabilities, Changeable, Guard
from registrar.secrets import Secret
from registrar.statuses import Status

LIVE_HOST = "httpapi.com"
TEST_PREFIX = "test."
MONTHS_OF_A_YEAR = 12
LONGEST_YEARS = 10

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be a plain https:// address (the key travels in every request)")
    return url.rstrip("/")


def _api_key(secret: Secret) -> Secret:
    text = secret.reveal()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be the API key as the control panel shows it, without spaces or line ends")
    return secret


class LogicBoxesSettings(BaseModel):
    """One reseller account. `customer_id` is the house customer there who owns every name that we register.

    `demo` says that the account is a demo account. **Live credentials sent to the test host still act on live orders**
    (facts §2.1), so the host and the account must agree, or nobody starts. `currency` is that of the account's deposit,
    in which prices are compared with an order's ceiling. `idn_tables` are the `idnLanguageCode`s that may be named.

    Invoices and the platform's own renewals are not for choice: `NoInvoice` and `auto-renew=false`, always.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    url: Annotated[str, AfterValidator(_https)] = "https://httpapi.com/api"
    reseller_id: Number
    api_key: Annotated[Secret, AfterValidator(_api_key)]
    customer_id: Number
    demo: bool = False
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    idn_tables: frozenset[str] = frozenset()
    ca_file: Path | None = None
    connect_timeout_seconds: Seconds = 10
    call_timeout_seconds: Seconds = 90
    late_limit_seconds: Seconds = 900
    look_gap_seconds: Seconds = 300
    long_look_seconds: Seconds = 3600

    @model_validator(mode="after")
    def _host_fits_account(self) -> Self:
        host = (urlsplit(self.url).hostname or "").lower()
        if host.startswith(TEST_PREFIX) and not self.demo:
            raise ValueError(
                "url is a test host and demo is not set: live keys act on live orders even there; "
                "use a demo account and set demo = true, or the live url"
            )
        live = host == LIVE_HOST or host.endswith(f".{LIVE_HOST}")
        if live and not host.startswith(TEST_PREFIX) and self.demo:
            raise ValueError(
                f"url is the live host and demo is set: use https://{TEST_PREFIX}{LIVE_HOST}/api"
            )
        return self

    @property
    def capabilities(self) -> Capabilities:
        """What can be ordered of it: years, not months; every command of a name's life."""
        years = frozenset(MONTHS_OF_A_YEAR * count for count in range(1, LONGEST_YEARS + 1))
        return Capabilities(
            kinds=frozenset({Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE}),
            guards={
                Kind.REGISTER: Guard.NAME,
                Kind.RENEW: Guard.CURRENT_EXPIRY,
                Kind.TRANSFER: Guard.PENDING_TRANSFER,
                Kind.RESTORE: Guard.NAME,
            },
            can_look=True,
            late_limit=timedelta(seconds=self.late_limit_seconds),
            look_gap=timedelta(seconds=self.look_gap_seconds),
            long_look=timedelta(seconds=self.long_look_seconds),
            reports_deposit=True,
            contact_roles=frozenset({ContactRole.REGISTRANT}),
            transfer_contact_roles=frozenset({ContactRole.REGISTRANT}),
            updates=frozenset(Changeable),
            errands=frozenset({Delete, AnswerTransfer}),
            statuses=frozenset({Status.CLIENT_TRANSFER_PROHIBITED}),
            answers=frozenset({TransferAnswer.CANCEL}),
            months={
                Kind.REGISTER: years,
                Kind.RENEW: years,
                Kind.TRANSFER: frozenset({0, MONTHS_OF_A_YEAR}),
                Kind.RESTORE: frozenset({0, MONTHS_OF_A_YEAR}),
            },
            reads_auth_info=True,
            privacy=True,
            idn_tables=self.idn_tables,
        )


def read_settings(name: str, section: Mapping[str, object]) -> LogicBoxesSettings:
    """Check registrar `name`'s section; raises ValueError in words that say what to do and show no value."""
    return read_section(LogicBoxesSettings, name, section)
