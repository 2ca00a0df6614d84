"""The HTTP API that a portal calls."""
