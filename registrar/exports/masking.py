"""What must not leave with an export, even where somebody else wrote it down? Secrets and addresses (D10).

What went over the wire was redacted before it was kept; this is the second net, for texts of others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from registrar.secrets import Keyring, KeyringError
from registrar.texts import ADDRESS

MASK = "***"
_SHORTEST = 4
"""A shorter value (a country code) stands in every text."""


def sealed_texts(order: Row[Any], keyring: Keyring) -> tuple[str, ...]:
    """Return an order's auth code, PIN and contacts' data, the longest first; none once it has ended, or if no key opens it."""
    if not order.sealed:
        return ()
    try:
        sealed = keyring.open(order.sealed)
    except KeyringError:
        return ()
    return tuple(sorted({text for text in _texts(sealed) if len(text) >= _SHORTEST}, key=len, reverse=True))


def masked(value: Any, secrets: Sequence[str]) -> Any:
    """Return a value with every one of `secrets` and every e-mail address masked, wherever it stands."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return ADDRESS.sub(MASK, value)
    if isinstance(value, Mapping):
        return {name: masked(inner, secrets) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, secrets) for inner in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
