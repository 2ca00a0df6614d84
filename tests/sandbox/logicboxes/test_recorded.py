"""Does the sandbox answer all that was recorded from the real platform?"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.logicboxes.reseller import Reseller

REFERENCE = Path(os.environ.get("REGISTRAR_REFERENCE_DATA", "../shared/data"))


def test_an_availability_line_has_the_recorded_parts(reseller: Reseller) -> None:
    """The same keys, and the same word for a free name."""
    (line,) = _recorded("directi_domainchecktest_3").values()

    assert reseller.available("free", "com")["free.com"] == line


def test_a_registration_has_the_recorded_parts(reseller: Reseller) -> None:
    """An order with an invoice is answered with every recorded key, and the recorded words."""
    _require_same_words(
        reseller.register("new.com", invoice_option="KeepInvoice").body,
        _recorded("directi_domainregistertest_2"),
    )


def test_a_renewal_has_the_recorded_parts(reseller: Reseller) -> None:
    """The same, of a renewal."""
    order = reseller.register("new.com").body
    end = reseller.shown("new.com")["endtime"]

    renewed = reseller.renew(order["entityid"], end, invoice_option="KeepInvoice").body

    _require_same_words(renewed, _recorded("directi_domainrenewtest_4"))


def test_details_have_the_recorded_parts(reseller: Reseller) -> None:
    """Every recorded key is there, at every depth, with a value of the same kind."""
    recorded = _recorded("directi_domaininfotest_1")
    reseller.register("new.com")

    shown = reseller.shown("new.com")

    _require_parts(shown, recorded)
    for key in ("currentstatus", "eaqid", "orderstatus", "domainstatus", "productkey", "actioncompleted"):
        assert shown[key] == recorded[key]
    assert shown["endtime"].isdecimal()
    assert len(shown["endtime"]) == len(recorded["endtime"])


def _recorded(name: str) -> dict[str, Any]:
    path = REFERENCE / "logicboxes" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no reference data at {REFERENCE}")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _require_same_words(answered: dict[str, Any], recorded: dict[str, Any]) -> None:
    _require_parts(answered, recorded)
    for key in ("actiontype", "actionstatus", "status", "actionstatusdesc", "sellingcurrencysymbol"):
        assert answered[key] == recorded[key]


def _require_parts(answered: dict[str, Any], recorded: dict[str, Any]) -> None:
    assert recorded.keys() - answered.keys() == set()
    for key, value in recorded.items():
        assert type(answered[key]) is type(value), key
        if isinstance(value, dict):
            _require_parts(answered[key], value)
