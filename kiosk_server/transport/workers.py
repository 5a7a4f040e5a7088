"""The fixed set of threads that run handlers, whatever the number of clients."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

logger = logging.getLogger(__name__)

Job = Callable[[], object]


class Workers:
    """Threads that take jobs in order. A job that fails is logged and costs nobody else anything."""

    def __init__(self, count: int, name: str) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.submit: Callable[[Job], None] = self._jobs.put
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def backlog(self) -> int:
        """Return how many jobs wait for a thread."""
        return self._jobs.qsize()

    def stop(self, timeout_s: float) -> None:
        """Finish what is queued, then end; threads still in a handler after `timeout_s` are left behind."""
        deadline = time.monotonic() + timeout_s
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                logger.exception("A handler failed")
            del job  # or an idle thread would keep its last connection alive
