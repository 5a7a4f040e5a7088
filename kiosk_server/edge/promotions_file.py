"""A file of promotions, TOML or CSV, as promotions: every row is checked, and one bad row keeps the whole file out.

A promotion that was read wrong costs money for as long as nobody looks, so there is no half of a file. In TOML each
promotion is a `[[promotion]]`; in CSV it is a row, with lists apart by spaces (categories by `|`) and the groups of a
combo by `+`. FIELDS says which words there are.
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

import msgspec

from kiosk_server.domain import barcode, promotion
from kiosk_server.domain.errors import Refusal
from kiosk_server.domain.money import parse_cents
from kiosk_server.domain.promotion import Group, Promotion

MAX_PROMOTIONS = 10_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "a word of your own; the same word in the next file is the same promotion",
        "name": "what the customer reads",
        "kind": "percent_off, amount_off, fixed_price, multi_buy, buy_get, combo, basket_percent, basket_amount, "
        "excluded",
        "items": "barcodes or own numbers",
        "categories": "of the catalog",
        "quantity": "pieces for the price, or to pay before some are free",
        "price": "of the bundle, or of the piece",
        "off": "money off",
        "percent": "off",
        "free": "pieces that buy_get gives",
        "from_total": "the basket's, at full prices",
        "starts": "first day",
        "ends": "last day",
        "weekdays": ", ".join(DAYS),
        "from": "17:00",
        "until": "19:00",
        "limit": "how often in one basket",
        "exclusive": "a word: of those that share it, one acts on a basket",
        "priority": "which of two equal ones is named",
        "coupon": "its number, or a word of your own",
        "ended": "true: it has ended",
        "groups": "of a combo, each with items, categories, quantity",
    }
)
_GROUP_FIELDS = frozenset({"items", "categories", "quantity"})
_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


class BadFile(Exception):  # noqa: N818 - a sentence for people, like a Refusal
    """Why the file was not imported; `problems` are all that were found, each naming its promotion."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class _BadRow(Exception):  # noqa: N818
    pass


def read_promotions(data: bytes, *, is_csv: bool) -> tuple[Promotion, ...]:
    """All promotions of a file. Raises BadFile."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"The file is not UTF-8 (byte {error.start}). Nothing was imported.") from error
    rows = list(_csv_rows(text) if is_csv else _toml_rows(text))
    if not rows:
        raise BadFile("The file names no promotion. Nothing was imported.")
    if len(rows) > MAX_PROMOTIONS:
        raise BadFile(f"The file names {len(rows)} promotions, the limit is {MAX_PROMOTIONS}. Nothing was imported.")
    found: list[Promotion] = []
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(_promotion(row))
        except _BadRow as bad:
            problems.append(f"{row.get('id') or f'promotion {number}'}: {bad}")
    names = [one.promotion_id for one in found]
    problems += [f"{name}: this id stands twice" for name in sorted({one for one in names if names.count(one) > 1})]
    if problems:
        raise BadFile("Nothing was imported, because of these promotions:", tuple(problems))
    return tuple(found)


# -- rows: a mapping of FIELDS to texts, numbers or lists --


def _toml_rows(text: str) -> Iterator[dict[str, Any]]:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFile(f"The file is not valid TOML: {error}. Nothing was imported.") from error
    rows = tree.pop("promotion", [])
    if tree or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        strange = f" (found: {', '.join(sorted(tree))[:80]})" if tree else ""
        raise BadFile(f"Each promotion begins with a line [[promotion]]{strange}. Nothing was imported.")
    yield from rows


def _csv_rows(text: str) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if "id" not in (reader.fieldnames or ()):
        raise BadFile("The first line must name the columns, id, name and kind among them. Nothing was imported.")
    for cells in reader:
        if None in cells:
            raise BadFile(f"Line {reader.line_num} has more cells than the first line. Nothing was imported.")
        row: dict[str, Any] = {name: cell.strip() for name, cell in cells.items() if cell and cell.strip()}
        if row:
            yield _split(row)


def _split(row: dict[str, Any]) -> dict[str, Any]:
    """Lists out of cells. The groups of a combo stand in its items and categories, apart by `+`."""
    parts = {name: row.pop(name).split("+") for name in ("items", "categories") if name in row}
    count = max((len(part) for part in parts.values()), default=0)
    groups: list[dict[str, Any]] = [
        {name: _words(name, part[n]) for name, part in parts.items() if n < len(part) and part[n].strip()}
        for n in range(count)
    ]
    if count > 1:
        row["groups"] = groups
    elif groups:
        row.update(groups[0])
    return row | ({"weekdays": re.split(r"[\s,;]+", row["weekdays"])} if "weekdays" in row else {})


def _words(name: str, text: str) -> list[str]:
    words = text.split("|") if name == "categories" else re.split(r"[\s,;]+", text)
    return [word.strip() for word in words if word.strip()]


# -- one promotion --


def _promotion(row: Mapping[str, Any]) -> Promotion:
    for name in row:
        if name not in FIELDS:
            raise _BadRow(f"{name!r} is none of {', '.join(FIELDS)}")
    fields: dict[str, Any] = {"promotion_id": _text(row, "id"), "name": _text(row, "name"), "kind": _text(row, "kind")}
    for name, (field, parse) in _PLAIN.items():
        if name in row:
            fields[field] = parse(row[name], name)
    fields["groups"] = _groups(row)
    if "price" in row and "off" in row:
        raise _BadRow("it has either a price or an amount off")
    try:
        found = msgspec.convert(fields, Promotion)
    except msgspec.ValidationError as error:
        raise _BadRow(str(error).replace(" - at `$.", " at `")) from error
    if faults := promotion.faults(found):
        raise _BadRow("; ".join(faults))
    return found


def _groups(row: Mapping[str, Any]) -> tuple[Group, ...]:
    if "groups" in row:
        groups = row["groups"]
        if _GROUP_FIELDS & row.keys() - {"quantity"} or not isinstance(groups, list):
            raise _BadRow("items and categories stand in its groups, or there are no groups")
        return tuple(_group(group) for group in groups)
    named = {name: row[name] for name in _GROUP_FIELDS if name in row}
    return (_group(named),) if named.keys() & {"items", "categories"} else ()


def _group(row: Mapping[str, Any]) -> Group:
    if not isinstance(row, Mapping) or row.keys() - _GROUP_FIELDS:
        raise _BadRow(f"a group has {', '.join(sorted(_GROUP_FIELDS))} and nothing else")
    quantity = _count(row["quantity"], "quantity") if "quantity" in row else 1
    return Group(
        items=tuple(_item_id(item) for item in _list(row, "items")),
        categories=tuple(str(category) for category in _list(row, "categories")),
        quantity=quantity,
    )


def _item_id(text: object) -> str:
    try:
        return barcode.item_id_of(str(text))
    except Refusal as refusal:
        raise _BadRow(f"the item {str(text)[:40]!r} is no barcode and no number of your own") from refusal


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name, [])
    if not isinstance(value, list):
        raise _BadRow(f'{name} is a list, such as {name} = ["..."]')
    return value


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or not value.strip():
        raise _BadRow(f"it has no {name}")
    return value.strip()


def _money(value: Any, name: str) -> int:
    try:
        return parse_cents(str(value))
    except Refusal as refusal:
        raise _BadRow(f"{name}: {refusal.message}") from refusal


def _percent(value: Any, name: str) -> int:
    """Hundredths of a percent; "12.5", "12,5 %" and 12.5 are the same."""
    try:
        basis_points = Decimal(str(value).removesuffix("%").strip().replace(",", ".")) * 100
    except InvalidOperation as error:
        raise _BadRow(f"{name} {str(value)[:20]!r} is no percentage") from error
    if not basis_points.is_finite() or basis_points != int(basis_points):
        raise _BadRow(f"{name} {str(value)[:20]!r} has more than two decimals")
    return int(basis_points)


def _count(value: Any, name: str) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,6}", str(value), re.ASCII):
        raise _BadRow(f"{name} {str(value)[:20]!r} is no whole number")
    return int(value)


def _day(value: Any, name: str) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise _BadRow(f"{name} is no day such as 2026-11-30")
    return value


def _minute(value: Any, name: str) -> int:
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    found = _TIME.fullmatch(str(value))
    if found is None:
        raise _BadRow(f"{name} {str(value)[:20]!r} is no time such as 17:00")
    return (int(found[1]) * 60 + int(found[2])) % promotion.DAY_MINUTES


def _weekdays(value: Any, name: str) -> tuple[int, ...]:
    days = value if isinstance(value, list) else [value]
    try:
        return tuple(sorted({DAYS.index(str(day).strip().lower()[:3]) + 1 for day in days}))
    except ValueError as error:
        raise _BadRow(f"{name}: write some of {', '.join(DAYS)}") from error


def _word(value: Any, name: str) -> str:
    if not isinstance(value, str | int):
        raise _BadRow(f"{name} is no text")
    return str(value).strip()


def _truth(value: Any, name: str) -> bool:
    truths = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if str(value).lower() not in truths:
        raise _BadRow(f"{name}: write true or false")
    return truths[str(value).lower()]


_PLAIN: Final[Mapping[str, tuple[str, Callable[[Any, str], object]]]] = MappingProxyType(
    {
        "price": ("amount_cents", _money),
        "off": ("amount_cents", _money),
        "percent": ("percent_bp", _percent),
        "free": ("free_quantity", _count),
        "from_total": ("threshold_cents", _money),
        "starts": ("starts_on", _day),
        "ends": ("ends_on", _day),
        "weekdays": ("weekdays", _weekdays),
        "from": ("from_minute", _minute),
        "until": ("until_minute", _minute),
        "limit": ("limit", _count),
        "exclusive": ("exclusive", _word),
        "priority": ("priority", _count),
        "coupon": ("coupon", _word),
        "ended": ("is_ended", _truth),
    }
)
