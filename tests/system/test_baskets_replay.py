"""A month of a real grocery: 9,835 baskets over real products through 20 lanes, reconciled to the cent.

The baskets name kinds of goods; each kind is stocked with ten real products at given prices. What a basket must cost is
worked out a second time here, in as few words as possible and from nothing but the prices: promotions of this store
share no goods, so each has a formula. Then the receipts, the takings, the tax lines and the journal must all say it.
"""

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec
import pytest
from builders import POLICY, an_offer
from shop import PATIENCE_S, HandClock, Lane, Person, Shop

from kiosk_server.core.bus import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.promotion import Group, Promotion
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.tender import TenderKind
from kiosk_server.edge.catalog_file import Rules, read_catalog
from kiosk_server.store import journal, queries
from kiosk_server.store.repositories import driver_of

DATA = Path(__file__).parents[3] / "shared" / "data"
BASKETS, PRODUCTS = DATA / "groceries-baskets.csv", DATA / "openfoodfacts-products.csv"
LANES = 20
PRODUCTS_PER_KIND = 10
COUPON = "9912345678909"
TAXES = ("standard", "reduced", "zero")
POLICY_HERE = msgspec.structs.replace(POLICY, lane=LaneRules(void_limit_cents=10**9))

pytestmark = pytest.mark.skipif(
    not (BASKETS.exists() and PRODUCTS.exists()), reason="the real baskets and products do not lie beside this checkout"
)


def of_kind(*kinds: str, quantity: int = 1) -> Group:
    return Group(categories=kinds, quantity=quantity)


OFFERS: tuple[Promotion, ...] = (
    an_offer("multi_buy", of_kind("whole milk", quantity=2), amount_cents=600, promotion_id="milk"),
    an_offer("buy_get", of_kind("yogurt", quantity=2), free_quantity=1, percent_bp=10_000, promotion_id="yogurt"),
    an_offer("percent_off", of_kind("tropical fruit", "citrus fruit"), percent_bp=1_500, promotion_id="fruit"),
    an_offer("combo", of_kind("sausage"), of_kind("rolls/buns"), amount_cents=700, promotion_id="hot-dog"),
    an_offer("amount_off", of_kind("coffee"), amount_cents=150, coupon=COUPON, promotion_id="coffee"),
    an_offer("excluded", of_kind("liquor", "newspapers"), promotion_id="law"),
    an_offer("basket_percent", percent_bp=500, threshold_cents=5_000, promotion_id="large"),
)

Step: TypeAlias = tuple[c.Command, Identity]
Walk: TypeAlias = Generator[Step, Reply, None]


# -- the goods and the shopping --


def stock() -> dict[str, list[Item]]:
    """Ten real products of each kind, read by the importer from a file with given prices."""
    kinds = sorted({kind for basket in shopping() for kind in basket})
    chance = random.Random(1)
    lines = [["barcode", "name", "price", "tax", "category", "deposit"]]
    with PRODUCTS.open(encoding="utf-8", newline="") as file:
        for n, row in enumerate(csv.DictReader(file)):
            price = f"{chance.randrange(29, 1_500) / 100:.2f}"
            kind = kinds[n % len(kinds)]
            deposit = "0.25" if "water" in kind or "beer" in kind else ""
            lines.append([row["barcode"], row["name"], price, TAXES[n % 3], kind, deposit])
    text = "\n".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line) for line in lines)
    shelves: dict[str, list[Item]] = defaultdict(list)
    for item in read_catalog(text.encode(), Rules(tax_rates_bp=POLICY.tax_rates_bp)).items:
        if len(shelves[item.category]) < PRODUCTS_PER_KIND:
            shelves[item.category].append(item)
    assert all(len(shelves[kind]) == PRODUCTS_PER_KIND for kind in kinds)
    return shelves


def shopping() -> list[list[str]]:
    with BASKETS.open(encoding="utf-8", newline="") as file:
        return [[kind.strip() for kind in row if kind.strip()] for row in csv.reader(file)]


class Scan(NamedTuple):
    item: Item
    quantity: int


@dataclass
class Trolley:
    """One basket: what is scanned, what is taken back of it, whether a coupon is handed in."""

    scans: list[Scan]
    regretted: Item | None = None
    has_coupon: bool = False
    is_parked: bool = False

    @property
    def bought(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for scan in self.scans:
            counts[scan.item.item_id] += scan.quantity
        if self.regretted is not None:
            del counts[self.regretted.item_id]
        return counts


def trolleys(shelves: dict[str, list[Item]]) -> Iterator[Trolley]:
    chance = random.Random(2)
    for n, kinds in enumerate(shopping()):
        # Now and then two or three of a kind, as multi-buys are bought; some of the same, some of another make.
        scans = [
            Scan(chance.choice(shelves[kind]), chance.choice((1, 1, 1, 1, 2, 3)))
            for kind in kinds
            for _ in range(chance.choice((1, 1, 1, 1, 1, 2)))
        ]
        chance.shuffle(scans)
        is_regretful = n % 9 == 0 and len({scan.item.item_id for scan in scans}) > 1
        yield Trolley(
            scans,
            regretted=chance.choice(scans).item if is_regretful else None,
            has_coupon=n % 5 == 0,
            is_parked=n % 50 == 0,
        )


def walk(lane: Lane, attendant: Person, todo: Iterator[Trolley], done: dict[str, Trolley]) -> Walk:
    """One lane's day: each step is a command, its answer comes back in."""
    me = lane.identity
    for trolley in todo:
        basket_id, line_of = "", {}
        for n, (item, quantity) in enumerate(trolley.scans):
            if trolley.has_coupon and n == len(trolley.scans) // 2:
                yield c.ScanItem(code=COUPON), me
            reply = yield c.ScanItem(code=str(item.code), quantity=quantity), me
            basket_id, line_of[item.item_id] = reply.result["basket_id"], reply.result["line"]["line_id"]
        if trolley.regretted is not None:
            yield c.VoidLine(line_id=line_of[trolley.regretted.item_id]), me
        if trolley.is_parked:
            yield c.SuspendBasket(), me
            yield c.ResumeBasket(basket_id=basket_id), me
        asked = yield c.ChooseTender(tender=TenderKind.CASH), me
        received = asked.result["due_cents"] + 5
        yield c.ConfirmCash(basket_id=basket_id, received_cents=received), attendant.identity
        done[basket_id] = trolley  # the next customer scans while the receipt still shows


def replay(shop: Shop, walks: list[Walk]) -> int:
    """All lanes at once, each with its next command as soon as its last is answered; how many there were."""
    count = 0
    steps = {one: next(one) for one in walks}
    while steps:
        shop.clock.passes(1_000)
        waiting = [
            (one, shop.bus.submit(command, who, f"replay-{count + n}"))
            for n, (one, (command, who)) in enumerate(steps.items())
        ]
        count += len(waiting)
        steps = {}
        for one, future in waiting:
            reply = future.result(PATIENCE_S)
            assert reply.ok, reply
            try:
                steps[one] = one.send(reply)
            except StopIteration:
                continue
    return count


# -- what it must cost: from prices alone --


def half_up(cents: int, per_10_000: int) -> int:
    return (cents * per_10_000 + 5_000) // 10_000


def off_pieces(pieces: dict[str, list[int]], *, has_coupon: bool) -> int:
    """What the promotions on pieces save. `pieces` are prices by kind, dearest first."""
    milk, yogurt = pieces["whole milk"], pieces["yogurt"]
    saved = sum(max(0, milk[n] + milk[n + 1] - 600) for n in range(0, len(milk) - 1, 2))
    saved += sum(yogurt[2::3])
    saved += sum(half_up(price, 1_500) for kind in ("tropical fruit", "citrus fruit") for price in pieces[kind])
    saved += sum(max(0, a + b - 700) for a, b in zip(pieces["sausage"], pieces["rolls/buns"], strict=False))
    return saved + (sum(min(150, price) for price in pieces["coffee"]) if has_coupon else 0)


@dataclass
class Bill:
    """What one trolley must cost."""

    full_cents: int
    saved_cents: int
    deposit_cents: int
    pieces: int
    parts: dict[str, int] = field(default_factory=dict)

    @property
    def total_cents(self) -> int:
        return self.full_cents - self.saved_cents + self.deposit_cents


def bill(trolley: Trolley, items: dict[str, Item]) -> Bill:
    bought = trolley.bought
    prices: dict[str, list[int]] = defaultdict(list)
    for item_id, count in bought.items():
        prices[items[item_id].category] += [items[item_id].price_cents or 0] * count
    ranked = defaultdict(list, {kind: sorted(some, reverse=True) for kind, some in prices.items()})
    full = sum(sum(some) for some in prices.values())
    offered = full - sum(sum(prices[kind]) for kind in ("liquor", "newspapers"))
    saved = off_pieces(ranked, has_coupon=trolley.has_coupon)
    if offered >= 5_000:
        saved += half_up(offered - saved, 500)
    deposit = sum(items[item_id].deposit_cents * count for item_id, count in bought.items())
    return Bill(full, saved, deposit, sum(bought.values()))


# -- the books --


def journaled(shop: Shop) -> Iterator[dict[str, Any]]:
    """Every receipt as the exported journal has it: plain JSON, read without the program's own structs."""
    with shop.database.read() as conn:
        for row in journal.export(driver_of(conn)):
            if row["type"] == "basket_paid":
                yield json.loads(bytes(row["data"]))["receipt"]


def check_receipt(receipt: dict[str, Any], trolley: Trolley, owed: Bill) -> None:
    lines = [line for line in receipt["lines"] if not line.get("is_voided", False)]
    for line in lines:
        off = sum(one["amount_cents"] for one in line.get("discounts", ()))
        deposit = line.get("deposit_cents", 0)
        assert line["total_cents"] == line["quantity"] * line["unit_price_cents"] - off + deposit
        assert line["total_cents"] >= deposit >= 0
    assert receipt["total_cents"] == sum(line["total_cents"] for line in lines) == owed.total_cents, trolley
    assert {line["item_id"]: line["quantity"] for line in lines} == dict(trolley.bought)
    assert sum(one["amount_cents"] for line in lines for one in line.get("discounts", ())) == owed.saved_cents
    check_taxes(receipt["taxes"], lines)


def check_taxes(taxes: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    gross: Counter[str] = Counter()
    for line in lines:
        gross[line["tax_class"]] += line["total_cents"]
    assert {tax["tax_class"]: tax["gross_cents"] for tax in taxes} == dict(gross)
    exact = Fraction(0)
    for tax in taxes:
        assert tax["net_cents"] + tax["tax_cents"] == tax["gross_cents"]
        own = Fraction(tax["gross_cents"] * tax["tax_rate_bp"], 10_000 + tax["tax_rate_bp"])
        assert abs(tax["tax_cents"] - own) < 1
        exact += own
    assert sum(tax["tax_cents"] for tax in taxes) == int(exact + Fraction(1, 2))


@pytest.mark.timeout(300)  # 40 s on a quiet box of two cores; others may be at work on it
def test_a_month_of_real_baskets_is_reconciled_to_the_cent(tmp_path: Path) -> None:
    shelves = stock()
    items = {item.item_id: item for some in shelves.values() for item in some}
    shop = Shop(tmp_path, POLICY_HERE, HandClock())
    try:
        shop.stocks(tuple(items.values()))
        shop.runs(*OFFERS)
        attendant = Person(shop, "Ada", Role.ATTENDANT)
        todo, done = iter(trolleys(shelves)), dict[str, Trolley]()
        replay(shop, [walk(Lane(shop, f"lane{n}"), attendant, todo, done) for n in range(LANES)])
        reconcile(shop, done, items)
    finally:
        shop.closes()


def reconcile(shop: Shop, done: dict[str, Trolley], items: dict[str, Item]) -> None:
    bills = {basket_id: bill(trolley, items) for basket_id, trolley in done.items()}
    numbers, taxed = [], 0
    for receipt in journaled(shop):
        basket_id = receipt["basket_id"]
        check_receipt(receipt, done[basket_id], bills[basket_id])
        numbers.append(receipt["number"])
        taxed += sum(tax["gross_cents"] for tax in receipt["taxes"])
    owed = sum(one.total_cents for one in bills.values())
    assert numbers == list(range(1, len(shopping()) + 1))
    assert taxed == owed
    assert sum(one.saved_cents for one in bills.values()) > 1_000_000, "the promotions have acted"
    with shop.database.read() as conn:
        day = queries.takings(conn, "2026-11-20", POLICY_HERE.zone)
        rows = driver_of(conn).execute("SELECT sum(total_cents), count(*) FROM receipts").fetchone()
        tax_rows = driver_of(conn).execute("SELECT sum(gross_cents), sum(net_cents + tax_cents) FROM taxes").fetchone()
        sold = dict(driver_of(conn).execute("SELECT item_id, sold FROM items WHERE sold > 0"))
        coupons = driver_of(conn).execute("SELECT count(*) FROM coupons").fetchone()
    assert (day.total_cents, day.receipts) == (owed, len(bills)) == tuple(rows)
    assert sum(day.by_hour_cents) == sum(day.by_tender_cents.values()) == owed
    assert tuple(tax_rows) == (owed, owed)
    assert sold == dict(sum((trolley.bought for trolley in done.values()), Counter[str]()))
    assert coupons[0] == sum(trolley.has_coupon for trolley in done.values())
