"""What one line of a basket costs."""

from collections.abc import Sequence

from kiosk_server.domain.basket import Line
from kiosk_server.domain.catalog import Item, ItemKind, Modifier
from kiosk_server.domain.errors import NotForSale, OutOfRange
from kiosk_server.domain.money import MAX_CENTS, fuel_amount_cents
from kiosk_server.domain.policy import Policy


def piece_cents(unit_price_cents: int, modifiers: Sequence[Modifier]) -> int:
    """One piece with its choices. Choices can make it free, but never give money back."""
    return max(0, unit_price_cents + sum(modifier.price_cents for modifier in modifiers))


def line_cents(unit_price_cents: int, modifiers: Sequence[Modifier], quantity: int) -> int:
    """A whole line. Raises OutOfRange above MAX_CENTS."""
    total = piece_cents(unit_price_cents, modifiers) * quantity
    if total > MAX_CENTS:
        raise OutOfRange(
            f"{quantity} pieces would cost {total} cents, more than one line may. Nothing was changed. Please call us.",
            limit_cents=MAX_CENTS,
        )
    return total


def tax_rate_bp(item: Item, policy: Policy) -> int:
    """The rate of the item's tax class. Raises NotForSale where the house has none: a guess would print a lie."""
    try:
        return policy.tax_rates_bp[item.tax_class]
    except KeyError:
        raise NotForSale(
            f"{item.name} cannot be sold: its tax class {item.tax_class!r} has no rate in this store. "
            "Nothing was added. Please call an attendant.",
            item_id=item.item_id,
            tax_class=item.tax_class,
        ) from None


def priced_line(item: Item, policy: Policy, *, line_id: int, quantity: int, modifiers: tuple[Modifier, ...]) -> Line:
    """A new line at the catalog's price of this moment. Raises NotForSale for fuel and for items without a price."""
    if item.kind is ItemKind.FUEL:
        raise NotForSale(f"{item.name} is sold at the fuelling points only. Nothing was added.", item_id=item.item_id)
    if item.price_cents is None:
        raise NotForSale(
            f"{item.name} has no price yet, so it cannot be sold. Nothing was added. Please call an attendant.",
            item_id=item.item_id,
        )
    return Line(
        line_id=line_id,
        item_id=item.item_id,
        name=item.name,
        kind=item.kind,
        quantity=quantity,
        unit_price_cents=item.price_cents,
        total_cents=line_cents(item.price_cents, modifiers, quantity),
        tax_class=item.tax_class,
        tax_rate_bp=tax_rate_bp(item, policy),
        code=item.code,
        modifiers=modifiers,
    )


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
