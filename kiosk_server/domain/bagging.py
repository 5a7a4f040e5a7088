"""What ought to lie in the bagging area, how far that is known, and how weights are learned.

Every line contributes the span of weights that it may have; the area agrees while the measured weight lies within the
sum of the spans, widened by the tolerance of the store. Nothing here knows a scale.
"""

from collections.abc import Iterable, Mapping
from statistics import median
from types import MappingProxyType
from typing import Final

import msgspec

from kiosk_server.domain.basket import Line
from kiosk_server.domain.catalog import Bagging, Item, ItemKind
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import Deviation

SAMPLES: Final = 15  # the newest, so that a new packaging takes over
TRUSTED_SAMPLES: Final = 3
MIN_PIECE_G: Final = 1
MAX_PIECE_G: Final = 30_000
# A catalog says what is inside; the jar around it is weighed too.
_CATALOG_FACTOR: Final = 2.5
_CATALOG_MORE_G: Final = 20
_CATALOG_SPREAD: Final = 0.10
_SPREADS: Final = 4
_WEIGHED_SPREAD_G: Final = 5


class LearnedWeight(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of an item in grams: the median of the newest `samples`, and their median distance from it."""

    item_id: str
    weight_g: int
    spread_g: int
    samples: tuple[int, ...]


class Piece(msgspec.Struct, frozen=True):
    """What one piece is expected to weigh. `weight_g` None: nobody knows. `wrapping_g`: how much may be around it."""

    weight_g: int | None = None
    spread_g: int = 0
    bagging: Bagging = Bagging.WEIGHED
    wrapping_g: int = 0


class Expectation(msgspec.Struct, frozen=True):
    """What the bagging area may show, tolerance and tare included. `most_g` None: no upper bound is known."""

    expected_g: int
    least_g: int
    most_g: int | None

    def agrees(self, measured_g: int) -> bool:
        return self.deviation(measured_g) is Deviation.NONE

    def deviation(self, measured_g: int) -> Deviation:
        if measured_g < self.least_g:
            return Deviation.MISSING
        return Deviation.SURPLUS if self.most_g is not None and measured_g > self.most_g else Deviation.NONE


def piece_of(item: Item | None, learned: LearnedWeight | None) -> Piece:
    """What is known of one piece: learned thrice over, or from the catalog, or learned once.

    Nobody is stopped for the jar around the honey: until a weight was learned, the catalog's may be far exceeded.
    """
    if item is None:
        return Piece()
    if learned is not None and len(learned.samples) >= TRUSTED_SAMPLES:
        return Piece(learned.weight_g, learned.spread_g, item.bagging)
    if item.weight_g is not None:
        wrapping_g = _most_by_catalog_g(item.weight_g) - item.weight_g
        return Piece(item.weight_g, round(item.weight_g * _CATALOG_SPREAD), item.bagging, wrapping_g)
    if learned is not None:
        return Piece(learned.weight_g, max(learned.spread_g, learned.weight_g // 4), item.bagging)
    return Piece(bagging=item.bagging)


class Beside(msgspec.Struct, frozen=True):
    """What else is known of a basket's bagging area: what lies there and is no item, and what may stay out of it.

    `skipped` are pieces by line_id.
    """

    tare_g: int = 0
    skipped: Mapping[int, int] = MappingProxyType({})

    def pieces_expected(self, line: Line, bagging: Bagging) -> int:
        """How many pieces of this line have to lie there."""
        if line.is_voided or line.kind is not ItemKind.GROCERY or bagging is not Bagging.WEIGHED:
            return 0
        return max(0, line.quantity - self.skipped.get(line.line_id, 0))


NOTHING_BESIDE: Final = Beside()


def _most_by_catalog_g(weight_g: int) -> int:
    return round(weight_g * _CATALOG_FACTOR) + _CATALOG_MORE_G


def expect(
    lines: Iterable[Line], pieces: Mapping[str, Piece], rules: LaneRules, beside: Beside = NOTHING_BESIDE
) -> Expectation:
    """The weights that these lines may have together in the bagging area.

    What is light, bulky or skipped may lie there all the same, and then surprises nobody.
    """
    expected = least = beside.tare_g
    most: int | None = beside.tare_g
    for line in lines:
        if line.is_voided or line.kind is not ItemKind.GROCERY:
            continue
        piece = pieces.get(line.item_id, Piece())
        due = beside.pieces_expected(line, piece.bagging)
        weight_g, spread_g = _one_piece(line, piece)
        if weight_g is None:
            most = None if piece.bagging is Bagging.WEIGHED else most
            continue
        expected += weight_g * due
        least += max(0, weight_g - spread_g) * due
        if most is not None:
            wrapping_g = 0 if line.weight_g is not None else piece.wrapping_g
            most += (weight_g + spread_g + wrapping_g) * line.quantity
    return Expectation(expected, least - rules.tolerance_g, None if most is None else most + rules.tolerance_g)


def _one_piece(line: Line, piece: Piece) -> tuple[int | None, int]:
    """Weight and reach of one piece; a weighed line is one piece."""
    if line.weight_g is not None:
        return line.weight_g, _WEIGHED_SPREAD_G
    return piece.weight_g, _SPREADS * piece.spread_g


def line_weight_g(line: Line, pieces: Mapping[str, Piece], beside: Beside = NOTHING_BESIDE) -> int:
    """What this line adds to the expected weight; 0 where nothing is known or expected of it."""
    piece = pieces.get(line.item_id, Piece())
    weight_g, _ = _one_piece(line, piece)
    return (weight_g or 0) * beside.pieces_expected(line, piece.bagging)


def learn(item: Item, known: LearnedWeight | None, measured_g: int) -> LearnedWeight | None:
    """What is known after one more piece was weighed; None when that weight is not to be believed.

    Bounded: nobody teaches the store that wine weighs what an onion does, for a median moves by steps and what is far
    from all that is known is not taken at all.
    """
    if not MIN_PIECE_G <= measured_g <= MAX_PIECE_G or item.bagging is not Bagging.WEIGHED:
        return None
    samples = known.samples if known else ()
    if len(samples) >= TRUSTED_SAMPLES and known is not None:
        reach_g = max(30, known.weight_g // 4, 6 * known.spread_g)
        if abs(measured_g - known.weight_g) > reach_g:
            return None
    elif item.weight_g is not None and not item.weight_g * 0.8 <= measured_g <= _most_by_catalog_g(item.weight_g):
        return None
    kept = (*samples, measured_g)[-SAMPLES:]
    middle = round(median(kept))
    spread = round(median(abs(sample - middle) for sample in kept))
    return LearnedWeight(item_id=item.item_id, weight_g=middle, spread_g=spread, samples=kept)
