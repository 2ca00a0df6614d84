"""What becomes of a mail, whatever the server does? Never two accepted for one notice, and never a guess."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from adapters.mail.letterhead import Letterhead
from adapters.mail.letters import envelop
from adapters.mail.server import Limits, Security
from registrar.database import Database
from registrar.mails import Accepted, Answer, Delayed, Language, Mail, NoticeKind, Recipient, Refused, Unknown
from registrar.secrets import Secret
from tests.adapters.mail.servers import drip, hang_up, reaching, real, say_nothing, scripted
from tests.agreement.notices_story import Post

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
PRIVATE = "mina.private@example.net"
MAIL = Mail(
    7,
    1,
    "<notice-7@shop.example>",
    NoticeKind.DELIVERED,
    "mina.com",
    {"order": 7, "order_kind": "renew", "expires_at": "2027-11-22T06:30:00+00:00"},
    Recipient(PRIVATE, "مینا نمونه", Language.PERSIAN),
)
LETTERHEAD = Letterhead(
    "notices@shop.example", {Language.PERSIAN: "فروشگاه نمونه"}, reply_to="help@shop.example"
)
MESSAGE = envelop(MAIL, LETTERHEAD, now=NOW)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_real_server_takes_a_letter(tmp_path: Path, security: Security) -> None:
    """A letter reaches a real mail server over TLS and with a password, with all that a reader's program wants to see."""
    with real(tmp_path, security) as post:
        answer = post.server.send(MESSAGE, PRIVATE)
    assert answer == Accepted("250 2.0.0 taken over")
    (envelope,), (message,) = post.mailbox.envelopes, post.mailbox.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bounces@shop.example", [PRIVATE])
    assert post.mailbox.logins == [True]
    assert message["Message-ID"] == MAIL.message_id
    assert message["Date"].datetime == NOW
    assert message["From"].addresses[0].display_name == "فروشگاه نمونه"
    assert message["To"].addresses[0].display_name == "مینا نمونه"
    assert (message["Reply-To"], message["Auto-Submitted"]) == ("help@shop.example", "auto-generated")
    assert "mina.com" in message["Subject"]
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not any(header.startswith("List-") for header in message)


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ({"RCPT": f"550 5.1.1 <{PRIVATE}>: mina.private is unknown"}, Refused("550 5.1.1 <…>: … is unknown")),
        ({"RCPT": f"451 4.7.1 greylisted <{PRIVATE}>, later"}, Delayed("451 4.7.1 greylisted <…>, later")),
        ({"DATA": "554 no valid recipients"}, Refused("554 no valid recipients")),
        ({"DATA": "421 closing"}, Delayed("421 closing")),
        ({"end": "550 5.7.1 looks like spam"}, Refused("550 5.7.1 looks like spam")),
        ({"end": "451 4.3.0 disk full"}, Delayed("451 4.3.0 disk full")),
        ({"end": hang_up}, Unknown("no answer came to the mail's end: the mail server has closed the connection")),
        ({"end": say_nothing}, Unknown("no answer came to the mail's end: it did not answer in time")),
        ({"end": drip}, Unknown("no answer came to the mail's end: it did not answer in time")),
        ({"end": "hello?"}, Unknown("an answer that says nothing: o?")),
        ({"QUIT": hang_up}, Accepted("250 ok")),
        (
            {"DATA": hang_up},
            Delayed("the line was lost before the mail's end had left: the mail server has closed the connection"),
        ),
        ({"MAIL": "550 sender refused"}, Delayed("550 sender refused", ours=True)),
        ({"EHLO": "550 go away", "HELO": "550 go away"}, Delayed("550 go away", ours=True)),
        ({"greeting": "554 not for you"}, Delayed("554 not for you", ours=True)),
        (
            {"greeting": say_nothing},
            Delayed("no conversation with the mail server: it did not answer in time", ours=True),
        ),
        ({"greeting": drip}, Delayed("no conversation with the mail server: it did not answer in time", ours=True)),
    ],
)  # fmt: skip
def test_what_the_server_does_decides(replies: dict[str, Any], expected: Answer) -> None:
    """What was said, and whether the mail's end had left, decides; no address of the customer is kept."""
    with scripted(**replies) as (script, port):
        answer = reaching(port, limits=Limits(step=0.5, whole=1)).send(MESSAGE, PRIVATE)
    assert answer == expected
    assert script.conversations == 1
    assert "private" not in repr(answer)


def test_a_server_that_is_away_delays() -> None:
    """When nobody listens, the mail waits, and it is nobody's fault but ours."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = reaching(port).send(MESSAGE, PRIVATE)
    assert answer == Delayed("no conversation with the mail server: Connection refused", ours=True)


def test_nothing_leaves_in_the_clear() -> None:
    """A server that offers no TLS, or takes it back, is told neither the password nor the mail."""
    for replies in (
        {},
        {"EHLO": "250-mail.example.net\r\n250-STARTTLS\r\n250 AUTH PLAIN", "STARTTLS": "454 not now"},
    ):
        with scripted(**replies) as (script, port):
            server = reaching(
                port, security=Security.STARTTLS, username="notices", password=Secret("planted")
            )
            answer = server.send(MESSAGE, PRIVATE)
        assert isinstance(answer, Delayed)
        assert answer.ours
        assert {"AUTH", "MAIL", "RCPT", "DATA"}.isdisjoint(script.heard)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ca_file": None}, "its certificate does not hold"),
        ({"host": "127.0.0.1"}, "its certificate does not hold"),
        ({"password": Secret("wrong")}, "535"),
    ],
)
def test_a_stranger_is_not_trusted(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """A certificate that does not hold, or a refused password, delays all mail and is told to staff without the password."""
    with real(tmp_path) as post:
        answer = replace(post.server, **change).send(MESSAGE, PRIVATE)
    assert isinstance(answer, Delayed)
    assert answer.ours
    assert said in answer.said
    assert "wrong" not in answer.said
    assert post.mailbox.envelopes == []


def test_a_leading_dot_arrives() -> None:
    """A line that begins with a dot does not end the mail, and arrives with its dot."""
    with scripted() as (script, port):
        message = EmailMessage(policy=SMTP)
        message.set_content(".\r\n..\r\nafter\r\n", cte="7bit")
        assert reaching(port).send(message, PRIVATE) == Accepted("250 ok")
    assert script.text.endswith(b"\r\n\r\n..\r\n...\r\nafter\r\n")


@pytest.fixture
def story(database_url: str) -> Iterator[Post]:
    """Give a shop with one notice due, on each kind of database."""
    database = Database(database_url)
    made = Post(database, NOW)
    made.knows(email=PRIVATE)
    made.has("mina.com", NOW + timedelta(days=6))
    yield made
    database.close()


@pytest.mark.parametrize(
    ("replies", "state", "accepted"),
    [
        ({"end": hang_up}, "unknown", 0),
        ({"end": drip}, "unknown", 0),
        ({"RCPT": "550 no such user"}, "refused", 0),
        ({"RCPT": "451 later"}, "refused", 0),
        ({"DATA": hang_up}, "refused", 0),
        ({"greeting": hang_up}, "planned", 0),
        ({}, "sent", 1),
    ],
)
def test_no_notice_is_accepted_twice(story: Post, replies: dict[str, Any], state: str, accepted: int) -> None:
    """Whatever the mail server does, a notice ends in the state that is true, and its end leaves at most once."""
    with scripted(**replies) as (script, port):
        server = reaching(port, limits=Limits(step=0.3, whole=0.5))
        story.answer = lambda mail: server.send(
            envelop(mail, LETTERHEAD, now=story.now), mail.recipient.email
        )
        for _ in range(story.pace.tries + 2):
            story.works()
            story.now += story.pace.retry_after
    row = next(row for row in story.rows() if row["offset_days"] == -7)
    assert row["state"] == state
    assert script.taken == accepted
    ends = len(re.findall("DATA", " ".join(script.heard))) if "end" in replies else script.taken
    assert ends == (1 if "end" in replies else accepted)
    assert "private" not in story.written()
