"""What a scanner or a finger can hand us, and what it may mean.

A product becomes a Reading whose `lookups` are tried in order against the catalog: item ids (GTINs in their canonical
form) and codes (PLUs, the store's own numbers). Coupons and baskets handed over are told apart from products here.

    length        form                             source
    1-3, 6, 7     the store's own number           ours; 6 and 7 may also be UPC-E without check digit
    4, 5          PLU                              IFPS: 4 digits, or 5 with a leading 8 or 9 (organic is its own item)
    8             GTIN-8, or UPC-E                 GS1 General Specifications 5.2.2 (EAN-8), 5.2.2.4 (UPC-E)
    12, 13, 14    GTIN-12, GTIN-13, GTIN-14        GS1 General Specifications 7.9.1 (check digit)
    13            label of the store's own         `in_store.py`: 02 and 20 to 29 by the store's rules
    13            coupon                           GS1 prefixes 99 and 981 to 984; UPC-A number system 5
    ]xn...        AIM symbology identifier first   ISO/IEC 15424; GS1 messages only with one of those of GS1, since a
                                                   bare EAN-13 beginning with 400 is also a valid AI (400)
    FNC1...       GS1 message (`gs1.py`)           so too "01", a GTIN and more: scanners often name no symbology
    (01)...       the same, as printed             GS1 General Specifications 4.14
    https://...   GS1 Digital Link                 GS1 Digital Link URI Syntax 1.3
    hoff...       basket from another terminal     ours
    letters       the store's own code             ours
"""

import re
import unicodedata

from kiosk_server.domain import gs1, in_store
from kiosk_server.domain.commands.command import MAX_CODE_LENGTH
from kiosk_server.domain.errors import BadCheckDigit, BadCode, CodeTooLong
from kiosk_server.domain.gtin import GTIN_LENGTHS, canonical, eight_digits, expanded_upc_e, is_gtin
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.reading import Coupon, CouponKind, HandOff, Reading

PLU_LENGTHS = frozenset({4, 5})
UPC_E_SHORT_LENGTHS = frozenset({6, 7})
OWN_NUMBER_LENGTHS = frozenset({1, 2, 3, 6, 7})
SYMBOLOGY_LENGTH = 3
WITH_ADD_ON = "]E3"  # EAN-13 followed by the two or five digits of a magazine's issue

# Letters only, in one row and a half of the keyboard, so that a wedge set to another country's layout spells it too.
HAND_OFF_PREFIX = "hoff"
_HAND_OFF = re.compile(rf"{HAND_OFF_PREFIX}([0-9a-z]{{6,40}})", re.ASCII | re.IGNORECASE)
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Z]", re.ASCII)  # flag, symbology, modifier (ISO/IEC 15424)
_OWN_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,39}", re.ASCII)
_GROUPED_DIGITS = re.compile(r"\d+(?:[ -]\d+)+", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_COUPON_PREFIXES = ("99", "981", "982", "983", "984")
_UPC_COUPON_PREFIX = "05"
_SEPARATOR_SYMBOL = "\u241d"  # some wedges type the picture of the separator

_STANDARD = Policy()


def read(code: str, policy: Policy = _STANDARD) -> Reading | Coupon | HandOff:
    """What `code` is: a product, a coupon, or a basket handed over.

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
    if text.startswith("]"):
        return _read_with_symbology(text, policy)
    if _begins_with_separator(code) or gs1.SEPARATOR in text:
        return gs1.read_message(text, text, policy.currency)
    return _read_text(text, policy)


def parse(code: str, policy: Policy = _STANDARD) -> Reading:
    """The product that `code` names, as `read`. What is no product is refused with BadCode too."""
    found = read(code, policy)
    if isinstance(found, Coupon):
        raise BadCode(
            "This is a coupon, not a product. Nothing was added.",
            kind=found.kind.value,
        )
    if isinstance(found, HandOff):
        raise BadCode("This is the code of a basket, not of a product. Nothing was added.")
    return found


def item_id_of(code: str) -> str:
    """The id under which an item with this printed code stands in the catalog: its canonical GTIN, else the code."""
    return parse(code).lookups[0]


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
    return gs1.SEPARATOR if character == _SEPARATOR_SYMBOL else character


def _begins_with_separator(code: str) -> bool:
    """Whether the scanner sent FNC1 first, which says what a symbology identifier would."""
    for character in code:
        if character in {gs1.SEPARATOR, _SEPARATOR_SYMBOL}:
            return True
        if unicodedata.category(character) not in _INVISIBLE:
            break
    return False


def _read_text(text: str, policy: Policy) -> Reading | Coupon | HandOff:
    if text.lower().startswith(("http://", "https://")):
        return gs1.read_link(text, policy.currency)
    if gs1.is_bracketed(text):
        return gs1.read_brackets(text.replace(" ", ""), policy.currency)
    if handed := _HAND_OFF.fullmatch(text):
        return HandOff(handed[1].lower())
    if gs1.looks_unmarked(text) and _is_right(text[2:16]):
        return gs1.read_message(text, text, policy.currency)
    return _read_plain(text, policy)


def _is_right(gtin: str) -> bool:
    try:
        return bool(canonical(gtin))
    except BadCode:
        return False


def _read_plain(text: str, policy: Policy) -> Reading | Coupon:
    if not _DIGITS.fullmatch(text):
        if _OWN_CODE.fullmatch(text):
            return Reading(text, (text,))
        raise _garbage(text)
    lookups = _digit_lookups(text)
    gtin = lookups[0]
    if len(text) in GTIN_LENGTHS - {8} and len(gtin) == in_store.DIGITS + 1:
        if gtin.startswith(_COUPON_PREFIXES):
            return Coupon(gtin, CouponKind.EAN_99)
        if gtin.startswith(_UPC_COUPON_PREFIX):
            return Coupon(gtin, CouponKind.UPC_5)
        return Reading(text, lookups, label=in_store.read_label(gtin, in_store.rules_of(policy.codes.in_store)))
    return Reading(text, lookups)


def _digit_lookups(digits: str) -> tuple[str, ...]:
    length = len(digits)
    if length == 8:
        return eight_digits(digits)
    if length in GTIN_LENGTHS:
        return (canonical(digits),)
    if length in PLU_LENGTHS:
        return (digits,)
    if length in UPC_E_SHORT_LENGTHS:
        return (digits, *expanded_upc_e(digits))
    if length in OWN_NUMBER_LENGTHS:
        return (digits,)
    raise BadCode(
        f"{length} digits are no product code (4, 5, 8, 12, 13 or 14 are). Nothing was added. "
        "Some may be missing: please scan again.",
        length=length,
    )


def _read_with_symbology(text: str, policy: Policy) -> Reading | Coupon | HandOff:
    if not _SYMBOLOGY.match(text):
        raise _garbage(text)
    symbology, rest = text[:SYMBOLOGY_LENGTH], text[SYMBOLOGY_LENGTH:]
    if symbology in gs1.SYMBOLOGIES and not rest.lower().startswith("http"):
        return gs1.read_message(text, rest, policy.currency)
    rest = clean(rest[: in_store.DIGITS + 1] if symbology == WITH_ADD_ON else rest)
    if not rest or rest.startswith("]"):
        raise _garbage(text)
    return _read_text(rest, policy)


def _garbage(text: str) -> BadCode:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:40])
    return BadCode(
        f"“{shown}” is no product code. Nothing was added. Please scan again, or search for the product.",
        code=shown,
    )


__all__ = [
    "BadCheckDigit",
    "Coupon",
    "HandOff",
    "Reading",
    "clean",
    "is_gtin",
    "item_id_of",
    "parse",
    "read",
]
