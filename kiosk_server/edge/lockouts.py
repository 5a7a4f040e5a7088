"""Wrong tries in a row, and who must wait: per person and per place, never per address alone.

A wall panel behind the same address must not be banned with an attacker (it has happened to others). Time is
monotonic, so a clock that jumps neither frees nor holds anybody; over a restart the rest of a wait is what the journal
kept (`TimesKept`), or the whole of it after a crash.

Names that nobody has are counted just the same, or the waiting would tell who exists.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil

from kiosk_server.domain.errors import TooMany
from kiosk_server.domain.staff import WrongTries, lock_s

MAX_STRANGERS = 10_000


@dataclass(frozen=True, slots=True)
class _Count:
    tries: int = 0
    until_s: float = 0.0


@dataclass(slots=True)
class Lockouts:
    """Counts by subject. Those of people and terminals of ours are never pushed out by those of strangers."""

    monotonic_s: Callable[[], float]
    _known: dict[str, _Count] = field(default_factory=dict)
    _strangers: OrderedDict[str, _Count] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def restore(self, kept: Iterable[WrongTries]) -> None:
        """What stood in the store when the server started."""
        now_s = self.monotonic_s()
        with self._lock:
            self._known.update({one.subject: _Count(one.tries, now_s + one.locked_s) for one in kept})

    def begin(self, known: Iterable[str], strangers: Iterable[str]) -> tuple[WrongTries, ...]:
        """Count a try before it is judged, so that many at once are not free. Raises TooMany while one must wait.

        Returns how the subjects stand should it be wrong; `forgive` if it was right, `withdraw` if it was never judged.
        """
        now_s = self.monotonic_s()
        with self._lock:
            places = [(self._known, subject) for subject in known]
            places += [(self._where(subject, self._strangers), subject) for subject in strangers]
            wait_s = max((self._of(where, subject).until_s - now_s for where, subject in places), default=0.0)
            if wait_s > 0:
                whole_s = max(1, ceil(wait_s))
                raise TooMany(
                    f"Too many wrong tries. Nothing was done; try again in {_in_words(whole_s)}. "
                    "A manager can unlock you at once, and so can a one-time code of the server.",
                    retry_after_s=whole_s,
                )
            return tuple(self._count(where, subject, now_s) for where, subject in places)

    def withdraw(self, counted: Iterable[WrongTries]) -> None:
        """The try was never judged."""
        with self._lock:
            for one in counted:
                where = self._where(one.subject, self._strangers)
                count = where.get(one.subject, _Count())
                # Only the wait that this very try began ends with it.
                until_s = 0.0 if one.locked_s and count.tries == one.tries else count.until_s
                where[one.subject] = _Count(max(0, count.tries - 1), until_s)

    def forgive(self, subjects: Iterable[str]) -> None:
        with self._lock:
            for subject in subjects:
                self._known.pop(subject, None)
                self._strangers.pop(subject, None)

    def remaining_s(self) -> dict[str, int]:
        """Seconds that those of ours must still wait, for the store."""
        now_s = self.monotonic_s()
        with self._lock:
            left = {subject: ceil(count.until_s - now_s) for subject, count in self._known.items()}
        return {subject: seconds for subject, seconds in left.items() if seconds > 0}

    def of(self, subject: str) -> WrongTries:
        """How somebody of ours stands now."""
        with self._lock:
            count = self._known.get(subject, _Count())
        return WrongTries(subject=subject, tries=count.tries, locked_s=max(0, ceil(count.until_s - self.monotonic_s())))

    def _where(self, subject: str, else_: dict[str, _Count]) -> dict[str, _Count]:
        # A browser from which somebody of ours was tried stands among those whom the store remembers.
        return self._known if subject in self._known else else_

    @staticmethod
    def _of(where: dict[str, _Count], subject: str) -> _Count:
        return where.get(subject, _Count())

    def _count(self, where: dict[str, _Count], subject: str, now_s: float) -> WrongTries:
        tries = self._of(where, subject).tries + 1
        locked_s = lock_s(tries)
        where[subject] = _Count(tries, now_s + locked_s)
        if where is self._strangers:
            self._strangers.move_to_end(subject)
            if len(self._strangers) > MAX_STRANGERS:
                self._strangers.popitem(last=False)
        return WrongTries(subject=subject, tries=tries, locked_s=locked_s)


def _in_words(seconds: int) -> str:
    return f"{seconds} s" if seconds <= 120 else f"{ceil(seconds / 60)} minutes"
