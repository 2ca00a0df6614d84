"""How does Openprovider answer? One JSON envelope for everything; its code tells the outcome, not HTTP's status (facts §4.1)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from adapters.sandbox.web import Answer

JSON = "application/json"

NOT_IN_ACCOUNT = 320
IN_PROGRESS = 339
STATUS_FORBIDS = 366
UNKNOWN_HANDLE = 145
"""The sandbox's own choice among the customer codes, 100 to 195: which one is said is not documented."""
LOGIN_FAILED = 196
NO_CREDIT = 310
MAINTENANCE = 4005

DESCRIPTIONS: Mapping[int, str] = {
    16: "This domain name is reserved by the registry",
    UNKNOWN_HANDLE: "Unknown handle",
    LOGIN_FAILED: "Authentication/Authorization Failed",
    307: "This extension is not offered",
    NO_CREDIT: "Insufficient credit to perform this operation",
    311: "Domain is not free",
    312: "Domain is free, it can not be transferred",
    313: "Domain is free, it can not be renewed",
    315: "The period is too short",
    316: "The period is too long",
    317: "An authorization code is required",
    318: "The authorization code is not correct",
    NOT_IN_ACCOUNT: "The domain is not in your account",
    325: "Domain is already renewed",
    326: "Domain is already in your account",
    328: "Domain is locked",
    IN_PROGRESS: "Another operation on this domain is in progress",
    346: "The domain exists in your account already",
    STATUS_FORBIDS: "The domain's status does not allow this operation",
    376: "Restore of this domain is not possible",
    999: "An unknown error has occurred",
    MAINTENANCE: "Maintenance in progress, please try again later",
    19000: "This is a premium domain: its fee must be accepted",
    19002: "The accepted premium fee differs from the premium fee",
}


class RefusedError(Exception):
    """A command that is not carried out: nothing of it stays in the books."""

    def __init__(self, code: int, description: str = "", detail: str = "") -> None:
        self.code = code
        self.description = description or DESCRIPTIONS.get(code, "The operation failed")
        self.detail = detail
        super().__init__(f"{code} {self.description}")

    def answer(self, status: int) -> Answer:
        """Write the refusal, with the HTTP status that refusals have here."""
        return envelope(self.code, self.description, self.detail, status=status)


def success(result: Any) -> Answer:
    """Write the answer of what was done."""
    return envelope(0, "", result)


def maintenance() -> Answer:
    """Write the answer of a platform that is closed for maintenance: the flag is set and nothing was done."""
    return envelope(MAINTENANCE, DESCRIPTIONS[MAINTENANCE], "", is_closed=True)


def failure() -> Answer:
    """Write the answer that says that something went wrong, and not what was done by then."""
    return envelope(999, DESCRIPTIONS[999], "", status=HTTPStatus.INTERNAL_SERVER_ERROR)


def not_found() -> Answer:
    """Write the answer to a path that there is none of."""
    return envelope(5, "Not Found", "", status=HTTPStatus.NOT_FOUND)


def envelope(
    code: int, description: str, result: Any, *, status: int = 200, is_closed: bool = False
) -> Answer:
    """Write the whole envelope."""
    document = {
        "code": code,
        "desc": description,
        "data": result,
        "maintenance": is_closed,
        "warnings": [],
    }
    return Answer(status, JSON, json.dumps(document).encode())


def amount(minor_units: int) -> float:
    """Return an amount as this wire writes money: a JSON number of the currency's unit, such as 8.06."""
    return minor_units / 100


def price(minor_units: int, currency: str) -> dict[str, Any]:
    """Write a price twice: in the product's currency and in the reseller's, which are the same here."""
    one = {"currency": currency, "price": amount(minor_units)}
    return {"product": one, "reseller": dict(one)}
