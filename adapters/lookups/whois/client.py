"""How do the others look a name up by WHOIS? `look` for one name, `session` for very many; built from settings, once."""

import asyncio
from datetime import datetime

from adapters.lookups.pace import OwnPace, Pace
from adapters.lookups.whois import transport
from adapters.lookups.whois.session import WhoisSession
from adapters.lookups.whois.settings import WhoisSettings
from adapters.lookups.whois.transport import Resolve
from registrar.gateway import Sighting
from registrar.names import DomainName


class Whois:
    """Looks names up at their registries. Safe for several threads; what it keeps between looks is the servers' pace.

    `pace` is shared by all looks made here; hand in another to share it with other processes. Opens no connection yet.
    """

    def __init__(
        self,
        settings: WhoisSettings | None = None,
        *,
        pace: Pace | None = None,
        resolve: Resolve = transport.resolve,
    ) -> None:
        self._settings = settings or WhoisSettings()
        self._pace = pace or OwnPace()
        self._resolve = resolve

    def look(self, domain: DomainName, now: datetime) -> Sighting:
        """Look one name up, and wait for it; the sighting is dated `now`. Not for use inside of an event loop."""
        return asyncio.run(self._look(domain, now))

    def session(self) -> WhoisSession:
        """Return a session of looks, for one event loop: `async with whois.session() as session`."""
        return WhoisSession(self._settings, self._pace, self._resolve)

    async def _look(self, domain: DomainName, now: datetime) -> Sighting:
        async with self.session() as session:
            return await session.look(domain, clock=lambda: now)
