"""A basket under the promotions of the store: every line with what is taken off it, to the cent.

The whole basket is priced afresh, from prices and quantities alone, so neither the order of scanning nor what was taken
back in between can be seen in the result. What a bundle saves is shared by the pieces in it, in proportion to their
prices: so the tax of each line is right, whichever of them is called free.

A promotion counts if it was on at any moment since the basket was opened: nobody loses an offer while shopping, also
not a happy hour that ends before the last item, or one that begins before paying. One that the store ends by hand ends
at once. It acts on the plain price of a piece; choices (a larger size) are paid in full beside it. Weighed goods take
percentages only; fuel and money for gift cards take nothing.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from kiosk_server.domain.basket import Basket, Discount, Line, price_cents, sum_up
from kiosk_server.domain.best_price import Membership, Pile, Steps, best_deals
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.pricing import piece_cents
from kiosk_server.domain.promotion import ON_BASKETS, Book, Promotion, PromotionKind, off_basket, ran_within

MAX_SELECTIONS = 24
_FULL_PRICE = frozenset({ItemKind.FUEL, ItemKind.GIFT})


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a basket is priced: the promotions, the clock, the rules of the house, and what is what.

    `category_of` gives the category of an item of the basket; "" for one that has none.
    """

    book: Book
    policy: Policy
    now_ms: int
    category_of: Callable[[str], str]


def reprice(before: Basket, after: Basket, line_id: int, terms: Terms) -> tuple[Basket, tuple[Line, ...]]:
    """`after` a change of one line, at its best price; and the other lines which that has changed.

    Where no promotion concerns the line, nothing is computed: the other lines stay as they are.
    """
    line = after.lines[line_id - 1]
    book = terms.book
    was_cheaper = line_id <= len(before.lines) and before.lines[line_id - 1].discounts
    if not (was_cheaper or book.on_baskets or book.of(line.item_id, terms.category_of(line.item_id))):
        return after, ()
    priced = apply(after, terms)
    pairs = zip(before.lines, priced.lines, strict=False)
    return priced, tuple(new for old, new in pairs if new is not old and new.line_id != line_id and new != old)


def apply(basket: Basket, terms: Terms) -> Basket:
    """The basket with the discounts that make it cheapest. Lines that do not change are the same objects."""
    running = _Running(basket, terms)
    goods = [_Good(line, running) for line in basket.lines if not line.is_voided and line.kind not in _FULL_PRICE]
    goods = sorted((good for good in goods if not good.is_excluded), key=lambda good: good.rank)
    best: _Result | None = None
    for chosen in _selections(running, goods):
        result = _Result(goods, running.on_baskets, chosen)
        if best is None or result.saved_cents > best.saved_cents:
            best = result
    given = best.discounts(running.coupons) if best else {}
    lines = tuple(_with(line, () if line.is_voided else given.get(line.line_id, ())) for line in basket.lines)
    if all(new is old for new, old in zip(lines, basket.lines, strict=True)):
        return basket
    return msgspec.structs.replace(basket, lines=lines, totals=sum_up(lines))


def _with(line: Line, discounts: tuple[Discount, ...]) -> Line:
    if discounts == line.discounts:
        return line
    total = price_cents(line) + line.deposit_cents - sum(discount.amount_cents for discount in discounts)
    return msgspec.structs.replace(line, discounts=discounts, total_cents=total)


class _Running:
    """The promotions that count for this basket at this moment."""

    def __init__(self, basket: Basket, terms: Terms) -> None:
        self._terms = terms
        self.coupons = {coupon.promotion_id: coupon.code for coupon in basket.coupons}
        self._since_ms = basket.opened_at or terms.now_ms
        self._known: dict[str, bool] = {}
        self._offers: dict[tuple[str, str], tuple[Membership, ...]] = {}
        self.on_baskets = [one for one in terms.book.on_baskets if self._counts(one)]

    def _counts(self, promotion: Promotion) -> bool:
        known = self._known.get(promotion.promotion_id)
        if known is None:
            has_coupon = not promotion.coupon or promotion.promotion_id in self.coupons
            terms = self._terms
            known = has_coupon and ran_within(promotion, self._since_ms, terms.now_ms, terms.policy)
            self._known[promotion.promotion_id] = known
        return known

    def of(self, item_id: str) -> tuple[Membership, ...]:
        category = self._terms.category_of(item_id)
        found = self._offers.get((item_id, category))
        if found is None:
            found = tuple(
                Membership(one, tuple(n for n, group in enumerate(one.groups) if group.holds(item_id, category)))
                for one in self._terms.book.of(item_id, category)
                if self._counts(one)
            )
            self._offers[item_id, category] = found
        return found


class _Good:
    """One line as the search sees it: pieces at a plain price, and the offers that may act on them."""

    __slots__ = ("count", "full_cents", "is_excluded", "line", "offers", "piece_cents", "rank")

    def __init__(self, line: Line, running: _Running) -> None:
        offers = running.of(line.item_id)
        self.line = line
        self.full_cents = price_cents(line)
        self.is_excluded = any(one.promotion.kind is PromotionKind.EXCLUDED for one in offers)
        if line.price_per_kg_cents is None and line.weight_g is None:
            self.count = line.quantity
            self.piece_cents = min(line.unit_price_cents, piece_cents(line.unit_price_cents, line.modifiers))
        else:
            self.count, self.piece_cents = 1, self.full_cents
            offers = tuple(one for one in offers if one.promotion.kind is PromotionKind.PERCENT_OFF)
        self.offers = offers
        # Only what is sold decides who comes first, and the place in the basket only among equals.
        choices = tuple(modifier.modifier_id for modifier in line.modifiers) if line.modifiers else ()
        self.rank = (line.item_id, self.piece_cents, line.tax_class, choices, line.quantity, line.line_id)


def _selections(running: _Running, goods: Sequence[_Good]) -> Iterator[frozenset[str]]:
    """Which promotions may act together: of those that exclude each other, each one in turn.

    More than MAX_SELECTIONS combinations are not tried: then each group keeps the one that saves most by itself.
    """
    there = {one.promotion.promotion_id: one.promotion for good in goods for one in good.offers}
    there |= {one.promotion_id: one for one in running.on_baskets}
    groups: dict[str, list[str]] = {}
    for name, promotion in sorted(there.items(), key=lambda pair: (-pair[1].priority, pair[0])):
        # A promotion without such a group is one of its own; the space keeps the names apart.
        groups.setdefault(promotion.exclusive or f" {name}", []).append(name)
    rivals = [names for names in groups.values() if len(names) > 1]
    if not rivals:
        yield frozenset(there)
        return
    free = {names[0] for names in groups.values() if len(names) == 1}
    ways = 1
    for names in rivals:
        ways *= len(names)
    if ways > MAX_SELECTIONS:
        alone = {n: _Result(goods, running.on_baskets, frozenset({n})).saved_cents for names in rivals for n in names}
        rivals = [[max(names, key=lambda name: alone[name])] for names in rivals]
    for chosen in itertools.product(*rivals):
        yield frozenset((*free, *chosen))


@dataclass(slots=True)
class _Taken:
    """What one promotion takes off one line, and on how many of its pieces it acts."""

    amount_cents: int = 0
    pieces: int = 0


class _Result:
    """What a choice of promotions gives: the deals on pieces, then what is taken off the whole basket."""

    def __init__(self, goods: Sequence[_Good], on_baskets: Sequence[Promotion], chosen: frozenset[str]) -> None:
        self._taken: dict[int, dict[str, _Taken]] = {}
        self._promotions: dict[str, Promotion] = {}
        self.saved_cents = 0
        self._take_deals(goods, chosen)
        for promotion in on_baskets:
            if promotion.promotion_id in chosen:
                self._take_off_basket(goods, promotion)

    def _take_deals(self, goods: Sequence[_Good], chosen: frozenset[str]) -> None:
        piles: dict[tuple[int, tuple[str, ...]], list[_Good]] = {}
        offers: dict[tuple[int, tuple[str, ...]], tuple[Membership, ...]] = {}
        for good in goods:
            if good.offers and good.piece_cents > 0:
                mine = tuple(one for one in good.offers if one.promotion.promotion_id in chosen)
                # By name and groups: two items are alike when the same offers may take them as the same part.
                key = (-good.piece_cents, tuple(f"{one.promotion.promotion_id} {one.groups}" for one in mine))
                piles.setdefault(key, []).append(good)
                offers[key] = mine
        keys = sorted(key for key in piles if offers[key])
        stock = [Pile(-key[0], sum(good.count for good in piles[key]), offers[key]) for key in keys]
        queues = [_Queue(piles[key]) for key in keys]
        for deal in best_deals(stock, Steps()):
            parts = [(good, pieces) for number, count in deal.takes for good, pieces in queues[number].take(count)]
            shares = share(deal.saved_cents, [good.piece_cents * pieces for good, pieces in parts])
            for (good, pieces), cents in zip(parts, shares, strict=True):
                self._take(good, deal.promotion, cents, pieces)

    def _take_off_basket(self, goods: Sequence[_Good], promotion: Promotion) -> None:
        left = [good.full_cents - self._off(good) for good in goods]
        saved = off_basket(promotion, sum(good.full_cents for good in goods), sum(left))
        if saved:
            for good, cents in zip(goods, share(saved, left), strict=True):
                self._take(good, promotion, cents, 0)

    def _off(self, good: _Good) -> int:
        taken = self._taken.get(good.line.line_id)
        return sum(one.amount_cents for one in taken.values()) if taken else 0

    def _take(self, good: _Good, promotion: Promotion, cents: int, pieces: int) -> None:
        if not cents:
            return
        taken = self._taken.setdefault(good.line.line_id, {}).setdefault(promotion.promotion_id, _Taken())
        taken.amount_cents += cents
        taken.pieces += pieces
        self._promotions[promotion.promotion_id] = promotion
        self.saved_cents += cents

    def discounts(self, coupons: Mapping[str, str]) -> dict[int, tuple[Discount, ...]]:
        """By line; those on pieces first, then those on the basket, each by priority and name."""
        given = {}
        for line_id, taken in self._taken.items():
            offers = sorted((self._promotions[name] for name in taken), key=_place)
            given[line_id] = tuple(
                Discount(
                    promotion_id=offer.promotion_id,
                    name=offer.name,
                    amount_cents=taken[offer.promotion_id].amount_cents,
                    revision=offer.revision,
                    pieces=taken[offer.promotion_id].pieces,
                    coupon=coupons.get(offer.promotion_id, ""),
                )
                for offer in offers
            )
        return given


def _place(promotion: Promotion) -> tuple[bool, int, str]:
    return promotion.kind in ON_BASKETS, -promotion.priority, promotion.promotion_id


@dataclass(slots=True)
class _Queue:
    """The pieces of one pile, line by line, handed out in order."""

    goods: list[_Good]
    _at: int = 0
    _used: int = field(default=0)

    def take(self, count: int) -> Iterator[tuple[_Good, int]]:
        while count:
            good = self.goods[self._at]
            pieces = min(count, good.count - self._used)
            self._used += pieces
            count -= pieces
            if self._used == good.count:
                self._at, self._used = self._at + 1, 0
            yield good, pieces


def share(cents: int, weights: Sequence[int]) -> list[int]:
    """`cents` shared out in proportion, by largest remainder; no share is above its weight if `cents` is not theirs."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [cents * weight // whole for weight in weights]
    missing = cents - sum(parts)
    if missing:
        order = sorted(range(len(weights)), key=lambda n: (-(cents * weights[n] % whole), n))
        for n in order[:missing]:
            parts[n] += 1
    return parts
