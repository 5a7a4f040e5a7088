"""Scales at the counter: weighing for a price, own bags, what stays out, and where a basket goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shop import Lane, Person, Shop, refused
from weighing import (
    CRATE,
    HAM,
    JAM,
    RIDDLE,
    SALT,
    Scales,
    a_weighing_shop,
    beside,
    decide,
    declare,
    only_call,
    skip,
)

from kiosk_server.domain import commands as c
from kiosk_server.domain.bagging import Beside
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.scale import Condition
from kiosk_server.domain.tender import TenderKind


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from a_weighing_shop(tmp_path)


@pytest.fixture
def scales(shop: Shop, lane3: Lane) -> Scales:
    return Scales(shop, lane3)


# -- produce --


def weigh(weight_g: int | None, condition: Condition = Condition.STABLE, **more: Any) -> c.WeighItem:
    return c.WeighItem(item_id="apples", weight_g=weight_g, condition=condition, **more)


def test_customer_weighs_apples_and_pays_for_what_is_inside_the_bag(lane3: Lane) -> None:
    line = lane3.does(weigh(1_004))["line"]
    assert (line["weight_g"], line["total_cents"]) == (1_000, 299)
    in_a_box = lane3.does(weigh(1_054, container="box"))["line"]
    assert (in_a_box["weight_g"], in_a_box["line_id"]) == (1_000, 2)


@pytest.mark.parametrize("condition", [one for one in Condition if one is not Condition.STABLE])
def test_plate_that_gives_no_weight_says_why_and_nothing_is_added(
    shop: Shop, lane3: Lane, condition: Condition
) -> None:
    with shop.changes_nothing(), refused("scale_not_ready", condition=condition.value):
        lane3.does(weigh(None, condition))
    with shop.changes_nothing(), refused("scale_not_ready", condition=condition.value):
        lane3.does(weigh(500, condition))


def test_apples_are_weighed_once_though_the_answer_was_lost_and_the_plate_is_empty_by_now(
    shop: Shop, lane3: Lane
) -> None:
    first = lane3.does(weigh(1_004), key="tap")
    with shop.changes_nothing():
        assert lane3.does(weigh(None, Condition.ZERO), key="tap") == first
        assert lane3.does(weigh(700), key="tap") == first
    with refused("key_reused"):
        lane3.does(c.WeighItem(item_id="jam", weight_g=700, condition=Condition.STABLE), key="tap")


def test_too_little_or_only_wrapping_is_not_sold(shop: Shop, lane3: Lane) -> None:
    with shop.changes_nothing():
        with refused("out_of_range"):
            lane3.does(weigh(4))
        with refused("out_of_range", minimum_weight_g=20):
            lane3.does(weigh(20))
        with refused("out_of_range", containers=["box"]):
            lane3.does(weigh(1_000, container="bucket"))


# -- own bags --


def test_light_bag_is_tared_and_nobody_comes(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    with shop.records("bagging_tared"):
        assert not declare(lane3, 620)
    assert beside(shop, lane3) == Beside(120)
    assert lane3.state == "scanning"


def test_second_tap_on_own_bag_finds_nothing_more_to_tare(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    declare(lane3, 620, key="tap")
    with shop.changes_nothing():
        declare(lane3, 620, key="tap")
        declare(lane3, 620, key="again")


def test_bag_by_bag_nobody_makes_room_for_a_ham(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    assert not declare(lane3, 500 + 140)
    assert declare(lane3, 500 + 280)
    assert only_call(shop).kind is InterventionKind.OWN_BAG


def test_heavy_bag_is_looked_at_once_and_allowed(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(JAM)
    assert declare(lane3, 1_300)
    call = only_call(shop)
    assert (call.kind, call.evidence.expected_g, call.evidence.measured_g, call.evidence.limit) == (
        InterventionKind.OWN_BAG,
        500,
        1_300,
        150,
    )
    assert lane3.state == "held"
    with refused("attendant_needed"):
        lane3.scans(SALT)
    with shop.changes_nothing():
        assert declare(lane3, 1_300)

    decide(attendant, call)
    assert lane3.state == "scanning"
    assert beside(shop, lane3) == Beside(800)


def test_bag_that_was_denied_and_stays_calls_again(shop: Shop, lane3: Lane, attendant: Person, scales: Scales) -> None:
    lane3.scans(JAM)
    declare(lane3, 1_300)
    decide(attendant, only_call(shop), Outcome.DENIED)
    assert lane3.state == "scanning"
    assert scales.says(1_300)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH


def test_heavy_bag_that_is_taken_off_again_needs_nobody(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    declare(lane3, 1_300)
    assert not scales.says(500)
    assert (shop.inbox(), lane3.state) == ((), "scanning")
    declare(lane3, 1_300)
    assert not declare(lane3, 500)
    assert (shop.inbox(), lane3.state) == ((), "scanning")


def test_bag_that_the_scale_complained_of_takes_the_place_of_the_complaint(
    shop: Shop, lane3: Lane, scales: Scales
) -> None:
    lane3.scans(JAM)
    scales.says(600)
    scales.says(1_300)
    assert declare(lane3, 1_300)
    assert only_call(shop).kind is InterventionKind.OWN_BAG
    scales.says(1_420)
    assert (only_call(shop).kind, only_call(shop).evidence.measured_g) == (InterventionKind.OWN_BAG, 1_420)


def test_own_bag_does_not_excuse_what_is_missing(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(SALT)
    scales.says(0)
    assert not declare(lane3, 100)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH


def test_lane_without_a_bagging_scale_tares_nothing(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    with shop.changes_nothing():
        with refused("scale_not_ready", condition="unplugged"):
            lane3.does(c.DeclareBag())
        with refused("scale_not_ready", condition="unstable"):
            lane3.does(c.DeclareBag(measured_g=600, condition=Condition.UNSTABLE))


# -- what stays out --


def test_skipped_line_is_expected_no_more_however_often_it_is_tapped(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(SALT)
    scales.says(0)
    with shop.records("bagging_skipped", "intervention_resolved", "terminal_moved"):
        assert not skip(lane3, 1)
    with shop.changes_nothing():
        assert not skip(lane3, 1)
    assert not scales.says(0)
    assert not scales.says(1_000), "and may lie there all the same"


def test_skipped_line_that_is_voided_leaves_nothing_behind(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    lane3.scans(SALT)
    skip(lane3, 2)
    lane3.voids(2)
    assert not scales.says(500)
    assert scales.says(1_500)


def test_another_piece_of_a_skipped_line_is_expected(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(SALT)
    skip(lane3, 1)
    lane3.scans(SALT)
    assert scales.says(0)
    assert not scales.says(1_000)


def test_skipping_one_line_does_not_end_a_complaint_about_another(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    lane3.scans(SALT)
    scales.says(4_000)
    skip(lane3, 1)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH
    assert lane3.state == "held"


def test_dear_line_is_looked_at_before_it_stays_out(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(HAM)
    assert skip(lane3, 1)
    call = only_call(shop)
    assert (call.evidence.reason, call.evidence.item_name, call.evidence.measured_g) == ("skipped", "Ham", 0)
    with shop.changes_nothing():
        assert skip(lane3, 1)
    assert lane3.state == "held"
    decide(attendant, call)
    assert beside(shop, lane3) == Beside(0, {1: 1})
    assert lane3.state == "scanning"
    with shop.changes_nothing():
        assert not skip(lane3, 1)


def test_dear_line_that_may_not_stay_out_is_expected(
    shop: Shop, lane3: Lane, attendant: Person, scales: Scales
) -> None:
    lane3.scans(HAM)
    skip(lane3, 1)
    decide(attendant, only_call(shop), Outcome.DENIED)
    assert beside(shop, lane3) == Beside()
    assert scales.says(0)


def test_dear_line_that_is_taken_back_needs_no_look_any_more(shop: Shop, lane3: Lane, manager: Person) -> None:
    lane3.scans(JAM)
    lane3.scans(HAM)
    skip(lane3, 2)
    lane3.voids(2)
    kinds = {call.kind for call in shop.inbox()}
    assert InterventionKind.VOID_ABOVE_LIMIT in kinds
    decide(manager, next(call for call in shop.inbox() if call.kind is InterventionKind.VOID_ABOVE_LIMIT))
    assert lane3.basket.lines[1].is_voided
    assert shop.inbox() == ()


def test_bulky_and_unknown_lines_can_be_skipped_without_a_difference(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(CRATE)
    lane3.scans(RIDDLE)
    skip(lane3, 1)
    skip(lane3, 2)
    assert not scales.says(0)


def test_line_of_nobody_is_not_skipped(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    lane3.voids(1)
    with shop.changes_nothing():
        assert not skip(lane3, 1)
        with refused("not_found"):
            skip(lane3, 7)


# -- paying --


def pay(lane: Lane, measured_g: int | None, condition: Condition = Condition.STABLE, key: str = "") -> dict[str, Any]:
    order = c.ChooseTender(tender=TenderKind.CASH, measured_g=measured_g, condition=condition)
    return dict(lane.does(order, key))


@pytest.mark.parametrize(("measured_g", "deviation"), [(0, "missing"), (1_500, "surplus")])
def test_nothing_is_paid_while_the_bagging_area_disagrees(
    shop: Shop, lane3: Lane, measured_g: int, deviation: str
) -> None:
    lane3.scans(JAM)
    with shop.changes_nothing(), refused("bagging_disagrees", deviation=deviation):
        pay(lane3, measured_g)
    assert pay(lane3, 500)["due_cents"] == JAM.price_cents
    assert lane3.state == "tendering"


def test_hand_on_the_plate_pays_once_it_has_gone(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    with shop.changes_nothing(), refused("scale_not_ready", condition="unstable"):
        pay(lane3, None, Condition.UNSTABLE)
    pay(lane3, 500)
    assert lane3.state == "tendering"


@pytest.mark.parametrize("condition", [Condition.UNPLUGGED, Condition.OVERLOAD, Condition.NEGATIVE])
def test_scale_that_is_out_of_order_stops_nobody_from_paying(lane3: Lane, condition: Condition) -> None:
    lane3.scans(JAM)
    pay(lane3, None, condition)
    assert lane3.state == "tendering"


def test_second_tap_is_not_weighed_again(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    first = pay(lane3, 500, key="tap")
    with shop.changes_nothing():
        assert pay(lane3, 0, key="tap") == first, "the same order, whatever lies there by now"
        assert pay(lane3, 0) == first, "being paid, it may already be carried away"


def test_who_is_looked_at_is_told_so_when_paying(shop: Shop, lane3: Lane, scales: Scales, attendant: Person) -> None:
    lane3.scans(JAM)
    scales.says(1_500)
    with refused("attendant_needed"):
        pay(lane3, 1_500)
    decide(attendant, only_call(shop))
    pay(lane3, 1_500)
    assert lane3.state == "tendering"


def test_what_is_skipped_or_in_the_own_bag_is_paid(lane3: Lane) -> None:
    lane3.scans(JAM)
    lane3.scans(SALT)
    declare(lane3, 1_620)
    skip(lane3, 2)
    pay(lane3, 620)
    assert lane3.state == "tendering"


def test_empty_basket_is_told_to_be_empty_and_not_weighed(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    lane3.voids(1)
    with shop.changes_nothing(), refused("basket_empty"):
        pay(lane3, 500)


# -- where the basket goes on --


def test_bag_and_skipped_pieces_go_with_the_basket_to_another_lane(shop: Shop, lane3: Lane) -> None:
    lane4 = Lane(shop, "lane4")
    lane3.scans(JAM)
    lane3.scans(SALT)
    declare(lane3, 1_600)
    skip(lane3, 2)
    lane4.resumes(lane3.parks())
    assert beside(shop, lane4) == Beside(100, {2: 1})
    assert not Scales(shop, lane4).says(600)


def test_complaint_ends_when_the_basket_is_parked(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    scales.says(0)
    basket_id = lane3.parks()
    assert (shop.inbox(), lane3.state) == ((), "attract")
    lane3.resumes(basket_id)
    assert scales.says(0)
