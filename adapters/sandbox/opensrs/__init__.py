"""Does our side speak with OpenSRS as OpenSRS speaks? A registrar with XCP over HTTPS on this machine.

with Books.create(path, registrar_name="opensrs", unit="USD", balance=100_000, client_id="example-reseller") as books:
    with OpenSrsSandbox(books, certificates=…, username="example-reseller", key="…") as url:
        …

The order number that answers carry (`id`, `order_id`, `forced_pending`) is `client_transaction_id` in the books' charges
and operations. The journal has none: XCP carries no id of the client's.
"""

from adapters.sandbox.opensrs.server import OpenSrsSandbox

__all__ = ["OpenSrsSandbox"]
