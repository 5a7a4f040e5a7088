"""Backups are taken while the store sells, proved before they are trusted, and put back without destroying anything."""

import errno
import os
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from builders import MILK
from shop import Lane, Shop

from kiosk_server.domain.terminal import Kind
from kiosk_server.store import backup, drill
from kiosk_server.store.backup import Backup
from kiosk_server.store.connection import READER_PRAGMAS, connect
from kiosk_server.store.db import Database
from kiosk_server.store.faults import BackupBad, StoreCorrupt, StoreUnusable
from kiosk_server.store.verify import verify

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def take(shop: Shop, now: datetime = NOON, note: str = "") -> Backup:
    with closing(connect(shop.database.path, "ro", READER_PRAGMAS)) as source:
        return backup.take(source, shop.database.backups, now=now, note=note)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)


def test_a_backup_taken_while_selling_is_whole_and_describes_itself(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    made = take(shop)
    lane3.scans(MILK)
    assert made.seq == shop.bus.head_seq - 1
    assert made.path.name == "store-20261120T120000Z.db"
    assert backup.describe(made.path) == made
    backup.check(made)
    verdict = verify(made.path, expected=made.head)
    assert verdict.is_whole, verdict.problem
    assert [file.name for file in made.path.parent.iterdir() if file.name.startswith(".")] == []


def test_a_backup_during_an_open_read_does_not_wait_for_it(shop: Shop, lane3: Lane) -> None:
    with shop.database.read():
        assert lane3.scans(MILK)
        assert take(shop).seq == shop.bus.head_seq


def test_two_backups_in_one_second_do_not_overwrite_each_other(shop: Shop) -> None:
    assert take(shop).path != take(shop).path
    assert len(backup.listed(shop.database.backups)) == 2


def test_a_backup_that_cannot_be_made_leaves_nothing_and_says_so(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "in_the_way").write_text("")
    with pytest.raises(StoreUnusable, match="No backup was made"), shop.database.read() as conn:
        backup.take(conn.connection.driver_connection, tmp_path / "in_the_way")  # type: ignore[arg-type]


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["checksum", "sync"])
def test_a_backup_that_fails_half_way_gives_its_room_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(backup, step, no_room)
    with pytest.raises(StoreUnusable, match="No space left"):
        take(shop)
    assert list(shop.database.backups.iterdir()) == []


def test_what_a_killed_backup_left_is_cleared_away_by_the_next(shop: Shop) -> None:
    shop.database.backups.mkdir()
    for name in (".store-20261120T110000Z.db.unfinished", ".store-20261120T110000Z.db.unfinished-journal"):
        (shop.database.backups / name).write_bytes(bytes(5000))
    made = take(shop)
    assert {file.name for file in made.path.parent.iterdir()} == {made.name, f"{made.name}.json"}


def test_a_backup_leaves_another_alone_that_is_being_made(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    copying = backup.sync

    def between(path: Path) -> None:
        monkeypatch.setattr(backup, "sync", copying)
        take(shop, NOON + timedelta(hours=1))
        copying(path)

    monkeypatch.setattr(backup, "sync", between)
    backup.check(take(shop))
    assert len(backup.listed(shop.database.backups)) == 2


def test_a_backup_does_not_take_the_room_that_selling_needs(shop: Shop) -> None:
    disk = os.statvfs(shop.database.path.parent)
    free = disk.f_bavail * disk.f_frsize
    with (
        closing(connect(shop.database.path, "ro", READER_PRAGMAS)) as source,
        pytest.raises(StoreUnusable, match=r"No backup was made.*Make room"),
    ):
        backup.take(source, shop.database.backups, spare_bytes=free)
    assert list(shop.database.backups.iterdir()) == []


@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
def test_a_damaged_backup_is_found_by_its_checksum(shop: Shop, damage: str) -> None:
    made = take(shop)
    if damage == "flip":
        flip(made.path, 5000)
    elif damage == "cut":
        made.path.write_bytes(made.path.read_bytes()[:-1])
    else:
        made.path.unlink()
    with pytest.raises(BackupBad):
        backup.check(made)
    assert backup.newest_good(shop.database.backups) is None


def test_a_file_without_its_description_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"")
    with pytest.raises(BackupBad, match="missing or unreadable"):
        backup.describe(tmp_path / "store.db")


# -- rotation --


def test_rotation_keeps_24_of_the_last_hours_and_one_of_each_of_30_days(tmp_path: Path) -> None:
    hours = 24 * 40
    for ago in range(hours):
        pretend(tmp_path, NOON - timedelta(hours=ago))
    backup.rotate(tmp_path)
    kept = [made.taken_at for made in backup.listed(tmp_path)]
    newest = [(NOON - timedelta(hours=ago)).isoformat(timespec="seconds") for ago in range(24)]
    assert kept[:24] == newest
    days = {at[:10] for at in kept}
    assert len(days) == 30
    assert len(kept) == 24 + 28  # the last two days lie within the last 24 hours
    assert len(list(tmp_path.iterdir())) == 2 * len(kept)
    assert backup.rotate(tmp_path) == []


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), NOON + timedelta(days=9000)])
def test_the_newest_backup_is_the_one_made_last_whatever_the_clock_said(shop: Shop, wrong: datetime) -> None:
    folder = shop.database.backups
    folder.mkdir()
    for days in range(40):
        pretend(folder, NOON - timedelta(days=days))
    for hours in range(24):
        pretend(folder, NOON + timedelta(hours=hours))
    for at in (wrong, NOON + timedelta(days=1)):
        made = take(shop, at)
        assert backup.listed(folder)[0] == made
        assert made.path not in backup.rotate(folder)
        assert backup.newest_good(folder) == made


def test_of_two_backups_in_one_second_the_second_is_the_newer(shop: Shop) -> None:
    take(shop)
    second = take(shop)
    assert backup.listed(shop.database.backups)[0] == second


def pretend(folder: Path, at: datetime) -> None:
    name = f"store-{at.strftime('%Y%m%dT%H%M%SZ')}.db"
    made = Backup(name=name, taken_at=at.isoformat(timespec="seconds"), seq=1, hash="00" * 32, bytes=0, sha256="")
    (folder / name).write_bytes(b"")
    (folder / f"{name}.json").write_bytes(msgspec.json.encode(made))


def test_rotation_leaves_the_backups_before_migrations_to_themselves(shop: Shop) -> None:
    special = [take(shop, NOON + timedelta(hours=n), note="before-0002-from-0001") for n in range(7)]
    gone = backup.rotate(shop.database.backups)
    assert gone == [special[1].path, special[0].path]


# -- restoring --


def test_a_restored_store_is_what_it_was_and_the_old_files_are_kept(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.enrols(Kind.LANE, "lane1")
    made = take(shop)
    shop.enrols(Kind.LANE, "lane2")
    shop.closes()
    before = shop.database.path.read_bytes()
    kept = backup.restore(made, shop.database.path)
    assert kept is not None
    assert (kept / "store.db").read_bytes() == before
    assert (kept / "store.head").exists()
    restored = Database(shop.database.path)
    restored.open()
    assert restored.head() == made.head
    restored.close()
    assert verify(shop.database.path).is_whole


def test_a_bad_backup_is_not_restored_and_the_store_stays(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    made = take(shop)
    shop.closes()
    flip(made.path, 5000)
    before = shop.database.path.read_bytes()
    with pytest.raises(BackupBad):
        backup.restore(made, shop.database.path)
    assert shop.database.path.read_bytes() == before
    assert not list(tmp_path.glob("replaced-*"))


def test_restoring_where_there_is_nothing_sets_nothing_aside(shop: Shop, tmp_path: Path) -> None:
    made = take(shop)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert backup.restore(made, elsewhere / "store.db") is None
    assert verify(elsewhere / "store.db").is_whole


def test_a_restore_that_was_killed_is_never_followed_by_a_blank_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path)
    with closing(connect(shop.database.path, "ro", READER_PRAGMAS)) as source:
        made = backup.take(source, tmp_path / "stick")  # not where the server looks for backups
    shop.closes()
    store = shop.database.path
    replace = os.replace
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda old, new: _dies() if new == store else replace(old, new))
        with pytest.raises(KeyboardInterrupt):
            backup.restore(made, store)
    refused = Database(store)
    with pytest.raises(StoreCorrupt, match="restore was cut short") as caught:
        refused.open()
    assert str(next(tmp_path.glob("replaced-*"))) in str(caught.value)
    assert not store.exists()
    assert backup.restore(made, store) is None
    again = Database(store)
    again.open()
    again.close()
    assert not list(tmp_path.glob("*.incoming"))


@pytest.mark.parametrize("step", ["copyfile", "sync", "mkdir"])
def test_a_restore_without_room_gives_it_back_and_leaves_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    shop = Shop(tmp_path)
    made = take(shop)
    shop.closes()
    before = {file.name for file in tmp_path.iterdir()}
    place = {"copyfile": shutil, "sync": backup, "mkdir": Path}[step]
    monkeypatch.setattr(place, step, lambda *_, **__: no_room())
    with pytest.raises(StoreUnusable, match=r"No space left.*Nothing was restored.*Make room"):
        backup.restore(made, shop.database.path)
    assert {file.name for file in tmp_path.iterdir()} == before


def test_a_restore_that_fails_after_one_that_was_cut_short_still_keeps_a_blank_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path)
    with closing(connect(shop.database.path, "ro", READER_PRAGMAS)) as source:
        made = backup.take(source, tmp_path / "stick")
    shop.closes()
    store = shop.database.path
    replace = os.replace
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda old, new: no_room() if new == store else replace(old, new))
        with pytest.raises(StoreUnusable, match=r"cut short: No space left.*lies in .*replaced-"):
            backup.restore(made, store)
    with monkeypatch.context() as patched:
        patched.setattr(backup, "sync", no_room)
        with pytest.raises(StoreUnusable, match="Nothing was restored"):
            backup.restore(made, store)
    with pytest.raises(StoreCorrupt, match="restore was cut short"):
        Database(store).open()
    assert backup.incoming(store).stat().st_size == 0
    backup.restore(made, store)
    assert verify(store).is_whole


def _dies() -> None:
    raise KeyboardInterrupt


# -- the drill --


def test_the_drill_proves_the_newest_backup_and_remembers(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    take(shop, NOON - timedelta(hours=1))
    made = take(shop)
    result = drill.drill(shop.database.backups, now=NOON)
    assert (result.is_good, result.backup, result.rows) == (True, made.name, made.seq)
    assert drill.last_drill(shop.database.backups) == result


def test_the_drill_finds_a_backup_that_is_not_what_was_written(shop: Shop) -> None:
    flip(take(shop).path, 5000)
    assert "not what was written" in drill.drill(shop.database.backups).problem


def test_the_drill_finds_a_backup_of_a_store_that_was_wrong_already(shop: Shop) -> None:
    driver = shop.database.writer.connection.driver_connection
    assert driver is not None
    driver.execute("UPDATE items SET price_cents = 1 WHERE item_id = 'burger'")
    take(shop)
    assert "table items" in drill.drill(shop.database.backups).problem


def test_the_drill_without_a_backup_says_that_there_is_none(tmp_path: Path) -> None:
    result = drill.drill(tmp_path / "backups")
    assert result.problem == f"There is no backup in {tmp_path / 'backups'}."
    assert drill.last_drill(tmp_path / "backups") == result


@pytest.mark.parametrize("found", ["could be restored", "no backup"])
def test_a_drill_that_cannot_be_noted_says_what_it_found(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    if found == "could be restored":
        take(shop)
    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(StoreUnusable, match=rf"cannot be noted.*No space left.*{found}.*Make room"):
        drill.drill(shop.database.backups)
    assert not list(shop.database.backups.glob("*drill*"))


def test_before_the_first_drill_there_is_none(tmp_path: Path) -> None:
    assert drill.last_drill(tmp_path) is None
