"""What is a name's state called in EPP? RDAP spells the same words apart (RFC 8056 §2)."""

from registrar.statuses import GraceStatus, Status

_LINKED = "linked"
"""Of hosts and contacts in EPP; RDAP says it of anything (`associated`)."""

_BY_LETTERS = {
    **{word.lower(): str(word) for word in (*Status, *GraceStatus, _LINKED)},
    "active": str(Status.OK),
    "associated": _LINKED,
}


def epp_word(text: str) -> str:
    """Return EPP's word for one of RDAP's (`client transfer prohibited`: `clientTransferProhibited`).

    A server that wrote EPP's own word is understood too. What EPP has no word for (`locked`, `obscured`) stays as it is.
    """
    return _BY_LETTERS.get("".join(text.lower().split()), text)
