"""In which words is an answer told to the customer? Our own sentences in Persian and English, made from one table.

They say what the class says and no more, they admit no liability (D8), and what the registrar wrote is not in them. Every
sentence has both languages side by side, so that the two cannot say different things.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from registrar.agreement.calendars import (
    ENGLISH,
    LANGUAGES,
    PERSIAN,
    isolated,
    left_to_right,
    spoken_instant,
    spoken_money,
)
from registrar.agreement.expiry import RenewalClass
from registrar.money import Money

Sentence = Mapping[str, str]
"""By language, with places for what is filled in."""

NO_CLASS = "unknown"
"""The class of a renewal whose end of term nobody knows."""

CLASSES: Mapping[str, Sentence] = {
    RenewalClass.NOT_EXPIRED: {
        ENGLISH: "{domain} is paid for until {paid_through}; a renewal is taken as any other.",
        PERSIAN: "هزینه دامنه {domain} تا {paid_through} پرداخت شده است و تمدید آن به روال عادی پذیرفته می‌شود.",
    },
    RenewalClass.COMMITTED: {
        ENGLISH: "The paid term of {domain} ended on {paid_through}. Until {committed_until} a renewal is within the time "
        "for which the agreement provides for it.",
        PERSIAN: "دوره پرداخت‌شده دامنه {domain} در {paid_through} به پایان رسیده است. تمدید تا {committed_until} در "
        "مهلتی است که توافق‌نامه برای آن پیش‌بینی کرده است.",
    },
    RenewalClass.BEST_EFFORT: {
        ENGLISH: "The paid term of {domain} ended on {paid_through}, and since {committed_until} there is no obligation to "
        "renew it. Until {possible_until} a renewal can be attempted; it depends on the name being renewable or free.",
        PERSIAN: "دوره پرداخت‌شده دامنه {domain} در {paid_through} به پایان رسیده است و از {committed_until} به بعد تعهدی به "
        "تمدید آن وجود ندارد. تا {possible_until} می‌توان برای تمدید اقدام کرد؛ انجام آن به قابل تمدید بودن یا آزاد بودن "
        "دامنه بستگی دارد.",
    },
    RenewalClass.IMPOSSIBLE: {
        ENGLISH: "The paid term of {domain} ended on {paid_through}, and the time for an ordinary renewal on "
        "{possible_until}: an ordinary renewal is not possible.",
        PERSIAN: "دوره پرداخت‌شده دامنه {domain} در {paid_through} و مهلت تمدید عادی آن در {possible_until} به پایان رسیده "
        "است و تمدید عادی ممکن نیست.",
    },
    NO_CLASS: {
        ENGLISH: "Until when {domain} is paid for is not known here, so nothing can be said of its renewal yet.",
        PERSIAN: "تاریخ پایان دوره پرداخت‌شده دامنه {domain} برای ما مشخص نیست و هنوز نمی‌توان درباره تمدید آن نظری داد.",
    },
}
"""The sentence of each class of a renewal (D1, D2)."""

KINDS: Mapping[str, Sentence] = {
    "register": {ENGLISH: "Registration of {domain}.", PERSIAN: "ثبت دامنه {domain}."},
    "transfer": {
        ENGLISH: "Transfer of {domain} to the company's panel.",
        PERSIAN: "انتقال دامنه {domain} به پنل شرکت.",
    },
    "restore": {ENGLISH: "Restore of {domain}.", PERSIAN: "بازیابی دامنه {domain}."},
    "change_holder": {
        ENGLISH: "Change of the holder of {domain}.",
        PERSIAN: "تغییر صاحب امتیاز دامنه {domain}.",
    },
}
"""What is asked for, of an order that has no class."""

FOUND: Mapping[str, Sentence] = {
    "renewable": {
        ENGLISH: "The registry showed it as renewable on {seen_at}.",
        PERSIAN: "در استعلام {seen_at}، مرجع ثبت آن را قابل تمدید نشان داده است.",
    },
    "renewable_with_penalty": {
        ENGLISH: "On {seen_at} it was in the time in which the registry renews with a penalty of its own.",
        PERSIAN: "در استعلام {seen_at}، دامنه در دوره‌ای بوده است که مرجع ثبت آن را با جریمه تمدید می‌کند.",
    },
    "restorable": {
        ENGLISH: "On {seen_at} it was in redemption: a restore can be ordered, as an order of its own.",
        PERSIAN: "در استعلام {seen_at}، دامنه در دوره بازیابی بوده است: بازیابی را می‌توان با سفارشی جداگانه درخواست کرد.",
    },
    "free": {
        ENGLISH: "It was free on {seen_at}: a fresh registration can be ordered, as an order of its own, while nobody else "
        "registers it first.",
        PERSIAN: "در استعلام {seen_at}، دامنه آزاد بوده است: تا زمانی که دیگری آن را ثبت نکرده، ثبت تازه را می‌توان با "
        "سفارشی جداگانه درخواست کرد.",
    },
    "taken": {
        ENGLISH: "On {seen_at} it was registered elsewhere.",
        PERSIAN: "در استعلام {seen_at}، دامنه در جای دیگری ثبت بوده است.",
    },
    "unknown": {
        ENGLISH: "What is possible could not be found out on {seen_at}; please ask again.",
        PERSIAN: "در استعلام {seen_at} مشخص نشد چه کاری ممکن است؛ لطفا دوباره استعلام کنید.",
    },
}
"""What the inquiry at the registrar came to (D3)."""

_ASKED_FOR: Mapping[str, Mapping[str, Sentence]] = {
    "register": {
        "free": {
            ENGLISH: "It was free on {seen_at}.",
            PERSIAN: "در استعلام {seen_at}، دامنه آزاد بوده است.",
        },
        "renewable": {
            ENGLISH: "It was registered on {seen_at}: a registration is possible once it is free.",
            PERSIAN: "در استعلام {seen_at}، دامنه ثبت‌شده بوده است و ثبت آن تنها پس از آزاد شدن ممکن است.",
        },
    },
    "restore": {
        "restorable": {
            ENGLISH: "On {seen_at} it was in redemption.",
            PERSIAN: "در استعلام {seen_at}، دامنه در دوره بازیابی بوده است.",
        },
    },
}
"""The same, where what was found is the very thing that is asked for."""

ONLY_SUPPORT: Sentence = {
    ENGLISH: "Past the agreement's time it is a matter for a request through support.",
    PERSIAN: "پس از پایان مهلت توافق‌نامه، بررسی آن تنها با درخواست از راه پشتیبانی ممکن است.",
}
"""Of a name that its registry would still renew (D1, C1)."""

REGISTRY_RENEWED: Sentence = {
    ENGLISH: "The registry has moved its date by itself; that is no renewal that was paid for.",
    PERSIAN: "مرجع ثبت، تاریخ آن را خود جابه‌جا کرده است و این به معنی تمدید پرداخت‌شده نیست.",
}
"""The auto-renew trap (D4)."""

_PRICE: Sentence = {ENGLISH: "Price: {price}.", PERSIAN: "بها: {price}."}
_WAY_PRICE: Sentence = {ENGLISH: "Its price is {price}.", PERSIAN: "بهای آن {price} است."}
_FEE: Sentence = {ENGLISH: "{text}: {amount}.", PERSIAN: "{text}: {amount}."}
_SUM: Sentence = {ENGLISH: "Together: {sum}.", PERSIAN: "جمع: {sum}."}
_DELIVERY: Sentence = {
    ENGLISH: "Paid on {at}, its delivery time ends on {due_by}; if it is not delivered by {cancellable_from}, it "
    "can be cancelled from then on.",
    PERSIAN: "با پرداخت در {at}، زمان تحویل آن در {due_by} پایان می‌یابد. اگر تا {cancellable_from} تحویل نشده باشد، "
    "از آن پس می‌توان آن را لغو کرد.",
}
_CREDIT: Sentence = {
    ENGLISH: "If the registrar does not carry it out, its price is moved to your credit account.",
    PERSIAN: "اگر ثبت‌کننده مرجع آن را انجام ندهد، بهای آن به حساب بستانکار شما منتقل می‌شود.",
}
_HOLDS: Sentence = {
    ENGLISH: "This price holds for you until {expires_at}.",
    PERSIAN: "این بها برای شما تا {expires_at} معتبر است.",
}


def words(told: Mapping[str, Any], *, time_zone: str) -> dict[str, str]:
    """Return an answer in words, by language; `time_zone` is the one of the dates."""
    said = list(_sentences(told))
    return {language: _joined(said, language, _filled(told, language, time_zone)) for language in LANGUAGES}


def inquiry_words(kind: str, inquiry: Mapping[str, Any], *, time_zone: str) -> dict[str, str]:
    """Return in words, by language, what an inquiry left possible after an order of this kind (D3)."""
    said, seen_at = list(_about_inquiry(kind, inquiry)), datetime.fromisoformat(inquiry["seen_at"])
    return {
        language: _joined(said, language, {"seen_at": spoken_instant(seen_at, language, time_zone)})
        for language in LANGUAGES
    }


def promise_words(expires_at: datetime, *, time_zone: str) -> dict[str, str]:
    """Return what is said of a price that is promised, by language (O4)."""
    return {
        language: _HOLDS[language].format(expires_at=spoken_instant(expires_at, language, time_zone))
        for language in LANGUAGES
    }


_Amounts = Mapping[str, Any]


def _joined(said: Iterable[tuple[Sentence, _Amounts]], language: str, filled: Mapping[str, str]) -> str:
    return " ".join(
        sentence[language].format_map({**filled, **_texts(more, language)}) for sentence, more in said
    )


def _sentences(told: Mapping[str, Any]) -> Iterator[tuple[Sentence, _Amounts]]:
    """Return what is said, in order, each with what belongs to that sentence alone."""
    is_renewal = told["kind"] not in KINDS
    yield (CLASSES[told["class"] or NO_CLASS] if is_renewal else KINDS[told["kind"]]), {}
    if told["inputs"]["renewed_by_registry"]:
        yield REGISTRY_RENEWED, {}
    if told["inquiry"]:
        yield from _about_inquiry(told["kind"], told["inquiry"])
    if told["price"]:
        yield _PRICE, {"price": told["price"]}
    for fee in told["fees"]:
        yield _FEE, {"text": fee["text"], "amount": fee}
    if told["fees"] and told["sum"]:
        yield _SUM, {"sum": told["sum"]}
    if told["due_by"] and not _shown_impossible(told):
        yield _DELIVERY, {}
        if told["credited_on_refusal"]:
            yield _CREDIT, {}


def _shown_impossible(told: Mapping[str, Any]) -> bool:
    """Tell whether the registrar's answer leaves no room for a registration: no delivery of one is spoken of."""
    found = told["inquiry"]["found"] if told["inquiry"] else None
    return told["kind"] == "register" and found not in (None, "free", "unknown")


def _about_inquiry(kind: str, inquiry: Mapping[str, Any]) -> Iterator[tuple[Sentence, _Amounts]]:
    found = inquiry["found"]
    yield _ASKED_FOR.get(kind, {}).get(found, FOUND[found]), {}
    if inquiry["way"] and not inquiry["ordinary"]:
        yield ONLY_SUPPORT, {}
        return
    if inquiry["way"] in (None, kind, "renew"):
        return
    if inquiry["price"]:
        yield _WAY_PRICE, {"price": inquiry["price"]}
    for fee in inquiry["fees"]:
        yield _FEE, {"text": fee["text"], "amount": fee}


_INSTANTS = ("paid_through", "committed_until", "possible_until", "at", "due_by", "cancellable_from")


def _filled(told: Mapping[str, Any], language: str, time_zone: str) -> dict[str, str]:
    """Return what any sentence may be filled in with."""
    instants = {name: told[name] for name in _INSTANTS if told[name]}
    if told["inquiry"]:
        instants["seen_at"] = told["inquiry"]["seen_at"]
    written = {
        name: spoken_instant(datetime.fromisoformat(text), language, time_zone)
        for name, text in instants.items()
    }
    return written | {"domain": _name(told)}


def _name(told: Mapping[str, Any]) -> str:
    """Write the name as it is shown, and, where that differs, as it is registered."""
    shown, registered = told["domain_unicode"], told["domain"]
    if shown == registered:
        return left_to_right(registered)
    return f"{isolated(shown)} ({left_to_right(registered)})"


def _texts(more: _Amounts, language: str) -> dict[str, str]:
    return {
        name: str(value[language])
        if name == "text"
        else spoken_money(Money(value["amount"], value["currency"]), language)
        for name, value in more.items()
    }
