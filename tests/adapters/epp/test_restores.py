"""A name comes back from redemption: at a registry that wants a report and at one that does not, and when answers are lost."""

import pytest

from adapters.registrars.epp.outcomes import outcome_of
from adapters.registrars.epp.reading import parse, read_response
from registrar.commands import Kind, Restore
from registrar.gateway import Progress, Standing
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Done,
    Outcome,
    Pending,
    RefusalReason,
    Refused,
    Reply,
    Unknown,
)
from tests.adapters.epp.calls import NAME, call_with
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.house import ENDS, House
from tests.adapters.epp.scripted import Peer, framed, greeting, response

RESTORE = Restore(NAME, 0)
REPLY = Reply(result_code="…")
REPORTED = "domain:restore:report"


def test_a_deleted_name_is_seen_in_redemption_and_restored(house: House) -> None:
    """A customer's deleted name is shown as restorable, restored for one charge, and runs to the day it ran to before."""
    house.ready_for(Kind.RESTORE)
    gateway, call = house.gateway(), call_with()
    before = gateway.look(NAME, Kind.RESTORE, call_with())
    assert (before.restorable, before.progress) == (True, {})
    outcome = gateway.execute(RESTORE, call)
    assert isinstance(outcome, Done)
    assert outcome.expiry
    assert outcome.expiry.at == ENDS
    assert house.spent() == [(call.client_transaction_id, "restore")]
    after = gateway.look(NAME, Kind.RESTORE, call_with())
    assert (after.restorable, after.progress, "pendingDelete" in after.statuses) == (False, {}, False)
    assert len(house.journal(REPORTED)) == house.dialect.restore_report


@pytest.mark.parametrize("loss", ["drop_request", "drop_reply", "cut", "html", "garbage"])
def test_a_lost_report_leaves_the_restore_pending_until_a_look_sends_it_again(
    house: House, loss: str
) -> None:
    """When the report's answer is lost the restore is followed, and the next look sends the report once more."""
    house.ready_for(Kind.RESTORE)
    house.books.misbehave(loss, command=REPORTED)
    gateway = house.gateway()
    outcome = gateway.execute(RESTORE, call_with())
    if not house.dialect.restore_report:
        assert isinstance(outcome, Done)
        return
    assert isinstance(outcome, Pending)
    assert "could not be followed up" in outcome.reply.text
    seen = gateway.look(NAME, Kind.RESTORE, call_with())
    assert (seen.standing, seen.restorable, seen.progress) == (Standing.REGISTERED, False, {})
    assert len(house.spent()) == 1


def test_a_refused_report_is_told(house: House) -> None:
    """When a registry refuses the report, staff read why, and the restore stays under way."""
    house.ready_for(Kind.RESTORE)
    house.books.misbehave("refuse", command=REPORTED, argument="2003 no such reason")
    outcome = house.gateway().execute(RESTORE, call_with())
    if not house.dialect.restore_report:
        assert isinstance(outcome, Done)
        return
    assert isinstance(outcome, Pending)
    assert "the restore report was answered with 2003" in outcome.reply.text


def test_a_restore_that_the_registry_decides_later_is_under_way(house: House) -> None:
    """A restore that waits for the registry is under way, and only a look for another order leaves its report alone."""
    house.ready_for(Kind.RESTORE)
    house.books.misbehave("pending", command="domain:restore")
    house.books.misbehave("refuse", command=REPORTED, argument="2304", times=3)
    gateway = house.gateway()
    assert isinstance(gateway.execute(RESTORE, call_with()), Pending)
    assert gateway.look(NAME, Kind.RENEW, call_with()).progress == {Kind.RESTORE: Progress.UNDER_WAY}
    reports = len(house.journal(REPORTED))
    gateway.look(NAME, Kind.RENEW, call_with())
    assert len(house.journal(REPORTED)) == reports


def test_a_name_past_saving_is_seen_to_be_so(house: House) -> None:
    """A name whose redemption is over is not offered for restoring, and a restore of it is refused."""
    house.books.add_domain(
        NAME.ascii, expires_at=ENDS, statuses=["pendingDelete"], detail={"rgp": "pendingDelete"}
    )
    gateway = house.gateway()
    seen = gateway.look(NAME, Kind.RESTORE, call_with())
    assert (seen.restorable, seen.progress) == (False, {Kind.RESTORE: Progress.REJECTED})
    outcome = gateway.execute(RESTORE, call_with())
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.confirm) == (RefusalReason.NOT_RESTORABLE, True)
    assert house.spent() == []


def test_the_report_holds_the_registration_and_both_statements(house: House) -> None:
    """The report tells which name came back and why, makes both statements, and names no person."""
    house.ready_for(Kind.RESTORE)
    reason = "The registrant forgot to renew."
    outcome = house.gateway(restore_reason=reason).execute(RESTORE, call_with())
    assert isinstance(outcome, Done)
    codes = [code for _, code in house.journal(REPORTED)]
    assert codes == ([1000] if house.dialect.restore_report else [])


def test_a_registry_that_still_shows_the_old_state_is_followed(connect: Connect) -> None:
    """A restore is done only when the registry shows the name out of redemption."""
    info = (
        "<domain:infData><domain:name>example.test</domain:name><domain:roid>D-1</domain:roid>"
        '<domain:status s="pendingDelete"/><domain:clID>reseller-1</domain:clID></domain:infData>'
    )
    grace = '<rgp:infData><rgp:rgpStatus s="redemptionPeriod"/></rgp:infData>'

    def script(peer: Peer) -> None:
        peer.send(framed(greeting()))
        while True:
            request = peer.read()
            shown = {"data": info, "extension": grace} if "domain:info" in request else {}
            peer.answer(request, 1000, **shown)

    gateway, registry = connect(script)
    assert isinstance(gateway.execute(RESTORE, call_with()), Pending)
    assert len(registry.commands("rgp:restore")) == 1


def test_without_redemption_nothing_is_restored(connect: Connect) -> None:
    """A registry that has no redemption is asked for no restore."""
    gateway, registry = connect(lambda peer: peer.greet(), redemption=False)
    outcome = gateway.execute(RESTORE, call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.REQUEST
    assert registry.connections == 0


def refused(reason: RefusalReason) -> Refused:
    return Refused(REPLY, reason, confirm=True)


CODES: list[tuple[int, Outcome | type[Unknown]]] = [
    (1000, Pending(REPLY)),
    (1001, Pending(REPLY)),
    (1300, Unknown),
    *[(code, Blocked(REPLY, BlockCause.REQUEST)) for code in (2000, 2001, 2002, 2003, 2004, 2005, 2306)],
    *[(code, Blocked(REPLY, BlockCause.REQUEST)) for code in (2100, 2101, 2102, 2103, 2307)],
    (2104, Blocked(REPLY, BlockCause.DEPOSIT)),
    (2200, Blocked(REPLY, BlockCause.CREDENTIALS)),
    (2501, Blocked(REPLY, BlockCause.CREDENTIALS)),
    (2201, refused(RefusalReason.NOT_OURS)),
    (2303, refused(RefusalReason.NOT_REGISTERED)),
    (2304, refused(RefusalReason.NOT_RESTORABLE)),
    (2308, refused(RefusalReason.POLICY)),
    *[(code, Unknown) for code in (2105, 2106, 2202, 2300, 2301, 2302, 2305, 2400, 2500, 2502)],
]


@pytest.mark.parametrize(("code", "expected"), CODES, ids=[str(code) for code, _ in CODES])
def test_every_code_has_one_meaning_for_a_restore(code: int, expected: Outcome | type[Unknown]) -> None:
    """A restore ends in exactly one way for each answer, and in doubt where the answer fits none."""
    outcome = outcome_of(RESTORE, read_response(parse(response(code, transaction_id="T").encode())), REPLY)
    assert isinstance(outcome, Unknown) if expected is Unknown else outcome == expected
