"""Which conditions does a look show, which does it close, and on which is it silent? Each with a command to type next."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from registrar.commands import Expiry
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from registrar.statuses import GraceStatus, Status
from registrar.sync.vocabulary import CONDITIONS, ChangeKind, Judged, Known, Source, Told
from tests.sync.judged import (
    COM,
    DAY,
    IR,
    NIGHT,
    SPONSOR,
    at,
    judged,
    kinds,
    known,
    look,
    proposed,
    suspicion,
    told,
)
from tests.test_agreement_map import wrong_command

REGISTRAR, RDAP, WHOIS = Source.REGISTRAR, Source.RDAP, Source.WHOIS
EXPIRES = at("2027-03-01")
LONG_AGO, LATELY = NIGHT - timedelta(hours=49), NIGHT - timedelta(hours=47)


def state_of(
    kind: ChangeKind, name: Known, sighting: Sighting, source: Source | None = None, **by: Any
) -> str:
    """Say what a look does to a condition: it stands, it is closed, or the look is silent on it."""
    result = judged(name, sighting, source, **by)
    if kind in kinds(result):
        return "stands"
    return "closed" if kind in result.clears else "silent"


def says(expires: str | None = "2027-03-01", *, when: Any = NIGHT - DAY, **what: Any) -> Told:
    """Return what another source told: the name is registered until a day."""
    return told(when, expires_at=at(expires) if expires else None, **what)


@pytest.mark.parametrize(
    ("sighting", "source", "others", "expected"),
    [
        (look(expires="2027-03-01"), RDAP, {REGISTRAR: says("2027-03-01")}, "closed"),
        (look(expires="2027-03-01"), RDAP, {REGISTRAR: says("2027-03-04")}, "closed"),
        (look(expires="2027-03-01"), RDAP, {REGISTRAR: says("2027-03-05")}, "stands"),
        (look(expires="2027-03-01"), RDAP, {REGISTRAR: says("2027-02-25")}, "stands"),
        (look(expires="2027-02-25", ours=True), REGISTRAR, {RDAP: says("2027-03-01")}, "stands"),
        (look(expires="2027-02-25"), WHOIS, {RDAP: says("2027-03-01")}, "stands"),
        (look(expires="2027-03-01"), WHOIS, {RDAP: says(), REGISTRAR: says("2026-12-20")}, "stands"),
        (look(expires="2027-03-01"), WHOIS, {RDAP: says(), REGISTRAR: says()}, "closed"),
        (look(expires="2027-03-01"), RDAP, {}, "closed"),
        (look(expires="2027-03-01"), RDAP, {REGISTRAR: says(None)}, "closed"),
        (look(expires="2027-03-01"), RDAP, {REGISTRAR: says("2027-02-25", when=LONG_AGO)}, "silent"),
        (look(expires="2027-03-01"), RDAP, {REGISTRAR: says("2027-02-25", when=LATELY)}, "stands"),
        (look(expires="2027-02-25", ours=True), REGISTRAR, {RDAP: says(when=LONG_AGO)}, "silent"),
        (look(), RDAP, {REGISTRAR: says("2027-02-25")}, "silent"),
    ],
    ids=[
        "agree", "another writing", "four days later", "four days earlier", "the registrar's look", "a third source's look",
        "two others, one of them off", "two others agree", "nobody else", "no date elsewhere", "heard too long ago",
        "heard two nights ago", "the authority too long ago", "the authority without a date",
    ],
)  # fmt: skip
def test_the_authoritys_date_is_compared_with_what_is_fresh(
    sighting: Sighting, source: Source, others: Mapping[Source, Told], expected: str
) -> None:
    """Sources that tell different terms are a finding, whoever was asked last; old words are compared with nothing (D4)."""
    name = known(paid_through=None, told=others)
    assert state_of(ChangeKind.SOURCES_DISAGREE, name, sighting, source) == expected


@pytest.mark.parametrize(
    ("paid", "has_grace", "told_date", "expected"),
    [
        ("2026-11-20", False, "2026-11-20", "closed"),
        (None, True, "2026-11-20", "closed"),
        (None, False, "2026-11-20", "stands"),
        ("2026-11-20", True, "2025-11-20", "stands"),
    ],
)
def test_a_year_that_the_registry_added_is_no_disagreement(
    paid: str | None, told_date: str, expected: str, *, has_grace: bool
) -> None:
    """Where the registry shows a year that nobody paid, and the registrar does not, both are right (D4, P14)."""
    name = known(
        expires="2027-11-20", paid_through=at(paid) if paid else None, told={REGISTRAR: says(told_date)}
    )
    sighting = look(expires="2027-11-20", renewed_by_registry=has_grace)
    assert state_of(ChangeKind.SOURCES_DISAGREE, name, sighting) == expected


def test_a_registrars_date_that_stayed_explains_the_registrys_year() -> None:
    """A public record that tells both dates, a year apart, shows by itself that the last year is the registry's (D4)."""
    sighting = look(expires="2027-11-20", renew_by=Expiry(at("2026-11-20"), "2026-11-20"))
    name = known(expires="2027-11-20", paid_through=None, told={REGISTRAR: says("2026-11-20")})
    assert state_of(ChangeKind.SOURCES_DISAGREE, name, sighting) == "closed"


def test_a_temporary_date_disagrees_with_nothing() -> None:
    """The date that .ir shows before its approval is no expiry, and is compared with none (D4)."""
    name = known(IR, told={WHOIS: says("2027-03-01")})
    sighting = look(IR, expires="2026-12-02", expiry_is_temporary=True, ours=True)
    assert ChangeKind.SOURCES_DISAGREE not in kinds(judged(name, sighting))


def test_a_public_record_that_calls_our_name_free_disagrees() -> None:
    """A name that its registrar calls ours and the public record calls free is shown to staff at once."""
    name = known(told={REGISTRAR: says(ours=True)})
    assert state_of(ChangeKind.SOURCES_DISAGREE, name, look(standing=Standing.FREE)) == "stands"
    found = proposed(judged(name, look(standing=Standing.FREE)), ChangeKind.SOURCES_DISAGREE)
    assert found.after == {"rdap": "free", "registrar": EXPIRES.isoformat()}
    other = known(told={RDAP: replace(says(None), standing=Standing.FREE)})
    assert state_of(ChangeKind.SOURCES_DISAGREE, other, look(ours=True), REGISTRAR) == "stands"
    not_ours = known(told={REGISTRAR: says(ours=False)})
    assert state_of(ChangeKind.SOURCES_DISAGREE, not_ours, look(standing=Standing.FREE)) != "stands"


@pytest.mark.parametrize(
    ("source", "auto_renews", "expected"),
    [
        (REGISTRAR, True, "stands"),
        (REGISTRAR, False, "closed"),
        (REGISTRAR, None, "silent"),
        (RDAP, True, "silent"),
    ],
)
def test_automatic_renewal_left_on_is_the_registrars_to_show(
    source: Source, auto_renews: bool | None, expected: str
) -> None:
    """A registrar that would renew by itself spends our deposit on what nobody ordered: staff are told to switch it off."""
    sighting = look(expires="2027-03-01", ours=True, auto_renews=auto_renews)
    assert state_of(ChangeKind.AUTO_RENEW_ON, known(), sighting, source) == expected


@pytest.mark.parametrize(
    ("facts", "sighting", "expected"),
    [
        ({}, look(), "stands"),
        ({}, look(expires="2027-03-01"), "closed"),
        ({"pinned": EXPIRES}, look(), "closed"),
        ({"told": {RDAP: says(None)}}, look(), "silent"),
        ({"told": {}}, look(), "silent"),
        ({"told": {}}, look(reason="the date '1969' cannot be read"), "stands"),
        ({"expires": None}, look(), "closed"),
    ],
    ids=[
        "it told one",
        "it tells one",
        "pinned",
        "silent last night, too",
        "asked first",
        "unreadable",
        "a zone without",
    ],
)
def test_an_authority_that_falls_silent_about_the_date_is_noticed(
    facts: dict[str, Any], sighting: Sighting, expected: str
) -> None:
    """A source that told a date and tells none any more is a finding until it tells one again (P13, P17)."""
    name = known(**({"told": {RDAP: says()}} | facts))
    assert state_of(ChangeKind.DATE_MISSING, name, sighting) == expected


def test_a_far_sides_endless_reason_is_told_in_part() -> None:
    """Why a date is missing is told in a line or two, however much a far side writes of it."""
    found = proposed(judged(known(), look(reason="unreadable " * 1000)), ChangeKind.DATE_MISSING)
    assert "(unreadable unreadable" in found.text
    assert len(found.text) < 350


@pytest.mark.parametrize(
    ("paid", "told_date", "facts", "expected"),
    [
        ("2027-03-01", "2027-03-01", {}, "closed"),
        ("2028-03-01", "2027-03-01", {}, "stands"),
        ("2027-03-04", "2027-03-01", {}, "closed"),
        ("2027-03-05", "2027-03-01", {}, "stands"),
        ("2026-03-01", "2027-03-01", {}, "closed"),
        (None, "2027-03-01", {}, "closed"),
        ("2028-03-01", "2027-03-01", {"pinned": EXPIRES}, "closed"),
        ("2028-03-01", "1969-12-31", {}, "silent"),
        ("2028-03-01", None, {}, "silent"),
        ("2027-03-01", "2026-05-05", {}, "silent"),
        ("2028-03-01", "2026-03-01", {}, "stands"),
        ("2028-03-01", "2027-03-01", {"confirmed_at": NIGHT - timedelta(hours=19)}, "silent"),
        ("2028-03-01", "2027-03-01", {"confirmed_at": NIGHT - timedelta(hours=20)}, "stands"),
        ("2028-03-01", "2027-03-01", {"confirmed_at": None}, "stands"),
    ],
)
def test_a_paid_renewal_that_does_not_show_is_found_before_its_customer_finds_it(
    paid: str | None, told_date: str | None, facts: dict[str, Any], expected: str
) -> None:
    """What is paid for further than the registry's date reaches is told with the time that is left (E3)."""
    name = known(paid_through=at(paid) if paid else None, **facts)
    assert state_of(ChangeKind.PAID_TERM_MISSING, name, look(expires=told_date)) == expected


def test_the_finding_of_a_missing_term_says_how_much_time_is_left() -> None:
    """Staff read until when something can be done, and until when the customer's own report would be in time (E3)."""
    name = known(expires="2026-12-02", paid_through=at("2027-12-02"))
    found = proposed(judged(name, look(expires="2026-12-02")), ChangeKind.PAID_TERM_MISSING)
    assert "9 days are left" in found.text
    assert "in time until 2026-12-09 00:00 UTC" in found.text


def test_only_the_authority_shows_that_a_paid_term_is_missing() -> None:
    """A date that is not documentary proves no missing renewal."""
    name = known(paid_through=at("2028-03-01"))
    sighting = look(expires="2027-03-01", ours=True)
    assert state_of(ChangeKind.PAID_TERM_MISSING, name, sighting, REGISTRAR) == "silent"


@pytest.mark.parametrize(
    ("paid", "reminded", "expected"),
    [
        ("2026-11-21", False, "stands"),
        ("2026-11-21", True, "closed"),
        ("2026-11-23", False, "closed"),
        (None, False, "closed"),
    ],
)
def test_a_term_that_ended_without_a_notice_is_told(
    paid: str | None, expected: str, *, reminded: bool
) -> None:
    """A name whose paid term is over and whose customer was not told is a finding until he was (E2)."""
    name = known(paid_through=at(paid) if paid else None, reminded=reminded)
    assert state_of(ChangeKind.EXPIRED_UNNOTICED, name, look(expires="2027-03-01")) == expected


HAD = {RDAP: says(nameservers=("ns1.example.net",))}
HOLD, INACTIVE = frozenset({Status.CLIENT_HOLD}), frozenset({Status.INACTIVE})


@pytest.mark.parametrize(
    ("facts", "seen", "expected"),
    [
        ({}, {"nameservers": ("ns1.example.net",)}, "closed"),
        ({}, {}, "stands"),
        ({}, {"statuses": INACTIVE}, "stands"),
        ({}, {"nameservers": ("ns1.example.net",), "statuses": HOLD}, "stands"),
        ({}, {"statuses": frozenset({Status.SERVER_HOLD})}, "stands"),
        ({"told": {}}, {}, "silent"),
        ({"told": {}}, {"statuses": INACTIVE}, "silent"),
        ({"told": {}}, {"statuses": HOLD}, "stands"),
        ({"claimed": True}, {"statuses": HOLD}, "closed"),
        ({"suspended": True}, {"statuses": HOLD}, "closed"),
        ({"paid_through": NIGHT - DAY}, {"statuses": HOLD}, "closed"),
        ({}, {"statuses": frozenset({GraceStatus.REDEMPTION, Status.PENDING_DELETE})}, "closed"),
    ],
    ids=[
        "it has some", "it has none any more", "inactive", "held by the client", "held by the registry",
        "it never had any", "inactive as ever", "held as ever", "a claim of ours", "a suspension of ours",
        "its term is over", "the registry deletes it",
    ],
)  # fmt: skip
def test_a_name_that_stopped_resolving_is_told_unless_we_stopped_it(
    facts: dict[str, Any], seen: dict[str, Any], expected: str
) -> None:
    """Name servers that are gone, or a hold that is not ours, are told while the name is paid for."""
    name = known(**({"told": HAD} | facts))
    assert state_of(ChangeKind.NAMESERVERS_OFF, name, look(expires="2027-03-01", **seen)) == expected


@pytest.mark.parametrize(
    ("source", "authority", "registrar", "expected"),
    [
        (REGISTRAR, RDAP, None, "silent"),
        (RDAP, RDAP, None, "stands"),
        (WHOIS, RDAP, None, "silent"),
        (WHOIS, WHOIS, None, "stands"),
        (WHOIS, WHOIS, NIGHT - DAY, "silent"),
        (WHOIS, WHOIS, NIGHT - 3 * DAY, "stands"),
        (REGISTRAR, WHOIS, NIGHT - DAY, "stands"),
        (REGISTRAR, REGISTRAR, None, "stands"),
    ],
)
def test_one_source_decides_whether_a_name_resolves(
    source: Source, authority: Source, registrar: Any, expected: str
) -> None:
    """Two sources never open and close one finding in turn: the authority decides, or the registrar in WHOIS's place."""
    name = known(told={REGISTRAR: says(when=registrar, ours=True)} if registrar else {})
    sighting = look(ours=True, statuses=HOLD)
    assert state_of(ChangeKind.NAMESERVERS_OFF, name, sighting, source, authority=authority) == expected


def test_a_whois_text_without_name_servers_says_nothing_of_them() -> None:
    """Many WHOIS texts leave the name servers out: only a status says that there are none."""
    name = known(told={WHOIS: says(nameservers=("ns1.example.net",))})
    by = {"source": WHOIS, "authority": WHOIS}
    assert state_of(ChangeKind.NAMESERVERS_OFF, name, look(), **by) == "silent"
    assert state_of(ChangeKind.NAMESERVERS_OFF, name, look(statuses=INACTIVE), **by) == "stands"


@pytest.mark.parametrize("sighting", [look(ours=False), look(standing=Standing.FREE)])
def test_of_a_name_that_is_not_shown_as_ours_no_condition_is_judged(sighting: Sighting) -> None:
    """What a name that left has, or lacks, is nobody's finding here; only that the sources disagree is."""
    name = known(paid_through=NIGHT - DAY, reminded=False, told={REGISTRAR: says(ours=True)})
    result = judged(name, sighting, REGISTRAR)
    assert not (kinds(result) | result.clears) & CONDITIONS - {
        ChangeKind.SOURCES_DISAGREE,
        ChangeKind.LEFT_WITHOUT_ORDER,
    }


SHOWS = {
    ChangeKind.SOURCES_DISAGREE: (
        known(told={REGISTRAR: says("2027-06-01")}),
        look(expires="2027-03-01"),
        RDAP,
    ),
    ChangeKind.AUTO_RENEW_ON: (known(), look(ours=True, auto_renews=True), REGISTRAR),
    ChangeKind.DATE_MISSING: (known(told={RDAP: says()}), look(), RDAP),
    ChangeKind.PAID_TERM_MISSING: (known(paid_through=at("2028-03-01")), look(expires="2027-03-01"), RDAP),
    ChangeKind.EXPIRED_UNNOTICED: (known(paid_through=NIGHT - DAY, reminded=False), look(), RDAP),
    ChangeKind.NAMESERVERS_OFF: (known(told=HAD), look(statuses=HOLD), RDAP),
    ChangeKind.LEFT_WITHOUT_ORDER: (
        known(
            told={
                REGISTRAR: told(suspicion=suspicion(1)),
            }
        ),
        look(ours=False, sponsor=SPONSOR),
        REGISTRAR,
    ),
}


@pytest.mark.parametrize("kind", sorted(CONDITIONS))
def test_each_condition_names_the_command_to_type(kind: ChangeKind) -> None:
    """Whoever reads a finding sees what is seen, of which name, and a command that he can type as it stands there."""
    name, sighting, source = SHOWS[kind]
    found = proposed(judged(name, sighting, source), kind)
    assert found.before == {}
    assert found.after
    assert name.domain.ascii in found.text
    assert re.search(r"`registrar (look|orders|notices|domains|sync) [^`]*example\.com", found.next_step)
    assert not found.quarantined


@pytest.mark.parametrize(
    "result",
    [
        *(judged(*shown) for shown in SHOWS.values()),
        judged(known(), look(expires="1969-12-31")),
        judged(known(), look(expires="2027-03-02")),
        judged(known(expires="2026-11-20"), look(expires="2027-11-20")),
        judged(known(doubted_at=NIGHT - DAY), look(ours=True), REGISTRAR),
        judged(
            known(doubted_at=NIGHT - DAY, told={REGISTRAR: told(suspicion=suspicion(2))}),
            look(ours=False),
            REGISTRAR,
        ),
    ],
    ids=lambda result: "+".join(sorted(kinds(result))),
)
def test_what_is_to_be_typed_can_be_typed(result: Judged) -> None:
    """Every command that a change or a finding names exists, with all that it wants."""
    steps = [
        command for one in result.proposals for command in re.findall("`registrar ([^`]+)`", one.next_step)
    ]
    assert steps
    assert [(step, fault) for step in steps if (fault := wrong_command(step.split()))] == []


def test_a_name_in_another_script_is_written_as_commands_take_it() -> None:
    """A Persian name stands in commands by its A-label, which any terminal types."""
    name = known(DomainName("xn--mgba3a4fra.xn--mgba3a4f16a", "xn--mgba3a4f16a"))
    sighting = look(name.domain, expires="2027-03-01", ours=True, auto_renews=True)
    found = judged(name, sighting, REGISTRAR, by=None, authority=REGISTRAR).proposals
    assert [name.domain.ascii in one.next_step for one in found] == [True]
    assert COM.ascii not in found[0].text
