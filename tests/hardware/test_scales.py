"""The room of the scales: patience, walk-off, faults, restarts, and what screens are told."""

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from builders import POLICY
from scale_bench import HAM, JAM, PATIENCE, RULES, SALT, SCALES, Bench, a_weighing_shop, decide, only_call
from shop import PATIENCE_S, Lane, Person, Shop

from kiosk_server.domain import commands as c
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.scale import Condition, Deviation, LaneScales, Plate
from kiosk_server.hardware.bagging_watch import AGAIN_S, FAULT_S, LONGEST_WAIT
from kiosk_server.hardware.scales import scale_room
from kiosk_server.hardware.virtual_scale import SETTLE_S, Laying
from kiosk_server.promise import Promise


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from a_weighing_shop(tmp_path)


# -- patience --


def test_item_that_is_bagged_in_time_calls_nobody(bench: Bench, lane3: Lane) -> None:
    lane3.scans(JAM)
    bench.passes(PATIENCE - 1)
    bench.lays(put_g=500)
    bench.passes(120)
    assert bench.sent == []


def test_area_complains_when_patience_ends_and_not_before(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    bench.passes(PATIENCE - 0.1)
    assert bench.sent == []
    bench.passes(0.2)
    assert only_call(shop).evidence.measured_g == 0
    assert lane3.state == "held"
    bench.passes(30)
    assert len(bench.reports) == 1, "what is known is not said again"


def test_area_that_agrees_again_frees_the_lane_as_soon_as_it_rests(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    bench.passes(PATIENCE + AGAIN_S)
    bench.lays(put_g=505)
    bench.passes(SETTLE_S / 2)
    assert lane3.state == "held", "a plate that moves proves nothing"
    bench.passes(SETTLE_S)
    assert (lane3.state, shop.inbox()) == ("scanning", ())


def test_surplus_is_told_like_what_is_missing(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    bench.lays(put_g=1_500)
    bench.passes(PATIENCE + SETTLE_S)
    assert (only_call(shop).evidence.expected_g, only_call(shop).evidence.measured_g) == (500, 1_500)


def test_hand_on_the_plate_is_no_difference_and_no_agreement(bench: Bench, lane3: Lane) -> None:
    lane3.scans(JAM)
    for _ in range(40):
        bench.lays(put_g=30)
        bench.passes(SETTLE_S / 2)
    assert bench.sent == []


def test_customer_who_scans_on_has_time_but_not_for_ever(bench: Bench, lane3: Lane) -> None:
    lane3.scans(JAM)
    for _ in range(LONGEST_WAIT):
        bench.passes(PATIENCE - 1)
        assert bench.sent == []
        lane3.scans(SALT)
    bench.passes(LONGEST_WAIT * PATIENCE - LONGEST_WAIT * (PATIENCE - 1) + 0.1)
    assert len(bench.reports) == 1


def test_one_moment_of_agreement_begins_the_patience_anew(bench: Bench, lane3: Lane) -> None:
    lane3.scans(JAM)
    bench.passes(PATIENCE - 1)
    bench.lays(put_g=500)
    bench.passes(1)
    lane3.scans(JAM)
    bench.passes(PATIENCE - 1)
    assert bench.sent == []


def test_evidence_follows_the_plate_while_somebody_is_on_the_way(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    bench.passes(PATIENCE + AGAIN_S)
    bench.lays(put_g=200)
    bench.passes(SETTLE_S)
    assert only_call(shop).evidence.measured_g == 200
    bench.lays(put_g=15)
    bench.passes(AGAIN_S + SETTLE_S)
    assert only_call(shop).evidence.measured_g == 200, "less than the tolerance is no news"


def test_after_a_denial_the_customer_has_their_patience_again(
    bench: Bench, shop: Shop, lane3: Lane, attendant: Person
) -> None:
    lane3.scans(JAM)
    bench.passes(PATIENCE)
    decide(attendant, only_call(shop), Outcome.DENIED)
    bench.passes(PATIENCE - 0.1)
    assert lane3.state == "scanning"
    bench.passes(0.2)
    assert lane3.state == "held"


def test_accepted_difference_is_peace(bench: Bench, shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(JAM)
    bench.lays(put_g=900)
    bench.passes(PATIENCE + SETTLE_S)
    decide(attendant, only_call(shop), Outcome.APPROVED)
    sent = len(bench.sent)
    bench.passes(300)
    assert (len(bench.sent), lane3.state) == (sent, "scanning")


def test_dear_line_that_waits_to_be_skipped_calls_nobody_twice(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(HAM)
    lane3.does(c.SkipBagging(line_id=1))
    bench.passes(40)
    assert only_call(shop).evidence.reason == "skipped"
    assert bench.sent == []


def test_basket_that_is_being_paid_or_gone_is_not_compared(
    bench: Bench, shop: Shop, lane3: Lane, attendant: Person
) -> None:
    lane3.scans(JAM)
    basket_id = lane3.pays()["basket_id"]
    bench.passes(600)
    attendant.takes_cash(basket_id)
    bench.passes(600)
    lane3.finishes()
    bench.lays(put_g=3_000)
    bench.passes(600)
    assert bench.reports == []


def test_bags_of_the_last_customer_are_in_the_way_of_the_next(bench: Bench, shop: Shop, lane3: Lane) -> None:
    bench.lays(put_g=2_000)
    bench.passes(1)
    lane3.scans(JAM)
    bench.passes(PATIENCE)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH
    bench.lays(zero=True, put_g=500)
    bench.passes(AGAIN_S)
    assert shop.inbox() == ()


def test_report_that_the_store_cannot_take_now_is_said_again(bench: Bench, shop: Shop, lane3: Lane) -> None:
    bench.refuses = "busy"
    lane3.scans(JAM)
    bench.passes(PATIENCE + 3 * AGAIN_S)
    assert 3 <= len(bench.reports) <= 5
    bench.refuses = ""
    bench.passes(AGAIN_S)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH


# -- walk-off --


def test_empty_area_beside_a_basket_is_a_walk_off_in_the_end(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(SALT)
    bench.lays(put_g=1_000)
    bench.passes(10)
    bench.lays(zero=True)
    bench.passes(44)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH
    bench.passes(2)
    assert only_call(shop).kind is InterventionKind.WALK_OFF
    bench.passes(100)
    assert only_call(shop).kind is InterventionKind.WALK_OFF


def test_customer_who_comes_back_with_everything_goes_on(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane3.scans(SALT)
    bench.passes(60)
    assert only_call(shop).kind is InterventionKind.WALK_OFF
    bench.lays(put_g=300)
    bench.passes(AGAIN_S)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH
    bench.lays(put_g=700)
    bench.passes(AGAIN_S)
    assert (shop.inbox(), lane3.state) == ((), "scanning")


def test_walk_off_that_was_denied_waits_its_whole_time_again(
    bench: Bench, shop: Shop, lane3: Lane, attendant: Person
) -> None:
    lane3.scans(SALT)
    bench.passes(50)
    decide(attendant, only_call(shop), Outcome.DENIED)
    bench.passes(40)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH
    bench.passes(10)
    assert only_call(shop).kind is InterventionKind.WALK_OFF


# -- faults --


@pytest.mark.parametrize("condition", [Condition.UNPLUGGED, Condition.OVERLOAD, Condition.NEGATIVE])
def test_fault_is_told_once_and_taken_back_once(bench: Bench, shop: Shop, lane3: Lane, condition: Condition) -> None:
    bench.lays(condition=condition)
    bench.passes(FAULT_S - 0.1)
    assert bench.sent == []
    bench.passes(60)
    assert len(bench.reports) == 1
    assert only_call(shop).evidence.reason == f"scale_{condition.value}"
    assert lane3.state == "attract"
    bench.lays(condition=Condition.STABLE)
    bench.passes(60)
    assert (len(bench.reports), shop.inbox()) == (2, ())


def test_plug_that_is_loose_for_a_moment_is_nobodys_business(bench: Bench) -> None:
    for _ in range(20):
        bench.lays(condition=Condition.UNPLUGGED)
        bench.passes(FAULT_S / 2)
        bench.lays(condition=Condition.STABLE)
        bench.passes(1)
    assert bench.sent == []


def test_too_much_on_the_plate_is_an_overload(bench: Bench, shop: Shop) -> None:
    bench.lays(put_g=55_000)
    bench.passes(FAULT_S)
    assert only_call(shop).evidence.reason == "scale_overload"


def test_scale_that_failed_holds_nobody_up(bench: Bench, shop: Shop, lane3: Lane) -> None:
    bench.lays(condition=Condition.UNPLUGGED)
    bench.passes(FAULT_S)
    lane3.scans(JAM)
    bench.passes(300)
    assert lane3.state == "scanning"
    lane3.pays()


# -- restart --


def test_restart_in_mid_basket_asks_nobody_twice_and_takes_the_complaint_back(
    bench: Bench, shop: Shop, lane3: Lane
) -> None:
    lane3.scans(JAM)
    bench.passes(PATIENCE)
    call = only_call(shop)
    again = Bench(shop)
    try:
        again.looks()
        again.passes(60)
        assert only_call(shop).intervention_id == call.intervention_id or only_call(shop).kind is (
            InterventionKind.WALK_OFF
        )
        assert len(again.reports) <= 1
        again.lays(put_g=500)
        again.passes(AGAIN_S)
        assert (shop.inbox(), lane3.state) == ((), "scanning")
    finally:
        again.closes()


def test_restart_takes_a_fault_back_that_is_over(bench: Bench, shop: Shop) -> None:
    bench.lays(condition=Condition.UNPLUGGED)
    bench.passes(FAULT_S)
    again = Bench(shop)
    try:
        again.passes(1)
        assert shop.inbox() == ()
    finally:
        again.closes()


# -- what screens are told --


def test_screen_is_told_of_every_change_and_of_what_is_wrong(bench: Bench, lane3: Lane) -> None:
    bench.told.clear()
    lane3.scans(JAM)
    bench.passes(1)
    assert [scales.bagging.deviation for _, scales in bench.told if scales.bagging] == [Deviation.MISSING]
    bench.lays(put_g=500)
    bench.passes(1)
    last = [scales.bagging for _, scales in bench.told[-2:]]
    assert [(one.condition, one.weight_g, one.deviation) for one in last if one] == [
        (Condition.UNSTABLE, 500, Deviation.NONE),
        (Condition.STABLE, 500, Deviation.NONE),
    ]
    told = len(bench.told)
    bench.passes(60)
    assert len(bench.told) == told, "what stays as it is, is not told"


def test_produce_plate_knows_nothing_of_the_bagging_area(bench: Bench) -> None:
    scales = bench.lays(plate=Plate.PRODUCE, put_g=250)
    assert scales.produce is not None
    bench.passes(1)
    assert bench.scales.produce is not None
    assert (bench.scales.produce.weight_g, bench.weight_g) == (250, 0)


def test_lanes_do_not_weigh_each_others_goods(bench: Bench, shop: Shop, lane3: Lane) -> None:
    lane4 = Lane(shop, "lane4")
    lane4.scans(JAM)
    bench.looks("lane3", "lane4")
    bench.lays("lane4", put_g=500)
    bench.passes(60)
    bench.looks("lane3", "lane4")
    assert bench.sent == []
    assert bench.room.scales("lane4").bagging is not None


def test_lane_without_plates_and_lane_that_is_gone_have_none(
    bench: Bench, shop: Shop, lane3: Lane, manager: Person
) -> None:
    Lane(shop, "lane9")
    bench.looks("lane9", "nowhere")
    assert bench.room.scales("lane9") == LaneScales()
    done = bench.room.lay("lane9", Laying(put_g=1))
    bench.room.work()
    assert done.result(0) is None
    manager.retires("lane3")
    bench.looks()
    assert bench.scales == LaneScales()


# -- its own thread --


def test_room_runs_by_itself_and_hears_what_is_committed(shop: Shop, lane3: Lane) -> None:
    policy = msgspec.structs.replace(POLICY, lane=msgspec.structs.replace(RULES, patience_s=1))
    has_disagreed, has_agreed = threading.Event(), threading.Event()

    def tell(terminal: str, scales: LaneScales) -> None:
        if scales.bagging is not None and scales.bagging.deviation is Deviation.MISSING:
            has_disagreed.set()
        elif has_disagreed.is_set() and scales.bagging is not None and scales.bagging.weight_g == 500:
            has_agreed.set()

    room = scale_room(shop.database, policy, lambda command, key: shop.bus.submit(command, SCALES, key), tell)
    shop.bus.subscribe(room.on_entries)
    room.start()
    try:
        # A room that begins in mid-basket takes the bag for right: it must have seen the lane before the scan.
        assert room.lay("lane3", Laying()).result(PATIENCE_S) is not None
        lane3.scans(JAM)
        assert has_disagreed.wait(PATIENCE_S)
        assert room.lay("lane3", Laying(put_g=500)).result(PATIENCE_S) is not None
        assert has_agreed.wait(PATIENCE_S)
    finally:
        assert room.stop(PATIENCE_S)
    assert room.lay("lane3", Laying()).result(0) is None


def test_store_without_scales_runs_no_thread(shop: Shop) -> None:
    room = scale_room(shop.database, POLICY, lambda command, key: Promise(), lambda terminal, scales: None)
    before = threading.active_count()
    room.start()
    try:
        assert threading.active_count() == before
    finally:
        assert room.stop()
