"""Who acts in these stories? A company on a real database, its customers and its registrar, in steps that read as sentences.

Everybody here is invented, every name is an example, and the times are UTC unless a story says otherwise. What a step does is done
by the functions that the product itself runs; only the registrar is played, by one that keeps a book of names and
charges of its own (`tests.core.far_side`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from sqlalchemy import insert, select

from registrar import bookings, exports, findings, holds, ledger, quotes, reports, rule_versions
from registrar.agreement.answers import Question
from registrar.agreement.disputing import Procedure
from registrar.agreement.reporting import ReportKind
from registrar.agreement.rules import RuleBook, Rules, Version
from registrar.commands import Kind
from registrar.customers import contacts
from registrar.customers import holds as customer_holds
from registrar.customers.holdings import list_domains
from registrar.holds import HoldKind
from registrar.models import Domain, Event, Movement
from registrar.money import Money
from registrar.names import DomainName
from registrar.orders import (
    agreed,
    approving,
    breach,
    by_hand,
    deadlines,
    lines,
    reading,
    remaining,
    suspending,
)
from registrar.orders.requests import Catalogue, ZoneOffer
from tests.agreement.rulebook import standard
from tests.core import far_side
from tests.core.far_side import CAPABILITIES, Clock, FarSide
from tests.core.story import KEYRING, Shop, opened
from tests.stories import claiming, leaving
from tests.stories.claiming import ClaimOnFile
from tests.stories.counter import Counter
from tests.stories.leaving import Leaving
from tests.stories.moments import instant
from tests.stories.post import Post
from tests.stories.registrar import Registrar

PRICE = 4_500_000
"""Rials for a year."""

HOLDER = {"registrant": {"handle": far_side.HOLDER}}
"""Whom a name is registered to: a handle, invented."""

_SOLD = {
    Kind.REGISTER: frozenset({12, 60}),
    Kind.RENEW: frozenset({12, 60}),
    Kind.TRANSFER: frozenset({12}),
    Kind.RESTORE: frozenset({0}),
    Kind.RENEW_ELSEWHERE: frozenset({12}),
    Kind.CHANGE_HOLDER: frozenset({0}),
}

ABLE = replace(CAPABILITIES, reads_auth_info=True)
"""What the registrar of these stories can do."""

CATALOGUE: Catalogue = {
    zone: ZoneOffer(
        zone=zone,
        currency="IRR",
        routes=dict.fromkeys(_SOLD, ("far",)),
        months=_SOLD,
        suppliers={"far": ABLE},
    )
    for zone in ("com", "ir")
}


def rules_with(*, name: str = "2026-01", since: str = "2026-01-01", **parts: Any) -> RuleBook:
    """Return the shipped rules with some parts changed for every zone: `renewal={"credit_failed": False}`, `fees=(…)`."""
    (shipped,) = standard().versions

    def changed(rules: Rules) -> Rules:
        new = {
            part: replace(getattr(rules, part), **values) if isinstance(values, Mapping) else values
            for part, values in parts.items()
        }
        return replace(rules, version=name, effective_from=instant(since), **new)

    zones = {zone: changed(rules) for zone, rules in shipped.zones.items()}
    return RuleBook([Version(changed(shipped.common), zones, shipped.source)])


@contextmanager
def opened_company(url: str) -> Iterator["Company"]:
    """Give a company with empty books, on 1 March 2026 at eight o'clock."""
    far = FarSide(Clock(instant("2026-03-01 08:00")), capabilities=ABLE)
    with opened(url) as database:
        shop = Shop(database, far, catalogue=CATALOGUE)
        with database.transaction() as connection:
            rule_versions.record(connection, shop.rules, far.clock.now)
        shop.terms = replace(shop.terms, hold_probe=timedelta(hours=12))
        company = Company(shop)
        for name in ("sara", "reza"):
            company.customer(name).can_be_reached_at(f"{name}@example.net")
        yield company


class Company:
    """The reseller: its clock, its books, its workers and its staff."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.registrar = Registrar(shop)
        self.post = Post(shop)
        self.counter = Counter(shop)

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return self.shop.clock.now

    def at(self, moment: str) -> None:
        """Let time pass until a moment; whatever falls due on the way is done."""
        until = instant(moment)
        assert until >= self.now, "a story is told forwards"
        for _ in range(1_000):
            due = self._due()
            upcoming = min((due_at for due_at, _ in due), default=None)
            if upcoming is None or upcoming > until:
                self.shop.clock.now = max(self.now, until)
                return
            self.shop.clock.now = max(self.now, upcoming)
            self.shop.far.catch_up()
            for due_at, deed in due:
                if due_at <= self.now:
                    deed()
        raise AssertionError("the company never comes to rest")

    def stands_still_until(self, moment: str) -> None:
        """Let time pass while no worker runs."""
        until = instant(moment)
        assert until >= self.now, "a story is told forwards"
        self.shop.clock.now = until

    def works(self) -> None:
        """Do what is due now: orders, claimed names, names that leave, mail."""
        self.shop.sweep()
        claiming.watch(self.shop)
        leaving.follow(self.shop)
        self.post.works()

    def looks_after(self, name: str, *, until: str, customer: str = "sara", shown: str | None = None) -> None:
        """Have a name in the books that is paid through a moment; the registry may show another date."""
        paid, expires = instant(until), instant(shown or until)
        self.shop.far.own(name, expires)
        with self.shop.database.transaction() as connection:
            connection.execute(
                insert(Domain).values(
                    name=name,
                    zone=name.partition(".")[2],
                    customer=customer,
                    registrar="far",
                    registry_expires_at=expires,
                    registry_expires_text=expires.isoformat(),
                    registry_expiry_source="far",
                    paid_through=paid,
                    confirmed_at=self.now,
                )
            )

    def paid_through(self, name: str) -> str:
        """Tell the day through which a name is paid."""
        with self.shop.database.reading() as connection:
            found = connection.execute(select(Domain.paid_through).where(Domain.name == name)).scalar_one()
        assert found is not None
        return found.date().isoformat()

    def gone(self, name: str) -> str | None:
        """Tell why a name is not with the company any more; None: it is."""
        with self.shop.database.reading() as connection:
            return connection.execute(select(Domain.gone_why).where(Domain.name == name)).scalar_one()

    def customer(self, name: str) -> "Customer":
        """Name one of the customers."""
        return Customer(self, name)

    def looks_over(self) -> None:
        """Do the daily duties: see what is late or about to close, whose documents are late, which gift has ended."""
        shop = self.shop
        with shop.database.transaction() as connection:
            deadlines.watch_windows(connection, shop.rules, now=self.now, within=timedelta(days=3))
            deadlines.watch_unmoved(connection, shop.rules, now=self.now)
            customer_holds.tell_of_late_documents(connection, now=self.now)
            bookings.lapse_gifts(connection, now=self.now, limit=100)

    def prices(self, kind: Kind, rials: int) -> None:
        """Set the tariff for a year, in every zone."""
        tariff = {kind: {12: Money(rials, "IRR")}}
        self.shop.catalogue = {
            zone: replace(offer, prices={**offer.prices, **tariff})
            for zone, offer in self.shop.catalogue.items()
        }

    def answers(self, kind: Kind, name: str, *, months: int = 12, rials: int | None = None) -> dict[str, Any]:
        """Say what an order would cost and be promised; it promises nothing to anybody."""
        domain = self._parsed(name)
        price = Money(rials, "IRR") if rials is not None else None
        return quotes.reckon(
            self.shop.database,
            Question(domain, kind, months, price=price),
            rules=self.shop.rules.rules(domain.zone, at=self.now),
            tariff=self.shop.catalogue[domain.zone].prices,
            registrar="far",
            look=lambda _, asked, looked_for: self.shop.far.look(asked, looked_for, self.shop._call("quote")),
            now=self.now,
        )

    def quotes(self, customer: "Customer", kind: Kind, name: str) -> dict[str, Any]:
        """Promise a price to a customer: a proforma with a deadline."""
        told = self.answers(kind, name)
        rules = self.shop.rules.rules(self._parsed(name).zone, at=self.now)
        with self.shop.database.transaction() as connection:
            return quotes.issue(
                connection,
                customer.name,
                told,
                rules=rules,
                now=self.now,
                actor="staff:laleh",
                ticket="T-4",
            )

    @property
    def overdue(self) -> list[int]:
        """List the orders past the end of their delivery time, by number."""
        with self.shop.database.reading() as connection:
            return [order.order_id for order in deadlines.overdue(connection, self.now)]

    def holds_for_debt(self, customer: "Customer") -> None:
        """Have a customer's orders wait for his debt."""
        with self.shop.database.transaction() as connection:
            customer_holds.put(
                connection,
                customer.name,
                "debt",
                reason="a debt is unpaid",
                now=self.now,
                actor="staff:laleh",
                ticket="T-3",
            )

    def stops_sending(
        self, scope: str = "far", *, force_majeure: bool = False, evidence: str | None = None
    ) -> None:
        """Put a registrar, a zone (`zone:ir`) or everything (`*`) on hold."""
        kind = HoldKind.FORCE_MAJEURE if force_majeure else HoldKind.OPERATIONAL
        with self.shop.database.transaction() as connection:
            holds.put_by_hand(
                connection,
                scope,
                reason="no currency can be moved",
                now=self.now,
                actor="staff:laleh",
                ticket="T-7",
                kind=kind,
                evidence=evidence,
            )

    def announces_hold(self, scope: str = "far", *, since: str, urgent: bool = False) -> None:
        """Plan a hold that begins later, and tell whoever waits."""
        rules = self.shop.rules.rules("com", at=self.now).conduct
        with self.shop.database.transaction() as connection:
            holds.announce(
                connection,
                scope,
                since=instant(since),
                urgent=urgent,
                rules=rules,
                reason="the registry moves",
                now=self.now,
                actor="staff:laleh",
                ticket="T-7",
            )
            deadlines.tell_customers(connection, scope, since=instant(since), now=self.now)

    def sends_again(self, scope: str = "far") -> None:
        """Release what was put on hold."""
        with self.shop.database.transaction() as connection:
            holds.release(connection, scope, now=self.now, actor="staff:laleh", ticket="T-7")

    def doubts(self, customer: "Customer", *, holder: bool = False, documents_by: str | None = None) -> None:
        """Ask for a customer's identity documents; his orders wait meanwhile."""
        with self.shop.database.transaction() as connection:
            customer_holds.put(
                connection,
                customer.name,
                "identity",
                reason="documents are missing",
                now=self.now,
                actor="staff:laleh",
                ticket="T-6",
                holder_in_doubt=holder,
                documents_due_by=instant(documents_by) if documents_by else None,
            )

    def trusts_again(self, customer: "Customer") -> None:
        """Have his documents."""
        self._release_customer(customer, "identity")

    def releases_debt(self, customer: "Customer") -> None:
        """Let his orders go on: the debt is paid."""
        self._release_customer(customer, "debt")

    def _release_customer(self, customer: "Customer", cause: str) -> None:
        with self.shop.database.transaction() as connection:
            customer_holds.release(
                connection,
                customer.name,
                cause,
                reason="it is put right",
                now=self.now,
                actor="staff:laleh",
                ticket="T-6",
            )

    def suspends(self, name: str, *, cause: suspending.Cause, ticket: str = "T-11") -> None:
        """Cut a name off, as staff do."""
        with self.shop.database.transaction() as connection:
            suspending.suspend(
                connection,
                self._parsed(name),
                cause=cause,
                reason="as the ticket says",
                statuses=self.shop.terms.capabilities.statuses,
                token=f"on-{self.now:%s}",
                act=self.acts(ticket=ticket),
            )

    def unsuspends(self, name: str, *, ticket: str = "T-11") -> None:
        """End it."""
        with self.shop.database.transaction() as connection:
            suspending.unsuspend(
                connection,
                self._parsed(name),
                reason="as the ticket says",
                token=f"off-{self.now:%s}",
                act=self.acts(ticket=ticket),
            )

    def _parsed(self, name: str) -> DomainName:
        return DomainName.parse(name, zones=self.shop.catalogue.keys())

    def goes_by(self, *books: RuleBook) -> None:
        """Have the company set other rules, one version or several."""
        self.shop.rules = RuleBook([version for book in books for version in book.versions])

    @property
    def alarms(self) -> list[str]:
        """List what staff are asked to look at, by kind."""
        with self.shop.database.reading() as connection:
            return [str(found["kind"]) for found in findings.list_open(connection)]

    def hears_of_a_claim(self, name: str, *, procedure: Procedure = Procedure.UDRP) -> ClaimOnFile:
        """Record that a third party claims a name."""
        act = self.acts(ticket="T-900")
        return ClaimOnFile(self.shop, claiming.assert_claim(self.shop, name, procedure=procedure, act=act))

    def acts(self, *, ticket: str, staff: str = "staff:laleh") -> by_hand.ByHand:
        """Have one of the staff act, on a ticket."""
        return by_hand.ByHand(staff, ticket, self.now)

    def approves(self, order: "PlacedOrder", *, via: str, ticket: str) -> None:
        """Let an order go that waits for staff."""
        with self.shop.database.transaction() as connection:
            approving.approve(
                connection, order.number, via=via, rules=self.shop.rules, act=self.acts(ticket=ticket)
            )

    def declines(self, order: "PlacedOrder", *, ticket: str) -> None:
        """Refuse an order that waits for staff."""
        with self.shop.database.transaction() as connection:
            approving.decline(connection, order.number, act=self.acts(ticket=ticket))

    def proposes_breach(self, order: "PlacedOrder", *, staff: str, evidence: str) -> None:
        """Propose to end an order for breach."""
        with self.shop.database.transaction() as connection:
            breach.propose(
                connection, order.number, evidence=evidence, act=self.acts(ticket="T-10", staff=staff)
            )

    def confirms_breach(self, order: "PlacedOrder", *, staff: str) -> None:
        """End it, as another person proposed."""
        with self.shop.database.transaction() as connection:
            breach.confirm(connection, order.number, act=self.acts(ticket="T-10", staff=staff))

    def exports(self, order: "PlacedOrder", *, ticket: str) -> dict[str, Any]:
        """Put all that is known of an order into one file."""
        with self.shop.database.transaction() as connection:
            return exports.export_order(
                connection,
                order.number,
                book=self.shop.rules,
                keyring=KEYRING,
                act=self.acts(ticket=ticket),
            )

    def ends(
        self, deed: Literal["complete", "refuse", "cancel"], order: "PlacedOrder", *, ticket: str
    ) -> None:
        """Have staff end an order, after a fresh look, on a ticket."""
        seen, act, terms = self.shop.see(order.number), self.acts(ticket=ticket), self.shop.terms
        with self.shop.database.transaction() as connection:
            match deed:
                case "complete":
                    by_hand.complete(connection, order.number, seen, terms=terms, act=act)
                case "refuse":
                    by_hand.refuse(connection, order.number, seen, terms=terms, act=act)
                case "cancel":
                    by_hand.cancel(connection, order.number, seen, act=act)

    def _due(self) -> list[tuple[datetime, Callable[[], None]]]:
        """Return when the next thing happens, by what is done then."""
        self.post.plans()
        with self.shop.database.reading() as connection:
            due: list[tuple[datetime | None, Callable[[], None]]] = [
                (self.shop._next_due(), self.shop.sweep),
                (claiming.next_due(connection), partial(claiming.watch, self.shop)),
                (leaving.next_due(connection), partial(leaving.follow, self.shop)),
                (self.post.next_due(connection), self.post.works),
            ]
        return [(due_at, deed) for due_at, deed in due if due_at is not None]


@dataclass(frozen=True)
class Customer:
    """Somebody who pays the company; invented."""

    company: Company
    name: str

    def can_be_reached_at(self, email: str) -> None:
        """Give the address to which the company writes."""
        with self.company.shop.database.transaction() as connection:
            contacts.put(
                connection,
                self.name,
                email=email,
                addressed_as=None,
                language="en",
                keyring=KEYRING,
                now=self.company.now,
            )

    def tops_up(self, amount: int, *, reference: str) -> None:
        """Pay into the credit account."""
        with self.company.shop.database.transaction() as connection:
            ledger.top_up(
                connection, self.name, Money(amount, "IRR"), reference=reference, now=self.company.now
            )

    def orders(
        self, kind: Kind, name: str, *, paid: str | None = None, gift: int = 0, **fields: Any
    ) -> "PlacedOrder":
        """Order something that was paid outside, now or at a moment of before, and in part from gift."""
        paid_at = instant(paid) if paid else self.company.now
        payment: dict[str, Any] = {
            "source": "outside",
            "paid_at": paid_at.isoformat(),
            "reference": "receipt-1",
        }
        payment |= {"gift": gift} if gift else {}
        wish: dict[str, Any] = {
            "customer": self.name,
            "price": {"amount": PRICE, "currency": "IRR"},
            "payment": payment,
        }
        return PlacedOrder(self.company, self.company.shop.place_only(kind, name, **wish | fields))

    def orders_from_balance(self, kind: Kind, name: str, **fields: Any) -> "PlacedOrder":
        """Order something that the credit account pays."""
        return self.orders(kind, name, payment={"source": "balance"}, **fields)

    def cancels(self, order: "PlacedOrder") -> None:
        """Cancel an order through the portal; a held one is looked at first."""
        company = self.company
        seen = company.shop.see(order.number) if order.state != "queued" else None
        act = by_hand.ByCustomer(f"customer:{self.name}", None, company.now)
        with company.shop.database.transaction() as connection:
            by_hand.cancel(connection, order.number, seen, act=act)

    def wants_to_leave_with(self, name: str, *, channel: str = "support") -> Leaving:
        """Ask to take a name to a panel outside."""
        shop = self.company.shop
        return Leaving(shop, leaving.ask(shop, name, customer=self.name, channel=channel))

    def corrects(self, order: "PlacedOrder", **corrections: Any) -> None:
        """Put right what the order needs."""
        self.company.shop.correct(order.number, **corrections)

    def reports(
        self,
        order: "PlacedOrder",
        kind: ReportKind,
        *,
        channel: str = "support",
        said: str | None = None,
        ticket: str = "T-55",
    ) -> reports.Report:
        """Say that something is wrong with an order, now or at a moment of before."""
        company = self.company
        given = reports.ReportRequest(
            kind, ticket, channel, instant(said) if said else company.now, "It is not as it should be."
        )
        with company.shop.database.transaction() as connection:
            return reports.file(
                connection,
                order.number,
                given,
                rules=company.shop.rules,
                actor=f"customer:{self.name}",
                now=company.now,
            )

    def decides(self, order: "PlacedOrder", line: str, choice: Literal["credit", "keep"]) -> None:
        """Choose what becomes of a service whose name failed."""
        with self.company.shop.database.transaction() as connection:
            lines.decide(
                connection,
                order.row,
                line,
                choice,
                by_customer=True,
                actor=f"customer:{self.name}",
                ticket=None,
                now=self.company.now,
            )

    def balance(self, bucket: str = "cash") -> int:
        """Tell what is in the credit account, in rials."""
        with self.company.shop.database.reading() as connection:
            found = ledger.balances(connection, self.name)
        return sum(line["amount"] for line in found if line["bucket"] == bucket)

    @property
    def gift_ends(self) -> list[str]:
        """List the last days of his gift."""
        with self.company.shop.database.reading() as connection:
            found = ledger.balances(connection, self.name)
        return [line["expires_on"].isoformat() for line in found if line["bucket"] == "gift"]

    @property
    def has(self) -> list[str]:
        """List the names that are his with the company."""
        with self.company.shop.database.reading() as connection:
            return [name["domain"] for name in list_domains(connection, self.name)]

    @property
    def sees_orders(self) -> list[str]:
        """List the orders that he is shown, by kind."""
        with self.company.shop.database.reading() as connection:
            return [order.kind for order in reading.list_for_customer(connection, self.name)]

    @property
    def statement(self) -> list[tuple[str, int]]:
        """List the credit account's lines: what it was, and what the account gained."""
        with self.company.shop.database.reading() as connection:
            return [(line.kind, line.amount) for line in ledger.statement(connection, self.name)]


@dataclass(frozen=True)
class PlacedOrder:
    """An order in the company's books."""

    company: Company
    number: int

    @property
    def row(self) -> Any:
        """Give what the books say."""
        return self.company.shop.row(self.number)

    @property
    def state(self) -> str:
        """Tell where it stands, in the portal's words."""
        return reading.portal_state(self.row)

    @property
    def told(self) -> list[str]:
        """List what its customer reads of it."""
        with self.company.shop.database.reading() as connection:
            view = reading.portal_view(connection, self.row)
        return [line["what"] for line in view["timeline"]]

    @property
    def seen_by_customer(self) -> dict[str, Any]:
        """Give all that its customer is shown."""
        with self.company.shop.database.reading() as connection:
            return reading.portal_view(connection, self.row)

    @property
    def seen_by_staff(self) -> dict[str, Any]:
        """Give all that staff are shown."""
        with self.company.shop.database.reading() as connection:
            return reading.staff_view(connection, self.row)

    @property
    def agreed(self) -> dict[str, Any]:
        """Give what was agreed about it, with the dates that its customer should know."""
        company = self.company
        with company.shop.database.reading() as connection:
            return agreed.agreed(connection, self.row, book=company.shop.rules, now=company.now)

    @property
    def promise(self) -> dict[str, Any]:
        """Give what the agreement promised when it was placed."""
        return dict(self.row.promise)

    @property
    def ways_on(self) -> dict[str, Any]:
        """Give what an inquiry found to be possible when it was refused."""
        found: dict[str, Any] = self.seen_by_staff["timeline"][-1]["ways_on"]
        return found

    @property
    def remains(self) -> dict[str, Any] | None:
        """Give what its customer is offered instead."""
        company, row = self.company, self.row
        rules = company.shop.rules.rules(row.zone, at=company.now)
        tariff = company.shop.catalogue[row.zone].prices
        with company.shop.database.reading() as connection:
            return remaining.remaining(connection, row, tariff=tariff, rules=rules, now=company.now)

    @property
    def money(self) -> list[tuple[str, int]]:
        """List what became of its money: each movement's kind and amount."""
        query = select(Movement.kind, Movement.amount).where(Movement.order_id == self.number)
        with self.company.shop.database.reading() as connection:
            return [(row.kind, row.amount) for row in connection.execute(query.order_by(Movement.id))]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """List the name and what else was ordered with it, and what became of each."""
        with self.company.shop.database.reading() as connection:
            return lines.view(connection, self.row)

    @property
    def acts_by_hand(self) -> list[tuple[str, str, str | None]]:
        """List what people did to it: the event, who, on which ticket."""
        query = select(Event.kind, Event.actor, Event.ticket).where(
            Event.order_id == self.number, Event.actor.like("staff:%")
        )
        with self.company.shop.database.reading() as connection:
            return [(row.kind, row.actor, row.ticket) for row in connection.execute(query.order_by(Event.id))]
