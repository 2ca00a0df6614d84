"""What may a reseller see? Whether a name is free, and all of its own orders, in the parts it asks for.

A name that is not ours "doesn't exist" here, whoever has it; only the availability call knows others' names.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from adapters.sandbox.logicboxes import actions, people, terms
from adapters.sandbox.logicboxes.actions import paged
from adapters.sandbox.logicboxes.errand import Errand
from adapters.sandbox.logicboxes.fields import invalid
from adapters.sandbox.logicboxes.names import Name, join, parse
from adapters.sandbox.logicboxes.replies import RefusedError, money, reply
from adapters.sandbox.records import Domain
from adapters.sandbox.web import Answer

_MOST_AT_ONCE = {"ca": 15, "com": 500, "net": 500, "org": 500}
_MOST_OF_A_NEW_TLD = 5
"""More in one call are all answered `unknown` (facts §2.5)."""


def available(errand: Errand) -> Answer:
    """Answer domains/available: a line for each label under each TLD."""
    return _availability(errand, "tlds")


def idn_available(errand: Errand) -> Answer:
    """Answer domains/idn-available: the same under one TLD, keyed by A-labels."""
    errand.fields.text("idnLanguageCode")
    return _availability(errand, "tld")


def order_number(errand: Errand) -> Answer:
    """Answer domains/orderid with a bare number."""
    return reply(terms.order_id(errand.order_by_name()))


def details(errand: Errand) -> Answer:
    """Answer domains/details."""
    return _details(errand, errand.order())


def details_by_name(errand: Errand) -> Answer:
    """Answer domains/details-by-name."""
    return _details(errand, errand.order_by_name())


def search(errand: Errand) -> Answer:
    """Answer domains/search: our orders, filtered and paged."""
    rows = [
        {
            "orders.orderid": terms.order_id(order),
            "entity.entityid": terms.order_id(order),
            "entity.description": order.name,
            "entity.customerid": order.detail.get("customer_id", ""),
            "entity.currentstatus": terms.current_status(order, errand.page.now),
            "entitytype.entitytypekey": _class_key(order),
            "orders.creationtime": terms.epoch(order.created_at),
            "orders.endtime": terms.epoch(order.expires_at),
            "orders.autorenew": _recurring(order),
            "orders.transferlock": "transferlock" in order.statuses,
            "orders.resellerlock": "resellerlock" in order.statuses,
            "orders.customerlock": False,
        }
        for order in errand.orders()
        if _is_wanted(errand, order)
    ]
    return reply(paged(errand.fields, rows, most=500))


def locks(errand: Errand) -> Answer:
    """Answer domains/locks: each lock that is on."""
    order = errand.order()
    kinds = (*terms.ORDER_STATUSES, *terms.DOMAIN_STATUSES)
    return reply({kind: True for kind in kinds if kind in order.statuses})


def _availability(errand: Errand, tlds_parameter: str) -> Answer:
    labels, tlds = errand.fields.many("domain-name"), errand.fields.many(tlds_parameter)
    if not labels or not tlds:
        missing = tlds_parameter if labels else "domain-name"
        raise RefusedError(f"Required parameter missing: {missing}")
    lines = {}
    for tld in tlds:
        too_many = len(labels) > _MOST_AT_ONCE.get(tld, _MOST_OF_A_NEW_TLD)
        for label in labels:
            name = join(label, tld)
            lines[name.ascii] = (
                {"status": "unknown"} if too_many else _line(name, errand.standing(name.ascii), errand)
            )
    return reply(lines)


def _line(name: Name, row: Domain | None, errand: Errand) -> dict[str, Any]:
    line: dict[str, Any] = {"classkey": terms.class_key(name.tld), "status": "available"}
    if row is not None:
        ours = row.sponsor == errand.page.client_id
        line["status"] = "regthroughus" if ours else "regthroughothers"
    if name.is_premium:
        line["costHash"] = {
            word: money(terms.price(command, name, 1))
            for word, command in (("create", "register"), ("renew", "renew"), ("transfer", "transfer"))
        }
    return line


def _is_wanted(errand: Errand, order: Domain) -> bool:
    fields = errand.fields
    stated = {
        "order-id": str(terms.order_id(order)),
        "customer-id": order.detail.get("customer_id", ""),
        "product-key": _class_key(order),
        "status": terms.current_status(order, errand.page.now),
    }
    among = (not fields.many(name) or value in fields.many(name) for name, value in stated.items())
    return (
        all(among)
        and fields.maybe("domain-name") in order.name
        and _between(errand, "creation-date", order.created_at)
        and _between(errand, "expiry-date", order.expires_at)
    )


def _between(errand: Errand, parameter: str, moment: datetime) -> bool:
    start, end = errand.fields.moment(f"{parameter}-start"), errand.fields.moment(f"{parameter}-end")
    return (start is None or start <= moment) and (end is None or moment <= end)


def _details(errand: Errand, order: Domain) -> Answer:
    options = errand.fields.many("options")
    if not options:
        raise RefusedError("Required parameter missing: options")
    shown: dict[str, Any] = {}
    for option in tuple(_PARTS) if "All" in options else options:
        if option not in _PARTS:
            raise invalid("options", option)
        shown |= _PARTS[option](errand, order)
    return reply(shown)


def _order_details(errand: Errand, order: Domain) -> dict[str, Any]:
    """Return all that has no part of its own."""
    parent = f"999999999_999999998_{errand.rules.reseller_id}"
    return {
        **_status_details(errand, order),
        **_progress(errand, order),
        **_constants(),
        "domainname": order.name,
        "entitytypeid": "3",
        "productcategory": "domorder",
        "productkey": _class_key(order),
        "classkey": _class_key(order),
        "classname": "com.logicboxes.foundation.sfnb.order.domorder.DomOrder",
        "parentkey": parent,
        "creationtime": terms.epoch(order.created_at),
        "endtime": terms.epoch(order.expires_at),
        "customerid": order.detail.get("customer_id", ""),
        "domsecret": order.auth_info,
        "raaVerificationStartTime": terms.epoch(order.created_at),
        "recurring": _recurring(order),
        "allowdeletion": terms.current_status(order, errand.page.now) == terms.ACTIVE,
    }


def _recurring(order: Domain) -> bool:
    """Tell whether the platform would renew a name by itself: what its order said last, or the books do."""
    return bool(order.detail.get("recurring"))


def _progress(errand: Errand, order: Domain) -> dict[str, Any]:
    """Return the action that runs, if any."""
    operation = errand.running(order.name)
    if operation is None:
        return {"eaqid": 0, "actioncompleted": 0}
    return {
        "eaqid": operation.server_transaction_id,
        "actioncompleted": 0,
        "actiontype": actions.TYPES[operation.command],
        "actiontypedesc": actions.type_description(operation),
        "actionstatus": actions.status(operation),
        "actionstatusdesc": actions.description(operation),
    }


def _constants() -> dict[str, Any]:
    """Return what the sandbox has no policy for, as the platform commonly shows it."""
    return {
        "addons": [],
        "autoRenewAttemptDuration": 30,
        "autoRenewTermType": "LONG_TERM",
        "bulkwhoisoptout": "t",
        "customercost": "0.0",
        "gdpr": {"enabled": True, "eligible": True},
        "isImmediateReseller": True,
        "isOrderSuspendedUponExpiry": False,
        "isprivacyprotected": False,
        "jumpConditions": [],
        "moneybackperiod": 4,
        "multilingualflag": "f",
        "orderSuspendedByParent": False,
        "paused": False,
        "privacyprotectedallowed": True,
        "raaVerificationStatus": "Verified",
        "resellercost": 0,
    }


def _status_details(errand: Errand, order: Domain) -> dict[str, Any]:
    return {
        "orderid": terms.order_id(order),
        "entityid": terms.order_id(order),
        "description": order.name,
        "currentstatus": terms.current_status(order, errand.page.now),
        "orderstatus": [word for word in terms.ORDER_STATUSES if word in order.statuses],
        **_domain_status(errand, order),
    }


def _domain_status(_: Errand, order: Domain) -> dict[str, Any]:
    return {"domainstatus": [word for word in terms.DOMAIN_STATUSES if word in order.statuses]}


def _nameservers(_: Errand, order: Domain) -> dict[str, Any]:
    hosts = {f"ns{number}": host for number, (host, _) in enumerate(order.nameservers, start=1)}
    return {"noOfNameServers": len(hosts), **hosts, "cns": {}}


def _contact_ids(_: Errand, order: Domain) -> dict[str, Any]:
    return {f"{role}contactid": contact_id for role, contact_id in order.contacts}


def _dnssec(_: Errand, __: Domain) -> dict[str, Any]:
    return {"dnssec": []}


def _contact(role: str) -> Callable[[Errand, Domain], dict[str, Any]]:
    def shown(errand: Errand, order: Domain) -> dict[str, Any]:
        card = people.card(errand, dict(order.contacts).get(role, ""))
        return {} if card is None else {f"{role}contact": card}

    return shown


def _class_key(order: Domain) -> str:
    return terms.class_key(parse(order.name).tld)


_PARTS: Mapping[str, Callable[[Errand, Domain], dict[str, Any]]] = {
    "OrderDetails": _order_details,
    "StatusDetails": _status_details,
    "DomainStatus": _domain_status,
    "NsDetails": _nameservers,
    "DNSSECDetails": _dnssec,
    "ContactIds": _contact_ids,
    "RegistrantContactDetails": _contact("registrant"),
    "AdminContactDetails": _contact("admin"),
    "TechContactDetails": _contact("tech"),
    "BillingContactDetails": _contact("billing"),
}
