"""What may go wrong between a registrar and us? The sandboxes' misbehaviours, in the words that the matrix shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Fault:
    """A fault: the sandbox's word for it, and ours."""

    word: str
    words: str

    def __str__(self) -> str:
        return self.words


NONE = Fault("", "nothing goes wrong")
DROP_REPLY = Fault("drop_reply", "the answer is lost")
DROP_REQUEST = Fault("drop_request", "the request is lost")
GARBAGE = Fault("garbage", "garbage is answered")
HTML = Fault("html", "a page is answered")
CUT = Fault("cut", "the answer is cut off")
FAIL_AFTER = Fault("fail_after", "a failure is answered")
CLOSED = Fault("closed", "the door is shut")
DRIP = Fault("drip", "the answer drips")
LATE = Fault("late", "the answer is late")
FREEZE = Fault("freeze", "no answer comes")
CREDENTIALS = Fault("", "our credentials are refused")
UNREACHABLE = Fault("", "there is no connection")


def faults(tried: Sequence[Fault]) -> pytest.MarkDecorator:
    """Try a promise under each of these."""
    return pytest.mark.parametrize("fault", tried, ids=[fault.words.replace(" ", "-") for fault in tried])
