"""Answers that a real account gave, recorded by others, are read right. Without the recordings this says so in one skip."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registrar.commands import ContactRole, Expiry, Kind
from registrar.gateway import Gateway, Standing
from registrar.names import DomainName
from registrar.outcomes import Done, Pending
from tests.adapters.logicboxes.conftest import Calls
from tests.adapters.logicboxes.scripted import ScriptedRegistrar, answers
from tests.adapters.logicboxes.words import REGISTRATION, RENEWAL, absent

REFERENCE = Path(os.environ.get("REGISTRAR_REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "data"))
NAME = DomainName("silverfires.com", "com")
END = Expiry(datetime(2019, 10, 26, 13, 34, 52, tzinfo=UTC), "1572096892")


@pytest.fixture
def recorded() -> Callable[[str], Any]:
    """Return a recorded answer by what it answers."""
    folder = REFERENCE / "logicboxes"
    if not folder.is_dir():
        pytest.skip(f"the recorded answers are not here ({folder}); set REGISTRAR_REFERENCE_DATA")

    def read(what: str) -> Any:
        (path,) = folder.glob(f"directi_domain{what}test_*.json")
        return json.loads(path.read_text())

    return read


def test_recorded_details(
    recorded: Callable[[str], Any], gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A real name is seen with its order, dates, lock, hosts and contacts."""
    registrar.scripts.append(answers(recorded("info")))
    seen = gateway.look(NAME, Kind.RENEW, call())
    assert (seen.standing, seen.ours, seen.registry_id) == (Standing.REGISTERED, True, "84311819")
    assert (seen.expiry, seen.renew_by, seen.auto_renews) == (END, None, False)
    assert seen.created_at == datetime(2018, 10, 26, 13, 34, 52, tzinfo=UTC)
    assert seen.nameservers == ("ns1.topdns.me", "ns2.topdns.me")
    assert seen.statuses == {"clientTransferProhibited", "sixtydaylock"}
    assert seen.contacts == dict.fromkeys(ContactRole, "80083695")
    assert (dict(seen.progress), seen.restorable, seen.blocked) == ({}, False, None)
    assert seen.reply is not None
    assert "Agios Fylaxeos" not in seen.reply.transcript


def test_recorded_availability(
    recorded: Callable[[str], Any], gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A real answer says that a name is free."""
    registrar.scripts += [absent(), answers(recorded("check"))]
    assert gateway.look(NAME, Kind.REGISTER, call()).standing is Standing.FREE


def test_recorded_registration(
    recorded: Callable[[str], Any], gateway: Gateway, registrar: ScriptedRegistrar, call: Calls
) -> None:
    """A real registration is done, with the end that the name shows."""
    registrar.scripts += [
        answers(recorded("check")),
        answers(recorded("register")),
        answers(recorded("info")),
    ]
    done = gateway.execute(replace(REGISTRATION, domain=NAME), call())
    assert isinstance(done, Done)
    assert done.expiry == END
    assert done.reply.server_transaction_id == "514034683"


@pytest.mark.parametrize("moved", [True, False])
def test_recorded_renewal(
    moved: bool,
    recorded: Callable[[str], Any],
    gateway: Gateway,
    registrar: ScriptedRegistrar,
    call: Calls,
) -> None:
    """A real renewal carries no new end: it is done if the name shows one, and followed otherwise."""
    now = recorded("info") | {"orderid": "84372632"}
    later = now | {"endtime": "1603719292"} if moved else now
    registrar.scripts += [answers(now), answers(recorded("renew")), answers(later)]
    outcome = gateway.execute(replace(RENEWAL, domain=NAME, current_expiry=END), call())
    assert isinstance(outcome, Done if moved else Pending)
    if isinstance(outcome, Done):
        assert outcome.expiry == Expiry(datetime(2020, 10, 26, 13, 34, 52, tzinfo=UTC), "1603719292")
