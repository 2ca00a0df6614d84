"""How does a name move to another holder? By a PIN that IRNIC mails to the present one (facts §5.2).

    without a PIN: the handles are asked about ──▶ `pin op="req"` ──1000──▶ Correctable(PIN): the customer has the PIN
    with it:       the handles are asked about ──▶ contacts and PIN ──1000──▶ Pending: the present holder confirms

It is a trade between holders, not a move between resellers. A lost answer to the first half is harmless: another
request mails another PIN.
"""

import re
from functools import partial

from adapters.registrars.irnic import contacts, encoding, handles, outcomes
from adapters.registrars.irnic.cards import ascii_digits
from adapters.registrars.irnic.contract import Contract
from registrar.commands import ChangeHolder
from registrar.gateway import Call
from registrar.outcomes import Correctable, Correction, Outcome, Reply
from registrar.secrets import Secret

_PIN = re.compile(r"[1-9][0-9]{8}")
_BETWEEN_DIGITS = re.compile(r"[\s\-\u200c\u200e\u200f]+")


def change(command: ChangeHolder, contract: Contract, call: Call) -> Outcome:
    """Ask for the PIN, or move the name with it."""
    people = contacts.named(command.contacts)
    if isinstance(people, contacts.ContactFault):
        return Correctable(Reply(text=people.reason), Correction.CONTACTS)
    if contacts.HOLDER not in people:
        text = "the new holder is missing: name it by a NIC handle, as ab123-irnic"
        return Correctable(Reply(text=text), Correction.CONTACTS)
    pin = None if command.pin is None else normal_pin(command.pin)
    if command.pin is not None and pin is None:
        text = "the PIN has nine digits, and the first is not 0: copy it from IRNIC's mail"
        return Correctable(Reply(text=text), Correction.PIN)
    everybody = contacts.filled_in(people, billing=contract.billing_handle)
    if (refusal := handles.refused(everybody, contract, call)) is not None:
        return refusal
    if pin is None:
        request = partial(encoding.request_pin, command.domain, deposit_code=contract.deposit_code)
        return contract.settled(outcomes.REQUEST_PIN, contract.spend(request, call))
    move = partial(
        encoding.change_holder,
        command.domain,
        contacts=everybody,
        pin=pin,
        deposit_code=contract.deposit_code,
    )
    return contract.settled(outcomes.CHANGE_HOLDER, contract.spend(move, call, secrets=(pin,)))


def normal_pin(pin: Secret) -> Secret | None:
    """Return a PIN in nine ASCII digits, as people copy it: with spaces, in Persian digits; None for what is none."""
    digits = _BETWEEN_DIGITS.sub("", ascii_digits(pin.reveal()))
    return Secret(digits) if _PIN.fullmatch(digits) else None
