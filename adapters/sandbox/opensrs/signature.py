"""Is a request signed by the reseller? `md5hex(md5hex(xml + key) + key)` over exactly the bytes that were sent.

Facts §3.1. The check value that OpenSRS gives out: md5("ConnecttoOpenSRSviaSSL") is e787cc1d1951dfec4827cede7b1a0933.
"""

import hashlib
import hmac
from dataclasses import dataclass


def sign(document: bytes, key: str) -> str:
    """Return the signature of a document, in lower-case hexadecimal digits."""
    inner = _md5(document + key.encode())
    return _md5(f"{inner}{key}".encode())


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a reseller proves itself with: its user name, and the key that it signs with."""

    username: str
    key: str

    def __repr__(self) -> str:
        return "Credentials(***)"

    def fit(self, document: bytes, *, username: str, signature: str) -> bool:
        """Tell whether this reseller signed these bytes."""
        expected = f"{self.username}\n{sign(document, self.key)}"
        return hmac.compare_digest(f"{username}\n{signature}".encode(), expected.encode())


def _md5(signed: bytes) -> str:
    # The protocol says MD5; nothing but a sandbox rests on it here.
    return hashlib.md5(signed, usedforsecurity=False).hexdigest()
