"""Is a file of rules read as it is written, and is every fault in it told at once, with file, line, key and what to do?"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.layers import ConfigurationError
from config.rules import ANYTHING, Known, load_rules, read_rules
from config.settings import load
from registrar.agreement.rules import AutoRenewed, Bucket, Clock
from registrar.commands import Kind
from registrar.money import Money
from tests.agreement.rulebook import shipped_text, standard

TEXT = shipped_text()
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SOLD = Known({"com": "USD", "ir": "IRR", "co.ir": "IRR", "xn--mgba3a4f16a": "IRR"}, {"epp", "irnic"})
FEE = """
[[version.fees]]
line = "late_renewal"
kinds = ["renew"]
after_days = 7
until_days = 21
amount = 500
currency = "USD"
credited_on_refusal = true
text = { fa = "هزینه تمدید دیرهنگام", en = "Late renewal" }
"""
NEXT = TEXT.replace('name = "2026-01"', 'name = "2027-01"').replace("= 2026-01-01\n", "= 2027-01-01\n")
IR = "[version.zones.ir]\n"
ONE_FEE = "\n[[version.fees]]\n"


def write(folder: Path, text: str) -> Path:
    """Write a company's own rules."""
    file = folder / "rules.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(file: Path, known: Known = ANYTHING) -> list[str]:
    """Read what cannot be used, and return what is said about it, line by line, without the file's name."""
    with pytest.raises(ConfigurationError) as refused:
        read_rules(file, known)
    lines = str(refused.value).split("\n")
    assert all(line.startswith(f"{file}, line ") for line in lines)
    return [line.removeprefix(f"{file}, ") for line in lines]


def line_in(text: str, part: str) -> int:
    """Return the line on which a part of a text begins."""
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def with_fee(*changes: tuple[str, str], text: str = TEXT) -> str:
    """Return the shipped rules with a fee, changed so."""
    fee = FEE
    for old, new in changes:
        assert old in fee
        fee = fee.replace(old, new)
    return text.replace("[version.delivery]\n", f"{fee}\n[version.delivery]\n")


def test_the_shipped_rules_say_what_the_agreement_says() -> None:
    """A week bound, three weeks possible, counted from payment; no fee unless the company sets one (D1, D2, E2, E4, F3)."""
    rules = standard().rules("com", at=NOW)
    assert (rules.version, rules.agreement) == ("2026-01", "sepidman-1")
    assert rules.effective_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert (rules.renewal.committed, rules.renewal.possible) == (timedelta(days=7), timedelta(days=21))
    assert (rules.renewal.clock, rules.renewal.credit_failed) == (Clock.PAID, True)
    assert rules.notices.days == (-31, -15, -7, -3, -1, 1, 5, 20)
    assert rules.fees == ()
    assert rules.money.spend == (Bucket.GIFT, Bucket.REPURCHASE, Bucket.CASH)
    assert rules.money.penalty_per_mille == 2
    assert rules.delivery.factor == 2
    assert rules.delivery.maximum.keys() >= set(Kind) & {Kind.REGISTER, Kind.RENEW, Kind.TRANSFER}
    assert (rules.claims.lock_within, rules.claims.release_within, rules.claims.ruling_wait) == (2, 1, 10)


@pytest.mark.parametrize("zone", ["ir", "co.ir", "xn--mgba3a4f16a"])
def test_irnic_has_limits_of_its_own(zone: str) -> None:
    """Under .ir the contract's limits are the same, the registry's are 30 and 60 days, and days end in Tehran (D1, D2)."""
    common, rules = standard().rules("com", at=NOW), standard().rules(zone, at=NOW)
    assert (rules.renewal.committed, rules.renewal.possible) == (
        common.renewal.committed,
        common.renewal.possible,
    )
    assert (rules.renewal.registry_normal, rules.renewal.registry_penalty) == (
        timedelta(days=30),
        timedelta(days=60),
    )
    assert (rules.renewal.restorable, rules.renewal.bare_date_zone) == (False, "Asia/Tehran")
    assert (rules.calendar.weekend, common.calendar.weekend) == (frozenset({3, 4}), frozenset({5, 6}))
    assert (common.renewal.registry_normal, common.renewal.restorable) == (None, True)
    assert rules.money == common.money


def test_a_fee_is_read_with_its_words(tmp_path: Path) -> None:
    """A fee has its line, its age, its amount, its rule for a refusal and its words in both languages (E4)."""
    (fee,) = read_rules(write(tmp_path, with_fee()), ANYTHING).rules("com", at=NOW).fees
    assert (fee.line, fee.kinds, fee.amount) == ("late_renewal", frozenset({Kind.RENEW}), Money(500, "USD"))
    assert (fee.after, fee.until) == (timedelta(days=7), timedelta(days=21))
    assert (fee.credited_on_refusal, fee.text["en"]) == (True, "Late renewal")


def test_a_company_s_own_file_replaces_the_package_s_wholly(tmp_path: Path) -> None:
    """Nothing of the shipped rules shines through a company's own."""
    write(tmp_path, TEXT.replace("committed_days = 7", "committed_days = 5").replace('"2026-01"', '"ours"'))
    book = load_rules(tmp_path)
    assert [version.name for version in book.versions] == ["ours"]
    assert book.rules("ir", at=NOW).renewal.committed == timedelta(days=5)


def test_a_folder_without_rules_goes_by_the_shipped_ones(tmp_path: Path) -> None:
    """Who sets nothing has the defaults."""
    assert [version.name for version in load_rules(tmp_path).versions] == ["2026-01"]


def test_the_settings_carry_the_rules_of_their_folder(tmp_path: Path) -> None:
    """The rules are read with the settings, and `rules.toml` is no stranger in their folder."""
    write(tmp_path, TEXT.replace('"2026-01"', '"ours"'))
    settings = load(tmp_path, {"HOME": "/home/staff"})
    assert settings.rules.at(NOW).name == "ours"


@pytest.mark.parametrize("environ", [{"REGISTRAR_RULES": "x"}, {"REGISTRAR_RULES__VERSION": "x"}])
def test_rules_stand_in_their_own_file_only(environ: dict[str, str]) -> None:
    """A variable cannot change a promise."""
    with pytest.raises(
        ConfigurationError, match=r"REGISTRAR_RULES.* is no setting; write rules in rules\.toml"
    ):
        load(None, {"HOME": "/home/staff", **environ})


def test_bad_rules_stop_the_settings_from_loading(tmp_path: Path) -> None:
    """Rules that name a zone or a registrar that the settings do not have are refused at the start."""
    file = write(
        tmp_path,
        TEXT.replace("[version.auto_renewed]\n", '[version.auto_renewed]\neppp = "renew"\n')
        + "[version.zones.irr]\nfees = []\n",
    )
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, {"HOME": "/home/staff"})
    registrar, zone = str(refused.value).split("\n")
    assert registrar.startswith(
        f"{file}, line {line_in(file.read_text(), 'eppp')}: auto_renewed.eppp: there is no such"
    )
    assert zone.startswith(
        f"{file}, line {line_in(file.read_text(), '[version.zones.irr]')}: zones.irr: there is no such"
    )


def test_versions_are_in_force_from_their_dates(tmp_path: Path) -> None:
    """Each version holds until the next one begins, to the second; the first one also holds before its date."""
    book = read_rules(write(tmp_path, NEXT + TEXT))
    begins = datetime(2027, 1, 1, tzinfo=UTC)
    assert [version.name for version in book.versions] == ["2026-01", "2027-01"]
    assert book.at(begins - timedelta(seconds=1)).name == "2026-01"
    assert book.at(begins).name == "2027-01"
    assert book.at(datetime(2020, 1, 1, tzinfo=UTC)).name == "2026-01"
    named = book.named("2027-01")
    assert named is not None
    assert named.rules("com").effective_from == begins
    assert book.named("2028-01") is None


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        ("2026-01-01", datetime(2025, 12, 31, 20, 30, tzinfo=UTC)),
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00+03:30", datetime(2025, 12, 31, 20, 30, tzinfo=UTC)),
    ],
)
def test_a_date_begins_where_the_company_s_calendar_is(
    tmp_path: Path, written: str, begins: datetime
) -> None:
    """A bare date begins at midnight of the calendar's time zone, an instant is what it says; for every zone the same."""
    text = TEXT.replace("effective_from = 2026-01-01", f"effective_from = {written}")
    text = text.replace('holidays = []\ntime_zone = "UTC"', 'holidays = []\ntime_zone = "Asia/Tehran"')
    book = read_rules(write(tmp_path, text))
    assert {book.rules(zone, at=NOW).effective_from for zone in ("com", "ir")} == {begins}


def test_a_zone_may_be_written_as_it_is_read(tmp_path: Path) -> None:
    """`ایران` means the zone's A-label; what it does not say is as for all."""
    text = TEXT.replace("[version.zones.xn--mgba3a4f16a]", '[version.zones."ایران"]')
    assert read_rules(write(tmp_path, text)).rules("xn--mgba3a4f16a", at=NOW) == standard().rules(
        "xn--mgba3a4f16a", at=NOW
    )


def test_an_overlay_changes_single_keys_and_whole_lists(tmp_path: Path) -> None:
    """A zone says only what differs: one delivery time, or its own list of fees."""
    text = with_fee() + "delivery = { maximum_hours = { renew = 1 } }\nfees = []\n"
    book = read_rules(write(tmp_path, text))
    common, persian = book.rules("com", at=NOW), book.rules("xn--mgba3a4f16a", at=NOW)
    assert (len(common.fees), persian.fees) == (1, ())
    assert persian.delivery.maximum == {**common.delivery.maximum, Kind.RENEW: timedelta(hours=1)}


def test_what_an_auto_renewal_means_is_said_by_registrar(tmp_path: Path) -> None:
    """A registrar that takes the registry's year back is sent a renewal; all others adopt it (D4)."""
    text = TEXT.replace("[version.auto_renewed]\n", '[version.auto_renewed]\nepp = "renew"\n')
    rules = read_rules(write(tmp_path, text), SOLD).rules("com", at=NOW)
    assert (rules.auto_renewed_at("epp"), rules.auto_renewed_at("opensrs")) == (
        AutoRenewed.RENEW,
        AutoRenewed.ADOPT,
    )


def test_holidays_are_dates(tmp_path: Path) -> None:
    """The company lists its holidays."""
    text = TEXT.replace(
        'weekend = ["saturday", "sunday"]\nholidays = []', 'weekend = ["friday"]\nholidays = [2026-12-25]'
    )
    calendar = read_rules(write(tmp_path, text)).rules("com", at=NOW).calendar
    assert (calendar.weekend, calendar.holidays) == (frozenset({4}), frozenset({date(2026, 12, 25)}))


def test_what_was_read_can_be_stored(tmp_path: Path) -> None:
    """A version keeps what was written, as JSON, with its zones and with dates as texts."""
    source = standard().versions[0].source
    assert json.loads(json.dumps(source)) == source
    assert (source["effective_from"], source["name"]) == ("2026-01-01", "2026-01")


FAULTS = [
    # a type, a range, a word
    ("committed_days = 7", 'committed_days = "7"', "renewal.committed_days: must be a whole number"),
    ("committed_days = 7", "committed_days = 7.5", "renewal.committed_days: must be a whole number"),
    ("committed_days = 7", "committed_days = true", "renewal.committed_days: must be a whole number"),
    ("committed_days = 7", "committed_days = -1", "renewal.committed_days: must be greater than or equal to 0"),
    ("committed_days = 7", "committed_days = 99999", "renewal.committed_days: must be less than or equal to 3650"),
    ("credit_failed_renewal = true", "credit_failed_renewal = 1", "renewal.credit_failed_renewal: must be true or false"),
    ('clock = "paid"', 'clock = "noon"', "renewal.clock: must be 'paid', 'accepted' or 'sent'"),
    ('bare_date_zone = "UTC"', 'bare_date_zone = "Teheran"', "renewal.bare_date_zone: is no time zone; write it like Asia/Tehran"),
    ("agreement = ", "agreement = 1 #", "agreement: must be a text, in quotes"),
    ('name = "2026-01"', 'name = "of January"', "name: must match pattern"),
    ("effective_from = 2026-01-01\n", 'effective_from = "2026"\n', "effective_from: must be a date, as 2026-01-01, or an instant"),
    ("effective_from = 2026-01-01\n", "effective_from = 2026-01-01T00:00:00\n", "effective_from: must be a date"),
    ("effective_from = 2026-01-01\n", "effective_from = 1405-01-01\n", "effective_from: must be a date, as 2026-01-01"),
    ("effective_from = 2026-01-01\n", "effective_from = 1405-01-01T00:00:00Z\n", "effective_from: must be a date"),
    ("factor = 2", "factor = 0", "delivery.factor: must be greater than or equal to 1"),
    ("penalty_per_mille = 2", "penalty_per_mille = 1001", "money.penalty_per_mille: must be less than or equal to 1000"),
    ("at_hour = 10", "at_hour = 24", "notices.at_hour: must be less than or equal to 23"),
    ('authorities = "any"', 'authorities = "none"', "claims.authorities: must be 'any' or 'both'"),
    ("lock_within_business_days = 2", "lock_within_business_days = 0", "claims.lock_within_business_days: must be greater than"),
    # a list
    ('"saturday", "sunday"]\nholidays = []', '"sunday"]\nholidays = [1405-01-01]', "calendar.holidays: is no date of the Gregorian"),
    ("days = [-31, -15,", "days = [-15, -31,", "notices.days: must be in order, each day once"),
    ("days = [-31, -15,", "days = [-31, -31,", "notices.days: must be in order, each day once"),
    ("days = [-31, -15,", 'days = ["a",', "notices.days: must be a whole number"),
    ('spend = ["gift", "repurchase", "cash"]', 'spend = ["gift", "cash"]', "money.spend: must name each once: cash, repurchase, gift"),
    ('spend = ["gift", "repurchase", "cash"]', 'spend = ["gift", "cash", "cash"]', "money.spend: must name each once: cash, repurchase, gift"),
    ('spend = ["gift", "repurchase", "cash"]', 'spend = ["gift", "repurchase", "gold"]', "money.spend: must be 'cash', 'repurchase' or 'gift'"),
    ('weekend = ["saturday", "sunday"]', 'weekend = ["caturday"]', "calendar.weekend: is no day of the week; write it like friday"),
    (
        'weekend = ["saturday", "sunday"]',
        'weekend = ["saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday"]',
        "calendar.weekend: must leave a business day",
    ),
    # a key
    ("restorable = true", "restorable = true\ncolour = 1", "renewal.colour: nobody reads this; known here: committed_days, possible_days"),
    ("[version.money]", "colour = 1\n[version.money]", "notices.colour: nobody reads this; known here: days, at_hour"),
    ("[version.renewal]", "colour = 1\n[version.renewal]", "colour: nobody reads this; known here: name, effective_from"),
    ("maximum_hours = { register", "maximum_hours = { registrar", "delivery.maximum_hours.registrar: must be 'register'"),
    # two keys that disagree
    ("possible_days = 21", "possible_days = 6", "renewal.possible_days: must be at least committed_days (7)"),
    ("restorable = true", "registry_penalty_days = 60\nrestorable = true", "renewal.registry_penalty_days: is counted from expiry"),
    (
        "restorable = true",
        "registry_penalty_days = 60\nregistry_normal_days = 61\nrestorable = true",
        "renewal.registry_penalty_days: is counted from expiry",
    ),
    ("slip_with_original_days = 186", "slip_with_original_days = 9", "money.slip_with_original_days: must be at least slip_by_itself_days (10)"),
    ("gift_extension_days = 30", "gift_extension_days = 0", "money.gift_extension_days: must be at least 1, or"),
    ('support = "support"', 'support = "email"', "conduct.support: must be one of `channels` that binds: fax, letter, portal, support"),
    ("announce_at_most_days = 31", "announce_at_most_days = 0", "conduct.announce_at_most_days: must be at least announce_at_least_days (1)"),
    ('valid_channels = ["support", "fax"', 'valid_channels = ["pigeon", "fax"', "departures.valid_channels: conduct.channels does not know pigeon"),
    # a zone's overlay: each fault is told where the zone says it
    (IR, '[version.zones."https://ir"]\n', "zones.https://ir: 'https://ir' is an address of something else"),
    (IR, f"{IR}money = {{ slip_by_itself_days = 1 }}\n", "zones.ir.money: a zone has no such section; those that may differ by zone: renewal, fees"),
    (IR, f"{IR}fees = 1\n", "zones.ir.fees: must be a list"),
    (IR, f"{IR}notices = {{ at_hours = 1 }}\n", "zones.ir.notices.at_hours: nobody reads this"),
    (IR, f"{IR}notices = {{ at_hour = 25 }}\n", "zones.ir.notices.at_hour: must be less than or equal to 23"),
    (IR, f"{IR}delivery = {{ maximum_hours = {{ renewal = 3 }} }}\n", "zones.ir.delivery.maximum_hours.renewal: must be 'register'"),
    (IR, f"{IR}claims = 3\n", "zones.ir.claims: must be a table"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Whatever is wrong, staff read the file, the line, the key and what to do."""
    assert TEXT.count(old) == 1, old
    text = TEXT.replace(old, new)
    (fault,) = refusal(write(tmp_path, text))
    key = said.partition(": ")[0].rpartition(".")[2]
    assert fault.startswith(f"line {line_from(text, text.index(new), key)}: {said}")


def line_from(text: str, start: int, key: str) -> int:
    """Return the line on which a key is written, from a place on."""
    return text[: text.index(key, start)].count("\n") + 1


@pytest.mark.parametrize(
    ("section", "key"),
    [("[version.renewal]", "committed_days"), ("[version.notices]", "tries"), ("[[version]]", "agreement")],
)
def test_a_missing_key_is_told_at_its_section(tmp_path: Path, section: str, key: str) -> None:
    """A version is complete: what is left out is missed where it should stand."""
    line = next(line for line in TEXT.splitlines() if line.startswith(f"{key} = "))
    (fault,) = refusal(write(tmp_path, TEXT.replace(f"{line}\n", "")))
    above = section.strip("[]").removeprefix("version").removeprefix(".")
    name = f"{above}.{key}" if above else key
    assert fault == f"line {line_in(TEXT, section + chr(10))}: {name}: is missing; a version is complete"


def test_a_missing_section_is_told_at_its_version(tmp_path: Path) -> None:
    """A version without a section that everybody needs is refused."""
    start, end = TEXT.index("[version.money]"), TEXT.index("[version.claims]")
    (fault,) = refusal(write(tmp_path, TEXT[:start] + TEXT[end:]))
    line = line_from(TEXT, 0, "\n[[version]]") + 1
    assert fault == f"line {line}: money: is missing; a version is complete"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("after_days = 7\n", "after_days = 21\n", "until_days: must be more than after_days (21)"),
        ('"late_renewal"', '"late renewal"', "line: must match pattern"),
        ('["renew"]', '["renewal"]', "kinds: must be 'register', 'renew'"),
        ('["renew"]', "[]", "kinds: must not be empty"),
        ("amount = 500", "amount = 5.5", "amount: must be a whole number"),
        ("amount = 500", "amount = -1", "amount: must be greater than or equal to 0"),
        (
            'currency = "USD"',
            'currency = "BTC"',
            "currency: the books know these currencies: AED, EUR, GBP, IRR",
        ),
        (', en = "Late renewal"', "", "text: must be given in fa and in en, and in no other language"),
        ('en = "Late renewal"', 'en = ""', "text.en: must not be empty"),
    ],
)
def test_a_fee_that_cannot_be_charged_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """A fee without an amount, an age or words is found before a customer is asked for it (E4)."""
    text = with_fee((old, new))
    (fault,) = refusal(write(tmp_path, text))
    key = said.partition(":")[0].partition(".")[0]
    assert fault.startswith(f"line {line_from(text, text.index(ONE_FEE), f'{key} = ')}: fees.{said}")


@pytest.mark.parametrize(
    ("after", "until", "kind", "overlaps"),
    [
        (0, 7, "renew", False),
        (21, None, "renew", False),
        (0, 8, "renew", True),
        (20, None, "renew", True),
        (7, 21, "renew", True),
        (0, None, "restore", False),
    ],
)
def test_one_order_never_pays_the_same_line_twice(
    tmp_path: Path, after: int, until: int | None, kind: str, overlaps: bool
) -> None:
    """Two fees of one line may follow one another, to the second; they may not overlap (E4)."""
    other = FEE.replace("after_days = 7", f"after_days = {after}").replace('["renew"]', f'["{kind}"]')
    other = other.replace("until_days = 21\n", f"until_days = {until}\n" if until is not None else "")
    text = with_fee().replace("[version.delivery]\n", f"{other}\n[version.delivery]\n")
    file = write(tmp_path, text)
    if overlaps:
        line = line_from(text, text.index(ONE_FEE) + len(ONE_FEE), ONE_FEE) + 1
        assert refusal(file) == [
            f"line {line}: fees: overlaps with fee number 1 of the same line: one order would pay it twice"
        ]
    else:
        assert len(read_rules(file).rules("com", at=NOW).fees) == 2


def test_fees_of_other_lines_may_be_charged_together(tmp_path: Path) -> None:
    """A late renewal may cost two things at once, each with a line of its own (E4)."""
    other = FEE.replace('"late_renewal"', '"unblocking"')
    text = with_fee().replace("[version.delivery]\n", f"{other}\n[version.delivery]\n")
    assert len(read_rules(write(tmp_path, text)).rules("com", at=NOW).fees) == 2


def test_a_fee_is_in_the_currency_in_which_its_zone_is_sold(tmp_path: Path) -> None:
    """A fee in dollars cannot be paid with an order in rials: the zones that need their own are named (E4)."""
    text = with_fee()
    faults = refusal(write(tmp_path, text), SOLD)
    line = line_from(text, text.index(ONE_FEE), "currency = ")
    assert [fault.partition(" is sold in ")[0] for fault in faults] == [
        f"line {line}: fees.currency: {zone}" for zone in ("co.ir", "ir", "xn--mgba3a4f16a")
    ]
    assert "is sold in IRR: write its own under zones.ir, in that currency" in faults[1]


def test_a_zone_s_own_fee_in_another_currency_is_told_there(tmp_path: Path) -> None:
    """The fault stands where the zone says its fee (D7)."""
    fee = 'fee = { amount = 5, currency = "USD" }'
    start = TEXT.index("wait_after_registration_days = 0", TEXT.index(IR))
    text = f"{TEXT[:start]}{fee}, {TEXT[start:]}"
    (fault,) = refusal(write(tmp_path, text), SOLD)
    assert fault.startswith(f"line {line_in(text, fee)}: zones.ir.departures.fee.currency: ir is sold in IRR")


def test_a_fault_of_all_zones_is_told_once(tmp_path: Path) -> None:
    """What is wrong for all is not repeated for each zone; what a zone adds is."""
    text = TEXT.replace("committed_days = 7", "committed_days = -7")
    text = text.replace(IR, f"{IR}claims.watch_every_hours = 0\n")
    first, second = refusal(write(tmp_path, text))
    assert first.startswith(f"line {line_in(text, 'committed_days = -7')}: renewal.committed_days: ")
    own = line_in(text, "claims.watch_every_hours = 0")
    assert second.startswith(f"line {own}: zones.ir.claims.watch_every_hours: ")


def test_all_faults_are_told_at_once_in_order_of_their_lines(tmp_path: Path) -> None:
    """Staff mend a file once, not fault by fault."""
    text = NEXT.replace("factor = 2", "factor = 0").replace("tries = 8\n", "")
    text += TEXT.replace("at_hour = 10", "at_hour = 30") + "\n[more]\n"
    lines = [int(fault.removeprefix("line ").partition(":")[0]) for fault in refusal(write(tmp_path, text))]
    wanted = ("factor = 0", "[version.notices]", "at_hour = 30", "[more]")
    assert lines == [line_from(text, 0, part) for part in wanted]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('name = "2027-01"', 'name = "2026-01"', "name"),
        ("effective_from = 2027-01-01", "effective_from = 2026-01-01T00:00:00Z", "effective_from"),
    ],
)
def test_two_versions_share_neither_name_nor_date(tmp_path: Path, old: str, new: str, key: str) -> None:
    """Which rules were in force is never a question of order in a file; the later one is named."""
    text = TEXT + NEXT.replace(old, new)
    (fault,) = refusal(write(tmp_path, text))
    line = line_from(text, len(TEXT), new)
    assert fault == f"line {line}: {key}: an earlier version has the same {key}: give each its own"


def test_a_zone_is_written_once(tmp_path: Path) -> None:
    """Two spellings of one zone are one zone."""
    again = '[version.zones."ایران"]'
    text = f"{TEXT}\n{again}\nfees = []\n"
    (fault,) = refusal(write(tmp_path, text))
    assert fault.startswith(f"line {line_in(text, again)}: ")
    assert fault.endswith(": this zone is written twice: keep one of them")


@pytest.mark.parametrize(
    ("zones", "said"), [("zones = 1", "zones: give each zone"), ("zones.ir = 1", "zones.ir: give this zone")]
)
def test_a_zone_has_a_table_of_its_own(tmp_path: Path, zones: str, said: str) -> None:
    """A zone's rules are a table; anything else is a slip."""
    text = TEXT[: TEXT.index("# Zones say only")].replace("agreement = ", f"{zones}\nagreement = ")
    (fault,) = refusal(write(tmp_path, text))
    assert fault.startswith(f"line {line_in(text, zones)}: {said}")


@pytest.mark.parametrize(
    "text", ["", "version = 1\n", "version = [1]\n", "version = []\n", "[version]\nname = 'a'\n"]
)
def test_a_file_without_a_version_is_refused(tmp_path: Path, text: str) -> None:
    """There is no such thing as no rules."""
    (fault,) = refusal(write(tmp_path, text))
    assert fault == "line 1: version: write at least one version, under [[version]]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = \n", "line 2, column 5: this is no TOML: Invalid value"),
        ("a = 1\na = 2\n", "line 2, column 6: this is no TOML: Cannot overwrite a value"),
        ('a = 1\n\nb = """\n', "line 4: this is no TOML: "),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """A slip of the pen is found without reading the whole file."""
    (fault,) = refusal(write(tmp_path, text))
    assert fault.startswith(said)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A file that is not there, or is no text, is told by its name."""
    file = tmp_path / "rules.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"rules\.toml cannot be read: "):
        read_rules(file)
