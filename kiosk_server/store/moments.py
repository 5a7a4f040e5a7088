"""Moments: the little of the state from which the floor is drawn, noted every so many rows of the journal.

With them the time machine replays at most EVERY rows, whatever the length of the journal. They are notes, not truth: a
moment that is missing, unreadable or of another history (its hash is not the journal's) only makes the replay longer.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from kiosk_server.store.journal import Entry, Head, head_of
from kiosk_server.store.repositories import driver_of
from kiosk_server.store.rows import Row
from kiosk_server.store.tables import metadata

EVERY = 10_000
RECALLABLE = 50

# What the console shows, and what may come back to it: open things whole, closed ones not at all. The baskets are those
# that anything else here names. `{0}` is the schema.
_WHAT = {
    "terminals": "SELECT {1} FROM {0}.terminals",
    "points": "SELECT {1} FROM {0}.points",
    "house": "SELECT {1} FROM {0}.house",
    "days": "SELECT {1} FROM {0}.days ORDER BY opened_at DESC, day DESC LIMIT 1",
    "takings": "SELECT {1} FROM {0}.takings WHERE day = "
    "(SELECT day FROM {0}.days ORDER BY opened_at DESC, day DESC LIMIT 1)",
    "takings_by_tender": "SELECT {1} FROM {0}.takings_by_tender WHERE day = "
    "(SELECT day FROM {0}.days ORDER BY opened_at DESC, day DESC LIMIT 1)",
    "print_jobs": "SELECT {1} FROM {0}.print_jobs WHERE state IN ('waiting', 'failed', 'unknown')",
    "interventions": "SELECT {1} FROM {0}.interventions WHERE outcome IS NULL",
    "tickets": "SELECT {1} FROM {0}.tickets WHERE state IN ('new', 'in_progress', 'ready') UNION ALL SELECT * FROM "
    f"(SELECT {{1}} FROM {{0}}.tickets WHERE state = 'handed_over' ORDER BY moved_at DESC LIMIT {RECALLABLE})",
    "baskets": "SELECT {1} FROM {0}.baskets WHERE basket_id IN ("
    "SELECT basket_id FROM {0}.terminals WHERE basket_id IS NOT NULL "
    "UNION SELECT basket_id FROM {0}.baskets WHERE state = 'suspended' "
    "UNION SELECT basket_id FROM {0}.interventions WHERE outcome IS NULL AND basket_id IS NOT NULL "
    "UNION SELECT value FROM {0}.points, json_each(unpaid))",
}


class Moment(msgspec.Struct, frozen=True):
    """The state right after row `seq`, whose hash (hex) is `hash`: rows by table, in the order of its columns."""

    seq: int
    hash: str
    rows: dict[str, list[list[str | int | None]]]


class Moments:
    """The moments of one store, a file each in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last = max(self._seqs(), default=0)

    def is_due(self, entries: Sequence[Entry]) -> bool:
        """Whether it is time for another, now that these rows are committed."""
        return bool(entries) and entries[-1].seq - self._last >= EVERY

    def skip(self, seq: int) -> None:
        """The one that was due at `seq` could not be noted; try with the next."""
        self._last = seq

    def keep(self, conn: Connection) -> int:
        """Note the state as this connection sees it; gives its row. Raises OSError; nothing is lost then."""
        return self.note(driver_of(conn))

    def note(self, driver: sqlite3.Connection, schema: str = "main", head: Head | None = None) -> int:
        """The same for a driver on which the state tables are in `schema`."""
        head = head or head_of(driver)
        rows = {name: [list(row) for row in driver.execute(_query(name, schema))] for name in _WHAT}
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self.folder / ".unfinished"
        unfinished.write_bytes(msgspec.json.encode(Moment(head.seq, head.hash.hex(), rows)))
        unfinished.replace(self.folder / f"{head.seq:015}.json")
        self._last = head.seq
        return head.seq

    def begin(self, driver: sqlite3.Connection, seq: int) -> int:
        """Fill the empty tables of `driver` with the newest moment up to `seq`; gives its row, 0 without one."""
        for found in sorted((one for one in self._seqs() if one <= seq), reverse=True):
            with suppress(OSError, msgspec.MsgspecError, sqlite3.Error):
                moment = msgspec.json.decode((self.folder / f"{found:015}.json").read_bytes(), type=Moment)
                row = driver.execute("SELECT hash FROM journal WHERE seq = ?", (found,)).fetchone()
                if row is not None and row[0].hex() == moment.hash:
                    _fill(driver, moment)
                    return found
        return 0

    def _seqs(self) -> list[int]:
        return [int(file.stem) for file in self.folder.glob("*.json") if file.stem.isdecimal()]


def _query(name: str, schema: str) -> str:
    columns = ", ".join(f'"{column.name}"' for column in metadata.tables[name].columns)
    return _WHAT[name].format(schema, columns)


def _fill(driver: sqlite3.Connection, moment: Moment) -> None:
    """All or nothing: a moment of an older schema does not fit, and leaves nothing behind."""
    driver.execute("SAVEPOINT filling")
    try:
        for name, found in moment.rows.items():
            columns = metadata.tables[name].columns
            rows: list[Row] = [tuple(row) for row in found]
            driver.executemany(f"INSERT INTO main.{name} VALUES ({', '.join('?' * len(columns))})", rows)
    except BaseException:
        driver.execute("ROLLBACK TO filling")
        raise
    finally:
        driver.execute("RELEASE filling")
