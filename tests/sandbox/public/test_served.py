"""Does `registrar sandbox` come with a public record, and lead the product there? Started as a visitor starts it."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sandbox.books import Books
from config.settings import load
from registrar.gateway import Standing
from registrar.names import DomainName
from tasks import lookups, sandbox

END = datetime(2027, 3, 20, 12, tzinfo=UTC)
MOST_SECONDS = 60


@pytest.mark.parametrize(("registrar", "name"), [("epp", "example.com"), ("opensrs", "example.org")])
def test_what_is_in_the_books_is_public(tmp_path: Path, registrar: str, name: str) -> None:
    """A name in a sandbox registrar's books is told by RDAP and WHOIS, with the settings that the sandbox wrote."""
    stop, ready = threading.Event(), threading.Event()
    told: dict[str, str] = {}

    def served(places: dict[str, str]) -> None:
        told.update(places)
        ready.set()

    serving = threading.Thread(
        target=sandbox.serve,
        args=(tmp_path,),
        kwargs={
            "dialect": "com",
            "ports": {},
            "decide_after_seconds": 1.0,
            "stop": stop,
            "ready": served,
        },
    )
    serving.start()
    try:
        assert ready.wait(MOST_SECONDS)
        place = sandbox.Place(tmp_path)
        with Books(place.books(registrar)) as books:
            books.add_domain(name, expires_at=END)
        with Books(place.books("whois")) as public:
            public.misbehave("dateless", name=name)
        settings = load(place.config, {})
        domain = DomainName.anywhere(name)
        by_rdap, by_whois = (lookups.look_up(settings, source, domain) for source in ("rdap", "whois"))
    finally:
        stop.set()
        serving.join(MOST_SECONDS)
    assert told["rdap"].startswith("https://127.0.0.1:")
    assert (by_rdap.standing, by_whois.standing) == (Standing.REGISTERED, Standing.REGISTERED)
    assert by_rdap.expiry is not None
    assert by_rdap.expiry.at == END
    assert by_whois.expiry is None
