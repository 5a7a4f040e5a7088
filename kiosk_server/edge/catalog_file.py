"""A wholesaler's or spreadsheet's CSV file as catalog items: every row is checked, the bad ones come back with reasons.

Nothing is written here; what becomes of the items is the business of the command ImportItems.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from kiosk_server.domain import barcode, catalog
from kiosk_server.domain.catalog import Bagging, Item
from kiosk_server.domain.errors import BadCheckDigit, BadCode, CodeTooLong, Refusal
from kiosk_server.domain.money import parse_cents
from kiosk_server.edge.catalog_text import CELL_LIMIT, Sheet, UnreadableFile, understand

MAX_NAME_LENGTH = 200
MAX_CATEGORY_LENGTH = 64
PROGRESS_EVERY = 500

_CURRENCY = re.compile(r"[A-Z]{3}|[$€£¥₹]", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?P<mark>[.,' \u00a0\u202f])\d{3}(?:(?P=mark)\d{3})*(?P<decimals>[.,]\d{1,2})?")
_ROUNDED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)


_TRUTHS = {
    **dict.fromkeys(("", "0", "no", "n", "false", "nein", "non"), False),
    **dict.fromkeys(("1", "yes", "y", "x", "true", "ja", "oui", "si", "sí"), True),
}


class RefusedRow(msgspec.Struct, frozen=True):
    """A row that was not imported. `line` is where it begins in the file, counting from 1."""

    line: int
    reason: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class Reading:
    """What a file came to: items that may be imported, rows that may not. `unpriced` items are not for sale."""

    sheet: Sheet
    items: list[Item] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    unpriced: int = 0

    @property
    def rows(self) -> int:
        return len(self.items) + len(self.refused)


class BadRow(Exception):  # noqa: N818
    """Why one row is refused."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the store decides: its tax classes, and the price of items that come without one (None: not for sale)."""

    tax_rates_bp: Mapping[str, int]
    default_price_cents: int | None = None


def _unheard(rows: int) -> None:
    """Nobody watches the progress."""


def read_catalog(data: bytes, rules: Rules, on_progress: Callable[[int], None] = _unheard) -> Reading:
    """All rows of a CSV file, checked; `on_progress` hears the count of rows now and then. Raises UnreadableFile."""
    reading = Reading(understand(data))
    first_lines: dict[str, int] = {}
    try:
        for line, cells in reading.sheet.rows():
            try:
                item = _item(_Row(cells, reading.sheet.columns), rules)
                _check_is_first(item, line, first_lines)
            except BadRow as bad:
                reading.refused.append(RefusedRow(line, str(bad), tuple(cells)))
            else:
                reading.items.append(item)
                reading.unpriced += item.price_cents is None and item.price_per_kg_cents is None
            if reading.rows % PROGRESS_EVERY == 0:
                on_progress(reading.rows)
    except csv.Error as error:
        raise UnreadableFile(
            f"The file cannot be read past row {reading.rows}: {error}. Nothing was imported. "
            "Look for a quotation mark that is not closed."
        ) from error
    on_progress(reading.rows)
    return reading


def _check_is_first(item: Item, line: int, first_lines: dict[str, int]) -> None:
    first = first_lines.setdefault(item.item_id, line)
    if first != line:
        raise BadRow(f"duplicate: line {first} has the same barcode; that one was taken")


@dataclass(slots=True, frozen=True)
class _Row:
    cells: Sequence[str]
    columns: Mapping[str, int]

    def __getitem__(self, column: str) -> str:
        position = self.columns.get(column, len(self.cells))
        text = self.cells[position].strip() if position < len(self.cells) else ""
        if len(text) > CELL_LIMIT:
            raise BadRow(f"the {column} is {len(text)} characters long; is a quotation mark not closed?")
        for letter in text:
            if not letter.isprintable() and letter not in "\u00a0\u202f\u200c\u200d":
                raise BadRow(f"the {column} {_what_is_wrong(letter)}")
        return text


def _what_is_wrong(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":
        return f"holds the byte 0x{ord(letter) - 0xDC00:02X}, which is not UTF-8"
    if letter in "\r\n":
        return "goes over several lines; is a quotation mark not closed?"
    return f"holds the invisible character U+{ord(letter):04X} ({unicodedata.name(letter, 'control character')})"


def _item(row: _Row, rules: Rules) -> Item:
    item_id, code = _identify(row["barcode"])
    price_cents, per_kg_cents = _price(row["price"]), _price(row["price_per_kg"])
    if price_cents is None and per_kg_cents is None:
        price_cents = rules.default_price_cents
    item = Item(
        item_id=item_id,
        code=code,
        name=_name(row["name"]),
        price_cents=price_cents,
        price_per_kg_cents=per_kg_cents,
        tax_class=_tax_class(row["tax"], rules.tax_rates_bp),
        category=_category(row["category"]),
        weight_g=_count(row, "weight_g"),
        minimum_age=_count(row, "minimum_age"),
        max_quantity=_count(row, "max_quantity"),
        deposit_cents=_price(row["deposit"]) or 0,
        is_withdrawn=_truth(row, "withdrawn"),
        bagging=_bagging(row["bagging"]),
        tare_g=_count(row, "tare_g") or 0,
        picture=row["picture"],
    )
    if found := catalog.faults(item, rules.tax_rates_bp):
        raise BadRow("; ".join(found))
    return item


def _count(row: _Row, column: str) -> int | None:
    """A whole number, or None for an empty cell; "500 g" and "18+" are read."""
    text = row[column].lower().removesuffix("g").removesuffix("+").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise BadRow(f"{column}: {row[column][:20]!r} is no whole number")
    return int(text)


def _truth(row: _Row, column: str) -> bool:
    text = row[column].lower()
    if text not in _TRUTHS:
        raise BadRow(f"{column}: {row[column][:20]!r} is neither yes nor no")
    return _TRUTHS[text]


def _bagging(text: str) -> Bagging:
    try:
        return Bagging(text.lower() or Bagging.WEIGHED)
    except ValueError as error:
        raise BadRow(f"bagging: {text[:20]!r} is none of {', '.join(Bagging)}") from error


def _identify(text: str) -> tuple[str, str]:
    # ="0123" and '0123 are how spreadsheets are told to keep leading zeros.
    code = text.removeprefix("=").strip('"').removeprefix("'").strip()
    if not code:
        raise BadRow("no barcode")
    if _ROUNDED.fullmatch(code):
        raise BadRow(f"{code}: a spreadsheet has rounded this barcode; format the column as text and export again")
    try:
        reading = barcode.parse(code)
    except BadCheckDigit as refusal:
        found, expected = refusal.details["found"], refusal.details["expected"]
        raise BadRow(f"{code}: wrong check digit {found}; by the other digits it would be {expected}") from refusal
    except CodeTooLong as refusal:
        raise BadRow(f"the barcode has {len(code)} characters") from refusal
    except BadCode as refusal:
        raise BadRow(f"{code[:40]!r}{_digits(code)} is no barcode") from refusal
    if reading.code.isdecimal() and len(reading.code) in barcode.OWN_NUMBER_LENGTHS:
        # The till would take it as a number of the store's own; in a file it is nearly always a barcode cut short.
        raise BadRow(f"{code!r}{_digits(code)} is too short for a barcode; write the store's own numbers with a letter")
    return reading.lookups[0], reading.code


def _digits(code: str) -> str:
    return f" ({len(code)} digits)" if code.isdecimal() else ""


def _name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise BadRow("no name")
    if len(name) > MAX_NAME_LENGTH:
        raise BadRow(f"the name has {len(name)} characters; {MAX_NAME_LENGTH} are possible")
    if "\ufffd" in name:
        raise BadRow("the name holds U+FFFD: letters were lost before the file came here")
    return name


def _category(text: str) -> str:
    if len(text) > MAX_CATEGORY_LENGTH:
        raise BadRow(f"the category has {len(text)} characters; {MAX_CATEGORY_LENGTH} are possible")
    return " ".join(text.split())


def _price(text: str) -> int | None:
    """Cents, or None for an empty cell. "1.234,56" and "€ 1,99" are read; "1,234" alone is refused as ambiguous."""
    plain = _CURRENCY.sub("", text).strip()
    if not plain:
        return None
    thousands = _THOUSANDS.fullmatch(plain)
    if thousands and thousands["decimals"] and thousands["decimals"][0] != thousands["mark"]:
        whole = plain.removesuffix(thousands["decimals"]).replace(thousands["mark"], "")
        plain = whole + thousands["decimals"]
    try:
        cents = parse_cents(plain)
    except Refusal as refusal:
        raise BadRow(f"price: {refusal.message}") from refusal
    if cents == 0:
        raise BadRow("the price is zero; leave it empty if it is not known")
    return cents


def _tax_class(text: str, tax_rates_bp: Mapping[str, int]) -> str:
    """A tax class by its name or by its rate in percent ("19", "19 %", "19,0"); the first class when empty."""
    if not text:
        return next(iter(tax_rates_bp))
    if text.lower() in tax_rates_bp:
        return text.lower()
    try:
        rate_bp = round(float(text.removesuffix("%").strip().replace(",", ".")) * 100)
    except (ValueError, OverflowError):
        rate_bp = -1
    for name, known_bp in tax_rates_bp.items():
        if known_bp == rate_bp:
            return name
    known = ", ".join(f"{name} ({rate / 100:g} %)" for name, rate in tax_rates_bp.items())
    raise BadRow(f"tax {text[:40]!r} is none of this store's classes: {known}")
