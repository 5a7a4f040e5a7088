"""What can be sold: items, their modifiers, and the rules a row of a catalog must keep."""

import re
from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec

from kiosk_server.domain.errors import NotFound, OutOfRange

MAX_PRICE_CENTS = 10_000_000
MAX_NAME_LENGTH = 200
MAX_WEIGHT_G = 1_000_000
MAX_TARE_G = 10_000
MAX_AGE = 99
MAX_CAP = 999

PICTURE_KINDS = (".avif", ".jpeg", ".jpg", ".png", ".webp")

_PICTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
_ITEM_ID = re.compile(r"[\x21-\x7e]{1,64}")  # as commands.Id, or AddItem could not name it


class ItemKind(StrEnum):
    GROCERY = "grocery"
    MENU = "menu"
    FUEL = "fuel"
    GIFT = "gift"  # money put on a gift card; never in the catalog, no sale until it is spent


class Modifier(msgspec.Struct, frozen=True, kw_only=True):
    """One choice within a group ("no onions", "large"). `price_cents` may be negative or zero."""

    modifier_id: str
    name: str
    price_cents: int = 0


class ModifierGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Between `at_least` and `at_most` of `modifiers` are chosen with the item."""

    group_id: str
    name: str
    modifiers: tuple[Modifier, ...]
    at_least: int = 0
    at_most: int = 1


class Bagging(StrEnum):
    """What the bagging area may expect of an item: its weight, too little to feel, or nothing, for it stays outside."""

    WEIGHED = "weighed"
    LIGHT = "light"
    BULKY = "bulky"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the catalog.

    `item_id`: for items with a barcode the GTIN in 13 or 14 digits, otherwise a word chosen by the store.
    `code`: what is scanned or keyed (GTIN-8/12/13/14 as printed, or a PLU); None for items without one.
    `price_cents`: None means known, but not for sale until it has a price.
    `price_per_kg_cents`: sold by weight, and then without a `price_cents`. `weight_g`: of one piece in the bag, as far
    as it is known. `minimum_age`: in years. `max_quantity`: pieces that one basket may hold without being asked.
    `deposit_cents`: on each piece, beside its price. `is_withdrawn`: recalled, so it must not be sold whoever asks.
    `tare_g`: of the wrapping that lies on the scale with it. `picture`: the name of a file of the store's pictures.
    `unit_price_mills`: fuel only. `tax_class` names a rate of the policy; prices contain their tax.
    """

    item_id: str
    name: str
    kind: ItemKind = ItemKind.GROCERY
    code: str | None = None
    price_cents: int | None = None
    unit_price_mills: int | None = None
    tax_class: str = "standard"
    category: str = ""
    modifier_groups: tuple[ModifierGroup, ...] = ()
    allergens: tuple[str, ...] = ()
    picture: str = ""
    price_per_kg_cents: int | None = None
    weight_g: int | None = None
    minimum_age: int | None = None
    max_quantity: int | None = None
    deposit_cents: int = 0
    is_withdrawn: bool = False
    bagging: Bagging = Bagging.WEIGHED
    tare_g: int = 0


def choose(item: Item, modifier_ids: Sequence[str]) -> tuple[Modifier, ...]:
    """The choices of `item` with these ids, in the order of its menu, so that equal orders look equal.

    Raises NotFound for an id that the item does not offer, OutOfRange for one chosen twice or for a group with too few
    or too many (details: `group_id`, `at_least`, `at_most`, `chosen`).
    """
    wanted = set(modifier_ids)
    if len(wanted) < len(modifier_ids):
        raise OutOfRange(f"A choice for {item.name} was sent twice. Nothing was added.", item_id=item.item_id)
    offered = {modifier.modifier_id for group in item.modifier_groups for modifier in group.modifiers}
    if unknown := sorted(wanted - offered):
        raise NotFound(
            f"{item.name} is no longer offered that way. Nothing was added. Please choose again.",
            item_id=item.item_id,
            modifiers=unknown,
        )
    chosen: list[Modifier] = []
    for group in item.modifier_groups:
        picked = [modifier for modifier in group.modifiers if modifier.modifier_id in wanted]
        _check_count(item, group, len(picked))
        chosen += picked
    return tuple(chosen)


def _check_count(item: Item, group: ModifierGroup, chosen: int) -> None:
    if group.at_least <= chosen <= group.at_most:
        return
    needed = f"at least {group.at_least}" if chosen < group.at_least else f"at most {group.at_most}"
    raise OutOfRange(
        f"{item.name}: choose {needed} of “{group.name}” ({chosen} chosen). Nothing was added.",
        item_id=item.item_id,
        group_id=group.group_id,
        at_least=group.at_least,
        at_most=group.at_most,
        chosen=chosen,
    )


def faults(item: Item, tax_classes: Collection[str]) -> list[str]:
    """What keeps `item` out of the catalog, in words for the person who wrote the row. Empty when it may go in."""
    found = [*_name_faults(item), *_price_faults(item), *_limit_faults(item)]
    if not _ITEM_ID.fullmatch(item.item_id):
        found.append("the item_id is not 1 to 64 visible ASCII characters")
    if item.tax_class not in tax_classes:
        found.append(f"tax class {item.tax_class!r} is unknown; this store has {', '.join(sorted(tax_classes))}")
    if item.picture and not (_PICTURE.fullmatch(item.picture) and item.picture.lower().endswith(PICTURE_KINDS)):
        found.append(f"the picture is not a plain file name that ends in {', '.join(PICTURE_KINDS)}")
    for group in item.modifier_groups:
        found += _group_faults(group)
    ids = [modifier.modifier_id for group in item.modifier_groups for modifier in group.modifiers]
    if len(set(ids)) < len(ids):
        found.append("a modifier_id stands twice")
    return found


def _name_faults(item: Item) -> list[str]:
    if not item.name.strip():
        return ["the name is empty"]
    if len(item.name) > MAX_NAME_LENGTH:
        return [f"the name has {len(item.name)} characters, the limit is {MAX_NAME_LENGTH}"]
    if not item.name.isprintable():
        return ["the name holds control characters"]
    return []


def _price_faults(item: Item) -> list[str]:
    found = []
    if item.price_cents is not None and not 0 <= item.price_cents <= MAX_PRICE_CENTS:
        found.append(f"the price of {item.price_cents} cents is not between 0 and {MAX_PRICE_CENTS}")
    if item.kind is ItemKind.FUEL and not item.unit_price_mills:
        found.append("fuel needs a unit_price_mills (thousandths of the currency unit a litre) above 0")
    if item.kind is not ItemKind.FUEL and item.unit_price_mills is not None:
        found.append("only fuel has a unit_price_mills")
    return found


_LIMITS = (
    ("price_per_kg_cents", 1, MAX_PRICE_CENTS),
    ("weight_g", 1, MAX_WEIGHT_G),
    ("minimum_age", 1, MAX_AGE),
    ("max_quantity", 1, MAX_CAP),
    ("deposit_cents", 0, MAX_PRICE_CENTS),
    ("tare_g", 0, MAX_TARE_G),
)


def _limit_faults(item: Item) -> list[str]:
    found = []
    for field, least, most in _LIMITS:
        value = getattr(item, field)
        if value is not None and not least <= value <= most:
            found.append(f"{field} is {value}, which is not between {least} and {most}")
    if item.price_per_kg_cents is not None:
        if item.price_cents is not None:
            found.append("it has both a price for a piece and a price for a kilogram; it is sold by one of them")
        if item.kind is not ItemKind.GROCERY:
            found.append("only groceries are sold by weight")
    return found


def _group_faults(group: ModifierGroup) -> list[str]:
    if 0 <= group.at_least <= group.at_most and group.at_least <= len(group.modifiers) and group.at_most >= 1:
        return []
    return [f"group {group.group_id!r} asks for {group.at_least} to {group.at_most} of {len(group.modifiers)} choices"]
