"""What does a posted document ask for? An action on an object, with attributes; here each gets the journal's word."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.sandbox.opensrs import envelope
from adapters.sandbox.opensrs.answers import RefusedError

COMMANDS: Mapping[tuple[str, str], str] = {
    ("LOOKUP", "DOMAIN"): "domain:check",
    ("GET_PRICE", "DOMAIN"): "domain:price",
    ("SW_REGISTER", "DOMAIN"): "domain:create",
    ("RENEW", "DOMAIN"): "domain:renew",
    ("CHECK_TRANSFER", "DOMAIN"): "domain:transfer:query",
    ("GET_TRANSFERS_IN", "DOMAIN"): "domain:transfer:list",
    ("CANCEL_TRANSFER", "TRANSFER"): "domain:transfer:cancel",
    ("CANCEL_TRANSFER", "DOMAIN"): "domain:transfer:cancel",
    ("GET_ORDER_INFO", "DOMAIN"): "order:info",
    ("GET_ORDERS_BY_DOMAIN", "DOMAIN"): "account:statement",
    ("PROCESS_PENDING", "DOMAIN"): "order:complete",
    ("CANCEL_PENDING_ORDERS", "ORDER"): "order:cancel",
    ("GET", "DOMAIN"): "domain:info",
    ("MODIFY", "DOMAIN"): "domain:update",
    ("ADVANCED_UPDATE_NAMESERVERS", "DOMAIN"): "domain:update",
    ("REVOKE", "DOMAIN"): "domain:delete",
    ("REDEEM", "DOMAIN"): "domain:restore",
    ("GET_BALANCE", "BALANCE"): "account:balance",
    ("GET_DOMAINS_BY_EXPIREDATE", "DOMAIN"): "domain:list",
}
"""Each action and its object, and what the journal and the misbehaviours call it.

A SW_REGISTER whose `reg_type` is `transfer` is `domain:transfer` there.
"""

_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `command` is the journal's word for it; `about` is the name of the order that it states by number.

    `attributes` and `block` carry secrets, so they are not shown.
    """

    command: str
    action: str = ""
    subject: str = "DOMAIN"
    block: Mapping[str, Any] = field(default_factory=dict, repr=False)
    attributes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    about: str = ""

    @property
    def name(self) -> str:
        """The name asked about, as the books write it; empty for a request about none."""
        return (self.text("domain") or self._outer_domain()).lower()

    @property
    def names(self) -> tuple[str, ...]:
        """The name that the request or its order is about; none for a request about none."""
        name = self.name or self.about
        return (name,) if name else ()

    def text(self, key: str, otherwise: str = "") -> str:
        """Return an attribute that is text; an empty one counts as left out."""
        value = self.attributes.get(key)
        return value if isinstance(value, str) and value else otherwise

    def required(self, key: str) -> str:
        """Return an attribute that is text, or refuse the request."""
        value = self.text(key)
        if not value:
            raise RefusedError(460, f"Missing required attribute: {key}")
        return value

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return an attribute that is a mapping; an empty one if it is left out or is none."""
        value = self.attributes.get(key)
        return value if isinstance(value, dict) else {}

    def array(self, key: str) -> list[Any]:
        """Return an attribute that is a list; an empty one if it is left out or is none."""
        value = self.attributes.get(key)
        return value if isinstance(value, list) else []

    def number(self, key: str, otherwise: int) -> int:
        """Return an attribute that is a whole number, or refuse the request."""
        value = self.text(key, str(otherwise))
        if not value.isdecimal() or len(value) > 9:
            raise RefusedError(465, f"Invalid data: {key} must be a number")
        return int(value)

    def domain(self) -> str:
        """Return the name asked about, or refuse the request."""
        if not self.name:
            raise RefusedError(460, "Missing required attribute: domain")
        if not _NAME.fullmatch(self.name):
            raise RefusedError(465, "Invalid data: domain has an invalid syntax")
        return self.name

    def _outer_domain(self) -> str:
        value = self.block.get("domain")
        return value if isinstance(value, str) else ""


def read(posted: bytes) -> Request:
    """Read a posted document; raise `RefusedError` for one that asks for nothing known."""
    block = envelope.read(posted)
    action, subject = (str(block.get(key, "")).upper() for key in ("action", "object"))
    command = COMMANDS.get((action, subject))
    if block.get("protocol") != "XCP" or command is None:
        raise RefusedError(430, f"Unknown command: {action} {subject}".strip())
    attributes = block.get("attributes")
    request = Request(command, action, subject, block, attributes if isinstance(attributes, dict) else {})
    if command == "domain:create" and request.text("reg_type") == "transfer":
        return Request("domain:transfer", action, subject, block, request.attributes)
    return request
