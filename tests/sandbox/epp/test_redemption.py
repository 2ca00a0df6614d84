"""What the EPP sandbox does with deleted names, prices, long passwords and the registry's own messages."""

import re

import pytest

from adapters.sandbox.epp import COM, LoginEvent
from adapters.sandbox.epp.logins import Logins
from adapters.sandbox.epp.requests import read_request
from tests.sandbox.epp import client as epp
from tests.sandbox.epp.client import Client, Said
from tests.sandbox.epp.stage import EXPIRY, PERIODS, Stage

RGP = "urn:ietf:params:xml:ns:rgp-1.0"
FEE = "urn:ietf:params:xml:ns:epp:fee-1.0"
LOGIN_SECURITY = "urn:ietf:params:xml:ns:epp:loginSec-1.0"
NAME = epp.names("example.com")
NOTHING = epp.domain("update", f"{NAME}<d:chg/>")
REQUEST = f'<r:update xmlns:r="{RGP}"><r:restore op="request"/></r:update>'
STATEMENTS = "<r:statement>ours</r:statement><r:statement>true</r:statement>"
REPORT = (
    f'<r:update xmlns:r="{RGP}"><r:restore op="report"><r:report><r:preData>before</r:preData><r:postData>after</r:postData>'
    "<r:delTime>2026-05-01T12:00:00Z</r:delTime><r:resTime>2026-05-02T12:00:00Z</r:resTime><r:resReason>regret</r:resReason>"
    f"{STATEMENTS}</r:report></r:restore></r:update>"
)


def logged_in(stage: Stage, client_id: str = "reseller") -> Client:
    """Log in with every object and extension that the greeting offers."""
    client = stage.connect()
    menu = re.search(rb"<objURI>.*</svcExtension>", client.greeting.body)
    assert menu
    login = (
        f"<login><clID>{client_id}</clID><pw>sandbox-pw</pw><options><version>1.0</version><lang>en</lang></options>"
        f"<svcs>{menu[0].decode()}</svcs></login>"
    )
    assert client.ask(login).code == 1000
    return client


def graces(said: Said) -> list[str]:
    return [str(found) for found in said.all(f"//*[namespace-uri()='{RGP}']/@s")]


def deleted(stage: Stage) -> Client:
    client = logged_in(stage)
    assert client.ask(epp.domain("delete", NAME)).code == 1001
    assert graces(client.ask(epp.info("example.com"))) == ["redemptionPeriod"]
    return client


def test_a_deleted_name_is_restored_for_one_charge(stage: Stage) -> None:
    """A name in redemption comes back for its price, at once or as soon as a complete report came, and only once."""
    client = deleted(stage)
    assert client.ask(NOTHING, extension=REQUEST).code == 1000
    if stage.dialect.restore_report:
        assert graces(client.ask(epp.info("example.com"))) == ["pendingRestore"]
        assert (
            client.ask(NOTHING, extension=REPORT.replace("<r:statement>true</r:statement>", "")).code == 2003
        )
        assert client.ask(NOTHING, extension=REPORT).code == 1000
    shown = client.ask(epp.info("example.com"))
    assert (graces(shown), "pendingDelete" in shown.all("//d:status/@s")) == ([], False)
    assert (client.ask(NOTHING, extension=REQUEST).code, client.ask(NOTHING, extension=REPORT).code) == (
        2304,
        2304,
    )
    assert (stage.amounts(), stage.expiry()) == ([4000], EXPIRY)


def test_a_name_in_redemption_takes_nothing_else(stage: Stage) -> None:
    """A deleted name is neither renewed nor changed nor deleted again, and another registrar cannot restore it."""
    client = deleted(stage)
    assert stage.renew(client).code == 2304
    assert client.ask(NOTHING).code == 2304
    assert client.ask(epp.domain("delete", NAME)).code == 2304
    assert logged_in(stage, "other").ask(NOTHING, extension=REQUEST).code == 2201


def test_a_restore_comes_too_late(stage: Stage) -> None:
    """When the redemption is over the name cannot be restored, and then it is free."""
    client = deleted(stage)
    stage.clock.pass_by(31 * 86_400)
    assert graces(client.ask(epp.info("example.com"))) == ["pendingDelete"]
    assert client.ask(NOTHING, extension=REQUEST).code == 2304
    stage.clock.pass_by(6 * 86_400)
    assert client.ask(epp.info("example.com")).code == 2303


def test_a_restored_name_is_not_purged(stage: Stage) -> None:
    """The end of a redemption that a restore ended before leaves the name alone."""
    client = deleted(stage)
    client.ask(NOTHING, extension=REQUEST)
    client.ask(NOTHING, extension=REPORT)
    stage.clock.pass_by(60 * 86_400)
    assert client.ask(epp.info("example.com")).code == 1000


@pytest.mark.parametrize(("verdict", "left"), [("approve", []), ("reject", ["redemptionPeriod"])])
def test_a_restore_may_be_decided_later(stage: Stage, verdict: str, left: list[str]) -> None:
    """A restore that waits is approved, or rejected with its charge given back."""
    client = deleted(stage)
    stage.books.misbehave("pending", command="domain:restore")
    assert client.ask(NOTHING, extension=REQUEST).code == 1001
    assert graces(client.ask(epp.info("example.com"))) == ["pendingRestore"]
    getattr(stage.books, verdict)("example.com")
    stage.clock.pass_by(1)
    assert graces(client.ask(epp.info("example.com"))) == left
    assert sum(stage.amounts()) == (4000 if verdict == "approve" else 0)


# Prices.


def fee_of(said: Said, what: str) -> list[str]:
    return said.all(f"//*[namespace-uri()='{FEE}' and local-name()='{what}']")


def asked(command: str, content: str = "") -> str:
    return f'<f:check xmlns:f="{FEE}">{content}<f:command name="{command}"/></f:check>'


def stated(command: str, fee: str, currency: str = "USD") -> str:
    return (
        f'<f:{command} xmlns:f="{FEE}"><f:currency>{currency}</f:currency><f:fee>{fee}</f:fee></f:{command}>'
    )


def test_prices_are_told_by_name_and_command(com: Stage) -> None:
    """Who asks hears the price of a command, and whether the name is a premium one; in another money nothing is told."""
    client = logged_in(com)
    for name, grade, fees in (
        (
            "example.com",
            "standard",
            {"create": "9.00", "renew": "9.50", "transfer": "9.80", "restore": "40.00"},
        ),
        ("premium-name.com", "premium", {"create": "90.00", "renew": "95.00", "restore": "400.00"}),
    ):
        for command, fee in fees.items():
            said = client.ask(epp.check(name), extension=asked(command))
            assert (fee_of(said, "fee"), fee_of(said, "class")) == ([fee], [grade])
    assert (
        client.ask(epp.check("example.com"), extension=asked("renew", "<f:currency>EUR</f:currency>")).code
        == 2004
    )
    assert fee_of(client.ask(epp.check("example.com"), extension=asked("frobnicate")), "reason")


def test_a_premium_name_is_paid_knowingly(com: Stage) -> None:
    """A premium name needs its exact fee in our money; an ordinary one may state it; the balance comes back with it."""
    com.books.add_domain("premium-name.com", expires_at=EXPIRY)
    client = logged_in(com)
    assert client.ask(epp.check("premium-free.com")).one("//d:name/@avail") == "0"
    renewal = epp.renew("premium-name.com", "2027-01-31")
    assert com.renew(client, "premium-name.com").code == 2003
    assert client.ask(renewal, extension=stated("renew", "9.50")).code == 2004
    assert client.ask(renewal, extension=stated("renew", "95.00", "EUR")).code == 2004
    assert client.ask(renewal, extension=stated("renew", "much")).code == 2005
    assert com.amounts() == []
    said = client.ask(renewal, extension=stated("renew", "95.00"))
    assert (said.code, fee_of(said, "balance")) == (1000, ["905.00"])
    said = client.ask(epp.renew("example.com", "2027-01-31"), extension=stated("renew", "9.50"))
    assert fee_of(said, "balance") == ["895.50"]
    assert com.amounts() == [9500, 950]


def test_where_no_prices_are_told_a_name_costs_what_names_cost(small: Stage) -> None:
    """A registry without the extension knows no premium names, and takes no stated fee."""
    small.books.add_domain("premium-name.com", expires_at=EXPIRY)
    client = logged_in(small)
    renewal = epp.renew("premium-name.com", "2027-01-31", PERIODS["m"])
    assert client.ask(renewal, extension=stated("renew", "9.50")).code == 2103
    assert small.renew(client, "premium-name.com").code == 1000
    assert small.amounts() == [950]


def test_an_extension_that_the_login_did_not_ask_for_is_refused(com: Stage) -> None:
    """A client uses what it logged in with, and an extension where it belongs."""
    bare = com.client()
    assert bare.ask(epp.check("example.com"), extension=asked("renew")).code == 2002
    assert logged_in(com).ask(epp.info("example.com"), extension=asked("renew")).code == 2102


# Logins and messages.


def test_a_long_password_travels_in_the_extension(com: Stage) -> None:
    """A password longer than sixteen characters is set and used by RFC 8807's extension alone."""
    long = "a password of more than sixteen characters"
    uri = f"<svcExtension><extURI>{LOGIN_SECURITY}</extURI></svcExtension>"

    def login(password: str, new: str = "") -> int:
        parts = "".join(
            f"<l:{tag}>{text}</l:{tag}>" for tag, text in (("pw", password), ("newPW", new)) if text
        )
        newer = "<newPW>[LOGIN-SECURITY]</newPW>" if new else ""
        command = (
            f"<login><clID>reseller</clID><pw>[LOGIN-SECURITY]</pw>{newer}<options><version>1.0</version><lang>en</lang>"
            f"</options><svcs><objURI>{epp.NS['d']}</objURI>{uri}</svcs></login>"
        )
        extension = f'<l:loginSec xmlns:l="{LOGIN_SECURITY}">{parts}</l:loginSec>'
        return com.connect().ask(command, extension=extension).code

    assert [login("wrong"), login("sandbox-pw", long), login("sandbox-pw"), login(long)] == [
        2200,
        1000,
        2200,
        1000,
    ]


def test_a_login_is_warned_if_it_asked_to_be(com: Stage) -> None:
    """Warnings go to who asked for them at login, with their dates."""
    event = LoginEvent("certificate", "expires soon", expires="2026-12-01T00:00:00Z")
    logins = Logins({"reseller": "sandbox-pw"}, dialect=COM, session_cap=1, events=[event])
    assert logins.warnings(frozenset()) == ()
    (written,) = logins.warnings(frozenset({LOGIN_SECURITY}))
    assert {str(name): str(text) for name, text in written[0].items()} == {
        "type": "certificate",
        "level": "warning",
        "exDate": "2026-12-01T00:00:00Z",
    }
    assert com.client().ask(epp.check("example.com")).code == 1000


@pytest.mark.parametrize(
    ("extension", "command"),
    [(REQUEST, "domain:restore"), (REPORT, "domain:restore:report"), ("", "domain:update")],
)
def test_a_restore_has_a_name_of_its_own_in_the_journal(extension: str, command: str) -> None:
    """A restore, its report and an ordinary update are told apart."""
    assert read_request(epp.envelope(NOTHING, extension=extension).encode()).command == command


def test_the_registrys_own_messages_can_be_ordered(com: Stage) -> None:
    """A change by the registry, an outage and a low balance are told in the words of their standards."""
    with com.books.page() as page:
        page.queue_message(
            "changePoll",
            "Changed",
            name="example.com",
            body={"operation": "update", "who": "URS Admin", "case": "F1"},
        )
        page.queue_message(
            "maintenance", "Away", body={"start": "2026-05-02T00:00:00Z", "end": "2026-05-02T01:00:00Z"}
        )
        page.queue_message("lowBalance", "Low", body={"credit": "1.00", "limit": "5.00"})
        page.queue_message("notice", "Words alone")
    client = logged_in(com)
    for found in (
        "//*[local-name()='caseId']",
        "//*[local-name()='start']",
        "//*[local-name()='availableCredit']",
        "//e:msg",
    ):
        said = client.ask(epp.poll())
        assert said.code == 1301
        assert said.all(found)
        client.ask(epp.acknowledge(said.one("//e:msgQ/@id")))
    assert client.ask(epp.poll()).code == 1300


def test_every_session_ends_when_the_registry_ends_them(stage: Stage) -> None:
    """A registry that ends its sessions at night hangs up on all of them, and lets everybody in again."""
    clients = [stage.client() for _ in range(3)]
    stage.sandbox.end_sessions()
    for client in clients:
        with pytest.raises((epp.HungUpError, OSError)):
            client.ask(epp.check("example.com"))
    assert stage.client().ask(epp.check("example.com")).code == 1000
