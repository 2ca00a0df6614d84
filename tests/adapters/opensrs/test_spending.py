"""What is checked before an order is sent, and what guards it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from registrar.commands import (
    ChangeHolder,
    Command,
    ContactRole,
    CreateContact,
    Errand,
    Expiry,
    Handle,
    HolderType,
    Identity,
    Kind,
    Nameserver,
    UpdateContact,
)
from registrar.gateway import Gateway
from registrar.money import Money
from registrar.names import DomainName
from registrar.outcomes import BlockCause, Blocked, Correctable, NotSent, Pending
from tests.adapters.opensrs.conftest import Calls
from tests.adapters.opensrs.house import (
    COMMANDS,
    EVERYBODY,
    INVENTED,
    NAME,
    REGISTER,
    RENEW,
    SENT_AS,
    TRANSFER,
    Priced,
    brief,
)
from tests.adapters.opensrs.scripted import Script, ScriptedRegistrar, answers, says

IDN = DomainName("xn--mgb9awbf.com", "com")
GLUE = (Nameserver("ns1.example.com", ("192.0.2.1",)),)

FAULTS: dict[str, tuple[Command | Errand, str]] = {
    "half a year": (replace(REGISTER, months=6), "blocked request"),
    "no time at all": (replace(RENEW, months=0), "blocked request"),
    "eleven years": (replace(RENEW, months=132), "blocked request"),
    "a transfer of two years": (replace(TRANSFER, months=24), "blocked request"),
    "a renewal elsewhere": (replace(RENEW, elsewhere=True), "blocked request"),
    "an expiry that is no date": (
        replace(RENEW, current_expiry=Expiry(datetime(2027, 1, 1, tzinfo=UTC), "01-JAN-27")),
        "blocked request",
    ),
    "a Persian name without a table": (replace(REGISTER, domain=IDN), "blocked request"),
    "hosts inside the name": (replace(REGISTER, nameservers=GLUE), "correctable nameservers"),
    "hosts inside a moved name": (replace(TRANSFER, nameservers=GLUE), "correctable nameservers"),
    "too many hosts": (
        replace(REGISTER, nameservers=tuple(Nameserver(f"ns{one}.example.net") for one in range(14))),
        "correctable nameservers",
    ),
    "nobody": (replace(REGISTER, contacts={}), "correctable contacts"),
    "somebody missing": (
        replace(TRANSFER, contacts={ContactRole.REGISTRANT: INVENTED}),
        "correctable contacts",
    ),
    "a handle": (
        replace(REGISTER, contacts={**EVERYBODY, ContactRole.TECH: Handle("C-1")}),
        "correctable contacts",
    ),
    "no telephone": (
        replace(REGISTER, contacts={**EVERYBODY, ContactRole.TECH: replace(INVENTED, voice=None)}),
        "correctable contacts",
    ),
    "a long street": (
        replace(REGISTER, contacts={**EVERYBODY, ContactRole.ADMIN: replace(INVENTED, street=("a",) * 4)}),
        "correctable contacts",
    ),
    "a change of holder": (ChangeHolder(NAME, {}), "blocked request"),
    "a new handle": (CreateContact(INVENTED, Identity(HolderType.PERSON)), "blocked request"),
    "a changed handle": (UpdateContact(Handle("C-1"), INVENTED), "blocked request"),
}


@pytest.mark.parametrize(("command", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_what_opensrs_does_not_take_is_not_sent(
    command: Command | Errand, expected: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """What cannot be ordered is said in words, and nothing is sent."""
    outcome = gateway.execute(command, call())
    assert brief(outcome) == expected
    assert isinstance(outcome, Blocked | Correctable)
    assert outcome.reply.text
    assert opensrs.requests == []


@pytest.mark.parametrize(
    ("tables", "expected"), [([], "pending"), (["fas"], "pending"), (["ara"], "blocked request")]
)
def test_an_internationalized_name_names_its_table(
    tables: list[str],
    expected: str,
    connect: Callable[..., Gateway],
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """A Persian name goes out with its language, if that is among the configured ones."""
    opensrs.on("SW_REGISTER", answers(250, id="3500001"))
    gateway = connect(opensrs.url, idn_tables=tables)
    assert gateway.capabilities.idn_tables == frozenset(tables)
    outcome = gateway.execute(replace(REGISTER, domain=IDN, idn_table="fas"), call())
    assert brief(outcome) == expected
    if isinstance(outcome, Pending):
        sent = opensrs.last("SW_REGISTER")
        assert sent["attributes/encoding_type"] == "fas"
        assert sent["attributes/domain"] == IDN.ascii


def test_a_name_of_one_word_stands_in_both_places(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """OpenSRS wants two names of everybody; a person who has one gives it twice."""
    opensrs.on("SW_REGISTER", answers(250, id="3500001"))
    gateway.execute(
        replace(REGISTER, contacts=dict.fromkeys(ContactRole, replace(INVENTED, name="Solo"))), call()
    )
    sent = opensrs.last("SW_REGISTER")
    assert sent["attributes/contact_set/owner/first_name"] == "Solo"
    assert sent["attributes/contact_set/owner/last_name"] == "Solo"


def test_a_transfer_in_opensrs_words(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A transfer carries the auth code and everybody, and leaves the name servers as they are."""
    opensrs.on("SW_REGISTER", answers(200, id="3500001"))
    gateway.execute(TRANSFER, call())
    sent = opensrs.last("SW_REGISTER")
    expected = {
        "reg_type": "transfer",
        "period": "1",
        "auth_info": "planted-auth-code",
        "custom_nameservers": "0",
    }
    assert {key: sent[f"attributes/{key}"] for key in expected} == expected
    assert not any(key.startswith("attributes/nameserver_list") for key in sent)


@pytest.mark.parametrize(
    ("at", "text", "year"),
    [
        (datetime(2027, 1, 1, 3, 0, tzinfo=UTC), "2026-12-31 22:00:00", "2026"),
        (datetime(2026, 12, 31, 21, 0, tzinfo=UTC), "2027-01-01 00:30:00", "2027"),
        (datetime(2027, 1, 20, 0, 0, tzinfo=UTC), "2027-01-20 00:00:00", "2027"),
    ],
)
def test_the_year_is_that_of_opensrs_own_text(
    *,
    at: datetime,
    text: str,
    year: str,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """Around New Year the guard is the year that OpenSRS wrote, not that of another zone, nor today's."""
    opensrs.on("RENEW", answers(250, order_id="3500001"))
    gateway.execute(replace(RENEW, current_expiry=Expiry(at, text)), call())
    sent = opensrs.last("RENEW")
    assert sent["attributes/currentexpirationyear"] == year
    assert (sent["attributes/period"], sent["attributes/auto_renew"]) == ("1", "0")


def test_a_repeat_carries_the_same_year(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A renewal in January that was carried out unheard is refused when it is sent again, not bought twice."""
    january = replace(RENEW, current_expiry=Expiry(datetime(2027, 1, 20, tzinfo=UTC), "2027-01-20 00:00:00"))
    opensrs.on("RENEW", says(b""), answers(555, "Domain already renewed"))
    assert brief(gateway.execute(january, call())) == "unknown"
    assert brief(gateway.execute(january, call())) == "refused expiry_conflict confirm"
    years = [
        request.items["attributes/currentexpirationyear"]
        for request in opensrs.requests
        if request.asked == "RENEW"
    ]
    assert years == ["2027", "2027"]


def dollars(amount: int) -> Money:
    """Return an amount in cents."""
    return Money(amount, "USD")


PRICES: dict[str, tuple[Script, Money, str]] = {
    "under the ceiling": (answers(200, price="9.99"), dollars(1000), "pending"),
    "at the ceiling": (answers(200, price="10.00"), dollars(1000), "pending"),
    "a cent over": (answers(200, price="10.01"), dollars(1000), "blocked price"),
    "half a cent over": (answers(200, price="10.005"), dollars(1000), "blocked price"),
    "premium under the ceiling": (
        answers(200, price="900", is_registry_premium="1"),
        dollars(90_000),
        "pending",
    ),
    "premium over it": (answers(200, price="900", is_registry_premium="1"), dollars(1000), "blocked price"),
    "no price": (answers(200), dollars(1000), "blocked price"),
    "a price that is none": (answers(200, price="NaN"), dollars(1000), "blocked price"),
    "less than nothing": (answers(200, price="-1.00"), dollars(1000), "blocked price"),
    "refused": (answers(465, "no such price"), dollars(1000), "blocked price"),
    "away": (says(b""), dollars(1000), "notsent unreachable"),
    "busy": (answers(310, "too many"), dollars(1000), "notsent"),
    "credentials": (answers(401, "no"), dollars(1000), "blocked credentials"),
    "another currency": (answers(200, price="9.99"), Money(100_000, "EUR"), "blocked price"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize(("script", "ceiling", "expected"), PRICES.values(), ids=PRICES.keys())
def test_an_order_never_costs_more_than_its_ceiling(
    *,
    script: Script,
    ceiling: Money,
    expected: str,
    command: Priced,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """Where an order says what it may cost, the price is asked first; over it nothing is sent."""
    sent_as = SENT_AS[command.kind.value]
    opensrs.on("GET_PRICE", script)
    opensrs.on(sent_as, answers(250, id="3500001"))
    outcome = gateway.execute(replace(command, ceiling=ceiling), call())
    assert brief(outcome) == expected
    assert opensrs.asked.count(sent_as) == (1 if expected == "pending" else 0)


@pytest.mark.parametrize(
    ("name", "reg_type"),
    [("register", "new"), ("renew", "renewal"), ("transfer", "transfer"), ("restore", "redemption")],
)
def test_the_price_is_asked_for_what_is_ordered(
    name: str, reg_type: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """The price is that of this name, for this term, of this kind."""
    opensrs.on("GET_PRICE", answers(465))
    gateway.execute(replace(COMMANDS[name], ceiling=dollars(1)), call())
    asked = opensrs.last("GET_PRICE")
    assert asked["attributes/reg_type"] == reg_type
    assert asked["attributes/domain"] == "example.com"
    assert asked["attributes/period"] == "1"


def test_capabilities_say_what_is_done(gateway: Gateway) -> None:
    """What is declared is what the adapter does."""
    declared = gateway.capabilities
    assert declared.kinds == {Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE}
    assert declared.contact_roles == declared.transfer_contact_roles == frozenset(ContactRole)
    assert 12 in declared.months[Kind.RENEW]
    assert 6 not in declared.months[Kind.REGISTER]
    assert gateway.name == "opensrs"


def test_a_saved_order_that_cannot_be_read_holds_the_command_back(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """While it is not known what an order of ours is, no other is sent."""
    opensrs.on("GET_ORDERS_BY_DOMAIN", answers(200, orders=[{"id": "3500007", "status": "pending"}]))
    opensrs.on("GET_ORDER_INFO", says(b""))
    outcome = gateway.execute(REGISTER, call())
    assert isinstance(outcome, NotSent)
    assert "SW_REGISTER" not in opensrs.asked


def test_a_request_that_opensrs_calls_faulty_is_for_staff(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A question of ours that is refused for its form is our fault, and the order waits for us."""
    opensrs.on("GET_ORDERS_BY_DOMAIN", answers(460, "missing field"))
    outcome = gateway.execute(REGISTER, call())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.REQUEST
