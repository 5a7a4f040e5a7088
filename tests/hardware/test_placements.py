"""What a paid basket teaches about weights, and what it does not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import MILK
from scale_bench import JAM, PATIENCE, RIDDLE, SALT, Bench, a_weighing_shop, paid, placements, scan_and_lay
from shop import Lane, Person, Shop

from kiosk_server.hardware.bagging_watch import AGAIN_S


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from a_weighing_shop(tmp_path)


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
