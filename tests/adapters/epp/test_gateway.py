"""One gateway against a registry that says what a test tells it to: sessions, limits, and what an answer's loss means."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from adapters.registrars import epp
from adapters.registrars.epp.gateway import EppGateway
from adapters.registrars.epp.namespaces import FEE, MAINTENANCE
from registrar.commands import (
    Contact,
    ContactRole,
    Expiry,
    Handle,
    Kind,
    Nameserver,
    Register,
    Renew,
    Transfer,
)
from registrar.gateway import GatewayUnavailableError, Progress, Standing, describe
from registrar.outcomes import (
    BlockCause,
    Blocked,
    Correctable,
    Correction,
    Done,
    NotSent,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
)
from registrar.secrets import Secret
from tests.adapters.epp.calls import NAME, PASSWORD, call_with, section
from tests.adapters.epp.conftest import Connect
from tests.adapters.epp.scripted import (
    DOMAIN,
    Peer,
    Script,
    framed,
    greeting,
    registry_that,
    renewed,
    response,
    transaction_id,
)

RENEW = Renew(NAME, 12, Expiry(datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00Z"))
RENEWED = renewed("example.test", "2027-03-01T00:00:00Z")
PERSON = Contact("customer-1", "Planted Person", "planted@example.net", (), "Plantedtown", "IR")
FULL = Register(
    NAME,
    12,
    contacts={ContactRole.REGISTRANT: PERSON, ContactRole.ADMIN: PERSON, ContactRole.TECH: Handle("C-1001")},
    nameservers=(Nameserver("ns1.example.net"), Nameserver("ns2.example.net")),
)
CREATED = "<domain:creData><domain:name>example.test</domain:name><domain:crDate>2026-03-01T10:00:00Z</domain:crDate></domain:creData>"

Answer = Callable[[Peer, str], None]


def answers(answer: Answer) -> Script:
    """Greet, let in, and give each command to `answer`; answer `hello` and `logout` as every server does."""

    def script(peer: Peer) -> None:
        peer.greet()
        while True:
            request = peer.read()
            if "<hello/>" in request:
                peer.send(framed(greeting()))
            elif "<logout/>" in request:
                peer.answer(request, 1500)
                return
            else:
                answer(peer, request)

    return script


def renews(peer: Peer, request: str) -> None:
    peer.answer(request, 1000, data=RENEWED)


def registers(peer: Peer, request: str) -> None:
    peer.answer(request, 1000, data=CREATED if "domain:create" in request else "")


def closes(peer: Peer, _request: str) -> None:
    peer.connection.close()


def test_a_renewal_is_sent_and_believed(connect: Connect) -> None:
    """An order to renew reaches the registry once, and its new expiry comes back."""
    gateway, registry = connect(answers(renews))
    outcome = gateway.execute(RENEW, call_with())
    assert isinstance(outcome, Done)
    assert outcome.expiry == Expiry(datetime(2027, 3, 1, tzinfo=UTC), "2027-03-01T00:00:00Z")
    assert (outcome.reply.result_code, outcome.reply.server_transaction_id) == ("1000", "SV-1")
    assert "renData" in outcome.reply.transcript
    assert len(registry.commands("domain:renew")) == 1


# What becomes of a command whose answer is lost.


def cut(peer: Peer, request: str) -> None:
    whole = framed(response(1000, transaction_id=transaction_id(request), data=RENEWED))
    peer.send(whole[:-10])
    peer.connection.close()


def header_only(peer: Peer, _request: str) -> None:
    peer.send(b"\x00\x00")
    peer.connection.close()


def page(peer: Peer, _request: str) -> None:
    peer.send(b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html></html>")
    peer.connection.close()


def framed_page(peer: Peer, _request: str) -> None:
    peer.send(framed("<html><body>502</body></html>"))


def doctype(peer: Peer, request: str) -> None:
    document = response(1000, transaction_id=transaction_id(request), data=RENEWED)
    peer.send(framed(f"<!DOCTYPE epp>{document}"))


def another_id(peer: Peer, _request: str) -> None:
    peer.send(framed(response(1000, transaction_id="another", data=RENEWED)))


def no_id(peer: Peer, _request: str) -> None:
    peer.send(framed(response(2302, transaction_id=None)))


def zero_length(peer: Peer, _request: str) -> None:
    peer.send(b"\x00\x00\x00\x00")


def huge_length(peer: Peer, _request: str) -> None:
    peer.send(b"\x80\x00\x00\x00")


def server_failed(peer: Peer, request: str) -> None:
    peer.answer(request, 2400)


LOSSES = [
    closes,
    cut,
    header_only,
    page,
    framed_page,
    doctype,
    another_id,
    no_id,
    zero_length,
    huge_length,
    server_failed,
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize(
    "command", [RENEW, FULL, Transfer(NAME, 12, Secret("planted-code"))], ids=lambda c: c.kind
)
def test_a_lost_answer_is_unknown_and_the_command_is_not_repeated(
    connect: Connect, loss: Answer, command: Register
) -> None:
    """When the answer is lost nobody knows whether it happened, and we do not send it again to find out."""
    word = {Kind.REGISTER: "domain:create", Kind.RENEW: "domain:renew", Kind.TRANSFER: "domain:transfer"}[
        command.kind
    ]
    gateway, registry = connect(
        answers(lambda peer, request: loss(peer, request) if word in request else registers(peer, request))
    )
    outcome = gateway.execute(command, call_with())
    assert isinstance(outcome, Unknown)
    assert outcome.reason
    assert outcome.reply
    assert "planted" not in repr(outcome)
    assert word in outcome.reply.transcript
    assert len(registry.commands(word)) == 1


def test_the_session_after_a_lost_answer_is_a_new_one(connect: Connect) -> None:
    """An answer that belongs to an earlier command can never be taken for that of a later one."""
    served: list[str] = []

    def late(peer: Peer, request: str) -> None:
        served.append(request)
        if len(served) == 1:
            peer.send(framed(response(1000, transaction_id="another", data=RENEWED)) * 2)
        else:
            renews(peer, request)

    gateway, registry = connect(answers(late))
    assert isinstance(gateway.execute(RENEW, call_with()), Unknown)
    assert isinstance(gateway.execute(RENEW, call_with()), Done)
    assert registry.connections == 2


def test_a_session_in_doubt_is_closed_at_once(connect: Connect) -> None:
    """A session that we do not trust any more is not left open to count against our share."""
    ended = threading.Event()

    def frozen(peer: Peer, _request: str) -> None:
        try:
            peer.read()
        except (EOFError, OSError):
            ended.set()
            raise

    gateway, _registry = connect(answers(frozen))
    assert isinstance(gateway.execute(RENEW, call_with(seconds=0.3)), Unknown)
    assert ended.wait(10)


@pytest.mark.parametrize("code", [2500, 2501, 2502])
def test_a_session_that_the_server_ends_is_not_used_again(connect: Connect, code: int) -> None:
    """After an answer that ends the session the next command goes out on a new one."""
    gateway, registry = connect(answers(lambda peer, request: peer.answer(request, code)))
    gateway.execute(RENEW, call_with())
    gateway.execute(RENEW, call_with())
    assert registry.connections == 2


def test_a_frozen_registry_costs_no_more_than_the_calls_time(connect: Connect) -> None:
    """A registry that never answers is given up on when the call's time is over, and the order is in doubt."""
    gateway, registry = connect(answers(lambda peer, _request: peer._registry.wait_for_end(20)))
    assert isinstance(gateway.execute(RENEW, call_with(seconds=0.5)), Unknown)
    assert len(registry.commands("domain:renew")) == 1


def test_a_slow_drip_costs_no_more_than_the_calls_time(connect: Connect) -> None:
    """A registry that answers byte by byte is given up on when the call's time is over."""
    ended = threading.Event()

    def drip(peer: Peer, request: str) -> None:
        for byte in framed(response(1000, transaction_id=transaction_id(request), data=RENEWED)):
            peer.send(bytes([byte]))
            if ended.wait(0.1):
                return

    gateway, _registry = connect(answers(drip))
    try:
        assert isinstance(gateway.execute(RENEW, call_with(seconds=0.6)), Unknown)
    finally:
        ended.set()


# What becomes of a command that never left.


def test_nothing_is_sent_after_the_lease_ran_out(connect: Connect) -> None:
    """An order whose lease has run out is not sent, and the registry never hears of it."""
    gateway, registry = connect(answers(renews))
    assert isinstance(gateway.execute(RENEW, call_with(send_within=-1)), NotSent)
    assert registry.commands("domain:renew") == []
    assert isinstance(gateway.execute(RENEW, call_with()), Done)
    assert registry.connections == 1


def test_the_lease_is_asked_after_everything_else(connect: Connect) -> None:
    """A lease that runs out while contacts are being created stops the registration itself."""
    moments = iter([0.0] * 100)
    late = threading.Event()

    def slow(peer: Peer, request: str) -> None:
        if "host:create" in request:
            late.set()
        registers(peer, request)

    gateway, registry = connect(answers(slow))
    call = call_with()
    frozen = replace(
        call,
        clock=lambda: call.send_by if late.is_set() else call.finish_by - 9 + next(moments),
        finish_by=call.finish_by + 60,
    )
    assert isinstance(gateway.execute(FULL, frozen), NotSent)
    assert registry.commands("domain:create") == []
    assert len(registry.commands("host:create")) == 2


def test_a_registry_that_is_away_is_sent_nothing(ca_file: Path) -> None:
    """When nobody listens at the registry, the order waits."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    gateway = epp.make("example", section(port, ca_file))
    assert isinstance(gateway.execute(RENEW, call_with()), NotSent)


def test_a_registry_that_closes_before_its_greeting_is_sent_nothing(connect: Connect) -> None:
    """A registry that is closed for the night keeps the order waiting."""
    gateway, registry = connect(lambda peer: peer.connection.close())
    assert isinstance(gateway.execute(RENEW, call_with()), NotSent)
    assert registry.received == []


def test_a_registry_that_does_not_speak_is_sent_nothing(connect: Connect) -> None:
    """A registry that accepts a connection and says nothing keeps the order waiting."""
    gateway, registry = connect(lambda peer: peer._registry.wait_for_end(20))
    assert isinstance(gateway.execute(RENEW, call_with(seconds=0.4)), NotSent)
    assert registry.received == []


def test_an_impostor_is_sent_nothing(ca_file: Path) -> None:
    """A server whose certificate another authority signed hears neither our password nor an order."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with registry_that(context, answers(renews)) as registry:
        gateway = epp.make("example", section(registry.port, ca_file))
        assert isinstance(gateway.execute(RENEW, call_with()), NotSent)
        assert registry.received == []


def test_a_server_of_another_name_is_sent_nothing(connect: Connect) -> None:
    """A server with somebody else's certificate hears neither our password nor an order."""
    gateway, registry = connect(answers(renews), server_name="epp.example.org")
    assert isinstance(gateway.execute(RENEW, call_with()), NotSent)
    assert registry.received == []


def test_a_certificate_that_the_registry_refuses_is_ours_to_mend(
    authority: trustme.CA, ca_file: Path, server_context: ssl.SSLContext
) -> None:
    """A registry that wants a client certificate stops the registrar, and staff read why."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with registry_that(context, answers(renews)) as registry:
        outcome = epp.make("example", section(registry.port, ca_file)).execute(RENEW, call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert "client_certificate" in outcome.reply.text


# Logging in.


def logs_in_with(code: int) -> Script:
    def script(peer: Peer) -> None:
        peer.send(framed(greeting()))
        peer.answer(peer.read(), code, message=f"no {PASSWORD}")

    return script


@pytest.mark.parametrize("code", [2200, 2201, 2501, 2307, 2306, 2999])
def test_a_refused_login_is_ours_to_mend(connect: Connect, code: int) -> None:
    """A registry that refuses our login stops the registrar, is tried once, and our password is not kept."""
    gateway, registry = connect(logs_in_with(code))
    outcome = gateway.execute(RENEW, call_with())
    assert isinstance(outcome, Blocked)
    assert (outcome.cause, outcome.reply.result_code) == (BlockCause.CREDENTIALS, str(code))
    assert PASSWORD not in repr(outcome)
    assert registry.connections == 1


@pytest.mark.parametrize("code", [2400, 2500, 2502])
def test_a_login_that_is_put_off_is_tried_later_and_not_in_a_loop(connect: Connect, code: int) -> None:
    """Too many sessions, or a registry in trouble, only make the order wait."""
    gateway, registry = connect(logs_in_with(code))
    outcome = gateway.execute(RENEW, call_with())
    assert isinstance(outcome, NotSent)
    assert str(code) in outcome.reason
    assert registry.connections == 1


@pytest.mark.parametrize(
    ("offer", "settings", "words"),
    [
        ({"objects": (DOMAIN,)}, {}, "contact-1.0"),
        ({}, {"required": ["urn:ietf:params:xml:ns:epp:fee-1.0"]}, "fee-1.0"),
        ({"server_id": "Another"}, {"expected_server_id": "Example Registry"}, "Another"),
        ({}, {"password": Secret("a planted password of some length")}, "loginSec"),
    ],
)
def test_a_registry_that_is_not_as_configured_never_hears_our_password(
    connect: Connect, offer: dict[str, tuple[str, ...] | str], settings: dict[str, object], words: str
) -> None:
    """A server that is not the one we were told about gets no login, and staff read what differs."""
    gateway, registry = connect(lambda peer: peer.greet(**offer), **settings)
    outcome = gateway.execute(RENEW, call_with())
    assert isinstance(outcome, Blocked)
    assert outcome.cause is BlockCause.CREDENTIALS
    assert words in outcome.reply.text
    assert registry.received == []
    with pytest.raises(GatewayUnavailableError, match=words):
        gateway.inspect(call_with())


# Keeping sessions.


def test_a_session_serves_one_command_after_another(connect: Connect) -> None:
    """We log in once, not for every order."""
    gateway, registry = connect(answers(renews))
    assert all(isinstance(gateway.execute(RENEW, call_with()), Done) for _ in range(20))
    assert (registry.connections, len(registry.commands("<login>"))) == (1, 1)


def test_many_threads_never_open_more_than_their_share_of_sessions(connect: Connect) -> None:
    """A registry that allows three sessions never sees a fourth, however busy we are."""
    gateway, registry = connect(answers(renews), sessions=3)
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: gateway.execute(RENEW, call_with(seconds=30)), range(100)))
    assert {type(outcome) for outcome in outcomes} == {Done}
    assert 1 <= len(registry.commands("<login>")) <= 3
    assert len({transaction_id(sent) for sent in registry.received}) == len(registry.received)


def test_a_command_that_finds_no_free_session_is_not_sent(connect: Connect) -> None:
    """An order that waits in vain for a session goes back to its place."""
    held, release = threading.Event(), threading.Event()

    def slow(peer: Peer, request: str) -> None:
        held.set()
        release.wait(20)
        renews(peer, request)

    gateway, registry = connect(answers(slow), sessions=1)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(gateway.execute, RENEW, call_with())
        assert held.wait(10)
        second = gateway.execute(RENEW, call_with(seconds=0.2))
        release.set()
        assert isinstance(first.result(timeout=20), Done)
    assert isinstance(second, NotSent)
    assert len(registry.commands("domain:renew")) == 1


def test_a_session_that_the_server_closed_while_idle_costs_nothing(connect: Connect) -> None:
    """A session that ended between two orders is noticed before the second is sent."""
    gone = threading.Event()

    def once(peer: Peer, request: str) -> None:
        renews(peer, request)
        peer.connection.close()
        gone.set()

    gateway, registry = connect(answers(once))
    assert isinstance(gateway.execute(RENEW, call_with()), Done)
    assert gone.wait(10)
    assert isinstance(gateway.execute(RENEW, call_with()), Done)
    assert registry.connections == 2


def test_a_session_with_unasked_bytes_is_not_trusted(connect: Connect) -> None:
    """A session on which something came in that nobody asked for is replaced before the next order."""
    gateway, registry = connect(
        answers(
            lambda peer, request: peer.send(
                framed(response(1000, transaction_id=transaction_id(request), data=RENEWED))
                + framed("<late/>")
            )
        )
    )
    assert isinstance(gateway.execute(RENEW, call_with()), Done)
    assert isinstance(gateway.execute(RENEW, call_with()), Done)
    assert registry.connections == 2


def later(seconds: float) -> Callable[[], float]:
    """Give a clock that is ahead: the process slept."""
    return lambda: time.monotonic() + seconds


@pytest.mark.parametrize(("idle", "hellos", "logins"), [(100, 0, 1), (300, 1, 1), (600, 0, 2)])
def test_an_idle_session_is_asked_before_it_is_trusted(
    connect: Connect, idle: float, hellos: int, logins: int
) -> None:
    """After a while of silence a session is asked whether it is alive, and after a long while it is replaced."""
    gateway, registry = connect(answers(renews), keepalive_seconds=240, idle_limit=540)
    gateway.execute(RENEW, call_with())
    call = call_with()
    ahead = replace(call, clock=later(idle), send_by=call.send_by + idle, finish_by=call.finish_by + idle)
    assert isinstance(gateway.execute(RENEW, ahead), Done)
    assert (len(registry.commands("<hello/>")), len(registry.commands("<login>"))) == (hellos, logins)


def test_a_session_that_does_not_answer_hello_is_replaced(connect: Connect) -> None:
    """A session whose other end went away without a word costs a login, not an order in doubt."""

    def deaf(peer: Peer) -> None:
        peer.greet()
        while True:
            request = peer.read()
            if "<hello/>" in request:
                peer.connection.close()
                return
            renews(peer, request)

    gateway, registry = connect(deaf, keepalive_seconds=240)
    gateway.execute(RENEW, call_with())
    call = call_with()
    ahead = replace(call, clock=later(300), send_by=call.send_by + 300, finish_by=call.finish_by + 300)
    assert isinstance(gateway.execute(RENEW, ahead), Done)
    assert (len(registry.commands("domain:renew")), registry.connections) == (2, 2)


def test_closing_logs_out(connect: Connect) -> None:
    """We leave a registry politely, so that it does not count our session any longer."""
    gateway, registry = connect(answers(renews))
    gateway.execute(RENEW, call_with())
    gateway.close()
    gateway.close()
    assert len(registry.commands("<logout/>")) == 1


# What must exist before a registration.


def test_contacts_and_hosts_exist_before_the_name(connect: Connect) -> None:
    """A registration creates its contacts once each and its name servers, and then the name, in that order."""
    gateway, registry = connect(answers(registers))
    assert isinstance(gateway.execute(FULL, call_with()), Done)
    words = ["contact:create", "host:create", "host:create", "domain:create"]
    sent = [document for document in registry.received if "<create>" in document]
    assert [word in document for word, document in zip(words, sent, strict=True)] == [True] * 4
    assert len({transaction_id(document) for document in sent}) == 4
    assert sent[3].count("C-1001") == 1


def test_contacts_and_hosts_that_exist_already_are_fine(connect: Connect) -> None:
    """A repeated registration does not stumble over what its first attempt created."""

    def exists(peer: Peer, request: str) -> None:
        if "domain:create" in request:
            registers(peer, request)
        else:
            peer.answer(request, 2302)

    gateway, _registry = connect(answers(exists))
    assert isinstance(gateway.execute(FULL, call_with()), Done)


def test_a_registry_without_contacts_and_host_objects_is_sent_neither(connect: Connect) -> None:
    """Where the registry keeps no contacts, nobody's data leave our house."""
    gateway, registry = connect(answers(registers), contacts="none", nameservers="attributes")
    assert isinstance(gateway.execute(FULL, call_with()), Done)
    sent = registry.commands("<create>")
    assert len(sent) == 1
    assert "Planted" not in sent[0]
    assert "registrant" not in sent[0]
    assert "hostAttr" in sent[0]


@pytest.mark.parametrize(
    ("step", "code", "expected"),
    [
        ("contact:create", 2005, (Correctable, Correction.CONTACTS)),
        ("contact:create", 2306, (Correctable, Correction.CONTACTS)),
        ("host:create", 2306, (Correctable, Correction.NAMESERVERS)),
        ("contact:create", 2104, (Blocked, BlockCause.DEPOSIT)),
        ("contact:create", 2501, (Blocked, BlockCause.CREDENTIALS)),
        ("host:create", 2101, (Blocked, BlockCause.REQUEST)),
        ("host:create", 2999, (Blocked, BlockCause.REQUEST)),
        ("contact:create", 2400, (NotSent, None)),
        ("host:create", 2500, (NotSent, None)),
    ],
)
def test_a_step_that_fails_before_the_name_is_never_in_doubt(
    connect: Connect, step: str, code: int, expected: tuple[type, Correction | BlockCause | None]
) -> None:
    """When a contact or a host is refused, the name was certainly not registered."""
    gateway, registry = connect(
        answers(
            lambda peer, request: peer.answer(request, code) if step in request else registers(peer, request)
        )
    )
    outcome = gateway.execute(FULL, call_with())
    cause = getattr(outcome, "needs", None) or getattr(outcome, "cause", None)
    assert (type(outcome), cause) == expected
    assert registry.commands("domain:create") == []


@pytest.mark.parametrize("step", ["contact:create", "host:create"])
@pytest.mark.parametrize("loss", [closes, cut, another_id], ids=lambda loss: loss.__name__)
def test_an_answer_lost_before_the_name_is_not_in_doubt(connect: Connect, step: str, loss: Answer) -> None:
    """When the line breaks while contacts or hosts are created, the order simply waits."""
    gateway, registry = connect(
        answers(lambda peer, request: loss(peer, request) if step in request else registers(peer, request))
    )
    assert isinstance(gateway.execute(FULL, call_with()), NotSent)
    assert registry.commands("domain:create") == []


def test_a_server_that_closes_after_a_step_costs_a_login(connect: Connect) -> None:
    """A registry that closes the line after a contact that exists does not put the registration in doubt."""
    asked, closed = threading.Event(), threading.Event()

    def nervous(peer: Peer, request: str) -> None:
        if "contact:create" in request:
            asked.set()
            peer.answer(request, 2302)
            peer.connection.close()
            closed.set()
        else:
            registers(peer, request)

    def clock_that_waits_for_the_close() -> float:
        assert not asked.is_set() or closed.wait(10)
        return time.monotonic()

    gateway, registry = connect(answers(nervous))
    call = replace(call_with(), clock=clock_that_waits_for_the_close)
    assert isinstance(gateway.execute(replace(FULL, nameservers=()), call), Done)
    assert registry.connections == 2


def test_a_persons_data_in_the_registrys_words_are_not_kept(connect: Connect) -> None:
    """A registry that repeats a contact's address in its refusal does not make us keep it."""
    gateway, _registry = connect(
        answers(lambda peer, request: peer.answer(request, 2005, message="no planted@example.net"))
    )
    outcome = gateway.execute(FULL, call_with())
    assert isinstance(outcome, Correctable)
    assert outcome.reply.text == "no ***"
    assert "lanted" not in repr(outcome)


def test_what_cannot_be_said_is_not_sent(connect: Connect) -> None:
    """An order that no registry could understand does not reach it."""
    gateway, registry = connect(answers(registers))
    own_host = replace(FULL, nameservers=(Nameserver("ns1.example.test"),))
    bad_contact = replace(FULL, contacts={ContactRole.REGISTRANT: replace(PERSON, voice="021")})
    outcomes = [
        gateway.execute(command, call_with())
        for command in (
            own_host,
            bad_contact,
            replace(RENEW, months=18),
            Transfer(NAME, 12, Secret("a\x00b")),
        )
    ]
    found = [
        (type(outcome), getattr(outcome, "needs", None) or getattr(outcome, "cause", None))
        for outcome in outcomes
    ]
    assert found == [
        (Correctable, Correction.NAMESERVERS),
        (Correctable, Correction.CONTACTS),
        (Blocked, BlockCause.REQUEST),
        (Correctable, Correction.AUTH_INFO),
    ]
    assert registry.connections == 0


# Reading.


def seen_as(info: int, query: int = 2301) -> Answer:
    def answer(peer: Peer, request: str) -> None:
        found = "<domain:infData><domain:name>example.test</domain:name><domain:roid>D-1</domain:roid></domain:infData>"
        code = query if "<transfer" in request else info
        peer.answer(request, code, data=found if code == 1000 else "")

    return answer


@pytest.mark.parametrize(
    ("kind", "codes", "standing", "asked"),
    [
        (Kind.RENEW, (1000, 2400), Standing.REGISTERED, 1),
        (Kind.REGISTER, (2303, 2400), Standing.FREE, 2),
        (Kind.RENEW, (2303, 2400), Standing.FREE, 1),
        (Kind.TRANSFER, (1000, 2301), Standing.REGISTERED, 2),
        (Kind.TRANSFER, (1000, 2400), Standing.UNKNOWN, 2),
        (Kind.TRANSFER, (2303, 2400), Standing.FREE, 1),
        (Kind.TRANSFER, (2400, 2301), Standing.UNKNOWN, 1),
    ],
)
def test_a_look_asks_what_matters_for_the_order(
    connect: Connect, kind: Kind, codes: tuple[int, int], standing: Standing, asked: int
) -> None:
    """A look for a transfer asks for the transfer too, one for a registration whether a free name is available."""
    gateway, registry = connect(answers(seen_as(*codes)))
    assert gateway.look(NAME, kind, call_with()).standing is standing
    assert len(registry.commands("domain:name")) == asked


def test_looks_under_one_call_have_ids_of_their_own(connect: Connect) -> None:
    """A registry that closes on a transaction id it has seen is never shown one twice."""
    gateway, registry = connect(answers(seen_as(1000)))
    call = call_with()
    for _ in range(3):
        gateway.look(NAME, Kind.TRANSFER, call)
    ids = [transaction_id(sent) for sent in registry.commands("domain:name")]
    assert len(set(ids)) == len(ids) == 6


@pytest.mark.parametrize(
    "loss", [closes, cut, page, framed_page, another_id, zero_length], ids=lambda loss: loss.__name__
)
def test_a_look_without_an_answer_knows_nothing(connect: Connect, loss: Answer) -> None:
    """A name is never thought free because the registry was silent."""
    gateway, _registry = connect(answers(loss))
    seen = gateway.look(NAME, Kind.REGISTER, call_with())
    assert (seen.standing, seen.ours) == (Standing.UNKNOWN, None)
    assert seen.reason


def test_a_message_stays_until_it_is_acknowledged(connect: Connect) -> None:
    """A registry's message is read as often as needed and taken off the queue by its own id."""
    queue = '<msgQ count="1" id="77"><qDate>2026-03-01T00:00:00Z</qDate><msg>words</msg></msgQ>'
    decided = (
        '<domain:panData><domain:name paResult="1">example.test</domain:name><domain:paTRID><clTRID>order-1</clTRID>'
        "<svTRID>SV-0</svTRID></domain:paTRID><domain:paDate>2026-03-01T00:00:00Z</domain:paDate></domain:panData>"
    )

    def polls(peer: Peer, request: str) -> None:
        if 'op="ack"' in request:
            peer.answer(request, 1000 if 'msgID="77"' in request else 2303)
        else:
            peer.answer(request, 1301, queue=queue, data=decided)

    gateway, registry = connect(answers(polls))
    for _ in range(2):
        message = gateway.next_message(call_with())
        assert message
        assert (message.message_id, message.progress, message.client_transaction_id) == (
            "77",
            Progress.APPROVED,
            "order-1",
        )
        assert "panData" in message.transcript
    gateway.acknowledge("77", call_with())
    gateway.acknowledge("78", call_with())
    assert len(registry.commands('op="ack"')) == 2


@pytest.mark.parametrize("code", [2400, 2500, 2101])
def test_messages_that_cannot_be_read_are_told(connect: Connect, code: int) -> None:
    """A queue in trouble is reported, and may be asked again."""
    gateway, _registry = connect(answers(lambda peer, request: peer.answer(request, code)))
    with pytest.raises(GatewayUnavailableError, match=str(code)):
        gateway.next_message(call_with())
    with pytest.raises(GatewayUnavailableError, match=str(code)):
        gateway.acknowledge("77", call_with())


def test_a_lost_acknowledgement_is_told(connect: Connect) -> None:
    """An acknowledgement without an answer is reported; repeating it is harmless."""
    gateway, _registry = connect(answers(closes))
    with pytest.raises(GatewayUnavailableError, match=r"\w"):
        gateway.acknowledge("77", call_with())


def test_inspecting_tells_what_is_there_and_spends_nothing(connect: Connect) -> None:
    """Staff can see what a registry offers without an order."""
    gateway, registry = connect(answers(renews), currency="EUR", extensions=["urn:example:absent"])
    told = gateway.inspect(call_with())
    assert told["server"] == "Example Registry"
    assert told["deposit"] == "not reported by this registrar"
    assert told.items() >= describe(gateway.capabilities).items()
    assert told["asked for but not offered"].split(", ") == [
        "urn:example:absent",
        FEE,
        MAINTENANCE,
    ]
    assert "TLS" in told["connection"]
    assert PASSWORD not in str(told)
    assert len(registry.received) == 1
    assert gateway.deposit(call_with()) is None


def test_a_national_id_stays_with_us(connect: Connect) -> None:
    """A registry that does not ask for a national id is never told it, and no transcript holds it."""
    gateway, registry = connect(answers(registers))
    person = replace(PERSON, national_id=Secret("0013542419"))
    everybody = dict.fromkeys((ContactRole.REGISTRANT, ContactRole.ADMIN, ContactRole.TECH), person)
    outcome = gateway.execute(replace(FULL, contacts=everybody), call_with())
    assert isinstance(outcome, Done)
    assert len(registry.commands("contact:create")) == 1
    assert "domain:create" in outcome.reply.transcript
    assert "0013542419" not in f"{outcome!r} {registry.received}"


def test_a_refusal_names_its_reason(connect: Connect) -> None:
    """A refused order carries the registry's words for staff, with nothing secret in them."""
    gateway, _registry = connect(
        answers(lambda peer, request: peer.answer(request, 2106, message="not planted-code"))
    )
    outcome = gateway.execute(Transfer(NAME, 12, Secret("planted-code")), call_with())
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.confirm, outcome.reply.text) == (
        RefusalReason.NOT_TRANSFERABLE,
        True,
        "not ***",
    )


def test_a_transfer_waits_for_its_answer(connect: Connect) -> None:
    """A transfer that was asked for is followed, not counted."""
    gateway, _registry = connect(answers(lambda peer, request: peer.answer(request, 1001)))
    assert isinstance(gateway.execute(Transfer(NAME, 12, Secret("planted-code")), call_with()), Pending)


def test_a_gateway_keeps_the_contract(ca_file: Path) -> None:
    """Every registrar is reached through the same few verbs."""
    gateway = epp.make("example", section(700, ca_file))
    assert isinstance(gateway, EppGateway)
    assert (gateway.name, gateway.capabilities.can_look) == ("example", True)
