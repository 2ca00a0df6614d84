"""How does LogicBoxes write its answers? JSON whose every number and boolean is text, or one bare word or number.

Business errors come with HTTP 500 and a `message` (facts §2.2); a caller who is not let in gets 401 or 403.
"""

import json
from typing import Any

from adapters.sandbox.web import Answer

JSON = "application/json;charset=UTF-8"


class RefusedError(Exception):
    """A call that the platform does not carry out: nothing of it stays in the books."""

    def __init__(self, message: str, *, status: int = 500) -> None:
        super().__init__(message)
        self.message = message
        self.status = status

    def answer(self) -> Answer:
        """Write the refusal."""
        return error(self.message, status=self.status)


def reply(value: Any) -> Answer:
    """Write what a call came to: an object, or a bare number, `true`, `false` or word without quotes."""
    body = json.dumps(_texts(value)) if isinstance(value, dict) else _texts(value)
    return Answer(200, JSON, str(body).encode())


def error(message: str, *, status: int = 500) -> Answer:
    """Write an error object."""
    return Answer(status, JSON, json.dumps({"status": "ERROR", "message": message}).encode())


def money(amount: int) -> str:
    """Write cents as the platform writes amounts: three decimals."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}0"


def _texts(value: Any) -> Any:
    """Turn every number and boolean, however deep, into text."""
    if isinstance(value, dict):
        return {name: _texts(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_texts(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
