"""Gift cards: sold as a line, worth their money once it is paid, redeemed in whole or in part, never below zero."""

import msgspec
import pytest
from builders import BREAD, BULB, MILK
from readers import Reader
from shop import PATIENCE_S, Lane, Person, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain import gift
from kiosk_server.domain.payment import Payment, State, TenderKind
from kiosk_server.domain.staff import Role

NUMBER = gift.draw_number("a birthday", b"of the tests")
OTHER = gift.draw_number("a wedding", b"of the tests")


@pytest.fixture
def reader(shop: Shop) -> Reader:
    return Reader(shop)


@pytest.fixture
def cashier(shop: Shop) -> Person:
    return Person(shop, "Cleo", Role.CASHIER)


def loads(lane: Lane, cashier: Person, cents: int, number: str = NUMBER) -> None:
    """A customer buys a gift card with so much on it."""
    lane.scans(MILK)
    cashier.sells_gift(lane.basket.basket_id, cents, number)
    cashier.takes_cash(lane.pays()["basket_id"])
    lane.finishes()


def checks(somebody: Lane | Person, number: str = NUMBER) -> int:
    return int(somebody.does(c.CheckGift(number="", number_hash=gift.hash_of(number)))["balance_cents"])


def test_card_is_worth_its_money_once_it_is_paid(shop: Shop, lane3: Lane, cashier: Person) -> None:
    lane3.scans(MILK)
    sold = cashier.sells_gift(lane3.basket.basket_id, 2_000, NUMBER)
    assert sold["totals"]["total_cents"] == 2_129
    assert shop.gift_cents(NUMBER) == 0

    receipt = cashier.takes_cash(lane3.pays()["basket_id"])
    assert shop.gift_cents(NUMBER) == 2_000
    assert checks(lane3) == checks(cashier) == 2_000
    taxed = sum(tax.gross_cents for tax in receipt.taxes if tax.tax_rate_bp)
    assert taxed == 129, "a gift card is taxed when it is spent"


def test_number_reaches_neither_journal_nor_screens(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 2_000)
    lane3.scans(BREAD)
    lane3.pays_by_gift(NUMBER)
    written = shop.database.path.read_bytes() + shop.database.path.with_name("store.db-wal").read_bytes()
    assert NUMBER.encode() not in written
    assert NUMBER[-4:] in repr([entry.event for entry in shop.entries()])


def test_customer_pays_with_a_gift_card(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 2_000)
    lane3.scans(BULB)
    paid = lane3.pays_by_gift(NUMBER)
    assert (paid.kind, paid.amount_cents, paid.masked) == (TenderKind.GIFT, 499, gift.masked_of(NUMBER))
    assert shop.gift_cents(NUMBER) == 1_501
    assert (lane3.state, shop.receipt(2).tender) == ("receipt", TenderKind.GIFT)


def test_second_tap_takes_nothing_more(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 2_000)
    lane3.scans(BULB)
    lane3.pays_by_gift(NUMBER, key="tap")
    order = c.RedeemGift(number="", number_hash=gift.hash_of(NUMBER))
    with shop.changes_nothing():
        lane3.does(order, "tap")
        with refused("wrong_state", receipt_number=2):
            lane3.does(order)
    assert shop.gift_cents(NUMBER) == 1_501


def test_small_card_pays_a_part_and_others_the_rest(shop: Shop, lane3: Lane, cashier: Person, reader: Reader) -> None:
    """4.99 + 2.49: 1.00 from a gift card, 3.00 from the bank's, and the rest in cash."""
    loads(lane3, cashier, 100)
    lane3.scans(BULB)
    lane3.scans(BREAD)
    lane3.pays_by_gift(NUMBER)
    assert (shop.gift_cents(NUMBER), lane3.basket.totals.due_cents) == (0, 648)
    with refused("gift_card_empty"):
        lane3.pays_by_gift(NUMBER)
    reader.approves(lane3.pays_by_card(300))
    receipt = cashier.takes_cash(lane3.pays()["basket_id"], 400)

    assert [(paid.kind, paid.amount_cents) for paid in receipt.payments] == [
        (TenderKind.GIFT, 100),
        (TenderKind.CARD, 300),
        (TenderKind.CASH, 348),
    ]
    assert receipt.change_cents == 52


def test_customer_who_goes_back_finds_the_money_on_the_card_again(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 100)
    lane3.scans(BULB)
    lane3.pays_by_gift(NUMBER)
    lane3.goes_back()
    assert shop.gift_cents(NUMBER) == 100
    assert [paid.state for paid in lane3.basket.payments] == [State.REVERSED]
    assert lane3.basket.totals.due_cents == 499


def test_basket_taken_away_gives_the_money_back(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 100)
    lane3.scans(BULB)
    lane3.pays_by_gift(NUMBER)
    cashier.voids(lane3.basket.basket_id)
    assert shop.gift_cents(NUMBER) == 100


def test_card_in_a_basket_that_was_never_paid_is_worth_nothing(shop: Shop, lane3: Lane, cashier: Person) -> None:
    lane3.scans(MILK)
    cashier.sells_gift(lane3.basket.basket_id, 5_000, NUMBER)
    cashier.voids(lane3.basket.basket_id)
    assert shop.gift_cents(NUMBER) == 0


def test_two_lanes_spend_one_card_and_it_never_falls_below_zero(shop: Shop, lane3: Lane, cashier: Person) -> None:
    lanes = [lane3, Lane(shop, "lane4")]
    loads(lane3, cashier, 500)
    for lane in lanes:
        lane.scans(BULB)
        lane.does(c.ChooseTender(tender=TenderKind.GIFT))
    order = c.RedeemGift(number="", number_hash=gift.hash_of(NUMBER))
    replies = [shop.bus.submit(order, lane.identity, "same moment") for lane in lanes]
    paid = [msgspec.convert(reply.result(PATIENCE_S).result, dict[str, Payment])["payment"] for reply in replies]
    assert sorted(one.amount_cents for one in paid) == [1, 499]
    assert shop.gift_cents(NUMBER) == 0


def test_expired_card_is_refused_and_a_load_makes_it_valid_again(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 1_000)
    shop.clock.passes(gift.VALID_MS)
    with refused("gift_card_expired"):
        checks(lane3)
    lane3.scans(MILK)
    with refused("gift_card_expired"):
        lane3.pays_by_gift(NUMBER)
    lane3.goes_back()
    cashier.sells_gift(lane3.basket.basket_id, 500, NUMBER)
    cashier.takes_cash(lane3.pays()["basket_id"])
    assert checks(lane3) == 1_500


def test_unknown_and_mistyped_numbers_are_refused(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 1_000)
    lane3.scans(MILK)
    with refused("wrong_state"):
        lane3.does(c.RedeemGift(number="", number_hash=gift.hash_of(NUMBER)))
    lane3.does(c.ChooseTender(tender=TenderKind.GIFT))
    with shop.changes_nothing():
        for number_hash in (None, gift.hash_of(OTHER), gift.hash_of(NUMBER)[:16] + "0" * 48):
            with refused("unknown_gift_card"):
                lane3.does(c.RedeemGift(number="", number_hash=number_hash))
        with refused("out_of_range", due_cents=129):
            lane3.does(c.RedeemGift(number="", amount_cents=130, number_hash=gift.hash_of(NUMBER)))


def test_one_card_stands_once_in_a_basket(lane3: Lane, cashier: Person) -> None:
    lane3.scans(MILK)
    basket_id = lane3.basket.basket_id
    line_id = cashier.sells_gift(basket_id, 1_000, NUMBER)["line"]["line_id"]
    with refused("already_exists"):
        cashier.sells_gift(basket_id, 1_000, NUMBER)
    with refused("wrong_state"):
        lane3.changes(line_id, 2)
    cashier.sells_gift(basket_id, 1_000, OTHER)


def test_attendants_sell_no_gift_cards(lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    with refused("forbidden"):
        attendant.sells_gift(lane3.basket.basket_id, 1_000, NUMBER)


def test_balances_follow_from_the_journal(shop: Shop, lane3: Lane, cashier: Person) -> None:
    loads(lane3, cashier, 1_000)
    lane3.scans(BULB)
    lane3.pays_by_gift(NUMBER)
    moved = [entry.event for entry in shop.entries() if entry.type == "gift_card_moved"]
    assert sum(event.change_cents for event in moved) == shop.gift_cents(NUMBER) == 501  # type: ignore[attr-defined]


def test_no_gift_card_is_spent_or_loaded_in_training(shop: Shop, lane3: Lane, cashier: Person, manager: Person) -> None:
    loads(lane3, cashier, 1_000)
    manager.does(c.SwitchTraining(terminal="lane3", is_on=True))
    lane3.scans(MILK)
    with refused("wrong_state"):
        cashier.sells_gift(lane3.basket.basket_id, 1_000, NUMBER)
    with refused("wrong_state"):
        lane3.pays_by_gift(NUMBER)
    assert shop.gift_cents(NUMBER) == 1_000
