"""Is a claimed name blocked in time, kept so, and given back exactly as it was? Told with dates, on both databases (D9)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registrar.agreement.disputing import By, Evidence, Procedure, Ruling
from registrar.agreement.rules import Authorities, BlockMode, Rules
from registrar.claims import acts, history, take_due
from registrar.claims.states import CarriedBy, Lock
from registrar.commands import Kind
from registrar.gateway import Capabilities
from registrar.orders.by_hand import ActRefusedError, ByHand
from registrar.orders.states import State
from registrar.outcomes import RefusalReason
from registrar.statuses import REGISTRAR_LOCK, Status
from tests.agreement.claims_story import ANSWERS, Dispute, opened_dispute, unseen
from tests.core.far_side import LOST_REPLY, LOST_REQUEST, Act, refuse

LOCK = sorted(REGISTRAR_LOCK)
HOLD = Status.CLIENT_HOLD
DAY = timedelta(days=1)
NO_LOCK = replace(ANSWERS, updates=frozenset(), statuses=frozenset())


@pytest.fixture
def dispute(database_url: str) -> Iterator[Dispute]:
    """Give a name that somebody may claim; it is Sunday, 1 March 2026, 08:00 UTC."""
    with opened_dispute(database_url) as opened:
        yield opened


def refused(deed: object) -> str:
    """Return the code with which an act is refused."""
    assert callable(deed)
    with pytest.raises(ActRefusedError) as error:
        deed()
    return error.value.code


# --- the life of a claim ---


def test_an_assertion_alone_changes_nothing(dispute: Dispute) -> None:
    """A letter that claims a name freezes nothing: it is recorded, and the name stays as it is."""
    dispute.asserted()
    dispute.run()
    assert (dispute.row.state, dispute.row.lock, dispute.locked) == ("asserted", Lock.NONE, False)
    assert (dispute.own_orders(), dispute.alarms()) == ([], set())


def test_a_udrp_claim_locks_the_name_when_it_proceeds(dispute: Dispute) -> None:
    """From the provider's request on the name is locked at the registrar, and a look has shown it."""
    dispute.proceeding()
    assert dispute.row.lock == Lock.WANTED
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.locked) == (Lock.LOCKED, True)
    assert dispute.row.verified_at > dispute.row.asserted_at
    assert dispute.own_orders() == [("lock", "completed")]
    assert dispute.alarms() == set()
    dispute.agrees()


def test_a_court_case_locks_at_the_latest_when_it_is_upheld(dispute: Dispute) -> None:
    """A procedure that does not demand the lock at once gets it with the decision."""
    dispute.proceeding(Procedure.COURT)
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.locked) == (Lock.NONE, False)
    dispute.upheld()
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.locked) == (Lock.LOCKED, True)


def test_staff_may_ask_for_the_lock_where_the_procedure_does_not(dispute: Dispute) -> None:
    """A court's order to keep the name is followed before there is a decision."""
    dispute.proceeding(Procedure.COURT, lock=True)
    dispute.run(days=1)
    assert dispute.locked


def test_the_deadline_counts_business_days_from_the_request(dispute: Dispute) -> None:
    """Two business days after the provider asked, not after we heard of it."""
    dispute.clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    dispute.proceeding(requested_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    early = dispute.row.lock_by
    assert timedelta(days=2) <= early - datetime(2026, 3, 2, 9, tzinfo=UTC) <= timedelta(days=5)
    assert dispute.proven()["events"][-1]["requested_at"] == "2026-03-02T09:00:00+00:00"
    assert (
        refused(lambda: dispute.do(acts.proceed, rules=dispute.rules, requested_at=dispute.now)) == "not_now"
    )


def test_a_claim_is_not_upheld_without_the_confirmations(dispute: Dispute) -> None:
    """The company and the authority must both have confirmed it, each with an office and a document."""
    dispute.proceeding()

    def uphold() -> object:
        return dispute.do(acts.uphold, ruling=Ruling.TRANSFER, rules=dispute.rules)

    assert refused(uphold) == "confirmation_missing"
    dispute.confirmed(By.COMPANY)
    assert refused(uphold) == "confirmation_missing"
    dispute.confirmed(By.IRANIAN)
    uphold()
    [company, authority] = dispute.proven()["confirmations"]
    assert (company["by"], company["who"], company["evidence"]) == (
        "company",
        "the company office",
        "doc-company",
    )
    assert datetime.fromisoformat(authority["at"]) == dispute.now
    dispute.agrees()


def test_where_both_authorities_are_asked_for_one_is_not_enough(database_url: str) -> None:
    """With `authorities = both` the Iranian and the international one must confirm."""

    def both(rules: Rules) -> Rules:
        return replace(rules, claims=replace(rules.claims, authorities=Authorities.BOTH))

    with opened_dispute(database_url, change_rules=both) as dispute:
        dispute.proceeding()
        dispute.confirmed(By.COMPANY, By.INTERNATIONAL)
        assert (
            refused(lambda: dispute.do(acts.uphold, ruling=Ruling.TRANSFER, rules=dispute.rules))
            == "confirmation_missing"
        )
        dispute.confirmed(By.IRANIAN)
        dispute.do(acts.uphold, ruling=Ruling.TRANSFER, rules=dispute.rules)
        assert dispute.row.state == "upheld"


def test_a_confirmation_counts_once_and_names_no_person(dispute: Dispute) -> None:
    """The same office confirms once; an address of a person is not kept as evidence (D10)."""
    dispute.proceeding()
    dispute.confirmed(By.COMPANY)
    assert refused(lambda: dispute.confirmed(By.COMPANY)) == "confirmation_known"
    for evidence in (
        Evidence("somebody@example.net", "1"),
        Evidence("an office", " "),
        Evidence("a" * 129, "1"),
    ):
        assert (
            refused(lambda evidence=evidence: dispute.do(acts.confirm, by=By.IRANIAN, evidence=evidence))
            == "reference_invalid"
        )


def test_one_claim_is_recorded_once(dispute: Dispute) -> None:
    """The same case about the same name is one claim; another case is another."""
    first = dispute.asserted()
    assert refused(dispute.asserted) == "claim_known"
    assert dispute.asserted(reference="D2026-0002") > first


def test_every_act_has_a_ticket_and_a_place_to_start_from(dispute: Dispute) -> None:
    """Nothing is recorded without a ticket, and a claim goes no way that there is not (C1)."""
    dispute.asserted()
    with pytest.raises(ActRefusedError, match="ticket"):
        ByHand("staff:sara", " ", dispute.now)
    court = {"document": "filing-1"}
    assert refused(lambda: dispute.do(acts.uphold, ruling=Ruling.CANCEL, rules=dispute.rules)) == "not_now"
    assert refused(lambda: dispute.do(acts.file_in_court, **court)) == "not_now"
    assert refused(lambda: dispute.do(acts.end_court, **court)) == "not_now"
    assert refused(lambda: dispute.do(acts.close, **court)) == "not_now"
    assert refused(lambda: dispute.ruled(CarriedBy.HAND)) == "not_now"
    dispute.claim_id = 99
    assert refused(dispute.dismissed) == "claim_unknown"


# --- the release ---


def test_a_dismissal_gives_back_exactly_what_was_there(dispute: Dispute) -> None:
    """What the name had before stays: only the claim's own lock comes off, and then the claim is closed."""
    before = {Status.CLIENT_TRANSFER_PROHIBITED, HOLD}
    dispute.far.set_statuses("mina.test", *before)
    dispute.proceeding()
    dispute.run(days=1)
    assert dispute.far.statuses("mina.test") == {*LOCK, HOLD}
    assert dispute.row.prior_statuses == sorted(before)
    dispute.dismissed()
    dispute.run(days=1)
    assert dispute.far.statuses("mina.test") == before
    assert (dispute.row.state, dispute.row.lock, dispute.alarms()) == ("closed", Lock.RELEASED, set())
    assert dispute.row.due_at is None
    dispute.agrees()


def test_a_name_that_takes_no_updates_is_locked_and_freed_all_the_same(dispute: Dispute) -> None:
    """Where updates were prohibited before, that is lifted for a moment and put back, before and after the claim."""
    dispute.far.set_statuses("mina.test", Status.CLIENT_UPDATE_PROHIBITED)
    dispute.proceeding()
    dispute.run(days=1)
    assert dispute.locked
    assert [kind for kind, _ in dispute.own_orders()] == ["unlock", "lock"]
    assert dispute.row.prior_statuses == [Status.CLIENT_UPDATE_PROHIBITED]
    dispute.dismissed()
    dispute.run(days=1)
    assert dispute.far.statuses("mina.test") == {Status.CLIENT_UPDATE_PROHIBITED}
    assert dispute.row.state == "closed"


def test_a_lock_that_was_whole_before_stays_whole(dispute: Dispute) -> None:
    """A name that its holder had locked already needs no order, and is locked still when the claim is dismissed."""
    dispute.far.set_statuses("mina.test", *LOCK)
    dispute.proceeding()
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.own_orders()) == (Lock.LOCKED, [])
    dispute.dismissed()
    dispute.run(days=1)
    assert (dispute.row.state, dispute.locked, dispute.own_orders()) == ("closed", True, [])


def test_the_release_of_one_claim_leaves_the_lock_of_another(dispute: Dispute) -> None:
    """Two claims, one lock: it stays while either wants it, and comes off whole with the second, however they end."""
    first = dispute.proceeding()
    dispute.run(days=1)
    second = dispute.asserted(reference="D2026-0002")
    dispute.do(acts.proceed, rules=dispute.rules)
    dispute.run(days=1)
    dispute.claim_id = first
    dispute.dismissed()
    dispute.run(days=1)
    assert (dispute.row.state, dispute.locked) == ("closed", True)
    dispute.claim_id = second
    assert (dispute.row.lock, dispute.row.prior_statuses) == (Lock.LOCKED, [])
    dispute.dismissed()
    dispute.run(days=1)
    assert (dispute.row.state, set(dispute.far.statuses("mina.test"))) == ("closed", set())
    dispute.agrees()


def test_a_claim_that_never_locked_is_closed_at_once(dispute: Dispute) -> None:
    """A dismissed claim without a lock of its own takes nothing off."""
    dispute.far.set_statuses("mina.test", *LOCK)
    dispute.asserted()
    dispute.dismissed()
    dispute.run(days=1)
    assert (dispute.row.state, dispute.locked, dispute.own_orders()) == ("closed", True, [])


def test_a_lock_that_was_never_sent_is_withdrawn_with_its_claim(dispute: Dispute) -> None:
    """Dismissed while the registrar was on hold: the lock that waited is cancelled, and nothing is ever sent."""
    dispute.hold()
    dispute.proceeding()
    dispute.run(days=0.5)
    dispute.dismissed()
    dispute.hold(on=False)
    dispute.run(days=1)
    assert dispute.own_orders() == [("lock", "cancelled")]
    assert (dispute.row.state, dispute.far.received) == ("closed", [])


def test_a_lock_whose_answer_was_lost_is_taken_off_with_its_claim(dispute: Dispute) -> None:
    """A lock that nobody knew of, and that was done, does not stay on after the dismissal."""
    dispute.far.plan.append(LOST_REPLY)
    dispute.proceeding()
    dispute.watch()
    assert dispute.own_orders() == [("lock", "unresolved")]
    dispute.dismissed()
    dispute.run(days=1)
    assert (dispute.row.state, set(dispute.far.statuses("mina.test"))) == ("closed", set())


def test_a_release_that_hangs_is_told_before_its_deadline(dispute: Dispute) -> None:
    """Within one business day after the dismissal the lock must be off; while it waits, staff hear why and by when."""
    dispute.proceeding()
    dispute.run(days=1)
    dispute.hold()
    dispute.dismissed()
    dispute.run(days=0.1)
    dispute.later(days=2)
    assert dispute.alarms() == {"claim_lock_waits", "claim_release_late"}
    dispute.hold(on=False)
    dispute.run(days=1)
    assert (dispute.row.state, dispute.alarms(), dispute.locked) == ("closed", set(), False)


# --- the block ---


def test_a_ruling_may_take_the_name_out_of_the_dns(dispute: Dispute) -> None:
    """`hold` adds the hold to the lock that is there, and a later release takes off both."""
    dispute.proceeding()
    dispute.run(days=1)
    dispute.upheld(Ruling.NONE, block_mode=BlockMode.HOLD)
    assert dispute.row.lock == Lock.WANTED
    dispute.run(days=1)
    assert dispute.far.statuses("mina.test") == {*LOCK, HOLD}
    dispute.dismissed()
    dispute.run(days=1)
    assert set(dispute.far.statuses("mina.test")) == set()


def test_a_registrar_without_a_hold_locks_what_it_can_and_says_so(database_url: str) -> None:
    """Where there is no hold, the name is locked, and staff hear that it stays in the DNS."""
    without = replace(ANSWERS, statuses=REGISTRAR_LOCK)
    with opened_dispute(database_url, capabilities=without) as dispute:
        dispute.proceeding()
        dispute.upheld(Ruling.NONE, block_mode=BlockMode.HOLD)
        dispute.run(days=1)
        assert (dispute.row.lock, dispute.alarms()) == (Lock.LOCKED, {"claim_lock_impossible"})


@pytest.mark.parametrize("capabilities", [NO_LOCK, replace(ANSWERS, can_look=False)])
def test_a_registrar_without_a_lock_says_so_and_our_gate_holds(
    database_url: str, capabilities: Capabilities
) -> None:
    """At .ir there is no lock, or none is shown: the state says so, staff hear it, and our own gate keeps orders waiting."""
    with opened_dispute(database_url, capabilities=capabilities) as dispute:
        dispute.proceeding()
        change = dispute.shop.place(Kind.CHANGE_HOLDER)
        dispute.run(days=2)
        assert (dispute.row.lock, dispute.own_orders()) == (Lock.CANNOT, [])
        assert dispute.alarms() == {"claim_lock_impossible"}
        assert dispute.shop.state(change) is State.PLACED
        dispute.dismissed()
        dispute.run(days=0.01)
        assert (dispute.row.state, dispute.alarms()) == ("closed", set())
        assert dispute.shop.state(change) is (State.COMPLETED if capabilities is NO_LOCK else State.HELD)


def test_a_lock_that_the_registrar_refuses_is_told_and_tried_again(dispute: Dispute) -> None:
    """A refused lock is an alarm, and is ordered again until the name is locked."""
    dispute.far.plan.extend([refuse(RefusalReason.POLICY), refuse(RefusalReason.POLICY)])
    dispute.proceeding()
    dispute.run(days=0.2)
    assert (dispute.row.lock, dispute.alarms()) == (Lock.WANTED, {"claim_lock_waits"})
    dispute.run(days=2)
    assert (dispute.row.lock, dispute.alarms()) == (Lock.LOCKED, set())
    assert [state for _, state in dispute.own_orders()] == ["refused", "refused", "completed"]


def test_a_lock_whose_request_was_lost_is_found_out_and_sent_again(dispute: Dispute) -> None:
    """Silence about a lock is followed by looks; the deadline nears, staff hear it, and in the end it is locked."""
    dispute.far.plan.append(LOST_REQUEST)
    dispute.proceeding()
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.own_orders()) == (Lock.LOCKED, [("lock", "completed")])


def test_a_look_that_lags_behind_orders_no_second_lock(dispute: Dispute) -> None:
    """A registrar may show a name as it was some minutes ago: what was just done is not done again for that."""
    dispute.far.stale_for = timedelta(minutes=5)
    dispute.proceeding()
    dispute.run(days=0.1)
    assert (dispute.row.lock, dispute.own_orders()) == (Lock.LOCKED, [("lock", "completed")])


def test_a_failed_look_is_made_again_and_the_deadline_is_told(dispute: Dispute) -> None:
    """While nobody can look, nothing is taken for granted, and before the deadline passes staff hear of it."""
    dispute.proceeding()
    dispute.run(days=1)
    assert dispute.row.lock == Lock.LOCKED
    verified = dispute.row.verified_at
    dispute.clock.skip(timedelta(hours=7))
    watch = dispute.plan()
    assert watch is not None
    dispute.conclude(watch, unseen(dispute.look()))
    assert (dispute.row.lock, dispute.row.verified_at, dispute.alarms()) == (Lock.LOCKED, verified, set())
    assert dispute.row.due_at == dispute.now + dispute.shop.terms.look_retry


def test_a_lock_that_nobody_can_see_is_an_alarm_by_its_deadline(dispute: Dispute) -> None:
    """Looks that fail until the deadline nears leave an alarm with the deadline in it, which goes with the lock's sight."""
    dispute.proceeding()
    dispute.far.failing_looks = 10_000
    dispute.run(days=0.1)
    assert dispute.alarms() == {"claim_lock_waits"}
    dispute.clock.now = dispute.row.lock_by - timedelta(hours=5)
    dispute.watch()
    assert dispute.alarms() == {"claim_lock_waits", "claim_lock_late"}
    dispute.far.failing_looks = 0
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.alarms()) == (Lock.LOCKED, set())


def test_a_look_from_before_the_decision_decides_nothing(dispute: Dispute) -> None:
    """What was seen before a dismissal does not count for it: the name is looked at afresh."""
    dispute.proceeding()
    dispute.run(days=1)
    dispute.clock.skip(timedelta(hours=7))
    watch, seen = dispute.plan(), dispute.look()
    assert watch is not None
    dispute.dismissed()
    assert dispute.conclude(watch, seen).orders == ()
    assert (dispute.row.lock, dispute.row.due_at) == (Lock.LOCKED, dispute.now)


def test_two_sweeps_ring_for_a_claim_once(dispute: Dispute) -> None:
    """A claim that was rung is not rung again until its ringing is over."""
    dispute.proceeding()
    found = []
    for _ in range(2):
        with dispute.database.transaction() as connection:
            found.append(take_due(connection, limit=5, now=dispute.now, rung_for=timedelta(seconds=30)))
    assert found == [[dispute.claim_id], []]
    dispute.clock.skip(30)
    with dispute.database.transaction() as connection:
        assert take_due(connection, limit=0, now=dispute.now, rung_for=timedelta(seconds=30)) == []
        assert take_due(connection, limit=5, now=dispute.now, rung_for=timedelta(seconds=30)) != []


# --- the watch ---


def test_a_lock_lifted_overnight_is_put_back_and_told(dispute: Dispute) -> None:
    """Somebody at the registrar takes the lock off: the next watch sees it, puts it back, and the alarm stays for staff."""
    dispute.proceeding()
    dispute.run(days=1)
    dispute.far.set_statuses("mina.test")
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.locked) == (Lock.LOCKED, True)
    assert dispute.alarms() == {"claim_lock_lost"}
    kinds = [event["event"] for event in dispute.proven()["events"]]
    lost = kinds.index("claim.lock_lost")
    assert "claim.lock_seen" in kinds[lost:]
    dispute.dismissed()
    dispute.run(days=1)
    assert (set(dispute.far.statuses("mina.test")), dispute.alarms()) == (set(), {"claim_lock_lost"})


def test_a_lock_lifted_in_part_is_put_back_whole(dispute: Dispute) -> None:
    """Where only the transfer was let through again, the name still takes no update: that is opened, and all put back."""
    dispute.proceeding()
    dispute.run(days=1)
    dispute.far.set_statuses("mina.test", Status.CLIENT_UPDATE_PROHIBITED)
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.locked) == (Lock.LOCKED, True)


def test_a_transfer_away_is_rejected_and_the_name_locked(dispute: Dispute) -> None:
    """A claim upheld while a transfer away is running: it is rejected, staff hear it, and the name is locked."""
    dispute.proceeding(Procedure.COURT)
    dispute.far.ask_away("mina.test")
    dispute.upheld()
    dispute.run(days=6)
    assert dispute.far.rejected == ["mina.test"]
    assert (dispute.row.lock, dispute.locked) == (Lock.LOCKED, True)
    assert dispute.alarms() == {"claimed_name_leaving"}


def test_a_transfer_that_cannot_be_stopped_is_told_and_the_name_followed(database_url: str) -> None:
    """Where the registrar takes no rejection from us staff hear it at once, and again when the name has left."""
    with opened_dispute(database_url, capabilities=replace(ANSWERS, answers=frozenset())) as dispute:
        dispute.far.ask_away("mina.test")
        dispute.proceeding()
        dispute.run(days=2)
        assert dispute.alarms() == {"claimed_name_leaving", "claim_lock_waits"}
        assert (dispute.row.lock, dispute.own_orders()) == (Lock.WANTED, [])
        dispute.run(days=6)
        assert {"claimed_name_leaving", "claimed_name_left", "claim_lock_late"} <= dispute.alarms()
        dispute.dismissed()
        dispute.run(days=1)
        assert dispute.row.state == "closed"


def test_a_locked_name_that_left_is_told(dispute: Dispute) -> None:
    """A name that was locked and is with another registrar all the same is an alarm, and its lock counts as lost."""
    dispute.proceeding()
    dispute.run(days=1)
    dispute.far.leaves("mina.test")
    dispute.run(days=1)
    assert (dispute.row.lock, dispute.alarms()) == (Lock.LOST, {"claimed_name_left"})


# --- the ruling ---


def test_a_ruling_waits_ten_business_days_for_a_court(dispute: Dispute) -> None:
    """Until then nobody carries it out; then staff are told to."""
    dispute.proceeding()
    dispute.upheld()
    due = dispute.row.ruling_due_at
    assert due == datetime(2026, 3, 13, 23, 59, 59, tzinfo=UTC)
    assert refused(lambda: dispute.ruled(CarriedBy.HAND)) == "too_early"
    dispute.run(days=(due - dispute.now) / DAY - 0.01)
    assert dispute.alarms() == set()
    dispute.run(days=0.02)
    assert dispute.alarms() == {"claim_ruling_due"}
    dispute.clock.now = due
    dispute.ruled(CarriedBy.HAND)
    assert (dispute.row.state, dispute.alarms()) == ("ruled", set())


def test_a_court_filing_stops_the_ruling_until_the_court_has_spoken(dispute: Dispute) -> None:
    """With a filing recorded the ruling is not carried out, however late; the court's word lets it go on."""
    dispute.proceeding()
    dispute.upheld()
    dispute.do(acts.file_in_court, document="filing-1")
    dispute.later(days=40)
    assert dispute.alarms() == set()
    assert refused(lambda: dispute.ruled(CarriedBy.HAND)) == "ruling_stopped"
    assert dispute.locked
    dispute.do(acts.end_court, document="judgment-1")
    dispute.run(days=1)
    assert dispute.alarms() == {"claim_ruling_due"}
    dispute.ruled(CarriedBy.HAND)
    assert dispute.row.state == "ruled"


def test_a_court_may_overturn_the_decision(dispute: Dispute) -> None:
    """An upheld claim that the court dismisses gives the name back as it was."""
    dispute.proceeding()
    dispute.upheld()
    dispute.do(acts.file_in_court, document="filing-1")
    dispute.run(days=1)
    dispute.dismissed()
    dispute.run(days=1)
    assert (dispute.row.state, set(dispute.far.statuses("mina.test"))) == ("closed", set())


def test_a_ruling_is_carried_out_by_an_order_once_our_lock_is_off(dispute: Dispute) -> None:
    """The change of holder waits at our gate until staff name it: then the lock comes off, it is done, the claim closes."""
    dispute.proceeding()
    dispute.upheld()
    order = dispute.shop.place(Kind.CHANGE_HOLDER)
    dispute.later(days=20)
    assert dispute.shop.state(order) is State.PLACED
    dispute.ruled(CarriedBy.ORDER, order_id=order)
    dispute.run(days=1)
    assert dispute.shop.state(order) is State.COMPLETED
    assert (dispute.row.state, dispute.row.ruling_order_id, dispute.alarms()) == ("closed", order, set())
    assert not dispute.locked
    dispute.agrees()


def test_an_order_that_fails_to_carry_the_ruling_out_is_told(dispute: Dispute) -> None:
    """If that order is refused, staff hear it and carry the ruling out another way."""
    dispute.proceeding()
    dispute.upheld()
    order = dispute.shop.place(Kind.CHANGE_HOLDER)
    dispute.later(days=20)
    dispute.ruled(CarriedBy.ORDER, order_id=order)
    dispute.far.plan.extend([Act(), refuse(RefusalReason.POLICY)])
    dispute.run(days=1)
    assert dispute.shop.state(order) is State.REFUSED
    assert dispute.alarms() == {"claim_ruling_failed"}
    dispute.ruled(CarriedBy.HAND)
    dispute.do(acts.close, document="done-1")
    dispute.run(days=1)
    assert (dispute.row.state, dispute.alarms()) == ("closed", set())


def test_a_ruling_takes_only_an_order_that_waits_for_it(dispute: Dispute) -> None:
    """An order of another name, one that has ended, or none at all carries no ruling out."""
    dispute.proceeding()
    dispute.upheld()
    renewal = dispute.shop.place(Kind.RENEW)
    other = dispute.shop.place(Kind.RENEW, "sara.test")
    dispute.later(days=20)
    assert refused(lambda: dispute.ruled(CarriedBy.ORDER, order_id=renewal)) == "not_now"
    assert refused(lambda: dispute.ruled(CarriedBy.ORDER, order_id=other)) == "order_unknown"
    assert refused(lambda: dispute.ruled(CarriedBy.ORDER)) == "order_missing"
    assert refused(lambda: dispute.ruled(CarriedBy.HAND, order_id=renewal)) == "order_missing"


@pytest.mark.parametrize(("ruling", "gone"), [(Ruling.CANCEL, True), (Ruling.TRANSFER, False)])
def test_what_the_registry_does_itself_is_followed(dispute: Dispute, ruling: Ruling, gone: bool) -> None:
    """IRNIC carries rulings out itself: it is recorded, waits for nobody, and the claim closes when a look shows it."""
    dispute.proceeding()
    dispute.upheld(ruling)
    dispute.ruled(CarriedBy.REGISTRY)
    dispute.run(days=1)
    assert (dispute.row.state, dispute.locked) == ("ruled", True)
    dispute.far.leaves("mina.test", deleted=gone)
    dispute.run(days=1)
    assert (dispute.row.state, dispute.alarms()) == ("closed", set())
    assert dispute.row.carried_out_at is not None
    dispute.agrees()


def test_a_ruling_by_hand_ends_when_staff_say_so(dispute: Dispute) -> None:
    """The lock comes off for staff's errands; the claim closes when they record that it is done."""
    dispute.proceeding()
    dispute.upheld()
    dispute.clock.now = dispute.row.ruling_due_at
    dispute.ruled(CarriedBy.HAND)
    dispute.run(days=1)
    assert (dispute.row.state, dispute.row.lock, dispute.locked) == ("ruled", Lock.RELEASED, False)
    dispute.do(acts.close, document="done-1")
    dispute.run(days=1)
    assert dispute.row.state == "closed"


# --- what is told, and proven ---


def test_a_claim_is_disclosed_by_hand_and_stays_so(dispute: Dispute) -> None:
    """Without a date in the rules it is disclosed when staff say so, and not taken back."""
    dispute.proceeding()
    assert dispute.row.disclose_from is None
    dispute.do(acts.disclose, since=dispute.now + DAY)
    dispute.do(acts.disclose)
    assert dispute.row.disclose_from == dispute.now
    assert refused(lambda: dispute.do(acts.disclose)) == "claim_disclosed"


def test_the_rules_may_disclose_a_claim_after_some_days(database_url: str) -> None:
    """`disclose_after` counts from the assertion."""

    def after(rules: Rules) -> Rules:
        return replace(rules, claims=replace(rules.claims, disclose_after=3 * DAY))

    with opened_dispute(database_url, change_rules=after) as dispute:
        dispute.asserted()
        assert dispute.row.disclose_from == dispute.now + 3 * DAY


def test_what_was_the_case_on_a_day_is_proven_from_events(dispute: Dispute) -> None:
    """For a day in the past the events alone tell the state, the lock and the confirmations of that day."""
    dispute.asserted()
    dispute.run(days=1)
    dispute.do(acts.proceed, rules=dispute.rules)
    heard = dispute.now
    dispute.run(days=1)
    locked = dispute.now
    dispute.run(days=1)
    dispute.upheld()
    dispute.run(days=1)
    with dispute.database.reading() as connection:
        assert history(connection, dispute.claim_id, heard - 2 * DAY) is None
    facts = [dispute.proven(at)["facts"] for at in (heard - timedelta(hours=1), heard, locked, dispute.now)]
    assert [(told["state"], told["lock"]) for told in facts] == [
        ("asserted", "none"),
        ("proceeding", "wanted"),
        ("proceeding", "locked"),
        ("upheld", "locked"),
    ]
    assert [len(dispute.proven(at)["confirmations"]) for at in (heard, dispute.now)] == [0, 2]
    assert all(event["actor"] for event in dispute.proven()["events"])
