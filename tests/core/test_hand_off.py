"""A basket is carried to another lane by a code: once, in time, and without leaving anything behind."""

import pytest
from builders import BREAD, MILK, an_item, an_offer
from shop import DRIVER, Lane, Person, Shop, Stall, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State
from kiosk_server.domain.commands import HandOffBasket
from kiosk_server.domain.intervention import Outcome
from kiosk_server.store.verify import verify

MINUTE_MS = 60_000


@pytest.fixture
def lane4(shop: Shop) -> Lane:
    return Lane(shop, "lane4")


def test_basket_goes_on_where_its_code_is_scanned(shop: Shop, lane3: Lane, lane4: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    with shop.records("hand_off_offered"):
        code = lane3.hands_over()
    assert lane3.state == "scanning", "nothing has moved yet"
    with shop.records("basket_suspended", "terminal_moved", "basket_resumed", "terminal_moved"):
        answer = lane4.scans(code)
    assert (answer["from_terminal"], answer["totals"]["total_cents"]) == ("lane3", 129)
    assert (lane3.state, lane3.has_basket) == ("attract", False)
    lane4.scans(BREAD)
    assert attendant.takes_cash(lane4.pays()["basket_id"]).total_cents == 378
    lane3.scans(BREAD)  # the next customer


def test_code_is_short_letters_and_never_in_the_store(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    code = lane3.hands_over()
    assert code.startswith("hoff")
    assert code.isascii()
    assert code.isalpha()
    assert code.islower()
    assert len(code) == 16
    assert lane3.hands_over() != code
    assert not any(code[4:] in str(entry.event) for entry in shop.entries())


def test_code_moves_its_basket_once(shop: Shop, lane3: Lane, lane4: Lane) -> None:
    lane5 = Lane(shop, "lane5")
    lane3.scans(MILK)
    code = lane3.hands_over()
    lane4.scans(code)
    with shop.changes_nothing():
        with refused("hand_off_not_taken", reason="taken", terminal="lane4"):
            lane5.scans(code)
        with refused("hand_off_not_taken", reason="taken"):
            lane4.scans(code)


def test_older_codes_of_a_basket_end_with_the_first_that_moves_it(shop: Shop, lane3: Lane, lane4: Lane) -> None:
    lane3.scans(MILK)
    first, second = lane3.hands_over(), lane3.hands_over()
    lane4.scans(second)
    with refused("hand_off_not_taken", reason="taken"):
        lane3.scans(first)


def test_code_expires_and_the_basket_stays(shop: Shop, lane3: Lane, lane4: Lane) -> None:
    lane3.scans(MILK)
    code = lane3.hands_over()
    shop.clock.passes(10 * MINUTE_MS)
    with shop.changes_nothing(), refused("hand_off_not_taken", reason="expired"):
        lane4.scans(code)
    assert lane3.state == "scanning"


@pytest.mark.parametrize("code", ["hoffbcdfghjklnpr", "HOFFbcdfgh"])
def test_strange_code_moves_nothing(shop: Shop, lane4: Lane, code: str) -> None:
    with shop.changes_nothing(), refused("hand_off_not_taken", reason="unknown"):
        lane4.scans(code)


def test_code_scanned_where_the_basket_is_says_so(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    code = lane3.hands_over()
    with shop.changes_nothing(), refused("hand_off_not_taken", reason="here"):
        lane3.scans(code)


def test_lane_with_items_takes_no_other_basket(shop: Shop, lane3: Lane, lane4: Lane) -> None:
    lane3.scans(MILK)
    code = lane3.hands_over()
    lane4.scans(BREAD)
    with shop.changes_nothing(), refused("wrong_state"):
        lane4.scans(code)
    lane4.voids(1)
    lane4.scans(code)
    assert lane4.basket.totals.total_cents == 129


def test_basket_that_is_being_paid_does_not_move(shop: Shop, lane3: Lane, lane4: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    code = lane3.hands_over()
    basket_id = lane3.pays()["basket_id"]
    with shop.changes_nothing(), refused("wrong_state", state="tendering"):
        lane4.scans(code)
    attendant.takes_cash(basket_id)
    with shop.changes_nothing(), refused("wrong_state", receipt_number=1):
        lane4.scans(code)


def test_empty_basket_has_nothing_to_hand_over(shop: Shop, lane3: Lane) -> None:
    with refused("wrong_state"):
        lane3.hands_over()
    lane3.scans(MILK)
    lane3.voids(1)
    with shop.changes_nothing(), refused("basket_empty"):
        lane3.hands_over()


def test_attendant_sends_a_parked_basket_to_any_lane(shop: Shop, lane3: Lane, lane4: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    parked = lane3.parks()
    code = attendant.does(HandOffBasket(basket_id=parked))["code"]
    with shop.records("basket_resumed", "terminal_moved"):
        assert lane4.scans(code)["basket_id"] == parked
    with refused("bad_request"):
        attendant.does(HandOffBasket())


def test_terminal_hands_over_only_its_own(shop: Shop, lane3: Lane, lane4: Lane) -> None:
    lane3.scans(MILK)
    lane4.scans(BREAD)
    with shop.changes_nothing(), refused("bad_request"):
        lane4.does(HandOffBasket(basket_id=lane3.basket.basket_id))


def test_age_check_that_waits_comes_along(shop: Shop, lane3: Lane, lane4: Lane) -> None:
    shop.stocks([an_item("wine", name="Wine", code="66", minimum_age=18)])
    lane3.scans("66")
    lane4.scans(lane3.hands_over())
    assert [(call.terminal, call.kind.value) for call in shop.inbox()] == [("lane4", "age")]
    with refused("attendant_needed"):
        lane4.pays()


def test_basket_that_somebody_must_look_at_stays_until_they_have(
    shop: Shop, lane3: Lane, lane4: Lane, attendant: Person
) -> None:
    shop.stocks([an_item("tea", name="Tea", code="88", weight_g=250)])
    lane3.scans("88")
    code = lane3.hands_over()
    plate = c.ReportBagging(terminal="lane3", basket_id=lane3.basket.basket_id, measured_g=5_000)
    shop.asks(plate, DRIVER)
    assert lane3.state == "held"
    with shop.changes_nothing(), refused("attendant_needed"):
        lane4.scans(code)
    (asked,) = shop.inbox()
    attendant.does(c.ResolveIntervention(intervention_id=asked.intervention_id, outcome=Outcome.APPROVED, note="a bag"))
    lane4.scans(code)


def test_offer_that_has_begun_meanwhile_counts_on_arrival(shop: Shop, lane3: Lane, lane4: Lane) -> None:
    lane3.scans(MILK, quantity=2)
    code = lane3.hands_over()
    shop.runs(an_offer())
    assert lane4.scans(code)["totals"]["saved_cents"] == 58


def test_order_moves_from_stall_to_lane(shop: Shop, stall7: Stall, lane4: Lane) -> None:
    stall7.arrives()
    stall7.picks(an_item("burger"))
    lane4.scans(stall7.hands_over())
    assert (stall7.state, lane4.state) == ("free", "scanning")


def test_rebooted_terminal_reopens_its_own_basket(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    lane3.scans(BREAD)
    before = lane3.basket
    lane3.does(c.ScanItem(code="4011"))
    assert lane3.basket.basket_id == before.basket_id
    assert lane3.basket.state is State.OPEN
    shop.closes()
    again = Shop(shop.database.path.parent, clock=shop.clock)
    try:
        assert again.terminal("lane3").basket_id == before.basket_id
        assert len(again.basket(before.basket_id).lines) == 3
    finally:
        again.closes()
    assert verify(shop.database.path).is_whole
