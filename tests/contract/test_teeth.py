"""Would the suite notice? Adapters that break one promise each, and the promise that must not hold for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.tls import Certificates
from registrar.commands import Command, Errand, Kind
from registrar.gateway import (
    Call,
    Capabilities,
    Gateway,
    GatewayUnavailableError,
    Guard,
    RegistrarMessage,
    Sighting,
    Standing,
)
from registrar.names import DomainName
from registrar.outcomes import NotSent, Outcome, RefusalReason, Refused, Reply, Unknown
from tests.contract import (
    test_declarations,
    test_faults,
    test_limits,
    test_looks,
    test_messages,
    test_orders,
    test_secrets,
)
from tests.contract.far_side import FarSide
from tests.contract.faults import DROP_REPLY, DROP_REQUEST, HTML, LATE, NONE
from tests.contract.registrars.toy import Toy
from tests.contract.toy.adapter import ToyGateway, ToySettings


class Repeats(ToyGateway):
    """Sends once more when it hears nothing."""

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        outcome = super().execute(command, call)
        return super().execute(command, call) if isinstance(outcome, Unknown) else outcome


class Refuses(ToyGateway):
    """Takes silence for a refusal."""

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        outcome = super().execute(command, call)
        return Refused(Reply(), RefusalReason.POLICY) if isinstance(outcome, Unknown) else outcome


class Forgets(ToyGateway):
    """Takes silence for proof that nothing was sent."""

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        outcome = super().execute(command, call)
        return NotSent("nothing was heard") if isinstance(outcome, Unknown) else outcome


class Overstays(ToyGateway):
    """Waits longer than its call allows."""

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        return super().execute(command, replace(call, finish_by=call.finish_by + 60))


class Rushes(ToyGateway):
    """Sends although its lease is over."""

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        return super().execute(command, replace(call, send_by=inf))


class Pushes(ToyGateway):
    """Waits for no turn."""

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        return super().execute(command, replace(call, wait_for_turn=lambda _: None))


class Hopes(ToyGateway):
    """Takes a failed look for a free name."""

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        seen = super().look(domain, kind, call)
        return replace(seen, standing=Standing.FREE) if seen.standing is Standing.UNKNOWN else seen


class Claims(ToyGateway):
    """Takes every name that it sees for ours."""

    def look(self, domain: DomainName, kind: Kind, call: Call) -> Sighting:
        seen = super().look(domain, kind, call)
        return replace(seen, ours=True) if seen.ours is False else seen


class Babbles(ToyGateway):
    """Shows the token in its transcripts."""

    def execute(self, command: Command | Errand, call: Call) -> Outcome:
        outcome = super().execute(command, call)
        told = getattr(outcome, "reply", None)
        if told is None:
            return outcome
        said = replace(told, transcript=told.transcript.replace("***", self._settings.token.reveal()))
        return replace(outcome, reply=said)


class Swallows(ToyGateway):
    """Takes each message off the queue as it reads it."""

    def next_message(self, call: Call) -> RegistrarMessage | None:
        message = super().next_message(call)
        if message is not None:
            self.acknowledge(message.message_id, call)
        return message


class Shrugs(ToyGateway):
    """Takes a queue that cannot be read for an empty one."""

    def next_message(self, call: Call) -> RegistrarMessage | None:
        try:
            return super().next_message(call)
        except GatewayUnavailableError:
            return None


class Boasts(ToyGateway):
    """Declares terms that it does not carry out."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, max_nameservers=13)


class Denies(ToyGateway):
    """Declares no guard where there is one."""

    @property
    def capabilities(self) -> Capabilities:
        told = super().capabilities
        return replace(told, guards={**told.guards, Kind.RENEW: Guard.NONE})


@dataclass(frozen=True)
class Spoilt:
    """An adapter that breaks a promise, and the promise."""

    adapter: type[ToyGateway]
    promise: Callable[[FarSide], object]


RENEWS: dict[str, Any] = {"kind": Kind.RENEW}
SPOILT: Mapping[str, Spoilt] = {
    "it sends again when it hears nothing": Spoilt(
        Repeats,
        partial(test_faults.test_work_that_was_done_is_in_doubt_then_found, fault=DROP_REPLY, **RENEWS),
    ),
    "it takes silence for a refusal": Spoilt(
        Refuses,
        partial(
            test_faults.test_work_that_was_not_done_is_in_doubt_then_absent, fault=DROP_REQUEST, **RENEWS
        ),
    ),
    "it takes silence for proof": Spoilt(
        Forgets,
        partial(test_faults.test_work_that_was_done_is_in_doubt_then_found, fault=DROP_REPLY, **RENEWS),
    ),
    "it outstays its deadline": Spoilt(
        Overstays, partial(test_faults.test_no_answer_outlasts_the_deadline, fault=LATE)
    ),
    "it sends when its lease is over": Spoilt(
        Rushes, partial(test_limits.test_a_lease_that_ran_out_sends_nothing, **RENEWS)
    ),
    "it counts no turns": Spoilt(
        Pushes, partial(test_limits.test_every_request_of_an_order_takes_a_turn, **RENEWS)
    ),
    "it waits for no turn": Spoilt(
        Pushes, partial(test_limits.test_a_turn_that_is_not_granted_sends_nothing, **RENEWS)
    ),
    "it takes a failed look for a free name": Spoilt(
        Hopes, partial(test_faults.test_a_look_that_fails_tells_nothing, fault=HTML)
    ),
    "it takes others' names for ours": Spoilt(Claims, test_looks.test_a_name_of_another_is_not_ours),
    "it takes messages off before they are stored": Spoilt(
        Swallows, test_messages.test_a_message_stays_until_it_is_acknowledged
    ),
    "it takes a queue that is silent for an empty one": Spoilt(
        Shrugs, partial(test_faults.test_a_read_that_fails_says_so, fault=HTML)
    ),
    "it declares more than it does": Spoilt(
        Boasts, test_declarations.test_too_many_name_servers_are_not_sent
    ),
    "it hides its guard": Spoilt(Denies, partial(test_orders.test_a_second_send_meets_the_guard, **RENEWS)),
}


def spoilt_by(adapter: type[ToyGateway]) -> type[FarSide]:
    """Return the toy registrar with another adapter."""

    class SpoiltToy(Toy):
        def make(self, section: Mapping[str, object]) -> Gateway:
            return adapter(self.name, ToySettings.model_validate(dict(section)))

    return SpoiltToy


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT.keys())
def test_a_broken_promise_is_noticed(spoilt: Spoilt, tmp_path: Path, certificates: Certificates) -> None:
    """An adapter that breaks a promise does not pass that promise's test."""
    with (
        spoilt_by(spoilt.adapter)(tmp_path, certificates) as far,
        pytest.raises((AssertionError, pytest.fail.Exception)),
    ):
        spoilt.promise(far)


def test_a_leak_is_noticed(
    tmp_path: Path, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    """An adapter that shows its token in a transcript does not pass."""
    with spoilt_by(Babbles)(tmp_path, certificates) as far, pytest.raises(AssertionError):
        test_secrets.test_an_order_shows_no_secret(far, Kind.RENEW, NONE, caplog)
