"""Values of the domain for tests: sensible by default, every field open to change."""

from typing import Any

from kiosk_server.domain.basket import Basket, Line, sum_up
from kiosk_server.domain.catalog import Item, ItemKind, Modifier, ModifierGroup
from kiosk_server.domain.policy import CardRules, Policy
from kiosk_server.domain.promotion import Group, Promotion, PromotionKind
from kiosk_server.domain.pump import FuellingPoint, Grade

POLICY = Policy(
    store_name="Corner Store",
    currency="EUR",
    zone="Europe/Berlin",
    is_demo=True,
    cards=CardRules(by_terminal={"lane": "virtual"}),
)

MILK_CODE = "4006381333931"
BREAD_CODE = "7612100055557"


def an_item(item_id: str = MILK_CODE, **changes: Any) -> Item:
    """A grocery with a price; a bar code if its id looks like one."""
    code = item_id if item_id.isdecimal() else None
    return Item(**{"item_id": item_id, "name": f"Item {item_id}", "code": code, "price_cents": 129, **changes})


def a_menu_item(item_id: str = "burger", **changes: Any) -> Item:
    return an_item(item_id, **{"kind": ItemKind.MENU, "price_cents": 650, "name": item_id.title(), **changes})


def a_fuel(item_id: str = "diesel", unit_price_mills: int = 1799, **changes: Any) -> Item:
    fuel = {"kind": ItemKind.FUEL, "price_cents": None, "unit_price_mills": unit_price_mills, "name": item_id.title()}
    return an_item(item_id, **{**fuel, **changes})


def a_modifier(modifier_id: str, price_cents: int = 0) -> Modifier:
    return Modifier(modifier_id=modifier_id, name=modifier_id.replace("_", " "), price_cents=price_cents)


def a_group(*modifiers: Modifier, at_least: int = 0, at_most: int = 1, group_id: str = "size") -> ModifierGroup:
    return ModifierGroup(group_id=group_id, name=group_id, modifiers=modifiers, at_least=at_least, at_most=at_most)


def a_line(line_id: int = 1, **changes: Any) -> Line:
    """One piece at 1.29; give `total_cents` when you change the price or the quantity."""
    plain = {
        "line_id": line_id,
        "item_id": MILK_CODE,
        "name": "Milk",
        "kind": ItemKind.GROCERY,
        "quantity": 1,
        "unit_price_cents": 129,
        "total_cents": 129,
        "tax_class": "reduced",
        "tax_rate_bp": 700,
    }
    return Line(**{**plain, **changes})


def a_basket(*lines: Line, **changes: Any) -> Basket:
    return Basket(**{"basket_id": "basket-1", "terminal": "lane3", "lines": lines, "totals": sum_up(lines), **changes})


def an_offer(kind: str = "multi_buy", *groups: Group, **changes: Any) -> Promotion:
    """A promotion in force; two pieces of milk for 2.00 unless told otherwise."""
    plain: dict[str, Any] = {"promotion_id": kind, "name": kind.replace("_", " ").title()}
    if kind == "multi_buy" and not groups:
        groups, plain["name"], plain["amount_cents"] = (a_piece_of(MILK_CODE, quantity=2),), "2 for 2.00", 200
    return Promotion(**{**plain, "kind": PromotionKind(kind), "groups": groups, **changes})


def a_piece_of(*item_ids: str, quantity: int = 1) -> Group:
    return Group(items=item_ids, quantity=quantity)


def a_grade(unit_price_mills: int = 1799) -> Grade:
    return Grade(item_id="diesel", name="Diesel", unit_price_mills=unit_price_mills)


def a_point(**changes: Any) -> FuellingPoint:
    return FuellingPoint(**{"terminal": "pump1", **changes})


MILK = an_item(MILK_CODE, name="Milk", tax_class="reduced")
BREAD = an_item(BREAD_CODE, name="Bread", price_cents=249, tax_class="reduced")
BULB = an_item("4011200296908", name="Light bulb", price_cents=499)
BANANAS = an_item("bananas", name="Bananas", code="4011", price_cents=35, tax_class="reduced")
UNPRICED = an_item("96385074".zfill(13), name="Sample", code="96385074", price_cents=None)
COLA = a_menu_item(
    "cola", price_cents=250, modifier_groups=(a_group(a_modifier("small"), a_modifier("large", 80), at_least=1),)
)
BURGER = a_menu_item(
    "burger",
    modifier_groups=(
        a_group(
            a_modifier("no_onions"), a_modifier("cheese", 90), a_modifier("bacon", 120), at_most=2, group_id="extra"
        ),
    ),
)
DIESEL = a_fuel("diesel", 1799)
SUPER = a_fuel("super", 1859)
CATALOG = (MILK, BREAD, BULB, BANANAS, UNPRICED, COLA, BURGER, DIESEL, SUPER)
