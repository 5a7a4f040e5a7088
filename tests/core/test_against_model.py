"""Two lanes and an attendant against a model of a page: whatever they do, and wherever the store dies between.

Hypothesis chooses; a death is that of kill -9: another store opens on what the files hold at that moment, and the first
is never asked again. KIOSK_TORTURE=1 tries many more. Refunds are not part of the store yet.
"""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from builders import BREAD, BULB, CATALOG, MILK, POLICY
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from shop import HandClock, Lane, Person, Shop

from kiosk_server.core.bus import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.tender import TenderKind
from kiosk_server.store.verify import verify

encode = msgspec.json.encode  # as it goes onto the wire

ITEMS = (MILK, BREAD, BULB)
NAMES = ("lane1", "lane2")
# Nobody has to look at what is taken back here: who does and when is test_interventions.py.
TRUSTING = msgspec.structs.replace(POLICY, lane=LaneRules(void_limit_cents=10**9))
LARGEST = 999
ENOUGH_CENTS = 9_999_999

lanes, items, line_ids = st.sampled_from(NAMES), st.sampled_from(ITEMS), st.integers(1, 3)
quantities = st.one_of(st.integers(1, 3), st.just(LARGEST))


@dataclass
class Model:
    """What a basket is, in as few words as possible: lines of (item, quantity, is voided)."""

    lines: list[tuple[str, int, bool]] = field(default_factory=list)
    state: str = "open"

    def add(self, item: str, quantity: int) -> bool:
        for n, (known, count, is_voided) in enumerate(self.lines):
            if known == item and not is_voided:
                if count + quantity > LARGEST:
                    return False
                self.lines[n] = known, count + quantity, False
                return True
        self.lines.append((item, quantity, False))
        return True

    @property
    def pieces(self) -> int:
        return sum(count for _, count, is_voided in self.lines if not is_voided)

    @property
    def cents(self) -> int:
        prices = {item.item_id: item.price_cents or 0 for item in ITEMS}
        return sum(prices[item] * count for item, count, is_voided in self.lines if not is_voided)


@functools.cache
def furnished() -> Path:
    """A store with a catalog and two lanes, made once and copied."""
    folder = Path(tempfile.mkdtemp(prefix="furnished-"))
    atexit.register(shutil.rmtree, folder)
    shop = Shop(folder)
    shop.stocks(CATALOG)
    for name in NAMES:
        Lane(shop, name)
    shop.closes()
    return folder


class Trade(RuleBasedStateMachine):
    """Every rule asks the store, asks the model, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="trade-"))
        self.clock = HandClock()
        self.deaths = 0
        place = self._place()
        shutil.copytree(furnished(), place, dirs_exist_ok=True)
        self.shop = Shop(place, TRUSTING, self.clock)
        self.dead: list[Shop] = []
        self.ada = Person(self.shop, "Ada", Role.ATTENDANT).identity
        self.baskets: dict[str, Model] = {}
        self.at: dict[str, str | None] = dict.fromkeys(NAMES)
        self.receipts: list[str] = []
        self.said: list[tuple[c.Command, Identity, str, Reply]] = []

    def _place(self) -> Path:
        place = self.folder / f"life{self.deaths}"
        place.mkdir()
        return place

    def _asks(self, command: c.Command, who: Identity, *, is_legal: bool) -> Reply:
        key = f"m{len(self.said)}"
        reply = self.shop.replies(command, who, key)
        assert reply.code != "internal", reply
        assert reply.ok == is_legal, (command, who.name, reply)
        self.said.append((command, who, key, reply))
        return reply

    def _lane(self, name: str) -> Identity:
        return Identity(name=name, role=Role.LANE, terminal=name)

    def _shown(self, name: str) -> Model | None:
        return self.baskets.get(self.at[name] or "")

    def _is(self, name: str, *states: str) -> bool:
        shown = self._shown(name)
        return shown is not None and shown.state in states

    # -- what people do --

    @rule(name=lanes, item=items, quantity=quantities)
    def scans(self, name: str, item: object, quantity: int) -> None:
        assert item in ITEMS
        code, item_id = item.code or "", item.item_id  # type: ignore[attr-defined]
        basket = self._shown(name)
        is_new = basket is None or basket.state not in {"open", "tendering"}
        if is_new:
            basket = Model()
        assert basket is not None
        is_legal = basket.state == "open" and basket.add(item_id, quantity)
        reply = self._asks(c.ScanItem(code=code, quantity=quantity), self._lane(name), is_legal=is_legal)
        if is_legal and is_new:
            self.at[name] = reply.result["basket_id"]  # type: ignore[index]
            self.baskets[reply.result["basket_id"]] = basket  # type: ignore[index]

    @rule(name=lanes, line_id=line_ids)
    def voids_a_line(self, name: str, line_id: int) -> None:
        basket = self._shown(name)
        is_legal = basket is not None and basket.state == "open" and line_id <= len(basket.lines)
        self._asks(c.VoidLine(line_id=line_id), self._lane(name), is_legal=is_legal)
        if is_legal and basket is not None:
            item, count, _ = basket.lines[line_id - 1]
            basket.lines[line_id - 1] = item, count, True

    @rule(name=lanes)
    def voids_all(self, name: str) -> None:
        basket = self._shown(name)
        is_legal = basket is None or basket.state == "open"
        self._asks(c.VoidBasket(), self._lane(name), is_legal=is_legal)
        if basket is not None and is_legal:
            basket.state, self.at[name] = "void", None

    @rule(name=lanes)
    def parks(self, name: str) -> None:
        basket = self._shown(name)
        is_legal = basket is not None and basket.state == "open" and basket.pieces > 0
        self._asks(c.SuspendBasket(), self._lane(name), is_legal=is_legal)
        if is_legal and basket is not None:
            basket.state, self.at[name] = "suspended", None

    @precondition(lambda self: any(basket.state == "suspended" for basket in self.baskets.values()))
    @rule(name=lanes, data=st.data())
    def resumes(self, name: str, data: st.DataObject) -> None:
        parked = sorted(one for one, basket in self.baskets.items() if basket.state == "suspended")
        basket_id = data.draw(st.sampled_from(parked))
        shown = self._shown(name)
        is_legal = shown is None or shown.state == "paid" or shown.pieces == 0
        self._asks(c.ResumeBasket(basket_id=basket_id), self._lane(name), is_legal=is_legal)
        if is_legal:
            if shown is not None and shown.state == "open":
                shown.state = "void"
            self.baskets[basket_id].state, self.at[name] = "open", basket_id

    @rule(name=lanes)
    def pays(self, name: str) -> None:
        basket = self._shown(name)
        is_legal = basket is not None and (
            basket.state == "tendering" or (basket.state == "open" and basket.pieces > 0)
        )
        self._asks(c.ChooseTender(tender=TenderKind.CASH), self._lane(name), is_legal=is_legal)
        if is_legal and basket is not None:
            basket.state = "tendering"

    @rule(name=lanes)
    def goes_back(self, name: str) -> None:
        is_legal = self._is(name, "open", "tendering")
        self._asks(c.LeaveTender(), self._lane(name), is_legal=is_legal)
        basket = self._shown(name)
        if is_legal and basket is not None:
            basket.state = "open"

    @precondition(lambda self: self.baskets)
    @rule(data=st.data(), is_enough=st.sampled_from((True, True, True, False)))
    def takes_cash(self, data: st.DataObject, is_enough: bool) -> None:
        basket_id = data.draw(st.sampled_from(sorted(self.baskets)))
        basket = self.baskets[basket_id]
        is_legal = basket.state == "tendering" and is_enough
        received = ENOUGH_CENTS if is_enough else max(0, basket.cents - 1)
        reply = self._asks(c.ConfirmCash(basket_id=basket_id, received_cents=received), self.ada, is_legal=is_legal)
        if is_legal:
            basket.state = "paid"
            self.receipts.append(basket_id)
            receipt = reply.result["receipt"]  # type: ignore[index]
            assert receipt["number"] == len(self.receipts)
            assert (receipt["total_cents"], receipt["change_cents"]) == (basket.cents, received - basket.cents)

    @rule(name=lanes)
    def finishes(self, name: str) -> None:
        basket = self._shown(name)
        is_legal = basket is None or basket.state == "paid" or (basket.state == "open" and basket.pieces == 0)
        self._asks(c.Finish(), self._lane(name), is_legal=is_legal)
        if is_legal and basket is not None:
            basket.state = "void" if basket.state == "open" else basket.state
            self.at[name] = None

    @rule(ms=st.sampled_from((1, 60_000, 3_600_000, -3_600_000)))
    def time_passes(self, ms: int) -> None:
        self.clock.passes(ms)

    # -- what goes wrong --

    @precondition(lambda self: any(reply.ok for *_, reply in self.said))
    @rule(data=st.data())
    def hears_nothing_and_sends_again(self, data: st.DataObject) -> None:
        command, who, key, first = data.draw(st.sampled_from([one for one in self.said if one[3].ok]))
        with self.shop.changes_nothing():
            assert encode(self.shop.replies(command, who, key)) == encode(first)

    @rule()
    def is_killed(self) -> None:
        """What a new process would find: the page cache survives kill -9, so the files are as they are now."""
        self.dead.append(self.shop)
        before = self.shop.database.path.parent
        self.deaths += 1
        place = self._place()
        # By another process: closing a descriptor of the store in this one would drop SQLite's locks.
        subprocess.run(
            ["cp", *(str(one) for one in before.glob("store.*") if one.suffix != ".lock"), place], check=True
        )
        self.shop = Shop(place, TRUSTING, self.clock)

    # -- what is always so --

    @invariant()
    def store_is_as_the_model_says(self) -> None:
        for basket_id, model in self.baskets.items():
            basket = self.shop.basket(basket_id)
            assert basket.state.value == model.state
            assert [(line.item_id, line.quantity, line.is_voided) for line in basket.lines] == model.lines
            assert (basket.totals.items, basket.totals.total_cents) == (model.pieces, model.cents)
        for name in NAMES:
            assert self.shop.terminal(name).basket_id == self.at[name]
        waiting = {row.basket_id for row in self.shop.inbox()}
        assert waiting == {one for one, model in self.baskets.items() if model.state == "tendering"}

    def teardown(self) -> None:
        for shop in (*self.dead, self.shop):
            shop.closes()
        verdict = verify(self.shop.database.path)
        shutil.rmtree(self.folder)
        assert verdict.is_whole, verdict.problem


IS_TORTURE = bool(os.environ.get("KIOSK_TORTURE"))
TestTrade = Trade.TestCase
TestTrade.settings = settings(
    max_examples=500 if IS_TORTURE else 40,
    stateful_step_count=60 if IS_TORTURE else 30,
    deadline=None,
    derandomize=not IS_TORTURE,
    suppress_health_check=list(HealthCheck),
)
