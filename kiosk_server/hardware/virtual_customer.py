"""The customer of a lane whose plates are virtual: bags what was scanned a moment later, and takes it home.

Without one, a demo store would stop everybody who has nothing to lay down. What each item weighs is remembered for the
length of a basket: a weight that the store learns meanwhile does not change what lies there.
"""

import zlib
from collections.abc import Mapping
from typing import Final

from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.scale import Plate
from kiosk_server.hardware.virtual_scale import VirtualScale
from kiosk_server.store.bagging import BaggingArea

BAG_S: Final = 1.0
LEAVE_S: Final = 1.5
NEXT_PRODUCE_S: Final = 2.0
_AT_THE_LANE: Final = frozenset({State.OPEN, State.TENDERING})


class VirtualCustomer:
    """Moves the load of a lane's virtual plates after what the store has committed. Seconds are monotonic."""

    def __init__(self, terminal: str, plates: Mapping[Plate, VirtualScale]) -> None:
        self._terminal = terminal
        self._plates = plates
        self.is_following = True
        self._has_come = False
        self._basket_id = ""
        self._weights_g: dict[str, int] = {}
        self._bagged_g = 0
        self._weighed = 0
        self._moves: list[tuple[float, Plate, int | None]] = []  # by when; None: everything is taken away

    def follow(self, area: BaggingArea, now_s: float) -> None:
        """The store has committed something about this lane."""
        basket = area.basket if area.basket is not None and area.basket.state in _AT_THE_LANE else None
        if not self._has_come:
            self._take_up(area, basket, now_s)
            return
        if (basket.basket_id if basket else "") != self._basket_id:
            self._change_basket(basket, now_s)
        goods_g = self._goods_g(area, basket)
        if goods_g != self._bagged_g:
            self._plan(now_s + BAG_S, Plate.BAGGING, goods_g - self._bagged_g)
            self._bagged_g = goods_g
        weighed = sum(line.weight_g is not None for line in basket.lines) if basket else 0
        if weighed > self._weighed:
            self._plan(now_s, Plate.PRODUCE, None)
            self._plan(now_s + NEXT_PRODUCE_S, Plate.PRODUCE, self._next_produce_g())
        self._weighed = weighed

    def stop_following(self) -> None:
        """Hands off: what lies there stays, and `follow` begins afresh once it is called again."""
        self._has_come = False
        self._moves.clear()

    def step(self, now_s: float) -> None:
        """Do what is due."""
        while self._moves and self._moves[0][0] <= now_s:
            _, plate, change_g = self._moves.pop(0)
            scale = self._plates.get(plate)
            if scale is not None:
                scale.carry(0 if change_g is None else scale.load_g + change_g, now_s)

    def due_s(self) -> float | None:
        return self._moves[0][0] if self._moves else None

    def _take_up(self, area: BaggingArea, basket: Basket | None, now_s: float) -> None:
        """The server has started in mid-basket: what was bagged lies there still."""
        self._has_come = True
        self._basket_id = basket.basket_id if basket else ""
        self._weights_g = {}
        self._bagged_g = self._goods_g(area, basket)
        self._weighed = sum(line.weight_g is not None for line in basket.lines) if basket else 0
        if bagging := self._plates.get(Plate.BAGGING):
            bagging.carry(max(0, self._bagged_g + area.beside.tare_g), now_s)
        if produce := self._plates.get(Plate.PRODUCE):
            produce.carry(self._next_produce_g(), now_s)

    def _change_basket(self, basket: Basket | None, now_s: float) -> None:
        self._moves = [move for move in self._moves if move[1] is not Plate.BAGGING]
        self._plan(now_s + LEAVE_S, Plate.BAGGING, None)
        self._basket_id = basket.basket_id if basket else ""
        self._weights_g = {}
        self._bagged_g = 0
        self._weighed = 0

    def _plan(self, due_s: float, plate: Plate, change_g: int | None) -> None:
        # In the order in which it was planned: nobody takes away what they have just laid down.
        last_s = max((move[0] for move in self._moves if move[1] is plate), default=due_s)
        self._moves.append((max(due_s, last_s), plate, change_g))
        self._moves.sort(key=lambda move: move[0])

    def _goods_g(self, area: BaggingArea, basket: Basket | None) -> int:
        total_g = 0
        for line in basket.lines if basket else ():
            piece = area.pieces.get(line.item_id)
            if piece is None:
                continue
            known_g = self._weights_g.setdefault(line.item_id, piece.weight_g or 80 + _drawn(line.item_id) % 900)
            one_g = line.weight_g if line.weight_g is not None else known_g
            total_g += one_g * area.beside.pieces_expected(line, piece.bagging)
        return total_g

    def _next_produce_g(self) -> int:
        """There is always something that can be weighed: another handful each time."""
        return 150 + _drawn(f"{self._terminal}/{self._basket_id}/{self._weighed}") % 1200


def _drawn(text: str) -> int:
    return zlib.crc32(text.encode())
