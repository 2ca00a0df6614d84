"""What does a registry's WHOIS tell everybody about a name? (RFC 3912: a line out, a text back, in no form at all)"""

from adapters.lookups.whois.client import Whois
from adapters.lookups.whois.reading import read_text
from adapters.lookups.whois.settings import WhoisSettings

__all__ = ["Whois", "WhoisSettings", "read_text"]
