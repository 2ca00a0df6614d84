"""What do the IRNIC sandbox's tests speak with? A client that writes frames by hand and reads answers by namespace."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
from lxml import etree

from adapters.sandbox.books import Books
from adapters.sandbox.irnic import IrnicSandbox

TOKEN = "token-of-nobody"
DEPOSIT_CODE = "1234567890123456"
US = "ab123-irnic"
HOLDER = "cd456-irnic"
NAMESPACES = {
    "epp": "urn:ietf:params:xml:ns:epp-1.0",
    "domain": "http://epp.nic.ir/ns/domain-1.0",
    "contact": "http://epp.nic.ir/ns/contact-1.0",
}
_FRAME = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
    '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command>{body}{extension}<clTRID>{transaction_id}</clTRID></command></epp>'
)
_OBJECT = (
    '<{verb}><{kind}:{verb} xmlns:{kind}="http://epp.nic.ir/ns/{kind}-1.0">{parts}'
    "<{kind}:authInfo><{kind}:pw>{code}</{kind}:pw></{kind}:authInfo></{kind}:{verb}></{verb}>"
)


PERSON = '<contact:idcard cc="IR" number="0012345678"/>'
CARD = {
    "firstname": "Sara",
    "lastname": "Invented",
    "street": "No. 1, Example St.",
    "city": "Tehran",
    "sp": "Tehran",
    "pc": "1234567890",
    "cc": "IR",
    "voice": "+98 21 88000000",
}
"""An invented person's."""


def address(card: Mapping[str, str]) -> str:
    """Write a `contact:addr` of a card."""
    parts = (f"<contact:{tag}>{card[tag]}</contact:{tag}>" for tag in ("street", "city", "sp", "pc", "cc"))
    return f"<contact:addr>{''.join(parts)}</contact:addr>"


class Clock:
    """The registry's time, moved on by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> None:
        """Let so much time pass."""
        self.now += timedelta(**length)


@dataclass(frozen=True)
class Reply:
    """One answer, as text and as a tree."""

    status: int
    text: str

    @property
    def tree(self) -> etree._Element:
        return etree.fromstring(self.text.encode())

    @property
    def code(self) -> int:
        return int(self.attribute("//epp:result/@code"))

    @property
    def reason(self) -> str:
        return self.attribute("//epp:extValue/epp:reason/text()")

    def all(self, path: str) -> list[str]:
        found = self.tree.xpath(path, namespaces=NAMESPACES)
        assert isinstance(found, list)
        return [str(text) for text in found]

    def attribute(self, path: str) -> str:
        return next(iter(self.all(path)), "")


class Reseller:
    """A client over one kept-alive connection."""

    def __init__(
        self, url: str, authority: str, *, token: str = TOKEN, deposit_code: str = DEPOSIT_CODE
    ) -> None:
        self._url = url
        self._deposit_code = deposit_code
        self._count = 0
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = authority
        self.session.headers["Authorization"] = f"Bearer {token}"

    def post(self, frame: str, *, timeout: float = 20) -> Reply:
        answered = self.session.post(self._url, data=frame.encode(), timeout=timeout)
        return Reply(answered.status_code, answered.content.decode(errors="replace"))

    def ask(self, kind: str, verb: str, parts: str, *, extension: str = "", timeout: float = 20) -> Reply:
        body = _OBJECT.format(verb=verb, kind=kind, parts=parts, code=self._deposit_code)
        return self.post(self.frame(body, extension), timeout=timeout)

    def frame(self, body: str, extension: str = "") -> str:
        self._count += 1
        return _FRAME.format(body=body, extension=extension, transaction_id=f"order-{self._count}")

    def check(self, *names: str) -> Reply:
        return self.ask("domain", "check", "".join(f"<domain:name>{name}</domain:name>" for name in names))

    def info(self, name: str) -> Reply:
        return self.ask("domain", "info", f"<domain:name>{name}</domain:name>")

    def create(
        self,
        name: str,
        *,
        months: int = 12,
        holder: str = HOLDER,
        agreement: str = "true",
        hosts: tuple[str, ...] = ("ns1.example.net", "ns2.example.net"),
        timeout: float = 20,
    ) -> Reply:
        handles = {"holder": holder, "admin": holder, "tech": holder, "bill": US}
        contacts = "".join(
            f'<domain:contact type="{role}">{handle}</domain:contact>' for role, handle in handles.items()
        )
        parts = (
            f'<domain:name>{name}</domain:name><domain:period unit="m">{months}</domain:period>'
            f"{nameservers(*hosts)}{contacts}<domain:agreement>{agreement}</domain:agreement>"
        )
        return self.ask("domain", "create", parts, timeout=timeout)

    def renew(self, name: str, expiry: str, *, months: int = 12, timeout: float = 20) -> Reply:
        parts = (
            f"<domain:name>{name}</domain:name><domain:curExpDate>{expiry}</domain:curExpDate>"
            f'<domain:period unit="m">{months}</domain:period>'
        )
        return self.ask("domain", "renew", parts, timeout=timeout)

    def update(self, name: str, changes: str, *, extension: str = "") -> Reply:
        return self.ask(
            "domain", "update", f"<domain:name>{name}</domain:name>{changes}", extension=extension
        )

    def request_pin(self, name: str, op: str = "req") -> Reply:
        return self.update(name, "", extension=f'<extension><pin op="{op}"/></extension>')

    def move(self, name: str, pin: str, **handles: str) -> Reply:
        contacts = "".join(
            f'<domain:contact type="{role}">{handle}</domain:contact>' for role, handle in handles.items()
        )
        extension = f'<extension><pin pinCode="{pin}"/></extension>'
        return self.update(name, f"<domain:chg>{contacts}</domain:chg>", extension=extension)

    def delete(self, name: str) -> Reply:
        return self.ask("domain", "delete", f"<domain:name>{name}</domain:name>")

    def make_contact(self, *, email: str = "new@example.org", ident: str = PERSON, **texts: str) -> Reply:
        card = {**CARD, **texts}
        names = "".join(f"<contact:{tag}>{card[tag]}</contact:{tag}>" for tag in ("firstname", "lastname"))
        return self.ask(
            "contact",
            "create",
            f'<contact:postalInfo type="int">{names}{address(card)}</contact:postalInfo>'
            f"<contact:voice>{card['voice']}</contact:voice><contact:ident>{ident}</contact:ident>"
            f"<contact:signature>Sara Invented</contact:signature><contact:email>{email}</contact:email>",
        )

    def change_contact(self, handle: str, **texts: str) -> Reply:
        change = f'<contact:postalInfo type="int">{address({**CARD, **texts})}</contact:postalInfo>'
        return self.ask(
            "contact", "update", f"<contact:id>{handle}</contact:id><contact:chg>{change}</contact:chg>"
        )

    def statement(self, first: str, last: str) -> Reply:
        ask = f'<extension><creditLog op="req" startDate="{first}" endDate="{last}"/></extension>'
        return self.contact(US, extension=ask)

    def check_contacts(self, *handles: str) -> Reply:
        return self.ask(
            "contact", "check", "".join(f"<contact:id>{handle}</contact:id>" for handle in handles)
        )

    def contact(self, handle: str, *, extension: str = "") -> Reply:
        return self.ask("contact", "info", f"<contact:id>{handle}</contact:id>", extension=extension)

    def poll(self) -> Reply:
        return self.post(self.frame('<poll op="req"/>'))

    def acknowledge(self, message_id: str) -> Reply:
        return self.post(self.frame(f'<poll op="ack" msgID="{message_id}"/>'))

    def messages(self) -> list[Reply]:
        """Read and acknowledge all that waits."""
        found = []
        while (reply := self.poll()).code == 1301:
            found.append(reply)
            assert self.acknowledge(reply.attribute("//epp:msgQ/@id")).code == 1000
        return found


def nameservers(*hosts: str) -> str:
    """Write a `domain:ns` of these hosts; nothing for none."""
    attributes = "".join(
        f"<domain:hostAttr><domain:hostName>{host}</domain:hostName></domain:hostAttr>" for host in hosts
    )
    return f"<domain:ns>{attributes}</domain:ns>" if hosts else ""


def statuses(reply: Reply) -> set[str]:
    """The statuses that an answer names."""
    return set(reply.all("//domain:status/@s"))


WINTER = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
"""12:30 on 20 Dey 1404 in Tehran."""

UNDER_CHECK = {"serverHold", "irnicReserved", "serverRenewProhibited", "serverDeleteProhibited"}
ACTIVE = {"ok", "irnicRegistered"}
EXPIRY = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
"""12:00 on 11 Khordad 1405 in Tehran."""


def amounts(books: Books) -> list[int]:
    """What was charged and given back, in hundredths of a unit."""
    return [charge.amount for charge in books.charges()]


def journal(books: Books) -> list[tuple[str, int | None]]:
    """Read the commands and their result codes, as the proof does: with plain SQL, while the server runs."""
    with closing(sqlite3.connect(f"file:{books.path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT command, result_code FROM journal ORDER BY number").fetchall()


def port_of(sandbox: IrnicSandbox) -> int:
    """Where it listens."""
    return urlsplit(sandbox.url).port or 0


def eventually(holds: Callable[[], bool]) -> bool:
    """Ask until it holds, for ten seconds at most."""
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()
