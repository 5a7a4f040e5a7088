"""Which plates a lane has, and what of their word is a weight."""

import msgspec
import pytest

from kiosk_server.domain.commands import FILLED_IN, DeclareBag, ScanItem, WeighItem
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import Condition, Plate, Reading


@pytest.mark.parametrize("condition", list(Condition))
def test_only_a_plate_at_rest_gives_a_weight(condition: Condition) -> None:
    assert Reading(condition, 100).is_weight is (condition in {Condition.STABLE, Condition.ZERO})


def test_lane_has_the_plate_that_names_it_and_else_that_of_all_others() -> None:
    rules = LaneRules(produce_scales={"*": "virtual", "L1": "/dev/ttyS0", "L2": "none"})
    assert rules.scale_of("L1", Plate.PRODUCE) == "/dev/ttyS0"
    assert rules.scale_of("L2", Plate.PRODUCE) is None
    assert rules.scale_of("L3", Plate.PRODUCE) == "virtual"
    assert rules.scale_of("L3", Plate.BAGGING) is None


def test_same_order_with_another_weight_on_the_plate_is_still_the_same_order() -> None:
    first = WeighItem(item_id="apples", container="bag")
    weighed = msgspec.structs.replace(first, weight_g=512, condition=Condition.STABLE)
    assert FILLED_IN.as_sent(weighed) == first
    assert FILLED_IN.as_sent(DeclareBag(measured_g=80, condition=Condition.STABLE)) == DeclareBag()
    assert FILLED_IN.as_sent(WeighItem(item_id="pears", weight_g=512)) != first
    scanned = ScanItem(code="4011")
    assert FILLED_IN.as_sent(scanned) is scanned
