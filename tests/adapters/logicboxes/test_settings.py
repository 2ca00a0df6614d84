"""Which configuration of a LogicBoxes account is taken, and which is refused before anything is sent."""

from typing import Any

import pytest

from adapters.registrars.logicboxes import make
from registrar.secrets import Secret

LIVE = "https://httpapi.com/api"
TEST = "https://test.httpapi.com/api"


def a_section(**more: Any) -> dict[str, Any]:
    """Return a section that is right, with what the test changes; None takes a key out."""
    section = {"reseller_id": "4711", "api_key": Secret("planted-key"), "customer_id": "1", **more}
    return {key: value for key, value in section.items() if value is not None}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"url": LIVE},
        {"url": f"{LIVE}/"},
        {"url": TEST, "demo": True},
        {"url": "https://127.0.0.1:8443/api"},
        {"url": "https://127.0.0.1:8443/api", "demo": True},
    ],
)
def test_host_and_account_agree(more: dict[str, Any]) -> None:
    """The live host is for live accounts and the test host for demo accounts; a sandbox of our own for both."""
    make("lb", a_section(**more)).close()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"url": TEST}, "live keys act on live orders"),
        ({"url": "https://TEST.httpapi.com/api"}, "live keys act on live orders"),
        ({"url": LIVE, "demo": True}, "the live host and demo is set"),
        ({"url": "https://domaincheck.httpapi.com/api", "demo": True}, "the live host and demo is set"),
    ],
)
def test_a_live_key_never_meets_a_test_host(more: dict[str, Any], told: str) -> None:
    """Live credentials act on live orders even at the test host: such a configuration does not start."""
    with pytest.raises(ValueError, match=told):
        make("lb", a_section(**more))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"api_key": None}, "api_key is missing"),
        ({"reseller_id": None}, "reseller_id is missing"),
        ({"customer_id": None}, "customer_id is missing"),
        ({"api_key": Secret("planted key with spaces")}, "api_key"),
        ({"api_key": Secret("")}, "api_key"),
        ({"reseller_id": "a reseller"}, "reseller_id"),
        ({"url": "http://httpapi.com/api"}, "https"),
        ({"url": "https://httpapi.com/api?api-key=1"}, "https"),
        ({"url": "https://user@httpapi.com/api"}, "https"),
        ({"currency": "dollars"}, "currency"),
        ({"call_timeout_seconds": 0}, "call_timeout_seconds"),
        ({"invoice_option": "PayInvoice"}, "nobody reads 'invoice_option'"),
    ],
)
def test_a_wrong_section_says_what_to_do(more: dict[str, Any], told: str) -> None:
    """A missing, unknown or unusable key is named, and no value of the section is shown."""
    with pytest.raises(ValueError, match=told) as caught:
        make("lb", a_section(**more))
    assert "planted" not in str(caught.value)
