"""Rows that are written later: nobody can tell the difference, except by counting statements."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_server.store.connection import connect
from kiosk_server.store.pen import Bulk, Pen

ADD = Bulk("INSERT INTO notes (number, text) VALUES {rows}", 2)
PUT = Bulk("INSERT OR REPLACE INTO stock (shelf, item, pieces) VALUES {rows}", 3, key=2)
SUM = Bulk(
    "UPDATE shelves SET pieces = new.column2 FROM (VALUES {rows}) AS new WHERE shelf = new.column1",
    2,
    key=1,
    alone="UPDATE shelves SET pieces = ?2 WHERE shelf = ?1",
)
TABLES = """
    CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE stock (shelf TEXT, item TEXT, pieces INTEGER, PRIMARY KEY (shelf, item));
    CREATE TABLE shelves (shelf TEXT PRIMARY KEY, pieces INTEGER);
    INSERT INTO shelves VALUES ('a', 0), ('b', 0), ('c', 0);
"""


def opened(file: Path) -> Pen:
    pen = connect(file, "rwc")
    pen.executescript(TABLES)
    pen.is_patient = True
    pen.execute("BEGIN")
    return pen


@pytest.fixture
def pen(tmp_path: Path) -> Iterator[Pen]:
    with closing(opened(tmp_path / "pen.db")) as pen:
        yield pen


def statements(pen: Pen) -> list[str]:
    """Those that reach SQLite from now on."""
    found: list[str] = []
    pen.set_trace_callback(found.append)
    return found


@pytest.mark.parametrize("count", [1, 3, 4, 63, 64, 65, 149, 256])
def test_many_rows_take_few_statements_and_keep_their_order(pen: Pen, count: int) -> None:
    seen = statements(pen)
    for number in range(count):
        pen.later(ADD, (number, f"text {number}"))
    assert seen == []
    pen.flush()
    assert len(seen) <= count // 64 + 9
    assert pen.execute("SELECT * FROM notes ORDER BY number").fetchall() == [(n, f"text {n}") for n in range(count)]


@pytest.mark.parametrize("ask", ["execute", "executemany", "executescript", "cursor"])
def test_whatever_is_asked_finds_what_waited(pen: Pen, ask: str) -> None:
    pen.later(ADD, (1, "text"))
    if ask == "cursor":
        assert pen.cursor().execute("SELECT count(*) FROM notes").fetchone() == (1,)
    elif ask == "execute":
        assert pen.execute("SELECT count(*) FROM notes").fetchone() == (1,)
    else:
        copy = "INSERT INTO notes SELECT number + 1, text FROM notes WHERE number = 1"
        if ask == "executemany":
            pen.executemany(copy.replace("+ 1", "+ ?"), [(1,)])
        else:
            pen.executescript(copy)  # commits first, which is the driver's way
        assert pen.execute("SELECT number FROM notes").fetchall() == [(1,), (2,)]


def test_of_rows_with_the_same_key_the_last_one_counts(pen: Pen) -> None:
    for pieces in range(10):
        pen.later(PUT, ("a", "milk", pieces))
        pen.later(PUT, ("b", "milk", -pieces))
        pen.later(SUM, ("a", pieces))
    seen = statements(pen)
    pen.flush()
    assert len(seen) == 3
    assert pen.execute("SELECT * FROM stock ORDER BY shelf").fetchall() == [("a", "milk", 9), ("b", "milk", -9)]
    assert pen.execute("SELECT * FROM shelves ORDER BY shelf").fetchall() == [("a", 9), ("b", 0), ("c", 0)]


def test_changes_grow_when_something_is_written_and_not_when_it_is_done(pen: Pen) -> None:
    seen = [pen.changes]
    for number in range(5):
        pen.later(ADD, (number, ""))
        pen.later(SUM, ("a", number))
        seen.append(pen.changes)
    assert seen == sorted(set(seen))
    pen.flush()
    pen.execute("SELECT * FROM notes")
    assert pen.changes == seen[-1]
    pen.execute("DELETE FROM notes WHERE number = 1")
    assert pen.changes == seen[-1] + 1


def test_a_row_that_cannot_be_written_says_so_when_it_is_asked_for(pen: Pen) -> None:
    pen.later(ADD, (1, "text"))
    pen.later(ADD, (1, "the same number"))
    with pytest.raises(sqlite3.IntegrityError):
        pen.execute("SELECT * FROM shelves")
    pen.execute("ROLLBACK")
    assert pen.execute("SELECT * FROM notes").fetchall() == []


def test_what_was_dropped_is_never_written(pen: Pen) -> None:
    pen.later(ADD, (1, "text"))
    pen.drop()
    pen.execute("COMMIT")
    assert pen.execute("SELECT * FROM notes").fetchall() == []


def test_impatient_it_writes_at_once(pen: Pen) -> None:
    pen.is_patient = False
    pen.later(ADD, (1, "text"))
    with pytest.raises(sqlite3.IntegrityError):
        pen.later(ADD, (1, "the same number"))


SHELVES = st.sampled_from("abcd")  # there is no shelf d
ROWS = st.one_of(
    st.tuples(st.just(PUT), st.tuples(SHELVES, st.sampled_from(("milk", "bread\0", "تمر")), st.integers(-9, 9))),
    st.tuples(st.just(SUM), st.tuples(SHELVES, st.integers(-9, 9))),
    st.just((None, ())),
)


@given(st.lists(ROWS, max_size=200))
@settings(max_examples=60, deadline=None)
def test_later_is_the_same_as_at_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Bulk | None, tuple]]
) -> None:
    folder = tmp_path_factory.mktemp("both")
    with closing(opened(folder / "patient.db")) as patient, closing(opened(folder / "hasty.db")) as hasty:
        hasty.is_patient = False
        for pen in (patient, hasty):
            for number, (bulk, row) in enumerate(rows):
                pen.later(ADD, (number, str(row)))
                if bulk is not None:
                    pen.later(bulk, row)
                else:
                    pen.execute("UPDATE shelves SET pieces = pieces + (SELECT count(*) FROM stock)")
        for table in ("notes", "stock", "shelves"):
            query = f"SELECT * FROM {table} ORDER BY 1, 2"
            assert patient.execute(query).fetchall() == hasty.execute(query).fetchall()
