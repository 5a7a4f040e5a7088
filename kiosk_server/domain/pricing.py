"""What one piece and one line cost, and at which rate they are taxed."""

from collections.abc import Sequence

import msgspec

from kiosk_server.domain.catalog import Item, ItemKind, Modifier
from kiosk_server.domain.errors import NotForSale, OutOfRange, WeightNeeded
from kiosk_server.domain.money import MAX_CENTS, divide_half_up
from kiosk_server.domain.policy import Policy

GRAMS_PER_KG = 1000


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the very piece at hand and not of its item: from the scale, or from the code on it.

    `weight_g` is net. `price_cents` is what stands on its label, for the whole piece. `code` is that label's.
    """

    weight_g: int | None = None
    price_cents: int | None = None
    lot: str = ""
    serial: str = ""
    code: str | None = None


NOTHING_PARTICULAR = Particulars()


class PiecePrice(msgspec.Struct, frozen=True):
    """What one piece costs; by which weight and price a kilogram, where it is sold so."""

    cents: int
    weight_g: int | None = None
    per_kg_cents: int | None = None


def price_of(item: Item, piece: Particulars, policy: Policy) -> PiecePrice:
    """What one piece of `item` costs: the price on its label, or its weight's, or the item's own.

    Raises NotForSale (details: `reason`), WeightNeeded (what a lane must know to ask for the scale), OutOfRange.
    """
    check_for_sale(item)
    if piece.price_cents is not None:
        return _label_price(item, piece, piece.price_cents)
    if item.price_per_kg_cents is not None:
        return _weighed_price(item, piece.weight_g, item.price_per_kg_cents, policy)
    if item.price_cents is None:
        raise NotForSale(
            f"{item.name} has no price yet, so it cannot be sold. Nothing was added. Please call an attendant.",
            item_id=item.item_id,
            item_name=item.name,
            reason="no_price",
        )
    return PiecePrice(item.price_cents, piece.weight_g)


def check_for_sale(item: Item) -> None:
    """Raise NotForSale for what is recalled, whoever asks, and for what is sold elsewhere."""
    if item.is_withdrawn:
        raise NotForSale(
            f"{item.name} has been recalled and must not be sold. Nothing was added. "
            "Please leave it with an attendant and do not take it home.",
            item_id=item.item_id,
            item_name=item.name,
            reason="withdrawn",
        )
    if item.kind is ItemKind.FUEL:
        raise NotForSale(
            f"{item.name} is sold at the fuelling points only. Nothing was added.",
            item_id=item.item_id,
            item_name=item.name,
            reason="fuel",
        )


def _label_price(item: Item, piece: Particulars, cents: int) -> PiecePrice:
    if cents == 0:
        raise NotForSale(
            f"The label on {item.name} carries no price. Nothing was added. Please call an attendant.",
            item_id=item.item_id,
            item_name=item.name,
            reason="no_price",
        )
    per_kg = item.price_per_kg_cents
    weight_g = piece.weight_g
    if weight_g is None and per_kg:
        weight_g = divide_half_up(cents * GRAMS_PER_KG, per_kg)
    return PiecePrice(cents, weight_g, per_kg)


def _weighed_price(item: Item, weight_g: int | None, per_kg_cents: int, policy: Policy) -> PiecePrice:
    minimum_g = policy.codes.minimum_weight_g
    if weight_g is None:
        raise WeightNeeded(
            f"{item.name} is sold by weight. Nothing was added yet. Please put it on the scale.",
            item_id=item.item_id,
            item_name=item.name,
            price_per_kg_cents=per_kg_cents,
            tare_g=item.tare_g,
            minimum_weight_g=minimum_g,
        )
    if weight_g < max(1, minimum_g):
        raise OutOfRange(
            f"{item.name}: {weight_g} g is less than this scale may sell by ({minimum_g} g). Nothing was added. "
            "Please put more on it, or call an attendant.",
            item_id=item.item_id,
            weight_g=weight_g,
            minimum_weight_g=minimum_g,
        )
    return PiecePrice(divide_half_up(weight_g * per_kg_cents, GRAMS_PER_KG), weight_g, per_kg_cents)


def net_weight_g(item: Item, gross_g: int, policy: Policy, container: str | None = None) -> int:
    """What is sold of `gross_g`: less the item's own wrapping, and less the container that it was put into.

    `container` is a name of the policy's. Raises OutOfRange for one that there is not, or when nothing is left.
    """
    if container is not None and container not in policy.codes.containers_g:
        raise OutOfRange(
            f"There is no container called {container[:40]!r} here. Nothing was added.",
            containers=sorted(policy.codes.containers_g),
        )
    tare_g = item.tare_g + (policy.codes.containers_g[container] if container is not None else 0)
    if gross_g <= tare_g:
        raise OutOfRange(
            f"{item.name}: there is nothing on the scale beside {tare_g} g of wrapping. Nothing was added. "
            "Please put it on the scale.",
            item_id=item.item_id,
            weight_g=gross_g,
            tare_g=tare_g,
        )
    return gross_g - tare_g


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
