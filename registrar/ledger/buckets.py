"""Which kinds of money does a customer have, and until when is his gift good (F1, F2)?

Gift is one account per end: `gift-20270321` is good to the end of that day, `gift` has no end. A day ends in UTC, so that
nobody's gift ends before the day that he was told is over west of us; in Tehran it is good half a night longer.
"""

from datetime import UTC, date, datetime

from registrar.agreement.rules import Bucket

CASH = str(Bucket.CASH)
"""The customer's credit account with the company (حساب بستانکار)."""
REPURCHASE = str(Bucket.REPURCHASE)
"""Given back for services stalled by a failure, for buying again (D6)."""
_GIFT = str(Bucket.GIFT)


def gift_bucket(end: date | None) -> str:
    """Return the bucket of gift that is good to the end of a day; None: it has no end."""
    return _GIFT if end is None else f"{_GIFT}-{end:%Y%m%d}"


def kind_of(bucket: str) -> Bucket:
    """Return which kind of money lies in a bucket."""
    return Bucket(bucket.partition("-")[0])


def is_gift(bucket: str) -> bool:
    """Tell whether a bucket holds gift."""
    return kind_of(bucket) is Bucket.GIFT


def gift_end(bucket: str) -> date | None:
    """Return the last day on which what lies in a bucket is good; None: it has no end."""
    end = bucket.partition("-")[2]
    return date(int(end[:4]), int(end[4:6]), int(end[6:])) if end else None


def is_good(bucket: str, now: datetime) -> bool:
    """Tell whether what lies in a bucket can be spent: gift never after its end, also before it is booked as lapsed."""
    end = gift_end(bucket)
    return end is None or now.astimezone(UTC).date() <= end
