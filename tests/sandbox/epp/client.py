"""A bare EPP client for these tests: sockets, frames and templates, sharing no line with the server or an adapter."""

import itertools
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lxml import etree

NS = {
    "e": "urn:ietf:params:xml:ns:epp-1.0",
    "d": "urn:ietf:params:xml:ns:domain-1.0",
    "c": "urn:ietf:params:xml:ns:contact-1.0",
    "h": "urn:ietf:params:xml:ns:host-1.0",
}
WAIT_SECONDS = 20.0
_numbers = itertools.count(1)


class HungUpError(Exception):
    """The server ended the connection where an answer was due."""


@dataclass(frozen=True)
class Said:
    """One frame from the server."""

    body: bytes

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def code(self) -> int:
        return int(str(self.one("//e:result/@code")))

    def all(self, path: str) -> list[str]:
        found = self.root.xpath(path, namespaces=NS)
        assert isinstance(found, list)
        return [each.text or "" if isinstance(each, etree._Element) else str(each) for each in found]

    def one(self, path: str) -> str:
        found = self.all(path)
        assert len(found) == 1, (path, found)
        return found[0]


class Client:
    """One connection; reads the greeting at once."""

    def __init__(self, address: tuple[str, int], folder: Path, *, certificate: bool = False) -> None:
        context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
        if certificate:
            context.load_cert_chain(folder / "client.pem")
        plain = socket.create_connection(address, WAIT_SECONDS)
        try:
            self.connection = context.wrap_socket(plain, server_hostname="localhost")
        except OSError:
            plain.close()
            raise
        try:
            self.greeting = self.read()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    def write(self, body: str) -> None:
        raw = body.encode()
        self.connection.sendall((len(raw) + 4).to_bytes(4, "big") + raw)

    def read(self) -> Said:
        length = int.from_bytes(self.read_bytes(4), "big")
        return Said(self.read_bytes(length - 4))

    def read_bytes(self, length: int) -> bytes:
        read = b""
        while len(read) < length:
            try:
                more = self.connection.recv(length - len(read))
            except (ssl.SSLEOFError, ConnectionResetError):
                more = b""
            if not more:
                raise HungUpError(read)
            read += more
        return read

    def ask(self, command: str, *, transaction_id: str | None = None, extension: str = "") -> Said:
        self.write(envelope(command, transaction_id=transaction_id, extension=extension))
        return self.read()

    def login(self, client_id: str = "reseller", password: str = "sandbox-pw", *uris: str) -> Said:
        uris = uris or tuple(self.greeting.all("//e:objURI"))
        objects = "".join(f"<objURI>{uri}</objURI>" for uri in uris)
        return self.ask(
            f"<login><clID>{client_id}</clID><pw>{password}</pw>"
            "<options><version>1.0</version><lang>en</lang></options>"
            f"<svcs>{objects}</svcs></login>"
        )


def envelope(command: str, *, transaction_id: str | None = None, extension: str = "") -> str:
    transaction_id = transaction_id or f"test-{next(_numbers):06}"
    extension = extension and f"<extension>{extension}</extension>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<epp xmlns="{NS["e"]}"><command>{command}{extension}<clTRID>{transaction_id}</clTRID></command></epp>'
    )


def domain(verb: str, content: str, *, op: str = "") -> str:
    operation = op and f' op="{op}"'
    return f'<{verb}{operation}><d:{verb} xmlns:d="{NS["d"]}">{content}</d:{verb}></{verb}>'


def names(*each: str) -> str:
    return "".join(f"<d:name>{name}</d:name>" for name in each)


def check(*each: str) -> str:
    return domain("check", names(*each))


def info(name: str, auth_info: str = "") -> str:
    return domain("info", names(name) + (auth_info and _auth_info(auth_info)))


def renew(name: str, current_expiry: str, period: str = '<d:period unit="y">1</d:period>') -> str:
    return domain("renew", f"{names(name)}<d:curExpDate>{current_expiry}</d:curExpDate>{period}")


def create(name: str, content: str = "", *, period: str = '<d:period unit="y">1</d:period>') -> str:
    return domain("create", f"{names(name)}{period}{content}{_auth_info('2fooBAR')}")


def transfer(name: str, auth_info: str = "", *, op: str = "request") -> str:
    return domain("transfer", names(name) + (auth_info and _auth_info(auth_info)), op=op)


def poll() -> str:
    return '<poll op="req"/>'


def acknowledge(message_id: str) -> str:
    return f'<poll op="ack" msgID="{message_id}"/>'


def contact_create(contact_id: str, name: str = "Zahra Example") -> str:
    return (
        f'<create><c:create xmlns:c="{NS["c"]}"><c:id>{contact_id}</c:id><c:postalInfo type="int">'
        f"<c:name>{name}</c:name><c:addr><c:street>1 Example Street</c:street><c:city>Tehran</c:city>"
        "<c:pc>1234567890</c:pc><c:cc>IR</c:cc></c:addr></c:postalInfo><c:voice>+98.2112345678</c:voice>"
        "<c:email>zahra@example.com</c:email><c:authInfo><c:pw>card-pw</c:pw></c:authInfo></c:create></create>"
    )


def host_create(name: str, address: str = "") -> str:
    shown = address and f'<h:addr ip="v4">{address}</h:addr>'
    return f'<create><h:create xmlns:h="{NS["h"]}"><h:name>{name}</h:name>{shown}</h:create></create>'


def _auth_info(code: str) -> str:
    return f"<d:authInfo><d:pw>{code}</d:pw></d:authInfo>"
