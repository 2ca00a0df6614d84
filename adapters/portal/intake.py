"""How does an order come by message, from a portal that shares the broker and sends by actor name?

It is placed exactly once however often it is delivered, and accepted only once its row exists: the portal sends again
until it reads its key back. A message lies open in Redis, so no secret may travel in one; what cannot be taken is kept
as a rejection, with the reason, under its key.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.desk import Desk
from registrar.ledger import InsufficientBalanceError
from registrar.orders.placing import KeyReusedError, Placement, place, read_request, reject
from registrar.orders.requests import MAX_KEY, OrderRequest, RequestRefusedError

MAX_FIELD = 64
"""A field's name may be the sender's invention; what the table does not hold is in the text all the same."""


def place_from_message(desk: Desk, arguments: Sequence[Any], fields: Mapping[str, Any]) -> Placement | None:
    """Place the order that a message carries: one JSON object with the order's fields and its `key`.

    Returns None if it was rejected.
    """
    key = _key(arguments)
    try:
        request = _request(arguments, fields, desk)
        with desk.database.transaction() as connection:
            placed = place(connection, request, keyring=desk.keyring, rules=desk.rules, now=desk.now())
    except RequestRefusedError as refused:
        _reject(desk, key, refused.code, refused.field, str(refused))
    except KeyReusedError as reused:
        _reject(desk, key, "key_reused", "key", str(reused))
    except InsufficientBalanceError as error:
        _reject(desk, key, "insufficient_balance", "payment", str(error))
    else:
        desk.ring(placed.registrar, placed.order_id)
        return placed
    return None


def _request(arguments: Sequence[Any], fields: Mapping[str, Any], desk: Desk) -> OrderRequest:
    if fields or len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise RequestRefusedError(
            "not_an_object", "place_order takes one argument: a JSON object with the order and its key"
        )
    body = {name: value for name, value in arguments[0].items() if name != "key"}
    _refuse_secrets(body)
    return read_request(
        desk.database, body, key=arguments[0].get("key"), channel="message", catalogue=desk.catalogue
    )


def _refuse_secrets(body: Mapping[str, Any]) -> None:
    """A message may name contacts by their handles only, no auth code and no PIN: Redis keeps it for all to read."""
    contacts = body.get("contacts")
    people = contacts.values() if isinstance(contacts, dict) else ()
    if {"auth_info", "pin"} & set(body) or any(
        not isinstance(person, dict) or set(person) != {"handle"} for person in people
    ):
        raise RequestRefusedError(
            "secret_in_message",
            "auth codes, PINs and people's data do not travel by message: send the order by HTTP, or without the code "
            "and correct it by HTTP",
        )


def _key(arguments: Sequence[Any]) -> str | None:
    """Return the key that a rejection can be read back under, if the message has one."""
    key = arguments[0].get("key") if arguments and isinstance(arguments[0], dict) else None
    return key.strip()[:MAX_KEY] or None if isinstance(key, str) and key.isprintable() else None


def _reject(desk: Desk, key: str | None, code: str, field: str | None, text: str) -> None:
    storable = field if field and len(field) <= MAX_FIELD and field.isprintable() else None
    with desk.database.transaction() as connection:
        reject(connection, key=key, code=code, field=storable, text=text, now=desk.now())
