"""Who is asked about a name, and how? Its public record and its registrar, each in a lane; one of them is the authority (D4)."""

import asyncio
from collections.abc import AsyncIterator, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache, partial

from adapters.lookups.pace import PausedError
from registrar import holds
from registrar.claims.watching import LOOKED_FOR
from registrar.gateway import Sighting, Standing
from registrar.names import IRNIC_ZONES, DomainName
from registrar.orders import sweeping
from registrar.sync.runs import source_of
from registrar.sync.vocabulary import Source
from tasks import clock
from tasks.pumping import Ask, Way
from tasks.wiring import House

_BUSY_SECONDS = 1.0
"""When to look again at a registrar where orders wait, or have taken every seat: they go first."""


class Sources:
    """Whom a house can ask."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.authority = cache(self._authority)

    def of(self, zone: str, registrar: str) -> list[tuple[Source, str]]:
        """Return who tells of the names of a zone that are at a registrar, each with its lane; the public record first."""
        public = self._house.lookups.public_source(zone)
        found = [(public, f"{public}:{zone}")] if public else []
        if self._can_look(registrar):
            found.append((Source.REGISTRAR, f"{Source.REGISTRAR}:{registrar}"))
        return found

    def _authority(self, zone: str) -> Source:
        """Return whose date counts in a zone: our registrar's where it is the registry, which WHOIS is only compared with (D4)."""
        if zone.rpartition(".")[2] in IRNIC_ZONES:
            return Source.REGISTRAR
        return self._house.lookups.public_source(zone) or Source.REGISTRAR

    def _can_look(self, registrar: str) -> bool:
        gateway = self._house.gateways.get(registrar)
        return gateway is not None and gateway.capabilities.can_look

    @asynccontextmanager
    async def ways(self, lanes: Collection[str]) -> AsyncIterator[dict[str, Way]]:
        """Open what these lanes are asked by, for the block; a registrar that cannot be asked from here has no way."""
        split = {lane: (source_of(lane), lane.partition(":")[2]) for lane in lanes}
        sources = {source for source, _ in split.values()}
        async with AsyncExitStack() as stack:
            public: dict[Source, Ask] = {}
            if Source.RDAP in sources:
                rdap = await stack.enter_async_context(self._house.lookups.rdap.session())
                public[Source.RDAP] = partial(rdap.ask, clock=clock.now)
            if Source.WHOIS in sources:
                whois = await stack.enter_async_context(self._house.lookups.whois.session())
                public[Source.WHOIS] = partial(whois.ask, clock=clock.now)
            ways = {}
            for lane, (source, of) in split.items():
                if source.is_public:
                    ways[lane] = Way(source, self._house.lookups.in_flight(source, of), public[source])
                elif self._can_look(of):
                    ways[lane] = self._way_to(of, stack)
            yield ways

    def _way_to(self, registrar: str, stack: AsyncExitStack) -> Way:
        """Return how a registrar is asked: by a few threads of its own, for its adapter waits for each answer."""
        most = self._house.settings.sync.looks_at_registrar
        threads = stack.enter_context(ThreadPoolExecutor(most, thread_name_prefix=f"sync {registrar}"))

        async def ask(domain: DomainName) -> Sighting:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(threads, self._inquire, registrar, domain)

        return Way(Source.REGISTRAR, most, ask)

    def _inquire(self, registrar: str, domain: DomainName) -> Sighting:
        """Look at a name at its registrar, if it can be asked just now; raises `PausedError`."""
        house, now = self._house, clock.now()
        terms = house.terms[registrar]
        with house.flows[registrar].seat() as seated:
            if not seated:
                raise PausedError(_BUSY_SECONDS)
            with house.database.reading() as connection:
                if holds.forbids_login(connection, registrar):
                    raise PausedError(terms.hold_probe.total_seconds())
                if sweeping.anything_due(connection, registrar, now=now):
                    raise PausedError(_BUSY_SECONDS)
            if pause := house.pause(registrar, may_try=True, now=now):
                raise PausedError((pause.until - now).total_seconds())
            sighting = house.look(registrar, domain, LOOKED_FOR)
        if sighting.standing is Standing.UNKNOWN:
            self._heed(registrar, sighting)
        return sighting

    def _heed(self, registrar: str, sighting: Sighting) -> None:
        """Stop asking a registrar that refuses our credentials or has closed; raises `PausedError`, else it was asked."""
        terms, blocked = self._house.terms[registrar], sighting.blocked
        if blocked is not None and blocked.stops_registrar:
            with self._house.database.transaction() as connection:
                holds.put(
                    connection,
                    registrar,
                    str(blocked),
                    reason=sighting.reason,
                    now=clock.now(),
                    probe_after=terms.hold_probe,
                )
            raise PausedError(terms.hold_probe.total_seconds())
        if sighting.reply is None and sighting.retry_after is not None:
            raise PausedError(sighting.retry_after)
