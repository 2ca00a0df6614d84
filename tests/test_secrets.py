"""Can a secret be printed, or a sealed one be read without its key? Neither."""

import json
import traceback
from collections.abc import Callable

import pytest

from registrar.commands import Transfer
from registrar.names import DomainName
from registrar.secrets import Keyring, KeyringError, Secret

PLANTED = "planted-auth-code-7"


@pytest.mark.parametrize(
    "show", [str, repr, "{}".format, "{!r:>10}".format, lambda secret: repr([secret, {"key": secret}])]
)
def test_a_secret_shows_itself_as_stars(show: Callable[[Secret], str]) -> None:
    """However an auth code is printed, stars come out."""
    shown = show(Secret(PLANTED))
    assert PLANTED not in shown
    assert "***" in shown


def test_a_secret_is_hidden_in_a_command_and_in_a_traceback() -> None:
    """An order's auth code shows neither in the command that carries it nor in an error about it."""
    command = Transfer(DomainName("example.com", "com"), 12, Secret(PLANTED))
    with pytest.raises(LookupError) as failure:
        raise LookupError(command)
    assert PLANTED not in repr(command) + "".join(traceback.format_exception(failure.value))


def test_a_secret_does_not_become_json() -> None:
    """A secret that strays into a message is an error, not a leak."""
    with pytest.raises(TypeError):
        json.dumps({"auth_info": Secret(PLANTED)})


def test_secrets_are_equal_by_their_text() -> None:
    """The same code given twice is the same code."""
    assert Secret(PLANTED) == Secret(PLANTED)
    assert Secret(PLANTED) != Secret("another")
    assert Secret(PLANTED) != PLANTED
    assert len({Secret(PLANTED), Secret(PLANTED)}) == 1


def test_what_is_sealed_is_opened_by_its_key_alone() -> None:
    """What the database keeps of an auth code is useless without our key."""
    keyring = Keyring([Keyring.new_key()])
    sealed = keyring.seal({"auth_info": PLANTED})
    assert PLANTED not in sealed
    assert keyring.open(sealed) == {"auth_info": PLANTED}
    with pytest.raises(KeyringError, match="no longer configured"):
        Keyring([Keyring.new_key()]).open(sealed)


def test_a_key_is_rotated_by_a_new_one_in_front() -> None:
    """After a new key is put in front, old seals still open and new ones need the new key."""
    old, new = Keyring.new_key(), Keyring.new_key()
    sealed_before = Keyring([old]).seal({"auth_info": PLANTED})
    rotated = Keyring([new, old])
    assert rotated.open(sealed_before) == {"auth_info": PLANTED}
    with pytest.raises(KeyringError):
        Keyring([old]).open(rotated.seal({"auth_info": PLANTED}))


def test_a_body_is_recognised_by_its_digest_under_any_key() -> None:
    """A repeated request is recognised after a key was rotated, whatever the order of its fields."""
    old, new = Keyring.new_key(), Keyring.new_key()
    digest = Keyring([old]).digest({"name": "example.com", "months": 12})
    assert Keyring([new, old]).same_digest(digest, {"months": 12, "name": "example.com"})
    assert not Keyring([new, old]).same_digest(digest, {"months": 24, "name": "example.com"})
    assert not Keyring([new]).same_digest(digest, {"months": 12, "name": "example.com"})


@pytest.mark.parametrize(("keys", "advice"), [([], "REGISTRAR_SECRET_KEYS"), ([Secret("short")], "32 bytes")])
def test_a_missing_or_broken_key_is_refused_in_words(keys: list[Secret], advice: str) -> None:
    """Without a usable key we say how to get one, and do not repeat what was given."""
    with pytest.raises(KeyringError, match=advice) as refusal:
        Keyring(keys)
    assert "short" not in str(refusal.value)
