"""An empty set of state tables in a file of its own, with a store attached beside it for reading.

The journal is only in the store, so its name means that one; state tables are in both, and their names mean the empty
ones. All happens in one transaction, so the store is seen as of one moment and goes on selling meanwhile.

The file loses its name before anything is written into it: whatever ends the process, the kernel gives the room back.
That is sound here, because nobody else opens it and no journal beside it would have to be found again.

Names that are found all the same were left by earlier versions, which kept them to the end, or by somebody who was
killed in the moment of making one. `sweep` takes them away.
"""

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import StaticPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from kiosk_server.store.connection import connect
from kiosk_server.store.faults import StoreUnusable
from kiosk_server.store.pen import Pen
from kiosk_server.store.tables import STATE_TABLES, metadata

_PREFIX = ".scratch-"
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


def sweep(room: Path) -> None:
    """Delete what was left in the folder `room`, if it is there; what cannot be deleted is no reason not to start.

    Nobody loses a file: whoever has one open without its name keeps it, and while one is being made nothing is swept.
    """
    with suppress(OSError), _locked(room, fcntl.LOCK_EX | fcntl.LOCK_NB):
        for left in room.glob(f"{_PREFIX}*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with suppress(OSError):
                    left.unlink()


@contextmanager
def named(room: Path | None) -> Iterator[Path]:
    """A folder in `room`, or in /tmp for None, for as long as a scratch file needs its name; no sweep takes it away."""
    with ExitStack() as stack:
        if room is not None:
            with suppress(OSError):  # a file system without locks; there nobody sweeps
                stack.enter_context(_locked(room, fcntl.LOCK_SH))
        yield Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX, dir=room)))


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """As `backup` locks its folder: those who make something share the lock, and whoever has it alone may sweep."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _nameless(room: Path | None) -> Pen:
    with named(room) as folder:
        return connect(folder / "scratch.db", "rwc", _PRAGMAS)


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
