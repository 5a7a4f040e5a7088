"""What can be sold: items, their modifiers, and the rules a row of a catalog must keep."""

from enum import StrEnum

import msgspec


class ItemKind(StrEnum):
    GROCERY = "grocery"
    MENU = "menu"
    FUEL = "fuel"


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


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the catalog.

    `item_id`: for items with a barcode the GTIN in 13 or 14 digits, otherwise a word chosen by the store.
    `code`: what is scanned or keyed (GTIN-8/12/13/14 as printed, or a PLU); None for items without one.
    `price_cents`: None means known, but not for sale until it has a price.
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
