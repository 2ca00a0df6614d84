"""Is IRNIC open? Every night it closes from 23:00 to 00:30, by Tehran's clocks."""

from datetime import datetime, time

from adapters.sandbox.irnic.answers import TEHRAN

CLOSES = time(23, 0)
OPENS = time(0, 30)


def is_closed(moment: datetime) -> bool:
    """Tell whether an aware moment lies in the nightly closure: from 23:00 on, until before 00:30."""
    local = moment.astimezone(TEHRAN).time()
    return local >= CLOSES or local < OPENS
