"""What stands on a receipt, in which order: Receipt + Policy + language -> a Slip. No device, no column yet.

The printer (`typesetting.py`), the page and the virtual printer's picture all draw this and nothing else, so that they
cannot disagree. The amounts of `lines` add up to the receipt's total.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

from kiosk_server.domain.basket import Line
from kiosk_server.domain.day import local_time
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.receipt_words import WORDS
from kiosk_server.domain.tax import TaxLine
from kiosk_server.domain.tender import Receipt


class Weight(StrEnum):
    """How loudly a text is said."""

    TITLE = "title"
    NORMAL = "normal"
    QUIET = "quiet"
    ALARM = "alarm"  # what must not be overlooked: DUPLICATE, TRAINING


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A paragraph in the middle of the paper."""

    text: str
    weight: Weight = Weight.NORMAL


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A text at the start of a row and an amount at its end. `amount_cents` is what `end` says.

    A part belongs to the line above it: a discount, a deposit, how the price came about.
    """

    start: str
    end: str = ""
    amount_cents: int = 0
    is_part: bool = False
    is_voided: bool = False
    is_total: bool = False


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt, laid out. Every number is a text of the locale already.

    `link` is the address of its page ('' for none); on paper it becomes a QR code with `hint` above it.
    """

    language: str
    is_rtl: bool
    title: str
    paid_at: datetime
    marks: tuple[Text, ...]
    head: tuple[Text, ...]
    lines: tuple[Pair, ...]
    sums: tuple[Pair, ...]
    taxes: tuple[Pair, ...]
    meta: tuple[Text, ...]
    foot: tuple[Text, ...]
    link: str = ""
    hint: str = ""


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What sets this copy apart."""

    is_duplicate: bool = False


def lay_out(receipt: Receipt, policy: Policy, language: str, *, marks: Marks | None = None, link: str = "") -> Slip:
    """The receipt in one of the languages of `receipt_words.WORDS`."""
    speech = _Speech(policy, language)
    rules = policy.receipt
    words = speech.words
    moment = local_time(receipt.paid_at, policy.zone)
    when = format_datetime(moment.replace(tzinfo=None), "short", locale=language)
    return Slip(
        language=language,
        is_rtl=Locale.parse(language).text_direction == "rtl",
        title=f"{words['receipt']} {receipt.number}",
        paid_at=moment,
        marks=_marks(receipt, marks or Marks(), speech),
        head=(
            *(Text(text=line) for line in rules.header),
            Text(text=policy.store_name, weight=Weight.TITLE),
            *(Text(text=line) for line in rules.address),
            *([Text(text=f"{words['tax_id']} {rules.tax_id}")] if rules.tax_id else []),
        ),
        lines=tuple(row for line in receipt.lines for row in _line(line, speech)),
        sums=_sums(receipt, speech),
        taxes=tuple(_tax(tax, speech) for tax in receipt.taxes),
        meta=(
            *_about(receipt, speech),
            Text(text=f"{words['receipt']} {receipt.number}"),
            Text(text=f"{when} · {receipt.terminal}"),
        ),
        foot=(
            *(Text(text=line, weight=Weight.QUIET) for line in rules.legal),
            *(Text(text=line) for line in rules.footer),
            Text(text=words["thanks"]),
        ),
        link=link,
        hint=words["on_your_phone"] if link else "",
    )


def day_text(moment: datetime, language: str) -> str:
    """A date as the locale writes it."""
    return format_date(moment, "medium", locale=language)


class _Speech:
    """How one language says amounts."""

    def __init__(self, policy: Policy, language: str) -> None:
        self.language = language
        self.currency = policy.currency
        self.words = WORDS[language]
        self._unit = 10 ** get_currency_precision(policy.currency)

    def money(self, cents: int) -> str:
        return format_currency(cents / self._unit, self.currency, locale=self.language)

    def number(self, value: float, pattern: str) -> str:
        return format_decimal(value, pattern, locale=self.language)

    def pair(self, start: str, cents: int, **more: bool) -> Pair:
        return Pair(start=start, end=self.money(cents), amount_cents=cents, **more)


def _marks(receipt: Receipt, marks: Marks, speech: _Speech) -> tuple[Text, ...]:
    said = [(receipt.is_training, "training"), (marks.is_duplicate, "duplicate")]
    return tuple(Text(text=speech.words[name], weight=Weight.ALARM) for is_so, name in said if is_so)


def _line(line: Line, speech: _Speech) -> list[Pair]:
    """The line at its price, and below it all that made the price another one."""
    off = sum(discount.amount_cents for discount in line.discounts)
    rows = [speech.pair(line.name, line.total_cents + off - line.deposit_cents, is_voided=line.is_voided)]
    rows += [Pair(start=text, is_part=True) for text in _how(line, speech)]
    rows += [speech.pair(discount.name, -discount.amount_cents, is_part=True) for discount in line.discounts]
    if line.deposit_cents:
        rows.append(speech.pair(speech.words["deposit"], line.deposit_cents, is_part=True))
    if line.is_voided:
        rows.append(speech.pair(speech.words["taken_back"], -line.total_cents, is_part=True))
    return rows


def _how(line: Line, speech: _Speech) -> list[str]:
    """What was chosen, and how much of it at what price."""
    chosen = [modifier.name for modifier in line.modifiers]
    if line.volume_ml is not None and line.unit_price_mills is not None:
        volume = speech.number(line.volume_ml / 1000, "#,##0.00")
        return [*chosen, f"{volume} l × {speech.number(line.unit_price_mills / 1000, '#,##0.000')}"]
    if line.weight_g is not None and line.price_per_kg_cents is not None:
        weight = speech.number(line.weight_g / 1000, "#,##0.000")
        return [*chosen, f"{weight} kg × {speech.money(line.price_per_kg_cents)}/kg"]
    if line.quantity == 1:
        return chosen
    each_cents = line.unit_price_cents + sum(modifier.price_cents for modifier in line.modifiers)
    return [*chosen, f"{line.quantity} × {speech.money(each_cents)}"]


def _sums(receipt: Receipt, speech: _Speech) -> tuple[Pair, ...]:
    words = speech.words
    rows = [speech.pair(words["total"], receipt.total_cents, is_total=True)]
    if receipt.rounding_cents:
        rows.append(speech.pair(words["rounding"], receipt.rounding_cents))
    for payment in receipt.payments:
        kind = f"{words[payment.kind]} {payment.masked}".strip()
        rows.append(speech.pair(kind, payment.received_cents or payment.amount_cents))
    if not receipt.payments:
        rows.append(speech.pair(words[receipt.tender], receipt.received_cents))
    if receipt.change_cents:
        rows.append(speech.pair(words["change"], receipt.change_cents))
    return tuple(rows)


def _about(receipt: Receipt, speech: _Speech) -> tuple[Text, ...]:
    """Which receipt a refund takes back, and why."""
    if receipt.refund_of is None:
        return ()
    said = [speech.words["refund_of"].format(number=receipt.refund_of), receipt.reason]
    return tuple(Text(text=text) for text in said if text)


def _tax(tax: TaxLine, speech: _Speech) -> Pair:
    rate = format_percent(tax.tax_rate_bp / 10_000, "#,##0.##%", locale=speech.language)
    words = speech.words
    return speech.pair(f"{words['tax']} {rate} ({words['net']} {speech.money(tax.net_cents)})", tax.tax_cents)
