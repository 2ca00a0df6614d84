"""Is everybody told in time that his name's term ends, once, and nobody who has renewed (E2, O1)?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import insert, text

from registrar import debts, notices
from registrar.agreement.noticing import schedule
from registrar.customers.contacts import ContactRefusedError, parse_address
from registrar.database import Database
from registrar.mails import Accepted, Answer, Delayed, Mail, Refused, Unknown
from registrar.models import Debt
from registrar.notices import Needless, NoticeStandsError
from registrar.notices.planning import _unplanned
from registrar.notices.sending import _due
from tests.agreement.notices_story import DAY, LEASE, MINUTE, SECOND, Post
from tests.agreement.rulebook import standard

PAID = datetime(2027, 3, 1, 12, tzinfo=UTC)
LONG_BEFORE = PAID - 60 * DAY
DAYS = [-31, -15, -7, -3, -1, 1, 5, 20]


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    """Give a shop two months before mina.com's term ends, on each kind of database."""
    database = Database(database_url)
    made = Post(database, LONG_BEFORE)
    made.knows()
    made.has("mina.com", PAID)
    yield made
    database.close()


def at_hour(days: int) -> datetime:
    """Return ten o'clock in Tehran, so many days from the end of mina.com's term."""
    return datetime(2027, 3, 1, 6, 30, tzinfo=UTC) + days * DAY


def test_the_schedule_is_that_of_the_agreement(post: Post) -> None:
    """A customer is told 31, 15, 7, 3 and 1 days before the end of his term, and 1, 5 and 20 days after, at ten in Tehran."""
    assert post.plans() == 1
    planned = [(row["offset_days"], row["due_at"], row["state"]) for row in post.rows()]
    assert planned == [(days, at_hour(days), "planned") for days in DAYS]
    assert post.plans() == 0


def test_the_notices_follow_the_day_on_the_customers_calendar() -> None:
    """A term that ends at half past eight in the evening UTC ends on the next day in Tehran, and is counted from there."""
    rules = standard().at(PAID).common.notices
    evening = datetime(2027, 3, 1, 20, 29, 59, tzinfo=UTC)
    assert schedule(evening, rules)[0].at == datetime(2027, 1, 29, 6, 30, tzinfo=UTC)
    assert schedule(evening + SECOND, rules)[0].at == datetime(2027, 1, 30, 6, 30, tzinfo=UTC)


def test_each_is_sent_once_and_in_time(post: Post) -> None:
    """Whoever does not renew gets all eight notices, each within the day that it is due."""
    post.lives_until(PAID + 30 * DAY)
    assert [mail.facts["class"] for mail in post.taken] == [
        *["not_expired"] * 5,
        *["committed"] * 2,
        "best_effort",
    ]
    assert post.states() == {"sent": 8}
    assert all(row["ended_at"] - row["scheduled_for"] < DAY for row in post.rows())


def test_a_renewal_closes_what_was_planned(post: Post) -> None:
    """Nobody who has renewed is told that his name expires; the next term's notices are planned instead."""
    post.lives_until(at_hour(-6))
    post.changes("mina.com", paid_through=PAID + 365 * DAY)
    post.plans()
    assert post.offsets("sent") == [-31, -15, -7]
    assert post.offsets("needless") == [-3, -1, 1, 5, 20]
    assert post.offsets("planned") == DAYS
    post.lives_until(PAID + 30 * DAY)
    assert len(post.taken) == 3


def test_a_renewal_in_the_same_second_is_seen(post: Post) -> None:
    """A renewal that comes between planning and sending is looked at before the mail leaves."""
    post.plans()
    post.now = at_hour(-31)
    (due,) = post.due()
    post.changes("mina.com", paid_through=PAID + 365 * DAY)
    assert post.sends(due) == Needless("another term is paid for now")
    assert post.taken == []


def test_a_registrys_own_renewal_pays_nobodys_year(post: Post) -> None:
    """When a registry renews a name by itself at its expiry, its customer is still told that nothing was paid (D4)."""
    post.lives_until(PAID)
    post.changes("mina.com", registry_expires_at=PAID + 365 * DAY, registry_expires_text="2028-03-01")
    post.lives_until(PAID + 30 * DAY)
    assert post.offsets("sent") == DAYS


def test_a_name_that_is_gone_is_not_written_about(post: Post) -> None:
    """Whoever has taken his name elsewhere hears no more about it from us."""
    post.lives_until(at_hour(-20))
    post.changes("mina.com", gone_at=post.now, gone_why="transferred")
    post.lives_until(PAID + 30 * DAY)
    assert post.offsets("sent") == [-31]
    assert {row["said"] for row in post.rows(state="needless")} == {"the name is not with us any more"}


def test_a_name_that_comes_late_brings_one_notice(post: Post) -> None:
    """A name that is taken into our books four days before its term ends brings one mail at once, not three."""
    post.has("late.com", post.now + 4 * DAY)
    post.works()
    assert [(mail.domain, mail.facts["class"]) for mail in post.taken] == [("late.com", "not_expired")]
    assert [row["offset_days"] for row in post.rows(domain="late.com")] == [-7, -3, -1, 1, 5, 20]


def test_a_name_that_is_lost_brings_none(post: Post) -> None:
    """A name whose term ended more than three weeks ago is not written about: it can no longer be renewed."""
    post.has("lost.com", post.now - 21 * DAY - SECOND)
    post.has("last.com", post.now - 21 * DAY)
    post.works()
    assert [mail.domain for mail in post.taken] == ["last.com"]


def test_after_an_outage_only_the_last_word_is_said(post: Post) -> None:
    """When we were down for three days, a customer gets one notice about his name, and it is the newest."""
    post.plans()
    post.now = at_hour(-1) + MINUTE
    for notice in post.rows():
        assert notice["state"] == "planned"
    post.works()
    assert [mail.facts["at"] for mail in post.taken] == [post.now.isoformat()]
    assert (post.offsets("sent"), post.offsets("needless")) == ([-1], [-31, -15, -7, -3])


def test_an_overtaken_notice_is_stopped_even_when_it_was_rung_for(post: Post) -> None:
    """A nudge for an older notice that comes late is not sent after the newer one."""
    post.plans()
    post.now = at_hour(-3)
    older = next(row["id"] for row in post.rows() if row["offset_days"] == -7)
    assert post.begins(older) == Needless("a later notice about the same name is due")


def test_a_notice_that_is_too_late_is_not_sent(post: Post) -> None:
    """The last notice tells until when the name can be renewed; after that moment it is not sent."""
    post.plans()
    post.now = PAID + 21 * DAY + SECOND
    post.works()
    assert post.taken == []
    assert post.offsets("needless") == DAYS


def test_a_backlog_leaves_at_its_pace(post: Post) -> None:
    """After an outage no more notices leave in a minute than the rules say, however many sweeps there are."""
    for number in range(260):
        post.has(f"name-{number:03}.com", PAID)
    post.plans(limit=500)
    post.now = at_hour(-7)
    taken = []
    for _ in range(120):
        taken.append(len(post.due()) + len(post.due()))
        post.now += SECOND
    per_minute = post.pace.per_minute
    assert sum(taken[:60]) <= per_minute + per_minute // 12
    assert sum(taken[60:]) == per_minute
    assert max(taken) <= per_minute // 12


def test_what_was_delivered_is_said_before_what_expires(post: Post) -> None:
    """Behind a backlog of expiries nobody waits to hear that his order is done."""
    post.plans()
    post.now = at_hour(-31)
    facts = {"order": 7, "order_kind": "renew", "expires_at": None}
    for _ in range(2):
        with post.database.transaction() as connection:
            notices.owe(
                connection,
                key="delivered:7",
                kind="delivered",
                customer="c-1",
                domain="sara.com",
                facts=facts,
                now=post.now,
            )
    post.works()
    post.now += MINUTE
    post.works()
    assert [mail.kind for mail in post.taken] == ["delivered", "expiry"]


def test_a_warning_of_a_debt_is_written_once(post: Post) -> None:
    """Whoever is warned of a debt gets one letter about it with its amount, however often staff record a warning."""
    with post.database.transaction() as connection:
        debt = insert(Debt).values(
            customer="c-1", amount=4_500_000, currency="IRR", cause="penalty", reference="p-1", since=post.now
        )
        number = connection.execute(debt.returning(Debt.id)).scalar_one()
        for ticket in ("T-1", "T-2"):
            debts.warn(connection, number, text="unpaid", actor="sara", ticket=ticket, now=post.now)
    post.works()
    assert [(mail.kind, mail.facts["amount"]) for mail in post.taken] == [("debt_warning", 4_500_000)]
    assert len(post.rows(kind="debt_warning")) == 1


def test_a_notice_without_its_facts_is_not_owed(post: Post) -> None:
    """A notice that could not be written is refused when it is owed, not when it is due."""
    with post.database.transaction() as connection, pytest.raises(ValueError, match="since"):
        notices.owe(
            connection, key="k", kind="suspended", customer="c-1", facts={"cause": "debt"}, now=post.now
        )


@pytest.mark.parametrize(
    ("answer", "state", "finding"),
    [
        (Accepted("250 ok"), "sent", None),
        (Refused("550 no such user"), "refused", "customer_refuses_mail"),
        (Unknown("no answer"), "unknown", "mail_in_doubt"),
        (Delayed("451 later"), "planned", None),
        (Delayed("535 who are you", ours=True), "planned", "mail_unavailable"),
    ],
)
def test_each_answer_leads_to_its_state(post: Post, answer: Answer, state: str, finding: str | None) -> None:
    """What the mail server says, or does not say, decides what becomes of a notice, and what staff are told."""
    post.answer = lambda _mail: answer
    post.plans()
    post.now = at_hour(-31)
    post.works()
    row = next(row for row in post.rows() if row["offset_days"] == -31)
    assert (row["state"], row["said"]) == (state, answer.said)
    assert [kind for kind, _ in post.findings()] == ([finding] if finding else [])


def test_a_delayed_notice_is_tried_again_and_given_up_at_last(post: Post) -> None:
    """A mail that is put off is tried as often as the rules say, with the same Message-ID, and then staff are told."""
    post.answer = lambda _mail: Delayed("451 later")
    post.plans()
    post.now = at_hour(-31)
    for _ in range(20):
        post.works()
        post.now += post.pace.retry_after
    assert len(post.taken) == post.pace.tries
    assert len({mail.message_id for mail in post.taken}) == 1
    row = next(row for row in post.rows() if row["offset_days"] == -31)
    assert row["state"] == "refused"
    assert row["said"].startswith(f"given up after {post.pace.tries} tries")
    assert post.findings() == [("customer_refuses_mail", "customer:c-1")]


def test_our_own_fault_uses_up_no_try(post: Post) -> None:
    """As long as our own mail server does not take our mail, notices wait; when it does again, the newest goes out."""
    post.answer = lambda _mail: Delayed("no connection", ours=True)
    post.lives_until(at_hour(-31) + DAY)
    assert len(post.taken) > 5 * post.pace.tries
    assert post.findings() == [("mail_unavailable", "mail")]
    post.answer = lambda _mail: Accepted("250 ok")
    post.lives_until(post.now + MINUTE * 15)
    assert post.offsets("sent") == [-31]
    assert post.findings() == []


def test_a_notice_in_doubt_is_never_sent_again(post: Post) -> None:
    """When a worker dies while it sends, the notice stays in doubt: a customer is rather not told than told twice."""
    post.plans()
    post.now = at_hour(-31)
    (due,) = post.due()
    assert isinstance(post.begins(due), Mail)
    post.now += LEASE - SECOND
    assert post.due() == []
    post.now += SECOND
    assert post.due() == [due]
    assert post.sends(due) == Needless("nobody knows whether it was sent")
    post.now += DAY
    post.works()
    assert post.taken == []
    assert post.offsets("unknown") == [-31]
    assert post.findings() == [("mail_in_doubt", f"notice:{due}")]


def test_a_late_answer_settles_the_doubt(post: Post) -> None:
    """A worker that was frozen and comes back with an answer knows better than its lease."""
    post.plans()
    post.now = at_hour(-31)
    (due,) = post.due()
    mail = post.begins(due)
    assert isinstance(mail, Mail)
    post.now += LEASE
    post.sends(due)
    assert post.settles(mail, Accepted("250 ok"))
    assert (post.offsets("sent"), post.findings()) == ([-31], [])
    assert not post.settles(mail, Unknown("again"))


def test_an_answer_belongs_to_its_own_try(post: Post) -> None:
    """What comes in late about a first try says nothing about the second one, which staff have asked for."""
    post.plans()
    post.now = at_hour(-31)
    (due,) = post.due()
    first = post.begins(due)
    assert isinstance(first, Mail)
    post.now += LEASE
    post.sends(due)
    with post.database.transaction() as connection:
        notices.retry(connection, due, actor="sara", ticket="T-7", now=post.now)
    second = post.begins(due)
    assert isinstance(second, Mail)
    assert (second.number, second.message_id) == (2, first.message_id)
    assert not post.settles(first, Refused("550 late"))
    assert post.offsets("sending") == [-31]
    assert post.settles(second, Accepted("250 ok"))


def test_two_workers_send_one_mail(post: Post) -> None:
    """Two workers that are rung for the same notice at the same moment send it once."""
    post.plans()
    post.now = at_hour(-31)
    (due,) = post.due()
    together = Barrier(2)

    def begin() -> Mail | Needless:
        together.wait(10)
        return post.begins(due)

    with ThreadPoolExecutor(2) as workers:
        begun = [future.result() for future in [workers.submit(begin) for _ in range(2)]]
    assert sorted(type(one).__name__ for one in begun) == ["Mail", "Needless"]


def test_two_sweeps_take_each_notice_once(post: Post) -> None:
    """Two sweeps at the same moment ring for no notice twice, and plan no name twice."""
    for number in range(20):
        post.has(f"name-{number:02}.com", PAID)
    together = Barrier(2)

    def plan_and_take() -> list[int]:
        together.wait(10)
        post.plans()
        together.wait(10)
        return post.due()

    post.now = at_hour(-31)
    with ThreadPoolExecutor(2) as sweeps:
        taken = [future.result() for future in [sweeps.submit(plan_and_take) for _ in range(2)]]
    assert len(post.rows()) == 21 * 8
    assert len({*taken[0], *taken[1]}) == len(taken[0]) + len(taken[1]) > 0


def test_a_customer_without_an_address_is_told_when_he_has_one(post: Post) -> None:
    """A notice for somebody we cannot write to is shown to staff once for him, and goes out when his address is known."""
    for name in ("sara.com", "dara.com"):
        post.has(name, PAID, customer="c-2")
    post.plans()
    post.now = at_hour(-31)
    post.works()
    post.now += MINUTE
    post.works()
    assert post.states()["no_address"] == 2
    assert post.findings() == [("customer_without_address", "customer:c-2")]
    post.knows("c-2", language="en")
    post.now += MINUTE
    post.works()
    post.now += MINUTE
    post.works()
    assert sorted(mail.domain or "" for mail in post.taken) == ["dara.com", "mina.com", "sara.com"]
    assert post.findings() == []


def test_a_name_that_changed_hands_is_written_about_to_its_customer(post: Post) -> None:
    """When a name has gone to another customer of ours, he is told, and not the one before him."""
    post.knows("c-2")
    post.plans()
    post.changes("mina.com", customer="c-2")
    post.now = at_hour(-31)
    post.works()
    assert [mail.recipient.email for mail in post.taken] == ["c-2@example.net"]
    assert post.rows(state="sent")[0]["customer"] == "c-2"


def test_staff_may_send_again_what_did_not_arrive(post: Post) -> None:
    """With a ticket a refused, bounced or doubtful notice is sent once more; one that was taken is not."""
    post.answer = lambda _mail: Unknown("no answer")
    post.plans()
    post.now = at_hour(-31)
    post.works()
    number = post.rows(state="unknown")[0]["id"]
    with post.database.transaction() as connection:
        notices.retry(connection, number, actor="sara", ticket="T-7", now=post.now)
    assert post.findings() == []
    post.answer = lambda _mail: Accepted("250 ok")
    post.now += MINUTE
    post.works()
    assert (len(post.taken), post.offsets("sent")) == (2, [-31])
    for stands in (number, 10_000):
        with post.database.transaction() as connection, pytest.raises(NoticeStandsError):
            notices.retry(connection, stands, actor="sara", ticket="T-7", now=post.now)


def test_a_mail_that_came_back_is_marked(post: Post) -> None:
    """A notice whose mail comes back is shown as not delivered, and its customer's address to be asked for."""
    post.plans()
    post.now = at_hour(-31)
    post.works()
    message_id = post.taken[0].message_id
    for expected in (post.taken[0].notice_id, None):
        with post.database.transaction() as connection:
            found = notices.bounced(connection, message_id, status="5.1.1", now=post.now, actor="sara")
        assert found == expected
    assert post.offsets("bounced") == [-31]
    assert post.findings() == [("customer_refuses_mail", "customer:c-1")]


def test_a_mistaken_term_that_is_put_right_is_told_of_after_all(post: Post) -> None:
    """When a term was changed by mistake and put back, its notices are planned again, and none that was sent is repeated."""
    post.lives_until(at_hour(-10))
    post.changes("mina.com", paid_through=PAID + 365 * DAY)
    post.plans()
    post.changes("mina.com", paid_through=PAID)
    post.lives_until(PAID + 30 * DAY)
    assert post.offsets("sent") == DAYS
    assert len(post.taken) == 8


def test_addresses_are_sealed_and_nowhere_in_words(post: Post) -> None:
    """A customer's address and name are in no event, no finding and no notice, and cannot be read in the database (D10)."""
    post.knows("c-1", email="mina.private@example.net")
    post.lives_until(PAID)
    with post.database.reading() as connection:
        kept = str(connection.execute(text("SELECT * FROM customers")).all())
    for private in ("mina.private", "example.net", "Mina"):
        assert private not in post.written() + kept
    assert "mina.private" not in repr(post.taken)


def test_the_due_and_the_unplanned_are_found_by_index(sqlite_url: str) -> None:
    """What is due and what is unplanned is found without reading all that was ever sent."""
    database = Database(sqlite_url)
    for statement, index in (
        (_unplanned(10), "ix_domains_replan"),
        (_due(LONG_BEFORE), "ix_notices_due_at"),
    ):
        compiled = statement.compile(database.engine, compile_kwargs={"literal_binds": True})
        with database.reading() as connection:
            plan = str(connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all())
        assert index in plan
    database.close()


@pytest.mark.parametrize(
    "address", ["", "mina", "mina@", "@example.net", "mina@example", "a b@example.com", "mina@exa mple.com",
                "mina@example.com\nBcc: all@example.com", '"mina"@example.com', "x" * 65 + "@example.com"],
)  # fmt: skip
def test_an_address_that_no_server_takes_is_refused(address: str) -> None:
    """An address that could not be written to, or would write a header of its own, is refused, and not quoted."""
    with pytest.raises(ContactRefusedError) as refused:
        parse_address(address)
    assert not address or address not in str(refused.value)


def test_an_address_under_an_international_name_is_taken() -> None:
    """A mailbox under a Persian name is written to by the form that every mail server takes."""
    assert parse_address(" mina@نمونه.com ") == "mina@xn--hhbbbed.com"


def test_a_language_that_we_do_not_write_is_refused(post: Post) -> None:
    """Customers are written to in Persian or English, and a portal that asks for another is told so."""
    with pytest.raises(ContactRefusedError, match="fa, en"):
        post.knows(language="de")
