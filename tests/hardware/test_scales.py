"""The room of the scales: patience, walk-off, faults, restarts and learning, by a clock that a test moves; and the
virtual customer, who lays down what was scanned.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import CATALOG, MILK, POLICY, an_item
from shop import PATIENCE_S, Lane, Person, Shop

from kiosk_server.core.reply import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.commands.bagging import Placement
from kiosk_server.domain.intervention import Intervention, InterventionKind, Outcome
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import Condition, Deviation, LaneScales, Plate
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.hardware.bagging_watch import AGAIN_S, FAULT_S, LONGEST_WAIT
from kiosk_server.hardware.scales import ScaleRoom, scale_room
from kiosk_server.hardware.virtual_customer import BAG_S, LEAVE_S, NEXT_PRODUCE_S
from kiosk_server.hardware.virtual_scale import SETTLE_S, Laying
from kiosk_server.store.bagging import bagging_area

SCALES = Identity(name="scales", role=Role.DRIVER)
PATIENCE = 6
RULES = LaneRules(
    tolerance_g=20,
    patience_s=PATIENCE,
    walk_off_s=45,
    produce_scales={"*": "virtual", "lane9": "none"},
    bagging_scales={"*": "virtual", "lane9": "none"},
)
JAM = an_item("jam", name="Jam", code="9101", price_cents=299)
SALT = an_item("salt", name="Salt", code="9102", price_cents=59)
HAM = an_item("ham", name="Ham", code="9103", price_cents=8_900)
RIDDLE = an_item("riddle", name="Riddle", code="9105", price_cents=499)
APPLES = an_item("apples", name="Apples", code="9106", price_cents=None, price_per_kg_cents=299)
WEIGHTS_G = {"jam": 500, "salt": 1_000, "ham": 5_000}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path, msgspec.structs.replace(POLICY, lane=RULES))
    running.stocks((*CATALOG, JAM, SALT, HAM, RIDDLE, APPLES))
    for item_id, weight_g in WEIGHTS_G.items():
        placed = (Placement(item_id=item_id, weight_g=weight_g),) * 3
        running.asks(c.ReportPlacements(terminal="lane1", basket_id="earlier", placements=placed), SCALES)
    yield running
    running.closes()


class Bench:
    """A room without its thread, over a real store: the test is its clock and the customer's hands."""

    def __init__(self, shop: Shop, *, is_demo: bool = False) -> None:
        self.shop = shop
        self.now_s = 1_000.0
        self.sent: list[c.Command] = []
        self.told: list[tuple[str, LaneScales]] = []
        self.refuses = ""
        self._answers: list[Future[Any]] = []
        self.room = ScaleRoom(
            RULES,
            self._ask,
            self._submit,
            lambda terminal, scales: self.told.append((terminal, scales)),
            is_demo=is_demo,
            monotonic=lambda: self.now_s,
        )

    def closes(self) -> None:
        assert self.room.stop()

    def _ask(self, terminals: Any) -> Any:
        with self.shop.database.read() as connection:
            return {name: bagging_area(connection, name, RULES) for name in terminals}

    def _submit(self, command: c.Command, key: str) -> "Future[Any]":
        self.sent.append(command)
        if self.refuses:
            future: Future[Any] = Future()
            future.set_result(Reply(ok=False, seq=0, code=self.refuses, message="Not now."))
        else:
            future = self.shop.bus.submit(command, SCALES, key)
        self._answers.append(future)
        return future

    def looks(self, *lanes: str) -> None:
        """Everything that was committed has been heard."""
        while self._answers:
            self._answers.pop().result(PATIENCE_S)
        for lane, area in self._ask(lanes or ("lane3",)).items():
            self.room.see(lane, area)
        self.room.work()

    def passes(self, seconds: float) -> None:
        """Time goes by, stopping wherever the room has something to do."""
        ends_s = self.now_s + seconds
        self.looks()
        while (due_s := self.room.due_s()) is not None and due_s <= ends_s:
            self.now_s = max(self.now_s, due_s)
            self.room.work()
            self.looks()
        self.now_s = ends_s
        self.room.work()
        self.looks()

    def lays(self, lane: str = "lane3", **laying: Any) -> LaneScales:
        done = self.room.lay(lane, Laying(**laying))
        self.room.work()
        scales = done.result(0)
        assert scales is not None
        return scales

    @property
    def reports(self) -> list[c.ReportBagging]:
        return [command for command in self.sent if isinstance(command, c.ReportBagging)]

    @property
    def scales(self) -> LaneScales:
        return self.room.scales("lane3")

    @property
    def weight_g(self) -> int:
        assert self.scales.bagging is not None
        return self.scales.bagging.weight_g


@pytest.fixture
def bench(shop: Shop, lane3: Lane) -> Iterator[Bench]:
    """lane3's scales, on which only the test lays something."""
    bench = Bench(shop)
    bench.looks()
    yield bench
    bench.closes()


@pytest.fixture
def demo(shop: Shop, lane3: Lane) -> Iterator[Bench]:
    """lane3's scales in a demo store: a virtual customer lays down what was scanned."""
    bench = Bench(shop, is_demo=True)
    bench.looks()
    bench.passes(5)
    yield bench
    bench.closes()


def only_call(shop: Shop) -> Intervention:
    (call,) = shop.inbox()
    return call


def decide(person: Person, call: Intervention, outcome: Outcome) -> None:
    person.does(c.ResolveIntervention(intervention_id=call.intervention_id, outcome=outcome, note="seen"))


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


# -- what is learned --


def paid(lane: Lane, attendant: Person) -> None:
    attendant.takes_cash(lane.pays()["basket_id"])


def placements(bench: Bench) -> list[tuple[str, int]]:
    reports = [command for command in bench.sent if isinstance(command, c.ReportPlacements)]
    return [(placed.item_id, placed.weight_g) for report in reports for placed in report.placements]


def scan_and_lay(bench: Bench, lane: Lane, item: Any, weight_g: int) -> None:
    lane.scans(item)
    bench.passes(1)
    bench.lays(put_g=weight_g)
    bench.passes(1)


def test_paid_basket_teaches_what_was_laid_down_piece_by_piece(
    bench: Bench, shop: Shop, lane3: Lane, attendant: Person
) -> None:
    bench.passes(1)
    scan_and_lay(bench, lane3, JAM, 502)
    scan_and_lay(bench, lane3, RIDDLE, 77)
    scan_and_lay(bench, lane3, JAM, 499)
    assert placements(bench) == []
    paid(lane3, attendant)
    bench.passes(1)
    assert placements(bench) == [("jam", 502), ("riddle", 77), ("jam", 499)]
    with shop.looks() as repositories:
        riddle = repositories.learned_weight("riddle")
    assert riddle is not None
    assert riddle.weight_g == 77
    bench.passes(60)
    assert len(placements(bench)) == 3, "once"


def test_two_at_once_teach_nothing_until_all_is_clear(bench: Bench, lane3: Lane, attendant: Person) -> None:
    bench.passes(1)
    lane3.scans(JAM)
    bench.looks()
    lane3.scans(SALT)
    bench.passes(1)
    bench.lays(put_g=500)
    bench.passes(1)
    scan_and_lay(bench, lane3, JAM, 1_000)  # that was the salt
    bench.lays(put_g=500)
    bench.passes(1)
    scan_and_lay(bench, lane3, SALT, 1_003)
    paid(lane3, attendant)
    bench.passes(1)
    assert placements(bench) == [("salt", 1_003)]


@pytest.mark.parametrize(
    "doubt",
    [
        lambda bench, lane: (lane.scans(MILK), bench.looks(), lane.voids(2)),
        lambda bench, lane: (bench.lays(take_g=300), bench.passes(1), bench.lays(put_g=300), bench.passes(1)),
        lambda bench, lane: (bench.lays(put_g=900), bench.passes(PATIENCE + 1), bench.lays(take_g=900)),
    ],
    ids=["taken back", "lifted", "complained"],
)
def test_nothing_is_learned_after_a_doubt(
    bench: Bench, lane3: Lane, attendant: Person, doubt: Callable[[Bench, Lane], object]
) -> None:
    bench.passes(1)
    scan_and_lay(bench, lane3, JAM, 502)
    doubt(bench, lane3)
    bench.passes(AGAIN_S + 1)
    scan_and_lay(bench, lane3, SALT, 1_001)
    paid(lane3, attendant)
    bench.passes(1)
    assert placements(bench) == [("jam", 502)]


def test_basket_that_was_voided_teaches_nothing(bench: Bench, lane3: Lane) -> None:
    bench.passes(1)
    scan_and_lay(bench, lane3, JAM, 502)
    lane3.voids_all()
    bench.passes(1)
    assert placements(bench) == []


def test_basket_that_was_found_in_its_midst_teaches_nothing(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(JAM)
    lane3.scans(JAM)
    late = Bench(shop)
    try:
        late.passes(1)
        scan_and_lay(late, lane3, SALT, 1_001)
        paid(lane3, attendant)
        late.passes(1)
        assert placements(late) == []
    finally:
        late.closes()


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


# -- the virtual customer --


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
        lane3.scans(JAM)
        assert has_disagreed.wait(PATIENCE_S)
        assert room.lay("lane3", Laying(put_g=500)).result(PATIENCE_S) is not None
        assert has_agreed.wait(PATIENCE_S)
    finally:
        assert room.stop(PATIENCE_S)
    assert room.lay("lane3", Laying()).result(0) is None


def test_store_without_scales_runs_no_thread(shop: Shop) -> None:
    room = scale_room(shop.database, POLICY, lambda command, key: Future(), lambda terminal, scales: None)
    before = threading.active_count()
    room.start()
    try:
        assert threading.active_count() == before
    finally:
        assert room.stop()
