"""The lane, from the first scan to the next customer, with everything that goes wrong in between."""

import pytest
from builders import BANANAS, BREAD, BULB, COLA, DIESEL, MILK, UNPRICED
from msgspec.structs import replace
from shop import Lane, Person, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State


def test_customer_scans_pays_and_leaves(shop: Shop, lane3: Lane, attendant: Person) -> None:
    with shop.records("day_opened", "basket_opened", "item_scanned", "terminal_moved"):
        first = lane3.scans(MILK)
    lane3.scans(BREAD, quantity=2)
    assert lane3.state == "scanning"
    assert first["totals"] == {"items": 1, "total_cents": 129, "due_cents": 129, "saved_cents": 0}

    with shop.records("tender_started", "intervention_raised", "terminal_moved"):
        asked = lane3.pays()
    assert asked["due_cents"] == 627
    assert [row.amount_cents for row in shop.inbox()] == [627]

    with shop.records("basket_paid", "intervention_resolved", "terminal_moved"):
        receipt = attendant.takes_cash(asked["basket_id"], 1000)
    assert (receipt.number, receipt.total_cents, receipt.change_cents, receipt.by) == (1, 627, 373, "Ada")
    assert receipt.day == "2026-11-20"
    assert lane3.state == "receipt"
    assert lane3.basket.receipt_number == 1, "the receipt survives a reboot of the screen"

    assert lane3.finishes() == "attract"
    assert not lane3.has_basket
    assert shop.inbox() == ()


def test_next_customer_scans_while_the_last_receipt_shows(lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    paid = lane3.pays()["basket_id"]
    attendant.takes_cash(paid)

    lane3.scans(BREAD)

    assert lane3.state == "scanning"
    assert lane3.basket.basket_id != paid
    assert lane3.basket.totals.items == 1


def test_customer_scans_the_same_item_twice_and_sees_one_line(lane3: Lane) -> None:
    lane3.scans(MILK)
    answer = lane3.scans(MILK)
    assert answer["line"]["quantity"] == 2
    assert answer["totals"]["total_cents"] == 258
    assert len(lane3.basket.lines) == 1


@pytest.mark.parametrize("code", ["4011", "BANANAS".lower(), " 4011\r\n", "４０１１"])
def test_customer_keys_a_plu_and_gets_bananas(lane3: Lane, code: str) -> None:
    assert lane3.scans(code)["line"]["item_id"] == BANANAS.item_id


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("4006381333930", "bad_check_digit"),
        ("4006381333938" + "0" * 600, "code_too_long"),
        ("1" * 10_000, "code_too_long"),
        ("", "bad_code"),
        ("\x02\x03", "bad_code"),
        ("🥛", "bad_code"),
        ("123456789", "bad_code"),
        ("5449000000996", "unknown_item"),
        ("'; DROP TABLE items;--", "bad_code"),
    ],
)
def test_lane_refuses_a_code_and_changes_nothing(shop: Shop, lane3: Lane, code: str, refusal: str) -> None:
    with shop.changes_nothing(), refused(refusal):
        lane3.scans(code)
    assert lane3.state == "attract"


def test_lane_refuses_what_is_not_for_sale(shop: Shop, lane3: Lane) -> None:
    with shop.changes_nothing():
        with refused("not_for_sale"):
            lane3.scans(UNPRICED)
        with refused("not_for_sale"):
            lane3.scans(DIESEL)
        with refused("out_of_range"):
            lane3.scans("cola")  # it asks for a size
        with refused("unknown_item"):
            lane3.does(c.AddItem(item_id="gone"))


def test_lane_refuses_an_expired_item_with_its_date(shop: Shop, lane3: Lane) -> None:
    with shop.changes_nothing(), refused("not_for_sale", expired_on="2026-11-19"):
        lane3.scans("]d2010400638133393117261119")
    lane3.scans("]d2010400638133393117261120")  # its last day is today


def test_lane_takes_a_piece_with_a_weight_in_its_code(shop: Shop, lane3: Lane) -> None:
    lane3.scans("]C101040063813339313103001234")
    line = lane3.basket.lines[0]
    assert (line.item_id, line.weight_g, line.quantity) == (MILK.item_id, 1234, 1)
    with refused("wrong_state"):
        lane3.changes(1, 2)  # the next one has a weight of its own


def test_customer_cannot_take_more_than_999(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK, quantity=999)
    with shop.changes_nothing(), refused("out_of_range"):
        lane3.scans(MILK)


def test_customer_changes_a_quantity_once(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    with shop.records("quantity_changed"):
        answer = lane3.changes(1, 5)
    assert answer["totals"]["total_cents"] == 645
    with shop.changes_nothing():
        assert lane3.changes(1, 5) == answer
    with refused("not_found"):
        lane3.changes(2, 5)


def test_customer_voids_the_last_line_and_goes_away(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    with shop.records("line_voided"):
        answer = lane3.voids(1)
    with shop.changes_nothing():
        assert lane3.voids(1) == answer
    assert lane3.state == "scanning", "an empty basket stays open: the customer may scan on"
    assert answer["totals"] == {"items": 0, "total_cents": 0, "due_cents": 0, "saved_cents": 0}
    with refused("wrong_state"):
        lane3.changes(1, 2)
    with refused("basket_empty"):
        lane3.pays()
    with refused("basket_empty"):
        lane3.parks()

    assert lane3.finishes() == "attract"
    assert not lane3.has_basket


def test_scanning_a_voided_item_again_begins_a_new_line(lane3: Lane) -> None:
    lane3.scans(MILK)
    lane3.voids(1)
    assert lane3.scans(MILK)["line"]["line_id"] == 2


def test_customer_cannot_finish_with_items_in_the_basket(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    with shop.changes_nothing(), refused("wrong_state", items=1):
        lane3.finishes()


def test_second_tap_on_pay_answers_the_same_and_does_nothing(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    first = lane3.pays()
    with shop.changes_nothing():
        assert lane3.pays() == first
    assert len(shop.inbox()) == 1


def test_scan_during_payment_is_refused_with_a_way_out(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    lane3.pays()
    with shop.changes_nothing():
        for tries in (
            lambda: lane3.scans(BREAD),
            lambda: lane3.voids(1),
            lambda: lane3.changes(1, 3),
            lane3.voids_all,
            lane3.parks,
        ):
            with refused("wrong_state", state="tendering"):
                tries()


def test_customer_goes_back_from_paying(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    basket_id = lane3.pays()["basket_id"]
    with shop.records("tender_left", "intervention_resolved", "terminal_moved"):
        lane3.goes_back()
    with shop.changes_nothing():
        lane3.goes_back()
        with refused("wrong_state", state="open"):
            attendant.takes_cash(basket_id)
    assert shop.inbox() == ()
    lane3.scans(BREAD)
    assert lane3.pays()["due_cents"] == 378


def test_second_confirm_names_the_receipt(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    basket_id = lane3.pays()["basket_id"]
    attendant.takes_cash(basket_id, 200)
    with shop.changes_nothing():
        with refused("wrong_state", receipt_number=1):
            attendant.takes_cash(basket_id, 200)
        with refused("wrong_state", receipt_number=1):
            attendant.voids(basket_id)


def test_confirm_repeated_with_its_key_answers_the_same(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    basket_id = lane3.pays()["basket_id"]
    receipt = attendant.takes_cash(basket_id, 200, key="tap")
    with shop.changes_nothing():
        assert attendant.takes_cash(basket_id, 200, key="tap") == receipt


def test_too_little_cash_books_nothing(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(BULB)
    basket_id = lane3.pays()["basket_id"]
    with shop.changes_nothing(), refused("amount_too_small", due_cents=499, missing_cents=1):
        attendant.takes_cash(basket_id, 498)
    assert attendant.takes_cash(basket_id, 499).change_cents == 0


def test_receipts_have_no_gaps(lane3: Lane, attendant: Person) -> None:
    numbers = []
    for _ in range(3):
        lane3.scans(BULB)
        basket_id = lane3.pays()["basket_id"]
        with refused("amount_too_small"):
            attendant.takes_cash(basket_id, 1)
        numbers.append(attendant.takes_cash(basket_id).number)
    assert numbers == [1, 2, 3]


def test_customer_voids_the_whole_basket(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    basket_id = lane3.basket.basket_id
    with shop.records("basket_voided", "terminal_moved"):
        lane3.voids_all()
    assert shop.basket(basket_id).state is State.VOID
    assert lane3.state == "attract"
    with shop.changes_nothing():
        assert lane3.voids_all() == {"basket_id": None}


def test_attendant_voids_a_basket_that_is_being_paid(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    basket_id = lane3.pays()["basket_id"]
    with shop.records("basket_voided", "intervention_resolved", "terminal_moved"):
        attendant.voids(basket_id)
    assert (lane3.state, shop.inbox()) == ("attract", ())
    with refused("bad_request"):
        attendant.does(c.VoidBasket())
    with refused("not_found"):
        attendant.voids("nothing")


def test_terminal_cannot_touch_the_basket_of_another(shop: Shop, lane3: Lane) -> None:
    lane4 = Lane(shop, "lane4")
    lane4.scans(MILK)
    with shop.changes_nothing(), refused("forbidden"):
        lane3.voids_all(lane4.basket.basket_id)


def test_basket_moves_from_one_lane_to_another(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane4 = Lane(shop, "lane4")
    lane3.scans(MILK)
    with shop.records("basket_suspended", "terminal_moved"):
        basket_id = lane3.parks()
    assert (lane3.state, lane3.has_basket) == ("attract", False)
    with refused("wrong_state"):
        lane3.parks()

    with shop.records("basket_resumed", "terminal_moved"):
        lane4.resumes(basket_id)
    with shop.changes_nothing():
        lane4.resumes(basket_id)
        with refused("wrong_state", state="open"):
            lane3.resumes(basket_id)
    lane4.scans(BREAD)
    assert attendant.takes_cash(lane4.pays()["basket_id"]).terminal == "lane4"
    assert (lane3.state, lane4.state) == ("attract", "receipt")


def test_lane_with_items_takes_no_other_basket(shop: Shop, lane3: Lane) -> None:
    lane4 = Lane(shop, "lane4")
    lane4.scans(MILK)
    parked = lane4.parks()
    lane3.scans(BREAD)
    with shop.changes_nothing():
        with refused("wrong_state"):
            lane3.resumes(parked)
        with refused("not_found"):
            lane3.resumes("nothing")
    lane3.voids(1)
    lane3.resumes(parked)  # an empty one makes room
    assert lane3.basket.basket_id == parked


def test_attendant_voids_a_parked_basket_and_no_screen_moves(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    parked = lane3.parks()
    lane3.scans(BREAD)
    with shop.records("basket_voided"):
        attendant.voids(parked)
    assert lane3.state == "scanning"


def test_customer_calls_help_and_scans_on(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    call = lane3.calls()
    with shop.changes_nothing():
        assert lane3.calls() == call
    assert lane3.state == "intervention"
    lane3.scans(BREAD)
    assert lane3.state == "intervention"
    with shop.records("intervention_resolved", "terminal_moved"):
        attendant.resolves(call)
    with shop.changes_nothing():
        attendant.resolves(call)
    assert lane3.state == "scanning"


def test_customer_who_called_help_may_still_pay(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    lane3.calls()
    lane3.pays()
    assert lane3.state == "tendering"
    assert [row.kind.value for row in shop.inbox()] == ["cash"]


def test_help_can_be_called_in_every_state(shop: Shop, lane3: Lane, attendant: Person) -> None:
    with shop.records("intervention_raised"):
        call = lane3.calls()
    lane3.scans(MILK)
    lane3.pays()
    with shop.records("intervention_resolved"):
        attendant.resolves(call)
    assert lane3.state == "tendering"


def test_help_called_while_paying_ends_with_the_customer(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    lane3.pays()
    lane3.calls()
    lane3.goes_back()
    assert lane3.state == "intervention", "somebody is still on the way"
    lane3.pays()
    lane3.calls()
    attendant.takes_cash(lane3.basket.basket_id)
    assert shop.inbox() == (), "the next customer wants no help"

    lane3.finishes()
    lane3.scans(MILK)
    lane3.pays()
    lane3.calls()
    attendant.voids(lane3.basket.basket_id)
    assert (lane3.state, shop.inbox()) == ("attract", ())


def test_cash_is_not_resolved_without_its_amount(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    waiting = lane3.pays()["intervention_id"]
    with shop.changes_nothing():
        with refused("wrong_state"):
            attendant.resolves(waiting)
        with refused("not_found"):
            attendant.resolves("nothing")


def test_menu_items_on_a_lane_reach_the_kitchen_when_paid(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    lane3.picks(COLA, "large")
    basket_id = lane3.pays()["basket_id"]
    assert shop.ticket_of(basket_id) is None
    attendant.takes_cash(basket_id)
    ticket = shop.ticket_of(basket_id)
    assert ticket is not None
    assert [(line.name, line.modifiers) for line in ticket.lines] == [("Cola", ("large",))]


def test_what_is_recalled_while_it_lies_in_a_basket_is_not_sold(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    lane3.scans(BREAD)
    shop.stocks([replace(MILK, is_withdrawn=True)])
    with shop.changes_nothing():
        with refused("not_for_sale", reason="withdrawn", item_id=MILK.item_id):
            lane3.changes(1, 2)
        with refused("not_for_sale", reason="withdrawn", line_id=1):
            lane3.pays()
    lane3.voids(1)
    assert attendant.takes_cash(lane3.pays()["basket_id"]).total_cents == 249
