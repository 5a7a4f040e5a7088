"""What one piece and one line cost, and at which rate they are taxed."""

from collections.abc import Sequence

from kiosk_server.domain.catalog import Item, Modifier
from kiosk_server.domain.errors import NotForSale, OutOfRange
from kiosk_server.domain.money import MAX_CENTS
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
