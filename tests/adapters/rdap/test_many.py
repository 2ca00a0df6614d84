"""Are very many names looked up at once, each server within its budget, and every name exactly once? Over real sockets."""

import asyncio
import threading
import time
from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
import trustme

from adapters.lookups.pace import Budget, PausedError
from adapters.lookups.rdap import Rdap
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from tests.adapters.rdap.conftest import Clients
from tests.adapters.rdap.scripted import (
    ScriptedRdap,
    a_domain,
    answers,
    drips,
    says,
    says_and_closes,
    waits_for,
)
from tests.adapters.scripted_https import server_context

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LIMITED = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"


def names(number: int, zone: str = "test") -> list[DomainName]:
    """Return so many names of a zone."""
    return [DomainName(f"example{each}.{zone}", zone) for each in range(number)]


def look_at(client: Rdap, domains: list[DomainName], *, batches: int = 1) -> list[Sighting]:
    """Look all names up in one session, as so many batches, and return what was seen as it came."""

    async def look() -> list[Sighting]:
        async with client.session() as session:
            size = len(domains) // batches
            return [
                seen
                for start in range(0, len(domains), size)
                async for seen in session.look_many(domains[start : start + size], clock=lambda: NOW)
            ]

    return asyncio.run(look())


def test_every_name_of_a_batch_is_asked_once(clients: Clients, registry: ScriptedRdap) -> None:
    """Each name comes back once with its own answer, over few connections that are kept between batches."""
    domains = names(60)
    for domain in domains[::2]:
        registry.names[domain.ascii] = answers(a_domain(domain.ascii))
    seen = look_at(clients(), domains, batches=3)
    assert Counter(sighting.domain for sighting in seen) == Counter(domains)
    held = {sighting.domain for sighting in seen if sighting.standing is Standing.REGISTERED}
    assert held == set(domains[::2])
    assert {sighting.standing for sighting in seen} == {Standing.REGISTERED, Standing.FREE}
    assert sorted(registry.asked) == sorted(f"/rdap/domain/{domain}" for domain in domains)
    assert registry.connections <= 16


def test_names_are_asked_at_once(clients: Clients, registry: ScriptedRdap) -> None:
    """Many names wait for their answers side by side: none of them is answered before all are asked."""
    domains, together = names(12), threading.Barrier(12)
    for domain in domains:
        registry.names[domain.ascii] = waits_for(together, a_domain(domain.ascii))
    seen = look_at(clients(budget=Budget(in_flight=12, per_second=None)), domains)
    assert [sighting.standing for sighting in seen] == [Standing.REGISTERED] * 12


def test_a_server_has_no_more_in_flight_than_its_budget(clients: Clients, registry: ScriptedRdap) -> None:
    """However many names a server has, it is asked so many at a time as its budget says."""
    look_at(clients(budgets={f"127.0.0.1:{registry.port}": Budget(in_flight=3, per_second=None)}), names(40))
    assert len(registry.requests) == 40
    assert registry.most_at_once <= 3


def test_a_servers_rate_is_kept_over_sessions(clients: Clients, registry: ScriptedRdap) -> None:
    """Ten names at twenty a second take nearly half a second, also when they are looked up in several sessions."""
    client = clients(budget=Budget(in_flight=8, per_second=20))
    begun = time.monotonic()
    look_at(client, names(9))
    client.look(DomainName("another.test", "test"), NOW)
    assert time.monotonic() - begun >= 9 / 20
    assert len(registry.requests) == 10


def test_a_slow_server_holds_up_nobody_elses_names(
    clients: Clients, registry: ScriptedRdap, elsewhere: ScriptedRdap
) -> None:
    """While one server drips, the other's names come back first."""
    slow, quick = names(4, "slow"), names(20, "quick")
    for domain in slow:
        registry.names[domain.ascii] = drips(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000)
    client = clients(
        listed={"slow": [registry.base], "quick": [elsewhere.base]},
        budget=Budget(in_flight=2, per_second=None),
        call_timeout_seconds=1.0,
    )
    seen = look_at(client, [*slow, *quick])
    assert {sighting.domain for sighting in seen[:20]} == set(quick)
    assert {sighting.standing for sighting in seen[20:]} == {Standing.UNKNOWN}


def test_a_server_at_its_limit_is_not_asked_for_the_rest(clients: Clients, registry: ScriptedRdap) -> None:
    """Once a server says that it is asked too much, the batch's other names are told to come back later."""
    domains = names(30)
    for domain in domains:
        registry.names[domain.ascii] = says(LIMITED)
    seen = look_at(clients(budget=Budget(in_flight=2, per_second=None)), domains)
    assert len(seen) == 30
    assert {sighting.standing for sighting in seen} == {Standing.UNKNOWN}
    assert all(sighting.retry_after and 500 < sighting.retry_after <= 600 for sighting in seen)
    assert len(registry.requests) <= 2


def test_a_name_that_was_not_asked_for_is_told_apart(clients: Clients, registry: ScriptedRdap) -> None:
    """Once a server asks to be left alone, `ask` says of the next name that nobody was asked for it, and until when."""
    registry.names["example0.test"] = says(LIMITED)

    async def ask_two() -> tuple[Sighting, float]:
        async with clients().session() as session:
            seen = await session.ask(names(2)[0], clock=lambda: NOW)
            with pytest.raises(PausedError) as paused:
                await session.ask(names(2)[1], clock=lambda: NOW)
            return seen, paused.value.retry_after

    seen, left = asyncio.run(ask_two())
    assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, 600)
    assert 500 < left <= 600
    assert registry.asked == ["/rdap/domain/example0.test"]


def test_a_server_that_stays_silent_is_left_alone(clients: Clients, registry: ScriptedRdap) -> None:
    """A server that hangs up on one name after another is not tried for all the others; one that answers is."""
    domains = names(20)
    for domain in domains:
        registry.names[domain.ascii] = says_and_closes(b"")
    client = clients(silences_before_pause=3, budget=Budget(in_flight=1, per_second=None))
    seen = look_at(client, domains)
    assert len(registry.requests) == 3
    assert {sighting.standing for sighting in seen} == {Standing.UNKNOWN}
    assert len([sighting for sighting in seen if sighting.retry_after]) == 17


def test_silences_count_only_in_a_row(clients: Clients, registry: ScriptedRdap) -> None:
    """A server that fails now and then, and answers in between, is asked on."""
    domains = names(20)
    for domain in domains[::2]:
        registry.names[domain.ascii] = says_and_closes(b"")
    client = clients(silences_before_pause=2, budget=Budget(in_flight=1, per_second=None))
    assert Counter(sighting.standing for sighting in look_at(client, domains)) == {
        Standing.UNKNOWN: 10,
        Standing.FREE: 10,
    }


def test_one_bad_server_spoils_no_other_look(clients: Clients, registry: ScriptedRdap) -> None:
    """A batch with an impossible certificate, a zone without a server and a good name brings all three back."""
    context = server_context(trustme.CA())
    stranger = ScriptedRdap(context)
    try:
        client = clients(listed={"test": [registry.base], "odd": [stranger.base]})
        seen = look_at(client, [*names(1), *names(1, "odd"), *names(1, "ir")])
    finally:
        stranger.close()
    assert {sighting.domain.zone: sighting.standing for sighting in seen} == {
        "test": Standing.FREE,
        "odd": Standing.UNKNOWN,
        "ir": Standing.UNKNOWN,
    }


def test_a_caller_may_stop_in_the_middle(clients: Clients, registry: ScriptedRdap) -> None:
    """Who has seen enough leaves nothing running behind."""
    domains = names(6)
    for domain in domains[1:]:
        registry.names[domain.ascii] = drips(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000)

    async def first() -> tuple[Sighting, int]:
        async with clients().session() as session:
            async with aclosing(session.look_many(domains, clock=lambda: NOW)) as looks:
                seen = await anext(looks)
            return seen, len(asyncio.all_tasks())

    seen, still_running = asyncio.run(first())
    assert (seen.domain, seen.standing) == (domains[0], Standing.FREE)
    assert still_running == 1
