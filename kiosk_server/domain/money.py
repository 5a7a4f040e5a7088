"""Money is integers of the minor unit; every rounding of the house happens here, half up.

Half up, away from zero, is what receipts, fuel dispensers and tax offices of most countries print; Python's own
`round` would take 0.5 to the even neighbour.
"""

import re

from kiosk_server.domain.errors import OutOfRange

MAX_CENTS = 100_000_000
MILLS_ML_PER_CENT = 10_000  # 1 cent = 10 mills; 1 litre = 1,000 ml

_DECIMAL = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?", re.ASCII)


def divide_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` as a whole number, halves away from zero. `denominator` is positive."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def fuel_amount_cents(volume_ml: int, unit_price_mills: int) -> int:
    """What `volume_ml` costs at `unit_price_mills` (thousandths of the currency unit a litre)."""
    return divide_half_up(volume_ml * unit_price_mills, MILLS_ML_PER_CENT)


def fuel_limit_ml(limit_cents: int, unit_price_mills: int) -> int:
    """The volume at which a fuelling limited to `limit_cents` stops.

    Its amount is exactly the limit as long as a millilitre costs less than a cent (10 currency units a litre), and
    never above it.
    """
    volume_ml = limit_cents * MILLS_ML_PER_CENT // unit_price_mills
    if fuel_amount_cents(volume_ml, unit_price_mills) < limit_cents:
        one_more = volume_ml + 1
        return one_more if fuel_amount_cents(one_more, unit_price_mills) <= limit_cents else volume_ml
    return volume_ml


def parse_cents(text: str) -> int:
    """A price as people write it ("2", "1.99", "1,99") in cents.

    Raises OutOfRange for signs, thousands separators, more than two decimals (rounding would be a guess) and amounts
    above MAX_CENTS.
    """
    found = _DECIMAL.fullmatch(text.strip())
    if found is None:
        raise OutOfRange(
            f"{text.strip()[:40]!r} is not a price. Write it like 1.99, without currency.", value=text[:40]
        )
    units, decimals = found.groups()
    cents = int(units) * 100 + int((decimals or "").ljust(2, "0"))
    if cents > MAX_CENTS:
        raise OutOfRange(f"The price {text.strip()} is above the limit of {MAX_CENTS // 100}.", value=text[:40])
    return cents
