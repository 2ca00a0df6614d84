"""What does a company set? Typed, frozen settings, read once at the start and handed on as plain values.

`load` reads the layers (see `config.layers`), checks them as a whole and raises `ConfigurationError` with every fault.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from config.layers import RULES_FILE, ConfigurationError, Entries, Entry, nested, origin_of, read_layers
from config.rules import Known, load_rules, read_rules
from registrar.agreement.rules import RuleBook
from registrar.commands import Kind
from registrar.mails import Language
from registrar.money import MINOR_UNITS
from registrar.secrets import Secret

__all__ = ["ConfigurationError", "Settings", "load"]

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Days = Annotated[int, Field(gt=0, le=3650)]
Hours = Annotated[float, Field(gt=0, le=8760, allow_inf_nan=False)]
Count = Annotated[int, Field(gt=0)]

_ADDRESS = re.compile(r"[^\s@<>]+@[A-Za-z0-9.-]+")


class Section(BaseModel):
    """A part of the settings: frozen, without keys that nobody reads, and silent about values that are wrong."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class DatabaseSettings(Section):
    """Where the truth is kept; `url` is SQLAlchemy's, and may hold a password."""

    url: str = Field(repr=False, pattern=r"^(sqlite:///|postgresql\+psycopg://)")


class RedisSettings(Section):
    """Where the doorbell hangs; `url` may hold a password."""

    url: str = Field(repr=False, pattern=r"^(embedded$|rediss?://|unix://)")

    @property
    def is_embedded(self) -> bool:
        """Tell whether we start a server of our own."""
        return self.url == "embedded"


class ApiSettings(Section):
    """Where the portal reaches us."""

    host: str = Field(min_length=1)
    port: int = Field(ge=0, le=65535)
    max_body_bytes: Count


class MailSettings(Section):
    """How notices leave; with an empty `host` none does, and they wait. Each number's reason stands in `registrar.toml`."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str = ""
    password: Secret | None = None
    from_address: str = ""
    envelope_from: str = ""
    reply_to: str = ""
    company: Mapping[Language, str] = Field(default_factory=dict)
    support: Mapping[Language, str] = Field(default_factory=dict)
    connections: Count = 2
    step_seconds: Seconds = 15
    call_seconds: Seconds = 60
    lease_seconds: Seconds = 300

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host and not _ADDRESS.fullmatch(self.from_address):
            raise ValueError("with a host, from_address must be an address, as notices@example.com")
        if bool(self.username) != (self.password is not None):
            raise ValueError("username and password go together: set REGISTRAR_MAIL__PASSWORD, or neither")
        if self.password is not None and self.security == "none":
            raise ValueError("a password does not leave in the clear: set security to starttls or tls")
        if not self.step_seconds <= self.call_seconds < self.lease_seconds:
            raise ValueError(
                "the limits must stand in this order: step_seconds <= call_seconds < lease_seconds"
            )
        return self


class FlowSettings(Section):
    """The pace of orders; each number's reason stands in `registrar.toml`."""

    call_seconds: Seconds
    lease_seconds: Seconds
    sweep_seconds: Seconds
    rung_seconds: Seconds
    worker_threads: Annotated[int, Field(ge=2, le=256)]
    max_attempts: Count
    max_crashes: Count
    correct_within_days: Days
    follow_seconds: Seconds
    pending_alarm_days: Days
    messages_seconds: Seconds
    look_retry_seconds: Seconds
    max_failed_looks: Count
    not_sent_retry_seconds: Seconds
    documents_within_days: Days
    deposit_seconds: Seconds
    statement_seconds: Seconds
    statement_days: Days
    upkeep_seconds: Seconds
    window_warning_days: Days

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if not self.call_seconds < self.lease_seconds:
            raise ValueError("the limits must stand in this order: call_seconds < lease_seconds")
        return self


class LookupSettings(Section):
    """The public records, each handed to the one that asks there, which checks it as a whole."""

    rdap: Mapping[str, Any] = Field(default_factory=dict)
    whois: Mapping[str, Any] = Field(default_factory=dict)


class SyncSettings(Section):
    """The nightly look at every name; each number's reason stands in `registrar.toml`."""

    at: tuple[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")], ...]
    zone: str
    looks_at_registrar: Annotated[int, Field(ge=1, le=16)]
    batch: Annotated[int, Field(ge=1, le=5000)]
    lease_seconds: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    claim_seconds: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    idle_seconds: Seconds
    longest_run_hours: Hours
    near_hours: Hours
    soon_hours: Hours
    far_hours: Hours
    near_window_days: Days
    soon_window_days: Days
    unknown_retry_hours: Hours
    nights_apart_hours: Hours
    shift_days: Days
    fresh_hours: Hours
    coverage_hours: Hours
    breaker_share: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
    breaker_least: Annotated[int, Field(ge=1)]

    @field_validator("at", mode="before")
    @classmethod
    def _split_times(cls, given: Any) -> Any:
        """Take several times from one variable, apart by commas or white space."""
        return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("must be a time zone, as Asia/Tehran") from error
        return zone

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.near_hours <= self.soon_hours <= self.far_hours:
            raise ValueError("names are asked in this order: near_hours <= soon_hours <= far_hours")
        if not self.near_window_days <= self.soon_window_days:
            raise ValueError("the windows lie in this order: near_window_days <= soon_window_days")
        if not self.claim_seconds <= self.lease_seconds:
            raise ValueError("the limits must stand in this order: claim_seconds <= lease_seconds")
        return self


class RegistrarSettings(Section):
    """One registrar: what the core needs, and in `section` what its adapter is handed (secrets as `Secret`)."""

    adapter: str = Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    enabled: bool = False
    in_flight_cap: Count = 6
    hold_probe_seconds: Seconds = 300
    requests_per_second: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None
    breaker_faults: Count = 5
    breaker_seconds: Seconds = 30
    deposit_days: Days = 14
    deposit_floor: Decimal = Decimal(0)
    costs: Mapping[str, Mapping[Kind, Mapping[int, Decimal]]] = Field(default_factory=dict)
    section: Mapping[str, object] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keep_for_adapter(cls, given: Any) -> Any:
        """Put the keys that are not ours aside for the adapter, which refuses those it does not know."""
        if not isinstance(given, Mapping):
            return given
        ours = cls.model_fields.keys() - {"section"}
        own = {key: value for key, value in given.items() if key in ours}
        return {**own, "section": {key: value for key, value in given.items() if key not in ours}}


class Sale(Section):
    """Where one kind of order in a zone goes, in order of preference, and the terms that are sold, in months.

    `prices` is the tariff, by term, in minor units of the zone's currency (O4); without it the portal's price stands.
    """

    registrars: tuple[str, ...] = Field(min_length=1)
    months: frozenset[Annotated[int, Field(ge=0, le=120)]] = Field(min_length=1)
    prices: Mapping[int, Annotated[int, Field(ge=0, le=10**15)]] | None = None

    @model_validator(mode="after")
    def _whole_tariff(self) -> Self:
        """A term that is forgotten in a tariff would be sold at any price."""
        if self.prices is not None and self.prices.keys() != self.months:
            terms = ", ".join(map(str, sorted(self.months)))
            raise ValueError(f"prices has one for each term that is sold, and for no other: {terms}")
        return self


class ZoneSettings(Section):
    """What is sold in one zone, in which currency; a kind without a `Sale` is not sold.

    The file says `register` and `renew`, as an order does.
    """

    currency: str
    sold: bool = True
    registration: Sale | None = Field(default=None, alias="register")
    renewal: Sale | None = Field(default=None, alias="renew")
    transfer: Sale | None = None
    restore: Sale | None = None
    renew_elsewhere: Sale | None = None
    change_holder: Sale | None = None

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, currency: str) -> str:
        if currency not in MINOR_UNITS:
            raise ValueError(f"the books know these currencies: {', '.join(sorted(MINOR_UNITS))}")
        return currency

    def sale(self, kind: Kind) -> Sale | None:
        """Return how orders of this kind are carried out, or None where they are not sold."""
        sales: Mapping[Kind, Sale | None] = {
            Kind.REGISTER: self.registration,
            Kind.RENEW: self.renewal,
            Kind.TRANSFER: self.transfer,
            Kind.RESTORE: self.restore,
            Kind.RENEW_ELSEWHERE: self.renew_elsewhere,
            Kind.CHANGE_HOLDER: self.change_holder,
        }
        return sales[kind] if self.sold else None


class Settings(Section):
    """Everything that is set. `zones` are keyed by A-label, `registrars` by name; `secret_keys` have the newest first."""

    state: Path
    database: DatabaseSettings
    redis: RedisSettings
    api: ApiSettings
    flow: FlowSettings
    mail: MailSettings = Field(default_factory=MailSettings)
    lookups: LookupSettings = Field(default_factory=LookupSettings)
    sync: SyncSettings
    registrars: Mapping[str, RegistrarSettings]
    zones: Mapping[str, ZoneSettings]
    rules: RuleBook
    """From `rules.toml`, see `config.rules`."""
    secret_keys: tuple[Secret, ...] = ()

    @field_validator("state")
    @classmethod
    def _absolute(cls, state: Path) -> Path:
        if not state.is_absolute():
            raise ValueError("must be an absolute path, or start with ~/")
        return state

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _split_keys(cls, given: Any) -> Any:
        """Take several keys from one variable or file, apart by commas or white space."""
        return (
            tuple(Secret(key) for key in given.reveal().replace(",", " ").split())
            if isinstance(given, Secret)
            else given
        )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        enabled = {name: registrar for name, registrar in self.registrars.items() if registrar.enabled}
        caps = sum(registrar.in_flight_cap for registrar in enabled.values())
        if caps + (self.mail.connections if self.mail.host else 0) >= self.flow.worker_threads:
            raise ValueError(
                f"the in_flight_cap of all enabled registrars ({', '.join(sorted(enabled))}) together, {caps}, "
                "and mail.connections where a mail server is set must be "
                f"below flow.worker_threads ({self.flow.worker_threads}), or one registrar's silence stops the others"
            )
        for zone, settings in self.zones.items():
            for sale in filter(None, map(settings.sale, Kind)):
                if unknown := sorted(set(sale.registrars) - self.registrars.keys()):
                    raise ValueError(
                        f"zones.{zone} is sold at {unknown[0]!r}, which registrars.toml does not describe"
                    )
        return self

    @property
    def sold_zones(self) -> Mapping[str, ZoneSettings]:
        """The zones that are sold."""
        return {zone: settings for zone, settings in self.zones.items() if settings.sold}


def load(folder: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the settings: the package's defaults, over them `folder` (or REGISTRAR_CONFIG), over that `environ`.

    Raises `ConfigurationError` with one line for each fault.
    """
    folder = _folder(folder, environ)
    entries = _expanded(read_layers(folder, environ), environ)
    book = load_rules(folder, _known_to_rules(entries))
    try:
        return Settings.model_validate({**nested(entries), "rules": book})
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        lines = [
            _fault(tuple(map(str, fault["loc"])), fault["type"], fault["msg"], entries) for fault in faults
        ]
        raise ConfigurationError("\n".join(lines)) from None


def read_rules_beside(folder: Path | None, environ: Mapping[str, str], file: Path) -> RuleBook:
    """Read a file of rules as the start would if it stood in the folder; raises `ConfigurationError`."""
    entries = read_layers(_folder(folder, environ), environ)
    return read_rules(file, _known_to_rules(entries))


def _folder(folder: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = environ.get("REGISTRAR_CONFIG")
    return Path(named) if folder is None and named else folder


def _known_to_rules(entries: Entries) -> Known:
    """Return what the rules may name; refuse rules that stand anywhere but in their own file."""
    for place, entry in entries.items():
        if place[0] == "rules":
            raise ConfigurationError(
                f"{entry.origin}: {'.'.join(place)} is no setting; write rules in {RULES_FILE}"
            )
    currencies = {
        place[1]: str(entry.value)
        for place, entry in entries.items()
        if place[0] == "zones" and place[2:] == ("currency",)
    }
    registrars = {place[1] for place in entries if place[0] == "registrars" and len(place) > 1}
    return Known(currencies, registrars)


def _expanded(entries: Entries, environ: Mapping[str, str]) -> Entries:
    """Put the home folder into `state`, and `state` into the database's URL."""
    state, url = entries[("state",)], entries[("database", "url")]
    folder = str(state.value)
    if folder.startswith("~/"):
        if not environ.get("HOME"):
            raise ConfigurationError(
                f"{state.origin}: state starts with ~/ and HOME is not set; set REGISTRAR_STATE"
            )
        folder = environ["HOME"] + folder.removeprefix("~")
    located = str(url.value).replace("{state}", folder)
    return {
        **entries,
        ("state",): Entry(folder, state.origin),
        ("database", "url"): Entry(located, url.origin),
    }


def _fault(place: tuple[str, ...], kind: str, message: str, entries: Entries) -> str:
    """Say in one line where a fault stands and what to do; a value is never shown."""
    origin, key = origin_of(place, entries), ".".join(place)
    if kind == "extra_forbidden":
        known = ", ".join(sorted(_known_keys(place[:-1])))
        return f"{origin}: nobody reads {key}; known keys here: {known}"
    if kind == "missing":
        return f"{origin}: {key} is missing"
    return f"{origin}: {f'{key}: ' if key else ''}{message.removeprefix('Value error, ')}"


def _known_keys(place: tuple[str, ...]) -> list[str]:
    """Return the keys of the section at `place`, as they are written."""
    section: type[BaseModel] = Settings
    for key in place:
        annotation = _fields(section).get(key)
        parts = [annotation, *get_args(annotation)]
        section = next(
            (part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), section
        )
    return list(_fields(section))


def _fields(section: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}
