"""Is a section of configuration right? What is wrong is named in words, and no value is shown."""

from typing import Any

import pytest

from adapters.registrars.openprovider import make
from adapters.registrars.openprovider.settings import read_settings
from registrar.commands import AnswerTransfer, ContactRole, Delete, Kind
from registrar.gateway import Changeable, Guard
from registrar.secrets import Secret

WHOLE: dict[str, Any] = {"username": "reseller", "password": Secret("planted")}


def test_two_keys_are_enough() -> None:
    """An account needs a login and a password; the rest has the values of production."""
    settings = read_settings("op", WHOLE)
    assert settings.url == "https://api.openprovider.eu/v1beta"
    assert (settings.timezone, settings.currency, settings.ns_group) == ("Europe/Amsterdam", "EUR", None)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"username": ""}, "username"),
        ({"password": Secret("")}, "password: .*must not be empty"),
        ({"url": "http://api.openprovider.eu/v1beta"}, "must be an https://"),
        ({"url": "https://api.openprovider.eu/v1beta?x=1"}, "without"),
        ({"timezone": "Amsterdam"}, "is no time zone"),
        ({"timezone": "../etc/passwd"}, "is no time zone"),
        ({"currency": "euro"}, "currency"),
        ({"ns_group": ""}, "ns_group"),
        ({"late_limit_seconds": 0}, "late_limit_seconds"),
        ({"connect_timeout_seconds": 60, "call_timeout_seconds": 60}, "must be shorter"),
        ({"autorenew": "on"}, "nobody reads 'autorenew'"),
    ],
)
def test_what_is_wrong_is_said(more: dict[str, Any], words: str) -> None:
    """Whoever configures learns which key to put right."""
    with pytest.raises(ValueError, match=words) as caught:
        make("op", {**WHOLE, **more})
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("key", ["username", "password"])
def test_what_is_missing_is_said(key: str) -> None:
    """A section without its login names what to set."""
    with pytest.raises(ValueError, match=f"{key} is missing: set it"):
        make("op", {name: value for name, value in WHOLE.items() if name != key})


def test_the_declarations_are_those_of_openprovider() -> None:
    """What the core reads before it takes an order is what this registrar can do."""
    can = make("op", WHOLE).capabilities
    assert can.kinds == {Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE}
    assert can.guards[Kind.RENEW] is Guard.NONE
    assert can.months[Kind.RENEW] == {12, 24, 36, 48, 60, 72, 84, 96, 108, 120}
    assert can.contact_roles == can.transfer_contact_roles == {ContactRole.REGISTRANT}
    assert can.updates == {Changeable.NAMESERVERS, Changeable.STATUSES, Changeable.CONTACTS}
    assert can.errands == {Delete, AnswerTransfer}
    assert can.reports_deposit
    assert can.reports_statement
    assert can.reads_auth_info
    assert can.privacy
