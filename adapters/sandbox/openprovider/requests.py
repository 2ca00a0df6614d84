"""What does a request ask for? A route finds it by method and path; its fields are in the query or a JSON body."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from adapters.sandbox.openprovider.answers import RefusedError
from adapters.sandbox.openprovider.catalogue import SplitName
from adapters.sandbox.web import Request

ROOT = "/v1beta/"

_NOT_JSON = 3
_TRUE = frozenset({"1", "true"})


@dataclass(frozen=True)
class Call:
    """One request as its route reads it. `command` is the common word for journal and misbehaviours.

    `key` is what the path names: a domain's number or a customer's handle. `name` is the domain's, where the path or the
    query tells it. `body` and `query` may hold secrets.
    """

    command: str
    key: str = ""
    name: str = ""
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every domain name that the request is about."""
        if self.name:
            return (self.name,)
        listed = [*self.items("domains"), self.body.get("domain")]
        return tuple(name.full for name in map(split_name, listed) if name is not None)

    def text(self, key: str) -> str:
        """Return a text of the body; empty where there is none."""
        value = self.body.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int) -> int:
        """Return a whole number of the query; the default where there is none or it is none."""
        text = self.query.get(key, "")
        return int(text) if text.isdecimal() else default

    def flag(self, key: str) -> bool:
        """Tell whether a switch is on, in the query or the body."""
        return str(self.query.get(key, self.body.get(key, ""))).lower() in _TRUE

    def items(self, key: str) -> Sequence[Mapping[str, Any]]:
        """Return the objects of a list in the body."""
        listed = self.body.get(key)
        return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def split_name(value: Any) -> SplitName | None:
    """Read `{"name": "example", "extension": "com"}`; None if it is no such thing."""
    if not isinstance(value, dict):
        return None
    label, extension = value.get("name"), value.get("extension")
    if not isinstance(label, str) or not isinstance(extension, str) or not label or not extension:
        return None
    return SplitName(label.lower(), extension.lower())


def path_of(request: Request) -> str:
    """Return the path below the API's root."""
    return request.path.removeprefix(ROOT)


def read(request: Request, command: str, match: re.Match[str]) -> Call:
    """Read a request whose path a route has matched; raises `RefusedError` for a body that is no JSON object."""
    query = dict(request.query)
    queried = split_name({"name": query.get("domain.name"), "extension": query.get("domain.extension")})
    return Call(
        command=command,
        key=match.groupdict().get("key", ""),
        name=queried.full if queried else query.get("full_name", "").lower(),
        body=_body(request.body),
        query=query,
    )


def _body(posted: bytes) -> Mapping[str, Any]:
    if not posted:
        return {}
    try:
        body = json.loads(posted)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RefusedError(_NOT_JSON, "The request is not a JSON object")
    return body
