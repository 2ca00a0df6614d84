"""Does only configuration follow a registry? The whole product against the sandbox's second dialect."""

import pytest

from adapters.sandbox.misbehaviour import Behaviour
from tests.system import batch
from tests.system.conftest import OpenShop
from tests.system.shop import Shop


def test_the_second_dialect_of_epp(open_shop: OpenShop) -> None:
    """Mutual TLS, months, host attributes, no contacts: orders of every kind end as they should, by configuration alone."""
    shop = open_shop(dialect="small")
    glue = {"host": "ns1.hosted.com", "addresses": ["192.0.2.7"]}
    hosted = batch.registration("hosted.com", contacts={}, nameservers=["ns1.example.net", glue])
    orders = [
        hosted,
        batch.registration("lost-reply.com", contacts={}),
        batch.registration("taken.com", contacts={}),
        *(batch.renewal(name) for name in ("renewed.com", "lost-renewal.com", "never-arrived.com")),
        *(batch.transfer(name) for name in ("moved.com", "wrong-code.com", "rejected.com")),
    ]
    _make_trouble(shop, orders)
    for order in orders:
        shop.order(order)
    proof = shop.wait_until_quiet()
    assert proof.ok, proof.faults
    ends = {order["key"]: "completed" for order in orders}
    ends |= {"order-taken.com": "refused", "order-rejected.com": "refused", "order-wrong-code.com": "held"}
    assert shop.ends() == ends
    assert shop.attempts("order-never-arrived.com") == ["unknown", "done"]
    registered = shop.epp.domain("hosted.com")
    assert registered is not None
    assert registered.contacts == ()
    assert sorted(registered.nameservers) == [("ns1.example.net", ()), ("ns1.hosted.com", ("192.0.2.7",))]


def test_the_first_dialect_asks_for_contacts(shop: Shop) -> None:
    """Where the registry keeps contacts, an order without them is refused before it is taken."""
    with pytest.raises(ValueError, match=r"contacts\.registrant"):
        shop.order(batch.registration("hosted.com", contacts={}))


def _make_trouble(shop: Shop, orders: list[dict[str, object]]) -> None:
    """Put the names into the books, and have answers and requests lost."""
    for order in orders:
        code = "another-Code-3" if order["domain"] == "wrong-code.com" else batch.AUTH_CODE
        batch.seed(shop, order, auth_info=code)
    shop.epp.add_domain("taken.com", expires_at=batch.EXPIRES, sponsor="another-registrar")
    for behaviour, command, name in (
        (Behaviour.DROP_REPLY, "domain:create", "lost-reply.com"),
        (Behaviour.DROP_REPLY, "domain:renew", "lost-renewal.com"),
        (Behaviour.DROP_REQUEST, "domain:renew", "never-arrived.com"),
    ):
        shop.epp.misbehave(behaviour, command=command, name=name)
    shop.epp.misbehave(Behaviour.REJECT, command="domain:transfer", name="rejected.com", argument=0.3)
