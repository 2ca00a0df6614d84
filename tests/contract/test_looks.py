"""What does a look tell? Free by evidence alone, whose the name is, and when it ends."""

from datetime import UTC, timedelta

from registrar.commands import Kind
from registrar.gateway import Standing
from registrar.judging import Verdict
from registrar.outcomes import BlockCause
from tests.contract.far_side import ENDS, SERVERS, FarSide


def test_a_free_name_is_free(far: FarSide) -> None:
    """A name that nobody has is free, by the registrar's own word, and the look says where it was seen."""
    name = far.named("free")
    for kind in far.kinds:
        seen = far.look(name, kind)
        assert (seen.domain, seen.standing, seen.blocked) == (name, Standing.FREE, None), seen
        assert seen.source == f"{far.adapter}:{far.name}"
        assert seen.seen_at.utcoffset() == timedelta(0)
    assert far.charges() == []


def test_our_own_name_shows_what_it_is(far: FarSide) -> None:
    """A name of ours shows that it is ours, its end in UTC and in the registrar's own text, and its name servers."""
    name = far.named("ours")
    far.add(name)
    for kind in far.kinds:
        seen = far.look(name, kind)
        assert (seen.standing, seen.ours) == (Standing.REGISTERED, True), seen
        assert seen.expiry is not None
        assert seen.expiry.at.tzinfo is UTC
        assert seen.expiry.at == ENDS
        assert seen.expiry.text
        assert seen.renew_by in {None, seen.expiry}
        assert set(seen.nameservers) == {server.host for server in SERVERS}
        assert not seen.restorable


def test_a_year_that_the_registry_added_shows_beside_the_registrars_date(far: FarSide) -> None:
    """A registry's own year moves the registry's date alone; the registrar's stays, and a renewal would start from it (D4)."""
    far.needs("own date" not in far.why_not, "own date")
    name = far.named("added")
    added = ENDS + timedelta(days=365)
    far.add(name, **far.with_detail(registry_expires_at=added.isoformat()))
    for kind in far.kinds:
        seen = far.look(name, kind)
        assert seen.expiry is not None
        assert seen.renew_by is not None
        assert (seen.expiry.at, seen.renew_by.at) == (added, ENDS)
        assert seen.renews_from == seen.term_end == seen.renew_by


def test_our_own_names_automatic_renewal_shows(far: FarSide) -> None:
    """Whether the registrar would renew a name by itself shows where it tells it, and is unknown elsewhere."""
    for on, detail in ((True, far.renewing), (False, far.not_renewing)):
        name = far.named(f"renewing-{on}".lower())
        far.add(name, **far.with_detail(**detail))
        seen = far.look(name, Kind.RENEW)
        assert seen.standing is Standing.REGISTERED
        assert seen.auto_renews is (on if far.renewing else None), seen


def test_a_name_of_another_is_not_ours(far: FarSide) -> None:
    """A name that another registrar has is registered, and not ours."""
    name = far.named("theirs")
    far.add_of_another(name)
    for kind in far.kinds:
        seen = far.look(name, kind)
        assert (seen.standing, seen.ours) == (Standing.REGISTERED, False), seen


def test_a_deleted_name_can_be_restored(far: FarSide) -> None:
    """A name of ours in redemption is not free: it shows that it can be restored."""
    far.needs(Kind.RESTORE in far.kinds, "restore")
    name = far.named("deleted")
    far.delete(name)
    seen = far.look(name, Kind.RESTORE)
    assert (seen.standing, seen.restorable) == (Standing.REGISTERED, True), seen


def test_a_look_with_refused_credentials_tells_so(far: FarSide) -> None:
    """A look that the registrar does not let us make tells nothing of the name, and that our credentials are why."""
    gateway = far.connect(**far.wrong_credentials)
    seen = far.look(far.named("free"), Kind.REGISTER, by=gateway)
    assert (seen.standing, seen.blocked) == (Standing.UNKNOWN, BlockCause.CREDENTIALS), seen
    assert len(far.journal()) <= 1


def test_a_look_that_lags_shows_the_old_state(far: FarSide) -> None:
    """A look that lags behind the work shows the order absent, never rejected or somebody else's: a later one finds it."""
    trial = far.trial(Kind.RENEW)
    far.misbehave("drop_reply", Kind.RENEW)
    far.execute(trial.command)
    far.books.misbehave("stale", times=1000)
    assert far.verdict(trial) in {Verdict.ABSENT, Verdict.UNDER_WAY, Verdict.CANNOT_TELL, Verdict.LOOK_FAILED}
    far.books.behave()
    assert far.verdict(trial) in {Verdict.DID, Verdict.UNDER_WAY}
