"""What must be configured for an IRNIC contract? One section of configuration, checked as a whole."""

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from adapters.registrars.sections import read_section
from registrar.secrets import Secret

DEPOSIT_CODE_DIGITS = 16

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _https(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("must start with https:// (the token travels in every request)")
    return url


def _deposit_code(secret: Secret) -> Secret:
    text = secret.reveal()
    if len(text) != DEPOSIT_CODE_DIGITS or not (text.isascii() and text.isdigit()):
        raise ValueError(f"must be the deposit code's {DEPOSIT_CODE_DIGITS} digits")
    return secret


def _token(secret: Secret) -> Secret:
    text = secret.reveal()
    if not text or not text.isascii() or not text.isprintable() or set(text) & set(" <>&\"'"):
        raise ValueError("must be the API token as IRNIC issued it, without spaces or line ends")
    return secret


class IrnicSettings(BaseModel):
    """One IRNIC contract. Times of day are Tehran's; equal `closed_from` and `closed_until` mean it never closes.

    Defaults are IRNIC's production habits: closed 23:00 to 00:30, an answer within a minute. The three limits of the
    core's looks (`late_limit_seconds`, `look_gap_seconds`, `long_look_seconds`) are ours to choose: nobody publishes
    them. `closing_margin_seconds` is how long before the closure nothing that spends is begun; unset, the late limit,
    so that no command of ours can still be under way when the gateway closes.

    `renew_locked`: whether the penalty for a locked name (the second month after its expiry) is paid. IRNIC counts in
    units, which no order's ceiling can be compared with, so it is the house that says yes, for all orders: set it where
    the selling price of a locked name contains the penalty.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    url: Annotated[str, AfterValidator(_https)]
    token: Annotated[Secret, AfterValidator(_token)]
    deposit_code: Annotated[Secret, AfterValidator(_deposit_code)]
    billing_handle: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_]{1,80}-[A-Za-z0-9_]{1,8}$", min_length=8, max_length=16)
    ]
    ca_file: Path | None = None
    closed_from: time = time(23, 0)
    closed_until: time = time(0, 30)
    closing_margin_seconds: Annotated[float, Field(ge=0)] | None = None
    night_page_phrase: str = ""
    renew_locked: bool = False
    connect_timeout_seconds: Seconds = 10
    call_timeout_seconds: Seconds = 60
    late_limit_seconds: Seconds = 900
    look_gap_seconds: Seconds = 300
    long_look_seconds: Seconds = 3600

    @property
    def closing_margin(self) -> timedelta:
        """How long before the closure nothing that spends is begun."""
        chosen = self.closing_margin_seconds
        return timedelta(seconds=self.late_limit_seconds if chosen is None else chosen)


def read_settings(name: str, section: Mapping[str, object]) -> IrnicSettings:
    """Check registrar `name`'s section; raises ValueError in words that say what to do and show no value."""
    return read_section(IrnicSettings, name, section)
