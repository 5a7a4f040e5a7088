"""What is particular about some interventions: what was approved counts on, several at once, and whose word it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import BREAD, MILK, MILK_CODE, an_item
from intervention_cases import EXPIRED, SUGAR, TELEVISION, WINE, K, a_shop, decide, person, says_scale
from shop import Lane, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.intervention import Intervention, InterventionKind, Outcome
from kiosk_server.domain.staff import Role


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Lane]:
    """A lane in a store with the usual rules."""
    running = a_shop(tmp_path)
    yield Lane(running, "lane7")
    running.closes()


def open_call(lane: Lane, kind: InterventionKind) -> Intervention:
    return next(one for one in lane.shop.inbox() if one.kind is kind)


def test_one_look_at_the_customer_serves_every_bottle(alone: Lane) -> None:
    alone.scans(WINE)
    alone.scans(WINE, quantity=2)
    assert open_call(alone, K.AGE).evidence.quantity == 3
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.AGE), Outcome.APPROVED)
    alone.scans(WINE)
    assert alone.shop.inbox() == ()


def test_next_customer_is_looked_at_again(alone: Lane) -> None:
    alone.scans(WINE)
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.AGE), Outcome.APPROVED)
    person(alone, Role.ATTENDANT).takes_cash(alone.pays()["basket_id"])
    alone.scans(WINE)
    assert open_call(alone, K.AGE).basket_id == alone.basket.basket_id


def test_more_than_was_approved_is_asked_again(alone: Lane) -> None:
    alone.scans(SUGAR, quantity=3)
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.QUANTITY_CAP), Outcome.APPROVED)
    alone.scans(SUGAR)
    assert open_call(alone, K.QUANTITY_CAP).evidence.quantity == 4


def test_small_voids_add_up_to_the_limit(alone: Lane) -> None:
    for code, price_cents in (("9201", 1_400), ("9202", 1_400), ("9203", 100)):
        alone.shop.stocks([an_item(code, code=code, price_cents=price_cents)])
        alone.scans(code)
    alone.voids(1)
    alone.voids(3)
    assert alone.shop.inbox() == ()
    answer = alone.voids(2)
    assert not answer["line"].get("is_voided")
    assert open_call(alone, K.VOID_ABOVE_LIMIT).evidence.amount_cents == 1_400


def test_pieces_taken_back_one_by_one_add_up_to_the_limit(alone: Lane) -> None:
    alone.shop.stocks([an_item("9204", code="9204", price_cents=1_400)])
    alone.scans("9204", quantity=4)
    alone.changes(1, 3)
    alone.changes(1, 4)  # and takes it after all
    alone.changes(1, 3)
    assert alone.shop.inbox() == ()
    alone.changes(1, 2)
    assert alone.basket.lines[0].quantity == 3
    assert open_call(alone, K.VOID_ABOVE_LIMIT).evidence.quantity == 2
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.VOID_ABOVE_LIMIT), Outcome.APPROVED)
    assert alone.basket.lines[0].quantity == 2
    alone.voids(1)
    assert open_call(alone, K.VOID_ABOVE_LIMIT).evidence.amount_cents == 2_800


def test_fewer_of_a_dear_line_is_the_latest_wish(alone: Lane) -> None:
    alone.scans(TELEVISION, quantity=5)
    alone.changes(1, 3)
    alone.changes(1, 1)
    call = open_call(alone, K.VOID_ABOVE_LIMIT)
    assert (call.evidence.quantity, len(alone.shop.inbox())) == (1, 1)
    decide(person(alone, Role.ATTENDANT), call, Outcome.APPROVED)
    assert alone.basket.lines[0].quantity == 1


def test_whole_basket_above_the_limit_is_taken_back_by_an_attendant(alone: Lane) -> None:
    alone.scans(TELEVISION)
    alone.voids_all()
    assert alone.basket.totals.items == 1
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.VOID_ABOVE_LIMIT), Outcome.APPROVED)
    assert (alone.state, alone.has_basket) == ("attract", False)


def test_held_lane_takes_no_more_of_a_line_but_lets_it_go(alone: Lane) -> None:
    alone.scans(MILK, quantity=3)
    says_scale(alone, -500)
    with alone.shop.changes_nothing(), refused("attendant_needed", kinds=["weight_mismatch"]):
        alone.changes(1, 4)
    assert alone.changes(1, 2)["line"]["quantity"] == 2
    assert alone.state == "held"


def test_several_rows_hold_the_lane_until_the_last_of_them_is_ended(alone: Lane) -> None:
    alone.scans(WINE)
    alone.scans(SUGAR, quantity=3)
    alone.calls()
    says_scale(alone, -500)
    assert alone.state == "held"
    assert [one.kind for one in alone.shop.inbox()] == [K.AGE, K.QUANTITY_CAP, K.ASSISTANCE, K.WEIGHT_MISMATCH]
    attendant = person(alone, Role.ATTENDANT)
    decide(attendant, open_call(alone, K.WEIGHT_MISMATCH), Outcome.APPROVED)
    assert alone.state == "intervention", "nothing holds it any more, but somebody is still to come"
    decide(attendant, open_call(alone, K.AGE), Outcome.APPROVED)
    with refused("attendant_needed", kinds=["quantity_cap"]):
        alone.pays()
    decide(attendant, open_call(alone, K.QUANTITY_CAP), Outcome.DENIED)
    assert alone.state == "intervention"
    alone.pays()
    assert [one.kind for one in alone.shop.inbox()] == [K.CASH]


def test_random_check_draws_some_baskets_and_the_same_ones_again(tmp_path: Path) -> None:
    shop = a_shop(tmp_path, random_check_permille=300)
    try:
        drawn = []
        for number in range(40):
            lane = Lane(shop, f"lane{number}")
            lane.scans(MILK)
            lane.pays()
            drawn.append(lane.state == "intervention")
            if lane.state == "tendering":
                lane.goes_back()
                lane.pays()
                assert lane.state == "tendering", "who was not drawn is not drawn at the second try"
        assert 3 <= sum(drawn) <= 25
    finally:
        shop.closes()


@pytest.fixture
def looked_through(tmp_path: Path) -> Iterator[Lane]:
    """A lane with 2 milk and 2 bread, checked and approved, back from paying."""
    shop = a_shop(tmp_path, random_check_permille=1000)
    lane = Lane(shop, "lane1")
    lane.scans(MILK, quantity=3)
    lane.scans(BREAD, quantity=2)
    lane.changes(1, 2)
    lane.pays()
    decide(person(lane, Role.ATTENDANT), open_call(lane, K.RANDOM_CHECK), Outcome.APPROVED)
    lane.pays()
    assert lane.state == "tendering"
    lane.goes_back()
    yield lane
    shop.closes()


@pytest.mark.parametrize(
    ("changes", "items"),
    [
        (lambda lane: lane.scans(MILK), 5),
        (lambda lane: (lane.changes(1, 1), lane.scans(SUGAR)), 4),
        (lambda lane: (lane.changes(1, 1), lane.changes(2, 3)), 4),
        (lambda lane: (lane.voids(2), lane.changes(1, 3)), 3),
        (lambda lane: (lane.voids(1), lane.scans(MILK)), 3),
    ],
    ids=["more of a line", "another item instead", "more of another line", "as many as once", "scanned once more"],
)
def test_what_comes_after_a_random_check_is_looked_at_too(
    looked_through: Lane, changes: Callable[[Lane], Any], items: int
) -> None:
    changes(looked_through)
    looked_through.pays()
    assert looked_through.state == "intervention"
    assert open_call(looked_through, K.RANDOM_CHECK).evidence.quantity == items


def test_what_goes_after_a_random_check_is_not_asked_about(looked_through: Lane) -> None:
    looked_through.changes(1, 1)
    looked_through.voids(2)
    looked_through.pays()
    assert looked_through.state == "tendering"


def test_walk_off_holds_the_lane_until_somebody_has_looked(alone: Lane) -> None:
    alone.shop.stocks([an_item("stone", code="9301", weight_g=2_000)])
    alone.scans("9301")
    basket_id = alone.basket.basket_id
    says_scale(alone, 0, is_left=True)
    assert alone.state == "held"
    for denied in (lambda: alone.scans(MILK), alone.pays):
        with refused("attendant_needed", kinds=["walk_off"]):
            denied()
    with refused("forbidden"):
        decide(person(alone, Role.KITCHEN), open_call(alone, K.WALK_OFF), Outcome.APPROVED)
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.WALK_OFF), Outcome.APPROVED)
    assert (alone.state, alone.shop.basket(basket_id).state) == ("attract", "void")


def test_evidence_of_a_refused_code_is_the_stores_own_word(alone: Lane) -> None:
    alone.scans(MILK)
    alone.does(c.CallAttendant(code="9005"))
    evidence = open_call(alone, K.RECALLED).evidence
    assert (evidence.item_name, evidence.code) == ("Meat", "9005")
    alone.does(c.CallAttendant(code=EXPIRED))
    assert open_call(alone, K.EXPIRED).evidence.expires_on == "2026-11-19"


def test_code_that_can_be_sold_after_all_is_plain_help(alone: Lane) -> None:
    alone.does(c.CallAttendant(code=MILK_CODE))
    assert open_call(alone, K.ASSISTANCE).evidence.code == MILK_CODE


def test_price_of_a_line_that_was_taken_back_is_not_asked_for(alone: Lane) -> None:
    alone.scans(MILK)
    alone.voids(1)
    with alone.shop.changes_nothing(), refused("wrong_state"):
        alone.does(c.AskForPrice(line_id=1, unit_price_cents=10))
