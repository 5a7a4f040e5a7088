"""Integers only, halves up: amounts, fuel, taxes, days."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from builders import a_line
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.day import business_day, later_day
from kiosk_server.domain.errors import AmountTooSmall, OutOfRange
from kiosk_server.domain.money import divide_half_up, fuel_amount_cents, fuel_limit_ml, parse_cents
from kiosk_server.domain.tax import largest_remainder, tax_lines
from kiosk_server.domain.tender import change_cents

CENTS = st.integers(0, 100_000_000)
HOUR_MS = 3_600_000


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_division_rounds_as_decimal_does(numerator: int, denominator: int) -> None:
    # Exact at the half, unlike a float: twice the quotient is compared in whole numbers.
    exact = Fraction(numerator, denominator)
    rounded = divide_half_up(numerator, denominator)
    assert abs(exact - rounded) <= Fraction(1, 2)
    if abs(exact - rounded) == Fraction(1, 2):
        assert abs(rounded) > abs(exact), "halves go away from zero"


@pytest.mark.parametrize(
    ("volume_ml", "mills", "cents"),
    [(0, 1799, 0), (1000, 1799, 180), (31_415, 1799, 5652), (5, 1000, 1), (4, 1000, 0), (50_000, 1859, 9295)],
)
def test_fuel_costs_what_the_pump_shows(volume_ml: int, mills: int, cents: int) -> None:
    assert fuel_amount_cents(volume_ml, mills) == cents


@given(st.integers(0, 2_000_000), st.integers(1, 20_000))
def test_fuel_amount_agrees_with_decimal(volume_ml: int, mills: int) -> None:
    exact = Decimal(volume_ml) * Decimal(mills) / Decimal(10_000)
    assert fuel_amount_cents(volume_ml, mills) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(1, 1_000_000), st.integers(1, 10_000))
def test_fuel_limit_is_met_to_the_cent(limit_cents: int, mills: int) -> None:
    assert fuel_amount_cents(fuel_limit_ml(limit_cents, mills), mills) == limit_cents


@given(st.integers(1, 1_000_000), st.integers(10_001, 100_000))
def test_dear_fuel_never_exceeds_its_limit(limit_cents: int, mills: int) -> None:
    volume_ml = fuel_limit_ml(limit_cents, mills)
    assert fuel_amount_cents(volume_ml, mills) <= limit_cents
    assert fuel_amount_cents(volume_ml + 1, mills) > limit_cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [("2", 200), ("1.99", 199), ("1,99", 199), (" 0.5 ", 50), ("0", 0), ("1000000", 100_000_000), ("007", 700)],
)
def test_price_is_read_as_people_write_it(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.999", "1.", ".5", "1,234.50", "1e3", "€1", "NaN", "1000000.01", "9" * 5000, "１２"]
)
def test_price_that_would_need_a_guess_is_refused(text: str) -> None:
    with pytest.raises(OutOfRange):
        parse_cents(text)


@given(CENTS, CENTS)
def test_change_is_exact_or_refused(due: int, received: int) -> None:
    if received >= due:
        assert due + change_cents(due, received) == received
        return
    with pytest.raises(AmountTooSmall) as refusal:
        change_cents(due, received)
    assert refusal.value.details["missing_cents"] == due - received


RATES = st.sampled_from([("standard", 1900), ("reduced", 700), ("zero", 0), ("odd", 825), ("huge", 10_000)])
LINES = st.lists(
    st.tuples(RATES, st.integers(0, 1_000_000), st.booleans()).map(
        lambda row: a_line(tax_class=row[0][0], tax_rate_bp=row[0][1], total_cents=row[1], is_voided=row[2])
    ),
    max_size=30,
)


@given(LINES)
def test_printed_tax_lines_add_up(lines: list) -> None:
    printed = tax_lines(lines)
    counted = [line for line in lines if not line.is_voided]
    assert sum(tax.gross_cents for tax in printed) == sum(line.total_cents for line in counted)
    exact = sum(
        (Fraction(line.total_cents * line.tax_rate_bp, 10_000 + line.tax_rate_bp) for line in counted), Fraction(0)
    )
    assert sum(tax.tax_cents for tax in printed) == divide_half_up(exact.numerator, exact.denominator)
    for tax in printed:
        assert tax.net_cents + tax.tax_cents == tax.gross_cents
        assert 0 <= tax.tax_cents <= tax.gross_cents
        share = Fraction(tax.gross_cents * tax.tax_rate_bp, 10_000 + tax.tax_rate_bp)
        assert abs(tax.tax_cents - share) < 1


@given(LINES, st.randoms())
def test_tax_does_not_depend_on_the_order_of_lines(lines: list, random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tax_lines(shuffled) == tax_lines(lines)


def test_tax_of_a_plain_receipt() -> None:
    bread, bulb = a_line(total_cents=107), a_line(2, total_cents=119, tax_class="standard", tax_rate_bp=1900)
    assert [(tax.tax_class, tax.net_cents, tax.tax_cents) for tax in tax_lines([bread, bulb])] == [
        ("standard", 100, 19),
        ("reduced", 100, 7),
    ]
    assert tax_lines([]) == ()


def test_largest_remainder_rounds_the_largest_fractions_first() -> None:
    assert largest_remainder([Fraction(14, 10), Fraction(16, 10), Fraction(5, 10)]) == [1, 2, 1]
    assert largest_remainder([]) == []


@pytest.mark.parametrize(
    ("moment_ms", "zone", "starts_at_h", "day"),
    [
        (0, "UTC", 0, "1970-01-01"),
        (1_795_172_400_000, "Europe/Berlin", 0, "2026-11-20"),
        (1_795_172_400_000, "Pacific/Auckland", 0, "2026-11-21"),
        (1_795_132_800_000 - 1, "UTC", 0, "2026-11-19"),
        (1_795_132_800_000 + 4 * HOUR_MS - 1, "UTC", 4, "2026-11-19"),
        (1_795_132_800_000 + 4 * HOUR_MS, "UTC", 4, "2026-11-20"),
    ],
)
def test_business_day_is_read_from_the_wall_clock(moment_ms: int, zone: str, starts_at_h: int, day: str) -> None:
    assert business_day(moment_ms, zone, starts_at_h) == day


def test_business_day_of_25_hours_stays_one_day() -> None:
    midnight_ms = 1_792_879_200_000  # 2026-10-25 00:00 in Berlin, the night the clocks go back
    days = [business_day(midnight_ms + hour * HOUR_MS, "Europe/Berlin") for hour in range(-1, 26)]
    assert days == ["2026-10-24"] + ["2026-10-25"] * 25 + ["2026-10-26"]


def test_clock_set_back_reopens_no_day() -> None:
    assert later_day("2026-11-20", "2026-11-18") == "2026-11-20"
    assert later_day("2026-11-20", "2026-11-21") == "2026-11-21"
    assert later_day(None, "2026-11-18") == "2026-11-18"
