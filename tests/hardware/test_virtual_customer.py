"""The virtual customer of a demo store, who bags what was scanned and stops nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from scale_bench import JAM, PATIENCE, RIDDLE, SALT, Bench, a_weighing_shop, decide, only_call, paid, placements
from shop import Lane, Person, Shop

from kiosk_server.domain import commands as c
from kiosk_server.domain.intervention import Outcome
from kiosk_server.domain.scale import Condition
from kiosk_server.hardware.bagging_watch import AGAIN_S
from kiosk_server.hardware.virtual_customer import BAG_S, LEAVE_S, NEXT_PRODUCE_S
from kiosk_server.hardware.virtual_scale import SETTLE_S


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from a_weighing_shop(tmp_path)


def test_virtual_customer_bags_what_was_scanned(demo: Bench, lane3: Lane) -> None:
    lane3.scans(JAM)
    lane3.scans(SALT, quantity=2)
    demo.passes(BAG_S - 0.1)
    assert demo.weight_g == 0
    demo.passes(0.2 + SETTLE_S)
    assert demo.weight_g == 2_500
    demo.passes(300)
    assert demo.sent == []


def test_virtual_customer_puts_back_what_was_taken_back_or_skipped(demo: Bench, lane3: Lane) -> None:
    lane3.scans(JAM)
    lane3.scans(SALT)
    demo.passes(2)
    lane3.voids(1)
    demo.passes(2)
    assert demo.weight_g == 1_000
    lane3.does(c.SkipBagging(line_id=2))
    demo.passes(60)
    assert demo.weight_g == 0
    assert demo.sent == []


def test_virtual_customer_knows_weights_that_the_store_does_not(
    demo: Bench, shop: Shop, lane3: Lane, attendant: Person
) -> None:
    lane3.scans(RIDDLE)
    demo.passes(2)
    weight_g = demo.weight_g
    assert weight_g > 0
    paid(lane3, attendant)
    demo.passes(1)
    assert placements(demo) == [("riddle", weight_g)]


def test_virtual_customer_takes_everything_home(demo: Bench, lane3: Lane, attendant: Person) -> None:
    lane3.scans(JAM)
    demo.passes(2)
    paid(lane3, attendant)
    demo.passes(LEAVE_S + SETTLE_S)
    assert demo.weight_g == 0
    lane3.scans(SALT)
    demo.passes(60)
    assert demo.weight_g == 1_000
    assert demo.reports == []


def test_next_customer_who_is_quick_loses_nothing(demo: Bench, lane3: Lane, attendant: Person) -> None:
    lane3.scans(JAM)
    demo.passes(2)
    paid(lane3, attendant)
    demo.looks()
    lane3.scans(SALT)
    demo.passes(60)
    assert demo.weight_g == 1_000
    assert demo.reports == []


def test_virtual_customer_goes_to_another_lane_with_the_basket(demo: Bench, shop: Shop, lane3: Lane) -> None:
    lane4 = Lane(shop, "lane4")
    demo.looks("lane4")
    lane3.scans(JAM)
    demo.passes(3)
    lane4.resumes(lane3.parks())
    demo.looks("lane3", "lane4")
    demo.passes(20)
    bagging = demo.room.scales("lane4").bagging
    assert bagging is not None
    assert (bagging.weight_g, demo.weight_g) == (500, 0)
    assert demo.sent == []


def test_restart_of_a_demo_finds_everything_where_it_lay(demo: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    demo.passes(3)
    again = Bench(shop, is_demo=True)
    try:
        again.passes(SETTLE_S)
        assert again.weight_g == 500
        again.passes(100)
        assert again.sent == []
    finally:
        again.closes()


def test_mismatch_that_was_made_by_hand_is_settled_for_good(
    demo: Bench, shop: Shop, lane3: Lane, attendant: Person
) -> None:
    lane3.scans(JAM)
    demo.passes(2)
    demo.lays(put_g=700)
    demo.passes(PATIENCE + 1)
    decide(attendant, only_call(shop), Outcome.APPROVED)
    lane3.scans(SALT)
    demo.passes(60)
    assert demo.weight_g == 2_200
    assert (shop.inbox(), lane3.state) == ((), "scanning")


def test_customer_who_does_not_follow_is_asked_to(demo: Bench, shop: Shop, lane3: Lane) -> None:
    demo.lays(is_following=False)
    lane3.scans(JAM)
    demo.passes(PATIENCE + 1)
    assert lane3.state == "held"
    demo.lays(is_following=True)
    demo.passes(AGAIN_S + 1)
    assert (shop.inbox(), lane3.state) == ((), "scanning")


def test_there_is_always_something_to_weigh_in_a_demo(demo: Bench, lane3: Lane) -> None:
    first = demo.scales.produce
    assert first is not None
    assert first.condition is Condition.STABLE
    assert first.weight_g > 100
    lane3.does(c.WeighItem(item_id="apples", weight_g=first.weight_g, condition=Condition.STABLE))
    demo.passes(SETTLE_S)
    assert demo.scales.produce is not None
    assert demo.scales.produce.condition is Condition.ZERO
    demo.passes(NEXT_PRODUCE_S + SETTLE_S)
    assert demo.scales.produce.weight_g not in {0, first.weight_g}
    assert demo.weight_g == first.weight_g, "what was weighed is bagged"
    demo.passes(60)
    assert demo.sent == []


def test_only_virtual_plates_of_a_demo_invite_the_screen_to_lay_things(demo: Bench, bench: Bench) -> None:
    assert demo.scales.can_lay
    assert not bench.scales.can_lay
