"""How are many names looked up on one event loop? Each at its registry's server, within that server's budget.

    name ─ the server that staff or `SERVERS` name for its zone ────────────────── turn ─ ask ─ read ─▶ Sighting
         └ none: the directory is asked once for the zone's top level ─ public? ─┘

A server's place is taken first, then its next turn, then a place among all questions of the session: who waits for a slow
server holds up nobody who asks another one. A sighting is dated by the instant of its question: what the registry did since
then, it does not tell.

A registry's own answer is the whole truth that WHOIS has, also where it refers to the registrar's server for more: there
stand people's data and the registrar's own dates. So the one referral that is followed is the directory's, and once.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, Self, TypeVar

from adapters.lookups.pace import Pace, PausedError
from adapters.lookups.whois import transport
from adapters.lookups.whois.parsing import Parser, ParserLimits
from adapters.lookups.whois.reading import read_at_once, read_with
from adapters.lookups.whois.records import LIMIT_REACHED, Asked
from adapters.lookups.whois.settings import WhoisSettings, split_place
from adapters.lookups.whois.texts import pairs, whole_lines
from adapters.lookups.whois.transport import Limits, NoAnswerError, NowhereError, Place, Resolve
from registrar.gateway import Sighting
from registrar.names import DomainName, NameRefusedError, host_name

_REFERRING = frozenset({"refer", "whois"})
"""The directory's keys for the server of a top level."""

_FOUND_SECONDS = 600.0
"""How long it is believed where a server stands, and which one a zone has: a session may last a night."""

Clock = Callable[[], datetime]
Found = TypeVar("Found")


class WhoisSession:
    """Looks names up while its `async with` lasts, with child processes that are kept. For one event loop."""

    def __init__(self, settings: WhoisSettings, pace: Pace, resolve: Resolve) -> None:
        self._settings = settings
        self._server_of = lru_cache(settings.server_of)
        self._pace = pace
        self._resolve = resolve
        self._limits = Limits(
            connect=settings.connect_timeout_seconds,
            whole=settings.call_timeout_seconds,
            size=settings.max_answer_bytes,
        )
        parsing = ParserLimits(
            seconds=settings.parser_seconds,
            memory_bytes=settings.parser_memory_bytes,
            processes=settings.parser_processes,
        )
        self._parser = Parser(parsing)
        self._readers = ThreadPoolExecutor(parsing.processes, thread_name_prefix="whois")
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._all = asyncio.Semaphore(settings.most_in_flight)
        self._places: dict[str, asyncio.Future[Place]] = {}
        self._referrals: dict[str, asyncio.Future[str]] = {}
        self._silences: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        """Start no process and open no connection yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the children, as soon as the texts are read that they have in hand."""
        await _given_up(*self._places.values(), *self._referrals.values())
        await asyncio.to_thread(self._readers.shutdown, cancel_futures=True)
        self._parser.close()

    async def look_many(self, domains: Iterable[DomainName], *, clock: Clock) -> AsyncIterator[Sighting]:
        """Look a batch of names up at once, and yield what each look told as it comes: one for each, in no order.

        A batch has as many tasks as names: hand in thousands, not millions. What is under way when the caller stops is
        given up.
        """
        looks = [asyncio.create_task(self.look(domain, clock=clock)) for domain in domains]
        try:
            for finished in asyncio.as_completed(looks):
                yield await finished
        finally:
            await _given_up(*looks)

    async def look(self, domain: DomainName, *, clock: Clock) -> Sighting:
        """Look one name up; never raises for what the far side or the network does."""
        try:
            return await self.ask(domain, clock=clock)
        except PausedError as paused:
            server = self._server_of(domain.zone) or ""
            return Asked(domain, server, clock()).unknown(str(paused), retry_after=paused.retry_after)

    async def ask(self, domain: DomainName, *, clock: Clock) -> Sighting:
        """Look one name up; raises `PausedError` if its server is left alone, and then nobody was asked for the name."""
        server = self._server_of(domain.zone) or ""
        try:
            server = server or await self._referred(domain.zone.rpartition(".")[2], clock)
            text, seen_at = await self._answer(server, domain.ascii, clock)
        except NoAnswerError as silence:
            return Asked(domain, server, clock()).unknown(str(silence))
        return await self._heeded(await self._read(Asked(domain, server, seen_at), text))

    async def _read(self, asked: Asked, text: bytes) -> Sighting:
        lines, rest = whole_lines(text)
        if told := read_at_once(asked, lines, rest):
            return told
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, read_with, self._parser, asked, lines)

    async def _heeded(self, sighting: Sighting) -> Sighting:
        """Leave a server alone that says that it was asked too often."""
        if sighting.reason != LIMIT_REACHED:
            return sighting
        seconds = self._settings.pause_seconds
        await self._pace.pause(sighting.source.partition(":")[2], seconds)
        return replace(sighting, retry_after=seconds)

    async def _answer(self, server: str, question: str, clock: Clock) -> tuple[bytes, datetime]:
        """Wait for a place and a turn, and ask; return when, too."""
        budget = self._settings.budget_of(server)
        async with self._slots.setdefault(server, asyncio.Semaphore(budget.in_flight)):
            place = await self._place(server)
            await self._pace.turn(server, budget)
            async with self._all:
                asked_at = clock()
                try:
                    text = await transport.ask(place, question, self._limits)
                except NoAnswerError:
                    await self._count_silence(server)
                    raise
                if text.strip():
                    self._silences.pop(server, None)
                else:
                    await self._count_silence(server)
                return text, asked_at

    async def _count_silence(self, server: str) -> None:
        """Leave a server alone that said nothing often enough in a row: some limit those who ask much by silence."""
        self._silences[server] += 1
        if self._silences[server] >= self._settings.silences_before_pause:
            del self._silences[server]
            await self._pace.pause(server, self._settings.pause_seconds)

    async def _place(self, server: str) -> Place:
        """Return where a server stands; raises `PausedError` where it was not found a moment ago: its other names wait."""
        seconds = self._settings.pause_seconds
        tried = self._places.get(server)
        if tried is not None and tried.done() and isinstance(tried.exception(), NowhereError):
            raise PausedError(seconds)
        return await _once(self._places, server, lambda: self._found(server), retried_after=seconds)

    async def _found(self, server: str) -> Place:
        named = self._settings.addresses.get(server, f"{server}:{self._settings.port}")
        host, port = split_place(named)
        try:
            async with asyncio.timeout(self._limits.connect):
                addresses = await self._resolve(host)
        except (OSError, UnicodeError) as error:  # a TimeoutError is an OSError too
            raise NowhereError(f"the server's address cannot be found: {type(error).__name__}") from error
        if not self._settings.knows(server):
            transport.insist_public(addresses)
        return Place(tuple(addresses), port)

    async def _referred(self, zone: str, clock: Clock) -> str:
        """Return the server that the directory names for a top level; asked once for each."""
        directory = self._settings.directory
        if directory is None:
            raise NoAnswerError("no WHOIS server is known for the zone")
        return await _once(
            self._referrals,
            zone,
            lambda: self._referral(directory, zone, clock),
            retried_after=self._settings.pause_seconds,
        )

    async def _referral(self, directory: str, zone: str, clock: Clock) -> str:
        text, _ = await self._answer(directory, zone, clock)
        lines, _ = whole_lines(text)
        for key, value in pairs(lines):
            if key in _REFERRING and value:
                try:
                    return host_name(value)
                except NameRefusedError as error:
                    raise NoAnswerError(f"{directory} refers to something that is no host") from error
        raise NoAnswerError(f"{directory} names no WHOIS server for the zone")


async def _once(
    found: "dict[str, asyncio.Future[Found]]",
    key: str,
    find: Callable[[], Awaitable[Found]],
    *,
    retried_after: float,
) -> Found:
    """Find something out once for all who ask; whoever gives up does not stop it for the others.

    It is found out anew now and then: sooner where nothing was found.
    """

    def forget_later(tried: "asyncio.Future[Found]") -> None:
        failed = tried.cancelled() or tried.exception() is not None
        tried.get_loop().call_later(retried_after if failed else _FOUND_SECONDS, found.pop, key, None)

    if key not in found:
        found[key] = asyncio.ensure_future(find())
        found[key].add_done_callback(forget_later)
    if found[key].done():
        return found[key].result()
    return await asyncio.shield(found[key])


async def _given_up(*tasks: "asyncio.Future[Any]") -> None:
    """End what is still under way."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
