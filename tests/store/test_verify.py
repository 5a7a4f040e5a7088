"""`verify` proves a store that is whole, and names the first place where one is not."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from builders import BREAD, BURGER, CATALOG, MILK, an_item
from shop import Cook, Lane, Person, Pump, Shop, Stall

from kiosk_server.domain.kitchen import Event as TicketEvent
from kiosk_server.domain.staff import Role
from kiosk_server.store import journal, scratch
from kiosk_server.store.connection import connect
from kiosk_server.store.faults import StoreUnusable
from kiosk_server.store.journal import Head
from kiosk_server.store.verify import Verdict, verify


def busy_day(shop: Shop) -> None:
    """A little of everything, so that every table has rows."""
    shop.stocks(CATALOG)
    attendant, lane, stall = Person(shop, "Ada", Role.ATTENDANT), Lane(shop, "lane1"), Stall(shop, "stall1")
    cook, pump = Cook(shop, "kitchen"), Pump(shop, "pump1")
    lane.scans(MILK)
    lane.scans(BREAD, quantity=3)
    lane.voids(1)
    lane.calls()
    attendant.resolves(shop.inbox()[0].intervention_id)
    lane.pays()
    attendant.takes_cash(lane.basket.basket_id)
    lane.finishes()
    lane.scans(MILK)
    lane.parks()
    stall.arrives()
    stall.picks(BURGER, "cheese")
    stall.orders()
    attendant.takes_cash(stall.basket.basket_id)
    ticket = shop.ticket_of(stall.basket.basket_id)
    assert ticket is not None
    cook.moves(ticket, TicketEvent.BUMP)
    attendant.takes_cash(pump.fuels(attendant))
    lane.scans(MILK)
    lane.voids_all()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    shop = Shop(tmp_path)
    busy_day(shop)
    shop.closes()
    yield tmp_path / "store.db"
    assert not list(tmp_path.glob(".scratch-*")), "the scratch file was left behind"


@pytest.mark.parametrize("pages", [1, 75])
def test_no_room_to_find_out_is_not_called_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """A real SQLITE_FULL of the scratch file: while it is made, and while it fills."""
    shop = Shop(tmp_path)
    shop.stocks([an_item(f"item{number}") for number in range(500)])
    shop.closes()

    def cramped(file: Path, mode: str, pragmas: tuple[str, ...] = ()) -> sqlite3.Connection:
        return connect(file, mode, (*pragmas, f"PRAGMA max_page_count = {pages}"))

    monkeypatch.setattr(scratch, "connect", cramped)
    with pytest.raises(StoreUnusable, match=r"database or disk is full.*says nothing about the store"):
        verify(shop.database.path)
    assert not list(tmp_path.glob(".scratch-*"))


@pytest.fixture
def tampers(store: Path) -> Callable[[str], Verdict]:
    """Runs one statement on the closed store, then verifies it."""

    def tamper(statement: str) -> Verdict:
        with closing(connect(store, "rw")) as driver:
            assert driver.execute(statement).rowcount == 1
        return verify(store)

    return tamper


def test_a_busy_day_verifies_and_reports_progress(store: Path) -> None:
    told: list[tuple[int, int]] = []
    verdict = verify(store, progress=lambda done, total: told.append((done, total)))
    assert verdict.is_whole, verdict.problem
    assert verdict.rows > 50
    assert told[-1] == (verdict.rows, verdict.rows)


def test_a_store_that_is_selling_can_be_verified(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    verdict = verify(shop.database.path)
    assert verdict.is_whole, verdict.problem
    assert verdict.rows == shop.bus.head_seq


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET data = data || ' ' WHERE seq = 20",
        "UPDATE journal SET by = 'nobody' WHERE seq = 20",
        "UPDATE journal SET at = at - 1 WHERE seq = 20",
        "UPDATE journal SET hash = zeroblob(32) WHERE seq = 20",
        "DELETE FROM journal WHERE seq = 20",
    ],
)
def test_verify_names_the_first_journal_row_that_was_touched(tampers: Callable[[str], Verdict], statement: str) -> None:
    verdict = tampers(statement)
    assert (verdict.bad_seq, verdict.rows) == (20, 19)
    assert "row 20" in verdict.problem


def test_verify_notices_a_tail_that_was_cut_off(store: Path, tampers: Callable[[str], Verdict]) -> None:
    last = verify(store).rows
    verdict = tampers(f"DELETE FROM journal WHERE seq = {last}")
    assert verdict.bad_seq == last
    assert "cut off" in verdict.problem


def test_verify_with_a_head_kept_elsewhere_still_asks_the_tidemark(store: Path) -> None:
    with closing(connect(store, "rw")) as driver:
        row = driver.execute("SELECT seq, hash FROM journal WHERE seq = 20").fetchone()
        last = journal.head_of(driver).seq
        driver.execute("DELETE FROM journal WHERE seq > ?", (last - 5,))
    verdict = verify(store, expected=Head(*row))
    assert verdict.bad_seq == last - 4
    assert f"rows {last - 4} to {last} were written once and are gone" in verdict.problem


def test_verify_notices_a_journal_that_was_rewritten_with_good_hashes(store: Path) -> None:
    exported = verify(store).head
    with closing(connect(store, "rw")) as driver:
        rows = list(journal.walk(driver))
        head = Head()
        for seq, at, kind, key, by, terminal, data, _ in rows:
            row = (seq, at, kind, key, "Mallory" if seq == 20 else by, terminal, data)
            head = Head(seq, journal.row_hash(head.hash, row))
            driver.execute("UPDATE journal SET by = ?, hash = ? WHERE seq = ?", (row[4], head.hash, seq))
    verdict = verify(store, expected=exported)
    assert "rewritten" in verdict.problem


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE receipts SET total_cents = total_cents - 1 WHERE number = 1", "table receipts, number 1: total_cents"),
        ("UPDATE takings SET cents = 0 WHERE kind = 'fuel'", "table takings"),
        ("DELETE FROM lines WHERE line_id = 2", "table lines lacks a row"),
        ("INSERT INTO days VALUES ('2031-01-01', 1)", "table days holds a row that the journal does not know"),
        ("UPDATE items SET price_cents = 1 WHERE item_id = 'burger'", "table items"),
        ("UPDATE terminals SET basket_id = 'x' WHERE name = 'lane1'", "table terminals, name 'lane1': basket_id"),
        ("UPDATE points SET volume_ml = 1", "table points"),
        ("DELETE FROM items_search WHERE rowid = 2", "search index"),
        ("DELETE FROM items_trigrams WHERE rowid = 2", "search index"),
    ],
)
def test_verify_names_the_first_difference_of_a_state_table(
    tampers: Callable[[str], Verdict], statement: str, named: str
) -> None:
    verdict = tampers(statement)
    assert named in verdict.problem
    assert verdict.bad_seq is None


def recomputed_hashes(store: Path) -> Iterator[tuple[str, str]]:
    """The recipe of journal.py's docstring, with nothing but the standard library: (computed, stored) a row."""
    with closing(connect(store, "ro")) as driver:
        lines = [msgspec.json.encode(row).decode() for row in journal.export(driver)]
    previous = "0" * 64
    for line in lines:
        row = json.loads(line)
        canonical = [row[name] for name in ("seq", "at", "type", "key", "by", "terminal", "data")]
        text = json.dumps(canonical, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
        yield previous, row["hash"]


def test_an_exported_journal_can_be_checked_without_our_code(store: Path) -> None:
    hashes = list(recomputed_hashes(store))
    assert len(hashes) > 50
    assert all(computed == stored for computed, stored in hashes)


def test_text_in_any_script_keeps_the_hash_reproducible(shop: Shop, lane3: Lane, attendant: Person) -> None:
    basket_id = lane3.scans(MILK)["basket_id"]
    attendant.voids(basket_id, reason='Käse "Gouda" \\ / خبز 面包 \u2028 \x7f \x01 \t 🧀')
    assert verify(shop.database.path).is_whole
    assert all(computed == stored for computed, stored in recomputed_hashes(shop.database.path))
