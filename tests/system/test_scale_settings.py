"""Settings of scales and of what lanes are looked at for: what they mean, and how a slip is told."""

import pytest

from kiosk_server.cli.demo import demo_config
from kiosk_server.cli.demo_store import demo_items
from kiosk_server.config import ConfigError, load
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.lane_rules import AgeCheck, LaneRules
from kiosk_server.domain.scale import Plate

NOWHERE = {"XDG_CONFIG_HOME": "/nonexistent"}


def test_rules_that_nobody_sets_are_those_of_the_domain() -> None:
    assert load(environ=NOWHERE).policy.lane == LaneRules()


def test_settings_reach_the_lanes() -> None:
    flags = {
        "lane.age_check": "scan",
        "lane.void_limit_cents": "0",
        "lane.random_check_permille": "20",
        "lane.patience_s": "9",
        "scale.produce": '{ L1 = "/dev/ttyS0", "*" = "virtual" }',
        "scale.bagging": '{ L1 = "/dev/ttyS1?unit=lb", L2 = "none" }',
    }
    rules = load(environ=NOWHERE, flags=flags).policy.lane
    assert (rules.age_check, rules.void_limit_cents, rules.random_check_permille, rules.patience_s) == (
        AgeCheck.SCAN,
        0,
        20,
        9,
    )
    assert [rules.scale_of(lane, Plate.PRODUCE) for lane in ("L1", "L2")] == ["/dev/ttyS0", "virtual"]
    assert [rules.scale_of(lane, Plate.BAGGING) for lane in ("L1", "L2", "L3")] == ["/dev/ttyS1?unit=lb", None, None]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"scale.produce": '{ L1 = "virtuel" }'}, "scale.produce: L1 cannot be used, because 'virtuel' is neither"),
        ({"scale.bagging": '{ L1 = "COM3" }'}, "scale.bagging: L1"),
        ({"scale.bagging": '{ L1 = "/dev/ttyS0?unit=stone" }'}, "asks for more than"),
        (
            {"scale.produce": '{ L1 = "/dev/ttyS0" }', "scale.bagging": '{ L1 = "/dev/ttyS0" }'},
            "names /dev/ttyS0, and so does scale.produce: L1",
        ),
        ({"scale.produce": '{ "*" = "/dev/ttyS0" }'}, "names /dev/ttyS0 for all lanes at once"),
        ({"lane.age_check": "never"}, "lane.age_check"),
        ({"lane.random_check_permille": "1001"}, "lane.random_check_permille"),
        ({"lane.patience_s": "0"}, "lane.patience_s"),
    ],
)
def test_slip_in_the_settings_of_scales_is_told(flags: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environ=NOWHERE, flags=flags)
    assert words in str(caught.value)


def test_demo_lanes_have_both_plates_unless_a_person_says_otherwise() -> None:
    plain = demo_config(load(environ=NOWHERE, flags={"is_demo": True})).policy.lane
    own = demo_config(load(environ=NOWHERE, flags={"is_demo": True, "scale.bagging": '{ L6 = "none" }'})).policy.lane
    assert {plain.scale_of("L1", plate) for plate in Plate} == {"virtual"}
    assert [own.scale_of("L1", plate) for plate in Plate] == ["virtual", None]


def test_demo_knows_what_its_packed_goods_weigh() -> None:
    groceries = [
        item for item in demo_items({"standard": 1900, "reduced": 700, "zero": 0}) if item.kind is ItemKind.GROCERY
    ]
    packed = [item for item in groceries if item.price_per_kg_cents is None and not item.is_withdrawn]
    assert [item.name for item in packed if item.weight_g is None and item.bagging == "weighed"] == []
