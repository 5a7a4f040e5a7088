"""Time and identity: the two things that a command may not take from the air, and that tests replace."""

import secrets
import threading
import time
from typing import Protocol

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, in ASCII order, so ids sort by their time
_RANDOM_BITS = 32
_ID_LENGTH = 16


class Clock(Protocol):
    """Where time and ids come from."""

    def now_ms(self) -> int:
        """Wall clock, ms since 1970 UTC. May jump; nothing may be ordered or timed out by it."""

    def monotonic_s(self) -> float:
        """Seconds that never go back, for intervals."""

    def new_id(self) -> str:
        """16 lowercase characters, unique for ever, sorting in the order of creation."""


class IdMaker:
    """48 bits of milliseconds and 32 random ones; within this process each id is above the one before it.

    Sorted ids keep a basket's rows beside each other in the tables that are ordered by them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def new_id(self, now_ms: int) -> str:
        number = (max(now_ms, 0) & 0xFFFF_FFFF_FFFF) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            # A clock that stands still or was set back must not break the order.
            if number <= self._last:
                number = self._last + 1 + secrets.randbits(8)
            self._last = number
        return _spelt(number)


def _spelt(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (_ID_LENGTH - 1), -1, -5))


def first_id_at(moment_ms: int) -> str:
    """The lowest id that is given out at a moment: what is younger is found by its id, without an index of times."""
    return _spelt((max(moment_ms, 0) & 0xFFFF_FFFF_FFFF) << _RANDOM_BITS)


class SystemClock:
    """The clock of the machine."""

    def __init__(self) -> None:
        self._ids = IdMaker()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()

    def new_id(self) -> str:
        return self._ids.new_id(self.now_ms())
