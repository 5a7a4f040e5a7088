"""How much one peer may ask for in a while: token buckets on monotonic time, bounded in number."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk_server.domain.errors import TooMany


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, refilled at `per_s` a second."""

    burst: float
    per_s: float


@dataclass(slots=True)
class Buckets:
    """One bucket a key. The longest unused is forgotten first, so memory stays bounded whoever asks."""

    rate: Rate
    monotonic_s: Callable[[], float]
    max_keys: int = 10_000
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, key: str, what: str) -> None:
        """Raise TooMany with `retry_after_s` if nothing is left. `what` names it to people: "Too many {what}"."""
        self._draw(key, what, 0)

    def take(self, key: str, what: str) -> None:
        """Take one, or raise TooMany."""
        self._draw(key, what, 1)

    def _draw(self, key: str, what: str, amount: int) -> None:
        now = self.monotonic_s()
        with self._lock:
            level, then = self._levels.pop(key, (self.rate.burst, now))
            level = min(self.rate.burst, level + (now - then) * self.rate.per_s)
            is_empty = level < 1
            self._levels[key] = (level if is_empty else level - amount, now)
            if len(self._levels) > self.max_keys:
                self._levels.popitem(last=False)
        if is_empty:
            wait_s = max(1, math.ceil((1 - level) / self.rate.per_s))
            raise TooMany(f"Too many {what}. Nothing was done; try again in {wait_s} s.", retry_after_s=wait_s)
