"""What do the registrars that speak HTTPS have in common here? A sandbox with a URL, and limits of one spelling."""

from abc import abstractmethod
from urllib.parse import urlsplit

from adapters.sandbox.web import WebSandbox
from tests.contract.far_side import FarSide


class WebFarSide(FarSide):
    """A registrar over HTTPS."""

    @abstractmethod
    def sandbox(self) -> WebSandbox:
        """Make the sandbox, to listen at `self.port`."""

    def start(self) -> None:
        """Start it, and keep its URL and port: it comes back where it was."""
        self._running = self.sandbox()
        self._running.start()
        self.url = self._running.url
        self.port = urlsplit(self.url).port or 0

    def stop(self) -> None:
        """Stop it."""
        self._running.stop()

    def section(self) -> dict[str, object]:
        """Return what every such section has."""
        return {
            "url": self.url,
            "ca_file": str(self.certificates.authority),
            "connect_timeout_seconds": 3,
            "call_timeout_seconds": 10,
        }
