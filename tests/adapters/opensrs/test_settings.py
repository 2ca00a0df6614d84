"""What must be configured, and what is said when it is not."""

from typing import Any

import pytest

from adapters.registrars.opensrs import make
from adapters.registrars.opensrs.settings import LIVE_URL, read_settings
from registrar.secrets import Secret

SECTION: dict[str, Any] = {
    "username": "example-reseller",
    "api_key": Secret("planted-key"),
    "reg_username": "exampleprofile",
    "reg_password": Secret("plantedpass"),
}


def test_the_least_that_is_needed() -> None:
    """An account is configured by its user, its key and its profile; the rest has defaults."""
    settings = read_settings("opensrs", SECTION)
    assert settings.url == LIVE_URL
    assert settings.timezone.key == "UTC"
    assert settings.currency == "USD"
    assert settings.connect_timeout_seconds < settings.call_timeout_seconds


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "plain HTTP": ({"url": "http://example.test"}, "https://"),
    "a query": ({"url": "https://example.test/?key=planted"}, "no query"),
    "an empty key": ({"api_key": Secret("")}, "api_key"),
    "a key with a line end": ({"api_key": Secret("planted\n")}, "api_key"),
    "a key that is no secret": ({"api_key": "planted"}, "api_key"),
    "an unknown zone": ({"timezone": "Mars/Olympus"}, "timezone"),
    "a path for a zone": ({"timezone": "../../etc/passwd"}, "timezone"),
    "no zone": ({"timezone": 5}, "timezone"),
    "an unknown currency": ({"currency": "XYZ"}, "currency"),
    "a long profile": ({"reg_username": "x" * 21}, "reg_username"),
    "no time": ({"call_timeout_seconds": 0}, "call_timeout_seconds"),
    "a key that nobody reads": ({"passwrod": "planted"}, "passwrod"),
}


@pytest.mark.parametrize(("wrong", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_wrong_section_is_told_in_words(wrong: dict[str, Any], said: str) -> None:
    """A fault in the configuration names its key, and never shows a value."""
    with pytest.raises(ValueError, match=said) as fault:
        make("opensrs", {**SECTION, **wrong})
    assert "planted" not in str(fault.value)


@pytest.mark.parametrize("key", SECTION)
def test_a_missing_key_is_named(key: str) -> None:
    """What is missing is named."""
    with pytest.raises(ValueError, match=f"{key} is missing"):
        make("opensrs", {name: value for name, value in SECTION.items() if name != key})


def test_the_limits_reach_the_core() -> None:
    """What is configured of waiting is what the core is told."""
    gateway = make(
        "opensrs", {**SECTION, "late_limit_seconds": 5, "look_gap_seconds": 6, "long_look_seconds": 7}
    )
    declared = gateway.capabilities
    seconds = [
        limit.total_seconds() for limit in (declared.late_limit, declared.look_gap, declared.long_look)
    ]
    assert seconds == [5, 6, 7]
    gateway.close()
