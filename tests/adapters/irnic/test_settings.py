"""An IRNIC contract's section of configuration."""

from typing import Any

import pytest

from adapters.registrars.irnic import make
from adapters.registrars.irnic.settings import read_settings
from registrar.secrets import Secret

GOOD: dict[str, Any] = {
    "url": "https://epp.irnic.example/submit",
    "token": Secret("planted-token-c0ffee"),
    "deposit_code": Secret("4929000011112222"),
    "billing_handle": "re1234-irnic",
}


def test_defaults_are_irnics_habits() -> None:
    """Without further words IRNIC is closed from 23:00 to 00:30, and nothing begins within the late limit before."""
    settings = read_settings("irnic", GOOD)
    assert f"{settings.closed_from:%H:%M} {settings.closed_until:%H:%M}" == "23:00 00:30"
    assert settings.closing_margin.total_seconds() == settings.late_limit_seconds
    assert settings.connect_timeout_seconds < settings.call_timeout_seconds < settings.late_limit_seconds


def test_hours_are_configured_as_text() -> None:
    """Hours are written as people write them."""
    settings = read_settings("irnic", {**GOOD, "closed_from": "22:15", "closed_until": "01:00"})
    assert f"{settings.closed_from:%H:%M} {settings.closed_until:%H:%M}" == "22:15 01:00"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": None}, "url is missing: set it"),
        ({"url": "http://epp.irnic.example"}, "must start with https://"),
        ({"token": None}, "token is missing"),
        ({"token": Secret("two\nlines")}, "token: Value error, must be the API token"),
        ({"deposit_code": Secret("1234")}, "16 digits"),
        ({"deposit_code": Secret("۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶")}, "16 digits"),
        ({"billing_handle": "ours"}, "billing_handle"),
        ({"closed_from": "half past"}, "closed_from"),
        ({"call_timeout_seconds": 0}, "call_timeout_seconds"),
        (
            {"transaction_prefix": "X"},
            "nobody reads 'transaction_prefix'; known keys: billing_handle, ca_file",
        ),
    ],
)
def test_a_wrong_section_says_what_to_do(change: dict[str, Any], words: str) -> None:
    """A missing, unknown or unusable key is named, with what to do about it."""
    section = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(ValueError, match=words) as refused:
        make("irnic", section)
    assert "registrar 'irnic': " in str(refused.value)


def test_a_secret_given_as_plain_text_is_not_repeated() -> None:
    """A secret in the wrong form is refused without being printed."""
    with pytest.raises(ValueError, match="token") as refused:
        make("irnic", {**GOOD, "token": "planted-plain-token", "deposit_code": Secret("planted-code")})
    shown = f"{refused.value!r} {refused.value.__cause__!r}"
    assert "planted" not in shown
