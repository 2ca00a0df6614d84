"""Which rules do tests go by? Those that are shipped, and versions of them that differ in a few keys."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from config.rules import load_rules
from registrar.agreement.rules import RuleBook


@cache
def standard() -> RuleBook:
    """Return the shipped rules."""
    return load_rules(None)


def shipped_text() -> str:
    """Return the shipped file as it is written."""
    return (resources.files("config") / "rules.toml").read_text(encoding="utf-8")


def shipped() -> Mapping[str, Any]:
    """Return the shipped version as it is written, as tables."""
    return dict(tomllib.loads(shipped_text())["version"][0])
