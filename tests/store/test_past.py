"""The time machine shows every screen as it was, from any row of the journal, while the store goes on."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import BREAD, MILK, POLICY
from shop import Lane, Person, Shop

from kiosk_server.store import backup, queries
from kiosk_server.store.connection import READER_PRAGMAS, connect
from kiosk_server.store.past import as_of, seq_at


def now(shop: Shop) -> list[Any]:
    with shop.database.read() as conn:
        return looks(conn)


def looks(conn: Any) -> list[Any]:
    screens = [queries.screen_of(conn, kind, name, POLICY) for kind, name in (("lane", "lane3"), ("manager", "Mia"))]
    return [*screens, queries.search_items(conn, "milk"), queries.receipt(conn, 1)]


def take_backup(shop: Shop) -> backup.Backup:
    with closing(connect(shop.database.path, "ro", READER_PRAGMAS)) as source:
        return backup.take(source, shop.database.backups)


@pytest.mark.parametrize("has_backup", [False, True])
def test_every_moment_looks_as_it_did(shop: Shop, lane3: Lane, attendant: Person, has_backup: bool) -> None:
    seen: list[tuple[int, list[Any]]] = []
    steps = [
        lambda: lane3.scans(MILK),
        lambda: lane3.scans(BREAD),
        lambda: lane3.voids(1),
        lane3.pays,
        lambda: attendant.takes_cash(lane3.basket.basket_id),
        lane3.finishes,
        lambda: lane3.scans(MILK),
    ]
    for number, step in enumerate(steps):
        step()
        seen.append((shop.bus.head_seq, now(shop)))
        if has_backup and number == 2:
            take_backup(shop)
    for seq, was in seen:
        with as_of(shop.database.path, seq, shop.database.backups) as conn:
            assert looks(conn) == was
    assert now(shop) == seen[-1][1]


def test_before_the_first_row_there_is_nothing(shop: Shop, lane3: Lane) -> None:
    with as_of(shop.database.path, 0) as conn:
        assert queries.head_seq(conn) == 0
        assert queries.terminals(conn) == ()


@pytest.mark.parametrize("seq", [-1, 10_000])
def test_a_row_that_is_not_there_is_named(shop: Shop, seq: int) -> None:
    with pytest.raises(ValueError, match="there is no state after row"), as_of(shop.database.path, seq):
        pass


def test_the_past_cannot_be_changed(shop: Shop, lane3: Lane) -> None:
    with as_of(shop.database.path, shop.bus.head_seq) as conn, pytest.raises(Exception, match="readonly"):
        conn.exec_driver_sql("DELETE FROM terminals")


def test_selling_goes_on_while_somebody_looks_back(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    seq = shop.bus.head_seq
    with as_of(shop.database.path, seq) as conn:
        lane3.scans(BREAD)
        assert queries.head_seq(conn) == seq
    assert not list(shop.database.path.parent.glob(".scratch-*"))


def test_a_backup_of_another_history_is_not_begun_with(shop: Shop, lane3: Lane, tmp_path: Path) -> None:
    other = Shop(tmp_path / "other")
    for _ in range(3):
        Lane(other, f"lane{_}")
    take_backup(other)
    other.closes()
    with as_of(shop.database.path, shop.bus.head_seq, other.database.backups) as conn:
        assert [tile.name for tile in queries.terminals(conn)] == ["lane3"]


def test_a_moment_is_found_by_the_clock(shop: Shop, lane3: Lane) -> None:
    before = shop.bus.head_seq
    began = shop.clock.now_ms()
    shop.clock.passes(60_000)
    lane3.scans(MILK)
    with shop.database.read() as conn:
        driver = conn.connection.driver_connection
        assert driver is not None
        assert seq_at(driver, began) == before
        assert seq_at(driver, began + 59_999) == before
        assert seq_at(driver, began + 60_000) == shop.bus.head_seq
        assert seq_at(driver, 0) == 0
