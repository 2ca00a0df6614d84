"""Can staff see what customers were told, read a letter before it leaves, and put right what did not arrive?"""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from registrar import notices
from registrar.models import Domain, Notice
from tests.terminal.conftest import Terminal

PAID = datetime(2026, 12, 25, 20, 29, 59, tzinfo=UTC)


@pytest.fixture
def staff(terminal: Terminal) -> Terminal:
    """Give a shop with one name whose notices are planned."""
    desk = terminal.shop.desk
    with desk.database.transaction() as connection:
        connection.execute(
            insert(Domain).values(
                name="mina.com", zone="com", customer="c-42", registrar="epp", paid_through=PAID
            )
        )
        notices.replan(connection, rules=desk.rules, limit=10, now=desk.now())
    return terminal


def set_notice(staff: Terminal, days: int, **values: Any) -> int:
    """Let a notice stand somewhere, and return its number."""
    with staff.shop.desk.database.transaction() as connection:
        return connection.execute(
            update(Notice).where(Notice.offset_days == days).values(**values).returning(Notice.id)
        ).scalar_one()


def a_bounce(message_id: str, *, action: str = "failed", headers_only: bool = False) -> bytes:
    """Write a delivery status notification as a mail server does (RFC 3464)."""
    returned = f"Message-ID: {message_id}\r\nTo: mina.private@example.net\r\nSubject: x\r\n\r\n"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    return (
        "From: mailer-daemon@example.net\r\nMessage-ID: <bounce@example.net>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; mina.private@example.net\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 mina.private@example.net is unknown\r\n\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\n{returned}\r\n--b--\r\n"
    ).encode()


def test_staff_see_what_is_planned(staff: Terminal) -> None:
    """Long before they leave, notices can be seen, by name, customer, state and the days in which they are due."""
    listed = [line["offset_days"] for line in staff.lines("notices", "list")]
    assert listed == list(staff.shop.desk.rules.at(PAID).common.notices.days)
    assert len(staff.lines("notices", "list", "--domain", "MINA.com", "--due-within", "17")) == 1
    assert staff.lines("notices", "list", "--customer", "somebody") == []
    assert staff.lines("notices", "list", "--state", "sent") == []
    assert staff.call("notices", "list", "--state", "lost").exit_code == 2
    shown = staff.json("notices", "show", staff.lines("notices", "list")[0]["id"])
    assert shown["key"] == "expiry:mina.com:2026-12-25:-31"
    assert staff.call("notices", "show", 999).exit_code == 1


def test_staff_are_told_that_no_mail_server_is_set(staff: Terminal) -> None:
    """As long as nothing can be sent, whoever looks at the notices is told so."""
    with staff.shop.desk.database.transaction() as connection:
        notices.say_mail_away(connection, "no mail server is set", now=staff.shop.desk.now())
    assert "nothing can be sent" in staff.call("notices", "list").stderr


@pytest.mark.parametrize(
    ("days", "language", "says"),
    [
        (-7, "fa", ("۷ روز دیگر به پایان می‌رسد", "۴ دی ۱۴۰۵ (۲۵ دسامبر ۲۰۲۶)")),  # noqa: RUF001 - Persian digits
        (-1, "en", ("ends in 1 day", "25 December 2026 (4 Dey 1405)")),
        (5, "en", ("has ended", "Renewal under the agreement until")),
        (20, "fa", ("به پایان رسیده است", "حساب بستانکار")),
    ],
)
def test_a_letter_can_be_read_before_it_leaves(
    staff: Terminal, tmp_path: Path, days: int, language: str, says: tuple[str, str]
) -> None:
    """Staff can read each letter in both languages, as text and as HTML, before any customer does."""
    file = tmp_path / "letter.html"
    words = ("notices", "preview", "--domain", "mina.com", "--days", days, "--language", language)
    told = staff.json(*words, "--html", file)
    assert says[0] in told["subject"]
    assert says[1] in told["text"]
    assert file.read_text(encoding="utf-8") == told["html"]
    assert staff.call(*words).stdout.startswith(told["subject"])


def test_a_letter_about_a_name_that_we_do_not_have_is_refused(staff: Terminal) -> None:
    """There is no letter about a name that is not in our books, and none in a third language."""
    assert staff.call("notices", "preview", "--domain", "sara.com", "--days", "-7").exit_code == 1
    words = ("notices", "preview", "--domain", "mina.com", "--days", "-7", "--language", "de")
    assert staff.call(*words).exit_code == 2


def test_staff_send_again_with_a_ticket(staff: Terminal) -> None:
    """A notice that did not arrive is sent again with a ticket, which stays with it; one that waits is not."""
    number = set_notice(staff, -31, state="unknown", due_at=None, tries=1)
    assert staff.call("notices", "retry", number).exit_code == 2
    assert staff.json("notices", "retry", number, "--ticket", "T-7")["state"] == "planned"
    assert staff.json("notices", "show", number)["timeline"][-1]["ticket"] == "T-7"
    assert staff.call("notices", "retry", number, "--ticket", "T-7").exit_code == 1


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_mail_that_came_back_is_marked(staff: Terminal, tmp_path: Path, headers_only: bool) -> None:
    """A mail server's own notification marks the notice; who it was for is not kept."""
    number = set_notice(staff, -31, state="sent", due_at=None, tries=1, message_id="<n-1@shop.example>")
    file = tmp_path / "bounce.eml"
    file.write_bytes(a_bounce("<n-1@shop.example>", headers_only=headers_only))
    assert staff.json("notices", "bounce", file) == {"notice": number, "state": "bounced", "status": "5.1.1"}
    shown = staff.json("notices", "show", number)
    assert (shown["state"], shown["said"]) == ("bounced", "could not be delivered: 5.1.1")
    assert "private" not in str(shown) + str(staff.lines("findings"))
    assert staff.call("notices", "bounce", "-", stdin=file.read_bytes()).exit_code == 1


def test_what_is_no_bounce_marks_nothing(staff: Terminal) -> None:
    """A mere delay, a letter, or a notification about somebody else's mail marks nothing and says why."""
    letter = EmailMessage()
    letter["Message-ID"] = "<n-1@shop.example>"
    letter.set_content("I am on holiday")
    set_notice(staff, -31, state="sent", due_at=None, tries=1, message_id="<n-1@shop.example>")
    for came, code in (
        (a_bounce("<n-1@shop.example>", action="delayed"), "no_bounce"),
        (letter.as_bytes(), "no_bounce"),
        (a_bounce("<bounce>"), "no_bounce"),
        (a_bounce("<other@shop.example>"), "notice_unknown"),
    ):
        refused = staff.call("notices", "bounce", "-", stdin=came)
        assert (refused.exit_code, refused.stderr.partition(":")[0]) == (1, code)
    assert len(staff.lines("notices", "list", "--state", "sent")) == 1
