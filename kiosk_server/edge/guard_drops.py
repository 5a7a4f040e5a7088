"""Who tried and was turned away: counted for ever, remembered for the last few hundred addresses.

A flood from a million forged addresses must cost a few hundred rows, not a million, and must not fill the log.
"""

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kiosk_server.edge.guard_rules import SENTENCES, Reason
from kiosk_server.edge.network import parse_address

log = logging.getLogger(__name__)

REMEMBERED: Final = 256
_LOG_LINES: Final = 10  # new addresses named in the log in one interval; beyond, they are only counted
_LOG_INTERVAL_MS: Final = 60_000


class Door(StrEnum):
    """Where somebody was turned away."""

    ACCEPT = "accept"
    REQUEST = "request"
    SCREEN = "screen"
    PACKET = "packet"


@dataclass(frozen=True, slots=True)
class Dropped:
    """One address that was turned away. Times are ms since 1970, UTC; reason and door are those of the last time."""

    address: str
    reason: Reason
    door: Door
    first_seen: int
    last_seen: int
    count: int


class Drops:
    """The ledger of the refused. Safe from any thread. `tell(address, reason, door)` hears of every single one."""

    def __init__(self, now_ms: Callable[[], int], remembered: int = REMEMBERED) -> None:
        self._now_ms = now_ms
        self._remembered = remembered
        self._lock = threading.Lock()
        self._rows: OrderedDict[str, Dropped] = OrderedDict()
        self._counts: Counter[tuple[Door, Reason]] = Counter()
        self._lines = 0
        self._lines_since = 0
        self.tell: Callable[[str, Reason, Door], None] | None = None

    def count(self, address: str | None, reason: Reason, door: Door) -> None:
        """Note one refusal."""
        shown = _shown(address)
        now = self._now_ms()
        with self._lock:
            self._counts[door, reason] += 1
            row = self._rows.pop(shown, None)
            if row is None:
                self._rows[shown] = Dropped(shown, reason, door, now, now, 1)
                if len(self._rows) > self._remembered:
                    self._rows.popitem(last=False)
                is_told = self._may_tell(now)
            else:
                self._rows[shown] = replace(row, reason=reason, door=door, last_seen=now, count=row.count + 1)
                is_told = False
        if self.tell is not None:
            self.tell(shown, reason, door)
        if is_told:
            log.warning("Turned away %s at the door %s: %s", shown, door, SENTENCES[reason])

    def _may_tell(self, now: int) -> bool:
        if not 0 <= now - self._lines_since < _LOG_INTERVAL_MS:
            self._lines_since, self._lines = now, 0
        self._lines += 1
        return self._lines <= _LOG_LINES

    def last(self, limit: int = REMEMBERED) -> tuple[Dropped, ...]:
        """The addresses turned away most recently, the newest first."""
        with self._lock:
            rows = list(self._rows.values())
        return tuple(reversed(rows[-limit:])) if limit > 0 else ()

    def counts(self) -> dict[tuple[Door, Reason], int]:
        """All refusals since the start, by door and reason."""
        with self._lock:
            return dict(self._counts)

    def forget(self) -> None:
        """Clear the remembered addresses; the counts stay."""
        with self._lock:
            self._rows.clear()


def _shown(text: str | None) -> str:
    """An address in canonical spelling; whatever else a peer showed on one line, bounded."""
    address = parse_address(text)
    if address is not None:
        return str(address)
    return repr(text[:64])[1:-1] if text else "(none)"
