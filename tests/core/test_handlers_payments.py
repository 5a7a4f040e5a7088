"""Cards: asked for, carried out by a reader after the commit, settled by its word, and never taken twice."""

from pathlib import Path

import pytest
from builders import BREAD, BULB, MILK
from readers import Reader
from shop import Lane, Person, Shop, a_shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State as BasketState
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.intervention import InterventionKind
from kiosk_server.domain.payment import Display, State, TenderKind
from kiosk_server.domain.policy import CardRules
from kiosk_server.domain.receipt_layout import lay_out
from kiosk_server.domain.screens import LaneScreen
from kiosk_server.domain.staff import Role
from kiosk_server.store import queries


@pytest.fixture
def reader(shop: Shop) -> Reader:
    return Reader(shop)


def calls(shop: Shop, kind: InterventionKind) -> list[str]:
    """The payments that staff are asked to look into."""
    return [row.evidence.code for row in shop.inbox() if row.kind is kind]


def test_customer_pays_by_card(shop: Shop, lane3: Lane, reader: Reader) -> None:
    lane3.scans(MILK)
    with shop.records("tender_started", "payment_moved", "terminal_moved"):
        payment_id = lane3.pays_by_card()
    assert shop.payment(payment_id).state is State.ASKED
    assert lane3.basket.totals.due_cents == 129

    reader.begins(payment_id)
    reader.begins(payment_id, Display.PROCESSING)
    assert shop.payment(payment_id).display is Display.PROCESSING
    with shop.records("payment_moved", "basket_paid", "terminal_moved"):
        told = reader.approves(payment_id)

    assert told.state is State.CAPTURED
    assert lane3.state == "receipt"
    receipt = shop.receipt(1)
    (paid,) = receipt.payments
    assert (receipt.tender, receipt.total_cents, receipt.rounding_cents) == (TenderKind.CARD, 129, 0)
    assert (paid.amount_cents, paid.masked, paid.scheme, paid.state) == (129, "•••• 4242", "visa", State.CAPTURED)


def test_second_tap_asks_for_no_second_card(shop: Shop, lane3: Lane, reader: Reader) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    with shop.changes_nothing():
        assert lane3.pays_by_card() == payment_id
    reader.begins(payment_id)
    with shop.changes_nothing():
        assert lane3.pays_by_card() == payment_id


def test_lost_answer_is_given_again_and_charges_once(shop: Shop, lane3: Lane, reader: Reader) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card(key="tap")
    reader.approves(payment_id, key="word")
    with shop.changes_nothing():
        assert lane3.pays_by_card(key="tap") == payment_id
        reader.approves(payment_id, key="word")
        assert reader.approves(payment_id, key="another").state is State.CAPTURED


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (PaymentOutcome.DECLINED, State.DECLINED),
        (PaymentOutcome.CANCELLED, State.CANCELLED),
        (PaymentOutcome.TIMED_OUT, State.TIMED_OUT),
    ],
)
def test_customer_whose_card_fails_pays_in_another_way(
    shop: Shop, lane3: Lane, attendant: Person, reader: Reader, outcome: PaymentOutcome, state: State
) -> None:
    lane3.scans(MILK)
    failed = lane3.pays_by_card()
    assert reader.says(failed, outcome, reason="expired_card").state is state
    assert shop.payment(failed).reason == "expired_card"
    assert (lane3.state, lane3.basket.totals.due_cents) == ("tendering", 129)

    again = lane3.pays_by_card()
    assert again != failed
    reader.declines(again)
    receipt = attendant.takes_cash(lane3.pays()["basket_id"])
    assert [paid.kind for paid in receipt.payments] == [TenderKind.CASH], "what failed is on no receipt"


def test_no_other_tender_while_a_card_is_asked_for(shop: Shop, lane3: Lane, attendant: Person, reader: Reader) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    with refused("wrong_state", payment_id=payment_id):
        lane3.pays()
    with refused("wrong_state", payment_id=payment_id):
        attendant.takes_cash(lane3.basket.basket_id)
    reader.loses(payment_id)
    with refused("wrong_state", state="unknown"):
        lane3.pays_by_gift("0" * 20)


def test_part_by_card_and_the_rest_in_cash(shop: Shop, lane3: Lane, attendant: Person, reader: Reader) -> None:
    lane3.scans(BULB)
    with refused("out_of_range", due_cents=499):
        lane3.pays_by_card(500)
    reader.approves(lane3.pays_by_card(300))
    assert (lane3.state, lane3.basket.totals.due_cents) == ("tendering", 199)

    asked = lane3.pays()
    assert [row.amount_cents for row in shop.inbox()] == [199]
    receipt = attendant.takes_cash(asked["basket_id"], 200)

    assert [(paid.kind, paid.amount_cents) for paid in receipt.payments] == [
        (TenderKind.CARD, 300),
        (TenderKind.CASH, 199),
    ]
    assert receipt.change_cents == 1
    assert {paid.state for paid in receipt.payments} == {State.CAPTURED}


def test_customer_who_goes_back_gets_the_part_that_was_paid(shop: Shop, lane3: Lane, reader: Reader) -> None:
    lane3.scans(BULB)
    part = lane3.pays_by_card(300)
    reader.approves(part)
    lane3.goes_back()
    assert shop.payment(part).state is State.REVERSING
    assert (lane3.state, lane3.basket.totals.due_cents) == ("scanning", 499)

    lane3.scans(MILK)
    whole = lane3.pays_by_card()
    assert shop.payment(whole).amount_cents == 628, "what is on its way back pays for nothing"
    assert reader.reverses(part).state is State.REVERSED
    reader.approves(whole)
    assert [paid.payment_id for paid in shop.receipt(1).payments] == [whole]


def test_customer_who_paid_a_part_in_cash_asks_an_attendant(lane3: Lane, attendant: Person) -> None:
    lane3.scans(BULB)
    lane3.does(c.ChooseTender(tender=TenderKind.CASH, amount_cents=200))
    assert attendant.does(c.ConfirmCash(basket_id=lane3.basket.basket_id, received_cents=200))["receipt"] is None
    with refused("wrong_state", cash_cents=200):
        lane3.goes_back()
    attendant.voids(lane3.basket.basket_id)
    assert lane3.state == "attract"


def test_receipt_tells_of_all_the_cash_that_changed_hands(lane3: Lane, attendant: Person) -> None:
    """2.00 in cash, and later a note of 5.00 for the other 2.99."""
    lane3.scans(BULB)
    lane3.does(c.ChooseTender(tender=TenderKind.CASH, amount_cents=200))
    attendant.does(c.ConfirmCash(basket_id=lane3.basket.basket_id, received_cents=200))
    receipt = attendant.takes_cash(lane3.pays()["basket_id"], 500)
    assert (receipt.total_cents, receipt.received_cents, receipt.change_cents) == (499, 700, 201)
    printed = [row.amount_cents for row in lay_out(receipt, lane3.shop.policy, "en").sums]
    assert printed == [499, 200, 500, 201]


def test_reader_that_approves_after_the_customer_left_gives_it_back(
    shop: Shop, lane3: Lane, attendant: Person, reader: Reader
) -> None:
    lane3.scans(MILK)
    payment_id, basket_id = lane3.pays_by_card(), lane3.basket.basket_id
    reader.begins(payment_id)
    attendant.voids(basket_id)
    assert shop.payment(payment_id).state is State.REVERSING
    with shop.changes_nothing():
        assert reader.approves(payment_id).state is State.REVERSING
    assert reader.reverses(payment_id).state is State.REVERSED
    assert shop.basket(basket_id).state is BasketState.VOID


@pytest.mark.parametrize("first", [PaymentOutcome.DECLINED, PaymentOutcome.CANCELLED, PaymentOutcome.TIMED_OUT])
def test_money_taken_after_the_reader_said_none_was_goes_back(
    shop: Shop, lane3: Lane, reader: Reader, first: PaymentOutcome
) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    reader.says(payment_id, first)
    assert reader.approves(payment_id).state is State.REVERSING
    assert lane3.basket.totals.due_cents == 129
    assert reader.reverses(payment_id).state is State.REVERSED


def test_unknown_outcome_stands_in_the_inbox_until_it_is_known(shop: Shop, lane3: Lane, reader: Reader) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    reader.loses(payment_id)
    with shop.changes_nothing():
        reader.loses(payment_id)
    assert calls(shop, InterventionKind.PAYMENT) == [payment_id]
    with refused("wrong_state"):
        lane3.goes_back()
    with refused("wrong_state", payment_id=payment_id):
        lane3.stops(payment_id)
    with shop.changes_nothing():
        assert lane3.pays_by_card() == payment_id, "nothing is asked for in its place"

    assert reader.approves(payment_id).state is State.CAPTURED
    assert shop.inbox() == ()
    assert lane3.state == "receipt"


def test_attendant_calls_off_an_unknown_payment_and_sees_it_through(
    shop: Shop, lane3: Lane, attendant: Person, reader: Reader
) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    reader.loses(payment_id)
    assert attendant.stops(payment_id) == State.REVERSING
    assert calls(shop, InterventionKind.PAYMENT) == [payment_id], "the money may still be with us"
    receipt = attendant.takes_cash(lane3.pays()["basket_id"])
    assert receipt.total_cents == 129

    reader.reverses(payment_id)
    assert shop.inbox() == ()


def test_reversal_that_cannot_be_confirmed_is_for_people_to_see(shop: Shop, lane3: Lane, reader: Reader) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    reader.begins(payment_id)
    lane3.goes_back()
    assert shop.inbox() == ()
    reader.loses(payment_id)
    reader.loses(payment_id)
    assert calls(shop, InterventionKind.PAYMENT) == [payment_id]
    reader.says(payment_id, PaymentOutcome.CANCELLED)
    assert shop.inbox() == ()


def test_customer_stops_the_reader_and_a_second_tap_changes_nothing(shop: Shop, lane3: Lane, reader: Reader) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    assert lane3.stops(payment_id) == State.REVERSING
    with shop.changes_nothing():
        assert lane3.stops(payment_id) == State.REVERSING
    assert reader.says(payment_id, PaymentOutcome.CANCELLED).state is State.CANCELLED
    assert lane3.state == "tendering"


def test_payment_on_a_receipt_is_refunded_not_stopped(
    shop: Shop, lane3: Lane, attendant: Person, reader: Reader
) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    reader.approves(payment_id)
    with refused("wrong_state", receipt_number=1):
        attendant.stops(payment_id)
    with refused("not_found"):
        attendant.stops("nobody")


def test_customer_stops_nobody_elses_payment(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    with refused("forbidden"):
        Lane(shop, "lane4").stops(payment_id)


def test_lane_without_a_reader_asks_for_no_card(tmp_path: Path) -> None:
    readers = CardRules(by_terminal={"lane": "virtual", "lane3": "none"})
    with a_shop(tmp_path / "house", cards=readers) as shop:
        lane3, lane4 = Lane(shop, "lane3"), Lane(shop, "lane4")
        lane3.scans(MILK)
        with refused("wrong_state"):
            lane3.pays_by_card()
        assert lane3.state == "scanning"
        assert offered(shop, lane3) == (TenderKind.CASH, TenderKind.GIFT)
        assert offered(shop, lane4) == (TenderKind.CARD, TenderKind.CASH, TenderKind.GIFT)


def offered(shop: Shop, lane: Lane) -> tuple[TenderKind, ...]:
    with shop.database.read() as conn:
        _, screen = queries.screen_of(conn, "lane", lane.name, shop.policy)
    assert isinstance(screen, LaneScreen)
    return screen.tenders


def test_card_pays_to_the_cent_where_coins_are_rounded(tmp_path: Path) -> None:
    """3.78: 2.01 by card and 1.75 in coins for the 1.77 that are left; all of it in coins is 3.80."""
    with a_shop(tmp_path / "house", currency="CHF") as shop:
        lane3, attendant, reader = Lane(shop, "lane3"), Person(shop, "Ada", Role.ATTENDANT), Reader(shop)
        lane3.scans(MILK)
        lane3.scans(BREAD)
        reader.approves(lane3.pays_by_card(201))
        assert lane3.pays()["due_cents"] == 177
        assert [row.amount_cents for row in shop.inbox()] == [175]
        mixed = attendant.takes_cash(lane3.basket.basket_id, 200)
        assert (mixed.total_cents, mixed.rounding_cents, mixed.change_cents) == (378, -2, 25)
        lane3.finishes()

        lane3.scans(MILK)
        lane3.scans(BREAD)
        plain = attendant.takes_cash(lane3.pays()["basket_id"], 380)
        assert (plain.total_cents, plain.rounding_cents, plain.change_cents) == (378, 2, 0)
        with shop.database.read() as conn:
            taken = queries.takings(conn, plain.day, "Europe/Berlin")
        assert taken.by_tender_cents == {"card": 201, "cash": 555}
        assert (taken.total_cents, taken.rounding_cents) == (756, 0)
