"""Does our side speak with Openprovider as Openprovider speaks? A platform on this machine, to try it against.

with Books.create(path, registrar_name="openprovider", unit="EUR", balance=100_000) as books:
    add_customer(books, "XX000001-XX")
    with OpenproviderSandbox(books, certificates=…, username="…", password="…") as sandbox:
        sandbox.url  # https://127.0.0.1:…/v1beta

The list that shows a charge is `GET transactions`: its `reference_id` is the books' `client_transaction_id`.
"""

from datetime import UTC, datetime
from typing import Any

from adapters.sandbox.books import Books
from adapters.sandbox.openprovider import customers
from adapters.sandbox.openprovider.catalogue import Extension
from adapters.sandbox.openprovider.server import OpenproviderSandbox

__all__ = ["Extension", "OpenproviderSandbox", "add_customer"]

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def add_customer(books: Books, handle: str, **card: Any) -> None:
    """Put a customer into the books that has been there for years, so that no lag hides it."""
    with books.page(_LONG_AGO) as page:
        customers.keep(page, card, handle)
