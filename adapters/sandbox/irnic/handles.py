"""How are handles made and changed? Done at once, with a message when the registry has approved them.

One e-mail address has one handle. Whoever makes a handle may use it in every role, and sees its card.
"""

from dataclasses import replace

from adapters.sandbox.irnic import cards, contacts
from adapters.sandbox.irnic.answers import Answer, RefusedError, contact, local_time
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.irnic.requests import ROLES
from adapters.sandbox.records import Contact


def create(errand: Errand) -> Answer:
    """Answer contact:create with the new handle; 2302 where the e-mail address has one already."""
    card = cards.read(errand.request)
    page, email = errand.page, card.texts["email"].lower()
    if contacts.find(page, email) is not None:
        raise RefusedError(2302, "The email address is used by another contact.", "contact:email")
    number = "".join(filter(str.isdigit, page.new_roid("C")))
    handle = f"hd{number}-irnic"
    kept = {
        "email": email,
        "allowed": list(ROLES),
        "idents": list(card.idents),
        "texts": dict(card.texts),
    }
    made = Contact(id=handle, roid=handle, sponsor=page.client_id, created_at=page.now, card=kept)
    page.save_contact(made)
    _tell(errand, handle)
    dates = contact("crDate", text=local_time(page.now))
    return Answer(1000, result=[contact("creData", children=[contact("id", text=handle), dates])])


def update(errand: Errand) -> Answer:
    """Answer contact:update: address, telephone and fax of a handle that this reseller made."""
    page = errand.page
    known = page.contact(errand.request.texts("id")[0].lower())
    if known is None:
        raise RefusedError(2303, "Contact does not exist.", "contact:id")
    if known.sponsor != page.client_id:
        raise RefusedError(2201, "You are not allowed to change this contact.", "contact:id")
    texts = {**known.card["texts"], **cards.read_change(errand.request)}
    page.save_contact(replace(known, card={**known.card, "texts": texts}))
    return Answer(1000)


def _tell(errand: Errand, handle: str) -> None:
    errand.page.queue_message(
        "contact",
        "",
        name=handle,
        body={"index": "ContactUpdateStatus", "roid": handle, "statuses": ["ok", "irnicApproved"]},
    )
