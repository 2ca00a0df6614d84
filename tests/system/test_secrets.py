"""Is a secret anywhere that it should not be? Known ones are planted in every order and setting, and searched for."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from dramatiq import Message
from redis import Redis
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from adapters.sandbox.misbehaviour import Behaviour
from registrar.models import Finding
from tests.system import batch, haystack
from tests.system.shop import ROOT, Shop

AUTH_CODE = 'Planted&<Auth>"7+/='
WRONG_CODE = "Planted-wrong-Code-8"
CORRECTED_CODE = "Planted-second-wrong-9"
STRAY_KEY = "rgk_planted-but-never-issued-key"
PERSON = {
    "reference": "holder-9",
    "name": "Plantedname Example",
    "organization": "Planted Organisation Example",
    "email": "planted-person@example.net",
    "street": ["7 Planted Invented Street"],
    "city": "Plantedville",
    "province": "Plantedprovince",
    "postal_code": "1357924680",
    "country_code": "IR",
    "voice": "+98.2155501234",
    "national_id": "0013542419",
}
"""An invented person; the national id belongs to nobody."""
PEOPLE = dict.fromkeys(("registrant", "admin", "tech"), PERSON)


def test_no_secret_is_kept_anywhere(shop: Shop) -> None:
    """Orders of every kind come to every end, the registrars echo what we sent them, and no secret is found anywhere."""
    with haystack.monitored(shop.redis.url) as told:
        secrets, hay = _live_through_everything(shop)
    hay["what Redis was sent"] = b"\n".join(told)
    assert b"work_order" in hay["what Redis was sent"]
    assert b"transferred.com" in b"".join(hay.values())
    assert b"worker started" in hay["worker-1.log"]
    assert b"/v1/orders" in hay["api.log"]
    assert haystack.leaks(hay, secrets) == []


def test_a_secret_that_a_portal_sends_by_message_is_kept_nowhere(shop: Shop) -> None:
    """An auth code in a message, and in messages that nobody can read: rejected, and gone from Redis, books and logs."""
    with Redis.from_url(shop.redis.url) as client:
        orders = [
            batch.transfer("mina.com", "k-1", auth_info=AUTH_CODE),
            batch.registration("mina.com", "k-2", contacts=PEOPLE),
        ]
        for order in orders:
            shop.house.broker.enqueue(Message("portal", "place_order", (order,), {}, {}))
        shop.house.broker.enqueue(
            Message("epp", "work_order", (AUTH_CODE, WRONG_CODE), {"no": AUTH_CODE}, {})
        )
        shop.start_worker()
        shop.wait_for(lambda: not client.keys("dramatiq:*.msgs"), "every message is read")
        shop.wait_for(
            lambda: b"unhandled exception" in shop.workers[0].log.read_bytes(), "the odd one is logged"
        )
    hay = (
        haystack.of_database(shop.settings.database.url)
        | haystack.of_redis(shop.redis.url)
        | haystack.of_files(shop.workers[0].log)
    )
    assert hay["rejections.code (row 0)"].startswith(b"secret_in_message")
    assert haystack.leaks(hay, {"auth code": AUTH_CODE, "second code": WRONG_CODE} | _parts_of_person()) == []


def test_an_error_of_the_database_shows_no_values(shop: Shop) -> None:
    """What the database complains about goes to the log without the values that were to be written."""
    with pytest.raises(DBAPIError) as caught, shop.desk.database.transaction() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:code)"), {"code": AUTH_CODE})
    assert haystack.leaks({"the error": str(caught.value).encode()}, {"auth code": AUTH_CODE}) == []


@pytest.mark.parametrize("form", sorted(haystack.forms(AUTH_CODE)))
def test_the_search_finds_every_form(form: bytes, tmp_path: Path) -> None:
    """A leak in any form is found, in a file as in a table."""
    leaked = tmp_path / "worker.log"
    leaked.write_bytes(b'{"event": "' + form + b'"}')
    found = haystack.leaks(haystack.of_files(leaked), {"auth code": AUTH_CODE})
    assert found == ["auth code stands in worker.log"]


def test_the_search_finds_a_planted_leak(shop: Shop) -> None:
    """A secret that is put into a table and into Redis is found in both, and in nothing else."""
    with shop.desk.database.transaction() as connection:
        leak = {"kind": "leak", "subject": "s", "text": f"the code is {AUTH_CODE}", "next_step": "none"}
        connection.execute(insert(Finding).values(**leak, opened_at=shop.desk.now(), seen_at=shop.desk.now()))
    with Redis.from_url(shop.redis.url) as client:
        client.hset("leak", "field", AUTH_CODE)
    hay = haystack.of_database(shop.settings.database.url) | haystack.of_redis(shop.redis.url)
    found = haystack.leaks(hay, {"auth code": AUTH_CODE})
    assert {"auth code stands in findings.text (row 0)", "auth code stands in redis b'leak'"} <= set(found)
    assert haystack.leaks(hay, {"another": WRONG_CODE}) == []


def _live_through_everything(shop: Shop) -> tuple[dict[str, str], dict[str, bytes]]:
    """Place orders of every kind through the API, make every sort of trouble, and gather all that is kept of it."""
    _make_trouble(shop)
    address, key = shop.start_api(), shop.issue_key()
    shop.keep_up(2)
    with _portal(address, key) as portal:
        answers = [portal.post("/v1/orders", order) for order in _orders()]
        assert {answer.status_code for answer in answers} == {202}
        answers += _ask_badly(portal)
        held = {"order-wrong-code.com", "order-bad-person.com"}
        shop.wait_for(lambda: {key for key, end in shop.ends().items() if end == "held"} >= held, "held")
        number = shop.row("order-wrong-code.com").id
        answers.append(portal.post(f"/v1/orders/{number}/correction", {"auth_info": CORRECTED_CODE}))
        assert answers[-1].ok, answers[-1].text
        shop.wait_for(lambda: len(shop.attempts("order-wrong-code.com")) == 2, "it is sent again")
        proof = shop.wait_until_quiet()
        assert proof.ok, proof.faults
        assert {"completed", "refused", "held"} == set(shop.ends().values())
        answers += [portal.get(f"/v1/orders/{order_id}") for order_id in range(1, len(_orders()) + 1)]
    said = [_terminal(shop, "orders", "show", str(number)), _terminal(shop, "findings")]
    shop.api.ask_to_stop() if shop.api else None
    hay = haystack.of_database(shop.settings.database.url) | haystack.of_redis(shop.redis.url)
    hay |= haystack.of_files(*shop.folder.glob("*.log"))
    hay["what the API answered"] = b"\n".join(
        str(answer.headers).encode() + answer.content for answer in answers
    )
    hay["what the terminal said"] = b"\n".join(said)
    return _planted(shop, key), hay


def _orders() -> list[dict[str, Any]]:
    """Return an order for every sort of trouble; their names say which."""
    transfers = [
        batch.transfer(name, auth_info=WRONG_CODE if name == "wrong-code.com" else AUTH_CODE)
        for name in (
            "transferred.com",
            "wrong-code.com",
            "echoed-code.com",
            "lost-transfer.com",
            "rejected.com",
        )
    ]
    registrations = [
        batch.registration(name, contacts=PEOPLE)
        for name in (
            "registered.com",
            "bad-person.com",
            "echoed-person.com",
            "garbled.com",
            "lost-create.com",
        )
    ]
    ir = [batch.registration(name) for name in ("registered.ir", "echoed.ir", "garbled.ir", "page.ir")]
    return [*transfers, *registrations, *ir, batch.renewal("renewed.com"), batch.renewal("renewed.ir")]


def _make_trouble(shop: Shop) -> None:
    """Have the registrars echo what they are sent, lose answers, and answer with what cannot be read."""
    for order in _orders():
        batch.seed(shop, order, auth_info=AUTH_CODE)
    deposit_code = (shop.place_of_sandbox.folder / "secrets" / "irnic_deposit_code").read_text()
    person = f"{PERSON['email']} of {PERSON['name']}, {PERSON['voice']}"
    for books, behaviour, command, name, argument in (
        (shop.epp, Behaviour.REFUSE, "domain:transfer", "echoed-code.com", f"2202 {AUTH_CODE} is not it"),
        (shop.epp, Behaviour.DROP_REPLY, "domain:transfer", "lost-transfer.com", ""),
        (shop.epp, Behaviour.REJECT, "domain:transfer", "rejected.com", "0.3"),
        (shop.epp, Behaviour.REFUSE, "domain:create", "bad-person.com", f"2005 {person}"),
        (shop.epp, Behaviour.REFUSE, "domain:create", "echoed-person.com", f"2306 {person}"),
        (shop.epp, Behaviour.GARBAGE, "domain:create", "garbled.com", ""),
        (shop.epp, Behaviour.CUT, "domain:create", "lost-create.com", ""),
        (shop.irnic, Behaviour.REFUSE, "domain:create", "echoed.ir", f"2308 {deposit_code} has no rights"),
        (shop.irnic, Behaviour.GARBAGE, "domain:create", "garbled.ir", ""),
        (shop.irnic, Behaviour.HTML, "domain:create", "page.ir", ""),
    ):
        books.misbehave(behaviour, command=command, name=name, argument=argument)


def _ask_badly(portal: "_Portal") -> list[requests.Response]:
    """Send requests that cannot be taken, each with a secret in it."""
    order = batch.transfer("mina.com", "bad", auth_info=AUTH_CODE)
    answers = [
        portal.post("/v1/orders", {**order, "authInfo": AUTH_CODE}),
        portal.post("/v1/orders", {**order, "auth_info": [AUTH_CODE]}),
        portal.post("/v1/orders", {**order, "kind": "renew"}),
        portal.post(
            "/v1/orders", batch.registration("mina.com", "bad", contacts={"registrant": {**PERSON, "x": 1}})
        ),
        portal.post(
            "/v1/orders",
            batch.registration("mina.com", "bad", contacts={"registrant": {**PERSON, "city": 7}}),
        ),
        portal.session.post(
            f"{portal.address}/v1/orders", data=f'{{"auth_info": "{AUTH_CODE}",,', headers=_JSON
        ),
        portal.session.get(f"{portal.address}/v1/orders", headers={"Authorization": f"Bearer {STRAY_KEY}"}),
    ]
    assert all(400 <= answer.status_code < 500 for answer in answers), [
        answer.status_code for answer in answers
    ]
    return answers


_JSON = {"Content-Type": "application/json", "Idempotency-Key": "bad"}


class _Portal:
    """A session with the API."""

    def __init__(self, address: str, session: requests.Session) -> None:
        self.address = address
        self.session = session

    def post(self, path: str, fields: Mapping[str, Any]) -> requests.Response:
        body = {name: value for name, value in fields.items() if name != "key"}
        headers = {"Idempotency-Key": fields.get("key", "none")}
        return self.session.post(f"{self.address}{path}", json=body, headers=headers, timeout=30)

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.address}{path}", timeout=30)


@contextmanager
def _portal(address: str, key: str) -> Iterator[_Portal]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {key}"
        yield _Portal(address, session)


def _terminal(shop: Shop, *command: str) -> bytes:
    """Return what the terminal says, with its errors."""
    said = subprocess.run(
        [sys.executable, "-m", "tasks.main", "--config", str(shop.place_of_sandbox.config), *command],
        cwd=ROOT, env=dict(shop.environ), capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return said.stdout + said.stderr


def _planted(shop: Shop, api_key: str) -> dict[str, str]:
    """Return every secret there is, by name."""
    files = {path.name: path.read_text() for path in (shop.place_of_sandbox.folder / "secrets").iterdir()}
    assert files.keys() == {
        "epp_password",
        "irnic_token",
        "irnic_deposit_code",
        "logicboxes_api_key",
        "opensrs_api_key",
        "opensrs_reg_password",
        "openprovider_password",
    }
    return {
        **files,
        **_parts_of_person(),
        "auth code": AUTH_CODE,
        "wrong code": WRONG_CODE,
        "corrected code": CORRECTED_CODE,
        "API key": api_key,
        "a key that is none": STRAY_KEY,
        "secret key": shop.environ["REGISTRAR_SECRET_KEYS"],
    }


def _parts_of_person() -> dict[str, str]:
    shown = {"reference", "country_code"}
    parts = {f"person's {name}": value for name, value in PERSON.items() if name not in shown}
    return {name: value if isinstance(value, str) else value[0] for name, value in parts.items()}
