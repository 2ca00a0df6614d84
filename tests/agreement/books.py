"""What do the agreement's tests put into the books by hand? Names that are looked after, debts, holds."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from registrar.holds import HoldKind, announce, put_by_hand, release
from registrar.models import Debt, Domain, Event, Finding, Hold
from registrar.names import DomainName
from tests.agreement.rulebook import standard
from tests.core.story import Shop

MINA = DomainName("mina.test", "test")
STAFF, TICKET = "staff:sara", "T-1"


def look_after(shop: Shop, name: str = "mina.test", *, until: datetime, customer: str = "customer-1") -> None:
    """Have a name in the books that is paid through an instant, and shows the same date at its registry."""
    with shop.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name=name,
                zone=name.partition(".")[2],
                customer=customer,
                registrar="far",
                registry_expires_at=until,
                registry_expires_text=until.isoformat(),
                registry_expiry_source="far",
                paid_through=until,
                confirmed_at=shop.clock.now,
            )
        )


def paid_through(shop: Shop, name: str = "mina.test") -> datetime | None:
    """Tell through when a name is paid."""
    with shop.database.reading() as connection:
        return connection.execute(select(Domain.paid_through).where(Domain.name == name)).scalar_one()


def owe(shop: Shop, *, warned: bool, customer: str = "customer-1") -> None:
    """Let a customer owe a million rials."""
    with shop.database.transaction() as connection:
        connection.execute(
            insert(Debt).values(
                customer=customer,
                amount=1_000_000,
                currency="IRR",
                cause="payment_reversed",
                reference="bank-9",
                since=shop.clock.now,
                warned_at=shop.clock.now if warned else None,
            )
        )


def hold(shop: Shop, scope: str, kind: HoldKind = HoldKind.OPERATIONAL) -> None:
    """Put a scope on hold by hand, now."""
    evidence = "circular 12 of the Internet commission" if kind is HoldKind.FORCE_MAJEURE else None
    with shop.database.transaction() as connection:
        put_by_hand(
            connection,
            scope,
            reason="nothing can be sent",
            now=shop.clock.now,
            kind=kind,
            evidence=evidence,
            actor=STAFF,
            ticket=TICKET,
        )


def plan_hold(shop: Shop, scope: str, ahead: timedelta, *, urgent: bool = False) -> None:
    """Announce a hold that begins so much later."""
    with shop.database.transaction() as connection:
        announce(
            connection,
            scope,
            since=shop.clock.now + ahead,
            urgent=urgent,
            rules=standard().at(shop.clock.now).common.conduct,
            reason="the line is moved",
            now=shop.clock.now,
            actor=STAFF,
            ticket=TICKET,
        )


def let_go(shop: Shop, scope: str) -> int:
    """Release a scope's holds."""
    with shop.database.transaction() as connection:
        return release(connection, scope, now=shop.clock.now, actor=STAFF, ticket=TICKET)


def findings(shop: Shop, kind: str) -> list[str]:
    """Return the subjects of the open findings of a kind."""
    query = select(Finding.subject).where(Finding.kind == kind, Finding.closed_at.is_(None))
    with shop.database.reading() as connection:
        return list(connection.execute(query.order_by(Finding.id)).scalars())


def events(shop: Shop, kind: str) -> list[dict[str, Any]]:
    """Return the events of a kind, with who did them on which ticket."""
    query = select(Event.subject, Event.actor, Event.ticket, Event.evidence).where(Event.kind == kind)
    with shop.database.reading() as connection:
        return [dict(row) for row in connection.execute(query.order_by(Event.id)).mappings()]


def holds_kept(shop: Shop) -> int:
    """Count the holds that ever were."""
    with shop.database.reading() as connection:
        return len(connection.execute(select(Hold.id)).all())
