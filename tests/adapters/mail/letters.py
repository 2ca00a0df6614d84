"""Which letters do the tests read? One of each kind, in both languages, to an invented reader."""

from typing import Any

from adapters.mail.letterhead import Letterhead
from registrar.mails import Language, Mail, NoticeKind, Recipient

LETTERHEAD = Letterhead(
    "notices@shop.example",
    {Language.PERSIAN: "فروشگاه نمونه", Language.ENGLISH: "Example Shop"},
    dict.fromkeys(Language, "https://support.shop.example"),
)
READERS = {Language.PERSIAN: "مینا نمونه", Language.ENGLISH: "Mina Example"}
EXPIRY: dict[str, Any] = {
    "rules": "1",
    "at": "2026-11-22T06:30:00+00:00",
    "class": "not_expired",
    "credits_failure": True,
    "paid_through": "2026-11-29T21:29:59+00:00",
    "committed_until": "2026-12-06T21:29:59+00:00",
    "possible_until": "2026-12-20T21:29:59+00:00",
}
AT = "2026-11-22T06:30:00+00:00"
FACTS: dict[NoticeKind, list[dict[str, Any]]] = {
    NoticeKind.EXPIRY: [
        EXPIRY,
        EXPIRY | {"at": "2026-11-29T06:30:00+00:00"},
        EXPIRY | {"class": "committed", "at": "2026-12-01T06:30:00+00:00"},
        EXPIRY | {"class": "best_effort", "at": "2026-12-18T06:30:00+00:00"},
        EXPIRY | {"class": "best_effort", "credits_failure": False},
    ],
    NoticeKind.DELIVERED: [
        {"order": 7, "order_kind": kind, "expires_at": expires_at}
        for kind in ("register", "renew", "transfer", "restore", "renew_elsewhere")
        for expires_at in (AT, None)
    ],
    NoticeKind.SUSPENDED: [
        {"cause": cause, "since": AT} for cause in ("debt", "identity", "claim", "ruling", "rules", "else")
    ],
    NoticeKind.DEBT_WARNING: [
        {"amount": 4_500_000, "currency": "IRR", "pay_by": AT},
        {"amount": 1250, "currency": "USD", "pay_by": None},
    ],
    NoticeKind.PLANNED_HOLD: [{"starts_at": AT, "ends_at": AT}, {"starts_at": AT, "ends_at": None}],
}


def a_mail(
    kind: NoticeKind,
    language: Language,
    facts: dict[str, Any],
    *,
    domain: str | None = "mina.com",
    addressed_as: str | None = "",
) -> Mail:
    """Return a mail to the invented reader."""
    reader = READERS[language] if addressed_as == "" else addressed_as
    return Mail(
        1, 1, "<n-1@shop.example>", kind, domain, facts, Recipient("mina@example.net", reader, language)
    )
