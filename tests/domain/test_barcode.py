"""Codes: the examples of the standards, and everything that is none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.barcode import Reading, clean, item_id_of, parse, read
from kiosk_server.domain.commands import MAX_CODE_LENGTH
from kiosk_server.domain.errors import BadCheckDigit, BadCode, CodeTooLong

# Code as scanned -> the GTIN in 13 digits (14 where the first is not zero). Sources: GS1 General Specifications
# (figures of 2.1 and 5.2), the GS1 check digit calculator's examples, IFPS, products at hand.
GTINS = {
    "4006381333931": "4006381333931",  # EAN-13
    "5901234123457": "5901234123457",
    "9501101531000": "9501101531000",  # GS1 General Specifications' example company
    "96385074": "0000096385074",  # EAN-8
    "95012346": "0000095012346",
    "036000291452": "0036000291452",  # UPC-A
    "0036000291452": "0036000291452",  # the same in 13 digits
    "00036000291452": "0036000291452",  # and in 14
    "614141007349": "0614141007349",
    "04252614": "0042100005264",  # UPC-E -> 0 42100 00526 4
    "01278907": "0012000007897",  # UPC-E ending in 0: manufacturer 12000
    "14006381333938": "14006381333938",  # ITF-14, packaging level 1
    "04006381333931": "4006381333931",  # ITF-14 of the single item
    "]E04006381333931": "4006381333931",
    "]E496385074": "0000096385074",
    "]I114006381333938": "14006381333938",
    "]C10104006381333931": "4006381333931",  # GS1-128
    "]e00104006381333931": "4006381333931",  # GS1 DataBar
    "]d20104006381333931": "4006381333931",  # GS1 DataMatrix
    "]Q30104006381333931": "4006381333931",  # GS1 QR
    "]Q1https://id.gs1.org/01/04006381333931": "4006381333931",
    "https://id.gs1.org/01/04006381333931/10/ABC": "4006381333931",
    "https://example.com/some/path/01/09506000134352": "9506000134352",
    "978-3-16-148410-0": "9783161484100",  # as printed on a book
    "4 006381 333931": "4006381333931",  # as printed below the bars
}


@pytest.mark.parametrize(("code", "gtin"), GTINS.items())
def test_code_names_its_gtin(code: str, gtin: str) -> None:
    assert gtin in parse(code).lookups


def test_bare_ean_that_looks_like_an_application_identifier_is_an_ean() -> None:
    # AI (400) is "customer's purchase order number", and 400 is also Germany.
    assert parse("4006381333931") == Reading("4006381333931", ("4006381333931",))


def test_eight_digits_may_be_two_things_and_ean_8_comes_first() -> None:
    # 0 123456 5 is a valid EAN-8 and a valid UPC-E at once.
    assert parse("01234565").lookups == ("0000001234565", "0012345000065")


@pytest.mark.parametrize("plu", ["4011", "3000", "94011", "83001"])
def test_plu_stays_what_it_is(plu: str) -> None:
    assert parse(plu).lookups == (plu,)


@pytest.mark.parametrize("code", ["burger", "SKU-0001", "a", "7", "123", "shelf/4.2"])
def test_own_code_stays_what_it_is(code: str) -> None:
    assert item_id_of(code) == code


@pytest.mark.parametrize("frame", ["{}", " {}", "{}\r\n", "\x02{}\x03", "\ufeff{}", "\t{}\x00", "\u200b{}\u2029"])
@pytest.mark.parametrize("digits", ["4006381333931", "４００６３８１３３３９３１", "٤٠٠٦٣٨١٣٣٣٩٣١", "۴۰۰۶۳۸۱۳۳۳۹۳۱"])
def test_frame_and_script_of_the_digits_do_not_matter(frame: str, digits: str) -> None:
    assert parse(frame.format(digits)) == Reading("4006381333931", ("4006381333931",))


@pytest.mark.parametrize("code", [code for code in GTINS if code.isdecimal() and len(code) >= 12])
def test_every_single_wrong_digit_is_found(code: str) -> None:
    for position, digit in enumerate(code):
        wrong = code[:position] + str((int(digit) + 1) % 10) + code[position + 1 :]
        with pytest.raises(BadCheckDigit) as refusal:
            parse(wrong)
        assert refusal.value.details["found"] == int(wrong[-1])
        expected = refusal.value.details["expected"]
        assert read(wrong[:-1] + str(expected)), "the digit we ask for would be right"


GARBAGE = [
    "",
    " ",
    "\x00\x01\x02",
    "\ufeff",
    "]",
    "]C",
    "]C1",
    "]zz4006381333931",
    "]]]]]]]]",
    "]C1]C1]C1]C1",
    "]C10104006381333930",
    "]C199",
    "0" * 8,
    "0" * 13,
    "0" * 14,
    "12345678",
    "123456789",
    "1234567890",
    "12345678901",
    "123456789012345",
    "4006381333931\n4006381333931",
    "4006381333931 7612100055557",
    "4006\x00381333931",
    "http://",
    "https://example.com/",
    "https://id.gs1.org/01/1",
    "javascript:alert(1)",
    "<b>4011</b>",
    "'; DROP TABLE items;--",
    "🥛🍞",
    "4006381333931🥛",
    "Ⅷ",
    "²³",
    "½",
    "ö",
    "x" * 41,
    "-" * 13,
]


@pytest.mark.parametrize("code", GARBAGE)
def test_garbage_is_refused_in_words(code: str) -> None:
    with pytest.raises(BadCode) as refusal:
        parse(code)
    assert "Nothing was added" in refusal.value.message
    assert refusal.value.message.isprintable()


@pytest.mark.parametrize("length", [MAX_CODE_LENGTH + 1, 10_000, 1_000_000])
def test_too_much_is_refused_with_both_numbers(length: int) -> None:
    with pytest.raises(CodeTooLong) as refusal:
        parse("1" * length)
    assert refusal.value.details == {"length": length, "limit": MAX_CODE_LENGTH}


def test_longest_allowed_code_is_only_garbage() -> None:
    with pytest.raises(BadCode) as refusal:
        parse("1" * MAX_CODE_LENGTH)
    assert refusal.value.code == "bad_code"


@given(st.text(max_size=600))
def test_parse_answers_or_refuses_whatever_is_sent(text: str) -> None:
    try:
        reading = parse(text)
    except BadCode:
        return
    assert reading.lookups
    assert all(lookup.isascii() for lookup in reading.lookups)


SYMBOLOGY = st.sampled_from(["]C1", "]e0", "]d2", "]Q3", "]E0", "]E4", "]I1", "]C0", "]A0", "]Q1", "]", "https://x.y/"])
MESSAGE = st.text(alphabet="0123456789ABCabc()/?=&%\x1d]. -", max_size=80)


@given(SYMBOLOGY, MESSAGE)
def test_parse_survives_what_looks_like_gs1(prefix: str, message: str) -> None:
    with suppress(BadCode):
        assert parse(prefix + message).lookups


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.integers(1, 10**11 - 1).filter(lambda number: number // 10**10 != 5))  # those with a 5 are coupons
def test_gtin_is_the_same_in_12_13_and_14_digits(number: int) -> None:
    payload = f"{number:011}"
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(payload)))
    upc = payload + str(-total % 10)
    assert parse(upc).lookups == parse("0" + upc).lookups == parse("00" + upc).lookups == ("0" + upc,)
