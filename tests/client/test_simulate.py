"""`kiosk-client simulate` against a real server in a process of its own, which is killed in the middle of it."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk_client.loop import Loop
from kiosk_client.shopping import MOST_ITEMS, Shelves, read_baskets
from kiosk_client.simulator import quantile, read_tokens
from kiosk_client.wire import Wire
from kiosk_server.config import samples_dir

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))

from store_process import Store, ask, clean_environment, give

MILK = "2000000000077"
KINDS = {"L1": "lane", "L2": "lane", "S1": "stall", "P1": "pump", "K1": "kitchen", "console": "manager"}
DEMO = samples_dir() / "demo"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    house = Store(tmp_path / "store")
    house.runs("catalog", "import", str(DEMO / "catalog.csv"))
    yield house
    house.clear_away()


def simulates(store: Store, tokens: Path, seconds: float, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "kiosk_client", "simulate", "--json", "--url", store.url, "--pace", "60"]
    command += ["--terminals", str(tokens), "--seconds", str(seconds), *more]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


@pytest.mark.parametrize(
    "source", [["--catalog", str(DEMO / "catalog.csv"), "--baskets", str(DEMO / "baskets.csv")], []]
)
def test_simulated_store_sells_and_its_count_is_the_journals(store: Store, tmp_path: Path, source: list[str]) -> None:
    rows = [{"name": name, "token": store.adds(name, kind)} for name, kind in KINDS.items()]
    (tmp_path / "tokens.json").write_text(json.dumps(rows))
    store.starts()

    outcome = simulates(store, tmp_path / "tokens.json", 4, "--seed", "7", *source)

    journal = store.journal()
    assert outcome["terminals"] == outcome["online"] == len(KINDS)
    assert outcome["receipts"] > 0
    assert abs(sum(row["type"] == "basket_paid" for row in journal) - outcome["receipts"]) <= 1
    assert outcome["errors"] == 0
    assert outcome["accepted"] + sum(outcome["refused"].values()) + outcome["unanswered"] == outcome["commands"]
    store.runs("verify")


def test_simulated_customers_pay_by_card_where_a_reader_stands(store: Store, tmp_path: Path) -> None:
    rows = [{"name": name, "token": store.adds(name, kind)} for name, kind in KINDS.items()]
    (tmp_path / "tokens.json").write_text(json.dumps(rows))
    readers = {"KIOSK_CARD_READERS": '{ lane = "virtual" }', "KIOSK_CARD_VIRTUAL_PACE_MS": "20"}
    store.starts(KIOSK_IS_DEMO="true", **readers)
    console = rows[-1]["token"]
    assert give(store, console, "on", "switch_simulation", is_on=True)["ok"]
    for lane in ("L1", "L2"):
        ask(f"{store.url}/api/v1/virtual-readers/{lane}", console, {"next": "expired_card"})

    outcome = simulates(store, tmp_path / "tokens.json", 6, "--seed", "7")

    journal = store.journal()
    tenders = {row["data"]["basket_id"]: row["data"]["receipt"]["tender"] for row in journal if _is(row, "basket_paid")}
    moved = [row["data"] for row in journal if _is(row, "payment_moved")]
    declined = {one["basket_id"] for one in moved if one["payment"]["state"] == "declined"}
    assert {tenders[basket_id] for basket_id in declined & set(tenders)} == {"cash"}, "they had coins, too"
    assert "card" in tenders.values()
    assert outcome["errors"] == 0
    store.runs("verify")


def test_simulated_customers_wait_for_whoever_looks_at_their_bags(store: Store, tmp_path: Path) -> None:
    rows = [{"name": name, "token": store.adds(name, kind)} for name, kind in KINDS.items()]
    (tmp_path / "tokens.json").write_text(json.dumps(rows))
    (tmp_path / "weights.csv").write_text(f"barcode,name,price,weight_g\n{MILK},Milk,1.19,1000\n")
    store.runs("catalog", "import", str(tmp_path / "weights.csv"))
    (tmp_path / "baskets.csv").write_text("Milk,Milk,Milk\n")
    store.starts(
        KIOSK_IS_DEMO="true",
        KIOSK_SCALE_BAGGING='{ "*" = "virtual" }',
        KIOSK_LANE_PATIENCE_S="1",
        KIOSK_LANE_RANDOM_CHECK_PERMILLE="300",
    )
    console = rows[-1]["token"]
    assert give(store, console, "on", "switch_simulation", is_on=True)["ok"]
    for lane in ("L1", "L2"):
        ask(f"{store.url}/api/v1/virtual-scales/{lane}", console, {"put_g": 30_000, "is_following": False})

    goods = ("--catalog", str(tmp_path / "weights.csv"), "--baskets", str(tmp_path / "baskets.csv"))
    outcome = simulates(store, tmp_path / "tokens.json", 10, "--seed", "7", "--pace", "6", *goods)
    assert "approved" in _verdicts_on_bags(store)  # nobody pays before somebody has looked
    assert outcome["receipts"] > 0
    assert outcome["errors"] == 0, outcome
    store.runs("verify")


def _verdicts_on_bags(store: Store) -> set[Any]:
    journal = store.journal()
    looks = {
        row["data"]["intervention"]["intervention_id"]: row["data"]["intervention"]["kind"]
        for row in journal
        if _is(row, "intervention_raised")
    }
    ended = {
        row["data"]["intervention_id"]: row["data"]["outcome"] for row in journal if _is(row, "intervention_resolved")
    }
    return {ended.get(one) for one, kind in looks.items() if kind == "weight_mismatch"}


def _is(row: dict[str, Any], kind: str) -> bool:
    return bool(row["type"] == kind)


class Cashier:
    """A lane that scans so many times as fast as it is answered."""

    def __init__(self, loop: Loop, count: int) -> None:
        self.loop = loop
        self.left = count
        self.replies: list[dict[str, Any]] = []
        self.wire: Wire | None = None
        self.kill_after = -1
        self.kill: Any = None

    def on_snapshot(self, snapshot: dict[str, Any]) -> None:
        if not self.replies and self.wire is not None and not self.wire.waiting:
            # A dozen at once: whatever the server was doing when it died, some are unanswered.
            for _ in range(12):
                self.scan()

    def scan(self) -> None:
        if self.left and self.wire is not None:
            self.left -= 1
            self.wire.give("scan_item", {"code": MILK}, self.replied)

    def replied(self, reply: dict[str, Any], _: float) -> None:
        self.replies.append(reply)
        if len(self.replies) == self.kill_after:
            self.kill()
        self.scan()
        if not self.left and self.wire is not None and not self.wire.waiting:
            self.loop.stop()

    def on_event(self, event: dict[str, Any]) -> None:
        """Nothing to do."""

    def on_offline(self, why: str) -> None:
        """The wire comes back by itself."""

    def on_refused(self, code: str, message: str) -> None:
        raise AssertionError(code)


def test_server_killed_in_mid_basket_has_each_scan_exactly_once(store: Store) -> None:
    token = store.adds("L1", "lane")
    store.starts()
    loop = Loop()
    cashier = Cashier(loop, count=60)
    cashier.wire = Wire(loop, store.url, token, cashier, random.Random(3))

    def kill_and_start_again() -> None:
        store.is_killed()
        store.starts()

    cashier.kill_after, cashier.kill = 25, kill_and_start_again
    cashier.wire.start()
    loop.run()
    cashier.wire.close()
    loop.close()

    assert [reply["ok"] for reply in cashier.replies] == [True] * 60
    assert cashier.wire.counts.losses == 1
    scans = [row for row in store.journal() if row["type"] == "item_scanned"]
    assert len(scans) == 60
    assert len({row["key"] for row in scans}) == 60
    assert scans[-1]["data"]["line"]["quantity"] == 60
    store.runs("verify")


def test_shelves_replay_baskets_by_name_and_always_mean_the_same_other_item() -> None:
    goods = {"Milk": "1", "Bread": "2"}
    shelves = Shelves(goods, [["milk", "BREAD", "whole tropical fruit"]], random.Random(1))

    first, second = shelves.basket(), shelves.basket()

    assert first == second
    assert first[:2] == ["1", "2"]
    assert first[2] in goods.values()


def test_made_up_baskets_have_the_size_of_real_ones() -> None:
    shelves = Shelves({str(n): str(n) for n in range(200)}, [], random.Random(1))

    sizes = [len(shelves.basket()) for _ in range(2000)]

    assert 4 < sum(sizes) / len(sizes) < 5
    assert max(sizes) <= MOST_ITEMS


def test_demo_baskets_hold_only_what_the_demo_catalog_holds() -> None:
    names = {line.split(",", 1)[1] for line in (DEMO / "catalog.csv").read_text("utf-8").splitlines()}

    wanted = {item for basket in read_baskets(DEMO / "baskets.csv") for item in basket}

    assert all(any(item in name for name in names) for item in wanted)


def test_quantiles_are_by_nearest_rank() -> None:
    assert quantile([], 0.5) == 0
    assert quantile([1.0], 0.99) == 1.0
    assert quantile([float(n) for n in range(1, 101)], 0.5) == 50.0
    assert quantile([float(n) for n in range(1, 101)], 0.99) == 99.0


def test_file_of_tokens_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"token": "x"}')

    with pytest.raises(ValueError, match="JSON list"):
        read_tokens(tmp_path / "t.json")
