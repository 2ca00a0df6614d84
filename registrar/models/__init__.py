"""What is stored? The tables, as typed mappings; the life of a row is told in the modules that move it.

Everything that must happen later has a row with `due_at`. Times are aware UTC. Sealed columns hold what must not be
read in the database (auth codes, people's data).
"""

from registrar.models.base import Base, UtcDateTime
from registrar.models.claims import Claim, Confirmation, Departure
from registrar.models.customers import Customer, CustomerHold, Notice, Report
from registrar.models.house import (
    ApiKey,
    Charge,
    DepositReading,
    Duty,
    Event,
    Finding,
    Hold,
    Message,
    RuleVersion,
)
from registrar.models.money import Account, Debt, Entry, Movement, Slip
from registrar.models.orders import Attempt, Domain, Look, Order, OrderLine, Quote, Rejection, UsedKey
from registrar.models.sync import Pin, Reading, SyncChange, SyncRun

__all__ = [
    "Account",
    "ApiKey",
    "Attempt",
    "Base",
    "Charge",
    "Claim",
    "Confirmation",
    "Customer",
    "CustomerHold",
    "Debt",
    "Departure",
    "DepositReading",
    "Domain",
    "Duty",
    "Entry",
    "Event",
    "Finding",
    "Hold",
    "Look",
    "Message",
    "Movement",
    "Notice",
    "Order",
    "OrderLine",
    "Pin",
    "Quote",
    "Reading",
    "Rejection",
    "Report",
    "RuleVersion",
    "Slip",
    "SyncChange",
    "SyncRun",
    "UsedKey",
    "UtcDateTime",
]
