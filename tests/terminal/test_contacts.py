"""Are contacts made and changed at registries that keep them by themselves, with nobody's data where it does not belong?"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.terminal.contact_file import IDENTITY as IDENTITY_FIELDS
from adapters.terminal.contact_file import OPTIONAL, REQUIRED
from registrar.commands import CreateContact, Handle, HolderType, UpdateContact
from registrar.models import Event
from registrar.outcomes import Correctable, Correction, Done, Outcome, Reply, Unknown
from registrar.secrets import Secret
from tests.databases import ON_ONE_DATABASE
from tests.desks import CAN, REGISTRANT, TERMS
from tests.terminal.conftest import Terminal, unboxed

KEEPS_HANDLES = replace(CAN, errands=frozenset({CreateContact, UpdateContact}))
IDENTITY = {"type": "person", "number": "0012345679"}
TICKET = ("--ticket", "T-7")


def able(terminal: Terminal, outcome: Outcome | None = None) -> Terminal:
    """Let irnic keep handles, and answer so."""
    if outcome is not None:
        terminal.shop.registrars.answers |= {CreateContact: outcome, UpdateContact: outcome}
    terms = {**terminal.shop.desk.terms, "irnic": replace(TERMS, capabilities=KEEPS_HANDLES)}
    desk = replace(terminal.shop.desk, terms=terms)
    return Terminal(replace(terminal.shop, desk=desk), terminal.started)


def written(folder: Path, card: object) -> Path:
    """Write a contact's file."""
    file = folder / "contact.json"
    file.write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")
    return file


def card(**changes: Any) -> dict[str, Any]:
    """Return a new contact's fields, with changes; a change to None leaves the field out."""
    fields = {**REGISTRANT, "identity": IDENTITY, **changes}
    return {name: value for name, value in fields.items() if value is not None}


def test_a_contact_is_created_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    """A person's card becomes a handle, which is told; the national number is nowhere, on the screen or in an event."""
    file = written(tmp_path, card(street=["1 Invented Street", "Unit 2"], voice="+98.2100000000"))
    words = ("contacts", "create", "irnic", "--file", file)
    assert able(terminal).call(*words).exit_code == 2
    created = able(terminal, Done(Reply("1000"), registry_id="ex77-irnic")).call(*words, *TICKET, "--json")
    assert created.exit_code == 0
    told = json.loads(created.stdout)
    assert (told["handle"], told["reference"], told["outcome"]) == ("ex77-irnic", "c-1", "done")
    [(registrar, errand)] = terminal.shop.registrars.errands
    assert isinstance(errand, CreateContact)
    assert (registrar, errand.contact.street) == ("irnic", ("1 Invented Street", "Unit 2"))
    assert (errand.identity.type, errand.identity.number) == (HolderType.PERSON, Secret("0012345679"))
    with terminal.shop.desk.database.reading() as connection:
        events = connection.execute(
            select(Event.kind, Event.subject, Event.ticket, Event.evidence).order_by(Event.id)
        ).all()
    assert [(event.kind, event.subject, event.ticket) for event in events] == [
        ("errand.begun", "c-1", "T-7"),
        ("errand.ended", "c-1", "T-7"),
    ]
    assert events[1].evidence["registry_id"] == "ex77-irnic"
    for secret in ("0012345679", "Mina", "mina@example.net", "Invented"):
        assert secret not in created.output + str(events)


def test_a_company_is_known_by_all_of_its_fields(terminal: Terminal) -> None:
    """A company's category, numbers and issuer reach the registrar, its numbers sealed against being printed."""
    identity = {
        "type": "company",
        "category": "SabtSherkat__PrivateCompany",
        "number": "12345",
        "second_number": "10101234567",
        "issuer": "Tehran",
    }
    stdin = json.dumps(card(organization="Invented Co", identity=identity)).encode()
    assert (
        able(terminal).call("contacts", "create", "irnic", "--file", "-", *TICKET, stdin=stdin).exit_code == 0
    )
    [(_, errand)] = terminal.shop.registrars.errands
    assert isinstance(errand, CreateContact)
    sent = errand.identity
    assert (sent.category, sent.issuer, sent.is_passport) == ("SabtSherkat__PrivateCompany", "Tehran", False)
    assert (sent.number, sent.second_number) == (Secret("12345"), Secret("10101234567"))
    assert errand.contact.organization == "Invented Co"
    assert "10101234567" not in repr(errand)


def test_a_contact_is_changed_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    """A contact's new card is sent whole, for the handle that is named."""
    file = written(tmp_path, card(identity=None, city="Shiraz"))
    told = able(terminal).json("contacts", "update", "irnic", "ex01-irnic", "--file", file, *TICKET)
    assert (told["handle"], told["outcome"]) == ("ex01-irnic", "done")
    [(_, errand)] = terminal.shop.registrars.errands
    assert isinstance(errand, UpdateContact)
    assert (errand.handle, errand.contact.city) == (Handle("ex01-irnic"), "Shiraz")


@pytest.mark.parametrize(
    ("outcome", "exit_code"),
    [(Correctable(Reply(text="voice: too long"), Correction.CONTACTS), 1), (Unknown("silence"), 75)],
)
def test_a_contact_that_is_not_made_says_why(
    terminal: Terminal, tmp_path: Path, outcome: Outcome, exit_code: int
) -> None:
    """What the registry wants put right is told field by field; silence says to look and try again."""
    file = written(tmp_path, card())
    words = ("contacts", "create", "irnic", "--file", file, *TICKET, "--json")
    failed = able(terminal, outcome).call(*words)
    told = json.loads(failed.stdout)
    assert (failed.exit_code, told["handle"]) == (exit_code, None)
    assert told["registrar_says"] == ("voice: too long" if exit_code == 1 else None)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([1], "the file must be a JSON object"),
        (card(colour="red"), "nobody reads 'colour' of the file; known: city, country_code, email, identity"),
        (card(identity=None), "identity is missing: an object with type, category, number"),
        (card(identity="person"), "identity must be a JSON object"),
        (
            card(identity={**IDENTITY, "age": 7}),
            "nobody reads 'age' of identity; known: category, is_passport",
        ),
        (card(identity={"number": "0012345679"}), "identity.type is missing"),
        (card(identity={"type": "cat"}), "identity.type is one of person, company, government, education"),
        (card(identity={**IDENTITY, "is_passport": "yes"}), "identity.is_passport is true or false"),
        (card(identity={**IDENTITY, "number": 12345679}), "identity.number must be 1-255 printable"),
        (card(name=None), "name is missing"),
        (card(email=" "), "email must be 1-255 printable characters"),
        (card(street=[]), "street is one to 3 lines of text"),
        (card(street=["a", 1]), "street must be 1-255 printable characters"),
        (card(national_id="0012345679"), "nobody reads 'national_id' of the file"),
    ],
)
def test_a_file_with_a_fault_is_not_sent(
    terminal: Terminal, tmp_path: Path, fields: object, said: str
) -> None:
    """A field that nobody reads, or that is missing or no text, is named; what stands in the file is not repeated."""
    file = written(tmp_path, fields)
    refused = able(terminal).call("contacts", "create", "irnic", "--file", file, *TICKET)
    assert (refused.exit_code, terminal.shop.registrars.errands) == (2, [])
    assert said in unboxed(refused.stderr)
    assert "0012345679" not in refused.stderr


def test_a_file_that_is_no_json_is_told_so(terminal: Terminal, tmp_path: Path) -> None:
    """A file that cannot be read, or is not there, ends with words and sends nothing."""
    words = ("contacts", "create", "irnic", *TICKET)
    broken = able(terminal).call(*words, "--file", "-", stdin=b"{")
    assert (broken.exit_code, "malformed_json" in broken.stderr) == (1, True)
    assert able(terminal).call(*words, "--file", tmp_path / "none.json").exit_code == 2
    assert able(terminal).call(*words).exit_code == 2
    assert terminal.shop.registrars.errands == []


def test_a_registrar_without_handles_says_so(terminal: Terminal, tmp_path: Path) -> None:
    """Where contacts have no life of their own nothing is sent, and staff are told who makes them instead."""
    file = written(tmp_path, card())
    refused = able(terminal).call("contacts", "create", "epp", "--file", file, *TICKET, "--json")
    error = json.loads(refused.stderr)["error"]
    assert (refused.exit_code, error["code"]) == (1, "errand_not_possible")
    assert "an order creates those that it needs" in error["text"]
    file = written(tmp_path, card(identity=None))
    assert able(terminal).call("contacts", "update", "epp", "C-1", "--file", file, *TICKET).exit_code == 1
    assert able(terminal).call("contacts", "update", "none", "C-1", "--file", file, *TICKET).exit_code == 2
    identity = written(tmp_path, card())
    words = ("contacts", "update", "irnic", "ex01-irnic", "--file", identity, *TICKET)
    assert "nobody reads 'identity'" in unboxed(able(terminal).call(*words).stderr)
    assert terminal.shop.registrars.errands == []


def test_the_fields_of_the_file_are_in_the_help(terminal: Terminal) -> None:
    """Whoever writes a contact's file finds every field of it in the command's help."""
    for command, names in (
        ("create", (*REQUIRED, *OPTIONAL, "identity", *IDENTITY_FIELDS, *HolderType)),
        ("update", (*REQUIRED, *OPTIONAL)),
    ):
        told = unboxed(terminal.call("contacts", command, "--help").stdout)
        assert [name for name in names if name not in told] == []
