"""Finding items by what somebody types: part of a name in any script, or the beginning of a code.

Words are matched by their beginnings in the full-text index; writing without spaces (Chinese, Japanese, Thai) and
parts within a word are found by looking through the folded names, which costs a scan and comes second.
"""

import sqlite3

from sqlalchemy import Connection

from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.store import rows
from kiosk_server.store.projection import fold
from kiosk_server.store.repositories import driver_of
from kiosk_server.store.rows import Row

LIMIT = 100
MAX_WORDS = 8
_CANDIDATES = 200  # ranked in SQL, then ordered for people
_RANKED_FROM = 3  # shorter words match so many rows that ranking them all is not worth its time

_COLUMNS = ", ".join(f"items.{name}" for name in rows.ITEM.split(", ")) + ", items.folded"


def search_items(conn: Connection, text: str, limit: int = 20, kind: ItemKind | str | None = None) -> tuple[Item, ...]:
    """At most `limit` (and LIMIT) items that fit, best first: codes, names that begin so, then the others.

    Items that have a price come before those that have none. Nothing typed finds nothing.
    """
    wanted = fold(text)[:128]
    limit = max(0, min(limit, LIMIT))
    if not wanted or not limit:
        return ()
    search = _Search(driver_of(conn), kind)
    found: dict[str, Row] = {}
    if wanted.replace(" ", "").isdigit():
        search.add(found, search.by_code(wanted.replace(" ", ""), limit))
    search.add(found, search.by_words(wanted))
    if len(found) < limit:
        search.add(found, search.by_part(wanted, limit))
    best = sorted(found.values(), key=lambda row: _order(row, wanted))
    return tuple(rows.item(row[:-1]) for row in best[:limit])


class _Search:
    def __init__(self, driver: sqlite3.Connection, kind: ItemKind | str | None) -> None:
        self._driver = driver
        self._filter = " AND items.kind = ?" if kind else ""
        self._kind = (str(kind),) if kind else ()

    @staticmethod
    def add(found: dict[str, Row], more: list[Row]) -> None:
        for row in more:
            found.setdefault(row[0], row)

    def by_code(self, digits: str, limit: int) -> list[Row]:
        # A range and not LIKE: LIKE folds case and so cannot use the index.
        query = f"SELECT {_COLUMNS} FROM items WHERE code >= ? AND code < ?{self._filter} ORDER BY code LIMIT ?"
        return self._driver.execute(query, (digits, digits + ":", *self._kind, limit)).fetchall()

    def by_words(self, wanted: str) -> list[Row]:
        words = ["".join(c for c in word if c.isalnum()) for word in _separated(wanted).split()[:MAX_WORDS]]
        words = [word for word in words if word]
        if not words:
            return []
        match = " ".join(f'"{word}"*' for word in words)
        order = "rank" if max(map(len, words)) >= _RANKED_FROM else "items_search.rowid"
        query = (
            f"SELECT {_COLUMNS} FROM items_search JOIN items ON items.row_id = items_search.rowid "
            f"WHERE items_search MATCH ?{self._filter} ORDER BY {order} LIMIT {_CANDIDATES}"
        )
        return self._driver.execute(query, (match, *self._kind)).fetchall()

    def by_part(self, wanted: str, limit: int) -> list[Row]:
        query = f"SELECT {_COLUMNS} FROM items WHERE instr(folded, ?){self._filter} ORDER BY row_id LIMIT ?"
        return self._driver.execute(query, (wanted, *self._kind, limit)).fetchall()


def _separated(text: str) -> str:
    return "".join(c if c.isalnum() else " " for c in text)


def _order(row: Row, wanted: str) -> tuple[bool, bool, bool, bool, int, str]:
    code, price, mills, folded = row[3], row[4], row[5], row[-1]
    return (
        code != wanted,
        price is None and mills is None,
        not folded.startswith(wanted),
        f" {wanted}" not in f" {folded}",
        len(folded),
        folded,
    )
