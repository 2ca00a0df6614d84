"""What is true of each name of a long night, what do the books have before it, and who lies about which? By the name's number.

Nothing is held: the far sides, the books and the comparison afterwards ask the same rules, each in its own process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.sandbox.misbehaviour import Behaviour, Misbehaviour
from adapters.sandbox.public import Entry, Numbered
from adapters.sandbox.public.entries import SPONSOR
from adapters.sandbox.records import Domain

PREFIX = "night-"
EACH = 1000
"""Of so many names each case below is one."""
LIMITED_EACH = 10_000
STRANGER = "Another Registrar, Inc."
HOSTS = ("ns1.example.net", "ns2.example.net")

_LIES: Mapping[int, Misbehaviour] = dict(
    enumerate(
        (
            Misbehaviour(Behaviour.DATE, "1969-12-31T23:59:59Z"),
            Misbehaviour(Behaviour.DATE, "-0001-11-30T00:00:00Z"),
            Misbehaviour(Behaviour.DATE, "0000-00-00"),
            Misbehaviour(Behaviour.SHIFT, "365"),
            Misbehaviour(Behaviour.SHIFT, "-400"),
            Misbehaviour(Behaviour.SHIFT, "30"),
            Misbehaviour(Behaviour.SHIFT, "5000"),
            Misbehaviour(Behaviour.DATELESS),
            Misbehaviour(Behaviour.SPONSOR, STRANGER),
            Misbehaviour(Behaviour.NOT_FOUND),
            Misbehaviour(Behaviour.ANOTHER_NAME, "example.com"),
            Misbehaviour(Behaviour.GARBAGE),
            Misbehaviour(Behaviour.HTML),
            Misbehaviour(Behaviour.CLOSED),
            Misbehaviour(Behaviour.FREEZE),
            Misbehaviour(Behaviour.DRIP),
            Misbehaviour(Behaviour.CUT),
            Misbehaviour(Behaviour.LATE, "2"),
            Misbehaviour(Behaviour.DROP_REQUEST),
            Misbehaviour(Behaviour.FAIL_AFTER),
        )
    )
)
"""What the public record tells of these, whatever is true."""
_LIMITED = len(_LIES)
"""About this one, of `LIMITED_EACH`, it says that it was asked too often."""
_MOVED, _RENEWED, _LEFT, _DELETED = range(_LIMITED + 1, _LIMITED + 5)
"""The registry writes an hour later; it added a year by itself; with another registrar; gone."""
_AT_REGISTRAR: Mapping[int, Behaviour] = {
    30: Behaviour.GARBAGE,
    31: Behaviour.DROP_REPLY,
    32: Behaviour.CUT,
    33: Behaviour.FAIL_AFTER,
}
"""How the registrar itself answers about these, once."""


@dataclass(frozen=True, slots=True)
class Names:
    """`count` names of a zone, on the night of `tonight` (a whole second)."""

    zone: str
    count: int
    tonight: datetime

    @property
    def record(self) -> Numbered:
        """Return what the public record has."""
        return Numbered(PREFIX, self.zone, self.count, self.entry)

    def before(self, number: int) -> datetime:
        """Return the date that our books have before the night; what was paid for ends then, too."""
        if self._is_renewed(number):
            return self.tonight - timedelta(days=2)
        return self.tonight + timedelta(days=60 + number % 300)

    def after(self, number: int) -> datetime:
        """Return the date that our books must have after the night: the true one, where a date moved that may move."""
        if number % EACH == _MOVED:
            return self.before(number) + timedelta(hours=1)
        if self._is_renewed(number):
            return self.before(number) + timedelta(days=365)
        return self.before(number)

    def is_doubted(self, number: int, *, night: int) -> bool:
        """Tell whether the books must say that a name seems lost: it is, and two nights have agreed."""
        return night > 1 and number % EACH in {_LEFT, _DELETED}

    def is_gone(self, number: int, *, night: int) -> bool:
        """Tell whether the books must say that a name is gone: its registrar and the public record have agreed twice.

        whois.nic.ir names no registrar: where a .ir name went, staff decide.
        """
        agreed = {_DELETED} if self.zone == "ir" else {_LEFT, _DELETED}
        return night > 2 and number % EACH in agreed

    def entry(self, number: int, name: str) -> Entry | None:
        """Return what is true of a name, as everybody may see it; of every other .ir name no date."""
        case = number % EACH
        if case == _DELETED:
            return None
        dateless = self.zone == "ir" and number % 2 == 0
        return Entry(
            name=name,
            expires_at=None if dateless else self.after(number),
            sponsor=STRANGER if case == _LEFT else SPONSOR,
            statuses=("autoRenewPeriod",) if self._is_renewed(number) else ("clientTransferProhibited",),
            nameservers=HOSTS,
        )

    def manners(self, name: str, before: int) -> Misbehaviour | None:
        """Return how the public record answers about a name, if not as it should.

        That one left us shows from the second night on.
        """
        number = self.record.number_of(name) or 0
        if number % EACH == _LEFT and before == 0:
            return Misbehaviour(Behaviour.SPONSOR, SPONSOR)
        if number % LIMITED_EACH == _LIMITED:
            return Misbehaviour(Behaviour.LIMIT, "3")
        return _LIES.get(number % EACH)

    def at_registrar(self, number: int) -> Domain | None:
        """Return what stands in our registrar's books, None for a name that is gone."""
        if number % EACH == _DELETED:
            return None
        left = number % EACH == _LEFT
        return Domain(
            name=self.record.name(number),
            roid=f"D{number}-NIGHT",
            sponsor="other" if left else "",
            created_at=self.before(number) - timedelta(days=365),
            expires_at=self.after(number),
            statuses=("ok",),
            contacts=(("holder", "ex01-irnic"),) if self.zone == "ir" else (),
            nameservers=tuple((host, ()) for host in HOSTS),
        )

    def misbehaves_at_registrar(self, number: int) -> Behaviour | None:
        """Return how our registrar answers about a name, once."""
        return _AT_REGISTRAR.get(number % EACH)

    def _is_renewed(self, number: int) -> bool:
        """Tell whether the registry renews by itself: gTLDs do, .ir does not."""
        return self.zone == "com" and number % EACH == _RENEWED
