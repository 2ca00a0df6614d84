"""What a command costs is asked before it is sent, compared with the order's ceiling, and stated to the cent (RFC 8748)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from adapters.registrars.epp import fees
from adapters.registrars.epp.namespaces import FEE
from adapters.registrars.epp.outcomes import outcome_of
from adapters.registrars.epp.reading import Response, parse, read_response
from registrar.commands import Expiry, Kind, Register, Renew, Restore, Transfer
from registrar.gateway import Deposit, Standing
from registrar.money import Money
from registrar.names import DomainName
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Done,
    NotSent,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
)
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, call_with
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.house import AUTH_CODE, ENDS, House
from tests.adapters.epp.scripted import Peer, framed, greeting, renewed, response
from tests.adapters.epp.test_encoding import as_published, settings
from tests.adapters.epp.test_reading import recorded

PREMIUM = DomainName("premium-name.test", "test")
RENEW = Renew(NAME, 12, Expiry(datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00Z"))
REPLY = Reply(result_code="…")
PRICE = Blocked(REPLY, BlockCause.PRICE)


def priced(command: str, lines: str, *, attributes: str = "", offer: str = "", grade: str = "") -> str:
    """Write chkData for `example.test`."""
    return (
        f'<fee:chkData xmlns:fee="{FEE}"><fee:currency>EUR</fee:currency><fee:cd{offer}><fee:objID>Example.test</fee:objID>'
        f"{grade and f'<fee:class>{grade}</fee:class>'}"
        f'<fee:command name="{command}"{attributes}>{lines}</fee:command></fee:cd></fee:chkData>'
    )


def answer(extension: str, code: int = 1000, inside: str = "") -> Response:
    return read_response(
        parse(response(code, transaction_id="T", extension=extension, inside=inside).encode())
    )


TEN = "<fee:fee>10.00</fee:fee>"
QUOTES = {
    "a fee": (priced("renew", TEN), "10.00", False),
    "fees and a credit": (priced("renew", f"{TEN}<fee:fee>0.5</fee:fee><fee:credit>-2</fee:credit>"), "8.50", False),
    "a standard name": (priced("renew", TEN, grade="Standard"), "10.00", False),
    "a premium name": (priced("renew", TEN, grade="premium"), "10.00", True),
    "a premium name's standard renewal": (priced("renew", TEN, grade="tier-1", attributes=' standard="1"'), "10.00", False),
    "free of charge": (priced("renew", "", grade="reserved"), "0", False),
    "no price": (priced("renew", "<fee:reason>not now</fee:reason>"), None, False),
    "cannot be priced": (priced("renew", TEN, offer=' avail="0"'), None, False),
    "another command": (priced("create", TEN), None, False),
    "no number": (priced("renew", "<fee:fee>ten</fee:fee>"), None, False),
    "no finite number": (priced("renew", "<fee:fee>NaN</fee:fee>"), None, False),
    "nothing": ("", None, False),
}  # fmt: skip


@pytest.mark.parametrize(("extension", "total", "premium"), QUOTES.values(), ids=QUOTES.keys())
def test_a_price_is_read_or_it_is_none(extension: str, total: str | None, premium: bool) -> None:
    """A price is what the registry says and adds up to; what cannot be read is no price."""
    quote = fees.read_quote(answer(extension), RENEW, FEE)
    assert (quote and (str(quote.total), quote.premium)) == (total and (total, premium))


@pytest.mark.parametrize(
    ("total", "premium", "ceiling", "allowed"),
    [
        ("10.00", False, Money(1000, "EUR"), True),
        ("10.01", False, Money(1000, "EUR"), False),
        ("9.999", True, Money(1000, "EUR"), True),
        ("10.00", False, Money(1000, "USD"), False),
        ("10.00", False, None, True),
        ("10.00", True, None, False),
        (None, False, None, True),
        (None, False, Money(1000, "EUR"), False),
    ],
)
def test_a_ceiling_is_the_most_that_is_paid(
    total: str | None, premium: bool, ceiling: Money | None, allowed: bool
) -> None:
    """A price up to the order's ceiling is paid, a dearer one and one in another money never; no ceiling, no premium."""
    extension = priced("renew", f"<fee:fee>{total}</fee:fee>", grade="premium" if premium else "")
    quote = fees.read_quote(answer(extension), RENEW, FEE) if total else None
    assert (fees.objection(quote, ceiling) is None) is allowed


def test_a_yen_has_no_cents() -> None:
    """A ceiling is compared in the money's own unit, whether that has cents or not."""
    quote = fees.read_quote(
        answer(priced("renew", "<fee:fee>500</fee:fee>").replace("EUR", "IRR")), RENEW, FEE
    )
    assert quote
    assert fees.objection(quote, Money(500, "IRR")) is None
    assert fees.objection(quote, Money(499, "IRR")) is not None


@pytest.mark.parametrize(
    ("command", "name", "period"),
    [
        (Register(NAME, 24), "create", ["2"]),
        (RENEW, "renew", ["1"]),
        (Transfer(NAME, 0, Secret("x")), "transfer", []),
        (Restore(NAME, 0), "restore", []),
    ],
)
def test_the_question_names_the_command_and_its_term(
    command: Register | Renew | Transfer | Restore, name: str, period: list[str], schemas: etree.XMLSchema
) -> None:
    """The registry is asked for the price of exactly what was ordered, in the account's money."""
    document = fees.price_check(command, settings(currency="EUR"), "order-7-f")
    schemas.assertValid(as_published(document))
    assert [node.get("name") for node in document.iter(f"{{{FEE}}}command")] == [name]
    assert [node.text for node in document.iter(f"{{{FEE}}}period")] == period
    assert [node.text for node in document.iter(f"{{{FEE}}}currency")] == ["EUR"]


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("domain_check_fee_premium_response.xml", None),
        ("domain_check_fee_response_raw_stdv1.xml", "499.00"),
        ("domain_check_fee_response_normalized_stdv1.xml", "499.00"),
        ("domain_check_fee_response_raw_v12.xml", None),
        ("domain_check_fee_response_raw_v06.xml", None),
    ],
)
def test_a_recorded_price_is_read(frames: Path, name: str, total: str | None) -> None:
    """A real registry's price for a renewal is read right; a draft's answer, which we did not ask for, is none."""
    asked = replace(RENEW, domain=DomainName("example.tld", "tld"))
    quote = fees.read_quote(read_response(parse(recorded(frames, name))), asked, FEE)
    assert (quote and (str(quote.total), quote.premium)) == (total and (total, True))


@pytest.mark.parametrize(
    ("command", "code", "blamed", "expected"),
    [
        (Register(NAME, 12), 2003, "", PRICE),
        (Register(NAME, 12), 2004, "", PRICE),
        (Register(NAME, 12), 2004, "period", Refused(REPLY, RefusalReason.POLICY)),
        (RENEW, 2003, "", PRICE),
        (RENEW, 2004, "", Refused(REPLY, RefusalReason.EXPIRY_CONFLICT, confirm=True)),
        (Restore(NAME, 0), 2004, "", PRICE),
        (Transfer(NAME, 12, Secret("x")), 2004, "", PRICE),
    ],
)
def test_a_refused_price_is_for_staff(
    command: Register | Renew | Restore | Transfer, code: int, blamed: str, expected: Outcome
) -> None:
    """When the price changed between our question and our command, nothing was charged and staff decide."""
    inside = f"<value><domain:{blamed}>1</domain:{blamed}></value>" if blamed else ""
    assert outcome_of(command, answer("", code, inside), REPLY, priced=True) == expected


# Against a registry that tells prices, and one that does not.


def ceiling(cents: int) -> Money:
    return Money(cents, "EUR")


def of_premium(kind: Kind, most: Money | None) -> Register | Renew | Transfer | Restore:
    match kind:
        case Kind.RENEW:
            return Renew(PREMIUM, 12, Expiry(ENDS, ENDS.isoformat()), ceiling=most)
        case Kind.TRANSFER:
            return Transfer(PREMIUM, 12, Secret(AUTH_CODE), ceiling=most)
        case _:
            return Restore(PREMIUM, 0, ceiling=most)


def premium_ready(house: House, kind: Kind) -> None:
    others = {"sponsor": "other", "auth_info": AUTH_CODE} if kind is Kind.TRANSFER else {}
    deleted = kind is Kind.RESTORE
    house.books.add_domain(
        PREMIUM.ascii,
        expires_at=ENDS,
        statuses=["pendingDelete"] if deleted else ["ok"],
        detail={"rgp": "redemptionPeriod"} if deleted else {},
        **others,  # type: ignore[arg-type]  # a table's row
    )


@pytest.mark.parametrize(
    ("kind", "cents"), [(Kind.RENEW, 9500), (Kind.TRANSFER, 9800), (Kind.RESTORE, 40_000)]
)
def test_a_premium_name_is_paid_up_to_its_ceiling_and_not_a_cent_more(
    house: House, kind: Kind, cents: int
) -> None:
    """A premium price is paid where the order allows it, to the cent, and never otherwise."""
    premium_ready(house, kind)
    gateway = house.gateway()
    if "urn:ietf:params:xml:ns:epp:fee-1.0" not in house.dialect.extensions:
        assert isinstance(gateway.execute(of_premium(kind, ceiling(1)), call_with()), Done | Pending)
        return
    for most in (None, ceiling(cents - 1), Money(cents, "USD")):
        outcome = gateway.execute(of_premium(kind, most), call_with())
        assert isinstance(outcome, Blocked)
        assert outcome.cause is BlockCause.PRICE
        assert str(cents // 100) in outcome.reply.text
    assert house.spent() == []
    assert isinstance(gateway.execute(of_premium(kind, ceiling(cents)), call_with()), Done | Pending)
    assert [charge.amount for charge in house.books.charges()] == [cents]


def test_a_premium_name_that_is_free_says_so_to_staff(house: House) -> None:
    """A free name with a premium price is told apart from an ordinary one before it is ordered."""
    seen = house.gateway().look(PREMIUM, Kind.REGISTER, call_with())
    premium = "urn:ietf:params:xml:ns:epp:fee-1.0" in house.dialect.extensions
    assert (seen.standing, "Premium" in seen.reason) == (Standing.FREE, premium)


def test_the_balance_is_told_with_a_charge(house: House) -> None:
    """Where a registry tells our balance with what it took, it is our deposit's."""
    house.ready_for(Kind.RENEW)
    gateway = house.gateway(fee_balance=True)
    assert gateway.capabilities.reports_deposit
    assert gateway.deposit(call_with()) is None
    order = Renew(NAME, 12, Expiry(ENDS, ENDS.isoformat()), ceiling=ceiling(950))
    assert isinstance(gateway.execute(order, call_with()), Done)
    if "urn:ietf:params:xml:ns:epp:fee-1.0" not in house.dialect.extensions:
        assert gateway.deposit(call_with()) is None
        return
    assert gateway.deposit(call_with()) == Deposit("999990.50", "EUR")
    assert "999990.50 EUR" in gateway.inspect(call_with())["deposit"]


def sells(check: Callable[[Peer, str], None]) -> Callable[[Peer], None]:
    """Play a registry that tells prices as `check` does, and renews."""

    def script(peer: Peer) -> None:
        peer.greet(extensions=("urn:ietf:params:xml:ns:rgp-1.0", FEE))
        while True:
            request = peer.read()
            if "fee:check" in request:
                check(peer, request)
            else:
                peer.answer(request, 1000, data=renewed("example.test", "2027-03-01T00:00:00Z"))

    return script


def closes(peer: Peer, _request: str) -> None:
    peer.connection.close()


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (closes, NotSent),
        (lambda peer, request: peer.answer(request, 2400), NotSent),
        (lambda peer, request: peer.answer(request, 2501), Blocked),
        (lambda peer, request: peer.answer(request, 2306), Blocked),
        (lambda peer, request: peer.answer(request, 1000), Blocked),
        (lambda peer, request: peer.answer(request, 1000, extension=priced("renew", TEN)), Done),
    ],
    ids=["lost", "in trouble", "no rights", "refused", "no price", "priced"],
)
def test_without_a_price_an_order_with_a_ceiling_is_not_sent(
    connect: Connect, check: Callable[[Peer, str], None], expected: type[Outcome]
) -> None:
    """An order that names the most it may cost waits until the registry names a price."""
    gateway, registry = connect(sells(check))
    outcome = gateway.execute(replace(RENEW, ceiling=ceiling(1000)), call_with())
    assert type(outcome) is expected
    sent = registry.commands("domain:renew")
    assert len(sent) == (expected is Done)
    assert all("<fee:fee>10.00</fee:fee>" in document for document in sent)


def test_a_draft_of_the_extension_is_spoken_by_its_own_name(connect: Connect) -> None:
    """A registry that still offers a draft is asked in the draft's namespace, by configuration alone."""
    draft = "urn:ietf:params:xml:ns:fee-0.21"

    def script(peer: Peer) -> None:
        peer.send(framed(greeting(extensions=("urn:ietf:params:xml:ns:rgp-1.0", draft))))
        peer.answer(peer.read(), 1000)
        while True:
            request = peer.read()
            data = renewed("example.test", "2027-03-01T00:00:00Z") if "curExpDate" in request else ""
            extension = priced("renew", TEN).replace(FEE, draft) if "fee:check" in request else ""
            peer.answer(request, 1000, data=data, extension=extension)

    gateway, registry = connect(script, fee_namespace=draft)
    assert isinstance(gateway.execute(replace(RENEW, ceiling=ceiling(1000)), call_with()), Done)
    (sent,) = registry.commands("curExpDate")
    assert f'xmlns:fee="{draft}"' in sent
