"""What is everybody told of a name, by how badly behaved a server, and who asked how often? What RDAP and WHOIS have in common.

The far side of a look at the public record: `adapters.sandbox.rdap` and `adapters.sandbox.whois` speak, this package knows.
"""

from adapters.sandbox.public.arrivals import Arrivals, Summary
from adapters.sandbox.public.desk import Limit, Manners
from adapters.sandbox.public.entries import Entry, Numbered, Record, of_books
from adapters.sandbox.public.orders import Orders, ordered_in

__all__ = [
    "Arrivals",
    "Entry",
    "Limit",
    "Manners",
    "Numbered",
    "Orders",
    "Record",
    "Summary",
    "of_books",
    "ordered_in",
]
