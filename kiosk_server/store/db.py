"""The store file and its connections: one writes, the others can only read.

SQLite's own rules that this relies on: WAL lets readers and the one writer pass each other; synchronous=FULL syncs the
log at each commit; only the writer checkpoints. SQLite 3.7.0 to 3.51.2 can damage a WAL file that two connections
write or checkpoint, so there is never a second one. Never open() the file here while SQLite has it open: closing that
descriptor drops the locks SQLite holds (POSIX locks belong to the process).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from kiosk_server.store import opening, receipt_links, scratch
from kiosk_server.store.connection import READER_PRAGMAS, WRITER_PRAGMAS, connect
from kiosk_server.store.journal import Head, head_of
from kiosk_server.store.lock import StoreLock
from kiosk_server.store.moments import Moments
from kiosk_server.store.repositories import driver_of
from kiosk_server.store.tidemark import Tidemark

MIB = 1024 * 1024
READERS = 8
READERS_AT_MOST = 24


class DiskLimits(msgspec.Struct, frozen=True):
    """Free space on the store's disk: below `warn_bytes` people are warned, below `stop_bytes` selling stops."""

    warn_bytes: int = 500 * MIB
    stop_bytes: int = 50 * MIB


class Database:
    """One store file, its lock and its connections.

    `path` is the file; `backups` the folder of its backups. `open` before use; not to be opened twice. `is_checked`
    is False after the opening of a store too large to be read whole first.
    """

    def __init__(self, path: Path, *, backups: Path | None = None, limits: DiskLimits | None = None) -> None:
        self.path = Path(path)
        self.backups = backups or self.path.parent / "backups"
        self.limits = limits or DiskLimits()
        self.lock = StoreLock(self.path.with_suffix(".lock"))
        self.tidemark = Tidemark(self.path.with_suffix(".head"))
        self.moments = Moments(self.path.parent / "moments")
        self.is_checked = True
        self._writer: Connection | None = None
        self._engines: list[Engine] = []
        self._readers: Engine | None = None

    @property
    def writer(self) -> Connection:
        """The only connection that writes. It belongs to the bus's writing thread."""
        if self._writer is None:
            raise RuntimeError("the store is not open for writing")
        return self._writer

    def open(self, url: str = "") -> None:
        """Lock, check, recover, migrate, and connect.

        Raises StoreInUse, StoreCorrupt, StoreTooNew or StoreUnusable; the file is then as it was.
        """
        opening.make_folder(self.path.parent)
        self.lock.take(url)
        try:
            # First of all: on a full disk it may be the room that the rest needs. Drills have theirs with the backups.
            for room in {self.path.parent, self.backups}:
                scratch.sweep(room)
            self.is_checked = opening.prepare(self.path, self.backups, self.tidemark)
            self._writer = self._connect("rw", WRITER_PRAGMAS).execution_options(isolation_level="AUTOCOMMIT")
            receipt_links.prepare(driver_of(self._writer))
            self._readers = self._reading_engine()
            self.tidemark.open()
            self.tidemark.raise_to(head_of(driver_of(self._writer)))
            self._empty_log()
        except (OSError, sqlite3.Error, SQLAlchemyError) as problem:
            self.close()
            raise opening.unusable(self.path, getattr(problem, "orig", None) or problem) from problem
        except BaseException:
            self.close()
            raise

    def _empty_log(self) -> None:
        """Take over what a server that was killed had left in the log.

        One that is killed every evening may never come to do it while it sells, and each start reads the log whole.
        """
        # A disk that refuses is heard of at the first commit; the log keeps everything until then.
        with suppress(sqlite3.Error):
            driver_of(self.writer).execute("PRAGMA wal_checkpoint(PASSIVE)")

    def open_readonly(self) -> None:
        """Only for reading, beside a running server or without one: no lock, no migration, no repair."""
        opening.check_readable(self.path)
        self._readers = self._reading_engine()

    def announce(self, url: str) -> None:
        """Tell in the lock file where this server can be reached. Raises OSError when the disk does not let us."""
        self.lock.announce(url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only connection; all it reads is from one moment. Never waits for the writer."""
        if self._readers is None:
            raise RuntimeError("the store is not open")
        with self._readers.connect() as conn:
            driver = driver_of(conn)
            driver.execute("BEGIN")
            try:
                yield conn
            finally:
                if driver.in_transaction:
                    driver.execute("ROLLBACK")

    def head(self) -> Head:
        """The last row of the journal, as a reader sees it."""
        with self.read() as conn:
            return head_of(driver_of(conn))

    def damage(self) -> str:
        """Read the whole file, beside everything else, and tell what is wrong with it; '' for nothing."""
        with closing(connect(self.path, "ro", READER_PRAGMAS)) as driver:
            found = [str(row[0]) for row in driver.execute("PRAGMA quick_check(5)")]
        return "" if found == ["ok"] else "; ".join(found)

    def free_bytes(self) -> int:
        """Room left for this user on the disk of the store."""
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize

    def close(self) -> None:
        """Close all; the last connection to close is the writer, which empties the log into the file."""
        for engine in reversed(self._engines):
            if self._writer is not None and engine is self._writer.engine:
                continue
            engine.dispose()
        if self._writer is not None:
            with suppress(sqlite3.Error):
                # While somebody reads, what can be emptied is, at once; the next server empties the rest.
                driver_of(self._writer).execute("PRAGMA busy_timeout = 0")
                driver_of(self._writer).execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.close()
            self._writer.engine.dispose()
            self._writer = None
        self._engines.clear()
        self._readers = None
        self.tidemark.close()
        self.lock.release()

    def _connect(self, mode: str, pragmas: tuple[str, ...]) -> Connection:
        engine = create_engine(
            "sqlite+pysqlite://", creator=lambda: connect(self.path, mode, pragmas), poolclass=NullPool
        )
        self._engines.append(engine)
        return engine.connect()

    def _reading_engine(self) -> Engine:
        engine = create_engine(
            "sqlite+pysqlite://",
            creator=lambda: connect(self.path, "ro", READER_PRAGMAS),
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=READERS_AT_MOST - READERS,
            pool_timeout=5,
        )
        self._engines.append(engine)
        return engine
