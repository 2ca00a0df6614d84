"""Registrars that run on this machine, speak the real protocols and misbehave on request."""
