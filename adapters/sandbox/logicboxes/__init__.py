"""Does our side speak with LogicBoxes (ResellerClub) as its API speaks? A platform on this machine, to try it against.

with Books.create(path, registrar_name="logicboxes", unit="USD", balance=100_000, client_id="123456") as books:
    add_customer(books, "19371930")
    with LogicBoxesSandbox(books, certificates=…, reseller_id="123456", api_key="…") as sandbox:
        sandbox.url  # https://127.0.0.1:…/api/

What the books say of it: `charges.client_transaction_id` is the action's number, which every order is answered with as
`eaqid`; an operation's state is `pending`, `Success`, `Failed` or `Cancelled`. A name of another registrar is put there
by `books.add_domain(…, sponsor=…, auth_info=…)`; its code is what a transfer must state, and the status
`clientTransferProhibited` keeps it from being transferred.

Misbehaviours: all those on the wire; `refuse` with the platform's message, after an HTTP status if it is not 500
(`403 Access Denied`); `no_deposit` locks an order until `Books.top_up`; `pending` leaves a registration, renewal or
restore to be decided after its argument's seconds, and then `approve` or `reject` say how; `stale` for every look.
"""

from adapters.sandbox.logicboxes.people import add_customer
from adapters.sandbox.logicboxes.server import LogicBoxesSandbox

__all__ = ["LogicBoxesSandbox", "add_customer"]
