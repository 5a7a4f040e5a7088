"""Goods come back: to each tender what it paid, one receipt that names the old one, nothing twice."""

from pathlib import Path

import pytest
from builders import BREAD, BULB, MILK, an_item
from readers import Reader
from shop import Lane, Person, Shop, a_shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain import gift
from kiosk_server.domain.basket import State as BasketState
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.intervention import InterventionKind
from kiosk_server.domain.payment import State, TenderKind
from kiosk_server.domain.staff import Role
from kiosk_server.domain.tender import Receipt
from kiosk_server.store import queries

NUMBER = gift.draw_number("a birthday", b"of the tests")


@pytest.fixture
def reader(shop: Shop) -> Reader:
    return Reader(shop)


def buys(lane: Lane, manager: Person, *, gift_cents: int = 0, card_cents: int = 0) -> Receipt:
    """Two bottles of milk, bread and a bulb for 10.06: so much by gift card, so much by card, the rest in cash."""
    shop, reader = lane.shop, Reader(lane.shop)
    if gift_cents:
        lane.scans(MILK)
        manager.sells_gift(lane.basket.basket_id, max(gift_cents, 100), NUMBER)
        manager.takes_cash(lane.pays()["basket_id"])
        lane.finishes()
    lane.scans(MILK, quantity=2)
    lane.scans(BREAD)
    lane.scans(BULB)
    if gift_cents:
        lane.pays_by_gift(NUMBER, gift_cents)
    if card_cents:
        reader.approves(lane.pays_by_card(card_cents))
    if lane.state == "tendering" or not (gift_cents or card_cents):
        manager.takes_cash(lane.pays()["basket_id"])
    number = lane.basket.receipt_number
    assert number is not None
    lane.finishes()
    return shop.receipt(number)


def tenders(receipt: Receipt | None) -> list[tuple[TenderKind, int]]:
    assert receipt is not None
    return [(paid.kind, paid.amount_cents) for paid in receipt.payments]


def refund_calls(shop: Shop) -> list[str]:
    return [row.evidence.code for row in shop.inbox() if row.kind is InterventionKind.REFUND]


def test_cash_comes_back_in_one_commit(shop: Shop, lane3: Lane, manager: Person) -> None:
    bought = buys(lane3, manager)
    with shop.records("refund_started", "payment_moved", "basket_paid"):
        refunded = manager.refunds(bought)
    receipt = refunded.receipt
    assert receipt is not None
    assert (receipt.number, receipt.refund_of, receipt.total_cents, receipt.reason) == (2, 1, -1_006, "spoiled")
    assert tenders(receipt) == [(TenderKind.CASH, -1_006)]
    assert sum(tax.gross_cents for tax in receipt.taxes) == -1_006
    assert receipt.by == "Mia"
    assert shop.basket(bought.basket_id).state is BasketState.REFUNDED
    with shop.database.read() as conn:
        assert queries.takings(conn, receipt.day, "Europe/Berlin").total_cents == 0


def test_pieces_come_back_one_by_one_and_never_twice(shop: Shop, lane3: Lane, manager: Person) -> None:
    bought = buys(lane3, manager)
    assert tenders(manager.refunds(bought, {1: 1}).receipt) == [(TenderKind.CASH, -129)]
    assert shop.basket(bought.basket_id).state is BasketState.PAID
    with shop.changes_nothing(), refused("out_of_range", line_id=1, left=1):
        manager.refunds(bought, {1: 2})
    assert tenders(manager.refunds(bought).receipt) == [(TenderKind.CASH, -877)]
    with shop.changes_nothing(), refused("wrong_state"):
        manager.refunds(bought)
    assert shop.basket(bought.basket_id).state is BasketState.REFUNDED


def test_second_tap_gives_nothing_twice(shop: Shop, lane3: Lane, manager: Person) -> None:
    bought = buys(lane3, manager)
    first = manager.refunds(bought, {2: 1}, key="tap")
    with shop.changes_nothing():
        assert manager.refunds(bought, {2: 1}, key="tap") == first


def test_money_goes_back_to_the_tenders_it_came_from(shop: Shop, lane3: Lane, manager: Person, reader: Reader) -> None:
    bought = buys(lane3, manager, gift_cents=100, card_cents=300)
    assert tenders(bought) == [(TenderKind.GIFT, 100), (TenderKind.CARD, 300), (TenderKind.CASH, 606)]
    assert shop.gift_cents(NUMBER) == 0

    assert tenders(manager.refunds(bought, {3: 1}).receipt) == [(TenderKind.CASH, -499)], "what was paid last first"
    rest = manager.refunds(bought)
    assert rest.receipt is None
    assert shop.gift_cents(NUMBER) == 100
    back = shop.payment(rest.payment_id)
    assert (back.amount_cents, back.refunds) == (-300, bought.payments[1].payment_id)
    assert back.reference == bought.payments[1].reference
    with shop.records("payment_moved", "basket_paid"):
        reader.approves(rest.payment_id)
    last = shop.receipt(rest_number(shop, rest.basket_id))
    assert sorted(tenders(last)) == [(TenderKind.CARD, -300), (TenderKind.CASH, -107), (TenderKind.GIFT, -100)]
    assert shop.basket(bought.basket_id).state is BasketState.REFUNDED


def rest_number(shop: Shop, basket_id: str) -> int:
    number = shop.basket(basket_id).receipt_number
    assert number is not None
    return number


def test_card_that_refuses_is_settled_in_cash(shop: Shop, lane3: Lane, manager: Person, reader: Reader) -> None:
    bought = buys(lane3, manager, card_cents=1_006)
    refunded = manager.refunds(bought)
    with refused("wrong_state"):
        manager.settles(refunded.basket_id)
    reader.begins(refunded.payment_id)
    assert reader.declines(refunded.payment_id, "account_closed").state is State.DECLINED
    assert refund_calls(shop) == [refunded.payment_id]
    with refused("wrong_state"):
        manager.settles(refunded.basket_id, TenderKind.GIFT)

    settled = manager.settles(refunded.basket_id)
    assert tenders(settled.receipt) == [(TenderKind.CASH, -1_006)]
    assert refund_calls(shop) == []
    with shop.changes_nothing():
        assert manager.settles(refunded.basket_id) == settled, "a second tap finds it done"
        assert reader.approves(refunded.payment_id).state is State.DECLINED, "too late"
    with refused("wrong_state"):
        manager.refunds(bought)


def test_card_is_asked_once_more(shop: Shop, lane3: Lane, manager: Person, reader: Reader) -> None:
    bought = buys(lane3, manager, card_cents=1_006)
    first = manager.refunds(bought)
    reader.says(first.payment_id, PaymentOutcome.TIMED_OUT)
    again = manager.settles(first.basket_id, TenderKind.CARD)
    assert again.receipt is None
    assert again.payment_id != first.payment_id
    assert shop.payment(again.payment_id).refunds == bought.payments[0].payment_id
    reader.approves(again.payment_id)
    assert tenders(shop.receipt(2)) == [(TenderKind.CARD, -1_006)]


def test_card_that_is_asked_once_more_is_told_its_charge(
    shop: Shop, lane3: Lane, manager: Person, reader: Reader
) -> None:
    """The refusal has a name of its own at the acquirer, which is not what is given back."""
    bought = buys(lane3, manager, card_cents=1_006)
    first = manager.refunds(bought)
    reader.says(first.payment_id, PaymentOutcome.DECLINED, reference="the refusal", reason="do_not_honor")
    again = manager.settles(first.basket_id, TenderKind.CARD)
    assert shop.payment(again.payment_id).reference == bought.payments[0].reference


def test_two_cards_that_refuse_are_settled_each_for_itself(
    shop: Shop, lane3: Lane, manager: Person, reader: Reader
) -> None:
    lane3.scans(BULB)
    reader.approves(lane3.pays_by_card(200))
    reader.approves(lane3.pays_by_card(299))
    bought = shop.receipt(1)
    refunded = manager.refunds(bought)
    last, first = refunded.payments
    assert (last.amount_cents, first.amount_cents) == (-299, -200)
    reader.declines(last.payment_id)
    with refused("wrong_state"):
        manager.settles(refunded.basket_id)
    reader.declines(first.payment_id)
    assert sorted(refund_calls(shop)) == sorted([first.payment_id, last.payment_id])

    again = manager.settles(refunded.basket_id, TenderKind.CARD)
    asked = [back for back in again.payments if back.state is State.ASKED]
    assert {(back.refunds, -back.amount_cents) for back in asked} == {
        (paid.payment_id, paid.amount_cents) for paid in bought.payments
    }
    reader.approves(asked[0].payment_id)
    reader.declines(asked[1].payment_id)
    settled = manager.settles(refunded.basket_id)
    assert sum(cents for _, cents in tenders(settled.receipt)) == -499
    assert refund_calls(shop) == []


def test_refund_whose_outcome_nobody_knows_waits_for_its_reader(
    shop: Shop, lane3: Lane, manager: Person, reader: Reader
) -> None:
    bought = buys(lane3, manager, card_cents=1_006)
    refunded = manager.refunds(bought)
    reader.loses(refunded.payment_id)
    assert [row.kind for row in shop.inbox()] == [InterventionKind.PAYMENT]
    with refused("wrong_state"):
        manager.settles(refunded.basket_id)
    with refused("wrong_state"):
        manager.stops(refunded.payment_id)
    with refused("wrong_state"):
        manager.refunds(bought)
    reader.approves(refunded.payment_id)
    assert shop.inbox() == ()
    assert shop.receipt(2).total_cents == -1_006


def test_refund_under_way_is_not_taken_away(shop: Shop, lane3: Lane, manager: Person) -> None:
    refunded = manager.refunds(buys(lane3, manager, card_cents=1_006))
    with shop.changes_nothing(), refused("wrong_state"):
        manager.voids(refunded.basket_id)
    with shop.changes_nothing(), refused("wrong_state"):
        manager.takes_cash(refunded.basket_id)


def test_refund_stands_at_no_lane(shop: Shop, lane3: Lane, manager: Person, reader: Reader) -> None:
    """The customer who was there is gone; the next one scans on and sees nothing of it."""
    bought = buys(lane3, manager, card_cents=1_006)
    lane3.scans(MILK)
    refunded = manager.refunds(bought)
    reader.declines(refunded.payment_id)
    assert lane3.state == "scanning"
    moved = [entry.event for entry in shop.entries() if entry.type in {"refund_started", "payment_moved"}]
    assert [event.terminal for event in moved[-3:]] == ["", "", ""]
    assert [row.terminal for row in shop.inbox()] == [""]
    manager.settles(refunded.basket_id)
    assert lane3.state == "scanning"
    assert lane3.basket.totals.total_cents == 129


def test_gift_card_that_comes_back_is_empty(shop: Shop, lane3: Lane, manager: Person) -> None:
    lane3.scans(MILK)
    manager.sells_gift(lane3.basket.basket_id, 2_000, NUMBER)
    sold = manager.takes_cash(lane3.pays()["basket_id"])
    lane3.finishes()
    manager.refunds(sold, {2: 1})
    assert shop.gift_cents(NUMBER) == 0


def test_gift_card_that_was_spent_does_not_come_back(shop: Shop, lane3: Lane, manager: Person) -> None:
    lane3.scans(MILK)
    manager.sells_gift(lane3.basket.basket_id, 2_000, NUMBER)
    sold = manager.takes_cash(lane3.pays()["basket_id"])
    lane3.finishes()
    lane3.scans(BULB)
    lane3.pays_by_gift(NUMBER)
    with shop.changes_nothing(), refused("gift_card_empty"):
        manager.refunds(sold)
    assert tenders(manager.refunds(sold, {1: 1}).receipt) == [(TenderKind.CASH, -129)]


def test_expired_gift_card_that_gets_money_back_is_valid_again(shop: Shop, lane3: Lane, manager: Person) -> None:
    bought = buys(lane3, manager, gift_cents=1_006)
    shop.clock.passes(gift.VALID_MS)
    manager.refunds(bought)
    assert lane3.does(c.CheckGift(number="", number_hash=gift.hash_of(NUMBER)))["balance_cents"] == 1_006


def test_what_was_never_bought_does_not_come_back(shop: Shop, lane3: Lane, manager: Person) -> None:
    bought = buys(lane3, manager)
    refunded = manager.refunds(bought, {1: 1})
    assert refunded.receipt is not None
    with shop.changes_nothing():
        with refused("not_found", receipt_number=77):
            manager.does(c.RefundReceipt(receipt_number=77, reason="spoiled"))
        with refused("not_found", line_id=9):
            manager.refunds(bought, {9: 1})
        with refused("wrong_state"):
            manager.refunds(refunded.receipt)
        with refused("out_of_range", line_id=2):
            twice = (c.RefundedLine(2, 1), c.RefundedLine(2, 1))
            manager.does(c.RefundReceipt(receipt_number=1, reason="spoiled", lines=twice))
        with refused("wrong_state"):
            manager.settles(bought.basket_id)


def test_attendants_give_nothing_back(lane3: Lane, manager: Person, attendant: Person) -> None:
    bought = buys(lane3, manager)
    with refused("forbidden"):
        attendant.refunds(bought)


def test_coins_that_come_back_are_rounded_like_those_that_were_paid(tmp_path: Path) -> None:
    """10.06 in francs is 10.05 in coins; 1.29 comes back as 1.30, the remaining 8.77 as 8.75."""
    with a_shop(tmp_path / "house", currency="CHF") as shop:
        lane3, manager = Lane(shop, "lane3"), Person(shop, "Mia", Role.MANAGER)
        bought = buys(lane3, manager)
        assert (bought.total_cents, bought.rounding_cents) == (1_006, -1)
        assert tenders(manager.refunds(bought, {1: 1}).receipt) == [(TenderKind.CASH, -130)]
        assert tenders(manager.refunds(bought).receipt) == [(TenderKind.CASH, -875)]


def test_nothing_that_was_practised_is_given_back(shop: Shop, lane3: Lane, manager: Person) -> None:
    manager.does(c.SwitchTraining(terminal="lane3", is_on=True))
    lane3.scans(MILK)
    lane3.pays_by_card()
    number = lane3.basket.receipt_number
    assert number is not None
    with shop.changes_nothing(), refused("wrong_state", receipt_number=number):
        manager.refunds(shop.receipt(number))


def test_two_refusals_in_francs_end_in_a_receipt(tmp_path: Path) -> None:
    """Twice 5.02 in coins is 5.00 and 5.05: each is rounded, and yet all of it was given back."""
    with a_shop(tmp_path / "house", currency="CHF") as shop:
        shop.stocks([an_item("lamp", price_cents=1_004)])
        lane3, manager, reader = Lane(shop, "lane3"), Person(shop, "Mia", Role.MANAGER), Reader(shop)
        lane3.picks(an_item("lamp"))
        reader.approves(lane3.pays_by_card(502))
        reader.approves(lane3.pays_by_card())
        refunded = manager.refunds(shop.receipt(1))
        for back in refunded.payments:
            reader.declines(back.payment_id)
        settled = manager.settles(refunded.basket_id).receipt
        assert settled == shop.receipt(2)
        assert tenders(settled) == [(TenderKind.CASH, -500), (TenderKind.CASH, -505)]
        assert shop.inbox() == ()


def test_pieces_one_by_one_give_no_more_coins_than_were_paid(tmp_path: Path) -> None:
    """Ten apples for 10.30: rounded one by one, each 1.03 would come back as 1.05."""
    with a_shop(tmp_path / "house", currency="CHF") as shop:
        shop.stocks([an_item("apple", price_cents=103)])
        lane3, manager = Lane(shop, "lane3"), Person(shop, "Mia", Role.MANAGER)
        lane3.picks(an_item("apple"), quantity=10)
        bought = manager.takes_cash(lane3.pays()["basket_id"])
        coins = [sum(cents for _, cents in tenders(manager.refunds(bought, {1: 1}).receipt)) for _ in range(10)]
        assert sum(coins) == -bought.payments[0].amount_cents == -1_030
        assert set(coins) == {-100, -105}


def test_card_gets_back_what_it_paid_beside_rounded_coins(tmp_path: Path) -> None:
    """10.03 in francs: 5.00 by card, and 5.03 in coins of 5.05."""
    with a_shop(tmp_path / "house", currency="CHF") as shop:
        shop.stocks([an_item("lamp", price_cents=1_003)])
        lane3, manager, reader = Lane(shop, "lane3"), Person(shop, "Mia", Role.MANAGER), Reader(shop)
        lane3.picks(an_item("lamp"))
        reader.approves(lane3.pays_by_card(500))
        bought = manager.takes_cash(lane3.pays()["basket_id"])
        assert tenders(bought) == [(TenderKind.CARD, 500), (TenderKind.CASH, 505)]
        refunded = manager.refunds(bought)
        reader.approves(refunded.payment_id)
        assert sorted(tenders(shop.receipt(2))) == [(TenderKind.CARD, -500), (TenderKind.CASH, -505)]
