"""Scales at the counter: weighing for a price, own bags, what stays out, what disagrees, and what is learned."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import CATALOG, POLICY, an_item
from shop import Lane, Person, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.bagging import TRUSTED_SAMPLES, Beside, LearnedWeight
from kiosk_server.domain.catalog import Bagging
from kiosk_server.domain.commands.bagging import Placement
from kiosk_server.domain.intervention import Intervention, InterventionKind, Outcome
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.policy import CodeRules
from kiosk_server.domain.scale import Condition
from kiosk_server.domain.staff import Identity, Role

SCALES = Identity(name="scales", role=Role.DRIVER)
RULES = LaneRules(tolerance_g=20, own_bag_g=150, skip_bagging_cents=5_000)

JAM = an_item("jam", name="Jam", code="9101", price_cents=299, weight_g=500)
SALT = an_item("salt", name="Salt", code="9102", price_cents=59, weight_g=1_000)
HAM = an_item("ham", name="Ham", code="9103", price_cents=8_900, weight_g=5_000)
CRATE = an_item("crate", name="Crate", code="9104", price_cents=999, weight_g=17_000, bagging=Bagging.BULKY)
RIDDLE = an_item("riddle", name="Riddle", code="9105", price_cents=499)
HONEY = an_item("honey", name="Honey", code="9107", price_cents=499, weight_g=500)
APPLES = an_item("apples", name="Apples", code="9106", price_cents=None, price_per_kg_cents=299, tare_g=4)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    policy = msgspec.structs.replace(POLICY, lane=RULES, codes=CodeRules(containers_g={"box": 50}))
    running = Shop(tmp_path, policy)
    running.stocks((*CATALOG, JAM, SALT, HAM, CRATE, RIDDLE, APPLES, HONEY))
    for item_id, weight_g in (("jam", 500), ("salt", 1_000), ("ham", 5_000)):
        placed = (Placement(item_id=item_id, weight_g=weight_g),) * TRUSTED_SAMPLES
        running.asks(c.ReportPlacements(terminal="lane1", basket_id="earlier", placements=placed), SCALES)
    yield running
    running.closes()


class Scales:
    """The driver of lane3's plates, and the customer's hands on them."""

    def __init__(self, shop: Shop, lane: Lane) -> None:
        self.shop, self.lane = shop, lane

    def says(self, measured_g: int, **more: Any) -> bool:
        basket_id = self.lane.basket.basket_id if self.lane.has_basket else None
        report = {"terminal": self.lane.name, "basket_id": basket_id, "measured_g": measured_g, **more}
        return bool(self.shop.asks(c.ReportBagging(**report), SCALES)["is_held"])

    def learns(self, *placements: tuple[str, int], key: str = "") -> None:
        placed = tuple(Placement(item_id=item_id, weight_g=weight_g) for item_id, weight_g in placements)
        report = c.ReportPlacements(terminal=self.lane.name, basket_id="basket", placements=placed)
        self.shop.asks(report, SCALES, key)


@pytest.fixture
def scales(shop: Shop, lane3: Lane) -> Scales:
    return Scales(shop, lane3)


def declare(lane: Lane, measured_g: int, key: str = "") -> bool:
    return bool(lane.does(c.DeclareBag(measured_g=measured_g, condition=Condition.STABLE), key)["is_held"])


def skip(lane: Lane, line_id: int) -> bool:
    return bool(lane.does(c.SkipBagging(line_id=line_id))["is_held"])


def only_call(shop: Shop) -> Intervention:
    (call,) = shop.inbox()
    return call


def decide(person: Person, call: Intervention, outcome: Outcome = Outcome.APPROVED) -> None:
    person.does(c.ResolveIntervention(intervention_id=call.intervention_id, outcome=outcome, note="seen"))


def beside(shop: Shop, lane: Lane) -> Beside:
    with shop.looks() as repositories:
        return repositories.beside(lane.basket.basket_id)


def learned(shop: Shop, item_id: str) -> LearnedWeight | None:
    with shop.looks() as repositories:
        return repositories.learned_weight(item_id)


def samples(shop: Shop, item_id: str) -> tuple[int, ...]:
    known = learned(shop, item_id)
    return known.samples if known else ()


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


# -- what disagrees --


def test_disagreement_holds_the_lane_until_it_agrees_again(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    with shop.records("intervention_raised", "terminal_moved"):
        assert scales.says(0)
    evidence = only_call(shop).evidence
    assert (evidence.item_name, evidence.expected_g, evidence.measured_g) == ("Jam", 500, 0)
    assert lane3.state == "held"
    with shop.changes_nothing():
        with refused("attendant_needed", kinds=["weight_mismatch"]):
            lane3.scans(SALT)
        with refused("attendant_needed"):
            lane3.pays()
        assert scales.says(0), "the same again is no news"
    with shop.records("intervention_revised"):
        assert scales.says(100)
    with shop.records("intervention_resolved", "terminal_moved"):
        assert not scales.says(505)
    assert lane3.state == "scanning"
    lane3.pays()


def test_attendant_accepts_the_difference_and_the_area_agrees_from_there_on(
    shop: Shop, lane3: Lane, attendant: Person, scales: Scales
) -> None:
    lane3.scans(SALT, quantity=2)
    scales.says(2_900)
    decide(attendant, only_call(shop))
    assert beside(shop, lane3) == Beside(900)
    assert samples(shop, "salt") == (1_000,) * 3, "two pieces: nobody knows which of them it was"
    assert not scales.says(2_900)
    assert scales.says(2_000)


def test_attendant_teaches_the_weight_of_a_single_piece(
    shop: Shop, lane3: Lane, attendant: Person, scales: Scales
) -> None:
    lane3.scans(JAM)
    lane3.scans(SALT)
    scales.says(500 + 1_100)
    decide(attendant, only_call(shop))
    assert samples(shop, "salt") == (1_000, 1_000, 1_000, 1_100)
    assert not scales.says(1_600)


def test_attendant_teaches_nothing_beside_a_piece_that_nobody_knows(
    shop: Shop, lane3: Lane, attendant: Person, scales: Scales
) -> None:
    lane3.scans(RIDDLE)
    lane3.scans(SALT)
    scales.says(100)
    decide(attendant, only_call(shop))
    assert samples(shop, "salt") == (1_000,) * 3
    assert not scales.says(100)


def test_attendant_who_denies_leaves_it_to_the_customer(
    shop: Shop, lane3: Lane, attendant: Person, scales: Scales
) -> None:
    lane3.scans(JAM)
    scales.says(0)
    decide(attendant, only_call(shop), Outcome.DENIED)
    assert (lane3.state, beside(shop, lane3)) == ("scanning", Beside())
    assert scales.says(0)
    assert not scales.says(500)


def test_word_about_another_basket_changes_nothing(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    with shop.changes_nothing():
        assert not scales.says(0, basket_id="another")
    lane3.pays()
    with shop.changes_nothing():
        assert not scales.says(0)


def test_scale_of_a_lane_that_is_gone_is_refused(shop: Shop, lane3: Lane, manager: Person, scales: Scales) -> None:
    manager.retires("lane3")
    with shop.changes_nothing(), refused("not_found"):
        scales.says(0)


def test_only_drivers_report_what_scales_say(shop: Shop, lane3: Lane) -> None:
    lane3.scans(JAM)
    with shop.changes_nothing(), refused("forbidden"):
        lane3.does(c.ReportBagging(terminal="lane3", basket_id=lane3.basket.basket_id, measured_g=500))


# -- who has left --


def test_empty_area_beside_a_basket_becomes_a_walk_off(
    shop: Shop, lane3: Lane, attendant: Person, scales: Scales
) -> None:
    lane3.scans(JAM)
    basket_id = lane3.basket.basket_id
    scales.says(0)
    with shop.records("intervention_resolved", "intervention_raised"):
        assert scales.says(0, is_left=True)
    call = only_call(shop)
    assert (call.kind, call.evidence.amount_cents) == (InterventionKind.WALK_OFF, 299)
    assert lane3.state == "held"
    decide(attendant, call)
    assert shop.basket(basket_id).state == "void"
    assert (lane3.state, lane3.has_basket) == ("attract", False)


def test_customer_who_comes_back_ends_the_walk_off(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    scales.says(0, is_left=True)
    assert scales.says(200)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH
    assert not scales.says(500)
    assert (shop.inbox(), lane3.state) == ((), "scanning")


def test_walk_off_that_was_denied_goes_on(shop: Shop, lane3: Lane, attendant: Person, scales: Scales) -> None:
    lane3.scans(JAM)
    scales.says(0, is_left=True)
    decide(attendant, only_call(shop), Outcome.DENIED)
    assert lane3.state == "scanning"
    assert not lane3.basket.lines[0].is_voided


def test_area_that_is_not_empty_is_no_walk_off(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    scales.says(250, is_left=True)
    assert only_call(shop).kind is InterventionKind.WEIGHT_MISMATCH


# -- a scale that is out of order --


def test_scale_out_of_order_is_told_once_and_holds_nobody_up(
    shop: Shop, lane3: Lane, attendant: Person, scales: Scales
) -> None:
    with shop.records("intervention_raised"):
        assert not scales.says(0, condition=Condition.UNPLUGGED)
    with shop.changes_nothing():
        scales.says(0, condition=Condition.UNPLUGGED)
    with shop.records("intervention_revised"):
        scales.says(0, condition=Condition.OVERLOAD)
    assert only_call(shop).evidence.reason == "scale_overload"
    assert lane3.state == "attract"

    lane3.scans(JAM)
    assert lane3.state == "scanning", "it is no customer's call"
    attendant.takes_cash(lane3.pays()["basket_id"])
    lane3.finishes()
    assert len(shop.inbox()) == 1, "and paying does not mend it"
    with shop.records("intervention_resolved"):
        scales.says(0)
    assert shop.inbox() == ()


def test_complaint_ends_when_the_scale_fails(shop: Shop, lane3: Lane, scales: Scales) -> None:
    lane3.scans(JAM)
    scales.says(0)
    scales.says(0, condition=Condition.UNPLUGGED)
    assert lane3.state == "scanning"
    assert [call.kind for call in shop.inbox()] == [InterventionKind.ASSISTANCE]


def test_attendant_ends_the_fault_by_hand(shop: Shop, lane3: Lane, attendant: Person, scales: Scales) -> None:
    scales.says(0, condition=Condition.UNPLUGGED)
    attendant.resolves(only_call(shop).intervention_id)
    assert shop.inbox() == ()


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


# -- what is learned --


def test_store_learns_what_pieces_weighed_and_then_knows_better_than_the_catalog(
    shop: Shop, lane3: Lane, scales: Scales
) -> None:
    lane3.scans(HONEY)
    assert not scales.says(500)
    assert not scales.says(780), "a jar may be around it"
    for measured_g in (780, 782, 779):
        scales.learns(("honey", measured_g), ("riddle", 90))
    known = learned(shop, "honey")
    assert known is not None
    assert (known.weight_g, known.spread_g) == (780, 1)
    assert not scales.says(780)
    assert scales.says(500)


def test_report_of_placements_that_is_sent_twice_counts_once(shop: Shop, scales: Scales) -> None:
    scales.learns(("honey", 600), key="placements/1")
    with shop.changes_nothing():
        scales.learns(("honey", 600), key="placements/1")


def test_store_learns_nothing_unbelievable_or_unknown(shop: Shop, scales: Scales) -> None:
    with shop.changes_nothing():
        scales.learns(("honey", 100), ("honey", 20_000), ("jam", 700), ("crate", 17_000), ("nothing", 500))
