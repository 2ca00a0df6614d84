"""By what does a name differ from what an update says it should be? Pure: what a look showed goes in, what to send comes out.

A registry has no "replace": what is sent is what to add and what to take away, and a value that stands on both sides,
or is taken away twice, is an error at some of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from registrar.commands import Nameserver, Update
from registrar.names import NameRefusedError, host_name
from registrar.statuses import Status


class AddressConflictError(Exception):
    """Hosts that stay are wanted at other addresses than they have; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What to add and what to take away, each value once.

    Hosts to add are in their normal form; those to take away are as the registry wrote them.
    """

    add_nameservers: tuple[Nameserver, ...] = ()
    remove_nameservers: tuple[Nameserver, ...] = ()
    add_statuses: frozenset[Status] = frozenset()
    remove_statuses: frozenset[Status] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Tell whether the name is what it should be."""
        return self == Difference()


def difference(update: Update, *, nameservers: Iterable[Nameserver], statuses: Iterable[str]) -> Difference:
    """Compare an update with the `nameservers` and `statuses` that a look showed.

    Hosts are compared by their A-labels in lower case without a trailing dot, in any order. Raises
    `AddressConflictError`.
    """
    shown = _by_host(nameservers)
    wanted = shown if update.nameservers is None else _by_host(update.nameservers)
    _refuse_other_addresses(wanted, shown)
    there = frozenset(statuses)
    return Difference(
        add_nameservers=tuple(
            Nameserver(host, server.addresses) for host, server in wanted.items() if host not in shown
        ),
        remove_nameservers=tuple(server for host, server in shown.items() if host not in wanted),
        add_statuses=update.add_statuses - there,
        remove_statuses=frozenset(status for status in update.remove_statuses if status in there),
    )


def _by_host(nameservers: Iterable[Nameserver]) -> dict[str, Nameserver]:
    """Return each host once, the first of its kind."""
    found: dict[str, Nameserver] = {}
    for nameserver in nameservers:
        found.setdefault(_normal(nameserver.host), nameserver)
    return found


def _normal(host: str) -> str:
    try:
        return host_name(host)
    except (
        NameRefusedError
    ):  # a registry may show hosts that we would not take; they must still compare equal
        return host.strip().lower().removesuffix(".")


def _refuse_other_addresses(wanted: dict[str, Nameserver], shown: dict[str, Nameserver]) -> None:
    """Refuse what would otherwise be called done and is not.

    A host on both sides of one update is lost at a registry that adds before it takes away. Where one side states no
    address there is nothing to compare: not every registry shows them.
    """
    moved = [
        host
        for host in wanted.keys() & shown.keys()
        if wanted[host].addresses
        and shown[host].addresses
        and _addresses(wanted[host]) != _addresses(shown[host])
    ]
    if moved:
        raise AddressConflictError(
            f"{', '.join(sorted(moved))}: already a name server of this name, at another address; "
            "take it out first, then put it in with the new address"
        )


def _addresses(nameserver: Nameserver) -> frozenset[str]:
    return frozenset(map(_address, nameserver.addresses))


def _address(text: str) -> str:
    """Return an address in its one normal form (IPv6 has many); what is none stays as it is."""
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return text
