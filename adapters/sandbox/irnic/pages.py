"""What stands on the pages that IRNIC's gateway shows instead of an answer? Persian, for people.

They come with HTTP 200 as often as not, which is why a client must not go by the status alone.
"""

_PAGE = """<!DOCTYPE html>
<html lang="fa" dir="rtl">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{text}</p></body>
</html>
"""

NIGHT = _PAGE.format(
    title="سامانه در دسترس نیست",
    text="کاربر گرامی، سامانه هر شب از ساعت ۲۳:۰۰ تا ۰۰:۳۰ بامداد برای به‌روزرسانی بسته است. لطفاً پس از این ساعت مراجعه فرمایید.",  # noqa: RUF001 - Persian digits
)
"""The nightly closure, 23:00 to 00:30 in Tehran."""

MAINTENANCE = _PAGE.format(
    title="سامانه موقتاً در دسترس نیست",
    text="به دلیل انجام عملیات نگهداری، سامانه موقتاً در دسترس نیست. لطفاً دقایقی دیگر دوباره تلاش کنید.",
)
"""Maintenance outside the closed hours."""

GATEWAY = _PAGE.format(
    title="خطای ارتباط با سرور اصلی",
    text="پاسخی از سرور اصلی دریافت نشد. این صفحه را شبکهٔ توزیع محتوا نمایش می‌دهد.",
)
"""A content network in front of the registry that got no answer, or is not let through."""
