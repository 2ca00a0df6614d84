"""Is the demo's cast what it should be? Orders that are taken as they stand, every story told, and the same each time."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import config
from adapters.sandbox.books import Books
from adapters.sandbox.irnic import mailed_pin
from registrar.commands import ContactRole, Kind
from registrar.orders.requests import (
    Catalogue,
    FromBalance,
    OrderRequest,
    ZoneOffer,
    parse_corrections,
    parse_request,
)
from tasks.demo_parts import OTHER_AGENT, OTHER_REGISTRAR, ROUTES
from tasks.demo_plan import SCENES, Cast, cast
from tasks.sandbox import ACCOUNTS, ZONES
from tests.desks import CAN

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
REGISTRANT = frozenset({ContactRole.REGISTRANT})
EVERYBODY = frozenset(ContactRole)
SUPPLIERS = {
    "epp": replace(CAN, contact_roles=EVERYBODY - {ContactRole.BILLING}),
    "irnic": replace(CAN, contact_roles=REGISTRANT),
    "logicboxes": replace(CAN, contact_roles=REGISTRANT, transfer_contact_roles=REGISTRANT),
    "opensrs": replace(CAN, contact_roles=EVERYBODY, transfer_contact_roles=EVERYBODY),
    "openprovider": replace(CAN, contact_roles=REGISTRANT, transfer_contact_roles=REGISTRANT),
}
"""Whom an order must name at each registrar."""
WANTED = {
    "registered": 10,
    "renewed": 10,
    "transferred": 8,
    ".ir pending, then approved": 10,
    ".ir pending, then rejected and credited": 4,
    "taken meanwhile and credited": 3,
    ".ir taken meanwhile and credited": 3,
    "registration's reply lost and found": 2,
    "renewal's reply lost and found": 2,
    "transfer's reply lost and found": 2,
    ".ir reply lost and found": 2,
    "request lost, truly not done, sent again": 2,
    ".ir request lost, truly not done, sent again": 2,
    "auth code wrong, then corrected": 3,
    "restored out of redemption": 2,
    ".ir renewed, though another agent has it": 2,
    ".ir moved to another holder, by a mailed PIN": 2,
    ".net goes to the second supplier, the first being on hold": 2,
    ".net registered": 3,
    ".net renewed": 2,
    ".net transferred": 2,
    ".net renewal's reply lost and found": 2,
    ".net request lost, truly not done, sent again": 2,
    ".org registered": 2,
    ".org renewed": 2,
    ".org renewal's reply lost and found": 2,
    ".org request lost, truly not done, sent again": 2,
    ".eu registered": 2,
    ".eu renewed": 2,
    ".eu renewal's reply lost, its transaction found": 2,
    ".eu request lost, truly not done, sent again": 2,
}
"""How many of each story that matters must be among two hundred orders, at least."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Give what is sold in a sandbox: by default, and what it adds."""
    zones = tomllib.loads((Path(config.__file__).parent / "zones.toml").read_text()) | tomllib.loads(ZONES)
    return {zone: offer(zone, section) for zone, section in zones.items()}


def offer(zone: str, section: Mapping[str, Any]) -> ZoneOffer:
    """Read one zone's section."""
    sales = {kind: section[kind] for kind in Kind if kind in section}
    return ZoneOffer(
        zone=zone,
        currency=section["currency"],
        routes={kind: tuple(sale["registrars"]) for kind, sale in sales.items()},
        months={kind: frozenset(sale["months"]) for kind, sale in sales.items()},
        suppliers=SUPPLIERS,
    )


@pytest.fixture(scope="module")
def players() -> Cast:
    """Give the cast of an ordinary demo."""
    return cast(200, 1, now=NOW)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Mapping[str, Books]]:
    """Give every registrar's books, prepared by nobody yet."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                Books.create(
                    tmp_path / f"{name}.db",
                    registrar_name=name,
                    unit=account.unit,
                    client_id=account.client_id,
                )
            )
            for name, account in ACCOUNTS.items()
        }


def parsed(players: Cast, catalogue: Catalogue) -> list[OrderRequest]:
    """Read every order as the API does."""
    return [
        parse_request(
            {name: value for name, value in order.items() if name != "key"},
            key=order["key"],
            channel="http",
            catalogue=catalogue,
        )
        for order in players.orders
    ]


def test_every_order_is_taken_as_it_stands(players: Cast, catalogue: Catalogue) -> None:
    """What the demo orders is sold, complete and of a name that can be registered; no two orders share a name or key."""
    requests = parsed(players, catalogue)
    assert len(requests) == len({request.key for request in requests}) == 200
    assert len({request.domain.ascii for request in requests}) == 200
    assert {request.route[0] for request in requests} == {*ACCOUNTS}
    assert {request.kind for request in requests} == set(Kind)
    assert all(request.price.amount > 0 for request in requests)


def test_any_registrar_of_its_zone_can_carry_an_order_out(players: Cast, catalogue: Catalogue) -> None:
    """Whoever goes on to the next supplier has named all that this one asks for."""
    for request in parsed(players, catalogue):
        assert request.route == ROUTES[request.domain.zone]


def test_the_first_orders_have_a_second_supplier(players: Cast, catalogue: Catalogue) -> None:
    """What is placed while a supplier is on hold may go to another one, and nothing else is placed then."""
    first = {order["key"] for order in players.openers}
    routes = [request.route for request in parsed(players, catalogue) if request.key in first]
    assert len(routes) == len(first) >= 2
    assert all(route[0] == players.closed and len(route) > 1 for route in routes)
    told = {players.titles[key] for key in first}
    assert told.isdisjoint(players.titles[order["key"]] for order in players.others)


def test_every_correction_is_taken_as_it_stands(players: Cast, catalogue: Catalogue) -> None:
    """What the demo's customers answer when asked is an answer that we understand."""
    requests = {request.key: request for request in parsed(players, catalogue)}
    assert len(players.corrections) >= 4
    for key, correction in players.corrections.items():
        request = requests[key]
        parse_corrections(correction, kind=request.kind)


def test_every_story_is_told(players: Cast) -> None:
    """No story that the demo promises is missing, and those that matter are told several times."""
    told = Counter(players.titles.values())
    assert told.keys() == {scene.title for scene in SCENES}
    assert {title: told[title] for title, least in WANTED.items() if told[title] < least} == {}


def test_every_order_has_an_end(players: Cast) -> None:
    """Of each order it is known beforehand how it may end, and some end with the money back."""
    ends = Counter(next(iter(allowed)) for allowed in players.expected.values())
    assert players.expected.keys() == {order["key"] for order in players.orders}
    assert ends.keys() == {"completed", "refused"}
    assert ends["refused"] >= 20


def test_the_same_seed_gives_the_same_cast(players: Cast) -> None:
    """Whoever runs the demo again sees the same orders; another seed deals them anew."""
    again, other = cast(200, 1, now=NOW), cast(200, 2, now=NOW)
    assert (again.orders, again.titles, again.balances) == (players.orders, players.titles, players.balances)
    assert other.orders != players.orders


def test_balances_cover_what_is_paid_from_them_to_the_unit(players: Cast, catalogue: Catalogue) -> None:
    """Customers who pay from their balance have exactly as much as their orders cost."""
    needed: Counter[tuple[str, str]] = Counter()
    for request in parsed(players, catalogue):
        if isinstance(request.payment, FromBalance):
            needed[request.customer, request.price.currency] += request.price.amount
    assert len(needed) > 10
    assert {(balance.customer, balance.currency): balance.amount for balance in players.balances} == needed


def test_the_deposit_runs_dry_and_the_top_up_is_enough(players: Cast) -> None:
    """The EPP registrar's deposit ends in mid-batch, and what staff pay into it is enough for the rest."""
    least = sum(
        980 for order in players.orders if order["kind"] == "transfer" and order["domain"].endswith(".com")
    )
    assert 0 < least < players.epp_deposit < players.top_up
    assert players.irnic_deposit > 0


def test_the_books_are_prepared_for_every_story(
    players: Cast, catalogue: Catalogue, books: Mapping[str, Books]
) -> None:
    """Names to renew are ours at one registrar, names to move are elsewhere with their auth code; nothing is charged."""
    players.prepare(books)
    for request in parsed(players, catalogue):
        found = {name: books[name].domain(request.domain.ascii) for name in request.route}
        homes = [name for name, entry in found.items() if entry and entry.sponsor == ACCOUNTS[name].client_id]
        sponsors = {entry.sponsor for entry in found.values() if entry}
        match request.kind:
            case Kind.REGISTER:
                assert homes == []
            case Kind.RENEW | Kind.RESTORE | Kind.CHANGE_HOLDER:
                assert len(homes) == 1
                assert sponsors <= {ACCOUNTS[homes[0]].client_id, OTHER_REGISTRAR}
                assert all(entry and entry.expires_at > NOW for entry in found.values())
            case Kind.RENEW_ELSEWHERE:
                assert sponsors == {OTHER_AGENT}
            case Kind.TRANSFER:
                assert sponsors == {OTHER_REGISTRAR}
                right = players.corrections.get(request.key, request.secrets.reveal())["auth_info"]
                assert {entry.auth_info for entry in found.values() if entry} == {right}
    assert not any(book.charges() for book in books.values())


def test_no_pin_has_been_mailed_before_it_is_asked_for(players: Cast, books: Mapping[str, Books]) -> None:
    """The customers who are to correct an order with a PIN have no mail yet."""
    players.prepare(books)
    assert len(players.mailed) >= 2
    assert {mailed_pin(books["irnic"], name) for name in players.mailed.values()} == {""}


def test_a_name_taken_meanwhile_looks_free_at_first(
    players: Cast, catalogue: Catalogue, books: Mapping[str, Books]
) -> None:
    """Somebody registers the name after we looked: the look lags behind the registry."""
    players.prepare(books)
    meanwhile = [
        request
        for request in parsed(players, catalogue)
        if players.titles[request.key].endswith("taken meanwhile and credited")
    ]
    assert len(meanwhile) >= 6
    for request in meanwhile:
        with books[request.route[0]].page() as page:
            assert page.domain(request.domain.ascii) is not None
            assert page.domain_before_change(request.domain.ascii) is None


def test_too_few_orders_are_refused() -> None:
    """A demo too small for all its stories says how many it needs."""
    with pytest.raises(ValueError, match="stories to tell"):
        cast(10, 1, now=NOW)
