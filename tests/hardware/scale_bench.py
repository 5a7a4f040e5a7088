"""A bench for scales: the room without its thread, over a real store, with a clock and hands that a test moves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from builders import CATALOG, POLICY, an_item
from shop import PATIENCE_S, Lane, Person, Shop

from kiosk_server.core.reply import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.commands.bagging import Placement
from kiosk_server.domain.intervention import Intervention, Outcome
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import LaneScales
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.hardware.scales import ScaleRoom
from kiosk_server.hardware.virtual_scale import Laying
from kiosk_server.promise import Promise
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


def a_weighing_shop(folder: Path) -> Iterator[Shop]:
    """A store with scales at its lanes, which knows what jam, salt and ham weigh."""
    running = Shop(folder, msgspec.structs.replace(POLICY, lane=RULES))
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
        self._answers: list[Promise[Any]] = []
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

    def _submit(self, command: c.Command, key: str) -> Promise[Any]:
        self.sent.append(command)
        if self.refuses:
            future: Promise[Any] = Promise()
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


def only_call(shop: Shop) -> Intervention:
    (call,) = shop.inbox()
    return call


def decide(person: Person, call: Intervention, outcome: Outcome) -> None:
    person.does(c.ResolveIntervention(intervention_id=call.intervention_id, outcome=outcome, note="seen"))


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
