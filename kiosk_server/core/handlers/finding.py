"""From what was scanned to the item that it means, with what the code says of the very piece."""

from typing import NamedTuple

from kiosk_server.core.desk import Desk
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.day import local_time
from kiosk_server.domain.errors import NotForSale, UnknownItem
from kiosk_server.domain.pricing import NOTHING_PARTICULAR, Particulars
from kiosk_server.domain.reading import Measure, Reading


class Found(NamedTuple):
    """An item of the catalog, the piece at hand, and how many of it one scan means."""

    item: Item
    piece: Particulars = NOTHING_PARTICULAR
    pieces: int = 1


def find(desk: Desk, reading: Reading) -> Found:
    """What is sold by this code. Raises UnknownItem, NotForSale when it has expired, BadCheckDigit of a label.

    A number that stands in the catalog as a whole is that item, even where a rule of the store could read a price out
    of it: whole ranges of wholesalers lie within 20 to 29.
    """
    item = _look_up(desk, (*reading.lookups, reading.code))
    if item is not None:
        _check_fresh(desk, item, reading)
        return _found(item, reading, reading.measure, None)
    if reading.label is not None:
        item = _look_up(desk, reading.label.lookups)
        if item is not None:
            return _found(item, reading, reading.label.checked(), reading.label.code)
    raise UnknownItem(
        f"We do not know the product with the code {reading.code[:40]}. Nothing was added. "
        "Please search for it, or call an attendant.",
        code=reading.code[:40],
    )


def _look_up(desk: Desk, numbers: tuple[str, ...]) -> Item | None:
    for number in numbers:
        item = desk.repositories.item(number)
        if item is not None:
            return item
    for number in dict.fromkeys(numbers):
        item = desk.repositories.item_by_code(number)
        if item is not None:
            return item
    return None


def _found(item: Item, reading: Reading, measure: Measure, label: str | None) -> Found:
    piece = Particulars(
        weight_g=measure.weight_g,
        price_cents=measure.price_cents,
        lot=reading.lot,
        serial=reading.serial,
        code=label,
    )
    return Found(item, piece, measure.pieces or 1)


def _check_fresh(desk: Desk, item: Item, reading: Reading) -> None:
    if not reading.expiries:
        return
    now = local_time(desk.now_ms, desk.policy.zone)
    for expiry in reading.expiries:
        if expiry.is_over(now):
            day = expiry.on(now.year).isoformat()
            was = "was best before" if expiry.is_best_before else "was to be used by"
            raise NotForSale(
                f"{item.name} {was} {day}. Nothing was added. Please leave it with an attendant and take another.",
                item_id=item.item_id,
                item_name=item.name,
                reason="expired",
                expired_on=day,
            )
