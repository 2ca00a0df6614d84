"""How is a version of the rules written? One section for each group, checked on its own and then made what the core reads.

A key is named with its unit. Where two keys disagree, the fault names the one to change: `_fault`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Annotated, LiteralString, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from registrar.agreement import rules as core
from registrar.commands import Kind
from registrar.money import MINOR_UNITS, Money

LONGEST_DAYS = 3650
YEARS = range(1990, 2200)
"""A year of the Persian calendar would be read as one long past: rules in force at once, a holiday that never comes."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LANGUAGES = frozenset({"fa", "en"})

Where = tuple[str | int, ...]
"""A place inside a section."""


def _fault(where: Where, reason: LiteralString, **values: object) -> PydanticCustomError:
    """Return a fault of a section that lies at a place in it."""
    return PydanticCustomError("disagreement", reason, {"where": where, **values})


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("time_zone", "is no time zone; write it like Asia/Tehran or UTC")
    return name


def _known_currency(currency: str) -> str:
    if currency not in MINOR_UNITS:
        raise PydanticCustomError(
            "currency", "the books know these currencies: {known}", {"known": ", ".join(sorted(MINOR_UNITS))}
        )
    return currency


def _known_weekday(day: str) -> str:
    if day not in WEEKDAYS:
        raise PydanticCustomError("weekday", "is no day of the week; write it like friday")
    return day


def _a_day(written: object) -> date:
    try:
        read = date.fromisoformat(str(written))
    except ValueError:
        read = date.min
    if read.year not in YEARS:
        raise PydanticCustomError("day", "is no date of the Gregorian calendar; write it like 2026-12-25")
    return read


def _a_beginning(written: object) -> date | datetime:
    read: date | datetime = date.min
    with suppress(ValueError):
        read = datetime.fromisoformat(str(written))
    with suppress(ValueError):
        read = date.fromisoformat(str(written))
    if read.year not in YEARS or (isinstance(read, datetime) and read.tzinfo is None):
        raise PydanticCustomError(
            "beginning",
            "must be a date, as 2026-01-01, or an instant, as 2026-01-01T00:00:00Z, of the Gregorian calendar",
        )
    return read


Days = Annotated[int, Field(ge=0, le=LONGEST_DAYS)]
SomeDays = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Hours = Annotated[int, Field(ge=1, le=24 * LONGEST_DAYS)]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * LONGEST_DAYS)]
Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,15}$")]
TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Weekday = Annotated[str, AfterValidator(_known_weekday)]
Day = Annotated[date, PlainValidator(_a_day)]
Beginning = Annotated[date | datetime, PlainValidator(_a_beginning)]


class Section(BaseModel):
    """A part of a version: nothing that nobody reads, nothing that is nearly of the right type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Amount(Section):
    """Money, in minor units."""

    amount: Annotated[int, Field(ge=0)]
    currency: Currency

    def made(self) -> Money:
        """Return what the core reads."""
        return Money(self.amount, self.currency)


class Renewal(Section):
    """D1, D2, D4, D5, E1, E6."""

    committed_days: Days
    possible_days: Days
    clock: core.Clock
    credit_failed_renewal: bool
    alarm_inside_commitment: bool
    after_gap_price: core.AfterGap
    registry_normal_days: Days | None = None
    registry_penalty_days: Days | None = None
    restorable: bool
    bare_date_zone: TimeZone
    term_tolerance_days: Days

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if self.possible_days < self.committed_days:
            raise _fault(
                ("possible_days",),
                "must be at least committed_days ({committed}): what the company is bound to do must be possible",
                committed=self.committed_days,
            )
        if self.registry_penalty_days is not None and (
            self.registry_normal_days is None or self.registry_penalty_days < self.registry_normal_days
        ):
            raise _fault(
                ("registry_penalty_days",),
                "is counted from expiry, as registry_normal_days is: give both, the longer here",
            )
        return self

    def made(self) -> core.RenewalRules:
        """Return what the core reads."""
        return core.RenewalRules(
            committed=timedelta(days=self.committed_days),
            possible=timedelta(days=self.possible_days),
            clock=self.clock,
            credit_failed=self.credit_failed_renewal,
            alarm_inside_commitment=self.alarm_inside_commitment,
            after_gap_price=self.after_gap_price,
            registry_normal=_days(self.registry_normal_days),
            registry_penalty=_days(self.registry_penalty_days),
            restorable=self.restorable,
            bare_date_zone=self.bare_date_zone,
            term_tolerance=timedelta(days=self.term_tolerance_days),
        )


class Fee(Section):
    """E4."""

    line: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
    kinds: Annotated[frozenset[Kind], Field(min_length=1)]
    after_days: Days
    until_days: Days | None = None
    amount: Annotated[int, Field(ge=0)]
    currency: Currency
    credited_on_refusal: bool
    text: Mapping[str, Annotated[str, Field(min_length=1, max_length=255)]]

    @field_validator("text")
    @classmethod
    def _in_both_languages(cls, text: Mapping[str, str]) -> Mapping[str, str]:
        if text.keys() != LANGUAGES:
            raise PydanticCustomError("languages", "must be given in fa and in en, and in no other language")
        return text

    @model_validator(mode="after")
    def _is_some_time(self) -> Self:
        if self.until_days is not None and self.until_days <= self.after_days:
            raise _fault(("until_days",), "must be more than after_days ({after})", after=self.after_days)
        return self

    def overlaps(self, other: "Fee") -> bool:
        """Tell whether both would be charged at once on the same line."""
        ends = [fee.until_days for fee in (self, other) if fee.until_days is not None]
        return (
            self.line == other.line
            and bool(self.kinds & other.kinds)
            and max(self.after_days, other.after_days) < min(ends, default=LONGEST_DAYS + 1)
        )

    def made(self) -> core.FeeRule:
        """Return what the core reads."""
        return core.FeeRule(
            line=self.line,
            kinds=self.kinds,
            after=timedelta(days=self.after_days),
            until=_days(self.until_days),
            amount=Money(self.amount, self.currency),
            credited_on_refusal=self.credited_on_refusal,
            text=dict(self.text),
        )


class Delivery(Section):
    """O2, O8, O9, E3."""

    maximum_hours: Annotated[Mapping[Kind, Hours], Field(min_length=1)]
    factor: Annotated[int, Field(ge=1, le=100)]
    report_within_days: SomeDays
    mismatch_within_days: SomeDays
    renewal_report_within_days: SomeDays

    def made(self) -> core.DeliveryRules:
        """Return what the core reads."""
        return core.DeliveryRules(
            maximum={kind: timedelta(hours=hours) for kind, hours in self.maximum_hours.items()},
            factor=self.factor,
            report_within=timedelta(days=self.report_within_days),
            mismatch_within=timedelta(days=self.mismatch_within_days),
            renewal_report_within=timedelta(days=self.renewal_report_within_days),
        )


class Notices(Section):
    """E2."""

    days: tuple[Annotated[int, Field(ge=-LONGEST_DAYS, le=LONGEST_DAYS)], ...]
    at_hour: Annotated[int, Field(ge=0, le=23)]
    time_zone: TimeZone
    per_minute: Count
    tries: Annotated[int, Field(ge=1, le=100)]
    retry_after_minutes: Minutes

    @field_validator("days")
    @classmethod
    def _in_order(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise PydanticCustomError("order", "must be in order, each day once: a notice is sent once")
        return days

    def made(self) -> core.NoticeRules:
        """Return what the core reads."""
        return core.NoticeRules(
            days=self.days,
            at_hour=self.at_hour,
            time_zone=self.time_zone,
            per_minute=self.per_minute,
            tries=self.tries,
            retry_after=timedelta(minutes=self.retry_after_minutes),
        )


class MoneySection(Section):
    """D6, F1, F2, F3, F5, F6."""

    dependent_lines: core.DependentLines
    spend: tuple[core.Bucket, ...]
    gift_on_failure: bool
    gift_expired_while_pending: core.Late
    gift_extension_days: Days
    penalty_per_mille: Annotated[int, Field(ge=0, le=1000)]
    penalty_interest: core.Interest
    penalty_rounding: core.Rounding
    slip_by_itself_days: Days
    slip_with_original_days: Days

    @field_validator("spend")
    @classmethod
    def _each_once(cls, spend: tuple[core.Bucket, ...]) -> tuple[core.Bucket, ...]:
        if sorted(spend) != sorted(core.Bucket):
            raise PydanticCustomError(
                "buckets", "must name each once: {known}", {"known": ", ".join(core.Bucket)}
            )
        return spend

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if self.slip_with_original_days < self.slip_by_itself_days:
            raise _fault(
                ("slip_with_original_days",),
                "must be at least slip_by_itself_days ({alone})",
                alone=self.slip_by_itself_days,
            )
        if self.gift_expired_while_pending is core.Late.EXTEND and not self.gift_extension_days:
            raise _fault(
                ("gift_extension_days",), 'must be at least 1, or gift_expired_while_pending must be "lapse"'
            )
        return self

    def made(self) -> core.MoneyRules:
        """Return what the core reads."""
        return core.MoneyRules(
            dependent_lines=self.dependent_lines,
            spend=self.spend,
            gift_on_failure=self.gift_on_failure,
            gift_expired_while_pending=self.gift_expired_while_pending,
            gift_extension=timedelta(days=self.gift_extension_days),
            penalty_per_mille=self.penalty_per_mille,
            penalty_interest=self.penalty_interest,
            penalty_rounding=self.penalty_rounding,
            slip_by_itself=timedelta(days=self.slip_by_itself_days),
            slip_with_original=timedelta(days=self.slip_with_original_days),
        )


class Claims(Section):
    """D9."""

    authorities: core.Authorities
    block_mode: core.BlockMode
    lock_within_business_days: Annotated[int, Field(ge=1, le=366)]
    release_within_business_days: Annotated[int, Field(ge=1, le=366)]
    ruling_wait_business_days: Annotated[int, Field(ge=0, le=366)]
    watch_every_hours: Hours
    disclose_after_days: Days | None = None

    def made(self) -> core.ClaimRules:
        """Return what the core reads."""
        return core.ClaimRules(
            authorities=self.authorities,
            block_mode=self.block_mode,
            lock_within=self.lock_within_business_days,
            release_within=self.release_within_business_days,
            ruling_wait=self.ruling_wait_business_days,
            watch_every=timedelta(hours=self.watch_every_hours),
            disclose_after=_days(self.disclose_after_days),
        )


class Departures(Section):
    """D7."""

    valid_channels: Annotated[frozenset[Channel], Field(min_length=1)]
    code_within_days: SomeDays
    wait_after_registration_days: Days
    wait_after_transfer_days: Days
    wait_after_holder_change_days: Days
    unpaid_past_term_days: Days
    fee: Amount | None = None
    follow_for_days: SomeDays

    def made(self) -> core.DepartureRules:
        """Return what the core reads."""
        return core.DepartureRules(
            valid_channels=self.valid_channels,
            code_within=timedelta(days=self.code_within_days),
            wait_after_registration=timedelta(days=self.wait_after_registration_days),
            wait_after_transfer=timedelta(days=self.wait_after_transfer_days),
            wait_after_holder_change=timedelta(days=self.wait_after_holder_change_days),
            unpaid_past_term=timedelta(days=self.unpaid_past_term_days),
            fee=None if self.fee is None else self.fee.made(),
            follow_for=timedelta(days=self.follow_for_days),
        )


class Conduct(Section):
    """C2, E3, O3, O4, O5, O6."""

    channels: Annotated[Mapping[Channel, bool], Field(min_length=1)]
    support: Channel
    announce_at_least_days: Days
    announce_at_most_days: Days
    identity_lets_through_days: Days
    quote_valid_for_days: SomeDays
    holder_change_lock_days: Days

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not self.channels.get(self.support):
            raise _fault(
                ("support",), "must be one of `channels` that binds: {known}", known=_binding(self.channels)
            )
        if self.announce_at_most_days < self.announce_at_least_days:
            raise _fault(
                ("announce_at_most_days",),
                "must be at least announce_at_least_days ({least})",
                least=self.announce_at_least_days,
            )
        return self

    def made(self) -> core.ConductRules:
        """Return what the core reads."""
        return core.ConductRules(
            channels=dict(self.channels),
            support=self.support,
            announce_at_least=timedelta(days=self.announce_at_least_days),
            announce_at_most=timedelta(days=self.announce_at_most_days),
            identity_lets_through=timedelta(days=self.identity_lets_through_days),
            quote_valid_for=timedelta(days=self.quote_valid_for_days),
            holder_change_lock=timedelta(days=self.holder_change_lock_days),
        )


class CalendarSection(Section):
    """D9: the deadlines that are counted in business days."""

    weekend: frozenset[Weekday]
    holidays: frozenset[Day]
    time_zone: TimeZone

    @field_validator("weekend")
    @classmethod
    def _leaves_a_day(cls, weekend: frozenset[str]) -> frozenset[str]:
        if len(weekend) == len(WEEKDAYS):
            raise PydanticCustomError("weekend", "must leave a business day")
        return weekend

    def made(self) -> core.Calendar:
        """Return what the core reads."""
        days = frozenset(map(WEEKDAYS.index, self.weekend))
        return core.Calendar(weekend=days, holidays=self.holidays, time_zone=self.time_zone)


class Written(Section):
    """A version as it applies to one zone: complete."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    effective_from: Beginning
    agreement: Annotated[str, Field(min_length=1, max_length=64)]
    renewal: Renewal
    fees: tuple[Fee, ...] = ()
    delivery: Delivery
    notices: Notices
    money: MoneySection
    claims: Claims
    departures: Departures
    conduct: Conduct
    calendar: CalendarSection
    auto_renewed: Mapping[str, core.AutoRenewed] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if strange := sorted(self.departures.valid_channels - self.conduct.channels.keys()):
            raise _fault(
                ("departures", "valid_channels"),
                "conduct.channels does not know {strange}",
                strange=strange[0],
            )
        for (first, fee), (second, other) in combinations(enumerate(self.fees), 2):
            if fee.overlaps(other):
                raise _fault(
                    ("fees", second),
                    "overlaps with fee number {first} of the same line: one order would pay it twice",
                    first=first + 1,
                )
        return self

    def amounts(self) -> Iterator[tuple[Where, str]]:
        """Give the place and the currency of everything that is charged."""
        for number, fee in enumerate(self.fees):
            yield ("fees", number, "currency"), fee.currency
        if self.departures.fee is not None:
            yield ("departures", "fee", "currency"), self.departures.fee.currency

    def begins(self) -> datetime:
        """Return from when it is in force, in UTC; a bare date begins in the calendar's time zone."""
        begins = self.effective_from
        if not isinstance(begins, datetime):
            begins = datetime.combine(begins, time.min, ZoneInfo(self.calendar.time_zone))
        return begins.astimezone(UTC)

    def made(self, effective_from: datetime) -> core.Rules:
        """Return what the core reads; a zone's calendar does not move the date of effect."""
        return core.Rules(
            version=self.name,
            effective_from=effective_from,
            agreement=self.agreement,
            renewal=self.renewal.made(),
            fees=tuple(fee.made() for fee in self.fees),
            delivery=self.delivery.made(),
            notices=self.notices.made(),
            money=self.money.made(),
            claims=self.claims.made(),
            departures=self.departures.made(),
            conduct=self.conduct.made(),
            calendar=self.calendar.made(),
            auto_renewed=dict(self.auto_renewed),
        )


OF_ZONES: Sequence[str] = (
    "renewal",
    "fees",
    "delivery",
    "notices",
    "claims",
    "departures",
    "conduct",
    "calendar",
)
"""The sections that may differ by zone; money is a customer's, and an auto-renewal is a registrar's."""


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


def _binding(channels: Mapping[str, bool]) -> str:
    return ", ".join(sorted(name for name, binds in channels.items() if binds)) or "none does"
