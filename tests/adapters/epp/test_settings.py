"""The section of configuration: what a registry's differences are, and what is said of a wrong one."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from adapters.registrars import epp
from adapters.registrars.epp.namespaces import CONTACT, DOMAIN, HOST, IDN, LOGIN_SECURITY, RGP
from adapters.registrars.epp.settings import EppSettings
from registrar.commands import AnswerTransfer, ContactRole, Delete, Kind
from registrar.gateway import Changeable, Gateway, Guard
from registrar.secrets import Secret
from tests.adapters.epp.calls import PASSWORD, section


def parsed(**changes: object) -> EppSettings:
    return EppSettings.parse("example", section(700, Path("ca.pem"), **changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hots": "planted"}, "nobody reads 'hots'; known keys: .*, host, .*, port"),
        (
            {"hots": 1, "prot": 2, "port": 0},
            "port: .*; nobody reads 'hots', 'prot'; known keys: [a-z_, ]+, and those of every",
        ),
        ({"port": 0}, "port"),
        ({"username": "ab"}, "username"),
        ({"contacts": "some"}, "contacts"),
        ({"period_unit": "d"}, "period_unit"),
        ({"sessions": 0}, "sessions"),
        ({"client_key": "x.pem"}, "client_certificate"),
        ({"connect_timeout": 60, "call_timeout": 60}, "connect_timeout"),
        ({"contacts": "none", "contact_roles": ["admin"]}, "contact_roles"),
        ({"lock_statuses": ["clientHold"]}, "lock_statuses"),
        ({"term_step_months": 1}, "term_step_months"),
        ({"new_password": Secret(PASSWORD)}, "new_password"),
        ({"currency": "euro"}, "currency"),
        ({"postal": "intl"}, "postal"),
        ({"password": "planted-in-plain"}, "password"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, object], words: str) -> None:
    """Whoever configures a registry reads which setting is wrong, and never a secret."""
    with pytest.raises(ValueError, match=words) as refusal:
        parsed(**changes)
    assert "registrar 'example'" in str(refusal.value)
    assert "planted" not in str(refusal.value)
    assert PASSWORD not in str(refusal.value)


@pytest.mark.parametrize("key", ["host", "username", "password"])
def test_a_missing_setting_is_named(key: str) -> None:
    """Whoever forgets a setting reads which."""
    given = section(700, Path("ca.pem"))
    del given[key]
    with pytest.raises(ValueError, match=key):
        epp.make("example", given)


def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is reported at start, not at the first order."""
    with pytest.raises(ValueError, match="ca_file"):
        epp.make("example", section(700, tmp_path / "nowhere.pem"))


def test_a_missing_client_key_is_named(tmp_path: Path, ca_file: Path) -> None:
    """A client certificate without its key is reported at start."""
    files = {"client_certificate": ca_file, "client_key": tmp_path / "nowhere.pem"}
    with pytest.raises(ValueError, match="client_key"):
        epp.make("example", section(700, ca_file, **files))


def test_a_client_certificate_is_used(tmp_path: Path, ca_file: Path, authority: trustme.CA) -> None:
    """A registrar's own certificate is loaded with its key."""
    authority.issue_cert("reseller").private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    own = {"client_certificate": tmp_path / "own.pem", "client_key": tmp_path / "own.pem"}
    assert isinstance(epp.make("example", section(700, ca_file, **own)), Gateway)


def test_the_servers_certificate_is_always_verified(ca_file: Path) -> None:
    """There is no setting that turns the verification of a registry off."""
    context = EppSettings.parse("example", section(700, ca_file)).tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, (DOMAIN, CONTACT, HOST, RGP)),
        ({"contacts": "none", "nameservers": "attributes", "redemption": False}, (DOMAIN,)),
        (
            {"contacts": "none", "nameservers": "attributes", "required": ["urn:x", DOMAIN]},
            (DOMAIN, "urn:x", RGP),
        ),
        ({"password": Secret("longer than sixteen")}, (DOMAIN, CONTACT, HOST, RGP, LOGIN_SECURITY)),
        ({"new_password": Secret("longer than sixteen")}, (DOMAIN, CONTACT, HOST, RGP, LOGIN_SECURITY)),
        ({"idn_tables": ["fa"]}, (DOMAIN, CONTACT, HOST, RGP, IDN)),
    ],
)
def test_what_must_be_offered_follows_from_the_settings(
    changes: dict[str, object], needed: tuple[str, ...]
) -> None:
    """A registry without contacts is not asked for them."""
    assert parsed(**changes).needed_services == needed


@pytest.mark.parametrize(
    ("changes", "roles"),
    [
        ({}, {ContactRole.REGISTRANT, ContactRole.ADMIN, ContactRole.TECH}),
        ({"contacts": "none"}, set()),
        ({"contact_roles": ["registrant"]}, {ContactRole.REGISTRANT}),
    ],
)
def test_the_contacts_that_an_order_needs_are_declared(
    changes: dict[str, object], roles: set[ContactRole]
) -> None:
    """A customer is asked for the contacts that the registry wants, before the order is taken."""
    assert parsed(**changes).capabilities().contact_roles == frozenset(roles)


def test_what_the_registry_guarantees_is_declared() -> None:
    """The core learns from data what guards each command and how long a request may still land."""
    declared = parsed(late_limit_seconds=3, look_gap_seconds=2, long_look_seconds=9).capabilities()
    assert declared.guards == {
        Kind.REGISTER: Guard.NAME, Kind.RENEW: Guard.CURRENT_EXPIRY, Kind.TRANSFER: Guard.PENDING_TRANSFER,
        Kind.RESTORE: Guard.REDEMPTION,
    }  # fmt: skip
    assert (declared.late_limit, declared.look_gap, declared.long_look) == tuple(
        timedelta(seconds=s) for s in (3, 2, 9)
    )
    assert (declared.can_look, declared.monotone, declared.reports_deposit) == (True, True, False)
    assert declared.updates == frozenset(Changeable)
    assert declared.errands == {Delete, AnswerTransfer}
    assert (declared.reads_auth_info, declared.privacy, declared.reports_statement) == (True, False, False)


@pytest.mark.parametrize(
    ("changes", "kind", "terms"),
    [
        ({}, Kind.REGISTER, {12, 24, 36, 48, 60, 72, 84, 96, 108, 120}),
        ({"longest_months": 24}, Kind.RENEW, {12, 24}),
        ({"period_unit": "m"}, Kind.RENEW, {12, 24, 36, 48, 60, 72, 84, 96}),
        ({"period_unit": "m", "term_step_months": 1, "longest_months": 3}, Kind.REGISTER, {1, 2, 3}),
        ({}, Kind.TRANSFER, {12}),
        ({"transfer_months": 0}, Kind.TRANSFER, {0}),
        ({"restore_months": 12}, Kind.RESTORE, {12}),
    ],
)
def test_the_terms_that_can_be_ordered_are_declared(
    changes: dict[str, object], kind: Kind, terms: set[int]
) -> None:
    """A customer is offered the terms that the registry sells, and no others."""
    assert parsed(**changes).capabilities().months[kind] == terms


def test_what_a_registry_lacks_is_not_declared() -> None:
    """Where there is no redemption, no contact and no auth code to read, none is promised."""
    declared = parsed(
        redemption=False, contacts="none", reads_auth_info=False, fee_balance=True
    ).capabilities()
    assert Kind.RESTORE not in declared.kinds | declared.guards.keys()
    assert Changeable.CONTACTS not in declared.updates
    assert (declared.reads_auth_info, declared.reports_deposit) == (False, True)
