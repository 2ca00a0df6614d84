"""A registry's RDAP server on this machine (RFC 7480, 9082, 9083), over HTTPS or, on this machine, plain HTTP.

with RdapSandbox({"example.com": Entry(name="example.com", expires_at=end)}.get) as server:
    server.url                                         # http://127.0.0.1:PORT/
    server.orders.misbehave("date", name="example.com", argument="1969-12-31T23:59:59Z")
    server.arrivals.most_within(1.0)
"""

from adapters.sandbox.rdap.server import RdapSandbox

__all__ = ["RdapSandbox"]
