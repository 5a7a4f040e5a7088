"""Finding items by what somebody types: part of a name in any script, or the beginning of a code.

Words are matched by their beginnings in the full-text index. Parts within a word and writing without spaces (Chinese,
Japanese, Thai) are found by their trigrams, one or two letters of it by looking through all names. Where nothing was
found, each word stands for the most alike one of the catalog that begins with the same letter, so that a slip of the
finger finds what was meant.
"""

import sqlite3
from difflib import SequenceMatcher

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
_TRIGRAM = 3
_MAX_TRIGRAMS = 24
_MISSPELT_FROM = 4  # letters; of shorter words too much is alike
_ALIKE = 0.75  # "chadonnay" and "chardonnay" are 0.95, "milk" and "mild" 0.75

_COLUMNS = ", ".join(f"items.{name}" for name in rows.ITEM.split(", ")) + ", items.folded"


def search_items(conn: Connection, text: str, limit: int = 20, kind: ItemKind | str | None = None) -> tuple[Item, ...]:
    """At most `limit` (and LIMIT) items that fit, best first: codes, names that begin so, then the others.

    Items that have a price come before those that have none. Nothing typed finds nothing.
    """
    wanted = fold(text.replace("\0", " "))[:128]  # the index takes a NUL for the end of what is asked
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
    if not found:
        search.add(found, search.by_likeness(wanted))
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
        if len(wanted) < _TRIGRAM:
            query = f"SELECT {_COLUMNS} FROM items WHERE instr(folded, ?){self._filter} ORDER BY row_id LIMIT ?"
            return self._driver.execute(query, (wanted, *self._kind, limit)).fetchall()
        # The index knows which trigrams a name has, not in which order.
        query = (
            f"SELECT {_COLUMNS} FROM items_trigrams JOIN items ON items.row_id = items_trigrams.rowid "
            f"WHERE items_trigrams MATCH ? AND instr(items.folded, ?){self._filter} "
            "ORDER BY items_trigrams.rowid LIMIT ?"
        )
        match = " AND ".join(_trigrams(wanted)[:_MAX_TRIGRAMS])
        return self._driver.execute(query, (match, wanted, *self._kind, limit)).fetchall()

    def by_likeness(self, wanted: str) -> list[Row]:
        words = _separated(wanted).split()[:MAX_WORDS]
        if wanted.replace(" ", "").isdigit():
            return []
        meant = [self._meant(word) if len(word) >= _MISSPELT_FROM else word for word in words]
        return [] if meant == words else self.by_words(" ".join(meant))

    def _meant(self, word: str) -> str:
        """The word of the catalog that is most like this one, or begins most like it; the word itself without one."""
        query = "SELECT term, doc FROM items_words WHERE term >= ? AND term < ? AND length(term) >= ?"
        values = (word[0], chr(min(ord(word[0]) + 1, 0x10FFFF)), len(word) - 2)
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(word)
        best, most = word, (_ALIKE, 0)
        for term, names in self._driver.execute(query, values):
            matcher.set_seq1(term[: len(word) + 1])  # it may not be typed to its end
            if matcher.real_quick_ratio() < most[0] or matcher.quick_ratio() < most[0]:
                continue
            if (found := (matcher.ratio(), names)) >= most:
                best, most = term, found
        return best


def _trigrams(text: str) -> list[str]:
    """Each three letters of the text, quoted for the index; without doubles, in their order."""
    pieces = (text[n : n + _TRIGRAM] for n in range(len(text) - _TRIGRAM + 1))
    return ['"' + piece.replace('"', '""') + '"' for piece in dict.fromkeys(pieces)]


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
