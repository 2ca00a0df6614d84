"""The registries' WHOIS servers on this machine (RFC 3912): whois.nic.ir's texts for .ir and .ایران, a gTLD registry's for all else.

with WhoisSandbox({"example.ir": Entry(name="example.ir", expires_at=None)}.get) as server:
    server.place                                       # 127.0.0.1:PORT
    server.orders.misbehave("limit", name="example.ir")
    server.arrivals.most_within(1.0)
"""

from adapters.sandbox.whois.server import WhoisSandbox

__all__ = ["WhoisSandbox"]
