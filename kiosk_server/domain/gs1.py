"""GS1 messages: element strings after FNC1, the same in brackets, and as a web address (Digital Link).

biip knows the application identifiers, their formats and the addresses. The walk through a message is ours: biip's
stops at the first identifier it does not know, takes the century from the clock of the machine, and lets a broken
value run into the next one. Rules: GS1 General Specifications 7.8 (separators, predefined lengths), 3.2 to 3.8 (the
identifiers), 7.12 (dates); GS1 Digital Link URI Syntax 1.3.
"""

import calendar
import re
from collections.abc import Iterator

import biip
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_digital_link_uris import GS1DigitalLinkURI

from kiosk_server.domain.errors import BadCode
from kiosk_server.domain.gtin import canonical
from kiosk_server.domain.money import MAX_CENTS, divide_half_up
from kiosk_server.domain.reading import Coupon, CouponKind, Expiry, Measure, Reading

SEPARATOR = "\x1d"
SYMBOLOGIES = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})  # those that hold messages (ISO/IEC 15424)

# Figure 7.8.5-2: whatever begins with these two digits has this many characters, and needs no separator after them.
_PREDEFINED = {
    "00": 20,
    **dict.fromkeys(("01", "02", "03", "41"), 16),
    "04": 18,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    "20": 4,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
}
_BRACKETED = re.compile(r"\((\d{2,4})\)", re.ASCII)
_UNMARKED = re.compile(r"01\d{14}.+", re.ASCII | re.DOTALL)
_COUPONS = {"8110": CouponKind.GS1_8110, "8112": CouponKind.GS1_8112, "255": CouponKind.GCN}
# Nanograms: kilogram, avoirdupois pound, ounce (both by the international yard and pound agreement of 1959).
_WEIGHTS_NG = {"310": 10**12, "320": 453_592_370_000, "357": 28_349_523_125}
MAX_WEIGHT_G = 1_000_000
MAX_PIECES = 999
# ISO 4217 numbers of the currencies that a label may name (AI 393).
_CURRENCY_NUMBERS = {
    "AED": "784",
    "AUD": "036",
    "BGN": "975",
    "BHD": "048",
    "BRL": "986",
    "CAD": "124",
    "CHF": "756",
    "CNY": "156",
    "CZK": "203",
    "DKK": "208",
    "EGP": "818",
    "EUR": "978",
    "GBP": "826",
    "HKD": "344",
    "HUF": "348",
    "ILS": "376",
    "INR": "356",
    "ISK": "352",
    "JOD": "400",
    "JPY": "392",
    "KWD": "414",
    "LBP": "422",
    "MAD": "504",
    "MXN": "484",
    "NOK": "578",
    "NZD": "554",
    "OMR": "512",
    "PLN": "985",
    "QAR": "634",
    "RON": "946",
    "SAR": "682",
    "SEK": "752",
    "SGD": "702",
    "TND": "788",
    "TRY": "949",
    "USD": "840",
}


def is_bracketed(text: str) -> bool:
    return bool(_BRACKETED.match(text))


def looks_unmarked(text: str) -> bool:
    """Whether this is a message of a scanner that names no symbology: 01, a whole GTIN, and more than that."""
    return bool(_UNMARKED.fullmatch(text))


def read_message(text: str, message: str, currency: str) -> Reading | Coupon:
    """Element strings one after the other, with separators where the rules ask for them. Raises BadCode."""
    return _read(text, dict(_distinct(_walk(message))), currency)


def read_brackets(text: str, currency: str) -> Reading | Coupon:
    """As printed below the bars: (01)09501101530003(17)140704."""
    parts = _BRACKETED.split(text)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return _read(text, dict(_distinct((ai, _checked(ai, value)) for ai, value in pairs)), currency)


def read_link(text: str, currency: str) -> Reading | Coupon:
    """A GS1 Digital Link. Raises BadCode, also for the address of any other web page."""
    try:
        link = GS1DigitalLinkURI.parse(text, config=biip.ParseConfig(gs1_element_strings_verify_date=False))
    except (biip.ParseError, ValueError) as error:
        raise BadCode(
            "This is the address of a web page, not a product code. Nothing was added. Scan the bar code."
        ) from error
    pairs = ((one.ai.ai, _checked(one.ai.ai, one.value)) for one in link.element_strings)
    return _read(text, dict(_distinct(pairs)), currency)


def _walk(message: str) -> Iterator[tuple[str, str]]:
    rest = message.lstrip(SEPARATOR)
    while rest:
        total = _PREDEFINED.get(rest[:2])
        chunk = rest.split(SEPARATOR, 1)[0] if total is None else rest[:total]
        ai = _identifier(chunk)
        if total is not None and (len(chunk) < total or SEPARATOR in chunk):
            raise _broken(ai, chunk[len(ai) :])
        yield ai, _checked(ai, chunk[len(ai) :])
        rest = rest[len(chunk) :].lstrip(SEPARATOR)


def _identifier(chunk: str) -> str:
    """The application identifier at the beginning; an unknown one by its first two digits, which give its length."""
    known = _known(chunk)
    if known is not None:
        return known.ai
    if not re.match(r"\d\d", chunk, re.ASCII):
        raise _broken(chunk[:2], chunk)
    return chunk[:2]


def _known(text: str) -> GS1ApplicationIdentifier | None:
    try:
        return GS1ApplicationIdentifier.extract(text)
    except biip.ParseError:
        return None


def _checked(ai: str, value: str) -> str:
    """The value if it has the form of its identifier. Of unknown ones only their letters are looked at."""
    known = _known(ai)
    if known is None or known.ai != ai:
        is_good = bool(value) and value.isascii() and value.isprintable()
    else:
        is_good = re.fullmatch(known.pattern, ai + value, re.ASCII) is not None
    if not is_good:
        raise _broken(ai, value)
    return value


def _broken(ai: str, value: str) -> BadCode:
    shown = "".join(c if c.isprintable() and c.isascii() else "\N{REPLACEMENT CHARACTER}" for c in value[:40])
    name = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in ai)
    return BadCode(
        f"The part ({name}) of this code is damaged: “{shown}” cannot be right. Nothing was added. "
        "Please scan again, or search for the product.",
        ai=name,
        value=shown,
    )


def _distinct(pairs: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for ai, value in pairs:
        if seen.setdefault(ai, value) != value:
            raise BadCode(
                f"The code says two different things of ({ai}). Nothing was added. Please scan one code at a time.",
                ai=ai,
            )
        yield ai, value


def _read(text: str, found: dict[str, str], currency: str) -> Reading | Coupon:
    for ai, kind in _COUPONS.items():
        if ai in found and "01" not in found:
            return Coupon(found[ai], kind)
    gtin = found.get("01") or found.get("02")
    if gtin is None:
        raise BadCode("The code holds no product number (GS1 AI 01). Nothing was added. Please scan the bar code.")
    return Reading(
        text,
        (canonical(gtin),),
        measure=Measure(
            weight_g=_weight(found),
            price_cents=_price(found, currency),
            pieces=_pieces(found),
        ),
        expiries=tuple(_expiries(found)),
        lot=found.get("10", ""),
        serial=found.get("21", ""),
    )


def _weight(found: dict[str, str]) -> int | None:
    for ai, value in found.items():
        nanograms = _WEIGHTS_NG.get(ai[:3])
        if nanograms is not None and len(ai) == 4:
            weight_g = divide_half_up(int(value) * nanograms, 10 ** (9 + int(ai[3])))
            if not 0 < weight_g <= MAX_WEIGHT_G:
                raise _broken(ai, value)
            return weight_g
    return None


def _price(found: dict[str, str], currency: str) -> int | None:
    for ai, value in found.items():
        if ai[:3] not in {"392", "393"} or len(ai) != 4:
            continue
        number, named = (value[3:], value[:3]) if ai[:3] == "393" else (value, "")
        if named and _CURRENCY_NUMBERS.get(currency) != named:
            raise BadCode(
                f"The price in this code is in another currency (ISO 4217 number {named}). Nothing was added. "
                "Please call an attendant.",
                currency=named,
            )
        cents = divide_half_up(int(number) * 100, 10 ** int(ai[3]))
        if cents > MAX_CENTS:
            raise _broken(ai, value)
        return cents
    return None


def _pieces(found: dict[str, str]) -> int | None:
    ai = "30" if found.get("30") else "37"
    count = found.get(ai)
    if not count:
        return None
    if not 1 <= int(count) <= MAX_PIECES:
        raise _broken(ai, count)
    return int(count)


def _expiries(found: dict[str, str]) -> Iterator[Expiry]:
    for ai in ("7003", "17", "15"):
        value = found.get(ai)
        # Nothing but zeros is how printers without a date fill the field.
        if value is None or not value.strip("0"):
            continue
        month, day = int(value[2:4]), int(value[4:6])
        is_time = ai != "7003" or (int(value[6:8]) < 24 and int(value[8:10]) < 60)
        # Of a leap year, since which century is meant is only known on the day it is asked.
        if not (1 <= month <= 12 and day <= calendar.monthrange(2000, month)[1] and is_time):
            raise _broken(ai, value)
        yield Expiry(value[:6], value[6:10], is_best_before=ai == "15")
