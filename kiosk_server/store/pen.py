"""A connection that can put off writing: rows that nobody has asked for yet are written many at a time.

Each statement hands the interpreter to another thread and waits to have it back. A batch of a hundred scans, whose four
rows each went in one by one, spent more of its time on that than on all that SQLite did; now it makes a dozen
statements. Nobody can tell: whatever else is asked of the connection has what waits written first.
"""

import sqlite3
from collections.abc import Hashable, Iterable
from itertools import chain, count
from typing import Any

from kiosk_server.store.rows import Row

_AT_ONCE = (64, 16, 4, 1)


class Bulk:
    """A statement for any number of rows, each with as many values as it has `columns`.

    `text` has one place, {rows}, for them: "INSERT INTO t (a, b) VALUES {rows}". Of rows that agree in their first
    `key` values only the last one counts; with 0, each is a row of its own. `alone` does the same for a single row,
    where there is a quicker way. The order in which different statements are carried out must not matter.
    """

    __slots__ = ("key", "texts")

    def __init__(self, text: str, columns: int, *, key: int = 0, alone: str = "") -> None:
        self.key = key
        row = f"({', '.join('?' * columns)})"
        self.texts = {size: text.format(rows=", ".join([row] * size)) for size in _AT_ONCE}
        self.texts[1] = alone or self.texts[1]


class Pen(sqlite3.Connection):
    """sqlite3's connection, and `later`. While `is_patient` is False, later is at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.is_patient = False
        self._waiting: dict[Bulk, dict[Hashable, Row]] = {}
        self._number = count()
        self._changes = 0

    @property
    def changes(self) -> int:
        """Grows with everything that is written, at the moment at which it is asked for and not when it is done."""
        return self._changes + self.total_changes

    def later(self, bulk: Bulk, row: Row) -> None:
        """Write a row before anything else is asked of this connection. sqlite3.Error comes then, or from `flush`."""
        if not self.is_patient:
            self.execute(bulk.texts[1], row)
            return
        self._changes += 1
        rows = self._waiting.get(bulk)
        if rows is None:
            rows = self._waiting[bulk] = {}
        # In a dict with numbers for keys, all are kept, in their order.
        rows[row[: bulk.key] if bulk.key else next(self._number)] = row

    def flush(self) -> None:
        """Write what waits. Raises sqlite3.Error; part of it is written then, and the transaction must be undone."""
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            before = self.changes
            for bulk, rows in waiting.items():
                self._write(bulk, list(rows.values()))
            self._changes += before - self.changes

    def drop(self) -> None:
        """Forget what waits: the transaction is undone."""
        self._waiting.clear()

    def _write(self, bulk: Bulk, rows: list[Row]) -> None:
        begun = 0
        for size in _AT_ONCE:
            while len(rows) - begun >= size:
                values = tuple(chain.from_iterable(rows[begun : begun + size]))
                super().execute(bulk.texts[size], values)
                begun += size

    # -- everything else that can be asked --

    def cursor(self, *arguments: Any) -> Any:
        self.flush()
        return super().cursor(*arguments)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if self._waiting:
            self.flush()
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        self.flush()
        return super().executemany(sql, parameters)

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        self.flush()
        return super().executescript(sql)
