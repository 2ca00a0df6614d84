"""Is one name looked up at the right server, and only there, whatever that server does? Over real sockets."""

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import trustme

from adapters.lookups.rdap import Rdap
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from tests.adapters.rdap.conftest import Clients
from tests.adapters.rdap.scripted import (
    RDAP,
    ScriptedRdap,
    a_domain,
    answers,
    drips,
    redirects,
    says,
    says_and_closes,
)
from tests.adapters.scripted_https import http

NAME = DomainName("example.test", "test")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HELD = a_domain(NAME.ascii)
WHOLE = http(b'{"errorCode": 404}', status="404 Not Found", content_type=RDAP)


def look(client: Rdap, name: DomainName = NAME) -> Sighting:
    """Look one name up."""
    return client.look(name, NOW)


def reason_of(client: Rdap) -> str:
    """Look, and return why nothing came of it."""
    seen = look(client)
    assert seen.standing is Standing.UNKNOWN
    assert seen.seen_at == NOW
    return seen.reason


def test_a_name_is_asked_for_at_its_registry(clients: Clients, registry: ScriptedRdap) -> None:
    """The registry that IANA's list names is asked for the name in its ASCII form, in RDAP's own type."""
    name = DomainName("xn--mgbh0fb.test", "test")
    registry.names[name.ascii] = answers(a_domain(name.ascii))
    seen = look(clients(), name)
    assert (seen.standing, seen.source, seen.seen_at) == (Standing.REGISTERED, "rdap:127.0.0.1", NOW)
    (request,) = registry.requests
    assert request.path == "/rdap/domain/xn--mgbh0fb.test"
    assert request.headers["accept"] == "application/rdap+json"
    assert request.headers["accept-encoding"] == "identity"
    assert "cookie" not in request.headers


def test_a_name_that_its_registry_does_not_know_is_free(clients: Clients) -> None:
    """When the registry itself says that there is no such name, it is free."""
    assert look(clients()).standing is Standing.FREE


def test_a_zone_without_a_server_is_not_guessed_at(clients: Clients, registry: ScriptedRdap) -> None:
    """Where no list names a server, nobody is asked and nothing is known."""
    seen = look(clients(), DomainName("example.ir", "ir"))
    assert (seen.standing, seen.source, seen.reason) == (Standing.UNKNOWN, "rdap", "no RDAP server for ir")
    assert registry.requests == []


def test_the_longest_zone_that_is_listed_is_the_names(
    clients: Clients, registry: ScriptedRdap, elsewhere: ScriptedRdap
) -> None:
    """A zone below another one may have a server of its own."""
    client = clients(listed={"test": [registry.base], "co.test": [elsewhere.base]})
    look(client, DomainName("example.co.test", "co.test"))
    look(client, DomainName("example.ac.test", "ac.test"))
    assert elsewhere.asked == ["/rdap/domain/example.co.test"]
    assert registry.asked == ["/rdap/domain/example.ac.test"]


def test_a_server_that_staff_name_proves_what_they_say_it_does(
    clients: Clients, elsewhere: ScriptedRdap
) -> None:
    """A server that staff name shows that a name is free only where they say that it is the registry's own."""
    some = {"test": {"url": elsewhere.base}}
    assert look(clients(overrides=some)).standing is Standing.UNKNOWN
    own = {"test": {"url": elsewhere.base, "authoritative": True}}
    assert look(clients(overrides=own)).standing is Standing.FREE
    elsewhere.names[NAME.ascii] = answers(HELD)
    assert look(clients(overrides=some)).standing is Standing.REGISTERED


def test_a_redirect_inside_the_zones_servers_is_followed(
    clients: Clients, registry: ScriptedRdap, elsewhere: ScriptedRdap
) -> None:
    """A registry may send us to another server that the list names for the zone, and what that one says counts."""
    registry.names[NAME.ascii] = redirects(f"{elsewhere.base}domain/{NAME.ascii}")
    assert look(clients(listed={"test": [registry.base, elsewhere.base]})).standing is Standing.FREE
    assert elsewhere.asked == ["/rdap/domain/example.test"]


def test_a_redirect_outside_is_not_followed(
    clients: Clients, registry: ScriptedRdap, elsewhere: ScriptedRdap
) -> None:
    """A server cannot send us to a host that nobody named: that one is never asked."""
    registry.names[NAME.ascii] = redirects(f"{elsewhere.base}domain/{NAME.ascii}")
    assert "not followed" in reason_of(clients())
    assert elsewhere.connections == 0


def test_a_redirect_to_a_listed_host_is_followed_and_proves_no_absence(
    clients: Clients, registry: ScriptedRdap, elsewhere: ScriptedRdap
) -> None:
    """A host that staff listed may be followed to; what it does not know, somebody else may."""
    registry.names[NAME.ascii] = redirects(f"{elsewhere.base}domain/{NAME.ascii}")
    client = clients(redirect_hosts=[f"127.0.0.1:{elsewhere.port}"])
    assert look(client).standing is Standing.UNKNOWN
    elsewhere.names[NAME.ascii] = answers(HELD)
    assert look(client).standing is Standing.REGISTERED


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/rdap/domain/example.test",
        "https://user@127.0.0.1:{port}/rdap/domain/example.test",
        "file:///etc/hosts",
        "https://127.0.0.1:{port}/a b",
        "https://127.0.0.1:99999/",
        "https://[127.0.0.1/",
        "",
    ],
)
def test_a_redirect_must_be_an_address_by_https(
    clients: Clients, registry: ScriptedRdap, target: str
) -> None:
    """A redirect to plain HTTP, to a file, to nowhere or with somebody's name in it is not followed."""
    registry.names[NAME.ascii] = redirects(target.format(port=registry.port))
    reason = reason_of(clients())
    assert "redirect" in reason
    assert len(registry.requests) <= 4


def test_redirects_end(clients: Clients, registry: ScriptedRdap) -> None:
    """A server that redirects for ever is asked four times, and no more."""
    registry.names[NAME.ascii] = redirects(f"/rdap/domain/{NAME.ascii}")
    assert reason_of(clients()) == "more than 3 redirects"
    assert len(registry.requests) == 4


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 120\r\n", 120),
        (f"Retry-After: {format_datetime(NOW + timedelta(minutes=5), usegmt=True)}\r\n", 300),
        ("Retry-After: 99999999\r\n", 3600),
        ("Retry-After: soon\r\n", 60),
        ("", 60),
    ],
)
def test_a_server_at_its_limit_is_left_alone(
    clients: Clients, registry: ScriptedRdap, header: str, seconds: int
) -> None:
    """A server that says it is asked too much says nothing of the name, and is not asked again before its time."""
    registry.names[NAME.ascii] = says(
        f"HTTP/1.1 429 Too Many Requests\r\n{header}Content-Length: 0\r\n\r\n".encode()
    )
    client = clients()
    seen = look(client)
    assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, seconds)
    again = look(client, DomainName("other.test", "test"))
    assert again.standing is Standing.UNKNOWN
    assert again.reason.startswith("not asked")
    assert again.retry_after is not None
    assert 0 < again.retry_after <= seconds
    assert len(registry.requests) == 1


def test_a_server_that_is_closed_for_a_while_is_left_alone(clients: Clients, registry: ScriptedRdap) -> None:
    """An outage that names its end is waited for; one that does not is asked again next time."""
    registry.names[NAME.ascii] = says(b"HTTP/1.1 503 Off\r\nContent-Length: 0\r\n\r\n")
    client = clients()
    assert look(client).retry_after is None
    registry.names[NAME.ascii] = says(b"HTTP/1.1 503 Off\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n")
    assert look(client).retry_after == 30
    assert look(client).reason.startswith("not asked")
    assert len(registry.requests) == 2


def test_no_server_puts_a_name_off_for_years(clients: Clients, registry: ScriptedRdap) -> None:
    """However late a server in trouble wants us back, its name is looked at again within the hour."""
    registry.names[NAME.ascii] = says(
        b"HTTP/1.1 500 No\r\nRetry-After: 999999999\r\nContent-Length: 0\r\n\r\n"
    )
    assert look(clients()).retry_after == 3600


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (http(b"<html>Not Found</html>", status="404 Not Found", content_type="text/html"), "no RDAP"),
        (http(b"<html>busy</html>", content_type="text/html"), "no RDAP"),
        (http(b"", status="500 Internal Server Error"), "HTTP 500"),
        (WHOLE[:-4], "cut off"),
        (WHOLE[:20], "hung up"),
        (b"", "hung up"),
        (b"220 mail.example ESMTP\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "compressed"),
        (b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n", "cut off"),
        (b"HTTP/1.1 404 No\r\n" + b"X: y\r\n" * 500 + b"Content-Length: 0\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 404 No\r\nX: " + b"y" * 20_000 + b"\r\nContent-Length: 0\r\n\r\n", "does not speak HTTP"),
        (http(b" " * 300_000), "larger than 262144 bytes"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 300_000, "larger than 262144 bytes"),
    ],
)
def test_an_answer_that_is_none_tells_nothing(
    clients: Clients, registry: ScriptedRdap, raw: bytes, reason: str
) -> None:
    """Half an answer, a page, too much of one or none at all: the name is unknown, never free."""
    registry.names[NAME.ascii] = says_and_closes(raw)
    assert reason in reason_of(clients())
    assert len(registry.requests) == 1


def test_a_question_is_never_repeated(clients: Clients, registry: ScriptedRdap) -> None:
    """A server that hangs up on a question is not asked it twice in one look: its limit would count both."""
    registry.names[NAME.ascii] = says_and_closes(b"")
    client = clients()
    reason_of(client)
    reason_of(client)
    assert len(registry.requests) == 2


@pytest.mark.parametrize("raw", [WHOLE, WHOLE[: WHOLE.index(b"{")], b"HTTP/1.1 404 No\r\nX: "])
def test_an_answer_that_drips_ends_in_time(clients: Clients, registry: ScriptedRdap, raw: bytes) -> None:
    """An answer that comes byte by byte is given up when the look's time is over."""
    registry.names[NAME.ascii] = drips(raw + b"y" * 10_000)
    assert reason_of(clients(call_timeout_seconds=0.5)) == "no whole answer came in time"


def test_redirects_share_one_time_limit(clients: Clients, registry: ScriptedRdap) -> None:
    """A server cannot win time for itself by redirecting."""
    registry.names[NAME.ascii] = redirects(NAME.ascii, after=0.3)
    assert reason_of(clients(call_timeout_seconds=0.5)) == "no whole answer came in time"
    assert len(registry.requests) <= 2


def test_a_server_that_cannot_prove_its_name_is_not_asked(clients: Clients, elsewhere: ScriptedRdap) -> None:
    """A certificate for another name ends the conversation before a question is asked."""
    client = clients(listed={"test": [elsewhere.base.replace("127.0.0.1", "localhost")]})
    assert "TLS" in reason_of(client)
    assert elsewhere.requests == []


def test_a_strangers_certificate_is_not_believed(clients: Clients) -> None:
    """A server whose certificate comes from an authority we do not know is not asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    stranger = ScriptedRdap(context)
    try:
        assert "TLS" in reason_of(clients(listed={"test": [stranger.base]}))
    finally:
        stranger.close()
    assert stranger.requests == []


def test_a_server_that_is_not_there_leaves_the_name_unknown(
    clients: Clients, elsewhere: ScriptedRdap
) -> None:
    """When nobody listens, the name is unknown, never free."""
    base = elsewhere.base
    elsewhere.close()
    assert reason_of(clients(listed={"test": [base]})).startswith("the server cannot be reached")


def test_a_proxy_in_the_environment_is_not_used(
    clients: Clients, registry: ScriptedRdap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the machine's environment says of proxies, the registry itself is asked."""
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    registry.names[NAME.ascii] = answers(HELD)
    assert look(clients()).standing is Standing.REGISTERED


class _Plain(BaseHTTPRequestHandler):
    """A server on this machine without TLS: it knows no name."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


def test_plain_http_is_for_this_machine_alone(clients: Clients) -> None:
    """A rehearsal on this machine may go without TLS, if that is said; anything else may not."""
    server = HTTPServer(("127.0.0.1", 0), _Plain)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    try:
        allowed = {"url": url, "authoritative": True, "allow_http": True}
        assert look(clients(overrides={"test": allowed})).standing is Standing.FREE
    finally:
        server.shutdown()
        server.server_close()
    for override in ({"url": url}, {"url": "http://rdap.example/", "allow_http": True}):
        with pytest.raises(ValueError, match="https"):
            clients(overrides={"test": override})
