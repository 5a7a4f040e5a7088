"""The time machine shows every screen as it was, from any row of the journal, while the store goes on."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import BREAD, BURGER, MILK, POLICY
from shop import Lane, Person, Pump, Shop, Stall

from kiosk_server.store import backup, moments, past, queries
from kiosk_server.store.connection import READER_PRAGMAS, connect
from kiosk_server.store.moments import Moments
from kiosk_server.store.past import TooFar, as_of, floor_as_of, note_moments, seq_at


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


# -- the floor, from moments --


def floor(conn: Any) -> Any:
    return queries.screen_of(conn, "manager", "Mia", POLICY)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment every three rows, nothing farther than nine."""
    monkeypatch.setattr(moments, "EVERY", 3)
    monkeypatch.setattr(past, "EVERY", 3)
    monkeypatch.setattr(past, "FARTHEST", 9)


def a_busy_hour(shop: Shop, lane3: Lane, stall7: Stall, pump1: Pump, attendant: Person) -> None:
    """Everything that the floor shows, open and closed."""
    lane3.scans(MILK)
    shop.clock.passes(1000)
    lane3.parks()
    lane3.scans(BREAD)
    stall7.arrives()
    stall7.picks(BURGER)
    stall7.orders()
    attendant.takes_cash(stall7.basket.basket_id)
    pump1.lifts()
    shop.clock.passes(1000)
    lane3.pays()
    attendant.takes_cash(lane3.basket.basket_id)
    lane3.finishes()


def test_the_floor_of_every_row_is_the_same_from_moments_as_from_the_whole_journal(
    often: None, shop: Shop, lane3: Lane, stall7: Stall, pump1: Pump, attendant: Person
) -> None:
    a_busy_hour(shop, lane3, stall7, pump1, attendant)
    store, kept = shop.database.path, Moments(shop.database.path.parent / "again")
    assert note_moments(store, kept) + 3 > shop.bus.head_seq
    for seq in range(shop.bus.head_seq + 1):
        with as_of(store, seq) as conn:
            was = floor(conn)
        with floor_as_of(store, seq, kept) as conn:
            assert floor(conn) == was, seq


def test_a_store_that_sells_notes_moments_by_itself(
    often: None, shop: Shop, lane3: Lane, stall7: Stall, pump1: Pump, attendant: Person
) -> None:
    a_busy_hour(shop, lane3, stall7, pump1, attendant)
    assert shop.bus.stop(30)
    found = sorted(shop.database.moments.folder.glob("*.json"))
    assert found, "no moment was noted"
    with floor_as_of(shop.database.path, int(found[-1].stem), Moments(found[0].parent)) as conn:
        seen = floor(conn)
    with as_of(shop.database.path, int(found[-1].stem)) as conn:
        assert floor(conn) == seen


@pytest.mark.parametrize("damage", [b"", b"{", b'{"seq":6,"hash":"","rows":{}}'])
def test_a_moment_that_is_damaged_or_of_another_history_is_passed_over(
    often: None, shop: Shop, lane3: Lane, stall7: Stall, pump1: Pump, attendant: Person, damage: bytes
) -> None:
    a_busy_hour(shop, lane3, stall7, pump1, attendant)
    kept = Moments(shop.database.path.parent / "again")
    note_moments(shop.database.path, kept)
    (kept.folder / f"{6:015}.json").write_bytes(damage)
    with as_of(shop.database.path, 8) as conn:
        was = floor(conn)
    with floor_as_of(shop.database.path, 8, kept) as conn:
        assert floor(conn) == was


def test_a_row_far_from_any_moment_is_refused_not_waited_for(
    often: None, shop: Shop, lane3: Lane, tmp_path: Path
) -> None:
    for _ in range(12):
        lane3.scans(MILK)
    with pytest.raises(TooFar, match="moment"), floor_as_of(shop.database.path, shop.bus.head_seq, Moments(tmp_path)):
        pass
