"""The time machine: the store as it stood right after any row of its journal, for looking at.

`as_of` shows all of it: it begins with the state of the newest backup before that row, so an hourly backup makes every
second of the past an hour's replay away at most. `floor_as_of` shows the floor only, from the nearest moment
(moments.py), and costs the same in a journal of any length.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine

from kiosk_server.domain.events import Event, ItemsImported
from kiosk_server.store import backup, journal, projection, scratch
from kiosk_server.store.journal import Head
from kiosk_server.store.moments import EVERY, Moments
from kiosk_server.store.pen import Pen
from kiosk_server.store.projection_access import ACCESS_PROJECTIONS
from kiosk_server.store.tables import SEARCH_TABLES, STATE_TABLES

FARTHEST = 10 * EVERY
_UNSEEN: tuple[type[Event], ...] = (ItemsImported, *ACCESS_PROJECTIONS)
_NOT_ON_THE_FLOOR = frozenset(str(kind.__struct_config__.tag) for kind in _UNSEEN)


class TooFar(Exception):  # noqa: N818 - an answer, not a fault
    """The replay would take longer than anybody waits."""


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
        _replay(driver, begun, seq)
        with _for_looking(driver, seq) as conn:
            yield conn


@contextmanager
def floor_as_of(store: Path, seq: int, moments: Moments) -> Iterator[Connection]:
    """The same for the console's screen alone: terminals, pumps, inbox, open tickets and the day's takings.

    Raises ValueError for a row that the journal does not have yet, and TooFar where no moment is near.
    """
    with scratch.beside(store) as driver:
        last = journal.head_of(driver).seq
        if not 0 <= seq <= last:
            raise ValueError(f"the journal has rows 1 to {last}; there is no state after row {seq}")
        begun = moments.begin(driver, seq)
        if seq - begun > FARTHEST:
            raise TooFar(f"the nearest moment that was noted is row {begun}, {seq - begun:,} rows before row {seq}")
        _replay(driver, begun, seq, _NOT_ON_THE_FLOOR)
        with _for_looking(driver, seq) as conn:
            yield conn


def note_moments(store: Path, moments: Moments, told: Callable[[int], None] = lambda _: None) -> int:
    """Note the moments that are missing at the end, by a replay from the last one; gives the row of the newest."""
    with scratch.beside(store) as driver:
        last = journal.head_of(driver).seq
        begun = moments.begin(driver, last)
        while begun + EVERY <= last:
            _replay(driver, begun, begun + EVERY, _NOT_ON_THE_FLOOR)
            begun += EVERY
            (digest,) = driver.execute("SELECT hash FROM journal WHERE seq = ?", (begun,)).fetchone()
            moments.note(driver, "main", Head(begun, digest))
            told(begun)
        return begun


def _replay(driver: Pen, after: int, seq: int, without: frozenset[str] = frozenset()) -> None:
    for row in journal.walk(driver, after):
        if row[0] > seq:
            return
        if row[2] not in without:
            projection.apply(driver, journal.decode(row[:-1]))


@contextmanager
def _for_looking(driver: sqlite3.Connection, seq: int) -> Iterator[Connection]:
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
    for name in SEARCH_TABLES:
        driver.execute(f"INSERT INTO main.{name} (rowid, folded) SELECT rowid, folded FROM begun.{name}")
