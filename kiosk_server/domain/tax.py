"""Tax contained in what the customer pays, one printed line a rate.

Prices contain their tax (policy.py). The tax of a basket is computed once on its whole sum and then shared out to the
rates by largest remainder, so the printed lines add up: net + tax = gross in each line, and the tax lines together
are the exact tax of the basket rounded once.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

import msgspec

from kiosk_server.domain.basket import Line
from kiosk_server.domain.money import divide_half_up

FULL_BP = 10_000


class TaxLine(msgspec.Struct, frozen=True, kw_only=True):
    """Tax contained in the printed lines of one rate. `net_cents + tax_cents == gross_cents`."""

    tax_class: str
    tax_rate_bp: int
    net_cents: int
    tax_cents: int
    gross_cents: int


def contained_tax(gross_cents: int, rate_bp: int) -> Fraction:
    """The exact tax within a gross amount: gross * rate / (100 % + rate)."""
    return Fraction(gross_cents * rate_bp, FULL_BP + rate_bp)


def largest_remainder(shares: list[Fraction]) -> list[int]:
    """Whole numbers whose sum is the sum of `shares` rounded half up, none more than one away from its share.

    The largest fractions are rounded up first; equal ones in order, so that the answer never depends on chance.
    """
    exact = sum(shares, Fraction(0))
    whole = [share.__floor__() for share in shares]
    missing = divide_half_up(exact.numerator, exact.denominator) - sum(whole)
    by_remainder = sorted(range(len(shares)), key=lambda i: (whole[i] - shares[i], i))
    for index in by_remainder[:missing]:
        whole[index] += 1
    return whole


def tax_lines(lines: Iterable[Line]) -> tuple[TaxLine, ...]:
    """The tax part of a receipt, highest rate first. Voided lines count nothing; an empty basket has no tax lines."""
    gross: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        if not line.is_voided:
            gross[-line.tax_rate_bp, line.tax_class] += line.total_cents
    rows = sorted(gross.items())
    taxes = largest_remainder([contained_tax(cents, -negative_rate) for (negative_rate, _), cents in rows])
    return tuple(
        TaxLine(
            tax_class=tax_class,
            tax_rate_bp=-negative_rate,
            net_cents=cents - tax,
            tax_cents=tax,
            gross_cents=cents,
        )
        for ((negative_rate, tax_class), cents), tax in zip(rows, taxes, strict=True)
    )
