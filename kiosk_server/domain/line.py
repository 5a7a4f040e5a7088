"""One row of a basket: what is sold, how much of it, at which price, and what was taken off."""

import msgspec

from kiosk_server.domain.catalog import Item, ItemKind, Modifier
from kiosk_server.domain.errors import OutOfRange
from kiosk_server.domain.money import fuel_amount_cents
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.pricing import NOTHING_PARTICULAR, Particulars, line_cents, price_of, tax_rate_bp

MAX_QUANTITY = 999


class Discount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a promotion takes off one line. `amount_cents` > 0; `name` is what the customer reads.

    `revision` is that of the promotion which was applied. `pieces` of the line took part; 0: the whole basket did.
    `coupon` is the number of the coupon that opened the promotion, if one did.
    """

    promotion_id: str
    name: str
    amount_cents: int
    revision: int = 1
    pieces: int = 0
    coupon: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of a basket. `total_cents` is all that it costs: price - discounts + deposit.

    The price is quantity * (unit price + modifiers), or weight * price a kilogram, or the fuel amount. Weighed lines
    have quantity 1, `weight_g` and `price_per_kg_cents`. `deposit_cents` is of the whole line.

    `lot` and `serial` stood in the code of this piece. A line whose code had a price inside keeps it as `code`.

    `line_id` counts from 1 within the basket and is never used again. Fuel lines have quantity 1, `volume_ml` and
    `unit_price_mills`. A voided line stays, struck through, and counts nothing. `peak` is the most pieces that the line
    ever had, where some were taken back again; 0: none were.
    """

    line_id: int
    item_id: str
    name: str
    kind: ItemKind
    quantity: int
    unit_price_cents: int
    total_cents: int
    tax_class: str
    tax_rate_bp: int
    code: str | None = None
    modifiers: tuple[Modifier, ...] = ()
    volume_ml: int | None = None
    unit_price_mills: int | None = None
    is_voided: bool = False
    weight_g: int | None = None
    price_per_kg_cents: int | None = None
    deposit_cents: int = 0
    discounts: tuple[Discount, ...] = ()
    lot: str = ""
    serial: str = ""
    peak: int = 0


def taken_back_cents(line: Line) -> int:
    """What was taken back of this line, as a whole or piece by piece. By pieces: fewer of a multi-buy may cost more."""
    whole_cents = price_cents(line) + line.deposit_cents
    pieces = max(0, line.peak - line.quantity) + (line.quantity if line.is_voided else 0)
    return whole_cents * pieces // line.quantity


def price_cents(line: Line) -> int:
    """What the line costs before promotions and beside its deposit."""
    return line.total_cents - line.deposit_cents + sum(discount.amount_cents for discount in line.discounts)


def priced_line(
    item: Item,
    policy: Policy,
    line_id: int,
    quantity: int,
    modifiers: tuple[Modifier, ...] = (),
    *,
    piece: Particulars = NOTHING_PARTICULAR,
) -> Line:
    """A fresh line of `quantity` pieces. Raises NotForSale, WeightNeeded, OutOfRange."""
    price = price_of(item, piece, policy)
    line = Line(
        line_id=line_id,
        item_id=item.item_id,
        name=item.name,
        kind=item.kind,
        quantity=quantity,
        unit_price_cents=price.cents,
        total_cents=line_cents(price.cents, modifiers, quantity) + item.deposit_cents * quantity,
        tax_class=item.tax_class,
        tax_rate_bp=tax_rate_bp(item, policy),
        code=piece.code or item.code,
        modifiers=modifiers,
        weight_g=price.weight_g,
        price_per_kg_cents=price.per_kg_cents,
        deposit_cents=item.deposit_cents * quantity,
        lot=piece.lot,
        serial=piece.serial,
    )
    check_quantity(item.name, quantity)
    if quantity > 1 and is_single(line):
        raise OutOfRange(
            f"{item.name}: each piece has a weight, price or number of its own. Nothing was added. "
            "Please scan them one by one.",
            item_id=item.item_id,
            quantity=quantity,
            limit=1,
        )
    return line


def fuel_line(item: Item, policy: Policy, *, volume_ml: int, unit_price_mills: int) -> Line:
    """The only line of a fuelling's basket, at the price that stood on the pump when the nozzle was lifted."""
    amount_cents = fuel_amount_cents(volume_ml, unit_price_mills)
    return Line(
        line_id=1,
        item_id=item.item_id,
        name=item.name,
        kind=ItemKind.FUEL,
        quantity=1,
        unit_price_cents=amount_cents,
        total_cents=amount_cents,
        tax_class=item.tax_class,
        tax_rate_bp=tax_rate_bp(item, policy),
        code=item.code,
        volume_ml=volume_ml,
        unit_price_mills=unit_price_mills,
    )


def gift_line(line_id: int, item_id: str, name: str, amount_cents: int) -> Line:
    """Money put on a gift card. It is taxed when it is spent, since nobody knows yet on what (EU 2016/1065)."""
    return Line(
        line_id=line_id,
        item_id=item_id,
        name=name,
        kind=ItemKind.GIFT,
        quantity=1,
        unit_price_cents=amount_cents,
        total_cents=amount_cents,
        tax_class="",
        tax_rate_bp=0,
    )


def is_single(line: Line) -> bool:
    """Whether the line is one very piece: weighed, or with a serial number."""
    return line.weight_g is not None or bool(line.serial)


def is_more_of(line: Line, fresh: Line) -> bool:
    """Whether `fresh` only makes `line` longer: the same item, in every way that the receipt shows."""
    return (
        line.item_id == fresh.item_id
        and not line.is_voided
        and not is_single(line)
        and not is_single(fresh)
        and line.lot == fresh.lot
        and line.code == fresh.code
        and not line.modifiers
        and not fresh.modifiers
        and line.unit_price_cents == fresh.unit_price_cents
        and line.tax_rate_bp == fresh.tax_rate_bp
        and line.tax_class == fresh.tax_class
        and line.deposit_cents * fresh.quantity == fresh.deposit_cents * line.quantity
    )


def check_quantity(name: str, quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise OutOfRange(
            f"{name}: one line holds 1 to {MAX_QUANTITY} pieces, not {quantity}. Nothing was changed.",
            quantity=quantity,
            limit=MAX_QUANTITY,
        )
