"""What a code comes to: a product with what its code says of the very piece, a coupon, or a basket handed over."""

import calendar
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from kiosk_server.domain.errors import BadCheckDigit


class Expiry(msgspec.Struct, frozen=True):
    """A last day as GS1 writes it: two-digit year, month, day; `hhmm` where an hour is said too (AI 7003).

    `is_best_before` says that it is AI 15. Local time of wherever it is read; day 00 is the last of the month.
    """

    yymmdd: str
    hhmm: str = ""
    is_best_before: bool = False

    def on(self, this_year: int) -> date:
        """The day, in the century that GS1 means: 49 years back to 50 ahead (General Specifications 7.12)."""
        year = this_year - this_year % 100 + int(self.yymmdd[:2])
        if year - this_year > 50:
            year -= 100
        elif year - this_year < -49:
            year += 100
        month, day = int(self.yymmdd[2:4]), int(self.yymmdd[4:])
        last = calendar.monthrange(year, month)[1]
        return date(year, month, min(day, last) or last)

    def is_over(self, now: datetime) -> bool:
        """Whether the last day, or the last minute, has gone by. `now` is the wall clock of the store."""
        day = self.on(now.year)
        if not self.hhmm or day != now.date():
            return day < now.date()
        ends = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
        return now >= ends + timedelta(hours=int(self.hhmm[:2]), minutes=int(self.hhmm[2:]) + 1)


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """What a code says of the piece it is on: net weight in grams, price of the whole piece, pieces inside."""

    weight_g: int | None = None
    price_cents: int | None = None
    pieces: int | None = None


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A number of the store's own range read by one of its rules (`in_store.py`).

    `lookups` are the item numbers inside, best first. `found` and `expected` are the two forms of the check digit
    over price or weight; None where the rule has none.
    """

    code: str
    lookups: tuple[str, ...]
    measure: Measure
    found: int | None = None
    expected: int | None = None

    def checked(self) -> Measure:
        """The measure, unless its own check digit is wrong: then BadCheckDigit (`code`, `found`, `expected`)."""
        if self.found != self.expected:
            raise BadCheckDigit(
                f"The price or weight on the label {self.code} is damaged: its check digit is {self.found}, but the "
                f"other digits ask for {self.expected}. Nothing was added. Please scan again, or call an attendant.",
                code=self.code,
                found=self.found,
                expected=self.expected,
            )
        return self.measure


class Reading(msgspec.Struct, frozen=True):
    """A product. `code` is the cleaned text, `lookups` the item numbers it may mean, best first.

    `measure`, `expiries`, `lot` and `serial` come from GS1 messages. `label` is the second reading of the same
    number, for when the catalog has no item that is numbered so as a whole.
    """

    code: str
    lookups: tuple[str, ...]
    measure: Measure = Measure()
    label: Label | None = None
    expiries: tuple[Expiry, ...] = ()
    lot: str = ""
    serial: str = ""


class CouponKind(StrEnum):
    """By which rule a coupon is numbered."""

    EAN_99 = "ean_99"  # GS1 prefixes 99 and 981 to 984; the digits within are each country's own
    UPC_5 = "upc_5"  # UPC-A number system 5: manufacturer (5 digits), family (3), value (2)
    GS1_8110 = "gs1_8110"  # North America, in a GS1 DataBar
    GS1_8112 = "gs1_8112"  # the same without paper, checked against a file
    GCN = "gcn"  # Global Coupon Number, AI 255


class Coupon(msgspec.Struct, frozen=True):
    """A coupon. `code` is its canonical number in 13 digits, or the data of its application identifier."""

    code: str
    kind: CouponKind


class HandOff(msgspec.Struct, frozen=True):
    """A basket that another terminal handed over: the code that it was given there, lower case."""

    code: str
