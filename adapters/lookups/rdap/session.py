"""How are many names looked up on one event loop? Each at its registry's server, within that server's budget.

A server's place is taken first, then its next turn, then a place among all requests of the session: who waits for a slow
server holds up nobody who asks another one. Waiting is no part of a look's time limit; asking is, over all redirects.

A redirect is followed to the hosts that are named for the zone and to those that staff listed, at most three times: a
server can send us nowhere else. What another host than the registry's own does not know proves nothing.
"""

import asyncio
import re
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from adapters.lookups.pace import Budget, Pace, PausedError
from adapters.lookups.rdap.bootstrap import (
    BootstrapError,
    Directory,
    NoServerError,
    Server,
    origin_named,
    origin_of,
)
from adapters.lookups.rdap.line import Answer, Line, NoAnswerError
from adapters.lookups.rdap.reading import Asked, read_answer
from adapters.lookups.rdap.retrying import seconds_until
from adapters.lookups.rdap.settings import RdapSettings
from registrar.gateway import Sighting
from registrar.names import DomainName

MOST_REDIRECTS = 3

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CLOSED = frozenset({429, 503})
"""What a server says that is asked too much, or is away for a while: its other names would be told the same."""

_ADDRESS = re.compile(r"[!-~]{1,2000}")

Clock = Callable[[], datetime]


class RdapSession:
    """Looks names up while its `async with` lasts, with connections that are kept. For one event loop."""

    def __init__(
        self, settings: RdapSettings, directory: Directory, context: ssl.SSLContext, pace: Pace
    ) -> None:
        self._directory = directory
        self._pace = pace
        self._line = Line(
            context,
            connect_timeout=settings.connect_timeout_seconds,
            max_answer_bytes=settings.max_answer_bytes,
        )
        self._seconds = settings.call_timeout_seconds
        self._pause_seconds = settings.pause_seconds
        self._longest_pause = settings.longest_pause_seconds
        self._listed = frozenset(map(origin_named, settings.redirect_hosts))
        named = {origin_named(server): budget for server, budget in settings.budgets.items()}
        self._budgets: defaultdict[str, Budget] = defaultdict(lambda: settings.budget, named)
        self._places: dict[str, asyncio.Semaphore] = {}
        self._all = asyncio.Semaphore(settings.most_in_flight)
        self._silences: Counter[str] = Counter()
        self._most_silences = settings.silences_before_pause

    async def __aenter__(self) -> Self:
        """Open no connection yet."""
        await self._line.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._line.__aexit__(kind, error, trace)

    async def look_many(
        self, domains: Iterable[DomainName], *, clock: Clock
    ) -> AsyncGenerator[Sighting, None]:
        """Look a batch of names up at once, and yield what each look told as it comes: one for each, in no order.

        A batch has as many tasks as names: hand in thousands, not millions. What is under way when the caller stops is
        given up.
        """
        looks = [asyncio.create_task(self.look(domain, clock=clock)) for domain in domains]
        try:
            for finished in asyncio.as_completed(looks):
                yield await finished
        finally:
            for look in looks:
                look.cancel()
            await asyncio.gather(*looks, return_exceptions=True)

    async def look(self, domain: DomainName, *, clock: Clock) -> Sighting:
        """Look one name up; never raises for what the far side or the network does."""
        try:
            return await self.ask(domain, clock=clock)
        except PausedError as paused:
            host = _host(self._directory.server_for(domain).origins[0])
            return Asked(domain, host, clock()).unknown(str(paused), retry_after=paused.retry_after)

    async def ask(self, domain: DomainName, *, clock: Clock) -> Sighting:
        """Look one name up; raises `PausedError` if its server is left alone, and then nobody was asked for the name."""
        try:
            server = self._directory.server_for(domain)
        except NoServerError as none:
            return Asked(domain, "", clock()).unknown(str(none))
        return await self._asked(server, domain, clock)

    async def _asked(self, server: Server, domain: DomainName, clock: Clock) -> Sighting:
        url, left = f"{server.base}domain/{domain.ascii}", self._seconds
        origin = server.origins[0]
        for hop in range(MOST_REDIRECTS + 1):
            host = _host(origin)
            try:
                answer, took = await self._answer(url, origin, within=left)
                if answer.status not in _REDIRECTS:
                    return await self._read(answer, origin, domain, clock, server)
                url, left = self._target(server, url, answer), left - took
                origin = origin_of(url)
            except PausedError as paused:
                if not hop:
                    raise
                return Asked(domain, host, clock()).unknown(str(paused), retry_after=paused.retry_after)
            except NoAnswerError as silence:
                return Asked(domain, host, clock()).unknown(str(silence))
        return Asked(domain, host, clock()).unknown(f"more than {MOST_REDIRECTS} redirects")

    async def _answer(self, url: str, origin: str, *, within: float) -> tuple[Answer, float]:
        """Wait for a place and a turn, and ask; return how many seconds the asking took, too."""
        budget = self._budgets[origin]
        async with self._places.setdefault(origin, asyncio.Semaphore(budget.in_flight)):
            await self._pace.turn(origin, budget)
            async with self._all:
                begun = time.monotonic()
                try:
                    answer = await self._line.get(url, within=within)
                except NoAnswerError:
                    await self._count_silence(origin)
                    raise
                self._silences.pop(origin, None)
                return answer, time.monotonic() - begun

    async def _count_silence(self, origin: str) -> None:
        """Leave a server alone that was silent often enough in a row: its other names would each wait for nothing."""
        self._silences[origin] += 1
        if self._silences[origin] >= self._most_silences:
            del self._silences[origin]
            await self._pace.pause(origin, self._pause_seconds)

    async def _read(
        self, answer: Answer, origin: str, domain: DomainName, clock: Clock, server: Server
    ) -> Sighting:
        seen_at = clock()
        retry_after = seconds_until(answer.retry_after, now=seen_at)
        if retry_after is None and answer.status == 429:
            retry_after = self._pause_seconds
        if retry_after is not None:
            retry_after = min(retry_after, self._longest_pause)
            if answer.status in _CLOSED:
                await self._pace.pause(origin, retry_after)
        return read_answer(
            answer.status,
            answer.body,
            domain=domain,
            server=_host(origin),
            seen_at=seen_at,
            authoritative=server.authoritative and origin in server.origins,
            retry_after=retry_after,
        )

    def _target(self, server: Server, url: str, answer: Answer) -> str:
        """Return where a redirect leads, if that is a host to go to; raises `NoAnswerError`."""
        target = _joined(url, answer.location or "")
        safe = target.startswith("https://") or not url.startswith("https://")
        if not safe or origin_of(target) not in self._listed.union(server.origins):
            raise NoAnswerError(
                "redirected to a host that is not named for the zone, nor listed: not followed"
            )
        return target


def _host(origin: str) -> str:
    return origin.rpartition(":")[0]


def _joined(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        origin_of(target)
    except (ValueError, BootstrapError) as error:
        raise NoAnswerError("redirected to no address") from error
    if not _ADDRESS.fullmatch(target):
        raise NoAnswerError("redirected to no address")
    return target
