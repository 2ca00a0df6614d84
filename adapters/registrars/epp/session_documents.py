"""How are a session and its message queue spoken to? Hello, login, logout and poll of RFC 5730, by elements only."""

from lxml.etree import _Element as Element

from adapters.registrars.epp.documents import child, envelope, finished
from adapters.registrars.epp.namespaces import LOGIN_SECURITY
from adapters.registrars.epp.passwords import Passwords, login_security, plain
from adapters.registrars.epp.reading import Greeting
from adapters.registrars.epp.settings import EppSettings


def hello() -> Element:
    """Ask for the greeting again; the cheapest sign of life (RFC 5730 §2.3)."""
    document = envelope()
    child(document, "hello")
    return document


def login(
    settings: EppSettings, greeting: Greeting, transaction_id: str, passwords: Passwords | None = None
) -> Element:
    """Log in with what the greeting offers of what we want; a service it does not offer would be refused with 2307.

    `passwords` are those of the settings unless others are given.
    """
    stated = passwords or Passwords(settings.password, settings.new_password)
    document = envelope()
    body = child(child(document, "command"), "login")
    child(body, "clID", settings.username)
    child(body, "pw", plain(stated.present))
    if stated.new is not None:
        child(body, "newPW", plain(stated.new))
    options = child(body, "options")
    child(options, "version", "1.0")
    child(options, "lang", greeting.language(settings.language))
    _services(child(body, "svcs"), settings, greeting)
    if LOGIN_SECURITY in settings.wanted_services & greeting.services:
        login_security(document, stated)
    return finished(document, transaction_id)


def logout(transaction_id: str) -> Element:
    """End the session (RFC 5730 §2.9.1.2)."""
    document = envelope()
    child(child(document, "command"), "logout")
    return finished(document, transaction_id)


def poll(transaction_id: str, *, acknowledged: str | None = None) -> Element:
    """Ask for the head of the message queue, or take the `acknowledged` message off it (RFC 5730 §2.9.2.3)."""
    document = envelope()
    attributes = {"op": "req"} if acknowledged is None else {"op": "ack", "msgID": acknowledged}
    child(child(document, "command"), "poll", **attributes)
    return finished(document, transaction_id)


def _services(parent: Element, settings: EppSettings, greeting: Greeting) -> None:
    for uri in greeting.objects:
        if uri in settings.wanted_services:
            child(parent, "objURI", uri)
    extensions = [uri for uri in greeting.extensions if uri in settings.wanted_services]
    if extensions:
        holder = child(parent, "svcExtension")
        for uri in extensions:
            child(holder, "extURI", uri)
