"""Where do rules, doors and settings meet? Here, once per process; nothing in this module decides anything."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from threading import BoundedSemaphore, Event

from dramatiq.brokers.redis import RedisBroker

from adapters.doorbell import Doorbell
from adapters.mail.letterhead import Letterhead
from adapters.mail.server import Limits, MailServer, Security
from adapters.pace import SharedPace
from config.settings import ConfigurationError, MailSettings, RegistrarSettings, Settings, SyncSettings
from registrar import rule_versions
from registrar.agreement.rules import RuleBook
from registrar.commands import Command, Errand, Kind
from registrar.database import Database
from registrar.gateway import Call, Gateway, Sighting
from registrar.money import Money
from registrar.names import DomainName
from registrar.orders.requests import Catalogue, ZoneOffer
from registrar.orders.routing import Pause
from registrar.orders.terms import Terms
from registrar.outcomes import Outcome
from registrar.secrets import Keyring, Secret
from registrar.sync.vocabulary import SyncTerms
from tasks import clock
from tasks.broker import make_broker
from tasks.flow import Flow, make_flow
from tasks.lookups import Lookups


@dataclass(frozen=True, slots=True)
class House:
    """What a process works with."""

    settings: Settings
    database: Database
    keyring: Keyring
    gateways: Mapping[str, Gateway]
    terms: Mapping[str, Terms]
    catalogue: Catalogue
    rules: RuleBook
    broker: RedisBroker
    doorbell: Doorbell
    flows: Mapping[str, Flow]
    mail: MailServer | None
    """None: no mail server is set, and notices wait."""
    mail_seats: BoundedSemaphore
    """The threads of this process that may wait for the mail server."""
    letterhead: Letterhead
    lookups: Lookups
    """The public record, asked at a pace that all workers keep together."""
    sync_terms: SyncTerms
    stopping: Event
    """Set when this process is to put everything down."""

    def call(self, registrar: str, transaction_id: str, *, send_by: float | None = None) -> Call:
        """Return the limits of one call to a registrar, from now."""
        finish_by = clock.steady() + self.settings.flow.call_seconds
        return Call(
            transaction_id,
            send_by if send_by is not None else finish_by,
            finish_by,
            clock.steady,
            self.flows[registrar].wait_for_turn,
        )

    def look(self, registrar: str, domain: DomainName, kind: Kind) -> Sighting:
        """Look at a name at a registrar, now."""
        call = self.call(registrar, f"RL-{new_token()}")
        sighting = self.gateways[registrar].look(domain, kind, call)
        self.flows[registrar].tell_of_look(sighting)
        return sighting

    def execute(self, registrar: str, command: Command | Errand, call: Call) -> Outcome:
        """Send a command or run an errand, once."""
        outcome = self.gateways[registrar].execute(command, call)
        self.flows[registrar].tell_of(outcome)
        return outcome

    def pause(self, registrar: str, *, may_try: bool, now: datetime) -> Pause | None:
        """Return until when a registrar that does not answer is left alone, or None; `may_try`: the caller will call it."""
        wait = self.flows[registrar].breaker.wait(may_try=may_try)
        if wait <= 0:
            return None
        why = f"{registrar} does not answer: it is left alone for a moment"
        return Pause(why, now + timedelta(seconds=wait))

    def pauses(self, registrar: str, *, now: datetime) -> dict[str, Pause]:
        """Return the registrars that do not answer just now; who asks for `registrar` may be let through to try it."""
        found = {name: self.pause(name, may_try=name == registrar, now=now) for name in self.flows}
        return {name: pause for name, pause in found.items() if pause is not None}

    def close(self) -> None:
        """End sessions and give back connections."""
        for gateway in self.gateways.values():
            gateway.close()
        self.database.close()
        self.broker.client.close()


def new_token() -> str:
    """Return 64 random bits: what makes a client transaction id unique for ever."""
    return secrets.token_hex(8)


def open_house(settings: Settings) -> House:
    """Connect what the settings name. Registrars are made, not called: nothing leaves this machine yet."""
    enabled = {name: section for name, section in settings.registrars.items() if section.enabled}
    gateways = {name: _gateway(name, section) for name, section in enabled.items()}
    broker = make_broker(redis_url(settings))
    flows = {name: make_flow(broker.client, name, section) for name, section in enabled.items()}
    return House(
        settings=settings,
        database=Database(settings.database.url),
        keyring=Keyring(secret_keys(settings)),
        gateways=gateways,
        terms={name: _terms(gateway, enabled[name], settings) for name, gateway in gateways.items()},
        catalogue=_catalogue(settings, gateways),
        rules=settings.rules,
        broker=broker,
        doorbell=Doorbell(broker),
        flows=flows,
        mail=_mail_server(settings.mail),
        mail_seats=BoundedSemaphore(settings.mail.connections),
        letterhead=_letterhead(settings.mail),
        lookups=Lookups(settings.lookups, SharedPace(broker.client)),
        sync_terms=_sync_terms(settings.sync),
        stopping=Event(),
    )


def keep_rules(database: Database, book: RuleBook) -> None:
    """Keep the rules' versions, and refuse one that was changed under its name; the database must be at our schema."""
    try:
        with database.reading() as connection:
            if rule_versions.is_recorded(connection, book):
                return
        with database.transaction() as connection:
            rule_versions.record(connection, book, clock.now())
    except rule_versions.RuleChangedError as error:
        raise ConfigurationError(str(error)) from error


def _sync_terms(sync: SyncSettings) -> SyncTerms:
    return SyncTerms(
        near=timedelta(hours=sync.near_hours),
        soon=timedelta(hours=sync.soon_hours),
        far=timedelta(hours=sync.far_hours),
        near_window=timedelta(days=sync.near_window_days),
        soon_window=timedelta(days=sync.soon_window_days),
        unknown_retry=timedelta(hours=sync.unknown_retry_hours),
        nights_apart=timedelta(hours=sync.nights_apart_hours),
        shift=timedelta(days=sync.shift_days),
        fresh=timedelta(hours=sync.fresh_hours),
        breaker_share=sync.breaker_share,
        breaker_least=sync.breaker_least,
        longest_run=timedelta(hours=sync.longest_run_hours),
        lease=timedelta(seconds=sync.lease_seconds),
    )


def _letterhead(mail: MailSettings) -> Letterhead:
    """Return the company as its letters show it."""
    written = Letterhead(company=mail.company, support=mail.support, reply_to=mail.reply_to or None)
    return replace(written, address=mail.from_address) if mail.from_address else written


def _mail_server(mail: MailSettings) -> MailServer | None:
    if not mail.host:
        return None
    return MailServer(
        host=mail.host,
        port=mail.port,
        security=Security(mail.security),
        limits=Limits(step=mail.step_seconds, whole=mail.call_seconds),
        hello=mail.from_address.rpartition("@")[2],
        envelope_from=mail.envelope_from or mail.from_address,
        clock=clock.steady,
        username=mail.username,
        password=mail.password,
        ca_file=mail.ca_file,
    )


def redis_folder(settings: Settings) -> Path:
    """Return where the embedded Redis lives."""
    return settings.state / "redis"


def redis_url(settings: Settings) -> str:
    """Return the URL of the Redis in use; the embedded one listens on a socket in the state folder."""
    return (
        f"unix://{redis_folder(settings) / 'redis.sock'}?db=0"
        if settings.redis.is_embedded
        else settings.redis.url
    )


def secret_keys(settings: Settings) -> tuple[Secret, ...]:
    """Return the configured secret keys. On one machine with SQLite, one is made and kept beside the database."""
    if settings.secret_keys:
        return settings.secret_keys
    if not settings.database.url.startswith("sqlite"):
        raise ConfigurationError(
            "set REGISTRAR_SECRET_KEYS: machines that share a database share its secret keys"
        )
    path = settings.state / "secret_keys"
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _keep_first(path, Keyring.new_key())
    return (Secret(path.read_text().strip()),)


def _keep_first(path: Path, key: Secret) -> None:
    """Write a key where no other process has; whole or not at all, since several start at the same moment."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix="secret_keys-") as draft:  # mode 0600
        draft.write(key.reveal())
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, path)


def _gateway(name: str, section: RegistrarSettings) -> Gateway:
    module, _, factory = section.adapter.partition(":")
    try:
        made = getattr(import_module(module), factory)(name, section.section)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"registrars.{name}.adapter: there is no {section.adapter!r} ({error})"
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"registrars.{name}: {error}") from error
    if not isinstance(made, Gateway):
        raise ConfigurationError(f"registrars.{name}.adapter: {section.adapter!r} does not make a gateway")
    return made


def _terms(gateway: Gateway, section: RegistrarSettings, settings: Settings) -> Terms:
    flow = settings.flow
    return Terms(
        capabilities=gateway.capabilities,
        lease=timedelta(seconds=flow.lease_seconds),
        in_flight_cap=section.in_flight_cap,
        max_unknowns=flow.max_attempts,
        max_crashes=flow.max_crashes,
        correct_within=timedelta(days=flow.correct_within_days),
        follow_every=timedelta(seconds=flow.follow_seconds),
        pending_alarm=timedelta(days=flow.pending_alarm_days),
        look_retry=timedelta(seconds=flow.look_retry_seconds),
        max_failed_looks=flow.max_failed_looks,
        not_sent_retry=timedelta(seconds=flow.not_sent_retry_seconds),
        documents_within=timedelta(days=flow.documents_within_days),
        hold_probe=timedelta(seconds=section.hold_probe_seconds),
    )


def _catalogue(settings: Settings, gateways: Mapping[str, Gateway]) -> Catalogue:
    """Offer what is sold at registrars that are on and can do it, in order of preference."""
    offers = {}
    for zone, section in settings.sold_zones.items():
        sales = {kind: sale for kind in Kind if (sale := section.sale(kind)) is not None}
        routes = {
            kind: tuple(
                name
                for name in sale.registrars
                if name in gateways and kind in gateways[name].capabilities.kinds
            )
            for kind, sale in sales.items()
        }
        routes = {kind: route for kind, route in routes.items() if route}
        if routes:
            offers[zone] = ZoneOffer(
                zone=zone,
                currency=section.currency,
                routes=routes,
                months={kind: sales[kind].months for kind in routes},
                suppliers={name: gateways[name].capabilities for route in routes.values() for name in route},
                prices={
                    kind: {months: Money(amount, section.currency) for months, amount in prices.items()}
                    for kind in routes
                    if (prices := sales[kind].prices)
                },
            )
    return offers
