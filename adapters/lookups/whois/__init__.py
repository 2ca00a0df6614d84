"""What does a registry's WHOIS tell everybody about a name? (RFC 3912: a line out, a text back, in no form at all)"""
