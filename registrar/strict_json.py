"""Does a text say one thing in JSON? Lenient readers guess; money does not.

A name that stands twice in an object has two values (RFC 8259 §4 lets readers differ), `NaN` is no number, and half a
surrogate pair is no character: all are refused rather than guessed at.
"""

import json
from collections.abc import Sequence
from math import isfinite
from typing import Any, NoReturn

_ESCAPE = "\\u"


class MalformedJsonError(ValueError):
    """A text that is not one JSON value; the message says where, and shows nothing of the text."""

    code = "malformed_json"


def read_json(text: bytes) -> Any:
    """Read one JSON value from UTF-8; raises `MalformedJsonError`."""
    try:
        plain = text.decode()
        value = _DECODER.decode(plain)
        if _ESCAPE in plain:  # in UTF-8 nothing else can bring half a pair
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise MalformedJsonError("the text is not UTF-8 throughout") from error
    except json.JSONDecodeError as error:
        raise MalformedJsonError(
            f"the text is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise MalformedJsonError("the JSON is nested too deeply") from error
    except MalformedJsonError:
        raise
    except ValueError as error:  # Python reads no integer of more than 4300 digits
        raise MalformedJsonError("a number in the JSON is too long") from error
    return value


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, if no name stands in it twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise MalformedJsonError("a name stands twice in one JSON object: say each thing once")
    return made


def _no_number(_constant: str) -> NoReturn:
    raise MalformedJsonError("NaN and Infinity are no JSON numbers")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise MalformedJsonError("a number in the JSON is too large")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
"""Made once: to make it takes as long as to read a short text."""
