"""What a scale says: a weight, and whether it may be believed."""

from enum import StrEnum
from typing import Final

import msgspec

MAX_WEIGHT_G: Final = 60_000


class Condition(StrEnum):
    """The state of a scale, after the status bits that retail scales share (NCI, Toledo 8217).

    Only `stable` and `zero` are weights. `unplugged`: no answer for longer than a scale takes to answer.
    """

    STABLE = "stable"
    ZERO = "zero"
    UNSTABLE = "unstable"
    NEGATIVE = "negative"
    OVERLOAD = "overload"
    UNPLUGGED = "unplugged"


IS_WEIGHT: Final = frozenset({Condition.STABLE, Condition.ZERO})


class Plate(StrEnum):
    """Which of a lane's two plates. Each has a zero of its own: what is sold by weight never stands on bought goods."""

    PRODUCE = "produce"
    BAGGING = "bagging"


class Reading(msgspec.Struct, frozen=True):
    """One reading, net of the tare, in grams. What stands there under other conditions than IS_WEIGHT is a hint."""

    condition: Condition = Condition.UNPLUGGED
    weight_g: int = 0

    @property
    def is_weight(self) -> bool:
        return self.condition in IS_WEIGHT


class Deviation(StrEnum):
    """How the bagging area stands to the basket. Without an open basket, or without a weight, there is `none`."""

    NONE = "none"
    MISSING = "missing"  # something that was scanned does not lie there
    SURPLUS = "surplus"  # something lies there that was not scanned


class BaggingReading(msgspec.Struct, frozen=True):
    """The plate of a bagging area, and what to tell the customer about it before anybody has to come."""

    condition: Condition = Condition.UNPLUGGED
    weight_g: int = 0
    deviation: Deviation = Deviation.NONE


class LaneScales(msgspec.Struct, frozen=True, kw_only=True):
    """What the scales of one lane say; None where there is none. `can_lay`: they are virtual, and this lane's own
    screen may lay things on them.
    """

    produce: Reading | None = None
    bagging: BaggingReading | None = None
    can_lay: bool = False


def no_scales(_terminal: str) -> LaneScales:
    """Where no lane has any."""
    return LaneScales()
