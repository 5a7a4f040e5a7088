"""A store whose lanes weigh, and the driver and hands at their plates, for tests of the counter."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from builders import CATALOG, POLICY, an_item
from shop import Lane, Person, Shop

from kiosk_server.domain import commands as c
from kiosk_server.domain.bagging import TRUSTED_SAMPLES, Beside, LearnedWeight
from kiosk_server.domain.catalog import Bagging
from kiosk_server.domain.commands.bagging import Placement
from kiosk_server.domain.intervention import Intervention, Outcome
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


def a_weighing_shop(folder: Path) -> Iterator[Shop]:
    """A store that knows what jam, salt and ham weigh."""
    policy = msgspec.structs.replace(POLICY, lane=RULES, codes=CodeRules(containers_g={"box": 50}))
    running = Shop(folder, policy)
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

    def learns(self, *placements: tuple[str, int], key: str = "", basket_id: str = "basket") -> None:
        placed = tuple(Placement(item_id=item_id, weight_g=weight_g) for item_id, weight_g in placements)
        report = c.ReportPlacements(terminal=self.lane.name, basket_id=basket_id, placements=placed)
        self.shop.asks(report, SCALES, key)


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
