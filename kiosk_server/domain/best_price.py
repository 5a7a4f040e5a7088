"""Which offers make these pieces cheapest: exactly for what occurs at a till, bounded for what does not.

Pieces that are interchangeable (same price, same offers) are one Pile. What an offer on one piece would save is the
price of putting that piece into a bundle instead, so only bundles need a search. Bundles that share no pile do not
know each other: each cluster is solved for itself.

    one bundle offer in a cluster     the dearest pieces first, bundle by bundle, while it saves: exact
    several, overlapping              search over how many pieces of each queue are used (memoised): exact; a queue is
                                      the piles of equal offers by what they lose by being bundled, and with fixed
                                      bundle prices it never pays to skip its front
    more than SEARCH_STEPS of that    the best of a few orders in which one offer after the other takes all it can,
                                      and of each offer alone; never dearer than any one of the offers by itself

Nothing depends on the order of the piles in time: they come sorted, and equal results go to the first found.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from kiosk_server.domain.money import divide_half_up
from kiosk_server.domain.promotion import FULL_BP, ON_ONE_PIECE, Promotion, PromotionKind, off_one_piece

SEARCH_STEPS = 1_500  # for all clusters of one basket together: about 3 ms
MAX_SEARCHED_PIECES = 120
NO_LIMIT = 1 << 30


class Membership(NamedTuple):
    """An offer that may act on a pile, and as which of its groups."""

    promotion: Promotion
    groups: tuple[int, ...]


class Pile(NamedTuple):
    """Interchangeable pieces at `price_cents` each."""

    price_cents: int
    pieces: int
    offers: tuple[Membership, ...]


class Deal(NamedTuple):
    """A promotion acts on pieces: `takes` are (number of the pile, pieces), `saved_cents` the sum for all of them."""

    promotion: Promotion
    takes: tuple[tuple[int, int], ...]
    saved_cents: int


@dataclass(slots=True)
class Steps:
    """What is left of the search's patience. Shared by the clusters of one basket."""

    left: int = SEARCH_STEPS


class _TooLarge(Exception):  # noqa: N818 - leaves a search, is no fault
    pass


@dataclass(slots=True)
class _Bundle:
    """A bundle offer with the piles each of its groups may take from, and how many pieces of each."""

    promotion: Promotion
    needs: tuple[int, ...]
    piles: list[list[int]] = field(default_factory=list)

    @property
    def limit(self) -> int:
        return self.promotion.limit or NO_LIMIT

    @property
    def size(self) -> int:
        return sum(self.needs)

    @property
    def is_linear(self) -> bool:
        """Whether its saving is the sum of the prices less a constant."""
        return self.promotion.kind in {PromotionKind.MULTI_BUY, PromotionKind.COMBO, PromotionKind.FIXED_PRICE}

    def saves(self, prices: Sequence[int]) -> int:
        """What one bundle of pieces at these prices saves."""
        offer = self.promotion
        if offer.kind is PromotionKind.BUY_GET:
            cheapest = sorted(prices)[: offer.free_quantity]
            return sum(divide_half_up(price * offer.percent_bp, FULL_BP) for price in cheapest)
        if offer.kind in ON_ONE_PIECE:
            return off_one_piece(offer, prices[0])
        return sum(prices) - offer.amount_cents


def best_deals(piles: Sequence[Pile], steps: Steps | None = None) -> list[Deal]:
    """The deals that save most. Piles must be sorted by something that does not depend on time."""
    steps = steps or Steps()
    solo = [_best_solo(pile) for pile in piles]
    left = [pile.pieces for pile in piles]
    deals: list[Deal] = []
    for cluster in _clusters(piles):
        for deal in _Cluster(cluster, piles, [saved for saved, _ in solo]).solve(steps):
            deals.append(deal)
            for number, pieces in deal.takes:
                left[number] -= pieces
    for number, (saved, promotion) in enumerate(solo):
        if promotion is not None and left[number]:
            deals.append(Deal(promotion, ((number, left[number]),), saved * left[number]))
    return deals


def _best_solo(pile: Pile) -> tuple[int, Promotion | None]:
    """The offer on single pieces that saves most on each of the pile, and how much."""
    best: tuple[int, Promotion | None] = (0, None)
    for promotion, _ in pile.offers:
        if promotion.kind in ON_ONE_PIECE and not promotion.limit:
            saved = off_one_piece(promotion, pile.price_cents)
            if saved > best[0]:
                best = (saved, promotion)
    return best


def _needs(promotion: Promotion) -> tuple[int, ...]:
    if promotion.kind is PromotionKind.BUY_GET:
        return (promotion.groups[0].quantity + promotion.free_quantity,)
    return tuple(group.quantity for group in promotion.groups)


def _clusters(piles: Sequence[Pile]) -> Iterator[list[_Bundle]]:
    """Bundle offers, those that share a pile together; each in the order in which offers are named."""
    bundles: dict[str, _Bundle] = {}
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    for number, pile in enumerate(piles):
        first = ""
        for promotion, groups in pile.offers:
            if promotion.kind in ON_ONE_PIECE and not promotion.limit:
                continue
            name = promotion.promotion_id
            bundle = bundles.get(name)
            if bundle is None:
                needs = _needs(promotion)
                bundle = bundles[name] = _Bundle(promotion, needs, [[] for _ in needs])
                root[name] = name
            for group in groups:
                bundle.piles[group].append(number)
            if first:
                root[find(name)] = find(first)
            first = first or name
    together: dict[str, list[_Bundle]] = {}
    for name in sorted(bundles, key=lambda name: (-bundles[name].promotion.priority, name)):
        together.setdefault(find(name), []).append(bundles[name])
    yield from together.values()


class _Cluster:
    """Bundle offers that compete for the same pieces. `solo` is what each pile's pieces save outside of bundles."""

    def __init__(self, bundles: list[_Bundle], piles: Sequence[Pile], solo: Sequence[int]) -> None:
        self.bundles = bundles
        self.piles = piles
        self.solo = solo
        self.left: list[int] = []

    def solve(self, steps: Steps) -> list[Deal]:
        if len(self.bundles) == 1 and self._is_easy(self.bundles[0]):
            return self._in_turn(self.bundles)[1]
        try:
            return _Search(self, steps).deals()
        except _TooLarge:
            return self._best_of_some_orders()

    def _is_easy(self, bundle: _Bundle) -> bool:
        used = [number for group in bundle.piles for number in group]
        if len(set(used)) < len(used):
            return False
        return bundle.promotion.kind is not PromotionKind.BUY_GET or not any(self.solo[number] for number in used)

    def _best_of_some_orders(self) -> list[Deal]:
        alone = [self._in_turn([bundle]) for bundle in self.bundles]
        by_gain = sorted(range(len(alone)), key=lambda n: -alone[n][0])
        by_piece = sorted(range(len(alone)), key=lambda n: -self._gain_a_piece(alone[n]))
        orders = [self._in_turn([self.bundles[n] for n in order]) for order in (by_gain, by_piece)]
        return max([*orders, *alone], key=lambda found: found[0])[1]

    @staticmethod
    def _gain_a_piece(found: tuple[int, list[Deal]]) -> float:
        pieces = sum(count for deal in found[1] for _, count in deal.takes)
        return found[0] / pieces if pieces else 0.0

    def _in_turn(self, order: Iterable[_Bundle]) -> tuple[int, list[Deal]]:
        """Each offer takes all it can, one after the other: what they gain over offers on single pieces, and how."""
        left = [pile.pieces for pile in self.piles]
        gained, deals = 0, []
        for bundle in order:
            for deal, gain in self._fill(bundle, left):
                gained += gain
                deals.append(deal)
        return gained, deals

    def _fill(self, bundle: _Bundle, left: list[int]) -> Iterator[tuple[Deal, int]]:
        queues = [sorted(group, key=lambda n: self._rank(bundle, n)) for group in bundle.piles]
        starts = [0] * len(queues)
        times = bundle.limit
        while times > 0:
            takes = self._next(bundle, queues, starts, left)
            if takes is None:
                return
            saved = bundle.saves([self.piles[n].price_cents for n, pieces in takes.items() for _ in range(pieces)])
            gain = saved - sum(self.solo[n] * pieces for n, pieces in takes.items())
            if gain <= 0:
                return
            # As many bundles alike at once as there are: a line of 999 pieces is no more work than one of two.
            again = min(times, *(left[n] // pieces for n, pieces in takes.items()))
            for n, pieces in takes.items():
                left[n] -= pieces * again
            times -= again
            yield Deal(bundle.promotion, tuple((n, k * again) for n, k in takes.items()), saved * again), gain * again

    def _rank(self, bundle: _Bundle, number: int) -> tuple[int, int]:
        price = self.piles[number].price_cents
        if bundle.promotion.kind is PromotionKind.BUY_GET:
            return -price, number
        worth = off_one_piece(bundle.promotion, price) if bundle.promotion.kind in ON_ONE_PIECE else price
        return self.solo[number] - worth, number

    @staticmethod
    def _next(bundle: _Bundle, queues: list[list[int]], starts: list[int], left: list[int]) -> dict[int, int] | None:
        takes: dict[int, int] = {}
        for group, queue in enumerate(queues):
            need = bundle.needs[group]
            while starts[group] < len(queue) and not left[queue[starts[group]]]:
                starts[group] += 1
            for place in range(starts[group], len(queue)):
                number = queue[place]
                pieces = min(need, left[number] - takes.get(number, 0))
                if pieces > 0:
                    takes[number] = takes.get(number, 0) + pieces
                    need -= pieces
                    if not need:
                        break
            if need:
                return None
        return takes


class _Search:
    """The exact answer for one cluster. State: pieces used of each queue, and bundles used of each limited offer."""

    def __init__(self, cluster: _Cluster, steps: Steps) -> None:
        self.cluster = cluster
        self.steps = steps
        self.bundles = cluster.bundles
        self.queues = self._queues()
        self.pieces = [[n for n in queue for _ in range(cluster.piles[n].pieces)] for queue in self.queues]
        worths = [[cluster.piles[n].price_cents - cluster.solo[n] for n in pieces] for pieces in self.pieces]
        self.sums = [[0, *accumulate(worth)] for worth in worths]
        of_queue = {n: q for q, queue in enumerate(self.queues) for n in queue}
        self.open = [[sorted({of_queue[n] for n in group}) for group in one.piles] for one in self.bundles]
        self.known: dict[tuple[int, ...], tuple[int, tuple[int, tuple[int, ...]] | None]] = {}

    def _queues(self) -> list[list[int]]:
        cluster = self.cluster
        used = sorted({n for bundle in self.bundles for group in bundle.piles for n in group})
        if sum(cluster.piles[n].pieces for n in used) > MAX_SEARCHED_PIECES:
            raise _TooLarge
        if not all(bundle.is_linear for bundle in self.bundles):
            return [[n] for n in used]
        alike: dict[object, list[int]] = {}
        for n in used:
            signature = tuple(
                (b, g) for b, one in enumerate(self.bundles) for g, group in enumerate(one.piles) if n in group
            )
            alike.setdefault(signature, []).append(n)
        return [sorted(q, key=lambda n: (cluster.solo[n] - cluster.piles[n].price_cents, n)) for q in alike.values()]

    def deals(self) -> list[Deal]:
        state = (0,) * (len(self.queues) + len(self.bundles))
        self._gain(state)
        found = []
        while (choice := self.known[state][1]) is not None:
            bundle, takes = choice
            if bundle >= 0:
                found.append(self._deal(bundle, takes, state))
            state = self._after(state, bundle, takes)
        return found

    def _deal(self, bundle: int, takes: tuple[int, ...], state: tuple[int, ...]) -> Deal:
        counts: dict[int, int] = {}
        for queue, pieces in enumerate(takes):
            for n in self.pieces[queue][state[queue] : state[queue] + pieces]:
                counts[n] = counts.get(n, 0) + 1
        prices = [self.cluster.piles[n].price_cents for n, pieces in counts.items() for _ in range(pieces)]
        one = self.bundles[bundle]
        return Deal(one.promotion, tuple(sorted(counts.items())), one.saves(prices))

    def _after(self, state: tuple[int, ...], bundle: int, takes: tuple[int, ...]) -> tuple[int, ...]:
        queues = len(self.queues)
        after = [state[n] + takes[n] for n in range(queues)]
        used = list(state[queues:])
        if bundle >= 0 and self.bundles[bundle].promotion.limit:
            used[bundle] += 1
        return (*after, *used)

    def _gain(self, state: tuple[int, ...]) -> int:
        if (known := self.known.get(state)) is not None:
            return known[0]
        first = next((q for q, pieces in enumerate(self.pieces) if state[q] < len(pieces)), None)
        if first is None:
            self.known[state] = (0, None)
            return 0
        # Leave the rest of the first queue alone, or bundle at least one piece of it.
        rest = tuple(len(self.pieces[q]) - state[q] if q == first else 0 for q in range(len(self.queues)))
        best, choice = self._gain(self._after(state, -1, rest)), (-1, rest)
        for number, bundle in enumerate(self.bundles):
            if state[len(self.queues) + number] >= bundle.limit:
                continue
            for takes in sorted(self._ways(number, first, state), reverse=True):
                self.steps.left -= 1
                if self.steps.left < 0:
                    raise _TooLarge
                own = self._own_gain(bundle, takes, state)
                if own > 0:
                    gain = own + self._gain(self._after(state, number, takes))
                    if gain > best:
                        best, choice = gain, (number, takes)
        self.known[state] = (best, choice)
        return best

    def _own_gain(self, bundle: _Bundle, takes: tuple[int, ...], state: tuple[int, ...]) -> int:
        if bundle.is_linear:
            worth = sum(self.sums[q][state[q] + k] - self.sums[q][state[q]] for q, k in enumerate(takes) if k)
            return worth - bundle.promotion.amount_cents
        cluster = self.cluster
        taken = [n for q, k in enumerate(takes) for n in self.pieces[q][state[q] : state[q] + k]]
        saved = bundle.saves([cluster.piles[n].price_cents for n in taken])
        return saved - sum(cluster.solo[n] for n in taken)

    def _ways(self, number: int, first: int, state: tuple[int, ...]) -> set[tuple[int, ...]]:
        """All ways to make one bundle with at least one piece of the queue `first`: pieces of each queue."""
        free = [len(pieces) - state[q] for q, pieces in enumerate(self.pieces)]
        ways = {(0,) * len(free)}
        for group, need in zip(self.open[number], self.bundles[number].needs, strict=True):
            ways = {way for start in ways for way in _fillings(start, group, need, free)}
            if len(ways) > self.steps.left:
                raise _TooLarge
        return {way for way in ways if way[first]}


def _fillings(
    start: tuple[int, ...], group: Sequence[int], need: int, free: Sequence[int]
) -> Iterator[tuple[int, ...]]:
    """`start` with `need` more pieces out of the queues of `group`, in every way."""
    if not need:
        yield start
        return
    if not group:
        return
    queue, *others = group
    for pieces in range(min(need, free[queue] - start[queue]), -1, -1):
        more = (*start[:queue], start[queue] + pieces, *start[queue + 1 :])
        yield from _fillings(more, others, need - pieces, free)
