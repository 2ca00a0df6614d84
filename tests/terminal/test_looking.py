"""What does `registrar look` say of a name, by whichever source, and of an answer that was kept?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import ON_ONE_DATABASE
from tests.desks import START
from tests.terminal.conftest import Terminal

IRNIC = """\
% This is the IRNIC Whois server v1.6.2.

% Information related to 'mina.ir'

domain:         mina.ir
ascii:          mina.ir
holder-c:       ex61-irnic
nserver:        ns1.example.net
nserver:        ns2.example.net
last-updated:   2026-03-01
expire-date:    2027-03-20
source:         IRNIC # Filtered
"""
RDAP = {
    "objectClassName": "domain",
    "ldhName": "EXAMPLE.COM",
    "status": ["client transfer prohibited", "active"],
    "events": [
        {"eventAction": "expiration", "eventDate": "2027-08-13T04:00:00+02:00"},
        {"eventAction": "registrar expiration", "eventDate": "2026-08-13T04:00:00+02:00"},
    ],
    "nameservers": [{"objectClassName": "nameserver", "ldhName": "NS1.EXAMPLE.NET"}],
    "entities": [{"roles": ["registrar"], "handle": "9999"}],
}


def kept(tmp_path: Path, text: str) -> str:
    file = tmp_path / "answer"
    file.write_text(text, encoding="utf-8")
    return str(file)


@ON_ONE_DATABASE
def test_a_registrars_word_has_the_same_form(terminal: Terminal) -> None:
    """A look at our registrar tells state, date and where it comes from in the words of every source."""
    terminal.shop.registrars.names["mina.ir"] = START
    seen = terminal.json("look", "mina.ir")
    assert (seen["state"], seen["source"], seen["reason"]) == ("registered", "irnic", None)
    assert {"expires_at", "expires_text", "registrar", "statuses", "nameservers"} <= set(seen)


@ON_ONE_DATABASE
def test_a_kept_answer_of_irnic_is_read(terminal: Terminal, tmp_path: Path) -> None:
    """A bare date of .ir ends in Tehran, and is shown with that offset; the text stands as it was."""
    seen = terminal.json("look", "mina.ir", "--text", kept(tmp_path, IRNIC))
    assert (seen["state"], seen["source"]) == ("registered", "whois:whois.nic.ir")
    assert (seen["expires_at"], seen["expires_text"]) == ("2027-03-20T23:59:59+03:30", "2027-03-20")
    assert seen["nameservers"] == ["ns1.example.net", "ns2.example.net"]


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2021-09-20", "2021-09-20T23:59:59+04:30"),
        ("2021-09-21", "2021-09-21T23:59:59+03:30"),
        ("2021-09-21 23:30:00", "2021-09-21T23:30:00+04:30"),
        ("2022-03-22 00:30:00", "2022-03-22T00:30:00+03:30"),
    ],
)
def test_tehrans_old_summer_time_is_shown_with_its_own_offset(
    terminal: Terminal, tmp_path: Path, written: str, shown: str
) -> None:
    """An hour that came twice, or never, when the clocks were changed is shown as Tehran wrote it too."""
    text = IRNIC.replace("2027-03-20", written)
    assert terminal.json("look", "mina.ir", "--text", kept(tmp_path, text))["expires_at"] == shown


@ON_ONE_DATABASE
def test_a_name_without_a_date_is_registered(terminal: Terminal, tmp_path: Path) -> None:
    """whois.nic.ir often gives no date: such a name is registered, and its date is not known."""
    undated = "\n".join(line for line in IRNIC.splitlines() if not line.startswith("expire-date"))
    seen = terminal.json("look", "mina.ir", "--text", kept(tmp_path, undated))
    assert (seen["state"], seen["expires_at"], seen["expires_text"]) == ("registered", None, None)


@ON_ONE_DATABASE
def test_a_kept_answer_of_rdap_is_read(terminal: Terminal, tmp_path: Path) -> None:
    """An answer by RDAP is told by its form, and its date keeps the offset that it was written with."""
    seen = terminal.json(
        "look", "example.com", "--text", kept(tmp_path, json.dumps(RDAP)), "--server", "rdap.example.net"
    )
    assert (seen["state"], seen["source"]) == ("registered", "rdap:rdap.example.net")
    assert seen["expires_at"] == "2027-08-13T04:00:00+02:00"
    assert (seen["renew_by"], seen["auto_renews"]) == ("2026-08-13T04:00:00+02:00", None)
    assert "clientTransferProhibited" in seen["statuses"]


@ON_ONE_DATABASE
def test_a_date_that_can_be_none_is_shown_as_it_stood(terminal: Terminal, tmp_path: Path) -> None:
    """What stands where the expiry stands is shown, also where it is no date that a name can have."""
    absurd = IRNIC.replace("2027-03-20", "1969-12-31")
    seen = terminal.json("look", "mina.ir", "--text", kept(tmp_path, absurd))
    assert (seen["state"], seen["expires_at"], seen["expires_text"]) == ("registered", None, "1969-12-31")
    assert "1969-12-31" in seen["reason"]


@ON_ONE_DATABASE
def test_a_kept_error_of_rdap_says_its_own_status(terminal: Terminal, tmp_path: Path) -> None:
    """A limit that was kept is a limit, whatever file it stands in."""
    error = json.dumps({"errorCode": 429, "title": "Too many requests"})
    seen = json.loads(terminal.call("look", "example.com", "--text", kept(tmp_path, error), "--json").stdout)
    assert (seen["state"], "limit" in seen["reason"]) == ("unknown", True)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "server", "state"),
    [
        ("example.com", (), "free"),
        ("example.com", ("--server", "RDAP.verisign.com"), "free"),
        ("example.com", ("--server", "rdap.example.net"), "unknown"),
        ("example.ir", ("--source", "rdap"), "unknown"),
    ],
)
def test_only_a_registrys_own_server_knows_that_a_name_is_free(
    terminal: Terminal, tmp_path: Path, name: str, server: tuple[str, ...], state: str
) -> None:
    """A 404 that was kept shows a name as free where the registry wrote it; another server says that *it* does not know."""
    error = kept(tmp_path, json.dumps({"errorCode": 404, "title": "Not Found"}))
    seen = json.loads(terminal.call("look", name, "--text", error, *server, "--json").stdout)
    assert seen["state"] == state


@ON_ONE_DATABASE
def test_a_file_may_end_without_the_end_of_its_last_line(terminal: Terminal, tmp_path: Path) -> None:
    """An answer that somebody kept is whole, also where his editor left the last line's end away."""
    cut = IRNIC.partition("expire-date:")[0] + "expire-date: 2027-03-20"
    seen = terminal.json("look", "mina.ir", "--text", kept(tmp_path, cut))
    assert (seen["expires_at"], seen["expires_text"]) == ("2027-03-20T23:59:59+03:30", "2027-03-20")


@ON_ONE_DATABASE
@pytest.mark.parametrize("text", ["", "% quota exceeded, try again later\n", "<html>no</html>"])
def test_what_says_nothing_is_unknown_and_never_free(terminal: Terminal, tmp_path: Path, text: str) -> None:
    """An empty answer, a limit page or a web page leaves a name unknown, with the reason, and the exit code says so."""
    told = terminal.call("look", "mina.ir", "--text", kept(tmp_path, text), "--json")
    seen = json.loads(told.stdout)
    assert (told.exit_code, seen["state"], bool(seen["reason"])) == (75, "unknown", True)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mina.ir", "--text", "/nowhere/file"), "cannot be read"),
        (("mina.ir", "--server", "whois.nic.ir"), "--text"),
        (("mina.ir", "--source", "rdap", "--registrar", "epp"), "--registrar"),
        (("mina.zz", "--text", "-"), "no WHOIS server of zz is known"),
        (("mina.ir", "--source", "registrar", "--text", "-"), "rdap or whois"),
        (("https://mina.ir/", "--source", "whois"), "address of something else"),
    ],
)
def test_a_look_that_cannot_be_made_says_why(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    """What does not fit together is refused with words, before anybody is asked."""
    told = terminal.call("look", *words)
    assert (told.exit_code, said in told.stderr) == (2, True)


@ON_ONE_DATABASE
def test_the_public_record_is_asked_without_a_database(terminal: Terminal) -> None:
    """By RDAP and WHOIS a name is looked up that need not be sold here, and no database is opened for it."""
    terminal.call("look", "example.org", "--source", "rdap")
    terminal.call("look", "example.co.uk", "--source", "whois")
    asked = [(what, *map(str, given[1:])) for what, *given in terminal.started.calls]
    assert asked == [("look_up", "rdap", "example.org"), ("look_up", "whois", "example.co.uk")]


def test_a_kept_answer_needs_no_settings(tmp_path: Path) -> None:
    """Reading one needs no configuration, no database, no Redis and no network: the command works in an empty home."""
    done = subprocess.run(
        [sys.executable, "-m", "tasks.main", "look", "mina.ir", "--text", "-", "--json"],
        input=IRNIC.encode(),
        capture_output=True,
        check=True,
        timeout=60,
        env={"HOME": str(tmp_path), "REGISTRAR_CONFIG": "/nowhere"},
    )
    assert json.loads(done.stdout)["state"] == "registered"
    assert list(tmp_path.iterdir()) == []
