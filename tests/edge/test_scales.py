"""Scales at a running house: the door fills weights in, screens see the plates, and who may lay things on them."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_house import ITEMS, House, Screen, bearer, eventually

from kiosk_server.config_rows import LaneConfig, ScaleConfig
from kiosk_server.domain.catalog import Item

APPLES = Item(item_id="apples", name="Apples", price_per_kg_cents=299)
JAM = Item(item_id="jam", name="Jam", code="4000000000013", price_cents=299, weight_g=500)
EVERYWHERE = ScaleConfig(produce={"*": "virtual", "lane-9": "none"}, bagging={"*": "virtual", "lane-9": "none"})
PLACE = "/api/v1/virtual-scales"


def a_house(folder: Path, *, is_demo: bool = False) -> House:
    # In a demo the virtual customer needs a moment longer than this.
    lane = LaneConfig() if is_demo else LaneConfig(patience_s=1)
    return House(folder, items=(*ITEMS, APPLES, JAM), is_demo=is_demo, scale=EVERYWHERE, lane=lane)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with virtual plates on which nobody lays anything by itself."""
    with a_house(tmp_path) as running:
        yield running


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path, is_demo=True) as running:
        yield running


def lays(house: House, lane: str, headers: dict[str, str] | None = None, **what: object) -> tuple[int, Any]:
    answer = house.post(f"{PLACE}/{lane}", what, headers or house.local())
    return answer.status_code, answer.json()


def a_lane(house: House, name: str) -> str:
    """Enrol a lane whose plates are there: they come with the word of the commit, on another thread. Its token."""
    token = house.enrols(name, "lane")
    eventually(lambda: lays(house, name)[0] == 200)
    return token


def scales_of(screen: Screen) -> dict[str, Any]:
    """What the lane's screen shows of its scales now."""
    told = [live["data"] for live in screen.lives if live["topic"].startswith("scale:")]
    known: dict[str, Any] = told[-1] if told else screen.snapshots[-1]["state"]["scales"]
    return known


def rests(screen: Screen, plate: str, weight_g: int) -> None:
    """Waits until the screen shows this plate at rest with this weight."""

    def shows() -> bool:
        reading = scales_of(screen)[plate] or {}
        return reading.get("condition") in {"stable", "zero"} and reading.get("weight_g") == weight_g

    screen.waits(shows)


def test_customer_weighs_what_lies_on_the_lanes_own_scale(house: House) -> None:
    lane = house.lane("lane-1")
    rests(lane, "produce", 0)
    refused = lane.gives("weigh_item", item_id="apples")
    assert (refused["code"], refused["details"]) == ("scale_not_ready", {"condition": "zero"})

    lays(house, "lane-1", plate="produce", put_g=1_000)
    rests(lane, "produce", 1_000)
    line = lane.gives("weigh_item", item_id="apples")["result"]["line"]
    assert (line["weight_g"], line["total_cents"]) == (1_000, 299)


def test_scale_that_moves_sells_nothing(house: House) -> None:
    lane = house.lane("lane-1")
    lays(house, "lane-1", plate="produce", condition="unstable", put_g=1_000)
    lane.waits(lambda: (scales_of(lane)["produce"] or {}).get("condition") == "unstable")
    assert lane.gives("weigh_item", item_id="apples")["details"] == {"condition": "unstable"}


def test_word_of_a_browser_about_a_weight_counts_nothing(house: House) -> None:
    lane = house.lane("lane-1")
    for lie in ({"weight_g": 1}, {"condition": "stable"}):
        refused = lane.gives("weigh_item", item_id="apples", **lie)
        assert refused["code"] == "bad_request"
    assert lane.gives("declare_bag", measured_g=0)["code"] == "bad_request"


def test_order_that_is_sent_again_weighs_nothing_twice(house: House) -> None:
    lane = house.lane("lane-1")
    lays(house, "lane-1", plate="produce", put_g=1_000)
    rests(lane, "produce", 1_000)
    key = secrets.token_hex(8)
    first = lane.gives("weigh_item", key=key, item_id="apples")
    lays(house, "lane-1", plate="produce", zero=True)
    rests(lane, "produce", 0)
    again = lane.gives("weigh_item", key=key, item_id="apples")
    assert again["result"] == first["result"]


def test_lane_without_scales_says_so(house: House) -> None:
    lane = house.lane("lane-9")
    assert lane.snapshots[-1]["state"]["scales"] == {"produce": None, "bagging": None, "can_lay": False}
    assert lane.gives("weigh_item", item_id="apples")["details"] == {"condition": "unplugged"}


def test_own_bag_is_weighed_by_the_lane_itself(house: House) -> None:
    lane = house.lane("lane-1")
    lays(house, "lane-1", put_g=120)
    rests(lane, "bagging", 120)
    lane.gives("scan_item", code=JAM.code)
    assert lane.gives("declare_bag")["result"]["is_held"] is False
    lays(house, "lane-1", put_g=2_000)
    rests(lane, "bagging", 2_120)
    assert lane.gives("declare_bag")["result"]["is_held"] is True
    assert lane.hears("intervention_raised")["data"]["intervention"]["kind"] == "own_bag"


def test_paying_waits_until_the_bagging_area_agrees(house: House) -> None:
    lane = house.lane("lane-1")
    lays(house, "lane-1", put_g=2_000)
    rests(lane, "bagging", 2_000)
    lane.gives("scan_item", code=JAM.code)
    refused = lane.gives("choose_tender", tender="cash")
    assert (refused["code"], refused["details"]) == ("bagging_disagrees", {"deviation": "surplus"})
    assert lane.gives("choose_tender", tender="cash", measured_g=500)["code"] == "bad_request"
    lays(house, "lane-1", take_g=1_500)
    rests(lane, "bagging", 500)
    assert lane.gives("choose_tender", tender="cash")["ok"]


def test_mismatch_reaches_screens_of_both_sides_and_ends_by_itself(house: House) -> None:
    lane, console = house.lane("lane-1"), house.console()
    rests(lane, "bagging", 0)
    lane.gives("scan_item", code=JAM.code)
    lane.waits(lambda: scales_of(lane)["bagging"]["deviation"] == "missing")
    raised = console.hears("intervention_raised")["data"]["intervention"]
    assert (raised["kind"], raised["evidence"]["expected_g"]) == ("weight_mismatch", 500)
    lays(house, "lane-1", put_g=500)
    assert console.hears("intervention_resolved")["data"]["outcome"] == "withdrawn"
    lane.waits(lambda: scales_of(lane)["bagging"]["deviation"] == "none")
    console.waits(lambda: any(live["topic"] == "scale:lane-1" for live in console.lives))


def test_readings_are_never_journaled_and_no_other_lane_sees_them(house: House) -> None:
    lane, other = house.lane("lane-1"), house.lane("lane-2")
    rests(lane, "produce", 0)
    head = house.kiosk.bus.head_seq
    lays(house, "lane-1", plate="produce", put_g=333)
    rests(lane, "produce", 333)
    assert house.kiosk.bus.head_seq == head
    assert not any(live["topic"] == "scale:lane-1" for live in other.lives)


def test_demo_lane_bags_by_itself_and_may_lay_things_on_its_own_plates(demo: House) -> None:
    token = demo.enrols("lane-1", "lane")
    lane = demo.screen(token)
    lane.waits(lambda: scales_of(lane)["can_lay"])
    lane.gives("scan_item", code=JAM.code)
    rests(lane, "bagging", 500)
    status, shown = lays(demo, "lane-1", bearer(token), plate="produce", zero=True, put_g=420)
    assert status == 200
    assert shown["produce"]["weight_g"] == 420
    rests(lane, "produce", 420)
    assert lane.gives("weigh_item", item_id="apples")["result"]["line"]["weight_g"] == 420


def test_lane_lays_nothing_on_the_plates_of_others(demo: House) -> None:
    a_lane(demo, "lane-2")
    token = a_lane(demo, "lane-1")
    assert lays(demo, "lane-2", bearer(token), put_g=1)[0] == 403
    assert lays(demo, "lane-1", bearer(demo.enrols("stall-1", "stall")), put_g=1)[0] == 403
    assert demo.post(f"{PLACE}/lane-1", {"put_g": 1}, {"X-Nobody": "here"}).status_code in {401, 403}


def test_lane_of_a_real_store_lays_nothing_on_its_plates(house: House) -> None:
    token = a_lane(house, "lane-1")
    assert lays(house, "lane-1", bearer(token), put_g=1)[0] == 403
    assert lays(house, "lane-1", put_g=1)[0] == 200


@pytest.mark.parametrize("lane", ["lane-9", "nowhere", "L%201"])
def test_plates_that_are_not_there_are_not_found(house: House, lane: str) -> None:
    house.enrols("lane-9", "lane")
    assert lays(house, lane, put_g=1)[0] == 404


@pytest.mark.parametrize(
    "what",
    [{"put_g": -1}, {"put_g": 60_001}, {"put_g": "1"}, {"plate": "roof"}, {"condition": "broken"}, {"weight_g": 5}],
)
def test_what_makes_no_sense_is_a_bad_request(house: House, what: dict[str, object]) -> None:
    a_lane(house, "lane-1")
    assert lays(house, "lane-1", **what)[0] == 400
