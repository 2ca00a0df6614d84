"""What waits in the queue?"""

from adapters.sandbox.books import Books
from tests.sandbox.irnic.desk import Clock, Reseller


def test_a_message_stays_until_it_is_acknowledged(reseller: Reseller, clock: Clock) -> None:
    """The same message comes again and again; acknowledged, it makes room for the next."""
    reseller.create("one.ir")
    reseller.create("two.ir")
    clock.forward(seconds=61)

    first, again = reseller.poll(), reseller.poll()
    assert first.code == 1301
    assert first.attribute("//epp:msgQ/@count") == "2"
    assert first.attribute("//epp:qDate/text()") == "2026-01-10T12:31:01"
    assert first.attribute("//epp:msgQ/@id") == again.attribute("//epp:msgQ/@id")
    assert 'xmlns=""' in first.text

    assert reseller.acknowledge(first.attribute("//epp:msgQ/@id")).code == 1000
    assert reseller.acknowledge(first.attribute("//epp:msgQ/@id")).code == 2303
    assert reseller.poll().attribute("//domain:polData/domain:name/text()") == "two.ir"


def test_an_empty_queue_and_a_plain_notice(books: Books, reseller: Reseller) -> None:
    """1300 for nothing; a notice about no name has no result data."""
    assert reseller.poll().code == 1300
    with books.page() as page:
        page.queue_message("notice", "قطعی برنامه‌ریزی‌شده")

    notice = reseller.poll()

    assert notice.code == 1301
    assert notice.attribute("//note/text()") == "قطعی برنامه‌ریزی‌شده"
    assert notice.all("//epp:resData") == []
