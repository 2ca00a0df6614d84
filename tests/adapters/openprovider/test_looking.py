"""What does a look tell of a name? Each status that Openprovider has, and each way in which it may tell nothing."""

from typing import Any

import pytest

from registrar.commands import ContactRole, Kind
from registrar.gateway import Gateway, Progress, Standing
from registrar.outcomes import BlockCause
from tests.adapters.openprovider import house
from tests.adapters.openprovider.conftest import Calls
from tests.adapters.openprovider.scripted import ScriptedApi, answers, page, refuses

LATER = "2027-01-15 12:00:00"
EARLIER = "2026-01-15 12:00:00"


def test_an_active_name_is_ours_with_all_that_is_shown(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A name of ours is told with its dates as written and in UTC, its servers, contacts and lock."""
    house.has(api, house.details(is_locked=True))
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    assert (sighting.standing, sighting.ours, sighting.registry_id) == (Standing.REGISTERED, True, "4711")
    assert sighting.source == "openprovider:openprovider"
    assert sighting.expiry == house.at(house.EXPIRATION)
    assert sighting.renew_by == house.at(house.RENEWAL)
    assert sighting.renew_by.at.isoformat() == "2027-02-28T23:00:00+00:00"
    assert sighting.auto_renews is False
    assert sighting.created_at is not None
    assert sighting.created_at.isoformat() == "2026-03-01T09:00:00+00:00"
    assert sighting.statuses == {"ACT", "clientTransferProhibited"}
    assert sighting.nameservers == ("ns1.example.net", "ns2.example.net")
    assert sighting.contacts[ContactRole.REGISTRANT] == house.HANDLE
    assert (sighting.seen_at, sighting.progress, sighting.charges) == (house.NOW, {}, None)


@pytest.mark.parametrize(
    ("told", "dates"),
    [
        ({"registry_expiration_date": "2027-04-02 00:00:00"}, ("2027-04-02 00:00:00", house.RENEWAL)),
        ({"registry_expiration_date": "0000-00-00 00:00:00"}, (house.EXPIRATION, house.RENEWAL)),
        ({"expiration_date": ""}, (house.RENEWAL, house.RENEWAL)),
        ({"renewal_date": None}, (house.EXPIRATION, house.EXPIRATION)),
    ],
)
def test_the_registrys_date_and_openproviders_own_stay_apart(
    gateway: Gateway, api: ScriptedApi, call: Calls, told: dict[str, Any], dates: tuple[str, str]
) -> None:
    """A name ends when its registry says so (D4), and is renewed by the day that Openprovider names; one stands for both."""
    house.has(api, house.details(**told))
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    assert (sighting.expiry, sighting.renew_by) == tuple(map(house.at, dates))


@pytest.mark.parametrize(
    ("told", "auto_renews"), [("on", True), ("off", False), ("default", None), ("", None)]
)
def test_the_automatic_renewal_is_told(
    gateway: Gateway, api: ScriptedApi, call: Calls, told: str, auto_renews: bool | None
) -> None:
    """A name says whether it renews by itself, unless it leaves that to the account's own setting."""
    house.has(api, house.details(autorenew=told))
    assert gateway.look(house.NAME, Kind.REGISTER, call()).auto_renews is auto_renews


def test_the_search_is_for_the_whole_name(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A look asks for exactly this name, and never by a pattern."""
    house.has_not(api)
    gateway.look(house.NAME, Kind.REGISTER, call())
    (search,) = api.asked("GET /domains")
    assert search.query["full_name"] == "example.com"
    assert "domain_name_pattern" not in search.query


def test_of_two_names_that_a_search_finds_only_the_exact_one_counts(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A neighbour of the name is never taken for the name."""
    neighbour = house.details(id=1, domain={"name": "example", "extension": "com.pl"})
    other = house.details(id=2, domain={"name": "my-example", "extension": "com"})
    house.has(api, house.details())
    api.on("GET /domains", answers(house.listed(neighbour, other, house.details())))
    assert gateway.look(house.NAME, Kind.REGISTER, call()).registry_id == "4711"
    api.on("GET /domains", answers(house.listed(neighbour, other)))
    api.on("POST /domains/check", house.checked("free"))
    assert gateway.look(house.NAME, Kind.REGISTER, call()).standing is Standing.FREE


def test_of_two_records_of_one_name_the_living_one_counts(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """An old failure of the same name does not hide that it is ours now."""
    old = house.details("FAI", id=1)
    house.has(api, house.details())
    api.on("GET /domains", answers(house.listed(old, house.details())))
    assert gateway.look(house.NAME, Kind.REGISTER, call()).ours is True
    assert api.told()[-1] == "GET /domains/#"


@pytest.mark.parametrize(
    ("status", "kind", "ours", "progress"),
    [
        ("REQ", Kind.REGISTER, True, {Kind.REGISTER: Progress.UNDER_WAY}),
        ("PEN", Kind.REGISTER, True, {Kind.REGISTER: Progress.DOCUMENTS_REQUIRED}),
        ("REQ", Kind.TRANSFER, None, {Kind.TRANSFER: Progress.UNDER_WAY}),
        ("PEN", Kind.TRANSFER, None, {Kind.TRANSFER: Progress.DOCUMENTS_REQUIRED}),
        ("SCH", Kind.TRANSFER, None, {Kind.TRANSFER: Progress.UNDER_WAY}),
        ("SCH", Kind.REGISTER, None, {Kind.TRANSFER: Progress.UNDER_WAY}),
        ("REQ", Kind.RESTORE, True, {Kind.REGISTER: Progress.UNDER_WAY}),
        ("RRQ", Kind.RESTORE, True, {Kind.RESTORE: Progress.UNDER_WAY}),
        ("ACT", Kind.TRANSFER, True, {}),
        ("ACT", Kind.RESTORE, True, {}),
    ],
)
def test_each_status_is_read_for_the_order_that_asks(  # noqa: PLR0917 - one column of the table each
    gateway: Gateway,
    api: ScriptedApi,
    call: Calls,
    status: str,
    kind: Kind,
    ours: bool | None,
    progress: dict[Kind, Progress],
) -> None:
    """What is under way, waits for the customer, or is done, is told of the order that it belongs to."""
    house.has(api, house.details(status))
    sighting = gateway.look(house.NAME, kind, call())
    assert (sighting.standing, sighting.ours, sighting.progress) == (Standing.REGISTERED, ours, progress)


@pytest.mark.parametrize(
    ("check", "standing", "ours"),
    [("free", Standing.FREE, None), ("active", Standing.REGISTERED, False)],
)
@pytest.mark.parametrize("kind", [Kind.REGISTER, Kind.TRANSFER])
def test_a_failed_request_is_told_as_rejected(  # noqa: PLR0917 - fixtures and a table
    gateway: Gateway,
    api: ScriptedApi,
    call: Calls,
    kind: Kind,
    check: str,
    standing: Standing,
    ours: bool | None,
) -> None:
    """A request that failed after days is told as rejected, with its reason, and whose the name is now."""
    house.has(
        api, house.details("FAI", api_history=[{"cmd": "create", "out": '{"code": 366, "desc": "refused"}'}])
    )
    api.on("POST /domains/check", house.checked(check))
    sighting = gateway.look(house.NAME, kind, call())
    assert sighting.progress == {kind: Progress.REJECTED}
    assert (sighting.standing, sighting.ours) == (standing, ours)
    assert sighting.reason == "Openprovider says that the request failed: 366 refused"
    assert (sighting.transfer_asked_at is not None) == (kind is Kind.TRANSFER)
    assert api.asked("GET /domains/#")[0].query == {"with_api_history": "true"}


@pytest.mark.parametrize(
    "out", [None, 7, "", "<xml>Planted Person</xml>", "x" * 300, '{"name": "Planted Person"}']
)
def test_a_history_that_cannot_be_read_is_not_quoted(
    gateway: Gateway, api: ScriptedApi, call: Calls, out: Any
) -> None:
    """What an operation was answered in may tell of people, and is not repeated."""
    house.has(api, house.details("FAI", api_history=[{"cmd": "create", "out": out}]))
    api.on("POST /domains/check", house.checked("free"))
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    assert sighting.reason == "Openprovider says that the request failed: it gives no reason"


def test_a_deleted_name_can_be_restored_until_its_day(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """A deleted name is ours to restore until its quarantine ends; after it the registry says whose it is."""
    house.has(api, house.details("DEL", restorable_until=LATER))
    sighting = gateway.look(house.NAME, Kind.RESTORE, call())
    assert (sighting.standing, sighting.ours, sighting.restorable) == (Standing.REGISTERED, True, True)
    house.has(api, house.details("DEL", restorable_until=EARLIER))
    api.on("POST /domains/check", house.checked("free"))
    assert gateway.look(house.NAME, Kind.RESTORE, call()).standing is Standing.FREE


def test_a_name_transferred_away_is_somebody_elses(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A name that left us is told as registered with another."""
    house.has(api, house.details("TRAN"))
    api.on("POST /domains/check", house.checked("active"))
    sighting = gateway.look(house.NAME, Kind.TRANSFER, call())
    assert (sighting.standing, sighting.ours) == (Standing.REGISTERED, False)


@pytest.mark.parametrize(
    ("word", "standing", "ours"),
    [
        ("free", Standing.FREE, None),
        ("active", Standing.REGISTERED, False),
        ("reserved", Standing.FREE, None),
        ("error", Standing.UNKNOWN, None),
        ("", Standing.UNKNOWN, None),
    ],
)
def test_only_a_word_for_it_makes_a_name_free(  # noqa: PLR0917 - fixtures and a table
    gateway: Gateway, api: ScriptedApi, call: Calls, word: str, standing: Standing, ours: bool | None
) -> None:
    """A name that we do not hold is free only when the check says so in so many words."""
    house.has_not(api, word, "why")
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    assert (sighting.standing, sighting.ours) == (standing, ours)


@pytest.mark.parametrize(
    ("route", "data"),
    [
        ("GET /domains", {"results": "none", "total": 0}),
        ("GET /domains", {"results": [{"id": 1}], "total": 900}),
        ("GET /domains", {"results": [house.details(id="4711")], "total": 1}),
        ("GET /domains", {"results": [{**house.details(), "status": None}], "total": 1}),
        ("GET /domains", {"total": 3}),
        ("GET /domains/#", house.details(id=4712)),
        ("GET /domains/#", house.details(domain={"name": "other", "extension": "com"})),
        ("GET /domains/#", house.details("XXX")),
        ("GET /domains/#", house.details(name_servers=[{"seq_nr": 1}])),
        ("GET /domains/#", []),
    ],
)
def test_an_answer_that_does_not_fit_tells_nothing(
    gateway: Gateway, api: ScriptedApi, call: Calls, route: str, data: Any
) -> None:
    """An answer of another name, or one that makes no sense, is no sighting."""
    house.has(api, house.details())
    api.on(route, answers(data))
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    assert sighting.standing is Standing.UNKNOWN
    assert sighting.reason


def test_a_check_of_another_name_tells_nothing(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A check that answers for a neighbour says nothing of the name."""
    house.has_not(api)
    api.on("POST /domains/check", answers({"results": [{"domain": "example.net", "status": "free"}]}))
    assert gateway.look(house.NAME, Kind.REGISTER, call()).standing is Standing.UNKNOWN


def test_a_name_that_openprovider_will_not_hear_of_is_staffs(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """An extension that is not offered leaves the order to staff; asking again is no use."""
    house.has_not(api)
    api.on("POST /domains/check", refuses(307, "not offered"))
    assert gateway.look(house.NAME, Kind.REGISTER, call()).blocked is BlockCause.REQUEST


def test_a_look_under_maintenance_says_when_to_look_again(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """While Openprovider is closed a look tells nothing, and when to come back."""
    api.on("GET /domains", refuses(4005, "maintenance", maintenance=True))
    sighting = gateway.look(house.NAME, Kind.REGISTER, call())
    assert (sighting.standing, sighting.retry_after) == (Standing.UNKNOWN, 60)


def test_a_look_for_a_renewal_tells_the_charges_for_it(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """Where nothing guards a renewal, its look tells which renewals of this name were charged and not given back."""
    house.has(api, house.details())
    lines = (
        house.transaction("RENEW", "2025-01-01 10:00:00"),
        house.transaction("NEW"),
        house.transaction("RENEW", subject="my-example.com"),
        house.transaction("RENEW", amount=-9.5),
        house.transaction("RENEW"),
        house.transaction("RENEW"),
    )
    api.on("GET /transactions", house.money_log(*lines))
    charges = gateway.look(house.NAME, Kind.RENEW, call()).charges
    assert charges is not None
    assert len(charges) == 2
    (asked,) = api.asked("GET /transactions")
    assert asked.query["filter_for_subject"] == "example.com"


def test_a_look_whose_charges_cannot_be_read_tells_nothing_at_all(
    gateway: Gateway, api: ScriptedApi, call: Calls
) -> None:
    """Without the transactions a renewal's look could show an absence that is none; so it shows nothing."""
    house.has(api, house.details())
    for broken in (
        page(),
        refuses(999),
        house.money_log(house.transaction(), total=2),
        answers({"results": []}),
    ):
        api.on("GET /transactions", broken, answers({"results": [], "total": 2}))
        sighting = gateway.look(house.NAME, Kind.RENEW, call())
        assert (sighting.standing, sighting.charges) == (Standing.UNKNOWN, None)


def test_a_renewal_under_way_is_told_as_such(gateway: Gateway, api: ScriptedApi, call: Calls) -> None:
    """A name that has a date and is requested again is being renewed."""
    house.has(api, house.details("REQ"))
    api.on("GET /transactions", house.money_log())
    sighting = gateway.look(house.NAME, Kind.RENEW, call())
    assert (sighting.progress, sighting.charges) == ({Kind.RENEW: Progress.UNDER_WAY}, frozenset())
