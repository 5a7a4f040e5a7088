"""Promotions at the lane: shown with the scan that earns them, taken back with what goes back, fair to the clock."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from builders import BREAD, BULB, BURGER, CATALOG, COLA, MILK, MILK_CODE, POLICY, a_piece_of, an_item, an_offer
from shop import Lane, Person, Shop, Stall, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.promotion import Group, Promotion
from kiosk_server.store.repositories import driver_of

TWO_MILK = an_offer()
HALF_BREAD = an_offer("percent_off", a_piece_of(BREAD.item_id), percent_bp=5000)
COMBO = an_offer("combo", a_piece_of(MILK_CODE), a_piece_of(BULB.item_id), amount_cents=550)
HOUR_MS = 3_600_000


def happy(begins: int, ends: int) -> Promotion:
    """Two milk for 2.00 from one hour of the wall clock to another; the shop's clock stands at noon."""
    return an_offer(from_minute=begins * 60, until_minute=ends * 60)


def saved(basket: Basket) -> dict[str, int]:
    return {line.name: sum(off.amount_cents for off in line.discounts) for line in basket.lines if line.discounts}


# -- at the lane --


def test_second_bottle_makes_both_cheaper_in_one_commit(shop: Shop, lane3: Lane) -> None:
    shop.runs(TWO_MILK)
    lane3.scans(MILK)
    with shop.records("item_scanned"):
        answer = lane3.scans(MILK)
    (off,) = answer["line"]["discounts"]
    assert off == {"promotion_id": "multi_buy", "name": "2 for 2.00", "amount_cents": 58, "pieces": 2}
    assert answer["totals"] == {"items": 2, "total_cents": 200, "due_cents": 200, "saved_cents": 58}
    assert lane3.basket.totals.saved_cents == 58, "also after a reboot of the screen"


def test_another_line_that_becomes_cheaper_is_told_in_the_same_commit(shop: Shop, lane3: Lane) -> None:
    shop.runs(COMBO)
    lane3.scans(MILK)
    with shop.records("item_scanned", "promotions_applied"):
        lane3.scans(BULB)
    assert lane3.basket.totals.total_cents == 550
    with shop.records("line_voided", "promotions_applied"):
        answer = lane3.voids(2)
    assert answer["totals"]["total_cents"] == 129
    assert saved(lane3.basket) == {}


def test_line_that_no_promotion_knows_records_nothing_more(shop: Shop, lane3: Lane) -> None:
    shop.runs(TWO_MILK, HALF_BREAD)
    lane3.scans(MILK, quantity=2)
    with shop.records("item_scanned"):
        lane3.scans(BULB)
    with shop.records("line_voided"):
        lane3.voids(2)


def test_changed_quantity_changes_what_is_saved(shop: Shop, lane3: Lane) -> None:
    shop.runs(TWO_MILK)
    lane3.scans(MILK)
    assert lane3.changes(1, 5)["totals"]["saved_cents"] == 116
    assert lane3.changes(1, 1)["totals"]["saved_cents"] == 0


def test_receipt_names_the_offer_and_its_tax_is_of_what_is_paid(shop: Shop, lane3: Lane, attendant: Person) -> None:
    shop.runs(TWO_MILK)
    lane3.scans(MILK, quantity=2)
    receipt = attendant.takes_cash(lane3.pays()["basket_id"])
    assert receipt.total_cents == 200 == sum(tax.gross_cents for tax in receipt.taxes)
    assert [off.name for line in receipt.lines for off in line.discounts] == ["2 for 2.00"]


def test_offer_by_category_finds_its_items(shop: Shop, lane3: Lane) -> None:
    shop.stocks([an_item("rye", name="Rye bread", code="77", price_cents=300, category="Bakery")])
    shop.runs(an_offer("percent_off", Group(categories=("Bakery",)), percent_bp=1000))
    assert lane3.scans("77")["line"]["discounts"][0]["amount_cents"] == 30


def test_stall_order_takes_its_offer_too(shop: Shop, stall7: Stall) -> None:
    shop.runs(an_offer("combo", a_piece_of("burger"), a_piece_of("cola"), amount_cents=800))
    stall7.arrives()
    stall7.picks(BURGER)
    stall7.picks(COLA, "large")
    answer = stall7.orders()
    assert answer["due_cents"] == 880, "the larger size is paid beside the offer"


def test_price_override_is_offered_afresh(shop: Shop, lane3: Lane, manager: Person) -> None:
    shop.runs(HALF_BREAD)
    lane3.scans(BREAD)
    lane3.does(c.AskForPrice(line_id=1, unit_price_cents=199))
    (asked,) = shop.inbox()
    command = c.ResolveIntervention(intervention_id=asked.intervention_id, outcome=Outcome.APPROVED, note="shelf")
    manager.does(command)
    line = lane3.basket.lines[0]
    assert (line.unit_price_cents, line.total_cents, saved(lane3.basket)) == (199, 99, {"Bread": 100})


def test_fewer_of_a_multi_buy_is_taken_back_by_its_pieces(tmp_path: Path) -> None:
    shop = Shop(tmp_path, msgspec.structs.replace(POLICY, lane=LaneRules(void_limit_cents=300)))
    try:
        shop.stocks(CATALOG)
        shop.runs(an_offer("multi_buy", a_piece_of(MILK_CODE, quantity=10), amount_cents=500))
        lane = Lane(shop, "lane1")
        lane.scans(MILK, quantity=10)
        lane.changes(1, 6)  # dearer than all ten, and yet four bottles go back
        assert lane.basket.lines[0].quantity == 6
        with shop.records("intervention_raised", "terminal_moved"):
            lane.changes(1, 2)
        assert shop.inbox()[0].kind is InterventionKind.VOID_ABOVE_LIMIT
    finally:
        shop.closes()


# -- the clock --


def test_happy_hour_that_ends_while_shopping_stays(shop: Shop, lane3: Lane, attendant: Person) -> None:
    shop.runs(happy(11, 13))
    lane3.scans(MILK)
    shop.clock.passes(2 * HOUR_MS)
    lane3.scans(MILK)
    asked = lane3.pays()
    assert asked["due_cents"] == 200
    attendant.takes_cash(asked["basket_id"])
    lane3.scans(MILK, quantity=2)
    assert lane3.basket.totals.saved_cents == 0, "the next customer came too late"


def test_happy_hour_that_begins_while_shopping_counts_when_paying(shop: Shop, lane3: Lane) -> None:
    shop.runs(happy(13, 14))
    lane3.scans(MILK, quantity=2)
    assert lane3.basket.totals.total_cents == 258
    shop.clock.passes(HOUR_MS)
    with shop.records("promotions_applied", "tender_started", "intervention_raised", "terminal_moved"):
        assert lane3.pays()["due_cents"] == 200


def test_happy_hour_that_came_and_went_while_the_basket_was_parked_counts(shop: Shop, lane3: Lane) -> None:
    shop.runs(happy(13, 14))
    lane3.scans(MILK, quantity=2)
    parked = lane3.parks()
    shop.clock.passes(3 * HOUR_MS)
    with shop.records("basket_resumed", "terminal_moved", "promotions_applied"):
        lane3.resumes(parked)
    assert lane3.basket.totals.total_cents == 200


def test_promotion_ended_by_hand_ends_at_once(shop: Shop, lane3: Lane) -> None:
    shop.runs(TWO_MILK)
    lane3.scans(MILK, quantity=2)
    assert shop.runs(is_all=True)["ended"] == 1
    assert lane3.pays()["due_cents"] == 258


# -- coming into force --


def test_same_promotions_twice_change_nothing(shop: Shop) -> None:
    assert shop.runs(TWO_MILK, HALF_BREAD)["added"] == 2
    with shop.changes_nothing():
        assert shop.runs(TWO_MILK, HALF_BREAD)["unchanged"] == 2


def test_each_change_is_a_revision_and_old_ones_are_kept(shop: Shop, lane3: Lane) -> None:
    shop.runs(TWO_MILK)
    assert shop.runs(an_offer(amount_cents=150))["changed"] == 1
    lane3.scans(MILK, quantity=2)
    assert [off.revision for off in lane3.basket.lines[0].discounts] == [2]
    with shop.looks() as repositories:
        found = repositories.driver.execute("SELECT revision, is_latest FROM promotions ORDER BY revision").fetchall()
    assert found == [(1, 0), (2, 1)]


def test_ended_promotion_comes_back_as_a_new_revision(shop: Shop) -> None:
    shop.runs(TWO_MILK)
    shop.runs(is_all=True)
    assert shop.runs(TWO_MILK)["changed"] == 1
    with shop.looks() as repositories:
        assert repositories.book().by_id["multi_buy"].revision == 3


@pytest.mark.parametrize(
    "wrong",
    [
        an_offer(amount_cents=0),
        an_offer("percent_off", percent_bp=1000),
        an_offer(starts_on="2026-02-30"),
        an_offer(coupon="9912345678904"),
    ],
)
def test_wrong_promotion_keeps_all_of_them_out(shop: Shop, wrong: Promotion) -> None:
    with shop.changes_nothing(), refused("out_of_range"):
        shop.runs(HALF_BREAD, wrong)


def test_two_promotions_of_one_name_or_coupon_are_refused(shop: Shop) -> None:
    with shop.changes_nothing():
        with refused("bad_request"):
            shop.runs(TWO_MILK, an_offer(amount_cents=150))
        with refused("out_of_range", coupon="SUMMER"):
            shop.runs(an_offer(coupon="summer"), an_offer(coupon="SUMMER", promotion_id="other"))


def test_items_that_the_catalog_does_not_hold_are_named(shop: Shop) -> None:
    offer = an_offer("percent_off", a_piece_of("gone", BREAD.item_id), percent_bp=1000)
    assert shop.runs(offer)["unknown_items"] == ("gone",)


def test_nobody_but_this_machine_puts_promotions_in_force(shop: Shop, manager: Person) -> None:
    with refused("forbidden"):
        manager.does(c.ImportPromotions(promotions=(TWO_MILK,)))


# -- what it costs --


def statements(shop: Shop, act: Callable[[], object]) -> int:
    """How many statements the writer runs for one command."""
    driver = driver_of(shop.database.writer)
    count = 0

    def on_statement(_: str) -> None:
        nonlocal count
        count += 1

    driver.set_trace_callback(on_statement)
    act()
    driver.set_trace_callback(None)
    return count


def test_promotions_cost_a_scan_not_one_statement_more(shop: Shop, lane3: Lane) -> None:
    lane3.scans(BULB)
    lane3.scans(BULB)
    without = statements(shop, lambda: lane3.scans(BULB))
    shop.runs(TWO_MILK, HALF_BREAD)
    lane3.scans(BULB)
    lane3.scans(MILK)
    assert statements(shop, lambda: lane3.scans(BULB)) == without
    assert statements(shop, lambda: lane3.scans(MILK)) == without
