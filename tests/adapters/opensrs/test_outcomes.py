"""What each code of OpenSRS's means for the customer's money, over the wire (facts §3.3)."""

from typing import Any

import pytest

from registrar.gateway import Gateway
from registrar.outcomes import Done, NotSent, Pending, Unknown
from tests.adapters.opensrs.conftest import Calls
from tests.adapters.opensrs.house import (
    COMMANDS,
    EXPIRY,
    NOT_OURS,
    REGISTER,
    RENEW,
    RESTORE,
    SENT_AS,
    TRANSFER,
    all_info,
    brief,
)
from tests.adapters.opensrs.scripted import Script, ScriptedRegistrar, answers, freezes, stays

EVERY = """
400  some internal error                      unknown
400  Access denied: invalid IP                blocked credentials
400  please retry                             unknown
400  Insufficient funds                       blocked deposit
401  Authentication error                     blocked credentials
404  registry error                           unknown
405  registry error                           unknown
410  not permitted                            blocked credentials
420  not permitted                            blocked credentials
430  bad command                              blocked request
435  not permitted                            blocked credentials
436  bad command                              blocked request
437  another request is waiting               notsent
440  quota                                    blocked request
445  bad command                              blocked request
447  bad command                              blocked request
460  missing field                            blocked request
465  something about nothing                  unknown
486  exists and in processing                 unknown
500  lookup fault                             unknown
705  timed out, please resubmit               unknown
300  deferred                                 notsent
310  too many connections                     notsent
350  too many commands                        notsent
3001 quota                                    blocked request
999  nobody knows this code                   unknown
210  a look-up's answer                       unknown
"""

EACH = """
register  415  profile refused                          blocked credentials
register  465  invalid owner email                      correctable contacts
register  465  invalid nameserver ns1                   correctable nameservers
register  465  invalid domain syntax                    refused policy
register  465  invalid reg_username                     blocked request
register  465  Insufficient funds                       blocked deposit
register  480  not found                                unknown
register  485  Domain taken                             refused already_registered confirm
register  487  not transferable                         unknown
register  555  already renewed                          unknown
renew     415  may not be seen                          blocked request
renew     465  Domain Already Renewed                   refused expiry_conflict confirm
renew     465  invalid currentexpirationyear            refused expiry_conflict confirm
renew     465  period would reach too far               refused not_renewable confirm
renew     480  renewal not allowed                      refused not_renewable confirm
renew     485  taken                                    unknown
renew     555  already renewed                          refused expiry_conflict confirm
transfer  415  profile refused                          blocked credentials
transfer  465  invalid auth_info                        correctable auth_info
transfer  465  invalid owner phone                      correctable contacts
transfer  485  taken                                    refused not_transferable confirm
transfer  487  not transferable                         refused not_transferable confirm
transfer  487  Domain is locked                         correctable unlock
restore   415  may not be seen                          blocked request
restore   465  not in its redemption period             refused not_restorable confirm
restore   480  not found                                refused not_restorable confirm
"""


def rows() -> list[tuple[str, int, str, str]]:
    """Return the tables as (command, code, text, outcome)."""
    every = [(command, *line.split(maxsplit=1)) for line in EVERY.split("\n") if line for command in COMMANDS]
    each = [tuple(line.split(maxsplit=2)) for line in EACH.split("\n") if line]
    split = [
        (command, code, *map(str.strip, rest.rsplit("  ", 1))) for command, code, rest in (*every, *each)
    ]
    return [(command, int(code), text, outcome) for command, code, text, outcome in split]


@pytest.mark.parametrize(("command", "code", "text", "expected"), rows())
def test_each_code_is_read_for_what_it_means(
    *,
    command: str,
    code: int,
    text: str,
    expected: str,
    gateway: Gateway,
    opensrs: ScriptedRegistrar,
    call: Calls,
) -> None:
    """Whether money goes back depends on OpenSRS's code, and what does not say gives nothing back."""
    opensrs.on(SENT_AS[command], answers(code, text, success=code == 210))
    outcome = gateway.execute(COMMANDS[command], call())
    assert brief(outcome) == expected
    assert opensrs.asked.count(SENT_AS[command]) == 1
    reply = getattr(outcome, "reply", None)
    assert isinstance(outcome, NotSent) or (reply and reply.result_code == str(code))


def test_what_was_put_off_is_sent_again_after_a_pause(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """When another request waits on the name, the order waits too, and is not counted against the network."""
    opensrs.on("RENEW", answers(437, "waiting"))
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after
    assert not outcome.unreachable


SUCCESSES: dict[str, tuple[Script, str]] = {
    "a 200 that calls itself a failure": (answers(200, success=False), "unknown"),
    "250": (answers(250, id="3500001"), "pending"),
    "200 with a reason to wait": (answers(200, id="3500001", async_reason="general"), "pending"),
    "300 with an order": (answers(300, success=True, id="3500001"), "pending"),
    "300 that says nothing": (answers(300, success=True), "unknown"),
    "200 but only saved": (answers(200, id="3500001", forced_pending="3500001"), "pending"),
    "485 but saved": (answers(485, id="3500001", forced_pending="1"), "pending"),
}


@pytest.mark.parametrize(("script", "expected"), SUCCESSES.values(), ids=SUCCESSES.keys())
def test_not_every_success_is_one(
    script: Script, expected: str, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """An order that OpenSRS has only taken, or only saved, is followed; it is never called done."""
    opensrs.on("SW_REGISTER", script)
    opensrs.on("GET all_info", all_info())
    outcome = gateway.execute(REGISTER, call())
    assert brief(outcome) == expected
    if isinstance(outcome, Pending):
        assert outcome.registry_id == "3500001"


def test_the_saved_order_is_named_by_its_own_key(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """Where the answer names the saved order only in `forced_pending`, that number is kept."""
    opensrs.on("RENEW", answers(200, forced_pending="3500009"))
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, Pending)
    assert outcome.registry_id == "3500009"


def test_a_registration_is_done_when_the_name_shows_it(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A registration is done once the name stands in our account, with its expiry."""
    opensrs.on("SW_REGISTER", answers(200, id="3500001"))
    opensrs.on("GET all_info", all_info())
    outcome = gateway.execute(REGISTER, call())
    assert isinstance(outcome, Done)
    assert outcome.expiry == EXPIRY
    assert outcome.registry_id == "3500001"


@pytest.mark.parametrize(
    "read_back",
    [
        NOT_OURS,
        freezes,
        all_info(sponsoring_rsp="0"),
        stays(b"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_a_registration_that_does_not_show_is_followed(
    read_back: Script, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A success that the name itself does not show yet is followed, not believed."""
    opensrs.on("SW_REGISTER", answers(200, id="3500001"))
    opensrs.on("GET all_info", read_back)
    assert isinstance(gateway.execute(REGISTER, call(seconds=1.5)), Pending)


def test_a_renewal_is_done_when_the_date_has_moved(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A renewal is done with the date that was read back, not the one that the answer claims."""
    claimed: dict[str, Any] = {"registration expiration date": "2031-01-01"}
    opensrs.on("RENEW", answers(200, order_id="3500001", **claimed))
    moved = {"expiredate": "2028-03-01 20:50:00", "registry_expiredate": "2028-03-01 21:00:00"}
    opensrs.on("GET all_info", all_info(**moved))
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, Done)
    assert outcome.expiry is not None
    assert outcome.renew_by is not None
    assert (outcome.expiry.text, outcome.renew_by.text) == ("2028-03-01 21:00:00", "2028-03-01 20:50:00")


def test_a_renewal_whose_date_has_not_moved_is_followed(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """OpenSRS says that it renewed, and the date is the old one: nobody calls that done."""
    opensrs.on("RENEW", answers(200, order_id="3500001"))
    opensrs.on("GET all_info", all_info())
    assert isinstance(gateway.execute(RENEW, call()), Pending)


def test_a_transfer_is_always_followed(gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls) -> None:
    """A transfer that was asked for is not a transfer that happened."""
    opensrs.on("SW_REGISTER", answers(200, id="3500001"))
    assert isinstance(gateway.execute(TRANSFER, call()), Pending)


@pytest.mark.parametrize(("status", "expected"), [("active", Done), ("redemption", Pending)])
def test_a_restore_is_done_when_the_name_is_out_of_redemption(
    status: str, expected: type, gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A restored name is called so once it has left redemption."""
    opensrs.on("REDEEM", answers(200, order_id="3500001"))
    opensrs.on("GET all_info", all_info(status=status))
    assert isinstance(gateway.execute(RESTORE, call()), expected)


def test_nothing_answered_counts_against_the_network(
    gateway: Gateway, opensrs: ScriptedRegistrar, call: Calls
) -> None:
    """A page in place of an answer says nothing of the order, and carries no code of OpenSRS's."""
    opensrs.on("RENEW", stays(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
    outcome = gateway.execute(RENEW, call())
    assert isinstance(outcome, Unknown)
    assert outcome.reply is not None
    assert outcome.reply.result_code is None
