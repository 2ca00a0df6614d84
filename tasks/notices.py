"""How does a notice leave? It is looked at again and written down as being sent, sent once, and its answer recorded (E2, O1).

No transaction is open while the mail server is spoken to. A worker that dies in between leaves a notice in doubt, which
is never sent again by itself.
"""

from datetime import timedelta

import structlog
from jinja2 import TemplateError
from sqlalchemy import Connection

from adapters.mail import letters
from adapters.mail.server import MailServer
from registrar import notices
from registrar.customers import contacts
from registrar.mails import Answer, Mail, Recipient, Refused
from registrar.secrets import KeyringError
from tasks import clock
from tasks.wiring import House, new_token

log = structlog.get_logger()

QUEUE, ACTOR = "mail", "send_notice"
PLANNED_AT_ONCE = 200
"""Names in one transaction; a sweep comes every second or so."""
CLOSED_AT_ONCE = 500
RUNG_AT_ONCE = 100


def ring_due(house: House) -> None:
    """Plan for names whose paid term is new, end what was overtaken, and ring for what is due, at the rules' pace."""
    now = clock.now()
    with house.database.reading() as connection:
        unplanned, due = notices.anything_unplanned(connection), notices.anything_due(connection, now=now)
    if unplanned:
        with house.database.transaction() as connection:
            notices.replan(connection, rules=house.rules, limit=PLANNED_AT_ONCE, now=now)
    if not due:
        return
    if house.mail is None:
        _say_not_set(house)
        return
    with house.database.transaction() as connection:
        notices.close_overtaken(connection, limit=CLOSED_AT_ONCE, now=now)
    with house.database.transaction() as connection:
        ids = notices.take_due(
            connection,
            limit=RUNG_AT_ONCE,
            per_minute=house.rules.at(now).common.notices.per_minute,
            now=now,
            rung_for=timedelta(seconds=house.settings.flow.rung_seconds),
        )
    for notice_id in ids:
        house.doorbell.ring(QUEUE, ACTOR, notice_id)


def work(house: House, notice_id: int) -> None:
    """Send a notice, if it is still to be sent; a silent mail server takes its own share of the threads and no more."""
    if house.mail is None:
        return
    if not house.mail_seats.acquire(blocking=False):
        with house.database.transaction() as connection:
            notices.leave_due(connection, notice_id)
        return
    try:
        _work(house, house.mail, notice_id)
    finally:
        house.mail_seats.release()


def _work(house: House, server: MailServer, notice_id: int) -> None:
    now = clock.now()
    with house.database.transaction() as connection:
        begun = notices.begin(
            connection,
            notice_id,
            message_id=f"<notice-{notice_id}.{new_token()}@{house.letterhead.host}>",
            recipient_of=lambda customer: _recipient(house, connection, customer),
            rules=house.rules,
            lease=timedelta(seconds=house.settings.mail.lease_seconds),
            now=now,
        )
    if isinstance(begun, notices.Needless):
        log.info("notice not sent", notice=notice_id, why=begun.why)
        return
    answer = _send(house, server, begun)
    with house.database.transaction() as connection:
        rules = house.rules.at(now).common.notices
        notices.settle(connection, begun, answer, rules=rules, now=clock.now())
    log.info("notice sent", notice=notice_id, number=begun.number, outcome=type(answer).__name__)


def _send(house: House, server: MailServer, mail: Mail) -> Answer:
    """Write the letter and send it; what cannot be written would not be written later either."""
    try:
        message = letters.envelop(mail, house.letterhead, now=clock.now())
    except (TemplateError, LookupError, ValueError, TypeError) as error:
        log.error("notice cannot be written", notice=mail.notice_id, error=type(error).__name__)  # noqa: TRY400 - a trace may hold an address
        return Refused(f"it cannot be written: {type(error).__name__}")
    return server.send(message, mail.recipient.email)


def _recipient(house: House, connection: Connection, customer: str) -> Recipient | None:
    """Return whom to write to; an address that no key opens is none, and the portal can send it again."""
    try:
        return contacts.address_of(connection, customer, house.keyring)
    except KeyringError as error:
        log.error("address cannot be opened", customer=customer, error=str(error))  # noqa: TRY400 - the words say it all
        return None


def _say_not_set(house: House) -> None:
    with house.database.reading() as connection:
        if notices.mail_is_away(connection):
            return
    with house.database.transaction() as connection:
        notices.say_mail_away(connection, "no mail server is set ([mail] host)", now=clock.now())
