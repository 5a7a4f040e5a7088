"""What ought to lie in a bagging area, and how the store learns what things weigh."""

import pytest
from builders import a_line, an_item
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.bagging import (
    MAX_PIECE_G,
    SAMPLES,
    TRUSTED_SAMPLES,
    Beside,
    LearnedWeight,
    Piece,
    expect,
    learn,
    line_weight_g,
    piece_of,
)
from kiosk_server.domain.basket import Line
from kiosk_server.domain.catalog import Bagging, ItemKind
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import Deviation

RULES = LaneRules(tolerance_g=20)
KNOWN = Piece(500, 2)
LIGHT = Piece(4, 1, Bagging.LIGHT)
BULKY = Piece(9_000, 10, Bagging.BULKY)
UNKNOWN = Piece()


def a_piece_of(item_id: str, line_id: int = 1, quantity: int = 1, **changes: object) -> Line:
    return a_line(line_id, item_id=item_id, quantity=quantity, total_cents=129 * quantity, **changes)


def learned(weight_g: int, samples: int = TRUSTED_SAMPLES, spread_g: int = 0) -> LearnedWeight:
    return LearnedWeight(item_id="a", weight_g=weight_g, spread_g=spread_g, samples=(weight_g,) * samples)


def test_area_of_an_empty_basket_is_empty() -> None:
    expectation = expect((), {}, RULES)
    assert (expectation.expected_g, expectation.least_g, expectation.most_g) == (0, -20, 20)
    assert expectation.agrees(0)


@pytest.mark.parametrize(
    ("measured_g", "deviation"),
    [
        (1000, Deviation.NONE),
        (964, Deviation.NONE),
        (1036, Deviation.NONE),
        (963, Deviation.MISSING),
        (1037, Deviation.SURPLUS),
        (0, Deviation.MISSING),
        (500, Deviation.MISSING),
        (1500, Deviation.SURPLUS),
    ],
)
def test_area_disagrees_beyond_spread_and_tolerance(measured_g: int, deviation: Deviation) -> None:
    expectation = expect([a_piece_of("a", quantity=2)], {"a": KNOWN}, RULES)
    assert expectation.deviation(measured_g) is deviation
    assert expectation.agrees(measured_g) is (deviation is Deviation.NONE)


def test_voided_lines_and_what_is_no_grocery_weigh_nothing() -> None:
    lines = [
        a_piece_of("a", is_voided=True),
        a_piece_of("a", 2, kind=ItemKind.FUEL),
        a_piece_of("a", 3, kind=ItemKind.GIFT),
        a_piece_of("a", 4, kind=ItemKind.MENU),
    ]
    assert expect(lines, {"a": KNOWN}, RULES).expected_g == 0


@pytest.mark.parametrize("piece", [LIGHT, BULKY])
def test_light_and_bulky_items_surprise_nobody_whether_they_lie_there_or_not(piece: Piece) -> None:
    expectation = expect([a_piece_of("a"), a_piece_of("b", 2)], {"a": KNOWN, "b": piece}, RULES)
    assert expectation.agrees(500)
    assert expectation.agrees(500 + (piece.weight_g or 0))
    assert not expectation.agrees(0)


def test_item_of_unknown_weight_may_weigh_anything_but_not_less_than_nothing() -> None:
    expectation = expect([a_piece_of("a"), a_piece_of("b", 2)], {"a": KNOWN, "b": UNKNOWN}, RULES)
    assert expectation.agrees(500)
    assert expectation.agrees(30_000)
    assert expectation.deviation(400) is Deviation.MISSING


def test_bulky_item_of_unknown_weight_opens_no_gap_for_others() -> None:
    expectation = expect([a_piece_of("b")], {"b": Piece(bagging=Bagging.BULKY)}, RULES)
    assert expectation.deviation(900) is Deviation.SURPLUS


def test_weighed_line_counts_by_its_own_weight() -> None:
    line = a_piece_of("a", weight_g=742)
    assert expect([line], {"a": Piece(50)}, RULES).expected_g == 742
    assert line_weight_g(line, {"a": Piece(50)}) == 742


def test_bag_and_accepted_difference_move_the_whole_span() -> None:
    expectation = expect([a_piece_of("a")], {"a": KNOWN}, RULES, Beside(tare_g=-120))
    assert expectation.agrees(380)
    assert not expectation.agrees(500)


def test_skipped_pieces_may_lie_there_or_not_and_the_others_must() -> None:
    beside = Beside(skipped={1: 2})
    expectation = expect([a_piece_of("a", quantity=3)], {"a": KNOWN}, RULES, beside)
    assert expectation.expected_g == 500
    for pieces_there in (1, 2, 3):
        assert expectation.agrees(pieces_there * 500)
    assert not expectation.agrees(0)
    assert not expectation.agrees(2_000)


def test_skipped_line_that_was_made_fewer_or_voided_expects_nothing_negative() -> None:
    beside = Beside(skipped={1: 3})
    assert expect([a_piece_of("a", quantity=1)], {"a": KNOWN}, RULES, beside).expected_g == 0
    assert expect([a_piece_of("a", quantity=3, is_voided=True)], {"a": KNOWN}, RULES, beside).expected_g == 0


@given(
    weights=st.lists(st.integers(1, 5_000), min_size=1, max_size=30),
    skips=st.sets(st.integers(1, 30)),
    tare_g=st.integers(-500, 500),
)
def test_basket_that_was_bagged_whole_always_agrees_in_any_order(
    weights: list[int], skips: set[int], tare_g: int
) -> None:
    lines = [a_piece_of(f"i{number}", number) for number in range(1, len(weights) + 1)]
    pieces = {f"i{number}": Piece(weight_g, 1) for number, weight_g in enumerate(weights, 1)}
    beside = Beside(tare_g, dict.fromkeys(skips, 1))
    forwards, backwards = expect(lines, pieces, RULES, beside), expect(lines[::-1], pieces, RULES, beside)
    assert forwards == backwards
    assert forwards.agrees(sum(weights) + tare_g)
    bagged_g = sum(weight_g for number, weight_g in enumerate(weights, 1) if number not in skips)
    assert forwards.expected_g == bagged_g + tare_g
    assert forwards.agrees(forwards.expected_g)


def test_piece_is_known_best_by_three_samples_then_by_the_catalog_then_by_one() -> None:
    item = an_item(weight_g=400)
    assert piece_of(item, learned(700)).weight_g == 700
    assert piece_of(item, learned(700, samples=TRUSTED_SAMPLES - 1)).weight_g == 400
    assert piece_of(an_item(), learned(700, samples=1)).weight_g == 700
    assert piece_of(an_item(), None) == Piece()
    assert piece_of(None, learned(700)) == Piece()


def test_jar_that_the_catalog_does_not_weigh_stops_nobody() -> None:
    expectation = expect([a_piece_of("honey")], {"honey": piece_of(an_item("honey", weight_g=500), None)}, RULES)
    assert expectation.agrees(780)
    assert expectation.deviation(1_600) is Deviation.SURPLUS


def test_wrapping_of_a_catalog_weight_counts_no_more_once_it_was_learned() -> None:
    piece = piece_of(an_item("honey", weight_g=500), learned(780))
    assert expect([a_piece_of("honey")], {"honey": piece}, RULES).deviation(1_000) is Deviation.SURPLUS


def test_weight_is_the_median_of_the_newest_samples() -> None:
    item = an_item("a")
    known = None
    for measured_g in (500, 504, 498):
        known = learn(item, known, measured_g)
    assert known is not None
    assert (known.weight_g, known.spread_g, known.samples) == (500, 2, (500, 504, 498))


def test_new_packaging_takes_over() -> None:
    item, known = an_item("a"), learned(500, samples=SAMPLES)
    for _ in range(SAMPLES // 2 + 1):
        after = learn(item, known, 450)
        assert after is not None
        known = after
    assert (known.weight_g, len(known.samples)) == (450, SAMPLES)


@pytest.mark.parametrize("measured_g", [0, -5, MAX_PIECE_G + 1])
def test_impossible_weight_teaches_nothing(measured_g: int) -> None:
    assert learn(an_item("a"), None, measured_g) is None


def test_wine_is_not_taught_to_weigh_what_an_onion_does() -> None:
    assert learn(an_item("wine"), learned(1_250), 150) is None
    assert learn(an_item("wine", weight_g=750), None, 150) is None
    assert learn(an_item("wine", weight_g=750), None, 1_250) is not None


@pytest.mark.parametrize("bagging", [Bagging.LIGHT, Bagging.BULKY])
def test_what_is_not_expected_in_the_area_teaches_nothing(bagging: Bagging) -> None:
    assert learn(an_item("a", bagging=bagging), None, 500) is None


@given(start_g=st.integers(100, 5_000), lies=st.lists(st.integers(1, MAX_PIECE_G), max_size=60))
def test_no_liar_moves_a_trusted_weight_by_more_than_a_step_at_a_time(start_g: int, lies: list[int]) -> None:
    known = learned(start_g, samples=SAMPLES)
    for lie_g in lies:
        after = learn(an_item("a"), known, lie_g)
        if after is not None:
            assert abs(after.weight_g - known.weight_g) <= max(30, known.weight_g // 4, 6 * known.spread_g)
            known = after
