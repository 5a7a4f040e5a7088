"""A plate that is not there: things are laid on it by an order, and it takes its moment to come to rest."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kiosk_server.domain.scale import IS_WEIGHT, MAX_WEIGHT_G, Condition, Plate, Reading

SETTLE_S: Final = 0.4
CAPACITY_G: Final = {Plate.PRODUCE: 15_000, Plate.BAGGING: 40_000}

Load = Annotated[int, Meta(ge=0, le=MAX_WEIGHT_G)]


class Laying(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a hand does at a virtual plate. All of it at once, in this order; without anything, the plate is only read.

    `zero` takes all off. `condition` breaks the plate until it is told `stable`, and then it says the truth again.
    `is_following`: whether the lane's virtual customer lays down by itself what was scanned.
    """

    plate: Plate = Plate.BAGGING
    zero: bool = False
    put_g: Load = 0
    take_g: Load = 0
    condition: Condition | None = None
    is_following: bool | None = None


class VirtualScale:
    """One virtual plate; see scale.py."""

    descriptor: int | None = None

    def __init__(self, plate: Plate) -> None:
        self._capacity_g = CAPACITY_G[plate]
        self.load_g = 0
        self._forced: Condition | None = None
        self._rests_at_s = float("-inf")

    def obey(self, laying: Laying, now_s: float) -> None:
        """A hand at the plate."""
        if laying.condition is not None:
            self._forced = None if laying.condition in IS_WEIGHT else laying.condition
        self.carry((0 if laying.zero else self.load_g) + laying.put_g - laying.take_g, now_s)

    def carry(self, load_g: int, now_s: float) -> None:
        """From now on `load_g` lies there. The same as before disturbs nothing."""
        if load_g != self.load_g:
            self.load_g = load_g
            self._rests_at_s = now_s + SETTLE_S

    def look(self, now_s: float) -> Reading:
        if self._forced is not None:
            return Reading(self._forced, 0 if self._forced is Condition.UNPLUGGED else self.load_g)
        if self.load_g > self._capacity_g:
            return Reading(Condition.OVERLOAD, min(self.load_g, MAX_WEIGHT_G))
        if now_s < self._rests_at_s:
            return Reading(Condition.UNSTABLE, max(self.load_g, -MAX_WEIGHT_G))
        if self.load_g < 0:
            return Reading(Condition.NEGATIVE, max(self.load_g, -MAX_WEIGHT_G))
        return Reading(Condition.STABLE if self.load_g else Condition.ZERO, self.load_g)

    def due_s(self, now_s: float) -> float | None:
        return self._rests_at_s if now_s < self._rests_at_s else None

    def close(self) -> None:
        """There is nothing to let go of."""
