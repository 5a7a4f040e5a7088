"""A disk that takes SYNC_S longer to sync, under ours or a commit per thread: `slow_disk ours`, `slow_disk threads`.

What group commit is worth hangs on what a sync costs. This machine's may be all but free; a consumer's SSD takes 1 to
5 ms, a disk that turns 10. The delay stands before each COMMIT and lets other threads run, as a sync does.
"""

import sys
import time
from typing import Any

from benchmarks.store.commit_per_thread import CommitPerThread
from kiosk_server import app
from kiosk_server.config import load
from kiosk_server.core.writer import Writer
from kiosk_server.serve import run_server

SYNC_S = 0.002


class SlowDriver:
    """A connection that syncs late, and is as ever otherwise."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == "COMMIT":
            time.sleep(SYNC_S)
        return self._driver.execute(sql, *values)


def slow_down() -> None:
    """From here on every writer has such a disk."""
    begin = Writer.__init__

    def begin_slowly(self: Writer, *values: Any, **more: Any) -> None:
        begin(self, *values, **more)
        self._driver = SlowDriver(self._driver)  # type: ignore[assignment]

    Writer.__init__ = begin_slowly  # type: ignore[method-assign]


if __name__ == "__main__":
    slow_down()
    if sys.argv[1] == "threads":
        app.Bus = CommitPerThread  # type: ignore[misc]
    run_server(load())
