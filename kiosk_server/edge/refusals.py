"""Who was turned away, for the journal: counted first, written down in bulk.

Anybody can be refused as often as they like, so one event each would let an attacker fill the store. One report holds
at most 64 rows and comes at most twice a minute; what has no row of its own is counted in the last one.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from kiosk_server.domain.commands import ReportRefusals
from kiosk_server.domain.staff import RefusedAccess

MAX_ROWS = 64
INTERVAL_S = 30.0
OTHERS = "(others)"
_SHOWN = 64


@dataclass(slots=True)
class Refusals:
    """The ledger. `report(command)` hands a full page to the counter."""

    now_ms: Callable[[], int]
    monotonic_s: Callable[[], float]
    report: Callable[[ReportRefusals], None]
    _rows: dict[tuple[str, str, str, str], RefusedAccess] = field(default_factory=dict)
    _due_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, who: str, where: str, what: str, why: str) -> None:
        """Somebody (`who` as far as proved) at an address wanted `what` and was refused with the code `why`."""
        row = (who[:_SHOWN], where[:_SHOWN], what[:_SHOWN], why[:_SHOWN])
        now = self.now_ms()
        with self._lock:
            if row not in self._rows and len(self._rows) >= MAX_ROWS - 1:
                row = (OTHERS, OTHERS, OTHERS, OTHERS)
            old = self._rows.get(row)
            if old is None:
                who, where, what, why = row
                old = RefusedAccess(who=who, where=where, what=what, why=why, count=0, first_at=now, last_at=now)
            self._rows[row] = replace(old, count=old.count + 1, last_at=now)

    def sweep(self) -> None:
        """Report what has gathered, if it is time."""
        if self._rows and self.monotonic_s() >= self._due_s:
            self.flush()

    def flush(self) -> None:
        with self._lock:
            rows, self._rows = tuple(self._rows.values()), {}
            self._due_s = self.monotonic_s() + INTERVAL_S
        if rows:
            self.report(ReportRefusals(refusals=rows))
