"""What does LogicBoxes do with an order that costs money? It writes an action, charges our deposit, and executes.

Where the deposit is empty the order is accepted all the same: it stays locked in processing and is executed by itself
after a top-up (facts §2.3). A renewal's guard is `exp-date`, which must be the very `endtime` (facts §2.5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.sandbox.logicboxes import actions, people, terms
from adapters.sandbox.logicboxes.decisions import decide_what_is_due
from adapters.sandbox.logicboxes.errand import ACTION_PENDING, Errand
from adapters.sandbox.logicboxes.fields import invalid
from adapters.sandbox.logicboxes.names import Name, is_host, parse
from adapters.sandbox.logicboxes.replies import RefusedError, reply
from adapters.sandbox.misbehaviour import VERDICTS, Behaviour
from adapters.sandbox.page import DepositEmptyError
from adapters.sandbox.records import Domain, Operation, to_row
from adapters.sandbox.web import Answer

ALREADY_RENEWED = "Domain already renewed."
INVOICE_OPTIONS = ("NoInvoice", "PayInvoice", "KeepInvoice", "OnlyAdd")

_PAID_BY_CUSTOMER = frozenset({"PayInvoice", "OnlyAdd"})
"""These wait for the customer's money, and the sandbox's customers have none there."""


@dataclass(frozen=True, slots=True)
class _Purchase:
    """One order: of what, for how long, at which price in cents, and what its action is to remember."""

    command: str
    name: Name
    order: Domain
    years: int
    amount: int
    detail: Mapping[str, Any]


def register(errand: Errand) -> Answer:
    """Answer domains/register: the name is ours at once, InActive if the action is executed later."""
    name, years = errand.name(), errand.fields.number("years", least=1, most=terms.LONGEST_YEARS)
    if years < terms.SHORTEST_YEARS.get(name.tld, 1):
        raise RefusedError(
            f"Minimum term for .{name.tld} is {terms.SHORTEST_YEARS[name.tld]} years: {{years={years} is invalid}}"
        )
    nameservers = stated_nameservers(errand)
    customer_id = people.stated_customer(errand)
    contacts = people.stated_contacts(errand, name)
    _require_options(errand, name)
    if errand.standing(name.ascii) is not None:
        raise RefusedError(f"Domain name {name.ascii} is already registered.")
    now = errand.page.now
    errand.page.remove(name.ascii)
    entry = Domain(
        name=name.ascii,
        roid=errand.page.new_roid("D"),
        sponsor=errand.page.client_id,
        created_at=now,
        expires_at=terms.extended(now, years),
        statuses=(terms.INACTIVE,),
        contacts=contacts,
        nameservers=nameservers,
        auth_info=people.new_auth_code(),
        detail={"customer_id": customer_id, "recurring": errand.fields.flag("auto-renew")},
    )
    amount = terms.price("register", name, years)
    purchase = _Purchase("register", name, entry, years, amount, {"entry": to_row(entry)})
    answer = _place(errand, purchase)
    if _newest(errand, purchase).state == "pending":
        errand.page.save(entry)
    return answer


def renew(errand: Errand) -> Answer:
    """Answer domains/renew: longer by so many years, if the expiry is still the stated one."""
    years = errand.fields.number("years", least=1, most=terms.LONGEST_YEARS)
    stated = errand.fields.text("exp-date")
    order = errand.idle_order(terms.ACTIVE)
    name = parse(order.name)
    _require_options(errand, name)
    if stated != str(terms.epoch(order.expires_at)):
        raise RefusedError(ALREADY_RENEWED)
    latest = terms.extended(errand.page.now, terms.LONGEST_YEARS)
    if terms.extended(order.expires_at, years) > latest:
        raise RefusedError(f"A Domain Name cannot be extended beyond {terms.LONGEST_YEARS} years.")
    chosen = {"recurring": errand.fields.flag("auto-renew")}
    return _place(errand, _Purchase("renew", name, order, years, terms.price("renew", name, years), chosen))


def transfer(errand: Errand) -> Answer:
    """Answer domains/transfer: ordered at once, ours when the losing registrar lets it go and the code fits."""
    name = errand.name()
    nameservers = stated_nameservers(errand) if errand.fields.many("ns") else ()
    customer_id = people.stated_customer(errand)
    contacts = people.stated_contacts(errand, name)
    _require_options(errand, name)
    row = _transferable(errand, name)
    incoming = {
        "roid": errand.page.new_roid("D"),
        "customer_id": customer_id,
        "contacts": contacts,
        "nameservers": [host for host, _ in nameservers],
        "recurring": errand.fields.flag("auto-renew"),
        "authorised": people.fits_code(row, errand.fields.maybe("auth-code")),
    }
    ordered = replace(row, detail={**row.detail, "incoming": incoming})
    errand.page.save(ordered)
    order = errand.as_order(ordered)
    if order is None:
        raise LookupError(name)
    amount = terms.price("transfer", name, 1)
    return _place(errand, _Purchase("transfer", name, order, 1, amount, {}))


def restore(errand: Errand) -> Answer:
    """Answer domains/restore: out of redemption, at its own price and for no more time."""
    order = errand.idle_order(terms.RESTORABLE)
    name = parse(order.name)
    errand.fields.choice("invoice-option", INVOICE_OPTIONS)
    return _place(errand, _Purchase("restore", name, order, 0, terms.price("restore", name, 0), {}))


def delete(errand: Errand) -> Answer:
    """Answer domains/delete: accepted, which is not deleted; it costs nothing."""
    order = errand.idle_order(terms.ACTIVE)
    return _place(errand, _Purchase("delete", parse(order.name), order, 0, 0, {}))


def validate_transfer(errand: Errand) -> Answer:
    """Answer domains/validate-transfer with a bare `true` or `false`."""
    name = errand.name()
    row = errand.standing(name.ascii)
    if row is None:
        raise _available(name)
    locked = "clientTransferProhibited" in row.statuses
    return reply(errand.as_order(row) is None and not locked)


def _transferable(errand: Errand, name: Name) -> Domain:
    """Return the row of a name that another registrar has; raise `RefusedError` if it cannot come to us."""
    row = errand.standing(name.ascii)
    if row is None:
        raise _available(name)
    if errand.running(name.ascii) is not None:
        raise RefusedError(ACTION_PENDING)
    if errand.as_order(row) is not None:
        raise RefusedError(f"Domain name {name.ascii} is already registered with us.")
    return row


def stated_nameservers(errand: Errand) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the name servers that a call states, each by its own `ns`."""
    hosts = errand.fields.many("ns")
    if not hosts:
        raise RefusedError("Required parameter missing: ns")
    for host in hosts:
        if not is_host(host):
            raise RefusedError(f"{host} is not a valid Nameserver")
    return tuple((host.lower(), ()) for host in hosts)


def _available(name: Name) -> RefusedError:
    return RefusedError(f"{name.ascii} is currently available for Registration")


def _require_options(errand: Errand, name: Name) -> None:
    """Raise `RefusedError` unless the call says how it is invoiced and renewed, and what its kind of name asks for."""
    errand.fields.choice("invoice-option", INVOICE_OPTIONS)
    errand.fields.flag("auto-renew")
    attributes = errand.fields.attributes()
    if name.is_premium and attributes.get("premium") != "true":
        raise RefusedError(f"{name.ascii} is a premium Domain Name: the attribute premium is required.")
    if name.is_idn and errand.command == "domain:create" and not attributes.get("idnLanguageCode"):
        raise invalid("idnLanguageCode", "")


def _place(errand: Errand, purchase: _Purchase) -> Answer:
    """Write the order's action, charge for it if that can be, and answer with what it has come to already."""
    option = errand.fields.maybe("invoice-option")
    action_id = actions.new_action_id(errand)
    verdicts, seconds = _verdicts(errand, purchase)
    charge_id = None
    if purchase.amount and option not in _PAID_BY_CUSTOMER:
        charge_id = _charge(errand, purchase, action_id)
    if purchase.amount and charge_id is None:
        verdicts = () if option in _PAID_BY_CUSTOMER else ("pay", *verdicts)
    errand.page.open_operation(
        purchase.command,
        purchase.order.name,
        months=12 * purchase.years,
        client_id=errand.page.client_id,
        client_transaction_id=action_id,
        server_transaction_id=action_id,
        charge_id=charge_id,
        verdicts=verdicts,
        every_seconds=seconds,
        detail={
            "order_id": terms.order_id(purchase.order),
            "roid": purchase.order.roid,
            "customer_id": purchase.order.detail.get("customer_id", ""),
            "amount": purchase.amount,
            "unit": errand.rules.currency,
            "balance": errand.page.balance,
            "waits_for_customer": option in _PAID_BY_CUSTOMER,
            **purchase.detail,
        },
    )
    decide_what_is_due(errand.page)
    return actions.answer(_newest(errand, purchase), invoiced=option not in ("", "NoInvoice"))


def _newest(errand: Errand, purchase: _Purchase) -> Operation:
    operation = errand.page.last_operation(purchase.order.name)
    if operation is None:
        raise LookupError(purchase.order.name)
    return operation


def _charge(errand: Errand, purchase: _Purchase, action_id: str) -> int | None:
    """Charge for an order; None where the deposit does not cover it, or is ordered to seem so."""
    name = purchase.order.name
    if errand.page.take_misbehaviour({Behaviour.NO_DEPOSIT}, command=errand.command, names=[name]):
        return None
    try:
        return errand.page.charge(
            purchase.command,
            name,
            months=12 * purchase.years,
            amount=purchase.amount,
            client_transaction_id=action_id,
        )
    except DepositEmptyError:
        return None


def _verdicts(errand: Errand, purchase: _Purchase) -> tuple[tuple[str, ...], float]:
    """Return what will be decided, and after how many seconds each.

    Registrations, renewals and restores are executed at once unless they were ordered to be pending.
    """
    names, later = [purchase.order.name], errand.rules.decide_after_seconds
    if purchase.command not in ("transfer", "delete"):
        ordered = errand.page.take_misbehaviour({Behaviour.PENDING}, command=errand.command, names=names)
        if ordered is None:
            return ("approve",), 0.0
        later = ordered.seconds if ordered.argument else later
    verdict = errand.page.take_misbehaviour(VERDICTS, command=errand.command, names=names)
    if verdict is not None:
        return VERDICTS[verdict.behaviour], verdict.seconds if verdict.argument else later or 0.0
    return ((), 0.0) if later is None else (("approve",), later)
