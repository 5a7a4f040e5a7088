"""Coupons: taken once, for a reason that is told, and given back with what they took off."""

import pytest
from builders import BREAD, BULB, MILK, a_piece_of, an_offer
from shop import Lane, Person, Shop, refused

from kiosk_server.domain.promotion import Promotion

COUPON = "9912345678909"
OTHER = "9900000000004"
SERIAL_GCN = "]C125540063813339310042"  # AI 255, 13 digits and the serial number 0042
HOUR_MS = 3_600_000


def half_bread(**changes: object) -> Promotion:
    plain: dict[str, object] = {"percent_bp": 5000, "coupon": COUPON, "name": "Half a loaf"}
    return an_offer("percent_off", a_piece_of(BREAD.item_id), **{**plain, **changes})


def test_coupon_takes_off_what_its_promotion_says(shop: Shop, lane3: Lane, attendant: Person) -> None:
    shop.runs(half_bread())
    assert lane3.scans(BREAD)["totals"]["saved_cents"] == 0, "without the coupon there is no offer"
    with shop.records("coupon_taken", "promotions_applied"):
        answer = lane3.scans(COUPON)
    assert answer["coupon"] == {"code": COUPON, "promotion_id": "percent_off", "name": "Half a loaf"}
    assert (answer["saved_cents"], answer["totals"]["total_cents"]) == (125, 124)
    receipt = attendant.takes_cash(lane3.pays()["basket_id"])
    assert [(off.name, off.coupon) for line in receipt.lines for off in line.discounts] == [("Half a loaf", COUPON)]


def test_coupon_that_nothing_goes_with_yet_is_held_and_said(shop: Shop, lane3: Lane) -> None:
    shop.runs(half_bread())
    with shop.records("day_opened", "basket_opened", "coupon_taken", "terminal_moved"):
        answer = lane3.scans(COUPON)
    assert answer["saved_cents"] == 0
    assert [held.code for held in lane3.basket.coupons] == [COUPON], "also after a reboot of the screen"
    assert lane3.scans(BREAD)["totals"]["saved_cents"] == 125
    assert lane3.voids(1)["totals"]["saved_cents"] == 0
    assert lane3.scans(BREAD)["totals"]["saved_cents"] == 125, "the coupon waited for the next loaf"


def test_second_scan_of_a_coupon_is_refused_and_counts_once(shop: Shop, lane3: Lane) -> None:
    shop.runs(half_bread())
    lane3.scans(BREAD)
    lane3.scans(COUPON)
    with shop.changes_nothing(), refused("coupon_not_taken", reason="held"):
        lane3.scans(COUPON)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"coupon": OTHER}, "unknown"),
        ({"ends_on": "2026-11-19"}, "not_now"),
        ({"starts_on": "2026-11-21"}, "not_now"),
        ({"from_minute": 13 * 60, "until_minute": 14 * 60}, "not_now"),
        ({"is_ended": True}, "ended"),
    ],
)
def test_refusal_of_a_coupon_says_why(shop: Shop, lane3: Lane, changes: dict[str, object], reason: str) -> None:
    shop.runs(half_bread(**changes))
    lane3.scans(BREAD)
    with shop.changes_nothing(), refused("coupon_not_taken", reason=reason):
        lane3.scans(COUPON)


def test_coupon_of_an_empty_lane_that_is_refused_opens_no_basket(shop: Shop, lane3: Lane) -> None:
    with shop.changes_nothing(), refused("coupon_not_taken", reason="unknown"):
        lane3.scans(COUPON)
    assert not lane3.has_basket


def test_coupon_is_good_for_every_customer(shop: Shop, lane3: Lane, attendant: Person) -> None:
    shop.runs(half_bread())
    for _ in range(2):
        lane3.scans(COUPON)
        lane3.scans(BREAD)
        assert attendant.takes_cash(lane3.pays()["basket_id"]).total_cents == 124


def test_coupon_with_a_serial_number_is_used_once(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane4 = Lane(shop, "lane4")
    shop.runs(half_bread(coupon="]C12554006381333931"))
    lane3.scans(BREAD)
    lane3.scans(SERIAL_GCN)
    with shop.changes_nothing(), refused("coupon_not_taken", reason="elsewhere"):
        lane4.scans(SERIAL_GCN)
    attendant.takes_cash(lane3.pays()["basket_id"])
    with shop.changes_nothing(), refused("coupon_not_taken", reason="used"):
        lane4.scans(SERIAL_GCN)
    lane4.scans(SERIAL_GCN[:-1] + "3")  # its neighbour in the book of coupons


def test_coupon_that_took_nothing_off_is_not_used_up(shop: Shop, lane3: Lane, attendant: Person) -> None:
    shop.runs(half_bread(coupon="]C12554006381333931"))
    lane3.scans(BULB)
    lane3.scans(SERIAL_GCN)
    attendant.takes_cash(lane3.pays()["basket_id"])
    lane3.scans(BREAD)
    assert lane3.scans(SERIAL_GCN)["saved_cents"] == 125


def test_coupon_of_a_basket_that_came_to_nothing_is_free_again(shop: Shop, lane3: Lane) -> None:
    shop.runs(half_bread(coupon="]C12554006381333931"))
    lane3.scans(SERIAL_GCN)
    lane3.voids_all()
    lane3.scans(SERIAL_GCN)


def test_customer_takes_a_coupon_back(shop: Shop, lane3: Lane) -> None:
    shop.runs(half_bread())
    lane3.scans(BREAD)
    lane3.scans(COUPON)
    with shop.records("coupon_returned", "promotions_applied"):
        answer = lane3.takes_coupon_back(COUPON)
    assert answer["is_returned"]
    assert answer["totals"]["saved_cents"] == 0
    with shop.changes_nothing(), refused("not_found"):
        lane3.takes_coupon_back(COUPON)
    assert lane3.scans(COUPON)["saved_cents"] == 125


def test_coupon_is_refused_while_paying(shop: Shop, lane3: Lane) -> None:
    shop.runs(half_bread())
    lane3.scans(BREAD)
    lane3.pays()
    with shop.changes_nothing(), refused("wrong_state", state="tendering"):
        lane3.scans(COUPON)


def test_word_of_the_store_is_a_coupon_in_any_spelling(shop: Shop, lane3: Lane) -> None:
    shop.runs(half_bread(coupon="Summer10"))
    lane3.scans(BREAD)
    assert lane3.scans("SUMMER10")["saved_cents"] == 125
    with refused("coupon_not_taken", reason="held"):
        lane3.scans("summer10")
    with refused("unknown_item"):
        lane3.scans("winter10")


def test_coupon_moves_with_a_parked_basket(shop: Shop, lane3: Lane) -> None:
    lane4 = Lane(shop, "lane4")
    shop.runs(half_bread())
    lane3.scans(COUPON)
    lane3.scans(MILK)
    parked = lane3.parks()
    lane4.resumes(parked)
    assert lane4.scans(BREAD)["totals"]["saved_cents"] == 125
