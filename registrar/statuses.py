"""Which states can a name be in at its registry? The words of RFC 5731 §2.3, RFC 3915 §3.1 and of IRNIC."""

from enum import StrEnum


class Status(StrEnum):
    """EPP domain statuses (RFC 5731 §2.3); the value is the word on the wire."""

    OK = "ok"
    INACTIVE = "inactive"
    """No delegation: it has no name servers. It does not mean expired."""
    CLIENT_HOLD = "clientHold"
    CLIENT_TRANSFER_PROHIBITED = "clientTransferProhibited"
    CLIENT_UPDATE_PROHIBITED = "clientUpdateProhibited"
    CLIENT_DELETE_PROHIBITED = "clientDeleteProhibited"
    CLIENT_RENEW_PROHIBITED = "clientRenewProhibited"
    SERVER_HOLD = "serverHold"
    SERVER_TRANSFER_PROHIBITED = "serverTransferProhibited"
    SERVER_UPDATE_PROHIBITED = "serverUpdateProhibited"
    SERVER_DELETE_PROHIBITED = "serverDeleteProhibited"
    SERVER_RENEW_PROHIBITED = "serverRenewProhibited"
    PENDING_CREATE = "pendingCreate"
    PENDING_DELETE = "pendingDelete"
    PENDING_RENEW = "pendingRenew"
    PENDING_TRANSFER = "pendingTransfer"
    PENDING_UPDATE = "pendingUpdate"


class GraceStatus(StrEnum):
    """Registry grace periods (RFC 3915 §3.1); the value is the word on the wire."""

    ADD = "addPeriod"
    AUTO_RENEW = "autoRenewPeriod"
    """The registry added a year by itself: nobody paid for it, and it proves no renewal of ours (D4)."""
    RENEW = "renewPeriod"
    TRANSFER = "transferPeriod"
    REDEMPTION = "redemptionPeriod"
    PENDING_RESTORE = "pendingRestore"
    PENDING_DELETE = "pendingDelete"


CLIENT_STATUSES = frozenset(
    {
        Status.CLIENT_HOLD,
        Status.CLIENT_TRANSFER_PROHIBITED,
        Status.CLIENT_UPDATE_PROHIBITED,
        Status.CLIENT_DELETE_PROHIBITED,
        Status.CLIENT_RENEW_PROHIBITED,
    }
)
"""Those that the sponsoring registrar sets and removes; all others are the registry's (RFC 5731 §2.3)."""

REGISTRAR_LOCK = frozenset(
    {Status.CLIENT_TRANSFER_PROHIBITED, Status.CLIENT_UPDATE_PROHIBITED, Status.CLIENT_DELETE_PROHIBITED}
)
"""The three prohibitions; the name keeps resolving and can still be renewed (D9)."""
