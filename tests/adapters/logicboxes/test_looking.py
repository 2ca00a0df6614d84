"""What a look shows of a name at LogicBoxes, and what it never claims."""

from datetime import UTC, datetime
from typing import Any

import pytest

from registrar.commands import ContactRole, Kind
from registrar.gateway import Gateway, Progress, Sighting, Standing
from registrar.outcomes import BlockCause
from tests.adapters.logicboxes.conftest import HOUSE, NOW, Calls
from tests.adapters.logicboxes.scripted import Script, ScriptedRegistrar, answers, closes, fails, says
from tests.adapters.logicboxes.words import NAME, ORDER, absent, available, details, expiry, running
from tests.adapters.scripted_https import http

KINDS = (Kind.REGISTER, Kind.RENEW, Kind.TRANSFER, Kind.RESTORE)
TYPES = {
    Kind.REGISTER: "AddNewDomain",
    Kind.RENEW: "RenewDomain",
    Kind.TRANSFER: "AddTransferDomain",
    Kind.RESTORE: "RestoreDomain",
}


@pytest.fixture
def look(gateway: Gateway, registrar: ScriptedRegistrar, call: Calls) -> Any:
    """Look at the name against these answers."""

    def at(*scripts: Script, kind: Kind = Kind.RENEW) -> Sighting:
        registrar.scripts += scripts
        return gateway.look(NAME, kind, call())

    return at


def test_an_active_name_of_ours_is_seen_whole(look: Any) -> None:
    """Of a name of ours a look tells the order, both dates in the registrar's own text, the hosts and the people's ids."""
    seen = look(answers(details(orderstatus=["transferlock"], domainstatus=["sixtydaylock"])))
    assert (seen.standing, seen.ours, seen.seen_at) == (Standing.REGISTERED, True, NOW)
    assert seen.source == "logicboxes:lb"
    assert (seen.registry_id, seen.expiry) == (ORDER, expiry())
    assert seen.created_at is not None
    assert seen.nameservers == ("ns1.example.net", "ns2.example.net")
    assert seen.contacts[ContactRole.REGISTRANT] == "1001"
    assert seen.statuses == {"clientTransferProhibited", "sixtydaylock"}
    assert (dict(seen.progress), seen.blocked, seen.restorable) == ({}, None, False)


@pytest.mark.parametrize(
    ("told", "auto_renews"),
    [("true", True), ("false", False), (True, True), (False, False), (None, None), ("t", None)],
)
def test_the_automatic_renewal_is_told(told: object, auto_renews: bool | None, look: Any) -> None:
    """A name says whether it is *recurring*, as a text or as a truth; any other word leaves it unknown."""
    assert look(answers(details(recurring=told))).auto_renews is auto_renews


def test_a_name_of_another_customer_is_not_ours(look: Any) -> None:
    """A name that belongs to another customer of the account is not one that this house may renew."""
    seen = look(answers(details(customerid="1")))
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, False)


def test_ten_name_servers_stay_in_their_order(look: Any) -> None:
    """The tenth name server comes after the ninth, and not after the first."""
    hosts = {f"ns{number}": f"NS{number}.Example.NET." for number in range(1, 12)}
    seen = look(answers(details(**hosts)))
    assert seen.nameservers == tuple(f"ns{number}.example.net" for number in range(1, 12))


@pytest.mark.parametrize("missing", [absent(), fails("No Entity found for Entityid: 1", word="error")])
def test_a_name_is_free_only_if_the_registrar_says_so(missing: Script, look: Any) -> None:
    """A name that is not in our account is free if the availability says it in its own word."""
    assert look(missing, available()).standing is Standing.FREE


@pytest.mark.parametrize("state", ["Deleted", "Archived", "deleted"])
def test_an_order_that_is_over_tells_nothing_of_the_name(state: str, look: Any) -> None:
    """The remains of an old order do not make a name ours: the availability tells whether it is free."""
    assert look(answers(details(currentstatus=state)), available()).standing is Standing.FREE


@pytest.mark.parametrize(
    ("word", "standing", "ours"),
    [
        ("available", Standing.FREE, None),
        ("regthroughothers", Standing.REGISTERED, False),
        ("regthroughus", Standing.REGISTERED, None),
        ("unknown", Standing.UNKNOWN, None),
        ("a word that nobody listed", Standing.UNKNOWN, None),
    ],
)
def test_every_word_of_the_availability(word: str, standing: Standing, ours: bool | None, look: Any) -> None:
    """`unknown` is not free, and a name at this platform that we do not see may be one of ours all the same."""
    seen = look(absent(), available(word))
    assert (seen.standing, seen.ours) == (standing, ours)


NO_ANSWER: dict[str, Script] = {
    "another error": fails("Something went wrong"),
    "a bare word": answers("Success"),
    "another name's": answers(details(domainname="example.net")),
    "no order": answers(details(orderid=None)),
    "HTML": says(http(b"<html>Bad Gateway</html>", status="502 Bad Gateway", content_type="text/html")),
    "a page with HTTP 500": says(http(b"<html/>", status="500 Internal Server Error")),
    "empty": says(http(b"")),
    "cut": says(http(b'{"orderid": "84311819"')[:-5]),
    "silence": closes,
}


@pytest.mark.parametrize("script", NO_ANSWER.values(), ids=NO_ANSWER.keys())
def test_a_look_without_an_answer_proves_nothing(script: Script, look: Any) -> None:
    """A look that gets no answer never says that a name is free, nor anything else."""
    seen = look(script)
    assert (seen.standing, seen.ours, seen.expiry, seen.blocked) == (Standing.UNKNOWN, None, None, None)
    assert seen.reason


@pytest.mark.parametrize(
    "script",
    [*NO_ANSWER.values(), answers({}), answers({"example.net": {"status": "available"}}), available("")],
)
def test_an_availability_without_an_answer_proves_nothing(script: Script, look: Any) -> None:
    """A name that is missing from the answer is not free."""
    assert look(absent(), script).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    "script",
    [
        says(http(b"<html/>", status="403 Forbidden")),
        says(http(b'{"status":"ERROR","message":"no"}', status="401 Unauthorized")),
        fails("Access Denied: your address is not listed"),
        fails("You are not authorized to perform this action"),
    ],
)
def test_a_look_tells_that_our_key_is_refused(script: Script, look: Any) -> None:
    """Where our key or address is refused, the look says that the fault is ours."""
    seen = look(script)
    assert (seen.standing, seen.blocked) == (Standing.UNKNOWN, BlockCause.CREDENTIALS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "text", "progress", "blocked"),
    [
        ("PendingExecution", "", Progress.UNDER_WAY, None),
        ("ExecutionStarted", "", Progress.UNDER_WAY, None),
        ("InvoicePaid", "", Progress.UNDER_WAY, None),
        ("RFASent", "", Progress.UNDER_WAY, None),
        ("AdminApproved", "", Progress.UNDER_WAY, None),
        ("ANewWord", "", Progress.UNDER_WAY, None),
        ("Failed", "Order Locked In Processing", Progress.UNDER_WAY, BlockCause.DEPOSIT),
        ("InvoicePaid", "Order Locked for Processing", Progress.UNDER_WAY, BlockCause.DEPOSIT),
        ("Failed", "Insufficient funds", Progress.UNDER_WAY, BlockCause.DEPOSIT),
        ("Failed", "Something that nobody listed", Progress.UNDER_WAY, None),
        ("Failed", "Domain Status does not allow this operation", Progress.REJECTED, None),
        ("Cancelled", "", Progress.REJECTED, None),
    ],
)
def test_every_stage_of_an_order_is_seen(  # noqa: PLR0917 - a row of the table
    status: str, text: str, progress: Progress, blocked: BlockCause | None, kind: Kind, look: Any
) -> None:
    """What the registrar is doing for a name is seen as an order under way, and why it waits."""
    state = "InActive" if kind in {Kind.REGISTER, Kind.TRANSFER} else "Active"
    seen = look(answers(details(currentstatus=state, **running(TYPES[kind], status, text))), kind=kind)
    assert dict(seen.progress) == {kind: progress}
    perhaps_the_registry = kind in {Kind.TRANSFER, Kind.RESTORE} and "Locked" in text
    assert seen.blocked is (None if perhaps_the_registry else blocked)
    assert text in seen.reason


def test_an_action_that_nobody_listed_counts_as_the_order_asked_about(look: Any) -> None:
    """What cannot be told apart from our order is taken for it, so that it is not sent again over it."""
    state = details(currentstatus="Pending Delete Restorable", **running("RestoreFromRedemption", "RFASent"))
    assert dict(look(answers(state), kind=Kind.RESTORE).progress) == {Kind.RESTORE: Progress.UNDER_WAY}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", ["DelDomain", "ModContact", "ParkDomain", "PurchasePrivacyProtection"])
def test_what_is_no_order_is_no_progress(other: str, kind: Kind, look: Any) -> None:
    """A change of contacts under way is no renewal under way."""
    assert dict(look(answers(details(**running(other, "PendingExecution"))), kind=kind).progress) == {}


def test_a_registration_that_is_not_executed_is_ours_and_under_way(look: Any) -> None:
    """A name that is ordered and not there yet is seen as under way, even if no action is shown."""
    seen = look(answers(details(currentstatus="InActive", endtime=None)), kind=Kind.REGISTER)
    assert (seen.standing, seen.ours, seen.expiry) == (Standing.REGISTERED, True, None)
    assert dict(seen.progress) == {Kind.REGISTER: Progress.UNDER_WAY}


@pytest.mark.parametrize(
    "action",
    [{}, running("AddTransferDomain", "RFASent"), running("AddTransferDomain", "Success")],
    ids=["none", "under way", "done a moment ago"],
)
def test_a_transfer_on_its_way_has_not_made_the_name_ours(action: dict[str, str], look: Any) -> None:
    """A transfer is done when the name is active with us, and not when it is ordered."""
    seen = look(answers(details(currentstatus="InActive", **action)), kind=Kind.TRANSFER)
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, False)
    assert dict(seen.progress) == {Kind.TRANSFER: Progress.UNDER_WAY}


def test_a_finished_action_is_no_progress(look: Any) -> None:
    """A renewal that is done shows in the end date, and in nothing else."""
    assert dict(look(answers(details(**running("RenewDomain", "Success")))).progress) == {}


def test_a_restore_that_does_not_show_yet_is_approved(look: Any) -> None:
    """A restore that succeeded while the name is still in redemption is not sent again."""
    state = details(currentstatus="Pending Delete Restorable", **running("RestoreDomain", "Success"))
    assert dict(look(answers(state), kind=Kind.RESTORE).progress) == {Kind.RESTORE: Progress.APPROVED}


def test_redemption_is_seen(look: Any) -> None:
    """A name in redemption can be restored, and says so in the trade's words."""
    seen = look(answers(details(currentstatus="Pending Delete Restorable")))
    assert seen.restorable
    assert {"redemptionPeriod", "pendingDelete"} <= seen.statuses


def test_a_suspended_name_is_seen_out_of_the_zone(look: Any) -> None:
    """A suspension is a hold, and no expiry."""
    seen = look(answers(details(currentstatus="Suspended", orderstatus=["resellersuspend"])))
    assert "clientHold" in seen.statuses
    assert seen.expiry == expiry()


def test_a_moment_that_is_none_is_not_guessed(look: Any) -> None:
    """An end that is 0, or no number, is no date."""
    for text in ("0", "", "tomorrow", "99999999999999999999"):
        assert look(answers(details(endtime=text))).expiry is None


def test_numbers_need_not_be_text(look: Any) -> None:
    """An answer whose numbers are numbers is the same answer."""
    seen = look(answers(details(orderid=int(ORDER), customerid=int(HOUSE), endtime=int(expiry().text))))
    assert (seen.ours, seen.expiry, seen.registry_id) == (True, expiry(), ORDER)


def finished(
    status: str, *, added: str = "1795000000", title: str = "Transfer of example.com"
) -> dict[str, str]:
    """Return a row of the transfers that are over."""
    return {
        "entityid": ORDER,
        "eaqid": "514000009",
        "actiontype": "AddTransferDomain",
        "actiontypedesc": title,
        "actionadded": added,
        "actionstatus": status,
        "actionstatusdesc": "Losing registrar said no",
    }


def rows(*found: dict[str, str]) -> Script:
    """Answer a search of actions."""
    numbered = {str(number): row for number, row in enumerate(found, start=1)}
    return answers({"recsonpage": str(len(found)), "recsindb": str(len(found)), **numbered})


@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
def test_a_transfer_that_failed_is_found_among_what_is_over(
    status: str, look: Any, registrar: ScriptedRegistrar
) -> None:
    """A failed transfer leaves no order behind: the list of what is over tells it, with the time it was asked for."""
    older, newer = (
        finished("Success", added="1790000000"),
        finished(status, title="transfer of EXAMPLE.COM for 1 year"),
    )
    others = [finished("Success", added="1799000000", title=f"Transfer of {name}") for name in NEARLY]
    seen = look(absent(), available("regthroughothers"), rows(older, newer, *others), kind=Kind.TRANSFER)
    assert (seen.standing, seen.ours) == (Standing.REGISTERED, False)
    assert dict(seen.progress) == {Kind.TRANSFER: Progress.REJECTED}
    assert seen.transfer_asked_at == datetime.fromtimestamp(1_795_000_000, UTC)
    assert "Losing registrar" in seen.reason
    assert registrar.commands[-1] == "GET actions/search-archived"


NEARLY = ("an-example.com", "www.example.com", "example.com.br", "example.community", "example.com-net.org")
NOTHING_OVER: list[Script] = [
    rows(),
    rows(*(finished("Failed", title=f"Transfer of {name}") for name in NEARLY)),
    rows(finished("Success")),
    rows(finished("Failed"), finished("Success", added="1799000000")),
    rows(finished("Failed", added="0")),
    fails("nobody listed this"),
    answers("Success"),
    closes,
]


@pytest.mark.parametrize("over", NOTHING_OVER)
def test_no_transfer_is_called_failed_without_its_row(over: Script, look: Any) -> None:
    """Another name's row, an older one, one without its time, or no list at all: nothing is said of our transfer."""
    seen = look(absent(), available("regthroughothers"), over, kind=Kind.TRANSFER)
    assert (seen.standing, seen.ours, dict(seen.progress)) == (Standing.REGISTERED, False, {})
