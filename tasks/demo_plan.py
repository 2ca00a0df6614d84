"""Who plays in the demo, and what must be prepared? A cast of orders, the same for the same count, seed and day.

Every scene (`tasks.demo_scenes`, `tasks.demo_suppliers`) is in it, by its share; what is left is filled with the ordinary
ones. The deposit at the EPP registrar runs dry in mid-batch, whatever the mix: it is a share of what the cast will cost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import cycle, islice
from random import Random
from typing import Any, NamedTuple

from adapters.sandbox.books import Books
from adapters.sandbox.epp import Terms
from adapters.sandbox.irnic import holders
from adapters.sandbox.irnic.lifecycle import PRICES
from tasks import clock
from tasks.demo_parts import Part, Role, Scene
from tasks.demo_scenes import AT_REGISTRIES
from tasks.demo_suppliers import AT_SUPPLIERS

SCENES = (*AT_REGISTRIES, *AT_SUPPLIERS)

_SHARES_OF = 200
_EVERY_NTH_FROM_BALANCE = 7
_DRY_AFTER_PERCENT = 60
"""How much of what the EPP registrar will charge is paid into the deposit beforehand."""
_LONGEST_YEARS = 5


class Balance(NamedTuple):
    """What a customer must have paid into his balance before the orders are placed, in minor units."""

    customer: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The orders of a demo, and all that they need. Deposits are in the books' units; `top_up` is for the EPP one."""

    openers: list[dict[str, Any]]
    """The orders that are placed first, while `closed` is kept on hold."""
    closed: str
    others: list[dict[str, Any]]
    """All other orders; each is as the API wants it, with its `key`."""
    titles: Mapping[str, str]
    """Which story each order tells, by key."""
    expected: Mapping[str, frozenset[str]]
    """The states in which each may end, by key."""
    corrections: Mapping[str, Mapping[str, Any]]
    """What a customer answers when asked to correct an order, by key."""
    mailed: Mapping[str, str]
    """The names whose holders are mailed a PIN, which the order of that key is then corrected with."""
    balances: tuple[Balance, ...]
    epp_deposit: int
    irnic_deposit: int
    top_up: int
    _parts: tuple[Part, ...] = field(repr=False)

    @property
    def orders(self) -> list[dict[str, Any]]:
        """All orders, in the order in which they are placed."""
        return [*self.openers, *self.others]

    def prepare(self, books: Mapping[str, Books]) -> None:
        """Put the names, the handles and the misbehaviours that the stories need into the registrars' books, by name."""
        for part in self._parts:
            for registrar, step in part.steps:
                step(books[registrar])


def cast(count: int, seed: int, *, now: datetime | None = None) -> Cast:
    """Make a cast of `count` orders; `now` is the instant of the play, this one unless told.

    Raises ValueError if there are fewer orders than stories.
    """
    chance, at = Random(seed), now or clock.now()  # noqa: S311 - chance for a play, not for a secret
    scenes = list(islice(_programme(count), count))
    chance.shuffle(scenes)
    parts = [
        _paid(scene.write(_role(number, at, chance)), number) for number, scene in enumerate(scenes, start=1)
    ]
    keys = [part.order["key"] for part in parts]
    opening = {key: part for key, part, scene in zip(keys, parts, scenes, strict=True) if scene.opens}
    spending = sum(_charge_at_epp(part) for part in parts if part.registrar == "epp")
    return Cast(
        openers=[part.order for part in opening.values()],
        closed=_first_supplier(opening.values()),
        others=[part.order for key, part in zip(keys, parts, strict=True) if key not in opening],
        titles={key: scene.title for key, scene in zip(keys, scenes, strict=True)},
        expected={key: part.ends for key, part in zip(keys, parts, strict=True)},
        corrections={
            key: part.correction for key, part in zip(keys, parts, strict=True) if part.correction is not None
        },
        mailed={key: part.name for key, part in zip(keys, parts, strict=True) if part.has_mail},
        balances=tuple(_balances(parts)),
        epp_deposit=spending * _DRY_AFTER_PERCENT // 100,
        irnic_deposit=2 * sum(_charge_at_irnic(part) for part in parts if part.registrar == "irnic"),
        top_up=spending,
        _parts=tuple(parts),
    )


def _programme(count: int) -> Iterator[Scene]:
    """Return every scene with a share as often as it falls to it, then the ordinary ones in turn, without end."""
    shared = [
        scene for scene in SCENES if scene.share for _ in range(max(1, scene.share * count // _SHARES_OF))
    ]
    if count < len(shared):
        raise ValueError(f"the demo has {len(shared)} stories to tell: give it that many orders or more")
    yield from shared
    yield from cycle(scene for scene in SCENES if not scene.share)


def _role(number: int, now: datetime, chance: Random) -> Role:
    """Deal a part's chances; as many draws for each, so that one scene does not change another's."""
    return Role(
        number=number,
        now=now,
        days_left=chance.randint(40, 300),
        years=chance.choice((1, 1, 1, _LONGEST_YEARS)),
    )


def _paid(part: Part, number: int) -> Part:
    """Let some orders be paid from the customer's balance."""
    if number % _EVERY_NTH_FROM_BALANCE:
        return part
    return replace(part, order={**part.order, "payment": {"source": "balance"}})


def _balances(parts: list[Part]) -> Iterator[Balance]:
    """Add up what each customer's orders take from his balance: so much and no more must be there."""
    needed: Counter[tuple[str, str]] = Counter()
    for part in parts:
        if part.order["payment"]["source"] == "balance":
            price = part.order["price"]
            needed[part.order["customer"], price["currency"]] += price["amount"]
    for (customer, currency), amount in sorted(needed.items()):
        yield Balance(customer, amount, currency)


def _first_supplier(parts: Iterable[Part]) -> str:
    """Return the one supplier that all of them prefer."""
    (supplier,) = {part.registrar for part in parts}
    return supplier


def _charge_at_epp(part: Part) -> int:
    """Return what the registrar asks for this order when it does it."""
    return Terms().amount(part.order["kind"], part.order["months"])


def _charge_at_irnic(part: Part) -> int:
    return holders.PRICE if part.order["kind"] == "change_holder" else PRICES[part.order["months"]]
