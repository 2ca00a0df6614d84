"""Which password opens a session, and what does a login's answer warn of? RFC 5730 §2.9.1.1 and RFC 8807.

A password is changed by configuration alone. While `new_password` is set beside `password`:

```
 log in with password, asking for new_password ──┬─ 1000 ─▶ changed: new_password is the present one from here on
                                                 ├─ 2200 ─▶ it was changed before: log in with new_password, once
                                                 └─ no answer ─▶ nobody knows; the next login starts here again
```

What is the present one is remembered for this process; every other process finds out in the same way. Two refusals end
it (`LoginRefusedError`): there is no third try, which might lock the account.
"""

import platform
import ssl
from dataclasses import dataclass

from lxml.etree import _Element as Element

from adapters.registrars.epp.documents import child, extension
from adapters.registrars.epp.namespaces import LOGIN_SECURITY
from adapters.registrars.epp.reading import Response
from registrar.secrets import Secret

LONGEST_PLAIN_PASSWORD = 16
"""RFC 5730's schema takes 6 to 16 characters; longer ones travel in the login security extension (RFC 8807)."""
PASSWORD_ELSEWHERE = "[LOGIN-SECURITY]"  # noqa: S105 - RFC 8807 §3.1's own literal, not a password


@dataclass(frozen=True, slots=True)
class Passwords:
    """What one login states: the present password and, to change it, the one that it becomes."""

    present: Secret
    new: Secret | None = None


def is_long(password: Secret) -> bool:
    """Tell whether a password needs the login security extension."""
    return len(password.reveal()) > LONGEST_PLAIN_PASSWORD


def plain(password: Secret) -> str:
    """Return what stands in `pw` or `newPW`: the password, or RFC 8807's word for *in the extension*."""
    return PASSWORD_ELSEWHERE if is_long(password) else password.reveal()


def login_security(document: Element, passwords: Passwords) -> None:
    """Append `loginSec`: who we are and, where they are too long for `<login>`, the passwords (RFC 8807 §4.1)."""
    security = extension(document, LOGIN_SECURITY, "loginSec")
    agent = child(security, "userAgent")
    child(agent, "app", "registrar")
    child(agent, "tech", f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}")
    child(agent, "os", platform.system() or "unknown")
    for name, password in (("pw", passwords.present), ("newPW", passwords.new)):
        if password is not None and is_long(password):
            child(security, name, password.reveal())


def security_warnings(response: Response) -> tuple[str, ...]:
    """Say what a login's answer warns of: a password or a certificate that runs out, a cipher on its way out."""
    found = response.extension_part(LOGIN_SECURITY, "loginSecData")
    if found is None:
        return ()
    return tuple(_words(event) for event in found.iterchildren(f"{{{LOGIN_SECURITY}}}event"))


def _words(event: Element) -> str:
    kind = event.get("name") or event.get("type") or "login"
    told = (event.text or "").strip()
    until = f", until {event.get('exDate')}" if event.get("exDate") else ""
    return f"{kind} ({event.get('level') or 'warning'}{until}){f': {told}' if told else ''}"
