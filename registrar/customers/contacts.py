"""How is a customer written to: his address, his name, his language (E2, O1, C2)? Sealed, for it is his (D10).

His e-mail is the company's documentary channel to him (C2). An address is one that every mail server takes: its domain
as A-labels, in front of the @ what needs neither quotes nor SMTPUTF8.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

import idna
from sqlalchemy import Connection, insert, select, update

from registrar import events
from registrar.database import try_write
from registrar.findings import close_finding
from registrar.mails import Language, Recipient
from registrar.models import Customer, Notice
from registrar.secrets import Keyring
from registrar.texts import is_readable

WITHOUT_ADDRESS = "customer_without_address"
"""The finding of somebody whom we owe a notice and cannot write to."""
REFUSES_MAIL = "customer_refuses_mail"
"""The finding of somebody whose mail server refuses, or gave back, what we write."""

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_LOCAL_PART, _LONGEST_ADDRESS = 64, 254
"""RFC 5321 §4.5.3.1, and the longest that fits into its path."""
_LONGEST_NAME = 255


class ContactRefusedError(ValueError):
    """What cannot be written to; `code` is stable, `field` is the wrong one, the message never quotes it (D10)."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class Contact(NamedTuple):
    """What is known of a customer, for the portal that gave it."""

    customer: str
    email: str | None
    addressed_as: str | None
    language: Language
    changed_at: datetime


class Wanted(NamedTuple):
    """How somebody asks that a customer be written to."""

    language: str
    email: str | None = None
    addressed_as: str | None = None


def parse_contact(value: Any) -> Wanted:
    """Read a JSON value; raises `ContactRefusedError` for anything but texts under the known names."""
    if not isinstance(value, dict):
        raise ContactRefusedError("not_an_object", "", "send one JSON object")
    if unknown := sorted(value.keys() - set(Wanted._fields)):
        raise ContactRefusedError(
            "unknown_field", unknown[0], f"nobody reads this field; known ones: {', '.join(Wanted._fields)}"
        )
    if value.get("language") is None:
        raise ContactRefusedError("field_missing", "language", "say in which language he is written to")
    for name, given in value.items():
        if given is not None and (not isinstance(given, str) or not given.strip()):
            raise ContactRefusedError("field_invalid", name, f"{name} is a text, or null")
    return Wanted(**value)


def put(
    connection: Connection,
    name: str,
    *,
    email: str | None,
    addressed_as: str | None,
    language: str,
    keyring: Keyring,
    now: datetime,
    actor: str = events.WORKER,
) -> Contact:
    """Keep how a customer is written to, in place of what was kept; raises `ContactRefusedError`.

    `email` None: he cannot be written to. What was not sent for want of an address is looked at again: it is due now.
    """
    contact = Contact(
        _name(name), email and parse_address(email), _addressed(addressed_as), _language(language), now
    )
    values = {
        "sealed": keyring.seal({"email": contact.email, "addressed_as": contact.addressed_as}),
        "language": contact.language,
        "changed_at": now,
    }
    if not try_write(connection, insert(Customer).values(name=name, **values)):
        connection.execute(update(Customer).where(Customer.name == name).values(**values))
    events.record(
        connection,
        "customer.contact_changed",
        at=now,
        subject=f"customer:{name}",
        actor=actor,
        evidence={"has_address": email is not None, "language": contact.language},
    )
    if email is not None:
        _write_to_him_again(connection, name, now=now)
    return contact


def address_of(connection: Connection, name: str, keyring: Keyring) -> Recipient | None:
    """Return whom a customer's mail goes to, or None if no address of his is known; raises `KeyringError`."""
    contact = read(connection, name, keyring)
    if contact is None or contact.email is None:
        return None
    return Recipient(contact.email, contact.addressed_as, contact.language)


def read(connection: Connection, name: str, keyring: Keyring) -> Contact | None:
    """Return what is known of a customer, or None; raises `KeyringError`."""
    row = connection.execute(
        select(Customer.sealed, Customer.language, Customer.changed_at).where(Customer.name == name)
    ).first()
    if row is None:
        return None
    opened = keyring.open(row.sealed) if row.sealed else {}
    return Contact(
        name, opened.get("email"), opened.get("addressed_as"), Language(row.language), row.changed_at
    )


def parse_address(text: str) -> str:
    """Return an address as it goes over the wire; raises `ContactRefusedError`."""
    local, at, host = text.strip().rpartition("@")
    try:
        domain = idna.encode(host, uts46=True, transitional=False, std3_rules=True).decode().lower()
    except idna.IDNAError:
        domain = ""
    address = f"{local}@{domain}"
    fits = len(local) <= _LONGEST_LOCAL_PART and len(address) <= _LONGEST_ADDRESS
    if not (at and fits and _LOCAL_PART.fullmatch(local) and "." in domain):
        raise ContactRefusedError(
            "email_invalid",
            "email",
            "this is no address that every mail server takes: write it as name@example.com",
        )
    return address


def _name(name: str) -> str:
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ContactRefusedError(
            "customer_invalid", "customer", f"a customer's name is 1-{_LONGEST_NAME} printable characters"
        )
    return name


def _addressed(addressed_as: str | None) -> str | None:
    """Take a name that fits into a header: a line's end in it would begin another one."""
    if addressed_as is None or not addressed_as.strip():
        return None
    plain = addressed_as.strip()
    if len(plain) > _LONGEST_NAME or not is_readable(plain):
        raise ContactRefusedError(
            "addressed_as_invalid",
            "addressed_as",
            f"a name to be addressed by is at most {_LONGEST_NAME} printable characters",
        )
    return plain


def _language(language: str) -> Language:
    try:
        return Language(language)
    except ValueError:
        raise ContactRefusedError(
            "language_unknown", "language", f"customers are written to in one of {', '.join(Language)}"
        ) from None


def _write_to_him_again(connection: Connection, name: str, *, now: datetime) -> None:
    connection.execute(
        update(Notice)
        .where(Notice.customer == name, Notice.state == "no_address")
        .values(state="planned", due_at=now, rung_until=None, ended_at=None, said=None)
    )
    for kind in (WITHOUT_ADDRESS, REFUSES_MAIL):
        close_finding(connection, kind, f"customer:{name}", now=now)
