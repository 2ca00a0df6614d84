"""How does one call speak to the registry? Frame by frame over a leased session, with a turn taken before each of them.

The boundary that everything turns on is in `send_once`: until the permit is asked every failure is `NotSent` (or says
what to correct), from then on every failure is `Unknown`.
"""

import secrets
from collections.abc import Callable

from lxml.etree import _Element as Element

from adapters.registrars.epp.frames import Deadline
from adapters.registrars.epp.pool import Lease
from adapters.registrars.epp.session import TRANSPORT_FAULTS, Exchange, Prepared, Session
from registrar.gateway import Call, CallExpiredError
from registrar.outcomes import Reply, Unknown


class Conversation:
    """One call's exchanges. Every method raises `UnreachableError`, `LoginRefusedError` or `CallExpiredError`."""

    def __init__(self, lease: Lease, call: Call, deadline: Deadline) -> None:
        self._lease = lease
        self._call = call
        self._deadline = deadline

    def session(self) -> Session:
        """Return the session in use, alive a moment ago."""
        self._insist_on_time()
        return self._lease.session(self._deadline)

    def offers(self, service: str) -> bool:
        """Tell whether the registry offers a service."""
        return service in self.session().greeting.services

    def ask(self, part: str, build: Callable[[str], Element], *, leniently: bool = False) -> Exchange:
        """Send something that spends nothing, under an id of its own; raises one of `TRANSPORT_FAULTS` too.

        A look may be repeated under the same call, a transaction id may not (facts §11).
        """
        transaction_id = self._call.transaction_id(f"{part}-{secrets.token_hex(4)}")
        return self.take(Prepared(build(transaction_id), transaction_id, leniently=leniently))

    def take(self, step: Prepared) -> Exchange:
        """Take a prepared step before the command; raises one of `TRANSPORT_FAULTS` too."""
        return self._ready().exchange(step, self._deadline)

    def send_once(self, prepared: Prepared) -> Exchange | Unknown:
        """Send the command itself. Past the permit every failure is `Unknown`, and nothing is sent again."""
        session = self._ready()
        try:
            return session.exchange(prepared, self._deadline, permit=self._call.permit)
        except TRANSPORT_FAULTS as error:
            reason = f"no answer that can be trusted: {words_of(error)}"
            return Unknown(reason, Reply(transcript=prepared.transcript))

    def _ready(self) -> Session:
        """Take a turn with a session at hand, and look again whether it is there: the wait may have been long."""
        self.session()
        self._call.take_turn()
        return self.session()

    def _insist_on_time(self) -> None:
        """Stop with nothing begun when the call's time is over: that is no fault of the network's."""
        try:
            self._deadline.remaining()
        except TimeoutError as error:
            raise CallExpiredError(str(error)) from None


def words_of(error: Exception) -> str:
    """Say what went wrong; some errors of the system have no words of their own."""
    return str(error) or type(error).__name__
