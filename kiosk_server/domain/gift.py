"""Gift cards: numbers nobody can guess or read, and balances that never go below zero.

Only the SHA-256 of a number is kept: 63 random bits are out of reach of trying them all, on line and off. The first
16 hex digits of the hash name the card in events, the last four digits of the number are shown to people.
"""

import hashlib
import hmac
import re

import msgspec

DIGITS = 20
VALID_MS = 3 * 366 * 24 * 3_600_000  # from the last load; at least the three years after the year of sale


class GiftCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card and what it holds. `expires_at` is ms since 1970, UTC."""

    card_id: str
    masked: str
    balance_cents: int = 0
    expires_at: int = 0


def tidy_number(typed: str) -> str:
    """The digits of a number as people type or scan it."""
    return re.sub(r"[ -]", "", typed)


def luhn_digit(digits: str) -> str:
    """The check digit of ISO/IEC 7812: a slip of the finger is found before anybody is asked."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_number(number: str) -> bool:
    """Whether it could be a gift card's: 20 digits, the last one right."""
    return len(number) == DIGITS and number.isascii() and number.isdecimal() and luhn_digit(number[:-1]) == number[-1]


def draw_number(occasion: str, secret: bytes) -> str:
    """A fresh number. The same occasion and secret (32 random bytes) give the same one, so that a resend draws none."""
    drawn = int.from_bytes(hmac.digest(secret, occasion.encode(), "sha256")) % 10 ** (DIGITS - 1)
    digits = f"{drawn:0{DIGITS - 1}}"
    return digits + luhn_digit(digits)


def hash_of(number: str) -> str:
    """SHA-256 of the digits, in hex."""
    return hashlib.sha256(b"gift card\n" + number.encode()).hexdigest()


def card_id_of(number_hash: str) -> str:
    return number_hash[:16]


def masked_of(number: str) -> str:
    return f"•••• {number[-4:]}"
