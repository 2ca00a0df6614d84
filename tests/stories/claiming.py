"""Who claims a name in these stories, and how is it recorded? An office with numbers of documents; nobody is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from registrar import claims, departures
from registrar.agreement.disputing import By, Evidence, Procedure, Ruling
from registrar.claims import acts, watching
from registrar.claims.states import CarriedBy, read
from registrar.claims.telling import HEARD
from registrar.models import Claim
from registrar.names import DomainName
from registrar.orders.by_hand import ByHand
from tests.core.story import RUNG_FOR, Shop


def assert_claim(shop: Shop, domain: str, *, procedure: Procedure, act: ByHand) -> int:
    """Record that a third party claims a name."""
    name = DomainName.parse(domain, zones=shop.catalogue.keys())
    rules = shop.rules.rules(name.zone, at=act.now)
    with shop.database.transaction() as connection:
        return acts.assert_claim(
            connection,
            name,
            registrar="far",
            procedure=procedure,
            reference="D2026-0001",
            rules=rules,
            act=act,
        )


def next_due(connection: Connection) -> datetime | None:
    """Return when a claimed name is looked at next."""
    rows = connection.execute(select(Claim.due_at, Claim.rung_until).where(Claim.due_at.is_not(None))).all()
    return min((max(row.due_at, row.rung_until or row.due_at) for row in rows), default=None)


def watch(shop: Shop) -> None:
    """Look at the claimed names for which it is time, as the worker does."""
    now = shop.clock.now
    with shop.database.transaction() as connection:
        due = watching.take_due(connection, limit=50, now=now, rung_for=RUNG_FOR)
    for claim_id in due:
        with shop.database.reading() as connection:
            planned = watching.plan(connection, claim_id, now=now)
        if planned is None:
            continue
        sighting = shop.far.look(planned.domain, watching.LOOKED_FOR, shop._call("watch"))
        rules = shop.rules.rules(planned.domain.zone, at=now)
        with shop.database.transaction() as connection:
            if planned.state in HEARD:
                departures.stop_for_claim(connection, planned.domain.ascii, claim_id, now=now)
            watching.conclude(connection, planned, sighting, terms=shop.terms, rules=rules, now=now)


@dataclass(frozen=True)
class ClaimOnFile:
    """A third party's claim, as the company keeps it."""

    shop: Shop
    number: int

    @property
    def row(self) -> Any:
        """Give what the books say."""
        with self.shop.database.reading() as connection:
            return read(connection, self.number)

    @property
    def state(self) -> str:
        """Tell where it stands."""
        return str(self.row.state)

    @property
    def lock(self) -> str:
        """Tell how its lock stands at the registrar."""
        return str(self.row.lock)

    def at(self, moment: datetime) -> Mapping[str, Any]:
        """Prove from the events what was the case at a moment."""
        with self.shop.database.reading() as connection:
            told = claims.history(connection, self.number, at=moment)
        assert told is not None
        return told

    def is_heard(self, act: ByHand, *, lock: bool = False) -> None:
        """Record that the provider hears it, and asks for the lock; where its procedure does not, `lock` does."""
        with self.shop.database.transaction() as connection:
            acts.proceed(connection, self.number, rules=self._rules(act), act=act, lock=lock)

    def is_confirmed(self, by: By, act: ByHand, *, who: str = "the office", document: str = "No. 1") -> None:
        """Record a confirmation, the company's own or an authority's."""
        with self.shop.database.transaction() as connection:
            acts.confirm(connection, self.number, by=by, evidence=Evidence(who, document), act=act)

    def is_upheld(self, ruling: Ruling, act: ByHand) -> None:
        """Record that the claimant has won."""
        with self.shop.database.transaction() as connection:
            acts.uphold(connection, self.number, ruling=ruling, rules=self._rules(act), act=act)

    def is_dismissed(self, act: ByHand) -> None:
        """Record that the claimant has lost."""
        with self.shop.database.transaction() as connection:
            acts.dismiss(connection, self.number, rules=self._rules(act), act=act, document="No. 2")

    def is_carried_out_by_the_registry(self, act: ByHand) -> None:
        """Record that the registry itself carries out the ruling."""
        with self.shop.database.transaction() as connection:
            acts.rule(connection, self.number, by=CarriedBy.REGISTRY, act=act, document="No. 3")

    def is_carried_out_by_hand(self, act: ByHand) -> None:
        """Have staff carry out the ruling."""
        with self.shop.database.transaction() as connection:
            acts.rule(connection, self.number, by=CarriedBy.HAND, act=act, document="No. 3")

    def is_disclosed(self, act: ByHand) -> None:
        """Let the holder read of it."""
        with self.shop.database.transaction() as connection:
            acts.disclose(connection, self.number, act=act)

    def _rules(self, act: ByHand) -> Any:
        return self.shop.rules.rules(self.row.zone, at=act.now)
