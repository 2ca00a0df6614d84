"""Which of OpenSRS's codes say the same of every request? Refused credentials, a busy far side, a fault of ours (facts §3.3)."""

from adapters.registrars.opensrs.envelope import Answer

OK = 200
LOOKUP_FREE = 210
LOOKUP_TAKEN = 211
LOOKUP_AWAITED = 221
"""Taken by a registration that is not finished: ours or another's."""
ASYNCHRONOUS = 250
DEFERRED = 300
REGISTRANT_REFUSED = 415
NOT_FOUND = 480

CREDENTIALS_REFUSED = frozenset({401, 410, 420, 435})
"""Our user name, key or permission is refused."""
OUR_REQUEST = frozenset({430, 436, 440, 445, 447, 460, 3001})
"""A command, a field or a quota of ours is at fault: asking again will not help."""
BUSY = frozenset({310, 350, 437})
"""Too many connections or commands, or another request waits on this name: not executed, to be sent later."""
PAUSE_SECONDS = 60.0
"""How long a busy far side is left alone; OpenSRS publishes no number."""

_ADDRESS_REFUSED = ("invalid ip", "access denied")


def refuses_credentials(answer: Answer) -> bool:
    """Tell whether an answer refuses us as such: by its code, or as the text of a 400 (an address not on the list)."""
    said = answer.text.lower()
    return answer.code in CREDENTIALS_REFUSED or (
        answer.code == 400 and any(words in said for words in _ADDRESS_REFUSED)
    )


def is_busy(answer: Answer) -> bool:
    """Tell whether an answer says that nothing was done now, and may be later."""
    return answer.code in BUSY or (answer.code == DEFERRED and not answer.succeeded)
