"""What a registrar declares, in the words that staff read when they look one over."""

from adapters.registrars import epp, irnic
from registrar.gateway import Gateway, describe
from registrar.secrets import Secret

NOWHERE = "127.0.0.1"


def an_epp_registrar(**settings: object) -> Gateway:
    return epp.make(
        "acme", {"host": NOWHERE, "username": "reseller", "password": Secret("planted"), **settings}
    )


def test_an_epp_registrar_is_described() -> None:
    """Staff read what can be ordered at an EPP registrar, and how patiently its answers are waited for."""
    patience = {"late_limit_seconds": 300, "look_gap_seconds": 0.5, "long_look_seconds": 3600}
    assert describe(an_epp_registrar(**patience).capabilities) == {
        "commands": "register (guard: name), renew (guard: current expiry), transfer (guard: pending transfer), "
        "restore (guard: redemption)",
        "updates": "nameservers, statuses, contacts, auth_info",
        "contact roles": "registrant, admin, tech",
        "late limit": "300 seconds",
        "look gap": "0.5 seconds",
        "long look": "3600 seconds",
        "deposit": "not reported by this registrar",
        "statement": "not reported by this registrar",
    }


def test_a_registrar_without_contacts_is_described() -> None:
    """Where the registry keeps no contacts, none are asked for."""
    assert describe(an_epp_registrar(contacts="none").capabilities)["contact roles"] == "none"


def test_irnic_is_described() -> None:
    """Staff read that IRNIC renews names of others too, moves them by PIN, changes name servers and contacts, and tells our money."""
    section = {
        "url": f"https://{NOWHERE}/submit",
        "token": Secret("planted-token"),
        "deposit_code": Secret("4929000011112222"),
        "billing_handle": "re1234-irnic",
    }
    assert describe(irnic.make("irnic", section).capabilities) == {
        "commands": "register (guard: name), renew (guard: current expiry), "
        "renew_elsewhere (guard: current expiry), change_holder (guard: pending transfer)",
        "updates": "nameservers, contacts",
        "contact roles": "registrant",
        "late limit": "900 seconds",
        "look gap": "300 seconds",
        "long look": "3600 seconds",
        "deposit": "reported",
        "statement": "reported",
    }
