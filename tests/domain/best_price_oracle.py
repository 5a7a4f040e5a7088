"""The slow truth about a small basket: every way to bundle every piece, tried one after the other.

Written from the words of the rules alone, without anything of the product's search: pieces one by one, prices as
fractions, no piles, no order, no memory.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, permutations

from kiosk_server.domain.promotion import Promotion, PromotionKind

Piece = tuple[int, str]  # cents, item_id; the category is its first letter


def cheapest(pieces: Sequence[Piece], offers: Sequence[Promotion]) -> int:
    """The least that these pieces can cost."""
    on_pieces = [one for one in offers if not one.kind.value.startswith("basket")]
    on_basket = [one for one in offers if one.kind.value.startswith("basket")]
    free = [piece for piece in pieces if not any(o.kind is PromotionKind.EXCLUDED and _in(o, piece) for o in offers)]
    fixed = sum(cents for cents, _ in pieces) - sum(cents for cents, _ in free)
    full = sum(cents for cents, _ in free)
    left = full - _most(tuple(sorted(free)), on_pieces, {one.promotion_id: one.limit or 99 for one in on_pieces})
    for offer in sorted(on_basket, key=lambda one: (-one.priority, one.promotion_id)):
        if full >= offer.threshold_cents:
            off = offer.percent_bp * Fraction(left, 10_000) if offer.percent_bp else offer.amount_cents
            left -= min(_rounded(Fraction(off)), left)
    return fixed + left


def _most(pieces: tuple[Piece, ...], offers: list[Promotion], limits: dict[str, int]) -> int:
    if not pieces:
        return 0
    best = _most(pieces[1:], offers, limits)
    for offer in offers:
        if offer.kind is PromotionKind.EXCLUDED or not limits[offer.promotion_id]:
            continue
        fewer = limits | {offer.promotion_id: limits[offer.promotion_id] - 1}
        for others in _others(offer, pieces):
            bundle = [pieces[0], *(pieces[n] for n in others)]
            if (saved := _saved(offer, bundle)) > 0:
                rest = tuple(piece for n, piece in enumerate(pieces) if n and n not in others)
                best = max(best, saved + _most(rest, offers, fewer))
    return best


def _others(offer: Promotion, pieces: tuple[Piece, ...]) -> Iterator[tuple[int, ...]]:
    size = sum(group.quantity for group in offer.groups) + offer.free_quantity
    seen = set()
    for others in combinations(range(1, len(pieces)), size - 1):
        bundle = (pieces[0], *(pieces[n] for n in others))
        if bundle not in seen and _fits(offer, bundle):
            seen.add(bundle)
            yield others


def _fits(offer: Promotion, bundle: tuple[Piece, ...]) -> bool:
    if offer.kind is not PromotionKind.COMBO:
        return all(_in(offer, piece) for piece in bundle)
    seats = [group for group in offer.groups for _ in range(group.quantity)]
    return any(
        all(group.holds(item, item[0]) for group, (_, item) in zip(seats, order, strict=True))
        for order in permutations(bundle)
    )


def _in(offer: Promotion, piece: Piece) -> bool:
    return offer.groups[0].holds(piece[1], piece[1][0])


def _saved(offer: Promotion, bundle: list[Piece]) -> int:
    prices = sorted(cents for cents, _ in bundle)
    match offer.kind:
        case PromotionKind.PERCENT_OFF:
            return _rounded(Fraction(prices[0] * offer.percent_bp, 10_000))
        case PromotionKind.AMOUNT_OFF:
            return min(prices[0], offer.amount_cents)
        case PromotionKind.BUY_GET:
            return sum(_rounded(Fraction(cents * offer.percent_bp, 10_000)) for cents in prices[: offer.free_quantity])
        case _:
            return sum(prices) - offer.amount_cents


def _rounded(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()
