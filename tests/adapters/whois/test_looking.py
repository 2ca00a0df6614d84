"""Does a look by WHOIS end, whatever the far side does, and ask no more than it may? Over real connections."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.lookups.pace import Budget, PausedError
from adapters.lookups.whois.client import Whois
from adapters.lookups.whois.settings import WhoisSettings
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from tests.adapters.whois.servers import (
    Server,
    Speak,
    answers,
    drips,
    gone,
    is_silent,
    pours,
    resets,
    says,
    serving,
)
from tests.adapters.whois.texts import COM, COM_FREE, IR, IR_DATELESS, IR_FREE, IR_PERSIAN

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
IRNIC = "whois.nic.ir"
VERISIGN = "whois.verisign-grs.com"
IR_NAME = DomainName("example.ir", "ir")
COM_NAME = DomainName("example.com", "com")
FAST = Budget(in_flight=64, per_second=None)
LIMIT_PAGE = b"WHOIS LIMIT EXCEEDED\r\n"


def settings_for(host: str, place: str, **more: object) -> WhoisSettings:
    """Let one server stand on this machine, and take any number of questions."""
    plain = {"addresses": {host: place}, "directory": None, "budget": FAST, **more}
    return WhoisSettings.model_validate(plain)


def look(server: Server, host: str, name: DomainName, **more: object) -> Sighting:
    """Look one name up at a server that stands for `host`."""
    return Whois(settings_for(host, server.place, **more)).look(name, NOW)


def look_at_all(whois: Whois, names: Sequence[DomainName]) -> list[Sighting]:
    """Look a batch up on one event loop."""

    async def everything() -> list[Sighting]:
        async with whois.session() as session:
            return [sighting async for sighting in session.look_many(names, clock=lambda: NOW)]

    return asyncio.run(everything())


def test_a_name_is_asked_for_by_its_a_label_and_a_line_end() -> None:
    """A Persian name is asked for in the form that every server knows, and dated by the time of the question."""
    name = DomainName("xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgba3a4f16a")
    with serving(IR_PERSIAN) as server:
        sighting = look(server, IRNIC, name)
    assert server.questions == [b"xn--mgbh0fb.xn--mgba3a4f16a\r\n"]
    assert (sighting.standing, sighting.seen_at) == (Standing.REGISTERED, NOW)
    assert sighting.source == "whois:whois.nic.ir"


@pytest.mark.parametrize(
    ("host", "name", "text", "standing"),
    [
        (IRNIC, IR_NAME, IR, Standing.REGISTERED),
        (IRNIC, IR_NAME, IR_DATELESS, Standing.REGISTERED),
        (IRNIC, IR_NAME, IR_FREE, Standing.FREE),
        (IRNIC, DomainName("example.co.ir", "co.ir"), IR_FREE.replace(b"ple.ir", b"ple.co.ir"), Standing.FREE),
        (VERISIGN, COM_NAME, COM, Standing.REGISTERED),
        (VERISIGN, COM_NAME, COM_FREE, Standing.FREE),
        (VERISIGN, COM_NAME, b"", Standing.UNKNOWN),
    ],
)  # fmt: skip
def test_what_the_server_says_is_what_is_seen(
    host: str, name: DomainName, text: bytes, standing: Standing
) -> None:
    """Each zone's own server is asked, and its answer read."""
    with serving(text) as server:
        assert look(server, host, name).standing is standing


@pytest.mark.parametrize(
    ("speak", "reason"),
    [
        (says(b""), "the answer is empty"),
        (resets(b""), "the connection broke"),
        (resets(IR_FREE), "the connection broke"),
        (resets(IR), "the connection broke"),
        (is_silent, "no whole answer within 0.3 seconds"),
        (drips, "no whole answer within 0.3 seconds"),
        (pours, "the answer is longer than 100000 bytes"),
        (says(LIMIT_PAGE), "the server's limit is reached"),
    ],
    ids=["empty", "reset", "reset after free", "reset after record", "silent", "drips", "pours", "limit"],
)
def test_no_whole_answer_is_unknown_with_the_reason(speak: Speak, reason: str) -> None:
    """Whatever a server does, a look ends in its time, and a name is never free for want of an answer."""
    with serving(speak) as server:
        seconds = 0.3 if speak in {is_silent, drips} else 30
        sighting = look(server, IRNIC, IR_NAME, call_timeout_seconds=seconds, max_answer_bytes=100_000)
    assert (sighting.standing, sighting.expiry) == (Standing.UNKNOWN, None)
    assert reason in sighting.reason
    assert len(server.questions) == 1


def test_a_server_that_is_away_is_unknown() -> None:
    """Where nobody listens nothing is learned."""
    sighting = Whois(settings_for(IRNIC, gone())).look(IR_NAME, NOW)
    assert (sighting.standing, sighting.reason) == (
        Standing.UNKNOWN,
        "no connection: Connection refused",
    )


def test_a_host_without_an_address_is_unknown() -> None:
    """Where a server's address cannot be found, nothing is learned."""

    async def unknown_to_all(host: str) -> Sequence[str]:
        raise OSError(host)

    whois = Whois(WhoisSettings(), resolve=unknown_to_all)
    sighting = whois.look(IR_NAME, NOW)
    assert (sighting.standing, sighting.source) == (Standing.UNKNOWN, "whois:whois.nic.ir")
    assert "address cannot be found" in sighting.reason


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    """A server with several addresses is reached at the first one that answers."""

    async def two(_: str) -> Sequence[str]:
        return ["::1", "127.0.0.1"]  # nobody listens at the first one

    with serving(IR) as server:
        settings = settings_for(IRNIC, f"anywhere.test:{server.port}")
        assert Whois(settings, resolve=two).look(IR_NAME, NOW).standing is Standing.REGISTERED


def test_a_batch_is_looked_up_at_once_and_within_the_budget() -> None:
    """Hundreds of names of two registries are looked up together, each once, and no server is asked for too many at a time."""
    ir = [DomainName(f"example{number}.ir", "ir") for number in range(150)]
    com = [DomainName(f"example{number}.com", "com") for number in range(60)]
    irnic = answers({name.ascii: IR_DATELESS.replace(b"example.ir", name.ascii.encode()) for name in ir})
    verisign = answers({name.ascii: COM.replace(b"EXAMPLE.COM", name.ascii.upper().encode()) for name in com})
    with serving(irnic) as first, serving(verisign) as second:
        settings = WhoisSettings.model_validate(
            {
                "addresses": {IRNIC: first.place, VERISIGN: second.place},
                "budget": FAST,
                "budgets": {IRNIC: Budget(in_flight=8, per_second=None)},
            }
        )
        seen = look_at_all(Whois(settings), [*ir, *com])
    assert {sighting.domain for sighting in seen} == {*ir, *com}
    assert {sighting.standing for sighting in seen} == {Standing.REGISTERED}
    assert sorted(first.questions) == sorted(f"{name.ascii}\r\n".encode() for name in ir)
    assert len(second.questions) == len(com)
    assert first.most_at_once <= 8


def test_a_batch_takes_its_turns_at_an_even_pace() -> None:
    """A server that may be asked so often a second is asked no oftener, however many names wait."""
    asked_at: list[float] = []

    class Counted:
        """A pace that only counts."""

        async def turn(self, server: str, budget: Budget) -> None:
            assert (server, budget.per_second) == (IRNIC, 5)
            asked_at.append(len(asked_at))

        async def pause(self, server: str, seconds: float) -> None:
            raise AssertionError((server, seconds))

    with serving(IR_DATELESS) as server:
        settings = settings_for(IRNIC, server.place, budgets={IRNIC: Budget(in_flight=2, per_second=5)})
        look_at_all(Whois(settings, pace=Counted()), [IR_NAME] * 9)
    assert len(asked_at) == len(server.questions) == 9


@pytest.mark.parametrize(
    ("speak", "limit"), [(says(LIMIT_PAGE), 1), (says(b""), 3), (resets(b""), 3)], ids=["limit", "empty", "reset"]
)  # fmt: skip
def test_a_server_that_has_had_enough_is_left_alone(speak: Speak, limit: int) -> None:
    """After a limit page, or some silences in a row, the names that wait are not asked for, and staff see when they can be."""
    with serving(speak) as server:
        settings = settings_for(
            IRNIC, server.place, budgets={IRNIC: Budget(in_flight=1, per_second=None)},
            silences_before_pause=3, pause_seconds=30,
        )  # fmt: skip
        whois = Whois(settings)
        seen = look_at_all(whois, [IR_NAME] * 10)
        later = whois.look(IR_NAME, NOW)
    assert len(server.questions) == limit
    assert {sighting.standing for sighting in seen} == {Standing.UNKNOWN}
    assert sum(sighting.retry_after is not None for sighting in seen) >= 10 - limit
    assert later.retry_after is not None
    assert 0 < later.retry_after <= 30


def test_silences_that_are_not_in_a_row_are_borne() -> None:
    """A server that fails now and then is asked for every name."""
    names = [DomainName(f"example{number}.ir", "ir") for number in range(12)]
    odd = {name.ascii: IR_DATELESS for name in names[::2]}
    with serving(answers(odd)) as server:
        settings = settings_for(
            IRNIC, server.place, budgets={IRNIC: Budget(in_flight=1, per_second=None)}, silences_before_pause=2
        )  # fmt: skip
        look_at_all(Whois(settings), names)
    assert len(server.questions) == 12


def test_a_batch_that_nobody_reads_any_further_is_given_up() -> None:
    """When a run is stopped, no look goes on behind it."""

    async def first(whois: Whois) -> int:
        async with whois.session() as session:
            looks = session.look_many([IR_NAME] * 50, clock=lambda: NOW)
            await anext(looks)
            await looks.aclose()  # type: ignore[attr-defined]  # an async generator, typed by what the others need of it
            return len(asyncio.all_tasks())

    with serving(IR) as server:
        settings = settings_for(IRNIC, server.place, budget=Budget(in_flight=1, per_second=None))
        assert asyncio.run(first(Whois(settings))) == 1
    assert len(server.questions) < 50


def test_the_directory_is_asked_once_for_a_zone_that_is_not_listed() -> None:
    """Which server a new zone has, the directory says; its names are then asked for there, and only there."""
    names = [DomainName(f"example{number}.test", "test") for number in range(5)]
    record = {name.ascii: f"Domain Name: {name.ascii}\nRegistrar: Invented\n".encode() for name in names}
    refers = b"% IANA WHOIS server\nrefer:        whois.nic.test\n\ndomain:       TEST\nwhois:        whois.nic.test\n"
    with serving(answers({"test": refers})) as directory, serving(answers(record)) as registry:
        settings = WhoisSettings.model_validate(
            {
                "addresses": {"whois.iana.org": directory.place, "whois.nic.test": registry.place},
                "budget": FAST,
            }
        )
        seen = look_at_all(Whois(settings), names)
    assert directory.questions == [b"test\r\n"]
    assert len(registry.questions) == 5
    assert {(sighting.standing, sighting.source) for sighting in seen} == {
        (Standing.REGISTERED, "whois:whois.nic.test")
    }


PRIVATE = [
    ["127.0.0.1"], ["::1"], ["10.0.0.1"], ["172.16.0.1"], ["192.168.1.1"], ["169.254.169.254"], ["0.0.0.0"],
    ["100.64.0.1"], ["224.0.0.1"], ["255.255.255.255"], ["fe80::1%lo"], ["fd00::1"], ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["::"], [], ["8.8.8.8", "127.0.0.1"],
]  # fmt: skip


@pytest.mark.parametrize("addresses", PRIVATE, ids=str)
def test_a_referral_to_a_machine_beside_us_is_not_followed(addresses: list[str]) -> None:
    """A server that somebody else names is asked only where it stands in public: never on this machine or its network."""

    async def resolve(host: str) -> Sequence[str]:
        return addresses if host == "whois.nic.test" else [host]

    with serving(b"refer: whois.nic.test\n") as directory, serving(b"Domain Name: example.test\n") as beside:
        settings = settings_for(
            "whois.iana.org", directory.place, directory="whois.iana.org", port=beside.port
        )
        sighting = Whois(settings, resolve=resolve).look(DomainName("example.test", "test"), NOW)
    assert sighting.standing is Standing.UNKNOWN
    assert "public address" in sighting.reason
    assert beside.questions == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"refer: localhost\n", "no host"),
        (b"refer: 127.0.0.1\n", "no host"),
        (b"refer: [::1]\n", "no host"),
        (b"refer: rwhois://whois.nic.test:4321\n", "no host"),
        (b"refer: whois.nic.test evil\r\n", "no host"),
        (b"refer:\n\n% nothing known\n", "names no WHOIS server"),
        (b"", "names no WHOIS server"),
    ],
)
def test_a_referral_to_no_host_is_not_followed(text: bytes, reason: str) -> None:
    """A referral that is no host's name leads nowhere."""
    with serving(text) as directory:
        sighting = look(
            directory, "whois.iana.org", DomainName("example.test", "test"), directory="whois.iana.org"
        )
    assert (sighting.standing, sighting.source) == (Standing.UNKNOWN, "whois")
    assert reason in sighting.reason


def test_a_zone_that_nobody_serves_is_unknown() -> None:
    """Without a directory, names of zones that are not listed are not asked for."""
    whois = Whois(WhoisSettings(directory=None))
    sighting = whois.look(DomainName("example.test", "test"), NOW)
    assert (sighting.standing, sighting.reason) == (
        Standing.UNKNOWN,
        "no WHOIS server is known for the zone",
    )


def test_a_record_that_refers_to_its_registrar_is_the_registrys_word() -> None:
    """The registrar's own server is not asked: the registry has said when the name ends."""
    with serving(COM) as registry, serving(b"Domain Name: example.com\n") as registrar:
        settings = WhoisSettings.model_validate(
            {"addresses": {VERISIGN: registry.place, "whois.registrar.test": registrar.place}}
        )
        assert Whois(settings).look(COM_NAME, NOW).expiry is not None
    assert registrar.questions == []


def test_no_child_outlives_its_session() -> None:
    """When the looks are done, no process of theirs is left."""
    before = children()
    with serving(COM) as server:
        whois = Whois(settings_for(VERISIGN, server.place))
        look_at_all(whois, [COM_NAME] * 4)
    assert children() == before


def children() -> set[str]:
    """Return the ids of this process' children."""
    return {pid for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text().split()}


def test_a_name_that_was_not_asked_for_is_told_apart() -> None:
    """Once a server shows its limit page, `ask` says of the next name that nobody was asked for it, and until when."""

    async def ask_two(whois: Whois) -> tuple[Sighting, float]:
        async with whois.session() as session:
            seen = await session.ask(COM_NAME, clock=lambda: NOW)
            with pytest.raises(PausedError) as paused:
                await session.ask(DomainName("another.com", "com"), clock=lambda: NOW)
            return seen, paused.value.retry_after

    with serving(LIMIT_PAGE) as server:
        seen, left = asyncio.run(ask_two(Whois(settings_for(VERISIGN, server.place, pause_seconds=60))))
    assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, 60)
    assert 50 < left <= 60
    assert server.questions == [b"example.com\r\n"]


def test_a_server_that_could_not_be_found_is_looked_for_again() -> None:
    """A night's session is not spoilt by a minute without name resolution: what was not found is tried again, and not each time."""
    tried: list[str] = []

    async def resolve(host: str) -> Sequence[str]:
        tried.append(host)
        if len(tried) == 1:
            raise OSError("no name resolution")
        return [host]

    async def look_until_told(whois: Whois) -> list[Sighting]:
        seen: list[Sighting] = []
        async with whois.session() as session:
            while not seen or seen[-1].standing is Standing.UNKNOWN:
                seen.append(await session.look(COM_NAME, clock=lambda: NOW))
                await asyncio.sleep(0.01)
        return seen

    with serving(COM) as server:
        settings = settings_for(VERISIGN, server.place, pause_seconds=0.1)
        seen = asyncio.run(look_until_told(Whois(settings, resolve=resolve)))
    assert seen[-1].standing is Standing.REGISTERED
    assert len(seen) > len(tried) == 2


def test_while_a_server_cannot_be_found_its_other_names_wait() -> None:
    """A minute without name resolution costs those that were just asked for, and none of the thousands behind them."""

    async def unknown_to_all(host: str) -> Sequence[str]:
        raise OSError(host)

    async def ask_on(whois: Whois) -> list[Sighting]:
        async with whois.session() as session:
            first = await session.ask(COM_NAME, clock=lambda: NOW)
            for _ in range(3):
                with pytest.raises(PausedError):
                    await session.ask(COM_NAME, clock=lambda: NOW)
            return [first]

    [seen] = asyncio.run(ask_on(Whois(WhoisSettings(), resolve=unknown_to_all)))
    assert "address cannot be found" in seen.reason
