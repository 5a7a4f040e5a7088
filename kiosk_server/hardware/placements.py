"""Which piece weighed what, where nobody can be mistaken: so that the store learns its weights by being used.

One piece was scanned since the plate last grew heavier, and now it grew heavier: that was this piece. After several at
once, nothing is learned until the area agrees with the basket again. As soon as anything else may have happened
(something was taken off, taken back, skipped or looked at), nothing more is learned from this basket.
"""

from collections import Counter
from typing import Final

from kiosk_server.domain.basket import State
from kiosk_server.domain.commands import ReportPlacements
from kiosk_server.domain.commands.bagging import Placement
from kiosk_server.domain.intervention import is_of_the_bagging_area
from kiosk_server.domain.scale import Reading
from kiosk_server.store.bagging import BaggingArea

NOISE_G: Final = 2
MOST: Final = 100
_WEIGHED: Final = ""  # stands for a piece that was sold by its weight: there is nothing to learn about it


class Placements:
    """One bagging area, basket by basket. A basket that was found in its midst teaches nothing."""

    def __init__(self, terminal: str) -> None:
        self._terminal = terminal
        self._basket_id = ""
        self._pieces: Counter[str] = Counter()
        self._pending: list[str] = []
        self._placed: list[Placement] = []
        self._is_learning = False
        self._stands_g: int | None = None
        self._area: BaggingArea | None = None
        self._is_clear = True

    def weigh(self, reading: Reading) -> None:
        """What the plate says now."""
        if not reading.is_weight:
            return
        before_g = self._stands_g
        grown_g = 0 if before_g is None else reading.weight_g - before_g
        if before_g is not None and abs(grown_g) <= NOISE_G:
            return
        self._stands_g = reading.weight_g
        if grown_g < 0:
            self._is_learning = False
        is_of_one_piece = self._is_clear and len(self._pending) == 1
        if grown_g > 0 and self._is_learning and is_of_one_piece and self._pending[0] != _WEIGHED:
            self._placed.append(Placement(item_id=self._pending[0], weight_g=grown_g))
        self._pending.clear()
        self._is_clear = is_of_one_piece or self._is_complete(reading.weight_g)

    def _is_complete(self, weight_g: int) -> bool:
        """Whether all that was scanned lies there, for certain."""
        expectation = self._area.expectation if self._area is not None else None
        return expectation is not None and expectation.most_g is not None and expectation.agrees(weight_g)

    def see(self, area: BaggingArea) -> ReportPlacements | None:
        """What the store holds now; what was learned from a basket, once, when it is paid."""
        self._area = area
        basket = area.basket
        if basket is None:
            self._begin("")
            return None
        if basket.basket_id != self._basket_id:
            self._begin(basket.basket_id)
            self._is_learning = sum(_pieces_of(area).values()) <= 1 and basket.state is State.OPEN
        if basket.state is State.PAID:
            return self._hand_over()
        self._count(area)
        return None

    def _begin(self, basket_id: str) -> None:
        self._basket_id = basket_id
        self._pieces = Counter()
        self._pending, self._placed = [], []
        self._is_learning = False
        self._is_clear = True

    def _count(self, area: BaggingArea) -> None:
        pieces = _pieces_of(area)
        taken_back = self._pieces - pieces
        if taken_back or any(is_of_the_bagging_area(one) for one in area.rows):
            self._is_learning = False
            self._placed = [placed for placed in self._placed if placed.item_id not in taken_back]
        self._pending += (pieces - self._pieces).elements()
        self._pieces = pieces

    def _hand_over(self) -> ReportPlacements | None:
        placed, self._placed = self._placed[:MOST], []
        self._is_learning = False
        if not placed:
            return None
        return ReportPlacements(terminal=self._terminal, basket_id=self._basket_id, placements=tuple(placed))


def _pieces_of(area: BaggingArea) -> Counter[str]:
    """How many pieces of each item have to lie there."""
    found: Counter[str] = Counter()
    for line in area.basket.lines if area.basket else ():
        piece = area.pieces.get(line.item_id)
        if piece is not None:
            item_id = _WEIGHED if line.weight_g is not None else line.item_id
            found[item_id] += area.beside.pieces_expected(line, piece.bagging)
    return found
