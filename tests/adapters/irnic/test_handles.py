"""Making and changing handles at IRNIC, over the wire: what is sent, what is not, and what each answer means."""

from dataclasses import replace

import pytest

from registrar.commands import (
    ContactRole,
    CreateContact,
    Handle,
    Register,
    UpdateContact,
)
from registrar.gateway import Gateway
from registrar.outcomes import Correctable, Done, NotSent, Unknown
from registrar.secrets import Secret
from tests.adapters.irnic.conftest import Calls
from tests.adapters.irnic.scripted import Script, ScriptedRegistry, answers, freezes, http, refuses, says
from tests.adapters.irnic.test_cards import CODE, COMPANY, FIRM, SARA
from tests.adapters.irnic.test_outcomes import NAME, brief

CREATE = CreateContact(SARA, CODE)
MADE = answers("contact_created.xml")
"""The handle sa1234-irnic."""


def shown(
    *,
    handle: str = "SA1234-irnic",
    email: str = "Sara@example.net",
    name: tuple[str, str] = ("Sara", "Invented"),
    org: str = "",
    ident: str = "idcard",
    city: str = "Tehran",
    voice: str = "+98 21 88000000",
) -> Script:
    """Show a handle's card, as to the one who made it."""
    addr = (
        f"<contact:street>No. 1, Example St., Unit 2</contact:street><contact:city>{city}</contact:city>"
        "<contact:sp>Tehran</contact:sp><contact:pc>1234567890</contact:pc><contact:cc>IR</contact:cc>"
    )
    card = (
        f'<contact:postalInfo type="int"><contact:firstname>{name[0]}</contact:firstname>'
        f"<contact:lastname>{name[1]}</contact:lastname><contact:org>{org}</contact:org>"
        f"<contact:addr>{addr}</contact:addr></contact:postalInfo><contact:voice>{voice}</contact:voice>"
    )
    return answers("contact.xml", handle=handle, card=card, ident=ident, email=email)


STRANGERS = answers("contact.xml", handle="sa1234-irnic", card="", ident="idcard", email="sara@example.net")


def test_a_handle_is_made(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """The new handle is what a creation comes to, in the form in which it is used."""
    registry.scripts.append(MADE)
    outcome = gateway.execute(CREATE, call())
    assert isinstance(outcome, Done)
    assert outcome.registry_id == "sa1234-irnic"
    assert [request.transaction_id for request in registry.requests] == ["ORDER-1-1"]


def test_what_is_a_persons_own_is_not_handed_back(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Neither name, address, telephone, e-mail nor national code is in what a creation comes to, even if repeated."""
    echo = "sara@example.net 0012345678"
    registry.scripts.append(
        refuses(2005, echo, f"<contact:idcard xmlns:contact='x' number='0012345678'/>{echo}")
    )
    outcome = gateway.execute(CREATE, call())
    assert brief(outcome) == "correctable contacts"
    assert b"0012345678" in registry.requests[0].body
    for word in ("Sara", "sara@", "0012345678", "Example St", "88000000"):
        assert word not in repr(outcome)


def test_a_card_with_faults_is_not_sent(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """What IRNIC would call a syntax error is said in words, and nothing leaves."""
    outcome = gateway.execute(CreateContact(replace(SARA, name="Sara2"), CODE), call())
    assert isinstance(outcome, Correctable)
    assert "name:" in outcome.reply.text
    assert registry.requests == []


SAME: dict[str, tuple[CreateContact, Script, str]] = {
    "the same person": (CREATE, shown(), "done"),
    "a stranger's card": (CREATE, STRANGERS, "done"),
    "another name": (CREATE, shown(name=("Other", "Invented")), "correctable contacts"),
    "a company": (CREATE, shown(ident="privatereg"), "correctable contacts"),
    "another address": (CREATE, shown(email="other@example.net"), "correctable contacts"),
    "another company": (
        CreateContact(FIRM, COMPANY),
        shown(ident="privatereg", org="Other Co."),
        "correctable contacts",
    ),
    "the same company": (
        CreateContact(FIRM, COMPANY),
        shown(ident="privatereg", org="EXAMPLE Co."),
        "done",
    ),
    "no answer": (CREATE, refuses(2400), "notsent"),
    "no handle": (CREATE, shown(handle=""), "notsent"),
}


@pytest.mark.parametrize(("command", "look", "expected"), SAME.values(), ids=SAME.keys())
def test_an_address_that_has_a_handle_already(
    command: CreateContact,
    *,
    look: Script,
    expected: str,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """A handle that the same person has already is as good as a new one; another's is not taken for it."""
    registry.scripts.extend([refuses(2302), look])
    outcome = gateway.execute(command, call())
    assert brief(outcome) == expected
    if isinstance(outcome, Done):
        assert outcome.registry_id == "sa1234-irnic"
    assert b"<contact:id>sara@example.net</contact:id>" in registry.requests[1].body
    assert "sara@" not in repr(outcome).lower()


CREATION = {
    1000: "unknown",
    2001: "blocked request",
    2004: "correctable contacts",
    2005: "correctable contacts",
    2201: "blocked request",
    2202: "blocked credentials",
    2306: "correctable contacts",
    2308: "unknown",
    2400: "unknown",
    2502: "unknown",
}


@pytest.mark.parametrize(("code", "expected"), CREATION.items())
def test_what_a_code_means_for_a_new_handle(
    code: int, expected: str, *, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Each answer to a creation ends it in one way; a 1000 that tells no handle is in doubt."""
    registry.scripts.append(refuses(code))
    assert brief(gateway.execute(CREATE, call())) == expected


def test_a_lost_answer_is_found_by_asking_again(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A creation whose answer was lost is in doubt; asked for again, the handle that was made is found."""
    registry.scripts.extend([says(b""), refuses(2302), shown()])
    assert isinstance(gateway.execute(CREATE, call()), Unknown)
    assert brief(gateway.execute(CREATE, call())) == "done"


def _update(**changes: str) -> UpdateContact:
    return UpdateContact(Handle("SA1234-irnic"), replace(SARA, **changes))  # type: ignore[arg-type]  # texts alone


UPDATES: dict[str, tuple[UpdateContact, Script, str, list[bytes]]] = {
    "nothing": (_update(), shown(), "done", []),
    "address": (_update(city="Shiraz"), shown(), "done", [b"<contact:city>Shiraz<"]),
    "telephone": (_update(voice="+98 71 1"), shown(), "done", [b"<contact:voice>+98 71 1<"]),
    "both, of a hidden card": (_update(), STRANGERS, "done", [b"<contact:voice>", b"<contact:addr>"]),
    "name": (_update(name="Other Invented"), shown(), "correctable contacts", []),
    "e-mail": (_update(email="other@example.net"), shown(), "correctable contacts", []),
    "organisation": (_update(), shown(org="Example Co."), "correctable contacts", []),
    "unknown handle": (_update(), refuses(2303), "correctable contacts", []),
    "no look": (_update(), refuses(2502), "notsent", []),
}


@pytest.mark.parametrize(("command", "look", "expected", "sent"), UPDATES.values(), ids=UPDATES.keys())
def test_only_address_and_telephone_change(
    command: UpdateContact,
    *,
    look: Script,
    expected: str,
    sent: list[bytes],
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """What differs of them is sent; whoever wants another name or e-mail is told to make another handle."""
    registry.scripts.extend([look, answers("bare.xml", code="1000")])
    assert brief(gateway.execute(command, call())) == expected
    assert len(registry.requests) == (2 if sent else 1)
    for part in sent:
        assert part in registry.requests[1].body


@pytest.mark.parametrize(
    "command",
    [
        UpdateContact(Handle("sara@example.net"), SARA),
        UpdateContact(Handle("sa1234-irnic"), replace(SARA, postal_code="1")),
    ],
    ids=["no handle", "a bad address"],
)
def test_a_change_with_faults_is_not_sent(
    command: UpdateContact, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """A change that IRNIC would not take is not even looked up."""
    assert brief(gateway.execute(command, call())) == "correctable contacts"
    assert registry.requests == []


PERSON = replace(SARA, national_id=Secret("0012345678"))
REGISTER = Register(NAME, 12, contacts={ContactRole.REGISTRANT: PERSON, ContactRole.TECH: PERSON})
ALL = "".join(
    f'<contact:position type="{role}" allowed="1"/>' for role in ("holder", "admin", "tech", "bill")
)
ALLOWED = answers(
    "contacts.xml", checked=f'<contact:cd><contact:id avail="1">sa1234-irnic</contact:id>{ALL}</contact:cd>'
)


def test_a_registration_makes_the_handle_that_is_missing(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Who has no handle yet gets one, once for all roles; then the name is registered with it."""
    registry.scripts.extend([MADE, ALLOWED, answers("create.xml")])
    assert brief(gateway.execute(REGISTER, call())) == "pending"
    assert [request.transaction_id for request in registry.requests] == [
        *("ORDER-1-1-contact1", "ORDER-1-1-contacts", "ORDER-1-1")
    ]
    for role in ("holder", "admin", "tech"):
        assert f'type="{role}">sa1234-irnic<'.encode() in registry.requests[2].body


def test_a_registration_finds_the_handle_that_it_made(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Sent again after a lost question, a registration uses the handle that is there by now."""
    registry.scripts.extend([refuses(2302), shown(), ALLOWED, answers("create.xml")])
    assert brief(gateway.execute(REGISTER, call())) == "pending"


NOT_MADE: dict[str, tuple[Script, str, bool]] = {
    "frozen": (freezes, "notsent", True),
    "HTTP 502": (says(http(b"", status="502 Bad Gateway")), "notsent", True),
    "2400": (refuses(2400), "notsent", False),
    "2005": (refuses(2005), "correctable contacts", False),
    "2202": (refuses(2202), "blocked credentials", False),
}


@pytest.mark.parametrize(("script", "expected", "unreachable"), NOT_MADE.values(), ids=NOT_MADE.keys())
def test_without_the_handle_no_name_is_registered(
    script: Script,
    *,
    expected: str,
    unreachable: bool,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """When the handle cannot be made, the registration was not sent, and is never in doubt."""
    registry.scripts.append(script)
    outcome = gateway.execute(REGISTER, call(seconds=1.0))
    assert brief(outcome) == expected
    assert (isinstance(outcome, NotSent) and outcome.unreachable) is unreachable
    assert len(registry.requests) == 1


def test_a_company_needs_its_handle_first(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A registration says too little of a company to make its handle: the customer is told what to do first."""
    firm = replace(PERSON, organization="Example Co.")
    outcome = gateway.execute(Register(NAME, 12, contacts={ContactRole.REGISTRANT: firm}), call())
    assert isinstance(outcome, Correctable)
    assert "created by itself first" in outcome.reply.text
    assert registry.requests == []
