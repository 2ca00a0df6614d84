"""Does it change names as it is asked to, give out codes, and let names go?"""

from adapters.sandbox.books import Books
from adapters.sandbox.openprovider import OpenproviderSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.openprovider.client import (
    EXPIRY,
    PASSWORD,
    PERSON,
    USERNAME,
    Clock,
    Reseller,
    amounts,
    order,
)


def test_what_is_stated_is_changed(books: Books, reseller: Reseller) -> None:
    """Servers, lock, autorenew, privacy and remarks change; what is not stated stays."""
    reseller.create("new.com")
    number = reseller.number("new.com")

    reply = reseller.ask(
        "PUT",
        f"domains/{number}",
        body={
            "name_servers": [{"name": "NS9.new.com", "ip": "192.0.2.1", "ip6": "2001:db8::1"}],
            "is_locked": True,
            "autorenew": "on",
            "is_private_whois_enabled": True,
        },
    )

    assert reply.data == {"status": "ACT"}
    shown = reseller.get(number, with_registry_statuses=True).data
    assert shown["name_servers"] == [
        {"seq_nr": 0, "name": "ns9.new.com", "ip": "192.0.2.1", "ip6": "2001:db8::1"}
    ]
    assert (shown["is_locked"], shown["autorenew"], shown["is_private_whois_enabled"]) == (True, "on", True)
    assert shown["registry_statuses"]["client_transfer_prohibited"]["value"] == 1
    assert shown["owner_handle"] == order("new.com")["owner_handle"]
    assert reseller.ask("PUT", f"domains/{number}", body={"admin_handle": "XX999999-XX"}).code == 145
    handle = reseller.ask("POST", "customers", body=PERSON).data["handle"]
    assert reseller.ask("PUT", f"domains/{number}", body={"admin_handle": handle}).code == 0
    assert reseller.get(number).data["admin_handle"] == handle


def test_a_name_under_way_is_left_alone(books: Books, reseller: Reseller) -> None:
    """While something is decided, and after a name is deleted, nothing else can be changed."""
    books.misbehave("pending", command="domain:create")
    reseller.create("new.com")
    number = reseller.number("new.com")
    books.add_domain("old.com", expires_at=EXPIRY)
    old = reseller.number("old.com")
    reseller.ask("DELETE", f"domains/{old}")

    assert reseller.ask("PUT", f"domains/{number}", body={}).code == 339
    assert reseller.ask("PUT", f"domains/{old}", body={}).code == 366


def test_a_code_is_told_and_made_anew(books: Books, reseller: Reseller) -> None:
    """The authorization code is told, and another one after it is reset."""
    books.add_domain("ours.com", expires_at=EXPIRY, auth_info="code-1")
    number = reseller.number("ours.com")

    first = reseller.ask("GET", f"domains/{number}/authcode").data
    second = reseller.ask("POST", f"domains/{number}/authcode/reset", body={}).data

    assert first == {"auth_code": "code-1", "success": True, "type": "external"}
    assert second["auth_code"] != "code-1"
    assert reseller.ask("GET", f"domains/{number}/authcode").data == second


def test_a_transfer_away_is_approved_or_not(books: Books, reseller: Reseller) -> None:
    """A name that somebody asks for stays when we say no, and is TRAN when we say yes."""
    for name in ("stays.com", "goes.com"):
        books.add_domain(name, expires_at=EXPIRY, detail={"gaining": "another"})
    stays, goes = reseller.number("stays.com"), reseller.number("goes.com")

    assert reseller.ask("POST", f"domains/{stays}/transfer/approve", body={"approve": 0}).code == 0
    assert reseller.ask("POST", f"domains/{goes}/transfer/approve", body={"approve": 1}).code == 0

    assert reseller.find("stays.com")["status"] == "ACT"
    assert reseller.ask("POST", f"domains/{stays}/transfer/approve", body={}).code == 366
    assert reseller.find("goes.com")["status"] == "TRAN"
    entry = books.domain("goes.com")
    assert entry is not None
    assert entry.sponsor == "another"
    assert reseller.renew(goes, "goes.com").code == 366
    assert reseller.create("goes.com").code == 311


def test_a_new_handle_is_not_known_at_once(books: Books, clock: Clock, certificates: Certificates) -> None:
    """For a short time the domains do not know a customer that was just created."""
    with OpenproviderSandbox(
        books,
        certificates=certificates,
        username=USERNAME,
        password=PASSWORD,
        handle_lag_seconds=2,
        clock=clock,
    ) as sandbox:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        reseller.log_in()
        handle = reseller.ask("POST", "customers", body=PERSON).data["handle"]
        too_early = reseller.create("new.com", owner_handle=handle)
        clock.forward(seconds=2)
        later = reseller.create("new.com", owner_handle=handle)
        reseller.session.close()

    assert (too_early.code, too_early.envelope["desc"]) == (145, f"Unknown handle: {handle}")
    assert later.code == 0
    assert amounts(books) == [900]
