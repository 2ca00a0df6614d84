"""What does a name's registry tell everybody about it by RDAP? (RFC 7480, 9082, 9083, 9224)"""

from adapters.lookups.rdap.client import Rdap
from adapters.lookups.rdap.reading import read_answer, read_kept
from adapters.lookups.rdap.session import RdapSession
from adapters.lookups.rdap.settings import Override, RdapSettings

__all__ = ["Override", "Rdap", "RdapSession", "RdapSettings", "read_answer", "read_kept"]
