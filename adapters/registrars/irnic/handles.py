"""How are handles asked about, made and changed? They are the registry's own objects, with a life apart from names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from adapters.registrars.irnic import contacts, encoding, outcomes
from adapters.registrars.irnic.cards import Address, Card, CardFault, read_address, read_card, split_name
from adapters.registrars.irnic.contract import Contract, Writer
from adapters.registrars.irnic.conversation import Told, Untold
from adapters.registrars.irnic.elements import UnreadableError
from adapters.registrars.irnic.reading import Response, ShownContact, contact_permissions, shown_contact
from adapters.registrars.irnic.steps import answer_before, unsent
from registrar.commands import Contact, CreateContact, UpdateContact
from registrar.gateway import Call
from registrar.outcomes import Correctable, Correction, Done, NotSent, Outcome, Pending, Reply, Unknown

Send = Callable[[Writer, Call], Told | Untold]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A look at a handle, and the answer that showed it."""

    contact: ShownContact
    reply: Reply


def refused(people: Mapping[str, str], contract: Contract, call: Call) -> Outcome | None:
    """Ask whether the handles may stand where they are put; None if they may. The command is not sent yet."""
    asked = contacts.to_check(people, billing_handle=contract.billing_handle)
    if not asked:
        return None
    write = partial(encoding.check_contacts, asked, deposit_code=contract.deposit_code)
    told = contract.ask(write, call, part="contacts")
    answer = answer_before(outcomes.CHECK_CONTACTS, told)
    if not isinstance(answer, Response):
        return answer
    try:
        permissions = contact_permissions(answer)
    except UnreadableError as error:
        return unsent(str(error))
    if unanswered := set(asked) - set(permissions):
        return unsent(f"IRNIC did not tell of {', '.join(sorted(unanswered))}")
    fault = contacts.refusals(people, permissions)
    return _to_correct(fault.reason, told.reply) if fault else None


def made(
    people: Mapping[str, str | contacts.NewPerson], contract: Contract, call: Call
) -> dict[str, str] | Outcome:
    """Return a handle for every role, making those that are missing, each person's once; or why there is none.

    Whatever goes wrong here, the registration was not sent. A repeat finds the handles that were made by their e-mail.
    """
    known: dict[str, str] = {}
    for number, person in enumerate(people.values(), start=1):
        if isinstance(person, str) or person.reference in known:
            continue
        ask = partial(contract.ask, part=f"contact{number}", secrets=person.card.secrets)
        outcome = _created(person.card, contract, call, send=ask)
        match outcome:
            case Done(registry_id=str(handle)):
                known[person.reference] = handle
            case Unknown(reason=reason, reply=reply):
                silent = reply is None or reply.result_code is None
                return NotSent(f"the command was not sent: {reason}", unreachable=silent)
            case Done() | Pending():
                return unsent("IRNIC has not made the handle yet")
            case _:
                return outcome
    return {
        role: person if isinstance(person, str) else known[person.reference]
        for role, person in people.items()
    }


def create(command: CreateContact, contract: Contract, call: Call) -> Outcome:
    """Make a handle; one that the same person has already is as good."""
    card = read_card(command.contact, command.identity)
    if isinstance(card, CardFault):
        return _to_correct(card.reason)
    return _created(card, contract, call, send=partial(contract.spend, secrets=card.secrets))


def update(command: UpdateContact, contract: Contract, call: Call) -> Outcome:
    """Look, and send the address and telephone that differ, if any do; nothing else of a handle can change."""
    handle = contacts.normal_handle(command.handle)
    if handle is None:
        return _to_correct("the contact is not named by a NIC handle, as ab123-irnic")
    wanted = read_address(command.contact)
    if isinstance(wanted, CardFault):
        return _to_correct(wanted.reason)
    seen = _seen(handle, contract, call, part="info")
    return _changed(command, wanted, seen, contract, call) if isinstance(seen, _Seen) else seen


def _changed(
    command: UpdateContact, wanted: tuple[Address, str], seen: _Seen, contract: Contract, call: Call
) -> Outcome:
    """Send what differs of the address and the telephone from what is shown."""
    shown, reply = seen.contact, seen.reply
    if fixed := _fixed(command.contact, shown):
        text = f"{', '.join(fixed)}: of a handle only address and telephone can change; make another handle"
        return _to_correct(text, reply)
    address, voice = wanted
    new_address = address if address != shown.address else None
    new_voice = voice if voice != shown.voice else ""
    if new_address is None and not new_voice:
        return Done(reply, registry_id=shown.handle)
    change = partial(
        encoding.update_contact,
        shown.handle,
        address=new_address,
        voice=new_voice,
        deposit_code=contract.deposit_code,
    )
    return contract.settled(outcomes.UPDATE_CONTACT, contract.spend(change, call))


def _created(card: Card, contract: Contract, call: Call, *, send: Send) -> Outcome:
    told = send(partial(encoding.create_contact, card, deposit_code=contract.deposit_code), call)
    if isinstance(told, Told) and told.answer.code == 2302:
        return _found_by_mail(card, contract, call, told.reply)
    return contract.settled(outcomes.CREATE_CONTACT, told)


def _found_by_mail(card: Card, contract: Contract, call: Call, reply: Reply) -> Outcome:
    """Ask whose handle has this e-mail already: the same person's, as far as we are shown, is what was asked for."""
    seen = _seen(card.email, contract, call, part="owner")
    if not isinstance(seen, _Seen):
        return seen
    if _is_same(card, seen.contact):
        return Done(seen.reply, registry_id=seen.contact.handle)
    text = "email: another handle has this address already; name that handle, or use another address"
    return _to_correct(text, reply)


def _seen(handle_or_email: str, contract: Contract, call: Call, *, part: str) -> _Seen | Outcome:
    """Look at a handle; or return what the failed look comes to, never an Unknown."""
    write = partial(encoding.info_contact, handle_or_email, deposit_code=contract.deposit_code)
    told = contract.ask(write, call, part=part)
    answer = answer_before(outcomes.INFO_CONTACT, told)
    if not isinstance(answer, Response):
        return answer
    try:
        return _Seen(shown_contact(answer), told.reply)
    except UnreadableError as error:
        return unsent(str(error))


def _is_same(card: Card, shown: ShownContact) -> bool:
    """Compare a card with what is shown of a handle; what is hidden does not speak against it."""
    name, shown_name = f"{card.first_name} {card.last_name}", f"{shown.first_name} {shown.last_name}".strip()
    return (
        (not shown.email or _same(card.email, shown.email))
        and (not shown.idents or card.ident.element in shown.idents)
        and (not shown_name or _same(name, shown_name))
        and (not shown.organization or _same(card.organization, shown.organization))
    )


def _fixed(contact: Contact, shown: ShownContact) -> list[str]:
    """Return the fields that differ and cannot be changed; what is not shown cannot be compared."""
    pairs = {
        "name": (" ".join(split_name(contact.name)), f"{shown.first_name} {shown.last_name}".strip()),
        "email": (contact.email, shown.email),
        "organization": (contact.organization or "", shown.organization),
    }
    return [field for field, (stated, there) in pairs.items() if there and not _same(stated, there)]


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _to_correct(text: str, reply: Reply | None = None) -> Correctable:
    return Correctable(replace(reply or Reply(), text=text), Correction.CONTACTS)
