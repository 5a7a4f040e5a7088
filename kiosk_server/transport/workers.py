"""The fixed set of threads that run handlers, whatever the number of clients."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from kiosk_server.transport.reactor import Timer

logger = logging.getLogger(__name__)

Job = Callable[[], object]

_PATIENCE_S: Final = 0.001
_LONGER_S: Final = 0.010  # where the interpreter is taken, and whoever is awake may only wait for that
_LATE_S: Final = 0.002  # a look is as late as this: then it was taken (the poller rounds up to the millisecond)
_END: Final = object()  # what the job is known by that ends a thread


class Workers:
    """Threads that take jobs in order, no more of them at a time than it takes.

    One works off what comes while the others sleep. To wake another for each job, who would only wait until the
    interpreter is free, costs more than most jobs do. But when nobody has taken a job for a millisecond, whoever is
    awake is held up, and one more wakes; and so on. While the interpreter is so busy that even this look comes late, it
    is ten milliseconds. A job that fails is logged and costs nobody else anything.

    `call_at(when, timer)` is the reactor's: it looks for such jobs, so that no thread has to wake for that.
    """

    def __init__(self, count: int, name: str, call_at: Callable[[float, Timer], None]) -> None:
        self._call_at = call_at
        self._jobs: deque[Job | None] = deque()
        # What the threads sleep at. Who fell asleep last is woken first, with what it needs still in the caches.
        self._asleep: list[threading.Lock] = []
        self._called: list[threading.Lock] = []  # they are woken, and wait until the interpreter is free
        self._lock = threading.Lock()
        self._is_watched = False  # a timer looks whether jobs are taken, or will
        self._seen: object | None = None  # the job that was next when it last looked,
        self._since = self._due = 0.0  # since when (monotonic), and when it looks again
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Have a job done, after those before it have been begun. From any thread; never blocks."""
        self._jobs.append(job)
        if len(self._asleep) == len(self._threads):
            self._wake_one()
        elif not self._is_watched:
            self._begin_watch()

    def backlog(self) -> int:
        """Return how many jobs wait for a thread."""
        return len(self._jobs)

    def stop(self, timeout_s: float) -> None:
        """Finish what is queued, then end; threads still in a handler after `timeout_s` are left behind."""
        deadline = time.monotonic() + timeout_s
        self._jobs.extend([None] * len(self._threads))
        for _ in self._threads:
            self._wake_one()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _wake_one(self) -> None:
        with suppress(IndexError):  # nobody sleeps any more
            gate = self._asleep.pop()
            self._called.append(gate)
            gate.release()

    def _run(self) -> None:
        gate = threading.Lock()
        gate.acquire()
        while self._work_off():
            self._asleep.append(gate)
            # Whoever submitted a job just before that line counted on this thread: so look once more.
            if self._jobs and self._is_risen(gate):
                continue
            gate.acquire()
            self._called.remove(gate)

    def _is_risen(self, gate: threading.Lock) -> bool:
        """Get up again unasked; False if somebody has just called this thread."""
        with suppress(ValueError):
            self._asleep.remove(gate)
            return True
        return False

    def _work_off(self) -> bool:
        """Work jobs off until there are none; False if one of them said that this thread is to end."""
        while self._jobs:
            try:
                job = self._jobs.popleft()
            except IndexError:  # another one was quicker
                return True
            if job is None:
                return False
            try:
                job()
            except Exception:
                logger.exception("A handler failed")
            del job  # or an idle thread would keep its last connection alive
        return True

    def _next(self) -> object | None:
        """What to know the next job by; None where there is no job."""
        try:
            return self._jobs[0] or _END
        except IndexError:
            return None

    def _begin_watch(self) -> None:
        with self._lock:
            if self._is_watched:
                return
            self._is_watched = True
        self._seen, self._since = self._next(), time.monotonic()
        self._due = self._since + _PATIENCE_S
        self._call_at(self._due, self._watch)

    # ----- the reactor's thread

    def _watch(self, now: float) -> float | None:
        """Look whether jobs are taken; where they are not, wake one more."""
        first = self._next()
        if first is not self._seen:
            self._seen, self._since = first, now
        elif first is not None and not self._called and now >= self._since + self._patience_s(now):
            self._wake_one()
            self._since = now
        self._due = now + _PATIENCE_S
        if self._jobs and self._asleep:
            return self._due
        # Where all are awake, nobody is left to be woken, and no job is left when the first of them falls asleep.
        self._seen = None  # or it would keep the last connection alive
        self._is_watched = False
        # Whoever submitted a job just before that line counted on being watched.
        if self._jobs and self._asleep:
            self._begin_watch()
        return None

    def _patience_s(self, now: float) -> float:
        return _LONGER_S if now - self._due > _LATE_S else _PATIENCE_S
