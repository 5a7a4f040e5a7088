"""A closed day lies in a file that proves itself, and any change in that file is found."""

import gzip
import json
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from builders import CATALOG, MILK
from shop import HandClock, Lane, Person, Shop

from kiosk_server.domain.staff import Role
from kiosk_server.store import archive
from kiosk_server.store.connection import connect
from kiosk_server.store.faults import BackupBad, StoreUnusable

DAY_MS = 24 * 3600 * 1000
DAYS = ("2026-11-20", "2026-11-21", "2026-11-22")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Three days of sales; the last one is still open."""
    clock = HandClock()
    shop = Shop(tmp_path, clock=clock)
    shop.stocks(CATALOG)
    lane, attendant = Lane(shop, "lane1"), Person(shop, "Ada", Role.ATTENDANT)
    for number in range(len(DAYS)):
        for _ in range(number + 1):
            lane.scans(MILK, quantity=2)
            lane.pays()
            attendant.takes_cash(lane.basket.basket_id)
            lane.finishes()
        clock.passes(DAY_MS)
    shop.closes()
    return tmp_path / "store.db"


@contextmanager
def reading(store: Path) -> Iterator[tuple[list[archive.Day], archive.sqlite3.Connection]]:
    with closing(connect(store, "ro")) as driver:
        yield archive.closed_days(driver), driver


def written(store: Path) -> list[archive.Archive]:
    with reading(store) as (days, driver):
        return [archive.write(driver, day, store.parent / "archive") for day in days]


def test_only_days_after_which_another_began_are_closed(store: Path) -> None:
    with reading(store) as (days, _):
        assert [day.day for day in days] == list(DAYS[:2])
        assert days[0].after_seq == 0
        assert days[0].seq == days[1].after_seq, "the days cover the journal without gaps"


def test_archive_proves_itself_and_follows_on_the_day_before(store: Path) -> None:
    first, second = written(store)
    store.unlink()  # nothing of it is needed any more

    assert archive.check(Path(first.path)) == first
    assert archive.check(Path(second.path), first) == second
    assert (second.closing.receipts, second.closing.total_cents) == (2, 2 * 2 * 129)
    with pytest.raises(BackupBad, match="does not follow"):
        archive.check(Path(first.path), second)


def test_archive_is_the_exported_journal_word_by_word(store: Path) -> None:
    (first, _) = written(store)
    with reading(store) as (days, driver), gzip.open(first.path) as file:
        rows = [json.loads(line) for line in file.readlines()[1:-1]]
        assert len(rows) == days[0].seq == first.closing.rows
        hashes = [row[0].hex() for row in driver.execute("SELECT hash FROM journal ORDER BY seq LIMIT ?", (len(rows),))]
    assert [row["hash"] for row in rows] == hashes


def test_day_is_archived_once_and_always_the_same(store: Path) -> None:
    first = Path(written(store)[0].path)
    bytes_then = first.read_bytes()
    assert written(store)[0].path == str(first)
    first.unlink()
    written(store)
    assert first.read_bytes() == bytes_then


def changed(path: Path, line: int, old: bytes, new: bytes) -> None:
    with gzip.open(path) as file:
        lines = file.readlines()
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new)
    with gzip.open(path, "wb") as file:
        file.writelines(lines)


@pytest.mark.parametrize(
    ("line", "old", "new", "said"),
    [
        (3, b'"terminal":"', b'"terminal":"x', "row 3 is not what was written"),
        (-1, b'"receipts":2', b'"receipts":3', "last line does not fit"),
        (0, b'"after_hash":"', b'"after_hash":"00', "is not what was written"),
        (0, b'"day":', b'"dai":', "cannot be read"),
        (0, b'"day":"2026-11-20"', b'"day":"2026-11-21"', "says 2026-11-21, but its rows open 2026-11-20"),
        (0, b"kiosk-server/1", b"kiosk-server/2", "cannot be read"),
        (0, b'"archive":', b'"archivf":', "cannot be read"),
    ],
)
def test_changed_archive_is_found(store: Path, line: int, old: bytes, new: bytes, said: str) -> None:
    path = Path(written(store)[1].path) if line == -1 else Path(written(store)[0].path)
    changed(path, line, old, new)
    with pytest.raises(BackupBad, match=said):
        archive.check(path)


def test_archive_with_a_row_taken_out_names_it(store: Path) -> None:
    path = Path(written(store)[0].path)
    with gzip.open(path) as file:
        lines = file.readlines()
    with gzip.open(path, "wb") as file:
        file.writelines(lines[:5] + lines[6:])
    with pytest.raises(BackupBad, match="row 5 is missing"):
        archive.check(path)


def test_archive_cut_short_is_found(store: Path) -> None:
    path = Path(written(store)[0].path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BackupBad, match="cannot be read"):
        archive.check(path)


def flips(content: bytes, count: int) -> Iterator[bytes]:
    """`content` with one bit of it turned over, again and again elsewhere."""
    dice = random.Random(20261128)
    for _ in range(count):
        flipped = bytearray(content)
        flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
        yield bytes(flipped)


def is_refused(path: Path, known: archive.Archive) -> bool:
    """Whether it is, in our words. What is not must say what it said before: the header of gzip has idle bits."""
    try:
        assert archive.check(path) == known
    except BackupBad:
        return True
    return False


def test_archive_with_any_bit_turned_over_is_refused_or_the_same(store: Path) -> None:
    known = written(store)[1]
    path = Path(known.path)
    packed = path.read_bytes()
    text = gzip.decompress(packed)
    for flipped in flips(packed, 300):
        path.write_bytes(flipped)
        is_refused(path, known)
    for flipped in flips(text, 300):
        path.write_bytes(gzip.compress(flipped, 1))
        assert is_refused(path, known)


def test_archive_of_another_store_is_never_overwritten(store: Path, tmp_path: Path) -> None:
    first = Path(written(store)[0].path)
    other = tmp_path / "other"
    other.mkdir()
    clock = HandClock()
    shop = Shop(other, clock=clock)
    shop.stocks(CATALOG)
    lane = Lane(shop, "lane9")
    for _ in range(2):
        lane.scans(MILK)
        lane.voids_all()
        clock.passes(DAY_MS)
    shop.closes()
    bytes_then = first.read_bytes()
    with reading(other / "store.db") as (days, driver), pytest.raises(StoreUnusable, match="another store"):
        archive.write(driver, days[0], first.parent)
    assert first.read_bytes() == bytes_then
