"""Which XML namespaces does EPP speak in? Documents are read and written by these, never by a prefix (RFC 5730 §5)."""

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
HOST = "urn:ietf:params:xml:ns:host-1.0"
RGP = "urn:ietf:params:xml:ns:rgp-1.0"
SECDNS = "urn:ietf:params:xml:ns:secDNS-1.1"
LOGIN_SECURITY = "urn:ietf:params:xml:ns:epp:loginSec-1.0"
FEE = "urn:ietf:params:xml:ns:epp:fee-1.0"
CHANGE_POLL = "urn:ietf:params:xml:ns:changePoll-1.0"
MAINTENANCE = "urn:ietf:params:xml:ns:epp:maintenance-1.0"
IDN = "urn:ietf:params:xml:ns:idn-1.0"

PREFIXES = {
    DOMAIN: "domain",
    CONTACT: "contact",
    HOST: "host",
    RGP: "rgp",
    LOGIN_SECURITY: "loginSec",
    FEE: "fee",
    IDN: "idn",
}
"""How our own requests spell them; some servers are known to read prefixes, so the usual ones are used."""
