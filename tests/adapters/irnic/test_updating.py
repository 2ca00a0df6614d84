"""Changing a name's servers at IRNIC, over the wire: what is sent, what is not, and what each answer means."""

from collections.abc import Callable

import pytest

from registrar.commands import ContactRole, Handle, Nameserver, Update
from registrar.gateway import Gateway
from registrar.names import DomainName
from registrar.outcomes import Correctable, Done, NotSent, Unknown
from registrar.secrets import Secret
from registrar.statuses import REGISTRAR_LOCK
from tests.adapters.irnic.conftest import DEPOSIT_CODE, TOKEN, Calls, WallClock
from tests.adapters.irnic.scripted import (
    Script,
    ScriptedRegistry,
    answers,
    freezes,
    http,
    refuses,
    says,
    wire,
)
from tests.adapters.irnic.test_outcomes import (
    A_CONTACT,
    A_HOST,
    A_NAME,
    CLOSED_AT_2310,
    NOT_ALLOWED,
    brief,
)

NAME = DomainName("example.ir", "ir")
NS1, NS2, NS3 = (Nameserver(f"ns{number}.example.net") for number in (1, 2, 3))
TECH = Handle("cd456-irnic")
CHANGE = Update(NAME, (NS2, NS3))
DONE = answers("bare.xml", code="1000")
SHOWN = answers("info_ours.xml")
"""Shows ns1.Example.net. and ns2.example.net."""


def _hosts(*hosts: str) -> Script:
    """Show the name with these name servers; `host=address` states an address too."""
    shown = ""
    for host in hosts:
        name, _, address = host.partition("=")
        glue = f'<domain:hostAddr ip="v4">{address}</domain:hostAddr>' if address else ""
        shown += f"<domain:hostAttr><domain:hostName>{name}</domain:hostName>{glue}</domain:hostAttr>"
    return answers("info_hosts.xml", ns=f"<domain:ns>{shown}</domain:ns>" if hosts else "")


def test_only_the_difference_is_sent(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """One host stays, one comes, and one goes under the name that IRNIC gave it."""
    registry.scripts.extend([SHOWN, DONE])
    assert isinstance(gateway.execute(CHANGE, call()), Done)
    look, update = registry.requests
    assert (look.transaction_id, update.transaction_id) == ("ORDER-1-1-info", "ORDER-1-1")
    assert (
        b"<domain:add><domain:ns><domain:hostAttr><domain:hostName>ns3.example.net</domain:hostName>"
        b"</domain:hostAttr></domain:ns></domain:add><domain:rem><domain:ns><domain:hostAttr>"
        b"<domain:hostName>ns1.Example.net.</domain:hostName></domain:hostAttr></domain:ns></domain:rem>"
    ) in update.body


NOTHING_TO_DO: dict[str, tuple[tuple[Nameserver, ...] | None, Script]] = {
    "another order": ((NS2, NS1), SHOWN),
    "upper case and a dot": ((Nameserver("NS1.EXAMPLE.NET"), Nameserver("ns2.example.net.")), SHOWN),
    "none said": (None, SHOWN),
    "none wanted and none there": ((), _hosts()),
    "one host": ((NS1,), _hosts("ns1.example.net")),
    "the same glue": (
        (Nameserver("ns1.example.ir", ("192.0.2.1",)),),
        _hosts("ns1.example.ir=192.0.2.1"),
    ),
    "glue that is not shown": ((Nameserver("ns1.example.ir", ("2001:db8::1",)),), _hosts("ns1.example.ir")),
}


@pytest.mark.parametrize(("wanted", "look"), NOTHING_TO_DO.values(), ids=NOTHING_TO_DO.keys())
def test_a_name_that_is_what_it_should_be_is_left_alone(
    wanted: tuple[Nameserver, ...] | None,
    *,
    look: Script,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """Where nothing differs IRNIC is asked how the name is, and nothing else."""
    registry.scripts.append(look)
    outcome = gateway.execute(Update(NAME, wanted), call())
    assert isinstance(outcome, Done)
    assert "infData" in outcome.reply.transcript
    assert len(registry.requests) == 1


@pytest.mark.parametrize(
    ("wanted", "look", "parts"),
    [
        ((), SHOWN, (False, True)),
        ((NS1,), _hosts(), (True, False)),
        ((NS1,), _hosts("ns1.example.net", "ns1.example.net", "ns9.example.net"), (False, True)),
    ],
    ids=["all go", "the first comes", "one that is shown twice stays"],
)
def test_a_side_without_anything_is_left_out(
    wanted: tuple[Nameserver, ...],
    *,
    look: Script,
    parts: tuple[bool, bool],
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """A change that only adds, or only takes away, says nothing of the other."""
    registry.scripts.extend([look, DONE])
    assert isinstance(gateway.execute(Update(NAME, wanted), call()), Done)
    update = registry.requests[1].body
    assert (b"<domain:add>" in update, b"<domain:rem>" in update) == parts


FIVE = tuple(Nameserver(f"ns{number}.example.net") for number in range(5))
BOTH = (Nameserver("ns1.example.ir", ("192.0.2.1", "2001:db8::1")),)


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (Update(NAME, FIVE), "correctable nameservers"),
        (Update(NAME, BOTH), "correctable nameservers"),
        (Update(NAME, (Nameserver("ns1.example.ir", ("192.0.2",)),)), "correctable nameservers"),
        (Update(NAME, add_statuses=REGISTRAR_LOCK), "blocked request"),
        (Update(NAME, remove_statuses=REGISTRAR_LOCK), "blocked request"),
        (Update(NAME, auth_info=Secret("an auth code")), "blocked request"),
        (Update(NAME, contacts={ContactRole.REGISTRANT: TECH}), "correctable contacts"),
        (Update(NAME, contacts={ContactRole.ADMIN: TECH}), "correctable contacts"),
        (Update(NAME, contacts={ContactRole.TECH: Handle("a@example.net")}), "correctable contacts"),
    ],
    ids=[
        "five hosts",
        "two addresses",
        "no address",
        "a lock to set",
        "a lock to remove",
        "an auth code",
        "a holder",
        "an admin",
        "no handle",
    ],
)
def test_what_irnic_cannot_take_is_not_sent(
    update: Update, expected: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """What IRNIC has no words for is said in words, and nothing leaves, not even a look."""
    assert brief(gateway.execute(update, call())) == expected
    assert registry.requests == []


def test_name_servers_and_contacts_go_together(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """One update carries what differs of both; only the handles that come are asked about."""
    checked = (
        '<contact:cd><contact:id avail="1">cd456-irnic</contact:id>'
        '<contact:position type="tech" allowed="1"/></contact:cd>'
    )
    registry.scripts.extend([SHOWN, answers("contacts.xml", checked=checked), DONE])
    contacts = {ContactRole.TECH: TECH, ContactRole.BILLING: Handle("RE1234-irnic")}
    assert isinstance(gateway.execute(Update(NAME, (NS2, NS3), contacts=contacts), call()), Done)
    _, check, update = registry.requests
    assert check.body.count(b"<contact:id>") == 1
    assert b'<domain:chg><domain:contact type="tech">cd456-irnic</domain:contact></domain:chg>' in update.body
    assert update.body.index(b"<domain:rem>") < update.body.index(b"<domain:chg>")


def test_another_address_for_a_host_that_stays_is_explained(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """Nobody is told that an address was changed when it was not."""
    registry.scripts.append(_hosts("ns1.example.ir=192.0.2.1"))
    outcome = gateway.execute(Update(NAME, (Nameserver("ns1.example.ir", ("192.0.2.2",)),)), call())
    assert isinstance(outcome, Correctable)
    assert "another address" in outcome.reply.text
    assert len(registry.requests) == 1


TABLE = {
    (1000, "", ""): "done",
    (1001, "", ""): "pending",
    (2000, "", ""): "blocked request",
    (2001, "", ""): "blocked request",
    (2003, "", ""): "blocked request",
    (2004, "", ""): "correctable nameservers",
    (2004, "", A_NAME): "blocked request",
    (2005, "", A_HOST): "correctable nameservers",
    (2005, "", A_CONTACT): "correctable contacts",
    (2102, "", ""): "blocked request",
    (2104, "", ""): "unknown",
    (2200, "", ""): "blocked credentials",
    (2201, "", ""): "blocked request",
    (2202, "", ""): "blocked credentials",
    (2302, "", ""): "unknown",
    (2303, "", ""): "unknown",
    (2304, "", ""): "refused status_prohibits confirm",
    (2305, "", ""): "correctable nameservers",
    (2306, "", ""): "correctable nameservers",
    (2306, NOT_ALLOWED, ""): "correctable contacts",
    (2308, "", ""): "unknown",
    (2400, "", ""): "unknown",
    (2500, "", ""): "unknown",
    (2501, "", ""): "blocked credentials",
    (2502, "", ""): "unknown",
    (2999, "", ""): "unknown",
}


@pytest.mark.parametrize(
    ("answer", "expected"), TABLE.items(), ids=[" ".join(map(str, key)) for key in TABLE]
)
def test_what_a_code_means(
    answer: tuple[int, str, str],
    *,
    expected: str,
    gateway: Gateway,
    registry: ScriptedRegistry,
    call: Calls,
) -> None:
    """Each answer to a change ends it in exactly one way, and a new code ends it in doubt."""
    code, reason, value = answer
    registry.scripts.extend([SHOWN, refuses(code, reason, value)])
    assert brief(gateway.execute(CHANGE, call())) == expected
    assert not registry.scripts


def test_a_strangers_name_is_not_touched(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """A name that another reseller holds is not changed; its holder is told what to do."""
    registry.scripts.append(answers("info_stranger.xml"))
    assert brief(gateway.execute(CHANGE, call())) == "correctable contacts"
    assert len(registry.requests) == 1


def test_a_name_that_may_be_ours_is_tried(gateway: Gateway, registry: ScriptedRegistry, call: Calls) -> None:
    """Where the look does not tell whether we may, IRNIC's refusal is for the holder to put right."""
    look = answers(
        "info_contacts.xml",
        contacts='<domain:contact type="holder">ab123-irnic</domain:contact>',
        expires="2027-03-02T00:20:00",
    )
    registry.scripts.extend([look, refuses(2201)])
    assert brief(gateway.execute(CHANGE, call())) == "correctable contacts"


FAILED_LOOKS: dict[str, tuple[Script, str]] = {
    "frozen": (freezes, "notsent"),
    "a page": (says(http(wire("night_page.html"))), "notsent"),
    "HTTP 502": (says(http(b"", status="502 Bad Gateway")), "notsent"),
    "HTTP 401": (says(http(b"", status="401 Unauthorized")), "blocked credentials"),
    "2202": (refuses(2202), "blocked credentials"),
    "2001": (refuses(2001), "blocked request"),
    "2201": (refuses(2201), "correctable contacts"),
    "2303": (refuses(2303), "refused not_registered confirm"),
    "2400": (refuses(2400), "notsent"),
    "2502": (refuses(2502), "notsent"),
    "without data": (DONE, "notsent"),
}


@pytest.mark.parametrize(("script", "expected"), FAILED_LOOKS.values(), ids=FAILED_LOOKS.keys())
def test_without_a_look_nothing_is_changed(
    script: Script, expected: str, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When the name cannot be seen, its change was not sent, and is never in doubt."""
    registry.scripts.append(script)
    assert brief(gateway.execute(CHANGE, call(seconds=1.0))) == expected
    assert len(registry.requests) == 1


LOSSES: dict[str, Script] = {
    "frozen": freezes,
    "closed": says(b""),
    "cut": says(http(wire("bare.xml", code="1000"))[:-20]),
    "a page": answers("night_page.html"),
    "HTTP 502": answers("night_page.html", status="502 Bad Gateway"),
    "of another command": answers("bare.xml", code="1000", client_id="ANOTHER-1"),
}


@pytest.mark.parametrize("script", LOSSES.values(), ids=LOSSES.keys())
def test_a_lost_answer_is_unknown_and_a_repeat_is_harmless(
    script: Script, gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When the answer is lost the change is in doubt; asked for again, it is found made and nothing is sent."""
    registry.scripts.extend([SHOWN, script, _hosts("ns2.example.net", "NS3.example.net.")])
    outcome = gateway.execute(CHANGE, call(seconds=2.0))
    assert isinstance(outcome, Unknown)
    assert outcome.reply
    assert "domain:update" in outcome.reply.transcript
    assert isinstance(gateway.execute(CHANGE, call()), Done)
    assert [b"<update>" in request.body for request in registry.requests] == [False, True, False]


def test_a_change_is_not_sent_after_its_time(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls
) -> None:
    """When the lease ran out while we looked, nothing is changed any more."""
    registry.scripts.append(SHOWN)
    assert isinstance(gateway.execute(CHANGE, call(send_within=-1.0)), NotSent)
    assert len(registry.requests) == 1


def test_nothing_is_changed_while_irnic_is_closed(
    gateway: Gateway, registry: ScriptedRegistry, call: Calls, clock: WallClock
) -> None:
    """At night a change waits for the opening like an order does."""
    clock.at = CLOSED_AT_2310
    outcome = gateway.execute(CHANGE, call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after
    assert registry.requests == []


@pytest.mark.parametrize("closed", [True, False])
def test_no_secret_is_handed_back(
    closed: bool, connect: Callable[..., Gateway], registry: ScriptedRegistry, call: Calls
) -> None:
    """Neither the token nor the deposit code is in what a change comes to, even if IRNIC repeats them."""
    echo = f"{DEPOSIT_CODE} {TOKEN}"
    page = says(http(f"<html>{echo}</html>".encode()))
    registry.scripts.extend([SHOWN, page if closed else refuses(2306, echo, f"<pw>{DEPOSIT_CODE}</pw>")])
    shown = repr(connect(registry.url).execute(CHANGE, call()))
    assert DEPOSIT_CODE not in shown
    assert TOKEN not in shown
    assert DEPOSIT_CODE.encode() in registry.requests[1].body
