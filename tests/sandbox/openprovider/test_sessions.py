"""Who is let in, for how long, and what does the platform say to everybody else?"""

import pytest

from adapters.sandbox.books import Books
from adapters.sandbox.openprovider import OpenproviderSandbox
from adapters.sandbox.tls import Certificates
from tests.sandbox.openprovider.client import PASSWORD, USERNAME, Clock, Reseller, journal


def test_a_login_gives_a_token(sandbox: OpenproviderSandbox, certificates: Certificates) -> None:
    """Whoever logs in with the right password may speak."""
    reseller = Reseller(sandbox.url, str(certificates.authority))

    reply = reseller.log_in()

    assert reply.envelope.keys() == {"code", "desc", "data", "maintenance", "warnings"}
    assert reply.data["reseller_id"] == 1
    assert reseller.ask("GET", "resellers").code == 0
    reseller.session.close()


@pytest.mark.parametrize(("username", "password"), [(USERNAME, "wrong"), ("wrong", PASSWORD), ("", "")])
def test_a_wrong_login_is_refused_like_a_failure(
    sandbox: OpenproviderSandbox, certificates: Certificates, username: str, password: str
) -> None:
    """A wrong name or password is answered with code 196 and HTTP 500."""
    reseller = Reseller(sandbox.url, str(certificates.authority))

    reply = reseller.log_in(username, password)

    assert (reply.status, reply.code) == (500, 196)
    assert reseller.ask("GET", "resellers").status == 401
    reseller.session.close()


@pytest.mark.parametrize("status", [401, 500])
def test_a_token_ends(*, books: Books, clock: Clock, certificates: Certificates, status: int) -> None:
    """A token is good until its time is over; then code 196 comes, with HTTP 401 or 500, and nothing is done."""
    with OpenproviderSandbox(
        books,
        certificates=certificates,
        username=USERNAME,
        password=PASSWORD,
        token_seconds=60,
        unauthorised_status=status,
        clock=clock,
    ) as sandbox:
        reseller = Reseller(sandbox.url, str(certificates.authority))
        reseller.log_in()
        clock.forward(seconds=59)
        before = reseller.check("new.com")
        clock.forward(seconds=1)
        after = reseller.create("new.com")
        reseller.session.close()

    assert before.code == 0
    assert (after.status, after.code) == (status, 196)
    assert books.domain("new.com") is None
    assert journal(books) == [
        ("login", None, 0),
        ("domain:check", "new.com", 0),
        ("domain:create", "new.com", 196),
    ]


def test_a_path_that_there_is_none_of_is_not_found(reseller: Reseller) -> None:
    """An unknown path and an unknown method are answered with HTTP 404."""
    assert reseller.ask("GET", "domains/one").status == 404
    assert reseller.ask("DELETE", "domains").status == 404


@pytest.mark.parametrize("body", ["domains", ["domains"]])
def test_a_body_that_is_no_object_is_refused(reseller: Reseller, body: object) -> None:
    """A request that is JSON, and no object, is not understood."""
    assert reseller.ask("POST", "domains/check", body=body).code == 3


def test_a_request_that_is_no_json_is_refused(sandbox: OpenproviderSandbox, reseller: Reseller) -> None:
    """A request that is no JSON at all is not understood."""
    answered = reseller.session.post(f"{sandbox.url}/domains/check", data=b"{", timeout=20)

    assert answered.json()["code"] == 3


def test_no_secret_is_kept_in_the_books(books: Books, reseller: Reseller) -> None:
    """Neither the password nor the token is written down."""
    reseller.create("new.com")
    token = str(reseller.session.headers["Authorization"]).removeprefix("Bearer ")

    kept = b"".join(path.read_bytes() for path in books.path.parent.glob("openprovider.sqlite*"))

    assert b"new.com" in kept
    assert PASSWORD.encode() not in kept
    assert token.encode() not in kept
