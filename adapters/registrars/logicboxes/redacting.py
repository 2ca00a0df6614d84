"""What may be kept of what went over the wire? Everything but secrets and people's data.

Of what we sent only parameters that are known to be harmless are shown; all others are masked, and their values are
struck out of the answer too: the platform's validation quotes what it refuses (`{email=… is invalid}`, facts §2.2). Of
an answer, whatever tells of a person and the auth code are masked by name.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from adapters.registrars.logicboxes.asking import Ask
from registrar.secrets import Secret
from registrar.strict_json import MalformedJsonError, read_json

MASK = "***"
LONGEST_TRANSCRIPT = 20_000
LONGEST_PAGE = 2_000

_SHOWN = frozenset(
    {
        "order-id", "domain-name", "tlds", "options", "years", "exp-date", "ns", "cns", "ip", "customer-id",
        "reseller-id", "reg-contact-id", "admin-contact-id", "tech-contact-id", "billing-contact-id", "invoice-option",
        "purchase-privacy", "protect-privacy", "auto-renew", "type", "no-of-records", "page-no", "action-type",
    }
)  # fmt: skip
"""The parameters that tell nothing of a person and open nothing; `attr-*` are shown too."""

_MASKED_KEYS = frozenset(
    {
        "domsecret", "auth-code", "authcode", "api-key", "name", "company", "email", "emailaddr", "address1",
        "address2", "address3", "city", "state", "zip", "telnocc", "telno", "faxnocc", "faxno", "registrantcontact",
        "admincontact", "techcontact", "billingcontact",
    }
)  # fmt: skip
_SHORTEST_STRUCK = 4
"""A shorter value (a country's calling code) would strike out half of any text."""
_MAIL_ADDRESS = re.compile(r"[^\s<>\"'{}=@]{1,64}@[^\s<>\"'{}=@]{1,255}")
"""Both parts have the lengths of RFC 5321 §4.5.3.1: without a bound, a page of one long word would take minutes."""


class Redactor:
    """Makes transcripts of exchanges; knows our key, which must not be in them."""

    def __init__(self, api_key: Secret) -> None:
        self._api_key = api_key

    def exchange(self, ask: Ask, body: bytes | None) -> str:
        """Return a request and what came back, as one text; `body` is None if nothing whole came."""
        came = "(no whole answer)" if body is None else self._answer(ask, body)
        verb = "POST" if ask.writes else "GET"
        sent = " ".join(f"{name}={value if _is_shown(name) else MASK}" for name, value in ask.words)
        return f"> {verb} {ask.command} {self._struck(sent, ask)}\n< {came}"

    def text(self, text: str, ask: Ask) -> str:
        """Return a text of theirs without anything of a person, nor any secret of ours or of this request."""
        return _MAIL_ADDRESS.sub(MASK, self._struck(text, ask))

    def _answer(self, ask: Ask, body: bytes) -> str:
        try:
            shown = json.dumps(_masked(read_json(body)), ensure_ascii=False)
        except MalformedJsonError:
            return self.text(body.decode("utf-8", "replace"), ask)[:LONGEST_PAGE]
        return self.text(shown, ask)[:LONGEST_TRANSCRIPT]

    def _struck(self, text: str, ask: Ask) -> str:
        hidden = [value for name, value in ask.words if not _is_shown(name)]
        for value in sorted({self._api_key.reveal(), *hidden}, key=len, reverse=True):
            if len(value) >= _SHORTEST_STRUCK:
                for form in _forms(value):
                    text = text.replace(form, MASK)
        return text


def _is_shown(name: str) -> bool:
    return name in _SHOWN or name.startswith("attr-")


def _forms(value: str) -> Iterable[str]:
    """Return how a value may be repeated to us: as it is, in an address, inside JSON."""
    return dict.fromkeys(
        (
            value,
            quote(value),
            quote(value, safe=""),
            quote_plus(value),
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
        )
    )


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: MASK if _tells_of_a_person(key) else _masked(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_masked(part) for part in value]
    return value


def _tells_of_a_person(key: str) -> bool:
    return key.lower().removeprefix("contact.") in _MASKED_KEYS
