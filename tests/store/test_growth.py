"""The benchmark's store of many sales is one that verify finds whole, and that sells on."""

import sys
from pathlib import Path

from shop import HandClock, Shop

from kiosk_server.domain.commands import ScanItem
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.store.past import floor_as_of
from kiosk_server.store.queries import takings, terminals
from kiosk_server.store.verify import verify

sys.path.append(str(Path(__file__).parents[2]))

from benchmarks.store.growth import CODES, LANES, make_store

SALES = 2_500


def test_a_stamped_store_is_as_good_as_a_sold_one(tmp_path: Path) -> None:
    path = make_store(tmp_path / "years", SALES)

    verdict = verify(path)
    assert verdict.is_whole, verdict.problem
    assert verdict.rows > 10 * SALES

    shop = Shop(path.parent, clock=HandClock())
    with shop.database.read() as conn:
        days = [str(row[0]) for row in conn.exec_driver_sql("SELECT day FROM days")]
        assert sum(takings(conn, day, "UTC").receipts for day in days) == SALES
    middle = verdict.rows // 2
    with floor_as_of(path, middle, shop.database.moments) as then:
        assert len(terminals(then)) >= LANES
    shop.asks(ScanItem(code=CODES[0]), Identity(name="lane0", role=Role.LANE, terminal="lane0"))
    shop.closes()
    assert verify(path).is_whole
