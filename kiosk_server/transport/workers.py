"""The fixed set of threads that run handlers, whatever the number of clients."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

logger = logging.getLogger(__name__)

Job = Callable[[], object]

_PATIENCE_S: Final = 0.001
_END: Final = object()  # what the job is known by that ends a thread


class Workers:
    """Threads that take jobs in order, no more of them at a time than it takes.

    One works off what comes while the others sleep. To wake another for each job, who would only wait until the
    interpreter is free, costs more than most jobs do. But when nobody has taken a job for a millisecond, whoever is
    awake is held up, and one more wakes; and so on. A job that fails is logged and costs nobody else anything.
    """

    def __init__(self, count: int, name: str) -> None:
        self._jobs: deque[Job | None] = deque()
        self._calls: SimpleQueue[Callable[[], bool]] = SimpleQueue()  # what one who sleeps shall do
        self._lock = threading.Lock()
        self._awake = 0  # threads that work jobs off; they stop only when there are none
        self._is_watched = False  # one thread looks whether jobs are taken, or is called to
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job | None) -> None:
        """Have a job done, after those before it have been begun. From any thread; never blocks."""
        self._jobs.append(job)
        if not self._awake:
            self._calls.put(self._work)
        elif not self._is_watched:
            self._is_watched = True
            self._calls.put(self._watch)

    def backlog(self) -> int:
        """Return how many jobs wait for a thread."""
        return len(self._jobs)

    def stop(self, timeout_s: float) -> None:
        """Finish what is queued, then end; threads still in a handler after `timeout_s` are left behind."""
        deadline = time.monotonic() + timeout_s
        for _ in self._threads:
            self._jobs.append(None)
            self._calls.put(self._work)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while self._calls.get()():
            pass

    def _work(self) -> bool:
        """Work jobs off until there are none; False if one of them said that this thread is to end."""
        while self._jobs:
            with self._lock:
                self._awake += 1
            try:
                is_going_on = self._work_off()
            finally:
                with self._lock:
                    self._awake -= 1
            if not is_going_on:
                return False
            # Whoever submitted a job just before that line counted on this thread: so look once more.
        return True

    def _work_off(self) -> bool:
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

    def _first(self) -> object | None:
        """What to know the next job by; None where there is no job."""
        try:
            return self._jobs[0] or _END
        except IndexError:
            return None

    def _watch(self) -> bool:
        """Look whether jobs are taken; where they are not, call another one to watch and work."""
        while self._jobs:
            first = self._first()
            time.sleep(_PATIENCE_S)
            if first is not None and self._first() is first:
                self._calls.put(self._watch)
                return self._work()
        self._is_watched = False
        return self._work()  # what came just before that line, and is watched by nobody
