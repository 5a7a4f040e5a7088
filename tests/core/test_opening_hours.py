"""Outside the opening hours nobody begins at a lane; whoever has begun may finish."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import BREAD_CODE, CATALOG, MILK_CODE, POLICY
from msgspec.structs import replace
from shop import NOON_MS, Lane, Person, Shop, Stall, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.staff import Role

HOUR_MS = 3_600_000
UNTIL_EIGHT = LaneRules(hours={"*": "08:00-20:00"})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path, replace(POLICY, lane=UNTIL_EIGHT))
    running.stocks(CATALOG)
    yield running
    running.closes()


def test_nobody_begins_after_closing(shop: Shop) -> None:
    lane = Lane(shop, "lane3")
    shop.clock.passes(8 * HOUR_MS)  # eight in the evening
    with refused("wrong_state", state="closed", opens_at=NOON_MS + 20 * HOUR_MS), shop.changes_nothing():
        lane.scans(MILK_CODE)
    shop.clock.passes(12 * HOUR_MS)
    lane.scans(MILK_CODE)


def test_unfinished_basket_may_finish(shop: Shop) -> None:
    lane, attendant = Lane(shop, "lane3"), Person(shop, "Ada", Role.ATTENDANT)
    lane.scans(MILK_CODE)
    shop.clock.passes(9 * HOUR_MS)
    lane.scans(BREAD_CODE)
    lane.pays()
    attendant.takes_cash(lane.basket.basket_id)
    with refused("wrong_state", state="closed"):
        lane.scans(MILK_CODE)  # beside the receipt, that would be a new basket


def test_practice_and_stalls_know_no_hours(shop: Shop) -> None:
    lane, manager = Lane(shop, "lane3"), Person(shop, "Mia", Role.MANAGER)
    shop.clock.passes(9 * HOUR_MS)
    manager.does(c.SwitchTraining(terminal="lane3", is_on=True))
    lane.scans(MILK_CODE)
    Stall(shop, "stall7").picks(CATALOG[6])
