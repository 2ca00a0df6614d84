"""Which misbehaviour was ordered for which name? Kept in memory, or in books that another process writes in."""

import threading
from collections import defaultdict
from dataclasses import dataclass

from adapters.sandbox.books import Books
from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour
from adapters.sandbox.public.desk import Manners

COMMAND = "look"
"""What a question is called in the journal, and where misbehaviour is ordered."""


@dataclass(slots=True)
class _Order:
    misbehaviour: Misbehaviour
    times: int | None


class Orders:
    """Misbehaviour that is ordered while the server runs; safe for any thread. Itself the server's `Manners`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_name: dict[str | None, list[_Order]] = defaultdict(list)

    def misbehave(
        self,
        behaviour: Behaviour | str,
        *,
        name: str | None = None,
        argument: str | float = "",
        times: int | None = 1,
    ) -> None:
        """Order a misbehaviour for the next `times` questions (None: for all) about a name, or about any."""
        order = _Order(Misbehaviour(Behaviour(behaviour), str(argument)), times)
        with self._lock:
            self._by_name[name].append(order)

    def behave(self) -> None:
        """Take back every misbehaviour that is still to come."""
        with self._lock:
            self._by_name.clear()

    def __call__(self, name: str, _before: int) -> Misbehaviour | None:
        """Use up one time of the oldest misbehaviour for this name; else of the oldest for any."""
        if not self._by_name:
            return None
        with self._lock:
            return self._taken(name) or self._taken(None)

    def _taken(self, name: str | None) -> Misbehaviour | None:
        orders = self._by_name.get(name)
        if not orders:
            return None
        order = orders[0]
        if order.times is not None:
            order.times -= 1
            if order.times < 1:
                orders.pop(0)
        return order.misbehaviour


def ordered_in(books: Books) -> Manners:
    """Return the manners that `Books.misbehave` orders, from whichever process; each question is journalled there."""

    def take(name: str, _before: int) -> Misbehaviour | None:
        with books.page() as page:
            number = page.receive(COMMAND, session="public", name=name)
            return page.take_misbehaviour(tuple(Behaviour), command=COMMAND, names=(name,), number=number)

    return take
