"""What may a reseller see of a name? Whether it is free, and as much of its entry as its part in it allows."""

from adapters.sandbox.irnic import lifecycle, names
from adapters.sandbox.irnic.answers import Answer, Element, domain, local_time
from adapters.sandbox.irnic.errand import Errand
from adapters.sandbox.records import Domain

_STRANGERS_SEE = frozenset({"holder", "admin", "tech"})


def check(errand: Errand) -> Answer:
    """Answer domain:check: one line for each name, in the request's order and spelling."""
    lines = [_line(errand, written) for written in errand.request.texts("name")]
    return Answer(1000, result=[domain("chkData", children=lines)])


def look(errand: Errand) -> Answer:
    """Answer domain:info: to the name's reseller all of it, to one of its contacts too, to a stranger the rest."""
    name = errand.name()
    return Answer(1000, result=[domain("infData", children=_entry(errand, errand.domain(name), name))])


def is_restricted(errand: Errand, name: names.RegistryName) -> bool:
    """Tell whether a name is kept back by the registry (a city's, the registry's own), whatever its suffix."""
    return name.label in errand.rules.restricted


def _line(errand: Errand, written: str) -> Element:
    name = names.parse(written)
    if name is None:
        return _cd(domain("name", text=written, avail="0"), "Domain name is not valid")
    restricted = is_restricted(errand, name)
    free = not restricted and errand.seen(name) is None
    line = domain(
        "name",
        text=written,
        avail="1" if free else "0",
        normalized_name=name.unicode,
        canonized_name=name.ascii,
        tld=name.zone,
    )
    # The restricted name's gov.ir is answered like a registered one: without a reason.
    return _cd(line, "Domain name is restricted" if restricted and name.zone != "gov.ir" else "")


def _cd(line: Element, reason: str) -> Element:
    return domain("cd", children=[line, domain("reason", text=reason)] if reason else [line])


def _entry(errand: Errand, entry: Domain, name: names.RegistryName) -> list[Element]:
    us = errand.page.client_id
    ours = entry.sponsor == us
    insider = ours or us in dict(entry.contacts).values()
    contacts = [pair for pair in entry.contacts if insider or pair[0] in _STRANGERS_SEE]
    if ours:
        contacts.append(("reseller", us))
    return [
        domain("name", text=name.unicode),
        *([domain("roid", text=lifecycle.roid(entry))] if insider else []),
        *(domain("status", s=status) for status in lifecycle.statuses(entry, errand.page.now)),
        *(domain("contact", text=handle, type=role) for role, handle in contacts),
        *_nameservers(entry),
        *([domain("crDate", text=local_time(entry.created_at))] if insider else []),
        *([domain("upDate", text=local_time(entry.updated_at))] if insider and entry.updated_at else []),
        domain("exDate", text=local_time(entry.expires_at)),
    ]


def _nameservers(entry: Domain) -> list[Element]:
    if not entry.nameservers:
        return []
    hosts = [
        domain(
            "hostAttr",
            children=[
                domain("hostName", text=host),
                *(
                    domain("hostAddr", text=address, ip="v6" if ":" in address else "v4")
                    for address in addresses
                ),
            ],
        )
        for host, addresses in entry.nameservers
    ]
    return [domain("ns", children=hosts)]
