"""What is wrong with a store is found before the first sale, and said with what to do; nothing is replaced silently."""

import errno
import os
import queue
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from builders import MILK, POLICY
from shop import LOCAL, PATIENCE_S, HandClock, Lane, Shop
from sqlalchemy import NullPool, create_engine

from kiosk_server.core.bus import Bus
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain.commands import SwitchSimulation
from kiosk_server.store import backup, migrations
from kiosk_server.store.connection import READER_PRAGMAS, connect
from kiosk_server.store.db import Database
from kiosk_server.store.faults import StoreCorrupt, StoreFault, StoreInUse, StoreTooNew, StoreUnusable
from kiosk_server.store.lock import StoreLock
from kiosk_server.store.verify import verify

PAGE = 4096


def sell(folder: Path, switches: int = 0) -> None:
    shop = Shop(folder)
    for number in range(switches):
        shop.asks(SwitchSimulation(is_on=number % 2 == 0), LOCAL, f"{time.monotonic_ns()}-{number}")
    shop.closes()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A closed store of some pages."""
    sell(tmp_path, switches=200)
    return tmp_path / "store.db"


def back_up(store: Path) -> backup.Backup:
    with closing(connect(store, "ro", READER_PRAGMAS)) as driver:
        return backup.take(driver, store.parent / "backups")


def killed_after(folder: Path, switches: int) -> None:
    """A store whose process died without closing: the log beside it holds commits that the file does not."""
    script = (
        "import os, sys; from pathlib import Path; sys.path[:0] = sys.argv[2:]\n"
        "from shop import LOCAL, Shop; from kiosk_server.domain.commands import SwitchSimulation\n"
        "shop = Shop(Path(sys.argv[1]))\n"
        f"for n in range({switches}): shop.asks(SwitchSimulation(is_on=n % 2 == 0), LOCAL)\n"
        "os._exit(9)\n"
    )
    here = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", script, str(folder), here], check=False, timeout=60)
    assert done.returncode == 9


def opening(store: Path) -> StoreFault:
    """The fault that opening meets; afterwards nothing holds the store."""
    database = Database(store)
    with pytest.raises(StoreFault) as caught:
        database.open()
    assert not store.with_suffix(".lock").read_text(), "the lock was not given back"
    return caught.value


# -- one process --


def test_a_second_instance_is_told_who_holds_the_store(tmp_path: Path) -> None:
    first = Database(tmp_path / "store.db")
    first.open()
    first.announce("http://192.168.1.5:8080")
    script = (
        "import sys; from pathlib import Path; from kiosk_server.store.db import Database\n"
        "from kiosk_server.store.faults import StoreInUse\n"
        "try: Database(Path(sys.argv[1])).open()\n"
        "except StoreInUse as fault: print(fault); sys.exit(3)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "store.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3, done.stderr
    for word in (f"process {os.getpid()}", os.uname().nodename, "since 20", "http://192.168.1.5:8080"):
        assert word in done.stdout
    first.close()
    Database(tmp_path / "store.db").open_readonly()


def test_a_second_instance_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    first = Database(tmp_path / "store.db")
    first.open()
    with pytest.raises(StoreInUse):
        Database(tmp_path / "store.db").open()
    first.close()


def test_a_disk_too_full_for_the_holders_name_keeps_nobody_from_opening(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = store.with_suffix(".lock")
    lock.write_text('{"pid": 1, "host": "killed", "since": "2026"}')

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    first = StoreLock(lock)
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        first.take()
        with pytest.raises(OSError, match="No space left"):
            first.announce("http://192.168.1.5:8080")
    with pytest.raises(StoreInUse, match="in use by another process"):
        StoreLock(lock).take()
    first.release()


def test_a_killed_holder_leaves_the_store_free(tmp_path: Path) -> None:
    killed_after(tmp_path, 30)
    database = Database(tmp_path / "store.db")
    database.open()
    assert database.head().seq == 30
    database.close()
    assert verify(tmp_path / "store.db").is_whole


# -- damage --


def test_a_good_store_opens_again(store: Path) -> None:
    database = Database(store)
    database.open()
    assert database.head().seq == 200
    database.close()


@pytest.mark.parametrize("place", [0, 5, 15])
def test_flipped_bytes_in_the_header_are_found(store: Path, place: int) -> None:
    flip(store, place)
    assert isinstance(opening(store), StoreCorrupt)


def flip(path: Path, place: int, length: int = 1) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        found = file.read(length)
        file.seek(place)
        file.write(bytes(byte ^ 0xFF for byte in found))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_page_overwritten_is_found(store: Path, part: float) -> None:
    pages = store.stat().st_size // PAGE
    flip(store, int(pages * part) * PAGE, 64)
    assert isinstance(opening(store), StoreCorrupt)


@pytest.mark.parametrize("length", [0, 100, PAGE * 3, -PAGE, -1])
def test_a_truncated_file_is_found(store: Path, length: int) -> None:
    os.truncate(store, length if length >= 0 else store.stat().st_size + length)
    assert isinstance(opening(store), StoreCorrupt)


def test_a_log_damaged_in_the_middle_is_found_though_sqlite_ends_silently_there(tmp_path: Path) -> None:
    killed_after(tmp_path, 100)
    log = tmp_path / "store.db-wal"
    flip(log, log.stat().st_size // 2, 16)
    fault = opening(tmp_path / "store.db")
    assert isinstance(fault, StoreCorrupt)
    assert "row 100 was acknowledged" in str(fault)


def test_a_store_that_is_refused_keeps_its_log(tmp_path: Path) -> None:
    """Rows behind the damage may be all that is left of them: nothing is moved into the file or thrown away."""
    killed_after(tmp_path, 100)
    store, log = tmp_path / "store.db", tmp_path / "store.db-wal"
    flip(log, log.stat().st_size // 2, 16)
    before = store.read_bytes(), log.read_bytes()
    said = str(opening(store))
    assert (store.read_bytes(), log.read_bytes()) == before
    assert str(opening(store)) == said
    flip(log, log.stat().st_size // 2, 16)
    database = Database(store)
    database.open()
    assert database.head().seq == 100
    database.close()


def test_a_log_that_was_deleted_is_found(tmp_path: Path) -> None:
    killed_after(tmp_path, 100)
    (tmp_path / "store.db-wal").unlink()
    assert "was acknowledged" in str(opening(tmp_path / "store.db"))


def test_an_older_copy_put_in_the_place_of_the_store_is_found(store: Path, tmp_path: Path) -> None:
    older = store.read_bytes()
    sell(tmp_path, switches=10)
    store.write_bytes(older)
    assert "row 210 was acknowledged" in str(opening(store))


def test_a_tidemark_that_a_power_cut_left_unreadable_stops_nobody(store: Path) -> None:
    store.with_suffix(".head").write_bytes(bytes(86))
    database = Database(store)
    database.open()
    database.close()


def test_a_missing_store_beside_a_trace_of_it_is_not_replaced_by_a_blank(store: Path) -> None:
    store.unlink()
    assert isinstance(opening(store), StoreCorrupt)
    assert not store.exists()


def test_a_damaged_store_names_the_backup_the_loss_and_the_command(store: Path, tmp_path: Path) -> None:
    made = back_up(store)
    sell(tmp_path, switches=10)
    flip(store, PAGE, 64)
    text = str(opening(store))
    for word in (
        str(made.path),
        made.taken_at,
        "Rows 201 to 210",
        f"kiosk-server restore {made.path} --data-dir {tmp_path}",
    ):
        assert word in text
    before = store.read_bytes()
    opening(store)
    assert store.read_bytes() == before


def test_a_damaged_store_offers_the_last_backup_that_is_good(store: Path) -> None:
    good = back_up(store)
    bad = back_up(store)
    flip(bad.path, PAGE, 64)
    flip(store, 0)
    assert f"kiosk-server restore {good.path} --data-dir {store.parent}" in str(opening(store))


def test_a_copy_of_the_damage_is_not_offered_as_a_good_backup(store: Path) -> None:
    good = back_up(store)
    flip(store, store.stat().st_size // 2 // PAGE * PAGE, 600)
    copy = back_up(store)  # an hour later, with the damage in it and a checksum that fits
    backup.check(copy)
    assert f"kiosk-server restore {good.path} --data-dir {store.parent}" in str(opening(store))


def test_a_damaged_store_without_a_backup_says_so(store: Path) -> None:
    flip(store, 0)
    assert "no good backup" in str(opening(store))


# -- not ours --


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(connect(path, "rwc")) as driver:
        driver.execute("CREATE TABLE theirs (x)")
    assert isinstance(opening(path), StoreUnusable)


def test_a_store_of_a_later_version_is_left_alone(store: Path) -> None:
    with closing(connect(store, "rw")) as driver:
        driver.execute("UPDATE alembic_version SET version_num = '9999'")
    fault = opening(store)
    assert isinstance(fault, StoreTooNew)
    assert "9999" in str(fault)


def test_a_store_of_an_earlier_version_is_backed_up_then_migrated(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    oldest = migrations.known_revisions()[-1]
    engine = create_engine("sqlite+pysqlite://", creator=lambda: connect(path, "rwc"), poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        migrations.upgrade(conn, oldest)
    sell(tmp_path, switches=3)
    (made,) = backup.listed(tmp_path / "backups")
    assert made.note == f"before-{migrations.SCHEMA_REVISION}-from-{oldest}"
    backup.check(made)
    with closing(connect(made.path, "ro")) as before, closing(connect(path, "ro")) as after:
        assert migrations.revision_of(before) == oldest
        assert migrations.revision_of(after) == migrations.SCHEMA_REVISION
    assert verify(path).is_whole


def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(StoreUnusable, match="data folder"):
        Database(blocked / "data" / "store.db").open()


def test_reading_without_a_store_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="There is no store at"):
        Database(tmp_path / "store.db").open_readonly()


# -- connections --


def test_readers_cannot_write(shop: Shop) -> None:
    with shop.database.read() as conn, pytest.raises(Exception, match="readonly database"):
        conn.exec_driver_sql("DELETE FROM journal")


def test_closing_leaves_one_file_without_a_log(store: Path) -> None:
    assert not store.with_name("store.db-wal").exists()


def test_closing_waits_for_nobody_who_still_reads(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    with closing(connect(shop.database.path, "ro", READER_PRAGMAS)) as other:
        other.execute("BEGIN")
        before = other.execute("SELECT max(seq) FROM journal").fetchone()
        lane3.scans(MILK)
        assert shop.bus.stop(PATIENCE_S)
        began_s = time.monotonic()
        shop.database.close()
        assert time.monotonic() - began_s < 1
        assert other.execute("SELECT max(seq) FROM journal").fetchone() == before
    assert verify(shop.database.path).is_whole


def test_reading_beside_a_running_server_sees_its_commits(shop: Shop, lane3: Lane) -> None:
    beside = Database(shop.database.path)
    beside.open_readonly()
    lane3.scans(MILK)
    assert beside.head().seq == shop.bus.head_seq
    beside.close()
    assert lane3.scans(MILK)


def test_nested_readers_do_not_exhaust_the_pool(shop: Shop) -> None:
    def nest(depth: int, then: Callable[[], None]) -> None:
        with shop.database.read():
            nest(depth - 1, then) if depth else then()

    reached: list[bool] = []
    nest(12, lambda: reached.append(True))
    assert reached


# -- large stores --


@pytest.fixture
def large(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kiosk_server.store.opening.CHECKED_WHOLE_BYTES", 1)
    return store


def test_a_large_store_is_read_whole_while_it_sells(large: Path) -> None:
    shop = Shop(large.parent)
    lane = Lane(shop, "lane1")
    shop.stocks([MILK])
    assert lane.scans(MILK)
    assert shop.database.damage() == ""
    assert not shop.bus.is_read_only
    shop.closes()


def test_damage_in_the_cold_part_of_a_large_store_stops_the_selling_for_good(large: Path) -> None:
    with closing(connect(large, "ro")) as driver:
        cold = driver.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tickets_by_number'").fetchone()[0]
    flip(large, (cold - 1) * PAGE, 64)
    database = Database(large)
    database.open()
    assert not database.is_checked
    bus = Bus(database, POLICY, HandClock(), handlers=HANDLERS, roles=ROLES)
    news: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    bus.watch(news.put)
    bus.start()
    assert "damaged" in (news.get(timeout=PATIENCE_S) or "")
    bus._writer._clock.passes(3_600_000)  # type: ignore[attr-defined]
    assert bus.submit(SwitchSimulation(is_on=True), LOCAL, "k").result(PATIENCE_S).code == "read_only"
    assert bus.stop(PATIENCE_S)
    database.close()


@pytest.mark.parametrize("table", ["terminals", "items"])
def test_damage_in_what_every_sale_touches_is_found_before_it_even_in_a_large_store(large: Path, table: str) -> None:
    with closing(connect(large, "ro")) as driver:
        root = driver.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    flip(large, (root - 1) * PAGE, 64)
    assert isinstance(opening(large), StoreCorrupt)


def test_an_edited_row_at_the_end_of_a_large_journal_is_found_at_the_start(large: Path) -> None:
    with closing(connect(large, "rw")) as driver:
        driver.execute("UPDATE journal SET by = 'Mallory' WHERE seq = 190")
    assert "row 190 is not what was written" in str(opening(large))
