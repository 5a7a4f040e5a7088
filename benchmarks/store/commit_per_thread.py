"""The same server, but each of 50 threads has its own connection and commits each command alone.

Everything else is ours: wire, guard, handlers, journal, keys, projections, pushes. `python -m
benchmarks.store.commit_per_thread` is configured like `kiosk-server serve`. Never for a real store: two connections
that write are what SQLite before 3.51.3 can damage a file with.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from kiosk_server import app
from kiosk_server.config import load
from kiosk_server.core.bus import Bus
from kiosk_server.core.reply import Reply
from kiosk_server.core.waiting import Waiting
from kiosk_server.core.writer import Writer
from kiosk_server.serve import run_server
from kiosk_server.store.connection import WRITER_PRAGMAS
from kiosk_server.store.journal import Entry

THREADS = 50
# A thread waits its turn in SQLite; and each may be the one that checkpoints, as SQLite does by default.
PRAGMAS = (*WRITER_PRAGMAS, "PRAGMA busy_timeout = 60000", "PRAGMA wal_autocheckpoint = 1000")


class Alone(Writer):
    """One thread's writer: others have written since it last did."""

    def _do(self, waiting: Waiting, entries: list[Entry]) -> Reply:
        self._appender.reload()
        self._repositories.forget()
        return super()._do(waiting, entries)

    def serve_one(self, waiting: Waiting) -> None:
        """As the writer's loop does, for a batch of one."""
        replies, entries = self._write([waiting])
        self._publisher.publish([(waiting, replies[0])], entries)


class CommitPerThread(Bus):
    """A bus whose queue is a pool."""

    def __init__(self, database: Any, policy: Any, clock: Any, **more: Any) -> None:
        super().__init__(database, policy, clock, **more)
        self._pool = ThreadPoolExecutor(THREADS)
        self._own = threading.local()
        self._parts = (policy, clock, more["handlers"])

    def _enqueue(self, waiting: Waiting) -> "Future[Reply]":
        self._pool.submit(self._serve, waiting)
        return waiting.future

    def _serve(self, waiting: Waiting) -> None:
        try:
            self._writer_of_this_thread().serve_one(waiting)
        except BaseException as problem:
            waiting.future.set_exception(problem)
            raise

    def _writer_of_this_thread(self) -> Alone:
        if not hasattr(self._own, "writer"):
            policy, clock, handlers = self._parts
            connection = self._database._connect("rw", PRAGMAS)
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            own = SimpleNamespace(
                writer=connection,
                tidemark=self._database.tidemark,
                free_bytes=self._database.free_bytes,
                limits=self._database.limits,
            )
            self._own.writer = Alone(
                own,  # type: ignore[arg-type]
                policy,
                clock,
                handlers=handlers,
                waiting=self._queue,
                publisher=self.publisher,
                probe_interval_s=1.0,
            )
        return self._own.writer  # type: ignore[no-any-return]


if __name__ == "__main__":
    app.Bus = CommitPerThread  # type: ignore[misc]
    run_server(load())
