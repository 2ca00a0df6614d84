"""What is in the reseller's account, and what does it pay for each product?"""

from adapters.sandbox.logicboxes import actions, terms
from adapters.sandbox.logicboxes.errand import NOT_ALLOWED, Errand
from adapters.sandbox.logicboxes.names import Name
from adapters.sandbox.logicboxes.replies import RefusedError, money, reply
from adapters.sandbox.web import Answer

PRICED_TLDS = ("com", "net", "org", "example", "test")
"""The TLDs whose prices are listed; others cost the same."""

_ACTIONS = {
    "addnewdomain": "register",
    "renewdomain": "renew",
    "addtransferdomain": "transfer",
    "restoredomain": "restore",
}


def balance(errand: Errand) -> Answer:
    """Answer billing/reseller-balance: the deposit, and what locked orders wait for."""
    if errand.fields.text("reseller-id") != errand.rules.reseller_id:
        raise RefusedError(NOT_ALLOWED)
    locked = sum(
        operation.detail["amount"] for operation in errand.page.operations() if actions.is_locked(operation)
    )
    return reply(
        {
            "sellingcurrencysymbol": errand.rules.currency,
            "sellingcurrencybalance": money(errand.page.balance),
            "sellingcurrencylockedbalance": money(locked),
        }
    )


def prices(_: Errand) -> Answer:
    """Answer products/reseller-cost-price: for each product and action, a year's price by the length of the term."""
    return reply(
        {
            terms.class_key(tld): {
                word: {"1": money(terms.price(command, Name("any", tld), 1))}
                for word, command in _ACTIONS.items()
            }
            for tld in PRICED_TLDS
        }
    )
