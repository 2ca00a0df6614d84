"""Is a registrar's section of configuration right? Each adapter brings a model of its own; a fault is told in one way."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)


def read_section(model: type[Model], name: str, section: Mapping[str, object]) -> Model:
    """Check registrar `name`'s section; raises `ValueError` that says what to do, without any value (it may be a secret)."""
    try:
        return model.model_validate(dict(section))
    except ValidationError as error:
        found = error.errors(include_input=False)
    unread = [_key(fault) for fault in found if fault["type"] == "extra_forbidden"]
    faults = [_words(fault) for fault in found if fault["type"] != "extra_forbidden"]
    if unread:
        known = ", ".join(sorted(model.model_fields))
        faults.append(
            f"nobody reads {', '.join(map(repr, unread))}; known keys: {known}, and those of every registrar, which "
            "stand at the head of the package's registrars.toml"
        )
    raise ValueError(f"registrar {name!r}: {'; '.join(faults)}")


def _words(fault: ErrorDetails) -> str:
    if fault["type"] == "missing":
        return f"{_key(fault)} is missing: set it"
    return f"{_key(fault) or 'section'}: {fault['msg']}"


def _key(fault: ErrorDetails) -> str:
    return ".".join(map(str, fault["loc"]))
