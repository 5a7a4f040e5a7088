"""GTINs: one number range in four lengths, and the check digit that protects them.

12 digits are 13 with a zero in front (GS1 General Specifications 3.3.2), so the canonical form is 13 digits, or 14
where the first is not zero. The check digit is that of 7.9.1; the zero-suppressed UPC-E is 5.2.2.4.
"""

import re

import biip
from biip.checksums import gs1_standard_check_digit
from biip.upc import Upc

from kiosk_server.domain.errors import BadCheckDigit, BadCode

GTIN_LENGTHS = frozenset({8, 12, 13, 14})

_DIGITS = re.compile(r"\d+", re.ASCII)


def is_gtin(text: str) -> bool:
    """Whether `text` has the shape of a GTIN (its check digit is `canonical`'s business)."""
    return len(text) in GTIN_LENGTHS and bool(_DIGITS.fullmatch(text))


def canonical(digits: str) -> str:
    """The GTIN in its canonical form. Raises BadCheckDigit (details: `code`, `found`, `expected`) or BadCode."""
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


def with_check_digit(payload: str) -> str:
    """All but the last digit, made whole."""
    return payload + str(gs1_standard_check_digit(payload))


def eight_digits(digits: str) -> tuple[str, ...]:
    """EAN-8 first; the same eight digits can be a UPC-E, whose check digit belongs to the expanded number."""
    expanded = expanded_upc_e(digits)
    try:
        return (canonical(digits), *expanded)
    except BadCheckDigit:
        if expanded:
            return expanded
        raise


def expanded_upc_e(digits: str) -> tuple[str, ...]:
    """The GTIN that 6 to 8 digits of a UPC-E stand for; none where they are no UPC-E."""
    try:
        return (canonical(Upc.parse(digits).as_upc_a()),)
    except (biip.ParseError, BadCode):
        return ()
