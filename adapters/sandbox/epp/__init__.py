"""An EPP registrar that runs on this machine: TLS, frames, sessions and books for real, and misbehaviour on request."""

from adapters.sandbox.epp.dialect import COM, DIALECTS, SMALL, Dialect, Terms
from adapters.sandbox.epp.logins import LoginEvent
from adapters.sandbox.epp.server import EppSandbox

__all__ = ["COM", "DIALECTS", "SMALL", "Dialect", "EppSandbox", "LoginEvent", "Terms"]
