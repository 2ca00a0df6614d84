"""How do the others look a name up by RDAP? `look` for one name, `session` for very many; built from settings, once."""

import asyncio
import ssl
from datetime import datetime

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from adapters.lookups.pace import OwnPace, Pace
from adapters.lookups.rdap.bootstrap import Directory
from adapters.lookups.rdap.session import RdapSession
from adapters.lookups.rdap.settings import RdapSettings
from registrar.gateway import Sighting
from registrar.names import DomainName


class Rdap:
    """Looks names up at their registries. Safe for several threads; what it keeps between looks is the servers' pace.

    `pace` is shared by all looks made here; hand in another to share it with other processes. Reads the bootstrap file and
    the certificate authorities, opens no connection; raises `ValueError` or `OSError` for settings that cannot be used.
    """

    def __init__(self, settings: RdapSettings, *, pace: Pace | None = None) -> None:
        self._settings = settings
        self._directory = Directory.read(settings.bootstrap_file, settings.overrides)
        self._context = ssl.create_default_context(cafile=str(settings.ca_file or DEFAULT_CA_BUNDLE_PATH))
        self._pace = pace or OwnPace()
        self.session()  # the rest of the settings is read there

    def look(self, domain: DomainName, now: datetime) -> Sighting:
        """Look one name up, and wait for it; the sighting is dated `now`. Not for use inside of an event loop."""
        return asyncio.run(self._look(domain, now))

    def session(self) -> RdapSession:
        """Return a session of looks, for one event loop: `async with rdap.session() as session`."""
        return RdapSession(self._settings, self._directory, self._context, self._pace)

    async def _look(self, domain: DomainName, now: datetime) -> Sighting:
        async with self.session() as session:
            return await session.look(domain, clock=lambda: now)
