"""Does our side speak with IRNIC as IRNIC speaks? A registry for .ir on this machine, to try it against.

with Books.create(path, registrar_name="irnic", unit="IRNIC", balance=10_000, client_id="ab123-irnic") as books:
    add_handle(books, "cd456-irnic")
    with IrnicSandbox(books, certificates=…, token="…", deposit_code="…") as url:
        …

`add_handle` is a handle that somebody else made; `mailed_pin` reads what IRNIC mailed to a name's holder; `pay_in` is a
payment that the credit statement shows. A name with another agent is `Books.add_domain(…, sponsor="zz999-irnic")`; it
can be renewed here once our handle is its `bill` contact.
"""

from adapters.sandbox.irnic.contacts import add_handle
from adapters.sandbox.irnic.holders import mailed_pin
from adapters.sandbox.irnic.server import IrnicSandbox
from adapters.sandbox.irnic.statement import pay_in

__all__ = ["IrnicSandbox", "add_handle", "mailed_pin", "pay_in"]
