"""Every recorded answer of a real registry, and what each must come to; a recording without a line here is a failure."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.registrars.epp import fees
from adapters.registrars.epp.messages import ACKNOWLEDGED, head_of_queue
from adapters.registrars.epp.namespaces import DOMAIN, FEE
from adapters.registrars.epp.outcomes import outcome_of, outcome_of_errand, outcome_of_update
from adapters.registrars.epp.preparation import PreparationFailedError, Step, judge
from adapters.registrars.epp.reading import parse, read_response, text_of
from adapters.registrars.epp.redaction import transcript
from adapters.registrars.epp.session import Exchange, Prepared
from adapters.registrars.epp.sightings import Looker
from registrar.commands import Command, Expiry, Kind, Register, Renew, Transfer
from registrar.gateway import Sighting
from registrar.names import DomainName
from registrar.outcomes import Correction, Done, Reply
from registrar.secrets import Secret
from tests.adapters.epp.test_encoding import DOCUMENTS
from tests.adapters.epp.test_reading import recorded

OURS = "NewRegistrar"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def name_in(exchange: Exchange) -> DomainName:
    """Read which name an answer is about."""
    for part in exchange.response.object_parts():
        if found := text_of(part, f"{{{DOMAIN}}}name"):
            return DomainName(found.lower(), found.lower().rpartition(".")[2])
    return DomainName("example.test", "test")


def seen(exchange: Exchange) -> str:
    """Say what a look tells: whose, what state, how many hosts, until when."""
    sighting = Looker(name_in(exchange), own_id=OURS, source="epp:example", seen_at=NOW).info(exchange)
    return f"{_whose(sighting)} {','.join(sorted(sighting.statuses))} {len(sighting.nameservers)} {_until(sighting)}"


def _whose(sighting: Sighting) -> str:
    return (
        "restorable"
        if sighting.restorable
        else {True: "ours", False: "theirs"}.get(sighting.ours or False, "?")
    )


def _until(sighting: Sighting) -> str:
    return sighting.expiry.text[:10] if sighting.expiry else "?"


def ordered(make: Callable[[DomainName], Command]) -> Callable[[Exchange], str]:
    """Say what an order's answer comes to, with the date that is its evidence."""

    def come_to(exchange: Exchange) -> str:
        outcome = outcome_of(make(name_in(exchange)), exchange.response, exchange.reply)
        ends = outcome.expiry.text[:10] if isinstance(outcome, Done) and outcome.expiry else ""
        return " ".join(filter(None, (type(outcome).__name__, getattr(outcome, "reason", "")[:15], ends)))

    return come_to


registered = ordered(lambda name: Register(name, 12))
renewed = ordered(lambda name: Renew(name, 12, Expiry(NOW, "")))
moved = ordered(lambda name: Transfer(name, 12, Secret("x")))


def asked(exchange: Exchange) -> str:
    """Say how a transfer stands that we may have asked for."""
    looker = Looker(name_in(exchange), own_id="TheRegistrar", source="epp:example", seen_at=NOW)
    progress = looker.transfer_progress(exchange.response)
    return "cannot tell" if progress is None else str(progress.get(Kind.TRANSFER, "none"))


def prepared(exchange: Exchange) -> str:
    """Say what a contact's or a host's creation comes to."""
    try:
        judge(Step(Prepared(DOCUMENTS["host"], "T"), Correction.NAMESERVERS), exchange)
    except PreparationFailedError as failure:
        return type(failure.outcome).__name__
    return "ready"


def changed(exchange: Exchange) -> str:
    return type(outcome_of_update(exchange.response, exchange.reply)).__name__


def given_up(exchange: Exchange) -> str:
    return type(outcome_of_errand(exchange.response, exchange.reply, what="deletion")).__name__


def price(exchange: Exchange) -> str:
    """Say what a renewal costs, or a registration where only that was asked for."""
    part = next(iter(exchange.response.object_parts()))
    name = text_of(part, f"{{{DOMAIN}}}cd/{{{DOMAIN}}}name") or ""
    domain = DomainName(name, name.rpartition(".")[2])
    orders: list[Command] = [Renew(domain, 12, Expiry(NOW, "")), Register(domain, 12)]
    quotes = [fees.read_quote(exchange.response, order, FEE) for order in orders]
    return next(
        (f"{quote} premium" if quote.premium else str(quote) for quote in quotes if quote), "no price"
    )


def told(exchange: Exchange) -> str:
    """Say what a message is about, what it decides, and whether a person must hear of it."""
    message = head_of_queue(exchange, OURS)
    if message is None:
        return "empty"
    return f"{message.domain} {message.progress} {'attention' if message.attention else 'stored'}"


def acknowledged(exchange: Exchange) -> str:
    return "acknowledged" if exchange.response.code in ACKNOWLEDGED else "not acknowledged"


def only_read(exchange: Exchange) -> str:
    """Say what is read of an answer to a question that we never ask: its code, and that nobody's data are kept."""
    kept = transcript(exchange.response.root)
    return f"{exchange.reply.result_code} {'kept' if any(word in kept for word in PERSONAL) else 'masked'}"


PERSONAL = ("John Doe", "jdoe@example.com", "+1.7035555555", "2fooBAR", "Example Dr.")

TABLE: dict[str, tuple[Callable[[Exchange], str], str]] = {
    "contact_create_response_jd1234": (prepared, "ready"),
    "contact_create_response_sh8013": (prepared, "ready"),
    "contact_delete_response_sh8013": (only_read, "1000 masked"),
    "contact_delete_response_sh8013_pending": (only_read, "1001 masked"),
    "contact_info_from_create_response": (only_read, "1000 masked"),
    "contact_info_from_create_response_sanitized": (only_read, "1000 masked"),
    "contact_transfer_request_response_alternate": (only_read, "1001 masked"),
    "domain_check_fee_premium_response": (price, "100.00 USD premium"),
    "domain_check_fee_response_normalized_stdv1": (price, "499.00 USD premium"),
    "domain_check_fee_response_normalized_v06": (price, "no price"),
    "domain_check_fee_response_normalized_v11": (price, "no price"),
    "domain_check_fee_response_normalized_v12": (price, "no price"),
    "domain_check_fee_response_raw_stdv1": (price, "499.00 USD premium"),
    "domain_check_fee_response_raw_v06": (price, "no price"),
    "domain_check_fee_response_raw_v11": (price, "no price"),
    "domain_check_fee_response_raw_v12": (price, "no price"),
    "domain_check_fee_response_thirty_domains_normalized_v06": (price, "no price"),
    "domain_check_fee_response_thirty_domains_raw_v06": (price, "no price"),
    "domain_create_response": (registered, "Done 2027-03-01"),
    "domain_create_response_eap_fee": (registered, "Done 2002-06-01"),
    "domain_delete_response_fee": (given_up, "Done"),
    "domain_info_response": (seen, "ours ok 2 2005-04-03"),
    "domain_info_response_addperiod_wildcard": (seen, "ours addPeriod,inactive 0 2027-03-01"),
    "domain_info_response_after_transfer_after_argp": (seen, "theirs ok 2 2003-06-01"),
    "domain_info_response_after_transfer_during_argp": (seen, "theirs ok,transferPeriod 2 2003-06-01"),
    "domain_info_response_before_transfer_and_argp": (seen, "ours ok 2 2002-06-01"),
    "domain_info_response_before_transfer_during_argp": (seen, "ours autoRenewPeriod,ok 2 2003-06-01"),
    "domain_info_response_during_transfer_during_argp": (seen, "ours autoRenewPeriod,pendingTransfer 2 2003-06-01"),
    "domain_info_response_fakesite_3_nameservers": (seen, "ours ok 3 2002-06-01"),
    "domain_info_response_fakesite_3_nameservers_pending_transfer": (seen, "ours pendingTransfer 3 2002-06-01"),
    "domain_info_response_fakesite_3_nameservers_transfer_successful": (seen, "theirs ok 3 2003-06-01"),
    "domain_info_response_fakesite_inactive": (seen, "ours addPeriod,inactive 0 2002-06-01"),
    "domain_info_response_fakesite_ok": (seen, "ours addPeriod,ok 2 2002-06-01"),
    "domain_info_response_fakesite_ok_post_host_update": (seen, "ours ok 2 2002-06-01"),
    "domain_info_response_fakesite_pending_delete": (seen, "restorable pendingDelete,redemptionPeriod 2 2002-06-01"),
    "domain_info_response_fakesite_pending_transfer": (seen, "ours pendingTransfer 2 2002-06-01"),
    "domain_info_response_fakesite_pending_transfer_autorenew": (seen, "ours autoRenewPeriod,pendingTransfer 2 2003-06-01"),
    "domain_info_response_fakesite_restored_ok": (seen, "ours ok 2 2002-06-01"),
    "domain_info_response_fakesite_transfer_complete": (seen, "theirs ok 2 2003-06-01"),
    "domain_info_response_fakesite_transfer_period": (seen, "theirs ok,transferPeriod 2 2003-06-01"),
    "domain_info_response_graceperiod": (seen, "ours inactive,text 0 2027-03-01"),
    "domain_info_response_graceperiod_add_and_renew": (seen, "ours addPeriod,inactive,renewPeriod 0 2027-03-01"),
    "domain_info_response_inactive": (seen, "ours inactive 0 2027-03-01"),
    "domain_info_response_inactive_grace_period": (seen, "ours inactive,text 0 2027-03-01"),
    "domain_info_response_ok_wildcard": (seen, "ours addPeriod,ok 2 2027-03-01"),
    "domain_info_response_redemptionperiod_wildcard": (
        seen, "restorable inactive,pendingDelete,redemptionPeriod 0 2027-03-01"
    ),
    "domain_info_response_sanitized": (seen, "ours ok 2 2005-04-03"),
    "domain_info_response_testvalidate_ok": (seen, "ours addPeriod,ok 2 2015-03-02"),
    "domain_info_response_wildcard": (seen, "ours inactive,pendingDelete,text 0 2002-06-01"),
    "domain_info_response_wildcard_after_redemption": (seen, "ours inactive,pendingDelete,text 0 2002-06-01"),
    "domain_renew_response": (renewed, "Done 2027-03-01"),
    "domain_renew_response_exceeds_max_years": (renewed, "Refused expiry_conflict"),
    "domain_transfer_query_response_completed_fakesite": (asked, "approved"),
    "domain_transfer_query_response_fakesite": (asked, "under_way"),
    "domain_transfer_query_response_wildcard": (asked, "none"),
    "domain_transfer_query_response_wildcard_not_requested": (asked, "none"),
    "domain_transfer_response": (moved, "Pending"),
    "domain_transfer_response_1_year": (moved, "Pending"),
    "generic_success_action_pending_response": (changed, "Pending"),
    "generic_success_response": (changed, "Done"),
    "host_create_response": (prepared, "ready"),
    "host_create_response_example": (prepared, "ready"),
    "host_create_response_fakesite": (prepared, "ready"),
    "host_create_response_fakesite2": (prepared, "ready"),
    "host_info_response": (only_read, "1000 masked"),
    "host_info_response_fakesite2": (only_read, "1000 masked"),
    "host_info_response_fakesite_linked": (only_read, "1000 masked"),
    "host_info_response_fakesite_ok": (only_read, "1000 masked"),
    "host_info_response_fakesite_post_transfer": (only_read, "1000 masked"),
    "host_info_response_fakesite_post_transfer_and_update": (only_read, "1000 masked"),
    "host_info_response_fakesite_post_transfer_and_update_no_addresses": (only_read, "1000 masked"),
    "host_info_response_fakesite_post_update": (only_read, "1000 masked"),
    "host_info_response_ns1": (only_read, "1000 masked"),
    "host_info_response_ns2": (only_read, "1000 masked"),
    "host_info_response_ns9000_example": (only_read, "1000 masked"),
    "logout_response": (only_read, "1500 masked"),
    "poll_ack_response_empty": (acknowledged, "acknowledged"),
    "poll_response_autorenew": (told, "example.test None stored"),
    "poll_response_contact_transfer": (told, "None None stored"),
    "poll_response_domain_transfer_request": (told, "fakesite.example None attention"),
    "poll_response_domain_transfer_server_approve_loser": (told, "fakesite.example None attention"),
    "poll_response_domain_transfer_server_approve_winner": (told, "fakesite.example approved attention"),
    "poll_response_empty": (told, "empty"),
    "poll_response_server_hold": (told, "example.tld approved stored"),
    "poll_response_unrenew": (told, "None None stored"),
    "response_error": (changed, "Refused"),
    "response_error_no_cltrid": (changed, "Refused"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_a_recorded_answer_comes_to_what_it_meant(frames: Path, name: str) -> None:
    """Each recorded answer is read as the registry meant it."""
    come_to, expected = TABLE[name]
    answer = read_response(parse(recorded(frames, f"{name}.xml")))
    assert come_to(Exchange(answer, Reply(result_code=answer.codes, text=answer.text))) == expected


def test_no_recorded_answer_is_passed_over(frames: Path) -> None:
    """The table has a line for every recording, and none for what is not there."""
    assert {path.stem for path in frames.iterdir() if "response" in path.name} == set(TABLE)
