"""What must be configured for an OpenSRS account? One section of configuration, checked as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from adapters.registrars.sections import read_section
from registrar.money import MINOR_UNITS
from registrar.secrets import Secret

LIVE_URL = "https://rr-n1-tor.opensrs.net:55443"

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _https(url: str) -> str:
    if not url.startswith("https://") or "?" in url:
        raise ValueError("must start with https:// and have no query (contacts and auth codes travel there)")
    return url


def _filled(secret: Secret) -> Secret:
    text = secret.reveal()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be printable ASCII without spaces or line ends, as OpenSRS issued it")
    return secret


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a time zone's name, as UTC or America/Toronto") from error


def _currency(code: str) -> str:
    if code not in MINOR_UNITS:
        raise ValueError(f"must be one of {', '.join(sorted(MINOR_UNITS))}")
    return code


class OpenSrsSettings(BaseModel):
    """One OpenSRS account.

    `api_key` is the account's private key; the live system and the test system (Horizon) have one each, so `url` and
    `api_key` change together. `reg_username` and `reg_password` are the profile that names are registered under. `timezone` is
    that of OpenSRS's dates, which carry none (facts §10: undocumented). `currency` is the account's, in which balance
    and prices are. `idn_tables` are the values of `encoding_type` that may be ordered (facts §10: no list is known).
    `lock_new_names` puts the transfer lock on names as they are registered or moved here.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    url: Annotated[str, AfterValidator(_https)] = LIVE_URL
    username: Annotated[str, Field(min_length=1, pattern=r"^[!-~]+$")]
    api_key: Annotated[Secret, AfterValidator(_filled)]
    reg_username: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{3,20}$")]
    reg_password: Annotated[Secret, AfterValidator(_filled)]
    ca_file: Path | None = None
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("UTC")
    currency: Annotated[str, AfterValidator(_currency)] = "USD"
    idn_tables: frozenset[str] = frozenset()
    lock_new_names: bool = True
    connect_timeout_seconds: Seconds = 10
    call_timeout_seconds: Seconds = 60
    late_limit_seconds: Seconds = 900
    look_gap_seconds: Seconds = 300
    long_look_seconds: Seconds = 3600


def read_settings(name: str, section: Mapping[str, object]) -> OpenSrsSettings:
    """Check registrar `name`'s section; raises ValueError in words that say what to do and show no value."""
    return read_section(OpenSrsSettings, name, section)
