"""What does the platform need to carry out one call, and which of its orders is the call about?

A name that is being transferred in still belongs to another registrar, and is an InActive order of ours all the same:
its row in `domains` keeps the other sponsor, and `detail["incoming"]` what we ordered.
"""

from dataclasses import dataclass, replace

from adapters.sandbox.logicboxes import terms
from adapters.sandbox.logicboxes.fields import Fields, invalid
from adapters.sandbox.logicboxes.names import Name, parse
from adapters.sandbox.logicboxes.replies import RefusedError
from adapters.sandbox.misbehaviour import Misbehaviour
from adapters.sandbox.page import Page
from adapters.sandbox.records import Domain, Operation

NOT_ALLOWED = "You are not allowed to perform this action"
ACTION_PENDING = "There is already an action pending on this Order."


@dataclass(frozen=True, slots=True)
class Rules:
    """How this platform was set up.

    `decide_after_seconds` is when a transfer or a deletion, or what was ordered to be pending, is decided; None leaves
    it to `Books.approve` and `Books.reject`.
    """

    reseller_id: str
    currency: str
    decide_after_seconds: float | None


@dataclass(frozen=True, slots=True)
class Errand:
    """One call being carried out."""

    page: Page
    fields: Fields
    rules: Rules
    command: str
    stale: Misbehaviour | None = None

    def name(self) -> Name:
        """Return the name that the call states."""
        return parse(self.fields.text("domain-name"))

    def standing(self, name: str) -> Domain | None:
        """Return a name's row, whoever's it is, as this call sees it; None once it is free again."""
        row = self.page.domain(name)
        if self.stale is not None:
            row = self.page.domain_before_change(name, self._lag())
        if row is None or terms.current_status(row, self.page.now) == terms.DELETED:
            return None
        return row

    def order(self) -> Domain:
        """Return the order whose number the call states; raise `RefusedError` if it is none of ours."""
        stated = self.fields.text("order-id")
        if not stated.isdecimal():
            raise invalid("order-id", stated)
        for row in self.page.domains():
            order = self.as_order(self.standing(row.name))
            if order is not None and terms.order_id(order) == int(stated):
                return order
        raise RefusedError(f"No Entity found for Entityid: {stated}")

    def order_by_name(self) -> Domain:
        """Return the order of the name that the call states; raise `RefusedError` if it is none of ours."""
        name = self.name()
        order = self.as_order(self.standing(name.ascii))
        if order is None:
            raise RefusedError(f"Website doesn't exist for {name.ascii}")
        return order

    def orders(self) -> list[Domain]:
        """Return all of our orders, by name."""
        found = (self.as_order(self.standing(row.name)) for row in self.page.domains())
        return [order for order in found if order is not None]

    def as_order(self, row: Domain | None) -> Domain | None:
        """Return a row as our order: as it is, or as what is being transferred in; None for another's name."""
        if row is None or row.sponsor == self.page.client_id:
            return row
        incoming = row.detail.get("incoming")
        if incoming is None:
            return None
        return replace(
            row,
            roid=incoming["roid"],
            statuses=(terms.INACTIVE,),
            contacts=tuple((role, contact_id) for role, contact_id in incoming["contacts"]),
            nameservers=tuple((host, ()) for host in incoming["nameservers"]),
            auth_info="",
            detail={key: incoming[key] for key in ("customer_id", "recurring")},
        )

    def idle_order(self, *allowed: str) -> Domain:
        """Return the order to be changed: one in a state that allows it, with no action running."""
        order = self.order()
        if self.running(order.name) is not None:
            raise RefusedError(ACTION_PENDING)
        status = terms.current_status(order, self.page.now)
        if status == terms.SUSPENDED and status not in allowed:
            raise RefusedError(f"{NOT_ALLOWED}: the Order is Suspended.")
        if status not in allowed:
            raise RefusedError("Invalid action status/action type for this operation")
        return order

    def running(self, name: str) -> Operation | None:
        """Return the action that runs on a name, if this call sees it."""
        operation = self.page.last_operation(name)
        if operation is None or operation.state != "pending" or not self.sees(operation):
            return None
        return operation

    def sees(self, operation: Operation) -> bool:
        """Tell whether this call sees an action: one that lags behind does not see the latest ones."""
        if self.stale is None:
            return True
        lag = self._lag()
        return lag is not None and (self.page.now - operation.opened_at).total_seconds() >= lag

    def _lag(self) -> float | None:
        if self.stale is None or not self.stale.argument:
            return None
        return self.stale.seconds
