"""Is each answer of an RDAP server read for what it proves, and for no more?"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.lookups.rdap import read_answer
from adapters.lookups.rdap.statuses import epp_word
from registrar.commands import Expiry
from registrar.gateway import Sighting, Standing
from registrar.names import DomainName
from tests.adapters.rdap.scripted import a_domain

NAME = DomainName("example.test", "test")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
_OWN = {"eventAction": "registrar expiration", "eventDate": "2026-12-01T00:00:00Z"}


def read(content: object, *, status: int = 200, **more: Any) -> Sighting:
    """Read one answer of the registry's own server."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    told = {"domain": NAME, "server": "rdap.example", "seen_at": NOW, "authoritative": True, **more}
    return read_answer(status, body, **told)


def test_a_registered_name_is_read_whole() -> None:
    """A registry's full answer tells the dates, the registrar, the states, the name servers and the signers."""
    registrar = {
        "objectClassName": "entity",
        "handle": "292",
        "roles": ["Registrar"],
        "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Example\n Registrar"]]],
    }
    seen = read(
        a_domain(
            "EXAMPLE.test.",
            status=["client transfer prohibited", "auto renew period", "locked"],
            events=[
                {"eventAction": "registration", "eventDate": "2020-02-29T00:00:00.000+0000"},
                {"eventAction": "Expiration", "eventDate": "2027-02-28T23:59:59+03:30"},
                {"eventAction": "registrar expiration", "eventDate": "2026-12-01T00:00:00Z"},
                {"eventAction": "last changed", "eventDate": "2026-01-01T00:00:00Z"},
            ],
            nameservers=[
                {"ldhName": "NS2.example.NET."},
                {"ldhName": "ns_1.example.net"},
                {"unicodeName": "مثال.example"},
            ],
            entities=[{"roles": None}, {"roles": ["abuse"], "handle": "x"}, registrar],
            secureDNS={
                "delegationSigned": True,
                "dsData": [
                    {"keyTag": 12345, "algorithm": 13, "digestType": 2, "digest": "ab12"},
                    {"keyTag": 1},
                ],
            },
        )
    )
    assert seen == Sighting(
        NAME,
        NOW,
        "rdap:rdap.example",
        Standing.REGISTERED,
        sponsor="Example Registrar",
        created_at=datetime(2020, 2, 29, tzinfo=UTC),
        expiry=Expiry(datetime(2027, 2, 28, 20, 29, 59, tzinfo=UTC), "2027-02-28T23:59:59+03:30"),
        renewed_by_registry=True,
        renew_by=Expiry(datetime(2026, 12, 1, tzinfo=UTC), "2026-12-01T00:00:00Z"),
        statuses=frozenset({"clientTransferProhibited", "autoRenewPeriod", "locked"}),
        nameservers=("ns2.example.net", "ns_1.example.net", "xn--mgbh0fb.example"),
        ds_records=("12345 13 2 AB12",),
    )


@pytest.mark.parametrize(
    ("events", "entities"),
    [
        ([], [{"roles": ["registrar"], "handle": "292", "events": [_OWN]}]),
        ([{**_OWN, "eventDate": "2027-02-30T00:00:00Z"}], []),
        ([_OWN, {**_OWN, "eventDate": "2026-12-02T00:00:00Z"}], []),
    ],
)
def test_a_registrars_own_date_is_the_names_or_none(events: list[Any], entities: list[Any]) -> None:
    """The end of a registrar's contract with the registry is no name's date; nor is a day that is none, nor one of two."""
    ends = {"eventAction": "expiration", "eventDate": "2027-01-01T00:00:00Z"}
    seen = read(a_domain("example.test", events=[ends, *events], entities=entities))
    assert (seen.renew_by, seen.reason) == (None, "")
    assert seen.expiry is not None


@pytest.mark.parametrize(
    ("spaced", "word"),
    [
        ("active", "ok"), ("associated", "linked"), ("inactive", "inactive"), ("add period", "addPeriod"),
        ("auto renew period", "autoRenewPeriod"), ("client delete prohibited", "clientDeleteProhibited"),
        ("client hold", "clientHold"), ("client renew prohibited", "clientRenewProhibited"),
        ("client transfer prohibited", "clientTransferProhibited"),
        ("client update prohibited", "clientUpdateProhibited"), ("pending create", "pendingCreate"),
        ("pending delete", "pendingDelete"), ("pending renew", "pendingRenew"),
        ("pending restore", "pendingRestore"), ("pending transfer", "pendingTransfer"),
        ("pending update", "pendingUpdate"), ("redemption period", "redemptionPeriod"),
        ("renew period", "renewPeriod"), ("server delete prohibited", "serverDeleteProhibited"),
        ("server hold", "serverHold"), ("server renew prohibited", "serverRenewProhibited"),
        ("server transfer prohibited", "serverTransferProhibited"),
        ("server update prohibited", "serverUpdateProhibited"), ("transfer period", "transferPeriod"),
        ("Client Hold", "clientHold"), ("clientHold", "clientHold"), ("obscured", "obscured"),
    ],
)  # fmt: skip
def test_a_status_is_called_as_in_epp(spaced: str, word: str) -> None:
    """Each state of RFC 8056 has EPP's word, whichever way it was written; others keep their own."""
    assert epp_word(spaced) == word


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], ""),
        (None, ""),
        ([{"eventAction": "registration", "eventDate": "2020-01-01T00:00:00Z"}, {"eventAction": 7}], ""),
        ([{"eventAction": "expiration", "eventDate": "2027-02-30T00:00:00Z"}], "can be none"),
        ([{"eventAction": "expiration", "eventDate": "0001-01-01T00:00:00Z"}], "can be none"),
        ([{"eventAction": "expiration", "eventDate": "9999-12-31T00:00:00Z"}], "can be none"),
        (
            [
                {"eventAction": "expiration", "eventDate": "2027-01-01T00:00:00Z"},
                {"eventAction": "expiration", "eventDate": "2028-01-01T00:00:00Z"},
            ],
            "differ",
        ),
    ],
)
def test_a_name_without_a_usable_date_is_registered_all_the_same(events: object, reason: str) -> None:
    """Whether a name is registered does not depend on its date: without one it is registered, with no date."""
    seen = read(a_domain(NAME.ascii, events=events))
    assert (seen.standing, seen.expiry) == (Standing.REGISTERED, None)
    assert reason in seen.reason
    assert bool(reason) == bool(seen.reason)
    assert bool(reason) == bool(seen.unread_expiry), "what stood there is kept"


def test_one_date_written_twice_is_one_date() -> None:
    """Two spellings of one instant do not contradict each other."""
    spellings = ["2027-01-01T00:00:00Z", "2027-01-01T03:30:00.000+0330"]
    seen = read(
        a_domain(NAME.ascii, events=[{"eventAction": "expiration", "eventDate": text} for text in spellings])
    )
    assert seen.expiry is not None
    assert seen.expiry.at == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_name_in_redemption_can_be_restored() -> None:
    """A deleted name that its registry still keeps is seen as restorable."""
    seen = read(a_domain(NAME.ascii, status=["pending delete", "redemption period"]))
    assert seen.restorable
    assert not read(a_domain(NAME.ascii)).restorable


@pytest.mark.parametrize(
    ("entity", "sponsor"),
    [
        ({"handle": "292"}, "292"),
        ({"handle": "292", "vcardArray": {}}, "292"),
        (
            {"handle": "292", "vcardArray": ["vcard", [["fn", {}, "text", " "], ["org", {}, "text", "Org"]]]},
            "Org",
        ),
        ({"vcardArray": ["vcard", ["fn", {}, "text", "Flat"]]}, "Flat"),
        ({"vcardArray": ["vcard", [["fn", {}, "text", ["a", "b"]], ["fn"], "fn", 7]]}, None),
        ({"handle": 292}, None),
        ({}, None),
    ],
)
def test_the_registrar_is_called_by_its_name_or_its_handle(
    entity: dict[str, object], sponsor: str | None
) -> None:
    """A registrar is told by the name on its card, else by its handle, however carelessly the card is written."""
    assert read(a_domain(NAME.ascii, entities=[{"roles": ["registrar"], **entity}])).sponsor == sponsor


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"<!doctype html><title>Too many requests</title>", "not JSON"),
        (json.dumps(a_domain(NAME.ascii)).encode()[:-9], "not JSON"),
        (b'{"objectClassName": "domain", "ldhName": "example.test", "lang": "\xff"}', "UTF-8"),
        (b'{"objectClassName": "domain", "ldhName": "other.test", "ldhName": "example.test"}', "twice"),
        (b"[" * 100_000, "deeply"),
        ([a_domain(NAME.ascii)], "no object"),
        ({"errorCode": 404}, "no domain object"),
        ({**a_domain(NAME.ascii), "objectClassName": "entity"}, "no domain object"),
        (a_domain("other.test"), "another name"),
        (a_domain("sub.example.test"), "another name"),
        (a_domain("exa mple.test"), "another name"),
        ({"objectClassName": "domain"}, "another name"),
        (a_domain(NAME.ascii, ldhName={"name": "example.test"}), "another name"),
        (a_domain(NAME.ascii, status="active"), "status"),
        (a_domain(NAME.ascii, status=[["active"]]), "status"),
        (a_domain(NAME.ascii, events={"eventAction": "expiration"}), "events"),
        (a_domain(NAME.ascii, events=[["expiration", "2027-01-01"]]), "events"),
        (a_domain(NAME.ascii, nameservers=["ns1.example.net"]), "nameservers"),
        (a_domain(NAME.ascii, nameservers=[{"ldhName": "ns1.example.net"}, {"handle": "7"}]), "name server"),
        (a_domain(NAME.ascii, nameservers=[{"ldhName": "192.0.2.1"}]), "name server"),
        (a_domain(NAME.ascii, entities={"roles": ["registrar"]}), "entities"),
        (a_domain(NAME.ascii, secureDNS=["x"]), "secureDNS"),
        (a_domain(NAME.ascii, secureDNS={"dsData": {}}), "dsData"),
    ],
)
def test_what_is_no_rdap_answer_tells_nothing(content: object, reason: str) -> None:
    """A page, half an answer, another name's answer or a wrong form leaves the name unknown, and says why."""
    seen = read(content)
    assert (seen.standing, seen.expiry) == (Standing.UNKNOWN, None)
    assert reason in seen.reason


@pytest.mark.parametrize("member", ["events", "status", "nameservers", "entities", "secureDNS"])
def test_an_empty_member_is_no_member(member: str) -> None:
    """Some servers write an empty list where they have nothing to say: that is as good as saying nothing."""
    assert read(a_domain(NAME.ascii, **{member: []})).standing is Standing.REGISTERED
    assert read(a_domain(NAME.ascii, **{member: None})).standing is Standing.REGISTERED


def test_the_answer_about_an_internationalized_name_is_recognised() -> None:
    """A name in another script is the same name in both its forms."""
    name = DomainName("xn--mgbh0fb.test", "test")
    by_unicode = {"objectClassName": "domain", "unicodeName": "مثال.test"}
    assert read(by_unicode, domain=name).standing is Standing.REGISTERED
    assert read(a_domain("مثال.test"), domain=name).standing is Standing.REGISTERED


@pytest.mark.parametrize(
    "body", [b"", b" \r\n", b'{"errorCode": 404, "title": "Not Found"}', b'\xef\xbb\xbf{"errorCode": "404"}']
)
def test_the_registry_saying_it_does_not_know_a_name_shows_that_it_is_free(body: bytes) -> None:
    """When the registry's own server has nothing to answer with, nobody holds the name."""
    assert read(body, status=404) == Sighting(NAME, NOW, "rdap:rdap.example", Standing.FREE)


@pytest.mark.parametrize("body", [b"", b'{"errorCode": 404}'])
def test_another_server_not_knowing_a_name_proves_nothing(body: bytes) -> None:
    """When a server that need not know the name does not know it, the name is unknown, not free."""
    seen = read(body, status=404, authoritative=False)
    assert seen.standing is Standing.UNKNOWN
    assert "not known to be its registry's own" in seen.reason


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Not Found</html>",
        b'{"message": "no Route matched"}',
        b"[]",
        b'{"errorCode": 500}',
        b'{"errorCode":',
    ],
)
def test_a_404_of_whatever_stands_before_the_server_proves_nothing(body: bytes) -> None:
    """A gateway's page about an unknown path does not make a name free."""
    assert read(body, status=404).standing is Standing.UNKNOWN


@pytest.mark.parametrize("status", [201, 204, 206, 301, 400, 401, 403, 410, 429, 500, 501, 502, 503])
def test_every_other_answer_leaves_the_name_unknown(status: int) -> None:
    """A limit, a refusal or an outage is no news of the name, whatever its body says."""
    seen = read(a_domain(NAME.ascii), status=status, retry_after=7.0)
    assert (seen.standing, seen.retry_after) == (Standing.UNKNOWN, 7.0)
    assert f"HTTP {status}" in seen.reason
