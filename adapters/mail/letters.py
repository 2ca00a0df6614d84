"""What does a letter look like? One text for each notice and language, set twice: as plain text, and as HTML.

A text file has four parts: its subject, what it comes to in one sentence, facts one by one, and the body's paragraphs
apart by empty lines. The two frames put the same parts on paper, so they cannot say different things. Nothing is loaded
from anywhere: no image, no font, no link that tells who reads. There is no advertising in them (D10), and nothing that
admits a liability (E2, D8).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from persiantools import digits

from adapters.mail.letterhead import Letterhead
from registrar.agreement import calendars
from registrar.mails import Language, Mail, NoticeKind
from registrar.money import Money
from registrar.names import DomainName

_DIRECTION: Mapping[Language, str] = {Language.PERSIAN: "rtl", Language.ENGLISH: "ltr"}

_UTC = "\N{NO-BREAK SPACE}UTC"
"""On the same line as its time."""


class Fact(NamedTuple):
    """One line of a letter's table."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it can be read, before it is put into an envelope."""

    subject: str
    text: str
    html: str


def write(mail: Mail, letterhead: Letterhead) -> Letter:
    """Write a notice in its customer's language."""
    plain, html = (_parts(mail, letterhead, form) for form in ("text", "html"))
    around = {
        "language": mail.recipient.language,
        "direction": _DIRECTION[mail.recipient.language],
        "addressed_as": mail.recipient.addressed_as,
        "company": letterhead.name(mail.recipient.language),
        "support": letterhead.support.get(mail.recipient.language, ""),
    }
    return Letter(
        plain["subject"],
        _environment("text").get_template("frame.txt").render(around | plain).strip() + "\n",
        _environment("html").get_template("frame.html").render(around | html),
    )


def envelop(mail: Mail, letterhead: Letterhead, *, now: datetime) -> EmailMessage:
    """Return the letter as it goes over the wire: headers, plain text, and HTML beside it (RFC 2046 §5.1.4).

    `Auto-Submitted` keeps machines from answering (RFC 3834 §5).
    """
    letter = write(mail, letterhead)
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["Subject"] = letter.subject
    message["From"] = _mailbox(letterhead.name(mail.recipient.language), letterhead.address)
    message["To"] = _mailbox(mail.recipient.addressed_as or "", mail.recipient.email)
    if letterhead.reply_to:
        message["Reply-To"] = letterhead.reply_to
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.recipient.language
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _mailbox(name: str, address: str) -> Address:
    return Address(name, addr_spec=address)


def _parts(mail: Mail, letterhead: Letterhead, form: str) -> dict[str, Any]:
    """Set a notice's text in one form, part by part."""
    template = _environment(form).get_template(f"{mail.kind}.{mail.recipient.language}.txt")
    context = template.new_context(_words(mail, letterhead, form))
    part = {name: "".join(block(context)).strip() for name, block in template.blocks.items()}
    mark: Callable[[str], str] = Markup if form == "html" else str  # the parts were escaped as they were set
    return {
        "subject": " ".join(part["subject"].split()),
        "lead": mark(" ".join(part["lead"].split())),
        "facts": [Fact(mark(fact.label), mark(fact.value)) for fact in _facts(part["facts"])],
        "paragraphs": [mark(" ".join(text.split())) for text in part["body"].split("\n\n") if text.strip()],
    }


def _facts(lines: str) -> Iterator[Fact]:
    for line in filter(str.strip, lines.splitlines()):
        label, _, value = line.partition("|")
        yield Fact(label.strip(), value.strip())


def _words(mail: Mail, letterhead: Letterhead, form: str) -> dict[str, Any]:
    """Return what a text may name: its facts, and how they are written for a reader."""
    language = mail.recipient.language
    zone = letterhead.time_zone if language is Language.PERSIAN else "UTC"
    return {
        **mail.facts,
        "kind": mail.kind,
        "domain": _name(mail.domain, form) if mail.domain else None,
        "plain_domain": calendars.isolated(_readable(mail.domain)) if mail.domain else None,
        "instant": partial(_instant, language=language, time_zone=zone),
        "money": lambda amount, currency: calendars.spoken_money(Money(amount, currency), language),
        "number": partial(_number, language=language),
        "days_left": _days_left(mail, zone) if mail.kind is NoticeKind.EXPIRY else None,
    }


def _name(domain: str, form: str) -> str:
    """Show a name as it is read, with its A-label beside it where that differs, kept apart from the line around it."""
    readable = _readable(domain)
    beside = "" if readable == domain else domain
    if form == "html":
        name = Markup('<bdi dir="auto" style="font-weight:bold">{}</bdi>').format(readable)
        return name + Markup(' (<bdi dir="ltr">{}</bdi>)').format(beside) if beside else name
    isolated = calendars.isolated(readable)
    return f"{isolated} ({calendars.left_to_right(beside)})" if beside else isolated


def _readable(domain: str) -> str:
    return DomainName(domain, domain.partition(".")[2]).unicode


def _instant(text: str, *, language: Language, time_zone: str) -> str:
    """Write an instant in both calendars; where the clock is a zone's own, UTC stands beside it."""
    at = datetime.fromisoformat(text)
    written = calendars.spoken_instant(at, language, time_zone)
    if time_zone == "UTC":
        return written.replace(" UTC", _UTC)
    same_day = at.astimezone(UTC).date() == at.astimezone(ZoneInfo(time_zone)).date()
    utc = _number(at.astimezone(UTC).strftime("%H:%M" if same_day else "%Y/%m/%d %H:%M"), language=language)
    return f"{written} ({calendars.left_to_right(utc + _UTC)})"


def _number(value: object, *, language: Language) -> str:
    """Write digits as the reader does."""
    return str(digits.en_to_fa(str(value))) if language is Language.PERSIAN else str(value)


def _days_left(mail: Mail, time_zone: str) -> int:
    """Count the days on the calendar from the writing to the end of the term; negative after it."""
    clock = ZoneInfo(time_zone)
    end, at = (
        datetime.fromisoformat(mail.facts[fact]).astimezone(clock).date() for fact in ("paid_through", "at")
    )
    return (end - at).days


@cache
def _environment(form: str) -> Environment:
    """Return the templates' surroundings: HTML escapes by itself, plain text has nothing to escape."""
    return Environment(
        loader=PackageLoader("adapters.mail", "texts"),
        autoescape=form == "html",  # noqa: S701 - a plain text has nothing that could be escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
