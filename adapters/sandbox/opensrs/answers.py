"""What does OpenSRS answer? A code, a text, whether that is a success, and attributes; not everything refused is an error.

`is_success` is "1" with codes other than 200 (210, 211, 221, 250, 300), and 200 is no proof of anything: an order that was
only saved for want of money is answered 200 with `forced_pending` (facts §3.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SUCCESSES = frozenset({200, 210, 211, 221, 250, 300})
"""The codes beside which `is_success` is "1"."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request came to. `attributes` holds texts, mappings and lists."""

    code: int
    text: str
    attributes: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def block(self, subject: str, transaction_id: str) -> dict[str, Any]:
        """Return the outermost items of the document that says this; `subject` is the XCP object asked about."""
        said = {
            "protocol": "XCP",
            "action": "REPLY",
            "object": subject,
            "is_success": "1" if self.code in SUCCESSES else "0",
            "response_code": str(self.code),
            "response_text": self.text,
            "transaction_id": transaction_id,
        }
        return {**said, "attributes": self.attributes} if self.attributes else said


class RefusedError(Exception):
    """A request that is not carried out: nothing of it stays in the books."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.reply = Reply(code, text)
