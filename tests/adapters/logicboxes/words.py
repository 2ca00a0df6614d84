"""Answers and orders of a few words, as LogicBoxes writes them: every number and boolean is text."""

from datetime import UTC, datetime
from typing import Any

from registrar.commands import (
    Contact,
    ContactRole,
    Expiry,
    Handle,
    Nameserver,
    Register,
    Renew,
    Restore,
    Transfer,
)
from registrar.names import DomainName
from registrar.secrets import Secret
from tests.adapters.logicboxes.conftest import HOUSE
from tests.adapters.logicboxes.scripted import Script, answers, fails

NAME = DomainName("example.com", "com")
ORDER = "84311819"
END = "1803945000"
LATER = "1835481000"
"""A year after `END`."""
AUTH_CODE = "planted-auth-c0de&=?"

HOLDER = {ContactRole.REGISTRANT: Handle("1001")}
PERSON = Contact(
    reference="c-1",
    name="Invented Person",
    email="invented.person@example.net",
    street=("12 Made Up Street", "Second Floor"),
    city="Tehran",
    country_code="IR",
    voice="+98.2112345678",
    postal_code="1234567890",
)


def expiry(text: str = END) -> Expiry:
    """Return an end as the platform writes it."""
    return Expiry(datetime.fromtimestamp(int(text), UTC), text)


HOSTS = (Nameserver("ns1.example.net"), Nameserver("ns2.example.net"))
REGISTRATION = Register(NAME, 12, HOLDER, HOSTS)
RENEWAL = Renew(NAME, 12, expiry())
MOVE = Transfer(NAME, 12, Secret(AUTH_CODE), HOLDER)
RESCUE = Restore(NAME, 0)


def details(**more: Any) -> dict[str, Any]:
    """Return the details of an active name of ours, with what the test changes; None takes a word out."""
    told = {
        "orderid": ORDER,
        "domainname": "example.com",
        "currentstatus": "Active",
        "customerid": HOUSE,
        "creationtime": "1772409000",
        "endtime": END,
        "classkey": "domcno",
        "eaqid": "0",
        "ns1": "ns1.example.net",
        "ns2": "ns2.example.net",
        "orderstatus": [],
        "domainstatus": [],
        "registrantcontactid": "1001",
        "admincontactid": "1001",
        "techcontactid": "1001",
        "billingcontactid": "1001",
        "domsecret": AUTH_CODE,
        "registrantcontact": {"name": "Invented Person", "emailaddr": "invented.person@example.net"},
        **more,
    }
    return {word: value for word, value in told.items() if value is not None}


def running(kind: str, status: str, text: str = "") -> dict[str, str]:
    """Return what details tell of an action."""
    return {"eaqid": "514000001", "actiontype": kind, "actionstatus": status, "actionstatusdesc": text}


def order(kind: str, stage: str, text: str = "", **more: Any) -> dict[str, Any]:
    """Return an order-action object."""
    return {
        "description": "example.com",
        "entityid": ORDER,
        "customerid": HOUSE,
        "status": "Success",
        **running(kind, stage, text),
        **more,
    }


def available(status: str = "available", **more: Any) -> Script:
    """Answer an availability question."""
    return answers({"example.com": {"classkey": "domcno", "status": status, **more}})


def absent() -> Script:
    """Answer that the name is not in our account."""
    return fails("Website doesn't exist for example.com")
