"""How does OpenSRS know that a request is ours? By a digest over the very bytes of the body and the account's key."""

import hashlib

from registrar.secrets import Secret


def signature(body: bytes, key: Secret) -> str:
    """Return the `X-Signature` of a body: md5(md5(body + key) + key), both in lower-case hexadecimal (facts §3.1).

    It must be made of exactly the bytes that are sent: another encoding of the same XML has another signature.
    """
    secret = key.reveal().encode("ascii")
    return _digest(_digest(body + secret).encode("ascii") + secret)


def headers(body: bytes, *, username: str, key: Secret) -> dict[str, str]:
    """Return the headers that a signed body travels with."""
    return {"Content-Type": "text/xml", "X-Username": username, "X-Signature": signature(body, key)}


def _digest(content: bytes) -> str:
    """MD5 is what the protocol asks for; TLS is what protects the request."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
