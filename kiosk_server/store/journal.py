"""The journal: every event once, numbered without gaps, each row holding the hash of all before it.

hash = SHA-256( previous hash as 64 hex digits, "\\n", the row )
row  = JSON array [seq, at, type, key, by, terminal, data], UTF-8, no spaces, non-ASCII as it is; data is the event's
       fields in their order, without the tag
The hash before the first row is 64 zeros. Anybody with an exported journal can repeat this without our code.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from kiosk_server.domain.events import EVENTS, Event
from kiosk_server.store.pen import Bulk, Pen
from kiosk_server.store.rows import Row

GENESIS = bytes(32)
CHUNK = 1000

COLUMNS = "seq, at, type, key, by, terminal, data"
_ADD = Bulk(f"INSERT INTO journal ({COLUMNS}, hash) VALUES {{rows}}", 8)
_PREFIX_LENGTH = {tag: len(f'{{"type":"{tag}",') for tag in EVENTS}
_DECODERS = {tag: msgspec.json.Decoder(kind) for tag, kind in EVENTS.items()}
_encode = msgspec.json.Encoder().encode


class Entry(msgspec.Struct, frozen=True):
    """One event with its place in the journal.

    `at` is ms since 1970 UTC; `key` and `by` are the command's key and the name of who gave it.
    """

    seq: int
    at: int
    type: str
    key: str
    terminal: str
    event: Event
    by: str = ""


class Head(msgspec.Struct, frozen=True):
    """The last row: its number and its hash. An empty journal is at 0 with a hash of zeros."""

    seq: int = 0
    hash: bytes = GENESIS


class Break(msgspec.Struct, frozen=True):
    """The first row at which the journal is not what was written."""

    seq: int
    what: str


class Appender:
    """Appends to the journal within the caller's transaction, keeping the head in memory.

    The owner of the transaction takes `head` before a savepoint, puts it back when it rolls back, and calls `reload`
    after a failed transaction.
    """

    def __init__(self, driver: Pen) -> None:
        self._driver = driver
        self.head = head_of(driver)

    def reload(self) -> None:
        self.head = head_of(self._driver)

    def append(self, event: Event, *, at: int, key: str, by: str) -> Entry:
        kind = str(event.__struct_config__.tag)
        seq = self.head.seq + 1
        data = "{" + _encode(event)[_PREFIX_LENGTH[kind] :].decode()
        row = (seq, at, kind, key, by, event.terminal, data)
        digest = row_hash(self.head.hash, row)
        self._driver.later(_ADD, (*row, digest))
        self.head = Head(seq, digest)
        return Entry(seq, at, kind, key, event.terminal, event, by)


def row_hash(previous: bytes, row: Row) -> bytes:
    """The hash of a row (seq, at, type, key, by, terminal, data as JSON text), given the hash before it."""
    *values, data = row
    canonical = _encode([*values, msgspec.Raw(data.encode())])
    return hashlib.sha256(previous.hex().encode() + b"\n" + canonical).digest()


def head_of(driver: sqlite3.Connection) -> Head:
    """The last row of the journal."""
    row = driver.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head()


def decode(row: Row) -> Entry:
    """An entry from a row of COLUMNS. Raises KeyError or msgspec.DecodeError for a row that is no event of ours."""
    seq, at, kind, key, by, terminal, data = row
    return Entry(seq, at, kind, key, terminal, _DECODERS[kind].decode(data), by)


def since(driver: sqlite3.Connection, seq: int, limit: int) -> list[Entry]:
    """The entries after `seq`, oldest first, at most `limit`."""
    found = driver.execute(f"SELECT {COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
    return [decode(row) for row in found]


def walk(driver: sqlite3.Connection, after: int = 0) -> Iterator[Row]:
    """Every row with its hash, in order, in chunks: no statement stays open while the caller works."""
    query = f"SELECT {COLUMNS}, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT {CHUNK}"
    while chunk := driver.execute(query, (after,)).fetchall():
        yield from chunk
        after = chunk[-1][0]


def export(driver: sqlite3.Connection, after: int = 0) -> Iterator[dict[str, Any]]:
    """Every row as the JSON object of `journal export`; `data` is raw JSON, `hash` hex."""
    for seq, at, kind, key, by, terminal, data, digest in walk(driver, after):
        yield {
            "seq": seq,
            "at": at,
            "type": kind,
            "key": key,
            "by": by,
            "terminal": terminal,
            "data": msgspec.Raw(data.encode()),
            "hash": digest.hex(),
        }


def break_at(good: Head, row: Row, digest: bytes) -> Break | None:
    """What is wrong with the row (of COLUMNS) that follows `good` and carries `digest`, if anything."""
    expected = good.seq + 1
    if row[0] != expected:
        return Break(expected, f"row {expected} is missing; the next one is {row[0]}")
    if row_hash(good.hash, row) != digest:
        return Break(expected, f"row {expected} is not what was written: its hash does not match")
    return None


def check(driver: sqlite3.Connection, start: Head | None = None) -> tuple[Head, Break | None]:
    """Walk the chain from `start`: the last good row, and the first bad one if there is one."""
    good = start or Head()
    for *row, digest in walk(driver, good.seq):
        broken = break_at(good, tuple(row), digest)
        if broken is not None:
            return good, broken
        good = Head(row[0], digest)
    return good, None
