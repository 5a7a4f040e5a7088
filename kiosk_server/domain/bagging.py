"""What ought to lie in the bagging area, how far that is known, and how weights are learned.

Every line contributes the span of weights that it may have; the area agrees while the measured weight lies within the
sum of the spans, widened by the tolerance of the store. Nothing here knows a scale.
"""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Final

import msgspec

from kiosk_server.domain.basket import Line
from kiosk_server.domain.catalog import Bagging, Item, ItemKind
from kiosk_server.domain.lane_rules import LaneRules

SAMPLES: Final = 15  # the newest, so that a new packaging takes over
TRUSTED_SAMPLES: Final = 3
MIN_PIECE_G: Final = 1
MAX_PIECE_G: Final = 30_000
# A catalog says what is inside; the jar around it is weighed too.
_CATALOG_FACTOR: Final = 2.5
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
    """What one piece is expected to weigh. `weight_g` None: nobody knows."""

    weight_g: int | None = None
    spread_g: int = 0
    bagging: Bagging = Bagging.WEIGHED


class Expectation(msgspec.Struct, frozen=True):
    """What the bagging area may show, tolerance and tare included. `most_g` None: no upper bound is known."""

    expected_g: int
    least_g: int
    most_g: int | None

    def agrees(self, measured_g: int) -> bool:
        return self.least_g <= measured_g and (self.most_g is None or measured_g <= self.most_g)


def piece_of(item: Item | None, learned: LearnedWeight | None) -> Piece:
    """What is known of one piece: learned thrice over, or from the catalog, or learned once."""
    if item is None:
        return Piece()
    if learned is not None and len(learned.samples) >= TRUSTED_SAMPLES:
        return Piece(learned.weight_g, learned.spread_g, item.bagging)
    if item.weight_g is not None:
        return Piece(item.weight_g, round(item.weight_g * _CATALOG_SPREAD), item.bagging)
    if learned is not None:
        return Piece(learned.weight_g, max(learned.spread_g, learned.weight_g // 4), item.bagging)
    return Piece(bagging=item.bagging)


def expect(lines: Iterable[Line], pieces: Mapping[str, Piece], rules: LaneRules, tare_g: int) -> Expectation:
    """The weights that these lines may have together in the bagging area."""
    expected = least = tare_g
    most: int | None = tare_g
    for line in lines:
        if line.is_voided or line.kind is not ItemKind.GROCERY:
            continue
        weight, spread = _line_weight(line, pieces.get(line.item_id, Piece()))
        bagging = pieces.get(line.item_id, Piece()).bagging
        if weight is None:
            most = None if bagging is Bagging.WEIGHED else most
            continue
        if bagging is Bagging.WEIGHED:
            expected += weight
            least += weight - spread
        if most is not None:
            most += weight + spread
    return Expectation(expected, least - rules.tolerance_g, None if most is None else most + rules.tolerance_g)


def _line_weight(line: Line, piece: Piece) -> tuple[int | None, int]:
    if line.weight_g is not None:
        return line.weight_g, _WEIGHED_SPREAD_G
    if piece.weight_g is None:
        return None, 0
    return piece.weight_g * line.quantity, _SPREADS * piece.spread_g * line.quantity


def line_weight_g(line: Line, pieces: Mapping[str, Piece]) -> int:
    """What this line adds to the expected weight; 0 where nothing is known or expected of it."""
    piece = pieces.get(line.item_id, Piece())
    weight, _ = _line_weight(line, piece)
    return weight if weight is not None and piece.bagging is Bagging.WEIGHED else 0


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
    elif item.weight_g is not None and not item.weight_g * 0.8 <= measured_g <= item.weight_g * _CATALOG_FACTOR + 20:
        return None
    kept = (*samples, measured_g)[-SAMPLES:]
    middle = round(median(kept))
    spread = round(median(abs(sample - middle) for sample in kept))
    return LearnedWeight(item_id=item.item_id, weight_g=middle, spread_g=spread, samples=kept)
