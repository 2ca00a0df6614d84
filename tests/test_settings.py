"""Are the settings read from all three layers, and is every fault named with its place? Every one, and no value is shown."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.settings import ConfigurationError, Settings, load
from registrar.commands import Kind
from registrar.secrets import Keyring, Secret

HOME = {"HOME": "/home/staff"}
PLANTED = "planted-token-7"


def settings(folder: Path | None = None, /, **variables: str) -> Settings:
    """Load with a home and these variables, apart from the test's own environment."""
    return load(folder, {**HOME, **variables})


def refusal(folder: Path | None = None, /, **variables: str) -> str:
    """Load what cannot be used, and return what is said about it."""
    with pytest.raises(ConfigurationError) as refused:
        settings(folder, **variables)
    return str(refused.value)


def folder_with(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a company's own files."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_defaults_load_without_any_credentials() -> None:
    """Fresh from the package everything is set, and no registrar is on."""
    defaults = settings()
    assert defaults.database.url == "sqlite:////home/staff/.local/state/registrar/registrar.db"
    assert defaults.redis.is_embedded
    assert {name: registrar.enabled for name, registrar in defaults.registrars.items()} == dict.fromkeys(
        ("epp", "irnic", "logicboxes", "opensrs", "openprovider"), False
    )
    assert set(defaults.sold_zones) == {"com", "ir", "co.ir", "xn--mgba3a4f16a"}
    assert defaults.secret_keys == ()


def test_a_zone_says_where_each_kind_goes_and_what_is_sold() -> None:
    """A .com is sold by the year at the EPP registrar; a .ir for one year or five, and never transferred."""
    zones = settings().zones
    com, ir = zones["com"].sale(Kind.RENEW), zones["ir"].sale(Kind.REGISTER)
    assert com is not None
    assert ir is not None
    assert (com.registrars, 12 in com.months, 13 in com.months) == (("epp",), True, False)
    assert (ir.registrars, ir.months) == (("irnic",), frozenset({12, 60}))
    assert zones["ir"].sale(Kind.TRANSFER) is None


def test_a_folder_overlays_the_defaults_and_variables_overlay_the_folder(tmp_path: Path) -> None:
    """A company says only what differs; a variable has the last word."""
    folder = folder_with(tmp_path, {"registrar.toml": "[flow]\nlease_seconds = 200\nmax_attempts = 7\n"})
    flow = settings(folder, REGISTRAR_FLOW__MAX_ATTEMPTS="9").flow
    assert (flow.lease_seconds, flow.max_attempts, flow.call_seconds) == (200, 9, 60)


def test_the_folder_may_be_named_by_a_variable(tmp_path: Path) -> None:
    """REGISTRAR_CONFIG names the folder where no option does."""
    folder = folder_with(tmp_path, {"registrar.toml": "[api]\nport = 9000\n"})
    assert settings(REGISTRAR_CONFIG=str(folder)).api.port == 9000


def test_keys_that_are_not_ours_reach_the_adapter_as_they_stand(tmp_path: Path) -> None:
    """A registry's peculiarities are set in its section and handed to the adapter untouched."""
    text = '[acme]\nadapter = "adapters.registrars.epp:make"\nhost = "epp.example.net"\nport = 700\nobjects = ["urn:a"]\nclosed_from = 23:00:00\n'
    acme = settings(folder_with(tmp_path, {"registrars.toml": text})).registrars["acme"]
    assert acme.section == {
        "host": "epp.example.net",
        "port": 700,
        "objects": ["urn:a"],
        "closed_from": time(23),
    }


def test_a_list_in_a_variable_is_json() -> None:
    """A list is given in a variable as JSON; a number or a word stands as it is."""
    epp = settings(
        REGISTRAR_REGISTRARS__EPP__OBJECTS='["urn:a", "urn:b"]', REGISTRAR_REGISTRARS__EPP__PORT="701"
    ).registrars["epp"]
    assert epp.section == {"objects": ["urn:a", "urn:b"], "port": "701"}
    assert "no JSON" in refusal(REGISTRAR_REGISTRARS__EPP__OBJECTS="[urn:a")


@pytest.mark.parametrize(
    ("variable", "zone"), [("CO_IR", "co.ir"), ("XN_MGBA3A4F16A", "xn--mgba3a4f16a"), ("COM", "com")]
)
def test_a_variable_reaches_a_zone_with_dots_or_dashes(variable: str, zone: str) -> None:
    """In a variable's name an underscore stands for the dots and dashes of a zone."""
    assert zone not in settings(**{f"REGISTRAR_ZONES__{variable}__SOLD": "false"}).sold_zones


def test_a_zone_may_be_written_in_its_own_script(tmp_path: Path) -> None:
    """A company may write .ایران in Persian; it is the zone of the defaults."""
    zones = settings(folder_with(tmp_path, {"zones.toml": "['ایران']\nsold = false\n"})).zones
    assert not zones["xn--mgba3a4f16a"].sold
    assert "ایران" not in zones


def test_a_tariff_has_a_price_for_each_term_that_is_sold(tmp_path: Path) -> None:
    """A tariff names every term that is sold and no other, or a forgotten one would be sold at any price (O4)."""
    sale = '[com]\nrenew = {{ registrars = ["epp"], months = [12, 24], prices = {{ {prices} }} }}\n'
    whole = folder_with(tmp_path, {"zones.toml": sale.format(prices="12 = 1250, 24 = 2500")})
    renewal = settings(whole).zones["com"].sale(Kind.RENEW)
    assert renewal is not None
    assert renewal.prices == {12: 1250, 24: 2500}
    for prices in ("12 = 1250", "12 = 1250, 24 = 2500, 36 = 3700", "12 = 1, 24 = -1"):
        told = refusal(folder_with(tmp_path, {"zones.toml": sale.format(prices=prices)}))
        assert "zones.com.renew" in told
        assert "zones.toml" in told


def test_a_zone_that_is_not_sold_sells_nothing() -> None:
    """A zone that is taken off sale sells no kind of order."""
    zone = settings(REGISTRAR_ZONES__COM__SOLD="false").zones["com"]
    assert [zone.sale(kind) for kind in Kind] == [None] * len(Kind)


def test_a_secret_comes_from_a_variable_and_is_hidden() -> None:
    """A token from a variable reaches the adapter as a secret that does not print."""
    loaded = settings(REGISTRAR_REGISTRARS__IRNIC__TOKEN=PLANTED)
    assert loaded.registrars["irnic"].section["token"] == Secret(PLANTED)
    assert PLANTED not in repr(loaded) + str(loaded)


@pytest.mark.parametrize("named_by", ["variable", "key"])
def test_a_secret_comes_from_a_file(tmp_path: Path, named_by: str) -> None:
    """A token may lie in a file that a variable or a key names; the line's end is not part of it."""
    (tmp_path / "token").write_text(f"{PLANTED}\n", encoding="utf-8")
    if named_by == "variable":
        loaded = settings(REGISTRAR_REGISTRARS__IRNIC__TOKEN_FILE=str(tmp_path / "token"))
    else:
        text = f"[irnic]\ntoken_file = '{tmp_path / 'token'}'\n"
        loaded = settings(folder_with(tmp_path, {"registrars.toml": text}))
    assert loaded.registrars["irnic"].section["token"] == Secret(PLANTED)


@pytest.mark.parametrize("key", ["password", "token", "deposit_code", "new_password", "api_key"])
def test_a_secret_in_a_toml_file_is_refused(tmp_path: Path, key: str) -> None:
    """A credential written into a file that is copied and shared is refused, and the message says where it belongs."""
    said = refusal(folder_with(tmp_path, {"registrars.toml": f"[irnic]\n{key} = '{PLANTED}'\n"}))
    assert f"REGISTRAR_REGISTRARS__IRNIC__{key.upper()}_FILE" in said
    assert f"{tmp_path}/registrars.toml" in said
    assert PLANTED not in said


def test_a_password_in_a_database_url_may_not_stand_in_a_toml_file(tmp_path: Path) -> None:
    """A database's password belongs into a variable or a file, and shows nowhere."""
    url = f"postgresql+psycopg://registrar:{PLANTED}@db.example/registrar"
    said = refusal(folder_with(tmp_path, {"registrar.toml": f"[database]\nurl = '{url}'\n"}))
    assert "REGISTRAR_DATABASE__URL" in said
    assert PLANTED not in said
    loaded = settings(REGISTRAR_DATABASE__URL=url)
    assert loaded.database.url == url
    assert PLANTED not in repr(loaded)


def test_several_secret_keys_come_from_one_variable_or_file(tmp_path: Path) -> None:
    """The key that seals and the older ones that still open are given together, the newest first."""
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    (tmp_path / "keys").write_text("\n".join(keys), encoding="utf-8")
    for given in (
        {"REGISTRAR_SECRET_KEYS": ",".join(keys)},
        {"REGISTRAR_SECRET_KEYS_FILE": str(tmp_path / "keys")},
    ):
        loaded = settings(**given)
        assert [key.reveal() for key in loaded.secret_keys] == keys
        assert Keyring(loaded.secret_keys).open(Keyring(loaded.secret_keys[:1]).seal({"a": 1})) == {"a": 1}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("registrar.toml", "[flow]\nlease_secs = 1\n", "flow.lease_secs; known keys here: call_seconds"),
        ("registrar.toml", "colour = 1\n", "colour; known keys here: api, database"),
        (
            "zones.toml",
            "[com]\npark = 1\n",
            "zones.com.park; known keys here: change_holder, currency, register",
        ),
        (
            "zones.toml",
            "[com.renew]\nyears = [1]\n",
            "zones.com.renew.years; known keys here: months, prices, registrars",
        ),
    ],
)
def test_an_unknown_key_is_an_error_that_names_file_key_and_the_known_ones(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    """A misspelt key is never passed over in silence."""
    assert f"{tmp_path}/{name}: nobody reads {said}" in refusal(folder_with(tmp_path, {name: text}))


def test_an_unknown_variable_is_an_error_that_names_it() -> None:
    """A misspelt variable is never passed over in silence either; those of other programs are not ours to judge."""
    assert "REGISTRAR_FLOW__LEASE: nobody reads flow.lease" in refusal(REGISTRAR_FLOW__LEASE="1")
    assert settings(REGISTRARS="3", FLOW="1") == settings()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"REGISTRAR_FLOW__LEASE_SECONDS": "soon"}, "REGISTRAR_FLOW__LEASE_SECONDS: flow.lease_seconds: "),
        ({"REGISTRAR_FLOW__LEASE_SECONDS": "30"}, "call_seconds < lease_seconds"),
        ({"REGISTRAR_API__PORT": "70000"}, "api.port"),
        ({"REGISTRAR_DATABASE__URL": "mysql://x"}, "database.url"),
        ({"REGISTRAR_STATE": "var"}, "absolute"),
        ({"REGISTRAR_REGISTRARS__EPP__ADAPTER": "epp"}, "registrars.epp.adapter"),
        ({"REGISTRAR_REGISTRARS__ACME__HOST": "epp.example.net"}, "registrars.acme.adapter is missing"),
        (
            {
                "REGISTRAR_REGISTRARS__EPP__IN_FLIGHT_CAP": "32",
                "REGISTRAR_REGISTRARS__EPP__ENABLED": "true",
            },
            "below flow.worker_threads",
        ),
        ({"REGISTRAR_ZONES__COM__RENEW__REGISTRARS": '["acme"]'}, "zones.com is sold at 'acme'"),
        ({"REGISTRAR_ZONES__COM__CURRENCY": "XXX"}, "the books know these currencies: AED"),
        ({"REGISTRAR_FLOW": "1"}, "flow"),
        ({"REGISTRAR_API__PORT__X": "1"}, "single value elsewhere"),
        ({"REGISTRAR_CONFIG": "/nowhere/at/all"}, "/nowhere/at/all is no folder"),
        ({"HOME": ""}, "set REGISTRAR_STATE"),
        (
            {"REGISTRAR_SECRET_KEYS_FILE": "/nowhere/at/all"},
            "REGISTRAR_SECRET_KEYS_FILE names /nowhere/at/all",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(variables: dict[str, str], said: str) -> None:
    """A value that cannot be right stops the start, with words that say which and why."""
    assert said in refusal(**variables)


def test_every_fault_is_named_at_once() -> None:
    """Two faults are told together, one line each."""
    said = refusal(REGISTRAR_API__PORT="x", REGISTRAR_FLOW__MAX_CRASHES="0")
    assert len(said.splitlines()) == 2


def test_a_secret_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    """A token in a variable and in a file that another names is a question, so it is asked."""
    (tmp_path / "token").write_text(PLANTED, encoding="utf-8")
    said = refusal(
        REGISTRAR_REGISTRARS__IRNIC__TOKEN="x",
        REGISTRAR_REGISTRARS__IRNIC__TOKEN_FILE=str(tmp_path / "token"),
    )
    assert "is given by REGISTRAR_REGISTRARS__IRNIC__TOKEN too" in said


def test_a_file_that_nobody_reads_is_an_error(tmp_path: Path) -> None:
    """A misspelt file name is never passed over in silence."""
    assert "registars.toml is read by nobody" in refusal(folder_with(tmp_path, {"registars.toml": ""}))


@pytest.mark.parametrize("text", ["[api", "port = \udcff"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    """A broken file is named."""
    (tmp_path / "registrar.toml").write_bytes(text.encode(errors="surrogateescape"))
    assert f"{tmp_path}/registrar.toml cannot be read" in refusal(tmp_path)


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    """An empty file is no password."""
    (tmp_path / "empty").touch()
    assert "is empty" in refusal(REGISTRAR_REGISTRARS__EPP__PASSWORD_FILE=str(tmp_path / "empty"))


def test_settings_do_not_change_after_the_start() -> None:
    """What was read at the start holds until the end."""
    with pytest.raises(ValueError, match="frozen"):
        settings().flow.max_attempts = 1


def test_the_nightly_look_begins_after_irnic_has_opened_again() -> None:
    """Out of the package every name is looked at each night or every other one, from 01:30 by Tehran's clock."""
    sync = settings().sync
    assert (sync.at[0], sync.zone) == ("01:30", "Asia/Tehran")
    assert sync.near_hours < sync.soon_hours < 24 < sync.far_hours < 48


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("AT", "25:00", "sync.at"),
        ("AT", "1:30", "sync.at"),
        ("ZONE", "Asia/Nowhere", "sync.zone: must be a time zone"),
        ("NEAR_HOURS", "30", "near_hours <= soon_hours <= far_hours"),
        ("NEAR_WINDOW_DAYS", "60", "near_window_days <= soon_window_days"),
        ("CLAIM_SECONDS", "1000", "claim_seconds <= lease_seconds"),
        ("BREAKER_SHARE", "1.5", "sync.breaker_share"),
    ],
)
def test_a_night_that_cannot_be_is_refused(variable: str, value: str, said: str) -> None:
    """A time that no clock shows, or limits in the wrong order, stop the start and say what is wrong."""
    assert said in refusal(**{f"REGISTRAR_SYNC__{variable}": value})


def test_the_nightly_look_may_be_switched_off() -> None:
    """Without a time nothing begins by itself."""
    assert settings(REGISTRAR_SYNC__AT="").sync.at == ()


def test_several_times_stand_in_one_variable() -> None:
    """Apart by commas or blanks."""
    assert settings(REGISTRAR_SYNC__AT="01:30, 13:30").sync.at == ("01:30", "13:30")
