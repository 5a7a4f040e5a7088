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


class Reading(msgspec.Struct, frozen=True):
    """One reading, net of the tare, in grams. What stands there under other conditions than IS_WEIGHT is a hint."""

    condition: Condition = Condition.UNPLUGGED
    weight_g: int = 0

    @property
    def is_weight(self) -> bool:
        return self.condition in IS_WEIGHT
