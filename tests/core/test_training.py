"""Practice on a lane: everything works as ever, and nothing of it counts, moves money or leaves a gap."""

import pytest
from builders import BREAD_CODE, BURGER, MILK_CODE
from shop import Lane, Person, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State
from kiosk_server.domain.payment import State as PaymentState
from kiosk_server.domain.payment import TenderKind
from kiosk_server.domain.tender import TRAINING_FROM, Receipt
from kiosk_server.store import queries
from kiosk_server.store.verify import verify


@pytest.fixture
def trainee(lane3: Lane, manager: Person) -> Lane:
    manager.does(c.SwitchTraining(terminal="lane3", is_on=True))
    return lane3


def last_receipt(shop: Shop) -> Receipt:
    paid = [entry.event for entry in shop.entries() if entry.type == "basket_paid"]
    return paid[-1].receipt  # type: ignore[union-attr]


def taken_cents(shop: Shop) -> int:
    with shop.database.read() as connection:
        return queries.takings(connection, "2026-11-20", "Europe/Berlin").total_cents


def sold(shop: Shop, item_id: str) -> int:
    with shop.looks() as repositories:
        row = repositories.driver.execute("SELECT sold FROM items WHERE item_id = ?", (item_id,)).fetchone()
    return int(row[0])


def test_trainee_sells_and_nothing_of_it_counts(shop: Shop, trainee: Lane, attendant: Person) -> None:
    trainee.scans(MILK_CODE)
    trainee.pays()
    attendant.takes_cash(trainee.basket.basket_id, 500)
    receipt = last_receipt(shop)
    assert receipt.is_training
    assert receipt.number == TRAINING_FROM + 1
    assert taken_cents(shop) == 0
    assert sold(shop, MILK_CODE) == 0


def test_receipts_of_sales_have_no_gaps_beside_practice(
    shop: Shop, trainee: Lane, attendant: Person, manager: Person
) -> None:
    other = Lane(shop, "lane4")
    numbers = []
    for lane in (other, trainee, other, trainee, other):
        lane.scans(BREAD_CODE)
        lane.pays()
        attendant.takes_cash(lane.basket.basket_id, 500)
        numbers.append(last_receipt(shop).number)
        lane.does(c.Finish())
    assert numbers == [1, TRAINING_FROM + 1, 2, TRAINING_FROM + 2, 3]
    assert taken_cents(shop) == 3 * 249


def test_card_of_practice_is_approved_and_no_reader_hears_of_it(shop: Shop, trainee: Lane) -> None:
    trainee.scans(MILK_CODE)
    head = shop.bus.head_seq
    trainee.does(c.ChooseTender(tender=TenderKind.CARD))
    moves = [entry.event.payment for entry in shop.entries(head) if entry.type == "payment_moved"]  # type: ignore[union-attr]
    assert {moved.state for moved in moves} <= {PaymentState.AUTHORISED, PaymentState.CAPTURED}
    receipt = last_receipt(shop)
    assert receipt.is_training
    assert receipt.payments[0].scheme == "training"
    assert shop.terminal("lane3").state == "receipt"


def test_kitchen_makes_nothing_of_practice(shop: Shop, trainee: Lane, attendant: Person) -> None:
    trainee.picks(BURGER)
    trainee.pays()
    with shop.records("basket_paid", "intervention_resolved", "terminal_moved"):
        attendant.takes_cash(trainee.basket.basket_id)
    assert shop.ticket_of(trainee.basket.basket_id) is None


def test_part_by_card_goes_back_without_a_reader(shop: Shop, trainee: Lane) -> None:
    trainee.scans(BREAD_CODE)
    trainee.does(c.ChooseTender(tender=TenderKind.CARD, amount_cents=100))
    assert shop.basket(trainee.basket.basket_id).totals.due_cents == 149
    trainee.does(c.LeaveTender())
    basket = shop.basket(trainee.basket.basket_id)
    assert basket.state is State.OPEN
    assert [paid.state for paid in basket.payments] == [PaymentState.REVERSED]


def test_rest_of_a_split_is_paid_by_card_too(shop: Shop, trainee: Lane) -> None:
    trainee.scans(BREAD_CODE)
    trainee.does(c.ChooseTender(tender=TenderKind.CARD, amount_cents=100))
    trainee.does(c.ChooseTender(tender=TenderKind.CARD))
    receipt = last_receipt(shop)
    assert [paid.amount_cents for paid in receipt.payments] == [100, 149]


def test_only_management_switches_and_only_a_lane_at_rest(
    shop: Shop, lane3: Lane, attendant: Person, manager: Person
) -> None:
    with refused("forbidden"):
        attendant.does(c.SwitchTraining(terminal="lane3", is_on=True))
    lane3.scans(MILK_CODE)
    with refused("wrong_state", state="scanning"):
        manager.does(c.SwitchTraining(terminal="lane3", is_on=True))
    lane3.does(c.VoidBasket())
    with shop.records("training_switched"):
        manager.does(c.SwitchTraining(terminal="lane3", is_on=True))
    with shop.changes_nothing():
        assert manager.does(c.SwitchTraining(terminal="lane3", is_on=True)) == {"is_training": True}


def test_basket_does_not_cross_between_practice_and_sale(shop: Shop, trainee: Lane) -> None:
    trainee.scans(MILK_CODE)
    basket_id = trainee.basket.basket_id
    trainee.does(c.SuspendBasket())
    with refused("wrong_state", is_training=False):
        Lane(shop, "lane4").does(c.ResumeBasket(basket_id=basket_id))
    trainee.does(c.ResumeBasket(basket_id=basket_id))


def test_receipt_of_practice_gives_no_money_back(shop: Shop, trainee: Lane, attendant: Person, manager: Person) -> None:
    trainee.scans(MILK_CODE)
    trainee.does(c.ChooseTender(tender=TenderKind.CARD))
    with refused("wrong_state"):
        manager.does(c.RefundReceipt(receipt_number=TRAINING_FROM + 1, reason="returned"))


def test_practice_outlives_a_restart_and_is_verified(shop: Shop, trainee: Lane) -> None:
    trainee.scans(MILK_CODE)
    assert shop.basket(trainee.basket.basket_id).is_training
    assert verify(shop.database.path).is_whole
    assert shop.terminal("lane3").is_training
