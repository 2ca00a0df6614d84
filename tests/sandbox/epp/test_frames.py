"""What travels to the EPP sandbox in frames, whole, in pieces, or hostile."""

import pytest

from tests.sandbox.epp import client as epp
from tests.sandbox.epp.client import NS, HungUpError
from tests.sandbox.epp.stage import Stage


def test_a_frame_may_come_in_pieces_or_with_its_neighbour(com: Stage) -> None:
    """However the bytes travel, each command is read whole and answered in its turn."""
    client = com.client()
    raw = epp.envelope(epp.check("example.com"), transaction_id="in-pieces").encode()
    framed = (len(raw) + 4).to_bytes(4, "big") + raw
    for piece in (framed[:1], framed[1:3], framed[3:100], framed[100:]):
        client.connection.sendall(piece)
    assert client.read().one("//e:clTRID") == "in-pieces"
    client.connection.sendall(framed + framed)
    assert [client.read().code, client.read().code] == [1000, 1000]


@pytest.mark.parametrize("length", [0, 3, 4, 1_000_001, 2**31, 2**32 - 1])
def test_a_length_that_cannot_be_ends_the_connection(com: Stage, length: int) -> None:
    """A frame that claims an impossible length is not waited for."""
    client = com.client()
    client.connection.sendall(length.to_bytes(4, "big"))
    with pytest.raises(HungUpError):
        client.read()


@pytest.mark.parametrize(
    "body",
    [
        "not XML",
        f'<!DOCTYPE epp [<!ENTITY x "y">]><epp xmlns="{NS["e"]}"><hello/></epp>',
        f'<!DOCTYPE epp SYSTEM "file:///etc/hostname"><epp xmlns="{NS["e"]}"><hello/></epp>',
        '<epp xmlns="urn:example:other"><hello/></epp>',
        f'<epp xmlns="{NS["e"]}"><response/></epp>',
        f'<epp xmlns="{NS["e"]}"><command/></epp>',
        epp.envelope(epp.check("example.com"), transaction_id="ab"),
    ],
)
def test_what_is_no_command_is_answered_2001(com: Stage, body: str) -> None:
    """A document type, an entity, another namespace or plain noise is refused, and the session goes on."""
    client = com.client()
    client.write(body)
    assert client.read().code == 2001
    assert client.ask(epp.check("example.com")).code == 1000
