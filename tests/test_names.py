# ruff: noqa: RUF001 - Persian letters are what is tried here
"""Is a name read the same however it is written, and refused with a reason where it cannot be registered? Always."""

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrar.names import DomainName, NameRefusedError, host_name, zone_of

ZONES = frozenset({"com", "ir", "co.ir", "xn--mgba3a4f16a"})
ZWNJ = "\u200c"
ARABIC_YEH, ARABIC_KAF, RIGHT_TO_LEFT_MARK = "\u064a", "\u0643", "\u200f"


@pytest.mark.parametrize(
    ("text", "ascii_form", "zone"),
    [
        ("example.com", "example.com", "com"),
        ("EXAMPLE.IR", "example.ir", "ir"),
        ("  example.ir.  ", "example.ir", "ir"),
        ("example.co.ir", "example.co.ir", "co.ir"),
        ("مثال.ایران", "xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgba3a4f16a"),
        ("xn--mgbh0fb.XN--MGBA3A4F16A", "xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgba3a4f16a"),
        (f"مثال.ا{ARABIC_YEH}ران", "xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgba3a4f16a"),
        (
            f"{RIGHT_TO_LEFT_MARK}مثال.ایران{RIGHT_TO_LEFT_MARK}",
            "xn--mgbh0fb.xn--mgba3a4f16a",
            "xn--mgba3a4f16a",
        ),
        ("example。com", "example.com", "com"),
        ("bücher.com", "xn--bcher-kva.com", "com"),
    ],
)
def test_a_name_is_brought_to_one_normal_form(text: str, ascii_form: str, zone: str) -> None:
    """However a customer writes a name, we order the same one."""
    assert DomainName.parse(text, zones=ZONES) == DomainName(ascii_form, zone)


@pytest.mark.parametrize(
    ("arabic", "persian"), [(ARABIC_YEH, "ی"), (ARABIC_KAF, "ک"), ("\u0649", "ی"), ("\u0629", "ه")]
)
def test_arabic_letters_become_persian_ones_under_iran(arabic: str, persian: str) -> None:
    """A name typed on an Arabic keyboard is the Persian name that the registry keeps."""
    typed = DomainName.parse(f"ب{arabic}ت.ایران", zones=ZONES)
    assert typed == DomainName.parse(f"ب{persian}ت.ایران", zones=ZONES)
    assert typed.unicode == f"ب{persian}ت.ایران"


def test_an_a_label_with_arabic_letters_is_the_persian_name_too() -> None:
    """One name under .ایران has one spelling with us, so two orders cannot hold it side by side."""
    arabic = DomainName.parse(f"{ARABIC_KAF}تاب.com", zones=ZONES).label
    assert DomainName.parse(f"{arabic}.ایران", zones=ZONES) == DomainName.parse("کتاب.ایران", zones=ZONES)


def test_arabic_letters_stay_under_other_zones() -> None:
    """In .com an Arabic kaf is a letter of its own, and the name stays what was typed."""
    arabic = DomainName.parse(f"{ARABIC_KAF}تاب.com", zones=ZONES)
    assert arabic != DomainName.parse("کتاب.com", zones=ZONES)


def test_a_zwnj_inside_a_name_is_kept_and_at_its_edge_is_not() -> None:
    """A half-space between Persian letters makes another name; one at the edge is a slip of the finger."""
    inside = DomainName.parse(f"می{ZWNJ}خواهم.ایران", zones=ZONES)
    assert inside.unicode == f"می{ZWNJ}خواهم.ایران"
    assert inside != DomainName.parse("میخواهم.ایران", zones=ZONES)
    assert DomainName.parse(f"مثال{ZWNJ}.ایران", zones=ZONES) == DomainName.parse("مثال.ایران", zones=ZONES)


@pytest.mark.parametrize(
    ("text", "code", "advice"),
    [
        ("https://example.com/", "name_is_url", "bare name"),
        ("example.com/shop", "name_is_url", "bare name"),
        ("someone@example.com", "name_is_url", "bare name"),
        ("example.com:443", "name_is_url", "bare name"),
        ("www.example.com", "name_not_registrable", "'example.com'"),
        ("a.b.example.co.ir", "name_not_registrable", "'example.co.ir'"),
        ("com", "name_is_zone", "one label"),
        ("co.ir", "name_is_zone", "one label"),
        ("example.net", "zone_not_sold", "sold zones"),
        ("example.co.uk", "zone_not_sold", "'co.uk'"),
        ("example.nosuchtop", "zone_not_sold", "'nosuchtop'"),
        ("", "name_invalid", "example.com"),
        (".", "name_invalid", "example.com"),
        ("example..com", "name_invalid", "empty label"),
        ("-example.com", "name_invalid", "not a valid name"),
        ("exa mple.com", "name_invalid", "not a valid name"),
        ("exa_mple.com", "name_invalid", "not a valid name"),
        ("ex\nample.com", "name_invalid", "not a valid name"),
        (f"exam{ZWNJ}ple.com", "name_invalid", "not a valid name"),
        (f"{'a' * 64}.com", "name_invalid", "not a valid name"),
        ("xn--zzzzzzzz99.com", "name_invalid", "not a valid name"),
        (f"{'a.' * 130}com", "name_too_long", "253"),
        ("a" * 1_000_000, "name_too_long", "253"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_a_reason(text: str, code: str, advice: str) -> None:
    """What is no registrable name is refused, with a code that stays and words that say what to write instead."""
    with pytest.raises(NameRefusedError) as refusal:
        DomainName.parse(text, zones=ZONES)
    assert refusal.value.code == code
    assert advice in str(refusal.value)
    assert len(str(refusal.value)) < 1000


def test_where_nothing_is_sold_the_reason_is_told() -> None:
    """Without any registrar no zone is sold: that is said instead of an empty list."""
    with pytest.raises(NameRefusedError, match="no registrar is enabled"):
        DomainName.parse("example.com", zones=())


def test_a_second_level_zone_is_not_a_name_of_the_first() -> None:
    """Where only .ir is sold, example.co.ir is not taken for a name under it."""
    with pytest.raises(NameRefusedError, match=r"co\.ir"):
        DomainName.parse("example.co.ir", zones={"ir"})


def test_a_name_shows_its_parts() -> None:
    """A name knows its label and its zone, and prints as the registry writes it."""
    name = DomainName.parse("مثال.ایران", zones=ZONES)
    assert (name.label, name.zone, str(name), name.unicode) == (
        "xn--mgbh0fb",
        "xn--mgba3a4f16a",
        "xn--mgbh0fb.xn--mgba3a4f16a",
        "مثال.ایران",
    )


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_name_or_a_refusal(text: str) -> None:
    """No text crashes us: it is a name in its normal form, which reads back as itself, or it is refused."""
    try:
        name = DomainName.parse(text, zones=ZONES)
    except NameRefusedError:
        return
    assert DomainName.parse(name.ascii, zones=ZONES) == name
    assert DomainName.parse(name.unicode, zones=ZONES) == name


@given(st.from_regex(r"[a-z0-9]([a-z0-9]{0,20}[a-z0-9])?", fullmatch=True), st.sampled_from(sorted(ZONES)))
def test_every_plain_label_is_accepted_in_every_zone(label: str, zone: str) -> None:
    """Letters and digits are a good name wherever we sell."""
    if label[2:4] != "--":
        assert DomainName.parse(f"{label}.{zone}", zones=ZONES) == DomainName(f"{label}.{zone}", zone)


def test_zones_are_configured_in_either_script() -> None:
    """A zone may be written as people write it."""
    assert (zone_of("ایران"), zone_of("CO.IR.")) == ("xn--mgba3a4f16a", "co.ir")


def test_a_name_server_is_a_full_host_name() -> None:
    """A name server is given by its full name, in any case and with or without the last dot."""
    assert host_name("NS1.Example.NET.") == "ns1.example.net"
    for wrong in ("ns1", "192.0.2.1", "https://ns1.example.net"):
        with pytest.raises(NameRefusedError):
            host_name(wrong)


@given(st.text(alphabet="ab1-", min_size=1, max_size=64))
def test_a_plain_label_is_what_idna_says(label: str) -> None:
    """A label of plain letters, digits and hyphens is taken or refused as IDNA does, and never changed."""
    try:
        expected = idna.encode(label, uts46=True, transitional=False, std3_rules=True).decode()
    except idna.IDNAError:
        with pytest.raises(NameRefusedError):
            host_name(f"{label}.example")
    else:
        assert host_name(f"{label}.example") == f"{expected}.example"
