"""Who was turned away, for the journal and the console: counted first, written down in bulk.

Anybody can be refused as often as they like, so one event each would let an attacker fill the store. Rows are gathered
on two pages, of people and boxes that we know and of strangers, so that no flood of strangers hides a lane that tries a
manager's orders. A page holds at most 64 rows; what has no row of its own is counted in the last one. It is written at
once after a quiet time, then every 30 s, and ever more seldom, up to 10 minutes, while the refusals go on: at most a
megabyte or so a day, whatever comes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from kiosk_server.domain.commands import ReportRefusals
from kiosk_server.domain.staff import RefusedAccess

MAX_ROWS = 64
INTERVAL_S = 30.0
LONGEST_INTERVAL_S = 600.0
REMEMBERED = 50  # of each page, for the console
OTHERS = "(others)"
_SHOWN = 64

_Key = tuple[str, str, str, str]


@dataclass(slots=True)
class _Page:
    """Rows that gather until they are due, and the last ones of before."""

    rows: dict[_Key, RefusedAccess] = field(default_factory=dict)
    recent: OrderedDict[_Key, RefusedAccess] = field(default_factory=OrderedDict)
    due_s: float = 0.0
    interval_s: float = INTERVAL_S

    def note(self, key: _Key, now: int, count: int) -> None:
        self.remember(_counted(self.recent.get(key), key, now, count))
        if key not in self.rows and len(self.rows) >= MAX_ROWS - 1:
            key = (OTHERS, OTHERS, OTHERS, OTHERS)
        self.rows[key] = _counted(self.rows.get(key), key, now, count)

    def remember(self, row: RefusedAccess) -> None:
        key = _key_of(row)
        self.recent[key] = row
        self.recent.move_to_end(key)
        if len(self.recent) > REMEMBERED:
            self.recent.popitem(last=False)

    def take(self, now_s: float) -> tuple[RefusedAccess, ...]:
        """All rows, and when the next ones are due."""
        rows, self.rows = tuple(self.rows.values()), {}
        # Due at once means that there was nothing for a whole interval before.
        goes_on = now_s < self.due_s + self.interval_s and self.due_s > 0
        self.interval_s = min(self.interval_s * 2, LONGEST_INTERVAL_S) if goes_on else INTERVAL_S
        self.due_s = now_s + self.interval_s
        return rows


@dataclass(slots=True)
class Refusals:
    """The ledger. `report(command)` hands a page to the counter."""

    now_ms: Callable[[], int]
    monotonic_s: Callable[[], float]
    report: Callable[[ReportRefusals], None]
    _known: _Page = field(default_factory=_Page)
    _strangers: _Page = field(default_factory=_Page)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, who: str, where: str, what: str, why: str, count: int = 1) -> None:
        """Somebody (`who` as far as proved) at an address wanted `what` and was refused with the code `why`."""
        key = (who[:_SHOWN], where[:_SHOWN], what[:_SHOWN], why[:_SHOWN])
        now = self.now_ms()
        with self._lock:
            self._page(who).note(key, now, count)

    def restore(self, kept: Iterable[RefusedAccess]) -> None:
        """What the journal says of the time before the server started, the oldest first."""
        with self._lock:
            for row in kept:
                page = self._page("" if row.who == OTHERS else row.who)
                old = page.recent.get(_key_of(row))
                page.remember(
                    replace(row, count=row.count + old.count, first_at=min(row.first_at, old.first_at)) if old else row
                )

    def recent(self) -> list[RefusedAccess]:
        """Those turned away last, people and boxes that we know before strangers, the newest first."""
        with self._lock:
            return [row for page in (self._known, self._strangers) for row in reversed(page.recent.values())]

    def sweep(self) -> None:
        """Report what has gathered, if it is time."""
        self._report(is_all=False)

    def flush(self) -> None:
        """Report everything; before the counter closes."""
        self._report(is_all=True)

    def _report(self, *, is_all: bool) -> None:
        now_s = self.monotonic_s()
        for page in (self._known, self._strangers):
            with self._lock:
                is_due = page.rows and (is_all or now_s >= page.due_s)
                rows = page.take(now_s) if is_due else ()
            if rows:
                self.report(ReportRefusals(refusals=rows))

    def _page(self, who: str) -> _Page:
        return self._known if who else self._strangers


def _key_of(row: RefusedAccess) -> _Key:
    return row.who, row.where, row.what, row.why


def _counted(old: RefusedAccess | None, key: _Key, now: int, count: int) -> RefusedAccess:
    if old is not None:
        return replace(old, count=old.count + count, last_at=now)
    who, where, what, why = key
    return RefusedAccess(who=who, where=where, what=what, why=why, count=count, first_at=now, last_at=now)
