"""Closed business days in files of their own, which prove themselves without the store.

An archive is gzip'd JSON Lines. The first line names the day and the journal row before it; then come the day's rows,
as `journal export` writes them; the last line counts them and sums up the day's receipts. Archives of neighbouring days
fit together: where one ends, the next begins. Nothing is taken out of the store.
"""

import gzip
import itertools
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from kiosk_server.store import journal
from kiosk_server.store.connection import sync
from kiosk_server.store.faults import BackupBad, StoreUnusable
from kiosk_server.store.journal import Head
from kiosk_server.store.past import seq_at

SUFFIX = ".jsonl.gz"
_NEAR = 5_000  # rows of one millisecond, at the very most
_NOT_OURS = (ValueError, LookupError, TypeError, RecursionError)  # what comes of bytes that nobody wrote as JSON or hex


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: which day, and the journal row before it (`hash` in hex)."""

    archive: Literal["kiosk-server/1"]
    day: str
    after_seq: int
    after_hash: str


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """The last line: the day's last row, and what its receipts come to (refunds and practice too)."""

    rows: int
    seq: int
    hash: str
    receipts: int
    total_cents: int


class _Exported(msgspec.Struct, frozen=True):
    """A row as `journal export` writes it."""

    seq: int
    at: int
    type: str
    key: str
    by: str
    terminal: str
    data: msgspec.Raw
    hash: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A closed day: rows `after_seq` + 1 to `seq` of the journal."""

    day: str
    after_seq: int
    seq: int


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive that was written, or read and found good."""

    path: str
    opening: Opening
    closing: Closing


def closed_days(driver: sqlite3.Connection) -> list[Day]:
    """Every business day after which another was opened, oldest first; they cover the journal without gaps."""
    found = driver.execute("SELECT day, opened_at FROM days ORDER BY opened_at, day").fetchall()
    begins = sorted((_opened_in(driver, day, opened_at), day) for day, opened_at in found)
    days = []
    after = 0
    for (_, day), (next_seq, _) in itertools.pairwise(begins):
        days.append(Day(day=day, after_seq=after, seq=next_seq - 1))
        after = next_seq - 1
    return days


def _opened_in(driver: sqlite3.Connection, day: str, opened_at: int) -> int:
    """The row that opened a day. Near where its time says it is; anywhere, if the clock was set back since."""
    query = "SELECT seq FROM journal WHERE type = 'day_opened' AND json_extract(data, '$.day') = ?"
    near = seq_at(driver, opened_at)
    row = driver.execute(f"{query} AND seq BETWEEN ? AND ?", (day, near - _NEAR, near + _NEAR)).fetchone()
    row = row or driver.execute(query, (day,)).fetchone()
    if row is None:
        raise StoreUnusable(f"The journal does not say when {day} began. Nothing was archived. Run `verify`.")
    return int(row[0])


def write(driver: sqlite3.Connection, day: Day, folder: Path) -> Archive:
    """Archive one closed day. The file appears under its name only when it is complete and on the disk.

    Raises StoreUnusable where it cannot be written, or where a good archive of other rows has that name.
    """
    path = folder / f"day-{day.day}{SUFFIX}"
    if path.exists():
        return _known(path, driver, day)
    unfinished = folder / f".{path.name}.unfinished"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _writing(unfinished) as file:
            opening, closing = _write_lines(driver, day, file)
        os.replace(unfinished, path)
        sync(folder)
    except OSError as problem:
        unfinished.unlink(missing_ok=True)
        raise StoreUnusable(f"{day.day} was not archived in {folder}: {problem}. The store is untouched.") from problem
    return Archive(path=str(path), opening=opening, closing=closing)


def _known(path: Path, driver: sqlite3.Connection, day: Day) -> Archive:
    """What is there already, if it holds just these rows."""
    known = check(path)
    if known.opening.after_seq != day.after_seq or known.closing.hash != _hash_of(driver, day.seq).hex():
        raise StoreUnusable(f"{path} is an archive of another store. Nothing was written. Name another folder.")
    return known


@contextmanager
def _writing(path: Path) -> Iterator[gzip.GzipFile]:
    with path.open("wb") as raw:
        os.fchmod(raw.fileno(), 0o600)
        # Without its time of writing in it, the same day is the same file.
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
            yield file
        raw.flush()
        os.fsync(raw.fileno())


def _write_lines(driver: sqlite3.Connection, day: Day, file: gzip.GzipFile) -> tuple[Opening, Closing]:
    encode = msgspec.json.Encoder().encode
    before = _hash_of(driver, day.after_seq).hex()
    opening = Opening(archive="kiosk-server/1", day=day.day, after_seq=day.after_seq, after_hash=before)
    file.write(encode(opening) + b"\n")
    sums = _Sums()
    for row in journal.export(driver, day.after_seq):
        if row["seq"] > day.seq:
            break
        file.write(encode(row) + b"\n")
        sums.add(row["type"], bytes(row["data"]))
    head = _hash_of(driver, day.seq)
    closing = sums.closing(Head(day.seq, head), day.after_seq)
    file.write(encode(closing) + b"\n")
    return opening, closing


def _hash_of(driver: sqlite3.Connection, seq: int) -> bytes:
    row = driver.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    return bytes(row[0]) if row else journal.GENESIS


class _Sums:
    """What the receipts among the rows come to, and the days that the rows open."""

    def __init__(self) -> None:
        self.receipts = self.total_cents = 0
        self.days: list[str] = []

    def add(self, kind: str, data: bytes) -> None:
        if kind == "day_opened":
            self.days.append(msgspec.json.decode(data)["day"])
        if kind == "basket_paid":
            self.receipts += 1
            self.total_cents += msgspec.json.decode(data)["receipt"]["total_cents"]

    def closing(self, head: Head, after_seq: int) -> Closing:
        return Closing(
            rows=head.seq - after_seq,
            seq=head.seq,
            hash=head.hash.hex(),
            receipts=self.receipts,
            total_cents=self.total_cents,
        )


def check(path: Path, before: Archive | None = None) -> Archive:
    """Prove an archive by itself: its chain of hashes, its day, its count, its sums. With `before`, that it follows on
    that one.

    Raises BackupBad, which names the first row that is not what was written.
    """
    try:
        with gzip.open(path, "rb") as file:
            return _check_lines(path, file, before)
    except (OSError, EOFError, zlib.error, msgspec.MsgspecError, *_NOT_OURS) as problem:
        raise BackupBad(f"{path} cannot be read as an archive: {problem}.") from problem


def _check_lines(path: Path, file: gzip.GzipFile, before: Archive | None) -> Archive:
    opening = msgspec.json.decode(file.readline(), type=Opening)
    if before is not None and (opening.after_seq, opening.after_hash) != (before.closing.seq, before.closing.hash):
        raise BackupBad(f"{path} does not follow on {before.path}: it begins after row {opening.after_seq}.")
    good, sums = Head(opening.after_seq, _digest(opening.after_hash)), _Sums()
    line = file.readline()
    for after in file:
        row = msgspec.json.decode(line, type=_Exported)
        data, digest = bytes(row.data), _digest(row.hash)
        values = (row.seq, row.at, row.type, row.key, row.by, row.terminal, data.decode())
        broken = journal.break_at(good, values, digest)
        if broken is not None:
            raise BackupBad(f"{path}: {broken.what}.")
        good = Head(row.seq, digest)
        sums.add(row.type, data)
        line = after
    closing = msgspec.json.decode(line, type=Closing)
    if closing != sums.closing(good, opening.after_seq):
        raise BackupBad(f"{path}: its last line does not fit the rows before it, which end with row {good.seq}.")
    if sums.days != [opening.day]:
        opened = ", ".join(sums.days) or "no day"
        raise BackupBad(f"{path}: its first line says {opening.day}, but its rows open {opened}.")
    return Archive(path=str(path), opening=opening, closing=closing)


def _digest(text: str) -> bytes:
    """Raises ValueError for what is read as the same bytes, but not written as we write them."""
    digest = bytes.fromhex(text)
    if digest.hex() != text:
        raise ValueError(f"{text!r} is no hash")
    return digest
