"""What a scanner or a finger can hand us, and which item numbers it may mean.

A reading is turned into `lookups`, tried in order against the catalog: item ids (GTINs in their canonical form) and
codes (PLUs, the store's own numbers). Rules and where they come from:

    length        form                             source
    1-3, 6, 7     the store's own number           ours; 6 and 7 may also be UPC-E without check digit
    4, 5          PLU                              IFPS: 4 digits, or 5 with a leading 8 or 9 (organic is its own item)
    8             GTIN-8, or UPC-E                 GS1 General Specifications 5.2.2 (EAN-8), 5.2.2.4 (UPC-E)
    12, 13, 14    GTIN-12, GTIN-13, GTIN-14        GS1 General Specifications 7.9.1 (check digit)
    ]xn...        AIM symbology identifier first   ISO/IEC 15424; GS1 messages only with one of those of GS1, since a
                                                   bare EAN-13 beginning with 400 is also a valid AI (400)
    https://...   GS1 Digital Link                 GS1 Digital Link URI Syntax 1.3
    letters       the store's own code             ours

All GTINs are one number range: 12 digits are 13 with a zero in front (GS1 General Specifications 3.3.2), so the
canonical form is 13 digits, or 14 where the first is not zero.
"""

import re
import unicodedata
from datetime import date

import biip
import msgspec
from biip.checksums import gs1_standard_check_digit
from biip.gs1_element_strings import GS1ElementString
from biip.symbology import GS1Symbology
from biip.upc import Upc

from kiosk_server.domain.commands import MAX_CODE_LENGTH
from kiosk_server.domain.errors import BadCheckDigit, BadCode, CodeTooLong

GTIN_LENGTHS = frozenset({8, 12, 13, 14})
PLU_LENGTHS = frozenset({4, 5})
UPC_E_SHORT_LENGTHS = frozenset({6, 7})
OWN_NUMBER_LENGTHS = frozenset({1, 2, 3, 6, 7})
SYMBOLOGY_LENGTH = 3  # "]", the symbology's letter, its modifier (ISO/IEC 15424)

_OWN_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,39}", re.ASCII)
_GROUPED_DIGITS = re.compile(r"\d+(?:[ -]\d+)+", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_MEASURES = ("310", "320", "392", "393")  # net weight in kg and lb; price, with and without currency


class Reading(msgspec.Struct, frozen=True):
    """What was read. `code` is the cleaned text, `lookups` the item numbers it may mean, best first.

    `expires_on` comes from AI 17; `is_measured` says that a weight or a price is inside, so the catalog's own price
    would be wrong.
    """

    code: str
    lookups: tuple[str, ...]
    expires_on: date | None = None
    is_measured: bool = False


def parse(code: str) -> Reading:
    """The item numbers that `code` may mean.

    Raises CodeTooLong, BadCheckDigit (details: `found`, `expected`) or BadCode; never anything else, whatever is sent.
    """
    if len(code) > MAX_CODE_LENGTH:
        raise CodeTooLong(
            f"The scanner sent {len(code)} characters; a product code has at most {MAX_CODE_LENGTH}. "
            "Nothing was added. Please scan again, one product at a time.",
            length=len(code),
            limit=MAX_CODE_LENGTH,
        )
    text = clean(code)
    if not text:
        raise BadCode("The scanner sent no visible characters. Nothing was added. Please scan again.")
    return _read_with_symbology(text) if text.startswith("]") else _read_text(text)


def item_id_of(code: str) -> str:
    """The id under which an item with this printed code stands in the catalog: its canonical GTIN, else the code."""
    return parse(code).lookups[0]


def is_gtin(text: str) -> bool:
    """Whether `text` has the shape of a GTIN (its check digit is `parse`'s business)."""
    return len(text) in GTIN_LENGTHS and bool(_DIGITS.fullmatch(text))


def clean(code: str) -> str:
    """The text without what scanners and input methods wrap around it.

    White space and control characters are dropped at both ends (STX, ETX, CR, a byte order mark); any script's digits
    and full-width letters become ASCII; spaces and hyphens between digits go, as people copy them from the print.
    Control characters in the middle stay: only GS1's separator is allowed there, and the reader of messages decides.
    """
    start, end = 0, len(code)
    while start < end and unicodedata.category(code[start]) in _INVISIBLE:
        start += 1
    while end > start and unicodedata.category(code[end - 1]) in _INVISIBLE:
        end -= 1
    text = code[start:end]
    if not text.isascii():
        text = "".join(_as_ascii(character) for character in text)
    return re.sub("[ -]", "", text) if _GROUPED_DIGITS.fullmatch(text) else text


def _as_ascii(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if "\uff01" <= character <= "\uff5e":  # the full-width forms of ! to ~
        return chr(ord(character) - 0xFEE0)
    return character


def _read_text(text: str) -> Reading:
    if text.lower().startswith(("http://", "https://")):
        return _read_link(text)
    return Reading(text, _plain_lookups(text))


def _plain_lookups(text: str) -> tuple[str, ...]:
    if _DIGITS.fullmatch(text):
        return _digit_lookups(text)
    if _OWN_CODE.fullmatch(text):
        return (text,)
    raise _garbage(text)


def _digit_lookups(digits: str) -> tuple[str, ...]:
    length = len(digits)
    if length == 8:
        return _eight_digit_lookups(digits)
    if length in GTIN_LENGTHS:
        return (_canonical(digits),)
    if length in PLU_LENGTHS:
        return (digits,)
    if length in UPC_E_SHORT_LENGTHS:
        return (digits, *_expanded_upc_e(digits))
    if length in OWN_NUMBER_LENGTHS:
        return (digits,)
    raise BadCode(
        f"{length} digits are no product code (4, 5, 8, 12, 13 or 14 are). Nothing was added. "
        "Some may be missing: please scan again.",
        length=length,
    )


def _eight_digit_lookups(digits: str) -> tuple[str, ...]:
    """EAN-8 first; the same eight digits can be a UPC-E, whose check digit belongs to the expanded number."""
    expanded = _expanded_upc_e(digits)
    try:
        return (_canonical(digits), *expanded)
    except BadCheckDigit:
        if expanded:
            return expanded
        raise


def _expanded_upc_e(digits: str) -> tuple[str, ...]:
    try:
        return (_canonical(Upc.parse(digits).as_upc_a()),)
    except (biip.ParseError, BadCode):
        return ()


def _canonical(digits: str) -> str:
    if not digits.strip("0"):
        raise BadCode("A code of nothing but zeros names no product. Nothing was added. Please scan again.")
    expected, found = gs1_standard_check_digit(digits[:-1]), int(digits[-1])
    if expected != found:
        raise BadCheckDigit(
            f"The code {digits} is damaged: its last digit is {found}, but the others ask for {expected}. "
            "Nothing was added. Please scan again, or search for the product.",
            code=digits,
            found=found,
            expected=expected,
        )
    padded = digits.zfill(14)
    return padded[1:] if padded[0] == "0" else padded


def _read_with_symbology(text: str) -> Reading:
    if len(text) <= SYMBOLOGY_LENGTH:
        raise _garbage(text)
    try:
        result = biip.parse(text)
    except (biip.ParseError, ValueError) as error:
        raise _garbage(text) from error
    if result.gs1_message is not None:
        return _read_elements(text, result.gs1_message.element_strings)
    symbology = result.symbology_identifier
    rest = clean(text[SYMBOLOGY_LENGTH:])
    is_broken_message = symbology is not None and symbology.gs1_symbology in GS1Symbology.with_gs1_messages()
    if not rest or rest.startswith("]") or (is_broken_message and not rest.startswith("http")):
        raise _garbage(text)
    return _read_text(rest)


def _read_link(text: str) -> Reading:
    try:
        result = biip.parse(text)
    except (biip.ParseError, ValueError) as error:
        raise _garbage(text) from error
    if result.gs1_digital_link_uri is None:
        raise BadCode("This is the address of a web page, not a product code. Nothing was added. Scan the bar code.")
    return _read_elements(text, result.gs1_digital_link_uri.element_strings)


def _read_elements(text: str, elements: list[GS1ElementString]) -> Reading:
    found = {element.ai.ai: element for element in elements}
    if "01" not in found:
        raise BadCode("The code holds no product number (GS1 AI 01). Nothing was added. Please scan the bar code.")
    expiry = found.get("17")
    return Reading(
        text,
        (_canonical(found["01"].value),),
        expires_on=expiry.date if expiry else None,
        is_measured=any(ai.startswith(_MEASURES) for ai in found),
    )


def _garbage(text: str) -> BadCode:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:40])
    return BadCode(
        f"“{shown}” is no product code. Nothing was added. Please scan again, or search for the product.",
        code=shown,
    )


__all__ = ["Reading", "clean", "is_gtin", "item_id_of", "parse"]
