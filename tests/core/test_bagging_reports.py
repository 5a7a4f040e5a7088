"""What the driver of a bagging area reports: what disagrees, who has left, what is out of order, what is learned."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Lane, Person, Shop, refused
from weighing import (
    HONEY,
    JAM,
    RIDDLE,
    SALT,
    Scales,
    a_weighing_shop,
    beside,
    decide,
    learned,
    only_call,
    samples,
)

from kiosk_server.domain import commands as c
from kiosk_server.domain.bagging import SAMPLES, Beside
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.scale import Condition


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from a_weighing_shop(tmp_path)


@pytest.fixture
def scales(shop: Shop, lane3: Lane) -> Scales:
    return Scales(shop, lane3)


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


def test_what_is_known_well_is_learned_from_some_baskets_only(shop: Shop, scales: Scales) -> None:
    for _ in range(SAMPLES):
        scales.learns(("honey", 700))
    head = shop.bus.head_seq
    for number in range(80):
        scales.learns(("honey", 702), basket_id=f"basket-{number}")
    assert 4 <= shop.events(head).count("weight_learned") <= 20
    known = learned(shop, "honey")
    assert known is not None
    assert 702 in known.samples, "a new packaging is noticed, only later"
