"""What promotions make of a basket: the cheapest price there is, to the cent on every line, whatever the order."""

import random
from typing import Any

import msgspec
import pytest
from best_price_oracle import cheapest
from builders import POLICY, a_basket, a_fuel, a_group, a_menu_item, a_modifier, an_item
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_server.domain import basket as baskets
from kiosk_server.domain.basket import Basket, HeldCoupon, fuel_line, price_cents, sum_up
from kiosk_server.domain.best_price import Membership, Pile, Steps, best_deals
from kiosk_server.domain.catalog import choose
from kiosk_server.domain.offers import Terms, apply, reprice, share
from kiosk_server.domain.promotion import Book, Group, Promotion, PromotionKind, faults, runs_at
from kiosk_server.domain.tax import tax_lines

NOON_MS = 1_795_172_400_000  # Friday 2026-11-20, noon in Berlin
RATES = ("standard", "reduced", "zero")

PRICES = {"a1": 170, "a2": 99, "a3": 170, "b1": 250, "b2": 35, "c1": 119, "d1": 640}
ITEMS = {
    name: an_item(name, price_cents=cents, category=name[0], tax_class=RATES[n % 3], deposit_cents=25 * (name == "c1"))
    for n, (name, cents) in enumerate(PRICES.items())
}
CATEGORIES = {name: name[0] for name in ITEMS}


def an_offer(kind: str, *groups: Group, **fields: Any) -> Promotion:
    fields = {"promotion_id": f"{kind}-{fields.get('amount_cents', 0)}", "name": kind, **fields}
    return Promotion(kind=PromotionKind(kind), groups=groups, **fields)


def items(*names: str, quantity: int = 1) -> Group:
    return Group(items=names, quantity=quantity)


def terms(*offers: Promotion, now_ms: int = NOON_MS) -> Terms:
    return Terms(Book(offers), POLICY, now_ms, lambda item_id: CATEGORIES.get(item_id, ""))


def filled(*scans: tuple[str, int], opened_at: int = 0) -> Basket:
    basket = a_basket(opened_at=opened_at)
    for name, quantity in scans:
        basket, _ = baskets.add(basket, ITEMS[name], POLICY, quantity)
    return basket


def saved(basket: Basket) -> dict[str, int]:
    return {line.item_id: sum(d.amount_cents for d in line.discounts) for line in basket.lines if line.discounts}


two_for_three = an_offer("multi_buy", items("a1", quantity=2), amount_cents=300, name="2 for 3.00")


# -- each kind, by example --


@pytest.mark.parametrize(
    ("offer", "scans", "expected"),
    [
        (two_for_three, [("a1", 1)], {}),
        (two_for_three, [("a1", 2)], {"a1": 40}),
        (two_for_three, [("a1", 5)], {"a1": 80}),
        (an_offer("percent_off", items("a1"), percent_bp=1000), [("a1", 3), ("b1", 1)], {"a1": 51}),
        (an_offer("amount_off", items("b2"), amount_cents=50), [("b2", 2)], {"b2": 70}),
        (an_offer("fixed_price", items("a1", "a2"), amount_cents=100), [("a1", 1), ("a2", 1)], {"a1": 70}),
        (
            an_offer("buy_get", items("a1", "b1", quantity=2), free_quantity=1, percent_bp=10_000),
            [("a1", 1), ("b1", 2)],
            {"a1": 43, "b1": 127},
        ),
        (
            an_offer("combo", items("a1", "a2"), items("b1"), items("c1"), amount_cents=400),
            [("a1", 1), ("a2", 1), ("b1", 1), ("c1", 1)],
            {"a1": 44, "b1": 64, "c1": 31},
        ),
        (
            an_offer("multi_buy", Group(categories=("a",), quantity=3), amount_cents=400),
            [("a1", 2), ("a2", 1)],
            {"a1": 30, "a2": 9},
        ),
        (an_offer("basket_percent", percent_bp=1000, threshold_cents=500), [("b1", 2)], {"b1": 50}),
        (an_offer("basket_percent", percent_bp=1000, threshold_cents=501), [("b1", 2)], {}),
        (an_offer("basket_amount", amount_cents=500, threshold_cents=200), [("b1", 1)], {"b1": 250}),
    ],
)  # fmt: skip
def test_offer_takes_off_what_it_says(offer: Promotion, scans: Any, expected: dict[str, int]) -> None:
    assert faults(offer) == []
    assert saved(apply(filled(*scans), terms(offer))) == expected


def test_limit_holds_for_bundles_and_for_pieces() -> None:
    bundle = msgspec.structs.replace(two_for_three, limit=1)
    piece = an_offer("percent_off", items("a1"), percent_bp=5000, limit=2)
    assert saved(apply(filled(("a1", 6)), terms(bundle))) == {"a1": 40}
    assert saved(apply(filled(("a1", 6)), terms(piece))) == {"a1": 170}


def test_piece_takes_part_in_one_offer_and_the_best_one_wins() -> None:
    half = an_offer("percent_off", items("a1"), percent_bp=1000)
    combo = an_offer("combo", items("a1"), items("b1"), amount_cents=400)
    basket = apply(filled(("a1", 3), ("b1", 1)), terms(two_for_three, half, combo))
    # Two for 3.00 save 0.40, the combo with the third 0.20; three times ten percent would be 0.51.
    assert basket.totals.saved_cents == 60
    assert {d.promotion_id for line in basket.lines for d in line.discounts} == {"multi_buy-300", "combo-400"}
    without_b = apply(filled(("a1", 3)), terms(two_for_three, half, combo))
    assert without_b.totals.saved_cents == 57, "the third piece takes the ten percent"


def test_basket_offer_comes_after_and_its_threshold_looks_at_full_prices() -> None:
    tenth = an_offer("basket_percent", percent_bp=1000, threshold_cents=340)
    basket = apply(filled(("a1", 2)), terms(two_for_three, tenth))
    assert [d.amount_cents for d in basket.lines[0].discounts] == [40, 30]


def test_of_exclusive_offers_the_better_one_acts() -> None:
    five = an_offer("basket_amount", amount_cents=50, exclusive="basket")
    tenth = an_offer("basket_percent", percent_bp=1000, exclusive="basket")
    assert apply(filled(("b1", 1)), terms(five, tenth)).totals.saved_cents == 50
    assert apply(filled(("b1", 3)), terms(five, tenth)).totals.saved_cents == 75
    free = msgspec.structs.replace(tenth, exclusive="")
    assert apply(filled(("b1", 1)), terms(five, free)).totals.saved_cents == 50 + 20, (
        "ten percent of what is left, and without the word both act"
    )


def test_excluded_goods_are_in_no_offer() -> None:
    tobacco = an_offer("excluded", Group(categories=("b",)))
    everything = an_offer("percent_off", Group(), percent_bp=5000)
    tenth = an_offer("basket_percent", percent_bp=1000, threshold_cents=200)
    assert saved(apply(filled(("b1", 4), ("c1", 1)), terms(tobacco, everything, tenth))) == {"c1": 60}


def test_deposit_is_charged_on_each_piece_and_never_discounted() -> None:
    basket = apply(filled(("c1", 2)), terms(an_offer("percent_off", items("c1"), percent_bp=10_000)))
    line = basket.lines[0]
    assert (line.deposit_cents, line.total_cents, price_cents(line)) == (50, 50, 238)
    assert tax_lines(basket.lines)[0].gross_cents == 50, "taxed as the goods it belongs to"
    basket, line = baskets.change_quantity(basket, 1, 3)
    assert (line.deposit_cents, line.discounts) == (75, ())


def test_weighed_goods_take_percentages_only() -> None:
    weighed = filled(("a1", 1))
    line = msgspec.structs.replace(weighed.lines[0], weight_g=742, price_per_kg_cents=199, total_cents=148)
    basket = msgspec.structs.replace(weighed, lines=(line,), totals=sum_up((line,)))
    assert saved(apply(basket, terms(an_offer("percent_off", items("a1"), percent_bp=1000)))) == {"a1": 15}
    assert saved(apply(basket, terms(an_offer("fixed_price", items("a1"), amount_cents=1)))) == {}


def test_choices_are_paid_in_full_beside_the_offer() -> None:
    cola = a_menu_item("cola", price_cents=250, modifier_groups=(a_group(a_modifier("large", 80)),))
    basket, _ = baskets.add(a_basket(), cola, POLICY, 2, choose(cola, ("large",)))
    basket = apply(basket, terms(an_offer("fixed_price", items("cola"), amount_cents=200)))
    assert basket.totals.total_cents == 2 * (200 + 80)


def test_fuel_is_in_no_offer() -> None:
    line = fuel_line(a_fuel(), POLICY, volume_ml=10_000, unit_price_mills=1_799)
    basket = a_basket(line)
    assert apply(basket, terms(an_offer("basket_percent", percent_bp=5000))) is basket


# -- when --


@pytest.mark.parametrize(
    ("fields", "local", "runs"),
    [
        ({"starts_on": "2026-11-20", "ends_on": "2026-11-20"}, 0, True),
        ({"ends_on": "2026-11-19"}, 0, False),
        ({"starts_on": "2026-11-21"}, 0, False),
        ({"weekdays": (5,)}, 0, True),
        ({"weekdays": (6, 7)}, 0, False),
        ({"from_minute": 12 * 60, "until_minute": 13 * 60}, 0, True),
        ({"from_minute": 12 * 60, "until_minute": 13 * 60}, 60, False),
        ({"from_minute": 13 * 60, "until_minute": 12 * 60}, 0, False),
        ({"from_minute": 22 * 60, "until_minute": 2 * 60}, 13 * 60, True),
        # 0.30 h on Saturday: with a day that begins at 4 it is still Friday
        ({"weekdays": (5,), "from_minute": 22 * 60, "until_minute": 2 * 60}, 12 * 60 + 30, True),
        ({"is_ended": True}, 0, False),
    ],
)
def test_offer_runs_by_business_day_and_wall_clock(fields: dict[str, Any], local: int, runs: bool) -> None:
    policy = msgspec.structs.replace(POLICY, day_starts_at_h=4)
    offer = msgspec.structs.replace(two_for_three, **fields)
    assert runs_at(offer, NOON_MS + local * 60_000, policy) is runs


@pytest.mark.parametrize("day_starts_at_h", [0, 4])
@pytest.mark.parametrize("hours", [-11.5, 9.5, 10, 12.5, 14, 34.5])  # from Friday noon
def test_night_belongs_to_the_day_on_which_it_began(day_starts_at_h: int, hours: float) -> None:
    policy = msgspec.structs.replace(POLICY, day_starts_at_h=day_starts_at_h)
    friday, runs = "2026-11-20", 10 <= hours < 14
    for when in ({"weekdays": (5,)}, {"starts_on": friday, "ends_on": friday}):
        offer = msgspec.structs.replace(two_for_three, from_minute=22 * 60, until_minute=2 * 60, **when)
        assert runs_at(offer, NOON_MS + round(hours * 3_600_000), policy) is runs


def test_offer_that_ran_when_the_basket_was_opened_stays_in_it() -> None:
    happy = msgspec.structs.replace(two_for_three, from_minute=11 * 60, until_minute=12 * 60)
    hour = 3_600_000
    assert saved(apply(filled(("a1", 2), opened_at=NOON_MS - hour // 2), terms(happy))) == {"a1": 40}
    assert saved(apply(filled(("a1", 2), opened_at=NOON_MS), terms(happy))) == {}


def test_coupon_opens_its_promotion_for_the_basket_that_holds_it() -> None:
    offer = msgspec.structs.replace(two_for_three, coupon="9912345678903")
    basket = filled(("a1", 2))
    assert apply(basket, terms(offer)) is basket
    held = HeldCoupon(code=offer.coupon, promotion_id=offer.promotion_id, name=offer.name)
    assert saved(apply(msgspec.structs.replace(basket, coupons=(held,)), terms(offer))) == {"a1": 40}


# -- always --

names = st.sampled_from(sorted(ITEMS))
scans = st.lists(st.tuples(names, st.integers(1, 4)), min_size=1, max_size=6)
groups = st.one_of(
    st.lists(names, min_size=1, max_size=3, unique=True).map(lambda some: Group(items=tuple(some))),
    st.sampled_from("abcd").map(lambda one: Group(categories=(one,))),
)


@st.composite
def promotions(draw: st.DrawFn) -> Promotion:
    kind = draw(st.sampled_from([one for one in PromotionKind if one is not PromotionKind.EXCLUDED]))
    fields: dict[str, Any] = {"limit": draw(st.sampled_from((0, 0, 1, 2)))}
    if kind.value.startswith("basket"):
        fields = {"threshold_cents": draw(st.sampled_from((0, 300, 700)))}
    if kind in {PromotionKind.PERCENT_OFF, PromotionKind.BUY_GET, PromotionKind.BASKET_PERCENT}:
        fields["percent_bp"] = draw(st.sampled_from((333, 1000, 2500, 5000, 10_000)))
    else:
        fields["amount_cents"] = draw(st.sampled_from((1, 33, 99, 149, 200, 300, 450)))
    parts: list[Group] = []
    if kind is PromotionKind.COMBO:
        parts = draw(st.lists(groups, min_size=2, max_size=3))
    elif not kind.value.startswith("basket"):
        parts = [draw(groups)]
    if kind in {PromotionKind.MULTI_BUY, PromotionKind.BUY_GET}:
        parts = [msgspec.structs.replace(parts[0], quantity=draw(st.integers(2, 3)))]
    if kind is PromotionKind.BUY_GET:
        fields["free_quantity"] = draw(st.integers(1, 2))
    name = f"p{draw(st.integers(0, 999))}"
    return Promotion(promotion_id=name, name=name, kind=kind, groups=tuple(parts), **fields)


books = st.lists(promotions(), max_size=4, unique_by=lambda one: one.promotion_id)


@given(scans, books)
@settings(deadline=None)
def test_no_way_to_bundle_is_cheaper_than_the_price_found(scan: Any, offers: list[Promotion]) -> None:
    scan = scan[:3]
    assert all(faults(offer) == [] for offer in offers)
    basket = apply(filled(*((name, min(2, quantity)) for name, quantity in scan)), terms(*offers))
    pieces = [(line.unit_price_cents, line.item_id) for line in basket.lines for _ in range(line.quantity)]
    assert basket.totals.total_cents - sum(line.deposit_cents for line in basket.lines) == cheapest(pieces, offers)


@given(scans, books)
def test_total_is_the_sum_of_lines_none_below_its_deposit(scan: Any, offers: list[Promotion]) -> None:
    basket = apply(filled(*scan), terms(*offers))
    assert basket.totals == sum_up(basket.lines)
    for line in basket.lines:
        off = sum(discount.amount_cents for discount in line.discounts)
        assert line.total_cents == line.quantity * line.unit_price_cents - off + line.deposit_cents
        assert line.total_cents >= line.deposit_cents
        assert all(discount.amount_cents > 0 for discount in line.discounts)
        assert all(0 <= discount.pieces <= line.quantity for discount in line.discounts)
        assert sum(discount.pieces for discount in line.discounts) <= line.quantity, "a piece is in one offer at most"
    assert sum(tax.gross_cents for tax in tax_lines(basket.lines)) == basket.totals.total_cents


def by_item(basket: Basket) -> dict[str, tuple[int, tuple[object, ...]]]:
    return {line.item_id: (line.total_cents, line.discounts) for line in basket.lines if not line.is_voided}


@given(scans, books, st.randoms())
def test_order_of_scanning_does_not_matter_to_any_line(scan: Any, offers: list[Promotion], chance: Any) -> None:
    other = list(scan)
    chance.shuffle(other)
    shuffled = list(offers)
    chance.shuffle(shuffled)
    assert by_item(apply(filled(*scan), terms(*offers))) == by_item(apply(filled(*other), terms(*shuffled)))


@given(scans, books, promotions())
def test_one_more_promotion_never_makes_a_basket_dearer(scan: Any, offers: list[Promotion], more: Promotion) -> None:
    offers = [offer for offer in offers if offer.promotion_id != more.promotion_id]
    basket = filled(*scan)
    less, with_it = apply(basket, terms(*offers)), apply(basket, terms(*offers, more))
    assert with_it.totals.total_cents <= less.totals.total_cents <= basket.totals.total_cents


@given(scans, scans, books)
def test_what_is_taken_back_was_never_there(scan: Any, regretted: Any, offers: list[Promotion]) -> None:
    """Step by step, as the till does it, with only what each step is told to price again."""
    under = terms(*offers)
    kept, mistaken = a_basket(), a_basket()

    def put(basket: Basket, name: str, quantity: int) -> Basket:
        after, line = baskets.add(basket, ITEMS[name], POLICY, quantity)
        return reprice(basket, after, line.line_id, under)[0]

    for name, quantity in scan:
        kept, mistaken = put(kept, name, quantity), put(mistaken, name, quantity)
    for name, quantity in regretted:
        mistaken = put(mistaken, name, quantity)
    for line in mistaken.lines:
        wanted = sum(quantity for name, quantity in scan if name == line.item_id)
        if wanted:
            after, _ = baskets.change_quantity(mistaken, line.line_id, wanted)
        else:
            after, _ = baskets.void_line(mistaken, line.line_id)
        mistaken = reprice(mistaken, after, line.line_id, under)[0]
    assert by_item(mistaken) == by_item(kept)
    assert mistaken.totals == kept.totals
    assert by_item(kept) == by_item(apply(filled(*scan), under)), "one by one or all at once"


@given(st.integers(0, 1000), st.lists(st.integers(0, 500), max_size=8))
def test_share_loses_no_cent_and_none_gets_more_than_its_own(cents: int, weights: list[int]) -> None:
    cents = min(cents, sum(weights))
    parts = share(cents, weights)
    assert sum(parts) == cents
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


# -- large --


def a_supermarket(chance: random.Random, *, lines: int, offers: int) -> tuple[Basket, Terms]:
    """A trolley of `lines` different items and `offers` promotions, each over a dozen items, neighbours overlapping."""
    shelf = [f"i{n:03}" for n in range(lines)]
    found = []
    for n in range(offers):
        start = n * (lines // offers)
        names = tuple(shelf[start : start + 15])
        kind = ("multi_buy", "percent_off", "buy_get", "combo", "fixed_price")[n % 5]
        fields: dict[str, Any] = {"promotion_id": f"p{n}", "name": f"offer {n}"}
        parts = [items(*names)]
        if kind in {"multi_buy", "buy_get"}:
            parts = [items(*names, quantity=2)]
        if kind == "combo":
            parts = [items(*names[:7]), items(*names[7:])]
        if kind in {"percent_off", "buy_get"}:
            fields["percent_bp"] = 2500
        else:
            fields["amount_cents"] = 300
        if kind == "buy_get":
            fields["free_quantity"] = 1
        found.append(an_offer(kind, *parts, **fields))
    basket = a_basket()
    for name in shelf:
        item = an_item(name, price_cents=chance.randrange(50, 900))
        basket, _ = baskets.add(basket, item, POLICY, chance.randrange(1, 4))
    return basket, Terms(Book(found), POLICY, NOON_MS, lambda _: "")


def test_large_basket_is_priced_alike_in_any_order_and_to_the_cent() -> None:
    basket, under = a_supermarket(random.Random(6), lines=500, offers=50)
    priced = apply(basket, under)
    backwards = a_basket()
    for line in reversed(basket.lines):
        item = an_item(line.item_id, price_cents=line.unit_price_cents)
        backwards, _ = baskets.add(backwards, item, POLICY, line.quantity)
    assert by_item(apply(backwards, under)) == by_item(priced)
    assert priced.totals.saved_cents > 0


def piles_of(scan: Any, offers: list[Promotion]) -> list[Pile]:
    found = []
    for name, quantity in sorted(scan):
        parts = [
            Membership(offer, tuple(n for n, group in enumerate(offer.groups) if group.holds(name, name[0])))
            for offer in sorted(offers, key=lambda one: one.promotion_id)
        ]
        found.append(Pile(PRICES[name], quantity, tuple(part for part in parts if part.groups)))
    return found


@given(scans, books)
def test_out_of_patience_it_is_never_dearer_than_any_offer_alone(scan: Any, offers: list[Promotion]) -> None:
    def saves(offers: list[Promotion], steps: int) -> int:
        return sum(deal.saved_cents for deal in best_deals(piles_of(scan, offers), Steps(steps)))

    hurried = saves(offers, 0)
    assert hurried <= saves(offers, 100_000)
    for offer in offers:
        assert hurried >= saves([offer], 0)
