"""What is recalled while it is being paid: no new money is taken for it, and a card at the reader is left alone."""

from builders import BREAD, DIESEL, MILK
from msgspec.structs import replace
from readers import Reader
from shop import Lane, Person, Pump, Shop, Stall, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain import gift
from kiosk_server.domain.payment import State, TenderKind
from kiosk_server.domain.staff import Role

NUMBER = gift.draw_number("a birthday", b"of the tests")


def recalls(shop: Shop) -> None:
    shop.stocks([replace(MILK, is_withdrawn=True)])


def fills(lane: Lane) -> None:
    lane.scans(MILK)
    lane.scans(BREAD)


def test_cash_for_it_is_not_taken_and_the_rest_is_sold(shop: Shop, lane3: Lane, attendant: Person) -> None:
    fills(lane3)
    basket_id = lane3.pays()["basket_id"]
    recalls(shop)
    with shop.changes_nothing(), refused("not_for_sale", reason="withdrawn", line_id=1):
        attendant.takes_cash(basket_id)
    lane3.goes_back()
    lane3.voids(1)
    lane3.pays()
    assert attendant.takes_cash(basket_id).total_cents == 249


def test_second_try_is_not_begun(shop: Shop, lane3: Lane) -> None:
    fills(lane3)
    first = lane3.pays_by_card()
    recalls(shop)
    with shop.changes_nothing():
        assert lane3.pays_by_card() == first, "the second tap of what runs already is no second try"
    Reader(shop).declines(first)
    with shop.changes_nothing():
        with refused("not_for_sale", reason="withdrawn", line_id=1):
            lane3.pays_by_card()
        with refused("not_for_sale", reason="withdrawn", line_id=1):
            lane3.pays()


def test_gift_card_keeps_its_money(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(BREAD)
    Person(shop, "Cleo", Role.CASHIER).sells_gift(lane3.basket.basket_id, 2000, NUMBER)
    attendant.takes_cash(lane3.pays()["basket_id"])
    lane3.finishes()
    fills(lane3)
    lane3.does(c.ChooseTender(tender=TenderKind.GIFT))
    recalls(shop)
    with shop.changes_nothing(), refused("not_for_sale", reason="withdrawn", line_id=1):
        lane3.does(c.RedeemGift(number="", number_hash=gift.hash_of(NUMBER)))
    assert shop.gift_cents(NUMBER) == 2000


def test_part_that_was_paid_goes_back_with_the_customer(shop: Shop, lane3: Lane) -> None:
    fills(lane3)
    part = lane3.pays_by_card(100)
    Reader(shop).approves(part)
    recalls(shop)
    with shop.changes_nothing(), refused("not_for_sale", reason="withdrawn"):
        lane3.pays_by_card()
    lane3.goes_back()
    assert shop.payment(part).state is State.REVERSING


def test_card_at_the_reader_is_not_pulled_back(shop: Shop, lane3: Lane) -> None:
    fills(lane3)
    payment_id = lane3.pays_by_card()
    recalls(shop)
    assert Reader(shop).approves(payment_id).state is State.CAPTURED
    assert lane3.state == "receipt"


def test_order_is_neither_paid_nor_made(shop: Shop, stall7: Stall, attendant: Person) -> None:
    stall7.picks(MILK)
    basket_id = stall7.orders()["basket_id"]
    recalls(shop)
    with shop.changes_nothing():
        with refused("not_for_sale", reason="withdrawn"):
            attendant.takes_cash(basket_id)
        with refused("not_for_sale", reason="withdrawn"):
            attendant.releases(basket_id)


def test_order_that_is_made_already_is_paid(shop: Shop, stall7: Stall, attendant: Person) -> None:
    stall7.picks(MILK)
    basket_id = stall7.orders()["basket_id"]
    attendant.releases(basket_id)
    recalls(shop)
    assert attendant.takes_cash(basket_id).total_cents == 129


def test_fuel_in_the_tank_is_paid(shop: Shop, pump1: Pump, attendant: Person) -> None:
    basket_id = pump1.fuels(attendant)
    shop.stocks([replace(DIESEL, is_withdrawn=True)])
    assert attendant.takes_cash(basket_id).total_cents == 3598
