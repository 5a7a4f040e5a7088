"""A plate that weighs: what the store needs of one, and how the settings name it.

A lane may have two: one that produce is sold by, and the bagging area. They are never one plate: what is sold by weight
is weighed from zero, and must not be weighed on top of what was bought.
"""

from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlsplit

import msgspec

from kiosk_server.domain.scale import Reading


class Scale(Protocol):
    """One plate. Only the thread of the scales calls it, and nothing in it may wait. Seconds are monotonic."""

    @property
    def descriptor(self) -> int | None:
        """What becomes readable when the plate has something to say; None where nothing can."""

    def look(self, now_s: float) -> Reading:
        """What it says now; asks it, where it has to be asked."""

    def due_s(self, now_s: float) -> float | None:
        """When to look again though nothing was heard; None: not before it is touched."""

    def close(self) -> None:
        """Let go of it. It may be looked at again, and then is opened again."""


class Way(StrEnum):
    VIRTUAL = "virtual"
    TOLEDO = "toledo-8217"


class ScaleAddress(msgspec.Struct, frozen=True):
    """How a plate is reached. `grams_per_unit` is that of the unit which its answers are in."""

    way: Way
    device: str = ""
    grams_per_unit: float = 1000.0


GRAMS_PER_UNIT: Final = {"kg": 1000.0, "lb": 453.59237}


def parse_scale(text: str) -> ScaleAddress:
    """`virtual`, or a serial device as `/dev/ttyS0`, which may end in `?unit=lb`. Raises ValueError, saying why."""
    if text == Way.VIRTUAL:
        return ScaleAddress(Way.VIRTUAL)
    parts = urlsplit(text)
    if parts.scheme or not parts.path.startswith("/"):
        raise ValueError(f'{text!r} is neither "virtual" nor the path of a serial device like "/dev/ttyS0"')
    wishes = dict(parse_qsl(parts.query, keep_blank_values=True))
    unit = wishes.pop("unit", "kg")
    if wishes or unit not in GRAMS_PER_UNIT:
        raise ValueError(f'{text!r} asks for more than "?unit=kg" or "?unit=lb"')
    return ScaleAddress(Way.TOLEDO, parts.path, GRAMS_PER_UNIT[unit])
