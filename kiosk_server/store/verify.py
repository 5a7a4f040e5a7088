"""Proof that a store is what was written: its chain of hashes, its head, and its state rebuilt from the journal.

The rebuilding happens in a scratch file beside which the store is attached read-only, in one read transaction, so a
store that is selling can be verified too; only its log cannot shrink meanwhile.
"""

import sqlite3
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

import msgspec
from sqlalchemy import Table

from kiosk_server.store import journal, projection, secrets
from kiosk_server.store.journal import Head
from kiosk_server.store.pen import Pen
from kiosk_server.store.rows import Row
from kiosk_server.store.scratch import beside
from kiosk_server.store.tables import SEARCH_TABLES, STATE_TABLES
from kiosk_server.store.tidemark import Tidemark

REPORT_EVERY = 5_000

Progress: TypeAlias = Callable[[int, int], None]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `rows` is how many journal rows are good; `bad_seq` is the first that is not, if it is a row.

    `problem` is for people; '' means that the store is whole.
    """

    rows: int
    head: Head
    problem: str = ""
    bad_seq: int | None = None

    @property
    def is_whole(self) -> bool:
        return not self.problem


class _Found(Exception):  # noqa: N818 - carries the finding out of nested loops
    def __init__(self, problem: str, head: Head, bad_seq: int | None = None) -> None:
        super().__init__(problem)
        self.verdict = Verdict(rows=head.seq, head=head, problem=problem, bad_seq=bad_seq)


def verify(path: Path, *, expected: Head | None = None, progress: Progress | None = None) -> Verdict:
    """Check the store or backup at `path`.

    `expected` is a head exported earlier: a journal cut off before it, or before the store's own tidemark, is found.
    Three questions, and the first no ends it: is the file whole, is the journal what was written, do the state tables
    follow from it? `progress` is called with the rows done and the rows in all. Raises StoreUnusable where there is no
    room to find out.
    """
    # Read before the transaction begins, so that a store that goes on selling is never behind it.
    marks = [mark for mark in (expected, Tidemark(path.with_suffix(".head")).read()) if mark is not None]
    try:
        with beside(path) as scratch:
            head = _check(scratch, marks, progress)
            return Verdict(rows=head.seq, head=head)
    except _Found as found:
        return found.verdict
    except sqlite3.DatabaseError as problem:
        return Verdict(rows=0, head=Head(), problem=f"the file cannot be read: {problem}")


def _check(scratch: Pen, marks: list[Head], progress: Progress | None) -> Head:
    complaints = [str(row[0]) for row in scratch.execute("PRAGMA store.integrity_check(5)")]
    if complaints != ["ok"]:
        raise _Found(f"the file is damaged: {'; '.join(complaints)}", Head())
    head = _replay(scratch, marks, progress)
    for table in STATE_TABLES:
        _compare(scratch, table, head)
    _compare_search(scratch, head)
    for problem in secrets.problems(scratch):
        raise _Found(problem, head)
    return head


def _replay(scratch: Pen, marks: list[Head], progress: Progress | None) -> Head:
    """Walk the chain, applying each row to the scratch tables, through every row that is known to have been written."""
    last = journal.head_of(scratch).seq
    good = Head()
    for *row, digest in journal.walk(scratch):
        broken = journal.break_at(good, tuple(row), digest)
        if broken is not None:
            raise _Found(broken.what, good, broken.seq)
        try:
            projection.apply(scratch, journal.decode(tuple(row)))
        except (KeyError, msgspec.MsgspecError, sqlite3.IntegrityError) as problem:
            raise _Found(f"row {row[0]} is in the chain, but cannot be understood: {problem!r}", good, row[0]) from None
        good = Head(row[0], digest)
        if any(mark.seq == good.seq and mark.hash != good.hash for mark in marks):
            raise _Found(f"row {good.seq} is not the one whose hash was exported: the journal was rewritten", good)
        if progress and (good.seq % REPORT_EVERY == 0 or good.seq == last):
            progress(good.seq, last)
    highest = max((mark.seq for mark in marks), default=0)
    if highest > good.seq:
        what = f"rows {good.seq + 1} to {highest} were written once and are gone: the end of the journal was cut off"
        raise _Found(what, good, good.seq + 1)
    return good


def _compare(scratch: sqlite3.Connection, table: Table, head: Head) -> None:
    columns = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key]
    listed = ", ".join(f'"{name}"' for name in columns)
    order = ", ".join(f'"{name}"' for name in key)
    stored = scratch.execute(f"SELECT {listed} FROM store.{table.name} ORDER BY {order}")
    rebuilt = scratch.execute(f"SELECT {listed} FROM main.{table.name} ORDER BY {order}")
    for one, other in zip_longest(stored, rebuilt):
        if one == other:
            continue
        raise _Found(_difference(table.name, columns, key, one, other), head)


def _difference(table: str, columns: list[str], key: list[str], stored: Row | None, rebuilt: Row | None) -> str:
    def key_of(row: Row | None) -> Row:
        return tuple(row[columns.index(name)] for name in key) if row else ()

    def named(row: Row | None) -> str:
        return ", ".join(f"{name} {value!r}" for name, value in zip(key, key_of(row), strict=True))

    if rebuilt is None or (stored is not None and key_of(stored) < key_of(rebuilt)):
        return f"table {table} holds a row that the journal does not know: {named(stored)}"
    if stored is None or key_of(stored) != key_of(rebuilt):
        return f"table {table} lacks a row that the journal gives: {named(rebuilt)}"
    first = next(n for n, (one, other) in enumerate(zip(stored, rebuilt, strict=True)) if one != other)
    what = f"{columns[first]} is {stored[first]!r}, but the journal gives {rebuilt[first]!r}"
    return f"table {table}, {named(stored)}: {what}"


def _compare_search(scratch: sqlite3.Connection, head: Head) -> None:
    for table in SEARCH_TABLES:
        stored = scratch.execute(f"SELECT rowid, folded FROM store.{table} ORDER BY rowid")
        rebuilt = scratch.execute(f"SELECT rowid, folded FROM main.{table} ORDER BY rowid")
        for one, other in zip_longest(stored, rebuilt):
            if one != other:
                raise _Found(f"the search index differs from the catalog at item row {(one or other)[0]}", head)
