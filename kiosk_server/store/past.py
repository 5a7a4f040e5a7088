"""The time machine: the store as it stood right after any row of its journal, for looking at.

Begins with the state of the newest backup before that row and replays the journal from there, so an hourly backup makes
every second of the past an hour's replay away at most.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine

from kiosk_server.store import backup, journal, projection, scratch
from kiosk_server.store.tables import STATE_TABLES


@contextmanager
def as_of(store: Path, seq: int, backups: Path | None = None) -> Iterator[Connection]:
    """A connection for queries.py on which the journal ends at `seq` and the state is what it was then.

    Nothing can be changed by it; what is written goes into a scratch file that is thrown away. Raises ValueError for a
    row that the journal does not have yet.
    """
    with scratch.beside(store) as driver:
        last = journal.head_of(driver).seq
        if not 0 <= seq <= last:
            raise ValueError(f"the journal has rows 1 to {last}; there is no state after row {seq}")
        begun = _begin_with_backup(driver, seq, backups) if backups else 0
        for row in journal.walk(driver, begun):
            if row[0] > seq:
                break
            projection.apply(driver, journal.decode(row[:-1]))
        # The toolkit rolls back whatever is open when it takes a connection over. Nothing is lost with the read
        # transaction: the state is copied, and the view ends the journal.
        driver.execute("COMMIT")
        driver.execute(f"CREATE TEMP VIEW journal AS SELECT * FROM store.journal WHERE seq <= {seq:d}")
        driver.execute("PRAGMA query_only = ON")
        engine = create_engine("sqlite+pysqlite://", creator=lambda: driver, poolclass=StaticPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            yield conn


def seq_at(driver: sqlite3.Connection, at: int) -> int:
    """The last row written at or before `at` (ms since 1970 UTC); 0 before the first.

    Found by halving, so a clock that was set back makes it a near miss instead of a long search.
    """
    low, high = 0, journal.head_of(driver).seq
    while low < high:
        middle = (low + high + 1) // 2
        (written_at,) = driver.execute("SELECT at FROM journal WHERE seq = ?", (middle,)).fetchone()
        low, high = (middle, high) if written_at <= at else (low, middle - 1)
    return low


def _begin_with_backup(driver: sqlite3.Connection, seq: int, folder: Path) -> int:
    """Take over the state of the newest backup that is not later than `seq`; gives its row, 0 without one."""
    for candidate in backup.listed(folder):
        if candidate.seq <= seq and _is_of_this_history(driver, candidate):
            # A backup that cannot be read only costs the time of a longer replay.
            with suppress(sqlite3.Error):
                _copy_state(driver, candidate.path)
                return candidate.seq
    return 0


def _is_of_this_history(driver: sqlite3.Connection, candidate: backup.Backup) -> bool:
    row = driver.execute("SELECT hash FROM journal WHERE seq = ?", (candidate.seq,)).fetchone()
    return row is not None and row[0] == candidate.head.hash


def _copy_state(driver: sqlite3.Connection, file: Path) -> None:
    driver.execute(
        "COMMIT"
    )  # SQLite attaches only outside a transaction; the journal is append-only, so none is missed
    scratch.attach(driver, file, "begun")
    driver.execute("BEGIN")
    for table in STATE_TABLES:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        driver.execute(f"INSERT INTO main.{table.name} ({columns}) SELECT {columns} FROM begun.{table.name}")
    driver.execute("INSERT INTO main.items_search (rowid, folded) SELECT rowid, folded FROM begun.items_search")
