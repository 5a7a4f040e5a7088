"""An empty set of state tables in a file of its own, with a store attached beside it for reading.

The journal is only in the store, so its name means that one; state tables are in both, and their names mean the empty
ones. All happens in one transaction, so the store is seen as of one moment and goes on selling meanwhile.

The file loses its name before anything is written into it: whatever ends the process, the kernel gives the room back.
That is sound here, because nobody else opens it and no journal beside it would have to be found again.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import StaticPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from kiosk_server.store.connection import connect
from kiosk_server.store.faults import StoreUnusable
from kiosk_server.store.pen import Pen
from kiosk_server.store.tables import STATE_TABLES, metadata

_PRAGMAS = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",
)


@contextmanager
def beside(store: Path) -> Iterator[Pen]:
    """A connection whose main tables are empty and in which the file `store` is attached as `store`, read-only.

    Raises StoreUnusable where the scratch file cannot be written, which says nothing about the store.
    """
    with ExitStack() as stack:
        try:
            scratch = stack.enter_context(closing(_nameless(_room_beside(store))))
            engine = create_engine("sqlite+pysqlite://", creator=lambda: scratch, poolclass=StaticPool)
            metadata.create_all(engine, tables=STATE_TABLES)
        except (OSError, SQLAlchemyError, sqlite3.Error) as problem:
            raise _unwritable(store, problem) from problem
        attach(scratch, store, "store")
        scratch.execute("BEGIN")
        try:
            yield scratch
        except sqlite3.OperationalError as problem:
            # The store is only read, so what cannot be written is the scratch file.
            if problem.sqlite_errorcode not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
                raise
            raise _unwritable(store, problem) from problem


def _nameless(room: Path | None) -> Pen:
    with tempfile.TemporaryDirectory(prefix=".scratch-", dir=room) as folder:
        return connect(Path(folder) / "scratch.db", "rwc", _PRAGMAS)


def attach(driver: sqlite3.Connection, file: Path, name: str) -> None:
    driver.execute(f"ATTACH ? AS {name}", (f"{file.absolute().as_uri()}?mode=ro",))


def _unwritable(store: Path, problem: Exception) -> StoreUnusable:
    where = _room_beside(store) or tempfile.gettempdir()
    why = getattr(problem, "orig", None) or getattr(problem, "strerror", None) or problem
    return StoreUnusable(
        f"{store} was not read through, because the scratch file for that cannot be written in {where}: {why}. That "
        "says nothing about the store, which was left as it is. Make as much room there as the store takes, then try "
        "again."
    )


def _room_beside(path: Path) -> Path | None:
    """The scratch file can grow as large as the store; its own disk is likelier to have room than /tmp."""
    return path.parent if os.access(path.parent, os.W_OK) else None
